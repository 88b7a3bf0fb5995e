//! What is lost, late, twice or cut: the money is right every time, and all three count the same.

use std::time::Duration;

use meridian_switch::national::{Delivery, Verdict};

use crate::rig::{ANSWER, LONG, Rig, beta, said};

fn delivered(delivery: Delivery) -> Verdict {
    Verdict { response: "00", delivery }
}

/// The issuer never sees the request, or its answer is lost, or late, or comes twice.
#[tokio::test(flavor = "multi_thread")]
async fn between_hub_and_issuer() {
    // what happens | what the acquirer hears | where it ends
    let rows = [
        (Delivery::Once, "00", "posted"),
        (Delivery::Twice, "00", "posted"),
        (Delivery::Unseen, "91", "timed-out"),
        (Delivery::Lost, "91", "timed-out"),
        (Delivery::Late(ANSWER * 2), "91", "timed-out"),
    ];
    for (delivery, expected, stage) in rows {
        let mut rig = Rig::new().await;
        rig.beta.decide(move |_| delivered(delivery));
        let sale = rig.sale("0200", 150_000);
        assert_eq!(rig.ask(&sale).await, expected, "{delivery:?}");
        assert_eq!(rig.stage(&sale).await, stage, "{delivery:?}");
        tokio::time::sleep(ANSWER * 3).await;
        rig.is_right().await;
        // What did not stand is not reversed again.
        if stage == "timed-out" {
            assert_eq!(rig.reverse(&sale).await, "21");
            rig.is_right().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_the_acquirer_never_heard_is_repeated_or_reversed() {
    let mut rig = Rig::new().await;
    let (repeated, reversed) = (rig.sale("0200", 150_000), rig.sale("0200", 70_000));
    for sale in [&repeated, &reversed] {
        rig.alpha.ask_deaf(rig.alpha.message(sale)).unwrap();
    }
    rig.until(|state| {
        state.transactions().filter(|(_, known)| known.stage == meridian_cards::Stage::Posted).count() == 2
    })
    .await;
    assert_eq!(said(rig.alpha.ask(rig.alpha.message(&repeated).with_mti("0201"), LONG).await), "00");
    assert_eq!(rig.reverse(&reversed).await, "00");
    let again = rig.alpha.reversal(&reversed, true, None);
    assert_eq!(said(rig.alpha.ask(again, LONG).await), "00");
    assert_eq!(rig.beta.decided(), 2);
    rig.is_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_lost_is_reversed_unseen_and_declined_if_it_still_comes() {
    let mut rig = Rig::new().await;
    let sale = rig.sale("0200", 150_000);
    assert_eq!(rig.reverse(&sale).await, "25");
    assert_eq!(rig.ask(&sale).await, "12");
    assert_eq!(rig.beta.decided(), 0);
    rig.is_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_twice_is_one_transaction_and_another_under_its_name_is_refused() {
    let mut rig = Rig::new().await;
    rig.beta.decide(|_| delivered(Delivery::Late(Duration::from_millis(80))));
    let sale = rig.sale("0200", 150_000);
    rig.alpha.ask_deaf(rig.alpha.message(&sale)).unwrap();
    assert_eq!(
        said(rig.alpha.ask(rig.alpha.message(&sale).with_mti("0201"), Duration::from_millis(40)).await),
        "silence"
    );
    rig.until(|state| state.transactions().any(|(_, known)| known.stage == meridian_cards::Stage::Posted))
        .await;
    assert_eq!(said(rig.alpha.ask(rig.alpha.message(&sale).with_mti("0201"), LONG).await), "00");
    let other = rig.alpha.message(&sale).set(4, "000000000001");
    assert_eq!(said(rig.alpha.ask(other, LONG).await), "94");
    assert_eq!(rig.beta.decided(), 1);
    rig.is_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_drops_mid_transaction_loses_no_money() {
    // The acquirer's.
    let mut rig = Rig::new().await;
    rig.beta.decide(|_| delivered(Delivery::Late(Duration::from_millis(100))));
    let sale = rig.sale("0200", 150_000);
    rig.alpha.ask_deaf(rig.alpha.message(&sale)).unwrap();
    rig.until(|state| state.transactions().count() == 1).await;
    rig.alpha.drop_line();
    rig.until(|state| state.transactions().any(|(_, known)| known.stage == meridian_cards::Stage::Posted))
        .await;
    rig.connect().await;
    assert_eq!(said(rig.alpha.ask(rig.alpha.message(&sale).with_mti("0201"), LONG).await), "00");
    rig.is_right().await;

    // The issuer's: it has approved, and its answer has no line to go on.
    let mut rig = Rig::new().await;
    rig.beta.decide(|_| delivered(Delivery::Late(Duration::from_millis(100))));
    let sale = rig.sale("0200", 150_000);
    rig.alpha.ask_deaf(rig.alpha.message(&sale)).unwrap();
    for _ in 0..500 {
        if rig.beta.decided() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    rig.beta.hang_up(true);
    rig.until(|state| state.queue(&beta()).is_some_and(|queue| !queue.waiting.is_empty())).await;
    assert_eq!(rig.stage(&sale).await, "timed-out");
    rig.beta.hang_up(false);
    rig.is_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_mid_transaction_loses_no_money() {
    // The issuer has it, the hub goes down, and the issuer's answer finds nobody.
    let mut rig = Rig::new().await;
    rig.beta.decide(|_| delivered(Delivery::Late(Duration::from_millis(50))));
    let (waited, answered) = (rig.sale("0200", 150_000), rig.sale("0200", 70_000));
    rig.alpha.ask_deaf(rig.alpha.message(&answered)).unwrap();
    rig.until(|state| state.transactions().any(|(_, known)| known.stage == meridian_cards::Stage::Posted))
        .await;
    rig.alpha.ask_deaf(rig.alpha.message(&waited)).unwrap();
    rig.until(|state| state.transactions().count() == 2).await;
    rig.stop().await;
    tokio::time::sleep(ANSWER * 2).await;
    rig.start(false).await;
    rig.until(|state| state.transactions().any(|(_, known)| known.stage == meridian_cards::Stage::TimedOut))
        .await;
    // The one that was approved before is answered so; the other did not stand.
    assert_eq!(said(rig.alpha.ask(rig.alpha.message(&answered).with_mti("0201"), LONG).await), "00");
    assert_eq!(said(rig.alpha.ask(rig.alpha.message(&waited).with_mti("0201"), LONG).await), "91");
    rig.is_right().await;
}
