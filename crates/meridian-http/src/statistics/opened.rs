//! The events a figure is made of, found again in the journal by the fold that made the figure.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use meridian_deal::{self as deal, Cell, Figure, Flow, Month};
use meridian_journal::Journal;
use meridian_node::{Event, Record, Tally};
use meridian_pay as pay;
use meridian_terms::{Country, Currency, Moment, Refusal, Uetr};

/// Which events: those that move a figure. What is not named may be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What kind of figure.
    pub kind: Kind,
    /// Payments committed in this month.
    pub month: Option<Month>,
    /// Payments committed in this year.
    pub year: Option<u32>,
    /// From or to this country, across a border.
    pub country: Option<Country>,
    /// Between these two, either way.
    pub pair: Option<[Country; 2]>,
    /// From this country; of a journey, where it began.
    pub from: Option<Country>,
    /// To this country; of a journey or an assessment, where it ended.
    pub to: Option<Country>,
    /// What left.
    pub source: Option<Currency>,
    /// What arrived.
    pub target: Option<Currency>,
    /// For goods of this chapter.
    pub chapter: Option<u8>,
    /// The refusal's code, the rejection's reason, the assessment's basis.
    pub reason: Option<String>,
}

/// What kind of figure events move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// Payments committed.
    #[default]
    Committed,
    /// Payments refused on arrival.
    Refused,
    /// Payments rejected after reservation.
    Rejected,
    /// Journeys that ended.
    Journey,
    /// Assessments.
    Basis,
}

impl Kind {
    const WORDS: [(&'static str, Self); 5] = [
        ("committed", Self::Committed),
        ("refused", Self::Refused),
        ("rejected", Self::Rejected),
        ("journey", Self::Journey),
        ("basis", Self::Basis),
    ];
}

impl Wanted {
    pub(super) fn cells() -> Self {
        Self::default()
    }

    pub(super) fn flow(flow: &Flow) -> Self {
        let (source, target) = (Some(flow.source), Some(flow.target));
        Self { from: Some(flow.from), to: Some(flow.to), source, target, ..Self::default() }
    }

    pub(super) fn journey(from: Country, to: Country) -> Self {
        Self { kind: Kind::Journey, from: Some(from), to: Some(to), ..Self::default() }
    }

    pub(super) fn basis(country: Country, basis: &str) -> Self {
        Self { kind: Kind::Basis, to: Some(country), reason: Some(basis.to_owned()), ..Self::default() }
    }

    pub(super) fn refusal(what: &str, reason: &str) -> Self {
        let kind = if what == "refused" { Kind::Refused } else { Kind::Rejected };
        Self { kind, reason: Some(reason.to_owned()), ..Self::default() }
    }

    /// As the query of an address: `kind=committed&month=2026-03&from=RU`.
    #[must_use]
    pub fn query(&self) -> String {
        let word = Kind::WORDS.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(word, _)| word);
        let mut query = format!("kind={word}");
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                // A String takes everything.
                let _ = write!(query, "&{name}={}", escaped(&value));
            }
        };
        add("month", self.month.map(|month| month.to_string()));
        add("year", self.year.map(|year| year.to_string()));
        add("country", self.country.map(|country| country.to_string()));
        add("pair", self.pair.map(|[a, b]| format!("{a}-{b}")));
        add("from", self.from.map(|country| country.to_string()));
        add("to", self.to.map(|country| country.to_string()));
        add("source", self.source.map(|currency| currency.to_string()));
        add("target", self.target.map(|currency| currency.to_string()));
        add("chapter", self.chapter.map(|chapter| chapter.to_string()));
        add("reason", self.reason.clone());
        query
    }

    /// Reads what [`Wanted::query`] wrote, name by name.
    ///
    /// # Errors
    /// `statistics.query`, and what countries and currencies refuse.
    pub fn of(query: &BTreeMap<String, String>) -> Result<Self, Refusal> {
        let mut wanted = Self::default();
        for (name, value) in query {
            let malformed = || {
                Refusal::new("statistics.query", format!("{name}={value}"))
                    .next("open a figure of the statistics page")
            };
            match name.as_str() {
                "kind" => {
                    let known = Kind::WORDS.iter().find(|(word, _)| word == value);
                    wanted.kind = known.map(|(_, kind)| *kind).ok_or_else(malformed)?;
                }
                "month" => wanted.month = Some(month(value).ok_or_else(malformed)?),
                "year" => wanted.year = Some(value.parse().map_err(|_| malformed())?),
                "country" => wanted.country = Some(Country::parse(value)?),
                "pair" => {
                    let (a, b) = value.split_once('-').ok_or_else(malformed)?;
                    wanted.pair = Some([Country::parse(a)?, Country::parse(b)?]);
                }
                "from" => wanted.from = Some(Country::parse(value)?),
                "to" => wanted.to = Some(Country::parse(value)?),
                "source" => wanted.source = Some(Currency::parse(value)?),
                "target" => wanted.target = Some(Currency::parse(value)?),
                "chapter" => wanted.chapter = Some(value.parse().map_err(|_| malformed())?),
                "reason" => wanted.reason = Some(value.clone()),
                "after" => {}
                _ => return Err(malformed()),
            }
        }
        Ok(wanted)
    }

    fn holds(&self, figure: &Figure) -> bool {
        let is = |wanted: Option<Country>, country: Country| wanted.is_none_or(|wanted| wanted == country);
        let says = |reason: &String| self.reason.as_ref().is_none_or(|wanted| wanted == reason);
        match (self.kind, figure) {
            (Kind::Committed, Figure::Cell(cell)) => self.holds_cell(cell),
            (Kind::Refused, Figure::Refused(code)) => says(code),
            (Kind::Rejected, Figure::Rejected(reason)) => says(reason),
            (Kind::Journey, Figure::Journey(from, to)) => is(self.from, *from) && is(self.to, *to),
            (Kind::Basis, Figure::Basis(country, basis)) => is(self.to, *country) && says(basis),
            _ => false,
        }
    }

    fn holds_cell(&self, cell: &Cell) -> bool {
        let Cell { month, flow, chapter } = cell;
        let of_country = |wanted| flow.crosses() && (flow.from == wanted || flow.to == wanted);
        let of_pair = |[a, b]: [Country; 2]| [(a, b), (b, a)].contains(&(flow.from, flow.to));
        self.month.is_none_or(|wanted| wanted == *month)
            && self.year.is_none_or(|wanted| wanted == month.year())
            && self.country.is_none_or(of_country)
            && self.pair.is_none_or(of_pair)
            && self.from.is_none_or(|wanted| wanted == flow.from)
            && self.to.is_none_or(|wanted| wanted == flow.to)
            && self.source.is_none_or(|wanted| wanted == flow.source)
            && self.target.is_none_or(|wanted| wanted == flow.target)
            && self.chapter.is_none_or(|wanted| Some(wanted) == *chapter)
    }

    /// Reads the journal from its first event and gives the next `most` that move the figure, from `after` on.
    ///
    /// # Errors
    /// In words: a journal that cannot be read.
    pub fn open(&self, journal: &mut dyn Journal, after: u64, most: usize) -> Result<Opened, String> {
        let mut opened = Opened { events: Vec::new(), has_more: false };
        Tally::default().follow(journal, |number, record, figures| {
            if number <= after || !figures().iter().any(|figure| self.holds(figure)) {
                return true;
            }
            opened.has_more = opened.events.len() == most;
            if !opened.has_more {
                opened.events.push(OpenedEvent::of(number, record));
            }
            !opened.has_more
        })?;
        Ok(opened)
    }
}

/// Events that move a figure.
#[derive(Debug, Clone)]
pub struct Opened {
    /// In order.
    pub events: Vec<OpenedEvent>,
    /// Whether there are more.
    pub has_more: bool,
}

/// An event that moves a figure.
#[derive(Debug, Clone)]
pub struct OpenedEvent {
    /// Its number in the journal, from 1.
    pub number: u64,
    /// When.
    pub at: Moment,
    /// Who asked.
    pub actor: String,
    /// What happened, in words.
    pub what: String,
    /// The payment it is about.
    pub payment: Option<Uetr>,
    /// The deal it is about.
    pub deal: Option<String>,
}

impl OpenedEvent {
    fn of(number: u64, record: &Record) -> Self {
        let (what, payment, deal) = told(&record.event);
        Self { number, at: record.at, actor: record.actor.clone(), what, payment, deal }
    }
}

fn told(event: &Event) -> (String, Option<Uetr>, Option<String>) {
    match event {
        Event::Once(_, event) => told(event),
        Event::All(events) => {
            let about =
                events.iter().map(told).find(|(_, payment, deal)| payment.is_some() || deal.is_some());
            about.unwrap_or_else(|| ("several books at once".into(), None, None))
        }
        Event::Settle(_, payments) => {
            let first =
                payments.iter().map(|event| told(&Event::Pay(event.clone()))).find(|told| told.1.is_some());
            first.unwrap_or_else(|| ("a window".into(), None, None))
        }
        Event::Pay(pay::Event::Committed { uetr, .. }) => ("both legs posted".into(), Some(*uetr), None),
        Event::Pay(pay::Event::Rejected { uetr, reason, .. }) => {
            (format!("rejected: {reason}"), Some(*uetr), None)
        }
        Event::Pay(pay::Event::Refused { instruction, refusal, .. }) => {
            (format!("refused: {}: {}", refusal.code, refusal.what), Some(instruction.uetr), None)
        }
        Event::Deal(deal::Event::Presented { deal, evidence, .. }) => {
            (evidence.kind.word().replace('-', " "), None, Some(deal.0.clone()))
        }
        Event::Deal(deal::Event::Assessed { deal, pack, .. }) => {
            (format!("landed cost under {pack}"), None, Some(deal.0.clone()))
        }
        Event::Goods(done) => match &done.deal {
            Some(event) => told(&Event::Deal(event.clone())),
            None => ("licence".into(), None, None),
        },
        _ => ("an act of the office".into(), None, None),
    }
}

fn month(text: &str) -> Option<Month> {
    let (year, month) = text.split_once('-')?;
    let (year, month): (u32, u32) = (year.parse().ok()?, month.parse().ok()?);
    (1..=12).contains(&month).then(|| Month(year * 12 + month - 1))
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            // A String takes everything.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}
