//! Names that the workspace knows: asked for while a reply is checked, imported when the edit is given out.

use std::collections::BTreeSet;
use std::path::Path;

use autodao_edits::{ImportRequest, Names, Proposal, apply, imports};
use autodao_quality::TextEdit;
use autodao_syntax::index::WorkspaceIndex;
use autodao_syntax::{Language, Span, SyntaxParser};
use toml_edit::{DocumentMut, Item, TableLike};

use crate::index::WorkspaceIndexes;

/// How many names like an unknown one are told.
const SIMILAR: usize = 3;
/// Names less alike than this are other names.
const LEAST_LIKENESS: f64 = 0.82;

/// The names of an index, and those of the packages that code may use.
pub(crate) struct IndexNames<'a> {
    index: &'a WorkspaceIndex,
    packages: Option<BTreeSet<String>>,
}

impl<'a> IndexNames<'a> {
    /// What a file of a workspace may use. Reads the manifest nearest above it.
    pub(crate) fn of(index: &'a WorkspaceIndex, file: &Path) -> Self {
        Self { index, packages: packages(file) }
    }
}

impl Names for IndexNames<'_> {
    fn is_known(&self, name: &str) -> bool {
        self.index.id(name).is_some_and(|id| !self.index.definitions_of(id).is_empty())
    }

    fn is_package(&self, name: &str) -> Option<bool> {
        Some(self.packages.as_ref()?.contains(name))
    }

    fn similar(&self, name: &str) -> Vec<String> {
        let mut alike: Vec<(f64, &str)> = self
            .index
            .name_ids()
            .filter(|id| !self.index.definitions_of(*id).is_empty())
            .map(|id| self.index.name(id))
            .map(|known| (strsim::jaro_winkler(name, known), known))
            .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
            .collect();
        alike.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        alike.into_iter().take(SIMILAR).map(|(_, known)| known.to_owned()).collect()
    }
}

/// Adds the imports that an edit needs to it. An edit that cannot be imported for stays as it is; so does one whose
/// file has no index. Returns what was added.
pub(crate) fn add_imports(
    indexes: &WorkspaceIndexes,
    path: Option<&Path>,
    language: Language,
    (before, proposal): (&str, &mut Proposal),
    names: &[String],
) -> Vec<String> {
    let Some(path) = path.filter(|_| !names.is_empty()) else { return Vec::new() };
    let Some(tree) = SyntaxParser::default().parse_fresh(language, &proposal.text) else { return Vec::new() };
    let found = indexes.read(path, |index, name, root| {
        imports(&ImportRequest {
            index,
            path: name,
            language,
            text: &proposal.text,
            tree: &tree,
            at: proposal.after,
            names,
            crate_name: &|folder| crate_name(&root.join(folder)),
        })
    });
    let Some(found) = found.filter(|found| !found.edits.is_empty()) else { return Vec::new() };
    let mut edits = proposal.edits.clone();
    for edit in &found.edits {
        let Some(span) = moved_back(proposal, edit.span) else { return Vec::new() };
        edits.push(TextEdit { span, text: edit.text.clone() });
    }
    edits.sort_by_key(|edit| edit.span);
    let Some(text) = apply(before, &edits) else { return Vec::new() };
    let grown: i64 = found
        .edits
        .iter()
        .filter(|edit| edit.span.start <= proposal.after.start)
        .map(|edit| edit.text.len() as i64 - i64::from(edit.span.len()))
        .sum();
    proposal.after = proposal.after.moved(grown);
    proposal.edits = edits;
    proposal.text = text;
    found.added.into_iter().map(|(_, statement)| statement).collect()
}

/// A place of the text after an edit, in the text before it; `None` where the edit wrote it.
fn moved_back(proposal: &Proposal, span: Span) -> Option<Span> {
    if span.overlaps(proposal.after) {
        return None;
    }
    let growth = i64::from(proposal.after.len()) - i64::from(proposal.before.len());
    let is_behind = span.start >= proposal.after.end;
    Some(if is_behind { span.moved(-growth) } else { span })
}

/// The name of the crate in a folder, as code writes it.
fn crate_name(folder: &Path) -> Option<String> {
    name_in(&manifest(folder)?)
}

fn manifest(folder: &Path) -> Option<DocumentMut> {
    std::fs::read_to_string(folder.join("Cargo.toml")).ok()?.parse().ok()
}

fn name_in(manifest: &DocumentMut) -> Option<String> {
    let named = |table: &str| manifest.get(table)?.get("name")?.as_str().map(as_written);
    named("lib").or_else(|| named("package"))
}

/// A package's name as code writes it.
fn as_written(name: &str) -> String {
    name.replace('-', "_")
}

/// The crates that a file's code may name: its own library and what its manifest lists. `None` where there is no
/// manifest above it.
fn packages(file: &Path) -> Option<BTreeSet<String>> {
    let manifest = file.ancestors().skip(1).find_map(manifest)?;
    let mut found: BTreeSet<String> = name_in(&manifest).into_iter().collect();
    let mut add = |tables: &dyn TableLike| {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let listed = tables.get(kind).and_then(Item::as_table_like);
            found.extend(
                listed.into_iter().flat_map(|listed| listed.iter()).map(|(name, _)| as_written(name)),
            );
        }
    };
    add(manifest.as_table());
    let targets = manifest.get("target").and_then(Item::as_table_like);
    for (_, target) in targets.into_iter().flat_map(|targets| targets.iter()) {
        target.as_table_like().into_iter().for_each(&mut add);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_says_which_crates_code_may_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("src/a.rs");
        let text = "[package]\nname = \"my-crate\"\n[dependencies]\nserde_json = \"1\"\nre-named = { package = \"x\", version = \"1\" }\n\
            [dev-dependencies.proptest]\nversion = \"1\"\n[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n";
        assert_eq!(packages(&folder.path().join("none/a.rs")), None);
        std::fs::write(folder.path().join("Cargo.toml"), text).unwrap();
        let found = packages(&file).unwrap();
        assert_eq!(
            found,
            ["libc", "my_crate", "proptest", "re_named", "serde_json"].map(str::to_owned).into()
        );
    }
}
