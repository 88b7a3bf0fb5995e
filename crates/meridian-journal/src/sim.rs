//! A simulated medium: what a disk may do, decided by a seed.

use std::collections::BTreeMap;
use std::io;

use crate::media::Media;

/// Which faults a simulated medium has. Chances are in thousandths of a write.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// A write is cut short by a crash: each of its pages is old, new or garbage.
    pub torn: u32,
    /// A write fails with an error; the pages are as after a torn one.
    pub failed: u32,
    /// A write stops after some of its pages and says so.
    pub short: u32,
    /// The medium is full: nothing is written.
    pub full: u32,
    /// The medium lies: it says written and keeps the bytes only until the crash. Breaks what is assumed of a medium,
    /// so a journal on it must be seen to lose: for testing the tests.
    pub lies: bool,
}

/// A medium in memory with a seed of its own.
#[derive(Debug, Clone)]
pub struct SimMedia {
    files: BTreeMap<String, Vec<u8>>,
    /// What a lying medium has only in its cache: file, offset, old bytes.
    unflushed: Vec<(String, usize, Vec<u8>)>,
    faults: Faults,
    random: u64,
    has_crashed: bool,
}

impl SimMedia {
    /// An empty medium.
    #[must_use]
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self {
            files: BTreeMap::new(),
            unflushed: Vec::new(),
            faults,
            random: seed.wrapping_mul(2).wrapping_add(1),
            has_crashed: false,
        }
    }

    /// Whether the machine has stopped in the middle of a write.
    #[must_use]
    pub const fn has_crashed(&self) -> bool {
        self.has_crashed
    }

    /// Power comes back; a lying medium has forgotten what it only had in its cache.
    pub fn restart(&mut self, faults: Faults) {
        self.has_crashed = false;
        self.faults = faults;
        for (name, offset, old) in std::mem::take(&mut self.unflushed).into_iter().rev() {
            if let Some(file) = self.files.get_mut(&name) {
                file[offset..offset + old.len()].copy_from_slice(&old);
            }
        }
    }

    /// Flips a bit of a file, as rot does. Says whether there was such a byte.
    pub fn rot(&mut self, name: &str, offset: usize, bit: u8) -> bool {
        let byte = self.files.get_mut(name).and_then(|file| file.get_mut(offset));
        byte.map(|byte| *byte ^= 1 << (bit % 8)).is_some()
    }

    /// What a misdirected write leaves: the bytes at `from` stand at `to`, and where they belong it is as before, zeros.
    /// Says whether there are such places.
    pub fn misdirect(&mut self, name: &str, from: usize, to: usize, length: usize) -> bool {
        let Some(file) = self.files.get_mut(name) else { return false };
        if from.max(to).checked_add(length).is_none_or(|end| end > file.len()) {
            return false;
        }
        let moved = file[from..from + length].to_vec();
        file[from..from + length].fill(0);
        file[to..to + length].copy_from_slice(&moved);
        true
    }

    /// Every file with its length.
    #[must_use]
    pub fn files(&self) -> Vec<(String, usize)> {
        self.files.iter().map(|(name, bytes)| (name.clone(), bytes.len())).collect()
    }

    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn happens(&mut self, thousandths: u32) -> bool {
        self.next() % 1000 < u64::from(thousandths)
    }

    fn alive(&self) -> io::Result<()> {
        if self.has_crashed { Err(io::Error::other("the machine has stopped")) } else { Ok(()) }
    }

    fn scatter(&mut self, name: &str, offset: usize, bytes: &[u8]) {
        for (index, page) in bytes.chunks(4096).enumerate() {
            let fate = self.next() % 3;
            let noise = self.next();
            let Some(file) = self.files.get_mut(name) else { return };
            let at = offset + index * 4096;
            match fate {
                0 => {}
                1 => file[at..at + page.len()].copy_from_slice(page),
                _ => {
                    let garbage = noise.to_le_bytes();
                    file[at..at + page.len()]
                        .iter_mut()
                        .enumerate()
                        .for_each(|(i, byte)| *byte = garbage[i % 8]);
                }
            }
        }
    }
}

impl Media for SimMedia {
    fn list(&mut self) -> io::Result<Vec<String>> {
        self.alive()?;
        Ok(self.files.keys().cloned().collect())
    }

    fn create(&mut self, name: &str, head: &[u8], length: u64) -> io::Result<()> {
        self.alive()?;
        if self.happens(self.faults.full) {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "no space left"));
        }
        if self.happens(self.faults.torn) {
            self.has_crashed = true;
            return Err(io::Error::other("the machine has stopped"));
        }
        let mut file = head.to_vec();
        file.resize(usize::try_from(length).unwrap_or(0), 0);
        self.files.insert(name.to_owned(), file);
        Ok(())
    }

    fn length(&mut self, name: &str) -> io::Result<u64> {
        self.alive()?;
        self.files.get(name).map(|file| file.len() as u64).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn read(&mut self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.alive()?;
        let file = self.files.get(name).ok_or(io::ErrorKind::NotFound)?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(file.len());
        let length = buffer.len().min(file.len() - start);
        buffer[..length].copy_from_slice(&file[start..start + length]);
        Ok(length)
    }

    fn write(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.alive()?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        if self.happens(self.faults.failed) {
            self.scatter(name, start, bytes);
            return Err(io::Error::other("input/output error"));
        }
        if self.happens(self.faults.torn) {
            self.scatter(name, start, bytes);
            self.has_crashed = true;
            return Err(io::Error::other("the machine has stopped"));
        }
        if self.happens(self.faults.short) {
            let pages = self.next() % (bytes.len() as u64 / 4096).max(1);
            let written = usize::try_from(pages).unwrap_or(0) * 4096;
            if let Some(file) = self.files.get_mut(name) {
                file[start..start + written].copy_from_slice(&bytes[..written]);
            }
            return Err(io::Error::new(io::ErrorKind::WriteZero, "a short write"));
        }
        let lies = self.faults.lies;
        let file = self.files.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        if lies {
            let old = file[start..start + bytes.len()].to_vec();
            self.unflushed.push((name.to_owned(), start, old));
        }
        file[start..start + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn publish(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.alive()?;
        if self.happens(self.faults.torn) {
            self.has_crashed = true;
            return Err(io::Error::other("the machine has stopped"));
        }
        self.files.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn retire(&mut self, name: &str, keep: bool) -> io::Result<()> {
        self.alive()?;
        if !keep {
            self.files.remove(name);
        }
        Ok(())
    }
}
