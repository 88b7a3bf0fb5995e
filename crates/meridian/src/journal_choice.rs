//! Which journal a hub runs on, and how it begins: as the leader, or as a standby that waits.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use meridian_http::statistics::OpenJournal;
use meridian_journal::{FileJournal, Journal, JournalError, LogSettings, PostgresJournal, PostgresSettings};
use meridian_node::{Clock, Node, NodeSettings};

use crate::corridor_file::{CorridorFile, Engine};

/// How often a standby looks for what came, and whether it may lead.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The journal a corridor's file names.
pub(crate) enum Choice {
    /// Files in a directory.
    File(PathBuf),
    /// PostgreSQL.
    Postgres(PostgresSettings),
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(directory) => write!(f, "{}", directory.display()),
            // The url may hold a password.
            Self::Postgres(settings) => write!(f, "PostgreSQL, ledger {}", settings.ledger),
        }
    }
}

/// A node at work, and its writer's end.
type Running = (Node, JoinHandle<Result<(), String>>);

impl Choice {
    /// What the file says; paths are within `directory`.
    pub(crate) fn of(file: &CorridorFile, directory: &Path) -> Result<Self, String> {
        let entry = &file.journal;
        if entry.engine == Engine::File {
            let data = file.data.as_deref().ok_or("no data; meridian serve needs it for its journal")?;
            return Ok(Self::File(directory.join(data)));
        }
        let url = std::env::var("MERIDIAN_POSTGRES").ok().or_else(|| entry.url.clone());
        let url = url.ok_or("[journal] url: say how PostgreSQL is reached, or set MERIDIAN_POSTGRES")?;
        let ledger = entry.ledger.clone().unwrap_or_else(|| "hub".into());
        let standbys = entry.standbys.unwrap_or(1);
        Ok(Self::Postgres(PostgresSettings { standbys, ..PostgresSettings::new(url, ledger) }))
    }

    /// Starts the node: as the leader, or as a standby that leads once the leader is gone.
    pub(crate) fn start(self, standby: bool, clock: Clock) -> Result<Running, String> {
        let settings = NodeSettings::default();
        if !standby {
            let journal = self.open().map_err(|error| error.to_string())?;
            let promise = journal.durability();
            eprintln!(
                "an answer means {} flushed {}",
                promise.copies,
                if promise.copies == 1 { "copy" } else { "copies" }
            );
            return Node::start(journal, clock, settings).map_err(|error| error.to_string());
        }
        let reading = self.reading()?;
        let mut last_word = String::new();
        let may_lead = move || match self.try_lead() {
            Ok(None) => None,
            Ok(Some(journal)) => {
                eprintln!("taking over");
                Some(journal)
            }
            Err(error) => {
                let word = error.to_string();
                if word != last_word {
                    eprintln!("this standby cannot lead: {word}");
                    last_word = word;
                }
                None
            }
        };
        Node::follow(reading, may_lead, LOOK_EVERY, clock, settings).map_err(|error| error.to_string())
    }

    /// A way to read the journal beside its writer, for whoever opens a figure's events.
    pub(crate) fn reader(&self) -> Arc<OpenJournal> {
        let told = |error: JournalError| error.to_string();
        match self {
            Self::File(directory) => {
                let directory = directory.clone();
                Arc::new(move || {
                    Ok(Box::new(FileJournal::open_reading_trusting(&directory).map_err(told)?) as _)
                })
            }
            Self::Postgres(settings) => {
                let settings = settings.clone();
                Arc::new(move || {
                    Ok(Box::new(PostgresJournal::open_reading(settings.clone()).map_err(told)?) as _)
                })
            }
        }
    }

    fn open(&self) -> Result<Box<dyn Journal>, JournalError> {
        Ok(match self {
            Self::File(directory) => Box::new(FileJournal::open(directory, LogSettings::default())?),
            Self::Postgres(settings) => Box::new(PostgresJournal::open(settings.clone())?),
        })
    }

    /// For a standby: waits until there is a journal to read.
    fn reading(&self) -> Result<Box<dyn Journal>, String> {
        loop {
            let opened: Result<Box<dyn Journal>, JournalError> = match self {
                Self::File(directory) => {
                    FileJournal::open_reading(directory).map(|journal| Box::new(journal) as _)
                }
                Self::Postgres(settings) => {
                    PostgresJournal::open_reading(settings.clone()).map(|journal| Box::new(journal) as _)
                }
            };
            match opened {
                Ok(journal) => return Ok(journal),
                Err(error @ JournalError::Damaged { .. }) => return Err(error.to_string()),
                Err(_) => std::thread::sleep(LOOK_EVERY),
            }
        }
    }

    fn try_lead(&self) -> Result<Option<Box<dyn Journal>>, JournalError> {
        match self {
            Self::File(directory) => match FileJournal::open(directory, LogSettings::default()) {
                Ok(journal) => Ok(Some(Box::new(journal))),
                Err(JournalError::Held(_)) => Ok(None),
                Err(error) => Err(error),
            },
            Self::Postgres(settings) => {
                let led = PostgresJournal::try_lead(settings.clone())?;
                Ok(led.map(|journal| Box::new(journal) as _))
            }
        }
    }
}
