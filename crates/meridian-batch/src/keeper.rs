//! Off the hot path: runs of known ids, postings, snapshots. What is kept here can always be made again from the log.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_journal::{Journal, Position};
use meridian_ledger::{Frozen, Past, Recent, Seen, TransferId, entry_accounts};
use meridian_terms::Moment;

use crate::outbox::{Outbox, Seal};
use crate::postings::AllPostings;
use crate::runs::{Run, merge};
use crate::section::sections;

/// A durable batch, to be indexed.
pub(crate) struct Keep {
    pub(crate) position: Position,
    pub(crate) first_entry: u64,
    pub(crate) body: Vec<u8>,
    pub(crate) seals: Vec<Seal>,
    pub(crate) snapshot: Option<Frozen>,
}

/// What a snapshot says beside the state.
#[derive(Debug, Default, Clone, BorshSerialize, BorshDeserialize)]
pub(crate) struct Manifest {
    /// Runs, oldest first.
    pub(crate) runs: Vec<String>,
    /// Files of postings, oldest first.
    pub(crate) postings: Vec<String>,
    /// Rows of the window.
    pub(crate) window: u32,
    /// How many windows have left memory.
    pub(crate) windows: u64,
    /// The moment of the last event.
    pub(crate) at: Moment,
    /// The first entry that is in no file of postings, and the batch it is in: that batch's first entry and position.
    pub(crate) young: (u64, u64, u64),
}

/// What the keeper has made, for whoever decides and reads.
#[derive(Default)]
pub(crate) struct Kept {
    version: AtomicU64,
    runs: Mutex<(Vec<Arc<Run>>, u64)>,
    postings: Mutex<AllPostings>,
}

impl Kept {
    pub(crate) fn postings(&self) -> MutexGuard<'_, AllPostings> {
        self.postings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, runs: &[Arc<Run>], windows: u64) {
        *self.runs.lock().unwrap_or_else(PoisonError::into_inner) = (runs.to_vec(), windows);
        self.version.fetch_add(1, Ordering::Release);
    }
}

/// Ids that have left the window: windows on their way to disk, and runs.
pub(crate) struct Sealed {
    kept: Arc<Kept>,
    version: u64,
    runs: Vec<Arc<Run>>,
    windows: VecDeque<(u64, Arc<Recent>)>,
}

impl Sealed {
    pub(crate) fn new(kept: Arc<Kept>) -> Self {
        let mut sealed = Self { kept, version: u64::MAX, runs: Vec::new(), windows: VecDeque::new() };
        sealed.refresh();
        sealed
    }

    pub(crate) fn add(&mut self, number: u64, window: Arc<Recent>) {
        self.windows.push_back((number, window));
    }

    /// Lets go of windows that are runs by now.
    pub(crate) fn refresh(&mut self) {
        let version = self.kept.version.load(Ordering::Acquire);
        if version != self.version {
            self.version = version;
            let kept = self.kept.runs.lock().unwrap_or_else(PoisonError::into_inner);
            self.runs.clone_from(&kept.0);
            let on_disk = kept.1;
            drop(kept);
            self.windows.retain(|(number, _)| *number >= on_disk);
        }
    }
}

impl Past for Sealed {
    fn find(&self, id: TransferId) -> Option<Seen> {
        let young = self.windows.iter().rev().find_map(|(_, window)| window.find(id));
        young.or_else(|| self.runs.iter().rev().find_map(|run| run.find(id)))
    }
}

pub(crate) struct Keeper {
    directory: PathBuf,
    journal: Option<Box<dyn Journal>>,
    outbox: Arc<Outbox>,
    kept: Arc<Kept>,
    runs: Vec<Arc<Run>>,
    /// The highest id in any run.
    highest: Option<TransferId>,
    manifest: Manifest,
    /// Positions and files of the newest snapshots.
    snapshots: VecDeque<(Position, BTreeSet<String>)>,
}

impl Keeper {
    pub(crate) fn new(
        directory: PathBuf,
        journal: Option<Box<dyn Journal>>,
        outbox: Arc<Outbox>,
        kept: Arc<Kept>,
        manifest: Manifest,
        fence: Option<TransferId>,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(&directory)?;
        let runs = manifest.runs.iter().map(|name| Run::open(&directory, name).map(Arc::new));
        let runs = runs.collect::<io::Result<Vec<_>>>()?;
        {
            let mut postings = kept.postings();
            for name in &manifest.postings {
                let file = crate::postings::Postings::open(&directory, name)?;
                postings.files.push(file);
            }
            postings.young.first = manifest.young.0;
        }
        kept.publish(&runs, manifest.windows);
        let keeper = Self {
            directory,
            journal,
            outbox,
            kept,
            runs,
            highest: fence,
            manifest,
            snapshots: VecDeque::new(),
        };
        keeper.tidy(&keeper.files())?;
        Ok(keeper)
    }

    pub(crate) fn stop_ledger(&self, why: &str) {
        self.outbox.fail(why);
    }

    fn files(&self) -> BTreeSet<String> {
        self.manifest.runs.iter().chain(&self.manifest.postings).cloned().collect()
    }

    /// Deletes index files nobody names any more.
    fn tidy(&self, named: &BTreeSet<String>) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.directory)? {
            let name = entry?.file_name();
            if !name.to_str().is_some_and(|name| named.contains(name)) {
                std::fs::remove_file(self.directory.join(name))?;
            }
        }
        Ok(())
    }

    /// Indexes a batch; then what was sealed in it becomes a run, and the state behind it a snapshot.
    pub(crate) fn keep(&mut self, keep: Keep) -> Result<(), String> {
        let told = |error: io::Error| format!("index: {error}");
        let mut entry = keep.first_entry;
        let mut seals = keep.seals.into_iter().peekable();
        {
            let mut postings = self.kept.postings();
            if !keep.body.is_empty() {
                postings.young.batches.push((keep.first_entry, keep.position));
            }
        }
        for section in sections(&keep.body) {
            let section = section?;
            self.manifest.at = section.at;
            let mut rest = section.entries();
            while !rest.is_empty() {
                let room = seals.peek().map_or(rest.len(), |seal| {
                    usize::try_from(seal.after.saturating_sub(entry)).unwrap_or(usize::MAX).min(rest.len())
                });
                let (now, later) = rest.split_at(room);
                let mut postings = self.kept.postings();
                let known = postings.young.first + postings.young.rows.len() as u64;
                let fresh =
                    now.iter().skip(usize::try_from(known.saturating_sub(entry)).unwrap_or(usize::MAX));
                postings.young.rows.extend(fresh.map(entry_accounts));
                drop(postings);
                entry += now.len() as u64;
                rest = later;
                while seals.peek().is_some_and(|seal| seal.after <= entry) {
                    let Some(seal) = seals.next() else { break };
                    self.seal(&seal, (keep.first_entry, keep.position)).map_err(told)?;
                }
            }
        }
        for seal in seals {
            self.seal(&seal, (keep.first_entry, keep.position)).map_err(told)?;
        }
        match keep.snapshot {
            Some(frozen) => self.snapshot(Position(keep.position.0 + 1), &frozen),
            None => Ok(()),
        }
    }

    fn seal(&mut self, seal: &Seal, batch: (u64, Position)) -> io::Result<()> {
        let mut rows: Vec<Seen> = seal.window.rows().iter().copied().collect();
        let is_ordered =
            rows.is_sorted_by(|a, b| a.id < b.id) && rows.first().map(|row| row.id) > self.highest;
        if !is_ordered {
            rows.sort_unstable_by_key(|row| row.id);
        }
        self.highest = self.highest.max(rows.last().map(|row| row.id));
        let name = format!("run-{:010}-{:010}", seal.number, seal.number);
        let count = rows.len() as u64;
        let run = Run::write(&self.directory, &name, rows.into_iter().map(Ok), count, is_ordered)?;
        self.runs.push(Arc::new(run));
        self.merge()?;
        self.manifest.windows = seal.number + 1;
        self.manifest.runs = self.runs.iter().map(|run| run.name().to_owned()).collect();
        self.kept.publish(&self.runs, self.manifest.windows);
        let mut postings = self.kept.postings();
        let mut young = postings.young.clone();
        // The file is written without the lock: readers go on meanwhile.
        drop(postings);
        let file = young.seal(&self.directory)?;
        young.batches.push(batch);
        postings = self.kept.postings();
        postings.young = young;
        if let Some(file) = file {
            self.manifest.postings.push(file.name().to_owned());
            postings.files.push(file);
        }
        Ok(())
    }

    /// Four overlapping runs of like size become one.
    fn merge(&mut self) -> io::Result<()> {
        let tier = |run: &Run| run.rows().max(1).ilog(4);
        loop {
            let unordered: Vec<usize> =
                (0..self.runs.len()).filter(|place| !self.runs[*place].is_ordered()).collect();
            let Some(last) = unordered.last() else { return Ok(()) };
            let of_size = tier(&self.runs[*last]);
            let alike: Vec<usize> = unordered
                .iter()
                .rev()
                .copied()
                .take_while(|place| tier(&self.runs[*place]) <= of_size)
                .collect();
            if alike.len() < 4 {
                return Ok(());
            }
            let newest_first: Vec<&Run> = alike.iter().map(|place| self.runs[*place].as_ref()).collect();
            let part = |run: &Run, place: usize| run.name().split('-').nth(place).unwrap_or("").to_owned();
            let (oldest, newest) = (newest_first[newest_first.len() - 1], newest_first[0]);
            let name = format!("run-{}-{}", part(oldest, 1), part(newest, 2));
            let merged = Arc::new(merge(&self.directory, &name, &newest_first)?);
            // In the place of the newest: what came in order between them lies above all that came before it.
            let place = alike[0];
            self.runs[place] = merged;
            let gone: BTreeSet<usize> = alike[1..].iter().copied().collect();
            let mut number = 0;
            self.runs.retain(|_| {
                number += 1;
                !gone.contains(&(number - 1))
            });
        }
    }

    fn snapshot(&mut self, at: Position, frozen: &Frozen) -> Result<(), String> {
        let Some(journal) = &mut self.journal else { return Ok(()) };
        let (young_first, batch) = {
            let postings = self.kept.postings();
            (postings.young.first, postings.young.batches.first().copied())
        };
        let (first, position) = batch.unwrap_or((frozen.entries(), at));
        self.manifest.young = (young_first, first, position.0);
        let state = borsh::to_vec(&(&self.manifest, frozen)).map_err(|error| error.to_string())?;
        journal.save_snapshot(at, &state).map_err(|error| format!("snapshot: {error}"))?;
        self.snapshots.push_back((at, self.files()));
        if self.snapshots.len() > 2 {
            self.snapshots.pop_front();
        }
        if let [(older, _), _] = self.snapshots.make_contiguous() {
            self.outbox.archive_before(*older);
        }
        let named = self.snapshots.iter().flat_map(|(_, files)| files.iter().cloned()).collect();
        self.tidy(&named).map_err(|error| error.to_string())
    }
}
