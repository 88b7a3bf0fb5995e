//! The schemas, as compact tables.
//!
//! `iso20022.tbl` is compiled from the published schemas by `cargo xtask schema`; rows that mean the same stand in it
//! once, whichever message and version they come from. It is read once, on first use.

mod pattern;
mod simple;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use pattern::Pattern;
pub(crate) use simple::Simple;

/// A particle of a complex type, in order.
#[derive(Debug)]
pub(crate) enum Particle {
    One(Element),
    Choice(Vec<Element>),
    /// Any content, of a namespace where one is named; lax means that an element of the message's own namespace is
    /// checked.
    Any {
        is_lax: bool,
        namespace: Option<Box<str>>,
    },
}

/// An element and how often it may stand.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) name: Box<str>,
    pub(crate) kind: Kind,
    pub(crate) min: u32,
    pub(crate) max: u32,
}

/// What an element holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Simple(u32),
    Complex(u32),
}

/// A complex type: particles, or text with a currency.
#[derive(Debug, Default)]
pub(crate) struct Complex {
    pub(crate) particles: Vec<Particle>,
    pub(crate) text: Option<u32>,
    pub(crate) currency: Option<u32>,
}

/// A message type.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) name: Box<str>,
    pub(crate) namespace: Box<str>,
    pub(crate) root: Element,
}

/// All messages with what they are made of.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) simples: Vec<Simple>,
    pub(crate) complexes: Vec<Complex>,
    by_namespace: BTreeMap<Box<str>, Message>,
}

impl Tables {
    /// The tables.
    pub(crate) fn get() -> &'static Self {
        static TABLES: OnceLock<Tables> = OnceLock::new();
        TABLES.get_or_init(|| Self::parse(include_str!("iso20022.tbl")))
    }

    pub(crate) fn message(&self, namespace: &str) -> Option<&Message> {
        self.by_namespace.get(namespace)
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.by_namespace.values()
    }

    fn parse(text: &str) -> Self {
        let mut tables = Self::default();
        let mut patterns: Vec<Pattern> = Vec::new();
        for line in text.lines() {
            let (tag, rest) = line.split_once(' ').unwrap_or((line, ""));
            match tag {
                "p" => patterns.push(Pattern::compile(rest)),
                "s" => tables.simples.push(Simple::parse(rest, &patterns)),
                "c" => tables.complexes.push(complex(rest)),
                "m" => {
                    let mut words = rest.split(' ');
                    let mut word = || words.next().unwrap_or_default();
                    let (name, namespace, root, kind) = (word(), word(), word(), word());
                    let root = Element { name: root.into(), kind: reference(kind), min: 1, max: 1 };
                    let message = Message { name: name.into(), namespace: namespace.into(), root };
                    tables.by_namespace.insert(namespace.into(), message);
                }
                other => unreachable!("the table has no row {other}"),
            }
        }
        tables
    }
}

fn complex(row: &str) -> Complex {
    let mut complex = Complex::default();
    let mut choice: Option<Vec<Element>> = None;
    for word in row.split_whitespace() {
        if word == "(" {
            choice = Some(Vec::new());
        } else if word == ")" {
            complex.particles.extend(choice.take().map(Particle::Choice));
        } else if let Some(text) = word.strip_prefix("text=s") {
            complex.text = text.parse().ok();
        } else if let Some(currency) = word.strip_prefix("Ccy=s") {
            complex.currency = currency.parse().ok();
        } else if let Some(process) = word.strip_prefix("any=") {
            let namespace = (process.len() > 4).then(|| process.into());
            complex.particles.push(Particle::Any { is_lax: process == "lax", namespace });
        } else {
            let element = element(word);
            match &mut choice {
                Some(options) => options.push(element),
                None => complex.particles.push(Particle::One(element)),
            }
        }
    }
    complex
}

fn element(word: &str) -> Element {
    let mut parts = word.split(':');
    let mut part = || parts.next();
    let (name, kind) = (part().unwrap_or_default(), reference(part().unwrap_or_default()));
    let min = part().map_or(1, |min| min.parse().unwrap_or(0));
    let max = part().map_or(1, |max| max.parse().unwrap_or(u32::MAX));
    Element { name: name.into(), kind, min, max }
}

fn reference(text: &str) -> Kind {
    let number = text[1..].parse().unwrap_or_else(|_| unreachable!("{text} is no reference"));
    if text.starts_with('s') { Kind::Simple(number) } else { Kind::Complex(number) }
}
