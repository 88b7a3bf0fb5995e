//! Does a PIN belong to a card: Visa PVV and IBM 3624 offset.

use meridian_terms::Refusal;
use zeroize::Zeroizing;

use crate::cipher::BlockCipher;
use crate::key::{hex, unhex};
use crate::pan::Pan;
use crate::pin::Pin;
use crate::refusal::refuse;

fn bad(what: impl Into<String>) -> Refusal {
    refuse("keys.input", what)
}

fn encrypt(cipher: &dyn BlockCipher, block: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    if cipher.block_len() != 8 {
        return Err(refuse("keys.length", "the key is not a TDES key"));
    }
    let mut block = Zeroizing::new(block.to_vec());
    cipher.encrypt(&mut block)?;
    Ok(block)
}

/// The PIN verification value: eleven digits of the card number, the key's index, four digits of the PIN; encrypted, and
/// the first four decimal digits taken, then letters less ten.
///
/// # Errors
/// `keys.input` for an index that is no digit or a PIN of other than four digits; `keys.pan`.
pub fn visa_pvv(cipher: &dyn BlockCipher, index: u8, pin: &Pin, pan: &Pan) -> Result<String, Refusal> {
    if index > 9 {
        return Err(bad("the key's index is not 0 to 9"));
    }
    if pin.expose().len() != 4 {
        return Err(bad("the PIN has not four digits"));
    }
    let clear = Zeroizing::new(format!("{}{index}{}", pan.rightmost_eleven()?, pin.expose()));
    let block = Zeroizing::new(unhex(&clear).unwrap_or_default());
    let enciphered = hex(&encrypt(cipher, &block)?);
    Ok(decimalised(&enciphered, 4))
}

/// The decimal digits first, then the letters as 0 to 5, up to so many.
pub(crate) fn decimalised(enciphered: &str, count: usize) -> String {
    let digits = enciphered.chars().filter(char::is_ascii_digit);
    let letters =
        enciphered.bytes().filter(u8::is_ascii_uppercase).map(|letter| char::from(letter - b'A' + b'0'));
    digits.chain(letters).take(count).collect()
}

/// How a card number becomes the validation data of an IBM 3624 PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ibm3624 {
    /// Sixteen digits: what each hexadecimal digit becomes.
    table: [u8; 16],
    /// Which digits of the card number.
    start: usize,
    length: usize,
    /// The hexadecimal digit that fills the sixteen up.
    pad: u8,
}

impl Ibm3624 {
    /// The issuer's parameters: decimalisation table, first digit and number of digits of the card number, filler.
    ///
    /// # Errors
    /// `keys.input`.
    pub fn new(table: &str, start: usize, length: usize, pad: &str) -> Result<Self, Refusal> {
        let table: [u8; 16] = table
            .as_bytes()
            .try_into()
            .ok()
            .filter(|table: &[u8; 16]| table.iter().all(u8::is_ascii_digit))
            .ok_or_else(|| bad("the decimalisation table is not 16 digits"))?;
        let pad = match pad.as_bytes() {
            [pad] if pad.is_ascii_hexdigit() => pad.to_ascii_uppercase(),
            _ => return Err(bad("the filler is not one hexadecimal digit")),
        };
        Ok(Self { table, start, length, pad })
    }

    /// The natural PIN: sixteen digits from the encrypted card number.
    fn natural(&self, cipher: &dyn BlockCipher, pan: &Pan) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        let end = self.start.checked_add(self.length);
        let part = end.and_then(|end| pan.expose().get(self.start..end));
        let part = part.ok_or_else(|| bad("the card number has no such digits"))?;
        let mut data = Zeroizing::new(part.to_owned());
        data.truncate(16);
        while data.len() < 16 {
            data.push(char::from(self.pad));
        }
        let block = Zeroizing::new(unhex(&data).unwrap_or_default());
        let enciphered = encrypt(cipher, &block)?;
        let digit = |nibble: u8| self.table[usize::from(nibble)] & 15;
        Ok(Zeroizing::new(enciphered.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()))
    }

    /// The PIN of a card by its offset.
    ///
    /// # Errors
    /// `keys.input` for an offset of other than 4 to 16 digits.
    pub fn pin(
        &self,
        cipher: &dyn BlockCipher,
        offset: &str,
        pan: &Pan,
    ) -> Result<Zeroizing<String>, Refusal> {
        four_to_sixteen(offset, "the offset")?;
        let natural = self.natural(cipher, pan)?;
        let sum = natural.iter().zip(offset.bytes()).map(|(natural, offset)| (natural + (offset & 15)) % 10);
        Ok(Zeroizing::new(sum.map(|digit| char::from(b'0' + digit)).collect()))
    }

    /// The offset that makes a PIN the card's.
    ///
    /// # Errors
    /// `keys.input` for a PIN of other than 4 to 16 digits.
    pub fn offset(&self, cipher: &dyn BlockCipher, pin: &str, pan: &Pan) -> Result<String, Refusal> {
        four_to_sixteen(pin, "the PIN")?;
        let natural = self.natural(cipher, pan)?;
        let difference =
            pin.bytes().zip(natural.iter()).map(|(pin, natural)| (10 + (pin & 15) - natural) % 10);
        Ok(difference.map(|digit| char::from(b'0' + digit)).collect())
    }
}

fn four_to_sixteen(digits: &str, what: &str) -> Result<(), Refusal> {
    if (4..=16).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Ok(());
    }
    Err(bad(format!("{what} is not 4 to 16 digits")))
}
