//! JSON, XML and a page to print, from one record: the three never say different things.

use std::fmt::Write;

use super::{Declaration, DocumentReference, Goods, Line, Trader};

/// A value of the record.
enum Item {
    Text(String),
    Number(usize),
    Record(Vec<(&'static str, Item)>),
    /// The name of one element, and the elements.
    List(&'static str, Vec<Item>),
}

fn text(value: &impl ToString) -> Item {
    Item::Text(value.to_string())
}

impl Declaration {
    fn record(&self) -> Item {
        let shipment = self.shipment();
        let goods = self.lines().iter().zip(&shipment.goods).map(|(line, goods)| line_record(line, goods));
        Item::Record(vec![
            ("reference", text(&shipment.reference)),
            ("procedure", text(&shipment.procedure.name())),
            ("day", text(&shipment.day)),
            ("office", text(&shipment.office)),
            ("exporter", trader_record(&shipment.exporter)),
            ("consignee", trader_record(&shipment.consignee)),
            ("declarant", trader_record(&shipment.declarant)),
            ("country_of_dispatch", text(&shipment.from)),
            ("country_of_destination", text(&shipment.to)),
            ("delivery_terms", text(&shipment.delivery_terms)),
            ("transport", text(&shipment.transport)),
            ("currency", text(&self.customs_value().currency())),
            ("customs_value", text(&self.customs_value().amount())),
            ("charges", text(&self.charges().amount())),
            ("lines", Item::List("line", goods.collect())),
        ])
    }

    /// The declaration as one JSON document.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        json(&self.record(), &mut out);
        out
    }

    /// The declaration as an XML document with a root `declaration`.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        xml("declaration", &self.record(), 0, &mut out);
        out
    }

    /// The declaration as one page to print: no script, nothing fetched.
    #[must_use]
    pub fn to_html(&self) -> String {
        let shipment = self.shipment();
        let mut out = String::from(PAGE_HEAD);
        let title = format!("{} declaration {}", shipment.procedure.name(), shipment.reference);
        let _ = write!(
            out,
            "<title>{0}</title></head><body><h1>{0}</h1><table class=\"facts\">",
            escaped(&title)
        );
        let mut fact = |name: &str, value: String| {
            let _ = write!(out, "<tr><th>{name}</th><td>{}</td></tr>", escaped(&value));
        };
        fact("Day", shipment.day.to_string());
        fact("Office", shipment.office.clone());
        fact("Exporter", one_line(&shipment.exporter));
        fact("Consignee", one_line(&shipment.consignee));
        fact("Declarant", one_line(&shipment.declarant));
        fact("Route", format!("{} to {}, {}", shipment.from, shipment.to, shipment.transport));
        fact("Delivery terms", shipment.delivery_terms.clone());
        out.push_str("</table><table class=\"lines\"><thead><tr>");
        for column in [
            "No",
            "Code",
            "Goods",
            "Origin",
            "Packages",
            "Gross",
            "Net",
            "Price",
            "Customs value",
            "Charges",
            "Documents",
        ] {
            let _ = write!(out, "<th>{column}</th>");
        }
        out.push_str("</tr></thead><tbody>");
        for (line, goods) in self.lines().iter().zip(&shipment.goods) {
            let documents: Vec<String> = goods.documents.iter().map(document_words).collect();
            let supplementary =
                goods.supplementary.map_or_else(String::new, |quantity| format!(" ({quantity})"));
            let cells = [
                line.number.to_string(),
                goods.code.to_string(),
                goods.description.clone(),
                goods.origin.to_string(),
                goods.packages.clone(),
                goods.gross.to_string(),
                format!("{}{supplementary}", goods.net),
                goods.price.to_string(),
                line.customs_value.to_string(),
                line.charges.to_string(),
                documents.join(", "),
            ];
            out.push_str("<tr>");
            for cell in cells {
                let _ = write!(out, "<td>{}</td>", escaped(&cell));
            }
            out.push_str("</tr>");
            for charge in &goods.charges {
                let words =
                    format!("{}: {} on {} = {}", charge.kind, charge.rate, charge.base, charge.amount);
                let _ = write!(
                    out,
                    "<tr class=\"charge\"><td></td><td colspan=\"10\">{}</td></tr>",
                    escaped(&words)
                );
            }
        }
        let _ = writeln!(
            out,
            "</tbody><tfoot><tr><td colspan=\"8\">Total</td><td>{}</td><td>{}</td><td></td></tr></tfoot></table>\
             </body></html>",
            escaped(&self.customs_value().to_string()),
            escaped(&self.charges().to_string())
        );
        out
    }
}

const PAGE_HEAD: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><style>\
    body{font:10pt/1.35 serif;margin:15mm}table{border-collapse:collapse;width:100%;margin-bottom:6mm}\
    th,td{border:0.3pt solid #444;padding:1mm 1.5mm;text-align:left;vertical-align:top}\
    .facts th{width:35mm}.charge td{border-top:0;color:#333}tfoot td{font-weight:bold}\
    @page{size:A4 landscape}</style>";

fn one_line(trader: &Trader) -> String {
    let number = trader.number.as_deref().map_or_else(String::new, |number| format!(" ({number})"));
    format!("{}{number}, {}, {}", trader.name, trader.address, trader.country)
}

fn document_words(document: &DocumentReference) -> String {
    format!("{} {} of {}", document.kind, document.number, document.day)
}

fn trader_record(trader: &Trader) -> Item {
    let mut record = vec![("name", text(&trader.name))];
    record.extend(trader.number.as_ref().map(|number| ("number", text(&number))));
    record.push(("address", text(&trader.address)));
    record.push(("country", text(&trader.country)));
    Item::Record(record)
}

fn line_record(line: &Line, goods: &Goods) -> Item {
    let documents = goods.documents.iter().map(|document| {
        Item::Record(vec![
            ("kind", text(&document.kind)),
            ("number", text(&document.number)),
            ("day", text(&document.day)),
        ])
    });
    let charges = goods.charges.iter().map(|charge| {
        Item::Record(vec![
            ("kind", text(&charge.kind)),
            ("base", text(&charge.base)),
            ("rate", text(&charge.rate)),
            ("amount", text(&charge.amount.amount())),
        ])
    });
    let mut record = vec![
        ("number", Item::Number(line.number)),
        ("code", text(&goods.code)),
        ("description", text(&goods.description)),
        ("country_of_origin", text(&goods.origin)),
        ("packages", text(&goods.packages)),
        ("gross_mass", text(&goods.gross)),
        ("net_mass", text(&goods.net)),
    ];
    record.extend(goods.supplementary.map(|quantity| ("supplementary_quantity", text(&quantity))));
    record.push(("price", text(&goods.price.amount())));
    record.push(("price_currency", text(&goods.price.currency())));
    record.push(("customs_value", text(&line.customs_value.amount())));
    record.extend(goods.preference.as_ref().map(|preference| ("preference", text(&preference))));
    record.push(("documents", Item::List("document", documents.collect())));
    record.push(("charges", Item::List("charge", charges.collect())));
    Item::Record(record)
}

fn json(item: &Item, out: &mut String) {
    match item {
        Item::Text(value) => json_string(value, out),
        Item::Number(value) => {
            let _ = write!(out, "{value}");
        }
        Item::Record(fields) => {
            out.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                json_string(name, out);
                out.push(':');
                json(value, out);
            }
            out.push('}');
        }
        Item::List(_, items) => {
            out.push('[');
            for (index, value) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                json(value, out);
            }
            out.push(']');
        }
    }
}

/// RFC 8259, section 7.
fn json_string(value: &str, out: &mut String) {
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

fn xml(name: &str, item: &Item, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match item {
        Item::Text(value) => {
            let _ = writeln!(out, "{indent}<{name}>{}</{name}>", escaped(value));
        }
        Item::Number(value) => {
            let _ = writeln!(out, "{indent}<{name}>{value}</{name}>");
        }
        Item::Record(fields) => {
            let _ = writeln!(out, "{indent}<{name}>");
            for (field, value) in fields {
                xml(field, value, depth + 1, out);
            }
            let _ = writeln!(out, "{indent}</{name}>");
        }
        Item::List(element, items) => {
            let _ = writeln!(out, "{indent}<{name}>");
            for value in items {
                xml(element, value, depth + 1, out);
            }
            let _ = writeln!(out, "{indent}</{name}>");
        }
    }
}

/// Text for XML and HTML. Characters XML 1.0 cannot carry at all become U+FFFD; a carriage return is written as
/// a reference, since a parser would turn a bare one into a line feed (XML 1.0, section 2.11).
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(character),
            c if u32::from(c) < 0x20 || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
