//! One row a payment that came to an end.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use meridian_journal::{FileJournal, Journal, Position};
use meridian_node::{Event, Record, read_records};
use meridian_pay::{self as pay, Instruction};
use meridian_terms::{Bic, Country, Moment, Uetr};

const COLUMNS: [&str; 14] = [
    "event",
    "at",
    "uetr",
    "outcome",
    "reason",
    "debtor_agent",
    "from",
    "creditor_agent",
    "to",
    "source",
    "source_currency",
    "target",
    "target_currency",
    "document",
];

/// Payments on their way, and where their agents are.
struct Rows<W: Write> {
    table: csv::Writer<W>,
    countries: BTreeMap<Bic, Country>,
    reserved: BTreeMap<Uetr, Instruction>,
    written: u64,
}

/// Writes everything that is durable now; gives how many batches, events and rows.
pub(super) fn write<W: Write>(directory: &Path, table: csv::Writer<W>) -> Result<(u64, u64, u64), String> {
    let mut journal = FileJournal::open_reading(directory).map_err(|error| error.to_string())?;
    let (end, _) = journal.tail();
    let mut rows = Rows { table, countries: BTreeMap::new(), reserved: BTreeMap::new(), written: 0 };
    rows.table.write_record(COLUMNS).map_err(|error| error.to_string())?;
    let (mut at, mut events) = (Position(0), 0);
    while at < end {
        for batch in journal.read_from(at, 8 * 1024 * 1024).map_err(|error| error.to_string())? {
            for record in read_records(&batch).map_err(|why| format!("batch {}: {why}", batch.position.0))? {
                events += 1;
                rows.see(&record, &record.event, events).map_err(|error| error.to_string())?;
            }
            at = Position(batch.position.0 + 1);
        }
    }
    rows.table.flush().map_err(|error| error.to_string())?;
    Ok((at.0, events, rows.written))
}

impl<W: Write> Rows<W> {
    fn see(&mut self, record: &Record, event: &Event, number: u64) -> Result<(), csv::Error> {
        match event {
            Event::Once(_, event) => self.see(record, event, number),
            Event::Office(done) => {
                done.effects.iter().try_for_each(|effect| self.see(record, effect, number))
            }
            Event::Pay(pay::Event::Admitted { participant, .. }) => {
                self.countries.insert(participant.bic.clone(), participant.country);
                Ok(())
            }
            Event::All(events) => events.iter().try_for_each(|event| self.see(record, event, number)),
            Event::Settle(_, payments) => {
                let events = payments.iter().map(|event| Event::Pay(event.clone()));
                events.into_iter().try_for_each(|event| self.see(record, &event, number))
            }
            Event::Pay(event) if event.started().is_some() => {
                self.reserved.extend(event.started().map(|asked| (asked.uetr, asked.clone())));
                Ok(())
            }
            Event::Pay(pay::Event::Committed { uetr, at, .. }) => match self.reserved.remove(uetr) {
                Some(asked) => self.row(number, *at, &asked, "committed", ""),
                None => Ok(()),
            },
            Event::Pay(pay::Event::Rejected { uetr, at, reason, .. }) => match self.reserved.remove(uetr) {
                Some(asked) => self.row(number, *at, &asked, "rejected", reason),
                None => Ok(()),
            },
            Event::Pay(pay::Event::Refused { instruction, refusal, .. }) => {
                self.row(number, record.at, instruction, "refused", &refusal.code)
            }
            _ => Ok(()),
        }
    }

    fn row(
        &mut self,
        number: u64,
        at: Moment,
        asked: &Instruction,
        outcome: &str,
        reason: &str,
    ) -> Result<(), csv::Error> {
        self.written += 1;
        let country = |bic: &Bic| self.countries.get(bic).map(ToString::to_string).unwrap_or_default();
        let cells = [
            number.to_string(),
            at.to_string(),
            asked.uetr.to_string(),
            outcome.to_owned(),
            reason.to_owned(),
            asked.debtor_agent.to_string(),
            country(&asked.debtor_agent),
            asked.creditor_agent.to_string(),
            country(&asked.creditor_agent),
            asked.source.amount().to_string(),
            asked.source.currency().to_string(),
            asked.target.amount().to_string(),
            asked.target.currency().to_string(),
            asked.document.clone().unwrap_or_default(),
        ];
        self.table.write_record(cells)
    }
}
