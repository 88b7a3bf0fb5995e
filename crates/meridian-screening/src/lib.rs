//! Sanctions screening: Clear, Hit with its reasons, or Unavailable; only Clear passes.
//!
//! ```text
//! text -> readings -> words (latin, sound, class, weight)
//!                       |
//!            index: keys -> listed words -> names whose bound reaches the line
//!                       |
//!            align: pairs by likeness, conflict, what is left over -> score, and that is the explanation
//!                       |
//!            numbers first; births, countries, gender, kind rank -> Verdict -> casework: holds, two people, audit
//! ```
//!
//! ```
//! use meridian_screening::{ListSet, Policy, Verdict, screen};
//! use meridian_terms::Day;
//! let list = "id,kind,name,aliases\nT-1,person,Viktor Examplov,Vitya Examplov\n";
//! let today = Day::parse("2026-03-20")?;
//! let lists = ListSet::of(vec![meridian_screening::import_csv("TEST", today, list.as_bytes())?]);
//! let ask = |name: &str| screen(&lists, name, &Policy::default(), today);
//! let Verdict::Hit(hits) = ask("Экзамплов Виктор") else { panic!("not found") };
//! assert_eq!((hits[0].id.as_str(), hits[0].why.len()), ("T-1", 2));
//! assert_eq!(ask("Anna Petrova"), Verdict::Clear);
//! let nothing = ListSet::default();
//! assert!(matches!(screen(&nothing, "Anna Petrova", &Policy::default(), today), Verdict::Unavailable(_)));
//! # Ok::<(), meridian_terms::Refusal>(())
//! ```
//!
//! **Invariant:** no list, an empty list, too old a list, a name that cannot be read whole: Unavailable, never Clear.
//! Scores are whole thousandths; nothing that decides is a floating-point number. Deliberately absent: the network (the
//! rim fetches lists), a switch that turns screening off, an opinion on which lists a law demands.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

mod align;
pub mod backtest;
pub mod casework;
mod country;
mod delta;
mod identifier;
mod import;
mod index;
mod lexicon;
mod list;
mod manifest;
mod model;
mod name;
mod ownership;
mod policy;
mod screen;
mod text;

pub use country::{countries_in, country};
pub use delta::{Delta, InFlight, Rescreened, rescreen};
pub use identifier::{Identifier, IdentifierKind, identifiers_in, imo_check_digit_holds};
pub use import::{
    OfacFiles, import, import_csv, import_eu, import_ofac_csv, import_ofac_xml, import_tsv, import_uk,
    import_un,
};
pub use lexicon::Lexicon;
pub use list::{ALGORITHM, ListSet};
pub use manifest::{Expected, Freshness, Manifest};
pub use model::{Birth, Entry, Gender, Kind, List, ListedName, Strength};
pub use name::{Class, Name, Rule, Script, Word};
pub use ownership::{Owned, Ownership};
pub use policy::{ALWAYS, HIT_FROM, Policy, Sets};
pub use screen::{
    Hit, LONGEST_NAME, Pairing, Qualifier, Question, Verdict, score, score_as, screen, screen_down_to,
    screen_numbers,
};
pub use text::{LONGEST_TEXT, embargoed, screen_text};
