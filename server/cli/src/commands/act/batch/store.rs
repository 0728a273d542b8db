//! The state of a batch, on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use autodao_engine::act::{BatchAnswer, BatchJob};
use autodao_engine::config::user_data_folder;
use serde::{Deserialize, Serialize};

/// How far a batch is.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) files: BTreeMap<PathBuf, FileState>,
    /// What a provider works on, or was about to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) job: Option<BatchJob>,
    /// Answers that were paid for and are not judged yet, by the ids of their requests.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) answers: BTreeMap<String, BatchAnswer>,
    /// Requests whose answers made no edit: they are not asked again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) tried: BTreeSet<String>,
}

/// What was done with one file.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct FileState {
    /// The text the edits are for.
    pub(super) before: String,
    /// The text with them.
    pub(super) after: String,
    /// Findings that were tried in vain: as many of those that are left are passed over.
    pub(super) refused: usize,
    /// Nothing is left to try.
    pub(super) done: bool,
}

/// Where a batch is kept, and how.
pub(super) struct Store {
    pub(super) file: PathBuf,
    pub(super) state: State,
    /// Held as long as the program runs: two of the same batch would ask, and pay, for the same.
    _lock: File,
}

impl FileState {
    /// Nothing is done yet with this text.
    pub(super) fn of(text: String) -> Self {
        Self { before: text.clone(), after: text, refused: 0, done: false }
    }
}

impl Store {
    /// The state of a batch: the same rule and template, the same paths from the same folder.
    pub(super) fn open(key: &str) -> Result<Self, String> {
        let folder =
            user_data_folder().ok_or("there is no home folder; set AUTODAO_DATA_DIR")?.join("batches");
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        // FNV-1a (64 bits): the name must be the same in every version of the program.
        let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        let file = folder.join(format!("{hash:016x}.json"));
        let failed = |why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
        let lock = File::create(file.with_extension("lock")).map_err(|error| failed(&error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err("the same batch runs already".to_owned()),
            // Some network file systems have no locks.
            Err(TryLockError::Error(error)) => tracing::warn!("{}", failed(&error)),
        }
        let state = match fs::read(&file) {
            // It may name a job that is paid for: it is not for the program to begin anew.
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| failed(&error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => State::default(),
            Err(error) => return Err(failed(&error)),
        };
        Ok(Self { file, state, _lock: lock })
    }

    pub(super) fn save(&self) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("{}: {error}", self.file.display());
        let folder = self.file.parent().unwrap_or(&self.file);
        let mut new = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        let bytes = serde_json::to_vec(&self.state).map_err(|error| error.to_string())?;
        new.write_all(&bytes).map_err(failed)?;
        new.as_file().sync_all().map_err(failed)?;
        new.persist(&self.file).map(drop).map_err(|error| failed(error.error))
    }

    /// The file of a path, begun anew when its text is not the one that was worked on.
    pub(super) fn refresh(&mut self, path: &Path) -> Result<(), String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let state = self.state.files.entry(path.to_owned()).or_default();
        if state.before != text {
            *state = FileState::of(text);
        }
        Ok(())
    }
}
