//! One way to import, tax upon tax.

use meridian_terms::{Decimal, Money, Ratio, Refusal};

use super::basis::{Basis, Found, reference, told};
use super::{Choice, Item, Row};
use crate::duty::{Duty, Facts, Need, Unit};
use crate::measure::{Kind, Measure};
use crate::pack::{Line, Pack, minor_units};
use crate::policy::Carry;

/// The waterfall of one basis; the inner error is what is missing to compute it.
pub(super) fn waterfall(
    pack: &Pack,
    line: &Line,
    item: &Item,
    facts: &Facts<'_>,
    value: &Row,
    basis: &Basis,
    found: &Found<'_>,
) -> Result<Result<Choice, Need>, Refusal> {
    let stack = Stack { pack, item, facts, value };
    match stack.all(line, basis, found) {
        Ok(choice) => Ok(Ok(choice)),
        Err(Stop::Need(need)) => Ok(Err(need)),
        Err(Stop::Refusal(refusal)) => Err(refusal),
    }
}

enum Stop {
    Need(Need),
    Refusal(Refusal),
}

impl From<Need> for Stop {
    fn from(need: Need) -> Self {
        Self::Need(need)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

struct Stack<'a> {
    pack: &'a Pack,
    item: &'a Item,
    facts: &'a Facts<'a>,
    value: &'a Row,
}

impl Stack<'_> {
    fn all(&self, line: &Line, basis: &Basis, found: &Found<'_>) -> Result<Choice, Stop> {
        let mut rows = vec![self.value.clone()];
        rows.push(self.duty("duty", &basis.duty, basis.reference.clone())?);
        let in_quota = matches!(basis.kind, Kind::Quota | Kind::PreferentialQuota);
        for added in &found.added {
            let measure = added.measure;
            let name = match measure.kind {
                Kind::AntiDumping => "anti-dumping duty",
                Kind::Countervailing => "countervailing duty",
                Kind::Safeguard => "safeguard duty",
                Kind::Additional => "additional duty",
                _ => continue,
            };
            let is_elsewhere = !measure.scheme.is_empty() && measure.scheme != basis.scheme;
            let is_spared =
                measure.kind == Kind::Safeguard && in_quota && !self.pack.policy.safeguard_in_quota;
            if !is_elsewhere && !is_spared {
                rows.push(self.duty(name, &added.duty, reference(self.pack, measure))?);
            }
        }
        for added in found.added.iter().filter(|added| added.measure.kind == Kind::Excise) {
            rows.push(self.duty("excise", &added.duty, reference(self.pack, added.measure))?);
        }
        let fee = self.fee(found)?;
        if self.pack.policy.vat_on_fees {
            rows.extend(fee.iter().cloned());
        }
        rows.extend(self.vat(line, &rows, found)?);
        if !self.pack.policy.vat_on_fees {
            rows.extend(fee);
        }
        let lines: Vec<(Ratio, i128)> = rows[1..].iter().map(|row| (row.exact, row.amount.minor())).collect();
        let total = self.pack.policy.total(&lines).ok_or(Need::Range)?;
        let total = Money::new(total, self.pack.currency);
        Ok(Choice {
            basis: basis.name.clone(),
            kind: basis.kind,
            landed: self.value.amount.checked_add(total)?,
            rows,
            total,
            remarks: basis.remarks.clone(),
        })
    }

    fn duty(&self, name: &'static str, duty: &Duty, reference: String) -> Result<Row, Stop> {
        let exact = duty.amount(self.facts)?;
        let by_alcohol = is_by_alcohol(duty);
        let rounded = self.pack.policy.line(&exact, by_alcohol).ok_or(Need::Range)?;
        let mut inputs = Vec::new();
        self.inputs(duty, &mut inputs);
        let mass = self.item.net_kg.map_or(String::new(), |net_kg| format!(", {net_kg} kg"));
        let working = format!("{duty} of {}{mass}: exactly {}", self.value.amount, self.major(&exact));
        Ok(Row {
            name,
            base: Some(self.value.amount),
            sentence: duty.to_string(),
            inputs,
            working,
            exact: self.carried(exact, rounded),
            amount: Money::new(rounded, self.pack.currency),
            reference,
        })
    }

    /// What goes into the next tax.
    fn carried(&self, exact: Ratio, rounded: i128) -> Ratio {
        match self.pack.policy.carry {
            Carry::Exact => exact,
            Carry::Rounded => Ratio::whole(rounded),
        }
    }

    fn vat(&self, line: &Line, rows: &[Row], found: &Found<'_>) -> Result<Option<Row>, Stop> {
        let measured = found.added.iter().filter(|added| added.measure.kind == Kind::Vat);
        let rates: Vec<(&Measure, Decimal)> = measured
            .filter_map(|added| match added.duty.as_ref() {
                Duty::Percent { rate, .. } => Some((added.measure, *rate)),
                _ => None,
            })
            .collect();
        // Of several rates the ordinary one is the highest; a lower one is claimed by its additional code or title.
        let claimed = rates.iter().find(|(measure, _)| {
            let codes = &self.item.additional_codes;
            measure.additional_code.as_ref().is_some_and(|code| codes.contains(code))
                || codes.contains(&measure.title)
        });
        let highest = rates.iter().max_by_key(|(_, rate)| *rate);
        let (rate, reference) = match (claimed.or(highest), line.vat) {
            (Some((measure, rate)), _) => (*rate, reference(self.pack, measure)),
            (None, Some(rate)) => (rate, format!("{}, {}", self.pack.name, self.pack.taxes_status)),
            (None, None) => return Err(Need::Base(format!("VAT rate of {}", line.code)).into()),
        };
        let base =
            rows.iter().try_fold(Ratio::ZERO, |sum, row| sum.checked_add(&row.exact)).ok_or(Need::Range)?;
        let share = rate.to_ratio().checked_div(&Ratio::whole(100)).ok_or(Need::Range)?;
        let exact = base.checked_mul(&share).ok_or(Need::Range)?;
        let rounded = self.pack.policy.line(&exact, false).ok_or(Need::Range)?;
        let taxable =
            Money::new(base.round(self.pack.policy.rounding).ok_or(Need::Range)?, self.pack.currency);
        let others: Vec<&str> = rows[1..].iter().map(|row| row.name).collect();
        Ok(Some(Row {
            name: "VAT",
            base: Some(taxable),
            sentence: format!("{rate} % of value and duty"),
            inputs: vec![format!("customs value, {}", others.join(", "))],
            working: format!("{rate} % of {taxable}: exactly {}", self.major(&exact)),
            exact: self.carried(exact, rounded),
            amount: Money::new(rounded, self.pack.currency),
            reference,
        }))
    }

    fn fee(&self, found: &Found<'_>) -> Result<Option<Row>, Stop> {
        if let Some(added) = found.added.iter().find(|added| added.measure.kind == Kind::Fee) {
            return self.duty("customs fee", &added.duty, told(added.measure)).map(Some);
        }
        let (name, amount, status) = self.pack.fee_for(self.value.amount.minor());
        let minor = minor_units(&amount, self.pack.currency).ok_or(Need::Range)?;
        if minor == 0 && self.pack.fees.is_empty() {
            return Ok(None);
        }
        Ok(Some(Row {
            name: "customs fee",
            base: None,
            sentence: "for each declaration".into(),
            inputs: vec![name.to_owned()],
            working: "fixed".into(),
            exact: Ratio::whole(minor),
            amount: Money::new(minor, self.pack.currency),
            reference: format!("{}, {status}", self.pack.name),
        }))
    }

    /// The declared facts a sentence uses.
    fn inputs(&self, duty: &Duty, told: &mut Vec<String>) {
        let mut add = |input: String| {
            if !told.contains(&input) {
                told.push(input);
            }
        };
        match duty {
            Duty::Percent { of: crate::duty::Base::CustomsValue, .. } => {
                add(format!("customs value {}", self.value.amount));
            }
            Duty::Percent { of: crate::duty::Base::Named(name), .. } => {
                let value = self.facts.bases.get(name).map_or(String::new(), |value| self.major(value));
                add(format!("{name} {value}"));
            }
            Duty::PerUnit { currency, unit, .. } => {
                if let Ok(amount) = self.facts.quantities.amount(unit) {
                    add(format!("{amount} {unit}"));
                }
                if let crate::duty::Denomination::Money(currency) = currency {
                    if *currency != self.pack.currency {
                        let rate =
                            self.facts.rates.get(currency).map_or(String::new(), |rate| self.major(rate));
                        add(format!("rate {currency} {rate}"));
                    }
                }
            }
            Duty::Sum(parts) | Duty::Lower(parts) | Duty::Higher(parts) => {
                parts.iter().for_each(|part| self.inputs(part, told));
            }
            Duty::Difference(first, second) | Duty::Floor(first, second) | Duty::Cap(first, second) => {
                self.inputs(first, told);
                self.inputs(second, told);
            }
            Duty::Seasonal(_) => add(self.item.day.map_or(String::new(), |day| day.to_string())),
            Duty::ByProgramme(_) => add(self.item.programme.clone().unwrap_or_default()),
            _ => {}
        }
    }

    /// Minor units as a decimal of major ones.
    fn major(&self, exact: &Ratio) -> String {
        let scale = 10_i128.pow(u32::from(self.pack.currency.exponent()));
        exact.checked_div(&Ratio::whole(scale)).map_or_else(|| exact.to_string(), |major| major.to_string())
    }
}

/// Whether a duty is by alcohol: some territories cut off such duty where they round others.
fn is_by_alcohol(duty: &Duty) -> bool {
    let by_unit = |unit: &Unit| matches!(unit.quantity(), "l pure alcohol" | "SPQ");
    match duty {
        Duty::PerUnit { unit, .. } => by_unit(unit),
        Duty::Sum(parts) | Duty::Lower(parts) | Duty::Higher(parts) => parts.iter().any(is_by_alcohol),
        Duty::Difference(first, second) | Duty::Floor(first, second) | Duty::Cap(first, second) => {
            is_by_alcohol(first) || is_by_alcohol(second)
        }
        _ => false,
    }
}
