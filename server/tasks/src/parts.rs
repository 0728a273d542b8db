//! A task about many items becomes one task for each.

use autodao_syntax::tree_sitter::{Node, Tree};

use crate::Target;
use crate::item::is_container;
use crate::target::members;

/// The most parts a target is split into.
const MAX_PARTS: usize = 1024;

/// How deep containers are opened.
const MAX_DEPTH: usize = 64;

/// The items that a target falls into when the task can be done for each alone: the members of its `impl`s,
/// modules, classes and interfaces, those of containers in them too; an item that is none of these is a part as
/// it is. In the order of the text; no part overlaps another, so their edits combine into one.
///
/// A target that is one item without members is one part, itself. `tree` is of exactly this text.
pub fn parts(target: &Target, text: &str, tree: &Tree) -> Vec<Target> {
    let language = target.language;
    let mut found = Vec::new();
    let mut todo: Vec<_> = target.items.iter().cloned().map(|item| (item, 0)).rev().collect();
    while let Some((item, depth)) = todo.pop() {
        if found.len() >= MAX_PARTS {
            break;
        }
        let inner = if is_container(item.kind) && depth < MAX_DEPTH {
            item.body.map_or_else(Vec::new, |body| {
                let chain = chain_to(tree, body.start, body.end);
                match chain.last() {
                    Some(holder) if holder.end_byte() as u32 == body.end => {
                        members(*holder, &chain, language, text)
                    }
                    _ => Vec::new(),
                }
            })
        } else {
            Vec::new()
        };
        if inner.is_empty() {
            found.extend(Target::of(language, vec![item], text));
        } else {
            todo.extend(inner.into_iter().map(|item| (item, depth + 1)).rev());
        }
    }
    found
}

/// The nodes from the root to the one of exactly this range.
fn chain_to(tree: &Tree, start: u32, end: u32) -> Vec<Node<'_>> {
    let mut cursor = tree.walk();
    let mut chain = vec![cursor.node()];
    let is_it = |node: Node<'_>| node.start_byte() as u32 == start && node.end_byte() as u32 == end;
    while chain.len() < 4096 && !chain.last().is_some_and(|node| is_it(*node)) {
        if cursor.goto_first_child_for_byte(start as usize).is_none() {
            break;
        }
        chain.push(cursor.node());
    }
    chain
}
