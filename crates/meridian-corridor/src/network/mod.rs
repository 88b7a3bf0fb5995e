//! Networks: nodes, links, services, procedures, rates and emissions, from CSV tables.

use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::{BTreeMap, BTreeSet};

mod departures;
mod freight;
mod overlay;
mod procedure;
mod season;

pub use departures::{Departures, Timetable};
pub use freight::Emission;
pub(crate) use freight::{RateStep, StorageStep, storage_cents};
pub use overlay::Overlay;
pub(crate) use procedure::Special;
pub use procedure::{Document, Dwell, Procedure, ProcedureKind, Train};
pub use season::{MonthDay, Months, Season};

use crate::cargo::Limits;
use crate::table::{Problem, Row, Status, rows};

/// A mode of transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
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
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Sea, Self::Caspian, Self::FerryRail, Self::River, Self::Rail, Self::Road];
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

    /// Whether goods stay in their conveyance between this mode and the other. A wagon ferry carries the wagon on; a
    /// river-sea ship goes from the Caspian up the Volga.
    #[must_use]
    pub const fn is_same_conveyance(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Rail | Self::FerryRail, Self::Rail | Self::FerryRail)
                | (Self::Road, Self::Road)
                | (Self::Sea, Self::Sea)
                | (Self::Caspian | Self::River, Self::Caspian | Self::River)
        )
    }

    /// Whether a border on it is a procedure of its own; a ship's is the port's.
    #[must_use]
    pub const fn has_land_borders(self) -> bool {
        matches!(self, Self::Rail | Self::Road)
    }
}

/// A place of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// UN/LOCODE, or the network's own id beginning `NS:`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// ISO 3166 country.
    pub country: String,
    /// What it is: `seaport`, `border`, `junction`.
    pub kind: String,
    /// Hundredths of a degree north.
    pub north: i32,
    /// Hundredths of a degree east.
    pub east: i32,
}

/// A way between two nodes: a section of line or sea lane, or a service from end to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its name.
    pub id: String,
    /// One end, by position.
    pub from: usize,
    /// The other.
    pub to: usize,
    /// Whether it runs only from `from` to `to`.
    pub is_one_way: bool,
    /// How.
    pub mode: Mode,
    /// Railway gauge in millimetres.
    pub gauge: Option<u16>,
    /// Whether it is electrified, where that is known.
    pub electrified: Option<bool>,
    /// Length in metres.
    pub metres: u64,
    /// Travel time in minutes.
    pub minutes: u32,
    /// Standard deviation of the travel time in minutes (weather), where somebody measured it.
    pub deviation: u32,
    /// Cost in cents for one TEU; a FEU pays two, unless a rate is named.
    pub cents_per_teu: u32,
    /// The freight rate of `rates.csv` instead.
    pub rate: Option<String>,
    /// What a what-if makes of the cost, in thousandths; 1,000 in a pack.
    pub cost_per_mille: u32,
    /// When it leaves.
    pub departures: Departures,
    /// Whether ships go in ice convoys in season.
    pub has_ice: bool,
    /// When it is closed.
    pub closed: Option<Season>,
    /// What it takes.
    pub limits: Limits,
    /// Where it bends on a map, from its beginning on: hundredths of a degree north and east. No length comes from it.
    pub bends: Vec<(i32, i32)>,
    /// A service's operator and its capacity in TEU a departure; a section has none.
    pub service: Option<Service>,
    /// Of length, time, cost and departures.
    pub statuses: [Status; 4],
    /// Where the figures are from.
    pub source: String,
}

/// Who runs a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The carrier; screening knows it by this name.
    pub operator: String,
    /// The vessel, where the service is one ship.
    pub vessel: Option<String>,
    /// TEU a departure at most.
    pub capacity_teu: Option<u32>,
}

/// A network, immutable once loaded.
#[derive(Debug, Clone, Default)]
pub struct Network {
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Vec<Link>,
    /// Links that leave each node.
    pub(crate) at: Vec<Vec<usize>>,
    pub(crate) procedures: Vec<Procedure>,
    pub(crate) documents: Vec<Document>,
    pub(crate) rates: BTreeMap<String, Vec<RateStep>>,
    /// Storage ladders by node, in order of days.
    pub(crate) storage: BTreeMap<usize, Vec<StorageStep>>,
    pub(crate) emissions: Vec<Emission>,
    pub(crate) rules: Rules,
    /// Border procedures of each link: its own crossing's, and the plain one of its countries.
    pub(crate) borders: Vec<[Option<usize>; 2]>,
    /// For each node the through documents its country takes, a bit each.
    pub(crate) taken: Vec<u32>,
    index: BTreeMap<String, usize>,
    link_ids: BTreeSet<String>,
}

/// Which procedure holds where, by position in `procedures`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    borders: BTreeMap<(usize, usize, Mode), usize>,
    country_borders: BTreeMap<(String, String, Mode), usize>,
    any_border: BTreeMap<Mode, usize>,
    transfers: BTreeMap<usize, Vec<(Mode, Mode, usize)>>,
    any_transfer: Option<usize>,
    gauges: BTreeMap<usize, usize>,
    any_gauge: Option<usize>,
    stations: BTreeMap<(usize, Mode), usize>,
    ice: BTreeMap<usize, usize>,
    national: BTreeMap<Mode, usize>,
}

const ANY: &str = "*";

impl Network {
    /// Loads a pack: `nodes.csv`, `links.csv`, `procedures.csv` and `emissions.csv`; `services.csv`, `dwells.csv`,
    /// `documents.csv`, `rates.csv`, `storage.csv` and `shapes.csv` where they are there.
    ///
    /// # Errors
    /// Every problem with file, row and column; nothing is half loaded.
    pub fn load(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        for name in ["nodes.csv", "links.csv", "procedures.csv", "emissions.csv"] {
            if !files.contains_key(name) {
                problems.push(Problem {
                    place: format!("{name}:1:1"),
                    what: "the file is missing; add it".into(),
                });
            }
        }
        let file = |name: &str| files.get(name).map_or(&[][..], Vec::as_slice);
        let mut read =
            |name: &str, needed: &[&str], take: &mut dyn FnMut(&Row<'_>) -> Result<(), Problem>| {
                if files.contains_key(name) {
                    rows(name, file(name), needed, &mut problems, take);
                }
            };
        let mut network = Self::default();
        read("nodes.csv", &["id", "name", "country", "latitude", "longitude"], &mut |row| {
            network.add_node(row)
        });
        read("rates.csv", &["id", "per", "usd_per_km", "status", "source"], &mut |row| {
            let step = RateStep::read(row)?;
            network.rates.entry(step.rate.clone()).or_default().push(step);
            Ok(())
        });
        read("links.csv", &Link::COLUMNS, &mut |row| network.add_link(row));
        read("services.csv", &Link::SERVICE_COLUMNS, &mut |row| network.add_link(row));
        read("shapes.csv", &["link", "points"], &mut |row| network.add_shape(row));
        read("procedures.csv", &["id", "node_a", "node_b", "mode", "kind"], &mut |row| {
            network.add_procedure(row)
        });
        read("dwells.csv", &["procedure", "train", "months"], &mut |row| network.add_dwell(row));
        read("documents.csv", &["id", "modes", "countries", "hours", "usd"], &mut |row| {
            if network.documents.len() == 32 {
                return Err(row.problem("id", "a network knows at most 32 documents"));
            }
            network.documents.push(Document::read(row)?);
            Ok(())
        });
        read("storage.csv", &["node", "after_days", "usd_per_teu_day"], &mut |row| {
            let node = row.node("node", &network.index)?;
            network.storage.entry(node).or_default().push(StorageStep::read(row)?);
            Ok(())
        });
        read("emissions.csv", &["mode", "grams_co2e_per_teu_km", "scope"], &mut |row| {
            network.emissions.push(Emission::read(row)?);
            Ok(())
        });
        network.storage.values_mut().for_each(|ladder| ladder.sort_by_key(|step| step.after_days));
        network.connect();
        problems.extend(network.missing());
        if problems.is_empty() { Ok(network) } else { Err(problems) }
    }

    fn add_node(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let hundredths = |column, most: i32| -> Result<i32, Problem> {
            let value = i32::try_from(row.thousandths(column)? / 10).unwrap_or(i32::MAX);
            if value.abs() <= most { Ok(value) } else { Err(row.problem(column, "not on this earth")) }
        };
        let node = Node {
            id: row.text("id").to_owned(),
            name: row.text("name").to_owned(),
            country: row.text("country").to_owned(),
            kind: row.text("kind").to_owned(),
            north: hundredths("latitude", 9000)?,
            east: hundredths("longitude", 18000)?,
        };
        if self.index.insert(node.id.clone(), self.nodes.len()).is_some() {
            return Err(row.problem("id", format!("{} stands twice; remove one", node.id)));
        }
        self.nodes.push(node);
        Ok(())
    }

    fn add_link(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let link = Link::read(row, self)?;
        if !self.link_ids.insert(link.id.clone()) {
            return Err(row.problem("id", format!("{} stands twice; remove one", link.id)));
        }
        self.links.push(link);
        Ok(())
    }

    fn add_shape(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let id = row.text("link");
        let link = self.links.iter_mut().find(|link| link.id == id);
        let link =
            link.ok_or_else(|| row.problem("link", format!("no {id}; add it to links.csv or services.csv")))?;
        for point in row.words("points") {
            let wrong =
                || row.problem("points", format!("{point:?}; write degrees north and east, 12.6 43.3"));
            let (north, east) = point.split_once(' ').ok_or_else(wrong)?;
            let hundredths = |text: &str| -> Option<i32> {
                let exact = meridian_terms::Decimal::parse(text)
                    .ok()?
                    .rescaled(2, meridian_terms::Rounding::HalfEven)?;
                i32::try_from(exact.mantissa()).ok()
            };
            link.bends.push((hundredths(north).ok_or_else(wrong)?, hundredths(east).ok_or_else(wrong)?));
        }
        Ok(())
    }

    fn add_procedure(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let word = row.text("kind");
        let kind = ProcedureKind::WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind);
        let kind = kind.ok_or_else(|| {
            let words: Vec<_> = ProcedureKind::WORDS.iter().map(|(word, _)| *word).collect();
            row.problem("kind", format!("{word:?}; use {}", words.join(", ")))
        })?;
        let mode =
            |word: &str| Mode::parse(word).ok_or_else(|| row.problem("mode", format!("no mode {word:?}")));
        let (a, b) = (row.text("node_a"), row.text("node_b"));
        let number = self.procedures.len();
        let mut gauges = None;
        let rules = &mut self.rules;
        match kind {
            ProcedureKind::Border if a == ANY => {
                rules.any_border.insert(mode(row.text("mode"))?, number);
            }
            ProcedureKind::Border if a.len() == 2 => {
                let pair = (a.min(b).to_owned(), a.max(b).to_owned(), mode(row.text("mode"))?);
                rules.country_borders.insert(pair, number);
            }
            ProcedureKind::Border => {
                let (a, b) = (row.node("node_a", &self.index)?, row.node("node_b", &self.index)?);
                rules.borders.insert((a.min(b), a.max(b), mode(row.text("mode"))?), number);
                if word == "border+gauge" {
                    gauges = Some([(a, gauge_of(row, "gauge_from")?), (b, gauge_of(row, "gauge_to")?)]);
                }
            }
            ProcedureKind::Transfer if a == ANY => rules.any_transfer = Some(number),
            ProcedureKind::Transfer => {
                let pair = row.text("mode").split_once("->");
                let (from, to) = pair.ok_or_else(|| row.problem("mode", "write rail->road"))?;
                let (from, to) = (mode(from)?, mode(to)?);
                let here = rules.transfers.entry(row.node("node_a", &self.index)?).or_default();
                here.push((from, to, number));
            }
            ProcedureKind::Gauge if a == ANY => rules.any_gauge = Some(number),
            ProcedureKind::Gauge => {
                rules.gauges.insert(row.node("node_a", &self.index)?, number);
            }
            ProcedureKind::Station => {
                rules.stations.insert((row.node("node_a", &self.index)?, mode(row.text("mode"))?), number);
            }
            ProcedureKind::Ice => {
                rules.ice.insert(row.node("node_b", &self.index)?, number);
            }
            ProcedureKind::National => {
                rules.national.insert(mode(row.text("mode"))?, number);
            }
        }
        self.procedures.push(Procedure { gauges, ..Procedure::read(row, kind)? });
        Ok(())
    }

    fn add_dwell(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let id = row.text("procedure");
        let known = self.procedures.iter_mut().find(|procedure| procedure.id == id);
        let known =
            known.ok_or_else(|| row.problem("procedure", format!("no {id}; add it to procedures.csv")))?;
        known.special.push(Special::read(row)?);
        Ok(())
    }

    fn connect(&mut self) {
        self.at = vec![Vec::new(); self.nodes.len()];
        for (number, link) in self.links.iter().enumerate() {
            self.at[link.from].push(number);
            if !link.is_one_way {
                self.at[link.to].push(number);
            }
        }
        let borders = self.links.iter().map(|link| {
            // A service's time is from end to end: the borders within are its own.
            if link.is_service() {
                return [None, None];
            }
            let (from, to, mode) = (link.from, link.to, link.mode);
            [self.rules.border(self, from, to, mode), self.rules.plain_border(self, from, to, mode)]
        });
        self.borders = borders.collect();
        let takes = |country: &String| {
            let bit =
                |number: usize| 1_u32.checked_shl(u32::try_from(number).unwrap_or(u32::MAX)).unwrap_or(0);
            let documents = self.documents.iter().enumerate();
            documents
                .filter(|(_, document)| document.countries.contains(country))
                .fold(0, |taken, (number, _)| taken | bit(number))
        };
        self.taken = self.nodes.iter().map(|node| takes(&node.country)).collect();
    }

    /// What an answer could need and the tables do not say: an unknown is refused when the pack is loaded.
    fn missing(&self) -> Vec<Problem> {
        let mut missing = Vec::new();
        let mut lack =
            |file: &str, what: String| missing.push(Problem { place: format!("{file}:1:1"), what });
        let rules = &self.rules;
        if rules.any_transfer.is_none() {
            lack("procedures.csv", "no usual transfer; add a row with kind transfer and node_a *".into());
        }
        if rules.any_gauge.is_none() && self.links.iter().any(|link| link.gauge.is_some()) {
            lack("procedures.csv", "no usual gauge change; add a row with kind gauge and node_a *".into());
        }
        for mode in Mode::ALL {
            let mut links = self.links.iter().filter(|link| link.mode == mode).peekable();
            if links.peek().is_none() {
                continue;
            }
            if mode.has_land_borders() {
                for (kind, known) in [("border", &rules.any_border), ("national_transit", &rules.national)] {
                    if !known.contains_key(&mode) {
                        let what = format!(
                            "no usual {kind} by {}; add a row of that kind and mode with node_a *",
                            mode.word()
                        );
                        lack("procedures.csv", what);
                    }
                }
            }
            let unknown = |link: &&Link| self.emission(link).is_none();
            if let Some(link) = links.find(unknown) {
                lack("emissions.csv", format!("no factor for {} ({}); add one", mode.word(), link.id));
            }
        }
        missing
    }

    /// This network under overlays, one after the other.
    #[must_use]
    pub fn with(&self, overlays: &[Overlay]) -> Self {
        let mut changed = self.clone();
        for overlay in overlays {
            overlay.change(&mut changed);
        }
        changed.connect();
        changed
    }

    /// The nodes, in the order of the table.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The links, in the order of the tables: sections, then services.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The procedures, in the order of the table.
    #[must_use]
    pub fn procedures(&self) -> &[Procedure] {
        &self.procedures
    }

    /// The through documents, in the order of the table.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The position of a node by its id.
    #[must_use]
    pub fn node(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// The emission factor of a link: its own traction's before that of either.
    pub(crate) fn emission(&self, link: &Link) -> Option<&Emission> {
        let of_mode = || self.emissions.iter().filter(|emission| emission.mode == link.mode);
        let exact =
            link.electrified.and_then(|is| of_mode().find(|emission| emission.electrified == Some(is)));
        exact.or_else(|| of_mode().find(|emission| emission.electrified.is_none()))
    }
}

impl Rules {
    /// The border procedure between two neighbouring nodes: their own, their countries', or the usual one.
    fn border(&self, network: &Network, from: usize, to: usize, mode: Mode) -> Option<usize> {
        let own = self.borders.get(&(from.min(to), from.max(to), mode)).copied();
        own.or_else(|| self.plain_border(network, from, to, mode))
    }

    /// The border procedure between two nodes' countries, without what their own crossing adds.
    fn plain_border(&self, network: &Network, from: usize, to: usize, mode: Mode) -> Option<usize> {
        let (a, b) = (&network.nodes[from].country, &network.nodes[to].country);
        if a == b || !mode.has_land_borders() {
            return None;
        }
        let countries = || self.country_borders.get(&(a.min(b).clone(), a.max(b).clone(), mode));
        countries().or_else(|| self.any_border.get(&mode)).copied()
    }

    /// The transfer from one mode to another at a node: its own in this direction, its own in the other, or the usual.
    pub(crate) fn transfer(&self, node: usize, from: Mode, to: Mode) -> Option<usize> {
        let here = self.transfers.get(&node).map_or(&[][..], Vec::as_slice);
        let find =
            |from, to| here.iter().find(|(a, b, _)| (*a, *b) == (from, to)).map(|(_, _, number)| *number);
        find(from, to).or_else(|| find(to, from)).or(self.any_transfer)
    }

    pub(crate) fn gauge(&self, node: usize) -> Option<usize> {
        self.gauges.get(&node).copied().or(self.any_gauge)
    }

    pub(crate) fn station(&self, node: usize, mode: Mode) -> Option<usize> {
        self.stations.get(&(node, mode)).copied()
    }

    /// The ice convoy of a link's port: that of the far end, or of the near one.
    pub(crate) fn ice(&self, from: usize, to: usize) -> Option<usize> {
        self.ice.get(&to).or_else(|| self.ice.get(&from)).copied()
    }

    pub(crate) fn national(&self, mode: Mode) -> Option<usize> {
        self.national.get(&mode).copied()
    }
}

fn gauge_of(row: &Row<'_>, column: &str) -> Result<u16, Problem> {
    row.text(column)
        .parse()
        .map_err(|_| row.problem(column, format!("{:?}; write 1435 or 1520", row.text(column))))
}

impl Link {
    const COLUMNS: [&'static str; 12] = [
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
        "source",
    ];
    const SERVICE_COLUMNS: [&'static str; 13] = [
        "id",
        "operator",
        "from",
        "to",
        "mode",
        "pattern",
        "km",
        "km_status",
        "hours",
        "hours_status",
        "usd_per_teu",
        "cost_status",
        "source",
    ];

    fn read(row: &Row<'_>, network: &Network) -> Result<Self, Problem> {
        let (from, to) = (row.node("from", &network.index)?, row.node("to", &network.index)?);
        if from == to {
            return Err(row.problem("to", "a link to where it begins"));
        }
        let mode = Mode::parse(row.text("mode"))
            .ok_or_else(|| row.problem("mode", "use sea, caspian, ferry_rail, river, rail or road"))?;
        let gauge = row.optional("gauge_mm").map(|_| gauge_of(row, "gauge_mm")).transpose()?;
        if mode == Mode::Rail && gauge.is_none() {
            return Err(row.problem("gauge_mm", "a railway has a gauge; write 1435 or 1520"));
        }
        let rate = row.optional("rate").map(str::to_owned);
        if let Some(unknown) = rate.as_ref().filter(|rate| !network.rates.contains_key(*rate)) {
            return Err(row.problem("rate", format!("no rate {unknown}; add it to rates.csv")));
        }
        let yes = |column: &str| match row.text(column) {
            "" => Ok(None),
            "yes" => Ok(Some(true)),
            "no" => Ok(Some(false)),
            other => Err(row.problem(column, format!("{other:?}; use yes or no"))),
        };
        let service = row.optional("operator").map(|operator| {
            let capacity = row.optional("capacity_teu").map(|text| {
                text.parse().map_err(|_| row.problem("capacity_teu", format!("{text:?}; write 131")))
            });
            Ok(Service {
                operator: operator.to_owned(),
                vessel: row.optional("vessel").map(str::to_owned),
                capacity_teu: capacity.transpose()?,
            })
        });
        let link = Self {
            id: row.text("id").to_owned(),
            from,
            to,
            is_one_way: service.is_some() && yes("both_ways")? != Some(true),
            mode,
            gauge,
            electrified: yes("electrified")?,
            metres: row.amount("km")?,
            minutes: row.minutes("hours")?,
            deviation: row.optional_minutes("sd_hours")?.unwrap_or(0),
            cents_per_teu: if rate.is_some() && row.optional("usd_per_teu").is_none() {
                0
            } else {
                row.cents("usd_per_teu")?
            },
            rate,
            cost_per_mille: 1000,
            departures: Departures::read(row)?,
            has_ice: yes("ice")? == Some(true),
            closed: Season::read(row, "closed_from", "closed_until")?,
            limits: Limits::read(row)?,
            bends: Vec::new(),
            service: service.transpose()?,
            statuses: [
                row.status("km_status")?,
                row.status("hours_status")?,
                row.status("cost_status")?,
                row.status_or("departures_status", Status::Estimated)?,
            ],
            source: row.source()?,
        };
        let crow = crate::distance::great_circle(network.nodes[from].place(), network.nodes[to].place());
        // Coordinates are rounded to about five kilometres at each end.
        if link.metres + 12_000 < crow {
            let what =
                format!("{} km is shorter than the great circle of {} km", link.metres / 1000, crow / 1000);
            return Err(row.problem("km", what));
        }
        Ok(link)
    }

    /// The other end.
    #[must_use]
    pub const fn other(&self, node: usize) -> usize {
        if self.from == node { self.to } else { self.from }
    }

    /// Whether a load's passing of it leaves by a service that ends at its end.
    pub(crate) const fn is_service(&self) -> bool {
        self.service.is_some()
    }
}

impl Node {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> crate::distance::Place {
        crate::distance::Place::from_hundredths(self.north, self.east)
    }
}
