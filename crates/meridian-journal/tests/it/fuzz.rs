//! A journal's files, bent: reading never panics, and gives what was written up to a place, or refuses.

use std::io;

use meridian_journal::{
    Batch, Faults, Journal, LogJournal, LogSettings, Media, MemoryJournal, Position, SimMedia,
};
use meridian_testdata::{bent, runs};

use crate::contract::batch;

const SMALL: LogSettings = LogSettings { segment_bytes: 32 * 1024 };
const GROUPS: u64 = 9;

/// A medium with one file as a recipe bends it, to be read.
struct Bent {
    files: Vec<(String, Vec<u8>)>,
}

impl Bent {
    fn file(&self, name: &str) -> io::Result<&[u8]> {
        let found = self.files.iter().find(|(known, _)| known == name);
        found.map(|(_, bytes)| bytes.as_slice()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Media for Bent {
    fn list(&mut self) -> io::Result<Vec<String>> {
        Ok(self.files.iter().map(|(name, _)| name.clone()).collect())
    }
    fn create(&mut self, _: &str, _: &[u8], _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
    fn length(&mut self, name: &str) -> io::Result<u64> {
        self.file(name).map(|bytes| bytes.len() as u64)
    }
    fn read(&mut self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.file(name)?.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
    // The tail is cleared when a journal is opened: that much it may think it has written.
    fn write(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let file = self.files.iter_mut().find(|(known, _)| known == name);
        let file = &mut file.ok_or(io::ErrorKind::NotFound)?.1;
        let end = offset as usize + bytes.len();
        file.resize(file.len().max(end), 0);
        file[offset as usize..end].copy_from_slice(bytes);
        Ok(())
    }
    fn publish(&mut self, _: &str, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
    fn retire(&mut self, _: &str, _: bool) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}

#[test]
fn no_segment_panics_and_what_is_read_was_written() {
    let groups: Vec<[Batch; 2]> = (0..GROUPS).map(|number| [batch(number, 700), batch(number, 3)]).collect();
    let mut written = LogJournal::on(SimMedia::new(5, Faults::default()), SMALL).unwrap();
    let mut model = MemoryJournal::default();
    for journal in [&mut written as &mut dyn Journal, &mut model] {
        let lease = journal.acquire("one").unwrap();
        for group in &groups {
            let tail = journal.tail().0;
            journal.append(&lease, tail, group).unwrap();
        }
        journal.save_snapshot(Position(4), b"a snapshot of some kind").unwrap();
    }
    let model = model.read_from(Position(0), usize::MAX).unwrap();
    let mut media = written.into_media();
    let files: Vec<(String, Vec<u8>)> = media
        .files()
        .into_iter()
        .map(|(name, length)| {
            let mut bytes = vec![0; length];
            assert_eq!(media.read(&name, 0, &mut bytes).unwrap(), length);
            (name, bytes)
        })
        .collect();
    bolero::check!().with_iterations(runs(4_000)).with_max_len(16).for_each(move |recipe: &[u8]| {
        let contents: Vec<&[u8]> = files.iter().map(|(_, bytes)| bytes.as_slice()).collect();
        let (which, bytes) = bent(&contents, recipe);
        let mut files = files.clone();
        files[which].1 = bytes;
        let Ok(mut journal) = LogJournal::on(Bent { files }, SMALL) else { return };
        let _ = journal.latest_snapshot();
        let tail = journal.tail().0;
        if let Ok(read) = journal.read_from(Position(0), usize::MAX) {
            assert!(tail.0 <= GROUPS * 2);
            for (read, wrote) in read.iter().zip(&model) {
                assert_eq!((read.position, read.at, &read.body), (wrote.position, wrote.at, &wrote.body));
            }
        }
    });
}
