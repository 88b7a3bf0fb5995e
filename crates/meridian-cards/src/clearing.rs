//! Clearing files: the records that complete dual-message transactions, in and out.
//!
//! A file is CSV in UTF-8 without quoting, lines end in LF or CRLF, the first line names the columns:
//!
//! ```text
//! sent,stan,institution,rrn,terminal,last_four,kind,amount,currency,approval,settlement,settlement_currency
//! 1124093000,000417,12345678901,432909000417,TERM0001,0013,purchase,1500.00,RUB,A1B2C3,,
//! ```
//!
//! | column | holds | ISO 8583 field |
//! |---|---|---|
//! | sent, stan, institution, rrn, terminal | what names the transaction | 7, 11, 32, 37, 41 |
//! | last_four | the card's last four digits; a file holds no card number | 2 |
//! | kind | purchase, cash or refund | 3 |
//! | amount, currency | decimal, ISO 4217 letters | 4, 49 |
//! | approval | the approval code | 38 |
//! | settlement, settlement_currency | what the issuer pays, in files to issuers; empty in files from acquirers | 5, 50 |

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Currency, Day, Money, Refusal};

use crate::{Key, Kind, SchemeId, State};

const COLUMNS: &str = "sent,stan,institution,rrn,terminal,last_four,kind,amount,currency,approval,settlement,settlement_currency";

/// One record: a transaction is to be completed for this much.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Presentment {
    /// Which transaction.
    pub key: Key,
    /// The card's last four digits.
    pub last_four: [u8; 4],
    /// What it was.
    pub kind: Kind,
    /// How much.
    pub amount: Money,
    /// The approval code it had.
    pub approval: String,
}

/// Reads a clearing file: each record with its line, or what is wrong with that line. One bad line spoils no other.
pub fn read(text: &str) -> impl Iterator<Item = (u32, Result<Presentment, Refusal>)> + '_ {
    let mut number = 0_u32;
    text.lines().filter_map(move |line| {
        number += 1;
        let line = line.strip_suffix('\r').unwrap_or(line);
        match number {
            1 if line == COLUMNS => None,
            1 => Some((1, Err(bad("line 1 does not name the columns of a clearing file")))),
            _ if line.is_empty() => None,
            _ => Some((number, record(line).map_err(|why| bad(&format!("line {number}: {why}"))))),
        }
    })
}

fn bad(what: &str) -> Refusal {
    Refusal::new("cards.clearing_record", what)
        .rule("clearing files: the columns in the crate's documentation")
        .next("correct the line and send the file again; lines already taken are recognised")
}

fn record(line: &str) -> Result<Presentment, String> {
    let columns: Vec<&str> = line.split(',').collect();
    let Ok([sent, stan, institution, rrn, terminal, last_four, kind, amount, currency, approval, ..]) =
        <[&str; 12]>::try_from(columns.clone())
    else {
        return Err(format!("{} columns, not 12", columns.len()));
    };
    let currency = Currency::parse(currency).map_err(|refusal| refusal.what)?;
    let amount = Money::parse(amount, currency).map_err(|refusal| refusal.what)?;
    let digits =
        |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(sent, 10) {
        return Err(format!("sent: {sent:?} is not MMDDhhmmss"));
    }
    if !digits(stan, 6) {
        return Err(format!("stan: {stan:?} is not six digits"));
    }
    let last_four: [u8; 4] = last_four
        .as_bytes()
        .try_into()
        .ok()
        .filter(|four: &[u8; 4]| four.iter().all(u8::is_ascii_digit))
        .ok_or("last_four is not four digits")?;
    Ok(Presentment {
        key: Key {
            sent: sent.to_owned(),
            stan: stan.parse().map_err(|_| "stan")?,
            institution: institution.to_owned(),
            rrn: rrn.to_owned(),
            terminal: terminal.to_owned(),
        },
        last_four,
        kind: match kind {
            "purchase" => Kind::Purchase,
            "cash" => Kind::Cash,
            "refund" => Kind::Refund,
            other => return Err(format!("kind: {other:?} is not purchase, cash or refund")),
        },
        amount,
        approval: approval.to_owned(),
    })
}

/// Writes records in the form [`read`] takes; for the acquirer's side, without settlement columns.
#[must_use]
pub fn write<'a>(records: impl IntoIterator<Item = &'a Presentment>) -> String {
    let mut text = format!("{COLUMNS}\n");
    for record in records {
        text.push_str(&line(record));
        text.push_str(",,\n");
    }
    text
}

fn line(record: &Presentment) -> String {
    let key = &record.key;
    // Commas cannot be in these fields of ISO 8583 dialects that use them (n, an); ans fields give theirs up.
    let plain = |text: &str| text.replace([',', '\n', '\r'], " ");
    let kind = match record.kind {
        Kind::Purchase => "purchase",
        Kind::Cash => "cash",
        Kind::Refund => "refund",
        Kind::Inquiry => "inquiry",
    };
    format!(
        "{},{:06},{},{},{},{},{kind},{},{},{}",
        key.sent,
        key.stan,
        plain(&key.institution),
        plain(&key.rrn),
        plain(&key.terminal),
        String::from_utf8_lossy(&record.last_four),
        record.amount.amount(),
        record.amount.currency(),
        plain(&record.approval)
    )
}

/// The clearing file to an issuer: everything posted for its cards on a day, online and cleared, with what it pays.
#[must_use]
pub fn outgoing(state: &State, issuer: &SchemeId, day: Day) -> String {
    let mut text = format!("{COLUMNS}\n");
    for (_, transaction) in state.transactions() {
        let (Some(opening), Some(request), Some(bill)) =
            (&transaction.opening, &transaction.request, &transaction.bill)
        else {
            continue;
        };
        let stands = transaction.stage == crate::Stage::Posted && transaction.posted_on == Some(day);
        if !stands || opening.parties.issuer != *issuer || bill.is_nothing() {
            continue;
        }
        let approval = transaction.outcome.as_ref().map_or("", |outcome| outcome.approval.as_str());
        let record = Presentment {
            key: request.key.clone(),
            last_four: request.card.last_four,
            kind: request.kind,
            amount: bill.amounts.transaction,
            approval: approval.to_owned(),
        };
        let pays = bill.amounts.issuer;
        text.push_str(&format!("{},{},{}\n", line(&record), pays.amount(), pays.currency()));
    }
    text
}
