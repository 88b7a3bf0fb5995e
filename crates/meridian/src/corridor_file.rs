//! `corridor.toml`: a corridor as its operator writes it down, and the files beside it.

use std::collections::BTreeMap;
use std::path::Path;

use meridian_corridor::{Network, Overlay};
use meridian_http::{Corridor, Oracles, Tariff};
use meridian_screening::{List, ListSet, OfacFiles, import, import_ofac_csv};
use meridian_tariff::Tables;
use meridian_tariff::pack::Pack;
use meridian_terms::{Country, Day};
use rust_embed::Embed;
use serde::Deserialize;

use crate::settlement_file::{CalendarEntry, PolicyEntry, SubCapEntry, WindowEntry};
use crate::trouble::trouble;

/// The example corridor, so that the binary shows itself wherever it stands.
#[derive(Embed)]
#[folder = "../../examples/north-south"]
struct Example;

/// Files by their path within the corridor's directory.
pub(crate) struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// The files of a directory and of those within it.
    pub(crate) fn of(directory: &Path) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        collect(directory, "", &mut files)?;
        Ok(Self(files))
    }

    /// The example's files, built in.
    pub(crate) fn example() -> Self {
        let files = Example::iter().filter_map(|name| {
            let file = Example::get(&name)?;
            Some((name.to_string(), file.data.into_owned()))
        });
        Self(files.collect())
    }

    /// A file.
    pub(crate) fn get(&self, name: &str) -> Result<&[u8], String> {
        self.0.get(name).map(Vec::as_slice).ok_or_else(|| format!("{name}: the file is missing; add it"))
    }

    /// Some of the files.
    pub(crate) fn some(&self, names: &[String]) -> Self {
        let known = names.iter().filter_map(|name| Some((name.clone(), self.0.get(name)?.clone())));
        Self(known.collect())
    }

    /// The files of a folder by their name within it.
    pub(crate) fn below(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let within = |name: &String| {
            name.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).map(str::to_owned)
        };
        self.0.iter().filter_map(|(name, bytes)| Some((within(name)?, bytes.clone()))).collect()
    }

    /// A TOML file, or the place and reason it cannot be read.
    pub(crate) fn toml<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, String> {
        parse_toml(name, self.text(name)?)
    }

    /// A file of text.
    pub(crate) fn text(&self, name: &str) -> Result<&str, String> {
        std::str::from_utf8(self.get(name)?).map_err(|error| format!("{name}: {error}"))
    }

    /// `corridor.toml:12:5`: the line and column of a byte.
    pub(crate) fn place(&self, name: &str, at: usize) -> String {
        place(name, self.text(name).unwrap_or(""), at)
    }

    /// The network of `corridor/`.
    pub(crate) fn network(&self) -> Result<Network, String> {
        Network::load(&self.below("corridor")).map_err(|problems| joined("corridor", &problems))
    }

    /// The tariff of a country.
    pub(crate) fn tariff(&self, country: Country) -> Result<Pack, String> {
        let folder = format!("tariff/{country}");
        Pack::load(&self.below(&folder)).map_err(|problems| joined(&folder, &problems))
    }

    /// The tables beside a country's duties: controls, certificates, origin, quotas.
    pub(crate) fn tables(&self, country: Country) -> Result<Tables, String> {
        let folder = format!("tariff/{country}");
        Tables::load(&self.below(&folder)).map_err(|problems| joined(&folder, &problems))
    }

    /// Every tariff below `tariff/`, and the network with the what-ifs of `corridor/overlays/`: what the console answers
    /// from. A hub may have neither.
    pub(crate) fn oracles(&self) -> Result<Oracles, String> {
        let mut oracles = Oracles::default();
        let packs = self.0.keys().filter_map(|name| name.strip_prefix("tariff/")?.strip_suffix("/pack.toml"));
        for territory in packs {
            let country =
                Country::parse(territory).map_err(|refusal| format!("tariff/{territory}: {refusal}"))?;
            let tariff = Tariff::new(self.tariff(country)?, self.tables(country)?);
            oracles.tariffs.insert(territory.to_owned(), tariff);
        }
        if self.0.contains_key("corridor/nodes.csv") {
            let network = self.network()?;
            let mut overlays = BTreeMap::new();
            for (file, bytes) in self.below("corridor/overlays") {
                let Some(name) = file.strip_suffix(".csv") else { continue };
                let overlay = Overlay::load(&file, &bytes, &network);
                let overlay = overlay.map_err(|problems| joined("corridor/overlays", &problems))?;
                overlays.insert(name.to_owned(), overlay);
            }
            oracles.corridor = Some(Corridor { network: network.into(), overlays });
        }
        Ok(oracles)
    }

    /// The watch lists named in the corridor's file, published on `day` where the list does not say. Of OFAC's CSV set the
    /// primary file is named (`sdn.csv`, `cons_prim.csv`); aliases and comments are read beside it where they are.
    pub(crate) fn lists(&self, names: &[String], day: Day) -> Result<ListSet, String> {
        let read = |name: &String| -> Result<List, String> {
            let bytes = self.get(name)?;
            let stem = Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or(name);
            let imported = match crate::screen::beside(name, stem) {
                Some((aliases, comments)) => {
                    let there =
                        |path: &Path| path.to_str().and_then(|path| self.get(path).ok()).unwrap_or_default();
                    let (aliases, comments) = (there(&aliases), there(&comments));
                    import_ofac_csv(name, day, OfacFiles { primary: bytes, aliases, comments })
                }
                None => import(name, day, bytes),
            };
            imported.map_err(|refusal| format!("{name}: {refusal}"))
        };
        Ok(ListSet::of(names.iter().map(read).collect::<Result<_, _>>()?))
    }
}

fn joined(folder: &str, problems: &[impl std::fmt::Display]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("{folder}/{problem}")).collect();
    lines.join("\n")
}

fn collect(directory: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let told = |error: std::io::Error| trouble(directory, &error);
    // A journal that lies beside the corridor is no part of it, and large.
    if directory.join("segment-00000000000000000000").exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(directory).map_err(told)? {
        let entry = entry.map_err(told)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, std::fs::read(entry.path()).map_err(told)?);
        }
    }
    Ok(())
}

/// `corridor.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorridorFile {
    /// What the corridor calls itself.
    pub(crate) name: String,
    /// The hub's BIC.
    pub(crate) hub: String,
    /// When the example day begins; a real hub lives by the machine's clock.
    pub(crate) day: Option<String>,
    /// Whether institutions are invented.
    #[serde(default)]
    pub(crate) is_example: bool,
    /// Watch lists, by path within the directory.
    pub(crate) lists: Vec<String>,
    /// Where the journal lies (serve).
    pub(crate) data: Option<String>,
    /// Which engine keeps the journal (serve): files in `data`, unless set.
    #[serde(default)]
    pub(crate) journal: JournalEntry,
    /// Where to listen (serve): `127.0.0.1:8080`.
    pub(crate) listen: Option<String>,
    /// What clients write before the path (serve).
    pub(crate) public_url: Option<String>,
    /// Days a list may be old (serve).
    pub(crate) oldest_list_days: Option<i32>,
    /// Days final payments are remembered for answering duplicates and showing them; 14 unless set.
    pub(crate) memory_days: Option<i64>,
    /// Where the console and the metrics are reached when participants come over TLS (serve): on loopback.
    pub(crate) console: Option<String>,
    /// Where the credentials of the hub's people lie, beside this file (serve): `credentials.json` unless set. `meridian
    /// person` writes it.
    pub(crate) credentials: Option<String>,
    /// TLS, with a certificate on both sides (serve).
    pub(crate) tls: Option<TlsEntry>,
    /// The hub's own Ed25519 seed, by path: signs what is pushed (serve).
    pub(crate) hub_key: Option<String>,
    /// Requests a second each participant may make, unless it has a rate of its own; unbounded at 0, and in an example
    /// unless set.
    pub(crate) requests_per_second: Option<u32>,
    /// Packs of eligible purposes, by path: CSV.
    #[serde(default)]
    pub(crate) purposes: Vec<String>,
    /// Spans that differ from the usual.
    #[serde(default)]
    pub(crate) times: TimesEntry,
    /// Currencies a conversion may pass through though foreign to both sides.
    #[serde(default)]
    pub(crate) pivots: Vec<String>,
    /// Countries' own currencies.
    #[serde(default)]
    pub(crate) national: BTreeMap<String, String>,
    /// What creditor agents keep.
    #[serde(default)]
    pub(crate) fee: Vec<FeeEntry>,
    /// With whom providers keep their money.
    #[serde(default)]
    pub(crate) intermediary: Vec<IntermediaryEntry>,
    /// The hub's people.
    #[serde(default)]
    pub(crate) person: Vec<PersonEntry>,
    /// Illustrative mid rates (example).
    #[serde(default)]
    pub(crate) mid: BTreeMap<String, String>,
    /// Who takes part.
    #[serde(default)]
    pub(crate) participant: Vec<ParticipantEntry>,
    /// Which links are open, on what.
    #[serde(default)]
    pub(crate) link: Vec<LinkEntry>,
    /// Bounds.
    #[serde(default)]
    pub(crate) cap: Vec<CapEntry>,
    /// When national settlement systems work.
    #[serde(default)]
    pub(crate) calendar: Vec<CalendarEntry>,
    /// How each currency settles.
    #[serde(default)]
    pub(crate) window: Vec<WindowEntry>,
    /// What becomes of payments short of cover.
    #[serde(default)]
    pub(crate) policy: Vec<PolicyEntry>,
    /// How much of a closed window's credit may be spent before it is settled.
    #[serde(default)]
    pub(crate) sub_cap: Vec<SubCapEntry>,
}

/// `[journal]`: which engine keeps the journal.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JournalEntry {
    /// `file` or `postgres`.
    #[serde(default)]
    pub(crate) engine: Engine,
    /// How PostgreSQL is reached: `host=a,b port=5432 user=meridian dbname=meridian`. From the environment
    /// (`MERIDIAN_POSTGRES`) where it holds a password.
    pub(crate) url: Option<String>,
    /// Which journal of the database; `hub` unless set.
    pub(crate) ledger: Option<String>,
    /// How many synchronous standbys a commit waits for; 1 unless set.
    pub(crate) standbys: Option<u8>,
}

/// An engine of the journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Engine {
    /// Files in a directory.
    #[default]
    File,
    /// PostgreSQL.
    Postgres,
}

/// A participant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParticipantEntry {
    /// Its BIC.
    pub(crate) bic: String,
    /// Its name.
    pub(crate) name: String,
    /// Where it is licensed.
    pub(crate) country: String,
    /// What it does.
    pub(crate) role: String,
    /// Its Ed25519 public key, 64 hexadecimal digits; an example's key derives from its BIC.
    pub(crate) key: Option<String>,
    /// Where its messages are pushed (serve): `https://gateway.bank.example/meridian`; without it they are fetched.
    pub(crate) endpoint: Option<String>,
    /// Requests a second it may make, where they differ from everybody's.
    pub(crate) requests_per_second: Option<u32>,
    /// What a provider keeps of each exchange.
    #[serde(default)]
    pub(crate) spread_basis_points: i32,
    /// Its cover: `RUB 900000000.00`; a real hub opens the account and waits for the agent's notice.
    pub(crate) cover: Vec<String>,
}

/// A link between countries.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkEntry {
    /// Between which.
    pub(crate) countries: [String; 2],
    /// On which instrument.
    pub(crate) instrument: String,
    /// From which day; an example's from the day before.
    pub(crate) from: Option<String>,
    /// Until which day, if it ends.
    pub(crate) until: Option<String>,
    /// The two people who open it.
    pub(crate) opened_by: Option<[String; 2]>,
    /// Their signatures, in the same order: `meridian key sign-link` makes them.
    pub(crate) signatures: Option<[String; 2]>,
}

/// A bound: on one of what it names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CapEntry {
    /// What a participant sends.
    pub(crate) participant: Option<String>,
    /// What leaves a country.
    pub(crate) country: Option<String>,
    /// What a provider gives out.
    pub(crate) provider: Option<String>,
    /// What is converted from one currency to another.
    pub(crate) pair: Option<[String; 2]>,
    /// What one participant sends another.
    pub(crate) bilateral: Option<[String; 2]>,
    /// What a participant has sent and reserved, less what it received.
    pub(crate) net_debit: Option<String>,
    /// How much.
    pub(crate) most: String,
    /// When to alarm.
    #[serde(default)]
    pub(crate) alarm_percent: u8,
}

/// PEM files of TLS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsEntry {
    /// The hub's certificate with its chain.
    pub(crate) certificate: String,
    /// Its private key.
    pub(crate) private_key: String,
    /// Who signs participants' certificates.
    pub(crate) authorities: String,
}

/// Spans in seconds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimesEntry {
    /// How long a quote binds.
    pub(crate) quote: Option<i64>,
    /// How long a HIGH payment waits for its answer.
    pub(crate) high: Option<i64>,
    /// How long until a NORM payment is chased.
    pub(crate) norm_chase: Option<i64>,
    /// How long a payment may stay accepted and not credited.
    pub(crate) accepted_pending: Option<i64>,
    /// How long a recall waits for its answer.
    pub(crate) recall: Option<i64>,
    /// How long a question about an account waits for its answer.
    pub(crate) resolution: Option<i64>,
    /// How old a HIGH payment may be on arrival.
    pub(crate) oldest_acceptance: Option<i64>,
}

/// What creditor agents of a country keep of what arrives.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeeEntry {
    /// Which country's.
    pub(crate) country: String,
    /// In every case: `MYR 0.49`; its currency is the fee's.
    pub(crate) nominal: String,
    /// And hundredths of a per cent of what arrives.
    #[serde(default)]
    pub(crate) basis_points: u32,
    /// But never more.
    pub(crate) most: Option<String>,
}

/// A provider's settlement access agent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntermediaryEntry {
    /// The provider.
    pub(crate) provider: String,
    /// In which currency.
    pub(crate) currency: String,
    /// With whom.
    pub(crate) agent: String,
}

/// One of the hub's people: who signs in and does what their roles may, or who signs links in this file, or both.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonEntry {
    /// What they sign in with; without it they only sign links here.
    pub(crate) id: Option<String>,
    /// Who.
    pub(crate) name: String,
    /// What they are for: operator, treasurer, compliance, customs, analyst, auditor.
    #[serde(default)]
    pub(crate) roles: Vec<String>,
    /// The Ed25519 public key, 64 hexadecimal digits, of whoever signs links here.
    pub(crate) key: Option<String>,
}

/// Reads TOML; what is wrong is said with file, line and column.
pub(crate) fn parse_toml<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        format!("{}: {}", place(name, text, at), error.message())
    })
}

fn place(name: &str, text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
    format!("{name}:{line}:{column}")
}

#[cfg(test)]
mod tests {
    use meridian_testdata::{bent, runs};

    use super::{CorridorFile, Example, Files};

    /// The example's file, bent: reading it never panics, and what is wrong has a line and a column.
    #[test]
    fn no_corridor_file_panics_and_a_refusal_names_its_place() {
        let sample = Example::get("corridor.toml").map(|file| file.data.into_owned());
        let samples = [sample.expect("the example has one")];
        bolero::check!().with_iterations(runs(3_000)).with_max_len(21).for_each(move |recipe: &[u8]| {
            let (_, bytes) = bent(&samples, recipe);
            let files = Files([("corridor.toml".to_owned(), bytes)].into());
            if let Err(why) = files.toml::<CorridorFile>("corridor.toml") {
                assert!(why.starts_with("corridor.toml:"), "{why}");
            }
        });
    }
}
