//! Files of well-known packages are not called broken.
//!
//! `AUTODAO_CORPORA` names folders with valid TypeScript and JavaScript, separated as in `PATH`. Without it there
//! is nothing to do.

#![expect(clippy::unwrap_used, reason = "a test says what it found, and fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use autodao_conformance::{Verdict, confirm};
use autodao_syntax::tree_sitter::{Node, Parser, Tree};
use autodao_syntax::{Language, SyntaxParser};

/// How many of the files may have an error in their trees, of a hundred.
const MAX_BROKEN: usize = 1;

fn files(folder: &Path, found: &mut Vec<(PathBuf, Language)>) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match Language::from_path(&path) {
                _ if path.is_dir() => folders.push(path),
                Some(language) if language.is_script() => found.push((path, language)),
                _ => {}
            }
        }
    }
}

/// The first error's parent and its first byte's line: what the grammar stumbled over.
fn first_error(tree: &Tree, text: &str) -> String {
    let mut node = tree.root_node();
    while let Some(child) = broken_child(node) {
        node = child;
    }
    let line = text[node.start_byte()..].lines().next().unwrap_or_default();
    format!("{}: {}", node.parent().map_or("", |parent| parent.kind()), line.trim())
}

fn broken_child(node: Node<'_>) -> Option<Node<'_>> {
    if node.is_error() && node.parent().is_some() {
        return None;
    }
    node.children(&mut node.walk()).find(Node::has_error)
}

#[test]
fn valid_files_are_not_called_broken() {
    let Some(folders) = std::env::var_os("AUTODAO_CORPORA") else {
        eprintln!("skipped: AUTODAO_CORPORA names no folders");
        return;
    };
    let mut found = Vec::new();
    for folder in std::env::split_paths(&folders) {
        files(&folder, &mut found);
    }
    assert!(!found.is_empty(), "no files in AUTODAO_CORPORA");
    let (mut before, mut after, mut changed) = (0, BTreeMap::new(), Vec::new());
    let mut invalid = Vec::new();
    for (path, language) in &found {
        let text = std::fs::read_to_string(path).unwrap();
        let mut plain = Parser::new();
        plain.set_language(&language.grammar()).unwrap();
        let plain = plain.parse(&text, None).unwrap();
        let tree = SyntaxParser::default().parse_fresh(*language, &text).unwrap();
        if plain.root_node().has_error() {
            before += 1;
        } else if plain.root_node().to_sexp() != tree.root_node().to_sexp() {
            changed.push(path);
        }
        if tree.root_node().has_error() {
            after.insert(path, first_error(&tree, &text));
        }
        // Not only where the tree has an error: what a gate may ask, it may ask of any file.
        match confirm(*language, &text) {
            Verdict::Valid => {}
            other => invalid.push((path, other)),
        }
    }
    let total = found.len();
    eprintln!("{total} files, with errors in the tree {before} unbridged, {} bridged", after.len());
    for (path, error) in &after {
        eprintln!("{}: {error}", path.display());
    }
    assert!(invalid.is_empty(), "{invalid:#?}");
    assert!(changed.is_empty(), "their trees were whole and are others now: {changed:#?}");
    assert!(after.len() * 100 <= total * MAX_BROKEN, "{} of {total}", after.len());
}
