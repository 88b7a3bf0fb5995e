//! Frames: one batch each, checksummed, chained.

use meridian_terms::Moment;

use crate::{Batch, Epoch, Id, Position, Stored};

/// Groups start at multiples of this.
pub(crate) const PAGE: u64 = 4096;
/// Bytes before a frame's body.
pub(crate) const HEADER: usize = 80;
const MAGIC: [u8; 4] = *b"MJF1";
const SEGMENT_MAGIC: [u8; 8] = *b"MERIDSEG";
/// Where the checksum stands; it covers what lies before it, and the body.
const CHECKSUM: usize = 72;

/// A batch as a frame of a group.
pub(crate) fn encode(
    batch: &Batch,
    position: Position,
    group: Position,
    epoch: Epoch,
    before: Id,
    out: &mut Vec<u8>,
) -> Id {
    let id = identity(before, position, epoch, batch.at, &batch.body);
    let start = out.len();
    out.extend(MAGIC);
    out.extend(u32::try_from(batch.body.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(position.0.to_le_bytes());
    out.extend(group.0.to_le_bytes());
    out.extend(epoch.0.to_le_bytes());
    out.extend(batch.at.micros().to_le_bytes());
    out.extend(id.0);
    let checksum = checksum(&out[start..start + CHECKSUM], &batch.body);
    out.extend(checksum.to_le_bytes());
    out.extend([0; 4]);
    out.extend(&batch.body);
    id
}

/// BLAKE3 over the predecessor's identity and everything the batch says.
pub(crate) fn identity(before: Id, position: Position, epoch: Epoch, at: Moment, body: &[u8]) -> Id {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&before.0);
    hasher.update(&position.0.to_le_bytes());
    hasher.update(&epoch.0.to_le_bytes());
    hasher.update(&at.micros().to_le_bytes());
    hasher.update(body);
    Id(hasher.finalize().into())
}

fn checksum(head: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head);
    hasher.update(body);
    hasher.finalize()
}

/// A frame's header, sound or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) length: usize,
    pub(crate) position: Position,
    pub(crate) group: Position,
    epoch: Epoch,
    at: Moment,
    id: Id,
    checksum: u32,
}

impl Header {
    /// The header in these bytes, if they begin with the magic.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let head: &[u8; HEADER] = bytes.get(..HEADER)?.try_into().ok()?;
        if head[..4] != MAGIC {
            return None;
        }
        let u64_at = |at: usize| head[at..at + 8].try_into().map(u64::from_le_bytes).unwrap_or(0);
        let u32_at = |at: usize| head[at..at + 4].try_into().map(u32::from_le_bytes).unwrap_or(0);
        let mut id = [0; 32];
        id.copy_from_slice(&head[40..72]);
        Some(Self {
            length: usize::try_from(u32_at(4)).unwrap_or(usize::MAX),
            position: Position(u64_at(8)),
            group: Position(u64_at(16)),
            epoch: Epoch(u64_at(24)),
            at: Moment::from_micros(u64_at(32).cast_signed()),
            id: Id(id),
            checksum: u32_at(CHECKSUM),
        })
    }

    /// Whether header and body are as they were written.
    pub(crate) fn is_sound(&self, head: &[u8], body: &[u8]) -> bool {
        body.len() == self.length && checksum(&head[..CHECKSUM], body) == self.checksum
    }

    /// The batch, if it follows the one before it in the chain.
    pub(crate) fn chained(&self, before: Id, body: Vec<u8>) -> Result<Stored, String> {
        if identity(before, self.position, self.epoch, self.at, &body) != self.id {
            return Err(format!("batch {} does not follow the one before it", self.position.0));
        }
        Ok(Stored { position: self.position, epoch: self.epoch, id: self.id, at: self.at, body })
    }
}

/// The first page of a segment.
pub(crate) fn segment_header(first: Position, before: Id) -> Vec<u8> {
    let mut page = Vec::with_capacity(4096);
    page.extend(SEGMENT_MAGIC);
    page.extend(first.0.to_le_bytes());
    page.extend(before.0);
    let checksum = crc32fast::hash(&page);
    page.extend(checksum.to_le_bytes());
    page.resize(4096, 0);
    page
}

/// First position and identity before it, if the page is a sound segment header.
pub(crate) fn read_segment_header(page: &[u8]) -> Option<(Position, Id)> {
    let head: &[u8; 52] = page.get(..52)?.try_into().ok()?;
    let checksum = u32::from_le_bytes(head[48..52].try_into().ok()?);
    if head[..8] != SEGMENT_MAGIC || crc32fast::hash(&head[..48]) != checksum {
        return None;
    }
    let mut before = [0; 32];
    before.copy_from_slice(&head[16..48]);
    Some((Position(u64::from_le_bytes(head[8..16].try_into().ok()?)), Id(before)))
}
