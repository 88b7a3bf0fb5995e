//! What-ifs: changes to a network whose base is never touched.

use super::{Link, Network, Season, gauge_of};
use crate::table::{Problem, Row, rows};

/// A change to a network: links and services added, removed, closed for a season, made faster or dearer; procedures changed.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    /// What it says of itself.
    pub words: String,
    changes: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Add(std::boxed::Box<Link>),
    Remove(String),
    /// Every land link between two countries.
    Shut(String, String),
    Close(String, Season),
    /// Time and cost of a link or procedure in thousandths of what they were.
    Scale {
        id: String,
        time: u64,
        cost: u64,
    },
    /// The gauges of the two sides of a border.
    Gauges {
        id: String,
        from: u16,
        to: u16,
    },
}

impl Overlay {
    /// Loads an overlay for a network: a first line `# words`, then rows behind a column `change`:
    ///
    /// | change | needs | does |
    /// |---|---|---|
    /// | `add` | the columns of `links.csv` or `services.csv` | adds a link or service |
    /// | `remove` | `id` | takes a link or service away |
    /// | `shut` | `from`, `to`: two countries | takes every land link between them away |
    /// | `close` | `id`, `closed_from`, `closed_until` | closes a link in that season |
    /// | `scale` | `id`, `time_percent`, `cost_percent` | changes a link, a service or a procedure |
    /// | `gauges` | `id`, `gauge_from`, `gauge_to` | says which gauge lies on either side of a border |
    ///
    /// An id `mode:river` or `mode:sea` names every link of a mode.
    ///
    /// # Errors
    /// Every problem with file, row and column.
    pub fn load(name: &str, bytes: &[u8], network: &Network) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let words = String::from_utf8_lossy(first).trim_start_matches('#').trim().to_owned();
        let mut overlay = Self { words, ..Self::default() };
        rows(name, bytes, &["change", "id"], &mut problems, |row| {
            overlay.changes.push(Change::read(row, network)?);
            Ok(())
        });
        if problems.is_empty() { Ok(overlay) } else { Err(problems) }
    }

    /// An overlay that adds one link.
    #[must_use]
    pub fn adding(link: Link) -> Self {
        Self { words: format!("{} added", link.id), changes: vec![Change::Add(std::boxed::Box::new(link))] }
    }

    /// An overlay that removes one link.
    #[must_use]
    pub fn removing(id: &str) -> Self {
        Self { words: format!("{id} removed"), changes: vec![Change::Remove(id.to_owned())] }
    }

    pub(super) fn change(&self, network: &mut Network) {
        for change in &self.changes {
            match change {
                Change::Add(link) => network.links.push((**link).clone()),
                Change::Remove(id) => network.links.retain(|link| !names(id, link)),
                Change::Shut(a, b) => {
                    let nodes = &network.nodes;
                    network.links.retain(|link| {
                        let ends = (&nodes[link.from].country, &nodes[link.to].country);
                        !link.mode.has_land_borders() || (ends != (a, b) && ends != (b, a))
                    });
                }
                Change::Close(id, season) => {
                    for link in network.links.iter_mut().filter(|link| names(id, link)) {
                        link.closed = Some(*season);
                    }
                }
                Change::Scale { id, time, cost } => scale(network, id, *time, *cost),
                Change::Gauges { id, from, to } => {
                    for procedure in network.procedures.iter_mut().filter(|procedure| procedure.id == *id) {
                        if let Some([a, b]) = &mut procedure.gauges {
                            (a.1, b.1) = (*from, *to);
                        }
                    }
                }
            }
        }
    }
}

impl Change {
    fn read(row: &Row<'_>, network: &Network) -> Result<Self, Problem> {
        let id = || -> Result<String, Problem> {
            let id = row.text("id");
            let is_known = network.links.iter().any(|link| names(id, link))
                || network.procedures.iter().any(|procedure| procedure.id == id);
            if is_known {
                Ok(id.to_owned())
            } else {
                Err(row.problem("id", format!("the network has no {id}")))
            }
        };
        Ok(match row.text("change") {
            "add" => Self::Add(std::boxed::Box::new(Link::read(row, network)?)),
            "remove" => Self::Remove(id()?),
            "shut" => {
                let country = |column: &str| {
                    let code = row.text(column);
                    let is_known = network.nodes.iter().any(|node| node.country == code);
                    if is_known {
                        Ok(code.to_owned())
                    } else {
                        Err(row.problem(column, format!("no node lies in {code:?}")))
                    }
                };
                Self::Shut(country("from")?, country("to")?)
            }
            "close" => {
                let season = Season::read(row, "closed_from", "closed_until")?;
                Self::Close(
                    id()?,
                    season.ok_or_else(|| row.problem("closed_from", "a closure needs a season"))?,
                )
            }
            "scale" => {
                let per_mille =
                    |column: &str| row.optional(column).map_or(Ok(1000), |_| Ok(row.amount(column)? / 100));
                Self::Scale { id: id()?, time: per_mille("time_percent")?, cost: per_mille("cost_percent")? }
            }
            "gauges" => {
                let id = id()?;
                if !network
                    .procedures
                    .iter()
                    .any(|procedure| procedure.id == id && procedure.gauges.is_some())
                {
                    return Err(row.problem("id", format!("{id} is no border with a change of gauge")));
                }
                Self::Gauges { id, from: gauge_of(row, "gauge_from")?, to: gauge_of(row, "gauge_to")? }
            }
            other => {
                let words = "use add, remove, shut, close, scale or gauges";
                return Err(row.problem("change", format!("{other:?}; {words}")));
            }
        })
    }
}

/// Whether an overlay's id names this link: its own, or `mode:` and its mode.
fn names(id: &str, link: &Link) -> bool {
    link.id == id || id.strip_prefix("mode:").is_some_and(|mode| mode == link.mode.word())
}

fn scale(network: &mut Network, id: &str, time: u64, cost: u64) {
    let scaled =
        |value: u32, per_mille: u64| u32::try_from(u64::from(value) * per_mille / 1000).unwrap_or(u32::MAX);
    for link in network.links.iter_mut().filter(|link| names(id, link)) {
        link.minutes = scaled(link.minutes, time);
        link.cost_per_mille = scaled(link.cost_per_mille, cost);
    }
    for procedure in network.procedures.iter_mut().filter(|procedure| procedure.id == id) {
        procedure.cents_per_teu = scaled(procedure.cents_per_teu, cost);
        procedure.scale_time(|minutes| scaled(minutes, time));
    }
}
