//! The register of instruments: treaties, agreements, protocols and decisions, who is bound by them and since when.
//!
//! ```text
//!  ENTERED --first day in force--> IN FORCE --last day, denunciation, suspension--> LAPSED
//!      \_____________________ amended: the dates change, the entry stays _____________/
//! ```
//!
//! A link between countries or card schemes, a preference and a rule of origin each *rest* on an entry. Asked for a day,
//! the register says what is in force, for whom, and what rests on it; [`compare`] says what would change if a date moved.
//!
//! ```
//! use meridian_register::{Command, Instrument, InstrumentId, Kind, Standing, State, Status, apply, decide};
//! use meridian_terms::{Country, Day, Moment, Window};
//! let mut register = State::default();
//! let agreement = Instrument {
//!     id: InstrumentId("EAEU-IR-2023".into()),
//!     title: "Free trade agreement between the EAEU and its member States and Iran".into(),
//!     kind: Kind::Agreement,
//!     signed: Some(Day::parse("2023-12-25")?),
//!     in_force: Some(Window::new(Day::parse("2025-05-15")?, None)?),
//!     parties: [Country::parse("IR")?].into(),
//!     groupings: ["EAEU".into()].into(),
//!     source: "EEC notice of entry into force".into(),
//!     status: Status::Official,
//! };
//! let event = decide(&register, &Command::Enter(agreement), Moment::parse("2026-03-20T05:00:00Z")?)?;
//! apply(&mut register, &event);
//! let id = InstrumentId("EAEU-IR-2023".into());
//! assert_eq!(register.standing(&id, Day::parse("2026-03-20")?), Standing::InForce);
//! assert_eq!(register.standing(&id, Day::parse("2025-05-14")?), Standing::NotYet);
//! # Ok::<(), meridian_terms::Refusal>(())
//! ```
//!
//! **Invariant:** an entry is never deleted; what it said on an earlier day can always be asked.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

mod apply;
mod command;
mod compare;
mod decide;
mod event;
mod instrument;
mod refusal;
mod reliance;
mod state;

pub use apply::apply;
pub use command::Command;
pub use compare::{Change, compare};
pub use decide::decide;
pub use event::Event;
pub use instrument::{Instrument, InstrumentId, Kind, Membership, Standing, Status};
pub use refusal::CODES;
pub use reliance::{Reliance, Subject};
pub use state::State;
