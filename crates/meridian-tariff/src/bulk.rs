//! Many lines at once: a pack compiled to integers, a declaration line in, a priced line out, exact.
//!
//! ```text
//!  line,code,origin,territory,value,currency,net_kg,gross_kg,qty1,unit1,qty2,unit2,date   (in any order; more are allowed)
//!  line,code,basis,customs_value,duty,additional,excise,vat,fee,total,status,need
//! ```
//! What a line needs beyond percentages, amounts per unit, notes, VAT and fees is priced by [`crate::assess::assess`]
//! itself, so both ways give the same figure; a test compares them line by line. The program holds only decimals: a
//! figure is an integer and a number of decimals, sums and comparisons bring both to the same one, and nothing is
//! rounded before the law rounds it. Any step that would not fit 128 bits takes the other way too.
//!
//! Columns that may be there besides: `proof` (`yes`), `additional_code`, `documents` (`;` between them), `incoterm`,
//! `freight`, `insurance` (in the price's currency). A status is `ok`; `open`, when the ordinary rate is shown but a note
//! that may change it is not known; or `refused`, with the reason.

mod field;
mod fixed;
mod program;

use std::collections::{BTreeMap, BTreeSet};

use meridian_terms::{Country, Currency, Day, Decimal, HsCode, Money, Refusal};

use crate::assess::{Assessment, Choice, Incoterm, Item, assess};
use crate::duty::condition::Effect;
use crate::measure::Kind;
use crate::pack::Pack;
use field::{Fields, put_cell, put_minor};
use program::Program;

/// The header of what is written.
pub const HEADER: &[u8] = b"line,code,basis,customs_value,duty,additional,excise,vat,fee,total,status,need\n";

/// Where the columns of a file stand.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    at: BTreeMap<String, usize>,
    line: Option<usize>,
    code: usize,
    origin: usize,
    value: usize,
    currency: usize,
    territory: Option<usize>,
    net_kg: Option<usize>,
    gross_kg: Option<usize>,
    quantities: Vec<(usize, usize)>,
    date: Option<usize>,
    /// Whether a column is there that only the assessment reads.
    has_more: bool,
}

impl Columns {
    /// Reads a header line.
    ///
    /// # Errors
    /// `bulk.columns` when code, origin, value or currency is missing.
    pub fn read(header: &str) -> Result<Self, Refusal> {
        let names = header.trim_start_matches('\u{feff}').trim_end().split(',');
        let at: BTreeMap<String, usize> =
            names.enumerate().map(|(at, name)| (name.trim_matches('"').trim().to_lowercase(), at)).collect();
        let known = |name: &str| at.get(name).copied();
        let needed = |name: &str| {
            known(name).ok_or_else(|| {
                Refusal::new("bulk.columns", format!("no column {name}"))
                    .rule("code, origin, value and currency must be there")
                    .next("line,code,origin,territory,value,currency,net_kg,gross_kg,qty1,unit1,qty2,unit2,date")
            })
        };
        let pairs = (1..=9).filter_map(|n| known(&format!("qty{n}")).zip(known(&format!("unit{n}"))));
        let more = ["proof", "additional_code", "documents", "incoterm", "freight", "insurance", "known"];
        Ok(Self {
            line: known("line"),
            code: needed("code")?,
            origin: needed("origin")?,
            value: needed("value")?,
            currency: needed("currency")?,
            territory: known("territory"),
            net_kg: known("net_kg"),
            gross_kg: known("gross_kg"),
            quantities: pairs.collect(),
            date: known("date"),
            has_more: more.iter().any(|name| at.contains_key(*name)),
            at,
        })
    }
}

/// How many lines, and how they came out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines read.
    pub lines: u64,
    /// Lines without a figure.
    pub refused: u64,
    /// Lines priced at the ordinary rate though a note that may change it is not known.
    pub open: u64,
    /// Lines that took the way of the full assessment.
    pub assessed: u64,
}

impl Tally {
    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.refused += other.refused;
        self.open += other.open;
        self.assessed += other.assessed;
    }
}

/// A pack ready to price files with these columns; shared by every thread.
pub struct Pricer<'p> {
    pack: &'p Pack,
    columns: Columns,
    program: Program,
}

impl<'p> Pricer<'p> {
    /// Compiles a pack.
    #[must_use]
    pub fn new(pack: &'p Pack, columns: Columns) -> Self {
        Self { pack, columns, program: Program::compile(pack) }
    }

    /// Prices whole lines of CSV, in order; the last may lack its line feed.
    pub fn price(&self, block: &[u8], out: &mut Vec<u8>) -> Tally {
        let mut tally = Tally::default();
        let mut fields = Fields::default();
        let mut rest = block;
        while !rest.is_empty() {
            rest = fields.split(rest);
            if fields.is_blank() {
                continue;
            }
            tally.lines += 1;
            if !self.columns.has_more
                && let Some(is_open) = self.program.price(&self.columns, &fields, out)
            {
                tally.open += u64::from(is_open);
                continue;
            }
            tally.assessed += 1;
            self.assessed(&fields, out, &mut tally);
        }
        tally
    }

    /// Prices a line the long way only: the oracle of the short one.
    #[must_use]
    pub fn price_assessed(&self, line: &[u8]) -> Vec<u8> {
        let (mut fields, mut out) = (Fields::default(), Vec::new());
        fields.split(line);
        self.assessed(&fields, &mut out, &mut Tally::default());
        out
    }

    fn assessed(&self, fields: &Fields<'_>, out: &mut Vec<u8>, tally: &mut Tally) {
        let outcome = self.item(fields).and_then(|item| assess(self.pack, &item, &BTreeMap::new()));
        match outcome {
            Ok(assessment) => match assessment.choices.first() {
                Some(best) => {
                    let forbidden = assessment.controls.iter().find(|check| check.effect == Effect::Refused);
                    if let Some(check) = forbidden {
                        tally.refused += 1;
                        return self.refuse(fields, &format!("{}: {}", check.title, check.why), out);
                    }
                    let need = needs(&assessment);
                    tally.open += u64::from(!need.is_empty());
                    self.show(fields, best, &need, out);
                }
                None => {
                    tally.refused += 1;
                    self.refuse(fields, &needs(&assessment), out);
                }
            },
            Err(refusal) => {
                tally.refused += 1;
                self.refuse(fields, &refusal.to_string(), out);
            }
        }
    }

    fn begin(&self, fields: &Fields<'_>, out: &mut Vec<u8>) {
        put_cell(self.columns.line.map_or(&b""[..], |at| fields.get(at)), out);
        out.push(b',');
        put_cell(fields.get(self.columns.code), out);
        out.push(b',');
    }

    fn show(&self, fields: &Fields<'_>, choice: &Choice, need: &str, out: &mut Vec<u8>) {
        let exponent = u32::from(self.pack.currency.exponent());
        let sum = |names: &[&str]| -> i128 {
            choice.rows.iter().filter(|row| names.contains(&row.name)).map(|row| row.amount.minor()).sum()
        };
        self.begin(fields, out);
        put_cell(choice.basis.as_bytes(), out);
        let remedies = ["anti-dumping duty", "countervailing duty", "safeguard duty", "additional duty"];
        let columns: [&[&str]; 6] =
            [&["customs value"], &["duty"], &remedies, &["excise"], &["VAT"], &["customs fee"]];
        for names in columns {
            out.push(b',');
            put_minor(sum(names), exponent, out);
        }
        out.push(b',');
        put_minor(choice.total.minor(), exponent, out);
        out.extend_from_slice(if need.is_empty() { b",ok," } else { b",open," });
        put_cell(need.as_bytes(), out);
        out.push(b'\n');
    }

    fn refuse(&self, fields: &Fields<'_>, why: &str, out: &mut Vec<u8>) {
        self.begin(fields, out);
        out.extend_from_slice(b",,,,,,,,refused,");
        put_cell(why.as_bytes(), out);
        out.push(b'\n');
    }

    fn item(&self, fields: &Fields<'_>) -> Result<Item, Refusal> {
        let columns = &self.columns;
        let text = |at: usize| fields.text(at);
        let filled =
            |at: Option<usize>| at.map(text).transpose().map(|cell| cell.filter(|cell| !cell.is_empty()));
        let named = |name: &str| filled(columns.at.get(name).copied());
        let currency = Currency::parse(text(columns.currency)?)?;
        let money = |cell: Option<&str>| cell.map(|amount| Money::parse(amount, currency)).transpose();
        let mut quantities = BTreeMap::new();
        if let Some(gross) = filled(columns.gross_kg)? {
            quantities.insert("kg gross".to_owned(), Decimal::parse(gross)?);
        }
        for (quantity, unit) in &columns.quantities {
            if let (Some(quantity), Some(unit)) = (filled(Some(*quantity))?, filled(Some(*unit))?) {
                quantities.insert(unit.to_owned(), Decimal::parse(quantity)?);
            }
        }
        let words = |cell: Option<&str>| -> BTreeSet<String> {
            cell.into_iter().flat_map(|cell| cell.split(';')).map(|word| word.trim().to_owned()).collect()
        };
        Ok(Item {
            has_proof: named("proof")?.is_some_and(|proof| proof != "no"),
            incoterm: named("incoterm")?.map(Incoterm::parse).transpose()?,
            freight: money(named("freight")?)?,
            insurance: money(named("insurance")?)?,
            net_kg: filled(columns.net_kg)?.map(Decimal::parse).transpose()?,
            quantities,
            territory: filled(columns.territory)?.map(Country::parse).transpose()?,
            day: filled(columns.date)?.map(Day::parse).transpose()?,
            known: named("known")?.map(Day::parse).transpose()?,
            additional_codes: words(named("additional_code")?),
            documents: words(named("documents")?),
            ..Item::new(
                HsCode::parse(text(columns.code)?)?,
                Country::parse(text(columns.origin)?)?,
                Money::parse(text(columns.value)?, currency)?,
            )
        })
    }
}

fn needs(assessment: &Assessment) -> String {
    let needs: Vec<String> = assessment.needs.iter().map(ToString::to_string).collect();
    needs.join("; ")
}

/// Whether a measure never changes what a line without proof, codes or documents pays.
fn is_only_with_proof(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Preference
            | Kind::PreferentialQuota
            | Kind::SupplementaryUnit
            | Kind::Surveillance
            | Kind::ExportControl
    )
}
