//! The nouns three trades share: money, rates, parties, places, moments, refusals.
//!
//! Vocabulary only: each type parses at the rim into a value that cannot be wrong, prints back, and does exact
//! arithmetic. No message, no rule, no ledger lives here.
//!
//! ```
//! use meridian_terms::{Currency, Money, Ratio, Rounding};
//! let invoice = Money::parse("125000.00", Currency::INR)?;
//! let rate = Ratio::parse_decimal("1.0625")?; // roubles per rupee
//! let roubles = invoice.convert(&rate, Currency::RUB, Rounding::HalfEven)?;
//! assert_eq!(roubles.to_string(), "RUB 132812.50");
//! # Ok::<(), meridian_terms::Refusal>(())
//! ```
//!
//! **Invariant:** no floating point, no clock, no randomness, no map whose order changes between runs.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

mod bic;
mod country;
mod currency;
mod day;
mod decimal;
mod hs;
mod iban;
mod lei;
mod moment;
mod money;
mod party;
mod place;
mod quantity;
mod ratio;
mod refusal;
mod rounding;
mod uetr;
mod window;

pub use bic::Bic;
pub use country::Country;
pub use currency::Currency;
pub use day::{Day, Weekday};
pub use decimal::Decimal;
pub use hs::HsCode;
pub use iban::Iban;
pub use lei::Lei;
pub use moment::{Micros, Moment};
pub use money::Money;
pub use party::{Party, PostalAddress};
pub use place::Place;
pub use quantity::{Quantity, Unit};
pub use ratio::Ratio;
pub use refusal::{Refusal, Retry};
pub use rounding::Rounding;
pub use uetr::Uetr;
pub use window::Window;
