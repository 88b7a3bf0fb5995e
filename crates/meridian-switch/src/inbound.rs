//! ISO 8583 to commands. With `outbound`, the only code that knows messages and cards. Field numbers are those of
//! ISO 8583:1987.

use meridian_cards::{Flow, Key, Kind, Request, Response, Service, Tally, Tokeniser, Totals};
use meridian_iso8583::{Draft, Message};
use meridian_terms::{Currency, Day, Money};

/// Why a message cannot be a command: the field that is missing or not understood, and what field 39 says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub(crate) field: u16,
    pub(crate) response: Response,
}

const fn unfit(field: u16) -> Unfit {
    Unfit { field, response: Response::FORMAT }
}

fn text(message: &Message<'_>, field: u16) -> Result<String, Unfit> {
    message.text(field).map(|text| text.trim_end().to_owned()).ok_or(unfit(field))
}

fn or_empty(message: &Message<'_>, field: u16) -> String {
    text(message, field).unwrap_or_default()
}

/// What names a transaction: fields 7, 11, 32, 37, 41.
pub(crate) fn key(message: &Message<'_>) -> Result<Key, Unfit> {
    Ok(Key {
        sent: text(message, 7)?,
        stan: message.number(11).and_then(|stan| u32::try_from(stan).ok()).ok_or(unfit(11))?,
        institution: text(message, 32)?,
        rrn: or_empty(message, 37),
        terminal: or_empty(message, 41),
    })
}

/// What a reversal or completion is about: field 90 with this message's fields 37 and 41.
pub(crate) fn original(message: &Message<'_>) -> Result<Option<Key>, Unfit> {
    if !message.has(90) {
        return Ok(None);
    }
    let elements: String = match message.text(90) {
        Some(text) => text.into_owned(),
        None => message
            .parts(90)
            .iter()
            .map(|part| part.value.text().map(std::borrow::Cow::into_owned))
            .collect::<Option<_>>()
            .ok_or(unfit(90))?,
    };
    let at = |from: usize, until: usize| elements.get(from..until).ok_or(unfit(90));
    let institution = at(20, 31)?.trim_start_matches('0');
    Ok(Some(Key {
        sent: at(10, 20)?.to_owned(),
        stan: at(4, 10)?.parse().map_err(|_| unfit(90))?,
        institution: if institution.is_empty() { text(message, 32)? } else { institution.to_owned() },
        rrn: or_empty(message, 37),
        terminal: or_empty(message, 41),
    }))
}

/// The card number, from field 2 or before the separator of track 2.
pub(crate) fn account_number(message: &Message<'_>) -> Option<String> {
    if let Some(number) = message.text(2) {
        return Some(number.into_owned());
    }
    let track = message.text(35)?;
    track.split(['=', 'D']).next().map(str::to_owned)
}

/// A request or advice, and the card number beside it.
pub(crate) fn request(message: &Message<'_>, tokeniser: &Tokeniser) -> Result<(Request, String), Unfit> {
    let number = account_number(message).ok_or(unfit(2))?;
    let card = tokeniser.card(&number).ok_or(Unfit { field: 2, response: Response::INVALID_CARD })?;
    let processing_code = text(message, 3)?;
    let kind = Kind::of(&processing_code).ok_or(Unfit { field: 3, response: Response::NOT_PERMITTED })?;
    let category = or_empty(message, 18);
    let entry_mode = or_empty(message, 22);
    let condition = or_empty(message, 25);
    let flow = if message.mti().class() == '1' { Flow::Dual } else { Flow::Single };
    let request = Request {
        key: key(message)?,
        flow,
        kind,
        service: service(&category, &entry_mode, &condition),
        card,
        amount: amount(message, kind)?,
        has_pin: message.has(52),
        processing_code,
        local_time: or_empty(message, 12),
        local_date: or_empty(message, 13),
        category,
        entry_mode,
        condition,
        acceptor: or_empty(message, 42),
        acceptor_name: or_empty(message, 43),
    };
    Ok((request, number))
}

/// Category 6011 is a cash machine; conditions 08 and 59 and entry modes 81x and 10x are commerce without the card.
fn service(category: &str, entry_mode: &str, condition: &str) -> Service {
    if category == "6011" {
        return Service::Atm;
    }
    let is_remote = matches!(condition, "08" | "59");
    if is_remote || entry_mode.starts_with("81") || entry_mode.starts_with("10") {
        return Service::Ecommerce;
    }
    Service::Pos
}

fn amount(message: &Message<'_>, kind: Kind) -> Result<Money, Unfit> {
    let currency = currency(message)?;
    let minor = match message.number(4) {
        Some(minor) => i128::from(minor),
        None if kind == Kind::Inquiry => 0,
        None => return Err(unfit(4)),
    };
    Ok(Money::new(minor, currency))
}

fn currency(message: &Message<'_>) -> Result<Currency, Unfit> {
    let number = text(message, 49)?.parse().map_err(|_| unfit(49))?;
    Currency::from_number(number).map_err(|_| unfit(49))
}

/// Field 95: what still stands after a partial reversal; nothing for a full one.
pub(crate) fn remaining(message: &Message<'_>) -> Result<Option<Money>, Unfit> {
    if !message.has(95) {
        return Ok(None);
    }
    let amounts = match message.text(95) {
        Some(text) => text.into_owned(),
        None => {
            let parts = message.parts(95);
            parts
                .first()
                .and_then(|part| part.value.text().map(std::borrow::Cow::into_owned))
                .ok_or(unfit(95))?
        }
    };
    let minor: i128 = amounts.get(..12).and_then(|digits| digits.parse().ok()).ok_or(unfit(95))?;
    Ok((minor > 0).then_some(Money::new(minor, currency(message)?)))
}

/// Fields 74 to 81 and 86 to 89; absent is nothing.
pub(crate) fn totals(message: &Message<'_>) -> Totals {
    let tally = |count: u16, amount: u16| Tally {
        count: message.number(count).unwrap_or(0),
        amount: i128::from(message.number(amount).unwrap_or(0)),
    };
    Totals {
        credits: tally(74, 86),
        credit_reversals: tally(75, 87),
        debits: tally(76, 88),
        debit_reversals: tally(77, 89),
        inquiries: message.number(80).unwrap_or(0),
        authorisations: message.number(81).unwrap_or(0),
    }
}

/// Field 15, `MMDD`, as the day nearest to today that is written so.
pub(crate) fn settlement_day(message: &Message<'_>, today: Day) -> Result<Day, Unfit> {
    let written = text(message, 15)?;
    let said = |day: &Day| format!("{:02}{:02}", day.month(), day.of_month()) == written;
    let nearest = (0..=183).flat_map(|days| [today.plus(-days), today.plus(days)]).find(said);
    nearest.ok_or(unfit(15))
}

/// The answer to a message, with the fields every answer repeats; what it says is set later.
pub(crate) fn answer(message: &Message<'_>) -> Option<Draft> {
    const REPEATED: [u16; 18] = [2, 3, 4, 7, 11, 12, 13, 15, 25, 32, 33, 37, 41, 42, 49, 66, 70, 90];
    let mti = message.mti().answer()?;
    Some(only(message, &REPEATED).with_mti(mti.as_str()))
}

/// A message's fields that are named, in a message without the others.
pub(crate) fn only(message: &Message<'_>, fields: &[u16]) -> Draft {
    let all = Draft::of(message).with_bitmaps(1);
    let others = message.fields().filter(|field| !fields.contains(field));
    others.fold(all, Draft::without)
}
