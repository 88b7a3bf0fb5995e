//! The medium: a few things a journal needs of a directory. Faults are injected here.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crate::{FileJournal, Journal, JournalError};

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

    /// Whether a file was put out of the way.
    fn is_archived(&mut self, _name: &str) -> bool {
        false
    }

    /// A hint that a file of this length will be created before long: whoever can makes it ready meanwhile.
    fn prepare(&mut self, _length: u64) {}

    /// A journal opened for reading on the same files, where the medium can be shared.
    ///
    /// # Errors
    /// [`JournalError`].
    fn beside(&mut self) -> Result<Option<Box<dyn Journal>>, JournalError> {
        Ok(None)
    }

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
    /// Held for as long as this lives: a second process is refused. A reader holds nothing.
    _lock: Option<File>,
    /// The segment being written, open for synchronous writing, and whether past the page cache.
    open: Option<(String, File, bool)>,
    /// The file read last, still open.
    reading: Option<(String, File)>,
    /// A blank file in the making.
    blank: Option<(u64, JoinHandle<io::Result<()>>)>,
    aligned: Vec<u8>,
}

/// Under this name a blank file waits to become a segment.
const BLANK: &str = "blank.new";

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
        let media = Self::at(directory, Some(lock));
        media.sync_directory(&media.directory).map_err(io)?;
        Ok(media)
    }

    /// Opens a directory beside whoever holds it.
    ///
    /// # Errors
    /// [`JournalError::Io`] where there is no such directory.
    pub(crate) fn open_reading(directory: &Path) -> Result<Self, JournalError> {
        if directory.is_dir() {
            return Ok(Self::at(directory, None));
        }
        Err(JournalError::Io(format!("{}: there is no such directory", directory.display())))
    }

    fn at(directory: &Path, lock: Option<File>) -> Self {
        Self {
            directory: directory.to_owned(),
            archive: directory.join("archive"),
            _lock: lock,
            open: None,
            reading: None,
            blank: None,
            aligned: Vec::new(),
        }
    }

    /// A file open for reading; the one read last stays open.
    fn reader(&mut self, name: &str) -> io::Result<&File> {
        let is_open = self.reading.as_ref().is_some_and(|(open, _)| open == name);
        if !is_open {
            // Archived in just this moment: it is in its other place now.
            let file = File::open(self.path(name)).or_else(|_| File::open(self.path(name)))?;
            self.reading = Some((name.to_owned(), file));
        }
        self.reading.as_ref().map(|(_, file)| file).ok_or_else(|| io::Error::other("no open file"))
    }

    /// A blank file of this length under [`BLANK`], made before or now.
    fn blank(&mut self, length: u64) -> io::Result<PathBuf> {
        let path = self.directory.join(BLANK);
        if let Some((made, making)) = self.blank.take() {
            let done =
                making.join().map_err(|_| io::Error::other("the thread that makes files has panicked"))?;
            if made == length && done.is_ok() {
                return Ok(path);
            }
        }
        write_zeros(&path, length)?;
        Ok(path)
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
            if !directory.is_dir() {
                continue;
            }
            for entry in fs::read_dir(directory)? {
                let entry = entry?;
                if entry.file_type()?.is_file() {
                    names.extend(entry.file_name().into_string());
                }
            }
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn create(&mut self, name: &str, head: &[u8], length: u64) -> io::Result<()> {
        // Written under another name first: a segment that is there is there whole.
        let temporary = self.blank(length)?;
        let file = OpenOptions::new().write(true).open(&temporary)?;
        file.write_all_at(head, 0)?;
        file.sync_all()?;
        fs::rename(&temporary, self.directory.join(name))?;
        self.sync_directory(&self.directory)
    }

    fn prepare(&mut self, length: u64) {
        if self.blank.is_none() {
            let path = self.directory.join(BLANK);
            let making = std::thread::Builder::new().name("blank".into());
            // A thread that cannot start is no loss: the file is made when it is needed.
            self.blank = making.spawn(move || write_zeros(&path, length)).ok().map(|making| (length, making));
        }
    }

    fn is_archived(&mut self, name: &str) -> bool {
        self.archive.join(name).exists()
    }

    fn beside(&mut self) -> Result<Option<Box<dyn Journal>>, JournalError> {
        Ok(Some(Box::new(FileJournal::open_reading_trusting(&self.directory)?)))
    }

    fn length(&mut self, name: &str) -> io::Result<u64> {
        Ok(self.reader(name)?.metadata()?.len())
    }

    fn read(&mut self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let file = self.reader(name)?;
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
        self.reading = None;
        let temporary = self.directory.join(format!("{name}.new"));
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(&temporary)?;
        file.write_all_at(bytes, 0)?;
        file.sync_all()?;
        fs::rename(&temporary, self.directory.join(name))?;
        self.sync_directory(&self.directory)
    }

    fn retire(&mut self, name: &str, keep: bool) -> io::Result<()> {
        self.reading = None;
        if keep {
            fs::rename(self.directory.join(name), self.archive.join(name))?;
            self.sync_directory(&self.archive)?;
        } else {
            fs::remove_file(self.directory.join(name))?;
        }
        self.sync_directory(&self.directory)
    }
}

/// A file of zeros really written, so that overwriting them later changes no metadata.
fn write_zeros(path: &Path, length: u64) -> io::Result<()> {
    let file = OpenOptions::new().create(true).truncate(true).write(true).open(path)?;
    let zeros = vec![0; 1024 * 1024];
    let mut written = 0;
    while written < length {
        let part = usize::try_from(length - written).unwrap_or(zeros.len()).min(zeros.len());
        file.write_all_at(&zeros[..part], written)?;
        written += part as u64;
    }
    file.sync_all()
}

impl Drop for FileMedia {
    fn drop(&mut self) {
        // The directory is let go only when nobody writes in it any more.
        if let Some((_, making)) = self.blank.take() {
            drop(making.join());
        }
    }
}
