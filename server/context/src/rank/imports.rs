//! Which files a file imports from.

use autodao_syntax::Language;
use autodao_syntax::index::{NameId, WorkspaceFile, WorkspaceIndex};
use rustc_hash::FxHashSet;

/// What a file imports.
pub(super) struct Imported {
    /// Names in its import statements.
    pub(super) names: FxHashSet<NameId>,
    words: FxHashSet<String>,
    modules: FxHashSet<String>,
    language: Language,
}

impl Imported {
    pub(super) fn by(file: &WorkspaceFile, language: Language) -> Self {
        let mut imported = Self {
            names: FxHashSet::default(),
            words: FxHashSet::default(),
            modules: FxHashSet::default(),
            language,
        };
        let folder = file.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        for import in &file.index().imports {
            let range = import.occurrences.start as usize..import.occurrences.end as usize;
            for occurrence in file.index().occurrences.get(range).unwrap_or(&[]) {
                imported.names.insert(file.id_of(occurrence));
                imported.words.insert(file.index().name(occurrence.name).to_owned());
            }
            if language.is_script() && import.source.starts_with('.') {
                imported.modules.insert(module(&joined(folder, &import.source)).to_owned());
            }
        }
        imported
    }

    /// Whether it imports from a file.
    pub(super) fn is_from(&self, path: &str) -> bool {
        if self.language.is_script() {
            return self.modules.contains(module(path));
        }
        let mut parts = path.rsplit('/');
        let stem = parts.next().map_or("", |name| name.strip_suffix(".rs").unwrap_or(name));
        self.words.contains(stem) || parts.next().is_some_and(|folder| self.words.contains(folder))
    }

    /// Whether it names what it imports.
    pub(super) fn has(&self, index: &WorkspaceIndex, id: NameId) -> bool {
        self.names.contains(&id) && !index.name(id).is_empty()
    }
}

/// A relative path seen from a folder, without `.` and `..`.
pub(crate) fn joined(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A script's path as an import names it: no extension, no `/index`.
pub(crate) fn module(path: &str) -> &str {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut stem = name;
    for extension in ["d.ts", "d.mts", "d.cts", "ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"] {
        if let Some(bare) = name.strip_suffix(extension).and_then(|name| name.strip_suffix('.')) {
            stem = bare;
            break;
        }
    }
    if stem == "index" && !folder.is_empty() {
        return folder;
    }
    &path[..path.len() - (name.len() - stem.len())]
}
