//! One pass over the bytes: well-formed, in the right namespace, valid, and a tree at the end of it.

use std::borrow::Cow;

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use crate::document::{Content, Document, Node};
use crate::schema::{Complex, Element, Kind, Message, Particle, Tables};
use crate::violation::Violation;

/// How much a document may ask of the reader.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes.
    pub bytes: usize,
    /// Elements within elements.
    pub depth: usize,
    /// Violations after which reading stops.
    pub violations: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 * 1024 * 1024, depth: 64, violations: 100 }
    }
}

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Reads a document of any message the tables know.
///
/// # Errors
/// Every violation found, in document order; a document that is not well-formed ends at the first.
pub fn read(bytes: &[u8]) -> Result<Document<'_>, Vec<Violation>> {
    read_within(bytes, Limits::default())
}

/// As [`read`], within limits.
///
/// # Errors
/// As [`read`]; `limit` when one is passed.
pub fn read_within(bytes: &[u8], limits: Limits) -> Result<Document<'_>, Vec<Violation>> {
    let fatal = |rule, text: String| vec![Violation { path: "/".into(), rule, text }];
    if bytes.len() > limits.bytes {
        return Err(fatal("limit", format!("{} bytes, at most {} are read", bytes.len(), limits.bytes)));
    }
    let source = std::str::from_utf8(bytes)
        .map_err(|error| fatal("well-formed", format!("not UTF-8 at byte {}", error.valid_up_to())))?;
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    if let Some(at) = source.bytes().position(|byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) {
        return Err(fatal("well-formed", format!("a control character at byte {at}")));
    }
    Walk::new(source, limits).run()
}

struct Walk<'a> {
    source: &'a str,
    limits: Limits,
    tables: &'static Tables,
    message: Option<&'static Message>,
    nodes: Vec<Node<'a>>,
    open: Vec<Open<'a>>,
    /// Namespace declarations in force: depth, prefix, name.
    bindings: Vec<(usize, &'a str, Cow<'a, str>)>,
    violations: Vec<Violation>,
    /// How deep inside content that is not checked: below `xs:any`, or below an element that does not belong there.
    unchecked: usize,
    /// The node whose bytes the unchecked content is, when it is `xs:any`.
    any: Option<usize>,
}

/// An element that is open.
struct Open<'a> {
    node: usize,
    complex: Option<&'static Complex>,
    simple: Option<u32>,
    particle: usize,
    count: u32,
    chosen: Option<usize>,
    text: Option<Cow<'a, str>>,
}

impl<'a> Walk<'a> {
    fn new(source: &'a str, limits: Limits) -> Self {
        Self {
            source,
            limits,
            tables: Tables::get(),
            message: None,
            nodes: Vec::with_capacity(source.len() / 24),
            open: Vec::with_capacity(16),
            bindings: Vec::new(),
            violations: Vec::new(),
            unchecked: 0,
            any: None,
        }
    }

    fn run(mut self) -> Result<Document<'a>, Vec<Violation>> {
        let source = self.source;
        let mut reader = Reader::from_str(source);
        reader.config_mut().check_comments = true;
        loop {
            let before = position(&reader);
            let event = reader.read_event();
            let after = position(&reader);
            match event {
                Ok(Event::Start(tag)) => self.start(&tag, before, after, false),
                Ok(Event::Empty(tag)) => {
                    self.start(&tag, before, after, true);
                    self.end(after, after);
                }
                Ok(Event::End(_)) => self.end(before, after),
                Ok(Event::Text(text)) => self.text(text.into_inner()),
                Ok(Event::CData(text)) => self.text(text.into_inner()),
                Ok(Event::GeneralRef(reference)) => self.reference(&reference),
                Ok(Event::DocType(_)) => self.fatal("well-formed", "a document type is not allowed".into()),
                Ok(Event::Decl(declaration)) => {
                    let encoding = declaration.encoding().and_then(Result::ok);
                    if encoding.is_some_and(|name| !name.eq_ignore_ascii_case("utf-8")) {
                        self.fatal("well-formed", "only UTF-8 is read".into());
                    }
                }
                Ok(Event::Comment(_) | Event::PI(_)) => {}
                Ok(Event::Eof) => break,
                Err(error) => self.fatal("well-formed", format!("{error} at byte {before}")),
            }
            if self.violations.len() >= self.limits.violations {
                return Err(self.violations);
            }
        }
        if !self.open.is_empty() || self.unchecked > 0 {
            self.fatal("well-formed", "the document ends inside an element".into());
        }
        match self.message {
            Some(message) if self.violations.is_empty() => {
                Ok(Document { source: self.source, message, nodes: self.nodes })
            }
            _ => {
                if self.violations.is_empty() {
                    self.fatal("well-formed", "there is no element".into());
                }
                Err(self.violations)
            }
        }
    }

    /// Stops: what follows cannot be understood.
    fn fatal(&mut self, rule: &'static str, text: String) {
        self.violate(rule, text);
        self.limits.violations = 0;
    }

    fn violate(&mut self, rule: &'static str, text: String) {
        let path = self.path();
        self.violations.push(Violation { path, rule, text });
    }

    fn path(&self) -> String {
        let mut path = String::new();
        let mut parent: Option<usize> = None;
        for open in &self.open {
            let node = &self.nodes[open.node];
            path.push('/');
            path.push_str(node.name);
            let is_same = |index: &usize| self.nodes[*index].name == node.name;
            let twins =
                parent.map_or(0, |parent| self.closed_children(parent, open.node).filter(is_same).count());
            if twins > 0 {
                path.push_str(&format!("[{}]", twins + 1));
            }
            parent = Some(open.node);
        }
        if path.is_empty() { "/".into() } else { path }
    }

    fn closed_children(&self, parent: usize, before: usize) -> impl Iterator<Item = usize> + '_ {
        let mut next = parent + 1;
        std::iter::from_fn(move || {
            let child = next;
            (child < before).then(|| {
                next = (self.nodes[child].subtree_end as usize).max(child + 1);
                child
            })
        })
    }

    fn start(&mut self, tag: &BytesStart<'_>, before: usize, after: usize, _is_empty: bool) {
        let depth = self.open.len() + self.unchecked;
        if depth >= self.limits.depth {
            return self
                .fatal("limit", format!("more than {} elements within each other", self.limits.depth));
        }
        let has_attributes = !tag.attributes_raw().trim_ascii().is_empty();
        if has_attributes && !self.declare(tag, depth, before) {
            return;
        }
        if self.unchecked > 0 {
            self.unchecked += 1;
            return;
        }
        let raw_name = &self.source[before + 1..before + 1 + tag.name().as_ref().len()];
        let (prefix, local) = raw_name.split_once(':').unwrap_or(("", raw_name));
        let Some(element) = self.place(prefix, local, before, after) else { return };
        let (complex, simple) = match element.kind {
            Kind::Complex(number) => {
                let complex = &self.tables.complexes[number as usize];
                (Some(complex), complex.text)
            }
            Kind::Simple(number) => (None, Some(number)),
        };
        let node = self.nodes.len();
        self.nodes.push(Node {
            name: &element.name,
            kind: Content::Typed(element.kind),
            text: Cow::Borrowed(""),
            currency: None,
            start: small(before),
            open_end: small(after),
            close_start: small(after),
            end: small(after),
            subtree_end: small(node + 1),
        });
        self.open.push(Open { node, complex, simple, particle: 0, count: 0, chosen: None, text: None });
        if has_attributes || complex.is_some_and(|complex| complex.currency.is_some()) {
            self.attributes(tag, before, complex);
        }
    }

    /// Takes the namespace declarations of a tag into force. False when the tag is not well-formed.
    fn declare(&mut self, tag: &BytesStart<'_>, depth: usize, before: usize) -> bool {
        for attribute in tag.attributes() {
            let Ok(attribute) = attribute else {
                self.fatal("well-formed", format!("an attribute is malformed or doubled at byte {before}"));
                return false;
            };
            let key = attribute.key.as_ref();
            let prefix = match key.strip_prefix("xmlns") {
                Some("") => "",
                Some(rest) if rest.starts_with(':') => &rest[1..],
                _ => continue,
            };
            // Borrowed from the source: the tag's own borrow ends with the event.
            let prefix = self.within(before, prefix);
            let Some(name) = self.attribute_value(&attribute, before) else { return false };
            self.bindings.push((depth, prefix, name));
        }
        true
    }

    /// The same characters, borrowed from the source.
    fn within(&self, from: usize, text: &str) -> &'a str {
        let source = self.source;
        source[from..].find(text).map_or("", |at| &source[from + at..from + at + text.len()])
    }

    fn attribute_value(&mut self, attribute: &Attribute<'_>, before: usize) -> Option<Cow<'a, str>> {
        let raw = &attribute.value;
        if !raw.contains(['&', '<', '\t', '\n', '\r']) {
            return Some(Cow::Borrowed(self.within(before, raw)));
        }
        if raw.contains('<') {
            self.fatal("well-formed", "an attribute holds <".into());
            return None;
        }
        match quick_xml::escape::unescape(raw) {
            Ok(text) => Some(Cow::Owned(text.replace(['\t', '\n', '\r'], " "))),
            Err(_) => {
                self.fatal("well-formed", "an attribute holds an unknown entity".into());
                None
            }
        }
    }

    fn namespace(&self, prefix: &str) -> Option<Cow<'a, str>> {
        let bound = self.bindings.iter().rev().find(|(_, known, _)| *known == prefix);
        bound.map(|(_, _, name)| name.clone())
    }

    /// Which element of the schema this is; `None` when it is `xs:any` content or does not belong here.
    fn place(&mut self, prefix: &str, local: &str, before: usize, after: usize) -> Option<&'static Element> {
        let bound = self.namespace(prefix);
        if bound.is_none() && !prefix.is_empty() {
            self.fatal("well-formed", format!("the prefix {prefix} is not declared"));
            return None;
        }
        let namespace = bound.unwrap_or_default();
        let Some(message) = self.message else {
            if !self.nodes.is_empty() || self.unchecked > 0 {
                self.fatal("well-formed", "there is more than one root element".into());
                return None;
            }
            return self.root(&namespace, local);
        };
        if self.open.is_empty() {
            self.fatal("well-formed", "there is more than one root element".into());
            return None;
        }
        let is_ours = *namespace == *message.namespace;
        let top = self.open.last_mut()?;
        match top.advance(local, &namespace, is_ours) {
            Ok(Advance::Element(element)) => Some(element),
            Ok(Advance::Any { is_lax }) => {
                // Lax content is checked where the schema knows it: this message's own root.
                if is_lax && is_ours && *local == *message.root.name {
                    return Some(&message.root);
                }
                let node = self.nodes.len();
                self.nodes.push(Node {
                    name: "",
                    kind: Content::Any,
                    text: Cow::Borrowed(""),
                    currency: None,
                    start: small(before),
                    open_end: small(after),
                    close_start: small(after),
                    end: small(after),
                    subtree_end: small(node + 1),
                });
                (self.any, self.unchecked) = (Some(node), 1);
                None
            }
            Err(expected) => {
                let rule = if is_ours { "order" } else { "namespace" };
                let told = if is_ours { local.to_owned() } else { format!("{{{namespace}}}{local}") };
                let text = if expected.is_empty() {
                    format!("{told} does not belong here")
                } else {
                    format!("{told} does not belong here, expected {expected}")
                };
                self.violate(rule, text);
                self.unchecked = 1;
                None
            }
        }
    }

    fn root(&mut self, namespace: &str, local: &str) -> Option<&'static Element> {
        let tables = self.tables;
        match tables.message(namespace) {
            Some(message) if *message.root.name == *local => {
                self.message = Some(message);
                Some(&message.root)
            }
            Some(message) => {
                self.fatal(
                    "order",
                    format!("the root of {} is {}, not {local}", message.name, message.root.name),
                );
                None
            }
            None => {
                self.fatal("namespace", format!("{namespace:?} is no message this build knows"));
                None
            }
        }
    }

    fn attributes(&mut self, tag: &BytesStart<'_>, before: usize, complex: Option<&'static Complex>) {
        let wanted = complex.and_then(|complex| complex.currency);
        let mut currency = None;
        for attribute in tag.attributes().flatten() {
            let key = attribute.key.as_ref();
            if key == "xmlns" || key.starts_with("xmlns:") {
                continue;
            }
            if key == "Ccy" && wanted.is_some() {
                currency = self.attribute_value(&attribute, before);
                continue;
            }
            let (prefix, local) = key.split_once(':').unwrap_or(("", key));
            let is_instance = !prefix.is_empty() && self.namespace(prefix).as_deref() == Some(XSI);
            if is_instance && matches!(local, "schemaLocation" | "noNamespaceSchemaLocation") {
                continue;
            }
            let text = format!("the attribute {key} is not allowed");
            self.violate("attribute", text);
        }
        let Some(number) = wanted else { return };
        match currency {
            None => self.violate("attribute", "the attribute Ccy is missing".into()),
            Some(code) => {
                if let Err((rule, text)) = self.tables.simples[number as usize].check(&code) {
                    self.violate(rule, format!("Ccy: {text}"));
                }
                if let Some(node) = self.open.last().map(|open| open.node) {
                    self.nodes[node].currency = Some(code);
                }
            }
        }
    }

    fn text(&mut self, piece: Cow<'_, str>) {
        if self.unchecked > 0 {
            return;
        }
        let is_blank = piece.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        let Some(top) = self.open.last_mut() else {
            if !is_blank {
                self.fatal("well-formed", "text stands outside the root element".into());
            }
            return;
        };
        if top.simple.is_none() {
            if !is_blank {
                self.violate("text", format!("the text {:?} does not belong here", piece.trim()));
            }
            return;
        }
        if piece.contains("]]>") {
            return self.fatal("well-formed", "]]> stands in text".into());
        }
        let piece = if piece.contains('\r') {
            Cow::Owned(piece.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            piece
        };
        let source = self.source;
        top.text = Some(match (top.text.take(), piece) {
            // The event borrows the source; its lifetime does not say so.
            (None, Cow::Borrowed(piece)) => borrowed_from(source, piece),
            (None, Cow::Owned(piece)) => Cow::Owned(piece),
            (Some(text), piece) => Cow::Owned(text.into_owned() + &piece),
        });
    }

    fn reference(&mut self, reference: &BytesRef<'_>) {
        let character = match reference.resolve_char_ref() {
            Ok(Some(character)) if is_xml(character) => Some(character.to_string()),
            Ok(Some(_)) | Err(_) => None,
            Ok(None) => {
                quick_xml::escape::resolve_predefined_entity(&reference.xml10_content()).map(str::to_owned)
            }
        };
        let Some(character) = character else {
            return self
                .fatal("well-formed", format!("the entity {} is not known", reference.xml10_content()));
        };
        if self.unchecked > 0 {
            return;
        }
        match self.open.last_mut() {
            Some(top) if top.simple.is_some() => {
                let text = top.text.take().unwrap_or_default().into_owned();
                top.text = Some(Cow::Owned(text + &character));
            }
            Some(_) if character.trim_matches([' ', '\t', '\n', '\r']).is_empty() => {}
            Some(_) => self.violate("text", format!("the text {character:?} does not belong here")),
            None => self.fatal("well-formed", "text stands outside the root element".into()),
        }
    }

    fn end(&mut self, before: usize, after: usize) {
        let depth = (self.open.len() + self.unchecked).saturating_sub(1);
        while self.bindings.last().is_some_and(|(bound, ..)| *bound >= depth) {
            self.bindings.pop();
        }
        if self.unchecked > 0 {
            self.unchecked -= 1;
            if self.unchecked == 0
                && let Some(node) = self.any.take()
            {
                (self.nodes[node].close_start, self.nodes[node].end) = (small(before), small(after));
            }
            return;
        }
        let Some(top) = self.open.last_mut() else { return };
        let text = top.text.take().unwrap_or_default();
        let (node, simple) = (top.node, top.simple);
        let missing = top.missing();
        if let Some(expected) = missing {
            self.violate("missing", format!("the element ends, expected {expected}"));
        }
        if let Some(number) = simple
            && let Err((rule, what)) = self.tables.simples[number as usize].check(&text)
        {
            self.violate(rule, what);
        }
        self.open.pop();
        let count = self.nodes.len();
        let closed = &mut self.nodes[node];
        closed.text = text;
        (closed.close_start, closed.end) = (small(before), small(after));
        closed.subtree_end = small(count);
    }
}

enum Advance {
    Element(&'static Element),
    Any { is_lax: bool },
}

impl Open<'_> {
    /// The place of the next child in the content model, or what was expected.
    fn advance(&mut self, name: &str, namespace: &str, is_ours: bool) -> Result<Advance, String> {
        let Some(complex) = self.complex else { return Err(String::new()) };
        let (mut particle, mut count, mut chosen) = (self.particle, self.count, self.chosen);
        let mut expected: Vec<&str> = Vec::new();
        while let Some(here) = complex.particles.get(particle) {
            let is_satisfied = match here {
                Particle::One(element) => {
                    if is_ours && *element.name == *name && count < element.max {
                        (self.particle, self.count, self.chosen) = (particle, count + 1, None);
                        return Ok(Advance::Element(element));
                    }
                    if count < element.max {
                        expected.push(&element.name);
                    }
                    count >= element.min
                }
                Particle::Choice(options) => {
                    let found = options.iter().position(|option| is_ours && *option.name == *name);
                    match (chosen, found) {
                        (None, Some(number)) => {
                            (self.particle, self.count, self.chosen) = (particle, 1, Some(number));
                            return Ok(Advance::Element(&options[number]));
                        }
                        (Some(number), Some(same)) if number == same && count < options[number].max => {
                            (self.particle, self.count) = (particle, count + 1);
                            return Ok(Advance::Element(&options[number]));
                        }
                        (None, None) => {
                            expected.extend(options.iter().map(|option| &*option.name));
                            options.iter().any(|option| option.min == 0)
                        }
                        (Some(number), _) => count >= options[number].min,
                    }
                }
                Particle::Any { is_lax, namespace: wanted } => {
                    if count == 0 && wanted.as_ref().is_none_or(|wanted| **wanted == *namespace) {
                        (self.particle, self.count, self.chosen) = (particle, 1, None);
                        return Ok(Advance::Any { is_lax: *is_lax });
                    }
                    if count == 0 {
                        expected.push("an element of another namespace");
                    }
                    count > 0
                }
            };
            if !is_satisfied {
                break;
            }
            (particle, count, chosen) = (particle + 1, 0, None);
        }
        Err(expected.join(", "))
    }

    /// What still had to come when the element ends.
    fn missing(&self) -> Option<String> {
        let complex = self.complex?;
        let (mut count, mut chosen) = (self.count, self.chosen);
        for particle in complex.particles.get(self.particle..)? {
            match particle {
                Particle::One(element) if count < element.min => return Some(element.name.to_string()),
                Particle::Choice(options) => match chosen {
                    Some(number) if count < options[number].min => {
                        return Some(options[number].name.to_string());
                    }
                    None if options.iter().all(|option| option.min > 0) => {
                        let names: Vec<&str> = options.iter().map(|option| &*option.name).collect();
                        return Some(format!("one of {}", names.join(", ")));
                    }
                    _ => {}
                },
                Particle::Any { .. } if count == 0 => return Some("an element".into()),
                _ => {}
            }
            (count, chosen) = (0, None);
        }
        None
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn is_xml(character: char) -> bool {
    !matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// A slice of the source, found by its address.
fn borrowed_from<'a>(source: &'a str, piece: &str) -> Cow<'a, str> {
    let offset = (piece.as_ptr() as usize).wrapping_sub(source.as_ptr() as usize);
    match source.get(offset..offset.wrapping_add(piece.len())) {
        Some(same) => Cow::Borrowed(same),
        None => Cow::Owned(piece.to_owned()),
    }
}
