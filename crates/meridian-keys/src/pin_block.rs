//! PIN blocks of ISO 9564-1, 9.3: formats 0 to 4.
//!
//! ```text
//! 0  0 L P P P P p p  p p p p p p F F   xor  0 0 0 0 and the 12 digits before the check digit
//! 1  1 L P P P P p p  ... random fill
//! 2  2 L P P P P p p  ... F
//! 3  as 0, random fill A to F
//! 4  4 L P P P P p p ... A A, 8 random bytes; enciphered, xor the card number's block, enciphered again (AES)
//! ```

use meridian_terms::Refusal;
use zeroize::Zeroizing;

use crate::cipher::{BlockCipher, xor};
use crate::key::Entropy;
use crate::pan::Pan;
use crate::pin::Pin;
use crate::refusal::refuse;

/// The format of a PIN block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinFormat {
    /// Bound to the card number, filled with F.
    Iso0,
    /// Not bound to a card number, random fill.
    Iso1,
    /// For chip cards offline, filled with F; not for networks.
    Iso2,
    /// Bound to the card number, random fill.
    Iso3,
    /// Bound to the card number, 16 bytes, AES only.
    Iso4,
}

impl PinFormat {
    /// The format by its digit.
    #[must_use]
    pub fn from_digit(digit: u8) -> Option<Self> {
        Some(match digit {
            0 => Self::Iso0,
            1 => Self::Iso1,
            2 => Self::Iso2,
            3 => Self::Iso3,
            4 => Self::Iso4,
            _ => return None,
        })
    }

    fn control(self) -> u8 {
        match self {
            Self::Iso0 => 0,
            Self::Iso1 => 1,
            Self::Iso2 => 2,
            Self::Iso3 => 3,
            Self::Iso4 => 4,
        }
    }

    fn is_bound(self) -> bool {
        !matches!(self, Self::Iso1 | Self::Iso2)
    }
}

fn bad(what: impl Into<String>) -> Refusal {
    refuse("keys.pin_block", what)
}

fn bound_to(pan: Option<&Pan>) -> Result<&Pan, Refusal> {
    pan.ok_or_else(|| bad("the format is bound to a card number, and none is given"))
}

fn pack(nibbles: &[u8]) -> Vec<u8> {
    nibbles.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn unpack(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect())
}

fn digits(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.bytes().map(|digit| digit & 15)
}

/// The card number's part of formats 0 and 3.
fn pan_field(pan: &Pan) -> Result<Vec<u8>, Refusal> {
    let nibbles: Vec<u8> = [0; 4].into_iter().chain(digits(pan.rightmost_twelve()?)).collect();
    Ok(pack(&nibbles))
}

/// A clear block of formats 0 to 3 (8 bytes), or the clear PIN field of format 4 (16 bytes).
///
/// # Errors
/// `keys.pan` where the format needs a card number of at least 13 digits.
pub fn encode(
    format: PinFormat,
    pin: &Pin,
    pan: Option<&Pan>,
    entropy: &mut dyn Entropy,
) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let length = pin.expose().len();
    let mut nibbles = Zeroizing::new(vec![format.control(), length.to_le_bytes()[0]]);
    nibbles.extend(digits(pin.expose()));
    let mut fill = Zeroizing::new([0_u8; 16]);
    entropy.fill(&mut fill[..]);
    let mut random = fill.iter().copied();
    while nibbles.len() < 16 {
        let random = random.next().unwrap_or(0);
        nibbles.push(match format {
            PinFormat::Iso0 | PinFormat::Iso2 => 15,
            PinFormat::Iso1 => random & 15,
            // A to F, evenly enough: 252 is the last multiple of six.
            PinFormat::Iso3 => 10 + random % 252 % 6,
            PinFormat::Iso4 => 10,
        });
    }
    let mut block = Zeroizing::new(pack(&nibbles));
    match format {
        PinFormat::Iso0 | PinFormat::Iso3 => xor(&mut block, &pan_field(bound_to(pan)?)?),
        PinFormat::Iso4 => {
            let mut tail = Zeroizing::new([0_u8; 8]);
            entropy.fill(&mut tail[..]);
            block.extend_from_slice(&tail[..]);
        }
        PinFormat::Iso1 | PinFormat::Iso2 => {}
    }
    Ok(block)
}

/// The PIN of a clear block of formats 0 to 3, or of the clear PIN field of format 4.
///
/// # Errors
/// `keys.pin_block` for another format, a length out of range, digits or fill that are none.
pub fn decode(format: PinFormat, block: &[u8], pan: Option<&Pan>) -> Result<Pin, Refusal> {
    let size = if format == PinFormat::Iso4 { 16 } else { 8 };
    if block.len() != size {
        return Err(bad(format!("the block has {} bytes, not {size}", block.len())));
    }
    let mut clear = Zeroizing::new(block[..8].to_vec());
    if matches!(format, PinFormat::Iso0 | PinFormat::Iso3) {
        xor(&mut clear, &pan_field(bound_to(pan)?)?);
    }
    let nibbles = unpack(&clear);
    if nibbles[0] != format.control() {
        return Err(bad("the control nibble is another format's"));
    }
    let length = usize::from(nibbles[1]);
    if !(4..=12).contains(&length) {
        return Err(bad("the PIN length is not 4 to 12"));
    }
    let (pin, fill) = nibbles[2..].split_at(length);
    if pin.iter().any(|digit| *digit > 9) {
        return Err(bad("the PIN is not all digits"));
    }
    let fill_is_right = fill.iter().all(|nibble| match format {
        PinFormat::Iso0 | PinFormat::Iso2 => *nibble == 15,
        PinFormat::Iso1 => true,
        PinFormat::Iso3 => *nibble > 9,
        PinFormat::Iso4 => *nibble == 10,
    });
    if !fill_is_right {
        return Err(bad("the fill is wrong"));
    }
    let pin: Zeroizing<String> = Zeroizing::new(pin.iter().map(|digit| char::from(b'0' + digit)).collect());
    Pin::parse(&pin)
}

/// The card number's block of format 4: how many digits above twelve, the digits, zeros.
///
/// ```
/// use meridian_keys::{Pan, pin_block};
/// let block = pin_block::pan_block(&Pan::parse("4111111111111111")?);
/// assert_eq!(block[..9], [0x44, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x10]);
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[must_use]
pub fn pan_block(pan: &Pan) -> Vec<u8> {
    let pan = pan.expose();
    let above = pan.len().saturating_sub(12).to_le_bytes()[0];
    let mut nibbles = vec![above];
    nibbles.resize(1 + 12_usize.saturating_sub(pan.len()), 0);
    nibbles.extend(digits(pan));
    nibbles.resize(32, 0);
    pack(&nibbles)
}

/// Encodes and enciphers a PIN.
///
/// # Errors
/// `keys.pin_block` where format and cipher do not go together; `keys.pan`.
pub fn encipher(
    cipher: &dyn BlockCipher,
    format: PinFormat,
    pin: &Pin,
    pan: Option<&Pan>,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, Refusal> {
    fits(cipher, format)?;
    let mut block = encode(format, pin, pan, entropy)?;
    cipher.encrypt(&mut block)?;
    if format == PinFormat::Iso4 {
        xor(&mut block, &pan_block(bound_to(pan)?));
        cipher.encrypt(&mut block)?;
    }
    Ok(block.to_vec())
}

/// Deciphers and decodes a PIN.
///
/// # Errors
/// As [`decode`].
pub fn decipher(
    cipher: &dyn BlockCipher,
    format: PinFormat,
    block: &[u8],
    pan: Option<&Pan>,
) -> Result<Pin, Refusal> {
    fits(cipher, format)?;
    if block.len() != cipher.block_len() {
        return Err(bad(format!("the block has {} bytes, not {}", block.len(), cipher.block_len())));
    }
    let mut block = Zeroizing::new(block.to_vec());
    cipher.decrypt(&mut block)?;
    if format == PinFormat::Iso4 {
        xor(&mut block, &pan_block(bound_to(pan)?));
        cipher.decrypt(&mut block)?;
    }
    decode(format, &block, pan)
}

fn fits(cipher: &dyn BlockCipher, format: PinFormat) -> Result<(), Refusal> {
    match (format == PinFormat::Iso4, cipher.block_len()) {
        (true, 16) | (false, 8) => Ok(()),
        (true, _) => Err(bad("format 4 is enciphered with AES")),
        (false, _) => Err(bad("formats 0 to 3 are enciphered with TDES")),
    }
}

/// Takes a PIN from one key and format to another, within this call (ISO 9564-1, 9.4): from a bound format only to a
/// bound one, so that a block cannot be turned into one for any card.
///
/// # Errors
/// As [`decipher`] and [`encipher`]; `keys.pin_block` for a translation that loosens the binding.
pub fn translate(
    from: (&dyn BlockCipher, PinFormat),
    to: (&dyn BlockCipher, PinFormat),
    block: &[u8],
    pan: Option<&Pan>,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, Refusal> {
    if from.1.is_bound() && !to.1.is_bound() {
        return Err(bad("a block bound to a card number is not translated into an unbound one"));
    }
    let pin = decipher(from.0, from.1, block, pan)?;
    encipher(to.0, to.1, &pin, pan, entropy)
}
