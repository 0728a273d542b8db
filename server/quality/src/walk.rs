//! The one walk over an item that all node rules share.

use std::sync::Arc;

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::dispatch::Dispatch;
use crate::kinds::{Kind, Kinds};
use crate::metrics::FlowTracker;
use crate::note::Note;
use crate::partition::{is_body, is_transparent};
use crate::report::origin;
use crate::suppression::Suppression;
use crate::unit::{Context, Found};
use crate::visit::Visit;
use crate::{FileRole, Finding, Profile, RuleId};

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
    let mut look = Look {
        file,
        kinds: Kinds::of(file.language),
        dispatch: file.profile.dispatch(file.language),
        context,
        ancestors: Vec::new(),
        findings: Vec::new(),
        notes: Vec::new(),
        query_roots: Vec::new(),
        found: Found::default(),
        last_row: None,
    };
    look.walk(node, head);
    look.finish(node, head)
}

struct Look<'t> {
    file: FileView<'t>,
    kinds: &'static Kinds,
    dispatch: &'t Dispatch,
    context: Context,
    ancestors: Vec<Node<'t>>,
    findings: Vec<Finding>,
    notes: Vec<Note>,
    /// Nodes that a query rule's pattern can start at.
    query_roots: Vec<Node<'t>>,
    found: Found,
    last_row: Option<usize>,
}

impl<'t> Look<'t> {
    fn walk(&mut self, item: Node<'t>, head: bool) {
        let mut flow = FlowTracker::new(self.file.language);
        let mut cursor = item.walk();
        let base = item.start_byte() as u32;
        // The members of a transparent container are its children: its head is the node alone.
        let alone = head && is_transparent(item);
        loop {
            let node = cursor.node();
            let kind = self.kinds.get(node);
            flow.enter(node, &cursor);
            let (visitors, query_root) = self.dispatch.of_kind(node.kind_id());
            for &(rule, visitor) in visitors {
                visitor(&mut self.visit(rule), node);
            }
            if query_root {
                self.query_roots.push(node);
            }
            let closed = alone
                // Nothing inside an ERROR node means what it looks like.
                || node.is_error()
                || kind.is(Kind::COMMENT)
                || (head && self.ancestors.len() == 1 && is_body(self.kinds, item, node));
            if kind.is(Kind::COMMENT) {
                let span = Span::of(node);
                let comment = self.file.text.get(span.range()).unwrap_or("");
                self.found.suppressions.extend(Suppression::parse(comment, span.moved(-i64::from(base))));
            } else if !closed && cursor.goto_first_child() {
                flow.descend(node);
                self.ancestors.push(node);
                continue;
            } else if !closed {
                self.count_rows(node);
            }
            while !(self.ancestors.is_empty() || cursor.goto_next_sibling()) {
                let measured = flow.ascend();
                let Some(parent) = self.ancestors.pop() else { return };
                if let Some(metrics) = measured {
                    for &(rule, visitor) in self.dispatch.functions() {
                        visitor(&mut self.visit(rule), parent, &metrics);
                    }
                }
                cursor.goto_parent();
            }
            if self.ancestors.is_empty() {
                return;
            }
        }
    }

    fn visit(&mut self, rule: RuleId) -> Visit<'t, '_> {
        Visit {
            text: self.file.text,
            language: self.file.language,
            role: self.file.role,
            context: self.context,
            ancestors: &self.ancestors,
            profile: self.file.profile,
            rule,
            findings: &mut self.findings,
            notes: &mut self.notes,
        }
    }

    /// Lines of code: those a token is on.
    fn count_rows(&mut self, leaf: Node<'_>) {
        if leaf.start_byte() == leaf.end_byte() {
            return;
        }
        let (first, last) = (leaf.start_position().row, leaf.end_position().row);
        let first = self.last_row.map_or(first, |row| first.max(row + 1));
        if last >= first {
            self.found.code_lines += (last - first + 1) as u32;
            self.last_row = Some(last);
        }
    }

    fn finish(mut self, item: Node<'t>, head: bool) -> Found {
        if let Some(queries) = self.file.profile.queries(self.file.language) {
            let bounds = head.then(|| self.head_span(item));
            queries.run(self.file, item, &self.query_roots, bounds, &mut self.findings);
        }
        if head {
            // The closing brace's line; the opening one is on the head's last.
            self.found.code_lines += u32::from(item.end_position().row > item.start_position().row);
        }
        if !self.findings.is_empty() {
            let to_item = -origin(item.start_byte() as u32);
            let findings: Arc<[Finding]> =
                self.findings.iter().map(|finding| finding.moved(to_item)).collect();
            self.found.findings = Some(findings);
        }
        if !self.notes.is_empty() {
            self.found.notes = self.notes.into();
        }
        self.found
    }

    /// The part of a container before its members.
    fn head_span(&self, container: Node<'_>) -> Span {
        let span = Span::of(container);
        let mut cursor = container.walk();
        let body = container.children(&mut cursor).find(|child| is_body(self.kinds, container, *child));
        Span::new(span.start, body.map_or(span.start, |body| body.start_byte() as u32))
    }
}
