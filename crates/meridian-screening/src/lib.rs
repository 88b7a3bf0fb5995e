//! Sanctions screening: Clear, Hit with its reasons, or Unavailable; only Clear passes.
//!
//! ```
//! use meridian_screening::{ListSet, Policy, Verdict, screen};
//! use meridian_terms::Day;
//! let list = "id,kind,name,aliases\nT-1,person,Viktor Examplov,Виктор Экзамплов\n";
//! let today = Day::parse("2026-03-20")?;
//! let lists = ListSet::of(vec![meridian_screening::import_csv("TEST", today, list.as_bytes())?]);
//! assert!(matches!(screen(&lists, "EXAMPLOV, Viktor", &Policy::default(), today), Verdict::Hit(_)));
//! assert!(matches!(screen(&lists, "Anna Petrova", &Policy::default(), today), Verdict::Clear));
//! assert!(matches!(screen(&ListSet::default(), "Anna Petrova", &Policy::default(), today), Verdict::Unavailable(_)));
//! # Ok::<(), meridian_terms::Refusal>(())
//! ```
//!
//! A name is transliterated, folded and cut into tokens; candidates share a token, or a token with one letter left out;
//! the score is an alignment of tokens in thousandths, and the alignment is the explanation.
//!
//! **Invariant:** no list, an empty list or too old a list is Unavailable, never Clear.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

mod import;
mod list;
mod name;
mod screen;

pub use import::{import_csv, import_tsv, import_un};
pub use list::{Entry, Kind, List, ListSet};
pub use name::{Name, tokens};
pub use screen::{Hit, Pairing, Policy, Verdict, score, screen};
