//! What can stand between a caller and the ledger, and what was lost from it.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::record::SCHEMA;

/// Why the ledger could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The files of some events were lost, and a rebuilt index would be without them.
    #[error(
        "{events} events are in the index only and would be lost: `autodao ledger export` keeps them; then rebuild with --discard"
    )]
    OnlyInIndex {
        /// How many.
        events: u64,
    },
    /// The file system said no: a full disk, a folder without the right to write.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Another process held a lock for longer than this one waits.
    #[error("{}: another process has held this lock for too long", path.display())]
    Busy {
        /// The lock.
        path: PathBuf,
    },
    /// A file of a later version, which this one leaves alone.
    #[error("{}: written by a later version (format {found}, this one knows up to {SCHEMA})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its format.
        found: u32,
    },
    /// The index cannot be read. It is set aside and built anew where that is possible.
    #[error("the index is damaged: {0}")]
    DamagedIndex(String),
    /// What is imported or restored is not what was exported or backed up.
    #[error("line {line}: {reason}")]
    Import {
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A backup with damage or without its end.
    #[error("{}: not a whole backup: {reason}", path.display())]
    Backup {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl LedgerError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }
}

/// A part of the ledger's files that cannot be read. What stood there is not in any sum, unless it was read
/// before it was lost.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Loss {
    /// The name of the file.
    pub file: String,
    /// Where in the file.
    pub offset: u64,
    /// How many bytes.
    pub bytes: u64,
    /// What is wrong with them.
    pub kind: LossKind,
}

/// What is wrong with a part of a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossKind {
    /// The checksum is not that of the bytes.
    Damaged,
    /// The checksum is right and the content unknown.
    Unknown,
    /// The last line has no end: its writer was killed or the file was cut.
    Torn,
    /// The file is shorter than it was.
    Truncated,
    /// The file is gone.
    Missing,
    /// Written by a later version, which can read it.
    Newer,
    /// An edit has more events than the ledger takes.
    TooMany,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, offset, bytes, kind } = self;
        let what = match kind {
            LossKind::Missing => return write!(f, "{file}: the file is missing, with its {bytes} bytes"),
            LossKind::Damaged => "damaged",
            LossKind::Unknown => "of unknown content",
            LossKind::Torn => "of a line that was never finished",
            LossKind::Truncated => "missing at the end",
            LossKind::Newer => "written by a later version",
            LossKind::TooMany => "of events beyond what one edit may have",
        };
        write!(f, "{file}: {bytes} bytes {what} at {offset}")
    }
}
