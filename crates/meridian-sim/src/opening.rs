//! The day before: participants, links, rates, lists, caps, cover and card schemes, all invented.

use std::collections::{BTreeMap, BTreeSet};

use meridian_cards as cards;
use meridian_node::Command;
use meridian_pay::{self as pay, CapKey, LinkKey, Participant, RateCard, RateKey, Role};
use meridian_settlement as settlement;
use meridian_terms::{Bic, Country, Currency, Day, Micros, Moment, Money, Ratio, Refusal, Window};

/// When the world begins.
pub(crate) const START: &str = "2026-03-20T09:00:00Z";
/// Banks: two countries, two currencies.
pub(crate) const BANKS: [(&str, Currency); 3] =
    [("ALFARUMM", Currency::RUB), ("BETAINBB", Currency::INR), ("GAMAINBB", Currency::INR)];
/// Who exchanges them.
pub(crate) const PROVIDER: &str = "EXCHRUMM";
/// Who keeps the real money of each currency.
pub(crate) const AGENTS: [(&str, Currency); 2] = [("CBRFRUMM", Currency::RUB), ("RBISINBB", Currency::INR)];
/// What each bank and the provider is funded with in each of its currencies, minor units.
pub(crate) const COVER: i128 = 2_000;
/// What each bank may have under way and done at most, minor units.
pub(crate) const CAP: i128 = 3_000;
/// The list in force at first.
pub(crate) const FIRST_LIST: [u8; 32] = [1; 32];
/// The card schemes: who acquires, who issues.
pub(crate) const SCHEMES: [(&str, &str, Currency); 2] =
    [("ALPHA", "RU", Currency::RUB), ("BETA", "IN", Currency::INR)];
/// A card number of the issuing scheme, invented.
pub(crate) const CARD: &str = "9999010000000000";

pub(crate) fn bank(of: usize) -> (Bic, Currency) {
    let (bic, currency) = BANKS[of % BANKS.len()];
    (known(bic), currency)
}

/// A BIC of this file.
pub(crate) fn known(bic: &str) -> Bic {
    Bic::parse(bic).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// What a notice of this reference moves: in, or out. The same reference always says the same.
pub(crate) fn moved(reference: u128) -> i128 {
    let some = 50 + i128::try_from(reference % 7).unwrap_or(0);
    match reference {
        ..1_000 => COVER,
        _ if reference.is_multiple_of(2) => some,
        _ => -some,
    }
}

pub(crate) fn funding(reference: u128, participant: &str, amount: Money) -> (String, Command) {
    let participant = known(participant);
    (format!("fund {reference}"), Command::Pay(pay::Command::Fund { participant, amount, reference }))
}

/// Who asks what before the world begins; `has_caps`: whether the operator sets the caps that the laws hold it to.
pub(crate) fn opening(has_caps: bool) -> Result<Vec<(String, Command)>, Refusal> {
    let start = Moment::parse(START)?;
    let mut asked: Vec<(String, Command)> = Vec::new();
    let mut operator = |command: pay::Command| asked.push(("operator".into(), Command::Pay(command)));
    let admitted = |bic: &str, role: Role| -> Result<Participant, Refusal> {
        Ok(Participant {
            bic: Bic::parse(bic)?,
            name: format!("Invented {bic}"),
            country: Country::parse(&bic[4..6])?,
            role,
            key: [7; 32],
            is_suspended: false,
        })
    };
    for (bic, currency) in BANKS {
        let participant = admitted(bic, Role::Bank)?;
        operator(pay::Command::Admit { participant, currencies: vec![currency] });
    }
    for (bic, _) in AGENTS {
        operator(pay::Command::Admit {
            participant: admitted(bic, Role::SettlementAgent)?,
            currencies: Vec::new(),
        });
    }
    let participant = admitted(PROVIDER, Role::FxProvider)?;
    operator(pay::Command::Admit { participant, currencies: vec![Currency::RUB, Currency::INR] });
    let key = LinkKey::between(Country::parse("RU")?, Country::parse("IN")?);
    operator(pay::Command::ProposeLink {
        key,
        instrument: "An invented agreement".into(),
        in_force: Window::new(Day::parse("2026-01-01")?, None)?,
        by: "first".into(),
    });
    operator(pay::Command::ApproveLink { key, by: "second".into() });
    operator(pay::Command::PutListInForce(FIRST_LIST));
    for (from, to, base) in [(Currency::RUB, Currency::INR, (9, 10)), (Currency::INR, Currency::RUB, (1, 1))]
    {
        operator(pay::Command::PublishRate(rate(from, to), card(base, start)?));
    }
    for (bic, currency) in BANKS.iter().filter(|_| has_caps) {
        let key = CapKey::Participant(Bic::parse(bic)?, *currency);
        operator(pay::Command::SetCap { key, most: Some(CAP), alarm_percent: 80 });
    }
    let everybody = BANKS.into_iter().chain([(PROVIDER, Currency::RUB), (PROVIDER, Currency::INR)]);
    for (reference, (bic, currency)) in (1..).zip(everybody) {
        asked.push(funding(reference, bic, Money::new(COVER, currency)));
    }
    asked.extend(windows()?.into_iter().map(|command| ("operator".into(), Command::Settle(command))));
    asked.extend(card_opening(start)?.into_iter().map(|command| ("operator".into(), Command::Card(command))));
    Ok(asked)
}

/// Both currencies net towards all and settle every day; all but the first bank let payments short of cover wait.
fn windows() -> Result<Vec<settlement::Command>, Refusal> {
    let mut asked = Vec::new();
    for (agent, currency) in AGENTS {
        asked.push(settlement::Command::OpenCircuit(settlement::Circuit {
            currency,
            agent: Bic::parse(agent)?,
            model: settlement::Model::MultilateralNet,
            calendar: settlement::Calendar::parse(
                "offset,1970-01-01,+00:00\nweekend,1970-01-01,\nhours,01:00,23:00\ncut_off,12:00",
            )?,
            patience: Micros::minutes(5),
        }));
    }
    for bic in BANKS.iter().skip(1).map(|(bic, _)| *bic).chain([PROVIDER]) {
        for class in [settlement::Class::Urgent, settlement::Class::Normal] {
            let policy = settlement::Policy::Wait(Micros::minutes(10));
            asked.push(settlement::Command::SetPolicy { participant: Bic::parse(bic)?, class, policy });
        }
    }
    Ok(asked)
}

pub(crate) fn rate(from: Currency, to: Currency) -> RateKey {
    RateKey { provider: known(PROVIDER), from, to }
}

pub(crate) fn card((of, out_of): (i128, i128), from: Moment) -> Result<RateCard, Refusal> {
    Ok(RateCard {
        base: Ratio::new(of, out_of)?,
        valid: Window::new(from, None)?,
        tiers: Vec::new(),
        agents: BTreeMap::new(),
        most: 1_000_000,
    })
}

pub(crate) fn scheme(of: usize) -> Result<cards::SchemeId, Refusal> {
    cards::SchemeId::parse(SCHEMES[of].0)
}

fn card_opening(start: Moment) -> Result<Vec<cards::Command>, Refusal> {
    let mut asked = Vec::new();
    let most = 1_000_000;
    for (id, country, currency) in SCHEMES {
        let id = cards::SchemeId::parse(id)?;
        let scheme = cards::Scheme {
            name: format!("Invented scheme {id}"),
            id: id.clone(),
            country: Country::parse(country)?,
            currency,
            institutions: BTreeSet::new(),
            is_suspended: false,
        };
        asked.push(cards::Command::Admit { scheme: Box::new(scheme), most });
        asked.push(cards::Command::SetSession { scheme: id, is_up: true });
    }
    let currencies = vec![(Currency::RUB, most), (Currency::INR, most)];
    asked.push(cards::Command::AdmitProvider { provider: "EXCHANGE".into(), currencies });
    let valid = Window::new(start.minus(meridian_terms::Micros::days(1)), None)?;
    for (from, to) in [(Currency::RUB, Currency::INR), (Currency::INR, Currency::RUB)] {
        let rate = cards::Rate { provider: "EXCHANGE".into(), rate: Ratio::new(9, 10)?, valid };
        asked.push(cards::Command::PublishRate(cards::RateKey { from, to }, rate));
    }
    let range = cards::Range {
        prefix: "999901".into(),
        scheme: scheme(1)?,
        institution: "9999901".into(),
        valid: Window::new(Day::parse("2026-01-01")?, None)?,
        lengths: (16, 19),
        check: cards::CheckDigit::None,
        billing: Currency::INR,
        stand_in: None,
    };
    asked.push(cards::Command::PutTable(Box::new(cards::Table::new([range])?)));
    let key = cards::LinkKey { acquirer: scheme(0)?, issuer: scheme(1)? };
    asked.push(cards::Command::ProposeLink {
        key: key.clone(),
        instrument: "An invented agreement".into(),
        in_force: Window::new(Day::parse("2026-01-01")?, None)?,
        services: BTreeSet::from([cards::Service::Pos]),
        by: "first".into(),
    });
    asked.push(cards::Command::ApproveLink { key, by: "second".into() });
    Ok(asked)
}
