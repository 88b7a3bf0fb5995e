//! Percentages and what they are taken of.

use meridian_terms::Decimal;

use super::cursor::Cursor;
use crate::origin::rule::{Base, Share};

/// "does not exceed 40% of the ex-works price of the product or 45% of its FOB value".
pub(super) fn limit(cursor: &mut Cursor) -> Option<Vec<Share>> {
    if !cursor.eat_any(&[
        "does|do|must|may|shall|will not exceed|exceeds",
        "cannot exceed",
        "not exceeding",
        "is|are|must|shall not|no be? more|higher|greater than",
        "does|do|must|shall not make up|represent? more than",
        "is|are|must|shall be? limited to",
        "not exceed",
    ]) {
        return None;
    }
    shares(cursor)
}

pub(super) fn shares(cursor: &mut Cursor) -> Option<Vec<Share>> {
    let _ = cursor.eat("a? limit|maximum? of");
    let mut found = Vec::new();
    loop {
        let start = cursor.at;
        if !found.is_empty() && !cursor.eat("or") {
            break;
        }
        let Some(more) = cursor.attempt(|cursor| {
            let percent = percent(cursor)?;
            Some(bases(cursor)?.into_iter().map(|of| Share { percent, of }).collect::<Vec<_>>())
        }) else {
            cursor.at = start;
            break;
        };
        found.extend(more);
    }
    (!found.is_empty()).then_some(found)
}

pub(super) fn percent(cursor: &mut Cursor) -> Option<Decimal> {
    let number = Decimal::parse(cursor.peek()).ok()?;
    cursor.at += 1;
    cursor.eat_any(&["%", "per cent", "percent"]).then_some(number)
}

/// "of the ex-works price of the product", "of the Free on Board (FOB) cost of the goods", or either.
pub(super) fn bases(cursor: &mut Cursor) -> Option<Vec<Base>> {
    if cursor.eat_any(&["( exw )", "exw"]) {
        return Some(vec![Base::ExWorks]);
    }
    if cursor.eat_any(&["( fob )", "fob"]) {
        return Some(vec![Base::FreeOnBoard]);
    }
    if !cursor.eat_any(&["of|in|by"]) {
        return None;
    }
    let _ = cursor.eat("either");
    let mut found = Vec::new();
    loop {
        let _ = cursor.eat("the|its|their");
        let base = if cursor.eat_any(&[
            "value of the ex-works price",
            "ex-works|ex-work|exworks|ex-factory price|value|prices",
            "ex works|work price",
            "exw price?",
        ]) {
            let _ = cursor.eat("( exw )");
            Base::ExWorks
        } else if cursor.eat_any(&[
            "free on board (? fob? )? cost|value|price?",
            "free on-board (? fob? )? cost|value|price?",
            "free-on-board (? fob? )? cost|value|price?",
            "fob (? free? on? board? )? cost|value|price?",
            "value of the good|goods|product",
            "adjusted|transaction value",
        ]) {
            let _ = cursor.eat("( fob )");
            let _ = cursor.eat("cost|value|price");
            Base::FreeOnBoard
        } else if cursor.eat("net cost") {
            Base::NetCost
        } else if cursor.eat_any(&["total|net? weight", "by weight"]) {
            Base::Weight
        } else {
            return None;
        };
        found.push(base);
        let start = cursor.at;
        if !(cursor.eat("or")
            && cursor.sees_any(&[
                "the? free-on-board",
                "the? fob",
                "the? free on",
                "the? ex-works",
                "the? exw",
            ]))
        {
            cursor.at = start;
            break;
        }
    }
    let _ = cursor.eat_any(&["of|for the|these|those? final|finished|originating? product|good|goods|products|set|article|articles|product.", "of it"]);
    Some(found)
}
