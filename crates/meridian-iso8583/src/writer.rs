//! Encoding without detours: fields in ascending order straight into a buffer.

use crate::bitmap::Bitmap;
use crate::composite::bytes_of_hex;
use crate::content::Content;
use crate::dialect::Dialect;
use crate::encoding::Encoding;
use crate::fault::Fault;
use crate::field::Field;
use crate::message::{Message, Value};
use crate::mti::Mti;

/// Writes one message into a buffer, field after field in ascending order.
///
/// ```
/// use meridian_iso8583::{Dialect, Message, Mti, Writer};
/// let dialect = Dialect::built_in("iso87binary").unwrap();
/// let mut wire = Vec::new();
/// let mut writer = Writer::new(dialect, Mti::parse("0200").unwrap(), &mut wire)?;
/// writer.text(3, "000000")?;
/// writer.number(4, 150_000)?;
/// writer.text(41, "TERM01")?; // filled up with spaces
/// writer.finish()?;
/// assert_eq!(Message::decode(dialect, &wire)?.number(4), Some(150_000));
/// # Ok::<(), meridian_iso8583::Fault>(())
/// ```
pub struct Writer<'d, 'o> {
    dialect: &'d Dialect,
    out: &'o mut Vec<u8>,
    mti: Mti,
    /// Where the first bitmap stands.
    bitmap_at: usize,
    /// How many bitmaps have their place.
    bitmaps: usize,
    fields: Bitmap,
    last: u16,
    /// A value between its message and this one.
    between: Vec<u8>,
}

impl<'d, 'o> Writer<'d, 'o> {
    /// Starts a message at the end of the buffer. Where the dialect has leading bytes, they are already there.
    ///
    /// # Errors
    /// `iso8583.mti` for a type of another version than the dialect's.
    pub fn new(dialect: &'d Dialect, mti: Mti, out: &'o mut Vec<u8>) -> Result<Self, Fault> {
        dialect.write_mti(mti, out)?;
        let bitmap_at = out.len();
        out.resize(bitmap_at + dialect.bitmap_len(), 0);
        Ok(Self {
            dialect,
            out,
            mti,
            bitmap_at,
            bitmaps: 1,
            fields: Bitmap::default(),
            last: 0,
            between: Vec::new(),
        })
    }

    /// Sends at least so many bitmaps, though they be empty.
    pub fn bitmaps(&mut self, at_least: u8) {
        while self.bitmaps < usize::from(at_least.min(self.dialect.most_bitmaps())) {
            let width = self.dialect.bitmap_len();
            let place = self.bitmap_at + self.bitmaps * width;
            let end = self.out.len();
            self.out.resize(end + width, 0);
            self.out.copy_within(place..end, place + width);
            self.out[place..place + width].fill(0);
            self.bitmaps += 1;
        }
    }

    /// Writes a field given as characters; content `b` as hexadecimal.
    ///
    /// # Errors
    /// A field the dialect does not have or that is out of order, a value it may not hold.
    pub fn text(&mut self, number: u16, text: &str) -> Result<(), Fault> {
        let field = self.dialect.field(number);
        if field.is_some_and(|field| field.content == Content::Bytes) {
            let bytes = bytes_of_hex(text.as_bytes()).map_err(|flaw| flaw.written(number))?;
            return self.data(number, &bytes);
        }
        self.data(number, text.as_bytes())
    }

    /// Writes a number, with leading zeros where the length is fixed.
    ///
    /// # Errors
    /// As [`Writer::text`].
    pub fn number(&mut self, number: u16, value: u64) -> Result<(), Fault> {
        let (mut digits, mut at, mut rest) = ([b'0'; 20], 20, value);
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10).to_le_bytes()[0];
            rest /= 10;
            if rest == 0 {
                return self.data(number, &digits[at..]);
            }
        }
    }

    /// Writes a field given as bytes: of content `b` its bytes, of any other its characters.
    ///
    /// # Errors
    /// As [`Writer::text`].
    pub fn data(&mut self, number: u16, value: &[u8]) -> Result<(), Fault> {
        let field = self.announce(number)?;
        if field.composite.is_some() {
            let mut written = Vec::new();
            field.write(value, &mut written).map_err(|flaw| flaw.written(number))?;
            let span = field.read(&written, 0).map_err(|flaw| flaw.written(number))?;
            let parts = &written[usize::from(span.value)..];
            field.check_parts(number, parts, 0).map_err(|fault| Fault { offset: None, ..fault })?;
            self.out.extend_from_slice(&written);
            return Ok(());
        }
        field.write(value, self.out).map_err(|flaw| flaw.written(number))
    }

    /// Copies a field of another message, byte for byte where both are of one dialect.
    ///
    /// # Errors
    /// As [`Writer::text`]; nothing is written where the message does not have the field.
    pub fn copy(&mut self, message: &Message<'_>, number: u16) -> Result<(), Fault> {
        let Some(wire) = message.wire(number) else { return Ok(()) };
        if std::ptr::eq(message.dialect(), self.dialect) {
            self.announce(number)?;
            self.out.extend_from_slice(wire);
            return Ok(());
        }
        match message.value(number) {
            Some(value) => self.value(number, &value),
            None => Ok(()),
        }
    }

    /// Writes a field with the value of a field of another message, of whatever dialect: checked and encoded anew.
    ///
    /// # Errors
    /// As [`Writer::text`].
    pub fn value(&mut self, number: u16, value: &Value<'_>) -> Result<(), Fault> {
        if matches!(value.field().encoding, Encoding::Ascii | Encoding::Binary) {
            return self.data(number, value.wire());
        }
        let mut between = std::mem::take(&mut self.between);
        value.data_to(&mut between);
        let written = self.data(number, &between);
        self.between = between;
        written
    }

    /// Writes the bitmaps and ends the message.
    ///
    /// # Errors
    /// Where the dialect demands or bars a field in this type of message.
    pub fn finish(self) -> Result<(), Fault> {
        self.dialect.check_presence(self.mti, &self.fields, None)?;
        let width = self.dialect.bitmap_len();
        let places = self.out[self.bitmap_at..].chunks_mut(width).take(self.bitmaps);
        for (index, place) in places.enumerate() {
            // The first bit of a bitmap says that another follows.
            let further = u64::from(index + 1 < self.bitmaps) << 63;
            self.dialect.bitmap.write(self.fields.word(index) | further, place);
        }
        Ok(())
    }

    #[inline]
    fn announce(&mut self, number: u16) -> Result<&'d Field, Fault> {
        if number <= self.last {
            return Err(Fault::of("iso8583.order", number, "fields are written once and in ascending order"));
        }
        let Some(field) = self.dialect.field(number) else {
            return Err(Fault::of("iso8583.field_unknown", number, "the dialect has no such field"));
        };
        self.last = number;
        self.bitmaps((1 + (number - 1) / 64).to_le_bytes()[0]);
        self.fields.set(number);
        Ok(field)
    }
}
