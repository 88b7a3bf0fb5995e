//! What each page shows, taken from the hub.

use std::collections::BTreeMap;

use askama::Template;
use meridian_deal::{Deal, EvidenceKind, Standing};
use meridian_ledger::Kind;
use meridian_node::{Hub, payment_subject};
use meridian_pay::{Payment, Verdict};
use meridian_terms::{Currency, Moment, Money};

use crate::service::Map;
use crate::{ListAge, Service};

/// What stands around every page.
pub(crate) struct Frame {
    pub(super) corridor: String,
    pub(super) is_example: bool,
    pub(super) now: String,
    /// Whether operators can sign in here.
    pub(super) has_office: bool,
    pub(super) has_tariff: bool,
    pub(super) has_corridor: bool,
}

impl Frame {
    pub(crate) fn of(service: &Service) -> Self {
        let now = time(service.node.clock().now());
        Self {
            corridor: service.corridor.clone(),
            is_example: service.is_example,
            now,
            has_office: service.door.is_some(),
            has_tariff: !service.oracles.tariffs.is_empty(),
            has_corridor: service.oracles.corridor.is_some(),
        }
    }
}

/// To the second, as people read it.
pub(crate) fn time(at: Moment) -> String {
    let text = at.to_string();
    let whole = text.split('.').next().unwrap_or(&text).trim_end_matches('Z');
    whole.replacen('T', " ", 1)
}

struct DealRow {
    id: String,
    seller: String,
    seller_country: String,
    buyer: String,
    buyer_country: String,
    goods: String,
    price: String,
    incoterm: String,
    way: String,
    paid: usize,
    owed: usize,
    paid_percent: usize,
    stage: &'static str,
}

impl DealRow {
    fn of(deal: &Deal) -> Self {
        let contract = &deal.contract;
        let paid =
            deal.obligations.iter().filter(|owed| matches!(owed.standing, Standing::Paid { .. })).count();
        let owed = deal.obligations.len();
        let way = deal.route.as_ref().map_or_else(String::new, |route| {
            format!(
                "{} to {}, {} km, {}, {}",
                route.nodes.first().map_or("", String::as_str),
                route.nodes.last().map_or("", String::as_str),
                route.metres / 1000,
                route.days(),
                route.freight
            )
        });
        Self {
            id: contract.id.0.clone(),
            seller: contract.seller.name.clone(),
            seller_country: contract.seller.country.to_string(),
            buyer: contract.buyer.name.clone(),
            buyer_country: contract.buyer.country.to_string(),
            goods: contract.goods.iter().map(|line| line.description.as_str()).collect::<Vec<_>>().join(", "),
            price: contract.price.to_string(),
            incoterm: format!("{} {}", contract.incoterm.word(), contract.named_place),
            way,
            paid,
            owed,
            paid_percent: (paid * 100).checked_div(owed).unwrap_or(0),
            stage: deal.stage.word(),
        }
    }
}

struct FlowRow {
    from: String,
    to: String,
    count: u64,
    source: String,
    target: String,
}

#[derive(Template)]
#[template(path = "today.html")]
pub(crate) struct TodayPage {
    frame: Frame,
    deals: Vec<DealRow>,
    committed: u64,
    stopped: u64,
    share: String,
    flows: Vec<FlowRow>,
    map: String,
}

impl TodayPage {
    pub(crate) fn of(frame: Frame, hub: &Hub, map: &Map) -> Self {
        let ways: Vec<Vec<String>> =
            hub.deal.deals().filter_map(|deal| Some(deal.route.as_ref()?.nodes.clone())).collect();
        let statistics = &hub.statistics;
        let (both, all) = statistics.national_currency(|country| statistics.national(country));
        let flows = statistics.committed.iter().map(|(flow, (count, source, target))| FlowRow {
            from: flow.from.to_string(),
            to: flow.to.to_string(),
            count: *count,
            source: Money::new(*source, flow.source).to_string(),
            target: Money::new(*target, flow.target).to_string(),
        });
        Self {
            frame,
            deals: hub.deal.deals().map(DealRow::of).collect(),
            committed: statistics.committed.values().map(|(count, _, _)| count).sum(),
            stopped: statistics.refused.values().sum::<u64>() + statistics.rejected.values().sum::<u64>(),
            share: (both * 100)
                .checked_div(all)
                .map_or_else(|| "none yet".into(), |percent| format!("{percent} %")),
            flows: flows.collect(),
            map: map(&ways),
        }
    }
}

struct Step {
    at: String,
    title: String,
    detail: String,
    tone: &'static str,
    /// What it opens: a word, and where.
    links: Vec<(&'static str, String)>,
}

struct OwedRow {
    name: String,
    payer: String,
    payee: String,
    amount: String,
    trigger: &'static str,
    standing: &'static str,
    tone: &'static str,
    link: String,
}

struct WaterfallLine {
    name: String,
    sentence: String,
    working: String,
    amount: String,
    reference: String,
}

struct ScreenedName {
    name: String,
    verdict: &'static str,
    list: String,
}

#[derive(Template)]
#[template(path = "deal.html")]
pub(crate) struct DealPage {
    frame: Frame,
    deal: DealRow,
    timeline: Vec<Step>,
    obligations: Vec<OwedRow>,
    waterfall: Vec<WaterfallLine>,
    pack: String,
    screened: Vec<ScreenedName>,
    shipments: Vec<super::shipments::Brief>,
    map: String,
}

impl DealPage {
    pub(crate) fn of(frame: Frame, deal: &Deal, hub: &Hub, map: &Map) -> Self {
        let ways: Vec<Vec<String>> = deal.route.iter().map(|route| route.nodes.clone()).collect();
        let (waterfall, pack) = deal.landed.clone().unwrap_or_default();
        Self {
            frame,
            deal: DealRow::of(deal),
            timeline: timeline(deal, hub),
            obligations: deal.obligations.iter().map(owed_row).collect(),
            waterfall: waterfall
                .into_iter()
                .map(|row| WaterfallLine {
                    name: row.name,
                    sentence: row.sentence,
                    working: row.working,
                    amount: row.amount.to_string(),
                    reference: row.reference,
                })
                .collect(),
            pack,
            screened: deal
                .screened
                .iter()
                .map(|one| ScreenedName {
                    name: one.name.clone(),
                    verdict: match one.verdict {
                        Verdict::Clear => "clear",
                        Verdict::Hit { .. } => "hit",
                        Verdict::Unavailable => "unavailable",
                    },
                    list: blake3::Hash::from(one.list).to_hex()[..8].to_owned(),
                })
                .collect(),
            shipments: hub
                .shipments_of(&deal.contract.id)
                .map(|(id, one)| super::shipments::Brief::of(id, one))
                .collect(),
            map: map(&ways),
        }
    }
}

fn owed_row(owed: &meridian_deal::Obligation) -> OwedRow {
    let link = match owed.standing {
        Standing::Paid { uetr, .. } | Standing::InFlight { uetr, .. } => format!("/payments/{uetr}"),
        _ => String::new(),
    };
    OwedRow {
        name: owed.name.clone(),
        payer: owed.payer.name.clone(),
        payee: owed.payee.name.clone(),
        amount: owed.amount.to_string(),
        trigger: owed.trigger.word(),
        standing: owed.standing.word(),
        tone: owed.standing.word(),
        link,
    }
}

/// Contract, evidence, mishaps and payments on one line of time; each opens what stands behind it.
fn timeline(deal: &Deal, hub: &Hub) -> Vec<Step> {
    let contract = &deal.contract;
    let of = |page: &str| format!("/deals/{}/{page}", contract.id);
    let signed = Step {
        at: time(contract.signed_at),
        title: "Contract signed".into(),
        detail: format!("{} parties, banks, carriers and vessels screened: clear", deal.screened.len()),
        tone: "plain",
        links: vec![("verdicts", of("screening"))],
    };
    let mut steps = vec![(contract.signed_at, signed)];
    for (at, evidence) in &deal.evidence {
        let links = match evidence.kind {
            EvidenceKind::Signed => Vec::new(),
            EvidenceKind::Loaded | EvidenceKind::BorderCrossed | EvidenceKind::Arrived => {
                vec![("shipment", of("shipment"))]
            }
            EvidenceKind::DeclarationAccepted
            | EvidenceKind::DutyAssessed
            | EvidenceKind::CustomsReleased => {
                vec![("declaration", of("declaration"))]
            }
        };
        let detail = format!("{}, by {}", evidence.document, evidence.by);
        let title = capital(&evidence.kind.word().replace('-', " "));
        steps.push((*at, Step { at: time(*at), title, detail, tone: "plain", links }));
    }
    for (at, mishap) in &deal.mishaps {
        let (title, links) = (capital(mishap.word()), vec![("shipment", of("shipment"))]);
        steps.push((*at, Step { at: time(*at), title, detail: String::new(), tone: "bad", links }));
    }
    for owed in &deal.obligations {
        match &owed.standing {
            Standing::Paid { uetr, at } => {
                let left = hub.pay.payment(*uetr).map(|payment| payment.instruction.source);
                let detail = match left.filter(|left| left.currency() != owed.amount.currency()) {
                    Some(left) => format!("{left} left, {} arrived", owed.amount),
                    None => owed.amount.to_string(),
                };
                let links = vec![
                    ("payment", format!("/payments/{uetr}")),
                    ("ledger entries", format!("/payments/{uetr}/entries")),
                ];
                let title = format!("Paid: {}", owed.name);
                steps.push((*at, Step { at: time(*at), title, detail, tone: "good", links }));
            }
            Standing::Lapsed { at } => {
                let (title, detail) = (format!("Lapsed: {}", owed.name), owed.amount.to_string());
                steps.push((*at, Step { at: time(*at), title, detail, tone: "bad", links: Vec::new() }));
            }
            _ => {}
        }
    }
    steps.sort_by_key(|(at, _)| *at);
    steps.into_iter().map(|(_, step)| step).collect()
}

fn capital(words: &str) -> String {
    let mut characters = words.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

struct PaymentRow {
    at: String,
    uetr: String,
    short: String,
    debtor_agent: String,
    creditor_agent: String,
    source: String,
    target: String,
    document: String,
    stage: &'static str,
    reason: String,
}

impl PaymentRow {
    fn of(payment: &Payment) -> Self {
        let asked = &payment.instruction;
        let uetr = asked.uetr.to_string();
        Self {
            at: time(payment.received_at),
            short: uetr[..8].to_owned(),
            uetr,
            debtor_agent: asked.debtor_agent.to_string(),
            creditor_agent: asked.creditor_agent.to_string(),
            source: asked.source.to_string(),
            target: asked.target.to_string(),
            document: asked.document.clone().unwrap_or_default(),
            stage: payment.stage.word(),
            reason: match &payment.stage {
                meridian_pay::Stage::Refused(refusal) => refusal.code.to_string(),
                stage => stage.status().1.unwrap_or_default().to_owned(),
            },
        }
    }
}

#[derive(Template)]
#[template(path = "payments.html")]
pub(crate) struct PaymentsPage {
    frame: Frame,
    payments: Vec<PaymentRow>,
}

/// How many payments the page lists, newest first.
const LISTED: usize = 500;

impl PaymentsPage {
    pub(crate) fn of(frame: Frame, hub: &Hub) -> Self {
        let mut newest: Vec<&Payment> = hub.pay.payments().collect();
        newest.sort_by_key(|payment| std::cmp::Reverse(payment.received_at));
        Self { frame, payments: newest.into_iter().take(LISTED).map(PaymentRow::of).collect() }
    }
}

struct LegRow {
    from: String,
    to: String,
    amount: String,
}

#[derive(Template)]
#[template(path = "payment.html")]
pub(crate) struct PaymentPage {
    frame: Frame,
    payment: PaymentRow,
    debtor: String,
    creditor: String,
    legs: Vec<LegRow>,
    facts: Vec<(&'static str, String)>,
    /// The deal it cites.
    deal: String,
}

impl PaymentPage {
    pub(crate) fn of(frame: Frame, hub: &Hub, payment: &Payment, lists: &[ListAge]) -> Self {
        let asked = &payment.instruction;
        let mut facts = vec![
            ("Received", time(payment.received_at)),
            ("Message id", asked.message_id.clone()),
            ("End-to-end id", asked.end_to_end_id.clone()),
            ("Priority", format!("{:?}", asked.priority)),
            ("Purpose", asked.purpose.clone().unwrap_or_else(|| "not given".into())),
            ("Pays", asked.document.clone().unwrap_or_else(|| "no document cited".into())),
            ("Remittance", asked.remittance.clone()),
            ("Quote", asked.quote.map_or_else(|| "none, one currency".into(), |id| id.to_string())),
        ];
        facts.extend(screened(hub, payment, lists));
        let legs = payment.legs.iter().flat_map(|legs| &legs.legs);
        let cited = asked.document.as_deref().and_then(|document| document.strip_prefix("deal/"));
        let deal = cited.and_then(|cited| cited.rsplit_once('/')).map(|(deal, _)| deal.to_owned());
        Self {
            deal: deal.unwrap_or_default(),
            frame,
            payment: PaymentRow::of(payment),
            debtor: asked.debtor.name.clone(),
            creditor: asked.creditor.name.clone(),
            legs: legs
                .map(|leg| LegRow {
                    from: leg.from.to_string(),
                    to: leg.to.to_string(),
                    amount: leg.amount.to_string(),
                })
                .collect(),
            facts,
        }
    }
}

/// Under which lists a payment is clear, and whether somebody had to decide it.
fn screened(hub: &Hub, payment: &Payment, lists: &[ListAge]) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(digest) = payment.cleared_under {
        let named: Vec<String> =
            lists.iter().map(|list| format!("{} of {}", list.name, list.published)).collect();
        let which = match hub.pay.list_in_force() == Some(digest) {
            true => named.join(", "),
            false => "earlier lists than those in force".to_owned(),
        };
        facts.push((
            "Screened",
            format!("clear under {which}; version {}", blake3::Hash::from(digest).to_hex()),
        ));
    }
    if let Some((id, case)) = hub.cases.case_of(&payment_subject(payment.uetr())) {
        facts.push(("Case", format!("{}, {}", id.0, case.word())));
    }
    facts
}

struct PositionRow {
    participant: String,
    kind: &'static str,
    balance: String,
    reserved: String,
    available: String,
    percent: i128,
}

struct CurrencyGroup {
    currency: String,
    rows: Vec<PositionRow>,
}

#[derive(Template)]
#[template(path = "positions.html")]
pub(crate) struct PositionsPage {
    frame: Frame,
    sums: Vec<String>,
    groups: Vec<CurrencyGroup>,
}

impl PositionsPage {
    pub(crate) fn of(frame: Frame, hub: &Hub) -> Self {
        let mut by_currency: BTreeMap<Currency, Vec<&meridian_ledger::Account>> = BTreeMap::new();
        for account in hub.ledger.accounts() {
            by_currency.entry(account.currency).or_default().push(account);
        }
        let sums = by_currency.iter().map(|(currency, accounts)| {
            let sum = accounts.iter().map(|account| account.balances.posted()).sum();
            Money::new(sum, *currency).to_string()
        });
        let sums = sums.collect();
        let groups = by_currency.into_iter().map(|(currency, accounts)| {
            let largest = accounts.iter().map(|account| account.balances.posted()).max().unwrap_or(0).max(1);
            let row = |account: &&meridian_ledger::Account| PositionRow {
                participant: account.participant.clone(),
                kind: account.kind.word(),
                balance: account.balance().amount().to_string(),
                reserved: Money::new(account.balances.debits_pending, currency).amount().to_string(),
                available: match account.kind {
                    Kind::SettlementAgent => String::new(),
                    _ => account.available().amount().to_string(),
                },
                percent: (account.balances.posted().max(0) * 100 / largest).clamp(0, 100),
            };
            CurrencyGroup { currency: currency.to_string(), rows: accounts.iter().map(row).collect() }
        });
        Self { frame, sums, groups: groups.collect() }
    }
}
