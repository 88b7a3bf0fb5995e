//! Every transition of a payment's life as a row: where it stands, what happens, where it stands then, who is told what.

use meridian_pay::*;
use meridian_terms::*;

use crate::world::*;

type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

/// stage before | what happens | stage after, or the refusal | told to debtor agent | to creditor agent | to provider
const ROWS: &[Row] = &[
    ("none", "submit", "sent", "", "pacs.008", ""),
    ("none", "submit-shut", "refused", "pacs.002 RJCT AG01", "", ""),
    ("refused", "resend", "refused", "pacs.002 RJCT AG01", "", ""),
    ("refused", "new-attempt", "sent", "", "pacs.008", ""),
    ("sent", "resend", "sent", "pacs.002 PDNG", "pacs.008", ""),
    (
        "sent",
        "ACCC",
        "committed",
        "pacs.002 ACCC, camt.054 INR -94.34",
        "pacs.002 ACCC, camt.054 RUB 100.00",
        "camt.054 INR 94.34, camt.054 RUB -100.00",
    ),
    (
        "sent",
        "BLCK",
        "blocked",
        "pacs.002 BLCK, camt.054 INR -94.34",
        "pacs.002 BLCK, camt.054 RUB 100.00",
        "camt.054 INR 94.34, camt.054 RUB -100.00",
    ),
    ("sent", "RJCT", "rejected", "pacs.002 RJCT AC04", "pacs.002 RJCT AC04", "pacs.002 RJCT AC04"),
    ("sent", "ACWP", "pay.high_forbids_acwp", "", "", ""),
    ("sent", "deadline", "rejected", "pacs.002 RJCT AB05", "pacs.002 RJCT AB05", "pacs.002 RJCT AB05"),
    ("sent", "recall", "pay.wrong_stage", "", "", ""),
    ("sent", "return", "pay.wrong_stage", "", "", ""),
    ("sent", "ask-status", "sent", "pacs.002 PDNG", "", ""),
    ("sent", "shut-finish", "sent", "", "", ""),
    ("sent", "shut-unwind", "rejected", "pacs.002 RJCT AG01", "pacs.002 RJCT AG01", "pacs.002 RJCT AG01"),
    ("sent", "rescreen-clear", "sent", "", "", ""),
    ("sent", "rescreen-hit", "rejected", "pacs.002 RJCT MS03", "pacs.002 RJCT MS03", "pacs.002 RJCT MS03"),
    (
        "norm",
        "ACWP",
        "accepted-pending",
        "camt.054 INR -94.34, pacs.002 ACWP",
        "camt.054 RUB 100.00, pacs.002 ACWP",
        "camt.054 INR 94.34, camt.054 RUB -100.00",
    ),
    ("norm", "deadline", "sent", "", "pacs.028", ""),
    ("norm", "conclude-yes", "pay.not_overdue", "", "", ""),
    (
        "overdue",
        "ACCC",
        "committed",
        "pacs.002 ACCC, camt.054 INR -94.34",
        "pacs.002 ACCC, camt.054 RUB 100.00",
        "camt.054 INR 94.34, camt.054 RUB -100.00",
    ),
    (
        "overdue",
        "conclude-yes",
        "committed",
        "pacs.002 ACCC, camt.054 INR -94.34",
        "pacs.002 ACCC, camt.054 RUB 100.00",
        "camt.054 INR 94.34, camt.054 RUB -100.00",
    ),
    ("overdue", "conclude-no", "rejected", "pacs.002 RJCT AB05", "pacs.002 RJCT AB05", "pacs.002 RJCT AB05"),
    ("overdue", "conclude-alone", "pay.two_people", "", "", ""),
    ("accepted-pending", "ACCC", "committed", "pacs.002 ACCC", "pacs.002 ACCC", ""),
    ("accepted-pending", "BLCK", "blocked", "pacs.002 BLCK", "pacs.002 BLCK", ""),
    ("accepted-pending", "RJCT", "accepted-pending", "", "pacs.002 ACWP", ""),
    ("accepted-pending", "deadline", "accepted-pending", "", "pacs.028", ""),
    (
        "accepted-pending",
        "return",
        "returned",
        "pacs.004 INR 94.34, camt.054 INR 94.34",
        "camt.054 RUB -100.00",
        "camt.054 RUB 100.00, camt.054 INR -94.34",
    ),
    ("committed", "ACCC", "committed", "", "pacs.002 ACCC", ""),
    ("committed", "RJCT", "committed", "", "pacs.002 ACCC", ""),
    ("committed", "recall", "recalled", "", "camt.056 DUPL", ""),
    ("committed", "answer-recall", "pay.wrong_stage", "", "", ""),
    (
        "committed",
        "return",
        "returned",
        "pacs.004 INR 94.34, camt.054 INR 94.34",
        "camt.054 RUB -100.00",
        "camt.054 RUB 100.00, camt.054 INR -94.34",
    ),
    ("committed", "shut-unwind", "committed", "", "", ""),
    ("committed", "rescreen-hit", "pay.wrong_stage", "", "", ""),
    ("recalled", "answer-recall", "committed", "camt.029 LEGL", "", ""),
    ("recalled", "deadline", "committed", "camt.029 NOAS", "", ""),
    (
        "recalled",
        "return",
        "returned",
        "pacs.004 INR 94.34, camt.054 INR 94.34",
        "camt.054 RUB -100.00",
        "camt.054 RUB 100.00, camt.054 INR -94.34",
    ),
    ("recalled", "recall", "pay.wrong_stage", "", "", ""),
    ("rejected", "ACCC", "rejected", "", "pacs.002 RJCT AC04", ""),
    ("rejected", "resend", "rejected", "pacs.002 RJCT AC04", "", ""),
    ("rejected", "return", "pay.wrong_stage", "", "", ""),
    ("blocked", "return", "pay.wrong_stage", "", "", ""),
    ("blocked", "ACCC", "blocked", "", "pacs.002 BLCK", ""),
    ("returned", "return", "pay.wrong_stage", "", "", ""),
    ("returned", "resend", "returned", "pacs.002 ACCC", "", ""),
    ("returned", "ask-status", "returned", "pacs.002 ACCC", "", ""),
];

#[test]
fn every_transition() {
    for (before, happens, after, debtor, creditor, provider) in ROWS {
        let (mut world, payment) = at(before);
        for name in [MUMBAI, VOLGA, EXCHANGE] {
            world.letters(name);
        }
        let found = happen(&mut world, &payment, happens);
        let found = match found {
            Err(refusal) => refusal.code.to_string(),
            Ok(()) => world.stage(payment.uetr).to_owned(),
        };
        let told: Vec<String> = [MUMBAI, VOLGA, EXCHANGE].map(|name| world.letters(name).join(", ")).to_vec();
        assert_eq!(
            (found.as_str(), &told[0], &told[1], &told[2]),
            (*after, &(*debtor).to_owned(), &(*creditor).to_owned(), &(*provider).to_owned()),
            "{before} + {happens}"
        );
    }
}

/// A world with a payment that stands there.
fn at(stage: &str) -> (World, Instruction) {
    let mut world = World::new();
    world.does(Command::AgreeReversal(bic(EXCHANGE), true));
    let payment = world.across("100.00");
    let norm = Instruction { priority: Priority::Norm, ..payment.clone() };
    let steps: (&Instruction, &[&str]) = match stage {
        "none" => (&payment, &[]),
        "refused" => (&payment, &["submit-shut", "reopen"]),
        "sent" => (&payment, &["submit"]),
        "norm" => (&norm, &["submit"]),
        "overdue" => (&norm, &["submit", "deadline", "deadline", "deadline"]),
        "accepted-pending" => (&norm, &["submit", "ACWP"]),
        "committed" => (&payment, &["submit", "ACCC"]),
        "recalled" => (&payment, &["submit", "ACCC", "recall"]),
        "rejected" => (&payment, &["submit", "RJCT"]),
        "blocked" => (&payment, &["submit", "BLCK"]),
        "returned" => (&payment, &["submit", "ACCC", "return"]),
        other => panic!("{other}"),
    };
    let payment = steps.0.clone();
    for step in steps.1 {
        happen(&mut world, &payment, step).unwrap();
    }
    (world, payment)
}

fn happen(world: &mut World, payment: &Instruction, what: &str) -> Result<(), Refusal> {
    let (uetr, agent) = (payment.uetr, bic(VOLGA));
    let key = LinkKey::between(country("IN"), country("RU"));
    let people = |one: &str, two: &str| [one.to_owned(), two.to_owned()];
    let answer = |status| Command::Answer(Answer { uetr, by: bic(VOLGA), status });
    let conclude = |by, is_accepted| Command::Conclude { uetr, by, is_accepted, evidence: "letter 7".into() };
    let rescreened = |verdict| Clearance { list: [8; 32], verdict };
    let command = match what {
        "submit" | "resend" => Command::Submit(Box::new(payment.clone()), clear()),
        "submit-shut" => {
            world.does(Command::ShutLink { key, by: "Amina".into(), in_flight: InFlight::Finish });
            Command::Submit(Box::new(payment.clone()), clear())
        }
        "reopen" => {
            world.open_link();
            return Ok(());
        }
        "new-attempt" => {
            let again = Instruction { message_id: "M-again".into(), ..payment.clone() };
            Command::Submit(Box::new(again), clear())
        }
        "ACCC" => answer(AnswerStatus::Accepted),
        "ACWP" => answer(AnswerStatus::AcceptedPending),
        "BLCK" => answer(AnswerStatus::Blocked),
        "RJCT" => answer(AnswerStatus::Rejected("AC04".into())),
        "deadline" => {
            world.now = world.state.payment(uetr).unwrap().stage.deadline().unwrap();
            Command::Tick
        }
        "recall" => Command::Recall { uetr, by: bic(MUMBAI), reason: "DUPL".into() },
        "answer-recall" => Command::AnswerRecall(RecallAnswer { uetr, by: agent, reason: "LEGL".into() }),
        "return" => Command::Return(Return {
            uetr,
            by: agent,
            fault: Fault::Destination,
            quote: None,
            reason: "CUST".into(),
        }),
        "ask-status" => Command::AskStatus { uetr, by: bic(MUMBAI) },
        "shut-finish" => Command::ShutLink { key, by: "Amina".into(), in_flight: InFlight::Finish },
        "shut-unwind" => {
            world.does(Command::ShutLink { key, by: "Amina".into(), in_flight: InFlight::Unwind });
            let late = Command::Answer(Answer { uetr, by: bic(VOLGA), status: AnswerStatus::Accepted });
            if world.stage(uetr) == "sent" {
                let before = world.cover(VOLGA, Currency::RUB);
                assert!(matches!(world.does(late), Event::LateAnswer { .. }));
                assert_eq!(world.cover(VOLGA, Currency::RUB), before);
                world.letters(VOLGA);
            }
            Command::Tick
        }
        "rescreen-clear" => {
            world.does(Command::PutListInForce([8; 32]));
            assert_eq!(world.refused(answer(AnswerStatus::Accepted)).code, "pay.screening_stale");
            Command::Rescreen(uetr, rescreened(Verdict::Clear))
        }
        "rescreen-hit" => {
            world.does(Command::PutListInForce([8; 32]));
            Command::Rescreen(uetr, rescreened(Verdict::Hit { case: 3 }))
        }
        "conclude-yes" => conclude(people("Amina", "Boris"), true),
        "conclude-no" => conclude(people("Amina", "Boris"), false),
        "conclude-alone" => conclude(people("Amina", "Amina"), true),
        other => panic!("{other}"),
    };
    world.ask(command).map(|_| ())
}
