//! The log: groups of frames in prewritten segments.

use std::io::ErrorKind;
use std::path::Path;

use crate::frame::{self, HEADER, Header, PAGE};
use crate::media::{FileMedia, Media};
use crate::{Batch, Durability, Epoch, Id, Journal, JournalError, Lease, Position, Stored};

/// How a log is laid out.
#[derive(Debug, Clone, Copy)]
pub struct LogSettings {
    /// Bytes of a segment, a multiple of 4096. A group that does not fit gets a segment of its own size.
    pub segment_bytes: u64,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { segment_bytes: 64 * 1024 * 1024 }
    }
}

/// A journal in a directory of the file system.
pub type FileJournal = LogJournal<FileMedia>;

/// A journal on a medium.
pub struct LogJournal<M> {
    media: M,
    settings: LogSettings,
    /// Segments by first position, ascending.
    segments: Vec<Segment>,
    tail: Position,
    tail_id: Id,
    epoch: Epoch,
    /// Where the next group goes in the last segment.
    offset: u64,
    /// Where a reader that goes on where it stopped finds the next frame.
    cursor: Option<Cursor>,
    /// After a failed write nothing is known of the medium: no more appends.
    failed: Option<String>,
    /// Opened beside a writer: looks for what came since, cuts nothing, appends nothing.
    is_reading: bool,
    /// Earlier segments are checked when they are read, not at the start.
    is_trusting: bool,
    buffer: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Segment {
    name: String,
    first: Position,
    before: Id,
    /// Places known to begin a frame, ascending, about one a megabyte: where a reader may start.
    marks: Vec<Mark>,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    position: Position,
    offset: u64,
    before: Id,
}

impl Segment {
    fn mark(&mut self, mark: Mark) {
        if self.marks.last().is_none_or(|last| last.offset + MARK_EVERY <= mark.offset) {
            self.marks.push(mark);
        }
    }
}

/// How many bytes lie between two marks.
const MARK_EVERY: u64 = 1024 * 1024;

#[derive(Debug, Clone, Copy)]
struct Cursor {
    segment: usize,
    offset: u64,
    position: Position,
    before: Id,
}

impl FileJournal {
    /// Opens the journal in a directory, cutting a torn tail, refusing damage before the tail.
    ///
    /// # Errors
    /// [`JournalError::Held`], [`JournalError::Damaged`], [`JournalError::Io`].
    pub fn open(directory: &Path, settings: LogSettings) -> Result<Self, JournalError> {
        Self::on(FileMedia::open(directory)?, settings)
    }

    /// As [`FileJournal::open`], but walks only the last two segments: of earlier ones the headers must follow each
    /// other, and whoever reads them checks every batch. For long journals whose reader starts at a snapshot.
    ///
    /// # Errors
    /// As [`FileJournal::open`].
    pub fn open_trusting(directory: &Path, settings: LogSettings) -> Result<Self, JournalError> {
        let mut log = Self::new(FileMedia::open(directory)?, settings);
        log.is_trusting = true;
        log.start()
    }

    /// Opens the journal of a directory beside its writer: what is durable can be read while more is written, and
    /// snapshots can be kept. It appends nothing.
    ///
    /// # Errors
    /// [`JournalError::Damaged`], [`JournalError::Io`].
    pub fn open_reading(directory: &Path) -> Result<Self, JournalError> {
        Self::beside_writer(directory, false)
    }

    /// As [`FileJournal::open_reading`], trusting as [`FileJournal::open_trusting`] does: for readers that start at a view
    /// or stand beside a writer that has just walked what it holds.
    ///
    /// # Errors
    /// As [`FileJournal::open_reading`].
    pub fn open_reading_trusting(directory: &Path) -> Result<Self, JournalError> {
        Self::beside_writer(directory, true)
    }

    fn beside_writer(directory: &Path, is_trusting: bool) -> Result<Self, JournalError> {
        let media = FileMedia::open_reading(directory)?;
        let mut log = Self { is_reading: true, is_trusting, ..Self::new(media, LogSettings::default()) };
        log.find_segments()?;
        log.find_tail(0, PAGE)?;
        Ok(log)
    }
}

pub(crate) fn io(error: std::io::Error) -> JournalError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => JournalError::Full(error.to_string()),
        _ => JournalError::Io(error.to_string()),
    }
}

fn segment_name(first: Position) -> String {
    format!("segment-{:020}", first.0)
}

/// How the name of a snapshot begins.
const SNAPSHOT: &str = "snapshot-";

fn is_sealed(name: &str, begins: &str) -> bool {
    name.starts_with(begins) && !name.contains('.')
}

/// One step of walking a segment.
enum Step {
    /// A sound frame.
    Frame(Stored, u64),
    /// Nothing more was written here.
    End,
    /// Bytes that are no sound next frame.
    Bad(u64, String),
}

impl<M: Media> LogJournal<M> {
    /// Opens the journal on a medium.
    ///
    /// # Errors
    /// As [`FileJournal::open`].
    pub fn on(media: M, settings: LogSettings) -> Result<Self, JournalError> {
        Self::new(media, settings).start()
    }

    fn start(mut self) -> Result<Self, JournalError> {
        self.find_segments()?;
        self.find_tail(0, PAGE)?;
        Ok(self)
    }

    fn new(media: M, settings: LogSettings) -> Self {
        Self {
            media,
            settings,
            segments: Vec::new(),
            tail: Position(0),
            tail_id: Id::default(),
            epoch: Epoch(0),
            offset: PAGE,
            cursor: None,
            failed: None,
            is_reading: false,
            is_trusting: false,
            buffer: Vec::new(),
        }
    }

    /// Takes the medium back, as a crash would leave it.
    pub fn into_media(self) -> M {
        self.media
    }

    /// Every segment's name, and where the last sound group of the last one ends.
    pub(crate) fn extent(&self) -> (Vec<String>, u64) {
        (self.segments.iter().map(|segment| segment.name.clone()).collect(), self.offset)
    }

    pub(crate) const fn media_mut(&mut self) -> &mut M {
        &mut self.media
    }

    fn find_segments(&mut self) -> Result<(), JournalError> {
        let names = self.media.list().map_err(io)?;
        let names: Vec<String> =
            names.into_iter().filter(|name| name.starts_with("segment-") && !name.contains('.')).collect();
        for name in names.into_iter().skip(self.segments.len()) {
            let mut page = vec![0; 4096];
            let read = self.media.read(&name, 0, &mut page).map_err(io)?;
            let Some((first, before)) = frame::read_segment_header(&page[..read]) else {
                let why = "its header is not sound".to_owned();
                return Err(JournalError::Damaged { segment: name, offset: 0, why });
            };
            self.segments.push(Segment { name, first, before, marks: Vec::new() });
        }
        Ok(())
    }

    /// Walks the segments from a place on: checks the chain, finds the end, cuts a torn tail. Of an archived segment
    /// only the header is looked at: it was walked when it was young, and whoever reads it checks it again.
    fn find_tail(&mut self, from: usize, mut offset: u64) -> Result<(), JournalError> {
        for number in from..self.segments.len() {
            let segment = self.segments[number].clone();
            let is_start = offset == PAGE;
            if is_start && (segment.first, segment.before) != (self.tail, self.tail_id) {
                let why =
                    format!("it begins at batch {}, batch {} was expected", segment.first.0, self.tail.0);
                return Err(JournalError::Damaged { segment: segment.name, offset: 0, why });
            }
            if let Some(next) = self.segments.get(number + 1)
                && ((self.is_trusting && number + 2 < self.segments.len())
                    || self.media.is_archived(&segment.name))
            {
                (self.tail, self.tail_id) = (next.first, next.before);
                offset = PAGE;
                continue;
            }
            loop {
                let mark = Mark { position: self.tail, offset, before: self.tail_id };
                match self.step(&segment.name, offset, self.tail, self.tail_id)? {
                    Step::Frame(stored, next) => {
                        self.segments[number].mark(mark);
                        (self.tail, self.tail_id) = (Position(stored.position.0 + 1), stored.id);
                        self.epoch = self.epoch.max(stored.epoch);
                        offset = next;
                    }
                    // Beside a writer the end is where nothing sound stands yet.
                    Step::End | Step::Bad(..) if self.is_reading && number + 1 == self.segments.len() => {
                        break;
                    }
                    Step::End | Step::Bad(..) if self.is_last_written(number, &segment.name, offset)? => {
                        self.cut(&segment.name, offset)?;
                        break;
                    }
                    // Whether the next segment follows is seen where it begins.
                    Step::End if number + 1 < self.segments.len() => break,
                    Step::End => {
                        let (offset, why) = (offset.next_multiple_of(PAGE), "a group is missing here".into());
                        return Err(JournalError::Damaged { segment: segment.name, offset, why });
                    }
                    Step::Bad(offset, why) => {
                        return Err(JournalError::Damaged { segment: segment.name, offset, why });
                    }
                }
            }
            // Beside a writer part of a group may be in sight: the rest will begin just here.
            self.offset = if self.is_reading { offset } else { offset.next_multiple_of(PAGE) };
            offset = PAGE;
        }
        Ok(())
    }

    /// Beside a writer: what came since.
    fn look_again(&mut self) -> Result<(), JournalError> {
        let last = self.segments.len().saturating_sub(1);
        let offset = if self.segments.is_empty() { PAGE } else { self.offset };
        self.find_segments()?;
        self.find_tail(last, offset)
    }

    /// Whether nothing sound of a *later group* stands behind this offset, nor the next group somewhere else: then what is
    /// broken here is the torn, never acknowledged last write.
    fn is_last_written(&mut self, number: usize, name: &str, offset: u64) -> Result<bool, JournalError> {
        if self.segments.get(number + 1).is_some() {
            return Ok(false);
        }
        let length = self.media.length(name).map_err(io)?;
        let here = offset.next_multiple_of(PAGE);
        let mut page_at = here;
        let mut chunk = vec![0; 1024 * 1024];
        while page_at < length {
            let read = self.media.read(name, page_at, &mut chunk).map_err(io)?;
            for (index, page) in chunk[..read].chunks(4096).enumerate() {
                let Some(header) = Header::read(page) else { continue };
                let at = page_at + index as u64 * PAGE;
                let is_misplaced = header.group == self.tail && at != here;
                if header.position == header.group && (header.group > self.tail || is_misplaced) {
                    let mut frame = vec![0; HEADER.saturating_add(header.length.min(1 << 30))];
                    let got = self.media.read(name, at, &mut frame).map_err(io)?;
                    if got == frame.len() && header.is_sound(&frame[..HEADER], &frame[HEADER..]) {
                        return Ok(false);
                    }
                }
            }
            page_at += (read as u64).max(PAGE);
        }
        Ok(true)
    }

    /// Overwrites what a torn write left with zeros, so that it cannot come back behind a later group.
    fn cut(&mut self, name: &str, offset: u64) -> Result<(), JournalError> {
        let length = self.media.length(name).map_err(io)?;
        let page_start = offset / PAGE * PAGE;
        let mut at = page_start;
        let mut chunk = vec![0; 1024 * 1024];
        while at < length {
            let read = self.media.read(name, at, &mut chunk).map_err(io)?;
            if read == 0 {
                break;
            }
            let keep = usize::try_from(offset.saturating_sub(at)).unwrap_or(0).min(read);
            if chunk[keep..read].iter().any(|byte| *byte != 0) {
                chunk[keep..read].fill(0);
                self.media.write(name, at, &chunk[..read]).map_err(io)?;
            }
            at += read as u64;
        }
        Ok(())
    }

    /// What stands at an offset of a segment.
    fn step(
        &mut self,
        name: &str,
        offset: u64,
        expected: Position,
        before: Id,
    ) -> Result<Step, JournalError> {
        let mut head = [0; HEADER];
        let read = self.media.read(name, offset, &mut head).map_err(io)?;
        let Some(header) = Header::read(&head[..read]) else {
            // The rest of a group's last page is zeros; the next group begins with the next page.
            if offset.is_multiple_of(PAGE) {
                let is_blank = head[..read].iter().all(|byte| *byte == 0);
                return Ok(if is_blank {
                    Step::End
                } else {
                    Step::Bad(offset, "no frame begins here".into())
                });
            }
            let to_page_end = usize::try_from(offset.next_multiple_of(PAGE) - offset).unwrap_or(0);
            let padding = &head[..read.min(to_page_end)];
            if padding.iter().any(|byte| *byte != 0) {
                return Ok(Step::Bad(offset, "no frame begins here".into()));
            }
            return self.step(name, offset.next_multiple_of(PAGE), expected, before);
        };
        if header.position != expected {
            return Ok(Step::Bad(
                offset,
                format!("batch {} stands where {} belongs", header.position.0, expected.0),
            ));
        }
        let length = self.media.length(name).map_err(io)?;
        if offset + (HEADER + header.length) as u64 > length {
            return Ok(Step::Bad(offset, "the frame does not fit the segment".into()));
        }
        let mut body = vec![0; header.length];
        let read = self.media.read(name, offset + HEADER as u64, &mut body).map_err(io)?;
        if read != body.len() || !header.is_sound(&head, &body) {
            return Ok(Step::Bad(offset, "the checksum is not the frame's".into()));
        }
        let next = offset + (HEADER + header.length) as u64;
        Ok(match header.chained(before, body) {
            Ok(stored) => Step::Frame(stored, next),
            Err(why) => Step::Bad(offset, why),
        })
    }

    /// A segment with room for a group: the last one, or a new one.
    fn make_room(&mut self, bytes: u64) -> Result<String, JournalError> {
        if let Some(last) = self.segments.last() {
            let length = self.media.length(&last.name).map_err(io)?;
            if self.offset + bytes <= length {
                return Ok(last.name.clone());
            }
        }
        let name = segment_name(self.tail);
        let length = self.settings.segment_bytes.max(PAGE + bytes).next_multiple_of(PAGE);
        let head = frame::segment_header(self.tail, self.tail_id);
        self.media.create(&name, &head, length).map_err(io)?;
        let (first, before) = (self.tail, self.tail_id);
        self.segments.push(Segment { name: name.clone(), first, before, marks: Vec::new() });
        self.offset = PAGE;
        Ok(name)
    }

    fn write_group(&mut self, lease: &Lease, batches: &[Batch]) -> Result<(), JournalError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let (group, mut before) = (self.tail, self.tail_id);
        let mut position = group;
        for batch in batches {
            before = frame::encode(batch, position, group, lease.epoch, before, &mut buffer);
            position.0 += 1;
        }
        buffer.resize(buffer.len().next_multiple_of(4096), 0);
        let name = match self.make_room(buffer.len() as u64) {
            Ok(name) => name,
            // Nothing of this group was written: the journal is as it was, and takes it once there is room.
            Err(JournalError::Full(why)) => {
                self.buffer = buffer;
                return Err(JournalError::Full(why));
            }
            Err(error) => return Err(error),
        };
        if let Err(error) = self.media.write(&name, self.offset, &buffer) {
            return Err(JournalError::Io(format!("writing {name}: {error}")));
        }
        let mark = Mark { position: group, offset: self.offset, before: self.tail_id };
        if let Some(segment) = self.segments.last_mut() {
            segment.mark(mark);
        }
        self.offset += buffer.len() as u64;
        if self.offset > self.settings.segment_bytes / 2 {
            self.media.prepare(self.settings.segment_bytes);
        }
        (self.tail, self.tail_id) = (position, before);
        self.buffer = buffer;
        Ok(())
    }

    fn seek(&self, from: Position) -> Option<Cursor> {
        if let Some(cursor) = self.cursor.filter(|cursor| cursor.position == from) {
            return Some(cursor);
        }
        let segment = self.segments.iter().rposition(|segment| segment.first <= from)?;
        let start = &self.segments[segment];
        let nearest = start.marks.partition_point(|mark| mark.position <= from).checked_sub(1);
        let first = Mark { position: start.first, offset: PAGE, before: start.before };
        let mark = nearest.map_or(first, |nearest| start.marks[nearest]);
        Some(Cursor { segment, offset: mark.offset, position: mark.position, before: mark.before })
    }

    /// Keeps what all batches before a position lead to, with its digest; the two newest of a beginning stay.
    fn seal(&mut self, begins: &str, at: Position, state: &[u8]) -> Result<(), JournalError> {
        let mut bytes = Vec::with_capacity(state.len() + 40);
        bytes.extend(at.0.to_le_bytes());
        bytes.extend(blake3::hash(state).as_bytes());
        bytes.extend(state);
        self.media.publish(&format!("{begins}{:020}", at.0), &bytes).map_err(io)?;
        let names = self.media.list().map_err(io)?;
        let kept: Vec<&String> = names.iter().filter(|name| is_sealed(name, begins)).collect();
        for old in kept.iter().rev().skip(2) {
            self.media.retire(old, false).map_err(io)?;
        }
        Ok(())
    }

    fn newest_sealed(&mut self, begins: &str) -> Result<Option<(Position, Vec<u8>)>, JournalError> {
        let names = self.media.list().map_err(io)?;
        for name in names.iter().rev().filter(|name| is_sealed(name, begins)) {
            let length = usize::try_from(self.media.length(name).map_err(io)?).unwrap_or(0);
            let mut bytes = vec![0; length];
            let read = self.media.read(name, 0, &mut bytes).map_err(io)?;
            let Some((position, rest)) = bytes[..read].split_first_chunk::<8>() else { continue };
            let Some((digest, state)) = rest.split_first_chunk::<32>() else { continue };
            let position = Position(u64::from_le_bytes(*position));
            // An unsound one is passed over: the journal itself is the truth.
            if blake3::hash(state).as_bytes() == digest && position <= self.tail {
                return Ok(Some((position, state.to_vec())));
            }
        }
        Ok(None)
    }
}

impl<M: Media> Journal for LogJournal<M> {
    fn acquire(&mut self, _owner: &str) -> Result<Lease, JournalError> {
        if self.is_reading {
            return Err(JournalError::Io("the journal was opened for reading".into()));
        }
        // The directory's lock keeps other processes out; the epoch keeps out this process's own earlier leases.
        self.epoch.0 += 1;
        Ok(Lease { epoch: self.epoch })
    }

    fn append(
        &mut self,
        lease: &Lease,
        expected: Position,
        batches: &[Batch],
    ) -> Result<Position, JournalError> {
        if let Some(why) = &self.failed {
            return Err(JournalError::Io(format!("the journal failed before: {why}")));
        }
        if lease.epoch != self.epoch {
            return Err(JournalError::Fenced(self.epoch));
        }
        if expected != self.tail {
            return Err(JournalError::Conflict { tail: self.tail, expected });
        }
        match self.write_group(lease, batches) {
            Ok(()) => Ok(self.tail),
            Err(JournalError::Full(why)) => Err(JournalError::Full(why)),
            Err(error) => {
                self.failed = Some(error.to_string());
                Err(error)
            }
        }
    }

    fn read_from(&mut self, from: Position, max_bytes: usize) -> Result<Vec<Stored>, JournalError> {
        let mut found = Vec::new();
        let mut bytes = 0;
        if self.is_reading && from >= self.tail {
            self.look_again()?;
        }
        let Some(mut cursor) = self.seek(from) else { return Ok(found) };
        while cursor.position < self.tail && (found.is_empty() || bytes < max_bytes) {
            let name = self.segments[cursor.segment].name.clone();
            match self.step(&name, cursor.offset, cursor.position, cursor.before)? {
                Step::Frame(stored, next) => {
                    let position = Position(stored.position.0 + 1);
                    let mark =
                        Mark { position: cursor.position, offset: cursor.offset, before: cursor.before };
                    self.segments[cursor.segment].mark(mark);
                    cursor = Cursor { offset: next, position, before: stored.id, ..cursor };
                    if stored.position >= from {
                        bytes += stored.body.len();
                        found.push(stored);
                    }
                }
                Step::End if cursor.segment + 1 < self.segments.len() => {
                    cursor = Cursor { segment: cursor.segment + 1, offset: PAGE, ..cursor };
                }
                Step::End => {
                    let why = format!("batch {} is missing", cursor.position.0);
                    return Err(JournalError::Damaged { segment: name, offset: cursor.offset, why });
                }
                Step::Bad(offset, why) => {
                    return Err(JournalError::Damaged { segment: name, offset, why });
                }
            }
        }
        self.cursor = Some(cursor);
        Ok(found)
    }

    fn tail(&self) -> (Position, Id) {
        (self.tail, self.tail_id)
    }

    fn save_snapshot(&mut self, at: Position, state: &[u8]) -> Result<(), JournalError> {
        self.seal(SNAPSHOT, at, state)
    }

    fn latest_snapshot(&mut self) -> Result<Option<(Position, Vec<u8>)>, JournalError> {
        self.newest_sealed(SNAPSHOT)
    }

    fn save_view(&mut self, name: &str, at: Position, view: &[u8]) -> Result<(), JournalError> {
        self.seal(&format!("view-{name}-"), at, view)
    }

    fn latest_view(&mut self, name: &str) -> Result<Option<(Position, Vec<u8>)>, JournalError> {
        self.newest_sealed(&format!("view-{name}-"))
    }

    fn archive_before(&mut self, at: Position) -> Result<(), JournalError> {
        let last = self.segments.len().saturating_sub(1);
        for number in 0..last {
            let name = self.segments[number].name.clone();
            if self.segments[number + 1].first <= at && !self.media.is_archived(&name) {
                // Archived before: it is in its place already.
                if let Err(error) = self.media.retire(&name, true)
                    && error.kind() != std::io::ErrorKind::NotFound
                {
                    return Err(io(error));
                }
            }
        }
        Ok(())
    }

    fn beside(&mut self) -> Result<Option<Box<dyn Journal>>, JournalError> {
        self.media.beside()
    }

    fn durability(&self) -> Durability {
        Durability { copies: 1, is_flushed: true }
    }
}
