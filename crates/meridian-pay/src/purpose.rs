//! Eligible purposes: what a country lets its banks pay for across the border, as data.
//!
//! A pack is a list of rules. A country with a rule in force for a direction lets pass only what one of them names; a
//! country without one has said nothing and everything passes.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Country, Day, Money, Refusal, Window};

use crate::refusal::{self as no, refuse};
use crate::{Instruction, State};

/// Which way the money goes, seen from the country whose rule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Direction {
    /// Leaves the country.
    Out,
    /// Comes in.
    In,
}

impl Direction {
    /// `out` or `in`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "out" => Some(Self::Out),
            "in" => Some(Self::In),
            _ => None,
        }
    }
}

/// One line of a pack.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PurposeRule {
    /// Whose rule.
    pub country: Country,
    /// For money going which way.
    pub direction: Direction,
    /// ISO 20022 external purpose code it allows; `*` is any.
    pub purpose: String,
    /// Whether the payment must cite a deal, an invoice or a declaration.
    pub needs_document: bool,
    /// At least so much.
    pub least: Option<Money>,
    /// At most so much.
    pub most: Option<Money>,
    /// When it is in force.
    pub in_force: Window<Day>,
    /// Where it is written.
    pub source: String,
}

/// Whether both countries let this pass.
pub(crate) fn eligible(
    state: &State,
    asked: &Instruction,
    (from, to): (Country, Country),
    day: Day,
) -> Result<(), Refusal> {
    if from == to {
        return Ok(());
    }
    for (country, direction) in [(from, Direction::Out), (to, Direction::In)] {
        let of_country = |rule: &&PurposeRule| {
            rule.country == country && rule.direction == direction && rule.in_force.contains(day)
        };
        let rules: Vec<&PurposeRule> = state.purposes.iter().filter(of_country).collect();
        if rules.is_empty() {
            continue;
        }
        let code = asked.purpose.as_deref();
        let any = rules.iter().find(|rule| rule.purpose == "*");
        let rule = match (rules.iter().find(|rule| Some(rule.purpose.as_str()) == code).or(any), code) {
            (Some(rule), _) => rule,
            (None, None) => return Err(refuse(no::PURPOSE_MISSING, format!("{country} asks for one"))),
            (None, Some(code)) => {
                return Err(refuse(no::PURPOSE_NOT_ELIGIBLE, format!("{code} for {country}"))
                    .rule(rules[0].source.clone()));
            }
        };
        let cited = |refusal: Refusal| refusal.rule(rule.source.clone());
        if rule.needs_document && asked.document.as_deref().is_none_or(|document| document.trim().is_empty())
        {
            return Err(cited(refuse(no::DOCUMENT_MISSING, format!("{} for {country}", rule.purpose))));
        }
        for amount in [asked.source, asked.target] {
            let of_currency = |bound: &&Money| bound.currency() == amount.currency();
            if let Some(least) =
                rule.least.as_ref().filter(of_currency).filter(|least| amount.minor() < least.minor())
            {
                return Err(cited(refuse(no::BELOW_LEAST, format!("{amount}, at least {least}"))));
            }
            if let Some(most) =
                rule.most.as_ref().filter(of_currency).filter(|most| amount.minor() > most.minor())
            {
                return Err(cited(refuse(no::ABOVE_MOST, format!("{amount}, at most {most}"))));
            }
        }
    }
    Ok(())
}
