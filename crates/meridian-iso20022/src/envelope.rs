//! Envelopes: business messages inside a wrapper of some network's own.

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use crate::schema::Tables;
use crate::violation::Violation;

/// A header or document found in an envelope, as a document of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its namespace, which names the message.
    pub namespace: String,
    /// Its bytes, with the namespace declarations it inherits.
    pub xml: String,
}

/// The business application header and documents in these bytes, in order: the bytes themselves when they are one, or
/// those inside an envelope this crate knows nothing of. Empty when there is none it knows.
///
/// # Errors
/// `well-formed` when the bytes are no XML in UTF-8.
pub fn parts(bytes: &[u8]) -> Result<Vec<Part>, Vec<Violation>> {
    let broken = |text: String| vec![Violation { path: "/".into(), rule: "well-formed", text }];
    let source = std::str::from_utf8(bytes).map_err(|error| broken(error.to_string()))?;
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let mut reader = Reader::from_str(source);
    let mut found = Vec::new();
    // Declarations in force: depth, the attribute as written, prefix, name.
    let mut bindings: Vec<(usize, String, String, String)> = Vec::new();
    let mut depth = 0;
    // The part that is open: where it starts, its depth, namespace, and what it inherits.
    let mut open: Option<(usize, usize, String, String)> = None;
    loop {
        let before = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| broken(format!("{error} at byte {before}")))?;
        let closes = matches!(event, Event::Empty(_) | Event::End(_));
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                let inherited = bindings.len();
                for attribute in tag.attributes() {
                    let attribute = attribute.map_err(|error| broken(error.to_string()))?;
                    let key = attribute.key.as_ref();
                    if key == "xmlns" || key.starts_with("xmlns:") {
                        let written = format!(" {key}=\"{}\"", attribute.value);
                        let prefix = key.strip_prefix("xmlns:").unwrap_or("").to_owned();
                        bindings.push((depth, written, prefix, attribute.value.to_string()));
                    }
                }
                if open.is_none() {
                    let name = tag.name();
                    let (prefix, local) = name.as_ref().split_once(':').unwrap_or(("", name.as_ref()));
                    let namespace =
                        bindings.iter().rev().find(|(_, _, bound, _)| bound == prefix).map(|b| b.3.clone());
                    let message = namespace.as_deref().and_then(|namespace| Tables::get().message(namespace));
                    if let Some(message) = message.filter(|message| *message.root.name == *local) {
                        // What is declared further out and not again here.
                        let mut own: Vec<&str> = bindings[inherited..].iter().map(|b| b.2.as_str()).collect();
                        let mut needed = String::new();
                        for (_, written, prefix, _) in bindings[..inherited].iter().rev() {
                            if !own.contains(&prefix.as_str()) {
                                own.push(prefix);
                                needed.push_str(written);
                            }
                        }
                        open = Some((before, depth, message.namespace.to_string(), needed));
                    }
                }
                depth += 1;
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
        let after = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        if closes {
            depth = usize::saturating_sub(depth, 1);
            bindings.retain(|(bound, ..)| *bound < depth);
            if open.as_ref().is_some_and(|(_, start_depth, ..)| *start_depth == depth)
                && let Some((start, _, namespace, needed)) = open.take()
            {
                let body = &source[start..after];
                let name_end = body.find([' ', '>', '/', '\t', '\n', '\r']).unwrap_or(body.len());
                let xml = format!("{}{needed}{}", &body[..name_end], &body[name_end..]);
                found.push(Part { namespace, xml });
            }
        }
    }
}
