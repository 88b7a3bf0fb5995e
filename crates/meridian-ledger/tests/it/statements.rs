//! Statements as of any moment agree with the balances there were.

use meridian_ledger::{
    Account, AccountId, Command, Event, Kind, State, Statement, Transfer, TransferId, apply, decide,
};
use meridian_terms::{Currency, Micros, Moment, Money, Window};

#[test]
fn a_statement_opens_where_the_one_before_closed() {
    let currency = Currency::KZT;
    let mirror = Account::open("AGENT", currency, Kind::SettlementAgent);
    let cover = Account::open("XSTEKZKA", currency, Kind::Cover);
    let mut state = State::default();
    let mut history: Vec<Event> = Vec::new();
    let at = |seconds| Moment::EPOCH.plus(Micros::seconds(seconds));
    let mut run = |command: &Command, seconds| {
        let event = decide(&state, command, at(seconds)).unwrap();
        apply(&mut state, &event);
        history.push(event);
        state.account(AccountId::of("XSTEKZKA", currency, Kind::Cover)).unwrap().balance()
    };
    run(&Command::Open(vec![mirror.clone(), cover.clone()]), 0);
    let money = |minor| Money::new(minor, currency);
    let steps: [(i64, i128); 4] = [(1, 500), (2, -200), (3, 50), (4, -300)];
    let mut balances = vec![money(0)];
    for (seconds, amount) in steps {
        let (from, to) = if amount > 0 { (mirror.id, cover.id) } else { (cover.id, mirror.id) };
        let transfer =
            Transfer::post(TransferId(seconds.unsigned_abs().into()), from, to, money(amount.abs()));
        balances.push(run(&Command::Transfer(vec![transfer]), seconds));
    }
    // A reservation is not a posting.
    run(&Command::Transfer(vec![Transfer::pend(TransferId(9), cover.id, mirror.id, money(10), None)]), 5);
    for from in 0..5_usize {
        for until in from + 1..6 {
            let moment = |index: usize| at(i64::try_from(index).unwrap());
            let range = Window::new(moment(from + 1), Some(moment(until + 1))).unwrap();
            let statement = Statement::of(cover.id, currency, &range, &history);
            assert_eq!(statement.opening, balances[from]);
            assert_eq!(statement.closing, balances[until.min(4)]);
            let last = statement.lines.last().map_or(statement.opening, |line| line.balance);
            assert_eq!(last, statement.closing);
        }
    }
}
