//! What is carried, and what a link takes.

use std::collections::{BTreeMap, BTreeSet};

use meridian_terms::Refusal;

use crate::network::Train;
use crate::table::{Problem, Row};

/// A container's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Box {
    /// Twenty feet.
    Teu,
    /// Forty feet.
    Feu,
}

impl Box {
    /// How many twenty-foot equivalents it is.
    #[must_use]
    pub const fn teu(self) -> u32 {
        match self {
            Self::Teu => 1,
            Self::Feu => 2,
        }
    }
}

/// What is carried: boxes that are all alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// How many.
    pub boxes: u32,
    /// Of which size.
    pub size: Box,
    /// Gross kilograms of each.
    pub gross_kg: u32,
    /// Whether they need power to cool.
    pub is_reefer: bool,
    /// Class of dangerous goods (UN Model Regulations: `3`, `8`), if any.
    pub dangerous: Option<String>,
    /// Permits that are held.
    pub permits: BTreeSet<String>,
    /// Through documents that cannot be had for it.
    pub without_documents: BTreeSet<String>,
    /// How wagons with it travel.
    pub train: Train,
}

impl Load {
    /// So many twenty-foot boxes of 20 tonnes, dry and harmless.
    #[must_use]
    pub fn teu(boxes: u32) -> Self {
        Self {
            boxes,
            size: Box::Teu,
            gross_kg: 20_000,
            is_reefer: false,
            dangerous: None,
            permits: BTreeSet::new(),
            without_documents: BTreeSet::new(),
            train: Train::Wagons,
        }
    }

    /// So many forty-foot boxes of 22 tonnes, dry and harmless.
    #[must_use]
    pub fn feu(boxes: u32) -> Self {
        Self { size: Box::Feu, gross_kg: 22_000, ..Self::teu(boxes) }
    }

    /// Reads `1xTEU`, `2xFEU`, each with an optional gross weight: `1xTEU:26.5t`.
    ///
    /// ```
    /// use meridian_corridor::Load;
    /// let load = Load::parse("2xFEU:25.5t").unwrap();
    /// assert_eq!((load.boxes, load.gross_kg, load.total_teu()), (2, 25_500, 4));
    /// assert!(Load::parse("2").is_err());
    /// ```
    ///
    /// # Errors
    /// `corridor.load` for anything else.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let wrong = || {
            Refusal::new("corridor.load", format!("{text:?} is no load"))
                .next("write it like 1xTEU, 2xFEU or 1xTEU:26.5t")
        };
        let (boxes, weight) =
            text.split_once(':').map_or((text, None), |(boxes, weight)| (boxes, Some(weight)));
        let (count, size) = boxes.split_once('x').ok_or_else(wrong)?;
        let count: u32 =
            count.parse().ok().filter(|count| (1..=100_000).contains(count)).ok_or_else(wrong)?;
        let mut load = match size {
            "TEU" => Self::teu(count),
            "FEU" => Self::feu(count),
            _ => return Err(wrong()),
        };
        if let Some(weight) = weight {
            let tonnes = weight.strip_suffix('t').ok_or_else(wrong)?;
            let decimal = meridian_terms::Decimal::parse(tonnes).map_err(|_| wrong())?;
            let exact = decimal.rescaled(3, meridian_terms::Rounding::HalfEven).ok_or_else(wrong)?;
            load.gross_kg = u32::try_from(exact.mantissa())
                .ok()
                .filter(|kg| (1..=100_000).contains(kg))
                .ok_or_else(wrong)?;
        }
        Ok(load)
    }

    /// Twenty-foot equivalents of all boxes.
    #[must_use]
    pub const fn total_teu(&self) -> u32 {
        self.boxes * self.size.teu()
    }
}

/// What a link or service takes and what it does not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// Gross kilograms of one box at most.
    pub gross_kg: Option<u32>,
    /// No power for cooled boxes.
    pub no_reefer: bool,
    /// No dangerous goods.
    pub no_dangerous: bool,
    /// A permit without which nothing passes.
    pub permit: Option<String>,
    /// Of vessels and vehicles, told in every answer: `draught 3.6 m`.
    pub vehicle: Vec<String>,
}

impl Limits {
    const KEYS: &'static str =
        "use max_tonnes=30, no=reefer, no=dangerous, permit=NAME, draught_m=3.6, length_m=141 or beam_m=16.8";

    /// Reads `max_tonnes=30;no=reefer;permit=RU-ROAD;draught_m=3.6`.
    pub(crate) fn read(row: &Row<'_>) -> Result<Self, Problem> {
        let mut limits = Self::default();
        for part in row.words("limits") {
            let wrong = || row.problem("limits", format!("{part:?}; {}", Self::KEYS));
            let (key, value) = part.split_once('=').ok_or_else(wrong)?;
            match (key, value) {
                ("no", "reefer") => limits.no_reefer = true,
                ("no", "dangerous") => limits.no_dangerous = true,
                ("permit", name) if !name.is_empty() => limits.permit = Some(name.to_owned()),
                ("max_tonnes", tonnes) => {
                    let tonnes: u32 = tonnes.parse().map_err(|_| wrong())?;
                    limits.gross_kg = Some(tonnes.saturating_mul(1000));
                }
                ("draught_m", metres) => limits.vehicle.push(format!("draught {metres} m")),
                ("length_m", metres) => limits.vehicle.push(format!("length {metres} m")),
                ("beam_m", metres) => limits.vehicle.push(format!("beam {metres} m")),
                _ => return Err(wrong()),
            }
        }
        Ok(limits)
    }

    /// Why a load is not taken, if it is not.
    #[must_use]
    pub fn refuses(&self, load: &Load) -> Option<String> {
        if let Some(most) = self.gross_kg.filter(|most| load.gross_kg > *most) {
            return Some(format!(
                "takes boxes of at most {} t gross; these have {} kg",
                most / 1000,
                load.gross_kg
            ));
        }
        if self.no_reefer && load.is_reefer {
            return Some("has no power for cooled boxes".into());
        }
        if let Some(class) = load.dangerous.as_ref().filter(|_| self.no_dangerous) {
            return Some(format!("takes no dangerous goods; these are class {class}"));
        }
        self.permit
            .as_ref()
            .filter(|permit| !load.permits.contains(*permit))
            .map(|permit| format!("needs permit {permit}"))
    }
}

/// Names of carriers and vessels that screening refused, each with its reason.
pub type Refused = BTreeMap<String, String>;
