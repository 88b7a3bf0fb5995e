//! `meridian`: one file per subcommand. The contract of names, inputs and outputs: `--json` or `--jsonl` on
//! stdout and nothing else there; progress and words on stderr; exit 0 done, 1 the answer is a refusal,
//! 2 the call or the input is wrong.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Messages, events and letters are many small pieces of memory that one thread makes and another lets go.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod answer;
mod backup;
mod bench;
mod boot;
mod call;
mod card;
mod corridor_file;
mod duty;
mod duty_assess;
mod duty_bulk;
mod duty_import;
mod duty_origin;
mod duty_workbook;
mod export;
mod journal_choice;
mod keeper;
mod key;
mod ledger;
mod message;
mod office;
mod people;
mod person;
mod route;
mod rules;
mod screen;
mod serve;
mod settle;
mod settlement_file;
mod sim;
mod statistics;
mod trouble;
mod up;
mod verify;

use answer::Answer;

/// Runs a trade corridor between countries: payments in national currencies, customs duty, and the way for
/// the goods.
#[derive(Parser)]
#[command(name = "meridian", version, propagate_version = true)]
struct Cli {
    /// Without one: the example day, as `meridian up`
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// The example day: hub, participants, deals, console
    Up(up::Args),
    /// One deal, offline, from contract to payout
    Deal(up::one_deal::DealArgs),
    /// The hub alone, for real use
    Serve(serve::Args),
    /// The hub's people: passwords and one-time codes to sign in with
    Person(person::Args),
    /// The example day's hub in a process of its own, for the scene in which it is killed
    #[command(hide = true)]
    ExampleHub(up::hosted::Args),
    /// Keys of participants and people
    Key(key::Args),
    /// One signed request to a hub
    Call(call::Args),
    /// Is a data directory sound
    Verify(verify::Args),
    /// Copy a data directory, also while it is in use
    Backup(backup::BackupArgs),
    /// Make a data directory from a backup
    Restore(backup::RestoreArgs),
    /// The journal as a table for auditors
    Export(export::Args),
    /// Turnover, growth, shares, journeys and refusals of a journal, and the events behind each figure
    Statistics(statistics::Args),
    /// A ledger alone, over a binary protocol on loopback
    Ledger(ledger::Args),
    /// ISO 20022: check a message, or show it to a person
    Message(message::Args),
    /// ISO 8583: show a message, make one, list dialects
    Card(card::Args),
    /// Screen names against sanctions lists
    Screen(screen::Args),
    /// Customs duty: parse, assess, origin, import, check, diff, bulk
    Duty(duty::Args),
    /// The way for the goods: plan and compare routes
    Route(route::Args),
    /// Settlement: what of a queue settles now
    Settle(settle::Args),
    /// The simulated world of crashes, torn writes and lost messages
    Sim(sim::Args),
    /// The figures of docs/numbers.md, each beside its limit in the same run
    Bench(bench::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // `meridian .. | head` ends quietly, as other programs do. A hub outlives whoever reads its words.
    if !matches!(cli.command, None | Some(Command::Up(_) | Command::Serve(_) | Command::Ledger(_))) {
        sigpipe::reset();
    }
    let answer = match cli.command.unwrap_or_else(|| Command::Up(up::Args::default())) {
        Command::Up(args) => up::run(args),
        Command::Deal(args) => up::one_deal::run(&args),
        Command::Serve(args) => serve::run(args),
        Command::Person(args) => person::run(&args),
        Command::ExampleHub(args) => up::hosted::run(&args),
        Command::Key(args) => key::run(args),
        Command::Call(args) => call::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Backup(args) => backup::backup(&args),
        Command::Restore(args) => backup::restore(&args),
        Command::Export(args) => export::run(&args),
        Command::Statistics(args) => statistics::run(&args),
        Command::Ledger(args) => ledger::run(&args),
        Command::Message(args) => message::run(args),
        Command::Card(args) => card::run(args),
        Command::Screen(args) => screen::run(args),
        Command::Duty(args) => duty::run(args),
        Command::Route(args) => route::run(args),
        Command::Settle(args) => settle::run(args),
        Command::Sim(args) => sim::run(&args),
        Command::Bench(args) => bench::run(args),
    };
    match answer {
        Answer::Done => ExitCode::SUCCESS,
        Answer::Refused => ExitCode::from(1),
        Answer::Wrong(why) => {
            eprintln!("meridian: {why}");
            ExitCode::from(2)
        }
    }
}
