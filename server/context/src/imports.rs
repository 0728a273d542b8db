//! The imports of a file that a piece of code uses.

use std::collections::HashSet;

use autodao_syntax::tree_sitter::{Node, Tree};
use autodao_syntax::{Language, Span};

/// The most imports looked at in a file.
const MAX_IMPORTS: usize = 512;

/// The words of a code: every run of characters that a name may have. Names in comments and strings count too;
/// what they cost is an import line too many.
pub(crate) fn words(code: &str) -> HashSet<&str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
        .filter(|word| !word.is_empty())
        .collect()
}

/// The spans of import statements that stand in the file itself and bring a name into scope that is among the
/// words, in the order of the text. Imports of everything (`use a::*`) count as used: what they bring is not known.
pub(crate) fn used_imports(language: Language, text: &str, tree: &Tree, words: &HashSet<&str>) -> Vec<Span> {
    let mut cursor = tree.walk();
    let mut used = Vec::new();
    if !cursor.goto_first_child() {
        return used;
    }
    let kind = if language == Language::Rust { "use_declaration" } else { "import_statement" };
    let mut seen = 0;
    loop {
        let node = cursor.node();
        if node.kind() == kind {
            seen += 1;
            if brings(node, text, words) {
                used.push(Span::of(node));
            }
        }
        if seen == MAX_IMPORTS || !cursor.goto_next_sibling() {
            return used;
        }
    }
}

/// Whether an import brings one of the words into scope.
fn brings(import: Node<'_>, text: &str, words: &HashSet<&str>) -> bool {
    let is_word = |node: Node<'_>| text.get(node.byte_range()).is_some_and(|name| words.contains(name));
    let mut cursor = import.walk();
    loop {
        let node = cursor.node();
        let alias = node.child_by_field_name("alias");
        let found = match node.kind() {
            "use_wildcard" => true,
            "use_as_clause" | "import_specifier" if alias.is_some() => alias.is_some_and(is_word),
            "identifier" | "type_identifier" => is_word(node),
            // `use a::{self}` brings `a`.
            "self" => import_parent_is_word(&cursor, text, words),
            _ => false,
        };
        if found {
            return true;
        }
        // A path only leads to what is brought, and an alias hides it.
        let closed = alias.is_some() || cursor.field_name() == Some("path") || node.kind() == "string";
        if !closed && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() || cursor.node().id() == import.id() {
                return false;
            }
        }
    }
}

/// Whether the last name of the path before the list that a `self` is in is a word.
fn import_parent_is_word(
    cursor: &autodao_syntax::tree_sitter::TreeCursor<'_>,
    text: &str,
    words: &HashSet<&str>,
) -> bool {
    let mut up = cursor.clone();
    while up.goto_parent() {
        let node = up.node();
        if node.kind() == "scoped_use_list" {
            let path = node.child_by_field_name("path").and_then(|path| text.get(path.byte_range()));
            let last = path.and_then(|path| path.rsplit("::").next());
            return last.is_some_and(|name| words.contains(name));
        }
    }
    false
}
