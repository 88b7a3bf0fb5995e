//! What a batch of this journal holds: sections, one for what a request made happen.
//!
//! ```text
//!  0 tag u32: 1 event (borsh), 2 entries (80 bytes each), 3 settings    4 length u32    8 moment i64    16 payload
//! ```

use meridian_ledger::{ENTRY_BYTES, Event, State, apply, replay_entry};
use meridian_terms::Moment;

pub(crate) const HEAD: usize = 16;
const EVENT: u32 = 1;
const ENTRIES: u32 = 2;
const SETTINGS: u32 = 3;

/// One section, borrowed from a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Section<'a> {
    tag: u32,
    pub(crate) at: Moment,
    payload: &'a [u8],
}

/// Every section of a body, in order.
pub(crate) fn sections(body: &[u8]) -> impl Iterator<Item = Result<Section<'_>, String>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let read = read(rest);
        rest = read.as_ref().map_or(&[], |(_, rest)| *rest);
        Some(read.map(|(section, _)| section))
    })
}

fn read(bytes: &[u8]) -> Result<(Section<'_>, &[u8]), String> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>().ok_or("a section is cut short")?;
    let word = |at: usize| head[at..at + 4].try_into().map_or(0, u32::from_le_bytes);
    let length = word(4) as usize;
    let payload = rest.get(..length).ok_or("a section is cut short")?;
    let at = Moment::from_micros(head[8..].try_into().map_or(0, i64::from_le_bytes));
    Ok((Section { tag: word(0), at, payload }, &rest[length..]))
}

impl<'a> Section<'a> {
    /// The entries, if these are entries.
    pub(crate) fn entries(&self) -> &'a [[u8; ENTRY_BYTES]] {
        if self.tag == ENTRIES { self.payload.as_chunks().0 } else { &[] }
    }

    /// The size of the window, if these are settings.
    pub(crate) fn window(&self) -> Option<u32> {
        (self.tag == SETTINGS).then(|| self.payload.try_into().ok().map(u32::from_le_bytes)).flatten()
    }

    /// Applies what happened.
    pub(crate) fn replay(&self, state: &mut State) -> Result<(), String> {
        match self.tag {
            EVENT => {
                let event: Event = borsh::from_slice(self.payload).map_err(|error| error.to_string())?;
                apply(state, &event);
                Ok(())
            }
            ENTRIES => self.entries().iter().try_for_each(|entry| replay_entry(state, entry)),
            SETTINGS => Ok(()),
            other => Err(format!("no section has tag {other}; a later version wrote it")),
        }
    }
}

/// Begins a section of entries; [`finish`] it when they are written.
pub(crate) fn begin_entries(at: Moment, out: &mut Vec<u8>) -> usize {
    let start = out.len();
    begin(ENTRIES, at, out);
    start
}

/// Gives a section begun at `start` its length; one without content is taken back.
pub(crate) fn finish(start: usize, out: &mut Vec<u8>) {
    let length = out.len() - start - HEAD;
    if length == 0 {
        out.truncate(start);
    } else {
        out[start + 4..start + 8].copy_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    }
}

/// Appends an event.
pub(crate) fn write_event(event: &Event, at: Moment, out: &mut Vec<u8>) {
    let start = out.len();
    begin(EVENT, at, out);
    borsh::to_writer(&mut *out, event)
        .unwrap_or_else(|error| panic!("writing to memory cannot fail: {error}"));
    finish(start, out);
}

/// Appends the settings a ledger was made with.
pub(crate) fn write_settings(window: u32, at: Moment, out: &mut Vec<u8>) {
    let start = out.len();
    begin(SETTINGS, at, out);
    out.extend(window.to_le_bytes());
    finish(start, out);
}

fn begin(tag: u32, at: Moment, out: &mut Vec<u8>) {
    out.extend(tag.to_le_bytes());
    out.extend([0; 4]);
    out.extend(at.micros().to_le_bytes());
}
