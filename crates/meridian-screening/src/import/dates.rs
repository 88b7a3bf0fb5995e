//! Dates as lists write them.

use meridian_terms::Day;

use crate::model::Birth;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// `10 Dec 1948`, `Dec 1948`, `1948`, `circa 1951`, `1960 to 1965`, `28/04/1937`, `dd/mm/1964`, `1971-03-04`.
pub(super) fn birth(text: &str) -> Option<Birth> {
    let text = text.trim().trim_end_matches('.').to_ascii_lowercase();
    if let Some(rest) =
        ["circa", "approximately", "approx.", "about", "c."].iter().find_map(|word| text.strip_prefix(word))
    {
        return birth(rest).map(|known| known.about(1));
    }
    for between in [" to ", " - ", " and "] {
        if let Some((first, last)) = text.split_once(between) {
            let (first, last) = (birth(first.trim_start_matches("between "))?, birth(last)?);
            return Some(Birth { first: first.first, last: last.last });
        }
    }
    if let Some(known) = Birth::parse(&text) {
        return Some(known);
    }
    let parts: Vec<&str> = text.split(['/', ' ']).filter(|part| !part.is_empty()).collect();
    let month = |word: &str| -> Option<u8> {
        word.parse().ok().or_else(|| {
            let short = word.get(..3)?;
            MONTHS.iter().position(|month| *month == short).and_then(|at| u8::try_from(at + 1).ok())
        })
    };
    match parts.as_slice() {
        [day, middle, year] => {
            let year: i16 = year.parse().ok()?;
            let Some(month) = month(middle) else { return Birth::year(year) };
            match day.parse::<u8>().ok().filter(|day| *day > 0) {
                Some(day) => Day::new(year, month, day).ok().map(|day| Birth { first: day, last: day }),
                None => Birth::month(year, month),
            }
        }
        [middle, year] => Birth::month(year.parse().ok()?, month(middle)?),
        [year] => Birth::year(year.parse().ok()?),
        _ => None,
    }
}

/// `12/02/2025` as the United States write it: month first.
pub(super) fn american(text: &str) -> Option<Day> {
    let mut parts = text.trim().split('/');
    let (month, day, year) =
        (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Day::new(year, month, day).ok()
}

/// The day at the start of an ISO 8601 moment.
pub(super) fn iso(text: &str) -> Option<Day> {
    Day::parse(text.trim().get(..10)?).ok()
}

/// `28/04/2025`: day first.
pub(super) fn british(text: &str) -> Option<Day> {
    birth(text).filter(|known| known.first == known.last).map(|known| known.first)
}
