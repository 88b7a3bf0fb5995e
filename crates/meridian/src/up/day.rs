//! The example day: a script, step after step, with its own clock.

use std::collections::BTreeMap;

use indicatif::ProgressBar;
use meridian_corridor::Network;
use meridian_deal::{self as deal, DealId, Screened, Side};
use meridian_node::{AskError, Command, Node};
use meridian_pay as pay;
use meridian_screening::{ListSet, Policy};
use meridian_terms::{Bic, Country, Currency, Micros, Money, Party, Ratio, Refusal, Rounding};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use super::deals::{DealEntry, freight_in};
use super::participant::{Participant, Payment, Told, expect};
use crate::corridor_file::{CorridorFile, Files};
use crate::{boot, office};

/// Something that happened, for the report.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// When, by the day's clock.
    pub(crate) at: String,
    /// Which part of the story.
    pub(crate) part: String,
    /// In a sentence.
    pub(crate) words: String,
}

type Reply = oneshot::Sender<Result<Told, String>>;

/// What the script asks of a participant's task.
enum Order {
    /// Look into the mailbox and do what is to be done.
    Work(oneshot::Sender<Result<usize, String>>),
    /// Say what happened to the goods.
    Present { deal: String, kind: &'static str, document: String, reply: Reply },
    /// File a document.
    File { deal: String, name: String, reply: Reply },
    /// Say something of a deal besides evidence.
    Speak { deal: String, of: &'static str, body: serde_json::Value, reply: Reply },
    /// Publish rates.
    Publish { pairs: Vec<(Currency, Currency, String, String)>, reply: Reply },
    /// Pay of its own accord.
    Pay { payment: Box<Payment>, priority: pay::Priority, reply: Reply },
}

/// The participants' tasks, by BIC.
pub(crate) struct Participants(BTreeMap<String, mpsc::Sender<Order>>);

impl Participants {
    /// Starts a task for each participant.
    pub(crate) fn start(file: &CorridorFile, hub: &str, node: &Node) -> Result<Self, String> {
        let mut tasks = BTreeMap::new();
        for entry in &file.participant {
            let read = || -> Result<Participant, Refusal> {
                let (bic, country) = (Bic::parse(&entry.bic)?, Country::parse(&entry.country)?);
                Ok(Participant::new(
                    bic,
                    country,
                    boot::example_key(&entry.bic)?,
                    hub.to_owned(),
                    node.clock().clone(),
                ))
            };
            let participant = read().map_err(|refusal| refusal.to_string())?;
            let (orders, inbox) = mpsc::channel(8);
            tokio::spawn(live(participant, inbox));
            tasks.insert(entry.bic.clone(), orders);
        }
        Ok(Self(tasks))
    }

    async fn order(&self, bic: &str, order: Order) -> Result<(), String> {
        let task = self.0.get(bic).ok_or_else(|| format!("no participant {bic}; add it to corridor.toml"))?;
        task.send(order).await.map_err(|_| format!("{bic} has stopped"))
    }

    async fn told(&self, bic: &str, order: impl FnOnce(Reply) -> Order) -> Result<Told, String> {
        let (reply, waiting) = oneshot::channel();
        self.order(bic, order(reply)).await?;
        waiting.await.map_err(|_| format!("{bic} has stopped"))?
    }

    /// Lets a participant pay.
    pub(super) async fn pay(
        &self,
        bic: &str,
        payment: Payment,
        priority: pay::Priority,
    ) -> Result<Told, String> {
        self.told(bic, |reply| Order::Pay { payment: Box::new(payment), priority, reply }).await
    }

    /// Lets everybody work, in order of BIC, until nobody has anything to do.
    async fn settle(&self) -> Result<(), String> {
        loop {
            let mut letters = 0;
            for bic in self.0.keys() {
                let (reply, waiting) = oneshot::channel();
                self.order(bic, Order::Work(reply)).await?;
                letters += waiting.await.map_err(|_| format!("{bic} has stopped"))??;
            }
            if letters == 0 {
                return Ok(());
            }
        }
    }
}

async fn live(mut participant: Participant, mut inbox: mpsc::Receiver<Order>) {
    while let Some(order) = inbox.recv().await {
        // Whoever asked waits for the answer; if it has gone, nobody misses it.
        match order {
            Order::Work(reply) => drop(reply.send(participant.work().await)),
            Order::Present { deal, kind, document, reply } => {
                drop(reply.send(participant.present(&deal, kind, &document).await));
            }
            Order::File { deal, name, reply } => drop(reply.send(participant.file(&deal, &name).await)),
            Order::Speak { deal, of, body, reply } => {
                drop(reply.send(participant.speak(&deal, of, &body).await))
            }
            Order::Publish { pairs, reply } => {
                let mut outcome = Ok(Told { status: 200, body: serde_json::Value::Null });
                for (from, to, rate, most) in pairs {
                    if let Err(why) = participant.publish(from, to, &rate, &most).await {
                        outcome = Err(why);
                        break;
                    }
                }
                drop(reply.send(outcome));
            }
            Order::Pay { payment, priority, reply } => {
                drop(reply.send(participant.pay_with(&payment, priority).await));
            }
        }
    }
}

/// Everything the script needs.
pub(crate) struct Day<'a> {
    pub(crate) node: &'a Node,
    pub(crate) files: &'a Files,
    pub(crate) file: &'a CorridorFile,
    pub(crate) lists: &'a ListSet,
    pub(crate) network: &'a Network,
    pub(crate) participants: Participants,
    pub(crate) progress: ProgressBar,
    pub(crate) steps: Vec<Step>,
}

impl Day<'_> {
    /// Runs the day.
    pub(crate) async fn run(&mut self, deals: &[DealEntry]) -> Result<(), String> {
        self.publish_rates().await?;
        self.a_shut_link_refuses().await?;
        let alone = office::open_links(self.node, self.file).await?;
        self.tell("corridor", format!("One person alone opens no link: {alone}."));
        let links = self.file.link.len();
        self.tell(
            "corridor",
            format!("Amina proposes and Boris approves {links} links, each on an instrument of the register in force."),
        );
        self.a_listed_carrier_is_refused(deals).await?;
        for entry in deals {
            self.run_deal(entry).await?;
            self.progress.inc(1);
        }
        self.what_if().await
    }

    /// An agreement's date moved by a day, on a copy of the register: exactly what changes, and nothing in the journal.
    async fn what_if(&mut self) -> Result<(), String> {
        let Some(entry) = self.file.link.first() else { return Ok(()) };
        let changes = office::a_day_later(self.node, &entry.instrument).await?;
        let told: Vec<String> = changes
            .iter()
            .map(|change| {
                let resting: Vec<String> = change.resting.iter().map(|one| one.subject.to_string()).collect();
                let (before, after) = (change.before.word(), change.after.word());
                format!(
                    "{} would be {after}, not {before}; on it rests: {}",
                    change.instrument,
                    resting.join(", ")
                )
            })
            .collect();
        self.tell(
            "what if",
            format!(
                "Had one agreement begun a day later, on its first day: {}. The journal is as it was.",
                told.join("; ")
            ),
        );
        Ok(())
    }

    /// Lets everybody work until nobody has anything to do.
    pub(super) async fn settle_all(&self) -> Result<(), String> {
        self.participants.settle().await
    }

    pub(super) fn tell(&mut self, part: &str, words: impl Into<String>) {
        let at = self.node.clock().now().to_string();
        let step = Step { at, part: part.to_owned(), words: words.into() };
        self.progress.set_message(step.words.clone());
        self.steps.push(step);
    }

    pub(super) fn wait(&self, span: Micros) {
        self.node.clock().forward(span);
    }

    /// Every provider publishes rates between the currencies it holds: the mid rate less its spread.
    async fn publish_rates(&mut self) -> Result<(), String> {
        let mid = |currency: Currency| -> Result<Ratio, Refusal> {
            Ratio::parse_decimal(self.file.mid.get(currency.code()).map_or("0", String::as_str))
        };
        let mut published = 0;
        for entry in self.file.participant.iter().filter(|entry| entry.role == "fx-provider") {
            let held: Vec<Money> = entry.cover.iter().filter_map(|cover| boot::money(cover).ok()).collect();
            let mut pairs = Vec::new();
            for from in &held {
                for to in held.iter().filter(|to| to.currency() != from.currency()) {
                    let cross = || -> Result<Option<String>, Refusal> {
                        let keeps = Ratio::new(10_000 - i128::from(entry.spread_basis_points), 10_000)?;
                        let rate = mid(from.currency())?.checked_div(&mid(to.currency())?);
                        let rate = rate.and_then(|rate| rate.checked_mul(&keeps));
                        // Rounded down, so that no circle of rounded rates ends above where it began.
                        Ok(rate
                            .and_then(|rate| rate.to_decimal(12, Rounding::Floor))
                            .map(|rate| rate.to_string()))
                    };
                    let rate = cross().map_err(|refusal| refusal.to_string())?;
                    let rate = rate.ok_or_else(|| format!("{}: no mid rate", from.currency()))?;
                    pairs.push((from.currency(), to.currency(), rate, from.amount().to_string()));
                }
            }
            published += pairs.len();
            let told = self.participants.told(&entry.bic, |reply| Order::Publish { pairs, reply }).await?;
            expect(told, "publish rates")?;
        }
        let providers = self.file.participant.iter().filter(|entry| entry.role == "fx-provider").count();
        self.tell(
            "pay",
            format!("{providers} providers publish {published} competing rates (illustrative)."),
        );
        Ok(())
    }

    /// Before any link is open, a payment across a border is refused.
    async fn a_shut_link_refuses(&mut self) -> Result<(), String> {
        let party = |name: &str, country: &str| Party {
            name: name.to_owned(),
            country: Country::parse(country).unwrap_or_else(|_| unreachable!("a constant")),
            lei: None,
            address: None,
        };
        let payment = Payment {
            document: None,
            debtor: party("Early Bird Trading (example)", "RU"),
            creditor: party("Kerman Orchard Cooperative (example)", "IR"),
            creditor_account: "IR-KERMAN-001".into(),
            creditor_agent: Bic::parse("XCASIRTH").map_err(|refusal| refusal.to_string())?,
            target: Money::new(100_000_000, Currency::IRR),
        };
        if !self.file.participant.iter().any(|entry| entry.bic == "XASTRUMM") {
            return Ok(());
        }
        let told = self.participants.pay("XASTRUMM", payment, pay::Priority::High).await?;
        let refusal = told.body["refusal"].as_str().unwrap_or("not refused").to_owned();
        self.participants.settle().await?;
        self.tell("pay", format!("A payment before the link is open is refused: {refusal}."));
        Ok(())
    }

    /// A contract with a listed carrier is not signed.
    async fn a_listed_carrier_is_refused(&mut self, deals: &[DealEntry]) -> Result<(), String> {
        let Some(entry) = deals.first() else { return Ok(()) };
        let now = self.node.clock().now();
        let mut contract = entry.contract(now).map_err(|refusal| refusal.to_string())?;
        contract.id = DealId(format!("{}-DRAFT", contract.id));
        contract.seller.name = "Blackwater Strait Shipping".into();
        let screened = self.screened(&contract).await?;
        let command = Command::Deal(deal::Command::Sign(Box::new(contract), screened));
        match self.node.ask("operator", command).await {
            Err(AskError::Refused(refusal)) => {
                self.tell(
                    "screening",
                    format!("A draft with a listed party is refused: {}: {}.", refusal.code, refusal.what),
                );
                Ok(())
            }
            Ok(_) => Err("a listed party was not refused".into()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// What screening says of everybody in a contract.
    async fn screened(&self, contract: &deal::Contract) -> Result<Vec<Screened>, String> {
        let bics = [&contract.seller_bank, &contract.buyer_bank, &contract.carrier, &contract.customs]
            .map(Clone::clone);
        let names = self.node.read(move |hub| {
            bics.iter().filter_map(|bic| hub.pay.participant(bic)).map(|p| p.name.clone()).collect::<Vec<_>>()
        });
        let mut names = names.await.map_err(|error| error.to_string())?;
        names.extend([contract.seller.name.clone(), contract.buyer.name.clone()]);
        let policy = Policy::default().oldest(self.file.oldest_list_days.unwrap_or(3650));
        let today = self.node.clock().now().day();
        let one = |name: String| {
            let verdict = boot::screen_all(self.lists, &policy, today, [name.as_str()]);
            Screened { name, list: self.lists.digest(), verdict }
        };
        Ok(names.into_iter().map(one).collect())
    }

    async fn ask_deal(&self, command: deal::Command) -> Result<(), String> {
        match self.node.ask("operator", Command::Deal(command)).await {
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn run_deal(&mut self, entry: &DealEntry) -> Result<(), String> {
        let now = self.node.clock().now();
        let told = |refusal: Refusal| format!("{}: {refusal}", entry.id);
        let contract = entry.contract(now).map_err(told)?;
        let id = contract.id.clone();
        let screened = self.screened(&contract).await?;
        let clear = screened.len();
        self.ask_deal(deal::Command::Sign(Box::new(contract.clone()), screened)).await?;
        let what: Vec<&str> = contract.goods.iter().map(|line| line.description.as_str()).collect();
        self.tell(
            &entry.id,
            format!(
                "{} ({}) sells {} to {} ({}) for {}, {} {}; {clear} names screened, all clear.",
                contract.seller.name,
                contract.seller.country,
                what.join(", "),
                contract.buyer.name,
                contract.buyer.country,
                contract.price,
                contract.incoterm.word(),
                contract.named_place
            ),
        );
        let (_, way) = entry.route(self.network, now)?;
        let freight = freight_in(way.freight, contract.seller.country, &self.file.mid).map_err(told)?;
        let days = |minutes: u32| format!("{}.{}", minutes / 1440, minutes % 1440 * 10 / 1440);
        self.tell(
            &entry.id,
            format!(
                "The way: {} km over {} nodes, {} days for half of journeys and {} for nine in ten, freight {} ({}); {} % of the time rests on estimates.",
                way.metres / 1000,
                way.nodes.len(),
                days(way.minutes_p50),
                days(way.minutes_p90),
                way.freight,
                freight,
                way.estimated_percent
            ),
        );
        let travel = Micros::minutes(i64::from(way.minutes_p50) / 3);
        self.ask_deal(deal::Command::ChooseRoute(id.clone(), way)).await?;
        let pack = self.files.tariff(contract.buyer.country)?;
        let (rows, owed) = entry.landed(&contract, &pack, freight).map_err(told)?;
        let figures: Vec<String> =
            owed.iter().map(|(kind, amount)| format!("{} {amount}", kind.word())).collect();
        let basis = rows.first().map(|row| row.reference.rsplit("basis: ").next().unwrap_or("").to_owned());
        self.tell(
            &entry.id,
            format!(
                "Landing in {}: {} (basis: {}).",
                pack.name,
                figures.join(", "),
                basis.unwrap_or_default()
            ),
        );
        self.ask_deal(deal::Command::Assess { deal: id.clone(), rows, pack: pack.name.clone() }).await?;
        let missing = self.control(entry, &contract, &[]).await?;
        if !missing.is_empty() {
            self.tell(&entry.id, format!("Controls of the goods still ask for: {}.", missing.join("; ")));
        }
        let obligations = entry.obligations(&contract, freight, &owed).map_err(told)?;
        self.ask_deal(deal::Command::Undertake(id.clone(), obligations)).await?;
        self.journey(entry, &contract, &owed, travel).await?;
        let stage = self.node.read(move |hub| hub.deal.deal(&id).map(|deal| deal.stage.word()));
        let stage = stage.await.map_err(|error| error.to_string())?.unwrap_or("missing");
        self.tell(&entry.id, format!("The deal is {stage}."));
        Ok(())
    }

    /// Asks the controls of both sides about the goods, with the papers that are there; what they still want.
    async fn control(
        &self,
        entry: &DealEntry,
        contract: &deal::Contract,
        papers: &[String],
    ) -> Result<Vec<String>, String> {
        let today = self.node.clock().now().day();
        let mut missing = Vec::new();
        for side in [Side::Export, Side::Import] {
            let country = match side {
                Side::Export => contract.seller.country,
                Side::Import => contract.buyer.country,
            };
            let (tables, pack) = (self.files.tables(country)?, self.files.tariff(country)?.name);
            let reviewed = entry.reviewed(side, contract, &tables, &pack, papers, today);
            if reviewed.ruling != deal::Ruling::Satisfied {
                missing.extend(reviewed.reasons.iter().cloned());
            }
            self.ask_deal(deal::Command::Control(contract.id.clone(), reviewed)).await?;
        }
        Ok(missing)
    }

    async fn speak(
        &self,
        entry: &DealEntry,
        by: &str,
        of: &'static str,
        body: serde_json::Value,
    ) -> Result<(), String> {
        let deal = entry.id.clone();
        expect(self.participants.told(by, |reply| Order::Speak { deal, of, body, reply }).await?, of)?;
        Ok(())
    }

    /// The goods' journey: each step makes something due, and banks pay it.
    async fn journey(
        &mut self,
        entry: &DealEntry,
        contract: &deal::Contract,
        owed: &[(deal::Kind, Money)],
        travel: Micros,
    ) -> Result<(), String> {
        let third = travel;
        self.present(entry, &entry.buyer.bank, "signed", "contract").await?;
        self.wait(Micros::hours(30));
        self.present(entry, &entry.carrier, "loaded", "consignment note").await?;
        self.wait(third);
        let reference = format!("DECLARATION-{}", entry.id);
        let digest = blake3::hash(reference.as_bytes()).to_hex().to_string();
        let declaration = json!({"reference": reference, "digest": digest});
        self.speak(entry, &entry.buyer.bank, "declaration", declaration).await?;
        self.tell(&entry.id, format!("The declaration {reference} is lodged before arrival."));
        self.present(entry, &entry.carrier, "border-crossed", "border record").await?;
        self.wait(third);
        self.present(entry, &entry.customs, "declaration-accepted", "declaration").await?;
        self.assess(entry, owed).await?;
        self.wait(Micros::hours(4));
        let refused = self.say(entry, &entry.customs, "customs-released", "release note").await?;
        if refused.status >= 300 {
            let why = refused.body["detail"].as_str().unwrap_or("refused").to_owned();
            self.speak(entry, &entry.customs, "customs", json!({"word": "hold", "reason": why})).await?;
            self.tell(&entry.id, format!("Customs holds the goods: {why}."));
            for name in &entry.documents {
                let deal = entry.id.clone();
                let name = name.clone();
                let told =
                    self.participants.told(&entry.carrier, |reply| Order::File { deal, name, reply }).await?;
                expect(told, "file a document")?;
            }
            self.control(entry, contract, &entry.documents).await?;
            self.tell(&entry.id, format!("Supplied: {}.", entry.documents.join(", ")));
            self.wait(Micros::hours(2));
            let lift = json!({"word": "lift", "reason": "the documents are in order"});
            self.speak(entry, &entry.customs, "customs", lift).await?;
            self.present(entry, &entry.customs, "customs-released", "release note").await?;
        }
        self.wait(third);
        self.present(entry, &entry.carrier, "arrived", "delivery receipt").await
    }

    /// Customs assesses; banks pay what it says.
    async fn assess(&mut self, entry: &DealEntry, owed: &[(deal::Kind, Money)]) -> Result<(), String> {
        let before = self.paid(entry).await?;
        let charges: Vec<_> = owed
            .iter()
            .map(|(kind, amount)| json!({"kind": kind.word(), "amount": amount.to_string()}))
            .collect();
        self.speak(entry, &entry.customs, "customs", json!({"word": "assess", "charges": charges})).await?;
        self.participants.settle().await?;
        let paid = self.newly_paid(entry, &before).await?;
        self.tell(&entry.id, format!("Duty assessed.{paid}"));
        Ok(())
    }

    async fn say(
        &self,
        entry: &DealEntry,
        by: &str,
        kind: &'static str,
        document: &str,
    ) -> Result<Told, String> {
        let (deal, document) = (entry.id.clone(), format!("{document} {}", entry.id));
        self.participants.told(by, |reply| Order::Present { deal, kind, document, reply }).await
    }

    async fn present(
        &mut self,
        entry: &DealEntry,
        by: &str,
        kind: &'static str,
        document: &str,
    ) -> Result<(), String> {
        let before = self.paid(entry).await?;
        expect(self.say(entry, by, kind, document).await?, kind)?;
        self.participants.settle().await?;
        let paid = self.newly_paid(entry, &before).await?;
        self.tell(&entry.id, format!("{}.{paid}", capital(&kind.replace('-', " "))));
        Ok(())
    }

    async fn newly_paid(&self, entry: &DealEntry, before: &[String]) -> Result<String, String> {
        let after = self.paid(entry).await?;
        let paid: Vec<String> = after.iter().filter(|payment| !before.contains(payment)).cloned().collect();
        Ok(if paid.is_empty() { String::new() } else { format!(" Paid: {}.", paid.join("; ")) })
    }

    /// What has been paid of a deal, in words.
    async fn paid(&self, entry: &DealEntry) -> Result<Vec<String>, String> {
        let id = DealId(entry.id.clone());
        let words = self.node.read(move |hub| {
            let obligations = hub.deal.deal(&id).map(|deal| deal.obligations.clone()).unwrap_or_default();
            let paid = obligations.into_iter().filter_map(|owed| match owed.standing {
                deal::Standing::Paid { uetr, .. } => {
                    let left = hub.pay.payment(uetr).map(|payment| payment.instruction.source);
                    Some(match left.filter(|left| left.currency() != owed.amount.currency()) {
                        Some(left) => format!("{} {left} for {}", owed.name, owed.amount),
                        None => format!("{} {}", owed.name, owed.amount),
                    })
                }
                _ => None,
            });
            paid.collect::<Vec<_>>()
        });
        words.await.map_err(|error| error.to_string())
    }
}

fn capital(words: &str) -> String {
    let mut characters = words.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// What payments did to everybody's cover since funding: gross paid out and net, by currency.
pub(crate) fn nets(hub: &meridian_node::Hub) -> BTreeMap<Currency, (i128, i128, u64)> {
    let mut gross: BTreeMap<Currency, (i128, u64)> = BTreeMap::new();
    let mut positions: BTreeMap<(String, Currency), i128> = BTreeMap::new();
    let moved =
        |stage: &pay::Stage| matches!(stage, pay::Stage::Committed { .. } | pay::Stage::Blocked { .. });
    for payment in hub.pay.payments().filter(|payment| moved(&payment.stage)) {
        for leg in payment.legs.iter().flat_map(|legs| &legs.legs) {
            let (currency, minor) = (leg.amount.currency(), leg.amount.minor());
            let sum = gross.entry(currency).or_default();
            *sum = (sum.0 + minor, sum.1 + 1);
            *positions.entry((leg.from.to_string(), currency)).or_default() -= minor;
            *positions.entry((leg.to.to_string(), currency)).or_default() += minor;
        }
    }
    let net = |currency: Currency| -> i128 {
        positions.iter().filter(|((_, of), sum)| *of == currency && **sum > 0).map(|(_, sum)| *sum).sum()
    };
    gross.into_iter().map(|(currency, (sum, count))| (currency, (sum, net(currency), count))).collect()
}
