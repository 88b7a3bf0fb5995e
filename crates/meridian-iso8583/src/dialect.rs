//! A dialect: a file that says what every field is.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::bitmap::{Bitmap, BitmapForm};
use crate::composite::Composite;
use crate::content::Content;
use crate::date::DatePattern;
use crate::encoding::{Encoding, ebcdic_digit, to_ebcdic_digit};
use crate::fault::Fault;
use crate::field::{Field, Length, Secret, within};
use crate::mti::Mti;
use crate::padding::Padding;
use crate::prefix::{Counts, Prefix};

/// What every field is, under one name: `iso87ascii`, or a scheme's own file.
///
/// ```
/// use meridian_iso8583::Dialect;
/// let own = r#"
/// name = "acme"
/// about = "ISO 8583:1987 ASCII with a tagged field 48"
/// extends = "iso87ascii"
/// [fields]
/// 48 = { format = "ansb...255", tagged = { tag = 2, prefix = "ascii2", known = { "01" = { name = "tip" } } } }
/// "#;
/// let dialect = Dialect::parse(own)?;
/// assert_eq!(dialect.field(48).unwrap().name, "Additional data, private");
/// # Ok::<(), meridian_iso8583::Fault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    name: String,
    about: String,
    versions: String,
    mti: Encoding,
    pub(crate) bitmap: BitmapForm,
    tertiary: bool,
    pub(crate) lead: usize,
    fields: Vec<Option<Field>>,
    rules: BTreeMap<Mti, MessageRule>,
}

/// What a type of message must or must not carry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageRule {
    /// Fields it must carry.
    pub mandatory: Vec<u16>,
    /// Fields it must not carry.
    pub without: Vec<u16>,
}

impl Dialect {
    /// A dialect that comes with the crate.
    #[must_use]
    pub fn built_in(name: &str) -> Option<&'static Self> {
        crate::built_in::find(name)
    }

    /// The dialects that come with the crate, by name.
    pub fn all_built_in() -> impl Iterator<Item = &'static Self> {
        crate::built_in::all()
    }

    /// Reads a dialect file. It may extend a built-in dialect and say only what differs.
    ///
    /// # Errors
    /// `iso8583.dialect`, naming line and column or the field.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut file = File::read(text)?;
        let mut depth = 0;
        while let Some(base) = file.extends.take() {
            depth += 1;
            let text = crate::built_in::text(&base).filter(|_| depth < 9);
            let Some(text) = text else {
                return Err(Fault::of(
                    "iso8583.dialect",
                    "extends",
                    format!("there is no built-in dialect {base}"),
                ));
            };
            file = file.over(File::read(text)?);
        }
        file.compile()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, in a sentence.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// The first digits of the message types it reads: `0` 1987, `1` 1993, `2` 2003.
    #[must_use]
    pub fn versions(&self) -> &str {
        &self.versions
    }

    /// How many bytes stand before the message type.
    #[must_use]
    pub fn lead_len(&self) -> usize {
        self.lead
    }

    /// A field's definition.
    #[inline]
    #[must_use]
    pub fn field(&self, number: u16) -> Option<&Field> {
        self.fields.get(usize::from(number))?.as_ref()
    }

    /// The numbers and definitions of all fields.
    pub fn fields(&self) -> impl Iterator<Item = (u16, &Field)> {
        (0_u16..).zip(&self.fields).filter_map(|(number, field)| Some((number, field.as_ref()?)))
    }

    pub(crate) fn most_bitmaps(&self) -> u8 {
        if self.tertiary { 3 } else { 2 }
    }

    pub(crate) fn bitmap_len(&self) -> usize {
        self.bitmap.wire_len(8)
    }

    /// The message type and where it ends.
    pub(crate) fn read_mti(&self, bytes: &[u8], at: usize) -> Result<(Mti, usize), Fault> {
        let width = if self.mti == Encoding::Bcd { 2 } else { 4 };
        let Some(wire) = bytes.get(at..at + width) else {
            return Err(Fault::at(
                "iso8583.truncated",
                "mti",
                bytes.len(),
                "the message ends inside the message type",
            ));
        };
        let mut digits = [0_u8; 4];
        match self.mti {
            Encoding::Bcd => {
                digits = [wire[0] >> 4, wire[0] & 15, wire[1] >> 4, wire[1] & 15].map(|nibble| b'0' + nibble)
            }
            Encoding::Ebcdic | Encoding::Ebcdic1047 => {
                for (digit, byte) in digits.iter_mut().zip(wire) {
                    *digit = ebcdic_digit(*byte).map_or(0, |figure| b'0' + figure);
                }
            }
            _ => digits.copy_from_slice(wire),
        }
        let mti =
            Mti::from_digits(digits).ok_or_else(|| Fault::at("iso8583.mti", "mti", at, "not four digits"))?;
        self.check_version(mti).map_err(|what| Fault::at("iso8583.mti", "mti", at, what))?;
        Ok((mti, at + width))
    }

    pub(crate) fn write_mti(&self, mti: Mti, out: &mut Vec<u8>) -> Result<(), Fault> {
        self.check_version(mti).map_err(|what| Fault::of("iso8583.mti", "mti", what))?;
        let digits = mti.as_str().as_bytes();
        match self.mti {
            Encoding::Bcd => out.extend(digits.chunks(2).map(|pair| (pair[0] & 15) << 4 | pair[1] & 15)),
            Encoding::Ebcdic | Encoding::Ebcdic1047 => {
                out.extend(digits.iter().map(|digit| to_ebcdic_digit(digit & 15)));
            }
            _ => out.extend_from_slice(digits),
        }
        Ok(())
    }

    fn check_version(&self, mti: Mti) -> Result<(), String> {
        if self.versions.contains(mti.version()) {
            return Ok(());
        }
        Err(format!("the version digit is {}, the dialect's {}", mti.version(), self.versions))
    }

    /// The fields present, how many bitmaps said so, and in how many bytes.
    pub(crate) fn read_bitmaps(&self, bytes: &[u8], at: usize) -> Result<(Bitmap, u8, usize), Fault> {
        let width = self.bitmap_len();
        let (mut words, mut count) = ([0_u64; 3], 0_u8);
        loop {
            let index = usize::from(count);
            let place = at + index * width;
            let rest = bytes.get(place..).unwrap_or_default();
            let word = self.bitmap.read(rest, 8).map_err(|flaw| flaw.read("bitmap", place))?;
            count += 1;
            let announces = word >> 63 == 1 && count < self.most_bitmaps();
            words[index] = if announces { word & !(1 << 63) } else { word };
            if !announces {
                return Ok((Bitmap::new(words), count, usize::from(count) * width));
            }
        }
    }

    /// Whether the message carries what its type must and nothing its type must not.
    pub(crate) fn check_presence(&self, mti: Mti, fields: &Bitmap, at: Option<usize>) -> Result<(), Fault> {
        if self.rules.is_empty() {
            return Ok(());
        }
        let Some(rule) = self.rules.get(&mti) else { return Ok(()) };
        let fault =
            |code, number: u16, what: String| Fault { code, field: number.to_string(), offset: at, what };
        if let Some(number) = rule.mandatory.iter().find(|number| !fields.has(**number)) {
            return Err(fault("iso8583.field_missing", *number, format!("a {mti} must carry it")));
        }
        if let Some(number) = rule.without.iter().find(|number| fields.has(**number)) {
            return Err(fault("iso8583.field_unexpected", *number, format!("a {mti} must not carry it")));
        }
        Ok(())
    }
}

/// The dialect file as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    name: String,
    about: String,
    extends: Option<String>,
    versions: Option<String>,
    mti: Option<String>,
    bitmap: Option<String>,
    tertiary: Option<bool>,
    lead: Option<usize>,
    #[serde(default)]
    encode: BTreeMap<String, String>,
    #[serde(default)]
    fields: BTreeMap<String, FieldFile>,
    /// Fields of the base that this dialect does not have.
    #[serde(default)]
    without: Vec<u16>,
    #[serde(default)]
    messages: BTreeMap<String, RuleFile>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RuleFile {
    #[serde(default)]
    mandatory: Vec<u16>,
    #[serde(default)]
    without: Vec<u16>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FieldFile {
    name: Option<String>,
    format: Option<String>,
    encoding: Option<String>,
    prefix: Option<String>,
    counts: Option<String>,
    pad: Option<String>,
    date: Option<String>,
    secret: Option<String>,
    tlv: Option<bool>,
    positional: Option<Vec<FieldFile>>,
    tagged: Option<TaggedFile>,
    bitmapped: Option<BitmappedFile>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TaggedFile {
    tag: usize,
    prefix: String,
    #[serde(default)]
    known: BTreeMap<String, KnownFile>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownFile {
    name: String,
    secret: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct BitmappedFile {
    bitmap: String,
    bytes: usize,
    fields: BTreeMap<String, FieldFile>,
}

fn wrong(place: impl std::fmt::Display, what: impl Into<String>) -> Fault {
    Fault::of("iso8583.dialect", place, what)
}

impl File {
    fn read(text: &str) -> Result<Self, Fault> {
        toml::from_str(text).map_err(|error| wrong("file", error.to_string().trim_end()))
    }

    /// This file laid over the one it extends.
    fn over(self, base: Self) -> Self {
        let mut fields = base.fields;
        for number in &self.without {
            fields.remove(&number.to_string());
        }
        for (number, field) in self.fields {
            let under = fields.remove(&number).unwrap_or_default();
            fields.insert(number, field.over(under));
        }
        let mut encode = base.encode;
        encode.extend(self.encode);
        let mut messages = base.messages;
        messages.extend(self.messages);
        Self {
            name: self.name,
            about: self.about,
            extends: base.extends,
            versions: self.versions.or(base.versions),
            mti: self.mti.or(base.mti),
            bitmap: self.bitmap.or(base.bitmap),
            tertiary: self.tertiary.or(base.tertiary),
            lead: self.lead.or(base.lead),
            encode,
            fields,
            without: base.without,
            messages,
        }
    }

    fn compile(self) -> Result<Dialect, Fault> {
        let defaults = Defaults::read(&self.encode)?;
        let mti = self.mti.as_deref().unwrap_or("ascii");
        let mti = Encoding::parse(mti)
            .filter(|encoding| matches!(encoding, Encoding::Ascii | Encoding::Bcd | Encoding::Ebcdic))
            .ok_or_else(|| wrong("mti", "use ascii, bcd or ebcdic"))?;
        let bitmap = BitmapForm::parse(self.bitmap.as_deref().unwrap_or("binary"))
            .ok_or_else(|| wrong("bitmap", "use binary, hex or ebcdic-hex"))?;
        let tertiary = self.tertiary.unwrap_or(false);
        let mut fields = vec![None; 193];
        for (number, field) in &self.fields {
            let place = number.parse::<usize>().ok().filter(|at| (2..=192).contains(at));
            let at = place.ok_or_else(|| wrong(number, "a field's number is 2 to 192"))?;
            if tertiary && at == 65 {
                return Err(wrong(number, "it announces the tertiary bitmap"));
            }
            if !tertiary && at > 128 {
                return Err(wrong(number, "fields above 128 need tertiary = true"));
            }
            fields[at] = Some(field.compile(&defaults).map_err(|fault| within(number, fault))?);
        }
        let mut rules = BTreeMap::new();
        for (mti, rule) in self.messages {
            let mti = Mti::parse(&mti).ok_or_else(|| wrong(&mti, "not a message type"))?;
            rules.insert(mti, MessageRule { mandatory: rule.mandatory, without: rule.without });
        }
        Ok(Dialect {
            name: self.name,
            about: self.about,
            versions: self.versions.unwrap_or_else(|| "0".to_owned()),
            mti,
            bitmap,
            tertiary,
            lead: self.lead.unwrap_or(0),
            fields,
            rules,
        })
    }
}

/// What follows from a field's content where the field says nothing itself.
struct Defaults {
    digits: Encoding,
    signed: Encoding,
    track: Encoding,
    text: Encoding,
    bytes: Encoding,
    prefix: String,
    counts: Counts,
    /// The filler of fixed, and of variable fields.
    pad: Padding,
    pad_variable: Padding,
}

impl Defaults {
    fn read(said: &BTreeMap<String, String>) -> Result<Self, Fault> {
        const KEYS: [&str; 9] = ["n", "x+n", "z", "text", "b", "prefix", "counts", "pad", "pad-variable"];
        if let Some(key) = said.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(wrong(format!("encode.{key}"), format!("use {}", KEYS.join(", "))));
        }
        let get = |key: &str, otherwise: &'static str| said.get(key).map_or(otherwise, String::as_str);
        let encoding = |key: &str, otherwise: &'static str| {
            Encoding::parse(get(key, otherwise))
                .ok_or_else(|| wrong(format!("encode.{key}"), "no such encoding"))
        };
        let padding = |key: &str, otherwise: &'static str| {
            let what = "use left, right, leftF or rightF";
            Padding::parse(get(key, otherwise)).ok_or_else(|| wrong(format!("encode.{key}"), what))
        };
        Ok(Self {
            digits: encoding("n", "ascii")?,
            signed: encoding("x+n", "ascii")?,
            track: encoding("z", "ascii")?,
            text: encoding("text", "ascii")?,
            bytes: encoding("b", "binary")?,
            prefix: get("prefix", "ascii").to_owned(),
            counts: counts(get("counts", "units"))?,
            pad: padding("pad", "left")?,
            pad_variable: padding("pad-variable", "right")?,
        })
    }

    fn encoding(&self, content: Content) -> Encoding {
        match content {
            Content::Digits => self.digits,
            Content::SignedDigits => self.signed,
            Content::Track => self.track,
            Content::Bytes => self.bytes,
            _ => self.text,
        }
    }
}

fn counts(word: &str) -> Result<Counts, Fault> {
    match word {
        "units" => Ok(Counts::Units),
        "bytes" => Ok(Counts::Bytes),
        _ => Err(wrong("counts", "use units or bytes")),
    }
}

fn secret(word: Option<&str>) -> Result<Secret, Fault> {
    match word {
        None | Some("" | "no") => Ok(Secret::No),
        Some("pan") => Ok(Secret::AccountNumber),
        Some("track") => Ok(Secret::Track),
        Some("account") => Ok(Secret::Account),
        Some("chip") => Ok(Secret::Chip),
        Some("all") => Ok(Secret::All),
        Some(_) => Err(wrong("secret", "use no, pan, track, account, chip or all")),
    }
}

/// A format of the standard: attribute, a dot for each digit of the length prefix, the length: `n..19`, `x+n8`, `b8`
/// (the length of `b` counts bytes; of `x+n` the digits behind the sign).
fn format(format: &str) -> Option<(Content, u8, usize)> {
    let letters = format.trim_end_matches(|c: char| c == '.' || c.is_ascii_digit());
    let content = Content::parse(letters)?;
    let rest = &format[letters.len()..];
    let length = rest.trim_start_matches('.');
    let dots = u8::try_from(rest.len() - length.len()).ok()?;
    let length: usize = length.parse().ok().filter(|length| *length > 0)?;
    let sign = usize::from(content == Content::SignedDigits);
    Some((content, dots, length.checked_add(sign)?))
}

impl FieldFile {
    fn over(self, base: Self) -> Self {
        // A new inner structure replaces the base's, whatever kind that was.
        let inner = self.tlv.is_some()
            || self.positional.is_some()
            || self.tagged.is_some()
            || self.bitmapped.is_some();
        let base_inner = if inner { Self::default() } else { base.clone() };
        Self {
            name: self.name.or(base.name),
            format: self.format.or(base.format),
            encoding: self.encoding.or(base.encoding),
            prefix: self.prefix.or(base.prefix),
            counts: self.counts.or(base.counts),
            pad: self.pad.or(base.pad),
            date: self.date.or(base.date),
            secret: self.secret.or(base.secret),
            tlv: self.tlv.or(base_inner.tlv),
            positional: self.positional.or(base_inner.positional),
            tagged: self.tagged.or(base_inner.tagged),
            bitmapped: self.bitmapped.or(base_inner.bitmapped),
        }
    }

    fn compile(&self, defaults: &Defaults) -> Result<Field, Fault> {
        let said = self.format.as_deref().ok_or_else(|| wrong("", "no format"))?;
        let (content, dots, most) = format(said)
            .ok_or_else(|| wrong("", format!("{said} is no format: attribute, dots, length, as in n..19")))?;
        let encoding = match self.encoding.as_deref() {
            None | Some("") => defaults.encoding(content),
            Some(name) => Encoding::parse(name).ok_or_else(|| wrong("", format!("no encoding {name}")))?,
        };
        if !encoding.carries(content) {
            return Err(wrong("", format!("the encoding does not carry {said}")));
        }
        let length = if dots == 0 {
            Length::Fixed(most)
        } else {
            let counting = self.counts.as_deref().map_or(Ok(defaults.counts), counts)?;
            let name = self.prefix.as_deref().filter(|name| !name.is_empty()).unwrap_or(&defaults.prefix);
            let prefix = Prefix::parse(name, dots, most, counting);
            Length::Variable {
                max: most,
                prefix: prefix.ok_or_else(|| wrong("", format!("no prefix {name}")))?,
            }
        };
        let padding = match (self.pad.as_deref(), dots) {
            (None | Some(""), 0) => defaults.pad,
            (None | Some(""), _) => defaults.pad_variable,
            (Some(pad), _) => Padding::parse(pad).ok_or_else(|| wrong("", format!("no pad {pad}")))?,
        };
        let date = match self.date.as_deref() {
            None | Some("") => None,
            Some(pattern) => {
                let date = DatePattern::parse(pattern).filter(|date| date.digits() == most);
                Some(date.ok_or_else(|| wrong("", format!("{pattern} is no date of {said}")))?)
            }
        };
        Ok(Field {
            name: self.name.clone().unwrap_or_default(),
            content,
            length,
            encoding,
            padding,
            date,
            secret: secret(self.secret.as_deref())?,
            composite: self.composite(content, encoding, defaults)?,
        })
    }

    fn composite(
        &self,
        content: Content,
        encoding: Encoding,
        defaults: &Defaults,
    ) -> Result<Option<Composite>, Fault> {
        let composite = if let Some(fields) = &self.positional {
            let compiled = (1_u16..)
                .zip(fields)
                .map(|(number, field)| field.compile(defaults).map_err(|fault| within(number, fault)));
            Composite::Positional(compiled.collect::<Result<_, _>>()?)
        } else if let Some(tagged) = &self.tagged {
            let prefix = Prefix::parse(&tagged.prefix, 3, 999, Counts::Bytes);
            let prefix = prefix.ok_or_else(|| wrong("tagged", format!("no prefix {}", tagged.prefix)))?;
            if !(1..=8).contains(&tagged.tag) {
                return Err(wrong("tagged", "a tag has 1 to 8 characters"));
            }
            let known = tagged.known.iter().map(|(tag, known)| {
                Ok((tag.clone(), (known.name.clone(), secret(known.secret.as_deref())?)))
            });
            Composite::Tagged { tag_len: tagged.tag, prefix, known: known.collect::<Result<_, Fault>>()? }
        } else if let Some(bitmapped) = &self.bitmapped {
            let form =
                BitmapForm::parse(&bitmapped.bitmap).ok_or_else(|| wrong("bitmapped", "no such bitmap"))?;
            if !(1..=8).contains(&bitmapped.bytes) {
                return Err(wrong("bitmapped", "a bitmap has 1 to 8 bytes"));
            }
            let mut fields = BTreeMap::new();
            for (number, field) in &bitmapped.fields {
                let at = number.parse::<u16>().ok().filter(|at| (1..=64).contains(at));
                let at = at.ok_or_else(|| wrong(number, "a subfield's number is 1 to 64"))?;
                fields.insert(at, field.compile(defaults).map_err(|fault| within(number, fault))?);
            }
            Composite::Bitmapped { form, bytes: bitmapped.bytes, fields }
        } else if self.tlv == Some(true) {
            Composite::Tlv
        } else {
            return Ok(None);
        };
        // Subfields are read from the field's own bytes, so these must be the bytes on the wire.
        let bare = match composite {
            Composite::Tlv => encoding == Encoding::Binary,
            Composite::Positional(_) => !matches!(encoding, Encoding::Hex | Encoding::PackedLetters),
            _ => matches!(encoding, Encoding::Ascii | Encoding::Binary),
        };
        let whole = encoding != Encoding::Bcd || content != Content::SignedDigits;
        if bare && whole {
            Ok(Some(composite))
        } else {
            Err(wrong("", "a field so encoded cannot have such subfields"))
        }
    }
}
