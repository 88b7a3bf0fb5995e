//! What the hub may approve in an issuer's place, by the issuer's own rules.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Money;

use crate::{Kind, Request, Response, Service};

/// An issuer's rules for one of its ranges. Amounts in minor units of the range's billing currency.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StandIn {
    /// The most for one transaction.
    pub most: i128,
    /// The most for one card on one day.
    pub most_a_day: i128,
    /// How many for one card on one day.
    pub count_a_day: u32,
    /// Whether also where the card is not present.
    pub ecommerce: bool,
}

/// What a card has used of stand-in on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Used {
    /// Transactions.
    pub count: u32,
    /// Their sum, minor units of the billing currency.
    pub amount: i128,
}

impl StandIn {
    /// Whether the rules allow it, given what the card has used today.
    ///
    /// # Errors
    /// The response that says why not. A PIN only the issuer can verify, so nothing with one passes.
    pub fn allows(&self, request: &Request, billing: Money, used: Used) -> Result<(), Response> {
        if request.has_pin || request.kind != Kind::Purchase || request.service == Service::Atm {
            return Err(Response::INOPERATIVE);
        }
        if request.service == Service::Ecommerce && !self.ecommerce {
            return Err(Response::INOPERATIVE);
        }
        if billing.minor() > self.most || used.amount.saturating_add(billing.minor()) > self.most_a_day {
            return Err(Response::EXCEEDS_AMOUNT);
        }
        if used.count >= self.count_a_day {
            return Err(Response::EXCEEDS_FREQUENCY);
        }
        Ok(())
    }
}
