//! Statistics without a hub: folded from the journal's events alone, and kept beside it as a small view.
//!
//! A node's keeper saves the view as it follows the journal, so whoever asks later folds only what came since: a year's
//! figures are answered without reading a year.

use meridian_deal::{Figure, Statistics};
use meridian_journal::{Journal, JournalError, Position};
use meridian_settlement as settlement;

use crate::replay::{CHUNK, decode};
use crate::{Event, Record};

/// The name of the view.
const VIEW: &str = "statistics";

/// Statistics as of a position of the journal.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    position: Position,
    events: u64,
    statistics: Statistics,
}

impl Tally {
    /// Begins with the newest view that can be read, or with nothing.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn start(journal: &mut dyn Journal) -> Result<Self, JournalError> {
        let Some((position, view)) = journal.latest_view(VIEW)? else { return Ok(Self::default()) };
        // A view of another version is passed over: the journal itself is the truth.
        let read: Result<(u64, Statistics), _> = borsh::from_slice(&view);
        Ok(read.map(|(events, statistics)| Self { position, events, statistics }).unwrap_or_default())
    }

    /// How many events it has folded.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The figures.
    #[must_use]
    pub const fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Folds what came since.
    ///
    /// # Errors
    /// In words: a journal that cannot be read, or that this version cannot read.
    pub fn catch_up(&mut self, journal: &mut dyn Journal) -> Result<(), String> {
        self.follow(journal, |_, _, _| true)
    }

    /// Folds on from here and tells of every event that moves a figure: its number, the record, and the figures. Ends
    /// early when told so.
    ///
    /// # Errors
    /// As [`Tally::catch_up`].
    pub fn follow(
        &mut self,
        journal: &mut dyn Journal,
        mut tell: impl FnMut(u64, &Record, &dyn Fn() -> Vec<Figure>) -> bool,
    ) -> Result<(), String> {
        loop {
            let batches = journal.read_from(self.position, CHUNK).map_err(|error| error.to_string())?;
            if batches.is_empty() {
                return Ok(());
            }
            for batch in batches {
                let at = batch.position.0;
                let (records, _) = decode(&batch).map_err(|why| format!("journal position {at}: {why}"))?;
                for record in &records {
                    self.events += 1;
                    let statistics = &self.statistics;
                    let goes_on = tell(self.events, record, &|| moved(statistics, &record.event));
                    observe(&mut self.statistics, &record.event, self.events);
                    if !goes_on {
                        return Ok(());
                    }
                }
                self.position = Position(at + 1);
            }
        }
    }
}

/// Keeps the figures of a hub that all batches before a position have made.
pub(crate) fn save(
    journal: &mut dyn Journal,
    at: Position,
    (events, statistics): (u64, &Statistics),
) -> Result<(), JournalError> {
    let view = borsh::to_vec(&(events, statistics)).map_err(|error| JournalError::Io(error.to_string()))?;
    journal.save_view(VIEW, at, &view)
}

/// Takes an event into account, and what stands inside it: as the hub does.
pub(crate) fn observe(statistics: &mut Statistics, event: &Event, number: u64) {
    match event {
        Event::Pay(event) => statistics.observe(event, number),
        Event::Deal(event) => statistics.observe_deal(event),
        Event::Once(_, event) => observe(statistics, event, number),
        Event::All(events) => events.iter().for_each(|event| observe(statistics, event, number)),
        Event::Settle(event, payments) => {
            observe_settlement(statistics, event);
            payments.iter().for_each(|event| statistics.observe(event, number));
        }
        Event::Office(done) => done.effects.iter().for_each(|effect| observe(statistics, effect, number)),
        Event::Goods(done) => {
            if let Some(event) = &done.deal {
                statistics.observe_deal(event);
            }
        }
        _ => {}
    }
}

/// A window that this event settles: what would have moved gross, and what did.
pub(crate) fn observe_settlement(statistics: &mut Statistics, event: &settlement::Event) {
    let (settlement::Event::SettlementAsked { window, netted, .. }
    | settlement::Event::InstructionSettled { window, netted, .. }) = event
    else {
        return;
    };
    if let Some((gross, net)) = netted {
        statistics.observe_window(window.currency, *gross, *net);
    }
}

fn moved(statistics: &Statistics, event: &Event) -> Vec<Figure> {
    match event {
        Event::Pay(event) => statistics.moved_by(event),
        Event::Deal(event) => statistics.moved_by_deal(event).into_iter().collect(),
        Event::Once(_, event) => moved(statistics, event),
        Event::All(events) => events.iter().flat_map(|event| moved(statistics, event)).collect(),
        Event::Settle(_, payments) => payments.iter().flat_map(|event| statistics.moved_by(event)).collect(),
        Event::Office(done) => done.effects.iter().flat_map(|effect| moved(statistics, effect)).collect(),
        Event::Goods(done) => done.deal.iter().filter_map(|event| statistics.moved_by_deal(event)).collect(),
        _ => Vec::new(),
    }
}
