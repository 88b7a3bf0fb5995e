//! An entry in 80 bytes, as a ledger that takes transfers by the thousand writes it to its log.
//!
//! ```text
//!  0 id             16   amount that moved      32 reference
//! 48 detail         64 debit row   68 credit row   72 phase   73 zero
//! ```
//!
//! Little-endian. Accounts are rows in the order they were opened, which every replay repeats. The detail is by phase:
//! for a reservation its deadline in microseconds, for posting or voiding one its id, for a balancing transfer the
//! amount that was asked.

use meridian_terms::{Moment, Money};

use crate::apply::enter_in_rows;
use crate::{Account, Balancing, Entry, Moved, Pages, Phase, State, Transfer, TransferId};

/// Bytes of an entry.
pub const ENTRY_BYTES: usize = 80;

/// Appends an entry.
pub fn write_entry(transfer: &Transfer, moved: &Moved, out: &mut Vec<u8>) {
    let (phase, detail) = match transfer.phase {
        Phase::Post => (0_u8, 0),
        Phase::PostUpTo(Balancing::Debit) => (1, transfer.amount.minor().cast_unsigned()),
        Phase::PostUpTo(Balancing::Credit) => (2, transfer.amount.minor().cast_unsigned()),
        Phase::Pend { deadline: None } => (3, 0),
        Phase::Pend { deadline: Some(deadline) } => (4, u128::from(deadline.micros().cast_unsigned())),
        Phase::PostPending(of) => (5, of.0),
        Phase::VoidPending(of) => (6, of.0),
    };
    let mut bytes = [0; ENTRY_BYTES];
    bytes[..16].copy_from_slice(&transfer.id.0.to_le_bytes());
    bytes[16..32].copy_from_slice(&moved.amount.to_le_bytes());
    bytes[32..48].copy_from_slice(&transfer.reference.to_le_bytes());
    bytes[48..64].copy_from_slice(&detail.to_le_bytes());
    bytes[64..68].copy_from_slice(&moved.debit.to_le_bytes());
    bytes[68..72].copy_from_slice(&moved.credit.to_le_bytes());
    bytes[72] = phase;
    out.extend_from_slice(&bytes);
}

/// The rows of an entry's accounts, debit first, without reading the rest.
#[must_use]
pub fn entry_accounts(bytes: &[u8; ENTRY_BYTES]) -> (u32, u32) {
    (u32_at(bytes, 64), u32_at(bytes, 68))
}

fn u32_at(bytes: &[u8; ENTRY_BYTES], at: usize) -> u32 {
    bytes[at..at + 4].try_into().map_or(0, u32::from_le_bytes)
}

fn u128_at(bytes: &[u8; ENTRY_BYTES], at: usize) -> u128 {
    bytes[at..at + 16].try_into().map_or(0, u128::from_le_bytes)
}

/// The entry of these bytes, beside the accounts it names by row.
///
/// # Errors
/// In words, when the bytes are no entry.
pub fn read_entry(accounts: &Pages<Account>, bytes: &[u8; ENTRY_BYTES]) -> Result<Entry, String> {
    let (debit, credit) = entry_accounts(bytes);
    let account = |row: u32| accounts.get(row as usize).ok_or_else(|| format!("no account in row {row}"));
    let (debit, credit) = (account(debit)?, account(credit)?);
    let (moved, detail) = (u128_at(bytes, 16).cast_signed(), u128_at(bytes, 48));
    let micros = || u64::try_from(detail).map(|micros| Moment::from_micros(micros.cast_signed()));
    let (phase, asked) = match bytes[72] {
        0 => (Phase::Post, moved),
        1 => (Phase::PostUpTo(Balancing::Debit), detail.cast_signed()),
        2 => (Phase::PostUpTo(Balancing::Credit), detail.cast_signed()),
        3 => (Phase::Pend { deadline: None }, moved),
        4 => (Phase::Pend { deadline: Some(micros().map_err(|_| "no such deadline".to_owned())?) }, moved),
        5 => (Phase::PostPending(TransferId(detail)), moved),
        6 => (Phase::VoidPending(TransferId(detail)), moved),
        other => return Err(format!("no phase has number {other}")),
    };
    let transfer = Transfer {
        id: TransferId(u128_at(bytes, 0)),
        debit: debit.id,
        credit: credit.id,
        amount: Money::new(asked, debit.currency),
        phase,
        reference: u128_at(bytes, 32),
    };
    Ok(Entry { transfer, amount: Money::new(moved, debit.currency) })
}

/// Applies the entry of these bytes: what [`crate::apply`] does with it, without looking its accounts up again.
///
/// # Errors
/// As [`read_entry`]; also where it names a reservation that is not open.
pub fn replay_entry(state: &mut State, bytes: &[u8; ENTRY_BYTES]) -> Result<(), String> {
    let entry = read_entry(&state.accounts, bytes)?;
    if let Phase::PostPending(of) | Phase::VoidPending(of) = entry.transfer.phase
        && state.pending(of).is_none()
    {
        return Err(format!("transfer {:032x} names no open reservation", entry.transfer.id.0));
    }
    let (debit, credit) = entry_accounts(bytes);
    enter_in_rows(state, &entry.transfer, (debit as usize, credit as usize), entry.amount.minor());
    Ok(())
}
