//! A card as the book knows it: a token and four digits, never the number.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

/// A card: keyed BLAKE3 of its number, cut to 128 bits, and the number's last four digits.
///
/// Equal numbers give equal tokens under one key, so that a card's use can be counted; without the key a token cannot
/// be found by trying all numbers. PCI DSS 4.0, 3.5.1.1 asks for the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Card {
    /// The token.
    pub token: [u8; 16],
    /// The last four digits.
    pub last_four: [u8; 4],
}

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "card ending {}", String::from_utf8_lossy(&self.last_four))
    }
}

/// Makes tokens of card numbers. Holds the key; prints nothing of it.
#[derive(Clone)]
pub struct Tokeniser([u8; 32]);

impl fmt::Debug for Tokeniser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokeniser(..)")
    }
}

impl Tokeniser {
    /// A tokeniser under a secret key, which stays the same for the life of a journal.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The card with this number (digits only); `None` when it is shorter than 12 or longer than 19 digits
    /// (ISO/IEC 7812-1) or holds anything but digits.
    ///
    /// ```
    /// use meridian_cards::Tokeniser;
    /// let tokeniser = Tokeniser::new([7; 32]);
    /// let card = tokeniser.card("9999970000000013").unwrap();
    /// assert_eq!(card.to_string(), "card ending 0013");
    /// assert_eq!(tokeniser.card("9999970000000013"), Some(card));
    /// ```
    #[must_use]
    pub fn card(&self, number: &str) -> Option<Card> {
        let digits = number.as_bytes();
        if !(12..=19).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let hash = blake3::keyed_hash(&self.0, digits);
        let mut card = Card { token: [0; 16], last_four: [0; 4] };
        card.token.copy_from_slice(&hash.as_bytes()[..16]);
        card.last_four.copy_from_slice(&digits[digits.len() - 4..]);
        Some(card)
    }
}
