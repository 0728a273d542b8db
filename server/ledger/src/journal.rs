//! The journal of one process: the truth until it is archived.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::EventId;
use crate::frame;
use crate::layout::{Layout, sync_folder};
use crate::record::{Header, Record};

/// A journal this process writes. The lock beside it tells others that it is in use.
pub(crate) struct Journal {
    file: File,
    _lock: File,
}

impl Journal {
    /// A new file with its header, not yet synced.
    pub(crate) fn create(layout: &Layout) -> io::Result<Self> {
        layout.create().map_err(io::Error::other)?;
        let spool = layout.spool();
        // A name is never used again, also not after the journal was archived.
        let path = spool.join(format!("{}.journal", EventId::new()));
        // The lock comes first: a journal without one is taken for that of a dead process.
        let lock = File::options().write(true).create_new(true).open(path.with_extension("lock"))?;
        let begin = || -> io::Result<File> {
            lock.try_lock().map_err(io::Error::other)?;
            let mut file = File::options().append(true).create_new(true).open(&path)?;
            let mut line = Vec::new();
            frame::encode(&Record::Header(Header::CURRENT).to_json()?, &mut line);
            file.write_all(&line)?;
            Ok(file)
        };
        match begin() {
            Ok(file) => {
                sync_folder(&spool);
                Ok(Self { file, _lock: lock })
            }
            Err(error) => {
                // Nothing of worth is in them, and on a full disk this is tried again and again.
                let _ = std::fs::remove_file(&path);
                let _ = std::fs::remove_file(path.with_extension("lock"));
                Err(error)
            }
        }
    }

    /// Appends whole lines; when this returns they last.
    pub(crate) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.file.write_all(lines)?;
        self.file.sync_data()
    }
}

/// Whether the process that writes a journal lives.
pub(crate) enum Owner {
    Alive,
    /// The lock is held until this is dropped, so nobody else archives the journal.
    Dead {
        _lock: Option<File>,
    },
}

impl Owner {
    pub(crate) fn of(journal: &Path) -> io::Result<Self> {
        let lock = match File::options().write(true).open(journal.with_extension("lock")) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Dead { _lock: None }),
            Err(error) => return Err(error),
        };
        match lock.try_lock() {
            Ok(()) => Ok(Self::Dead { _lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => Ok(Self::Alive),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// The writer that a journal's name tells.
pub(crate) fn writer_of(journal: &Path) -> Option<u64> {
    journal.file_stem()?.to_str()?.parse().ok().map(EventId::writer)
}

/// Moves a journal of a dead process out of the spool.
pub(crate) fn archive(layout: &Layout, journal: &Path) -> io::Result<PathBuf> {
    let name = journal.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let archived = layout.archive().join(name);
    std::fs::rename(journal, &archived)?;
    // One that stays does no harm.
    let _ = std::fs::remove_file(journal.with_extension("lock"));
    Ok(archived)
}
