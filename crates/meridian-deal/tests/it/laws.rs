//! The laws over random deals, events, delays and crashes: every payout happens once, only on its evidence, never before,
//! never after its expiry; money and undertakings end as the contract says; every currency sums to zero throughout.

use std::collections::{BTreeMap, BTreeSet};

use meridian_deal::{
    Backing, Command, CustomsWord, DealId, EvidenceKind, Form, Incoterm, Kind, Mishap, Remedies, Standing,
    State, UndertakingId,
};
use meridian_pay::{self as pay, Answer, AnswerStatus};
use meridian_terms::{Decimal, Micros, Uetr};
use proptest::prelude::*;

use crate::world::{PRICE, Terms, World, buyer_bank, carrier, rub, seller_bank, start};

#[derive(Debug, Clone)]
enum Step {
    Show(usize),
    Lodge,
    Assess(i128),
    Hold(bool),
    Refuse,
    File(bool),
    Present,
    Examine(bool),
    Waive(bool),
    Demand,
    Send(usize),
    Answer(usize, u8),
    Short(i128),
    Lost,
    Dispute,
    Offer(bool, i128),
    Agree(bool),
    Cancel(bool),
    Wait(i64),
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..7_usize).prop_map(Step::Show),
        2 => Just(Step::Lodge),
        2 => (0..90_000_i128).prop_map(Step::Assess),
        1 => any::<bool>().prop_map(Step::Hold),
        1 => Just(Step::Refuse),
        2 => any::<bool>().prop_map(Step::File),
        2 => Just(Step::Present),
        2 => any::<bool>().prop_map(Step::Examine),
        1 => any::<bool>().prop_map(Step::Waive),
        1 => Just(Step::Demand),
        8 => (0..8_usize).prop_map(Step::Send),
        8 => (0..4_usize, 0..3_u8).prop_map(|(which, how)| Step::Answer(which, how)),
        1 => (0..1_200_i128).prop_map(Step::Short),
        1 => Just(Step::Lost),
        1 => Just(Step::Dispute),
        1 => (any::<bool>(), 0..PRICE + 1).prop_map(|(side, cut)| Step::Offer(side, cut)),
        1 => any::<bool>().prop_map(Step::Agree),
        1 => any::<bool>().prop_map(Step::Cancel),
        4 => (0..200_i64).prop_map(Step::Wait),
        2 => Just(Step::Crash),
    ]
}

fn terms() -> impl Strategy<Value = Terms> {
    let form = prop_oneof![
        Just(None),
        Just(Some(Form::DocumentaryCredit)),
        Just(Some(Form::Standby)),
        Just(Some(Form::Promise))
    ];
    (any::<bool>(), any::<bool>(), any::<bool>(), 0..60_i64, form).prop_map(
        |(dap, insured, forfeit, days, backing)| Terms {
            incoterm: if dap { Incoterm::Dap } else { Incoterm::Fca },
            remedies: Remedies {
                late_per_mille_a_day: 7,
                late_per_mille_most: 100,
                latest_arrival: Some(start().plus(Micros::days(days))),
                advance_is_forfeit: forfeit,
            },
            insured,
            backing,
        },
    )
}

fn side(seller: bool) -> meridian_terms::Bic {
    if seller { seller_bank() } else { buyer_bank() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn payouts_happen_once_on_their_evidence_and_ends_are_the_contracts(
        terms in terms(),
        steps in proptest::collection::vec(step(), 1..90),
    ) {
        let mut world = World::agreed(&terms);
        let mut flying: Vec<Uetr> = Vec::new();
        let mut committed: BTreeMap<String, Uetr> = BTreeMap::new();
        for step in steps {
            let (deal, undertaking) = (DealId("D".into()), UndertakingId("U1".into()));
            match step {
                Step::Show(which) => drop(world.show(EvidenceKind::ALL[which])),
                Step::Lodge => drop(world.lodge()),
                Step::Assess(minor) => drop(world.assess(minor)),
                Step::Hold(true) => drop(world.customs_says(CustomsWord::Hold("h".into()))),
                Step::Hold(false) => drop(world.customs_says(CustomsWord::Lift("l".into()))),
                Step::Refuse => drop(world.customs_says(CustomsWord::Refuse("r".into()))),
                Step::File(lading) => {
                    let name = if lading { "bill of lading" } else { "certificate" };
                    let file = Command::File { deal, name: name.into(), digest: [3; 32], by: "x".into() };
                    drop(world.ask(&file));
                }
                Step::Present => drop(world.ask(&Command::PresentUnder { deal, undertaking, by: seller_bank() })),
                Step::Examine(complies) => {
                    let found = if complies { Vec::new() } else { vec!["f".into()] };
                    drop(world.ask(&Command::Examine { deal, undertaking, found, by: buyer_bank() }));
                }
                Step::Waive(true) => drop(world.ask(&Command::Waive { deal, undertaking, by: buyer_bank() })),
                Step::Waive(false) => drop(world.ask(&Command::GiveBack { deal, undertaking, by: buyer_bank() })),
                Step::Demand => {
                    let obligation = "loaded".into();
                    drop(world.ask(&Command::Demand { deal, undertaking, obligation, by: seller_bank() }));
                }
                Step::Send(which) => {
                    let Some(owed) = world.deal().obligations.get(which).cloned() else { continue };
                    let may = may_be_paid(&world, &owed);
                    let sent = world.send(&owed.name);
                    prop_assert!(sent.is_err() || may, "{} was sent while {}", owed.name, owed.standing.word());
                    flying.extend(sent);
                }
                Step::Answer(which, how) => {
                    if flying.is_empty() {
                        continue;
                    }
                    let uetr = flying.remove(which % flying.len());
                    let payment = world.pay.payment(uetr).unwrap().instruction.clone();
                    let status = match how {
                        0 => AnswerStatus::Rejected("AC04".into()),
                        _ => AnswerStatus::Accepted,
                    };
                    let answer = Answer { uetr, by: payment.creditor_agent, status: status.clone() };
                    let answered = world.pays(&pay::Command::Answer(answer));
                    if status == AnswerStatus::Accepted && matches!(answered, Ok(pay::Event::Committed { .. })) {
                        let name = payment.document.unwrap();
                        prop_assert!(committed.insert(name.clone(), uetr).is_none(), "{name} was paid twice");
                    }
                }
                Step::Short(kg) => {
                    let mishap = Mishap::Short { line: 0, delivered_kg: Decimal::whole(kg) };
                    drop(world.ask(&Command::Report { deal, mishap, by: carrier() }));
                }
                Step::Lost => drop(world.ask(&Command::Report { deal, mishap: Mishap::Lost, by: carrier() })),
                Step::Dispute => {
                    let mishap = Mishap::Disputed("d".into());
                    drop(world.ask(&Command::Report { deal, mishap, by: buyer_bank() }));
                }
                Step::Offer(seller, cut) => drop(world.ask(&Command::Offer { deal, cut: rub(cut), by: side(seller) })),
                Step::Agree(seller) => drop(world.ask(&Command::Agree { deal, by: side(seller) })),
                Step::Cancel(seller) => {
                    drop(world.ask(&Command::Cancel { deal, reason: "r".into(), by: side(seller) }));
                }
                Step::Wait(hours) => {
                    world.at = world.at.plus(Micros::hours(hours));
                    while world.pay.next_deadline().is_some_and(|deadline| deadline <= world.at) {
                        world.pays(&pay::Command::Tick).unwrap();
                    }
                    world.wait(Micros(0));
                }
                Step::Crash => {
                    let bytes = borsh::to_vec(&world.deal).unwrap();
                    let again: State = borsh::from_slice(&bytes).unwrap();
                    prop_assert_eq!(&again, &world.deal);
                    world.deal = again;
                }
            }
            hold(&world)?;
        }
    }
}

/// Whether a payment for this may be sent now: its evidence is there, in time, its credit honoured.
fn may_be_paid(world: &World, owed: &meridian_deal::Obligation) -> bool {
    let deal = world.deal();
    let Standing::Due { since } = owed.standing else { return false };
    let lost = deal.mishaps.iter().any(|(_, mishap)| *mishap == Mishap::Lost);
    let shown = match owed.kind {
        Kind::Claim => lost,
        Kind::Refund => {
            let called_off = matches!(deal.stage, meridian_deal::Stage::Cancelled { .. });
            !deal.mishaps.is_empty() || called_off || deal.has(EvidenceKind::Arrived)
        }
        _ => deal.has(owed.trigger) || lost,
    };
    let honoured = owed.backed_by.as_ref().is_none_or(|id| {
        let one = &deal.undertakings[id];
        one.form != Form::DocumentaryCredit || matches!(one.backing, Backing::Honoured { .. }) || lost
    });
    shown && honoured && since < owed.expires
}

fn hold(world: &World) -> Result<(), TestCaseError> {
    let deal = world.deal();
    let names: BTreeSet<&str> = deal.obligations.iter().map(|owed| owed.name.as_str()).collect();
    prop_assert_eq!(names.len(), deal.obligations.len(), "two obligations of one name");
    let mut seller = 0;
    for owed in &deal.obligations {
        prop_assert!(!owed.amount.is_negative(), "{} is negative", owed.name);
        let open = !matches!(owed.standing, Standing::Lapsed { .. });
        match (owed.kind, open) {
            (Kind::Goods, true) => seller += owed.amount.minor(),
            (Kind::Refund, true) => seller -= owed.amount.minor(),
            _ => {}
        }
        if let Standing::Paid { uetr, .. } = owed.standing {
            let payment = world.pay.payment(uetr).unwrap();
            prop_assert!(
                matches!(payment.stage, pay::Stage::Committed { .. }),
                "{} is paid by nothing",
                owed.name
            );
            prop_assert_eq!(payment.instruction.target, owed.amount);
        }
    }
    // Whatever happens, the seller neither owes more than it got nor is owed more than the price.
    prop_assert!((0..=PRICE).contains(&seller), "the seller ends with {}", seller);
    Ok(())
}
