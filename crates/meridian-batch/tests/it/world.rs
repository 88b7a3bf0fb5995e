//! Accounts and transfers for the tests, and a slow ledger beside.

use meridian_batch::Settings;
use meridian_ledger::{Account, AccountId, Command, Kind, State, Transfer, TransferId, apply, decide};
use meridian_terms::{Currency, Moment, Money};

pub(crate) fn settings(window: u32) -> Settings {
    let mut settings = Settings::new(|| Moment::EPOCH);
    settings.window = window;
    settings.segment_bytes = 256 * 1024;
    settings
}

pub(crate) fn accounts() -> Vec<Account> {
    let mut all = vec![Account::open("AGENT", Currency::RUB, Kind::SettlementAgent)];
    all.extend((0..20).map(|number| Account::open(&format!("BANK{number:02}"), Currency::RUB, Kind::Cover)));
    all
}

pub(crate) fn account(number: usize) -> AccountId {
    accounts()[number % 21].id
}

/// A number that is scattered but the same every time.
pub(crate) fn scattered(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^= mixed >> 29;
    mixed = mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 32)
}

/// Who pays and who is paid in the n-th transfer: never the same.
fn sides(n: u64) -> (usize, usize) {
    let (a, b) = ((scattered(2 * n) % 20) as usize, (scattered(2 * n + 1) % 19) as usize);
    (1 + a, 1 + (a + 1 + b) % 20)
}

fn amount(n: u64) -> Money {
    Money::new(i128::from(scattered(n) % 900 + 1), Currency::RUB)
}

/// The n-th request of a mixed history: funding, moving, reserving, posting, voiding, and now and then a repeated id.
pub(crate) fn request(number: u64, ids: impl Fn(u64) -> u128) -> Vec<Transfer> {
    (0..40_u64)
        .map(|part| {
            let n = number * 40 + part;
            let ((a, b), id) = (sides(n), TransferId(ids(n)));
            match n % 5 {
                0 => Transfer::post(id, account(0), account(a), amount(n)),
                1 | 2 => Transfer::post(id, account(a), account(b), amount(n)),
                3 => Transfer::pend(id, account(a), account(b), amount(n), None),
                _ => {
                    // What was reserved some requests ago, which may have left the window since.
                    let back = n.saturating_sub(1 + 200 * (scattered(n) % 9));
                    let back = back - back % 5 + 3;
                    let (a, b) = sides(back);
                    let of =
                        Transfer::pend(TransferId(ids(back)), account(a), account(b), amount(back), None);
                    match scattered(n) % 8 {
                        0 => Transfer::void_pending(id, &of),
                        1 => of,
                        _ => Transfer::post_pending(id, &of, amount(back)),
                    }
                }
            }
        })
        .collect()
}

/// The pure ledger, deciding and applying one by one.
pub(crate) struct Slow(pub(crate) State);

impl Slow {
    pub(crate) fn new() -> Self {
        let mut state = State::default();
        let opened = decide(&state, &Command::Open(accounts()), Moment::EPOCH).unwrap();
        apply(&mut state, &opened);
        Self(state)
    }

    pub(crate) fn ask(&mut self, transfers: &[Transfer]) -> Vec<Option<String>> {
        let one = |transfer: &Transfer| match decide(
            &self.0,
            &Command::Transfer(vec![transfer.clone()]),
            Moment::EPOCH,
        ) {
            Ok(event) => {
                apply(&mut self.0, &event);
                None
            }
            Err(refusal) => Some(refusal.code.to_string()),
        };
        transfers.iter().map(one).collect()
    }
}
