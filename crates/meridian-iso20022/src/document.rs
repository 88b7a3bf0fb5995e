//! A document as read: a tree that borrows its bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use meridian_terms::{Currency, Decimal, Money, Refusal};
use quick_xml::events::Event;
use quick_xml::reader::Reader;

use crate::schema::{Kind, Message};

/// A valid document. Nodes stand in document order; a node's children follow it until its subtree ends.
#[derive(Debug)]
pub struct Document<'a> {
    pub(crate) source: &'a str,
    pub(crate) message: &'static Message,
    pub(crate) nodes: Vec<Node<'a>>,
}

#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) name: &'static str,
    pub(crate) kind: Content,
    pub(crate) text: Cow<'a, str>,
    pub(crate) currency: Option<Cow<'a, str>>,
    /// Start tag, from its `<`.
    pub(crate) start: u32,
    /// Behind the start tag.
    pub(crate) open_end: u32,
    /// Before the end tag.
    pub(crate) close_start: u32,
    /// Behind the end tag.
    pub(crate) end: u32,
    /// The first node that is not below this one.
    pub(crate) subtree_end: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Typed(Kind),
    /// Content of `xs:any`: kept as bytes.
    Any,
}

impl<'a> Document<'a> {
    /// The message identifier: `pacs.008.001.08`.
    #[must_use]
    pub fn message(&self) -> &'static str {
        &self.message.name
    }

    /// The bytes as they came.
    #[must_use]
    pub const fn source(&self) -> &'a str {
        self.source
    }

    /// The root element.
    #[must_use]
    pub const fn root(&self) -> Element<'_, 'a> {
        Element { document: self, index: 0 }
    }

    /// The document written anew from the tree: the same elements and values, the layout between them as it was read,
    /// content of `xs:any` byte by byte. Canonically (C14N) identical to the source.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = String::with_capacity(self.source.len());
        out.push_str(&self.source[..self.nodes[0].start as usize]);
        self.write_node(0, &mut out);
        out.push_str(&self.source[self.nodes[0].end as usize..]);
        out
    }

    fn write_node(&self, index: usize, out: &mut String) {
        let node = &self.nodes[index];
        if node.kind == Content::Any {
            out.push_str(&self.source[node.start as usize..node.end as usize]);
            return;
        }
        let tag = self.source[node.start as usize..node.open_end as usize]
            .trim_end_matches('>')
            .trim_end_matches('/');
        let name = tag[1..].split([' ', '\t', '\r', '\n']).next().unwrap_or_default();
        out.push_str(tag);
        out.push('>');
        if node.subtree_end as usize == index + 1 {
            escape(&node.text, out);
        } else {
            let mut at = node.open_end;
            for child in self.children_of(index) {
                out.push_str(&self.source[at as usize..self.nodes[child].start as usize]);
                self.write_node(child, out);
                at = self.nodes[child].end;
            }
            out.push_str(&self.source[at as usize..node.close_start as usize]);
        }
        out.push_str("</");
        out.push_str(name);
        out.push('>');
    }

    fn children_of(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.nodes[index].subtree_end as usize;
        let mut next = index + 1;
        std::iter::from_fn(move || {
            let child = next;
            (child < end).then(|| {
                next = self.nodes[child].subtree_end as usize;
                child
            })
        })
    }
}

/// Text with the characters escaped that must be.
pub(crate) fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '\r', '"']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#13;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// An element of a document.
#[derive(Clone, Copy)]
pub struct Element<'d, 'a> {
    document: &'d Document<'a>,
    index: usize,
}

impl<'d, 'a> Element<'d, 'a> {
    fn node(&self) -> &'d Node<'a> {
        &self.document.nodes[self.index]
    }

    /// Its name, as the schema has it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.node().name
    }

    /// Its text; empty for an element of elements.
    #[must_use]
    pub fn text(&self) -> &'d str {
        &self.node().text
    }

    /// Its `Ccy` attribute.
    #[must_use]
    pub fn currency(&self) -> Option<&'d str> {
        self.node().currency.as_deref()
    }

    /// Where it stands in the source, tags included.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.node().start as usize..self.node().end as usize
    }

    /// Its bytes in the source, tags included: what a signature covers, what `xs:any` holds.
    #[must_use]
    pub fn raw(&self) -> &'a str {
        &self.document.source[self.span()]
    }

    /// Its bytes with the namespace declarations it uses but inherits, so that it means the same wherever it is put.
    #[must_use]
    pub fn standalone(&self) -> String {
        let (raw, node) = (self.raw(), self.node());
        let mut inherited = BTreeMap::from([("xmlns".to_owned(), String::new())]);
        let around = self.document.nodes[..self.index].iter().filter(|one| one.end >= node.end);
        for ancestor in around {
            let tag = &self.document.source[ancestor.start as usize..ancestor.open_end as usize];
            let Ok(Event::Start(tag)) = Reader::from_str(tag).read_event() else { continue };
            for attribute in tag.attributes().filter_map(Result::ok) {
                let key = attribute.key.as_ref();
                if key == "xmlns" || key.starts_with("xmlns:") {
                    inherited.insert(key.to_owned(), attribute.value.replace('"', "&quot;"));
                }
            }
        }
        let own = &raw[..raw.find('>').unwrap_or(raw.len())];
        let is_needed = |(key, value): &(&String, &String)| {
            let is_used = match key.strip_prefix("xmlns:") {
                Some(prefix) => raw.contains(&format!("{prefix}:")),
                None => value.as_str() != &*self.document.message.namespace,
            };
            is_used && !own.split_ascii_whitespace().any(|word| word.starts_with(&format!("{key}=")))
        };
        let needed = inherited.iter().filter(is_needed);
        let declared: String = needed.map(|(key, value)| format!(" {key}=\"{value}\"")).collect();
        let name_end = raw.find([' ', '>', '/', '\t', '\n', '\r']).unwrap_or(raw.len());
        format!("{}{declared}{}", &raw[..name_end], &raw[name_end..])
    }

    /// Whether it is content of `xs:any`, kept as bytes.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.node().kind == Content::Any
    }

    /// Its child elements, in order.
    pub fn children(&self) -> impl Iterator<Item = Element<'d, 'a>> + use<'d, 'a> {
        let document = self.document;
        document.children_of(self.index).map(move |index| Element { document, index })
    }

    /// Its child elements of a name.
    pub fn all<'n>(&self, name: &'n str) -> impl Iterator<Item = Element<'d, 'a>> + use<'d, 'a, 'n> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The first element at a path of names below it: `GrpHdr/MsgId`.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<Self> {
        path.split('/').try_fold(*self, |here, name| here.children().find(|child| child.name() == name))
    }

    /// The text at a path, where it is there.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<&'d str> {
        self.find(path).map(|element| element.text())
    }

    /// The text at a path.
    ///
    /// # Errors
    /// `iso20022.missing`, naming the path.
    pub fn required(&self, path: &str) -> Result<&'d str, Refusal> {
        self.value(path).ok_or_else(|| {
            Refusal::new("iso20022.missing", format!("{}/{path} is not there", self.name()))
                .rule("Meridian needs it though the schema does not")
                .next("add the element")
                .iso("NARR")
        })
    }

    /// Its amount: digits exactly as written, in its currency.
    ///
    /// # Errors
    /// `decimal.malformed`, `currency.unknown`, `money.decimals`.
    pub fn amount(&self) -> Result<Money, Refusal> {
        let currency = Currency::parse(self.currency().unwrap_or_default())?;
        let text = self.text().trim();
        Money::from_decimal(&Decimal::parse(text.strip_prefix('+').unwrap_or(text))?, currency)
    }
}
