//! Tariff quotas: who may import how much at the lower rate, decided a day at a time.
//!
//! A book: [`decide`] says what would happen, [`apply`] makes it so and cannot fail. The rules are those of the
//! United Kingdom's quota regulations (SI 2020/1432 regulation 12, SI 2020/1457 regulation 11), which follow the
//! Union Customs Code implementing act 2015/2447, articles 49 to 54:
//!
//! - the order is the date a declaration was accepted, not the hour: requests of one day are simultaneous;
//! - 1, 2 and 3 January count as one day, the third;
//! - a day is allocated no earlier than the first working day after it;
//! - what a day asks beyond the balance is split in proportion to what was asked, to the smallest unit and
//!   never beyond the balance;
//! - linked quotas deduct from each other; what is returned opens the balance again.
//!
//! ```
//! use meridian_tariff::quota::{Command, Quota, QuotaId, RequestId, State, apply, decide};
//! use meridian_terms::{Day, Moment, Window};
//! let mut state = State::default();
//! let mut run = |command: Command, at: &str| -> Result<(), meridian_terms::Refusal> {
//!     let event = decide(&state, &command, Moment::parse(at)?)?;
//!     apply(&mut state, &event);
//!     Ok(())
//! };
//! let dates = QuotaId::new("05.0001")?;
//! let year = Window::new(Day::parse("2026-01-01")?, Some(Day::parse("2027-01-01")?))?;
//! run(Command::Open(Quota::new(dates.clone(), "kg", 1_000, year)), "2025-12-01T00:00:00Z")?;
//! for (id, kilograms) in [("A", 900), ("B", 600)] {
//!     let accepted = Day::parse("2026-03-20")?;
//!     let request = RequestId::new(id)?;
//!     run(Command::Request { id: request, quota: dates.clone(), quantity: kilograms, accepted }, "2026-03-20T10:00:00Z")?;
//! }
//! run(Command::Allocate(Day::parse("2026-03-20")?), "2026-03-23T06:00:00Z")?; // a Friday's requests, on Monday
//! assert_eq!(state.granted(&RequestId::new("A")?), Some(600)); // 900 of 1,500 asked for, of 1,000
//! assert_eq!(state.granted(&RequestId::new("B")?), Some(400));
//! # Ok::<(), meridian_terms::Refusal>(())
//! ```

mod allocation;
mod apply;
mod command;
mod decide;
mod event;
mod refusal;
mod state;
mod table;

pub use apply::apply;
pub use command::{Bar, Command};
pub use decide::decide;
pub use event::{Event, Grant};
pub use refusal::Denial;
pub use state::{Calendar, Quota, QuotaId, RequestId, Standing, State};
pub use table::{QuotaRow, quota_rows};
