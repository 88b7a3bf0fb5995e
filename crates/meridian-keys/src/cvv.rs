//! Card verification values: CVV, CVC, iCVV, CVV2, told apart by the service code (`000` for CVV2, `999` for iCVV).

use meridian_terms::Refusal;
use zeroize::Zeroizing;

use crate::cipher::{BlockCipher, xor};
use crate::key::{Algorithm, Key, hex, unhex};
use crate::pan::Pan;
use crate::pin_verification::decimalised;
use crate::refusal::refuse;

/// The three digits of a card: card number, expiry and service code over two blocks, the first under the first half of
/// the key, the second under the whole.
///
/// ```
/// use meridian_keys::{Key, Pan, cvv};
/// let key = Key::parse_hex("99999999999999998888888888888888")?;
/// assert_eq!(cvv::generate(&key, &Pan::parse("2222222222222222")?, "3333", "111")?, "361");
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
///
/// # Errors
/// `keys.length` for a key of other than 16 bytes; `keys.input` for an expiry of other than four digits (in the order of
/// the scheme: `YYMM` on the stripe) or a service code of other than three.
pub fn generate(key: &Key, pan: &Pan, expiry: &str, service_code: &str) -> Result<String, Refusal> {
    if key.len() != 16 {
        return Err(refuse("keys.length", "the key is not a double-length TDES key"));
    }
    let first = Key::new(key.expose()[..8].to_vec()).cipher(Algorithm::Tdes)?;
    generate_with(&first, &key.cipher(Algorithm::Tdes)?, pan, expiry, service_code)
}

/// The same under the first half of the key and the whole, which a token may hold.
pub(crate) fn generate_with(
    half: &dyn BlockCipher,
    whole: &dyn BlockCipher,
    pan: &Pan,
    expiry: &str,
    service_code: &str,
) -> Result<String, Refusal> {
    let digits =
        |text: &str, count: usize| text.len() == count && text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits(expiry, 4) {
        return Err(refuse("keys.input", "the expiry is not four digits"));
    }
    if !digits(service_code, 3) {
        return Err(refuse("keys.input", "the service code is not three digits"));
    }
    let data = Zeroizing::new(format!("{:0<32}", format!("{}{expiry}{service_code}", pan.expose())));
    let data = Zeroizing::new(unhex(&data).unwrap_or_default());
    let (first, second) = data.split_at(8);
    let mut block = Zeroizing::new(first.to_vec());
    half.encrypt(&mut block)?;
    xor(&mut block, second);
    whole.encrypt(&mut block)?;
    Ok(decimalised(&hex(&block), 3))
}
