//! `meridian export`: the journal as a table for auditors, one row an event and one row a ledger entry.

use std::io::Write;
use std::path::PathBuf;

use meridian_journal::{FileJournal, Journal, Position};
use meridian_ledger as ledger;
use meridian_node::{Event, read_records};
use meridian_pay as pay;
use meridian_settlement as settlement;
use serde_json::json;

use crate::answer::Answer;

/// Arguments of `meridian export`.
///
/// Example: meridian export .meridian/data --out journal.csv
#[derive(clap::Args)]
pub struct Args {
    /// The data directory; it may be in use
    directory: PathBuf,
    /// The file to write; - is standard output
    #[arg(long)]
    out: PathBuf,
    /// One JSON document on standard output when the file is written
    #[arg(long)]
    json: bool,
}

const COLUMNS: [&str; 14] = [
    "batch", "epoch", "batch_id", "event", "at", "actor", "book", "row", "transfer", "debit", "credit",
    "amount", "phase", "text",
];

/// Runs `meridian export`.
pub fn run(args: &Args) -> Answer {
    let is_standard = args.out.as_os_str() == "-";
    let out: Box<dyn Write> = if is_standard {
        Box::new(std::io::stdout().lock())
    } else {
        match std::fs::File::create(&args.out) {
            Ok(file) => Box::new(std::io::BufWriter::new(file)),
            Err(error) => return Answer::Wrong(format!("{}: {error}", args.out.display())),
        }
    };
    match write(args, csv::Writer::from_writer(out)) {
        Ok((batches, events, entries)) => {
            if args.json && !is_standard {
                println!("{}", json!({"batches": batches, "events": events, "entries": entries, "ok": true}));
            } else {
                eprintln!("{batches} batches, {events} events, {entries} ledger entries");
            }
            Answer::Done
        }
        Err(why) => Answer::Wrong(why),
    }
}

/// Writes everything that is durable now; gives how many batches, events and entries.
fn write(args: &Args, mut table: csv::Writer<Box<dyn Write>>) -> Result<(u64, u64, u64), String> {
    let told = |error: csv::Error| error.to_string();
    let mut journal = FileJournal::open_reading(&args.directory).map_err(|error| error.to_string())?;
    let (end, _) = journal.tail();
    let (mut at, mut events, mut entries) = (Position(0), 0_u64, 0_u64);
    table.write_record(COLUMNS).map_err(told)?;
    while at < end {
        for batch in journal.read_from(at, 8 * 1024 * 1024).map_err(|error| error.to_string())? {
            let id: String = batch.id.0.iter().map(|byte| format!("{byte:02x}")).collect();
            for record in read_records(&batch).map_err(|why| format!("batch {}: {why}", batch.position.0))? {
                events += 1;
                let book = match &record.event {
                    Event::Pay(_) => "pay",
                    Event::Deal(_) => "deal",
                    Event::Card(_) => "cards",
                    Event::Settle(..) => "settlement",
                    Event::Office(_) | Event::People(_) => "office",
                    Event::Register(_) => "register",
                    Event::Case(_) => "screening",
                    Event::All(_) => "several",
                    Event::Goods(_) => "goods",
                    Event::Shipment(_) => "shipments",
                    Event::Once(..) | Event::Refused(..) | Event::Again(_) => "request",
                };
                let common = [
                    batch.position.0.to_string(),
                    batch.epoch.0.to_string(),
                    id.clone(),
                    events.to_string(),
                    record.at.to_string(),
                    record.actor.clone(),
                    book.to_owned(),
                ];
                let empty = [""; 5].map(str::to_owned);
                let row =
                    [&common[..], &["event".to_owned()], &empty, &[format!("{:?}", record.event)]].concat();
                table.write_record(&row).map_err(told)?;
                for entry in entries_of(&record.event) {
                    entries += 1;
                    let transfer = &entry.transfer;
                    let account = |id: ledger::AccountId| format!("{:032x}", id.0);
                    let cells = [
                        "entry".to_owned(),
                        format!("{:032x}", transfer.id.0),
                        account(transfer.debit),
                        account(transfer.credit),
                        entry.amount.to_string(),
                        format!("{:?}", transfer.phase),
                        format!("reference {:032x}", transfer.reference),
                    ];
                    table.write_record([&common[..], &cells].concat()).map_err(told)?;
                }
            }
            at = Position(batch.position.0 + 1);
        }
    }
    table.flush().map_err(|error| error.to_string())?;
    Ok((at.0, events, entries))
}

/// The ledger entries inside an event, whichever book it is of.
fn entries_of(event: &Event) -> impl Iterator<Item = &ledger::Entry> {
    let money: Vec<&ledger::Event> = money_of(event);
    money.into_iter().flat_map(|money| match money {
        ledger::Event::Transferred { entries, .. } => entries.as_slice(),
        _ => &[],
    })
}

fn money_of(event: &Event) -> Vec<&ledger::Event> {
    match event {
        Event::Pay(event) => money_of_payments(event).into_iter().collect(),
        Event::Card(event) => event.money().collect(),
        Event::Settle(event, _) => money_of_settlement(event).into_iter().collect(),
        Event::Once(_, event) => money_of(event),
        Event::Office(done) => done.effects.iter().flat_map(money_of).collect(),
        Event::All(events) => events.iter().flat_map(money_of).collect(),
        Event::Deal(_)
        | Event::Goods(_)
        | Event::Shipment(_)
        | Event::Register(_)
        | Event::People(_)
        | Event::Case(_)
        | Event::Refused(..)
        | Event::Again(_) => Vec::new(),
    }
}

fn money_of_payments(event: &pay::Event) -> Option<&ledger::Event> {
    match event {
        pay::Event::Funded { posted, .. }
        | pay::Event::Returned { posted, .. }
        | pay::Event::AcceptedPending { posted, .. } => Some(posted),
        pay::Event::Committed { posted, .. } => posted.as_ref(),
        pay::Event::Rejected { voided, .. } => voided.as_ref(),
        pay::Event::Reserved(reservation) => Some(&reservation.reserved),
        _ => None,
    }
}

fn money_of_settlement(event: &settlement::Event) -> Option<&ledger::Event> {
    match event {
        settlement::Event::Released { posted, .. } | settlement::Event::Corrected { posted, .. } => {
            Some(posted)
        }
        _ => None,
    }
}
