//! Names that the workspace knows: asked for while a reply is checked, imported when the edit is given out.

use std::path::Path;

use autodao_edits::{ImportRequest, Names, Proposal, apply, imports};
use autodao_quality::TextEdit;
use autodao_syntax::index::WorkspaceIndex;
use autodao_syntax::{Language, Span, SyntaxParser};

use crate::index::WorkspaceIndexes;

/// How many names like an unknown one are told.
const SIMILAR: usize = 3;
/// Names less alike than this are other names.
const LEAST_LIKENESS: f64 = 0.82;

/// The names of an index.
pub(crate) struct IndexNames<'a>(pub(crate) &'a WorkspaceIndex);

impl Names for IndexNames<'_> {
    fn is_known(&self, name: &str) -> bool {
        self.0.id(name).is_some_and(|id| !self.0.definitions_of(id).is_empty())
    }

    fn is_package(&self, _: &str) -> Option<bool> {
        None
    }

    fn similar(&self, name: &str) -> Vec<String> {
        let mut alike: Vec<(f64, &str)> = self
            .0
            .name_ids()
            .filter(|id| !self.0.definitions_of(*id).is_empty())
            .map(|id| self.0.name(id))
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
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    let manifest: toml_edit::DocumentMut = manifest.parse().ok()?;
    let named = |table: &str| manifest.get(table)?.get("name")?.as_str().map(|name| name.replace('-', "_"));
    named("lib").or_else(|| named("package"))
}
