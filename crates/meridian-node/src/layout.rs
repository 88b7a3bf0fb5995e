//! How the hub's bytes lie, and by which version.
//!
//! Events stay readable for ever; the hub they make may be laid out anew by any version. A snapshot or a witness of another
//! layout is then neither a help nor a contradiction: it is passed over, and the journal itself is replayed.

use crate::Hub;

/// Raised with every change to the layout of the hub's bytes; the test of stored journals says when.
pub const LAYOUT: u32 = 1;

/// Bytes that name the layout.
const NAME: usize = 4;

/// The hub as a snapshot keeps it.
///
/// # Errors
/// In words.
pub fn snapshot(hub: &Hub) -> Result<Vec<u8>, String> {
    let mut bytes = LAYOUT.to_le_bytes().to_vec();
    borsh::to_writer(&mut bytes, hub).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The hub of a snapshot; nothing where it was laid out otherwise.
pub(crate) fn of_snapshot(bytes: &[u8]) -> Result<Option<Hub>, String> {
    match bytes.split_first_chunk::<NAME>() {
        Some((name, hub)) if *name == LAYOUT.to_le_bytes() => {
            borsh::from_slice(hub).map(Some).map_err(|error| error.to_string())
        }
        _ => Ok(None),
    }
}

/// What a batch says of the hub behind it: the layout, then as much of the hub's hash as has room.
pub(crate) fn witness(hub: &Hub) -> [u8; 32] {
    let mut witness = hub.hash();
    witness[..NAME].copy_from_slice(&LAYOUT.to_le_bytes());
    witness
}

/// The witness of the hub here, where a batch's witness is of the same layout and of another hub.
pub(crate) fn contradiction(theirs: [u8; 32], hub: &Hub) -> Option<[u8; 32]> {
    if theirs[..NAME] != LAYOUT.to_le_bytes() {
        return None;
    }
    Some(witness(hub)).filter(|ours| *ours != theirs)
}
