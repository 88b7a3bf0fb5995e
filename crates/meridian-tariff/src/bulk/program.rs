//! A pack as integers.

use std::collections::BTreeMap;
use std::sync::Arc;

use meridian_terms::{Country, Currency, Decimal, Rounding};

use super::field::{Fields, day, decimal, put_cell, put_minor};
use super::fixed::{Fixed, ten};
use super::{Columns, is_only_with_proof};
use crate::duty::{Base, Denomination, Duty, Need, Reference, Unit};
use crate::measure::{Kind, Measure};
use crate::pack::{Line, Pack, minor_units};
use crate::policy::Carry;

/// A duty as decimals.
#[derive(Debug, Clone)]
enum Step {
    /// A share of the value.
    Share(Fixed),
    /// Money of a currency for the first unit of a quantity.
    Each {
        price: Fixed,
        currency: usize,
        quantity: u8,
    },
    Sum(Vec<Step>),
    Difference(Box<Step>, Box<Step>),
    Least(Vec<Step>),
    Most(Vec<Step>),
}

/// A duty with the quantities it asks for; [`NONE`] for none.
#[derive(Debug, Clone)]
struct Rate {
    step: Step,
    wanted: [u8; 2],
}

/// No quantity, no rate.
const NONE: u8 = u8::MAX;
/// Net and gross mass, which have columns of their own.
const NET: u8 = 0;
const GROSS: u8 = 1;

/// A rate that takes the line's place for a territory or a time.
#[derive(Debug, Clone)]
struct Instead {
    territory: Option<[u8; 2]>,
    from: i32,
    until: i32,
    /// None: the assessment's, unless the question is open.
    rate: Option<u16>,
    /// What is not known of it, as the output's last cell.
    open: Option<Vec<u8>>,
}

/// A line: thirteen thousand of them stay in a processor's cache.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// None: the line is for the assessment.
    rate: Option<u16>,
    vat: u8,
    /// Which of `insteads`; the first is empty.
    instead: u16,
    /// Longer codes may have measures of their own.
    is_exact: bool,
}

/// What a line comes to, in minor units, and what is not known.
struct Figures<'p> {
    value: i128,
    duty: i128,
    vat: i128,
    fee: i128,
    open: Option<&'p [u8]>,
}

/// A currency: its letters, its decimals, and its rates, latest first.
struct Money {
    letters: [u8; 3],
    exponent: u32,
    rates: Vec<(i32, Fixed)>,
}

pub(super) struct Program {
    /// Where the lines of each heading begin in `keys` and `entries`, and where they all end.
    headings: Vec<u32>,
    /// Codes, sorted within a heading.
    keys: Vec<u64>,
    entries: Vec<Entry>,
    rates: Vec<Rate>,
    vats: Vec<Fixed>,
    /// The narrowest first.
    insteads: Vec<Vec<Instead>>,
    currencies: Vec<Money>,
    own: Option<usize>,
    exponent: u32,
    territory: [u8; 2],
    countries: Vec<bool>,
    units: Units,
    /// Highest value in minor units, and the fee.
    fees: Vec<(i128, i128)>,
    /// Whether the policy is one the program follows.
    is_plain: bool,
}

impl Program {
    pub(super) fn compile(pack: &Pack) -> Self {
        let mut currencies = Vec::new();
        for (currency, rates) in &pack.rates {
            let dated: Option<Vec<(i32, Fixed)>> = rates
                .iter()
                .rev()
                .map(|rate| {
                    Some((rate.from.map_or(i32::MIN, meridian_terms::Day::number), Fixed::of(&rate.rate)?))
                })
                .collect();
            let letters = letters(currency.code());
            let exponent = u32::from(currency.exponent());
            currencies.extend(dated.map(|rates| Money { letters, exponent, rates }));
        }
        let mut program = Self {
            headings: Vec::new(),
            keys: Vec::new(),
            entries: Vec::new(),
            rates: Vec::new(),
            vats: Vec::new(),
            insteads: vec![Vec::new()],
            own: currencies
                .iter()
                .position(|known: &Money| known.letters == letters::<3>(pack.currency.code())),
            currencies,
            exponent: u32::from(pack.currency.exponent()),
            territory: letters(pack.territory.as_str()),
            countries: countries(),
            units: Units::learn(),
            fees: Vec::new(),
            is_plain: pack.policy.carry == Carry::Rounded
                && pack.policy.rounding == Rounding::HalfUp
                && pack.policy.alcohol == Rounding::HalfUp
                && !pack.policy.vat_on_fees,
        };
        program.learn_fees(pack);
        program.learn_lines(pack);
        program
    }

    fn learn_lines(&mut self, pack: &Pack) {
        let longest = pack.measures().iter().map(|measure| measure.code.as_str().len()).max().unwrap_or(0);
        let mut known = BTreeMap::new();
        let mut lines: Vec<(usize, u64, Entry)> = Vec::new();
        for line in pack.lines() {
            let code = line.code.as_str().as_bytes();
            if let Some((number, heading)) = digits(code) {
                let entry = self.entry(pack, line, longest, &mut known);
                lines.push((heading, key(number, code.len()), entry));
            }
        }
        lines.sort_by_key(|(heading, key, _)| (*heading, *key));
        let mut begin = 0;
        for heading in 0..=HEADINGS {
            while lines.get(begin).is_some_and(|(known, ..)| *known < heading) {
                begin += 1;
            }
            self.headings.push(u32::try_from(begin).unwrap_or(u32::MAX));
        }
        self.keys = lines.iter().map(|(_, key, _)| *key).collect();
        self.entries = lines.into_iter().map(|(.., entry)| entry).collect();
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

    fn entry(&mut self, pack: &Pack, line: &Line, longest: usize, known: &mut Known) -> Entry {
        let mut entry = Entry {
            rate: line.duty.as_ref().and_then(|duty| self.rate_of(duty, known)),
            vat: 0,
            instead: 0,
            is_exact: longest > line.code.as_str().len(),
        };
        let vat = line.vat.as_ref().and_then(|vat| Fixed::of(&vat.to_ratio()));
        match vat.and_then(|vat| self.vat_of(Fixed { scale: vat.scale + 2, ..vat })) {
            Some(vat) => entry.vat = vat,
            None => entry.rate = None,
        }
        let mut ordinary: Vec<&Measure> = Vec::new();
        for measure in pack.measures_of(&line.code).filter(|measure| measure.is_known(None)) {
            match measure.kind {
                Kind::Ordinary if is_bare(measure) => ordinary.push(measure),
                kind if is_only_with_proof(kind) && measure.conditions.is_empty() => {}
                _ => entry.rate = None,
            }
        }
        if ordinary.is_empty() {
            return entry;
        }
        // As the assessment does: the narrowest holds, and of equals the first.
        ordinary.sort_by_key(|measure| std::cmp::Reverse(measure.narrowness()));
        let insteads = ordinary.into_iter().map(|measure| self.instead(pack, measure, known)).collect();
        match u16::try_from(self.insteads.len()) {
            Ok(at) => {
                self.insteads.push(insteads);
                entry.instead = at;
            }
            Err(_) => entry.rate = None,
        }
        entry
    }

    fn instead(&mut self, pack: &Pack, measure: &Measure, known: &mut Known) -> Instead {
        let begins = match &measure.from_act {
            None => Some(measure.from),
            Some(act) => pack.acts.get(act).map(|day| Some(measure.from.map_or(*day, |from| from.max(*day)))),
        };
        let open = match (measure.duty.as_deref(), &measure.from_act) {
            (_, Some(act)) if begins.is_none() => Some(Need::EntryIntoForce(act.clone())),
            (Some(Duty::Reference(note @ Reference::Note(_))), _) => Some(Need::Reference(note.clone())),
            _ => None,
        };
        let from = begins.unwrap_or(measure.from);
        Instead {
            territory: measure.territory.as_ref().map(|territory| letters(territory.as_str())),
            from: from.map_or(i32::MIN, meridian_terms::Day::number),
            until: measure.until.map_or(i32::MAX, meridian_terms::Day::number),
            rate: measure.duty.as_ref().filter(|_| open.is_none()).and_then(|duty| self.rate_of(duty, known)),
            open: open.map(|need| {
                let mut cell = Vec::new();
                put_cell(need.to_string().as_bytes(), &mut cell);
                cell
            }),
        }
    }

    /// A duty's rate; the same duty, read once by the pack, is compiled once.
    fn rate_of(&mut self, duty: &Arc<Duty>, known: &mut Known) -> Option<u16> {
        let place = Arc::as_ptr(duty) as usize;
        if let Some(rate) = known.get(&place) {
            return *rate;
        }
        let rate = self.step(duty).and_then(|step| {
            let mut wanted = [NONE; 2];
            step.collect(&mut wanted)?;
            let at = u16::try_from(self.rates.len()).ok()?;
            self.rates.push(Rate { step, wanted });
            Some(at)
        });
        known.insert(place, rate);
        rate
    }

    fn vat_of(&mut self, vat: Fixed) -> Option<u8> {
        let same = |known: &Fixed| known.number == vat.number && known.scale == vat.scale;
        let at = self.vats.iter().position(same).unwrap_or_else(|| {
            self.vats.push(vat);
            self.vats.len() - 1
        });
        u8::try_from(at).ok()
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
                    quantity: self.units.quantity(unit.quantity())?,
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
        self.currencies.iter().position(|known| known.letters == letters(currency.code()))
    }

    /// The line of a code: the code's own, or the longest above it.
    fn find(&self, code: &[u8]) -> Option<Entry> {
        let (mut number, heading) = digits(code)?;
        let mut length = code.len();
        while length >= 4 {
            if let Some(entry) = self.exact(heading, key(number, length)) {
                return Some(entry).filter(|entry| length == code.len() || !entry.is_exact);
            }
            number /= 10;
            length -= 1;
        }
        let (number, heading) = digits(code.get(..2)?)?;
        self.exact(heading, key(number, 2)).filter(|entry| code.len() == 2 || !entry.is_exact)
    }

    fn exact(&self, heading: usize, key: u64) -> Option<Entry> {
        let (begin, end) = (self.headings[heading] as usize, self.headings[heading + 1] as usize);
        let at = self.keys[begin..end].binary_search(&key).ok()?;
        Some(self.entries[begin + at])
    }

    /// Prices a line and writes it, and says whether a question is open; `None`, with nothing written, when the line is
    /// for the assessment.
    pub(super) fn price(&self, columns: &Columns, fields: &Fields<'_>, out: &mut Vec<u8>) -> Option<bool> {
        let figures = self.figures(columns, fields)?;
        if let Some(at) = columns.line {
            put_cell(fields.get(at), out);
        }
        out.push(b',');
        out.extend_from_slice(fields.get(columns.code));
        out.extend_from_slice(b",ordinary,");
        let Figures { value, duty, vat, fee, open } = figures;
        put_minor(value, self.exponent, out);
        // No remedies and no excise on this way.
        for figure in [duty, 0, 0, vat, fee, duty + vat + fee] {
            out.push(b',');
            put_minor(figure, self.exponent, out);
        }
        out.extend_from_slice(if open.is_some() { b",open," } else { b",ok," });
        out.extend_from_slice(open.unwrap_or_default());
        out.push(b'\n');
        Some(open.is_some())
    }

    fn figures(&self, columns: &Columns, fields: &Fields<'_>) -> Option<Figures<'_>> {
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
        let mut rate = entry.rate?;
        let date = match columns.date.map_or(&b""[..], |at| fields.get(at)) {
            b"" => None,
            cell => Some(day(cell)?),
        };
        let territory = match columns.territory.map_or(&b""[..], |at| fields.get(at)) {
            b"" => self.territory,
            cell if self.is_country(cell) => [cell[0], cell[1]],
            _ => return None,
        };
        let (mut is_instead, mut open) = (false, None);
        for instead in &self.insteads[usize::from(entry.instead)] {
            if instead.territory.is_some_and(|only| only != territory) {
                continue;
            }
            let is_timed = instead.from != i32::MIN || instead.until != i32::MAX;
            let holds = match date {
                Some(date) => instead.from <= date && date < instead.until,
                None if is_timed || instead.open.is_some() => return None,
                None => true,
            };
            match (holds, &instead.open) {
                (false, _) => {}
                // Two open questions are told in the assessment's order.
                (true, Some(_)) if open.is_some() => return None,
                (true, Some(need)) => open = Some(need.as_slice()),
                (true, None) => {
                    let found = instead.rate?;
                    rate = if is_instead { rate } else { found };
                    is_instead = true;
                }
            }
        }
        let value = self.value(columns, fields, date)?;
        let rate = &self.rates[usize::from(rate)];
        let goods = self.goods(value, date, rate.wanted, columns, fields)?;
        let duty = self.amount(&rate.step, &goods)?.half_up()?;
        let taxable = Fixed { number: value.checked_add(duty)?, scale: 0 };
        let vat = taxable.times(self.vats[usize::from(entry.vat)])?.half_up()?;
        let (_, fee) = self.fees.iter().find(|(up_to, _)| value <= *up_to)?;
        Some(Figures { value, duty, vat, fee: *fee, open })
    }

    /// The customs value in minor units.
    fn value(&self, columns: &Columns, fields: &Fields<'_>, date: Option<i32>) -> Option<i128> {
        let (amount, scale) = decimal(fields.get(columns.value))?;
        let currency = fields.get(columns.currency);
        let currency = self.currencies.iter().position(|known| known.letters == currency)?;
        // A price has no more decimals than its currency; the assessment refuses one that has.
        let more = self.currencies[currency].exponent.checked_sub(scale)?;
        if Some(currency) == self.own {
            return i128::from(amount).checked_mul(ten(more)?);
        }
        let price = Fixed { number: i128::from(amount), scale };
        price.times(self.rate(currency, date)?)?.half_up()
    }

    fn rate(&self, currency: usize, date: Option<i32>) -> Option<Fixed> {
        let rates = &self.currencies[currency].rates;
        let holds = |(from, _): &&(i32, Fixed)| *from == i32::MIN || date.is_some_and(|date| *from <= date);
        rates.iter().find(holds).map(|(_, rate)| *rate)
    }

    fn amount(&self, step: &Step, goods: &Goods) -> Option<Fixed> {
        let parts = |steps: &[Step], join: fn(Fixed, Fixed) -> Option<Fixed>| {
            let (first, rest) = steps.split_first()?;
            rest.iter().try_fold(self.amount(first, goods)?, |sum, step| join(sum, self.amount(step, goods)?))
        };
        match step {
            Step::Share(share) => Fixed { number: goods.value, scale: 0 }.times(*share),
            Step::Each { price, currency, quantity } => {
                let quantity = goods.quantity(*quantity)?;
                quantity.times(*price)?.times(self.rate(*currency, goods.date)?)
            }
            Step::Sum(steps) => parts(steps, Fixed::plus),
            Step::Least(steps) => parts(steps, Fixed::least),
            Step::Most(steps) => parts(steps, Fixed::most),
            Step::Difference(first, second) => self.amount(first, goods)?.minus(self.amount(second, goods)?),
        }
    }

    /// The quantities a rate asks for; `None` where the assessment would refuse one of those declared.
    fn goods(
        &self,
        value: i128,
        date: Option<i32>,
        wanted: [u8; 2],
        columns: &Columns,
        fields: &Fields<'_>,
    ) -> Option<Goods> {
        let mut goods = Goods { value, date, wanted, amounts: [None; 2] };
        let filled = |at: usize| Some(fields.get(at)).filter(|cell| !cell.is_empty());
        for (column, quantity) in [(columns.net_kg, NET), (columns.gross_kg, GROSS)] {
            if let Some(cell) = column.and_then(filled) {
                goods.declare(quantity, decimal(cell)?, ONE)?;
            }
        }
        for (quantity, unit) in &columns.quantities {
            if let (Some(cell), Some(name)) = (filled(*quantity), filled(*unit)) {
                let (quantity, factor) = self.units.get(name)?;
                goods.declare(quantity, decimal(cell)?, factor)?;
            }
        }
        Some(goods)
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

const ONE: Fixed = Fixed { number: 1, scale: 0 };

/// What a step is computed from.
struct Goods {
    value: i128,
    date: Option<i32>,
    wanted: [u8; 2],
    amounts: [Option<Fixed>; 2],
}

impl Goods {
    /// Keeps a quantity that is wanted; `None` when it is declared twice.
    fn declare(&mut self, quantity: u8, (number, scale): (i64, u32), factor: Fixed) -> Option<()> {
        let Some(at) = self.wanted.iter().position(|wanted| *wanted == quantity) else { return Some(()) };
        let amount = Fixed { number: i128::from(number), scale }.times(factor)?;
        self.amounts[at].replace(amount).is_none().then_some(())
    }

    /// A quantity in its first unit; `None` where it would have to be derived.
    fn quantity(&self, quantity: u8) -> Option<Fixed> {
        let at = self.wanted.iter().position(|wanted| *wanted == quantity)?;
        self.amounts[at]
    }
}

impl Step {
    /// The quantities asked for; `None` when they are more than two.
    fn collect(&self, wanted: &mut [u8; 2]) -> Option<()> {
        match self {
            Self::Share(_) => Some(()),
            Self::Each { quantity, .. } => {
                let place = wanted.iter_mut().find(|known| **known == *quantity || **known == NONE)?;
                *place = *quantity;
                Some(())
            }
            Self::Sum(steps) | Self::Least(steps) | Self::Most(steps) => {
                steps.iter().try_for_each(|step| step.collect(wanted))
            }
            Self::Difference(first, second) => {
                first.collect(wanted)?;
                second.collect(wanted)
            }
        }
    }
}

/// Rates by the address of the pack's duty.
type Known = BTreeMap<usize, Option<u16>>;

/// Four digits.
const HEADINGS: usize = 10_000;

/// A code as a number, and its heading; a chapter stands with the heading that would be its first.
fn digits(code: &[u8]) -> Option<(u64, usize)> {
    let (mut number, mut heading) = (0_u64, 0);
    for (at, digit) in code.iter().enumerate() {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        number = number * 10 + u64::from(digit);
        if at < 4 {
            heading = heading * 10 + usize::from(digit);
        }
    }
    let short = 4_u32.saturating_sub(u32::try_from(code.len()).ok()?);
    Some((number, heading * 10_usize.pow(short)))
}

/// A number with how many digits it has.
fn key(number: u64, length: usize) -> u64 {
    number * 16 + length as u64
}

/// Units by the bytes of their names: the quantity each measures and its factor to that quantity's first unit. Names of
/// more than eight bytes are rare in declarations and are left to the assessment.
struct Units {
    places: Vec<(u64, u8, Fixed)>,
    /// What they measure; a quantity's number is its place here.
    quantities: Vec<&'static str>,
}

impl Units {
    fn learn() -> Self {
        let mut units = Self { places: vec![(0, NONE, ONE); 1024], quantities: vec!["kg", "kg gross"] };
        for name in Unit::names() {
            let known = Unit::parse(&name).filter(|unit| unit.part().is_none());
            let factor = known.as_ref().and_then(|unit| Fixed::of(&unit.factor()));
            let Some(unit) = known else { continue };
            if units.quantity(unit.quantity()).is_none() {
                units.quantities.push(unit.quantity());
            }
            if let (Some(key), Some(quantity), Some(factor)) =
                (short(name.as_bytes()), units.quantity(unit.quantity()), factor)
            {
                let at = units.at(key);
                units.places[at] = (key, quantity, factor);
            }
        }
        units
    }

    /// The place of a key, or the empty one it would take; there are several times more places than units.
    fn at(&self, key: u64) -> usize {
        let mask = self.places.len() - 1;
        let mut at = spread(key) & mask;
        while self.places[at].0 != 0 && self.places[at].0 != key {
            at = (at + 1) & mask;
        }
        at
    }

    /// The number of a quantity.
    fn quantity(&self, name: &str) -> Option<u8> {
        let at = self.quantities.iter().position(|known| *known == name)?;
        u8::try_from(at).ok().filter(|number| *number != NONE)
    }

    fn get(&self, name: &[u8]) -> Option<(u8, Fixed)> {
        let key = short(name)?;
        let (known, quantity, factor) = self.places[self.at(key)];
        (known == key).then_some((quantity, factor))
    }
}

/// Up to eight bytes as one number.
fn short(name: &[u8]) -> Option<u64> {
    let mut bytes = [0; 8];
    bytes.get_mut(..name.len())?.copy_from_slice(name);
    Some(u64::from_le_bytes(bytes)).filter(|key| *key != 0)
}

/// An ordinary rate for every origin, with nothing to present.
fn is_bare(measure: &Measure) -> bool {
    measure.area.of.is_empty()
        && measure.area.except.is_empty()
        && measure.conditions.is_empty()
        && measure.additional_code.is_none()
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

/// Fibonacci hashing: neighbours go far apart.
fn spread(key: u64) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize
}
