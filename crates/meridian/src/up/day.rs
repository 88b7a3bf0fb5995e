//! The example day: a script, step after step, with its own clock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use indicatif::ProgressBar;
use meridian_node::{Clock, Node};
use meridian_pay as pay;
use meridian_terms::{Bic, Country, Currency, Micros, Money, Ratio, Refusal, Rounding};
use tokio::sync::{mpsc, oneshot};

use super::cards;
use super::cards_file::CardsFile;
use super::deals::DealsFile;
use super::hosted::{Corridor, Hosted};
use super::participant::{Participant, Payment, Told, expect};
use super::scenes::Before;
use super::story::{Step as Scene, Story};
use crate::boot;
use crate::corridor_file::{CorridorFile, ParticipantEntry};

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
pub(crate) enum Order {
    /// Look into the mailbox and do what is to be done.
    Work(oneshot::Sender<Result<usize, String>>),
    /// Say what happened to the goods.
    Present { deal: String, kind: &'static str, document: String, reply: Reply },
    /// File a document.
    File { deal: String, name: String, reply: Reply },
    /// Say something besides evidence.
    Speak { of: String, body: serde_json::Value, reply: Reply },
    /// Send the last payment again, as it was.
    Resend(Reply),
    /// How a payment stands.
    Stands { uetr: String, reply: Reply },
    /// Publish rates.
    Publish { pairs: Vec<(Currency, Currency, String, String)>, reply: Reply },
    /// Pay of its own accord.
    Pay { payment: Box<Payment>, reply: Reply },
    /// The same, as urgent as this.
    PayAs { payment: Box<Payment>, priority: pay::Priority, reply: Reply },
}

/// The participants' tasks, by BIC.
pub(crate) struct Participants(BTreeMap<String, mpsc::Sender<Order>>);

impl Participants {
    /// Starts a task for each participant the hub has admitted.
    pub(crate) fn start(
        file: &CorridorFile,
        admitted: &BTreeSet<Bic>,
        hub: &str,
        clock: &Clock,
    ) -> Result<Self, String> {
        let mut tasks = BTreeMap::new();
        let is_admitted = |entry: &&ParticipantEntry| admitted.iter().any(|bic| bic.as_str() == entry.bic);
        for entry in file.participant.iter().filter(is_admitted) {
            let read = || -> Result<Participant, Refusal> {
                let (bic, country) = (Bic::parse(&entry.bic)?, Country::parse(&entry.country)?);
                Ok(Participant::new(
                    bic,
                    country,
                    boot::example_key(&entry.bic)?,
                    hub.to_owned(),
                    clock.clone(),
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

    pub(crate) async fn told(&self, bic: &str, order: impl FnOnce(Reply) -> Order) -> Result<Told, String> {
        let (reply, waiting) = oneshot::channel();
        self.order(bic, order(reply)).await?;
        waiting.await.map_err(|_| format!("{bic} has stopped"))?
    }

    /// Lets one work; says how many letters it had.
    pub(crate) async fn work(&self, bic: &str) -> Result<usize, String> {
        let (reply, waiting) = oneshot::channel();
        self.order(bic, Order::Work(reply)).await?;
        waiting.await.map_err(|_| format!("{bic} has stopped"))?
    }

    /// Lets everybody work, in order of BIC, until nobody has anything to do.
    pub(crate) async fn settle(&self) -> Result<(), String> {
        loop {
            let mut letters = 0;
            for bic in self.0.keys() {
                letters += self.work(bic).await?;
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
            Order::Speak { of, body, reply } => drop(reply.send(participant.speak(&of, &body).await)),
            Order::Resend(reply) => drop(reply.send(participant.resend().await)),
            Order::Stands { uetr, reply } => drop(reply.send(participant.standing(&uetr).await)),
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
            Order::Pay { payment, reply } => drop(reply.send(participant.pay(&payment).await)),
            Order::PayAs { payment, priority, reply } => {
                drop(reply.send(participant.pay_with(&payment, priority).await));
            }
        }
    }
}

/// Everything the script needs.
pub(crate) struct Day<'a> {
    pub(crate) corridor: &'a Corridor,
    pub(crate) deals: &'a DealsFile,
    /// Where the journal lies.
    pub(crate) data: &'a Path,
    /// The hub, while it is in this process.
    pub(crate) hub: Option<Hosted>,
    /// Its node.
    pub(crate) node: Node,
    pub(crate) clock: Clock,
    pub(crate) participants: Participants,
    pub(crate) progress: ProgressBar,
    /// What happened, in order.
    pub(crate) steps: Vec<Step>,
    /// What of it is the story.
    pub(crate) story: Story,
    /// The cards' day, which begins when the hub has come back, or after the deals.
    pub(crate) cards: Option<&'a CardsFile>,
    /// What stood when the hub was killed.
    pub(crate) before: Option<Before>,
}

impl Day<'_> {
    /// Runs the day up to the cards.
    pub(crate) async fn run(&mut self) -> Result<(), String> {
        self.publish_rates().await?;
        self.a_shut_link_opens().await?;
        let deals = self.deals;
        for entry in &deals.deal {
            self.run_deal(entry).await?;
            self.progress.inc(1);
            if entry.kill_on_arrival {
                self.run_cards().await?;
            }
        }
        self.run_cards().await
    }

    /// Drivers buy along the way: two switches, and the hub between them. Once.
    async fn run_cards(&mut self) -> Result<(), String> {
        let Some(cards) = self.cards.take() else { return Ok(()) };
        let desk = boot::desk(&self.corridor.file, self.corridor.lists.clone());
        let steps = cards::run(&self.node, &desk, cards, &self.corridor.file.mid).await?;
        self.steps.extend(steps);
        let posted = self.node.read(|hub| {
            let posted = hub.cards.transactions().filter(|(_, transaction)| transaction.posted_on.is_some());
            posted.count()
        });
        let posted = posted.await.map_err(|error| error.to_string())?;
        if let Some(before) = &mut self.before {
            before.purchases = posted;
        }
        Ok(())
    }

    pub(crate) fn tell(&mut self, part: &str, words: impl Into<String>) {
        let step = Step { at: self.clock.now().to_string(), part: part.to_owned(), words: words.into() };
        self.progress.set_message(step.words.clone());
        self.steps.push(step);
    }

    /// Tells a sentence of the story, in its step and among what happened.
    pub(crate) fn narrate(&mut self, part: &str, scene: Scene, words: impl Into<String>) {
        let words = words.into();
        self.story.tell(scene, self.clock.now(), words.clone());
        self.tell(part, words);
    }

    pub(crate) fn wait(&self, span: Micros) {
        self.clock.forward(span);
    }

    /// Every provider publishes rates between the currencies it holds: the mid rate less its spread.
    pub(super) async fn publish_rates(&mut self) -> Result<(), String> {
        let mid = |currency: Currency| -> Result<Ratio, Refusal> {
            Ratio::parse_decimal(self.corridor.file.mid.get(currency.code()).map_or("0", String::as_str))
        };
        let mut published = 0;
        for entry in self.corridor.file.participant.iter().filter(|entry| entry.role == "fx-provider") {
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
        let providers =
            self.corridor.file.participant.iter().filter(|entry| entry.role == "fx-provider").count();
        self.tell(
            "pay",
            format!("{providers} providers publish {published} competing rates (illustrative)."),
        );
        Ok(())
    }
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
