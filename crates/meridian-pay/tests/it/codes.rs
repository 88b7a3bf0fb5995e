//! Every refusal code, provoked through the public interface; none may be left out.

use meridian_pay::*;
use meridian_terms::*;

use crate::world::*;

#[test]
fn every_code_is_refused_somewhere_with_its_iso_reason_and_next_step() {
    for (code, _, next, iso) in CODES {
        let mut world = World::new();
        let refusal = provoke(&mut world, code);
        assert_eq!(refusal.code, *code);
        assert_eq!(refusal.iso.as_deref(), *iso, "{code}");
        assert!(!next.is_empty() && refusal.next == *next, "{code}: {refusal}");
    }
}

fn submit(world: &mut World, instruction: Instruction) -> Refusal {
    match world.submit(&instruction) {
        Err(refusal) | Ok(Event::Refused { refusal, .. }) => refusal,
        Ok(event) => panic!("{event:?}"),
    }
}

fn screened(world: &mut World, list: [u8; 32], verdict: Verdict) -> Refusal {
    let payment = world.within("10.00");
    match world.ask(Command::Submit(Box::new(payment), Clearance { list, verdict })) {
        Err(refusal) | Ok(Event::Refused { refusal, .. }) => refusal,
        Ok(event) => panic!("{event:?}"),
    }
}

fn rule(purpose: &str) -> PurposeRule {
    PurposeRule {
        country: country("IN"),
        direction: Direction::Out,
        purpose: purpose.into(),
        needs_document: true,
        least: Some(rub("10.00")),
        most: Some(rub("5000.00")),
        in_force: Window::new(Day::parse("2026-01-01").unwrap(), None).unwrap(),
        source: "Example circular 7".into(),
    }
}

fn with_rules(world: &mut World, target: &str, change: impl FnOnce(&mut Instruction)) -> Refusal {
    world.does(Command::PutPurposes(vec![rule("GDDS")]));
    let mut payment = world.across(target);
    change(&mut payment);
    let mut refusal = submit(world, payment);
    assert!(refusal.rule == "Example circular 7" || refusal.code == "pay.purpose_missing", "{refusal}");
    refusal.rule = "".into();
    refusal
}

fn provoke(world: &mut World, code: &str) -> Refusal {
    let key = LinkKey::between(country("IN"), country("RU"));
    let rates = |from, to| RateKey { provider: bic(EXCHANGE), from, to };
    let conclude = |uetr, by: [&str; 2]| Command::Conclude {
        uetr,
        by: by.map(str::to_owned),
        is_accepted: true,
        evidence: "letter".into(),
    };
    match code {
        "pay.known" => {
            let payment = world.within("10.00");
            world.sends(&payment);
            submit(world, Instruction { message_id: "M-x".into(), ..payment })
        }
        "pay.other_content" => {
            let payment = world.within("10.00");
            world.sends(&payment);
            submit(world, Instruction { message_id: "M-x".into(), remittance: "other".into(), ..payment })
        }
        "pay.message_id_reused" => {
            let payment = world.within("10.00");
            world.sends(&payment);
            submit(world, Instruction { uetr: Uetr::from_bits(5), ..payment })
        }
        "pay.unknown_participant" => {
            let payment = world.within("10.00");
            submit(world, Instruction { creditor_agent: bic("XNOBRUMM"), ..payment })
        }
        "pay.wrong_role" => {
            let payment = world.within("10.00");
            submit(world, Instruction { creditor_agent: bic(EXCHANGE), ..payment })
        }
        "pay.suspended" => {
            world.does(Command::Suspend(bic(VOLGA), true));
            let payment = world.within("10.00");
            submit(world, payment)
        }
        "pay.link_shut" => {
            world.does(Command::ShutLink { key, by: "Amina".into(), in_flight: InFlight::Finish });
            let payment = world.across("10.00");
            submit(world, payment)
        }
        "pay.screening_unavailable" => screened(world, LIST, Verdict::Unavailable),
        "pay.screening_stale" => screened(world, [1; 32], Verdict::Clear),
        "pay.not_processed" => screened(world, LIST, Verdict::Hit { case: 9 }),
        "pay.too_old" => {
            let accepted_at = world.now.minus(Micros::minutes(6));
            let payment = Instruction { accepted_at, priority: Priority::Norm, ..world.within("10.00") };
            submit(world, payment)
        }
        "pay.purpose_missing" => with_rules(world, "100.00", |payment| payment.purpose = None),
        "pay.purpose_not_eligible" => {
            with_rules(world, "100.00", |payment| payment.purpose = Some("GAMB".into()))
        }
        "pay.document_missing" => with_rules(world, "100.00", |payment| payment.document = None),
        "pay.below_least" => with_rules(world, "9.99", |_| ()),
        "pay.above_most" => with_rules(world, "5000.01", |_| ()),
        "pay.amount_not_positive" => {
            let payment = world.within("0.00");
            submit(world, payment)
        }
        "pay.quote_missing" => {
            let payment = Instruction { quote: None, ..world.across("10.00") };
            submit(world, payment)
        }
        "pay.quote_unknown" => {
            let payment = Instruction { quote: Some(QuoteId(1)), ..world.across("10.00") };
            submit(world, payment)
        }
        "pay.quote_other_agent" => {
            let payment = Instruction { debtor_agent: bic(DELHI), ..world.across("10.00") };
            submit(world, payment)
        }
        "pay.quote_used" => {
            let payment = world.across("10.00");
            world.sends(&payment);
            submit(world, Instruction { uetr: Uetr::from_bits(5), message_id: "M-x".into(), ..payment })
        }
        "pay.quote_expired" => {
            let payment = world.across("10.00");
            world.now = world.now.plus(Micros::seconds(600));
            submit(world, Instruction { accepted_at: world.now, ..payment })
        }
        "pay.quote_mismatch" => {
            let payment = world.across("10.00");
            submit(world, Instruction { target: rub("10.01"), ..payment })
        }
        "pay.quote_needless" => {
            let payment = world.within("10.00");
            submit(world, Instruction { source: rub("11.00"), ..payment })
        }
        "pay.intermediary_other" => {
            let payment = world.across("10.00");
            submit(world, Instruction { intermediaries: vec![bic(DELHI)], ..payment })
        }
        "pay.cap_exceeded" => {
            let cap = CapKey::Participant(bic(MOSCOW), Currency::RUB);
            world.does(Command::SetCap { key: cap, most: Some(999), alarm_percent: 80 });
            let payment = world.within("10.00");
            submit(world, payment)
        }
        "pay.no_rate" => {
            let request = world.request(MUMBAI, Currency::INR, Currency::KZT, Fixed::Source, inr("1.00"));
            world.refused(Command::AskQuotes(request))
        }
        "pay.rate_arbitrage" => {
            let back = card(world.now, "0.9500");
            world.refused(Command::PublishRate(rates(Currency::RUB, Currency::INR), back))
        }
        "pay.rate_not_positive" => {
            let nothing = card(world.now, "0");
            world.refused(Command::PublishRate(rates(Currency::INR, Currency::RUB), nothing))
        }
        "pay.request_reused" => {
            let request = world.request(MUMBAI, Currency::INR, Currency::RUB, Fixed::Source, inr("1.00"));
            world.does(Command::AskQuotes(request.clone()));
            world.refused(Command::AskQuotes(QuoteRequest { amount: inr("2.00"), ..request }))
        }
        "pay.proxy_taken" => {
            let key = ProxyKey { kind: "MBNO".into(), value: "+7-900".into() };
            let proxy = |agent| Proxy { agent: bic(agent), account: "A".into() };
            world.does(Command::RegisterProxy(key.clone(), proxy(VOLGA)));
            world.refused(Command::RegisterProxy(key, proxy(MOSCOW)))
        }
        "pay.proxy_unknown" => {
            let key = ProxyKey { kind: "MBNO".into(), value: "+7-900".into() };
            world.refused(Command::WithdrawProxy(key, bic(VOLGA)))
        }
        "pay.resolution_unknown" | "pay.resolution_answered" => {
            let request = ResolutionRequest {
                by: bic(MUMBAI),
                message_id: "Q-1".into(),
                reference: "R-1".into(),
                agent: Some(bic(VOLGA)),
                account: Some("RU-1".into()),
                proxy: None,
                name: None,
            };
            let Event::Resolving { id, .. } = world.does(Command::Resolve(request)) else { panic!() };
            let answer =
                |id| ResolutionAnswer { id, by: bic(VOLGA), is_verified: true, reason: None, name: None };
            if code == "pay.resolution_unknown" {
                return world.refused(Command::AnswerResolution(answer(ResolutionId(5))));
            }
            world.does(Command::AnswerResolution(answer(id)));
            world.refused(Command::AnswerResolution(answer(id)))
        }
        "pay.unknown_payment" => {
            world.refused(Command::AskStatus { uetr: Uetr::from_bits(5), by: bic(VOLGA) })
        }
        "pay.not_yours" => {
            let payment = world.within("10.00");
            let uetr = world.sends(&payment);
            world.refused(Command::Answer(Answer { uetr, by: bic(MOSCOW), status: AnswerStatus::Accepted }))
        }
        "pay.wrong_stage" => {
            let payment = world.within("10.00");
            let uetr = world.sends(&payment);
            world.refused(Command::Recall { uetr, by: bic(MOSCOW), reason: "DUPL".into() })
        }
        "pay.high_forbids_acwp" => {
            let payment = world.within("10.00");
            let uetr = world.sends(&payment);
            world.refused(Command::Answer(Answer {
                uetr,
                by: bic(VOLGA),
                status: AnswerStatus::AcceptedPending,
            }))
        }
        "pay.not_overdue" => {
            let payment = world.within("10.00");
            let uetr = world.sends(&payment);
            world.refused(conclude(uetr, ["Amina", "Boris"]))
        }
        "pay.two_people" => {
            let payment = world.within("10.00");
            let uetr = world.sends(&payment);
            world.refused(conclude(uetr, ["Amina", "Amina"]))
        }
        "pay.reversal_not_agreed" => {
            let payment = world.across("10.00");
            let uetr = world.commits(&payment);
            let (by, reason) = (bic(VOLGA), "CUST".into());
            world.refused(Command::Return(Return { uetr, by, fault: Fault::Source, quote: None, reason }))
        }
        "pay.no_account" => {
            world.refused(Command::AskReport { by: bic(VOLGA), currency: Currency::INR, day: None })
        }
        "pay.link_same_person" => {
            let in_force = Window::new(world.now.day(), None).unwrap();
            let (instrument, by) = ("Agreement".to_owned(), "Amina".to_owned());
            world.does(Command::ProposeLink { key, instrument, in_force, by: by.clone() });
            world.refused(Command::ApproveLink { key, by })
        }
        "pay.link_unknown" => {
            let key = LinkKey::between(country("IN"), country("IR"));
            world.refused(Command::ApproveLink { key, by: "Boris".into() })
        }
        "pay.link_instrument" => {
            let in_force = Window::new(world.now.day(), None).unwrap();
            world.refused(Command::ProposeLink { key, instrument: " ".into(), in_force, by: "Amina".into() })
        }
        "pay.link_ended" => {
            let in_force = Window::new(world.now.day().plus(-9), Some(world.now.day())).unwrap();
            world.does(Command::ProposeLink { key, instrument: "Old".into(), in_force, by: "Amina".into() });
            world.refused(Command::ApproveLink { key, by: "Boris".into() })
        }
        "pay.participant_exists" => {
            let participant = world.state.participant(&bic(VOLGA)).unwrap().clone();
            world.refused(Command::Admit { participant, currencies: Vec::new() })
        }
        "pay.no_such_message" => world.refused(Command::Acknowledge { by: bic(VOLGA), upto: 99 }),
        other => panic!("no row provokes {other}: add one"),
    }
}
