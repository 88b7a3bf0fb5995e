//! The cards' day: two national switches over TCP, each with an HSM and a count of its own, and the hub between them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use meridian_cards::{Command, Event, Role, SchemeId, Stage, State, Tokeniser};
use meridian_iso8583::{Dialect, Framing};
use meridian_keys::{
    Algorithm, Key, KeyName, MacAlgorithm, Pan, Pin, PinFormat, PinSource, SoftwareHsm, Usage,
    mac::MacPadding,
};
use meridian_node::office::Matter;
use meridian_node::{AskError, Desk, Node};
use meridian_register as register;
use meridian_switch::national::{Delivery, Fields, National, Sale, Verdict};
use meridian_switch::{Endpoint, Keyed, LinkKeys, LinkSettings, Screening, Security, Switch, SwitchSettings};
use meridian_terms::{Currency, Micros, Money, Ratio, Refusal, Rounding};
use serde_json::{Value, json};

use super::cards_file::{CardsFile, SchemeEntry};
use super::day::Step;
use crate::{boot, office};

/// How long anybody waits for an answer that will come.
const WAIT: Duration = Duration::from_secs(20);

/// The day, from sign-on to sign-off.
pub(crate) struct CardsDay<'a> {
    node: &'a Node,
    file: &'a CardsFile,
    acquirer: National,
    issuer: National,
    currency: Currency,
    stan: u32,
    pub(crate) steps: Vec<Step>,
}

/// An example's key: derived from its name, so that every run has the same. It protects nothing.
fn example_key(name: &str) -> [u8; 16] {
    let digest = blake3::hash(format!("meridian example card key {name}").as_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&digest.as_bytes()[..16]);
    // Odd parity, as TDES keys are written.
    key.map(|byte| byte & 0xFE | u8::from((byte & 0xFE).count_ones().is_multiple_of(2)))
}

/// An HSM in memory with the keys of some links: for the demonstration only, as it says itself.
fn hsm(links: &[&SchemeId]) -> Result<SoftwareHsm, Refusal> {
    // Only fills of random-filled PIN blocks and new keys would come from here, and the day makes neither.
    let mut hsm = SoftwareHsm::new(|bytes: &mut [u8]| bytes.fill(0x5A));
    for link in links {
        for (name, usage) in [(pin_key(link), Usage::PinEncryption), (mac_key(link), Usage::RetailMac)] {
            let key = Key::new(example_key(name.as_str()).to_vec());
            hsm.load(&name, usage, Algorithm::Tdes, key)?;
        }
    }
    Ok(hsm)
}

fn pin_key(link: &SchemeId) -> KeyName {
    KeyName::new(format!("ZPK-{link}"))
}

fn mac_key(link: &SchemeId) -> KeyName {
    KeyName::new(format!("MAK-{link}"))
}

fn security(links: &[&SchemeId]) -> Result<Arc<dyn Security>, Refusal> {
    let keys = links.iter().map(|link| {
        let keys = LinkKeys {
            pin: Some((pin_key(link), Algorithm::Tdes, PinFormat::Iso0)),
            mac: Some((mac_key(link), MacAlgorithm::Retail(MacPadding::OneThenZeros))),
            protection: None,
        };
        ((*link).clone(), keys)
    });
    Ok(Arc::new(Keyed::new(Box::new(hsm(links)?), keys.collect::<BTreeMap<_, _>>())))
}

/// A PIN block as the first scheme's terminals send it.
fn pin_block(link: &SchemeId, pin: &str, number: &str) -> Result<Vec<u8>, Refusal> {
    let key = pin_key(link);
    hsm(&[link])?.encrypt_pin(PinSource::Zone(&key), PinFormat::Iso0, &Pin::parse(pin)?, &Pan::parse(number)?)
}

fn link(entry: &SchemeEntry) -> Result<LinkSettings, String> {
    let scheme = entry.scheme().map_err(|refusal| refusal.to_string())?;
    let dialect = Dialect::built_in(&entry.dialect).ok_or_else(|| {
        format!("cards.toml: no dialect {}; meridian card dialects lists them", entry.dialect)
    })?;
    let framing =
        Framing::parse(&entry.framing).ok_or_else(|| format!("cards.toml: no framing {}", entry.framing))?;
    Ok(LinkSettings::new(scheme, dialect, framing))
}

/// Says on whose accounts at the settlement agents the schemes' money and the hub's fees lie.
pub(crate) async fn keep(node: &Node, file: &CardsFile, hub: &str) -> Result<(), String> {
    for command in file.kept_with(hub).map_err(|refusal| format!("cards.toml: {refusal}"))? {
        let asked = node.ask("operator", meridian_node::Command::Settle(command)).await;
        asked.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Runs the day: sets the book up, starts both switches and the hub's, and lets people pay. What happened, in steps.
pub(crate) async fn run(
    node: &Node,
    desk: &Arc<Desk>,
    file: &CardsFile,
    mid: &BTreeMap<String, String>,
) -> Result<Vec<Step>, String> {
    let told = |refusal: Refusal| format!("cards.toml: {refusal}");
    let [first, second] = &file.scheme[..] else { return Err("cards.toml: name two schemes".into()) };
    let rate = rate(first, second, mid).map_err(told)?;
    let today = node.clock().now().day();
    for command in file.commands(rate, node.clock().now()).map_err(told)? {
        if let Command::Admit { scheme, .. } = &command
            && let Some(case) = boot::vetted(node, desk.scheme(scheme, today)).await?
        {
            return Err(format!("cards.toml: {} is not admitted: case {case}", scheme.name));
        }
        match Matter::Card(command) {
            // What is an operator's act is done by the example's people.
            matter if matter.act().is_some() => office::act(node, matter).await?,
            Matter::Card(command) => drop(ask(node, command).await?),
            _ => {}
        }
    }
    for (key, services, instrument) in file.links().map_err(told)? {
        let id = instrument.id.clone();
        let entered = node.read(move |hub| hub.register.instrument(&id).is_some()).await;
        let id = instrument.id.clone();
        if !entered.map_err(|error| error.to_string())? {
            office::act(node, Matter::Register(register::Command::Enter(instrument))).await?;
        }
        office::act(node, Matter::OpenCardLink { key, instrument: id, services }).await?;
    }
    let (a, b) = (first.scheme().map_err(told)?, second.scheme().map_err(told)?);
    let acquirer = National::new(link(first)?, &first.institution, security(&[&a]).map_err(told)?);
    let issuer = National::new(link(second)?, &second.institution, security(&[&b]).map_err(told)?);
    let issuer = issuer.listen().await.map_err(|error| error.to_string())?;
    issuer.decide(rule(file, &b).map_err(told)?);
    let address = issuer.address().ok_or("the issuer's switch takes no calls")?;
    let listener =
        tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| error.to_string())?;
    let hub = listener.local_addr().map_err(|error| error.to_string())?;
    let settings = SwitchSettings {
        institution: file.hub_institution.clone(),
        tokeniser: Tokeniser::new(*blake3::hash(b"meridian example card tokens").as_bytes()),
        security: security(&[&a, &b]).map_err(told)?,
        log: Arc::new(|line: &str| eprintln!("cards: {line}")),
    };
    let links = vec![
        (link(first)?, Endpoint::Listen(listener)),
        (LinkSettings { signs_on: true, ..link(second)? }, Endpoint::Call(address.to_string())),
    ];
    let switch = Switch::start(Screening { node: node.clone(), desk: desk.clone() }, settings, links)
        .await
        .map_err(|error| error.to_string())?;
    let currency = first.currency().map_err(told)?;
    let mut day = CardsDay { node, file, acquirer, issuer, currency, stan: 0, steps: Vec::new() };
    // One after the other, so that the journal is the same on every run.
    let up = b.clone();
    day.until(move |state| state.is_up(&up)).await?;
    day.acquirer.call(hub).await.map_err(|error| error.to_string())?;
    day.sign(&a, "001").await?;
    let (first_name, second_name) = (first.name.clone(), second.name.clone());
    day.tell(format!(
        "{first_name} ({}, {}) and {second_name} ({}, {}) sign on over TCP, every message under a MAC; both invented (illustrative).",
        first.dialect, first.framing, second.dialect, second.framing
    ));
    let outcome = day.sales(&a, &b).await;
    let steps = std::mem::take(&mut day.steps);
    switch.stop().await;
    outcome.map(|()| steps)
}

async fn ask(node: &Node, command: Command) -> Result<Event, String> {
    match node.ask("operator", meridian_node::Command::Card(command)).await {
        Ok(done) => match done.event {
            meridian_node::Event::Card(event) => Ok(event),
            other => Err(format!("a card command gave {other:?}")),
        },
        Err(AskError::Refused(refusal)) => Err(refusal.to_string()),
        Err(AskError::Stopped) => Err("the node has stopped".into()),
    }
}

/// The illustrative mid rate between the schemes' currencies.
fn rate(from: &SchemeEntry, to: &SchemeEntry, mid: &BTreeMap<String, String>) -> Result<Ratio, Refusal> {
    let of = |entry: &SchemeEntry| -> Result<Ratio, Refusal> {
        let code = entry.currency()?;
        let written = mid.get(code.code());
        Ratio::parse_decimal(written.ok_or_else(|| {
            Refusal::new("corridor.cards", format!("no mid rate of {code}")).next("add it to corridor.toml")
        })?)
    };
    let exact = of(from)?.checked_div(&of(to)?);
    let rounded = exact.and_then(|rate| rate.to_decimal(6, Rounding::HalfEven));
    rounded
        .map(|rate| rate.to_ratio())
        .ok_or_else(|| Refusal::new("corridor.cards", "the rate is out of range"))
}

/// The issuer's rules: the second card has no money; a PIN must be the card's; one amount is answered, but the answer is
/// lost. A PIN block of format 0 is the same for the same PIN, so the issuer compares it under its own key.
fn rule(
    file: &CardsFile,
    issuer: &SchemeId,
) -> Result<impl Fn(&Fields) -> Verdict + Send + Sync + use<>, Refusal> {
    let poor = file.card.get(1).map_or_else(String::new, |card| card.number.clone());
    let mut blocks = BTreeMap::new();
    for card in &file.card {
        if let Some(pin) = &card.pin {
            let block = pin_block(issuer, pin, &card.number)?;
            let hex: String = block.iter().map(|byte| format!("{byte:02X}")).collect();
            blocks.insert(card.number.clone(), hex);
        }
    }
    Ok(move |asked: &Fields| {
        if asked.get(2) == poor {
            return Verdict::once("51");
        }
        let given = asked.get(52).to_uppercase();
        if !given.is_empty() && blocks.get(asked.get(2)) != Some(&given) {
            return Verdict::once("55");
        }
        match asked.get(4) {
            LOST => Verdict { response: "00", delivery: Delivery::Lost },
            _ => Verdict::APPROVED,
        }
    })
}

/// The amount whose answer is lost on the way to the hub.
const LOST: &str = "000000133700";

impl CardsDay<'_> {
    /// Purchases, cash, declines, a lost answer, totals, the window.
    async fn sales(&mut self, a: &SchemeId, b: &SchemeId) -> Result<(), String> {
        let card = |at: usize| self.file.card.get(at).map(|card| card.number.clone());
        let (rich, poor, nobody) = match (card(0), card(1), card(2)) {
            (Some(rich), Some(poor), Some(nobody)) => (rich, poor, nobody),
            _ => return Err("cards.toml: name three cards".into()),
        };
        let sale = self.sale("0200", &rich, 245_000);
        let said = self.ask(&sale).await?;
        self.tell(format!("A purchase of RUB 2450.00, card ending {}: {}.", four(&rich), meaning(&said)));

        let held = self.sale("0100", &rich, 1_200_000);
        let said = self.ask(&held).await?;
        let completed = self.acquirer.completion(&held, 1_135_000);
        let done = self.heard(completed).await?;
        self.tell(format!(
            "A hotel holds RUB 12000.00 ({}) and completes RUB 11350.00 ({}).",
            meaning(&said),
            meaning(done.response())
        ));

        let pin = self.file.card.first().and_then(|card| card.pin.clone()).unwrap_or_default();
        let block = pin_block(a, &pin, &rich).map_err(|refusal| refusal.to_string())?;
        let cash = Sale {
            processing_code: "010000",
            category: "6011",
            pin_block: Some(block),
            ..self.sale("0200", &rich, 500_000)
        };
        let said = self.ask(&cash).await?;
        let mut wrong = pin.clone().into_bytes();
        wrong.reverse();
        let wrong = String::from_utf8(wrong).unwrap_or_default();
        let block = pin_block(a, &wrong, &rich).map_err(|refusal| refusal.to_string())?;
        let mistyped = Sale { pin_block: Some(block), ..self.next(&cash) };
        let refused = self.ask(&mistyped).await?;
        self.tell(format!(
            "A cash machine pays RUB 5000.00, the PIN translated from key to key in the HSM: {}; with a wrong PIN: {}.",
            meaning(&said),
            meaning(&refused)
        ));

        let sale = self.sale("0200", &poor, 99_000);
        let no_money = self.ask(&sale).await?;
        let sale = self.sale("0200", &nobody, 99_000);
        let no_issuer = self.ask(&sale).await?;
        self.tell(format!(
            "Card ending {}: {}; card ending {}: {}.",
            four(&poor),
            meaning(&no_money),
            four(&nobody),
            meaning(&no_issuer)
        ));

        let lost = self.sale("0200", &rich, 133_700);
        let said = self.ask_and_wait(&lost).await?;
        self.tell(format!(
            "An approval of RUB 1337.00 is lost on its way back: the acquirer hears {}, and the hub reverses it at the issuer.",
            meaning(&said)
        ));

        let returned = {
            let sale = self.sale("0200", &rich, 60_000);
            self.acquirer.reversal(&sale, false, None)
        };
        let unseen = self.heard(returned).await?;
        self.tell(format!("A reversal of what never arrived: {}.", meaning(unseen.response())));

        let now = self.node.clock().now();
        let acquirer = self.acquirer.reconcile(Role::Acquirer, now, WAIT).await?;
        let issuer = self.issuer.reconcile(Role::Issuer, now, WAIT).await?;
        let verdict = |answer: &Fields| if answer.get(66) == "1" { "in balance" } else { "OUT OF BALANCE" };
        self.tell(format!(
            "Totals of the day: {a} {} ({} debits, {} reversed), {b} {} ({} debits, {} reversed).",
            verdict(&acquirer),
            count(&acquirer, 76),
            count(&acquirer, 77),
            verdict(&issuer),
            count(&issuer, 76),
            count(&issuer, 77)
        ));
        let window = u64::try_from(now.day().number()).unwrap_or(0);
        let settled = ask(self.node, Command::Settle { window }).await?;
        if let Event::Settled { moved, .. } = settled {
            let moves: Vec<String> = moved
                .iter()
                .map(|(name, currency, minor)| format!("{name} {}", Money::new(-minor, *currency)))
                .collect();
            self.tell(format!("The window moves the positions into cover: {}.", moves.join(", ")));
        }
        self.sign(a, "002").await?;
        let off = self.issuer.network("002", now, WAIT).await?;
        let down = b.clone();
        self.until(move |state| !state.is_up(&down)).await?;
        self.tell(format!("Both sign off ({off})."));
        Ok(())
    }

    fn sale(&mut self, mti: &'static str, account: &str, minor: u64) -> Sale {
        self.node.clock().forward(Micros::minutes(7));
        self.stan += 1;
        Sale {
            mti,
            stan: self.stan,
            account: account.to_owned(),
            processing_code: "000000",
            minor,
            currency: self.currency,
            category: if mti == "0100" { "7011" } else { "5411" },
            pin_block: None,
            at: self.node.clock().now(),
        }
    }

    fn next(&mut self, of: &Sale) -> Sale {
        self.stan += 1;
        Sale { stan: self.stan, ..of.clone() }
    }

    async fn heard(&self, draft: meridian_iso8583::Draft) -> Result<Fields, String> {
        let answer = self.acquirer.ask(draft, WAIT).await?;
        self.quiet().await?;
        answer.ok_or_else(|| "the hub did not answer".to_owned())
    }

    async fn ask(&self, sale: &Sale) -> Result<String, String> {
        self.heard(self.acquirer.message(sale)).await.map(|answer| answer.response().to_owned())
    }

    /// Asks what the issuer's answer will not come to, and lets the clock run past the deadline.
    async fn ask_and_wait(&self, sale: &Sale) -> Result<String, String> {
        let before = self.issuer.decided();
        let waiting = self.acquirer.ask(self.acquirer.message(sale), WAIT);
        let later = async {
            let stan = sale.stan;
            let asked = move |state: &State| {
                state.transactions().any(|(_, known)| {
                    matches!(known.stage, Stage::Asked { .. })
                        && known.request.as_ref().is_some_and(|request| request.key.stan == stan)
                })
            };
            self.until(asked).await?;
            // The issuer has it and has approved; only then may the time run out.
            for _ in 0..2_000 {
                if self.issuer.decided() > before {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            let span = self.node.read(|hub| hub.cards.settings().answer).await.map_err(|e| e.to_string())?;
            self.node.clock().forward(Micros(span.0 + 1_000_000));
            Ok::<(), String>(())
        };
        let (answer, later) = tokio::join!(waiting, later);
        later?;
        self.quiet().await?;
        answer?.map(|answer| answer.response().to_owned()).ok_or_else(|| "the hub did not answer".to_owned())
    }

    async fn sign(&self, scheme: &SchemeId, code: &str) -> Result<(), String> {
        let wanted = code == "001";
        for _ in 0..200 {
            let at = self.node.clock().now();
            match self.acquirer.network(code, at, WAIT).await {
                Ok(_) => break,
                // The line is not up yet.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
        let of = scheme.clone();
        self.until(move |state| state.is_up(&of) == wanted).await
    }

    /// Until no advice waits for anybody.
    async fn quiet(&self) -> Result<(), String> {
        self.until(|state| {
            state.schemes().all(|scheme| state.queue(&scheme.id).is_none_or(|queue| queue.waiting.is_empty()))
        })
        .await
    }

    async fn until(&self, is_so: impl Fn(&State) -> bool + Clone + Send + 'static) -> Result<(), String> {
        for _ in 0..4_000 {
            let look = is_so.clone();
            if self.node.read(move |hub| look(&hub.cards)).await.map_err(|error| error.to_string())? {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err("the cards' day stands still".into())
    }

    fn tell(&mut self, words: String) {
        let at = self.node.clock().now().to_string();
        self.steps.push(Step { at, part: "cards".to_owned(), words });
    }
}

fn four(number: &str) -> &str {
    number.get(number.len().saturating_sub(4)..).unwrap_or("")
}

fn count(answer: &Fields, field: u16) -> u64 {
    answer.get(field).parse().unwrap_or(0)
}

/// A response code in words.
fn meaning(response: &str) -> String {
    let words = match response {
        "00" => "approved",
        "15" => "no such issuer",
        "25" => "not found",
        "51" => "not sufficient funds",
        "55" => "incorrect PIN",
        "91" => "issuer inoperative",
        _ => "declined",
    };
    format!("{words} ({response})")
}

/// What the day was, for the report.
pub(crate) fn report(state: &State, money: &meridian_ledger::State) -> Value {
    let transactions: Vec<Value> = state
        .transactions()
        .filter_map(|(_, known)| {
            let request = known.request.as_ref()?;
            let pays = known.opening.as_ref().map(|opening| opening.bill.amounts.issuer.to_string());
            Some(json!({
                "at": known.at.to_string(), "card": request.card.to_string(), "reference": request.key.rrn,
                "service": format!("{:?}", request.service).to_lowercase(),
                "amount": request.amount.to_string(), "issuer_pays": pays, "stage": known.stage.word(),
                "response": known.outcome.as_ref().map(|outcome| outcome.response.to_string()),
            }))
        })
        .collect();
    let mut stages: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, known) in state.transactions() {
        *stages.entry(known.stage.word()).or_default() += 1;
    }
    let totals: Vec<Value> = state
        .reconciliations()
        .map(|((scheme, role, day), compared)| {
            let ours = &compared.ours;
            json!({"scheme": scheme.as_str(), "role": role.word(), "day": day.to_string(),
                   "debits": ours.debits.count, "debit_reversals": ours.debit_reversals.count,
                   "authorisations": ours.authorisations, "net_minor": ours.net().to_string(),
                   "in_balance": compared.ours == compared.theirs})
        })
        .collect();
    let settled: Vec<Value> = state
        .activity()
        .map(|((name, currency, day), activity)| {
            let amount = |minor: i128| Money::new(minor, *currency).to_string();
            json!({"name": name, "day": day.to_string(), "principal": amount(activity.principal),
                   "interchange": amount(activity.interchange), "fees": amount(activity.scheme_fees),
                   "into_cover": amount(-activity.settled)})
        })
        .collect();
    let open = state.positions(money).filter(|(.., minor)| *minor != 0).count();
    let schemes: Vec<Value> = state
        .schemes()
        .map(|scheme| {
            json!({"id": scheme.id.as_str(), "name": scheme.name, "country": scheme.country.as_str(),
                   "currency": scheme.currency.code(), "status": "illustrative"})
        })
        .collect();
    json!({"schemes": schemes, "transactions": transactions, "stages": stages, "totals": totals,
           "activity": settled, "open_positions": open, "exceptions": state.exceptions().len()})
}
