//! Does this product originate? Rules as trees, a bill of materials, a three-valued verdict that explains
//! itself.
//!
//! ```text
//! free text of an agreement --compile--+
//! sentence in a pack ---------parse----+--> Rule --judge(Bill, Agreement)--> Verdict + tree of Findings
//! ```

mod agreement;
mod bill;
mod judge;
mod lexicon;
mod lines;
mod prose;
mod protocol;
mod rule;
mod sentence;
mod verdict;
mod words;

pub use agreement::{Agreement, Cumulation, Tolerance, TransportRule};
pub use bill::{Bill, Material, Operations, Standing, Transport};
pub use judge::{Judgement, judge};
pub use prose::{Compiled, compile};
pub use protocol::{ProductRule, Protocols};
pub use rule::{
    Allowance, Base, Ceiling, Change, Codes, Level, Materials, Measure, Method, OriginatingShare,
    Requirement, Rule, Share, Status, Term, ValueContent,
};
pub use verdict::{Finding, Outcome, Shortfall, Verdict};
