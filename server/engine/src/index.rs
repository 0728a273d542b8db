//! The indexes of the folders that are worked in: built in parallel, kept on disk between starts, kept up with changes.
//!
//! Files for tests, generated ones and those that are ignored are not in an index: an edit never needs their names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use autodao_quality::FileRole;
use autodao_syntax::index::{ContentHash, FileIndex, IndexStore, WorkspaceIndex};
use autodao_syntax::{Language, SyntaxParser};
use ignore::WalkBuilder;
use rustc_hash::FxHashSet;

use crate::act::lock;
use crate::config::user_data_folder;
use crate::project::{identity_of, role_of};

/// Larger files are not indexed: they are data.
const MAX_FILE_BYTES: u64 = 512 << 10;
/// A folder with more files of ours is indexed in part; the rest is named in the log.
const MAX_FILES: usize = 20_000;

/// What marks the root of a workspace; the outermost folder with a marker of the first kind that is found counts.
const ROOTS: [&str; 4] = [".git", "autodao.toml", "Cargo.toml", "package.json"];

/// How far the building of an index is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Built {
    /// Files that are in it.
    pub files: usize,
    /// Of them, those that were known from the time before.
    pub known: usize,
    /// Files that there are.
    pub of: usize,
}

#[derive(Default)]
struct Folder {
    index: WorkspaceIndex,
    is_complete: bool,
}

/// The indexes of the folders of one process.
#[derive(Default)]
pub struct WorkspaceIndexes {
    folders: Mutex<BTreeMap<PathBuf, Arc<RwLock<Folder>>>>,
}

impl WorkspaceIndexes {
    /// Builds the index of a folder, from what is known on disk where that still holds. Blocks; `told` is called now
    /// and then, on any thread. A folder that has an index is done at once.
    pub fn build(&self, root: &Path, told: &(dyn Fn(Built) + Sync)) -> Built {
        let root = identity_of(root);
        let folder = Arc::clone(lock(&self.folders).entry(root.clone()).or_default());
        {
            let known = folder.read().unwrap_or_else(PoisonError::into_inner);
            if known.is_complete {
                let files = known.index.len();
                return Built { files, known: files, of: files };
            }
        }
        let files = files_below(&root);
        let store_file = store_file(&root);
        let store = store_file.as_deref().map(IndexStore::load).unwrap_or_default();
        let (next, done, known) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let results: Mutex<Vec<Indexed>> = Mutex::default();
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let mut parser = SyntaxParser::default();
                    while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if let Some((indexed, was_known)) = indexed(&root, path, &store, &mut parser) {
                            known.fetch_add(usize::from(was_known), Ordering::Relaxed);
                            lock(&results).push(indexed);
                        }
                        let count = done.fetch_add(1, Ordering::Relaxed) + 1;
                        if count.is_multiple_of(64) {
                            let known = known.load(Ordering::Relaxed);
                            told(Built { files: count, known, of: files.len() });
                        }
                    }
                });
            }
        });
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let known = known.into_inner();
        if let Some(file) = store_file.filter(|_| known < results.len() || known < store.len()) {
            keep(store, &results, &file);
        }
        let built = Built { files: results.len(), known, of: files.len() };
        let mut folder = folder.write().unwrap_or_else(PoisonError::into_inner);
        for Indexed { path, file, .. } in results {
            // What an editor said of a file meanwhile is newer than what was read.
            if folder.index.file_at(&path).is_none() {
                folder.index.insert(&path, file);
            }
        }
        folder.is_complete = true;
        built
    }

    /// Whether the folder that a file is in has an index.
    pub fn is_ready(&self, path: &Path) -> bool {
        self.folder_of(path)
            .is_some_and(|(_, folder, _)| folder.read().unwrap_or_else(PoisonError::into_inner).is_complete)
    }

    /// Takes note that a file was changed, made or removed by something else than an edit of an open document. Reads
    /// it: not for the thread that answers an editor.
    pub fn changed(&self, path: &Path) {
        let Some((root, folder, name)) = self.folder_of(path) else { return };
        let mut parser = SyntaxParser::default();
        let read =
            is_ours(&root.join(&name)).then(|| indexed(&root, path, &IndexStore::default(), &mut parser));
        let mut folder = folder.write().unwrap_or_else(PoisonError::into_inner);
        match read.flatten() {
            Some((Indexed { file, .. }, _)) => folder.index.insert(&name, file),
            None => {
                folder.index.remove(&name);
            }
        }
    }

    /// Looks something up for a file whose text is at hand; the index has the file as it is in this text. `None`
    /// where there is no index yet.
    pub(crate) fn with<R>(
        &self,
        path: &Path,
        current: FileIndex,
        look: impl FnOnce(&WorkspaceIndex, &str) -> R,
    ) -> Option<R> {
        let (_, folder, name) = self.folder_of(path)?;
        {
            let mut folder = folder.write().unwrap_or_else(PoisonError::into_inner);
            if !folder.is_complete {
                return None;
            }
            let is_same = folder.index.file_at(&name).is_some_and(|(_, file)| **file.index() == current);
            if !is_same {
                folder.index.insert(&name, Arc::new(current));
            }
        }
        let folder = folder.read().unwrap_or_else(PoisonError::into_inner);
        Some(look(&folder.index, &name))
    }

    /// Looks something up for a file: the index, the file's name in it, and the folder it is of. `None` where there is no
    /// index yet.
    pub(crate) fn read<R>(
        &self,
        path: &Path,
        look: impl FnOnce(&WorkspaceIndex, &str, &Path) -> R,
    ) -> Option<R> {
        let (root, folder, name) = self.folder_of(path)?;
        let folder = folder.read().unwrap_or_else(PoisonError::into_inner);
        folder.is_complete.then(|| look(&folder.index, &name, &root))
    }

    /// The innermost known folder that a file is in, and the file's name in its index.
    fn folder_of(&self, path: &Path) -> Option<(PathBuf, Arc<RwLock<Folder>>, String)> {
        let path = identity_of(path);
        let folders = lock(&self.folders);
        path.ancestors().skip(1).find_map(|root| {
            let folder = folders.get(root)?;
            Some((root.to_owned(), Arc::clone(folder), name_in(root, &path)?))
        })
    }
}

/// The folder whose index a file belongs to, when nobody says which: that of its repository, else the outermost
/// package it is in.
pub fn root_of(path: &Path) -> Option<PathBuf> {
    let path = identity_of(path);
    ROOTS.iter().find_map(|marker| {
        let marked = path.ancestors().skip(1).filter(|folder| folder.join(marker).exists());
        // The innermost repository, the outermost of the others.
        if *marker == ".git" { marked.take(1).last() } else { marked.last() }.map(Path::to_owned)
    })
}

struct Indexed {
    path: String,
    language: Language,
    hash: ContentHash,
    file: Arc<FileIndex>,
}

fn name_in(root: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<&str>> = below.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

fn is_ours(path: &Path) -> bool {
    let Some(language) = Language::from_path(path) else { return false };
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let is_declaration = [".d.ts", ".d.mts", ".d.cts", ".min.js"].iter().any(|end| name.ends_with(end));
    let is_small =
        std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() <= MAX_FILE_BYTES);
    !is_declaration && is_small && role_of(Some(path), language) != FileRole::Test
}

pub(crate) fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut walk = WalkBuilder::new(root);
    walk.filter_entry(|entry| {
        let name = entry.file_name().to_str().unwrap_or("");
        !matches!(name, "node_modules" | "target" | "dist")
    });
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in walk.build().flatten() {
        if is_ours(entry.path()) {
            files.push(entry.into_path());
        }
        if files.len() == MAX_FILES {
            tracing::warn!("{} has more than {MAX_FILES} files: the rest is not indexed", root.display());
            break;
        }
    }
    files
}

/// The index of a file, and whether it was known.
fn indexed(
    root: &Path,
    path: &Path,
    store: &IndexStore,
    parser: &mut SyntaxParser,
) -> Option<(Indexed, bool)> {
    let language = Language::from_path(path)?;
    let text = std::fs::read_to_string(path).ok()?;
    let hash = ContentHash::of(&text);
    let known = store.get(language, hash);
    let was_known = known.is_some();
    let file = match known {
        Some(file) => file,
        None => Arc::new(FileIndex::parse(parser, language, &text)?),
    };
    let path = name_in(root, &identity_of(path))?;
    Some((Indexed { path, language, hash, file }, was_known))
}

/// Where a folder's index is kept.
fn store_file(root: &Path) -> Option<PathBuf> {
    let name = ContentHash::of(&root.to_string_lossy());
    let data = user_data_folder()?;
    Some(data.join("index").join(format!("{name:x}.bin")))
}

fn keep(mut store: IndexStore, results: &[Indexed], file: &Path) {
    let used: FxHashSet<_> = results.iter().map(|indexed| (indexed.language, indexed.hash)).collect();
    store.retain(&used);
    for indexed in results {
        store.put(indexed.language, indexed.hash, Arc::clone(&indexed.file));
    }
    if let Err(error) = store.save(file) {
        tracing::warn!("{}: {error}", file.display());
    }
}
