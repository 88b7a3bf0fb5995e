//! A trade agreement made executable: duty, origin, quotas, controls, landed cost.
//!
//! ```text
//!  published tables --import--> pack --assess--> every lawful way, its waterfall, what is missing
//!                                 |  --bulk----> the same figures for millions of lines
//!  duty sentences ----duty--------+
//!  bill of materials --origin--> qualifies | fails (leaf, have, need) | unknown (missing fact)
//! ```
//!
//! | module | answers |
//! |---|---|
//! | [`duty`] | what a rate's sentence says, in six dialects, and what it comes to exactly |
//! | [`pack`], [`measure`], [`policy`] | a territory's tariff as tables; stacking and rounding |
//! | [`mod@assess`] | what goods cost to land, every lawful way side by side |
//! | [`import`], [`diff`], [`bulk`] | published tables in; what changed; many lines at once |
//! | [`origin`], [`proof`] | whether goods originate, and what proves it |
//! | [`quota`] | who gets how much of a tariff quota (a book) |
//! | [`controls`], [`declaration`], [`classify`] | what may cross with which papers; the declaration; finding a code |
//!
//! Answers are plain data: [`assess::Assessment`] holds the waterfall's rows, [`origin::Judgement`] the tree of a verdict.
//! Nothing here reads a file, a clock or the network.

pub mod assess;
pub mod bulk;
pub mod classify;
pub mod controls;
pub mod declaration;
pub mod diff;
pub mod duty;
pub mod import;
pub mod measure;
pub mod origin;
pub mod pack;
pub mod policy;
pub mod proof;
pub mod quota;
mod sheet;
mod tables;

pub use sheet::Fault;
pub use tables::Tables;
