//! The medium: seven things a journal needs of a directory. Faults are injected here.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::JournalError;

/// What a journal needs of a medium. Names are plain file names; an archived file keeps its name.
pub trait Media: Send {
    /// Every file, archived ones too, sorted.
    ///
    /// # Errors
    /// The medium's.
    fn list(&mut self) -> io::Result<Vec<String>>;

    /// A new file of this length appears at once and durable, or not at all: `head`, then zeros really written, so
    /// that overwriting them later changes no metadata.
    ///
    /// # Errors
    /// The medium's.
    fn create(&mut self, name: &str, head: &[u8], length: u64) -> io::Result<()>;

    /// How long a file is.
    ///
    /// # Errors
    /// The medium's.
    fn length(&mut self, name: &str) -> io::Result<u64>;

    /// Reads as much as is there, up to the buffer's length.
    ///
    /// # Errors
    /// The medium's.
    fn read(&mut self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Overwrites; durable when it returns. Offset and length are multiples of 4096.
    ///
    /// # Errors
    /// The medium's; then nothing is known of the bytes.
    fn write(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// A whole file appears under its name at once, durable, or not at all.
    ///
    /// # Errors
    /// The medium's.
    fn publish(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Out of the way, still readable; or, for what is superseded, gone.
    ///
    /// # Errors
    /// The medium's.
    fn retire(&mut self, name: &str, keep: bool) -> io::Result<()>;
}

/// A directory of a real file system.
pub struct FileMedia {
    directory: PathBuf,
    archive: PathBuf,
    /// Held for as long as this lives: a second process is refused.
    _lock: File,
    /// The file written last, open for synchronous writing.
    open: Option<(String, File, bool)>,
    aligned: Vec<u8>,
}

impl FileMedia {
    /// Opens a directory, making it where it is not there, and holds it against other processes.
    ///
    /// # Errors
    /// [`JournalError::Held`], [`JournalError::Io`].
    pub fn open(directory: &Path) -> Result<Self, JournalError> {
        let io = |error: io::Error| JournalError::Io(format!("{}: {error}", directory.display()));
        fs::create_dir_all(directory.join("archive")).map_err(io)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join("LOCK"))
            .map_err(io)?;
        lock.try_lock().map_err(|_| JournalError::Held(directory.display().to_string()))?;
        let media = Self {
            directory: directory.to_owned(),
            archive: directory.join("archive"),
            _lock: lock,
            open: None,
            aligned: Vec::new(),
        };
        media.sync_directory(&media.directory).map_err(io)?;
        Ok(media)
    }

    fn path(&self, name: &str) -> PathBuf {
        let here = self.directory.join(name);
        if here.exists() { here } else { self.archive.join(name) }
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        File::open(directory)?.sync_all()
    }

    /// Direct synchronous writing skips the page cache and one of two waits; file systems without it (tmpfs) get
    /// plain synchronous writing.
    fn writer(&mut self, name: &str) -> io::Result<()> {
        if self.open.as_ref().is_some_and(|(open, _, _)| open == name) {
            return Ok(());
        }
        let path = self.path(name);
        let direct = OpenOptions::new().write(true).custom_flags(libc::O_DIRECT | libc::O_DSYNC).open(&path);
        let (file, is_direct) = match direct {
            Ok(file) => (file, true),
            Err(_) => (OpenOptions::new().write(true).custom_flags(libc::O_DSYNC).open(&path)?, false),
        };
        self.open = Some((name.to_owned(), file, is_direct));
        Ok(())
    }
}

impl Media for FileMedia {
    fn list(&mut self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for directory in [&self.directory, &self.archive] {
            for entry in fs::read_dir(directory)? {
                let entry = entry?;
                if entry.file_type()?.is_file() {
                    names.extend(entry.file_name().into_string());
                }
            }
        }
        names.sort();
        Ok(names)
    }

    fn create(&mut self, name: &str, head: &[u8], length: u64) -> io::Result<()> {
        // Written under another name first: a segment that is there is there whole.
        let temporary = self.directory.join(format!("{name}.new"));
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(&temporary)?;
        let zeros = vec![0; 1024 * 1024];
        let mut written = 0;
        while written < length {
            let part = usize::try_from(length - written).unwrap_or(zeros.len()).min(zeros.len());
            file.write_all_at(&zeros[..part], written)?;
            written += part as u64;
        }
        file.write_all_at(head, 0)?;
        file.sync_all()?;
        fs::rename(&temporary, self.directory.join(name))?;
        self.sync_directory(&self.directory)
    }

    fn length(&mut self, name: &str) -> io::Result<u64> {
        Ok(fs::metadata(self.path(name))?.len())
    }

    fn read(&mut self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let file = File::open(self.path(name))?;
        let mut filled = 0;
        while filled < buffer.len() {
            match file.read_at(&mut buffer[filled..], offset + filled as u64)? {
                0 => break,
                more => filled += more,
            }
        }
        Ok(filled)
    }

    fn write(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.writer(name)?;
        let Some((_, file, is_direct)) = &self.open else { return Err(io::Error::other("no open file")) };
        if !is_direct {
            return file.write_all_at(bytes, offset);
        }
        // Direct writing wants its memory aligned: copied to the first aligned byte of a larger buffer.
        if self.aligned.len() < bytes.len() + 4096 {
            self.aligned.resize(bytes.len() + 4096, 0);
        }
        let start = self.aligned.as_ptr().align_offset(4096);
        self.aligned[start..start + bytes.len()].copy_from_slice(bytes);
        file.write_all_at(&self.aligned[start..start + bytes.len()], offset)
    }

    fn publish(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let temporary = self.directory.join(format!("{name}.new"));
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(&temporary)?;
        file.write_all_at(bytes, 0)?;
        file.sync_all()?;
        fs::rename(&temporary, self.directory.join(name))?;
        self.sync_directory(&self.directory)
    }

    fn retire(&mut self, name: &str, keep: bool) -> io::Result<()> {
        if keep {
            fs::rename(self.directory.join(name), self.archive.join(name))?;
            self.sync_directory(&self.archive)?;
        } else {
            fs::remove_file(self.directory.join(name))?;
        }
        self.sync_directory(&self.directory)
    }
}
