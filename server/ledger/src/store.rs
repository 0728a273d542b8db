//! A sled database whose values carry checksums over key and content.
//!
//! sled is beta: it may panic on damage, `flush` does not reach the disk, and only one process may have it open.
//! Callers hold a lease, catch panics and can rebuild everything in it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::LedgerError;

/// How long sled may take to let go of a database that was closed.
const LETTING_GO: Duration = Duration::from_secs(5);
/// How often it is asked.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// Bytes of memory sled keeps pages in. Its own default is a gigabyte.
const CACHE: u64 = 16 << 20;
const CHECKSUM: usize = 4;

pub(crate) struct Store {
    // Only `drop` takes it.
    db: Option<sled::Db>,
    path: PathBuf,
}

impl Drop for Store {
    fn drop(&mut self) {
        // sled may panic once more when it is dropped, which would end the process.
        if std::thread::panicking() {
            self.db.take().into_iter().for_each(std::mem::forget);
        }
    }
}

/// Changes that are made together.
#[derive(Default)]
pub(crate) struct Changes(sled::Batch);

impl Changes {
    pub(crate) fn put(&mut self, key: &[u8], value: &impl Serialize) -> Result<(), LedgerError> {
        let mut bytes = vec![0; CHECKSUM];
        bytes = postcard::to_extend(value, bytes).map_err(|error| damaged(&error))?;
        let checksum = checksum(key, &bytes[CHECKSUM..]);
        bytes[..CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
        self.0.insert(key, bytes);
        Ok(())
    }

    pub(crate) fn remove(&mut self, key: &[u8]) {
        self.0.remove(key);
    }
}

impl Store {
    pub(crate) fn open(path: &Path) -> Result<Self, LedgerError> {
        let config = sled::Config::new().path(path).cache_capacity(CACHE).flush_every_ms(None);
        let until = Instant::now() + LETTING_GO;
        loop {
            match config.open().map_err(|error| failed(path, error)) {
                Ok(db) => return Ok(Self { db: Some(db), path: path.to_owned() }),
                // Who opens holds the lease, so nobody else has it open: sled's threads let go of a database some
                // time after its last handle is gone, and do not say when.
                Err(LedgerError::Busy { .. }) if Instant::now() < until => std::thread::sleep(LOOK_AGAIN),
                Err(error) => return Err(error),
            }
        }
    }

    fn db(&self) -> Result<&sled::Db, LedgerError> {
        self.db.as_ref().ok_or_else(|| damaged(&"it is closed"))
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, LedgerError> {
        let value = self.db()?.get(key).map_err(|error| failed(&self.path, error))?;
        value.map(|value| read(key, &value)).transpose()
    }

    /// Keys and values in the order of the keys, from one key to before another.
    pub(crate) fn range<T: DeserializeOwned>(
        &self,
        from: Vec<u8>,
        before: Vec<u8>,
    ) -> impl Iterator<Item = Result<(sled::IVec, T), LedgerError>> + use<'_, T> {
        let entries = self.db.iter().flat_map(move |db| db.range(from.clone()..before.clone()));
        entries.map(|entry| {
            let (key, value) = entry.map_err(|error| failed(&self.path, error))?;
            let value = read(&key, &value)?;
            Ok((key, value))
        })
    }

    pub(crate) fn apply(&self, changes: Changes) -> Result<(), LedgerError> {
        self.db()?.apply_batch(changes.0).map_err(|error| failed(&self.path, error))
    }

    /// Makes all that was applied last through a loss of power: `flush` alone does not.
    pub(crate) fn sync(&self) -> Result<(), LedgerError> {
        self.db()?.flush().map_err(|error| failed(&self.path, error))?;
        let file = self.path.join("db");
        File::options()
            .write(true)
            .open(&file)
            .and_then(|file| file.sync_all())
            .map_err(LedgerError::io(&file))
    }
}

fn checksum(key: &[u8], content: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(content);
    hasher.finalize()
}

fn read<T: DeserializeOwned>(key: &[u8], value: &[u8]) -> Result<T, LedgerError> {
    let (stored, content) =
        value.split_first_chunk::<CHECKSUM>().ok_or_else(|| damaged(&"a value is too short"))?;
    if u32::from_le_bytes(*stored) != checksum(key, content) {
        return Err(damaged(&"a value has a wrong checksum"));
    }
    postcard::from_bytes(content).map_err(|error| damaged(&error))
}

fn damaged(what: &dyn std::fmt::Display) -> LedgerError {
    LedgerError::DamagedIndex(what.to_string())
}

/// Tells a disk that is full and a lock that is taken from damage, which sled does by its messages only.
fn failed(path: &Path, error: sled::Error) -> LedgerError {
    match error {
        sled::Error::Io(error) if error.to_string().contains("could not acquire lock") => {
            LedgerError::Busy { path: path.to_owned() }
        }
        // A file that ends too early is a damaged one.
        sled::Error::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            LedgerError::io(path)(error)
        }
        error => damaged(&error),
    }
}
