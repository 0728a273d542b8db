//! Locks between processes, held for a short time.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::LedgerError;

/// A lock that is let go when this is dropped, or when its process dies.
pub(crate) struct Lease {
    _file: File,
}

impl Lease {
    /// Takes the lock, or says that it is busy after the given time.
    pub(crate) fn acquire(path: &Path, patience: Duration) -> Result<Self, LedgerError> {
        let open = File::options().create(true).truncate(false).write(true).open(path);
        let file = open.map_err(LedgerError::io(path))?;
        let start = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => return Err(LedgerError::io(path)(error)),
                Err(TryLockError::WouldBlock) if start.elapsed() >= patience => {
                    return Err(LedgerError::Busy { path: path.to_owned() });
                }
                // File locks cannot be awaited for a limited time.
                Err(TryLockError::WouldBlock) => std::thread::sleep(pause),
            }
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }
}
