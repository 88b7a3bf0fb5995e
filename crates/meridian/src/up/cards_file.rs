//! `cards.toml`: an example's card schemes, and the commands that set them up.

use std::collections::BTreeSet;

use meridian_cards::{
    CheckDigit, Command, FeeKey, FeeRule, Kind, LinkKey, Range, Rate, RateKey, Scheme, SchemeId, Service,
    Table,
};
use meridian_register::{Instrument, InstrumentId, Status};
use meridian_settlement as settlement;
use meridian_terms::{Bic, Country, Currency, Day, Moment, Ratio, Refusal, Window};
use serde::Deserialize;

use crate::boot;

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardsFile {
    /// Who converts between the schemes' currencies: a provider of the corridor.
    pub(crate) provider: String,
    /// The hub's institution identifier, field 33.
    pub(crate) hub_institution: String,
    /// The schemes: the first acquires, the second issues.
    pub(crate) scheme: Vec<SchemeEntry>,
    range: Vec<RangeEntry>,
    link: Vec<LinkEntry>,
    #[serde(default)]
    fee: Vec<FeeEntry>,
    /// The cards of the day: one with money and a PIN, one without money, one of nobody.
    pub(crate) card: Vec<CardEntry>,
}

/// A scheme.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SchemeEntry {
    pub(crate) id: String,
    pub(crate) name: String,
    country: String,
    currency: String,
    pub(crate) institution: String,
    pub(crate) dialect: String,
    pub(crate) framing: String,
    cover: String,
    most: String,
    /// The bank on whose account at the settlement agent its money lies.
    settlement_bank: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeEntry {
    prefix: String,
    scheme: String,
    institution: String,
    from: String,
    lengths: (u8, u8),
    check: String,
    billing: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkEntry {
    acquirer: String,
    issuer: String,
    instrument: String,
    from: String,
    services: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeeEntry {
    service: String,
    kind: String,
    interchange_points: u32,
    #[serde(default)]
    interchange_fixed: i128,
    #[serde(default)]
    interchange_to_acquirer: bool,
    acquirer_points: u32,
    issuer_points: u32,
}

/// A card of the day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardEntry {
    pub(crate) number: String,
    pub(crate) pin: Option<String>,
}

impl SchemeEntry {
    pub(crate) fn scheme(&self) -> Result<SchemeId, Refusal> {
        SchemeId::parse(&self.id)
    }

    pub(crate) fn currency(&self) -> Result<Currency, Refusal> {
        Currency::parse(&self.currency)
    }
}

impl CardsFile {
    /// With whom the schemes settle, and under whose name the hub's own fees do.
    pub(crate) fn kept_with(&self, hub: &str) -> Result<Vec<settlement::Command>, Refusal> {
        let banks = self.scheme.iter().map(|entry| (entry.id.as_str(), entry.settlement_bank.as_str()));
        banks
            .chain([(meridian_cards::HUB, hub)])
            .map(|(holder, bank)| {
                Ok(settlement::Command::KeepWith {
                    holder: holder.to_owned(),
                    participant: Bic::parse(bank)?,
                })
            })
            .collect()
    }

    /// What sets the book up, in order. `rate` is what one unit of the acquirer's currency is in the issuer's.
    pub(crate) fn commands(&self, rate: Ratio, at: Moment) -> Result<Vec<Command>, Refusal> {
        let mut commands = Vec::new();
        let mut currencies = Vec::new();
        for entry in &self.scheme {
            let (id, cover, most) =
                (entry.scheme()?, boot::money(&entry.cover)?, boot::money(&entry.most)?.minor());
            let scheme = Scheme {
                id: id.clone(),
                name: entry.name.clone(),
                country: Country::parse(&entry.country)?,
                currency: entry.currency()?,
                institutions: BTreeSet::from([entry.institution.clone()]),
                is_suspended: false,
            };
            currencies.push((entry.currency()?, most));
            let name = format!("example funding {id}");
            let digest = blake3::hash(name.as_bytes());
            let reference =
                digest.as_bytes()[..16].iter().fold(0, |sum: u128, byte| sum << 8 | u128::from(*byte));
            commands.push(Command::Admit { scheme: Box::new(scheme), most });
            commands.push(Command::Fund { scheme: id, amount: cover, reference });
        }
        commands.push(Command::AdmitProvider { provider: self.provider.clone(), currencies });
        if let [from, to, ..] = &self.scheme[..] {
            let key = RateKey { from: from.currency()?, to: to.currency()? };
            let rate = Rate { provider: self.provider.clone(), rate, valid: Window::new(at, None)? };
            commands.push(Command::PublishRate(key, rate));
        }
        commands.push(Command::PutTable(Box::new(Table::new(self.ranges()?)?)));
        for entry in &self.link {
            let key = LinkKey {
                acquirer: SchemeId::parse(&entry.acquirer)?,
                issuer: SchemeId::parse(&entry.issuer)?,
            };
            for fee in &self.fee {
                let kind = match fee.kind.as_str() {
                    "purchase" => Kind::Purchase,
                    "cash" => Kind::Cash,
                    "refund" => Kind::Refund,
                    other => return Err(unknown("kind", other, "purchase, cash or refund")),
                };
                let rule = FeeRule {
                    interchange_points: fee.interchange_points,
                    interchange_fixed: fee.interchange_fixed,
                    interchange_to_acquirer: fee.interchange_to_acquirer,
                    acquirer_points: fee.acquirer_points,
                    issuer_points: fee.issuer_points,
                };
                let service = service(&fee.service)?;
                commands.push(Command::SetFees(FeeKey { link: key.clone(), service, kind }, rule));
            }
        }
        Ok(commands)
    }

    /// The links to open, with the instrument each rests on.
    pub(crate) fn links(&self) -> Result<Vec<(LinkKey, BTreeSet<Service>, Instrument)>, Refusal> {
        let country = |id: &str| {
            let scheme = self.scheme.iter().find(|scheme| scheme.id == id);
            let scheme = scheme.ok_or_else(|| unknown("scheme", id, "one of [[scheme]]"))?;
            Country::parse(&scheme.country)
        };
        let read = |entry: &LinkEntry| {
            let key = LinkKey {
                acquirer: SchemeId::parse(&entry.acquirer)?,
                issuer: SchemeId::parse(&entry.issuer)?,
            };
            let services = entry.services.iter().map(|word| service(word)).collect::<Result<_, _>>()?;
            let instrument = Instrument {
                id: InstrumentId(entry.instrument.clone()),
                title: entry.instrument.clone(),
                kind: meridian_register::Kind::Agreement,
                signed: None,
                in_force: Some(Window::new(Day::parse(&entry.from)?, None)?),
                parties: [country(&entry.acquirer)?, country(&entry.issuer)?].into(),
                groupings: [].into(),
                source: "invented for the example".into(),
                status: Status::Illustrative,
            };
            Ok((key, services, instrument))
        };
        self.link.iter().map(read).collect()
    }

    fn ranges(&self) -> Result<Vec<Range>, Refusal> {
        let read = |entry: &RangeEntry| {
            Ok(Range {
                prefix: entry.prefix.clone(),
                scheme: SchemeId::parse(&entry.scheme)?,
                institution: entry.institution.clone(),
                valid: Window::new(Day::parse(&entry.from)?, None)?,
                lengths: entry.lengths,
                check: match entry.check.as_str() {
                    "luhn" => CheckDigit::Luhn,
                    "none" => CheckDigit::None,
                    other => return Err(unknown("check", other, "luhn or none")),
                },
                billing: Currency::parse(&entry.billing)?,
                stand_in: None,
            })
        };
        self.range.iter().map(read).collect()
    }
}

fn service(word: &str) -> Result<Service, Refusal> {
    match word {
        "pos" => Ok(Service::Pos),
        "atm" => Ok(Service::Atm),
        "ecommerce" => Ok(Service::Ecommerce),
        other => Err(unknown("service", other, "pos, atm or ecommerce")),
    }
}

fn unknown(what: &str, word: &str, known: &str) -> Refusal {
    Refusal::new("corridor.cards", format!("{what}: {word:?}")).next(format!("write {known}"))
}
