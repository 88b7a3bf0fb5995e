//! Why a message or a dialect is refused: which field, at which byte.

use std::fmt;

use meridian_terms::Refusal;

/// A refusal of the codec. It names the field and the byte, never the value: the value may be a card number.
///
/// | code | says |
/// |---|---|
/// | `iso8583.truncated` | the message ends inside a field |
/// | `iso8583.trailing_bytes` | bytes are left after the last field |
/// | `iso8583.over_long` | a message or frame is longer than can be |
/// | `iso8583.mti` | the message type is not four digits of the dialect's version |
/// | `iso8583.bitmap` | a bitmap is not what the dialect says it is |
/// | `iso8583.field_unknown` | the bitmap announces a field the dialect does not have |
/// | `iso8583.field_unexpected` | the dialect bars the field from this message type |
/// | `iso8583.field_missing` | the dialect demands the field in this message type |
/// | `iso8583.length` | a length prefix is malformed, or above the field's maximum |
/// | `iso8583.content` | a character the field may not hold |
/// | `iso8583.padding` | a filler nibble that is not the dialect's |
/// | `iso8583.date` | not a calendar date or time of the field's pattern |
/// | `iso8583.composite` | the subfields do not fill the field |
/// | `iso8583.tlv` | not BER-TLV |
/// | `iso8583.order` | fields written out of ascending order, or twice |
/// | `iso8583.dialect` | the dialect file is wrong |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable code.
    pub code: &'static str,
    /// The field's path: `70`, `127.25`, `mti`, `bitmap`, `message`.
    pub field: String,
    /// Offset in bytes from the start of the message, where one can be told.
    pub offset: Option<usize>,
    /// What is wrong, without the value.
    pub what: String,
}

impl Fault {
    /// A fault at a byte of a field.
    #[cold]
    pub(crate) fn at(
        code: &'static str,
        field: impl fmt::Display,
        offset: usize,
        what: impl Into<String>,
    ) -> Self {
        Self { code, field: field.to_string(), offset: Some(offset), what: what.into() }
    }

    /// A fault of a field being written, or of a dialect.
    #[cold]
    pub(crate) fn of(code: &'static str, field: impl fmt::Display, what: impl Into<String>) -> Self {
        Self { code, field: field.to_string(), offset: None, what: what.into() }
    }
}

/// What went wrong inside one field, before it is known which field it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) code: &'static str,
    pub(crate) what: &'static str,
    /// Offset from where the field's reader started.
    pub(crate) at: usize,
}

impl Flaw {
    #[cold]
    pub(crate) fn new(code: &'static str, at: usize, what: &'static str) -> Self {
        Self { code, what, at }
    }

    #[cold]
    pub(crate) fn read(self, field: impl fmt::Display, base: usize) -> Fault {
        Fault::at(self.code, field, base + self.at, self.what)
    }

    #[cold]
    pub(crate) fn written(self, field: impl fmt::Display) -> Fault {
        Fault::of(self.code, field, self.what)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code)?;
        if self.field.starts_with(|c: char| c.is_ascii_digit()) {
            f.write_str("field ")?;
        }
        write!(f, "{}", self.field)?;
        if let Some(offset) = self.offset {
            write!(f, " at byte {offset}")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let place = fault.offset.map(|offset| format!(" at byte {offset}")).unwrap_or_default();
        let next = if fault.code == "iso8583.dialect" {
            "correct the dialect file"
        } else {
            "correct the message, or name its dialect"
        };
        Refusal::new(fault.code, format!("field {}{place}: {}", fault.field, fault.what))
            .rule("ISO 8583")
            .next(next)
    }
}
