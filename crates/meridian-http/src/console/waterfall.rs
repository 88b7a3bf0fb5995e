//! The landed cost as a waterfall, drawn: each row a step from where the one before it ended.

use std::fmt::Write as _;

use meridian_tariff::assess::{Choice, Row};

use super::asked::{doubt, escaped};

const WIDTH: i128 = 440;
const STEP: usize = 54;

/// Draws a way's rows. `widest` is the landed cost of the dearest way, so that ways side by side are to one scale.
pub(super) fn waterfall(choice: &Choice, widest: i128) -> String {
    let height = STEP * (choice.rows.len() + 1);
    let mut svg = format!(
        "<svg class=\"fall\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Landed cost, {}\">",
        escaped(&choice.basis)
    );
    let across = |minor: i128| minor.clamp(0, widest.max(1)) * WIDTH / widest.max(1);
    let mut reached = 0_i128;
    for (number, row) in choice.rows.iter().enumerate() {
        let top = number * STEP;
        let (from, to) = (across(reached), across(reached + row.amount.minor()));
        let kind = kind(row.name);
        let mark = match doubt(row.inputs.iter().map(String::as_str).chain([row.reference.as_str()])) {
            "" => String::new(),
            doubt => format!("<tspan class=\"doubt\"> {doubt}</tspan>"),
        };
        let _ = write!(
            svg,
            "<text class=\"what\" x=\"0\" y=\"{}\">{}{mark}</text><text class=\"how-much\" x=\"{WIDTH}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <text class=\"law\" x=\"0\" y=\"{}\">{}<title>{}</title></text>\
             <rect class=\"step {kind}\" x=\"{from}\" y=\"{}\" width=\"{}\" height=\"10\" rx=\"2\"/>",
            top + 13,
            escaped(row.name),
            top + 13,
            row.amount,
            top + 27,
            escaped(&shortened(&row.sentence)),
            escaped(&row.sentence),
            top + 33,
            (to - from).max(1)
        );
        // The next step begins where this one ends.
        let _ = write!(svg, "<path class=\"drop\" d=\"M{to} {}V{}\"/>", top + 43, top + STEP + 33);
        reached += row.amount.minor();
    }
    let top = choice.rows.len() * STEP;
    let _ = write!(
        svg,
        "<text class=\"what\" x=\"0\" y=\"{}\">landed</text><text class=\"how-much\" x=\"{WIDTH}\" y=\"{}\" text-anchor=\"end\">{}</text>\
         <text class=\"law\" x=\"0\" y=\"{}\">customs value, duties, taxes and fee</text>\
         <rect class=\"step landed\" x=\"0\" y=\"{}\" width=\"{}\" height=\"10\" rx=\"2\"/></svg>",
        top + 13,
        top + 13,
        choice.landed,
        top + 27,
        top + 33,
        across(choice.landed.minor()).max(1)
    );
    svg
}

/// The class of a row, by which it is coloured.
fn kind(name: &str) -> &'static str {
    match name {
        "customs value" => "value",
        "duty" => "duty",
        "excise" => "excise",
        "VAT" => "vat",
        name if name.contains("fee") => "fee",
        _ => "remedy",
    }
}

/// What fits below the name; the whole is in the row's title and in the table.
fn shortened(sentence: &str) -> String {
    const MOST: usize = 64;
    if sentence.chars().count() <= MOST {
        return sentence.to_owned();
    }
    let kept: String = sentence.chars().take(MOST - 1).collect();
    format!("{}\u{2026}", kept.trim_end())
}

/// A row's figures for the table.
pub(super) struct RowShown {
    pub(super) name: &'static str,
    pub(super) base: String,
    pub(super) sentence: String,
    pub(super) inputs: Vec<String>,
    pub(super) working: String,
    /// In major units, before rounding.
    pub(super) exact: String,
    pub(super) amount: String,
    pub(super) reference: String,
    pub(super) doubt: &'static str,
}

impl RowShown {
    pub(super) fn of(row: &Row) -> Self {
        let minor = 10_i128.pow(u32::from(row.amount.currency().exponent()));
        let exact = row.exact.checked_div(&meridian_terms::Ratio::whole(minor));
        Self {
            name: row.name,
            base: row.base.map_or_else(String::new, |base| base.to_string()),
            sentence: row.sentence.clone(),
            inputs: row.inputs.clone(),
            working: row.working.clone(),
            exact: exact.map_or_else(String::new, |exact| exact.to_string()),
            amount: row.amount.to_string(),
            reference: row.reference.clone(),
            doubt: doubt(row.inputs.iter().map(String::as_str).chain([row.reference.as_str()])),
        }
    }
}
