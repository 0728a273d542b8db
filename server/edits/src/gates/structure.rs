//! The target is still what it was, with its items, signatures and attributes.

use std::collections::BTreeMap;

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

use super::View;
use crate::contract::{ItemTerm, SignatureTerm};
use crate::gate::Verdict;
use crate::items::{Item, items};
use crate::tokens::{signature_tokens, tokens, words};
use crate::walk::{is_attribute, is_comment, place, preorder};

/// The items before and after.
pub(crate) struct Structure<'a> {
    view: View<'a>,
    before: Vec<Item<'a>>,
    after: Vec<Item<'a>>,
}

impl<'a> Structure<'a> {
    pub(crate) fn of(view: View<'a>) -> Self {
        let old = view.site.buffer().text();
        let before = items(view.site.tree().root_node(), old, view.change.before);
        let after = items(view.change.tree.root_node(), view.change.text(), view.change.after);
        Self { view, before, after }
    }

    /// The outermost nodes, comments and attributes apart, are of the same kinds.
    pub(crate) fn kind(&self) -> Verdict {
        let view = self.view;
        let new = top_kinds(view.change.tree.root_node(), view.change.text(), view.change.after);
        let said = view.change.new_text().chars().any(char::is_alphanumeric);
        if view.change.before.is_empty() && new.is_empty() && !said {
            return Verdict::Failed("there is no code in the answer".into());
        }
        if view.change.before.is_empty() || view.terms.items == ItemTerm::Free {
            return Verdict::NotApplicable;
        }
        let old_text = view.site.buffer().text();
        let old = top_kinds(view.site.tree().root_node(), old_text, view.change.before);
        // Statements may become other statements; items may not.
        if !self.before.iter().any(|item| !item.local) {
            return if new.is_empty() && !old.is_empty() {
                Verdict::Failed("there is no code in the answer".into())
            } else {
                Verdict::NotApplicable
            };
        }
        let kept = if view.terms.items == ItemTerm::Same {
            old == new
        } else {
            let mut rest = new.iter();
            old.iter().all(|kind| rest.any(|other| other == kind))
        };
        if kept {
            Verdict::Passed
        } else {
            let shown = |kinds: &[&str]| kinds.join(", ").replace('_', " ");
            Verdict::Failed(format!("expected {}, got {}", shown(&old), shown(&new)))
        }
    }

    /// No item is lost, none is there twice; with the stricter term, none is new.
    pub(crate) fn items(&self) -> Verdict {
        if let Some(name) = self.duplicate() {
            return Verdict::Failed(format!("`{name}` is there already"));
        }
        let term = self.view.terms.items;
        if self.view.change.before.is_empty() {
            return Verdict::NotApplicable;
        }
        if term == ItemTerm::Free {
            let missed = self.missed();
            return missed.map_or(Verdict::NotApplicable, |name| {
                Verdict::Warned(format!("`{name}` is gone, and something still names it"))
            });
        }
        let count = |items: &[Item<'_>]| {
            let mut count: BTreeMap<String, i64> = BTreeMap::new();
            for item in items.iter().filter(|item| !item.local) {
                *count.entry(item.path.clone()).or_default() += 1;
            }
            count
        };
        let (before, after) = (count(&self.before), count(&self.after));
        let missing = |from: &BTreeMap<String, i64>, other: &BTreeMap<String, i64>| {
            let lost = from.iter().filter(|(path, count)| other.get(*path).unwrap_or(&0) < *count);
            lost.map(|(path, _)| format!("`{path}`")).collect::<Vec<_>>().join(", ")
        };
        let lost = missing(&before, &after);
        if !lost.is_empty() {
            return Verdict::Failed(format!("{lost} would be lost"));
        }
        let new = missing(&after, &before);
        if term == ItemTerm::Same && !new.is_empty() {
            return Verdict::Failed(format!("{new} should not be added"));
        }
        Verdict::Passed
    }

    /// An item that is gone although the new code or the rest of the file names it.
    fn missed(&self) -> Option<&str> {
        let change = self.view.change;
        let text = change.text();
        let rest =
            [&text[..change.after.start as usize], change.new_text(), &text[change.after.end as usize..]];
        let lost = self.before.iter().filter(|item| !item.local && item.path == item.name);
        lost.map(|item| item.name.as_str()).find(|name| {
            self.after.iter().all(|item| item.name != *name)
                && rest.iter().any(|part| words(part).any(|word| word == *name))
        })
    }

    /// Signatures and heads are the same words; attributes that decide what is compiled are all there.
    pub(crate) fn signature(&self) -> Verdict {
        if self.view.terms.signature == SignatureTerm::Free || self.view.change.before.is_empty() {
            return Verdict::NotApplicable;
        }
        let (old, new) = (self.view.site.buffer().text(), self.view.change.text());
        let text = |text: &str, span: Span| text.get(span.range()).unwrap_or("").to_owned();
        for item in self.before.iter().filter(|item| !item.local) {
            let was = text(old, item.signature);
            let same_path: Vec<_> = self.after.iter().filter(|other| other.path == item.path).collect();
            let kept = same_path
                .iter()
                .any(|other| signature_tokens(&text(new, other.signature)) == signature_tokens(&was));
            if !kept && !same_path.is_empty() {
                return Verdict::Failed(format!("the signature must stay `{}`", one_line(&was)));
            }
        }
        let before = attributes(self.view.site.tree().root_node(), old, self.view.change.before);
        let mut after = attributes(self.view.change.tree.root_node(), new, self.view.change.after);
        for attribute in before {
            if let Some(at) = after.iter().position(|other| tokens(other) == tokens(attribute)) {
                after.swap_remove(at);
            } else if !is_lint_level(attribute) {
                return Verdict::Failed(format!("`{}` would be lost", one_line(attribute)));
            }
        }
        Verdict::Passed
    }

    /// A name that is given twice where it was given once at most. Items that are compiled under different conditions
    /// may share one.
    fn duplicate(&self) -> Option<String> {
        let text = self.view.change.text();
        let (old_root, root) = (self.view.site.tree().root_node(), self.view.change.tree.root_node());
        let old_text = self.view.site.buffer().text();
        let known: Vec<Named> =
            self.before.iter().map(|item| named(old_root, old_text, item, &item.path)).collect();
        let mut seen: Vec<Named> = Vec::new();
        let unique = || self.after.iter().filter(|item| !item.local && is_unique(item.kind));
        for item in unique() {
            let named = named(root, text, item, &item.path);
            let times = |all: &[Named]| all.iter().filter(|other| other.clashes(&named)).count();
            if times(&seen) >= times(&known).max(1) {
                return Some(item.path.clone());
            }
            seen.push(named);
        }
        let is_fresh = |item: &&Item<'_>| {
            item.path == item.name && known.iter().all(|old| old.key != key(text, item, &item.path))
        };
        let fresh: Vec<&Item<'_>> = unique().filter(is_fresh).collect();
        if fresh.is_empty() {
            return None;
        }
        let siblings = self.siblings();
        let clashes = |item: &&Item<'_>| {
            let named = named(root, text, item, &item.name);
            siblings.iter().any(|sibling| sibling.clashes(&named))
        };
        fresh.into_iter().find(clashes).map(|item| item.name.clone())
    }

    /// The items beside the target.
    fn siblings(&self) -> Vec<Named> {
        let (root, after) = (self.view.change.tree.root_node(), self.view.change.after);
        let text = self.view.change.text();
        let found = place(root, text, after);
        let mut all = Vec::new();
        let Some(parent) = found.nodes.first().and_then(Node::parent) else { return all };
        let mut cursor = parent.walk();
        for child in parent.children(&mut cursor) {
            if Span::of(child).overlaps(after) {
                continue;
            }
            if child.kind().ends_with("_item")
                || child.kind().ends_with("_declaration")
                || child.kind().ends_with("_definition")
                || child.kind() == "export_statement"
            {
                let outermost = items_of(child, text);
                all.extend(outermost.iter().map(|item| Named {
                    key: key(text, item, &item.name),
                    condition: condition(child, text),
                }));
            }
        }
        all
    }
}

/// An item's name, and when it is compiled.
struct Named {
    key: String,
    /// The conditions of its attributes; empty where it always is.
    condition: String,
}

impl Named {
    fn clashes(&self, other: &Self) -> bool {
        let may_both_be =
            self.condition == other.condition || self.condition.is_empty() || other.condition.is_empty();
        self.key == other.key && may_both_be
    }
}

fn named(root: Node<'_>, text: &str, item: &Item<'_>, name: &str) -> Named {
    let node = root.descendant_for_byte_range(item.span.start as usize, item.span.end as usize);
    Named {
        key: key(text, item, name),
        condition: node.map_or_else(String::new, |node| condition(node, text)),
    }
}

/// The conditions under which a node of Rust is compiled, by its own attributes.
fn condition(node: Node<'_>, text: &str) -> String {
    let above = std::iter::successors(node.prev_sibling(), Node::prev_sibling)
        .take_while(|node| is_attribute(node.kind()) || is_comment(node.kind()));
    let mut conditions: Vec<String> = above
        .filter(|node| node.kind() == "attribute_item")
        .filter_map(|node| text.get(node.byte_range()))
        .filter(|attribute| attribute.contains("cfg"))
        .map(|attribute| tokens(attribute).concat())
        .collect();
    conditions.sort_unstable();
    conditions.concat()
}

/// The outermost items of a node, without going into their bodies.
fn items_of<'t>(node: Node<'t>, text: &str) -> Vec<Item<'t>> {
    let head = Span::new(Span::of(node).start, Span::of(node).end);
    let mut found = Vec::new();
    let mut inner = node;
    // An export or a declaration holds one item; what is deeper is another's.
    for _ in 0..3 {
        let own = items(inner, text, head).into_iter().next();
        if let Some(item) = own.filter(|item| !item.local) {
            found.push(item);
            break;
        }
        let Some(next) = inner.named_child(0) else { break };
        inner = next;
    }
    found
}

/// What two items must not share: kind, the words before the name (`get`, `static`), and the name.
fn key(text: &str, item: &Item<'_>, name: &str) -> String {
    let signature = text.get(item.signature.range()).unwrap_or("");
    let before = signature.split(item.name.as_str()).next().unwrap_or("");
    let words: Vec<&str> =
        before.split_whitespace().filter(|word| matches!(*word, "get" | "set" | "static")).collect();
    format!("{}|{}|{name}", item.kind, words.join(" "))
}

/// Whether a scope can hold only one item of this kind and name.
fn is_unique(kind: &str) -> bool {
    !matches!(
        kind,
        "impl_item"
            | "macro_definition"
            | "function_signature"
            | "method_signature"
            | "abstract_method_signature"
            | "interface_declaration"
            | "internal_module"
            | "module"
            | "variable_declarator"
    )
}

fn top_kinds<'t>(root: Node<'t>, text: &str, region: Span) -> Vec<&'t str> {
    if region.is_empty() {
        return Vec::new();
    }
    let nodes = place(root, text, region).nodes;
    let kinds = nodes.into_iter().filter(Node::is_named).map(|node| node.kind());
    kinds.filter(|kind| !is_comment(kind) && !is_attribute(kind) && *kind != "empty_statement").collect()
}

fn attributes<'t>(root: Node<'_>, text: &'t str, region: Span) -> Vec<&'t str> {
    let mut found = Vec::new();
    preorder(root, region, |way| {
        let Some(step) = way.last() else { return false };
        if is_attribute(step.kind) && region.contains(Span::of(step.node)) {
            found.extend(text.get(Span::of(step.node).range()));
            return false;
        }
        true
    });
    found
}

/// An attribute that only sets lint levels or gives a hint: an edit may make it needless.
fn is_lint_level(attribute: &str) -> bool {
    let name = attribute.trim_start_matches(['#', '[', '!', ' ']);
    ["allow", "expect", "warn", "inline"]
        .iter()
        .any(|level| name.strip_prefix(level).is_some_and(|rest| rest.starts_with(['(', ']', ' '])))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
