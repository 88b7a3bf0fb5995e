//! One row is one step; the last word is the expected answer. Rows run in order on one ledger.

use meridian_ledger::{
    Account, AccountId, Balancing, CODES, Change, Command, Kind, Limits, Standing, State, Transfer,
    TransferId, apply, decide,
};
use meridian_terms::{Currency, Micros, Moment, Money};

/// Runs rows of:
/// `open P CUR kind [line=N] [cap=N]`, `at SECONDS`, `post ID from to AMOUNT`, `pend ID from to AMOUNT [SECONDS]`,
/// `take ID pending AMOUNT`, `void ID pending`, `upto ID debit|credit from to AMOUNT`, `freeze|close|reopen P`,
/// `expire`, `balance P POSTED PENDING_OUT PENDING_IN`; chains are rows joined with ` + `; then ` -> answer`.
fn check(rows: &str) {
    let mut world = World::default();
    for row in rows.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (steps, expected) = row.split_once(" -> ").unwrap_or((row, "ok"));
        let answer = world.run(steps);
        assert_eq!(answer, expected.trim(), "in row: {row}");
        assert!(world.state.imbalance().is_empty(), "after row: {row}");
    }
}

#[derive(Default)]
struct World {
    state: State,
    seconds: i64,
    made: Vec<Transfer>,
}

impl World {
    fn now(&self) -> Moment {
        Moment::EPOCH.plus(Micros::seconds(self.seconds))
    }

    fn account(&self, name: &str) -> AccountId {
        let known = self.state.accounts().iter().find(|account| account.participant == name);
        known.map_or(AccountId(7), |account| account.id)
    }

    fn run(&mut self, steps: &str) -> String {
        let words: Vec<&str> = steps.split_whitespace().collect();
        let command = match words.as_slice() {
            ["at", seconds] => {
                self.seconds = seconds.parse().unwrap();
                return "ok".into();
            }
            ["balance", name, posted, out, coming] => {
                let balances = self.state.account(self.account(name)).unwrap().balances;
                let shown = (balances.posted(), balances.debits_pending, balances.credits_pending);
                let wanted = (posted.parse().unwrap(), out.parse().unwrap(), coming.parse().unwrap());
                return if shown == wanted { "ok".into() } else { format!("{shown:?}") };
            }
            ["open", name, currency, kind, limits @ ..] => {
                let currency = Currency::parse(currency).unwrap();
                let mut account = Account::open(name, currency, Kind::parse(kind).unwrap());
                for limit in limits {
                    match limit.split_once('=').unwrap() {
                        ("line", n) => account.limits.credit_line = Some(n.parse().unwrap()),
                        (_, n) => account.limits.credit_cap = Some(n.parse().unwrap()),
                    }
                }
                Command::Open(vec![account])
            }
            ["freeze", name] => Command::Change(self.account(name), Change::Standing(Standing::Frozen)),
            ["close", name] => Command::Change(self.account(name), Change::Standing(Standing::Closed)),
            ["reopen", name] => Command::Change(self.account(name), Change::Standing(Standing::Open)),
            ["limit", name, line] => {
                let limits = Limits { credit_line: Some(line.parse().unwrap()), credit_cap: None };
                Command::Change(self.account(name), Change::Limits(limits))
            }
            ["expire"] => Command::Expire,
            ["nothing"] => Command::Transfer(Vec::new()),
            _ => Command::Transfer(steps.split(" + ").map(|step| self.transfer(step)).collect()),
        };
        match decide(&self.state, &command, self.now()) {
            Err(refusal) => refusal.code.trim_start_matches("ledger.").to_owned(),
            Ok(event) => {
                apply(&mut self.state, &event);
                if let Command::Transfer(chain) = command {
                    self.made.extend(chain);
                }
                "ok".into()
            }
        }
    }

    fn transfer(&self, step: &str) -> Transfer {
        let words: Vec<&str> = step.split_whitespace().collect();
        let money = |text: &str| {
            let (minor, currency) = text.split_once(':').unwrap_or((text, "INR"));
            Money::new(minor.parse().unwrap(), Currency::parse(currency).unwrap())
        };
        let id = |text: &str| TransferId(text.parse().unwrap());
        let made = |text: &str| {
            let sought = id(text);
            let ghost = Transfer::pend(sought, self.account("A"), self.account("B"), money("1"), None);
            self.made.iter().find(|made| made.id == sought).cloned().unwrap_or(ghost)
        };
        match words.as_slice() {
            ["post", name, from, to, amount] => {
                Transfer::post(id(name), self.account(from), self.account(to), money(amount))
            }
            ["pend", name, from, to, amount, rest @ ..] => {
                let deadline =
                    rest.first().map(|seconds| Moment::EPOCH.plus(Micros::seconds(seconds.parse().unwrap())));
                Transfer::pend(id(name), self.account(from), self.account(to), money(amount), deadline)
            }
            ["take", name, pending, amount] => {
                Transfer::post_pending(id(name), &made(pending), money(amount))
            }
            ["void", name, pending] => Transfer::void_pending(id(name), &made(pending)),
            ["voidother", name, pending, from, to] => {
                let mut void = Transfer::void_pending(id(name), &made(pending));
                (void.debit, void.credit) = (self.account(from), self.account(to));
                void
            }
            ["upto", name, side, from, to, amount] => {
                let mut transfer =
                    Transfer::post(id(name), self.account(from), self.account(to), money(amount));
                let side = if *side == "debit" { Balancing::Debit } else { Balancing::Credit };
                transfer.phase = meridian_ledger::Phase::PostUpTo(side);
                transfer
            }
            other => panic!("no such step: {other:?}"),
        }
    }
}

const WORLD: &str = "
    open M INR settlement-agent
    open A INR cover
    open B INR cover
    post 1 M A 1000
";

#[test]
fn refusals_come_in_order_of_precedence() {
    check(&format!(
        "{WORLD}
        open A INR cover                      -> account_exists
        nothing                               -> empty_chain
        post 0 A B 0                          -> id_zero
        post 1 M A 1000                       -> exists
        post 1 M A 1001                       -> exists_with_other_content
        post 2 A A 0                          -> amount_not_positive
        post 2 A A 5                          -> same_account
        post 2 X A 5                          -> debit_account_unknown
        post 2 A X 5                          -> credit_account_unknown
        open C RUB cover
        post 2 C A 5                          -> debit_currency
        post 2 A C 5                          -> credit_currency
        take 2 99 5                           -> pending_unknown
        take 2 1 5                            -> not_pending
        at 10
        pend 2 A B 5 10                       -> deadline_passed
        freeze A
        close B
        post 2 A B 5                          -> debit_frozen
        post 2 B A 5                          -> credit_frozen
        reopen A
        post 2 B A 5                          -> debit_closed
        post 2 A B 5                          -> credit_closed
        reopen B
        post 2 A B 1001                       -> insufficient_funds
        post 2 M A 170141183460469231731687303715884105727 -> overflow
        open D INR cover cap=10
        post 2 A D 11                         -> credit_cap
        post 2 A D 10
        "
    ));
}

#[test]
fn a_reservation_counts_against_what_it_would_take_and_not_for_what_it_would_bring() {
    check(&format!(
        "{WORLD}
        pend 2 A B 600
        balance A 1000 600 0
        balance B 0 0 600
        post 3 A B 401                        -> insufficient_funds
        post 3 B A 1                          -> insufficient_funds
        post 3 A B 400
        balance A 600 600 0
        "
    ));
}

#[test]
fn a_reservation_is_posted_whole_in_part_or_voided_once() {
    check(&format!(
        "{WORLD}
        pend 2 A B 600
        take 3 2 601                          -> pending_amount
        voidother 3 2 B A                     -> pending_other_accounts
        take 3 2 500
        balance A 500 0 0
        balance B 500 0 0
        take 4 2 100                          -> pending_posted
        void 4 2                              -> pending_posted
        pend 5 A B 500
        void 6 5
        balance A 500 0 0
        take 7 5 500                          -> pending_voided
        void 6 5                              -> exists
        "
    ));
}

#[test]
fn a_deadline_counts_from_the_moment_it_comes() {
    check(&format!(
        "{WORLD}
        pend 2 A B 600 30
        pend 3 A B 100 20
        at 30
        take 4 2 600                          -> pending_expired
        balance A 1000 700 0
        expire
        balance A 1000 0 0
        balance B 0 0 0
        void 4 2                              -> pending_expired
        "
    ));
}

#[test]
fn a_chain_succeeds_or_fails_as_one_and_sees_its_own_effects() {
    check(&format!(
        "{WORLD}
        post 2 A B 1000 + post 3 B A 1001     -> insufficient_funds
        balance A 1000 0 0
        post 2 A B 1000 + post 3 B A 1000
        balance A 1000 0 0
        pend 4 A B 700 + take 5 4 700
        balance B 700 0 0
        post 6 A B 1 + post 6 A B 1           -> exists
        post 6 A B 1 + post 6 A B 2           -> exists_with_other_content
        "
    ));
}

#[test]
fn a_balancing_transfer_moves_what_the_limit_allows() {
    check(&format!(
        "{WORLD}
        pend 2 A B 300
        upto 3 debit A B 5000
        balance A 300 300 0
        upto 4 debit A B 5000                 -> insufficient_funds
        open D INR cover cap=50
        upto 5 credit B D 5000
        balance D 50 0 0
        upto 6 credit B D 5000                -> credit_cap
        "
    ));
}

#[test]
fn a_credit_line_lets_debits_exceed_credits_by_so_much() {
    check(&format!(
        "{WORLD}
        limit B 250
        post 2 B A 250
        post 3 B A 1                          -> insufficient_funds
        limit B 0
        post 3 B A 1                          -> insufficient_funds
        post 4 A B 251
        post 5 B A 1
        "
    ));
}

#[test]
fn a_frozen_account_keeps_its_reservation_from_being_posted_but_not_from_being_voided() {
    check(&format!(
        "{WORLD}
        pend 2 A B 600
        freeze B
        take 3 2 600                          -> credit_frozen
        void 3 2
        pend 4 A M 100
        close A
        take 5 4 100
        "
    ));
}

#[test]
fn every_code_stands_at_its_own_place() {
    for (position, (denial, code, ..)) in CODES.iter().enumerate() {
        assert_eq!(*denial as usize, position, "{code} stands at the wrong place");
        assert_eq!(denial.code(), *code);
    }
}
