//! The dialects that come with the crate. Field tables follow ISO 8583:1987 (table 3), :1993 and -1:2003; encodings are
//! those of the packagers in wide use under these names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::dialect::Dialect;

const FILES: [(&str, &str); 13] = [
    ("iso87ascii", include_str!("dialects/iso87ascii.toml")),
    ("iso87binary", include_str!("dialects/iso87binary.toml")),
    ("iso87ebcdic", include_str!("dialects/iso87ebcdic.toml")),
    ("iso87hexbitmap", include_str!("dialects/iso87hexbitmap.toml")),
    ("iso87hexbitmap-lbcd", include_str!("dialects/iso87hexbitmap-lbcd.toml")),
    ("iso87hexbitmap-rbcd", include_str!("dialects/iso87hexbitmap-rbcd.toml")),
    ("iso87hexbitmap-track-ebcdic", include_str!("dialects/iso87hexbitmap-track-ebcdic.toml")),
    ("iso93ascii", include_str!("dialects/iso93ascii.toml")),
    ("iso93binary", include_str!("dialects/iso93binary.toml")),
    ("iso93binary-packed-letters", include_str!("dialects/iso93binary-packed-letters.toml")),
    ("iso2003ascii", include_str!("dialects/iso2003ascii.toml")),
    ("iso2003binary", include_str!("dialects/iso2003binary.toml")),
    ("postilion", include_str!("dialects/postilion.toml")),
];

/// Read once, on the first question. A file that did not parse would be missing; a test reads every one.
static DIALECTS: LazyLock<BTreeMap<&str, Dialect>> = LazyLock::new(|| {
    FILES.iter().filter_map(|(name, text)| Some((*name, Dialect::parse(text).ok()?))).collect()
});

pub(crate) fn find(name: &str) -> Option<&'static Dialect> {
    DIALECTS.get(name)
}

pub(crate) fn all() -> impl Iterator<Item = &'static Dialect> {
    DIALECTS.values()
}

pub(crate) fn text(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
