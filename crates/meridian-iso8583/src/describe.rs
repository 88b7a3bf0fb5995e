//! A message for people: names, values, and card data masked unless it is asked for.

use std::borrow::Cow;

use crate::composite::{Composite, unhex};
use crate::content::{Content, is_printable};
use crate::field::{Field, Secret};
use crate::message::{Message, Value};
use crate::tlv::{Tlvs, hex, is_sensitive};

/// Whether card data is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    /// Card numbers as their first six and last four digits; tracks, PIN blocks and the like not at all.
    Masked,
    /// Everything, as it is.
    Clear,
}

/// A field or subfield, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `4`, `127.25`, `55.9F26`.
    pub path: String,
    /// The data element's name; empty where the dialect has none.
    pub name: String,
    /// The value; hexadecimal where [`Row::is_hex`].
    pub value: String,
    /// Whether the value stands for bytes.
    pub is_hex: bool,
    /// Whether content `b` (else bytes within a text field): what a reader takes back as plain hexadecimal.
    pub is_binary_field: bool,
    /// Whether the value is also within the row of the field it is part of.
    pub is_detail: bool,
}

impl Message<'_> {
    /// All fields and subfields in their order.
    #[must_use]
    pub fn describe(&self, showing: Showing) -> Vec<Row> {
        let mut rows = Vec::new();
        for number in self.fields() {
            if let Some(value) = self.value(number) {
                let secret = value.field().secret;
                let path = number.to_string();
                describe(&path, &value.field().name, &value, secret, showing, false, &mut rows);
            }
        }
        rows
    }
}

fn describe(
    path: &str,
    name: &str,
    value: &Value<'_>,
    secret: Secret,
    showing: Showing,
    is_detail: bool,
    rows: &mut Vec<Row>,
) {
    let field = value.field();
    // Only bitmapped subfields stand for their field: the bitmap follows from them.
    let split = matches!(field.composite, Some(Composite::Bitmapped { .. })) && secret == Secret::No;
    if !split {
        let (text, is_hex) = shown(value, secret, showing);
        let is_binary_field = field.content == Content::Bytes;
        let (path, name) = (path.to_owned(), name.to_owned());
        rows.push(Row { path, name, value: text, is_hex, is_binary_field, is_detail });
    }
    if secret == Secret::No || showing == Showing::Clear {
        for part in value.parts() {
            let path = format!("{path}.{}", part.tag);
            describe(&path, part.name, &part.value, part.secret, showing, is_detail || !split, rows);
        }
    }
}

/// The value as text or hexadecimal, masked where it must be.
fn shown(value: &Value<'_>, secret: Secret, showing: Showing) -> (String, bool) {
    let text = if value.field().content == Content::Bytes { None } else { value.text() };
    let Some(text) = text else {
        let data = value.data();
        let clear = showing == Showing::Clear;
        return (if clear { hex(&data) } else { mask_bytes(&data, value.field(), secret) }, true);
    };
    let text = match (showing, secret) {
        (Showing::Clear, _) => text.into_owned(),
        (_, Secret::AccountNumber) => mask_number(&text),
        (_, Secret::Track) => mask_track(&text),
        (_, Secret::Account) => mask_all_but_last(&text, 4),
        (_, Secret::All) => "*".repeat(text.len()),
        (_, Secret::Chip) => match unhex(text.as_bytes()).filter(|data| Tlvs::check(data).is_ok()) {
            Some(data) => mask_tlv(&data),
            None => mask_account_numbers(&text).into_owned(),
        },
        // Subfields with secrets of their own hide them within the whole too.
        (_, Secret::No) => mask_account_numbers(&mask_parts(value, &text)).into_owned(),
    };
    (text, false)
}

/// The text of a composite field with its secret subfields starred out. Where a subfield's place cannot be told from
/// characters (packed digits), nothing is shown.
fn mask_parts(value: &Value<'_>, text: &str) -> String {
    let parts = value.parts();
    if parts.iter().all(|part| part.secret == Secret::No) {
        return text.to_owned();
    }
    let wire = value.wire();
    if wire.len() != text.len() {
        return "*".repeat(text.len());
    }
    let mut characters: Vec<char> = text.chars().collect();
    for part in parts.iter().filter(|part| part.secret != Secret::No) {
        characters.iter_mut().skip(part.offset).take(part.value.wire().len()).for_each(|c| *c = '*');
    }
    characters.into_iter().collect()
}

fn mask_bytes(data: &[u8], field: &Field, secret: Secret) -> String {
    // Chip data that is no BER-TLV may be anything: `mask_tlv` shows none of it.
    if secret == Secret::Chip || field.composite == Some(Composite::Tlv) {
        return mask_tlv(data);
    }
    if secret != Secret::No {
        return "*".repeat(data.len() * 2);
    }
    // Bytes in a text field may be text with card numbers in it: those are hidden, whatever else is there.
    let text: String =
        data.iter().map(|byte| if is_printable(*byte) { char::from(*byte) } else { ' ' }).collect();
    let masked = mask_account_numbers(&text);
    let pair =
        |(byte, masked): (&u8, u8)| if masked == b'*' && *byte != b'*' { "**".into() } else { hex(&[*byte]) };
    data.iter().zip(masked.bytes()).map(pair).collect()
}

/// Chip data as hexadecimal, the values of sensitive tags starred out at any depth.
fn mask_tlv(data: &[u8]) -> String {
    let mut masked: Vec<String> = data.iter().map(|byte| hex(&[*byte])).collect();
    star_sensitive(data, 0, &mut masked, 0);
    masked.concat()
}

fn star_sensitive(data: &[u8], base: usize, masked: &mut [String], depth: u8) {
    if Tlvs::check(data).is_err() {
        // Not data objects after all: nothing tells what it holds.
        masked[base..base + data.len()].iter_mut().for_each(|pair| *pair = "**".into());
        return;
    }
    for object in Tlvs::new(data).map_while(Result::ok) {
        let at = base + object.value_offset;
        if is_sensitive(object.tag) || (object.is_constructed() && depth >= 8) {
            masked[at..at + object.value.len()].iter_mut().for_each(|pair| *pair = "**".into());
        } else if object.is_constructed() {
            star_sensitive(object.value, at, masked, depth + 1);
        }
    }
}

fn mask_number(number: &str) -> String {
    let length = number.len();
    if length < 13 {
        return mask_all_but_last(number, 4);
    }
    let keep = |at: usize| at < 6 || at + 4 >= length;
    number.char_indices().map(|(at, c)| if keep(at) { c } else { '*' }).collect()
}

fn mask_all_but_last(text: &str, last: usize) -> String {
    let length = text.len();
    if length <= last {
        return "*".repeat(length);
    }
    text.char_indices().map(|(at, c)| if at + last >= length { c } else { '*' }).collect()
}

/// A track up to its first separator, the card number masked; nothing behind it.
fn mask_track(track: &str) -> String {
    let start = track.find(|c: char| c.is_ascii_digit()).unwrap_or(track.len());
    let digits = track[start..].find(|c: char| !c.is_ascii_digit()).unwrap_or(track.len() - start);
    let number = &track[start..start + digits];
    // A card number has 19 digits at most; more are not one, and fewer than 13 may be anything.
    let number = if (13..=19).contains(&digits) { mask_number(number) } else { "*".repeat(digits) };
    format!("{}{number}{}", "*".repeat(start), "*".repeat(track.len() - start - digits))
}

/// Free text with every run of 13 to 19 digits that passes the Luhn check masked as a card number.
///
/// ```
/// use meridian_iso8583::mask_account_numbers;
/// assert_eq!(mask_account_numbers("card 4111111111111111 ok"), "card 411111******1111 ok");
/// assert_eq!(mask_account_numbers("reference 4111111111111112"), "reference 4111111111111112");
/// ```
#[must_use]
pub fn mask_account_numbers(text: &str) -> Cow<'_, str> {
    let mut masked: Option<String> = None;
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()).map(|found| at + found) {
        let end = text[start..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |found| start + found);
        let run = &text[start..end];
        if (13..=19).contains(&run.len()) && passes_luhn(run) {
            masked.get_or_insert_with(|| text.to_owned()).replace_range(start..end, &mask_number(run));
        }
        at = end;
    }
    masked.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// ISO/IEC 7812-1, annex B.
fn passes_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let figure = u32::from(digit & 15);
            match (at % 2, figure) {
                (0, _) => figure,
                (_, 5..) => figure * 2 - 9,
                _ => figure * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}
