//! The story's scenes beside the deals' journeys: the link, the carrier, the railway, the window, the date.

use std::collections::BTreeMap;

use meridian_corridor::Overlay;
use meridian_deal::{self as deal, Contract, DealId, Kind, Month, RouteChoice};
use meridian_node::{Command, Hub};
use meridian_settlement::{Window, WindowId};
use meridian_tariff::pack::Pack;
use meridian_terms::{Bic, Country, Currency, Day, Moment, Money, Party};
use serde_json::{Value, json};

use super::day::{Day as Script, Order};
use super::deals::{DealEntry, freight_in};
use super::participant::Payment;
use super::story::{Seen, Step};
use crate::office;

/// Who pays in the first scene: from Astrakhan to Kerman.
const EARLY_BIRD: (&str, &str) = ("XASTRUMM", "XCASIRTH");

impl Script<'_> {
    /// Before any link is open a payment across a border is refused; two people open the links; the same payment passes.
    pub(super) async fn a_shut_link_opens(&mut self) -> Result<(), String> {
        let has = |bic: &str| self.corridor.file.participant.iter().any(|entry| entry.bic == bic);
        let may_pay = has(EARLY_BIRD.0) && has(EARLY_BIRD.1);
        if may_pay {
            let (uetr, refusal) = self.early_payment().await?;
            let refusal = refusal.ok_or("a payment over a shut link was not refused")?;
            let words = format!("An Astrakhan importer pays to Kerman in yuan, and is refused: {refusal}.");
            self.narrate("corridor", Step::Link, words);
            let code = refusal.split(':').next().unwrap_or("").to_owned();
            let facts = json!({"uetr": uetr.to_string(), "refusal": code});
            self.story.show(
                Step::Link,
                "the payment over the shut link is refused",
                facts,
                Seen::payment(uetr),
            );
        }
        let opening = office::open_links(&self.node, &self.corridor.file).await?;
        if let Some((refusal, event)) = opening.alone {
            let words = format!("One person alone opens no link: {}: {}.", refusal.code, refusal.what);
            self.narrate("corridor", Step::Link, words);
            let facts = json!({"refusal": refusal.code});
            self.story.show(Step::Link, "one person alone is refused", facts, Seen::Event(event));
        }
        let links = opening.links.len();
        let words = format!(
            "Amina proposes and Boris approves {links} links, each on an instrument of the register in force."
        );
        self.narrate("corridor", Step::Link, words);
        for opened in opening.links {
            let [a, b] = opened.countries;
            let facts = json!({"link": format!("{a}-{b}"), "instrument": opened.instrument,
                               "proposed": opened.events[0], "approved": opened.events[1]});
            self.story.show(
                Step::Link,
                format!("{a}-{b} is opened by two people on: {}", opened.instrument),
                facts,
                Seen::Event(opened.events[1]),
            );
        }
        if may_pay {
            let (uetr, refusal) = self.early_payment().await?;
            if let Some(refusal) = refusal {
                return Err(format!("the payment over the open link was refused: {refusal}"));
            }
            self.narrate("corridor", Step::Link, "The importer pays again, and the payment is final.");
            let facts = json!({"uetr": uetr.to_string()});
            self.story.show(
                Step::Link,
                "the payment over the open link is committed",
                facts,
                Seen::payment(uetr),
            );
        }
        Ok(())
    }

    /// A small payment of the first scene: its UETR, and why it was refused if it was.
    async fn early_payment(&self) -> Result<(meridian_terms::Uetr, Option<String>), String> {
        let party = |name: &str, country: &str| Party {
            name: name.to_owned(),
            country: Country::parse(country).unwrap_or_else(|_| unreachable!("a constant")),
            lei: None,
            address: None,
        };
        // In a third currency, as it was before there was anything better.
        let yuan = Currency::parse("CNY").map_err(|refusal| refusal.to_string())?;
        let payment = Payment {
            document: None,
            debtor: party("Early Bird Trading (example)", "RU"),
            creditor: party("Kerman Orchard Cooperative (example)", "IR"),
            creditor_account: "IR-KERMAN-001".into(),
            creditor_agent: Bic::parse(EARLY_BIRD.1).map_err(|refusal| refusal.to_string())?,
            target: Money::new(50_000, yuan),
            source: Some(yuan),
        };
        let order = |reply| Order::Pay { payment: Box::new(payment), reply };
        let told = self.participants.told(EARLY_BIRD.0, order).await?;
        self.participants.settle().await?;
        let uetr =
            told.body["payment"]["uetr"].as_str().ok_or_else(|| format!("a payment: {}", told.body))?;
        let uetr = meridian_terms::Uetr::parse(uetr).map_err(|refusal| refusal.to_string())?;
        Ok((uetr, told.body["refusal"].as_str().map(str::to_owned)))
    }

    /// The carrier a deal names first is on a list: its contract is not signed, and says which list, which entry, and why.
    pub(super) async fn refuse_the_first_carrier(&mut self, entry: &DealEntry) -> Result<(), String> {
        let Some(first) = &entry.first_carrier else { return Ok(()) };
        let drafted = DealEntry { carrier: first.clone(), ..entry.clone() };
        let contract = drafted.contract(self.clock.now()).map_err(|refusal| refusal.to_string())?;
        let (screened, found) = self.screened(&contract).await?;
        let command = Command::Deal(deal::Command::Sign(Box::new(contract.clone()), screened));
        let what = format!("sign {} with {first}", entry.id);
        let (refusal, event) = office::refused(&self.node, "operator", &what, command).await?;
        let (listed, taken) = (self.name_of(&contract.carrier), self.carrier_name(entry)?);
        self.narrate(
            &entry.id,
            Step::Goods,
            format!("{} with {listed} is not signed: {}: {}.", entry.id, refusal.code, refusal.what),
        );
        self.narrate(&entry.id, Step::Goods, format!("{taken} carries the goods instead."));
        let version = blake3::Hash::from(self.corridor.lists.digest()).to_hex().to_string();
        let facts = json!({"deal": entry.id, "carrier": listed, "refusal": refusal.code, "hits": found,
                           "list_version": version, "replaced_by": taken});
        self.story.show(
            Step::Goods,
            format!("{listed} is refused by name, list, entry and reason"),
            facts,
            Seen::Event(event),
        );
        Ok(())
    }

    fn carrier_name(&self, entry: &DealEntry) -> Result<String, String> {
        Bic::parse(&entry.carrier).map(|bic| self.name_of(&bic)).map_err(|refusal| refusal.to_string())
    }

    /// The way and the landed cost under each of a deal's what-ifs, beside the way chosen.
    pub(super) fn other_ways(
        &mut self,
        entry: &DealEntry,
        contract: &Contract,
        pack: &Pack,
        chosen: &RouteChoice,
    ) -> Result<(), String> {
        if entry.compare.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let told = |refusal: meridian_terms::Refusal| format!("{}: {refusal}", entry.id);
        let place = |id: Option<&String>| {
            let nodes = self.corridor.network.nodes();
            nodes.iter().find(|node| Some(&node.id) == id).map_or_else(String::new, |node| node.name.clone())
        };
        let (from, to) = (place(chosen.nodes.first()), place(chosen.nodes.last()));
        let landing = |way: &RouteChoice| -> Result<Landing, String> {
            let mid = &self.corridor.file.mid;
            let freight = freight_in(way.freight, contract.seller.country, mid).map_err(told)?;
            let (_, owed) = entry.landed(contract, pack, freight, now.day()).map_err(told)?;
            Ok(Landing { freight, owed })
        };
        let today = landing(chosen)?;
        let mut said = vec![format!(
            "From {from} to {to} today: {} km, {}, freight {} ({}); owed to customs: {}.",
            chosen.metres / 1000,
            chosen.days(),
            chosen.freight,
            today.freight,
            today.words()
        )];
        let mut shown = vec![("as the network is", way_shown(chosen, &today))];
        let mut overlays = Vec::new();
        for path in &entry.compare {
            let bytes = self.corridor.files.get(path)?;
            let overlay = Overlay::load(path, bytes, &self.corridor.network).map_err(|problems| {
                problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
            })?;
            overlays.push((path.as_str(), self.corridor.network.with(&[overlay])));
        }
        for (path, network) in &overlays {
            let way = entry.route(network, now)?;
            let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".csv");
            if way.nodes == chosen.nodes && way.freight == chosen.freight {
                said.push(format!("With {name} the same way is taken."));
            } else {
                let landing = landing(&way)?;
                said.push(format!(
                    "With {name}: {} km, {}, freight {} ({}); owed to customs: {}.",
                    way.metres / 1000,
                    way.days(),
                    way.freight,
                    landing.freight,
                    landing.words()
                ));
                shown.push((name, way_shown(&way, &landing)));
            }
        }
        for words in said {
            self.narrate(&entry.id, Step::Way, words);
        }
        let ways: serde_json::Map<String, Value> =
            shown.into_iter().map(|(name, way)| (name.to_owned(), way)).collect();
        let id = DealId(entry.id.clone());
        self.story.show(
            Step::Way,
            format!("the way and the landed cost of {}, with and without the railway", entry.id),
            json!({"deal": entry.id, "pack": pack.name, "ways": ways}),
            Seen::such(move |event| {
                use meridian_node::Event;
                matches!(event, Event::Deal(deal::Event::RouteChosen(of, ..)) if *of == id)
                    || matches!(event, Event::Deal(deal::Event::Assessed { deal, .. }) if *deal == id)
            }),
        );
        Ok(())
    }

    /// The windows that were open when the hub was killed: what fell into them, from payments and from cards, comes to what is
    /// paid at the settlement agents; and what the payment did to share and growth.
    pub(crate) async fn the_window_nets(&mut self) -> Result<(), String> {
        let Some(before) = self.before.take() else { return Ok(()) };
        let at = before.at;
        let read = self.node.read(move |hub| {
            let open = hub.settlement.windows().filter(|(_, window)| {
                window.opened_at <= at
                    && window.closed_at.is_none_or(|closed| at < closed)
                    && window.commitments > 0
            });
            let windows = open.map(|(id, window)| (*id, Netted::of(*id, window))).collect::<Vec<_>>();
            (windows, Moved::of(hub))
        });
        let (windows, now) = read.await.map_err(|error| error.to_string())?;
        let words = format!(
            "The payment's legs and {} purchases by card of that day fall into the same windows.",
            before.purchases
        );
        self.narrate("settlement", Step::Window, words);
        for (id, window) in windows {
            self.narrate("settlement", Step::Window, window.words());
            let what = format!("window {} of {}, {}", id.number, id.currency, window.stage.to_lowercase());
            self.story.show(Step::Window, what, window.shown(), Seen::such(move |event| {
                use meridian_settlement::Event as Settled;
                matches!(event, meridian_node::Event::Settle(
                    Settled::Closed { window, .. } | Settled::SettlementAsked { window, .. } | Settled::InstructionSettled { window, .. }, _) if *window == id)
            }));
        }
        let words = format!(
            "In both national currencies: {} of {} payments across borders before the kill, {} of {} after the day.",
            before.moved.national.0, before.moved.national.1, now.national.0, now.national.1
        );
        self.narrate("statistics", Step::Window, words);
        let words =
            format!("Payments across borders, by month and growth on the month before: {}.", now.growth());
        self.narrate("statistics", Step::Window, words);
        let shown = |moved: &Moved| {
            let months: serde_json::Map<String, Value> =
                moved.months.iter().map(|(month, payments)| (month.to_string(), json!(payments))).collect();
            json!({"national": moved.national.0, "payments": moved.national.1, "by_month": months})
        };
        self.story.show(
            Step::Window,
            "share and turnover before the kill and after the day",
            json!({"before": shown(&before.moved), "after": shown(&now)}),
            Seen::Nowhere,
        );
        Ok(())
    }

    /// An agreement's date moved by a day, on a copy: exactly what changes, and nothing in the journal.
    pub(crate) async fn what_if(&mut self) -> Result<(), String> {
        self.what_if_of_the_link().await?;
        self.what_if_of_the_preference().await
    }

    /// The instrument under a link that began on the day itself.
    async fn what_if_of_the_link(&mut self) -> Result<(), String> {
        let links = &self.corridor.file.link;
        let Some(entry) = links.iter().find(|entry| entry.from.is_some()).or_else(|| links.first()) else {
            return Ok(());
        };
        let found = office::a_day_later(&self.node, &entry.instrument).await?;
        if found.hub[0] != found.hub[1] {
            return Err("a what-if has changed the hub".into());
        }
        let changes = found.changes.iter().map(|change| {
            let resting: Vec<String> = change.resting.iter().map(|one| one.subject.to_string()).collect();
            let (before, after) = (change.before.word(), change.after.word());
            format!(
                "{} would be {after}, not {before}; on it rests: {}",
                change.instrument,
                resting.join(", ")
            )
        });
        let changes: Vec<String> = changes.collect();
        let words = format!(
            "Had it begun a day later, on {}: {}. Of the day's payments {} would have been refused.",
            found.first_day,
            changes.join("; "),
            found.payments.len()
        );
        self.narrate("what if", Step::WhatIf, words);
        let payments: Vec<Value> = found
            .payments
            .iter()
            .map(|(uetr, amount, refusal)| {
                json!({"uetr": uetr.to_string(), "amount": amount.to_string(), "refusal": refusal.code})
            })
            .collect();
        let facts = json!({"instrument": entry.instrument, "first_day": found.first_day.to_string(), "changes": changes,
                           "payments_refused": payments, "events": found.hub[0].0,
                           "state_hash": blake3::Hash::from(found.hub[0].1).to_hex().to_string()});
        self.story.show(
            Step::WhatIf,
            "what rests on the instrument, and which payments; the journal is as it was",
            facts,
            Seen::Nowhere,
        );
        Ok(())
    }

    /// The agreement under a tariff preference: the same goods on the days around its first.
    async fn what_if_of_the_preference(&mut self) -> Result<(), String> {
        let Some(entry) = &self.deals.what_if else { return Ok(()) };
        let Some(deal) = self.deals.deal.iter().find(|deal| deal.id == entry.deal) else { return Ok(()) };
        let told = |refusal: meridian_terms::Refusal| refusal.to_string();
        let country = Country::parse(&entry.country).map_err(told)?;
        let first = Day::parse(&entry.from).map_err(told)?;
        let later = first.plus(1);
        let files = &self.corridor.files;
        let folder = format!("tariff/{country}");
        let was = files.tariff(country)?;
        let mut moved = files.below(&folder);
        let amended =
            amend(moved.get("preferences.csv").ok_or("no preferences.csv")?, &entry.title, first, later)?;
        moved.insert("preferences.csv".into(), amended);
        let moved = Pack::load(&moved)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        let contract = deal.contract(self.clock.now()).map_err(told)?;
        let way = deal.route(&self.corridor.network, self.clock.now())?;
        let freight =
            freight_in(way.freight, contract.seller.country, &self.corridor.file.mid).map_err(told)?;
        let mut rows = Vec::new();
        let mut words = Vec::new();
        for day in [first.plus(-1), first, later] {
            let owed = |pack: &Pack| -> Result<Landing, String> {
                let (_, owed) = deal.landed(&contract, pack, freight, day).map_err(told)?;
                Ok(Landing { freight, owed })
            };
            let (with, without) = (owed(&was)?, owed(&moved)?);
            if with.owed != without.owed {
                words.push(format!(
                    "on {day} {} would owe {}, not {}",
                    deal.id,
                    without.words(),
                    with.words()
                ));
            }
            rows.push(json!({"day": day.to_string(), "owed": with.shown(), "owed_then": without.shown()}));
        }
        let words = if words.is_empty() { "nothing would change".to_owned() } else { words.join("; ") };
        let words = format!(
            "{}, in force on {later} and not {first}: {words}; on the days around it nothing changes.",
            entry.title
        );
        self.narrate("what if", Step::WhatIf, words);
        self.story.show(
            Step::WhatIf,
            "the goods' duty on the days around the agreement's first",
            json!({"instrument": entry.title, "country": entry.country, "deal": deal.id, "days": rows}),
            Seen::Nowhere,
        );
        Ok(())
    }
}

/// What a way makes of the cost.
struct Landing {
    freight: Money,
    owed: Vec<(Kind, Money)>,
}

impl Landing {
    fn words(&self) -> String {
        let words: Vec<String> =
            self.owed.iter().map(|(kind, amount)| format!("{} {amount}", kind.word())).collect();
        words.join(", ")
    }

    fn shown(&self) -> Value {
        self.owed
            .iter()
            .map(|(kind, amount)| (kind.word().to_owned(), json!(amount.to_string())))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

fn way_shown(way: &RouteChoice, landing: &Landing) -> Value {
    json!({"nodes": way.nodes, "km": way.metres / 1000, "days": way.days(), "freight": way.freight.to_string(),
           "freight_in_contract": landing.freight.to_string(), "owed_to_customs": landing.shown()})
}

/// The same preferences, those of an agreement from another day on.
fn amend(table: &[u8], agreement: &str, first: Day, later: Day) -> Result<Vec<u8>, String> {
    let told = |error: csv::Error| format!("preferences.csv: {error}");
    let mut reader = csv::Reader::from_reader(table);
    let headers = reader.headers().map_err(told)?.clone();
    let column = |name: &str| {
        headers
            .iter()
            .position(|header| header == name)
            .ok_or_else(|| format!("preferences.csv:1: no column {name}"))
    };
    let (title, from) = (column("agreement")?, column("from")?);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headers).map_err(told)?;
    for row in reader.records() {
        let row = row.map_err(told)?;
        let is_moved = row.get(title) == Some(agreement) && row.get(from) == Some(&first.to_string());
        let cells = row
            .iter()
            .enumerate()
            .map(|(place, cell)| if is_moved && place == from { later.to_string() } else { cell.to_owned() });
        writer.write_record(cells).map_err(told)?;
    }
    writer.into_inner().map_err(|error| error.to_string())
}

/// What stood when the hub was killed.
pub(crate) struct Before {
    /// When.
    pub(crate) at: Moment,
    /// What had moved.
    pub(crate) moved: Moved,
    /// How many purchases by card were posted that day, once the hub was back.
    pub(crate) purchases: usize,
}

/// What has moved across borders.
pub(crate) struct Moved {
    /// Payments in the national currencies of both sides, and all.
    national: (u64, u64),
    /// Payments by month.
    months: BTreeMap<Month, u64>,
}

impl Moved {
    pub(crate) fn of(hub: &Hub) -> Self {
        let statistics = &hub.statistics;
        let mut months = BTreeMap::new();
        for (month, _, sums) in statistics.months().filter(|(_, flow, _)| flow.crosses()) {
            *months.entry(month).or_default() += sums.payments;
        }
        Self { national: statistics.national_currency(|country| statistics.national(country)), months }
    }
}

impl Moved {
    /// `2026-03 4, 2026-04 9 (+125 %)`, whole per cent towards zero.
    fn growth(&self) -> String {
        let mut before: Option<i128> = None;
        let each = self.months.iter().map(|(month, payments)| {
            let now = i128::from(*payments);
            match before.replace(now) {
                Some(was) if was > 0 => format!("{month} {now} ({:+} %)", (now - was) * 100 / was),
                _ => format!("{month} {now}"),
            }
        });
        each.collect::<Vec<_>>().join(", ")
    }
}

/// What fell into a window, and what it comes to.
struct Netted {
    id: WindowId,
    stage: &'static str,
    commitments: u64,
    participants: usize,
    gross: i128,
    net: i128,
}

impl Netted {
    fn of(id: WindowId, window: &Window) -> Self {
        Self {
            id,
            stage: window.stage.word(),
            commitments: window.commitments,
            participants: window.nets.len(),
            gross: window.gross(),
            net: window.funding(window.model),
        }
    }

    fn words(&self) -> String {
        let amount = |minor: i128| Money::new(minor, self.id.currency);
        format!(
            "{} commitments of {} participants fell into window {} of {}: {} gross, {} to be paid in; it stands {}.",
            self.commitments,
            self.participants,
            self.id.number,
            self.id.currency,
            amount(self.gross),
            amount(self.net),
            self.stage
        )
    }

    fn shown(&self) -> Value {
        let amount = |minor: i128| Money::new(minor, self.id.currency).to_string();
        json!({"currency": self.id.currency.code(), "window": self.id.number, "stage": self.stage,
               "commitments": self.commitments, "participants": self.participants,
               "gross": amount(self.gross), "net": amount(self.net)})
    }
}
