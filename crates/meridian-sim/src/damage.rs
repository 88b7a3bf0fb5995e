//! Damage: rot, and writes that landed elsewhere. Both break what a log may assume of its medium, so they are tried on a
//! copy of it, and the log must either refuse the copy or read the very history, short of its last group at most.

use meridian_journal::{Faults, Journal, JournalError, LogJournal, Media, Position, SimMedia};

use crate::chance::Chance;
use crate::store::{Durable, SEGMENTS};

const PAGE: usize = 4096;

/// Damages a copy of a medium in one place and opens it. Says what of the history was skipped or altered unnoticed.
///
/// The last group is let go: when it rots, no single copy can tell it from a write that a crash has torn. A follower that
/// has seen it can, and refuses to lead.
pub(crate) fn trial(media: &SimMedia, chance: &mut Chance, durable: &Durable) -> Result<(), String> {
    let mut damaged = media.clone();
    damaged.restart(Faults::default());
    let files = damaged.files();
    if files.is_empty() {
        return Ok(());
    }
    let (name, length) = files[chance.below(files.len())].clone();
    let (used, groups) = written(&mut damaged, &name, length);
    let what = if chance.happens(600) || groups.is_empty() {
        let offset = chance.below(used.max(1));
        damaged.rot(&name, offset, u8::try_from(chance.below(8)).unwrap_or(0));
        format!("a bit of {name} at {offset} is flipped")
    } else {
        let which = chance.below(groups.len());
        let from = groups[which];
        let bytes = groups.get(which + 1).copied().unwrap_or(used) - from;
        // What landed among later writes was overwritten by them; then it lies behind them all.
        let to = match PAGE * chance.below(length / PAGE) {
            to if from < to && to < used => used,
            to => to,
        };
        damaged.misdirect(&name, from, to, bytes);
        format!("the {bytes} bytes of {name} at {from} were written to {to}")
    };
    let mut log = match LogJournal::on(damaged, SEGMENTS) {
        Err(JournalError::Damaged { .. }) => return Ok(()),
        Err(error) => return Err(format!("{what}: {error}")),
        Ok(log) => log,
    };
    let (end, _) = log.tail();
    if end.0 < durable.last_group {
        return Err(format!(
            "{what}: the log opens and ends at {}, its last group began at {}",
            end.0, durable.last_group
        ));
    }
    let read = log.read_from(Position(0), usize::MAX).map_err(|error| format!("{what}: {error}"))?;
    for batch in read {
        if durable.ids.get(&batch.position.0).is_some_and(|id| *id != batch.id) {
            return Err(format!("{what}: batch {} is read altered", batch.position.0));
        }
    }
    Ok(())
}

/// How much of a file was ever written, and where in it groups begin: at pages with the head of a group's first frame.
fn written(media: &mut SimMedia, name: &str, length: usize) -> (usize, Vec<usize>) {
    let mut bytes = vec![0; length];
    let read = media.read(name, 0, &mut bytes).unwrap_or(0);
    let last = bytes[..read].iter().rposition(|byte| *byte != 0);
    let used = last.map_or(0, |last| (last + 1).next_multiple_of(PAGE).min(length));
    let begins = |page: &[u8]| page.len() > 24 && page.starts_with(b"MJF1") && page[8..16] == page[16..24];
    let pages = bytes[..used].chunks(PAGE).enumerate().filter(|(_, page)| begins(page));
    (used, pages.map(|(number, _)| number * PAGE).collect())
}
