//! Decoding: an index of offsets into the bytes.

use std::borrow::Cow;
use std::fmt;

use crate::bitmap::Bitmap;
use crate::composite::{Composite, Part, bytes_of_hex};
use crate::content::{Content, is_printable};
use crate::dialect::Dialect;
use crate::encoding::Encoding;
use crate::fault::Fault;
use crate::field::{Field, Secret, Span};
use crate::framing::LONGEST;
use crate::mti::Mti;
use crate::tlv::{Tlvs, hex};

/// A decoded message: which fields are present and where each stands. Nothing is copied; values are read on demand.
#[derive(Clone)]
pub struct Message<'a> {
    dialect: &'a Dialect,
    bytes: &'a [u8],
    mti: Mti,
    bitmaps: u8,
    fields: Bitmap,
    spans: Spans,
}

/// Where the fields stand, in ascending order of field number; found by rank in the bitmap. Few messages carry more than
/// the first of them.
#[derive(Clone)]
struct Spans {
    first: [Span; 48],
    count: usize,
    more: Vec<Span>,
}

impl Spans {
    const fn new() -> Self {
        Self { first: [Span { start: 0, value: 0, end: 0, units: 0 }; 48], count: 0, more: Vec::new() }
    }

    #[inline]
    fn push(&mut self, span: Span) {
        match self.first.get_mut(self.count) {
            Some(place) => *place = span,
            None => self.more.push(span),
        }
        self.count += 1;
    }

    #[inline]
    fn at(&self, rank: usize) -> Option<Span> {
        self.first.get(rank).or_else(|| self.more.get(rank.checked_sub(self.first.len())?)).copied()
    }
}

impl<'a> Message<'a> {
    /// Decodes a message without its length header. Every field's content is checked and every byte accounted for.
    ///
    /// # Errors
    /// A [`Fault`] naming the field and the byte.
    pub fn decode(dialect: &'a Dialect, bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() > LONGEST {
            return Err(Fault::at("iso8583.over_long", "message", LONGEST, "longer than 65535 bytes"));
        }
        let lead = dialect.lead;
        let (mti, mut at) = dialect.read_mti(bytes, lead)?;
        let (fields, bitmaps, width) = dialect.read_bitmaps(bytes, at)?;
        at += width;
        dialect.check_presence(mti, &fields, Some(at))?;
        let mut message = Self { dialect, bytes, mti, bitmaps, fields, spans: Spans::new() };
        for number in fields.fields() {
            let Some(field) = dialect.field(number) else {
                return Err(Fault::at("iso8583.field_unknown", number, at, "the dialect has no such field"));
            };
            let span = field.read(bytes, at).map_err(|flaw| flaw.read(number, at))?;
            at = usize::from(span.end);
            if field.composite.is_some() {
                let start = usize::from(span.value);
                field.check_parts(number, &bytes[start..at], start)?;
            }
            message.spans.push(span);
        }
        if at != bytes.len() {
            let what = format!("{} bytes are left after the last field", bytes.len() - at);
            return Err(Fault::at("iso8583.trailing_bytes", "message", at, what));
        }
        Ok(message)
    }

    /// The dialect it was decoded under.
    #[must_use]
    pub fn dialect(&self) -> &'a Dialect {
        self.dialect
    }

    /// The bytes it was decoded from.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The message type.
    #[must_use]
    pub fn mti(&self) -> Mti {
        self.mti
    }

    /// The bytes before the message type, where the dialect has some (TPDU, scheme header).
    #[must_use]
    pub fn lead(&self) -> &'a [u8] {
        &self.bytes[..self.dialect.lead]
    }

    /// How many bitmaps were sent: a secondary one may be there though empty.
    #[must_use]
    pub fn bitmaps(&self) -> u8 {
        self.bitmaps
    }

    /// The numbers of the fields present, ascending.
    pub fn fields(&self) -> impl Iterator<Item = u16> + use<> {
        self.fields.fields()
    }

    /// The fields present with their values, ascending.
    pub fn values(&self) -> impl Iterator<Item = (u16, Value<'a>)> + '_ {
        self.fields.fields().enumerate().filter_map(|(rank, number)| {
            let span = self.spans.at(rank)?;
            let wire = &self.bytes[usize::from(span.value)..usize::from(span.end)];
            Some((number, Value::new(self.dialect.field(number)?, wire, usize::from(span.units))))
        })
    }

    /// Whether the field is present.
    #[must_use]
    pub fn has(&self, field: u16) -> bool {
        self.fields.has(field)
    }

    /// The field's value.
    #[must_use]
    pub fn value(&self, number: u16) -> Option<Value<'a>> {
        let span = self.span(number)?;
        let wire = &self.bytes[usize::from(span.value)..usize::from(span.end)];
        Some(Value::new(self.dialect.field(number)?, wire, usize::from(span.units)))
    }

    /// The field as characters; a `b` field as hexadecimal. `None` where it is absent, or binary within a text field.
    #[must_use]
    pub fn text(&self, number: u16) -> Option<Cow<'a, str>> {
        self.value(number)?.text()
    }

    /// The field as a number. `None` where it is absent or not all digits.
    #[must_use]
    pub fn number(&self, number: u16) -> Option<u64> {
        self.value(number)?.number()
    }

    /// The field as bytes: of a `b` field its bytes, of any other its characters in ASCII.
    #[must_use]
    pub fn data(&self, number: u16) -> Option<Cow<'a, [u8]>> {
        Some(self.value(number)?.data())
    }

    /// The BER-TLV objects of a chip data field, where its bytes are such.
    #[must_use]
    pub fn tlv(&self, number: u16) -> Option<Tlvs<'a>> {
        let value = self.value(number)?;
        let is_chip = value.field.secret == Secret::Chip || value.field.composite == Some(Composite::Tlv);
        (is_chip && Tlvs::check(value.wire).is_ok()).then(|| Tlvs::new(value.wire))
    }

    /// The subfields of a composite field, in their order; none where it is absent or not composite.
    #[must_use]
    pub fn parts(&self, number: u16) -> Vec<Part<'a>> {
        self.value(number).map(|value| value.parts()).unwrap_or_default()
    }

    /// A subfield's characters by its path: `127.25`, `55.9F26`, `90.2`.
    #[must_use]
    pub fn part(&self, path: &str) -> Option<Cow<'a, str>> {
        let mut steps = path.split('.');
        let mut value = self.value(steps.next()?.parse().ok()?)?;
        for step in steps {
            value = value.parts().into_iter().find(|part| part.tag == step)?.value;
        }
        value.text()
    }

    /// The field as it stands on the wire, with its length prefix.
    #[must_use]
    pub fn wire(&self, number: u16) -> Option<&'a [u8]> {
        let span = self.span(number)?;
        Some(&self.bytes[usize::from(span.start)..usize::from(span.end)])
    }

    #[inline]
    fn span(&self, number: u16) -> Option<Span> {
        if self.fields.has(number) { self.spans.at(self.fields.rank(number)) } else { None }
    }
}

/// Only the type and the numbers of the fields: values may be card data.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<u16> = self.fields().collect();
        write!(f, "Message {} {} {fields:?}", self.dialect.name(), self.mti)
    }
}

/// A value in a message.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    field: &'a Field,
    wire: &'a [u8],
    units: usize,
}

impl<'a> Value<'a> {
    pub(crate) fn new(field: &'a Field, wire: &'a [u8], units: usize) -> Self {
        Self { field, wire, units }
    }

    /// The field's definition.
    #[must_use]
    pub fn field(&self) -> &'a Field {
        self.field
    }

    /// The value's bytes on the wire, without a length prefix.
    #[must_use]
    pub fn wire(&self) -> &'a [u8] {
        self.wire
    }

    /// As characters; content `b` as hexadecimal; `None` for bytes within a text field that are not printable.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        let (content, encoding) = (self.field.content, self.field.encoding);
        if encoding == Encoding::Binary {
            return Some(Cow::Owned(hex(self.wire)));
        }
        let characters = encoding.characters(content, self.field.padding, self.wire, self.units);
        if content == Content::Any && !characters.iter().all(|byte| is_printable(*byte)) {
            return None;
        }
        match characters {
            Cow::Borrowed(characters) => std::str::from_utf8(characters).ok().map(Cow::Borrowed),
            Cow::Owned(characters) => String::from_utf8(characters).ok().map(Cow::Owned),
        }
    }

    /// As a number of up to 64 bits.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        if self.field.content != Content::Digits {
            return None;
        }
        let digits =
            self.field.encoding.characters(self.field.content, self.field.padding, self.wire, self.units);
        digits
            .iter()
            .try_fold(0_u64, |number, digit| number.checked_mul(10)?.checked_add(u64::from(digit & 15)))
    }

    /// Content `b`: the bytes; any other: the characters in ASCII, or the bytes where they are no text.
    #[must_use]
    pub fn data(&self) -> Cow<'a, [u8]> {
        if self.field.encoding == Encoding::Hex {
            return Cow::Owned(bytes_of_hex(self.wire).unwrap_or_default());
        }
        self.field.encoding.characters(self.field.content, self.field.padding, self.wire, self.units)
    }

    /// As [`Value::data`], in place of what the buffer holds.
    pub(crate) fn data_to(&self, out: &mut Vec<u8>) {
        out.clear();
        if self.field.encoding == Encoding::Hex {
            out.extend_from_slice(&self.data());
        } else {
            let (content, padding) = (self.field.content, self.field.padding);
            self.field.encoding.append_characters(content, padding, (self.wire, self.units), out);
        }
    }

    /// The subfields of a composite value.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        if let Some(composite) = &self.field.composite {
            // Decoding has checked it: a fault cannot come here.
            let _ = composite.walk(self.wire, 0, &mut |part| parts.push(part));
        }
        parts
    }
}

/// Only the length: the value may be card data.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value of {} bytes", self.wire.len())
    }
}
