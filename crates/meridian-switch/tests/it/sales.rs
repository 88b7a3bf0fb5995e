//! Days on which the lines hold.

use std::time::Duration;

use meridian_cards::{Role, Stage};
use meridian_switch::national::{Delivery, Sale, Verdict};

use crate::rig::{LONG, OTHER_CARD, Rig, alpha, beta, now, said};

#[tokio::test(flavor = "multi_thread")]
async fn purchases_refunds_completions_and_reversals_end_with_equal_totals() {
    let mut rig = Rig::new().await;
    rig.beta
        .decide(|asked| if asked.get(2).ends_with("5678") { Verdict::once("N1") } else { Verdict::APPROVED });
    let purchase = rig.sale("0200", 150_000);
    let answer = rig.alpha.ask(rig.alpha.message(&purchase), LONG).await.unwrap().unwrap();
    assert_eq!((answer.response(), answer.get(38)), ("00", "000001"));
    // The issuer's own word for lack of funds comes out in the acquirer's.
    let declined = Sale { account: OTHER_CARD.into(), ..rig.sale("0200", 1_000) };
    assert_eq!(rig.ask(&declined).await, "51");
    let refund = Sale { processing_code: "200000", ..rig.sale("0200", 5_000) };
    assert_eq!(rig.ask(&refund).await, "00");

    let held = rig.sale("0100", 100_000);
    assert_eq!(rig.ask(&held).await, "00");
    assert_eq!(rig.stage(&held).await, "held");
    let complete = rig.alpha.completion(&held, 90_000);
    assert_eq!(said(rig.alpha.ask(complete, LONG).await), "00");
    assert_eq!(rig.stage(&held).await, "posted");

    let partly = rig.alpha.reversal(&purchase, false, Some(50_000));
    assert_eq!(said(rig.alpha.ask(partly, LONG).await), "00");
    let dropped = rig.sale("0100", 70_000);
    assert_eq!(rig.ask(&dropped).await, "00");
    assert_eq!(rig.reverse(&dropped).await, "00");
    // A card of nobody.
    let unknown = Sale { account: "4000000000000002".into(), ..rig.sale("0200", 1_000) };
    assert_eq!(rig.ask(&unknown).await, "15");
    rig.is_right().await;
    let day = rig.read(|state| state.all_totals().map(|((_, _, day), _)| *day).max()).await.unwrap();
    let totals = rig.read(move |state| state.totals(&alpha(), Role::Acquirer, day)).await;
    assert_eq!((totals.debits.count, totals.credits.count, totals.authorisations), (2, 1, 2));
    assert_eq!(totals.net(), 50_000 - 5_000 + 90_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_issuer_is_away_the_hub_stands_in_and_tells_it_on_its_return() {
    let mut rig = Rig::new().await;
    rig.beta.hang_up(true);
    rig.until(|state| !state.is_up(&beta())).await;
    let small = rig.sale("0200", 1_000);
    assert_eq!(rig.ask(&small).await, "00");
    let large = rig.sale("0200", 100_000);
    assert_eq!(rig.ask(&large).await, "61");
    let reversed = rig.sale("0200", 2_000);
    assert_eq!(rig.ask(&reversed).await, "00");
    assert_eq!(rig.reverse(&reversed).await, "00");
    assert_eq!(rig.read(|state| state.queue(&beta()).map_or(0, |queue| queue.waiting.len())).await, 3);
    // The queue outlives a restart.
    rig.stop().await;
    rig.beta.hang_up(false);
    rig.start(false).await;
    rig.is_right().await;
    assert_eq!(rig.read(|state| state.exceptions().len()).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_sales_at_once_each_come_to_their_end() {
    let mut rig = Rig::new().await;
    rig.beta.decide(|asked| {
        let delivery = match asked.get(11).as_bytes()[5] {
            b'3' => Delivery::Lost,
            b'5' => Delivery::Unseen,
            b'7' => Delivery::Twice,
            b'9' => Delivery::Late(Duration::from_millis(400)),
            _ => Delivery::Once,
        };
        Verdict { response: if asked.get(11).ends_with('2') { "05" } else { "00" }, delivery }
    });
    let sales: Vec<Sale> = (0..100)
        .map(|number| rig.sale(if number % 3 == 0 { "0100" } else { "0200" }, 1_000 + number))
        .collect();
    let mut tasks = tokio::task::JoinSet::new();
    let rig = std::sync::Arc::new(rig);
    for sale in sales {
        let rig = rig.clone();
        tasks.spawn(async move { rig.ask(&sale).await });
    }
    let mut said = std::collections::BTreeMap::new();
    while let Some(answer) = tasks.join_next().await {
        *said.entry(answer.unwrap()).or_insert(0) += 1;
    }
    assert_eq!(said, [("00".to_owned(), 60), ("05".to_owned(), 10), ("91".to_owned(), 30)].into());
    rig.is_right().await;
    let held = rig
        .read(|state| {
            state.transactions().filter(|(_, known)| matches!(known.stage, Stage::Held { .. })).count()
        })
        .await;
    assert!(held > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_that_differ_are_answered_out_of_balance() {
    let mut rig = Rig::new().await;
    assert_eq!(
        {
            let sale = rig.sale("0200", 1_000);
            rig.ask(&sale).await
        },
        "00"
    );
    // BETA compares as an acquirer, which it is not: it counted nothing, and neither did the hub.
    let answer = rig.beta.reconcile(Role::Acquirer, now(), LONG).await.unwrap();
    assert_eq!((answer.get(66), answer.response()), ("1", "00"));
    // ALPHA's purchase, compared by ALPHA as an issuer, is nothing too; but by BETA in ALPHA's place it would differ.
    let sale = rig.sale("0200", 2_000);
    rig.alpha.ask_deaf(rig.alpha.message(&sale)).unwrap();
    rig.until(|state| state.transactions().filter(|(_, known)| known.stage == Stage::Posted).count() == 2)
        .await;
    let answer = rig.alpha.reconcile(Role::Acquirer, now(), LONG).await.unwrap();
    assert_eq!((answer.get(66), answer.response(), answer.get(76)), ("2", "95", "0000000002"));
    // The answer that was lost comes with the repeat.
    assert_eq!(said(rig.alpha.ask(rig.alpha.message(&sale).with_mti("0201"), LONG).await), "00");
    rig.is_right().await;
}
