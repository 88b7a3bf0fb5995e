//! The names of materials that customs law itself defines, as goods codes.
//!
//! Source: Pan-Euro-Mediterranean Convention, appendix I, annex I, introductory note 4 (natural fibres, man-made
//! staple fibres, textile pulp, chemical and paper-making materials); Harmonized System 2022 headings for the
//! rest. A name that is not here is a fact about the material, stated in the bill.

/// The codes a name stands for: prefixes or ranges of prefixes, both ends included.
type Entry = (&'static str, &'static [(&'static str, &'static str)]);

const NAMES: [Entry; 46] = [
    ("animals", &[("01", "01")]),
    ("artificial filament yarn", &[("5403", "5403"), ("5405", "5405")]),
    ("butter", &[("0405", "0405")]),
    ("carpets", &[("57", "57")]),
    ("cereals", &[("10", "10")]),
    ("chemical materials", &[("28", "39")]),
    ("cocoa", &[("18", "18")]),
    ("coir yarn", &[("530810", "530810")]),
    ("cotton", &[("5201", "5203")]),
    ("durum wheat", &[("100111", "100119")]),
    ("eggs", &[("0407", "0408")]),
    ("fabric", FABRIC),
    ("fish", &[("03", "03")]),
    ("flax", &[("5301", "5301")]),
    ("flour", &[("1101", "1102")]),
    ("fruit", &[("0803", "0814")]),
    ("grapes", &[("080610", "080610")]),
    ("hides", &[("4101", "4103")]),
    ("jute yarn", &[("5307", "5307")]),
    ("maize", &[("1005", "1005")]),
    ("man-made staple fibres", &[("5501", "5507")]),
    ("man-made staple fibres, not carded or combed or otherwise prepared for spinning", &[("5501", "5505")]),
    ("man-made staple fibres, not carded or combed or otherwise processed for spinning", &[("5501", "5505")]),
    ("meat", &[("0201", "0210")]),
    ("milk", &[("0401", "0402")]),
    ("molasses", &[("1703", "1703")]),
    ("natural fibres", NATURAL_FIBRES),
    ("natural fibres, not carded or combed or otherwise prepared for spinning", RAW_FIBRES),
    ("natural fibres, not carded or combed or otherwise processed for spinning", RAW_FIBRES),
    ("nuts", &[("0801", "0802")]),
    ("other natural fibres, not carded or combed or otherwise prepared for spinning", RAW_FIBRES),
    ("other natural fibres, not carded or combed or otherwise processed for spinning", RAW_FIBRES),
    ("paper-making materials", &[("47", "47")]),
    ("paper", &[("4801", "4823")]),
    ("raw silk", &[("5002", "5002")]),
    ("rice", &[("1006", "1006")]),
    ("rubber", &[("4001", "4005")]),
    ("silk waste", &[("5003", "5003")]),
    ("sugar", &[("1701", "1701")]),
    ("synthetic filament yarn", &[("5402", "5402"), ("5404", "5404")]),
    ("synthetic or artificial filament yarn", &[("5402", "5405")]),
    ("tanned hides", &[("4104", "4106")]),
    ("textile pulp", &[("4701", "4706")]),
    ("tobacco", &[("2401", "2401")]),
    ("vegetables", &[("0701", "0714")]),
    ("yarn", YARN),
];

const RAW_FIBRES: &[(&str, &str)] =
    &[("0511", "0511"), ("5002", "5003"), ("5101", "5103"), ("5201", "5202"), ("5301", "5305")];

const NATURAL_FIBRES: &[(&str, &str)] =
    &[("0511", "0511"), ("5002", "5003"), ("5101", "5105"), ("5201", "5203"), ("5301", "5305")];

const YARN: &[(&str, &str)] = &[
    ("5004", "5006"),
    ("5106", "5110"),
    ("5204", "5207"),
    ("5306", "5308"),
    ("5401", "5406"),
    ("5508", "5511"),
    ("5604", "5606"),
];

const FABRIC: &[(&str, &str)] = &[
    ("5007", "5007"),
    ("5111", "5113"),
    ("5208", "5212"),
    ("5309", "5311"),
    ("5407", "5408"),
    ("5512", "5516"),
    ("5602", "5603"),
    ("58", "60"),
];

/// Whether a code answers to a name the lexicon defines; `None` when it does not define it.
pub(crate) fn answers(name: &str, code: &str) -> Option<bool> {
    let (_, ranges) = NAMES.iter().find(|(known, _)| *known == name)?;
    Some(ranges.iter().any(|(from, to)| within(code, from, to)))
}

/// Whether a code lies in a range of prefixes, both ends included.
pub(crate) fn within(code: &str, from: &str, to: &str) -> bool {
    code.get(..from.len()).is_some_and(|prefix| from <= prefix && prefix <= to)
}

/// Whether a code is an earlier stage of the textile material a rule names: fibres for yarn, fibres and yarn
/// for fabric. Source: introductory note 3.3 (a material may be used at an earlier stage than the one named).
pub(crate) fn earlier(name: &str, code: &str) -> bool {
    let any = |ranges: &[(&str, &str)]| ranges.iter().any(|(from, to)| within(code, from, to));
    let fibre = any(NATURAL_FIBRES) || within(code, "5501", "5507");
    if name.ends_with("yarn") {
        fibre
    } else if name.ends_with("fabric") || name.ends_with("cloth") {
        fibre || any(YARN)
    } else {
        false
    }
}

/// Whether the lexicon knows a name.
pub(crate) fn defines(name: &str) -> bool {
    NAMES.iter().any(|(known, _)| *known == name)
}
