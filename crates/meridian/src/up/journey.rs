//! A deal from contract to payout: agreed, controlled, on its way, released, arrived.

use meridian_deal::{self as deal, Contract, DealId, EvidenceKind, Ruling, Screened, Side};
use meridian_node::{Command, Event, goods};
use meridian_pay as pay;
use meridian_screening::{Policy, Verdict, screen};
use meridian_terms::{Bic, Micros, Money, Refusal};
use serde_json::{Value, json};

use super::day::{Day, Order};
use super::deals::{DealEntry, LicenceEntry, freight_in};
use super::participant::{Told, expect};
use super::story::{Seen, Step};
use crate::screen::{decimal, hit, reasons};

impl Day<'_> {
    pub(super) async fn run_deal(&mut self, entry: &DealEntry) -> Result<(), String> {
        let now = self.clock.now();
        let told = |refusal: Refusal| format!("{}: {refusal}", entry.id);
        let contract = entry.contract(now).map_err(told)?;
        let id = contract.id.clone();
        self.refuse_the_first_carrier(entry).await?;
        let (screened, _) = self.screened(&contract).await?;
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
        let way = entry.route(&self.corridor.network, now)?;
        let mid = &self.corridor.file.mid;
        let freight = freight_in(way.freight, contract.seller.country, mid).map_err(told)?;
        self.tell(
            &entry.id,
            format!(
                "The way: {} km over {} nodes, {} (half of journeys, nine in ten), freight {} ({freight}); {} % of the time rests on estimates.",
                way.metres / 1000,
                way.nodes.len(),
                way.days(),
                way.freight,
                way.estimated_percent
            ),
        );
        let travel = Micros::minutes(i64::from(way.minutes_p50) / 3);
        let chosen = way.clone();
        self.ask_deal(deal::Command::ChooseRoute(id.clone(), way)).await?;
        let pack = self.corridor.files.tariff(contract.buyer.country)?;
        let (rows, owed) = entry.landed(&contract, &pack, freight, now.day()).map_err(told)?;
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
        self.other_ways(entry, &contract, &pack, &chosen)?;
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

    /// What screening says of everybody in a contract, and what it found, with its reasons.
    pub(super) async fn screened(&self, contract: &Contract) -> Result<(Vec<Screened>, Vec<Value>), String> {
        // By the corridor's own word: whoever is listed is no participant of the hub, and is screened all the same.
        let bics = [&contract.seller_bank, &contract.buyer_bank, &contract.carrier, &contract.customs];
        let entries = &self.corridor.file.participant;
        let named = |bic: &&Bic| entries.iter().find(|entry| entry.bic == bic.as_str());
        let mut names: Vec<String> = bics.iter().filter_map(named).map(|entry| entry.name.clone()).collect();
        names.extend([contract.seller.name.clone(), contract.buyer.name.clone()]);
        names.extend(contract.conveyances.iter().cloned());
        let lists = &self.corridor.lists;
        let policy = Policy::default().oldest(self.corridor.file.oldest_list_days.unwrap_or(3650));
        let today = self.clock.now().day();
        let (mut screened, mut found) = (Vec::new(), Vec::new());
        for name in names {
            let (verdict, why) = match screen(lists, &name, &policy, today) {
                Verdict::Clear => (pay::Verdict::Clear, Vec::new()),
                Verdict::Unavailable(why) => (pay::Verdict::Unavailable, vec![why]),
                Verdict::Hit(hits) => {
                    found.extend(hits.iter().map(|one| {
                        let mut shown = hit(one);
                        shown["name"] = json!(name);
                        shown["published"] =
                            json!(lists.list(&one.list).map(|list| list.published.to_string()));
                        shown
                    }));
                    let why = hits.iter().map(|hit| {
                        let why = reasons(&hit.why).join(", ");
                        format!(
                            "list {}, entry {}, {} {}: {why}",
                            hit.list,
                            hit.id,
                            hit.matched,
                            decimal(hit.score)
                        )
                    });
                    (pay::Verdict::Hit { case: 0 }, why.collect())
                }
            };
            screened.push(Screened { name, list: lists.digest(), verdict, why });
        }
        Ok((screened, found))
    }

    async fn ask_deal(&self, command: deal::Command) -> Result<u64, String> {
        self.ask(Command::Deal(command)).await
    }

    async fn ask(&self, command: Command) -> Result<u64, String> {
        let done = self.node.ask("operator", command).await.map_err(|error| error.to_string())?;
        Ok(done.event_number)
    }

    /// Asks the controls of both sides that have not let the goods pass, with the papers and licences that are there; what
    /// they still want.
    pub(super) async fn control(
        &self,
        entry: &DealEntry,
        contract: &Contract,
        papers: &[String],
    ) -> Result<Vec<String>, String> {
        let today = self.clock.now().day();
        let mut missing = Vec::new();
        for side in [Side::Export, Side::Import] {
            let id = contract.id.clone();
            let known = self.node.read(move |hub| {
                let ruling = hub.deal.deal(&id).and_then(|deal| deal.ruling(side));
                (ruling, hub.licences.clone())
            });
            let (ruling, licences) = known.await.map_err(|error| error.to_string())?;
            if ruling == Some(Ruling::Satisfied) {
                continue;
            }
            let country = match side {
                Side::Export => contract.seller.country,
                Side::Import => contract.buyer.country,
            };
            let files = &self.corridor.files;
            let (tables, pack) = (files.tables(country)?, files.tariff(country)?.name);
            let (reviewed, draws) =
                entry.reviewed(side, contract, &tables, &pack, (papers, &licences), today);
            if reviewed.ruling != Ruling::Satisfied {
                missing.extend(reviewed.reasons.iter().cloned());
            }
            let deal = contract.id.clone();
            self.ask(Command::Goods(goods::Command::Control { deal, reviewed, draws })).await?;
        }
        Ok(missing)
    }

    async fn speak(&self, entry: &DealEntry, by: &str, of: &str, body: Value) -> Result<(), String> {
        let path = format!("deals/{}/{of}", entry.id);
        expect(self.participants.told(by, |reply| Order::Speak { of: path, body, reply }).await?, of)?;
        Ok(())
    }

    /// The goods' journey: each step makes something due, and banks pay it.
    async fn journey(
        &mut self,
        entry: &DealEntry,
        contract: &Contract,
        owed: &[(deal::Kind, Money)],
        travel: Micros,
    ) -> Result<(), String> {
        let third = travel;
        self.present(entry, &entry.buyer.bank, "signed", "contract").await?;
        self.plan_shipment(entry, contract).await?;
        self.wait(Micros::hours(30));
        self.load(entry, contract).await?;
        self.report(entry, EvidenceKind::Loaded).await?;
        self.wait(third);
        let reference = format!("DECLARATION-{}", entry.id);
        let digest = blake3::hash(reference.as_bytes()).to_hex().to_string();
        let declaration = json!({"reference": reference, "digest": digest});
        self.speak(entry, &entry.buyer.bank, "declaration", declaration).await?;
        self.tell(&entry.id, format!("The declaration {reference} is lodged before arrival."));
        self.report(entry, EvidenceKind::BorderCrossed).await?;
        self.wait(third);
        self.present(entry, &entry.customs, "declaration-accepted", "declaration").await?;
        self.assess(entry, owed).await?;
        self.wait(Micros::hours(4));
        self.release(entry, contract).await?;
        self.wait(third);
        if entry.kill_on_arrival {
            return self.arrive_on_a_killed_hub(entry, contract).await;
        }
        self.report(entry, EvidenceKind::Arrived).await
    }

    /// The goods are loaded; where the exporting side holds them, its authority enters the licence they wait for.
    async fn load(&mut self, entry: &DealEntry, contract: &Contract) -> Result<(), String> {
        let before = self.paid(entry).await?;
        let asked = self.say(entry, &entry.carrier, "loaded", "consignment note").await?;
        if asked.status >= 300 {
            let licences: Vec<LicenceEntry> =
                self.deals.licence.iter().filter(|licence| licence.deal == entry.id).cloned().collect();
            if licences.is_empty() {
                return expect(asked, "loaded").map(|_| ());
            }
            let said = asked.body["detail"].as_str().unwrap_or("refused").to_owned();
            let id = contract.id.clone();
            let why = self.node.read(move |hub| {
                let review = hub.deal.deal(&id).and_then(|deal| deal.reviews.get(&Side::Export).cloned());
                review.map(|review| review.reasons.join("; ")).unwrap_or_default()
            });
            let why = why.await.map_err(|error| error.to_string())?;
            let words = format!(
                "The goods of {} may not be loaded: {said}. {}: {why}.",
                entry.id, contract.seller.country
            );
            self.narrate(&entry.id, Step::Goods, words);
            let code = asked.body["title"].clone();
            self.story.show(
                Step::Goods,
                "loading is refused while the export control asks for a licence",
                json!({"deal": entry.id, "refusal": code, "reason": why}),
                Seen::such(|event| matches!(event, Event::Refused(_, refusal) if refusal.code == "deal.not_controlled")),
            );
            for licence in &licences {
                self.license(entry, contract, licence).await?;
            }
            self.wait(Micros::hours(20));
            self.control(entry, contract, &[]).await?;
            self.tell_what_was_drawn(entry).await?;
            expect(self.say(entry, &entry.carrier, "loaded", "consignment note").await?, "loaded")?;
        }
        self.participants.settle().await?;
        let paid = self.newly_paid(entry, &before).await?;
        self.tell(&entry.id, format!("Loaded.{paid}"));
        Ok(())
    }

    /// The exporting country's authority enters a licence.
    async fn license(
        &mut self,
        entry: &DealEntry,
        contract: &Contract,
        licence: &LicenceEntry,
    ) -> Result<(), String> {
        let country = contract.seller.country;
        let participants = &self.corridor.file.participant;
        let authority = participants
            .iter()
            .find(|one| one.role == "customs" && one.country == country.as_str())
            .ok_or_else(|| {
                format!("{}: no customs authority in {country}; add one to corridor.toml", entry.id)
            })?;
        let body = json!({
            "act": "issue", "id": licence.id, "document": licence.document, "holder": licence.holder,
            "codes": licence.codes, "destinations": licence.destinations, "end_use": licence.end_use,
            "quantity": licence.quantity, "unit": licence.unit, "from": licence.from, "until": licence.until,
        });
        let of = "licences".to_owned();
        let told = self.participants.told(&authority.bic, |reply| Order::Speak { of, body, reply }).await?;
        expect(told, "enter a licence")?;
        let words = format!(
            "{} enters {} {}: {} {} of {} for {} to {}.",
            authority.name,
            licence.document,
            licence.id,
            licence.quantity,
            licence.unit,
            licence.codes.join(", "),
            licence.end_use.as_deref().unwrap_or("any use"),
            licence.destinations.join(", ")
        );
        self.narrate(&entry.id, Step::Goods, words);
        Ok(())
    }

    async fn tell_what_was_drawn(&mut self, entry: &DealEntry) -> Result<(), String> {
        let begins = format!("{}/", entry.id);
        let drawn = self.node.read(move |hub| {
            let book = &hub.licences;
            let of = |id: &meridian_tariff::controls::LicenceId| {
                book.left(id).map(|left| left.to_string()).unwrap_or_default()
            };
            let drawn = book.drawn(&begins);
            drawn
                .map(|(id, line, much)| (id.as_str().to_owned(), line.to_owned(), much.to_string(), of(id)))
                .collect::<Vec<_>>()
        });
        for (licence, line, much, left) in drawn.await.map_err(|error| error.to_string())? {
            let words = format!(
                "The control lets the line pass: {much} drawn from {licence}, {left} left of it. The goods are released."
            );
            self.narrate(&entry.id, Step::Goods, words);
            let id = licence.clone();
            self.story.show(
                Step::Goods,
                format!("licence {licence} is entered, then drawn by the ruling that rests on it"),
                json!({"licence": licence, "declaration": line, "drawn": much, "left": left}),
                Seen::such(move |event| {
                    matches!(event, Event::Goods(done) if done.licences.iter().any(|one| {
                        use meridian_tariff::controls::LicenceEvent;
                        matches!(one, LicenceEvent::Issued(licence) if licence.id.as_str() == id)
                            || matches!(one, LicenceEvent::Drawn { id: of, .. } if of.as_str() == id)
                    }))
                }),
            );
        }
        Ok(())
    }

    /// Customs releases the goods; what the importing side still asks for is supplied first.
    async fn release(&mut self, entry: &DealEntry, contract: &Contract) -> Result<(), String> {
        let refused = self.say(entry, &entry.customs, "customs-released", "release note").await?;
        let mut why = refused.body["detail"].as_str().unwrap_or("refused").to_owned();
        if refused.status < 300 {
            self.participants.settle().await?;
            self.tell(&entry.id, "Customs released.".to_owned());
            return Ok(());
        }
        let id = contract.id.clone();
        let asks = self.node.read(move |hub| {
            let review = hub.deal.deal(&id).and_then(|deal| deal.reviews.get(&Side::Import).cloned());
            review.filter(|review| review.ruling != Ruling::Satisfied).map(|review| review.reasons.join("; "))
        });
        let is_story = entry.kill_on_arrival;
        if let Some(asks) = asks.await.map_err(|error| error.to_string())? {
            why = format!("{why} ({asks})");
        }
        self.speak(entry, &entry.customs, "customs", json!({"word": "hold", "reason": why})).await?;
        self.at_customs(is_story, entry, format!("Customs holds the goods: {why}."));
        for name in &entry.documents {
            let (deal, name) = (entry.id.clone(), name.clone());
            let told =
                self.participants.told(&entry.carrier, |reply| Order::File { deal, name, reply }).await?;
            expect(told, "file a document")?;
        }
        self.control(entry, contract, &entry.documents).await?;
        self.at_customs(is_story, entry, format!("Supplied: {}.", entry.documents.join(", ")));
        self.wait(Micros::hours(2));
        let lift = json!({"word": "lift", "reason": "the documents are in order"});
        self.speak(entry, &entry.customs, "customs", lift).await?;
        self.present(entry, &entry.customs, "customs-released", "release note").await?;
        if is_story {
            self.show_release(entry, refused.body["title"].clone(), &why).await?;
        }
        Ok(())
    }

    fn at_customs(&mut self, is_story: bool, entry: &DealEntry, words: String) {
        if is_story {
            self.narrate(&entry.id, Step::Certificate, words);
        } else {
            self.tell(&entry.id, words);
        }
    }

    async fn show_release(&mut self, entry: &DealEntry, code: Value, why: &str) -> Result<(), String> {
        let id = DealId(entry.id.clone());
        let of = id.clone();
        let paid = self.node.read(move |hub| {
            let deal = hub.deal.deal(&of)?;
            let customs = deal.obligations.iter().filter(|owed| owed.kind.is_owed_to_customs());
            let paid = customs.filter_map(|owed| match &owed.standing {
                deal::Standing::Paid { uetr, .. } => {
                    Some((owed.name.clone(), owed.amount.to_string(), *uetr))
                }
                _ => None,
            });
            Some(paid.collect::<Vec<_>>())
        });
        let paid = paid.await.map_err(|error| error.to_string())?.unwrap_or_default();
        let words: Vec<String> = paid.iter().map(|(name, amount, _)| format!("{name} {amount}")).collect();
        let words = format!("{} are paid to the treasury, and the goods are released.", words.join(", "));
        self.narrate(&entry.id, Step::Certificate, capital(&words));
        let of = id.clone();
        self.story.show(
            Step::Certificate,
            "customs holds the goods, then lifts the hold",
            json!({"deal": entry.id, "refusal": code, "reason": why}),
            Seen::such(move |event| {
                matches!(event, Event::Deal(deal::Event::CustomsSaid { deal, word, .. })
                if *deal == of && matches!(word, deal::CustomsWord::Hold(_) | deal::CustomsWord::Lift(_)))
            }),
        );
        for name in &entry.documents {
            let (of, name) = (id.clone(), name.clone());
            self.story.show(
                Step::Certificate,
                format!("{name} is supplied"),
                json!({"document": name}),
                Seen::such(move |event| {
                    matches!(event, Event::Deal(deal::Event::Filed { deal, name: filed, .. })
                    if *deal == of && *filed == name)
                }),
            );
        }
        for (name, amount, uetr) in paid {
            let what = format!("{name} is paid: {amount}");
            self.story.show(Step::Certificate, what, json!({"uetr": uetr.to_string()}), Seen::payment(uetr));
        }
        self.story.show(
            Step::Certificate,
            "the goods are released",
            json!({"deal": entry.id}),
            Seen::such(move |event| {
                matches!(event, Event::Deal(deal::Event::Presented { deal, evidence, .. })
                if *deal == id && evidence.kind == EvidenceKind::CustomsReleased)
            }),
        );
        Ok(())
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

    pub(super) async fn say(
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

    pub(super) async fn newly_paid(&self, entry: &DealEntry, before: &[String]) -> Result<String, String> {
        let after = self.paid(entry).await?;
        let paid: Vec<String> = after.iter().filter(|payment| !before.contains(payment)).cloned().collect();
        Ok(if paid.is_empty() { String::new() } else { format!(" Paid: {}.", paid.join("; ")) })
    }

    /// What has been paid of a deal, in words.
    pub(super) async fn paid(&self, entry: &DealEntry) -> Result<Vec<String>, String> {
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

    /// The name of a participant, as the corridor's file has it.
    pub(super) fn name_of(&self, bic: &Bic) -> String {
        let known = self.corridor.file.participant.iter().find(|one| one.bic == bic.as_str());
        known.map_or_else(|| bic.to_string(), |one| one.name.clone())
    }
}

pub(super) fn capital(words: &str) -> String {
    let mut characters = words.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
