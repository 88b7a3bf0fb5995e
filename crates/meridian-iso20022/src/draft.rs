//! A document to be written: values at paths, put in the schema's order.

use meridian_terms::Money;

use crate::document::{Document, Element, escape};
use crate::schema::{self, Kind, Message, Particle, Tables};
use crate::violation::Violation;
use crate::walk::read;

/// A message under construction. Values are set in any order at paths such as `GrpHdr/MsgId` below the message's
/// one child of the root; a repeated element is named with its number, `CdtTrfTxInf[2]`. Writing puts everything in
/// the schema's order and checks the result.
#[derive(Debug, Clone)]
pub struct Draft {
    message: &'static Message,
    root: Twig,
}

#[derive(Debug, Clone, Default)]
struct Twig {
    name: String,
    text: Option<String>,
    currency: Option<String>,
    /// Bytes of `xs:any`.
    raw: Option<String>,
    children: Vec<Twig>,
}

impl Twig {
    /// The `number`th child of a name, made where it is not there.
    fn child(&mut self, name: &str, number: usize) -> &mut Self {
        let same = self.children.iter().filter(|child| child.name == name).count();
        for _ in same..number {
            self.children.push(Self { name: name.to_owned(), ..Self::default() });
        }
        let place = self.children.iter().enumerate().filter(|(_, child)| child.name == name).nth(number - 1);
        let place = place.map_or(0, |(place, _)| place);
        &mut self.children[place]
    }
}

impl Draft {
    /// An empty message of this identifier: `pacs.008.001.08`. `None` when the tables do not have it.
    #[must_use]
    pub fn new(message: &str) -> Option<Self> {
        let message = Tables::get().messages().find(|known| *known.name == *message)?;
        let root = Twig { name: message.root.name.to_string(), ..Twig::default() };
        Some(Self { message, root })
    }

    /// The same message as a document, to be changed.
    #[must_use]
    pub fn of(document: &Document<'_>) -> Self {
        Self { message: document.message, root: twig(document.root()) }
    }

    /// The message identifier.
    #[must_use]
    pub fn message(&self) -> &'static str {
        &self.message.name
    }

    /// Sets the text at a path.
    pub fn set(&mut self, path: &str, text: impl Into<String>) -> &mut Self {
        self.at(path).text = Some(text.into());
        self
    }

    /// Sets the text at a path, where there is one.
    pub fn set_some(&mut self, path: &str, text: Option<impl Into<String>>) -> &mut Self {
        if let Some(text) = text {
            self.set(path, text);
        }
        self
    }

    /// Sets an amount at a path, with the currency's own number of decimals.
    pub fn set_amount(&mut self, path: &str, amount: Money) -> &mut Self {
        let twig = self.at(path);
        twig.text = Some(amount.amount().to_string());
        twig.currency = Some(amount.currency().to_string());
        self
    }

    /// Puts bytes at a path that takes any content (`SplmtryData/Envlp`), as they are.
    pub fn set_any(&mut self, path: &str, xml: impl Into<String>) -> &mut Self {
        let raw = Twig { raw: Some(xml.into()), ..Twig::default() };
        self.at(path).children.push(raw);
        self
    }

    fn at(&mut self, path: &str) -> &mut Twig {
        path.split('/').fold(&mut self.root, |here, step| {
            let (name, number) = match step.strip_suffix(']').and_then(|step| step.split_once('[')) {
                Some((name, number)) => (name, number.parse().unwrap_or(1).max(1)),
                None => (step, 1),
            };
            here.child(name, number)
        })
    }

    /// The document, in the schema's order and namespace, checked.
    ///
    /// # Errors
    /// Every violation: an element the schema does not have, one that is missing, a value that does not fit.
    pub fn write(&self) -> Result<String, Vec<Violation>> {
        let out = self.write_in_order()?;
        read(out.as_bytes())?;
        Ok(out)
    }

    /// As [`Draft::write`], for values that have been through a schema before: they are checked in debug builds only, and
    /// so by every test that writes one.
    ///
    /// # Errors
    /// An element the schema does not have; in debug builds every violation.
    pub fn write_known(&self) -> Result<String, Vec<Violation>> {
        if cfg!(debug_assertions) { self.write() } else { self.write_in_order() }
    }

    fn write_in_order(&self) -> Result<String, Vec<Violation>> {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let namespace = format!(" xmlns=\"{}\"", self.message.namespace);
        let mut strays = Vec::new();
        self.write_twig(&self.root, self.message.root.kind, &namespace, "", &mut out, &mut strays);
        if strays.is_empty() { Ok(out) } else { Err(strays) }
    }

    fn write_twig(
        &self,
        twig: &Twig,
        kind: Kind,
        attributes: &str,
        path: &str,
        out: &mut String,
        strays: &mut Vec<Violation>,
    ) {
        let path = format!("{path}/{}", twig.name);
        out.push('<');
        out.push_str(&twig.name);
        out.push_str(attributes);
        if let Some(currency) = &twig.currency {
            out.push_str(" Ccy=\"");
            escape(currency, out);
            out.push('"');
        }
        out.push('>');
        if let Some(text) = &twig.text {
            escape(text, out);
        }
        let mut written = 0;
        if let Kind::Complex(number) = kind {
            for particle in &Tables::get().complexes[number as usize].particles {
                let elements: &[schema::Element] = match particle {
                    Particle::One(element) => std::slice::from_ref(element),
                    Particle::Choice(options) => options,
                    Particle::Any { .. } => {
                        for raw in twig.children.iter().filter_map(|child| child.raw.as_deref()) {
                            out.push_str(raw);
                            written += 1;
                        }
                        continue;
                    }
                };
                for element in elements {
                    for child in twig.children.iter().filter(|child| child.name == *element.name) {
                        self.write_twig(child, element.kind, "", &path, out, strays);
                        written += 1;
                    }
                }
            }
        }
        if written < twig.children.len() {
            let text = "an element stands here that the schema does not have".to_owned();
            strays.push(Violation { path: path.clone(), rule: "order", text });
        }
        out.push_str("</");
        out.push_str(&twig.name);
        out.push('>');
    }
}

fn twig(element: Element<'_, '_>) -> Twig {
    if element.is_any() {
        return Twig { raw: Some(element.standalone()), ..Twig::default() };
    }
    let children: Vec<Twig> = element.children().map(twig).collect();
    Twig {
        name: element.name().to_owned(),
        text: (children.is_empty() && !element.text().is_empty()).then(|| element.text().to_owned()),
        currency: element.currency().map(str::to_owned),
        raw: None,
        children,
    }
}
