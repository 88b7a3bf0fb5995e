//! Lists as they are published.

use std::collections::BTreeMap;

use meridian_terms::{Day, Refusal};
use quick_xml::events::Event;
use quick_xml::reader::Reader;

use crate::list::{Entry, Kind, List};

fn list(name: &str, published: Day, bytes: &[u8], entries: Vec<Entry>, is_test: bool) -> List {
    List { name: name.to_owned(), published, entries, digest: blake3::hash(bytes).into(), is_test }
}

fn malformed(place: String, what: impl std::fmt::Display) -> Refusal {
    Refusal::new("screening.list_malformed", format!("{place}: {what}"))
        .rule("a list that cannot be read whole is not loaded")
        .next("fetch the list again, or correct the row")
}

/// A plain CSV: `id,kind,name,aliases`, aliases parted by `|`. A first line `# TEST` marks a test list.
///
/// # Errors
/// `screening.list_malformed` with line and column.
pub fn import_csv(name: &str, published: Day, bytes: &[u8]) -> Result<List, Refusal> {
    let is_test = bytes.starts_with(b"# TEST");
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(bytes);
    let mut entries = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| malformed(name.to_owned(), error))?;
        let line = row.position().map_or(0, csv::Position::line);
        let field = |at: usize| row.get(at).unwrap_or("").trim();
        if field(0).is_empty() || field(2).is_empty() {
            return Err(malformed(format!("{name}:{line}:1"), "an entry has an id and a name"));
        }
        let aliases = field(3).split('|').map(str::trim).filter(|alias| !alias.is_empty());
        let names = std::iter::once(field(2)).chain(aliases).map(str::to_owned).collect();
        entries.push(Entry { id: field(0).to_owned(), kind: Kind::parse(field(1)), names });
    }
    Ok(list(name, published, bytes, entries, is_test))
}

/// A headerless TSV of id, kind, name, `primary`, `alias` or `weak`, source; rows of one id are one entry.
///
/// # Errors
/// `screening.list_malformed` with line and column.
pub fn import_tsv(name: &str, published: Day, bytes: &[u8]) -> Result<List, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| malformed(name.to_owned(), error))?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, kind, called, ..] = fields.as_slice() else {
            return Err(malformed(
                format!("{name}:{}:1", number + 1),
                "a row has id, kind and name, parted by tabs",
            ));
        };
        match index.get(id) {
            Some(known) => entries[*known].names.push((*called).to_owned()),
            None => {
                index.insert(id, entries.len());
                let names = vec![(*called).to_owned()];
                entries.push(Entry { id: (*id).to_owned(), kind: Kind::parse(kind), names });
            }
        }
    }
    Ok(list(name, published, bytes, entries, false))
}

/// The UN Security Council consolidated list, XML as published.
///
/// # Errors
/// `screening.list_malformed`.
pub fn import_un(bytes: &[u8]) -> Result<List, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| malformed("UN".into(), error))?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut path: Vec<String> = Vec::new();
    let mut published = None;
    let mut entries = Vec::new();
    let mut open = Entry { id: String::new(), kind: Kind::Unknown, names: Vec::new() };
    let mut parts: Vec<String> = Vec::new();
    let mut value = String::new();
    loop {
        match reader.read_event().map_err(|error| malformed("UN".into(), error))? {
            Event::Start(tag) => {
                let name = tag.name().as_ref().to_owned();
                if name == "CONSOLIDATED_LIST" {
                    let dated =
                        tag.attributes().flatten().find(|found| found.key.as_ref() == "dateGenerated");
                    published = dated.and_then(|found| Day::parse(found.value.get(..10)?).ok());
                }
                if matches!(name.as_str(), "INDIVIDUAL" | "ENTITY") {
                    let kind = if name == "ENTITY" { Kind::Organisation } else { Kind::Person };
                    open = Entry { id: String::new(), kind, names: Vec::new() };
                    parts.clear();
                }
                path.push(name);
                value.clear();
            }
            Event::Text(piece) => value.push_str(&piece.into_inner()),
            Event::CData(piece) => value.push_str(&piece.into_inner()),
            Event::GeneralRef(reference) => {
                let known = quick_xml::escape::resolve_predefined_entity(&reference.xml10_content());
                value.push_str(known.unwrap_or(" "));
            }
            Event::End(_) => {
                let name = path.pop().unwrap_or_default();
                let told = value.trim();
                match name.as_str() {
                    "DATAID" => open.id = told.to_owned(),
                    "FIRST_NAME" | "SECOND_NAME" | "THIRD_NAME" | "FOURTH_NAME" if !told.is_empty() => {
                        parts.push(told.to_owned());
                    }
                    "NAME_ORIGINAL_SCRIPT" | "ALIAS_NAME" if !told.is_empty() => {
                        open.names.push(told.to_owned());
                    }
                    "INDIVIDUAL" | "ENTITY" => {
                        open.names.insert(0, parts.join(" "));
                        entries.push(open.clone());
                    }
                    _ => {}
                }
                value.clear();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if entries.is_empty() {
        return Err(malformed("UN".into(), "there is no entry in it"));
    }
    let published = published.ok_or_else(|| malformed("UN".into(), "it does not say when it was made"))?;
    Ok(list("UN", published, bytes, entries, false))
}
