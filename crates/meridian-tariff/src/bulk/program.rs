//! A pack as integers.

use std::collections::BTreeMap;

use meridian_terms::{Country, Currency, Decimal, Ratio, Rounding};

use super::field::{Fields, day, decimal, put_minor};
use super::{Columns, is_only_with_proof};
use crate::duty::{Base, Denomination, Duty, Reference, Unit};
use crate::measure::{Kind, Measure};
use crate::pack::{Line, Pack, minor_units};
use crate::policy::Carry;

/// `number / 10^scale`.
#[derive(Debug, Clone, Copy)]
struct Fixed {
    number: i128,
    scale: u32,
}

const TENS: [i64; 19] = {
    let mut tens = [1_i64; 19];
    let mut at = 1;
    while at < tens.len() {
        tens[at] = tens[at - 1] * 10;
        at += 1;
    }
    tens
};

fn ten(power: u32) -> Option<i128> {
    TENS.get(power as usize).map(|ten| i128::from(*ten)).or_else(|| 10_i128.checked_pow(power))
}

impl Fixed {
    fn times(self, other: Self) -> Option<Self> {
        Some(Self { number: self.number.checked_mul(other.number)?, scale: self.scale + other.scale })
    }

    /// Both at the same number of decimals.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let left = self.number.checked_mul(ten(scale - self.scale)?)?;
        let right = other.number.checked_mul(ten(scale - other.scale)?)?;
        Some((left, right, scale))
    }

    fn plus(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Self { number: left.checked_add(right)?, scale })
    }

    fn minus(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Self { number: left.checked_sub(right)?, scale })
    }

    fn least(self, other: Self) -> Option<Self> {
        let (left, right, _) = self.aligned(other)?;
        Some(if right < left { other } else { self })
    }

    fn most(self, other: Self) -> Option<Self> {
        let (left, right, _) = self.aligned(other)?;
        Some(if right > left { other } else { self })
    }

    /// The nearest whole number, halves away from zero.
    fn half_up(self) -> Option<i128> {
        match (i64::try_from(self.number), TENS.get(self.scale as usize)) {
            (Ok(number), Some(ten)) if number >= 0 => {
                let (whole, rest) = (number / ten, number % ten);
                Some(i128::from(whole) + i128::from(rest >= ten - rest))
            }
            _ => Rounding::HalfUp.divide(self.number, ten(self.scale)?),
        }
    }

    /// A ratio whose denominator has no primes but two and five.
    fn of(ratio: &Ratio) -> Option<Self> {
        let (mut rest, mut scale) = (ratio.denominator(), 0_u32);
        let mut number = ratio.numerator();
        while rest > 1 {
            if rest % 10 == 0 {
                rest /= 10;
            } else if rest % 5 == 0 {
                rest /= 5;
                number = number.checked_mul(2)?;
            } else if rest % 2 == 0 {
                rest /= 2;
                number = number.checked_mul(5)?;
            } else {
                return None;
            }
            scale += 1;
        }
        Some(Self { number, scale })
    }
}

/// A duty as decimals.
#[derive(Debug, Clone)]
enum Step {
    /// A share of the value.
    Share(Fixed),
    /// Money of a currency for the first unit of a quantity.
    Each {
        price: Fixed,
        currency: usize,
        quantity: &'static str,
    },
    Sum(Vec<Step>),
    Difference(Box<Step>, Box<Step>),
    Least(Vec<Step>),
    Most(Vec<Step>),
}

/// A rate that takes the line's place for a territory or a time.
#[derive(Debug, Clone)]
struct Instead {
    territory: Option<[u8; 2]>,
    from: i32,
    until: i32,
    /// None: known to exist, not known what or from when; the assessment says it.
    step: Option<Step>,
}

#[derive(Debug, Clone)]
struct Entry {
    /// None: the line is for the assessment.
    step: Option<Step>,
    vat: Fixed,
    /// The narrowest first.
    instead: Vec<Instead>,
    length: usize,
}

/// A currency's rates, latest first.
type Rates = Vec<(i32, Fixed)>;

pub(super) struct Program {
    /// Open addressing; a key of zero is an empty place.
    places: Vec<(u64, u32)>,
    entries: Vec<Entry>,
    currencies: Vec<([u8; 3], Rates)>,
    own: usize,
    exponent: u32,
    territory: [u8; 2],
    countries: Vec<bool>,
    /// Words of units: the quantity they measure and the factor to its first unit.
    units: BTreeMap<Vec<u8>, Option<(&'static str, Fixed)>>,
    /// Highest value in minor units, and the fee.
    fees: Vec<(i128, i128)>,
    /// Whether the policy is one the program follows.
    is_plain: bool,
}

impl Program {
    pub(super) fn compile(pack: &Pack) -> Self {
        let mut currencies: Vec<([u8; 3], Rates)> = Vec::new();
        for (currency, rates) in &pack.rates {
            let mut dated: Option<Rates> = rates
                .iter()
                .map(|rate| {
                    Some((rate.from.map_or(i32::MIN, meridian_terms::Day::number), Fixed::of(&rate.rate)?))
                })
                .collect();
            if let Some(rates) = &mut dated {
                rates.reverse();
                currencies.push((letters(currency.code()), rates.clone()));
            }
        }
        let own = currencies.iter().position(|(code, _)| *code == letters(pack.currency.code())).unwrap_or(0);
        let mut program = Self {
            places: Vec::new(),
            entries: Vec::new(),
            currencies,
            own,
            exponent: u32::from(pack.currency.exponent()),
            territory: letters(pack.territory.as_str()),
            countries: countries(),
            units: BTreeMap::new(),
            fees: Vec::new(),
            is_plain: pack.policy.carry == Carry::Rounded
                && pack.policy.rounding == Rounding::HalfUp
                && pack.policy.alcohol == Rounding::HalfUp
                && !pack.policy.vat_on_fees,
        };
        program.learn_fees(pack);
        let longest = pack.measures().iter().map(|measure| measure.code.as_str().len()).max().unwrap_or(0);
        let size = (pack.lines().len() * 4).next_power_of_two().max(16);
        program.places = vec![(0, 0); size];
        for line in pack.lines() {
            let entry = program.entry(pack, line, longest);
            let (key, index) = (key(line.code.as_str().as_bytes()), program.entries.len());
            program.entries.push(entry);
            if let (Some(key), Ok(index)) = (key, u32::try_from(index)) {
                program.place(key, index);
            }
        }
        for word in [
            "kg",
            "pcs",
            "pairs",
            "l",
            "m",
            "m2",
            "m3",
            "cm3",
            "t",
            "g",
            "l pure alcohol",
            "шт",
            "кг",
            "л",
            "м²",
            "м³",
            "пар",
            "см³",
            "hl",
        ] {
            program.units.insert(word.as_bytes().to_vec(), unit(word.as_bytes()));
        }
        program
    }

    fn learn_fees(&mut self, pack: &Pack) {
        let minor = |amount: &Decimal| minor_units(amount, pack.currency);
        if pack.fees.is_empty() {
            self.fees.extend(minor(&pack.fee).map(|fee| (i128::MAX, fee)));
        }
        for fee in &pack.fees {
            let up_to = fee.up_to.as_ref().map_or(Some(i128::MAX), |up_to| {
                up_to.rescaled(pack.currency.exponent(), Rounding::Floor).map(|up_to| up_to.mantissa())
            });
            self.fees.extend(up_to.zip(minor(&fee.amount)));
        }
        if self.fees.last().is_none_or(|(up_to, _)| *up_to != i128::MAX) {
            self.fees.extend(minor(&pack.fee).map(|fee| (i128::MAX, fee)));
        }
    }

    fn entry(&self, pack: &Pack, line: &Line, longest: usize) -> Entry {
        let length = line.code.as_str().len();
        let mut entry = Entry {
            step: line.duty.as_deref().and_then(|duty| self.step(duty)),
            vat: Fixed { number: 0, scale: 0 },
            instead: Vec::new(),
            // A longer code may have measures of its own.
            length: if longest > length { length } else { usize::MAX },
        };
        match line.vat.as_ref().and_then(|vat| Fixed::of(&vat.to_ratio())) {
            Some(vat) => entry.vat = Fixed { scale: vat.scale + 2, ..vat },
            None => entry.step = None,
        }
        let mut ordinary: Vec<&Measure> = Vec::new();
        for measure in pack.measures_of(&line.code).filter(|measure| measure.is_known(None)) {
            match measure.kind {
                Kind::Ordinary if is_bare(measure) => ordinary.push(measure),
                kind if is_only_with_proof(kind) && measure.conditions.is_empty() => {}
                _ => entry.step = None,
            }
        }
        // As the assessment does: the narrowest holds, and of equals the first.
        ordinary.sort_by_key(|measure| std::cmp::Reverse(measure.narrowness()));
        entry.instead = ordinary.into_iter().map(|measure| self.instead(pack, measure)).collect();
        entry
    }

    fn instead(&self, pack: &Pack, measure: &Measure) -> Instead {
        let is_note = matches!(measure.duty.as_deref(), Some(Duty::Reference(Reference::Note(_))));
        let begins = match &measure.from_act {
            None => Some(measure.from),
            Some(act) => pack.acts.get(act).map(|day| Some(measure.from.map_or(*day, |from| from.max(*day)))),
        };
        let step = if is_note { None } else { measure.duty.as_deref().and_then(|duty| self.step(duty)) };
        let from = begins.unwrap_or(measure.from);
        Instead {
            territory: measure.territory.as_ref().map(|territory| letters(territory.as_str())),
            from: from.map_or(i32::MIN, meridian_terms::Day::number),
            until: measure.until.map_or(i32::MAX, meridian_terms::Day::number),
            step: if begins.is_some() { step } else { None },
        }
    }

    fn step(&self, duty: &Duty) -> Option<Step> {
        let all = |parts: &[Duty]| parts.iter().map(|part| self.step(part)).collect::<Option<Vec<_>>>();
        let both = |first: &Duty, second: &Duty| Some(vec![self.step(first)?, self.step(second)?]);
        Some(match duty {
            Duty::Percent { rate, of: Base::CustomsValue } => {
                let share = Fixed::of(&rate.to_ratio())?;
                Step::Share(Fixed { scale: share.scale + 2, ..share })
            }
            Duty::PerUnit { amount, currency: Denomination::Money(currency), per, unit }
                if unit.part().is_none() =>
            {
                let each = amount.to_ratio().checked_div(&per.to_ratio().checked_mul(&unit.factor())?)?;
                Step::Each {
                    price: Fixed::of(&each)?,
                    currency: self.currency(*currency)?,
                    quantity: unit.quantity(),
                }
            }
            Duty::Sum(parts) => Step::Sum(all(parts)?),
            Duty::Difference(first, second) => {
                Step::Difference(Box::new(self.step(first)?), Box::new(self.step(second)?))
            }
            Duty::Floor(first, second) => Step::Most(both(first, second)?),
            Duty::Cap(first, second) => Step::Least(both(first, second)?),
            Duty::Lower(parts) => Step::Least(all(parts)?),
            Duty::Higher(parts) => Step::Most(all(parts)?),
            _ => return None,
        })
    }

    fn currency(&self, currency: Currency) -> Option<usize> {
        self.currencies.iter().position(|(code, _)| *code == letters(currency.code()))
    }

    fn place(&mut self, key: u64, index: u32) {
        let mask = self.places.len() - 1;
        let mut at = spread(key) & mask;
        while self.places[at].0 != 0 {
            at = (at + 1) & mask;
        }
        self.places[at] = (key, index);
    }

    fn exact(&self, key: u64) -> Option<&Entry> {
        let mask = self.places.len() - 1;
        let mut at = spread(key) & mask;
        loop {
            let (known, index) = self.places[at];
            if known == key {
                return self.entries.get(index as usize);
            }
            if known == 0 {
                return None;
            }
            at = (at + 1) & mask;
        }
    }

    /// The line of a code: the code's own, or the longest above it.
    fn find(&self, code: &[u8]) -> Option<&Entry> {
        (2..=code.len())
            .rev()
            .find_map(|length| self.exact(key(&code[..length])?))
            .filter(|entry| entry.length == usize::MAX || entry.length == code.len())
    }

    /// Prices a line and writes it; `false`, with nothing written, when the line is for the assessment.
    pub(super) fn price(&self, columns: &Columns, fields: &Fields<'_>, out: &mut Vec<u8>) -> bool {
        match self.figures(columns, fields) {
            Some([value, duty, vat, fee]) => {
                if let Some(at) = columns.line {
                    super::put_cell(fields.get(at), out);
                }
                out.push(b',');
                out.extend_from_slice(fields.get(columns.code));
                out.extend_from_slice(b",ordinary,");
                put_minor(value, self.exponent, out);
                out.push(b',');
                put_minor(duty, self.exponent, out);
                // No remedies and no excise on this way.
                for _ in 0..2 {
                    out.push(b',');
                    put_minor(0, self.exponent, out);
                }
                for figure in [vat, fee, duty + vat + fee] {
                    out.push(b',');
                    put_minor(figure, self.exponent, out);
                }
                out.extend_from_slice(b",ok,\n");
                true
            }
            None => false,
        }
    }

    /// Customs value, duty, VAT and fee in minor units.
    fn figures(&self, columns: &Columns, fields: &Fields<'_>) -> Option<[i128; 4]> {
        if !self.is_plain {
            return None;
        }
        let code = fields.get(columns.code);
        if !(code.len() == 2 || (4..=12).contains(&code.len()))
            || !self.is_country(fields.get(columns.origin))
        {
            return None;
        }
        let entry = self.find(code)?;
        let ordinary = entry.step.as_ref()?;
        let date = match columns.date.map_or(&b""[..], |at| fields.get(at)) {
            b"" => None,
            cell => Some(day(cell)?),
        };
        let territory = match columns.territory.map_or(&b""[..], |at| fields.get(at)) {
            b"" => self.territory,
            cell => {
                if !self.is_country(cell) {
                    return None;
                }
                [cell[0], cell[1]]
            }
        };
        let mut step = None;
        for instead in &entry.instead {
            if instead.territory.is_some_and(|only| only != territory) {
                continue;
            }
            let is_timed = instead.from != i32::MIN || instead.until != i32::MAX;
            let holds = match date {
                Some(date) => instead.from <= date && date < instead.until,
                None if is_timed => return None,
                None => true,
            };
            if holds {
                let found = instead.step.as_ref()?;
                step = step.or(Some(found));
            }
        }
        let step = step.unwrap_or(ordinary);
        let (amount, scale) = decimal(fields.get(columns.value))?;
        let currency = fields.get(columns.currency);
        let currency = self.currencies.iter().position(|(code, _)| code == currency)?;
        // A price has no more decimals than its currency; the assessment refuses one that has.
        if scale > if currency == self.own { self.exponent } else { 2 } {
            return None;
        }
        let price = Fixed { number: i128::from(amount), scale };
        let value = price.times(self.rate(currency, date)?)?.half_up()?;
        let facts = Goods { value, date, columns, fields };
        let duty = self.amount(step, &facts)?.half_up()?;
        let taxable = Fixed { number: value.checked_add(duty)?, scale: 0 };
        let vat = taxable.times(entry.vat)?.half_up()?;
        let (_, fee) = self.fees.iter().find(|(up_to, _)| value <= *up_to)?;
        Some([value, duty, vat, *fee])
    }

    fn rate(&self, currency: usize, date: Option<i32>) -> Option<Fixed> {
        let (_, rates) = &self.currencies[currency];
        let holds = |(from, _): &&(i32, Fixed)| *from == i32::MIN || date.is_some_and(|date| *from <= date);
        rates.iter().find(holds).map(|(_, rate)| *rate)
    }

    fn amount(&self, step: &Step, facts: &Goods<'_, '_>) -> Option<Fixed> {
        let parts = |steps: &[Step], join: fn(Fixed, Fixed) -> Option<Fixed>| {
            let (first, rest) = steps.split_first()?;
            rest.iter().try_fold(self.amount(first, facts)?, |sum, step| join(sum, self.amount(step, facts)?))
        };
        match step {
            Step::Share(share) => Fixed { number: facts.value, scale: 0 }.times(*share),
            Step::Each { price, currency, quantity } => {
                let quantity = self.quantity(quantity, facts)?;
                quantity.times(*price)?.times(self.rate(*currency, facts.date)?)
            }
            Step::Sum(steps) => parts(steps, Fixed::plus),
            Step::Least(steps) => parts(steps, Fixed::least),
            Step::Most(steps) => parts(steps, Fixed::most),
            Step::Difference(first, second) => self.amount(first, facts)?.minus(self.amount(second, facts)?),
        }
    }

    /// A quantity in its first unit; `None` also where it would have to be derived.
    fn quantity(&self, wanted: &str, facts: &Goods<'_, '_>) -> Option<Fixed> {
        let cell = |at: Option<usize>| at.map(|at| facts.fields.get(at)).filter(|cell| !cell.is_empty());
        let plain =
            |cell: &[u8]| decimal(cell).map(|(number, scale)| Fixed { number: i128::from(number), scale });
        let mut found = None;
        for (quantity, unit) in &facts.columns.quantities {
            let (Some(quantity), Some(name)) = (cell(Some(*quantity)), cell(Some(*unit))) else { continue };
            let known = match self.units.get(name) {
                Some(known) => *known,
                None => self::unit(name),
            };
            let (measures, factor) = known?;
            if measures == wanted {
                // Two of the same quantity: the assessment decides which.
                if found.is_some() {
                    return None;
                }
                found = Some(plain(quantity)?.times(factor)?);
            }
        }
        let column = match wanted {
            "kg" => cell(facts.columns.net_kg),
            "kg gross" => cell(facts.columns.gross_kg),
            _ => None,
        };
        match (found, column) {
            (Some(_), Some(_)) => None,
            (None, Some(cell)) => plain(cell),
            (found, None) => found,
        }
    }

    fn is_country(&self, cell: &[u8]) -> bool {
        match cell {
            [first @ b'A'..=b'Z', second @ b'A'..=b'Z'] => {
                self.countries[usize::from(first - b'A') * 26 + usize::from(second - b'A')]
            }
            _ => false,
        }
    }
}

/// What a step is computed from.
struct Goods<'a, 'b> {
    value: i128,
    date: Option<i32>,
    columns: &'a Columns,
    fields: &'a Fields<'b>,
}

/// An ordinary rate for every origin, with nothing to present.
fn is_bare(measure: &Measure) -> bool {
    measure.area.of.is_empty()
        && measure.area.except.is_empty()
        && measure.conditions.is_empty()
        && measure.additional_code.is_none()
}

fn unit(name: &[u8]) -> Option<(&'static str, Fixed)> {
    let unit = Unit::parse(std::str::from_utf8(name).ok()?)?;
    if unit.part().is_some() {
        return None;
    }
    Some((unit.quantity(), Fixed::of(&unit.factor())?))
}

/// Every country as two letters.
fn countries() -> Vec<bool> {
    let letters = b'A'..=b'Z';
    let pairs = letters.clone().flat_map(|first| letters.clone().map(move |second| [first, second]));
    pairs.map(|pair| std::str::from_utf8(&pair).is_ok_and(|code| Country::parse(code).is_ok())).collect()
}

fn letters<const N: usize>(text: &str) -> [u8; N] {
    let mut letters = [0; N];
    for (place, byte) in letters.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    letters
}

/// Digits and how many of them as one number above zero.
fn key(code: &[u8]) -> Option<u64> {
    let digits = code.iter().try_fold(0_u64, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0'))
    })?;
    Some(digits * 16 + code.len() as u64)
}

/// Fibonacci hashing: neighbours go far apart.
#[expect(clippy::cast_possible_truncation, reason = "the upper bits, masked by the caller")]
fn spread(key: u64) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize
}

/// Codes the tables name must be keys; a longer one would wrap.
const _: () = assert!(u64::MAX / 16 > 999_999_999_999);
