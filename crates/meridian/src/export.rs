//! `meridian export`: the journal as a table for auditors, one row an event and one row a ledger entry.

mod payments;

use std::io::Write;
use std::path::PathBuf;

use meridian_journal::{FileJournal, Journal, Position};
use meridian_ledger as ledger;
use meridian_node::{Event, entries_of, read_records};
use serde_json::json;

use crate::answer::Answer;
use crate::trouble::trouble;

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
    /// What a row is
    #[arg(long, value_enum, default_value_t = Table::Events)]
    table: Table,
    /// One JSON document on standard output when the file is written
    #[arg(long)]
    json: bool,
}

/// Which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Table {
    /// One row an event and one row a ledger entry
    Events,
    /// One row a payment that came to an end: committed, rejected or refused
    Payments,
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
            Err(error) => return Answer::Wrong(trouble(&args.out, &error)),
        }
    };
    let table = csv::Writer::from_writer(out);
    let written = match args.table {
        Table::Events => write(args, table),
        Table::Payments => payments::write(&args.directory, table),
    };
    match written {
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
