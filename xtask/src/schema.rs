//! `cargo xtask schema DIR [MESSAGE..]`: ISO 20022 schemas to the compact table that meridian-iso20022 carries.
//!
//! The schemas use fifteen constructs of XSD and nothing else; anything else stops the compiler. Types that mean the
//! same get one row, whichever message and version they come from.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

const TABLE: &str = "crates/meridian-iso20022/src/schema/iso20022.tbl";
const MESSAGES: &str = "crates/meridian-iso20022/src/schema/messages.txt";

/// Compiles the messages named (and adds them to the list), or all of the list.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let (directory, added) = arguments.split_first().ok_or("name the directory the schemas are in")?;
    let listed = fs::read_to_string(MESSAGES).unwrap_or_default();
    let mut messages: Vec<String> =
        listed.split_whitespace().map(str::to_owned).chain(added.iter().cloned()).collect();
    messages.sort();
    messages.dedup();
    let mut table = Table::default();
    for message in &messages {
        let path = Path::new(directory).join(format!("{message}.xsd"));
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let schema = Schema::read(&text).map_err(|why| format!("{}: {why}", path.display()))?;
        table.add(message, &schema).map_err(|why| format!("{}: {why}", path.display()))?;
    }
    fs::write(MESSAGES, messages.join("\n") + "\n").map_err(|error| error.to_string())?;
    fs::write(TABLE, table.print()).map_err(|error| error.to_string())?;
    eprintln!(
        "{} messages, {} patterns, {} simple and {} complex types in {TABLE}",
        messages.len(),
        table.patterns.rows.len(),
        table.simples.rows.len(),
        table.complexes.rows.len()
    );
    Ok(())
}

/// A schema as written.
#[derive(Default)]
struct Schema {
    namespace: String,
    root: (String, String),
    simples: BTreeMap<String, Simple>,
    complexes: BTreeMap<String, Complex>,
}

#[derive(Default)]
struct Simple {
    base: String,
    facets: Vec<(String, String)>,
}

#[derive(Default)]
struct Complex {
    particles: Vec<Particle>,
    /// Base of simple content, and the type of its `Ccy` attribute.
    text: Option<(String, Option<String>)>,
}

enum Particle {
    Element { name: String, kind: String, min: String, max: String },
    Choice(Vec<Particle>),
    Any(String),
}

impl Schema {
    fn read(text: &str) -> Result<Self, String> {
        let mut schema = Self::default();
        let mut reader = Reader::from_str(text);
        loop {
            let event = reader.read_event().map_err(|error| error.to_string())?;
            let (tag, is_empty) = match event {
                Event::Start(tag) => (tag, false),
                Event::Empty(tag) => (tag, true),
                Event::Eof => return Ok(schema),
                _ => continue,
            };
            match tag.local_name().as_ref() {
                "schema" => schema.namespace = attribute(&tag, "targetNamespace")?.unwrap_or_default(),
                "element" => schema.root = (required(&tag, "name")?, required(&tag, "type")?),
                "simpleType" => {
                    let name = required(&tag, "name")?;
                    schema.simples.insert(name, simple(&mut reader)?);
                }
                "complexType" => {
                    let name = required(&tag, "name")?;
                    let complex = if is_empty { Complex::default() } else { complex(&mut reader)? };
                    schema.complexes.insert(name, complex);
                }
                other => return Err(format!("unknown construct {other}")),
            }
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    for found in tag.attributes() {
        let found = found.map_err(|error| error.to_string())?;
        if found.key.as_ref() == name {
            return quick_xml::escape::unescape(&found.value)
                .map(|text| Some(text.into_owned()))
                .map_err(|e| e.to_string());
        }
    }
    Ok(None)
}

fn required(tag: &BytesStart<'_>, name: &str) -> Result<String, String> {
    attribute(tag, name)?.ok_or_else(|| format!("{:?} has no {name}", tag.name()))
}

fn simple(reader: &mut Reader<&[u8]>) -> Result<Simple, String> {
    let mut simple = Simple::default();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "restriction" => simple.base = required(&tag, "base")?,
                facet => {
                    let name = facet.to_owned();
                    let known = [
                        "enumeration",
                        "pattern",
                        "length",
                        "minLength",
                        "maxLength",
                        "totalDigits",
                        "fractionDigits",
                        "minInclusive",
                    ];
                    if !known.contains(&name.as_str()) {
                        return Err(format!("unknown facet {name}"));
                    }
                    simple.facets.push((name, required(&tag, "value")?));
                }
            },
            Event::End(tag) if tag.local_name().as_ref() == "simpleType" => return Ok(simple),
            _ => {}
        }
    }
}

fn complex(reader: &mut Reader<&[u8]>) -> Result<Complex, String> {
    let mut complex = Complex::default();
    let mut choice: Option<Vec<Particle>> = None;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "sequence" | "simpleContent" => {}
                "choice" => choice = Some(Vec::new()),
                "extension" => complex.text = Some((required(&tag, "base")?, None)),
                "attribute" => {
                    let (name, kind) = (required(&tag, "name")?, required(&tag, "type")?);
                    match &mut complex.text {
                        Some((_, currency)) if name == "Ccy" => *currency = Some(kind),
                        _ => return Err(format!("unknown attribute {name}")),
                    }
                }
                "element" | "any" => {
                    let particle = particle(&tag)?;
                    choice.as_mut().unwrap_or(&mut complex.particles).push(particle);
                }
                other => return Err(format!("unknown construct {other}")),
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "choice" => complex.particles.extend(choice.take().map(Particle::Choice)),
                "complexType" => return Ok(complex),
                _ => {}
            },
            _ => {}
        }
    }
}

fn particle(tag: &BytesStart<'_>) -> Result<Particle, String> {
    if tag.local_name().as_ref() == "any" {
        let lax = required(tag, "processContents")?;
        let namespace = required(tag, "namespace")?;
        return Ok(Particle::Any(if namespace == "##any" { lax } else { namespace }));
    }
    let max = attribute(tag, "maxOccurs")?.unwrap_or_else(|| "1".into());
    Ok(Particle::Element {
        name: required(tag, "name")?,
        kind: required(tag, "type")?,
        min: attribute(tag, "minOccurs")?.unwrap_or_else(|| "1".into()),
        max: if max == "unbounded" { "*".into() } else { max },
    })
}

/// Rows that mean the same, once.
#[derive(Default)]
struct Rows {
    rows: Vec<String>,
    known: BTreeMap<String, usize>,
}

impl Rows {
    fn intern(&mut self, row: String) -> usize {
        let next = self.rows.len();
        let number = *self.known.entry(row.clone()).or_insert(next);
        if number == next {
            self.rows.push(row);
        }
        number
    }
}

#[derive(Default)]
struct Table {
    patterns: Rows,
    simples: Rows,
    complexes: Rows,
    messages: Vec<String>,
}

impl Table {
    fn add(&mut self, message: &str, schema: &Schema) -> Result<(), String> {
        let mut done = BTreeMap::new();
        let root = self.kind(schema, &schema.root.1, &mut done, 0)?;
        self.messages.push(format!("m {message} {} {} {root}", schema.namespace, schema.root.0));
        Ok(())
    }

    /// The reference of a type, its row interned after the rows it refers to.
    fn kind(
        &mut self,
        schema: &Schema,
        name: &str,
        done: &mut BTreeMap<String, String>,
        depth: usize,
    ) -> Result<String, String> {
        if let Some(reference) = done.get(name) {
            return Ok(reference.clone());
        }
        if depth > 60 {
            return Err(format!("{name} contains itself"));
        }
        let reference = if let Some(simple) = schema.simples.get(name) {
            format!("s{}", self.simple(simple)?)
        } else if name.starts_with("xs:") {
            let plain = Simple { base: name.to_owned(), facets: Vec::new() };
            format!("s{}", self.simple(&plain)?)
        } else if let Some(complex) = schema.complexes.get(name) {
            format!("c{}", self.complex(schema, complex, done, depth)?)
        } else {
            return Err(format!("no type {name}"));
        };
        done.insert(name.to_owned(), reference.clone());
        Ok(reference)
    }

    fn simple(&mut self, simple: &Simple) -> Result<usize, String> {
        let base = simple.base.strip_prefix("xs:").ok_or_else(|| format!("base {}", simple.base))?;
        let mut row = format!("s {base}");
        let mut values: Vec<&str> = Vec::new();
        for (facet, value) in &simple.facets {
            match facet.as_str() {
                "enumeration" => values.push(value),
                "pattern" => row.push_str(&format!(" pattern={}", self.patterns.intern(value.clone()))),
                _ => row.push_str(&format!(" {facet}={value}")),
            }
        }
        if !values.is_empty() {
            values.sort_unstable();
            row.push_str(&format!(" enum={}", values.join(",")));
        }
        Ok(self.simples.intern(row))
    }

    fn complex(
        &mut self,
        schema: &Schema,
        complex: &Complex,
        done: &mut BTreeMap<String, String>,
        depth: usize,
    ) -> Result<usize, String> {
        let mut row = String::from("c");
        if let Some((base, currency)) = &complex.text {
            let base = self.kind(schema, base, done, depth + 1)?;
            row.push_str(&format!(" text={base}"));
            if let Some(currency) = currency {
                row.push_str(&format!(" Ccy={}", self.kind(schema, currency, done, depth + 1)?));
            }
        }
        for particle in &complex.particles {
            match particle {
                Particle::Choice(options) => {
                    row.push_str(" (");
                    for option in options {
                        row.push_str(&self.particle(schema, option, done, depth)?);
                    }
                    row.push_str(" )");
                }
                other => row.push_str(&self.particle(schema, other, done, depth)?),
            }
        }
        Ok(self.complexes.intern(row))
    }

    fn particle(
        &mut self,
        schema: &Schema,
        particle: &Particle,
        done: &mut BTreeMap<String, String>,
        depth: usize,
    ) -> Result<String, String> {
        match particle {
            Particle::Element { name, kind, min, max } => {
                let kind = self.kind(schema, kind, done, depth + 1)?;
                let occurs = if (min.as_str(), max.as_str()) == ("1", "1") {
                    String::new()
                } else {
                    format!(":{min}:{max}")
                };
                Ok(format!(" {name}:{kind}{occurs}"))
            }
            Particle::Any(process) => Ok(format!(" any={process}")),
            Particle::Choice(_) => Err("a choice in a choice".into()),
        }
    }

    fn print(&self) -> String {
        let mut text = String::new();
        for pattern in &self.patterns.rows {
            text.push_str(&format!("p {pattern}\n"));
        }
        for row in self.simples.rows.iter().chain(&self.complexes.rows).chain(&self.messages) {
            text.push_str(row);
            text.push('\n');
        }
        text
    }
}
