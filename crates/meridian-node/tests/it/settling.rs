//! Settlement through the hub: payments that wait for cover, windows that close and settle, silent and wrong agents.

use std::collections::BTreeMap;

use meridian_node::{Event, Hub, Record};
use meridian_pay::{self as pay, AnswerStatus, Clearance, Priority, Verdict};
use meridian_settlement::{self as settlement, AgentAnswer, Model, Side, Stage, Tier};
use meridian_terms::{Currency, Money};
use proptest::prelude::*;

use crate::corridor::{BANKS, Corridor, EXCHANGE, INR_AGENT, RUB_AGENT, bic, rub, window};

const A: &str = BANKS[0];
const B: &str = BANKS[1];
const C: &str = BANKS[2];
const D: &str = BANKS[3];

fn world() -> Corridor {
    Corridor::new(Model::MultilateralNet, 0)
}

#[test]
fn a_payment_short_of_cover_is_refused_or_waits_as_its_payer_says() {
    let mut world = world();
    let (_, refused) = world.sends(A, B, 100, Priority::Norm);
    assert_eq!(refused, "refused AM04");
    world.lets_wait(A, 60);
    let (uetr, waits) = world.sends(A, B, 100, Priority::Norm);
    assert_eq!(waits, "waiting");
    let told = world.letters(A);
    assert!(told.last().unwrap().1.contains("<TxSts>PDNG</TxSts>"), "{told:?}");
    assert!(world.letters(B).is_empty(), "nobody else hears of it");

    world.fund(A, rub(99));
    assert_eq!(world.stage(uetr), "waiting");
    world.fund(A, rub(1));
    assert_eq!(world.stage(uetr), "settled");
    assert_eq!((world.balance(A), world.balance(B)), (0, 100));
    let told: Vec<String> = world.letters(A).into_iter().map(|(_, xml)| xml).collect();
    assert!(told.iter().any(|xml| xml.contains("<TxSts>ACSC</TxSts>")));
    let heard: Vec<String> = world.letters(B).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(heard, ["camt.054.001.08", "pacs.008.001.08", "pacs.002.001.10"]);
    assert_eq!(world.hub().settlement.window(window(Currency::RUB, 1)).unwrap().commitments, 1);

    world.answers(uetr, AnswerStatus::Accepted);
    assert_eq!(world.stage(uetr), "committed");
    assert_eq!(world.hub().settlement.window(window(Currency::RUB, 1)).unwrap().commitments, 1, "once");
}

#[test]
fn what_waits_in_vain_ends_at_its_deadline_and_gives_its_cap_and_place_back() {
    let mut world = world();
    world.lets_wait(A, 60);
    let (uetr, _) = world.sends(A, B, 100, Priority::Norm);
    world.pass(59);
    assert_eq!(world.stage(uetr), "waiting");
    world.pass(2);
    assert_eq!(world.stage(uetr), "rejected AM04");
    assert!(world.hub().pay.caps().all(|(_, cap)| cap.used == 0));
    world.fund(A, rub(100));
    assert_eq!(world.balance(A), 100, "nothing of it is left to settle");
}

#[test]
fn a_waiting_payment_is_taken_back_or_stopped_by_a_new_list() {
    let mut world = world();
    world.lets_wait(A, 60);
    let (back, _) = world.sends(A, B, 100, Priority::Norm);
    let (listed, _) = world.sends(A, C, 10, Priority::Norm);
    let (clear, _) = world.sends(A, D, 10, Priority::Norm);
    world.pay(pay::Command::Recall { uetr: back, by: bic(A), reason: "CUST".into() });
    assert_eq!(world.stage(back), "rejected DS02");

    let list = [2; 32];
    world.pay(pay::Command::PutListInForce(list));
    world.fund(A, rub(200));
    assert_eq!(world.stage(clear), "waiting", "nothing passes under the list of yesterday");
    world.pay(pay::Command::Rescreen(listed, Clearance { list, verdict: Verdict::Hit { case: 1 } }));
    assert_eq!(world.stage(listed), "rejected RR04");
    world.pay(pay::Command::Rescreen(clear, Clearance { list, verdict: Verdict::Clear }));
    assert_eq!(world.stage(clear), "settled");
    assert_eq!(world.balance(D), 10);
}

#[test]
fn urgent_goes_before_normal_and_nobody_overtakes_within_a_class() {
    let mut world = world();
    world.lets_wait(A, 600);
    let (large, _) = world.sends(A, B, 100, Priority::Norm);
    let (small, waits) = world.sends(A, C, 10, Priority::Norm);
    let (urgent, _) = world.sends(A, D, 50, Priority::High);
    assert_eq!(waits, "waiting");
    world.fund(A, rub(55));
    let stages = |world: &Corridor| [large, small, urgent].map(|uetr| world.stage(uetr));
    assert_eq!(stages(&world), ["waiting", "waiting", "settled"]);
    let (later, waits) = world.sends(A, D, 1, Priority::Norm);
    assert_eq!(waits, "waiting", "covered, but others of the same payer wait");
    world.fund(A, rub(105));
    assert_eq!(stages(&world), ["settled", "settled", "settled"]);
    assert_eq!(world.stage(later), "waiting");
    world.fund(A, rub(1));
    assert_eq!(world.stage(later), "settled");
}

#[test]
fn a_circle_that_nobody_can_begin_settles_at_once() {
    let mut world = world();
    for bank in [A, B, C] {
        world.lets_wait(bank, 60);
    }
    let circle = [world.sends(A, B, 100, Priority::Norm), world.sends(B, C, 95, Priority::Norm)];
    assert!(circle.iter().all(|(_, stage)| stage == "waiting"));
    world.fund(C, rub(5));
    let (last, _) = world.sends(C, A, 100, Priority::Norm);
    assert_eq!(world.stage(last), "settled");
    assert!(circle.iter().all(|(uetr, _)| world.stage(*uetr) == "settled"));
    let tiers: Vec<Tier> = world.past.iter().filter_map(|record| tier(&record.event)).collect();
    assert_eq!(tiers, [Tier::Gridlock]);
    assert_eq!([A, B, C].map(|bank| world.balance(bank)), [0, 5, 0]);
}

fn tier(event: &Event) -> Option<Tier> {
    match event {
        Event::Settle(settlement::Event::Released { tier, .. }, ..) => Some(*tier),
        _ => None,
    }
}

#[test]
fn both_sides_of_an_exchange_wait_and_settle_together_while_the_quote_binds() {
    let mut world = world();
    world.lets_wait(A, 60);
    world.fund(EXCHANGE, Money::new(1_000, Currency::INR));
    let (_, stage) = world.exchanges(A, 100);
    assert_eq!(stage, "refused AM04", "the provider's side would wait too, and it has not said that it does");
    world.lets_wait(EXCHANGE, 60);
    let (uetr, stage) = world.exchanges(A, 100);
    assert_eq!(stage, "waiting");
    world.fund(A, rub(100));
    assert_eq!(world.stage(uetr), "settled");
    assert_eq!((world.balance(A), world.balance(EXCHANGE)), (0, 100));
    for (currency, net) in [(Currency::RUB, -100), (Currency::INR, -110)] {
        let open = world.hub().settlement.window(window(currency, 1)).unwrap();
        assert_eq!(open.nets.values().min(), Some(&net), "{currency}");
    }
    let (late, _) = world.exchanges(A, 10);
    world.pass(11);
    assert_eq!(world.stage(late), "rejected AM04", "its quote binds ten minutes, its payer waits sixty");
}

#[test]
fn both_sides_of_a_trade_settle_in_one_event_or_not_at_all() {
    use meridian_pay::{Notice, Participant, Role};
    use meridian_settlement::Trade;
    const SWAP: &str = "SWAPINBB";
    let mut world = world();
    let participant = Participant {
        bic: bic(SWAP),
        name: SWAP.into(),
        country: meridian_terms::Country::parse("IN").unwrap(),
        role: Role::FxProvider,
        key: [7; 32],
        is_suspended: false,
    };
    let currencies = vec![Currency::RUB, Currency::INR];
    world.pay(pay::Command::Admit { participant, currencies });
    world.fund(SWAP, Money::new(500, Currency::INR));
    let trade = |id: u128, by: &str, with: &str, gives: Money, takes: Money, world: &Corridor| {
        let until = world.now().plus(meridian_terms::Micros::minutes(30));
        settlement::Command::StateTrade(Trade { id, by: bic(by), with: bic(with), gives, takes, until })
    };
    let (roubles, rupees) = (rub(100), Money::new(110, Currency::INR));
    let one = trade(1, EXCHANGE, SWAP, roubles, rupees, &world);
    world.settle(one).unwrap();
    let other = trade(1, SWAP, EXCHANGE, rupees, roubles, &world);
    world.settle(other).unwrap();
    let held = |world: &Corridor, name: &str, currency: Currency| {
        let own = world.hub().ledger.accounts().iter();
        let mut own = own.filter(|one| one.participant == name && one.currency == currency);
        own.next().map_or(0, |account| account.balance().minor())
    };
    let stands = |world: &Corridor| {
        [(EXCHANGE, Currency::RUB), (EXCHANGE, Currency::INR), (SWAP, Currency::RUB), (SWAP, Currency::INR)]
            .map(|(name, currency)| held(world, name, currency))
    };
    assert_eq!(stands(&world), [0, 0, 0, 500], "the rupees are there, the roubles are not: nothing moves");
    world.fund(EXCHANGE, roubles);
    assert_eq!(stands(&world), [0, 110, 100, 390]);
    let booked = world.hub().pay.bookings(SWAP, Currency::INR).map(|one| one.minor).collect::<Vec<_>>();
    assert_eq!(booked, [500, -110], "statements add up");

    let alone = trade(2, SWAP, EXCHANGE, rupees, roubles, &world);
    world.settle(alone).unwrap();
    world.pass(31);
    assert_eq!(stands(&world), [0, 110, 100, 390], "a statement without its mirror moves nothing");
    let told: Vec<String> = world
        .hub()
        .pay
        .mailbox(&bic(SWAP))
        .unwrap()
        .waiting
        .values()
        .filter_map(|letter| match &letter.notice {
            Notice::Word { kind, .. } => Some(kind.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["settlement.trade_stated", "settlement.settled", "settlement.trade_lapsed"]);
}

#[test]
fn unsettled_credit_of_a_closed_window_is_spent_only_up_to_its_sub_cap() {
    let mut world = world();
    world.fund(A, rub(500));
    let (uetr, _) = world.sends(A, B, 300, Priority::Norm);
    world.answers(uetr, AnswerStatus::Accepted);
    world.settle(settlement::Command::Close(Currency::RUB)).unwrap();
    let (_, stage) = world.sends(B, C, 100, Priority::Norm);
    assert_eq!(stage, "refused AM04");
    let withdraw = pay::Command::Withdraw { participant: bic(B), amount: rub(300), reference: 900 };
    let refusal = world.ask(meridian_node::Command::Pay(withdraw)).unwrap_err();
    assert_eq!(refusal.code, "settlement.short_of_cover");
    world.settle(settlement::Command::SetSubCap { participant: bic(B), most: rub(100) }).unwrap();
    let (_, stage) = world.sends(B, C, 100, Priority::Norm);
    assert_eq!(stage, "sent");
    // The agent works now and was asked as soon as the window had closed.
    for instruction in world.instructed(RUB_AGENT) {
        world.agent_says(Currency::RUB, instruction.id, AgentAnswer::Settled).unwrap();
    }
    // Those that pay out of the hub's account were sent once the others were in.
    for instruction in world.instructed(RUB_AGENT).into_iter().filter(|one| one.from == Side::Hub) {
        world.agent_says(Currency::RUB, instruction.id, AgentAnswer::Settled).unwrap();
    }
    let (_, stage) = world.sends(B, C, 200, Priority::Norm);
    assert_eq!(stage, "sent", "the window is settled: all of it may be spent");
}

#[test]
fn a_window_closes_settles_and_is_reported_in_valid_messages() {
    let mut world = Corridor::new(Model::MultilateralNet, 1_000);
    for (from, to, minor) in [(A, B, 300), (B, C, 250), (C, A, 100)] {
        let (uetr, _) = world.sends(from, to, minor, Priority::Norm);
        world.answers(uetr, AnswerStatus::Accepted);
    }
    let first = window(Currency::RUB, 1);
    // At the cut-off, 17:00, by itself; the agent works until 18:00 and is asked at once.
    world.pass(8 * 60 + 1);
    assert_eq!(world.hub().settlement.window(first).unwrap().stage, Stage::PendingSettlement);
    assert_eq!(world.hub().settlement.open_window(Currency::RUB), Some(window(Currency::RUB, 2)));
    let nets = world.hub().settlement.window(first).unwrap().nets.clone();
    assert_eq!(nets.values().copied().collect::<Vec<_>>(), [-200, 50, 150]);
    assert!(world.letters(A).iter().any(|(kind, xml)| {
        kind.starts_with("camt.052") && xml.contains("<NtryRef>").eq(&false) && xml.contains("RUB-1-BETARUMM")
    }));
    let asked = world.instructed(RUB_AGENT);
    assert_eq!(asked.len(), 1, "payers first");
    let sent = world.letters(RUB_AGENT);
    assert!(sent[0].0.starts_with("pacs.009") && sent[0].1.contains("<BICFI>ALFARUMM</BICFI>"), "{sent:?}");

    // Silence is asked about and assumed to mean nothing.
    world.pass(11);
    assert!(world.letters(RUB_AGENT).iter().any(|(kind, _)| kind.starts_with("pacs.028")));
    assert_eq!(world.hub().settlement.window(first).unwrap().stage, Stage::PendingSettlement);
    let refusal = world.settle(settlement::Command::Settle(first)).unwrap_err();
    assert_eq!(refusal.code, "settlement.window_asked");
    let stranger = settlement::Command::AgentAnswer {
        by: bic(INR_AGENT),
        instruction: asked[0].id,
        answer: AgentAnswer::Settled,
    };
    assert_eq!(world.settle(stranger).unwrap_err().code, "settlement.not_the_agent");

    // The agent answers by message.
    let uetr = meridian_terms::Uetr::from_bits(asked[0].id);
    let xml = pay::outbound::write_agent_answer("A-1", world.now(), uetr, "ACSC", None).unwrap();
    let understood = pay::inbound::understand(xml.as_bytes(), &bic(RUB_AGENT)).unwrap();
    let pay::inbound::Message::Settlement(command) = understood else { panic!("{understood:?}") };
    world.settle(*command).unwrap();
    let asked = world.instructed(RUB_AGENT);
    assert_eq!(asked.len(), 3, "receivers next");
    for instruction in &asked[1..] {
        world.agent_says(Currency::RUB, instruction.id, AgentAnswer::Settled).unwrap();
    }
    assert_eq!(world.hub().settlement.window(first).unwrap().stage, Stage::Settled);
    let again = world.agent_says(Currency::RUB, asked[0].id, AgentAnswer::Settled).unwrap_err();
    assert_eq!(again.code, "settlement.answered");
    // Statements of the settled window: of each account to its owner, of all of them to the agent.
    let statements =
        |name: &str| world.letters(name).into_iter().filter(|(kind, _)| kind.starts_with("camt.053")).count();
    assert_eq!([A, B, C, D, RUB_AGENT].map(statements), [1, 1, 1, 0, 4]);
    assert_eq!(world.hub().statistics.netted[&Currency::RUB], (650, 200));
    assert_eq!(world.hub().settlement.expected_at_agent(&world.hub().ledger, &bic(A), Currency::RUB), 800);
}

#[test]
fn end_of_day_balances_are_compared_as_a_message() {
    let mut world = Corridor::new(Model::MultilateralNet, 1_000);
    let stated = |closing: i128| {
        let report = pay::Report {
            holder: A.into(),
            currency: Currency::RUB,
            is_statement: true,
            from: world.now(),
            until: world.now().plus(meridian_terms::Micros::hours(8)),
            opening: 1_000,
            closing,
            available: closing,
            page: 1,
            is_last: true,
            bookings: Vec::new(),
        };
        let outgoing = pay::Outgoing { at: world.now(), notice: pay::Notice::Report(Box::new(report)) };
        match pay::outbound::write(&outgoing, 1, RUB_AGENT, &bic(A)).unwrap() {
            pay::outbound::Written::Message { xml, .. } => xml,
            other => panic!("{other:?}"),
        }
    };
    let messages = [stated(1_000), stated(999)];
    let mut breaks = Vec::new();
    for xml in messages {
        let understood = pay::inbound::understand(xml.as_bytes(), &bic(RUB_AGENT)).unwrap();
        let pay::inbound::Message::Settlement(command) = understood else { panic!("{understood:?}") };
        world.settle(*command).unwrap();
        let found = world.hub().settlement.breaks(Currency::RUB).unwrap().1.get(&bic(A)).copied();
        breaks.push(found.map(|found| (found.expected, found.reported)));
    }
    assert_eq!(breaks, [None, Some((1_000, Some(999)))]);
}

#[test]
fn a_correction_is_booked_when_a_second_person_approves_it_and_windows_are_acts_of_people() {
    use meridian_ledger::{AccountId, Kind};
    use meridian_node::{Command, office};
    use meridian_people::{Outcome, Person, PersonId, Role};
    let mut world = Corridor::new(Model::MultilateralNet, 1_000);
    let person = |name: &str| Person {
        id: PersonId(name.into()),
        name: name.into(),
        roles: [Role::Treasurer, Role::Operator].into(),
        credential: [1; 32],
        is_suspended: false,
    };
    let by = |name: &str| PersonId(name.into());
    let found = office::Command::Found(vec![person("tara"), person("tom")]);
    world.ask(Command::Office(found)).unwrap();
    let alone = world.settle(settlement::Command::Close(Currency::RUB)).unwrap_err();
    assert_eq!(alone.code, "office.wants_people");

    let cover = |name: &str| AccountId::of(name, Currency::RUB, Kind::Cover);
    let correction = settlement::Correction {
        id: 77,
        debit: cover(A),
        credit: cover(B),
        amount: rub(5),
        reason: "booked to the wrong bank, notice 4711".into(),
        by: "whoever writes here".into(),
    };
    let matters =
        [settlement::Command::ProposeCorrection(correction), settlement::Command::Close(Currency::RUB)];
    for command in matters {
        let matter = Box::new(office::Matter::Settle(command));
        world.ask(Command::Office(office::Command::Propose { matter, by: by("tara") })).unwrap();
        let open = world.hub().people.proposals().find(|one| one.outcome == Outcome::Open).unwrap();
        let (proposal, digest) = (open.id, open.digest());
        let approve =
            |name: &str| Command::Office(office::Command::Approve { proposal, digest, by: by(name) });
        assert!(world.ask(approve("tara")).is_err(), "nobody approves what they proposed");
        world.ask(approve("tom")).unwrap();
    }
    assert_eq!((world.balance(A), world.balance(B)), (995, 1_005));
    assert_eq!(world.hub().settlement.open_window(Currency::RUB), Some(window(Currency::RUB, 2)));
}

// ---- laws over random days

#[derive(Debug, Clone)]
enum Step {
    Send { from: usize, by: usize, minor: i128, is_urgent: bool },
    Exchange { from: usize, minor: i128 },
    Answer { which: usize, what: u8 },
    Fund { bank: usize, minor: i128, comes_in: bool },
    Close(bool),
    Settle(bool, u64),
    AgentAnswer { is_rub: bool, window: u64, instruction: usize, is_settled: bool },
    Plan { is_stale: bool },
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let bank = || 0..4_usize;
    prop_oneof![
        8 => (bank(), 1..4_usize, 1..400_i128, any::<bool>())
            .prop_map(|(from, by, minor, is_urgent)| Step::Send { from, by, minor, is_urgent }),
        3 => (bank(), 1..300_i128).prop_map(|(from, minor)| Step::Exchange { from, minor }),
        8 => (0..40_usize, 0..8_u8).prop_map(|(which, what)| Step::Answer { which, what }),
        2 => (bank(), 1..300_i128, any::<bool>())
            .prop_map(|(bank, minor, comes_in)| Step::Fund { bank, minor, comes_in }),
        2 => any::<bool>().prop_map(Step::Close),
        3 => (any::<bool>(), 1..5_u64).prop_map(|(is_rub, number)| Step::Settle(is_rub, number)),
        8 => (any::<bool>(), 1..5_u64, 0..5_usize, proptest::bool::weighted(0.8)).prop_map(
            |(is_rub, window, instruction, is_settled)| Step::AgentAnswer { is_rub, window, instruction, is_settled }
        ),
        2 => any::<bool>().prop_map(|is_stale| Step::Plan { is_stale }),
        3 => (1..300_i64).prop_map(Step::Wait),
    ]
}

/// The agents' own books: what is really on each account, moved only by notices and by what they settled.
#[derive(Default)]
struct Agents {
    accounts: BTreeMap<(String, Currency), i128>,
    settled: Vec<u128>,
    read: usize,
    nets_with_all: bool,
}

impl Agents {
    /// Takes in what has happened since.
    fn follow(&mut self, world: &Corridor) {
        for record in &world.past[self.read..] {
            match &record.event {
                Event::Pay(pay::Event::Funded { participant, posted, .. }) => {
                    let meridian_ledger::Event::Transferred { entries, .. } = posted else { continue };
                    let own = world.hub().ledger.account(entries[0].transfer.credit).unwrap();
                    let sign = if own.participant == participant.as_str() { 1 } else { -1 };
                    let amount = entries[0].amount;
                    let stands =
                        self.accounts.entry((participant.to_string(), amount.currency())).or_default();
                    *stands += sign * amount.minor();
                    assert!(!self.nets_with_all || *stands >= 0, "{participant} took out what is not there");
                }
                Event::Settle(settlement::Event::InstructionSettled { instruction, .. }, ..) => {
                    let (_, one) = world.hub().settlement.instruction(*instruction).unwrap();
                    assert!(!self.settled.contains(instruction), "settled twice");
                    self.settled.push(*instruction);
                    for (side, minor) in [(&one.from, -one.amount.minor()), (&one.to, one.amount.minor())] {
                        let name = match side {
                            Side::Hub => "HUB".to_owned(),
                            Side::Participant(bic) => bic.to_string(),
                        };
                        let stands = self.accounts.entry((name, one.amount.currency())).or_default();
                        *stands += minor;
                        // Payments that settle one by one may need a credit of the same window first.
                        let is_bound = *side == Side::Hub || self.nets_with_all;
                        assert!(!is_bound || *stands >= 0, "{side:?} pays what it does not have: {stands}");
                    }
                }
                _ => {}
            }
        }
        self.read = world.past.len();
    }

    fn agree(&self, world: &Corridor) {
        let hub = world.hub();
        for ((name, currency), stands) in self.accounts.iter().filter(|((name, _), _)| name != "HUB") {
            let expected = hub.settlement.expected_at_agent(&hub.ledger, &bic(name), *currency);
            assert_eq!(expected, *stands, "{name} {currency}");
        }
        for (id, window) in hub.settlement.windows() {
            assert_eq!(window.nets.values().sum::<i128>(), 0, "{id:?}");
        }
    }
}

/// Every currency's windows hold what payments and the queue made final, each movement once.
fn windows_hold_what_is_final(world: &Corridor) {
    let mut owed: BTreeMap<(String, String, Currency), i128> = BTreeMap::new();
    for payment in world.hub().pay.payments().filter(|payment| payment.commit_number.is_some()) {
        for movement in payment.legs.iter().flat_map(pay::Legs::movements) {
            let key = (movement.from.to_string(), movement.to.to_string(), movement.amount.currency());
            *owed.entry(key).or_default() += movement.amount.minor();
        }
    }
    let mut held: BTreeMap<(String, String, Currency), i128> = BTreeMap::new();
    for (id, window) in world.hub().settlement.windows() {
        for ((from, to), minor) in &window.owed {
            *held.entry((from.to_string(), to.to_string(), id.currency)).or_default() += minor;
        }
    }
    assert_eq!(owed, held);
}

fn replayed(past: &[Record]) -> [u8; 32] {
    let mut hub = Hub::default();
    past.iter().for_each(|record| hub.apply(record));
    hub.hash()
}

fn live(model: Model, steps: &[Step]) {
    let mut world = Corridor::new(model, 500);
    let nets_with_all = model == Model::MultilateralNet;
    let mut agents = Agents { nets_with_all, ..Agents::default() };
    [A, C, EXCHANGE].iter().for_each(|name| world.lets_wait(name, 120));
    let (mut sent, mut notice) = (Vec::new(), 10_000_u128);
    let mut plan: Option<settlement::Proposal> = None;
    for step in steps {
        let currency = |is_rub: bool| if is_rub { Currency::RUB } else { Currency::INR };
        match step.clone() {
            Step::Send { from, by, minor, is_urgent } => {
                let priority = if is_urgent { Priority::High } else { Priority::Norm };
                sent.push(world.sends(BANKS[from], BANKS[(from + by) % 4], minor, priority).0);
            }
            Step::Exchange { from, minor } => sent.push(world.exchanges(BANKS[from], minor).0),
            Step::Answer { which, what } => {
                let Some(uetr) = sent.get(which % sent.len().max(1)).copied() else { continue };
                let payment = world.hub().pay.payment(uetr).unwrap();
                let is_high = payment.instruction.priority == Priority::High;
                let status = match what {
                    0 => AnswerStatus::Rejected("AC04".into()),
                    1 if !is_high => AnswerStatus::AcceptedPending,
                    2 => AnswerStatus::Blocked,
                    _ => AnswerStatus::Accepted,
                };
                world.answers(uetr, status);
            }
            Step::Fund { bank, minor, comes_in } => {
                notice += 1;
                let (participant, amount) = (bic(BANKS[bank]), rub(minor));
                let command = if comes_in {
                    pay::Command::Fund { participant, amount, reference: notice }
                } else {
                    pay::Command::Withdraw { participant, amount, reference: notice }
                };
                drop(world.ask(meridian_node::Command::Pay(command)));
            }
            Step::Close(is_rub) => {
                world.settle(settlement::Command::Close(currency(is_rub))).unwrap();
            }
            Step::Settle(is_rub, number) => {
                drop(world.settle(settlement::Command::Settle(window(currency(is_rub), number))));
            }
            Step::AgentAnswer { is_rub, window: number, instruction, is_settled } => {
                let id = window(currency(is_rub), number);
                let known = world.hub().settlement.window(id);
                let Some(one) = known.and_then(|window| window.instructions.get(instruction)) else {
                    continue;
                };
                let one = one.id;
                let answer =
                    if is_settled { AgentAnswer::Settled } else { AgentAnswer::Refused("AM04".into()) };
                drop(world.agent_says(currency(is_rub), one, answer));
            }
            Step::Plan { is_stale } => {
                if !is_stale || plan.is_none() {
                    let hub = world.hub();
                    let snapshot = hub.settlement.snapshot(&hub.ledger, Currency::RUB).unwrap();
                    let found = settlement::best(&snapshot.queue, 2_000, 1).plan;
                    plan = Some(snapshot.proposal(Currency::RUB, found.settled()));
                }
                let Some(proposal) = plan.clone().filter(|_| is_stale || plan.is_some()) else { continue };
                let before = world.hub().hash();
                match world.settle(settlement::Command::Commit(proposal.clone())) {
                    Ok(Event::Settle(settlement::Event::Released { entries, .. }, payments)) => {
                        assert_eq!((entries.len(), payments.len()), (proposal.settled.len(), entries.len()));
                    }
                    Ok(other) => panic!("{other:?}"),
                    // Refused whole: nothing of it happened, whatever time did meanwhile.
                    Err(_) => assert!(world.past.len() > agents.read || world.hub().hash() == before),
                }
            }
            Step::Wait(minutes) => world.pass(minutes),
        }
        agents.follow(&world);
        agents.agree(&world);
        windows_hold_what_is_final(&world);
    }
    assert_eq!(replayed(&world.past), world.hub().hash());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn multilateral_windows_never_move_money_wrongly(steps in proptest::collection::vec(step(), 1..80)) {
        live(Model::MultilateralNet, &steps);
    }

    #[test]
    fn bilateral_windows_never_move_money_wrongly(steps in proptest::collection::vec(step(), 1..60)) {
        live(Model::BilateralNet, &steps);
    }

    #[test]
    fn gross_windows_never_move_money_wrongly(steps in proptest::collection::vec(step(), 1..60)) {
        live(Model::Gross, &steps);
    }
}
