//! Free text: remittance information, goods descriptions, addresses. Names stand somewhere within it, among words that
//! are also names of ships.
//!
//! Only names of at least two words, or of one word of seven letters, are looked for here; shorter ones ("MIKE",
//! "CARD") would fire on everything and count only as a whole field. Numbers count always.

use meridian_terms::{Country, Day, Place};

use crate::country::countries_in;
use crate::identifier::identifiers_in;
use crate::list::ListSet;
use crate::name::Name;
use crate::policy::Policy;
use crate::screen::{Hit, LONGEST_NAME, Verdict, screen_numbers};

/// The most words a name in a text is looked for in.
const WINDOW: usize = 6;

/// A text longer than this is held: it cannot be read whole in the time a payment has.
pub const LONGEST_TEXT: usize = 10_000;

/// Screens a free text: the numbers in it, then every run of up to six words.
#[must_use]
pub fn screen_text(lists: &ListSet, text: &str, policy: &Policy, today: Day) -> Verdict {
    if let Err(why) = policy.readiness(lists, today) {
        return Verdict::Unavailable(why);
    }
    if text.len() > LONGEST_TEXT {
        return Verdict::Unavailable(format!("a text of {} bytes is not screened whole", text.len()));
    }
    let name = Name::of(text);
    if !name.is_readable {
        return Verdict::Unavailable("the text has letters that cannot be read".into());
    }
    let mut hits: Vec<Hit> = Vec::new();
    if let Verdict::Hit(found) = screen_numbers(lists, &identifiers_in(text), policy, today) {
        hits.extend(found);
    }
    for (found, score) in lists.index.search_text(&name, policy.hit_from.max(TEXT_FROM), WINDOW) {
        let row = lists.index.row(found);
        let list = &lists.lists[row.list as usize];
        if policy.applies(&list.name) {
            let entry = &list.entries[row.entry as usize];
            hits.push(Hit {
                list: list.name.clone(),
                id: entry.id.clone(),
                matched: entry.names[row.name as usize].text.clone(),
                score,
                is_exact: false,
                why: Vec::new(),
                qualifiers: Vec::new(),
            });
        }
    }
    // The explanation comes from asking for the listed name itself within the text.
    for hit in hits.iter_mut().filter(|hit| !hit.is_exact) {
        let text: String = text.chars().take(LONGEST_NAME).collect();
        hit.why = crate::screen::score(&text, &hit.matched, None).1;
        hit.why.retain(|pair| !pair.listed.is_empty());
    }
    // Of names that fit as well, the longer one says more.
    hits.sort_by(|a, b| {
        let place = |hit: &Hit| (hit.list.clone(), hit.id.clone());
        (b.is_exact, b.score, b.matched.len())
            .cmp(&(a.is_exact, a.score, a.matched.len()))
            .then_with(|| place(a).cmp(&place(b)))
    });
    let mut seen = std::collections::BTreeSet::new();
    hits.retain(|hit| seen.insert((hit.list.clone(), hit.id.clone())));
    if hits.is_empty() { Verdict::Clear } else { Verdict::Hit(hits) }
}

/// Within running text only what is very like counts: any four words in a row are like somebody's.
const TEXT_FROM: u32 = 930;

/// The countries of a message that an embargo names: of its parties, of its ports by their UN/LOCODE, and those its text
/// names as whole words.
#[must_use]
pub fn embargoed(countries: &[Country], ports: &[Place], text: &str, embargo: &[Country]) -> Vec<Country> {
    let mut named: Vec<Country> = countries.to_vec();
    named.extend(ports.iter().map(Place::country));
    named.extend(countries_in(text));
    named.sort_unstable();
    named.dedup();
    named.retain(|country| embargo.contains(country));
    named
}
