//! Networks: nodes, links, procedures, emissions, from CSV tables.

use std::collections::BTreeMap;
use std::fmt;

use meridian_terms::Day;

/// How far a figure can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// A law, timetable or operator's own publication.
    Official,
    /// A source says it.
    Published,
    /// Computed from such figures.
    Computed,
    /// Estimated: a distance times a detour factor, a speed by mode.
    Estimated,
    /// Invented to show the mechanism.
    Illustrative,
}

impl Status {
    const WORDS: [(&'static str, Self); 5] = [
        ("official", Self::Official),
        ("published", Self::Published),
        ("computed", Self::Computed),
        ("estimated", Self::Estimated),
        ("illustrative", Self::Illustrative),
    ];

    /// The word for files and people.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, status)| *status == self).map_or("?", |(word, _)| word)
    }

    /// Whether it rests on a guess.
    #[must_use]
    pub const fn is_guess(self) -> bool {
        matches!(self, Self::Estimated | Self::Illustrative)
    }
}

/// A mode of transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Deep sea.
    Sea,
    /// The Caspian.
    Caspian,
    /// A ferry that carries wagons.
    FerryRail,
    /// River and canal.
    River,
    /// Railway.
    Rail,
    /// Road.
    Road,
}

impl Mode {
    const WORDS: [(&'static str, Self); 6] = [
        ("sea", Self::Sea),
        ("caspian", Self::Caspian),
        ("ferry_rail", Self::FerryRail),
        ("river", Self::River),
        ("rail", Self::Rail),
        ("road", Self::Road),
    ];

    /// The word for files and people.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, mode)| *mode == self).map_or("?", |(word, _)| word)
    }

    /// The mode with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, mode)| *mode)
    }

    /// Whether goods change conveyance between this mode and the other. A wagon ferry carries the wagon on.
    pub(crate) const fn is_same_conveyance(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Rail | Self::FerryRail, Self::Rail | Self::FerryRail)
                | (Self::Road, Self::Road)
                | (Self::Sea, Self::Sea)
                | (Self::Caspian | Self::River, Self::Caspian | Self::River)
        )
    }
}

/// A place of the network.
#[derive(Debug, Clone)]
pub struct Node {
    /// UN/LOCODE, or the network's own id beginning `NS:`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// ISO 3166 country.
    pub country: String,
    /// Hundredths of a degree north.
    pub north: i32,
    /// Hundredths of a degree east.
    pub east: i32,
}

/// A link between two nodes, passable both ways.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its name.
    pub id: String,
    /// One end, by position.
    pub from: usize,
    /// The other.
    pub to: usize,
    /// How.
    pub mode: Mode,
    /// Railway gauge in millimetres.
    pub gauge: Option<u16>,
    /// Length in metres.
    pub metres: u64,
    /// Travel time in minutes.
    pub minutes: u32,
    /// Cost in cents for one TEU.
    pub cents_per_teu: i64,
    /// Departures a year; `None` where one leaves when one is there.
    pub departures_a_year: Option<u32>,
    /// Whether ships go in ice convoys from December to mid-March.
    pub has_ice: bool,
    /// Months and days between which it is closed.
    pub closed: Option<((u8, u8), (u8, u8))>,
    /// Of length, time and cost.
    pub statuses: [Status; 3],
    /// Where the figures are from.
    pub source: String,
}

/// What a procedure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcedureKind {
    /// A border between two nodes.
    Border,
    /// A change of conveyance within a node.
    Transfer,
    /// A stop every train makes.
    Station,
    /// A convoy through ice before a port.
    Ice,
}

/// A stop with its time, which varies.
#[derive(Debug, Clone)]
pub struct Procedure {
    /// Its name.
    pub id: String,
    /// What it is.
    pub kind: ProcedureKind,
    /// Mean minutes.
    pub mean: u32,
    /// Standard deviation in minutes.
    pub deviation: u32,
    /// Cost in cents for one TEU.
    pub cents_per_teu: i64,
    /// Whether wagons change gauge or goods change wagons here.
    pub changes_gauge: bool,
    /// Of the time.
    pub status: Status,
    /// Where it is from.
    pub source: String,
}

/// A problem of a table, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `links.csv:12:5`.
    pub place: String,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// A network, immutable once loaded.
#[derive(Debug, Clone, Default)]
pub struct Network {
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Vec<Link>,
    /// Links at each node.
    pub(crate) at: Vec<Vec<usize>>,
    /// Border procedures by node pair and mode; transfers by node and pair of modes.
    pub(crate) borders: BTreeMap<(usize, usize, Mode), Procedure>,
    pub(crate) transfers: BTreeMap<(usize, Mode, Mode), Procedure>,
    pub(crate) stations: BTreeMap<(usize, Mode), Procedure>,
    pub(crate) ice: BTreeMap<usize, Procedure>,
    /// Grams for one TEU-kilometre.
    pub(crate) emissions: BTreeMap<Mode, u64>,
    index: BTreeMap<String, usize>,
}

/// A change to a network: links added and removed. The base is never touched.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    /// What it says of itself.
    pub words: String,
    added: Vec<Link>,
    removed: Vec<String>,
}

struct Row<'a> {
    file: &'a str,
    line: u64,
    columns: &'a csv::StringRecord,
    fields: csv::StringRecord,
}

impl Row<'_> {
    fn text(&self, column: &str) -> &str {
        self.columns
            .iter()
            .position(|name| name == column)
            .and_then(|at| self.fields.get(at))
            .unwrap_or("")
            .trim()
    }

    fn problem(&self, column: &str, what: impl Into<String>) -> Problem {
        let at = self.columns.iter().position(|name| name == column).unwrap_or(0) + 1;
        Problem { place: format!("{}:{}:{at}", self.file, self.line), what: what.into() }
    }

    /// A decimal in thousandths, exactly.
    fn thousandths(&self, column: &str) -> Result<i64, Problem> {
        let wrong =
            || self.problem(column, format!("{:?} is not a number; write it like 12.5", self.text(column)));
        let decimal = meridian_terms::Decimal::parse(self.text(column)).map_err(|_| wrong())?;
        let exact = decimal.rescaled(3, meridian_terms::Rounding::HalfEven).ok_or_else(wrong)?;
        i64::try_from(exact.mantissa()).map_err(|_| wrong())
    }

    fn status(&self, column: &str) -> Result<Status, Problem> {
        let word = self.text(column);
        let known = Status::WORDS.iter().find(|(known, _)| *known == word);
        known.map(|(_, status)| *status).ok_or_else(|| {
            self.problem(
                column,
                format!("{word:?}; use official, published, computed, estimated or illustrative"),
            )
        })
    }
}

/// Runs over the rows of a table; problems are collected, rows with one are left out.
fn rows(
    file: &str,
    bytes: &[u8],
    needed: &[&str],
    problems: &mut Vec<Problem>,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Problem>,
) {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(bytes);
    let columns = match reader.headers() {
        Ok(columns) => columns.clone(),
        Err(error) => {
            return problems.push(Problem { place: format!("{file}:1:1"), what: error.to_string() });
        }
    };
    for name in needed {
        if !columns.iter().any(|column| column == *name) {
            problems
                .push(Problem { place: format!("{file}:1:1"), what: format!("no column {name}; add it") });
            return;
        }
    }
    for record in reader.records() {
        match record {
            Ok(fields) => {
                let line = fields.position().map_or(0, csv::Position::line);
                let row = Row { file, line, columns: &columns, fields };
                if let Err(problem) = take(&row) {
                    problems.push(problem);
                }
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                problems.push(Problem { place: format!("{file}:{line}:1"), what: error.to_string() });
            }
        }
    }
}

const LINK_COLUMNS: [&str; 16] = [
    "id",
    "from",
    "to",
    "mode",
    "gauge_mm",
    "km",
    "km_status",
    "hours",
    "hours_status",
    "usd_per_teu",
    "cost_status",
    "departures_per_week",
    "ice",
    "closed_from",
    "closed_until",
    "source",
];

impl Network {
    /// Loads `nodes.csv`, `links.csv`, `procedures.csv` and `emissions.csv`.
    ///
    /// # Errors
    /// Every problem with file, row and column; nothing is half loaded.
    pub fn load(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut network = Self::default();
        let file = |name: &str, problems: &mut Vec<Problem>| match files.get(name) {
            Some(bytes) => bytes.clone(),
            None => {
                problems.push(Problem {
                    place: format!("{name}:1:1"),
                    what: "the file is missing; add it".into(),
                });
                Vec::new()
            }
        };
        let nodes = file("nodes.csv", &mut problems);
        rows(
            "nodes.csv",
            &nodes,
            &["id", "name", "country", "latitude", "longitude"],
            &mut problems,
            |row| {
                let hundredths = |column| -> Result<i32, Problem> {
                    i32::try_from(row.thousandths(column)? / 10)
                        .map_err(|_| row.problem(column, "out of range"))
                };
                let node = Node {
                    id: row.text("id").to_owned(),
                    name: row.text("name").to_owned(),
                    country: row.text("country").to_owned(),
                    north: hundredths("latitude")?,
                    east: hundredths("longitude")?,
                };
                if network.index.insert(node.id.clone(), network.nodes.len()).is_some() {
                    return Err(row.problem("id", format!("{} stands twice; remove one", node.id)));
                }
                network.nodes.push(node);
                Ok(())
            },
        );
        let links = file("links.csv", &mut problems);
        let index = network.index.clone();
        rows("links.csv", &links, &LINK_COLUMNS, &mut problems, |row| {
            network.links.push(link(row, &index)?);
            Ok(())
        });
        let procedures = file("procedures.csv", &mut problems);
        rows(
            "procedures.csv",
            &procedures,
            &["id", "node_a", "node_b", "mode", "kind"],
            &mut problems,
            |row| network.add_procedure(row),
        );
        let emissions = file("emissions.csv", &mut problems);
        rows("emissions.csv", &emissions, &["mode", "grams_co2e_per_teu_km"], &mut problems, |row| {
            let mode = Mode::parse(row.text("mode")).ok_or_else(|| row.problem("mode", "no such mode"))?;
            let grams = row.thousandths("grams_co2e_per_teu_km")?;
            network.emissions.insert(mode, u64::try_from(grams / 1000).unwrap_or(0));
            Ok(())
        });
        network.connect();
        if problems.is_empty() { Ok(network) } else { Err(problems) }
    }

    fn connect(&mut self) {
        self.at = vec![Vec::new(); self.nodes.len()];
        for (number, link) in self.links.iter().enumerate() {
            self.at[link.from].push(number);
            self.at[link.to].push(number);
        }
    }

    fn add_procedure(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let minutes = |column| -> Result<u32, Problem> {
            u32::try_from(row.thousandths(column)? * 60 / 1000).map_err(|_| row.problem(column, "below zero"))
        };
        let kind = match row.text("kind") {
            "border" | "border+gauge" => ProcedureKind::Border,
            "transfer" => ProcedureKind::Transfer,
            "station" => ProcedureKind::Station,
            "ice" => ProcedureKind::Ice,
            other => {
                let words = "use border, border+gauge, transfer, station or ice";
                return Err(row.problem("kind", format!("{other:?}; {words}")));
            }
        };
        let procedure = Procedure {
            id: row.text("id").to_owned(),
            kind,
            mean: minutes("mean_hours")?,
            deviation: minutes("sd_hours")?,
            cents_per_teu: row.thousandths("usd_per_teu")? / 10,
            changes_gauge: row.text("kind") == "border+gauge",
            status: row.status("status")?,
            source: row.text("source").to_owned(),
        };
        let node = |column: &str| {
            let id = row.text(column);
            self.index
                .get(id)
                .copied()
                .ok_or_else(|| row.problem(column, format!("no node {id}; add it to nodes.csv")))
        };
        let mode =
            |word: &str| Mode::parse(word).ok_or_else(|| row.problem("mode", format!("no mode {word:?}")));
        match kind {
            ProcedureKind::Border => {
                let (a, b) = (node("node_a")?, node("node_b")?);
                self.borders.insert((a.min(b), a.max(b), mode(row.text("mode"))?), procedure);
            }
            ProcedureKind::Transfer => {
                let (from, to) = row
                    .text("mode")
                    .split_once("->")
                    .ok_or_else(|| row.problem("mode", "write rail->road"))?;
                let (from, to, at) = (mode(from)?, mode(to)?, node("node_a")?);
                self.transfers.insert((at, from, to), procedure.clone());
                self.transfers.insert((at, to, from), procedure);
            }
            ProcedureKind::Station => {
                let key = (node("node_a")?, mode(row.text("mode"))?);
                self.stations.insert(key, procedure);
            }
            ProcedureKind::Ice => {
                let at = node("node_b")?;
                self.ice.insert(at, procedure);
            }
        }
        Ok(())
    }

    /// This network under overlays: links removed, then links added.
    #[must_use]
    pub fn with(&self, overlays: &[Overlay]) -> Self {
        let mut changed = self.clone();
        for overlay in overlays {
            changed.links.retain(|link| !overlay.removed.contains(&link.id));
            changed.links.extend(overlay.added.iter().cloned());
        }
        changed.connect();
        changed
    }

    /// The nodes, in the order of the table.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The links, in the order of the table.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The position of a node by its id.
    #[must_use]
    pub fn node(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }
}

impl Overlay {
    /// Loads an overlay for a network: a first line `# words`, then rows as `links.csv` behind a column `change` that
    /// says `add` or `remove`.
    ///
    /// # Errors
    /// Every problem with file, row and column.
    pub fn load(name: &str, bytes: &[u8], network: &Network) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let words = String::from_utf8_lossy(first).trim_start_matches('#').trim().to_owned();
        let mut overlay = Self { words, ..Self::default() };
        rows(name, bytes, &["change", "id"], &mut problems, |row| {
            match row.text("change") {
                "add" => overlay.added.push(link(row, &network.index)?),
                "remove" => overlay.removed.push(row.text("id").to_owned()),
                other => return Err(row.problem("change", format!("{other:?}; use add or remove"))),
            }
            Ok(())
        });
        if problems.is_empty() { Ok(overlay) } else { Err(problems) }
    }
}

fn link(row: &Row<'_>, index: &BTreeMap<String, usize>) -> Result<Link, Problem> {
    let node = |column: &str| {
        let id = row.text(column);
        index
            .get(id)
            .copied()
            .ok_or_else(|| row.problem(column, format!("no node {id}; add it to nodes.csv")))
    };
    let positive = |column: &str| -> Result<u64, Problem> {
        u64::try_from(row.thousandths(column)?).map_err(|_| row.problem(column, "below zero"))
    };
    let mode = Mode::parse(row.text("mode"))
        .ok_or_else(|| row.problem("mode", "use sea, caspian, ferry_rail, river, rail or road"))?;
    let day = |column: &str| -> Result<Option<(u8, u8)>, Problem> {
        let text = row.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let parts =
            text.split_once('-').and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
        parts.map(Some).ok_or_else(|| row.problem(column, format!("{text:?}; write month-day, 12-07")))
    };
    let weekly = row.text("departures_per_week");
    let departures_a_year = if weekly.is_empty() {
        None
    } else {
        Some(u32::try_from(positive("departures_per_week")? * 52 / 1000).unwrap_or(u32::MAX).max(1))
    };
    Ok(Link {
        id: row.text("id").to_owned(),
        from: node("from")?,
        to: node("to")?,
        mode,
        gauge: row.text("gauge_mm").parse().ok(),
        metres: positive("km")?,
        minutes: u32::try_from(positive("hours")? * 60 / 1000).unwrap_or(u32::MAX),
        cents_per_teu: row.thousandths("usd_per_teu")? / 10,
        departures_a_year,
        has_ice: row.text("ice") == "yes",
        closed: day("closed_from")?.zip(day("closed_until")?),
        statuses: [row.status("km_status")?, row.status("hours_status")?, row.status("cost_status")?],
        source: row.text("source").to_owned(),
    })
}

impl Link {
    /// Whether it can be passed on this day.
    #[must_use]
    pub fn is_open(&self, day: Day) -> bool {
        let today = (day.month(), day.of_month());
        match self.closed {
            None => true,
            Some((from, until)) if from < until => !(from <= today && today < until),
            Some((from, until)) => until <= today && today < from,
        }
    }
}
