//! The life of windows, queues, trades and corrections, step by step on one hub.

use std::collections::BTreeMap;

use meridian_ledger::{self as ledger, Account, Kind, Transfer, TransferId};
use meridian_settlement::{
    AgentAnswer, Calendar, Circuit, Class, Command, Correction, Event, Model, Movement, Policy, Progress,
    Side, Stage, State, Tier, Trade, WindowId, apply, best, decide,
};
use meridian_terms::{Bic, Currency, Day, Micros, Moment, Money, Refusal};

pub const BANKS: [&str; 4] = ["ALFARUMM", "BETARUMM", "GAMARUMM", "DELTRUMM"];
pub const AGENT: &str = "CBRFRUMM";

/// A hub with four banks, cover of 1,000.00 each in roubles and rupees, and a settlement agent that works from 08:00 to
/// 18:00 UTC on weekdays.
pub struct World {
    pub state: State,
    pub money: ledger::State,
    pub now: Moment,
    pub history: Vec<Event>,
}

pub fn bic(name: &str) -> Bic {
    let full = BANKS.iter().find(|bank| bank.starts_with(name)).unwrap_or(&name);
    Bic::parse(full).unwrap()
}

pub fn rub(minor: i128) -> Money {
    Money::new(minor, Currency::RUB)
}

pub fn moves(from: &str, to: &str, amount: Money) -> Movement {
    Movement { from: bic(from), to: bic(to), amount }
}

pub fn window(number: u64) -> WindowId {
    WindowId { currency: Currency::RUB, number }
}

impl World {
    pub fn new(model: Model, cover: i128) -> Self {
        let mut money = ledger::State::default();
        let now = Moment::parse("2026-03-18T09:00:00Z").unwrap();
        let mut book = |command: ledger::Command| {
            let event = ledger::decide(&money, &command, now).unwrap();
            ledger::apply(&mut money, &event);
        };
        for (row, currency) in (0_u128..).zip([Currency::RUB, Currency::INR]) {
            let mirror = Account::open("SETTLEMENT-AGENT", currency, Kind::SettlementAgent);
            book(ledger::Command::Open(vec![mirror.clone()]));
            for (number, name) in (0_u128..).zip(BANKS) {
                let account = Account::open(name, currency, Kind::Cover);
                book(ledger::Command::Open(vec![account.clone()]));
                if cover > 0 {
                    let id = TransferId(1 + number + 10 * row);
                    let funding = Transfer::post(id, mirror.id, account.id, Money::new(cover, currency));
                    book(ledger::Command::Transfer(vec![funding]));
                }
            }
        }
        let mut world = Self { state: State::default(), money, now, history: Vec::new() };
        for currency in [Currency::RUB, Currency::INR] {
            let calendar = "offset,1970-01-01,+00:00\nweekend,1970-01-01,Saturday Sunday\nhours,08:00,18:00\ncut_off,17:00";
            let circuit = Circuit {
                currency,
                agent: bic(AGENT),
                model,
                calendar: Calendar::parse(calendar).unwrap(),
                patience: Micros::minutes(10),
            };
            world.ask(Command::OpenCircuit(circuit)).unwrap();
        }
        world
    }

    pub fn ask(&mut self, command: Command) -> Result<Event, Refusal> {
        let before = (self.state.clone(), borsh::to_vec(&self.money).unwrap());
        let decided = decide(&self.state, &self.money, &command, self.now);
        assert_eq!(
            before,
            (self.state.clone(), borsh::to_vec(&self.money).unwrap()),
            "deciding changes nothing"
        );
        let event = decided?;
        apply(&mut self.state, &mut self.money, &event);
        self.history.push(event.clone());
        self.state.check(&self.money).unwrap();
        assert!(self.money.imbalance().is_empty());
        Ok(event)
    }

    pub fn code(&mut self, command: Command) -> String {
        self.ask(command).map_or_else(|refusal| refusal.code.into_owned(), |_| "ok".into())
    }

    pub fn pay(&mut self, id: u128, from: &str, to: &str, minor: i128) -> String {
        let movements = vec![moves(from, to, rub(minor))];
        match self.ask(Command::Submit { id, class: Class::Normal, movements }) {
            Ok(Event::Released { .. }) => "settled".into(),
            Ok(Event::Queued(_)) => "waits".into(),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => refusal.code.into_owned(),
        }
    }

    pub fn wait_for(&mut self, name: &str, minutes: i64) {
        for class in [Class::Urgent, Class::Normal] {
            let policy = Policy::Wait(Micros::minutes(minutes));
            self.ask(Command::SetPolicy { participant: bic(name), class, policy }).unwrap();
        }
    }

    pub fn balance(&self, name: &str) -> i128 {
        let id = Account::open(bic(name).as_str(), Currency::RUB, Kind::Cover).id;
        self.money.account(id).unwrap().balance().minor()
    }

    pub fn stage(&self, number: u64) -> &'static str {
        self.state.window(window(number)).unwrap().stage.word()
    }

    pub fn answer(&mut self, number: u64, instruction: usize, answer: AgentAnswer) -> String {
        let instruction = self.state.window(window(number)).unwrap().instructions[instruction].id;
        self.code(Command::AgentAnswer { by: bic(AGENT), instruction, answer })
    }

    fn progress(&self, number: u64) -> String {
        let word = |progress: &Progress| match progress {
            Progress::Waiting => 'w',
            Progress::Sent { .. } => 's',
            Progress::Accepted => 'a',
            Progress::Refused { .. } => 'r',
        };
        self.state
            .window(window(number))
            .unwrap()
            .instructions
            .iter()
            .map(|one| word(&one.progress))
            .collect()
    }
}

#[test]
fn a_multilateral_window_pays_in_first_and_out_next() {
    let mut world = World::new(Model::MultilateralNet, 100_000);
    assert_eq!(world.pay(1, "ALFA", "BETA", 30_000), "settled");
    assert_eq!(world.pay(2, "BETA", "GAMA", 50_000), "settled");
    assert_eq!(world.pay(3, "GAMA", "ALFA", 10_000), "settled");
    assert_eq!(world.code(Command::Settle(window(1))), "settlement.window_open");
    assert_eq!(world.code(Command::Close(Currency::RUB)), "ok");
    assert_eq!((world.stage(1), world.stage(2)), ("CLOSED", "OPEN"));
    let closed = world.state.window(window(1)).unwrap();
    assert_eq!((closed.gross(), closed.commitments), (90_000, 3));
    assert_eq!(closed.funding(Model::BilateralNet), 90_000);
    assert_eq!(closed.funding(Model::MultilateralNet), 40_000);
    // A payment after the closing belongs to the next window.
    assert_eq!(world.pay(4, "ALFA", "BETA", 1), "settled");
    assert_eq!(world.code(Command::Settle(window(1))), "ok");
    assert_eq!((world.stage(1), world.progress(1)), ("PENDING_SETTLEMENT", "ssw".into()));
    assert_eq!(world.code(Command::Settle(window(1))), "settlement.window_asked");
    assert_eq!(
        world.answer(1, 2, AgentAnswer::Settled),
        "settlement.answered",
        "nobody is paid before all paid in"
    );
    assert_eq!(world.answer(1, 0, AgentAnswer::Settled), "ok");
    assert_eq!(world.progress(1), "asw");
    assert_eq!(world.answer(1, 1, AgentAnswer::Settled), "ok");
    assert_eq!(world.progress(1), "aas");
    assert_eq!(world.answer(1, 1, AgentAnswer::Settled), "settlement.answered");
    assert_eq!(world.answer(1, 2, AgentAnswer::Settled), "ok");
    assert_eq!(world.stage(1), "SETTLED");
    let sides: Vec<_> = world
        .state
        .window(window(1))
        .unwrap()
        .instructions
        .iter()
        .map(|one| (&one.from, one.amount.minor()))
        .collect();
    assert_eq!(
        sides.iter().filter(|(from, _)| **from == Side::Hub).map(|(_, amount)| amount).sum::<i128>(),
        40_000
    );
    assert_eq!(world.code(Command::Settle(window(1))), "settlement.window_asked");
}

#[test]
fn windows_settle_in_order_and_an_empty_one_at_once() {
    let mut world = World::new(Model::BilateralNet, 100_000);
    world.pay(1, "ALFA", "BETA", 30_000);
    world.pay(2, "BETA", "ALFA", 20_000);
    world.ask(Command::Close(Currency::RUB)).unwrap();
    world.ask(Command::Close(Currency::RUB)).unwrap();
    assert_eq!(world.code(Command::Settle(window(2))), "settlement.window_order");
    world.now = Moment::parse("2026-03-18T19:00:00Z").unwrap();
    assert_eq!(world.code(Command::Settle(window(1))), "settlement.rtgs_closed");
    world.now = Moment::parse("2026-03-19T08:00:00Z").unwrap();
    assert_eq!(world.code(Command::Settle(window(1))), "ok");
    let asked = &world.state.window(window(1)).unwrap().instructions;
    assert_eq!(
        (asked.len(), asked[0].amount.minor(), asked[0].value_date.to_string()),
        (1, 10_000, "2026-03-19".into())
    );
    assert_eq!(world.code(Command::Settle(window(2))), "settlement.window_order");
    assert_eq!(world.answer(1, 0, AgentAnswer::Settled), "ok");
    assert_eq!(world.code(Command::Settle(window(2))), "ok");
    assert_eq!(world.stage(2), "SETTLED");
}

#[test]
fn what_the_agent_refuses_is_asked_again_under_the_same_id_and_what_it_paid_stays_paid() {
    let mut world = World::new(Model::MultilateralNet, 100_000);
    world.pay(1, "ALFA", "GAMA", 30_000);
    world.pay(2, "BETA", "GAMA", 20_000);
    world.ask(Command::Close(Currency::RUB)).unwrap();
    world.ask(Command::Settle(window(1))).unwrap();
    let ids = |world: &World| -> Vec<u128> {
        world.state.window(window(1)).unwrap().instructions.iter().map(|one| one.id).collect()
    };
    let first = ids(&world);
    assert_eq!(world.answer(1, 0, AgentAnswer::Refused("AM04".into())), "ok");
    assert_eq!(world.stage(1), "ABORTED");
    // The other answer was on its way: it is kept, and the window then stands half paid.
    assert_eq!(world.answer(1, 1, AgentAnswer::Settled), "ok");
    assert_eq!((world.stage(1), world.progress(1)), ("FAILED", "raw".into()));
    world.ask(Command::Close(Currency::RUB)).unwrap();
    assert_eq!(world.code(Command::Settle(window(2))), "settlement.window_order");
    assert_eq!(world.code(Command::Settle(window(1))), "ok");
    assert_eq!((world.stage(1), world.progress(1)), ("PENDING_SETTLEMENT", "saw".into()));
    assert_eq!(ids(&world), first);
    assert_eq!(world.answer(1, 0, AgentAnswer::Settled), "ok");
    // Refused once more, after all paid in: only the payment out is asked again.
    assert_eq!(world.answer(1, 2, AgentAnswer::Refused("AC06".into())), "ok");
    assert_eq!((world.stage(1), world.progress(1)), ("FAILED", "aar".into()));
    assert_eq!(world.code(Command::Settle(window(1))), "ok");
    assert_eq!(world.progress(1), "aas");
    assert_eq!(world.answer(1, 2, AgentAnswer::Settled), "ok");
    assert_eq!(world.stage(1), "SETTLED");
}

#[test]
fn a_silent_agent_is_asked_again_and_nothing_is_assumed() {
    let mut world = World::new(Model::MultilateralNet, 100_000);
    world.pay(1, "ALFA", "BETA", 30_000);
    // The cut-off closes it, the next tick asks the agent, and ten minutes later it is chased.
    assert_eq!(world.state.next_deadline(), Some(Moment::parse("2026-03-18T17:00:00Z").unwrap()));
    world.now = Moment::parse("2026-03-18T17:00:00Z").unwrap();
    for _ in 0..4 {
        world.ask(Command::Tick).unwrap();
    }
    assert_eq!((world.stage(1), world.stage(2)), ("PENDING_SETTLEMENT", "OPEN"));
    let balances = |world: &World| BANKS.map(|bank| world.balance(bank));
    let before = balances(&world);
    for _ in 0..3 {
        world.now = world.now.plus(Micros::minutes(10));
        assert!(matches!(world.ask(Command::Tick), Ok(Event::Chased { .. })));
    }
    assert_eq!(
        (balances(&world), world.stage(1), world.progress(1)),
        (before, "PENDING_SETTLEMENT", "sw".into())
    );
    let stranger = Command::AgentAnswer {
        by: bic("BETA"),
        instruction: world.state.window(window(1)).unwrap().instructions[0].id,
        answer: AgentAnswer::Settled,
    };
    assert_eq!(world.code(stranger), "settlement.not_the_agent");
}

#[test]
fn gross_commitments_are_instructed_one_by_one_at_once() {
    let mut world = World::new(Model::Gross, 100_000);
    world.pay(1, "ALFA", "BETA", 30_000);
    world.pay(2, "ALFA", "BETA", 5_000);
    assert_eq!(world.state.next_deadline(), Some(world.now));
    world.ask(Command::Tick).unwrap();
    world.pay(3, "BETA", "ALFA", 1_000);
    while world.state.next_deadline() == Some(world.now) {
        world.ask(Command::Tick).unwrap();
    }
    let amounts = |number| {
        let asked = world.state.window(window(number)).unwrap().instructions.iter();
        asked.map(|one| one.amount.minor()).collect::<Vec<_>>()
    };
    assert_eq!((amounts(1), amounts(2)), (vec![30_000, 5_000], vec![1_000]));
    assert_eq!(world.stage(3), "OPEN");
}

#[test]
fn unsettled_credit_of_a_closed_window_is_spent_up_to_the_sub_cap_only() {
    let mut world = World::new(Model::MultilateralNet, 100_000);
    world.pay(1, "ALFA", "BETA", 80_000);
    // Within the window the credit is BETA's to spend.
    assert_eq!(world.pay(2, "BETA", "GAMA", 120_000), "settled");
    assert_eq!(world.pay(3, "GAMA", "BETA", 90_000), "settled");
    world.ask(Command::Close(Currency::RUB)).unwrap();
    // BETA has 150,000, of which 50,000 is a closed window's credit.
    assert_eq!(world.balance("BETA"), 150_000);
    assert_eq!(world.state.locked(&bic("BETA"), Currency::RUB), 50_000);
    assert_eq!(world.pay(4, "BETA", "GAMA", 100_001), "settlement.short_of_cover");
    world.ask(Command::SetSubCap { participant: bic("BETA"), most: rub(20_000) }).unwrap();
    assert_eq!(world.pay(4, "BETA", "GAMA", 120_001), "settlement.short_of_cover");
    assert_eq!(world.pay(4, "BETA", "GAMA", 120_000), "settled");
    world.ask(Command::Settle(window(1))).unwrap();
    let all = world.state.window(window(1)).unwrap().instructions.len();
    (0..all).for_each(|one| assert_eq!(world.answer(1, one, AgentAnswer::Settled), "ok"));
    assert_eq!(world.stage(1), "SETTLED");
    assert_eq!(world.pay(5, "BETA", "GAMA", 30_000), "settled");
}

#[test]
fn payments_wait_as_their_payer_wants_and_leave_in_turn() {
    let mut world = World::new(Model::MultilateralNet, 100_000);
    assert_eq!(world.pay(1, "ALFA", "BETA", 100_001), "settlement.short_of_cover");
    world.wait_for("ALFA", 30);
    assert_eq!(world.pay(1, "ALFA", "BETA", 100_001), "waits");
    assert_eq!(world.pay(1, "ALFA", "BETA", 100_001), "settlement.waits_already");
    // Covered, but it is not its turn.
    assert_eq!(world.pay(2, "ALFA", "BETA", 5), "waits");
    let urgent =
        Command::Submit { id: 3, class: Class::Urgent, movements: vec![moves("ALFA", "BETA", rub(7))] };
    assert!(matches!(world.ask(urgent), Ok(Event::Released { .. })), "urgent before normal");
    let release = |tier| Command::Release { currency: Currency::RUB, tier };
    assert_eq!(world.code(release(Tier::Funds)), "settlement.nothing_to_release");
    assert_eq!(world.pay(4, "BETA", "ALFA", 50), "settled");
    assert!(
        matches!(world.ask(release(Tier::Funds)), Ok(Event::Released { entries, .. }) if entries.len() == 2)
    );
    assert_eq!(world.balance("ALFA"), 37);
}

#[test]
fn a_payment_that_waits_in_vain_is_refused_and_one_taken_back_is_gone() {
    let mut world = World::new(Model::MultilateralNet, 0);
    world.wait_for("ALFA", 30);
    assert_eq!(world.pay(1, "ALFA", "BETA", 10), "waits");
    assert_eq!(world.pay(2, "ALFA", "BETA", 11), "waits");
    assert_eq!(world.code(Command::Withdraw { id: 2, by: bic("BETA") }), "settlement.not_its_payer");
    assert_eq!(world.code(Command::Withdraw { id: 2, by: bic("ALFA") }), "ok");
    assert_eq!(world.code(Command::Tick), "settlement.nothing_due");
    world.now = world.now.plus(Micros::minutes(30));
    assert!(matches!(world.ask(Command::Tick), Ok(Event::Expired { ids, .. }) if ids == [1]));
    assert_eq!(world.state.waiting().count(), 0);
}

#[test]
fn a_circle_of_payments_nobody_can_start_settles_at_once() {
    let mut world = World::new(Model::MultilateralNet, 0);
    ["ALFA", "BETA", "GAMA"].iter().for_each(|bank| world.wait_for(bank, 60));
    assert_eq!(world.pay(1, "ALFA", "BETA", 100), "waits");
    assert_eq!(world.pay(2, "BETA", "GAMA", 100), "waits");
    assert_eq!(world.pay(3, "GAMA", "ALFA", 100), "waits");
    let release = |tier| Command::Release { currency: Currency::RUB, tier };
    assert_eq!(world.code(release(Tier::Funds)), "settlement.nothing_to_release");
    assert!(
        matches!(world.ask(release(Tier::Gridlock)), Ok(Event::Released { entries, .. }) if entries.len() == 3)
    );
    assert_eq!(["ALFA", "BETA", "GAMA"].map(|bank| world.balance(bank)), [0, 0, 0]);
    // The same references again: the ledger knows them, whichever way they became final.
    assert_eq!(world.pay(1, "ALFA", "BETA", 100), "settlement.final_already");
    assert_eq!(world.pay(4, "ALFA", "NOBODEFF", 100), "settlement.no_cover_account");
}

#[test]
fn a_plan_made_on_a_stale_state_is_refused_whole() {
    let mut world = World::new(Model::MultilateralNet, 10);
    BANKS.iter().for_each(|bank| world.wait_for(bank, 60));
    for (id, from, to, amount) in [(1, "ALFA", "BETA", 100), (2, "BETA", "GAMA", 95), (3, "GAMA", "ALFA", 99)]
    {
        assert_eq!(world.pay(id, from, to, amount), "waits");
    }
    let planned = |world: &World| {
        let snapshot = world.state.snapshot(&world.money, Currency::RUB).unwrap();
        let plan = best(&snapshot.queue, 10_000, 1).plan;
        snapshot.proposal(Currency::RUB, plan.settled())
    };
    let stale = planned(&world);
    assert_eq!(stale.settled.len(), 3);
    // DELT's funds arriving elsewhere or a new normal payment do no harm; less cover, a departure or an urgent one do.
    assert_eq!(world.pay(4, "DELT", "BETA", 10), "settled");
    let mut less = stale.clone();
    less.basis.spendable.insert(bic("ALFA"), 11);
    assert_eq!(world.code(Command::Commit(less)), "settlement.plan_stale");
    world.ask(Command::Withdraw { id: 2, by: bic("BETA") }).unwrap();
    let before = world.state.clone();
    assert_eq!(world.code(Command::Commit(stale)), "settlement.plan_stale");
    assert_eq!(world.state, before);
    assert_eq!(world.pay(5, "BETA", "GAMA", 95), "waits");
    let fresh = planned(&world);
    let urgent =
        Command::Submit { id: 6, class: Class::Urgent, movements: vec![moves("GAMA", "DELT", rub(400))] };
    assert!(matches!(world.ask(urgent), Ok(Event::Queued(_))));
    assert_eq!(world.code(Command::Commit(fresh)), "settlement.plan_stale");
    let fresh = planned(&world);
    let mut forged = fresh.clone();
    forged.settled.push(77);
    assert_eq!(world.code(Command::Commit(forged)), "settlement.waits_not");
    let mut forged = fresh.clone();
    forged.settled = vec![1];
    assert_eq!(world.code(Command::Commit(forged)), "settlement.plan_unsound");
    assert!(
        matches!(world.ask(Command::Commit(fresh)), Ok(Event::Released { tier: Tier::Optimised, entries, .. }) if entries.len() == 3)
    );
}

#[test]
fn both_sides_of_a_trade_are_final_together_or_not_at_all() {
    let mut world = World::new(Model::MultilateralNet, 1_000);
    let rupees = |minor| Money::new(minor, Currency::INR);
    let trade = |world: &World, by: &str, with: &str, gives, takes| Trade {
        id: 7,
        by: bic(by),
        with: bic(with),
        gives,
        takes,
        until: world.now.plus(Micros::minutes(60)),
    };
    let mine = trade(&world, "ALFA", "BETA", rub(900), rupees(1_500));
    assert!(matches!(world.ask(Command::StateTrade(mine.clone())), Ok(Event::TradeStated(_))));
    assert_eq!(world.code(Command::StateTrade(mine)), "settlement.trade_mismatch");
    let other = trade(&world, "BETA", "ALFA", rupees(1_501), rub(900));
    assert_eq!(world.code(Command::StateTrade(other)), "settlement.trade_mismatch");
    // BETA has 1,000 of the 1,500 rupees: nothing moves, not even the roubles that are there.
    let other = trade(&world, "BETA", "ALFA", rupees(1_500), rub(900));
    assert!(matches!(world.ask(Command::StateTrade(other)), Ok(Event::Queued(_))));
    assert_eq!((world.balance("ALFA"), world.balance("BETA")), (1_000, 1_000));
    let release = Command::Release { currency: Currency::INR, tier: Tier::Funds };
    assert_eq!(world.code(release.clone()), "settlement.nothing_to_release");
    let help = vec![moves("GAMA", "BETA", rupees(500))];
    world.ask(Command::Submit { id: 8, class: Class::Normal, movements: help }).unwrap();
    assert!(matches!(world.ask(release), Ok(Event::Released { .. })));
    assert_eq!((world.balance("ALFA"), world.balance("BETA")), (100, 1_900));
    // Both legs fell into their currencies' windows.
    for (currency, net) in [(Currency::RUB, -900), (Currency::INR, 1_500)] {
        let id = world.state.open_window(currency).unwrap();
        assert_eq!(world.state.window(id).unwrap().nets[&bic("ALFA")], net);
    }
    let lonely = Trade { id: 9, ..trade(&world, "ALFA", "BETA", rub(1), rupees(1)) };
    world.ask(Command::StateTrade(lonely)).unwrap();
    world.now = world.now.plus(Micros::minutes(60));
    assert!(matches!(world.ask(Command::Tick), Ok(Event::TradeLapsed { id: 9 })));
}

#[test]
fn the_agents_balances_are_compared_with_what_should_stand_there() {
    let mut world = World::new(Model::MultilateralNet, 1_000);
    world.pay(1, "ALFA", "BETA", 300);
    world.ask(Command::Close(Currency::RUB)).unwrap();
    world.ask(Command::Settle(window(1))).unwrap();
    // ALFA has paid in at the agent, BETA is not yet paid.
    world.answer(1, 0, AgentAnswer::Settled);
    world.pay(2, "GAMA", "BETA", 50);
    let mut balances: BTreeMap<Bic, i128> = BANKS.iter().map(|bank| (bic(bank), 1_000)).collect();
    balances.insert(bic("ALFA"), 700);
    let day = Day::parse("2026-03-18").unwrap();
    let report = |balances| Command::Reconcile { by: bic(AGENT), currency: Currency::RUB, day, balances };
    world.ask(report(balances.clone())).unwrap();
    assert_eq!(world.state.breaks(Currency::RUB).unwrap().1.len(), 0);
    balances.insert(bic("GAMA"), 950);
    balances.remove(&bic("DELT"));
    world.ask(report(balances)).unwrap();
    let breaks = &world.state.breaks(Currency::RUB).unwrap().1;
    let found: Vec<_> =
        breaks.iter().map(|(bic, found)| (bic.as_str(), found.expected, found.reported)).collect();
    assert_eq!(found, [("DELTRUMM", 1_000, None), ("GAMARUMM", 1_000, Some(950))]);
}

#[test]
fn two_people_correct_and_nothing_is_edited() {
    let mut world = World::new(Model::MultilateralNet, 1_000);
    let account = |name: &str, kind| Account::open(name, Currency::RUB, kind).id;
    let correction = Correction {
        id: 99,
        debit: account("SETTLEMENT-AGENT", Kind::SettlementAgent),
        credit: account("ALFARUMM", Kind::Cover),
        amount: rub(25),
        reason: "notice 2f booked 25 short".into(),
        by: "ayse".into(),
    };
    assert_eq!(
        world.code(Command::ApproveCorrection { id: 99, by: "boris".into() }),
        "settlement.correction_unknown"
    );
    assert_eq!(
        world.code(Command::ProposeCorrection(Correction { reason: " ".into(), ..correction.clone() })),
        "settlement.correction_empty"
    );
    assert_eq!(world.code(Command::ProposeCorrection(correction.clone())), "ok");
    assert_eq!(world.code(Command::ProposeCorrection(correction)), "settlement.correction_known");
    assert_eq!(
        world.code(Command::ApproveCorrection { id: 99, by: "ayse".into() }),
        "settlement.correction_same_person"
    );
    assert_eq!(world.balance("ALFA"), 1_000);
    assert_eq!(world.code(Command::ApproveCorrection { id: 99, by: "boris".into() }), "ok");
    assert_eq!(world.balance("ALFA"), 1_025);
    assert_eq!(
        world.code(Command::ApproveCorrection { id: 99, by: "boris".into() }),
        "settlement.correction_unknown"
    );
}

#[test]
fn a_model_in_use_is_not_changed() {
    let mut world = World::new(Model::MultilateralNet, 1_000);
    world.pay(1, "ALFA", "BETA", 300);
    let gross = Circuit { model: Model::Gross, ..world.state.circuit(Currency::RUB).unwrap().clone() };
    assert_eq!(world.code(Command::OpenCircuit(gross.clone())), "settlement.window_in_use");
    world.ask(Command::Close(Currency::RUB)).unwrap();
    assert_eq!(world.code(Command::OpenCircuit(gross)), "ok");
    // The closed window still settles by its own model.
    assert_eq!(world.state.window(window(1)).unwrap().stage, Stage::Closed);
    world.ask(Command::Settle(window(1))).unwrap();
    assert_eq!(world.progress(1), "sw");
}
