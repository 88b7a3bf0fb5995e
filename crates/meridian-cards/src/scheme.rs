//! Card schemes and the links between them: shut until two people open them on a cited instrument in force.

use std::collections::BTreeSet;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Country, Currency, Day, Refusal, Window};

/// Names a national scheme, its switch and its accounts: 2 to 12 capitals and digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct SchemeId(String);

impl SchemeId {
    /// Reads a name.
    ///
    /// # Errors
    /// `cards.scheme_name` when it is not 2 to 12 capitals and digits.
    pub fn parse(name: &str) -> Result<Self, Refusal> {
        let fits = (2..=12).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if fits {
            return Ok(Self(name.to_owned()));
        }
        Err(Refusal::new("cards.scheme_name", format!("{name:?} names no scheme"))
            .rule("a scheme's name is 2 to 12 capitals and digits")
            .next("use such a name"))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SchemeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A national card scheme, reached through its switch.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Scheme {
    /// Its name, also of its accounts.
    pub id: SchemeId,
    /// For people.
    pub name: String,
    /// Where its operator is licensed.
    pub country: Country,
    /// The one currency in which it settles with the hub, as acquirer and as issuer.
    pub currency: Currency,
    /// The acquiring institution identifiers (field 32) its link may speak for; none named is any.
    pub institutions: BTreeSet<String>,
    /// A suspended scheme starts nothing new; reversals, advices and answers still pass.
    pub is_suspended: bool,
}

/// Where a card is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Service {
    /// At a merchant's terminal.
    Pos,
    /// At a cash machine.
    Atm,
    /// In electronic commerce, card not present.
    Ecommerce,
}

/// Which cards where: issued in one scheme, used in another. Links have a direction, since schemes open them one by
/// one: cards of A at machines of B long before cards of B in shops of A.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct LinkKey {
    /// Where cards are used.
    pub acquirer: SchemeId,
    /// Where they are issued.
    pub issuer: SchemeId,
}

impl fmt::Display for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cards of {} at {}", self.issuer, self.acquirer)
    }
}

/// What a link rests on and who opened it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Link {
    /// The treaty, agreement or decision it rests on, as cited.
    pub instrument: String,
    /// The days on which that instrument is in force.
    pub in_force: Window<Day>,
    /// For which services it stands.
    pub services: BTreeSet<Service>,
    /// Who proposed to open it.
    pub proposed_by: String,
    /// Who else approved; nobody yet while it is only proposed.
    pub approved_by: Option<String>,
    /// Who shut it again, if somebody did.
    pub shut_by: Option<String>,
}

impl Link {
    /// Whether new transactions of this service pass on this day.
    #[must_use]
    pub fn is_open(&self, service: Service, day: Day) -> bool {
        self.approved_by.is_some()
            && self.shut_by.is_none()
            && self.in_force.contains(day)
            && self.services.contains(&service)
    }
}
