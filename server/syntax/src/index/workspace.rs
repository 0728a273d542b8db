//! The indexes of many files under one table of names.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::definition::Definition;
use super::file::{FileIndex, Occurrence};
use super::words::words;

/// A name of the workspace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NameId(u32);

impl NameId {
    /// For tables by name; below [`WorkspaceIndex::name_count`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A word that names of the workspace are made of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct WordId(u32);

/// A file of the workspace, for as long as it is in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FileId(u32);

/// Where a name is defined.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct DefinitionRef {
    /// The file.
    pub file: FileId,
    /// Which of its definitions.
    pub index: u32,
}

/// A file and how its names are called in the workspace.
#[derive(Clone, Debug)]
pub struct WorkspaceFile {
    path: Box<str>,
    index: Arc<FileIndex>,
    ids: Box<[NameId]>,
}

impl WorkspaceFile {
    /// Its path in the workspace, with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it defines and names.
    pub fn index(&self) -> &Arc<FileIndex> {
        &self.index
    }

    /// The workspace's id of one of its names.
    pub fn id(&self, name: u32) -> Option<NameId> {
        self.ids.get(name as usize).copied()
    }

    /// The workspace's id of an occurrence's name.
    pub fn id_of(&self, occurrence: &Occurrence) -> NameId {
        self.ids.get(occurrence.name as usize).copied().unwrap_or(NameId(0))
    }

    /// The workspace's ids of all its names.
    pub fn ids(&self) -> &[NameId] {
        &self.ids
    }
}

/// What a workspace defines and names. Memory is proportional to what is in it; names that went out of use keep
/// their place until the index is made anew.
#[derive(Clone, Debug, Default)]
pub struct WorkspaceIndex {
    files: Vec<Option<WorkspaceFile>>,
    free: Vec<u32>,
    by_path: BTreeMap<Box<str>, FileId>,
    names: Vec<Arc<str>>,
    ids: FxHashMap<Arc<str>, NameId>,
    definitions: Vec<Vec<DefinitionRef>>,
    frequency: Vec<u32>,
    words: FxHashMap<Box<str>, WordId>,
    words_of: Vec<Box<[WordId]>>,
    word_frequency: Vec<u32>,
}

impl WorkspaceIndex {
    /// Puts a file in, instead of what was there under its path.
    pub fn insert(&mut self, path: &str, index: Arc<FileIndex>) {
        self.remove(path);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.files.push(None);
            (self.files.len() - 1) as u32
        });
        let file = FileId(slot);
        let ids: Box<[NameId]> = index.names().map(|name| self.intern(name)).collect();
        for id in &ids {
            self.frequency[id.index()] += 1;
        }
        for (at, definition) in index.definitions.iter().enumerate() {
            if let Some(id) = ids.get(definition.name as usize) {
                self.definitions[id.index()].push(DefinitionRef { file, index: at as u32 });
            }
        }
        self.by_path.insert(path.into(), file);
        self.files[slot as usize] = Some(WorkspaceFile { path: path.into(), index, ids });
    }

    /// Takes a file out; whether it was there.
    pub fn remove(&mut self, path: &str) -> bool {
        let Some(file) = self.by_path.remove(path) else { return false };
        let Some(known) = self.files.get_mut(file.0 as usize).and_then(Option::take) else { return false };
        for id in &known.ids {
            self.frequency[id.index()] -= 1;
        }
        for definition in &known.index.definitions {
            if let Some(id) = known.id(definition.name) {
                self.definitions[id.index()].retain(|place| place.file != file);
            }
        }
        self.free.push(file.0);
        true
    }

    fn intern(&mut self, name: &str) -> NameId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = NameId(self.names.len() as u32);
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.ids.insert(name, id);
        self.definitions.push(Vec::new());
        self.frequency.push(0);
        self.take_words(id);
        id
    }

    fn take_words(&mut self, id: NameId) {
        let mut ids: Vec<WordId> = Vec::new();
        for word in words(&self.names[id.index()]) {
            let next = WordId(self.word_frequency.len() as u32);
            let word = *self.words.entry(word.into()).or_insert(next);
            if word == next {
                self.word_frequency.push(0);
            }
            if !ids.contains(&word) {
                self.word_frequency[word.0 as usize] += 1;
                ids.push(word);
            }
        }
        ids.sort_unstable();
        self.words_of.push(ids.into_boxed_slice());
    }

    /// A word that is in some name, without its ending as [`words`] gives it.
    pub fn word(&self, word: &str) -> Option<WordId> {
        self.words.get(word).copied()
    }

    /// The words of a name, each once, ascending.
    pub fn words_of(&self, id: NameId) -> &[WordId] {
        self.words_of.get(id.index()).map_or(&[], |words| words)
    }

    /// In how many names a word is.
    pub fn word_frequency(&self, word: WordId) -> u32 {
        self.word_frequency.get(word.0 as usize).copied().unwrap_or(0)
    }

    /// The id of a name that occurs, or once occurred.
    pub fn id(&self, name: &str) -> Option<NameId> {
        self.ids.get(name).copied()
    }

    /// The text of a name.
    pub fn name(&self, id: NameId) -> &str {
        self.names.get(id.index()).map_or("", |name| name)
    }

    /// How many names there are, those gone out of use included.
    pub fn name_count(&self) -> usize {
        self.names.len()
    }

    /// Every name that may be defined.
    pub fn name_ids(&self) -> impl Iterator<Item = NameId> {
        (0..self.names.len() as u32).map(NameId)
    }

    /// Where a name is defined, locals included; in no particular order of files.
    pub fn definitions_of(&self, id: NameId) -> &[DefinitionRef] {
        self.definitions.get(id.index()).map_or(&[], Vec::as_slice)
    }

    /// A definition and its file.
    pub fn definition(&self, place: DefinitionRef) -> Option<(&WorkspaceFile, &Definition)> {
        let file = self.file(place.file)?;
        Some((file, file.index.definitions.get(place.index as usize)?))
    }

    /// In how many files a name occurs.
    pub fn file_frequency(&self, id: NameId) -> u32 {
        self.frequency.get(id.index()).copied().unwrap_or(0)
    }

    /// A file.
    pub fn file(&self, id: FileId) -> Option<&WorkspaceFile> {
        self.files.get(id.0 as usize)?.as_ref()
    }

    /// The file at a path.
    pub fn file_at(&self, path: &str) -> Option<(FileId, &WorkspaceFile)> {
        let id = *self.by_path.get(path)?;
        Some((id, self.file(id)?))
    }

    /// Every file, by path.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &WorkspaceFile)> {
        self.by_path.values().filter_map(|id| Some((*id, self.file(*id)?)))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.by_path.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// How many identifiers occur in all files.
    pub fn occurrences(&self) -> usize {
        self.files().map(|(_, file)| file.index.occurrences.len()).sum()
    }

    /// About how many bytes of memory it takes.
    pub fn memory(&self) -> usize {
        let files: usize = self
            .files()
            .map(|(_, file)| {
                file.index.memory()
                    + size_of_val(&*file.ids)
                    + file.path.len() * 2
                    + size_of::<WorkspaceFile>()
                    + size_of::<(Box<str>, FileId)>()
            })
            .sum();
        let names: usize =
            self.names.iter().map(|name| name.len() + 16 + 2 * size_of::<Arc<str>>() + 8).sum();
        let places: usize = self
            .definitions
            .iter()
            .map(|places| size_of::<Vec<DefinitionRef>>() + places.capacity() * size_of::<DefinitionRef>())
            .sum();
        let words: usize = self
            .words_of
            .iter()
            .map(|words| size_of::<Box<[WordId]>>() + size_of_val(&**words))
            .sum::<usize>()
            + self.words.keys().map(|word| word.len() + 32).sum::<usize>();
        files + names + places + words + size_of_val(&*self.frequency)
    }
}
