//! A simplified goods declaration: assembled from a deal's facts, validated, exported.
//!
//! The data set follows the single administrative document and the WCO's data model in names a broker knows:
//! office, procedure, exporter, consignee, declarant, goods lines with code, origin, masses, value, documents.
//! It is the content of a declaration, not a message to any one administration's system.

mod export;

use std::collections::BTreeSet;

use meridian_terms::{Country, Currency, Day, HsCode, Money, Quantity, Ratio, Refusal, Rounding};

/// What the declaration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Procedure {
    /// Release for consumption.
    Import,
    /// Permanent export.
    Export,
    /// Transit.
    Transit,
}

impl Procedure {
    /// `import`, `export`, `transit`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Export => "export",
            Self::Transit => "transit",
        }
    }
}

/// A party to the declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trader {
    /// Its name.
    pub name: String,
    /// Its tax or registration number.
    pub number: Option<String>,
    /// Its address in one line.
    pub address: String,
    /// Its country.
    pub country: Country,
}

/// What a deal knows of a shipment, before it is a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// The deal's or the broker's reference.
    pub reference: String,
    /// What the goods are declared for.
    pub procedure: Procedure,
    /// The day of the declaration.
    pub day: Day,
    /// The customs office.
    pub office: String,
    /// Who sends the goods.
    pub exporter: Trader,
    /// Who receives them.
    pub consignee: Trader,
    /// Who declares.
    pub declarant: Trader,
    /// Where they were dispatched.
    pub from: Country,
    /// Where they go.
    pub to: Country,
    /// Incoterms rule and place: `FCA Bandar Abbas`.
    pub delivery_terms: String,
    /// The means of transport at the border.
    pub transport: String,
    /// Freight and insurance to the border that the invoice does not hold, in the currency of the customs value.
    pub added_to_value: Money,
    /// Units of the customs value's currency for one unit of the invoice's.
    pub rate: Ratio,
    /// The goods.
    pub goods: Vec<Goods>,
}

/// One kind of goods as invoiced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goods {
    /// The goods code.
    pub code: HsCode,
    /// What it is, in words.
    pub description: String,
    /// Where it is from, legally.
    pub origin: Country,
    /// Number and kind of packages, marks.
    pub packages: String,
    /// Gross mass.
    pub gross: Quantity,
    /// Net mass.
    pub net: Quantity,
    /// Quantity in the supplementary unit, where the tariff has one.
    pub supplementary: Option<Quantity>,
    /// Its invoice price.
    pub price: Money,
    /// The preference claimed.
    pub preference: Option<String>,
    /// Its papers.
    pub documents: Vec<DocumentReference>,
    /// Duties and taxes, as assessed.
    pub charges: Vec<Charge>,
}

/// A paper by kind and number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentReference {
    /// Its kind: `invoice`, `CT-3`, `phytosanitary certificate`.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// Its date.
    pub day: Day,
}

/// One duty or tax on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// What it is: `import duty`, `VAT`.
    pub kind: String,
    /// What it is computed on, in words.
    pub base: String,
    /// The rate as a sentence.
    pub rate: String,
    /// How much.
    pub amount: Money,
}

/// An assembled declaration: totals add up, every value is in the currency of the customs value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    shipment: Shipment,
    lines: Vec<Line>,
    customs_value: Money,
    charges: Money,
}

/// One line of a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// Its share of the customs value.
    pub customs_value: Money,
    /// What is charged on it.
    pub charges: Money,
}

impl Declaration {
    /// Assembles and validates. The invoice prices are converted line by line, half up; what is added to value is
    /// split by price so that no unit is lost.
    ///
    /// # Errors
    /// `declaration.invalid` naming every field at fault; money that does not fit or does not match.
    pub fn assemble(shipment: Shipment) -> Result<Self, Refusal> {
        let faults = faults(&shipment);
        if !faults.is_empty() {
            return Err(
                Refusal::new("declaration.invalid", faults.join("; ")).next("correct the fields named")
            );
        }
        let currency = shipment.added_to_value.currency();
        let weights: Vec<i128> = shipment.goods.iter().map(|goods| goods.price.minor()).collect();
        let added = shipment.added_to_value.split(&weights)?;
        let mut lines = Vec::new();
        let mut total = Money::zero(currency);
        let mut all_charges = Money::zero(currency);
        for (index, (goods, added)) in shipment.goods.iter().zip(added).enumerate() {
            let price = in_currency(goods.price, &shipment.rate, currency)?;
            let customs_value = price.checked_add(added)?;
            let mut charges = Money::zero(currency);
            for charge in &goods.charges {
                charges = charges.checked_add(charge.amount)?;
            }
            total = total.checked_add(customs_value)?;
            all_charges = all_charges.checked_add(charges)?;
            lines.push(Line { number: index + 1, customs_value, charges });
        }
        Ok(Self { shipment, lines, customs_value: total, charges: all_charges })
    }

    /// The facts it was assembled from.
    #[must_use]
    pub fn shipment(&self) -> &Shipment {
        &self.shipment
    }

    /// Its lines.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The whole customs value.
    #[must_use]
    pub fn customs_value(&self) -> Money {
        self.customs_value
    }

    /// All duties and taxes.
    #[must_use]
    pub fn charges(&self) -> Money {
        self.charges
    }
}

fn in_currency(price: Money, rate: &Ratio, currency: Currency) -> Result<Money, Refusal> {
    if price.currency() == currency { Ok(price) } else { price.convert(rate, currency, Rounding::HalfUp) }
}

/// Every field at fault, by its path.
fn faults(shipment: &Shipment) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ask = |is_right: bool, path: &str, what: &str| {
        if !is_right {
            faults.push(format!("{path}: {what}"));
        }
    };
    let filled = |text: &str| !text.trim().is_empty();
    ask(filled(&shipment.reference), "reference", "is empty");
    ask(filled(&shipment.office), "office", "is empty");
    ask(filled(&shipment.delivery_terms), "delivery_terms", "is empty");
    ask(filled(&shipment.transport), "transport", "is empty");
    for (role, trader) in [
        ("exporter", &shipment.exporter),
        ("consignee", &shipment.consignee),
        ("declarant", &shipment.declarant),
    ] {
        ask(filled(&trader.name), &format!("{role}.name"), "is empty");
        ask(filled(&trader.address), &format!("{role}.address"), "is empty");
    }
    ask(shipment.from != shipment.to, "to", "is the country of dispatch");
    ask(!shipment.added_to_value.is_negative(), "added_to_value", "is below zero");
    ask(shipment.rate > Ratio::ZERO, "rate", "is not above zero");
    ask(!shipment.goods.is_empty(), "goods", "no line");
    let currencies: BTreeSet<Currency> = shipment.goods.iter().map(|goods| goods.price.currency()).collect();
    ask(currencies.len() <= 1, "goods", "prices in several currencies need an invoice each");
    for (index, goods) in shipment.goods.iter().enumerate() {
        let path = |field: &str| format!("goods[{index}].{field}");
        ask(goods.code.as_str().len() >= 6, &path("code"), "a declaration needs at least 6 digits");
        ask(filled(&goods.description), &path("description"), "is empty");
        ask(filled(&goods.packages), &path("packages"), "is empty");
        ask(!goods.price.is_negative(), &path("price"), "is below zero");
        ask(goods.price.minor() > 0, &path("price"), "is not above zero");
        ask(
            !goods.net.amount.is_negative() && !goods.net.amount.is_zero(),
            &path("net"),
            "is not above zero",
        );
        let fits = goods.gross.to(goods.net.unit).map(|gross| gross.amount >= goods.net.amount);
        ask(fits.unwrap_or(false), &path("gross"), "is less than the net mass, or not a mass");
        for (position, document) in goods.documents.iter().enumerate() {
            let path = path(&format!("documents[{position}]"));
            ask(filled(&document.kind) && filled(&document.number), &path, "has no kind or no number");
            ask(document.day <= shipment.day, &path, "is dated after the declaration");
        }
        let currency = shipment.added_to_value.currency();
        let same = goods.charges.iter().all(|charge| charge.amount.currency() == currency);
        ask(same, &path("charges"), "are in another currency than the customs value");
        let proven = goods.preference.is_none() || !goods.documents.is_empty();
        ask(proven, &path("preference"), "is claimed without a document");
    }
    faults
}
