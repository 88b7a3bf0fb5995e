//! Numbers that identify: compared exactly, before any name.

use borsh::{BorshDeserialize, BorshSerialize};

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum IdentifierKind {
    /// Business identifier code, ISO 9362: eight characters are an institution, eleven a branch of it.
    Bic,
    /// Legal entity identifier, ISO 17442.
    Lei,
    /// A ship's IMO number: seven digits, IMO Resolution A.1117(30).
    Imo,
    /// An IMO number of a company or registered owner, which another ship may carry as its own.
    CompanyImo,
    /// Maritime mobile service identity: nine digits.
    Mmsi,
    /// A tax number.
    Tax,
    /// A number in a register of companies, aircraft or trade.
    Registration,
    /// A passport.
    Passport,
    /// Any other number a state gives a person.
    National,
    /// An address of a digital currency.
    Wallet,
    /// Any other number.
    Other,
}

/// A number that identifies somebody or something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Identifier {
    /// What it is.
    pub kind: IdentifierKind,
    /// As published, letters and digits only, capital letters; of a wallet as published.
    pub value: String,
}

impl Identifier {
    /// An identifier from its published form; `None` when nothing of it remains.
    ///
    /// ```
    /// use meridian_screening::{Identifier, IdentifierKind};
    /// let imo = Identifier::new(IdentifierKind::Imo, "IMO 9187629").unwrap();
    /// assert_eq!(imo.value, "9187629");
    /// ```
    #[must_use]
    pub fn new(kind: IdentifierKind, text: &str) -> Option<Self> {
        let value: String = match kind {
            IdentifierKind::Wallet => text.split_whitespace().collect(),
            IdentifierKind::Imo | IdentifierKind::CompanyImo | IdentifierKind::Mmsi => {
                text.chars().filter(char::is_ascii_digit).collect()
            }
            _ => text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect(),
        };
        (!value.is_empty()).then_some(Self { kind, value })
    }

    /// Under which it is found: a BIC by its institution, everything else by itself.
    pub(crate) fn keys(&self) -> Vec<String> {
        match self.kind {
            IdentifierKind::Bic => vec![self.value.chars().take(8).collect()],
            _ => vec![self.value.clone()],
        }
    }

    /// Whether this number and that one may be the same number of the same thing. A listed institution's BIC stands
    /// for all its branches; a listed branch for itself and for the institution written with eight characters. An IMO
    /// number that fails its check digit is compared like any other: lists hold some.
    #[must_use]
    pub fn is(&self, listed: &Self) -> bool {
        use IdentifierKind::{Bic, CompanyImo, Imo, Lei, Mmsi, Wallet};
        if self.kind == Bic || listed.kind == Bic {
            let head = |value: &str| value.get(..8).map(str::to_owned);
            let is_whole = |value: &str| value.len() == 8 || value.ends_with("XXX");
            return self.kind == listed.kind
                && head(&self.value).is_some()
                && head(&self.value) == head(&listed.value)
                && (is_whole(&self.value) || is_whole(&listed.value) || self.value == listed.value);
        }
        let is_own = |kind| matches!(kind, Lei | Imo | CompanyImo | Mmsi | Wallet);
        if is_own(self.kind) || is_own(listed.kind) {
            return self.kind == listed.kind && self.value == listed.value;
        }
        // States call the same number by several names: tax, registration, national. Short ones prove nothing across
        // kinds.
        self.value == listed.value && (self.kind == listed.kind || self.value.len() >= 8)
    }
}

/// Whether seven digits pass the ship formula: the last digit is that of 7a + 6b + 5c + 4d + 3e + 2f.
#[must_use]
pub fn imo_check_digit_holds(digits: &str) -> bool {
    let values: Vec<u32> = digits.chars().filter_map(|digit| digit.to_digit(10)).collect();
    values.len() == 7
        && digits.len() == 7
        && values[..6].iter().zip((2..=7).rev()).map(|(digit, weight)| digit * weight).sum::<u32>() % 10
            == values[6]
}

/// Identifiers that can be told from their form in free text: BIC after its word, LEI, IMO and MMSI after theirs, and
/// addresses of digital currencies.
#[must_use]
pub fn identifiers_in(text: &str) -> Vec<Identifier> {
    let mut found = Vec::new();
    let mut before = String::new();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let upper = word.to_ascii_uppercase();
        let is_all_digits = word.bytes().all(|byte| byte.is_ascii_digit());
        let glued = upper.strip_prefix("IMO").filter(|rest| rest.len() == 7);
        let mut add = |kind, value: &str| found.extend(Identifier::new(kind, value));
        if let Some(digits) = glued.filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())) {
            add(IdentifierKind::Imo, digits);
        } else if is_all_digits && word.len() == 7 && (before == "IMO" || imo_check_digit_holds(word)) {
            add(IdentifierKind::Imo, word);
        } else if is_all_digits && word.len() == 9 && before == "MMSI" {
            add(IdentifierKind::Mmsi, word);
        } else if meridian_terms::Bic::parse(&upper).is_ok()
            && (word == upper || matches!(before.as_str(), "BIC" | "SWIFT" | "BICFI"))
        {
            add(IdentifierKind::Bic, &upper);
        } else if meridian_terms::Lei::parse(&upper).is_ok() {
            add(IdentifierKind::Lei, &upper);
        } else if is_wallet(word) {
            add(IdentifierKind::Wallet, word);
        }
        before = upper;
    }
    found.sort();
    found.dedup();
    found
}

/// The forms of the commonest chains: Ethereum, Bitcoin (bech32 and base58), Tron.
fn is_wallet(word: &str) -> bool {
    let is_hex = |rest: &str| rest.len() == 40 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    let base58 = |length: std::ops::RangeInclusive<usize>| {
        length.contains(&word.len())
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l'))
            && word.bytes().any(|byte| byte.is_ascii_digit())
            && word.bytes().any(|byte| byte.is_ascii_lowercase())
            && word.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    word.strip_prefix("0x").is_some_and(is_hex)
        || (word.starts_with("bc1") && (26..=90).contains(&word.len()))
        || (matches!(word.as_bytes().first(), Some(b'1' | b'3' | b'T')) && base58(26..=35))
}

impl IdentifierKind {
    /// The kind with this word; anything else is [`IdentifierKind::Other`].
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "bic" | "swift" | "swift/bic" => Self::Bic,
            "lei" => Self::Lei,
            "imo" => Self::Imo,
            "company-imo" => Self::CompanyImo,
            "mmsi" => Self::Mmsi,
            "tax" | "inn" | "vat" => Self::Tax,
            "registration" | "ogrn" | "company" => Self::Registration,
            "passport" => Self::Passport,
            "national" | "id" => Self::National,
            "wallet" => Self::Wallet,
            _ => Self::Other,
        }
    }
}
