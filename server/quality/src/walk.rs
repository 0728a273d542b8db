//! The one walk over an item that all node rules share.

use std::sync::Arc;

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::kinds::{Kind, Kinds};
use crate::partition::is_transparent;
use crate::suppression::Suppression;
use crate::unit::{Context, Found};
use crate::visit::Visit;
use crate::{FileRole, Finding, Profile};

/// What stays the same for all items of a file.
#[derive(Clone, Copy)]
pub(crate) struct FileView<'t> {
    pub(crate) text: &'t str,
    pub(crate) language: Language,
    pub(crate) role: FileRole,
    pub(crate) profile: &'t Profile,
}

/// Looks at one item: every rule at every node, in one pass with a cursor. `head` leaves out the members.
pub(crate) fn look_at<'t>(file: FileView<'t>, node: Node<'t>, context: Context, head: bool) -> Found {
    let kinds = Kinds::of(file.language);
    let dispatch = file.profile.dispatch(file.language);
    let mut found = Found::default();
    let mut findings: Vec<Finding> = Vec::new();
    let mut ancestors: Vec<Node<'t>> = Vec::new();
    let mut last_row = None;
    let mut cursor = node.walk();
    let base = node.start_byte() as u32;
    // The members of a transparent container are its children: its head is the node alone.
    let alone = head && is_transparent(node);
    loop {
        let at = cursor.node();
        let kind = kinds.get(at);
        for &(rule, visitor) in dispatch.of_kind(at.kind_id()) {
            let mut visit = Visit {
                text: file.text,
                language: file.language,
                role: file.role,
                context,
                ancestors: &ancestors,
                profile: file.profile,
                rule,
                findings: &mut findings,
            };
            visitor(&mut visit, at);
        }
        if kind.is(Kind::COMMENT) {
            let span = Span::of(at);
            let comment = file.text.get(span.range()).unwrap_or("");
            found.suppressions.extend(Suppression::parse(comment, span.moved(-i64::from(base))));
        } else if at.child_count() == 0 {
            count_rows(at, &mut last_row, &mut found.code_lines);
        }
        // Nothing inside an ERROR node means what it looks like, and a container's members are not its head.
        let closed = alone
            || at.is_error()
            || kind.is(Kind::COMMENT)
            || (head && is_member_part(kind, ancestors.len()));
        if !closed && cursor.goto_first_child() {
            ancestors.push(at);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if ancestors.pop().is_none() || !cursor.goto_parent() {
                found.findings = relative(findings, base);
                return found;
            }
        }
        if ancestors.is_empty() {
            found.findings = relative(findings, base);
            return found;
        }
    }
}

/// In a head: the body with the members.
fn is_member_part(kind: Kind, depth: usize) -> bool {
    depth > 0 && (kind.is(Kind::BODY) || kind.is(Kind::CONTAINER))
}

fn count_rows(leaf: Node<'_>, last_row: &mut Option<usize>, lines: &mut u32) {
    let (first, last) = (leaf.start_position().row, leaf.end_position().row);
    if leaf.start_byte() == leaf.end_byte() {
        return;
    }
    let first = last_row.map_or(first, |row| first.max(row + 1));
    if last >= first {
        *lines += (last - first + 1) as u32;
        *last_row = Some(last);
    }
}

fn relative(findings: Vec<Finding>, base: u32) -> Option<Arc<[Finding]>> {
    (!findings.is_empty())
        .then(|| findings.into_iter().map(|finding| finding.moved(-i64::from(base))).collect())
}
