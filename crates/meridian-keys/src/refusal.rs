//! Why the crate refuses. No refusal holds a key, a PIN or a card number.

use meridian_terms::Refusal;

/// Every code of this crate: code, the rule behind it, the next step.
pub const CODES: [(&str, &str, &str); 14] = [
    ("keys.hex", "keys are pairs of hexadecimal digits", "correct the characters"),
    (
        "keys.length",
        "TDES keys have 8, 16 or 24 bytes, AES keys 16, 24 or 32",
        "use a key of the algorithm's length",
    ),
    ("keys.pin", "ISO 9564-1: a PIN has 4 to 12 digits", "ask for the PIN again"),
    ("keys.pan", "ISO/IEC 7812-1: a card number has up to 19 digits", "correct the card number"),
    (
        "keys.pin_block",
        "ISO 9564-1, 9.3: formats 0 to 4",
        "check the format, the card number and the zone key",
    ),
    ("keys.input", "the algorithm's input", "correct the input"),
    ("keys.key_block", "ANSI X9.143 (TR-31)", "ask the sender for the key block again"),
    (
        "keys.key_block_mac",
        "ANSI X9.143: a block whose MAC differs is not opened",
        "check the key block protection key",
    ),
    ("keys.ksn", "ANSI X9.24: key serial number", "check the terminal's serial number and counter"),
    ("keys.mac", "the MAC is not the message's", "treat the message as forged or damaged"),
    ("keys.unknown_key", "a key is named before it is used", "load the key"),
    (
        "keys.usage",
        "a key is used for what it was made for (ANSI X9.143, table 2)",
        "name a key of the right usage",
    ),
    ("keys.not_exportable", "the key block says the key does not leave", "export another key"),
    ("keys.token", "the PKCS#11 token refused", "look at the token's own log"),
];

/// A refusal by its code.
pub(crate) fn refuse(code: &'static str, what: impl Into<String>) -> Refusal {
    let (_, rule, next) =
        CODES.iter().find(|(known, _, _)| *known == code).copied().unwrap_or((code, "", ""));
    Refusal::new(code, what).rule(rule).next(next)
}
