//! BER-TLV: the chip data of field 55.

use crate::fault::Flaw;
use crate::prefix::{read_ber, write_ber};

/// A data object: tag, value and where it stood. Unknown tags are kept like known ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag's bytes, as on the wire: `9F 26`.
    pub tag: &'a [u8],
    /// The value.
    pub value: &'a [u8],
    /// Offset of the tag from the start of the data.
    pub offset: usize,
    /// Offset of the value from the start of the data.
    pub value_offset: usize,
}

impl Tlv<'_> {
    /// The tag as hexadecimal characters.
    #[must_use]
    pub fn tag_hex(&self) -> String {
        hex(self.tag)
    }

    /// Whether the value holds further data objects (bit 6 of the tag's first byte).
    #[must_use]
    pub fn is_constructed(&self) -> bool {
        self.tag.first().is_some_and(|byte| byte & 0x20 != 0)
    }
}

impl std::fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.tag_hex(), self.value.len())
    }
}

/// The data objects of a value, in their order. Zero bytes between objects are filler (EMV book 3, annex B).
#[derive(Debug, Clone)]
pub struct Tlvs<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tlvs<'a> {
    /// Reads the data objects of these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The first object with this tag.
    #[must_use]
    pub fn find(&self, tag: &[u8]) -> Option<Tlv<'a>> {
        self.clone().map_while(Result::ok).find(|object| object.tag == tag)
    }

    fn read(&mut self) -> Result<Option<Tlv<'a>>, Flaw> {
        while self.bytes.get(self.at) == Some(&0) {
            self.at += 1;
        }
        let offset = self.at;
        let rest = &self.bytes[offset..];
        let Some(first) = rest.first() else { return Ok(None) };
        let mut tag_len = 1;
        if first & 0x1F == 0x1F {
            loop {
                let Some(more) = rest.get(tag_len) else {
                    return Err(Flaw::new("iso8583.tlv", offset, "the data ends inside a tag"));
                };
                tag_len += 1;
                if more & 0x80 == 0 {
                    break;
                }
                if tag_len == 4 {
                    return Err(Flaw::new("iso8583.tlv", offset, "a tag of more than four bytes"));
                }
            }
        }
        let (length, width) = read_ber(&rest[tag_len..]).map_err(|flaw| Flaw {
            code: "iso8583.tlv",
            at: offset + tag_len,
            what: flaw.what,
        })?;
        let start = tag_len + width;
        let Some(value) = start.checked_add(length).and_then(|end| rest.get(start..end)) else {
            return Err(Flaw::new("iso8583.tlv", offset, "the value is longer than the data"));
        };
        self.at = offset + start + length;
        Ok(Some(Tlv { tag: &rest[..tag_len], value, offset, value_offset: offset + start }))
    }

    /// Whether all of it is data objects.
    pub(crate) fn check(bytes: &'a [u8]) -> Result<(), Flaw> {
        let mut objects = Self::new(bytes);
        while objects.read()?.is_some() {}
        Ok(())
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Result<Tlv<'a>, crate::Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.read() {
            Ok(object) => object.map(Ok),
            Err(flaw) => {
                self.at = self.bytes.len();
                Some(Err(flaw.read("tlv", 0)))
            }
        }
    }
}

/// Builds BER-TLV data.
///
/// ```
/// use meridian_iso8583::TlvBuilder;
/// let data = TlvBuilder::default().push(&[0x9F, 0x26], &[1, 2, 3, 4, 5, 6, 7, 8]).push(&[0x95], &[0; 5]).finish();
/// assert_eq!(data[..3], [0x9F, 0x26, 8]);
/// ```
#[derive(Default)]
pub struct TlvBuilder(Vec<u8>);

impl TlvBuilder {
    /// Adds a data object; the length takes the fewest octets.
    #[must_use]
    pub fn push(mut self, tag: &[u8], value: &[u8]) -> Self {
        self.0.extend_from_slice(tag);
        write_ber(value.len(), &mut self.0);
        self.0.extend_from_slice(value);
        self
    }

    /// The data.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// The name of a tag in EMV book 3, annex A, or of the schemes; `None` for one not known here.
#[must_use]
pub fn tag_name(tag: &[u8]) -> Option<&'static str> {
    TAGS.iter().find(|(known, _, _)| *known == tag).map(|(_, name, _)| *name)
}

/// Whether a tag holds card data that is not shown unasked: account number, tracks, name, PIN.
pub(crate) fn is_sensitive(tag: &[u8]) -> bool {
    TAGS.iter().any(|(known, _, sensitive)| *known == tag && *sensitive)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = b"0123456789ABCDEF";
    let pair = |byte: &u8| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]];
    bytes.iter().flat_map(pair).map(char::from).collect()
}

const TAGS: [(&[u8], &str, bool); 47] = [
    (&[0x4F], "application identifier", false),
    (&[0x50], "application label", false),
    (&[0x56], "track 1 data", true),
    (&[0x57], "track 2 equivalent data", true),
    (&[0x5A], "application PAN", true),
    (&[0x5F, 0x20], "cardholder name", true),
    (&[0x5F, 0x24], "application expiration date", false),
    (&[0x5F, 0x2A], "transaction currency code", false),
    (&[0x5F, 0x30], "service code", false),
    (&[0x5F, 0x34], "PAN sequence number", false),
    (&[0x70], "record template", false),
    (&[0x71], "issuer script template 1", false),
    (&[0x72], "issuer script template 2", false),
    (&[0x77], "response template", false),
    (&[0x82], "application interchange profile", false),
    (&[0x84], "dedicated file name", false),
    (&[0x89], "authorisation code", false),
    (&[0x8A], "authorisation response code", false),
    (&[0x8E], "CVM list", false),
    (&[0x91], "issuer authentication data", false),
    (&[0x95], "terminal verification results", false),
    (&[0x99], "transaction PIN data", true),
    (&[0x9A], "transaction date", false),
    (&[0x9B], "transaction status information", false),
    (&[0x9C], "transaction type", false),
    (&[0x9F, 0x02], "amount, authorised", false),
    (&[0x9F, 0x03], "amount, other", false),
    (&[0x9F, 0x06], "application identifier, terminal", false),
    (&[0x9F, 0x09], "application version number", false),
    (&[0x9F, 0x10], "issuer application data", false),
    (&[0x9F, 0x1A], "terminal country code", false),
    (&[0x9F, 0x1E], "interface device serial number", false),
    (&[0x9F, 0x1F], "track 1 discretionary data", true),
    (&[0x9F, 0x20], "track 2 discretionary data", true),
    (&[0x9F, 0x26], "application cryptogram", false),
    (&[0x9F, 0x27], "cryptogram information data", false),
    (&[0x9F, 0x33], "terminal capabilities", false),
    (&[0x9F, 0x34], "CVM results", false),
    (&[0x9F, 0x35], "terminal type", false),
    (&[0x9F, 0x36], "application transaction counter", false),
    (&[0x9F, 0x37], "unpredictable number", false),
    (&[0x9F, 0x41], "transaction sequence counter", false),
    (&[0x9F, 0x53], "transaction category code", false),
    (&[0x9F, 0x5B], "issuer script results", false),
    (&[0x9F, 0x6B], "track 2 data, contactless", true),
    (&[0x9F, 0x6E], "form factor indicator", false),
    (&[0x9F, 0x7C], "customer exclusive data", false),
];
