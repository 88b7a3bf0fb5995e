//! Procedures: what happens to goods between two movements, and how long it takes.

use super::Mode;
use super::season::{Months, Season};
use crate::table::{Problem, Row, Status};

/// What a procedure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProcedureKind {
    /// A border between two nodes, two countries, or anywhere.
    Border,
    /// A change of conveyance within a node: a port transfer, a transshipment.
    Transfer,
    /// A change of railway gauge within one country.
    Gauge,
    /// A stop every train makes.
    Station,
    /// A convoy through ice before a port.
    Ice,
    /// A national transit declaration, at every border a through document does not cover.
    National,
}

impl ProcedureKind {
    pub(super) const WORDS: [(&'static str, Self); 7] = [
        ("border", Self::Border),
        ("border+gauge", Self::Border),
        ("transfer", Self::Transfer),
        ("gauge", Self::Gauge),
        ("station", Self::Station),
        ("ice", Self::Ice),
        ("national_transit", Self::National),
    ];
}

/// How wagons travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Train {
    /// Single wagons and groups, marshalled on the way.
    #[default]
    Wagons,
    /// A block train that stays together.
    Block,
}

impl Train {
    /// The word for files and people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wagons => "wagons",
            Self::Block => "block",
        }
    }

    /// The train with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Wagons, Self::Block].into_iter().find(|train| train.word() == word)
    }
}

/// A time that varies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dwell {
    /// Mean minutes.
    pub mean: u32,
    /// Standard deviation in minutes.
    pub deviation: u32,
    /// Of the mean.
    pub status: Status,
    /// Of the deviation: a spread nobody has measured builds no interval.
    pub spread: Status,
    /// Where it is from.
    pub source: String,
}

impl Dwell {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, Problem> {
        let status = row.status("status")?;
        Ok(Self {
            mean: row.minutes("mean_hours")?,
            deviation: row.minutes("sd_hours")?,
            status,
            spread: row.status_or("sd_status", if status.is_guess() { status } else { Status::Estimated })?,
            source: row.source()?,
        })
    }
}

/// A dwell that holds for a train type and some months instead of the usual one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Special {
    train: Option<Train>,
    months: Months,
    dwell: Dwell,
}

impl Special {
    pub(crate) const fn dwell(&self) -> &Dwell {
        &self.dwell
    }

    pub(super) fn read(row: &Row<'_>) -> Result<Self, Problem> {
        let train = row.optional("train").map(|word| {
            Train::parse(word)
                .ok_or_else(|| row.problem("train", format!("{word:?}; use block, wagons or nothing")))
        });
        Ok(Self { train: train.transpose()?, months: Months::read(row, "months")?, dwell: Dwell::read(row)? })
    }
}

/// A stop with its time, which varies, and its cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    /// Its name.
    pub id: String,
    /// What it is.
    pub kind: ProcedureKind,
    /// Its usual time.
    pub usual: Dwell,
    pub(crate) special: Vec<Special>,
    /// Cost in cents for one TEU.
    pub cents_per_teu: u32,
    /// Of the cost.
    pub cost_status: Status,
    /// At a border where goods change railway gauge as well: the nodes of its two sides, each with its gauge.
    pub gauges: Option<[(usize, u16); 2]>,
    /// When it happens at all; always, where none is named.
    pub season: Option<Season>,
}

impl Procedure {
    pub(super) fn read(row: &Row<'_>, kind: ProcedureKind) -> Result<Self, Problem> {
        let usual = Dwell::read(row)?;
        Ok(Self {
            id: row.text("id").to_owned(),
            kind,
            special: Vec::new(),
            cents_per_teu: row.cents("usd_per_teu")?,
            cost_status: row.status_or("cost_status", usual.status)?,
            usual,
            gauges: None,
            season: Season::read(row, "season_from", "season_until")?,
        })
    }

    /// Its time for a train in a month: the first row of `dwells.csv` that fits, or the usual one.
    #[must_use]
    pub fn dwell(&self, train: Train, month: u8) -> &Dwell {
        let fits = |special: &&Special| {
            special.train.is_none_or(|named| named == train) && special.months.holds(month)
        };
        self.special.iter().find(fits).map_or(&self.usual, |special| &special.dwell)
    }

    /// The gauge on which goods leave it, on the side of this node.
    #[must_use]
    pub fn gauge_at(&self, node: usize) -> Option<u16> {
        let sides = self.gauges?;
        sides.into_iter().find(|(side, _)| *side == node).map(|(_, gauge)| gauge)
    }

    /// Whether anything of it changes within the year.
    pub(crate) fn is_seasonal(&self) -> bool {
        self.season.is_some() || self.special.iter().any(|special| !special.months.is_all())
    }
}

/// A document that carries goods over borders: TIR by road, the SMGS consignment note by rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// `TIR`, `SMGS`, `CIM`.
    pub id: String,
    /// By which modes.
    pub modes: Vec<Mode>,
    /// Countries that take it.
    pub countries: Vec<String>,
    /// Minutes it takes to issue.
    pub minutes: u32,
    /// Cents for one box.
    pub cents: u32,
    /// Of time and cost.
    pub status: Status,
    /// Where it is from.
    pub source: String,
}

impl Document {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, Problem> {
        let mode = |word: &String| {
            Mode::parse(word).ok_or_else(|| row.problem("modes", format!("no mode {word:?}")))
        };
        Ok(Self {
            id: row.text("id").to_owned(),
            modes: row.words("modes").iter().map(mode).collect::<Result<_, _>>()?,
            countries: row.words("countries"),
            minutes: row.minutes("hours")?,
            cents: row.cents("usd")?,
            status: row.status("status")?,
            source: row.source()?,
        })
    }
}

impl Procedure {
    /// Changes every time of it.
    pub(super) fn scale_time(&mut self, scaled: impl Fn(u32) -> u32) {
        for dwell in self.special.iter_mut().map(|special| &mut special.dwell).chain([&mut self.usual]) {
            dwell.mean = scaled(dwell.mean);
            dwell.deviation = scaled(dwell.deviation);
        }
    }
}
