//! The ledger: applying alone, the synchronous log alone, and both together as the node runs them.

use std::time::Instant;

use meridian_journal::{Batch, FileJournal, Journal, LogSettings, Position};
use meridian_ledger::{
    Account, AccountId, Command, Event, Kind, State, Transfer, TransferId, apply, decide, decide_batch,
};
use meridian_terms::{Currency, Moment, Money};

use crate::{Figure, Setting, median};

const ACCOUNTS: u32 = 10_000;
const BATCH: u32 = 8_190;
const BATCHES: u32 = 100;
const ROUNDS: u32 = 5;

pub(crate) fn run(setting: &Setting) -> Result<Vec<Figure>, String> {
    let (mut applied, mut logged, mut embedded, mut bytes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        applied.push(apply_alone());
        logged.push(log_alone(setting)?);
        let (rate, each) = durable(setting)?;
        embedded.push(rate);
        bytes.push(each);
    }
    let (applied, logged, embedded) = (median(applied), median(logged), median(embedded));
    Ok(vec![
        Figure::new(
            "decide, apply, log, sync; batches of 8,190, ids in order, 10,000 accounts",
            embedded,
            "transfers/s",
        )
        .beside("apply alone", applied)
        .beside("the synchronous log alone, as many bytes", logged),
        Figure::new("bytes written for a transfer", median(bytes), "bytes"),
    ])
}

fn opened() -> (State, Vec<AccountId>) {
    let accounts: Vec<Account> = (0..ACCOUNTS)
        .map(|number| Account::open(&format!("BANK{number:06}"), Currency::RUB, Kind::SettlementAgent))
        .collect();
    let ids = accounts.iter().map(|account| account.id).collect();
    let mut state = State::default();
    let event =
        decide(&state, &Command::Open(accounts), Moment::EPOCH).unwrap_or_else(|refusal| panic!("{refusal}"));
    apply(&mut state, &event);
    (state, ids)
}

fn transfers(ids: &[AccountId], from: u32, count: u32) -> Vec<Transfer> {
    let account = |number: u32| ids[(number.wrapping_mul(2_654_435_761) % ACCOUNTS) as usize];
    (from..from + count)
        .map(|number| {
            let id = TransferId(u128::from(number) + 1);
            let (debit, mut credit) = (account(number), account(number.wrapping_add(7_919)));
            if debit == credit {
                credit = ids[((number + 1) % ACCOUNTS) as usize];
            }
            let credit = if debit == credit { ids[((number + 2) % ACCOUNTS) as usize] } else { credit };
            Transfer::post(id, debit, credit, Money::new(i128::from(number % 1_000) + 1, Currency::RUB))
        })
        .collect()
}

fn apply_alone() -> f64 {
    let (mut state, ids) = opened();
    let events: Vec<Event> = (0..BATCHES)
        .map(|batch| {
            let entries = transfers(&ids, batch * BATCH, BATCH)
                .into_iter()
                .map(|transfer| meridian_ledger::Entry { amount: transfer.amount, transfer })
                .collect();
            Event::Transferred { at: Moment::EPOCH, entries }
        })
        .collect();
    let start = Instant::now();
    events.iter().for_each(|event| apply(&mut state, event));
    f64::from(BATCH * BATCHES) / start.elapsed().as_secs_f64()
}

fn log_alone(setting: &Setting) -> Result<f64, String> {
    let (_, ids) = opened();
    let entries: Vec<_> = transfers(&ids, 0, BATCH)
        .into_iter()
        .map(|transfer| meridian_ledger::Entry { amount: transfer.amount, transfer })
        .collect();
    let body = borsh(&Event::Transferred { at: Moment::EPOCH, entries })?;
    let start = Instant::now();
    with_journal(setting, |journal, lease| {
        let mut position = Position(0);
        for _ in 0..BATCHES {
            let batch = Batch { at: Moment::EPOCH, body: body.clone() };
            position = journal.append(lease, position, &[batch]).map_err(|error| error.to_string())?;
        }
        Ok(())
    })?;
    Ok(f64::from(BATCH * BATCHES) / start.elapsed().as_secs_f64())
}

fn durable(setting: &Setting) -> Result<(f64, f64), String> {
    let (mut state, ids) = opened();
    let batches: Vec<Vec<Transfer>> =
        (0..BATCHES).map(|batch| transfers(&ids, batch * BATCH, BATCH)).collect();
    let mut written = 0_usize;
    let start = Instant::now();
    with_journal(setting, |journal, lease| {
        let mut position = Position(0);
        for batch in &batches {
            let (entries, refused) = decide_batch(&state, batch, Moment::EPOCH);
            if !refused.is_empty() {
                return Err(format!("{} transfers were refused", refused.len()));
            }
            let event = Event::Transferred { at: Moment::EPOCH, entries };
            apply(&mut state, &event);
            let body = borsh(&event)?;
            written += body.len();
            let batch = Batch { at: Moment::EPOCH, body };
            position = journal.append(lease, position, &[batch]).map_err(|error| error.to_string())?;
        }
        Ok(())
    })?;
    let total = f64::from(BATCH * BATCHES);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let each = written as f64 / total;
    Ok((total / start.elapsed().as_secs_f64(), each))
}

fn borsh(event: &Event) -> Result<Vec<u8>, String> {
    borsh::to_vec(event).map_err(|error| error.to_string())
}

fn with_journal(
    setting: &Setting,
    job: impl FnOnce(&mut dyn Journal, &meridian_journal::Lease) -> Result<(), String>,
) -> Result<(), String> {
    let directory = tempfile::tempdir_in(&setting.scratch).map_err(|error| error.to_string())?;
    let mut journal =
        FileJournal::open(directory.path(), LogSettings::default()).map_err(|error| error.to_string())?;
    let lease = journal.acquire("bench").map_err(|error| error.to_string())?;
    job(&mut journal, &lease)
}
