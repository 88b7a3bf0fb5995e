//! ISO 13616 international bank account numbers.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Country, Refusal};

/// An IBAN whose check digits hold (ISO 7064 mod 97-10) and whose length is its country's.
///
/// ```
/// use meridian_terms::Iban;
/// assert_eq!(Iban::parse("GB82 WEST 1234 5698 7654 32")?.as_str(), "GB82WEST12345698765432");
/// assert!(Iban::parse("GB82WEST12345698765433").is_err());
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Iban(String);

/// Registered lengths. Source: SWIFT IBAN registry, release 99.
const LENGTHS: [(&str, usize); 89] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IR", 26),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
];

impl Iban {
    /// Parses; single spaces of the printed form are allowed.
    ///
    /// # Errors
    /// `iban.malformed`, `iban.country`, `iban.length`, `iban.check_digits`; ISO reason AC01 for each.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let refuse = |code, what: String, next: &'static str| {
            Refusal::new(code, what).rule("ISO 13616; ISO 7064 mod 97-10").next(next).iso("AC01")
        };
        let compact: String = text.chars().filter(|c| *c != ' ').collect();
        if compact.len() < 5 || !compact.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            return Err(refuse(
                "iban.malformed",
                format!("{text:?} is not an IBAN"),
                "capital letters and digits",
            ));
        }
        let country = &compact[..2];
        let Some((_, length)) = LENGTHS.iter().find(|(code, _)| *code == country) else {
            return Err(refuse(
                "iban.country",
                format!("{country} has no IBAN"),
                "give the account number as such",
            ));
        };
        if compact.len() != *length {
            let what = format!("{} characters, {country} has {length}", compact.len());
            return Err(refuse("iban.length", what, "compare with the account statement"));
        }
        if mod_97(compact[4..].bytes().chain(compact[..4].bytes())) != Some(1) {
            return Err(refuse(
                "iban.check_digits",
                format!("check digits of {compact}"),
                "compare digit by digit",
            ));
        }
        Ok(Self(compact))
    }

    /// The compact form, without spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country whose bank keeps the account.
    #[must_use]
    pub fn country(&self) -> Country {
        Country::parse(&self.0[..2]).unwrap_or_else(|_| unreachable!("every country of the table parses"))
    }
}

/// ISO 7064 mod 97 over letters (A = 10 .. Z = 35) and digits; `None` for any other byte.
pub(crate) fn mod_97(text: impl Iterator<Item = u8>) -> Option<u32> {
    let mut rest = 0_u32;
    for byte in text {
        rest = match byte {
            b'0'..=b'9' => rest * 10 + u32::from(byte - b'0'),
            b'A'..=b'Z' => rest * 100 + u32::from(byte - b'A') + 10,
            _ => return None,
        } % 97;
    }
    Some(rest)
}

impl fmt::Display for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
