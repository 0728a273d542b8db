//! File indexes on disk between starts.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::file::FileIndex;
use super::hash::ContentHash;
use crate::Language;

/// The first bytes of the file; the number goes up whenever what is kept, or how it is found, changes.
const HEAD: &[u8] = b"autodao index 2\n";

/// Files above this many bytes are not read: something else wrote them.
const MAX_BYTES: u64 = 512 << 20;

/// Why an index could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be written.
    #[error("the index cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// It has no form on disk.
    #[error("the index cannot be encoded: {0}")]
    Encode(#[from] postcard::Error),
}

/// File indexes by what they are made of. What is damaged or of another version counts as empty: all of it can be
/// made again.
#[derive(Debug, Default)]
pub struct IndexStore {
    known: FxHashMap<(Language, ContentHash), Arc<FileIndex>>,
}

impl IndexStore {
    /// Reads what was written; empty where there is nothing that can be read.
    pub fn load(path: &Path) -> Self {
        let small = fs::metadata(path).is_ok_and(|about| about.len() <= MAX_BYTES);
        let bytes = if small { fs::read(path).unwrap_or_default() } else { Vec::new() };
        let entries: Vec<(String, ContentHash, FileIndex)> =
            bytes.strip_prefix(HEAD).and_then(|body| postcard::from_bytes(body).ok()).unwrap_or_default();
        let known = entries
            .into_iter()
            .filter(|(_, _, file)| file.is_sound())
            .filter_map(|(language, hash, file)| {
                Some(((Language::from_name(&language)?, hash), Arc::new(file)))
            })
            .collect();
        Self { known }
    }

    /// The index of a text, if it is known.
    pub fn get(&self, language: Language, hash: ContentHash) -> Option<Arc<FileIndex>> {
        self.known.get(&(language, hash)).map(Arc::clone)
    }

    /// Keeps the index of a text.
    pub fn put(&mut self, language: Language, hash: ContentHash, file: Arc<FileIndex>) {
        self.known.insert((language, hash), file);
    }

    /// Forgets all but those named.
    pub fn retain(&mut self, used: &FxHashSet<(Language, ContentHash)>) {
        self.known.retain(|key, _| used.contains(key));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Writes all of it beside `path` and then moves it there: whoever reads it sees the old or the new one.
    pub fn save(&self, path: &Path) -> Result<(), StoreError> {
        let mut entries: Vec<_> =
            self.known.iter().map(|((language, hash), file)| (language.name(), *hash, &**file)).collect();
        entries.sort_unstable_by_key(|(language, hash, _)| (*language, *hash));
        let body = postcard::to_stdvec(&entries)?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        let mut file = fs::File::create(&beside)?;
        file.write_all(HEAD)?;
        file.write_all(&body)?;
        drop(file);
        fs::rename(&beside, path)?;
        Ok(())
    }
}
