//! One payment from quote to confirmation, and the participants that answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use meridian_http::wire::{AskQuotes, Letter, Next, Quote};
use meridian_node::Clock;
use meridian_pay::{Bearer, Instruction, Priority, QuoteId, ResolutionId, ResolutionRequest, outbound};
use meridian_terms::{Bic, Country, Currency, Money, Party, Refusal, Uetr};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::world::{BANKS, Gateway, HUB, PROVIDERS, World, creditor, debtor};

/// Parties on each side; each payment takes one of them and carries a remittance line of its own.
const PARTIES: u64 = 20_000;

/// Every participant reads its mailbox and answers what it is asked.
pub(crate) fn participants(world: &Arc<World>) -> Vec<JoinHandle<()>> {
    let banks = (0..BANKS).flat_map(|bank| [debtor(bank), creditor(bank)]);
    let one = |bic: String| {
        let world = world.clone();
        tokio::spawn(async move {
            if let Err(why) = receive(world.clone(), bic).await {
                world.fail(why);
            }
        })
    };
    banks.chain(PROVIDERS.map(str::to_owned)).map(one).collect()
}

/// One lane: cycle after cycle until the bench ends.
pub(crate) async fn cycles(world: Arc<World>, lane: usize) -> Result<(), String> {
    let (debtor, creditor) = (debtor(lane % BANKS), creditor(lane / BANKS % BANKS));
    let mut gateway = world.gateway(&debtor)?;
    let mut number = 0_u64;
    while !world.ends.load(Ordering::Relaxed) {
        number += 1;
        let start = Instant::now();
        match cycle(&world, &mut gateway, &creditor, (lane as u64) << 32 | number).await {
            Ok(()) if world.counts_now.load(Ordering::Relaxed) => {
                let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
                if let Ok(mut times) = world.times.lock() {
                    times.push(micros);
                }
            }
            Ok(()) => {}
            Err(why) => world.fail(why),
        }
    }
    Ok(())
}

pub(crate) async fn cycle(
    world: &World,
    gateway: &mut Gateway,
    creditor: &str,
    number: u64,
) -> Result<(), String> {
    let told = |refusal: Refusal| refusal.to_string();
    let now = Clock::System.now();
    let digest = blake3::hash(&number.to_be_bytes());
    let random = u128::from_be_bytes(digest.as_bytes()[..16].try_into().unwrap_or([0; 16]));
    let party = |salt: u128| u64::try_from((random >> salt) % u128::from(PARTIES)).unwrap_or(0);
    let (payer, payee) = (party(0), party(40));
    let (own, creditor_agent) =
        (Bic::parse(&gateway.bic).map_err(told)?, Bic::parse(creditor).map_err(told)?);

    let minor = 10_000 + i128::try_from(random % 1_000_000).unwrap_or(0);
    let ask = AskQuotes {
        id: format!("{random:032x}"),
        from: "INR".into(),
        to: "RUB".into(),
        fixed: "target".into(),
        amount: Money::new(minor, Currency::RUB).amount().to_string(),
        creditor_agent: Some(creditor.to_owned()),
        charge_bearer: None,
        own_charge: None,
    };
    let body = serde_json::to_string(&ask).map_err(|error| error.to_string())?;
    let quotes = gateway.call("/v1/quotes", "application/json", body).await?;
    let quotes: Vec<Quote> = serde_json::from_slice(&quotes).map_err(|error| error.to_string())?;
    let quote = quotes.first().ok_or("no quotes")?;

    let (account, holder) = (format!("RU-{payee}"), name("Stroy", payee));
    let reference = format!("{number:016x}");
    let request = ResolutionRequest {
        by: own.clone(),
        message_id: format!("Q{reference}"),
        reference: reference.clone(),
        agent: Some(creditor_agent.clone()),
        account: Some(account.clone()),
        proxy: None,
        name: Some(holder.clone()),
    };
    let verified = world.expect(reference.clone());
    gateway.message(outbound::write_resolution(&request, now, HUB).map_err(told)?).await?;
    let verified = wait(verified, "acmt.024").await?;
    if !verified.contains("<Vrfctn>true</Vrfctn>") {
        return Err(format!("not verified: {verified}"));
    }

    let land = |code: &str| Country::parse(code).map_err(told);
    let payment = Instruction {
        uetr: Uetr::from_bits(random),
        message_id: format!("M{reference}"),
        end_to_end_id: format!("E{reference}"),
        priority: Priority::High,
        accepted_at: Clock::System.now(),
        source: Money::try_from(&quote.source).map_err(told)?,
        target: Money::try_from(&quote.target).map_err(told)?,
        quote: Some(QuoteId(u128::from_str_radix(&quote.id, 16).map_err(|error| error.to_string())?)),
        debtor: Party { name: name("Trading", payer), country: land("IN")?, lei: None, address: None },
        debtor_account: format!("IN-{payer}"),
        debtor_agent: own,
        creditor_agent,
        creditor: Party { name: holder, country: land("RU")?, lei: None, address: None },
        creditor_account: account,
        bearer: Bearer::Shared,
        charges: Vec::new(),
        intermediaries: Vec::new(),
        purpose: Some("GDDS".into()),
        document: Some(format!("invoice/{reference}")),
        remittance: format!("Invoice {reference} for machine parts"),
    };
    let confirmed = world.expect(payment.uetr.to_string());
    gateway.message(outbound::write_payment(&payment, payment.accepted_at).map_err(told)?).await?;
    let confirmed = wait(confirmed, "pacs.002").await?;
    if confirmed.contains("<TxSts>ACCC</TxSts>") { Ok(()) } else { Err(format!("not credited: {confirmed}")) }
}

async fn wait(letter: oneshot::Receiver<String>, what: &str) -> Result<String, String> {
    let waited = tokio::time::timeout(Duration::from_secs(25), letter).await;
    waited.map_err(|_| format!("no {what} came"))?.map_err(|_| format!("no {what} comes any more"))
}
/// A party's name out of syllables, by its number.
fn name(side: &str, number: u64) -> String {
    const SYLLABLES: [&str; 16] =
        ["ka", "ro", "mi", "ta", "ve", "lu", "sha", "no", "ri", "pe", "do", "zi", "ba", "fe", "gu", "hy"];
    let word = |from: u32| -> String {
        (0..3)
            .filter_map(|place| SYLLABLES.get(usize::try_from(number >> (from + 4 * place) & 15).ok()?))
            .copied()
            .collect()
    };
    format!("{} {} {side}", word(0), word(4))
}

/// A participant's mailbox: letters to lanes that wait, questions to the answering desks.
async fn receive(world: Arc<World>, bic: String) -> Result<(), String> {
    let mut gateway = world.gateway(&bic)?;
    let desks = answering(&world, &bic)?;
    let mut upto = 0;
    loop {
        let next =
            serde_json::to_string(&Next { upto, wait_seconds: 10 }).map_err(|error| error.to_string())?;
        let answer = gateway.call("/v1/mailbox/next", "application/json", next).await?;
        let letters: Vec<Letter> = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
        world.letters.fetch_add(letters.len() as u64, Ordering::Relaxed);
        for letter in letters {
            upto = letter.number;
            let Some(xml) = letter.xml else { continue };
            match &letter.kind[..8] {
                "acmt.023" | "pacs.008" => {
                    let desk = usize::try_from(letter.number).unwrap_or(0) % desks.len();
                    // A desk that has gone ends the bench by its own failure.
                    drop(desks[desk].send(xml));
                }
                "acmt.024" => hand(&world, "<OrgnlId>", xml),
                "pacs.002" => hand(&world, "<OrgnlUETR>", xml),
                _ => {}
            }
        }
    }
}

fn hand(world: &World, tag: &str, xml: String) {
    if let Some(reference) = between(&xml, tag) {
        let reference = reference.to_owned();
        world.hand(&reference, xml);
    }
}

fn between<'a>(xml: &'a str, tag: &str) -> Option<&'a str> {
    let start = xml.find(tag)? + tag.len();
    let end = xml[start..].find('<')?;
    Some(&xml[start..start + end])
}

/// How many answers a bank sends at once.
const DESKS: usize = 8;

/// A creditor agent's desks: each has a connection of its own and answers what it is handed, always yes.
fn answering(world: &Arc<World>, bic: &str) -> Result<Vec<mpsc::UnboundedSender<String>>, String> {
    let mut desks = Vec::new();
    for desk in 0..DESKS {
        let (questions, mut inbox) = mpsc::unbounded_channel::<String>();
        let (mut gateway, world, own) = (world.gateway(bic)?, world.clone(), Bic::parse(bic));
        let own = own.map_err(|refusal| refusal.to_string())?;
        tokio::spawn(async move {
            let mut number = 0_u64;
            while let Some(xml) = inbox.recv().await {
                number += 1;
                let message_id = format!("{}-{desk}-{number}", &own.as_str()[..4]);
                let answer = match between(&xml, "<UETR>") {
                    Some(uetr) => Uetr::parse(uetr).and_then(|uetr| {
                        outbound::write_answer(&message_id, Clock::System.now(), uetr, "ACCC", None)
                    }),
                    None => confirm(&own, &message_id, &xml),
                };
                let told = match answer {
                    Ok(answer) => gateway.message(answer).await,
                    Err(refusal) => Err(refusal.to_string()),
                };
                if let Err(why) = told {
                    world.fail(why);
                }
            }
        });
        desks.push(questions);
    }
    Ok(desks)
}

/// Whose the account is: the agent's books say the name that its number says.
fn confirm(own: &Bic, message_id: &str, xml: &str) -> Result<String, Refusal> {
    let id = between(xml, "<Vrfctn><Id>").unwrap_or_default();
    let id = ResolutionId(u128::from_str_radix(id, 16).unwrap_or(0));
    let account = between(xml, "<Othr><Id>").unwrap_or_default();
    let number = account.rsplit('-').next().and_then(|digits| digits.parse().ok()).unwrap_or(0);
    let holder = name("Stroy", number);
    outbound::write_resolution_answer(message_id, Clock::System.now(), (own, HUB), id, Some(&holder), None)
}
