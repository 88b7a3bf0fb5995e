//! The header of a key block: what the key is for.

use meridian_terms::Refusal;

use crate::refusal::refuse;

/// How a key block is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// TDES, variants, four bytes of CBC-MAC over what was encrypted. Deprecated.
    A,
    /// TDES, derived keys, eight bytes of CMAC over the clear key.
    B,
    /// As A.
    C,
    /// AES, derived keys, sixteen bytes of CMAC over the clear key.
    D,
}

impl Version {
    pub(crate) fn letter(self) -> char {
        match self {
            Self::A => 'A',
            Self::B => 'B',
            Self::C => 'C',
            Self::D => 'D',
        }
    }

    /// Bytes of the MAC.
    pub(crate) fn mac_len(self) -> usize {
        match self {
            Self::A | Self::C => 4,
            Self::B => 8,
            Self::D => 16,
        }
    }

    /// Bytes of a cipher block.
    pub(crate) fn block_len(self) -> usize {
        if self == Self::D { 16 } else { 8 }
    }
}

/// An optional block: two characters of what it is, and printable data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionalBlock {
    /// `KS` key serial number, `KC` check value, `TS` time stamp, ...
    pub id: String,
    /// Its data.
    pub data: String,
}

/// The header of a key block. Unknown usages and optional blocks are kept as they are.
///
/// ```
/// use meridian_keys::tr31::{Header, Version};
/// let header = Header::parse("D0112P0AE00E0000")?.0;
/// assert_eq!((header.version(), header.usage(), header.exportability()), (Version::D, "P0", 'E'));
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    version: Version,
    usage: String,
    algorithm: char,
    mode: char,
    key_version: String,
    exportability: char,
    /// The optional blocks, padding not among them.
    pub blocks: Vec<OptionalBlock>,
}

pub(crate) fn bad(what: impl Into<String>) -> Refusal {
    refuse("keys.key_block", what)
}

fn one(text: &str, what: &str) -> Result<char, Refusal> {
    match text.as_bytes() {
        [c] if c.is_ascii_alphanumeric() => Ok(char::from(*c)),
        _ => Err(bad(format!("the {what} is not one letter or digit"))),
    }
}

fn two(text: &str, what: &str) -> Result<String, Refusal> {
    match text.as_bytes() {
        [a, b] if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() => Ok(text.to_owned()),
        _ => Err(bad(format!("the {what} is not two letters or digits"))),
    }
}

impl Header {
    /// A header without optional blocks, from its parts as they stand in it.
    ///
    /// # Errors
    /// `keys.key_block` naming the part.
    pub fn new(
        version: &str,
        usage: &str,
        algorithm: &str,
        mode: &str,
        key_version: &str,
        exportability: &str,
    ) -> Result<Self, Refusal> {
        let version = match version {
            "A" => Version::A,
            "B" => Version::B,
            "C" => Version::C,
            "D" => Version::D,
            _ => return Err(bad("the version is not A, B, C or D")),
        };
        Ok(Self {
            version,
            usage: two(usage, "usage")?,
            algorithm: one(algorithm, "algorithm")?,
            mode: one(mode, "mode of use")?,
            key_version: two(key_version, "key version")?,
            exportability: one(exportability, "exportability")?,
            blocks: Vec::new(),
        })
    }

    /// The header at the front of a key block, and its length in characters. The block's own length is not judged here.
    ///
    /// # Errors
    /// `keys.key_block` naming the part.
    pub fn parse(text: &str) -> Result<(Self, usize), Refusal> {
        if text.len() < 16 || !text.as_bytes()[..16].is_ascii() {
            return Err(bad("a header has at least 16 characters"));
        }
        if !text.as_bytes()[1..5].iter().all(u8::is_ascii_digit) {
            return Err(bad("the length is not four digits"));
        }
        let mut header =
            Self::new(&text[..1], &text[5..7], &text[7..8], &text[8..9], &text[9..11], &text[11..12])?;
        let count: usize = Some(&text[12..14])
            .filter(|count| count.bytes().all(|digit| digit.is_ascii_digit()))
            .and_then(|count| count.parse().ok())
            .ok_or_else(|| bad("the number of optional blocks is not two digits"))?;
        let mut at = 16;
        for _ in 0..count {
            let (block, length) = optional(text, at)?;
            at += length;
            // The padding block only fills the header up to whole cipher blocks.
            if block.id != "PB" {
                header.blocks.push(block);
            }
        }
        Ok((header, at))
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// What the key is for, as two characters.
    #[must_use]
    pub fn usage(&self) -> &str {
        &self.usage
    }

    /// `D` DES, `T` TDES, `A` AES, `H` HMAC, `R` RSA, ...
    #[must_use]
    pub fn algorithm(&self) -> char {
        self.algorithm
    }

    /// `B` both ways, `C` MAC both ways, `D` decrypt, `E` encrypt, `G` make, `V` verify, `X` derive, `N` no limits.
    #[must_use]
    pub fn mode(&self) -> char {
        self.mode
    }

    /// `E` under a trusted key, `N` not at all, `S` under any key.
    #[must_use]
    pub fn exportability(&self) -> char {
        self.exportability
    }

    /// The header of a block of so many characters in all.
    pub(crate) fn text(&self, rest: usize) -> Result<String, Refusal> {
        let mut blocks = String::new();
        for block in &self.blocks {
            blocks.push_str(&written(block)?);
        }
        let mut count = self.blocks.len();
        let unit = self.version.block_len();
        let over = blocks.len() % unit;
        if over != 0 {
            let needed = if unit - over < 4 { 2 * unit - over } else { unit - over };
            blocks.push_str(&written(&OptionalBlock { id: "PB".into(), data: "0".repeat(needed - 4) })?);
            count += 1;
        }
        let length = 16 + blocks.len() + rest;
        if length > 9_999 || count > 99 {
            return Err(bad("the block would be longer than its length can say"));
        }
        let Self { version, usage, algorithm, mode, key_version, exportability, .. } = self;
        let version = version.letter();
        Ok(format!(
            "{version}{length:04}{usage}{algorithm}{mode}{key_version}{exportability}{count:02}00{blocks}"
        ))
    }
}

fn written(block: &OptionalBlock) -> Result<String, Refusal> {
    two(&block.id, "optional block's id")?;
    if !block.data.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
        return Err(bad(format!("the optional block {} holds other than printable characters", block.id)));
    }
    let length = block.data.len() + 4;
    if length <= 0xFF {
        return Ok(format!("{}{length:02X}{}", block.id, block.data));
    }
    // The long form: 00, how many pairs of digits say the length, the length of all of it.
    let length = length + 6;
    if length > 0xFFFF {
        return Err(bad(format!("the optional block {} is too long", block.id)));
    }
    Ok(format!("{}0002{length:04X}{}", block.id, block.data))
}

/// An optional block and its length in characters.
fn optional(text: &str, start: usize) -> Result<(OptionalBlock, usize), Refusal> {
    let part = |from: usize, to: usize| text.get(from..to);
    let hex = |from: usize, to: usize| {
        part(from, to)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| usize::from_str_radix(digits, 16).ok())
    };
    let id = part(start, start + 2).ok_or_else(|| bad("an optional block is cut off"))?;
    let id = two(id, "optional block's id")?;
    let wrong = |what: &str| bad(format!("optional block {id}: {what}"));
    let mut at = start + 4;
    let mut length = hex(start + 2, at).ok_or_else(|| wrong("the length is not two hexadecimal digits"))?;
    if length == 0 {
        let pairs =
            hex(at, at + 2).ok_or_else(|| wrong("the length of the length is not two hexadecimal digits"))?;
        // Four pairs can say more than any block holds.
        if !(1..=4).contains(&pairs) {
            return Err(wrong("the length of the length is not 1 to 4"));
        }
        at += 2 + 2 * pairs;
        length = hex(start + 6, at).ok_or_else(|| wrong("the length is not hexadecimal digits"))?;
    }
    let data = start.checked_add(length).filter(|end| *end >= at).and_then(|end| part(at, end));
    let data = data.ok_or_else(|| wrong("the data is not as long as said"))?;
    if !data.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
        return Err(wrong("the data holds other than printable characters"));
    }
    Ok((OptionalBlock { id, data: data.to_owned() }, length))
}
