//! A field: content, length, encoding, prefix, padding, chosen independently.

use crate::composite::Composite;
use crate::content::Content;
use crate::date::DatePattern;
use crate::encoding::Encoding;
use crate::fault::{Fault, Flaw};
use crate::framing::LONGEST;
use crate::padding::Padding;
use crate::prefix::{Counts, Prefix};

/// How long a value is, in characters, digits or (content `b`) bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Always so many.
    Fixed(usize),
    /// Up to `max`, announced by a prefix.
    Variable {
        /// The most it may be.
        max: usize,
        /// How it is announced.
        prefix: Prefix,
    },
}

/// What of a value is shown unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// All of it; account numbers within free text are masked all the same.
    No,
    /// A card number: its first six and last four digits (PCI DSS 4.0, 3.4.1).
    AccountNumber,
    /// A track: its card number likewise, nothing behind it.
    Track,
    /// A bank account: its last four characters.
    Account,
    /// Chip data: all but the values of sensitive tags, where it is BER-TLV, in bytes or hexadecimal characters.
    Chip,
    /// Nothing.
    All,
}

/// One field of a dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The standard's name of the data element.
    pub name: String,
    /// What it may hold.
    pub content: Content,
    /// How long it is.
    pub length: Length,
    /// How characters become bytes.
    pub encoding: Encoding,
    /// The filler of an odd number of packed digits.
    pub padding: Padding,
    /// The calendar pattern of its digits.
    pub date: Option<DatePattern>,
    /// What of it is shown unasked.
    pub secret: Secret,
    /// Its subfields.
    pub composite: Option<Composite>,
}

/// Where a field stands in a message.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    /// Where its length prefix starts.
    pub(crate) start: u16,
    /// Where its value starts.
    pub(crate) value: u16,
    /// Where it ends.
    pub(crate) end: u16,
    /// Characters, digits or bytes of the value.
    pub(crate) units: u16,
}

impl Field {
    /// Finds and checks the field at a place of a message of at most 65,535 bytes.
    #[inline]
    pub(crate) fn read(&self, bytes: &[u8], at: usize) -> Result<Span, Flaw> {
        let rest = bytes.get(at..).unwrap_or_default();
        let (units, width) = match self.length {
            Length::Fixed(units) => (units, 0),
            Length::Variable { max, prefix } => {
                let (said, width) = prefix.read(rest)?;
                let units = match prefix.counts {
                    Counts::Units => Some(said),
                    Counts::Bytes => self.encoding.units_of(self.content, said),
                };
                match units {
                    Some(units) if units <= max => (units, width),
                    Some(_) => {
                        return Err(Flaw::new(
                            "iso8583.length",
                            0,
                            "the length is above the field's maximum",
                        ));
                    }
                    None => return Err(Flaw::new("iso8583.length", 0, "the length counts half a value")),
                }
            }
        };
        let length = self.encoding.wire_len(self.content, units);
        let Some(wire) = rest.get(width..width.saturating_add(length)) else {
            return Err(Flaw::new("iso8583.truncated", rest.len(), "the message ends inside the field"));
        };
        self.encoding
            .check(self.content, self.padding, wire, units)
            .map_err(|flaw| Flaw { at: flaw.at + width, ..flaw })?;
        if self.date.is_some() {
            self.check_date(wire, units).map_err(|flaw| Flaw { at: width, ..flaw })?;
        }
        let place = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        Ok(Span {
            start: place(at),
            value: place(at + width),
            end: place(at + width + length),
            units: place(units),
        })
    }

    #[inline]
    fn check_date(&self, wire: &[u8], units: usize) -> Result<(), Flaw> {
        let Some(date) = &self.date else { return Ok(()) };
        if units == 0 {
            return Ok(());
        }
        if units != date.digits() {
            return Err(Flaw::new("iso8583.date", 0, "the date has another number of digits"));
        }
        // The low nibble of a digit is its value in ASCII and in EBCDIC.
        let flaw = match self.encoding {
            Encoding::Bcd => date.flaw(wire.iter().map(|byte| (byte >> 4) * 10 + (byte & 15))),
            _ => date.flaw(wire.chunks_exact(2).map(|pair| (pair[0] & 15) * 10 + (pair[1] & 15))),
        };
        flaw.map_or(Ok(()), |what| Err(Flaw::new("iso8583.date", 0, what)))
    }

    /// Whether the subfields fill the value.
    #[inline]
    pub(crate) fn check_parts(&self, path: u16, wire: &[u8], base: usize) -> Result<(), Fault> {
        let Some(composite) = &self.composite else { return Ok(()) };
        composite.check(wire, base).map_err(|fault| within(path, fault))
    }

    /// Writes a value: characters (content `b`: bytes), with prefix, and filled up where the length is fixed.
    #[inline]
    pub(crate) fn write(&self, value: &[u8], out: &mut Vec<u8>) -> Result<(), Flaw> {
        let units = value.len();
        let filled;
        let value = match self.length {
            Length::Fixed(length) if units == length => value,
            Length::Fixed(length) if units > length || self.content == Content::Bytes => {
                return Err(Flaw::new("iso8583.length", 0, "not as long as the field"));
            }
            Length::Fixed(length) => {
                filled = fill(self.content, value, length)?;
                &filled
            }
            Length::Variable { max, .. } if units > max => {
                return Err(Flaw::new("iso8583.length", 0, "longer than the field's maximum"));
            }
            Length::Variable { prefix, .. } => {
                let said = match prefix.counts {
                    Counts::Units => units,
                    Counts::Bytes => self.encoding.wire_len(self.content, units),
                };
                prefix.write(said, out)?;
                value
            }
        };
        let at = out.len();
        if self.encoding == Encoding::Hex {
            self.encoding.write(self.content, self.padding, crate::tlv::hex(value).as_bytes(), out)?;
        } else {
            self.encoding.write(self.content, self.padding, value, out)?;
        }
        if out.len() > LONGEST {
            return Err(Flaw::new("iso8583.over_long", 0, "the message is longer than 65535 bytes"));
        }
        let wire = out.get(at..).unwrap_or_default();
        self.check_date(wire, value.len())
    }
}

/// Fills a shorter value up: numbers with zeros on the left, text with spaces on the right.
fn fill(content: Content, value: &[u8], length: usize) -> Result<Vec<u8>, Flaw> {
    let mut filled = Vec::with_capacity(length);
    if content.fills_with_zeros() {
        filled.resize(length - value.len(), b'0');
        filled.extend_from_slice(value);
    } else if content == Content::SignedDigits {
        let (sign, digits) = value.split_first().ok_or(Flaw::new("iso8583.content", 0, "no sign"))?;
        filled.push(*sign);
        filled.resize(length - digits.len(), b'0');
        filled.extend_from_slice(digits);
    } else if matches!(content, Content::Letters | Content::AlphaNumeric | Content::Track) {
        return Err(Flaw::new("iso8583.length", 0, "shorter than the field, and it may hold no filler"));
    } else {
        filled.extend_from_slice(value);
        filled.resize(length, b' ');
    }
    Ok(filled)
}

/// The fault of a subfield, told as its field's.
pub(crate) fn within(path: impl std::fmt::Display, fault: Fault) -> Fault {
    let field = if fault.field.is_empty() { path.to_string() } else { format!("{path}.{}", fault.field) };
    Fault { field, ..fault }
}
