//! Amounts, rates, counts and charges.

use meridian_terms::{Currency, Decimal, Money};

use crate::document::Element;

/// An active ISO 4217 currency that settles: no commodity, no testing code.
pub(super) fn currency(element: &Element<'_, '_>) -> Option<String> {
    Currency::parse(element.currency()?).err().map(|refusal| refusal.what)
}

/// No more decimals than the currency has.
pub(super) fn decimals(element: &Element<'_, '_>) -> Option<String> {
    let currency = Currency::parse(element.currency()?).ok()?;
    let written = Decimal::parse(element.text().trim()).ok()?;
    Money::from_decimal(&written, currency).err().map(|refusal| refusal.what)
}

/// A rate is told when the instructed amount is in another currency than the settled one.
pub(super) fn exchange_rate(transaction: &Element<'_, '_>) -> Option<String> {
    let instructed = transaction.find("InstdAmt")?.currency()?;
    let settled = transaction.find("IntrBkSttlmAmt")?.currency()?;
    (instructed != settled && transaction.find("XchgRate").is_none())
        .then(|| format!("{instructed} was instructed, {settled} settles, and no XchgRate is told"))
}

/// An initiation's equivalent amount is told in another currency than the one transferred: ISO 20022,
/// EquivalentAmount2.
pub(super) fn equivalent(transaction: &Element<'_, '_>) -> Option<String> {
    let element = transaction.find("Amt/EqvtAmt")?;
    let told = element.find("Amt")?.currency()?;
    let transferred = element.value("CcyOfTrf")?;
    (told == transferred)
        .then(|| format!("an equivalent of {transferred} in {told} is the amount itself: use InstdAmt"))
}

/// The number of transactions is a whole number.
pub(super) fn is_a_number(group: &Element<'_, '_>) -> Option<String> {
    let text = group.value("NbOfTxs")?;
    text.parse::<u32>().is_err().then(|| format!("{text:?} transactions"))
}

/// The number of transactions is how many there are.
pub(super) fn counted(message: &Element<'_, '_>) -> Option<String> {
    let told: usize = message.value("GrpHdr/NbOfTxs")?.parse().ok()?;
    let there = message.all("CdtTrfTxInf").count();
    (told != there).then(|| format!("NbOfTxs says {told} and there are {there}"))
}

/// The control sum is the sum of the settled amounts.
pub(super) fn control_sum(message: &Element<'_, '_>) -> Option<String> {
    let told = Decimal::parse(message.value("GrpHdr/CtrlSum")?).ok()?;
    let amounts = message.all("CdtTrfTxInf").map(|transaction| transaction.value("IntrBkSttlmAmt"));
    let mut sum = Decimal::parse("0").ok()?;
    for amount in amounts {
        sum = sum.checked_add(&Decimal::parse(amount?).ok()?)?;
    }
    (sum != told).then(|| format!("CtrlSum says {told} and the amounts make {sum}"))
}

/// One message, one payment.
pub(super) fn one_transaction(message: &Element<'_, '_>) -> Option<String> {
    let there = message.all("CdtTrfTxInf").count();
    (there != 1).then(|| format!("{there} transactions, exactly 1"))
}

/// When the creditor bears the charges, those taken so far are told.
pub(super) fn creditor_charges(transaction: &Element<'_, '_>) -> Option<String> {
    (transaction.value("ChrgBr") == Some("CRED")
        && transaction.find("IntrBkSttlmAmt").is_some()
        && transaction.find("ChrgsInf").is_none())
    .then(|| "the creditor bears the charges and no ChrgsInf tells them".to_owned())
}

/// Nexus shares charges.
pub(super) fn shared(element: &Element<'_, '_>) -> Option<String> {
    (element.text() != "SHAR").then(|| "Nexus shares charges: SHAR".to_owned())
}

/// Nexus: one unstructured line, and at most 9,000 characters of structured remittance.
pub(super) fn remittance(element: &Element<'_, '_>) -> Option<String> {
    let lines = element.all("Ustrd").count();
    if lines > 1 {
        return Some(format!("{lines} unstructured lines, at most 1"));
    }
    let length: usize = element.all("Strd").map(|structured| structured.raw().chars().count()).sum();
    (length > 9_000).then(|| format!("{length} characters of structured remittance, at most 9,000"))
}

/// FedNow settles in US dollars.
pub(super) fn dollars(element: &Element<'_, '_>) -> Option<String> {
    let currency = element.currency()?;
    (currency != "USD").then(|| format!("{currency}: FedNow settles in USD"))
}
