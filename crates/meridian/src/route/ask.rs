//! What every question about a route says: network, ends, load, restrictions.

use std::collections::BTreeMap;
use std::path::Path;

use meridian_corridor::{Load, Mode, Network, Overlay, Planner, Question, Refused, Train};
use meridian_terms::{Day, Moment};

use crate::trouble::trouble;

/// The arguments of a question.
#[derive(clap::Args)]
pub(crate) struct Ask {
    /// Directory of the network's tables
    #[arg(long)]
    pub(crate) network: String,
    /// UN/LOCODE or the network's own id
    #[arg(long)]
    pub(crate) from: String,
    /// UN/LOCODE or the network's own id
    #[arg(long)]
    pub(crate) to: String,
    /// Day (2026-03-20) or moment (2026-03-20T08:00:00Z) the goods are ready
    #[arg(long)]
    pub(crate) depart: String,
    /// What is carried: 1xTEU, 2xFEU, 1xTEU:26.5t
    #[arg(long, default_value = "1xTEU")]
    pub(crate) load: String,
    /// Cooled boxes that need power
    #[arg(long)]
    pub(crate) reefer: bool,
    /// Class of dangerous goods
    #[arg(long, value_name = "CLASS")]
    pub(crate) dangerous: Option<String>,
    /// A permit that is held
    #[arg(long, value_name = "NAME")]
    pub(crate) permit: Vec<String>,
    /// A through document that cannot be had: TIR, SMGS
    #[arg(long, value_name = "DOCUMENT")]
    pub(crate) without: Vec<String>,
    /// How wagons travel
    #[arg(long, default_value = "wagons", value_parser = ["wagons", "block"])]
    pub(crate) train: String,
    /// A what-if: links added, removed, closed, made dearer
    #[arg(long)]
    pub(crate) overlay: Vec<String>,
    /// A mode or a country not to be used: road, sea, IR
    #[arg(long, value_name = "TAG")]
    pub(crate) avoid: Vec<String>,
    /// A carrier or vessel that screening refused, with the reason: "IRISL=on list 12"
    #[arg(long, value_name = "NAME=REASON")]
    pub(crate) refuse: Vec<String>,
    /// Days within which the goods must be there
    #[arg(long, default_value_t = 75)]
    pub(crate) within: u16,
    /// Days after which they are late: tells the probability of being on time
    #[arg(long)]
    pub(crate) deadline: Option<u16>,
    /// Per cent by which a way may be worse than one it stands for
    #[arg(long, default_value = "0")]
    pub(crate) epsilon: String,
    /// Labels the search may make before it says that it stopped
    #[arg(long, default_value_t = 2_000_000)]
    pub(crate) budget: usize,
    /// Lift the label budget and any tolerance: the answer is exact, however long it takes
    #[arg(long)]
    pub(crate) exact: bool,
    /// Seed of the simulation
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Simulated journeys for each route
    #[arg(long, default_value_t = 10_000)]
    pub(crate) samples: u32,
}

impl Ask {
    /// The question in the planner's terms. Its lists are the caller's.
    pub(crate) fn question<'a>(
        &'a self,
        avoid: &'a [Mode],
        countries: &'a [&'a str],
    ) -> Result<Question<'a>, String> {
        let depart = match Day::parse(&self.depart) {
            Ok(day) => day.start(),
            Err(_) => Moment::parse(&self.depart).map_err(|refusal| format!("--depart: {refusal}"))?,
        };
        let mut load = Load::parse(&self.load).map_err(|refusal| format!("--load: {refusal}"))?;
        load.is_reefer = self.reefer;
        load.dangerous.clone_from(&self.dangerous);
        load.permits = self.permit.iter().cloned().collect();
        load.without_documents = self.without.iter().cloned().collect();
        load.train = Train::parse(&self.train).unwrap_or_default();
        let mut question = Question::new(&self.from, &self.to, depart, load);
        (question.avoid, question.avoid_countries) = (avoid, countries);
        question.refused = self.refused()?;
        question.within_days = self.within;
        question.epsilon_ppm = if self.exact { 0 } else { ppm(&self.epsilon)? };
        question.budget = if self.exact { usize::MAX } else { self.budget };
        Ok(question)
    }

    /// The modes and the countries of `--avoid`.
    pub(crate) fn avoided(&self, network: &Network) -> Result<(Vec<Mode>, Vec<&str>), String> {
        let (mut modes, mut countries) = (Vec::new(), Vec::new());
        for word in &self.avoid {
            match Mode::parse(word) {
                Some(mode) => modes.push(mode),
                None if network.nodes().iter().any(|node| node.country == *word) => {
                    countries.push(word.as_str())
                }
                None => {
                    return Err(format!(
                        "--avoid {word}: neither a mode nor a country of this network; write road, sea, IR"
                    ));
                }
            }
        }
        Ok((modes, countries))
    }

    fn refused(&self) -> Result<Refused, String> {
        let pairs = self.refuse.iter().map(|text| {
            let (name, reason) =
                text.split_once('=').ok_or_else(|| format!("--refuse {text}: write NAME=REASON"))?;
            Ok((name.trim().to_owned(), reason.trim().to_owned()))
        });
        pairs.collect()
    }

    /// The network under every overlay asked.
    pub(crate) fn changed(&self, base: &Network) -> Result<Network, String> {
        let mut overlays = Vec::new();
        for path in &self.overlay {
            let bytes = std::fs::read(path).map_err(|error| trouble(path, &error))?;
            let overlay = Overlay::load(path, &bytes, base).map_err(|problems| {
                problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
            })?;
            overlays.push(overlay);
        }
        Ok(base.with(&overlays))
    }

    /// Asks a network.
    pub(crate) fn plan(&self, network: &Network) -> Result<meridian_corridor::Plan, String> {
        let (modes, countries) = self.avoided(network)?;
        let question = self.question(&modes, &countries)?;
        Ok(Planner::new(network, &question).plan(&question))
    }
}

fn ppm(text: &str) -> Result<u32, String> {
    let wrong = || format!("--epsilon {text}: write per cent, 1 or 0.5");
    let decimal = meridian_terms::Decimal::parse(text).map_err(|_| wrong())?;
    let exact = decimal.rescaled(4, meridian_terms::Rounding::HalfEven).ok_or_else(wrong)?;
    u32::try_from(exact.mantissa()).map_err(|_| wrong())
}

/// A directory's CSV files by name.
pub(crate) fn files_of(directory: &Path) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    let entries = std::fs::read_dir(directory).map_err(|error| trouble(directory, &error))?;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".csv") {
            let bytes = std::fs::read(entry.path()).map_err(|error| trouble(entry.path(), &error))?;
            files.insert(name, bytes);
        }
    }
    Ok(files)
}

/// Loads a network, or says every problem of its tables.
pub(crate) fn network_of(directory: &Path) -> Result<Network, String> {
    Network::load(&files_of(directory)?).map_err(|problems| {
        let lines: Vec<String> =
            problems.iter().map(|problem| format!("{}/{problem}", directory.display())).collect();
        lines.join("\n")
    })
}
