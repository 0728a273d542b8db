//! Looks below a node, for rules that need to know what an item holds.

use std::cell::Cell;

use autodao_syntax::tree_sitter::Node;

/// How many nodes one look goes over.
const NODES_SEEN: usize = 2048;

/// How many nodes all the looks at one item go over, together: so often each of its nodes, and some for small
/// items. What many findings ask about the same large loop would take the square of its size otherwise.
pub(crate) struct Budget(Cell<usize>);

impl Budget {
    pub(crate) fn of(item: Node<'_>) -> Self {
        Self(Cell::new(8192 + 16 * item.descendant_count()))
    }

    fn spend(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

/// Where to look next.
pub(crate) enum Step {
    /// Inside the node.
    Into,
    /// Behind the node.
    Over,
    /// Nowhere: this is it.
    Stop,
}

/// What a look brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome<'n> {
    /// The look was stopped at this node.
    At(Node<'n>),
    /// All of it was seen.
    Nowhere,
    /// There is more than is looked at.
    TooLarge,
}

/// Looks at a node and all below it, outer before inner.
pub(crate) fn search<'n>(
    budget: &Budget,
    root: Node<'n>,
    mut at: impl FnMut(Node<'n>) -> Step,
) -> Outcome<'n> {
    let mut cursor = root.walk();
    for _ in 0..NODES_SEEN {
        if !budget.spend() {
            return Outcome::TooLarge;
        }
        let node = cursor.node();
        match at(node) {
            Step::Stop => return Outcome::At(node),
            Step::Into if cursor.goto_first_child() => continue,
            Step::Into | Step::Over => {}
        }
        loop {
            if cursor.node() == root {
                return Outcome::Nowhere;
            }
            if cursor.goto_next_sibling() {
                break;
            }
            cursor.goto_parent();
        }
    }
    Outcome::TooLarge
}

/// Whether a text holds a name as a word of its own.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    !name.is_empty()
        && text
            .match_indices(name)
            .any(|(at, _)| !text[..at].ends_with(in_word) && !text[at + name.len()..].starts_with(in_word))
}

#[cfg(test)]
mod tests {
    use autodao_syntax::{Language, SyntaxParser};

    use super::*;

    #[test]
    fn a_look_ends() {
        let text = "f(a, b); g(c);";
        let tree = SyntaxParser::default().parse_fresh(Language::JavaScript, text).unwrap();
        let mut names = Vec::new();
        let outcome = search(&Budget::of(tree.root_node()), tree.root_node(), |node| {
            names.push(node.kind());
            if node.kind() == "arguments" { Step::Over } else { Step::Into }
        });
        assert_eq!(outcome, Outcome::Nowhere);
        assert_eq!(names.iter().filter(|name| **name == "identifier").count(), 2, "{names:?}");
        let long = "f();".repeat(NODES_SEEN);
        let tree = SyntaxParser::default().parse_fresh(Language::JavaScript, &long).unwrap();
        let root = tree.root_node();
        assert_eq!(search(&Budget::of(root), root, |_| Step::Into), Outcome::TooLarge);
        let budget = Budget(Cell::new(3));
        assert_eq!(search(&budget, root.named_child(0).unwrap(), |_| Step::Into), Outcome::TooLarge);
    }

    #[test]
    fn a_name_is_a_word() {
        assert!(mentions("a + b", "b") && mentions("{b}", "b") && mentions("b", "b"));
        assert!(!mentions("ab + b1 + _b", "b") && !mentions("x", ""));
    }
}
