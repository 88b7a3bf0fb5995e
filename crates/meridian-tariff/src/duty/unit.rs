//! Units of measure as tariffs name them, and the exact factors between them.
//!
//! Names follow TARIC's measurement units and qualifiers (Commission, TARIC user guide; the abbreviations are those of
//! the United Kingdom's list) and the supplementary units of the EAEU and the Harmonized Tariff Schedule. Factors are
//! exact: the international pound is 0.45359237 kg, the barrel 42 US gallons of 231 cubic inches, one per cent by
//! volume of a hectolitre is one litre of pure alcohol, a US proof litre half a litre of it.

use std::fmt;

use meridian_terms::{Decimal, Ratio};

/// A unit: of the goods themselves, or of a part of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    row: u8,
    /// `lead content`, when the unit measures a part the table has no name for.
    part: Option<String>,
}

/// A unit of the table: its canonical name, the quantity it measures, and how many of that quantity's first unit it is.
struct Row {
    name: &'static str,
    quantity: &'static str,
    factor: (i128, i128),
    /// Run together, lower case, without strokes; with how many of the unit the word means.
    words: &'static [(&'static str, u32)],
}

const fn row(
    name: &'static str,
    quantity: &'static str,
    factor: (i128, i128),
    words: &'static [(&'static str, u32)],
) -> Row {
    Row { name, quantity, factor, words }
}

#[rustfmt::skip]
const TABLE: [Row; 71] = [
    row("kg", "kg", (1, 1), &[("kgnet", 1), ("kgm", 1), ("dtn", 100), ("tne", 1000), ("kilogram", 1), ("kilograms", 1), ("кг", 1), ("netkg", 1), ("net_kg", 1)]),
    row("t", "kg", (1000, 1), &[("tonne", 1), ("tonnes", 1), ("т", 1), ("metricton", 1), ("ton", 1), ("тонну", 1)]),
    row("g", "kg", (1, 1000), &[("grm", 1), ("г", 1), ("gram", 1)]),
    row("lb", "kg", (45_359_237, 100_000_000), &[("lbs", 1), ("pound", 1)]),
    row("kg gross", "kg gross", (1, 1), &[("kgbr", 1), ("kgbrutto", 1), ("dtng", 100), ("kgmg", 1), ("gkg", 1), ("gross_kg", 1), ("grosskg", 1), ("кгбрутто", 1), ("кгвесабрутто", 1)]),
    row("kg drained", "kg drained", (1, 1), &[("kgnetdrainedwt", 1), ("kgneteda", 1), ("kgeda", 1), ("kgdrainedwt", 1), ("dtne", 100), ("kgme", 1), ("tnee", 1000), ("kgnetdrained", 1), ("kgondrainedweight", 1)]),
    row("kg dry matter", "kg dry matter", (1, 1), &[("kgnetdry", 1), ("kgnetmas", 1), ("kgmas", 1), ("dtnm", 100), ("tnem", 1000), ("kgdry", 1)]),
    row("kg 90% dry", "kg 90% dry", (1, 1), &[("kg90%sdt", 1), ("ksd", 1), ("кг90%св", 1), ("кг90%с", 1)]),
    row("kg standard quality", "kg standard quality", (1, 1), &[("kgstdqual", 1), ("dtnr", 100), ("tner", 1000)]),
    row("kg raw sugar", "kg raw sugar", (1, 1), &[("kgrawsugar", 1), ("dtns", 100), ("kgms", 1)]),
    row("kg lactic matter", "kg lactic matter", (1, 1), &[("kglacticmatter", 1), ("kglactic", 1), ("kgmp", 1), ("dtnp", 100)]),
    row("kg dry lactic matter", "kg dry lactic matter", (1, 1), &[("kgdrylacticmatter", 1), ("kgdrylactic", 1), ("kgmt", 1)]),
    row("kg total alcohol", "kg total alcohol", (1, 1), &[("kgtotalc", 1), ("kgma", 1), ("kgtotalalc", 1)]),
    row("kg live weight", "kg live weight", (1, 1), &[("kgliveweight", 1), ("dtnl", 100)]),
    row("kg common wheat", "kg common wheat", (1, 1), &[("kgcommonwheat", 1), ("dtnf", 100)]),
    row("kg biodiesel", "kg biodiesel", (1, 1), &[("kgbiodiesel", 1), ("tnei", 1000)]),
    row("t biodiesel", "kg biodiesel", (1000, 1), &[("tbiodiesel", 1), ("tonnebiodiesel", 1)]),
    row("kg bioethanol", "kg bioethanol", (1, 1), &[("kgbioethanol", 1), ("tnek", 1000)]),
    row("kg fuel content", "kg fuel content", (1, 1), &[("kgfuelcontent", 1), ("tnej", 1000)]),
    row("kg at % sucrose", "kg at % sucrose", (1, 1), &[("kgnet%sacchar", 1), ("kg%sacchar", 1), ("kgnet%saccha", 1), ("kg%sucrose", 1), ("dtnz", 100), ("tnez", 1000), ("kg1%sucrose", 1)]),
    row("kg clean", "kg clean", (1, 1), &[("kgclean", 1), ("cleankg", 1)]),
    row("kg DHS", "kg DHS", (1, 1), &[("dhs", 1), ("kgdhs", 1)]),
    row("kg N", "kg N", (1, 1), &[("kns_n", 1), ("kni", 1), ("kgn", 1), ("кгn", 1)]),
    row("kg K2O", "kg K2O", (1, 1), &[("kpo", 1), ("kgk2o", 1), ("кгko2", 1), ("кгк2о", 1), ("kgk₂o", 1)]),
    row("kg P2O5", "kg P2O5", (1, 1), &[("kpp", 1), ("kgp2o5", 1), ("кгpo25", 1), ("кгp2o5", 1), ("kgp₂o₅", 1)]),
    row("kg H2O2", "kg H2O2", (1, 1), &[("kns", 1), ("kgh2o2", 1), ("кгh2o2", 1), ("kgh₂o₂", 1)]),
    row("kg NaOH", "kg NaOH", (1, 1), &[("ksh", 1), ("kgnaoh", 1), ("кгnaoh", 1)]),
    row("kg KOH", "kg KOH", (1, 1), &[("kph", 1), ("kgkoh", 1), ("кгkoh", 1)]),
    row("kg U", "kg U", (1, 1), &[("kur", 1), ("kgu", 1), ("кгu", 1)]),
    row("kg methylamines", "kg methylamines", (1, 1), &[("kma", 1), ("kgmethylamines", 1)]),
    row("kg choline chloride", "kg choline chloride", (1, 1), &[("kcc", 1), ("kgcholinechloride", 1), ("kgc5h14clno", 1)]),
    row("t KCl", "t KCl", (1, 1), &[("kcl", 1), ("tonnekcl", 1)]),
    row("t polarised", "t polarised", (1, 1), &[("dap", 10), ("10000kgpolar", 10)]),
    row("g fissile isotopes", "g fissile isotopes", (1, 1), &[("gfi", 1), ("gifs", 1), ("гди", 1)]),
    row("ct", "ct", (1, 1), &[("ctm", 1), ("ck", 1), ("carat", 1), ("carats", 1), ("кар", 1)]),
    row("l", "l", (1, 1), &[("ltr", 1), ("litre", 1), ("liter", 1), ("liters", 1), ("litres", 1), ("л", 1), ("klt", 1000)]),
    row("hl", "l", (100, 1), &[("hlt", 1), ("гл", 1)]),
    row("m3", "l", (1000, 1), &[("mtq", 1), ("м3", 1), ("mtqc", 1000), ("cubicmeter", 1)]),
    row("gal", "l", (3_785_411_784, 1_000_000_000), &[("gallon", 1), ("gallons", 1)]),
    row("bbl", "l", (158_987_294_928, 1_000_000_000), &[("barrel", 1)]),
    row("l pure alcohol", "l pure alcohol", (1, 1), &[("lalc100%", 1), ("lpa", 1), ("lpurealcohol", 1), ("л100%спирта", 1), ("л100%госпирта", 1), ("л100%-госпирта", 1), ("л100процентногоспирта", 1), ("лспирта", 1), ("лбезводногоспирта", 1)]),
    row("hl at % vol", "l pure alcohol", (1, 1), &[("%volhl", 1), ("asvx", 1), ("%volhlt", 1)]),
    row("proof l", "l pure alcohol", (1, 2), &[("pf.liter", 1), ("pfliter", 1), ("proofliter", 1), ("prooflitre", 1), ("pf.litre", 1)]),
    row("l total alcohol", "l total alcohol", (1, 1), &[("ltra", 1), ("ltotalalc", 1), ("ltotalc", 1)]),
    row("% vol", "% vol", (1, 1), &[("asv", 1), ("abv", 1), ("%vol", 1)]),
    row("% sucrose", "% sucrose", (1, 1), &[("brx", 1), ("%sucrose", 1), ("%sacchar", 1)]),
    row("SPR", "SPR", (1, 1), &[("spr", 1), ("sprdiscount", 1)]),
    row("SPQ", "SPQ", (1, 1), &[("spq", 1), ("spqlpa", 1), ("spqltr", 1)]),
    row("pcs", "pcs", (1, 1), &[("item", 1), ("items", 1), ("pst", 1), ("nar", 1), ("no", 1), ("each", 1), ("piece", 1), ("pieces", 1), ("шт", 1), ("штуку", 1), ("штук", 1), ("cen", 100), ("mil", 1000), ("thousand", 1000), ("тысячуштук", 1000), ("head", 1), ("unit", 1)]),
    row("doz", "pcs", (12, 1), &[("dozen", 1), ("doz.pieces", 1)]),
    row("gross", "pcs", (144, 1), &[("grossofpieces", 1)]),
    row("pairs", "pairs", (1, 1), &[("pa", 1), ("npr", 1), ("pair", 1), ("pr", 1), ("prs", 1), ("пару", 1), ("пара", 1), ("пар", 1), ("пары", 1), ("mpr", 1000)]),
    row("doz pairs", "pairs", (12, 1), &[("doz.pr", 1), ("dozpr", 1), ("doz.prs", 1), ("dozprs", 1), ("dozpairs", 1), ("dozenpairs", 1)]),
    row("m", "m", (1, 1), &[("mtr", 1), ("м", 1), ("meter", 1), ("metre", 1), ("hmt", 100)]),
    row("km", "m", (1000, 1), &[("kmt", 1), ("км", 1)]),
    row("m2", "m2", (1, 1), &[("mtk", 1), ("м2", 1), ("squaremeter", 1)]),
    row("cm2", "m2", (1, 10_000), &[("см2", 1)]),
    row("cm3", "cm3", (1, 1), &[("cm3engine", 1), ("см3", 1), ("см3объемадвигателя", 1), ("см3рабочегообъемадвигателя", 1), ("ccm", 1), ("engine_cm3", 1), ("cm3ofengine", 1)]),
    row("l engine", "cm3", (1000, 1), &[("lengine", 1)]),
    row("kWh", "kWh", (1, 1), &[("kwh", 1), ("квтч", 1), ("квт·ч", 1)]),
    row("MWh", "kWh", (1000, 1), &[("mwh", 1)]),
    row("TJ", "kWh", (2_500_000, 9), &[("tjo", 1), ("tj", 1)]),
    row("W", "W", (1, 1), &[("wat", 1), ("watt", 1), ("watts", 1), ("вт", 1)]),
    row("kW", "W", (1000, 1), &[("квт", 1)]),
    row("hp", "hp", (1, 1), &[("лс", 1), ("л.с", 1), ("horsepower", 1)]),
    row("GT", "GT", (1, 1), &[("grt", 1)]),
    row("ct/l", "ct/l", (1, 1), &[("cct", 1), ("ctl", 1)]),
    row("cells", "cells", (1, 1), &[("ncl", 1), ("ceel", 1)]),
    row("board feet", "board feet", (1, 1), &[("narb", 1), ("bf", 1)]),
    row("packs", "packs", (1, 1), &[("колод", 1), ("деков", 1), ("pack", 1), ("штколод", 1)]),
    row("Ci", "Ci", (1, 1), &[("ки", 1), ("curie", 1)]),
];

fn run_together(text: &str) -> String {
    let letters = text.chars().filter(|c| !c.is_whitespace() && *c != '/').flat_map(char::to_lowercase);
    letters
        .map(|c| {
            if c == '²' {
                '2'
            } else if c == '³' {
                '3'
            } else {
                c
            }
        })
        .collect()
}

impl Unit {
    /// A unit by name or abbreviation: `kg`, `KGM`, `p/st`, `кг`, `kg of lead content`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (unit, times) = Self::counted(text)?;
        (times == 1).then_some(unit)
    }

    /// A unit by name or abbreviation, and how many of it the word means: `DTN` is a hundred kilograms.
    #[must_use]
    pub fn counted(text: &str) -> Option<(Self, u32)> {
        Self::of_words(run_together(text.trim()).trim_end_matches('.'))
    }

    /// A unit by its words run together, and how many of it they mean: `dtn` is a hundred kilograms.
    pub(super) fn of_words(words: &str) -> Option<(Self, u32)> {
        let known = |words: &str| {
            TABLE.iter().zip(0_u8..).find_map(|(row, at)| {
                if run_together(row.name) == words {
                    return Some((at, 1));
                }
                row.words.iter().find(|(word, _)| *word == words).map(|(_, times)| (at, *times))
            })
        };
        if let Some((row, times)) = known(words) {
            return Some((Self { row, part: None }, times));
        }
        // `kg of lead content`: the part keeps its words, which were run together, only through `of_part`.
        let (unit, part) = words.split_once("of")?;
        let (row, times) = known(unit)?;
        let part = part.strip_suffix("content").filter(|what| !what.is_empty())?;
        Some((Self { row, part: Some(format!("{part} content")) }, times))
    }

    /// The same unit of a part of the goods: `kg` of `lead content`.
    pub(super) fn of_part(mut self, part: &str) -> Self {
        self.part = Some(part.replace(' ', "").replace("content", " content").trim().to_owned());
        self
    }

    /// The kilogram, net.
    #[must_use]
    pub fn kilogram() -> Self {
        Self { row: 0, part: None }
    }

    fn row(&self) -> &'static Row {
        &TABLE[usize::from(self.row)]
    }

    /// The canonical name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.row().name
    }

    /// What it measures, named by its first unit: litres and hectolitres both measure `l`.
    #[must_use]
    pub fn quantity(&self) -> &'static str {
        self.row().quantity
    }

    /// The part of the goods it measures; none: the goods.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.part.as_deref()
    }

    /// How many of the quantity's first unit one of this unit is.
    #[must_use]
    pub fn factor(&self) -> Ratio {
        let (numerator, denominator) = self.row().factor;
        Ratio::new(numerator, denominator).unwrap_or(Ratio::ONE)
    }

    /// So many of this unit in the quantity's first unit.
    #[must_use]
    pub fn in_first(&self, amount: &Decimal) -> Option<Ratio> {
        amount.to_ratio().checked_mul(&self.factor())
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        self.part.as_ref().map_or(Ok(()), |part| write!(f, " of {part}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_word_means_one_unit() {
        let mut seen = std::collections::BTreeMap::new();
        for row in &TABLE {
            let own = [(run_together(row.name), 1)];
            let words = row.words.iter().map(|(word, times)| ((*word).to_owned(), *times));
            for (word, times) in own.into_iter().chain(words) {
                if let Some(other) = seen.insert(word.clone(), (row.name, times)) {
                    assert_eq!(other, (row.name, times), "{word}");
                }
            }
            assert_eq!(Unit::parse(row.name).map(|unit| unit.to_string()), Some(row.name.to_owned()));
            assert!(
                TABLE.iter().any(|first| first.name == row.quantity && first.factor == (1, 1)),
                "{}",
                row.name
            );
        }
    }
}
