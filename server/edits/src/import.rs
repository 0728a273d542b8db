//! The imports that names of an edit need, added as part of the same edit.

use std::collections::BTreeMap;

use autodao_quality::TextEdit;
use autodao_syntax::index::{Definition, WorkspaceFile, WorkspaceIndex};
use autodao_syntax::tree_sitter::{Node, Tree};
use autodao_syntax::{Language, Span};

mod modules;
mod rust;
mod script;

/// What is to be imported into which file.
#[derive(Clone, Copy)]
pub struct ImportRequest<'a> {
    /// The workspace.
    pub index: &'a WorkspaceIndex,
    /// The file, as the index names it.
    pub path: &'a str,
    /// Its language.
    pub language: Language,
    /// Its text with the edit in it.
    pub text: &'a str,
    /// The tree of this text.
    pub tree: &'a Tree,
    /// Where the names are used.
    pub at: Span,
    /// The names that the edit uses and the file had nowhere.
    pub names: &'a [String],
    /// The name of the crate whose folder (the one that holds `src`) this is, as code writes it; for Rust.
    pub crate_name: &'a dyn Fn(&str) -> Option<String>,
}

/// Imports for an edit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Imports {
    /// What to insert into the text, ascending.
    pub edits: Vec<TextEdit>,
    /// The statements that were added or extended, one for each name that is now imported.
    pub added: Vec<(String, String)>,
    /// Names that could be several things, or that cannot be reached from here.
    pub unresolved: Vec<String>,
}

/// Finds where names come from, and writes their imports. What other files of the workspace import them from goes
/// before what their place says. A name that is imported or defined in the file already is passed over.
pub fn imports(request: &ImportRequest<'_>) -> Imports {
    let mut found = Imports::default();
    let mut wanted: Vec<&String> = request.names.iter().collect();
    wanted.sort_unstable();
    wanted.dedup();
    if request.language.is_script() {
        script::add(request, &wanted, &mut found);
    } else {
        rust::add(request, &wanted, &mut found);
    }
    found.edits.sort_by_key(|edit| edit.span);
    found
}

/// Definitions of a name that another file may import.
fn importable<'a>(request: &ImportRequest<'a>, name: &str) -> Vec<(&'a WorkspaceFile, &'a Definition)> {
    let index = request.index;
    let places = index.id(name).map_or(&[][..], |id| index.definitions_of(id));
    let mut found: Vec<_> = places
        .iter()
        .filter_map(|place| index.definition(*place))
        .filter(|(file, definition)| {
            file.path() != request.path
                && definition.is_visible
                && definition.scope.is_none()
                && !definition.kind.is_member()
                && is_family(request.language, file.path())
        })
        .collect();
    found.sort_by_key(|(file, definition)| (file.path(), definition.span));
    found
}

fn is_family(language: Language, path: &str) -> bool {
    Language::from_path(std::path::Path::new(path))
        .is_some_and(|other| other.is_script() == language.is_script())
}

/// How many steps through folders there are from one file to another.
fn steps(from: &str, to: &str) -> usize {
    let folders = |path: &str| path.split('/').count() - 1;
    let shared = from.split('/').zip(to.split('/')).take_while(|(a, b)| a == b).count();
    folders(from) + folders(to) - 2 * shared.min(folders(from)).min(folders(to))
}

/// What is said of one thing, and how far from here: who is nearest is asked first.
struct Said<T>(BTreeMap<usize, Vec<T>>);

impl<T> Default for Said<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Ord + Clone> Said<T> {
    fn add(&mut self, distance: usize, what: T) {
        self.0.entry(distance).or_default().push(what);
    }

    /// Adds what counts once, however often it is said at a distance.
    fn put(&mut self, distance: usize, what: T) {
        let here = self.0.entry(distance).or_default();
        if !here.contains(&what) {
            here.push(what);
        }
    }

    /// What is said most often by the nearest. Where they do not agree, those farther off decide.
    fn nearest(&self) -> Option<T> {
        let mut counts: BTreeMap<&T, usize> = BTreeMap::new();
        for said in self.0.values() {
            for one in said {
                *counts.entry(one).or_default() += 1;
            }
            let most = counts.values().max().copied()?;
            let mut best = counts.iter().filter(|(_, count)| **count == most);
            if let (Some((one, _)), None) = (best.next(), best.next()) {
                return Some((*one).clone());
            }
        }
        None
    }
}

/// The children of a node that are of a kind, in order.
fn children<'a>(node: Node<'a>, is: impl Fn(&str) -> bool) -> Vec<Node<'a>> {
    let mut cursor = node.walk();
    let mut found = Vec::new();
    if !cursor.goto_first_child() {
        return found;
    }
    loop {
        if is(cursor.node().kind()) {
            found.push(cursor.node());
        }
        if !cursor.goto_next_sibling() {
            return found;
        }
    }
}

fn slice<'a>(text: &'a str, node: Node<'_>) -> &'a str {
    text.get(node.byte_range()).unwrap_or("")
}

/// How the text ends its lines.
fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests;
