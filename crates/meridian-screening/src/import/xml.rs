//! Records of an XML file, one tree at a time, so that a list of a hundred megabytes needs the memory of one entry.

use meridian_terms::Refusal;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::malformed;

/// An element: local name, attributes, own text, children.
#[derive(Debug, Clone, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The children of that name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of that name; empty without one.
    pub(super) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.trim())
    }

    /// An attribute; empty without one.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// Every element of that name below this one, at any depth.
    pub(super) fn below<'a>(&'a self, name: &str) -> Vec<&'a Self> {
        let mut found = Vec::new();
        for child in &self.children {
            if child.name == name {
                found.push(child);
            }
            found.extend(child.below(name));
        }
        found
    }
}

fn opened(list: &str, tag: &BytesStart<'_>) -> Result<Element, Refusal> {
    let name = tag.local_name().as_ref().to_owned();
    let mut element = Element { name, ..Element::default() };
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| malformed(list, error))?;
        let value = quick_xml::escape::unescape(&attribute.value).map_err(|error| malformed(list, error))?;
        element.attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    Ok(element)
}

/// Hands every element whose name is in `records` to `take`, whole; elements outside of records come bare, with their
/// attributes and own text, so that a date beside the records can be read.
pub(super) fn records(
    list: &str,
    bytes: &[u8],
    records: &[&str],
    mut take: impl FnMut(Element, bool) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| malformed(list, error))?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open: Vec<Element> = Vec::new();
    let mut within = 0_usize;
    loop {
        let event = reader
            .read_event()
            .map_err(|error| malformed(format!("{list}: byte {}", reader.error_position()), error))?;
        let mut closed = None;
        match event {
            Event::Start(tag) => {
                let element = opened(list, &tag)?;
                within += usize::from(records.contains(&element.name.as_str()));
                open.push(element);
            }
            Event::Empty(tag) => closed = Some(opened(list, &tag)?),
            Event::Text(piece) => open.last_mut().into_iter().for_each(|last| last.text.push_str(&piece)),
            Event::CData(piece) => open.last_mut().into_iter().for_each(|last| last.text.push_str(&piece)),
            Event::GeneralRef(reference) => {
                let told = match reference.resolve_char_ref() {
                    Ok(Some(letter)) => letter.to_string(),
                    _ => quick_xml::escape::resolve_predefined_entity(&reference).unwrap_or(" ").to_owned(),
                };
                open.last_mut().into_iter().for_each(|last| last.text.push_str(&told));
            }
            Event::End(_) => closed = open.pop(),
            Event::Eof => break,
            _ => {}
        }
        let Some(element) = closed else { continue };
        let is_record = records.contains(&element.name.as_str());
        if is_record {
            within = within.saturating_sub(1);
            take(element, true)?;
        } else if within > 0 {
            open.last_mut().into_iter().for_each(|last| last.children.push(element.clone()));
        } else {
            take(element, false)?;
        }
    }
    if open.is_empty() { Ok(()) } else { Err(malformed(list, "the file ends within an element")) }
}
