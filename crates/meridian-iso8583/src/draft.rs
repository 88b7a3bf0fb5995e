//! A message being put together, fields in any order.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::composite::{Composite, bytes_of_hex};
use crate::content::Content;
use crate::dialect::Dialect;
use crate::fault::{Fault, Flaw};
use crate::field::Field;
use crate::message::{Message, Value};
use crate::mti::Mti;
use crate::writer::Writer;

/// A message being put together: fields may be set in any order and belong to no dialect until it is encoded.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    mti: String,
    lead: Vec<u8>,
    bitmaps: u8,
    fields: BTreeMap<u16, Entry>,
}

/// A field's value in a [`Draft`].
#[derive(Clone, PartialEq, Eq)]
pub enum Entry {
    /// Characters; of a `b` field hexadecimal.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Subfields by position, number or tag.
    Parts(Vec<(String, Entry)>),
}

impl From<&str> for Entry {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Entry {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Entry {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for Entry {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl Draft {
    /// A message of this type, without fields.
    #[must_use]
    pub fn new(mti: &str) -> Self {
        Self { mti: mti.to_owned(), lead: Vec::new(), bitmaps: 1, fields: BTreeMap::new() }
    }

    /// All fields of a message, to be changed or sent on under another dialect.
    #[must_use]
    pub fn of(message: &Message<'_>) -> Self {
        let mut draft = Self::new(message.mti().as_str());
        draft.lead = message.lead().to_vec();
        draft.bitmaps = message.bitmaps();
        draft.fields = message.values().map(|(number, value)| (number, Entry::of(&value))).collect();
        draft
    }

    /// Sets a field: `&str` for characters (hexadecimal of a `b` field), `Vec<u8>` or `&[u8]` for bytes.
    #[must_use]
    pub fn set(mut self, field: u16, value: impl Into<Entry>) -> Self {
        self.fields.insert(field, value.into());
        self
    }

    /// Sets a field or subfield by its path: `127.25`, `55.9F26`.
    ///
    /// # Errors
    /// `iso8583.field_unknown` for what is no path.
    pub fn set_path(&mut self, path: &str, value: impl Into<Entry>) -> Result<(), Fault> {
        let (number, steps) =
            path.split_once('.').map_or((path, None), |(number, steps)| (number, Some(steps)));
        let Ok(number) = number.parse() else {
            return Err(Fault::of(
                "iso8583.field_unknown",
                path,
                "a path is a field's number, then subfields",
            ));
        };
        let Some(steps) = steps else {
            self.fields.insert(number, value.into());
            return Ok(());
        };
        let mut entry = self.fields.entry(number).or_insert(Entry::Parts(Vec::new()));
        for step in steps.split('.') {
            if !matches!(entry, Entry::Parts(_)) {
                *entry = Entry::Parts(Vec::new());
            }
            let Entry::Parts(parts) = entry else { break };
            let place = parts.iter().position(|(tag, _)| tag == step).unwrap_or(parts.len());
            if place == parts.len() {
                parts.push((step.to_owned(), Entry::Parts(Vec::new())));
            }
            entry = &mut parts[place].1;
        }
        *entry = value.into();
        Ok(())
    }

    /// Leaves a field out.
    #[must_use]
    pub fn without(mut self, field: u16) -> Self {
        self.fields.remove(&field);
        self
    }

    /// Makes it another type of message.
    #[must_use]
    pub fn with_mti(mut self, mti: &str) -> Self {
        mti.clone_into(&mut self.mti);
        self
    }

    /// The bytes before the message type, where the dialect has some.
    #[must_use]
    pub fn with_lead(mut self, lead: Vec<u8>) -> Self {
        self.lead = lead;
        self
    }

    /// Sends at least so many bitmaps, though they be empty.
    #[must_use]
    pub fn with_bitmaps(mut self, at_least: u8) -> Self {
        self.bitmaps = at_least;
        self
    }

    /// Encodes under a dialect.
    ///
    /// # Errors
    /// A [`Fault`] naming the field.
    pub fn encode(&self, dialect: &Dialect) -> Result<Vec<u8>, Fault> {
        if self.lead.len() != dialect.lead {
            let what = format!("{} leading bytes, the dialect has {}", self.lead.len(), dialect.lead);
            return Err(Fault::of("iso8583.length", "lead", what));
        }
        let mti = Mti::parse(&self.mti).ok_or_else(|| Fault::of("iso8583.mti", "mti", "not four digits"))?;
        let mut wire = self.lead.clone();
        let mut writer = Writer::new(dialect, mti, &mut wire)?;
        writer.bitmaps(self.bitmaps);
        for (number, entry) in &self.fields {
            let Some(field) = dialect.field(*number) else {
                return Err(Fault::of("iso8583.field_unknown", number, "the dialect has no such field"));
            };
            let value = entry.value(field).map_err(|fault| crate::field::within(number, fault))?;
            writer.data(*number, &value)?;
        }
        writer.finish()?;
        Ok(wire)
    }
}

impl Entry {
    fn of(value: &Value<'_>) -> Self {
        if let Some(Composite::Bitmapped { .. }) = value.field().composite {
            return Self::Parts(
                value.parts().into_iter().map(|part| (part.tag, Self::of(&part.value))).collect(),
            );
        }
        match value.text() {
            Some(text) => Self::Text(text.into_owned()),
            None => Self::Bytes(value.data().into_owned()),
        }
    }

    /// The characters or bytes of a value that has no subfields given.
    pub(crate) fn characters(&self, field: &Field) -> Result<Cow<'_, [u8]>, Flaw> {
        match self {
            Self::Text(text) if field.content == Content::Bytes => {
                bytes_of_hex(text.as_bytes()).map(Cow::Owned)
            }
            Self::Text(text) => Ok(Cow::Borrowed(text.as_bytes())),
            Self::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::Parts(_) => Err(Flaw::new("iso8583.composite", 0, "the field has no subfields")),
        }
    }

    fn value(&self, field: &Field) -> Result<Cow<'_, [u8]>, Fault> {
        match (self, &field.composite) {
            (Self::Parts(parts), Some(composite)) => composite.write(parts).map(Cow::Owned),
            _ => self.characters(field).map_err(|flaw| flaw.written("")),
        }
    }

    pub(crate) fn write(&self, field: &Field, out: &mut Vec<u8>) -> Result<(), Fault> {
        let value = self.value(field)?;
        field.write(&value, out).map_err(|flaw| flaw.written(""))
    }
}

/// Only the type and the numbers of the fields: values may be card data.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft {} {:?}", self.mti, self.fields.keys().collect::<Vec<_>>())
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Parts(_) => "parts",
        })
    }
}
