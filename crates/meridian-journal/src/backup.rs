//! Copies of a journal, taken while it is written.
//!
//! A reader beside the writer knows where the last sound group ends; segments are copied up to there and no further, so
//! a group that is being written meanwhile is left out whole. The copy is read through once, batch by batch, before it
//! is called a backup: the chain vouches for all of it.

use std::path::Path;

use crate::engine::io;
use crate::frame::PAGE;
use crate::{FileJournal, FileMedia, Id, Journal, JournalError, LogSettings, Media, Position};

/// How much is copied at once.
const CHUNK: usize = 1024 * 1024;

/// Copies the journal of a directory, with its newest snapshot, to a directory that is empty or not there. The journal
/// may be in use. Gives the end of the copy and the identity of its last batch.
///
/// # Errors
/// [`JournalError::Io`] where the target is not empty; [`JournalError::Damaged`] where the source is.
pub fn copy_journal(from: &Path, to: &Path) -> Result<(Position, Id), JournalError> {
    if std::fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(JournalError::Io(format!("{} is not empty; name a new directory", to.display())));
    }
    let mut source = FileJournal::open_reading(from)?;
    let end = source.tail();
    {
        let mut target = FileMedia::open(to)?;
        source.copy_to(&mut target)?;
    }
    let mut copy = FileJournal::open(to, LogSettings::default())?;
    if copy.tail() != end {
        return Err(JournalError::Io(format!(
            "the copy ends at {:?}, the journal at {:?}",
            copy.tail().0,
            end.0
        )));
    }
    let mut at = Position(0);
    while at < end.0 {
        let Some(last) = copy.read_from(at, 64 * CHUNK)?.pop() else { break };
        at = Position(last.position.0 + 1);
    }
    if let Some((position, state)) = source.latest_snapshot()?
        && position <= end.0
    {
        copy.save_snapshot(position, &state)?;
    }
    Ok(end)
}

impl FileJournal {
    /// Copies every segment, the last one up to the last sound group.
    fn copy_to(&mut self, target: &mut FileMedia) -> Result<(), JournalError> {
        let (names, end) = self.extent();
        let last = names.len().saturating_sub(1);
        for (number, name) in names.iter().enumerate() {
            let length = self.media_mut().length(name).map_err(io)?;
            let sound = if number == last { end } else { length };
            let mut head = vec![0; 4096];
            let read = self.media_mut().read(name, 0, &mut head).map_err(io)?;
            target.create(name, &head[..read], length).map_err(io)?;
            let mut at = PAGE;
            let mut chunk = vec![0; CHUNK];
            while at < sound {
                let read = self.media_mut().read(name, at, &mut chunk).map_err(io)?;
                let keep = usize::try_from(sound - at).unwrap_or(CHUNK).min(read);
                if keep == 0 {
                    break;
                }
                chunk[keep..].fill(0);
                target.write(name, at, &chunk[..keep.next_multiple_of(4096)]).map_err(io)?;
                at += keep as u64;
            }
        }
        Ok(())
    }
}
