//! The one walk over an item that all node rules share.

use std::cell::OnceCell;
use std::sync::Arc;

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::calls::MethodCall;
use crate::dispatch::Dispatch;
use crate::facts::Facts;
use crate::kinds::{Kind, Kinds};
use crate::metrics::{Definition, FlowTracker, name_of, name_span};
use crate::note::Note;
use crate::partition::{is_body, is_head_broken, is_transparent};
use crate::query_rule::CompiledQueries;
use crate::report::{FunctionNote, origin};
use crate::search::Budget;
use crate::suppression::Suppression;
use crate::unit::{Context, Found};
use crate::visit::Visit;
use crate::{FileRole, Finding, Profile, RuleId};
use crate::{comments, imports};

/// What stays the same for all items of a file.
#[derive(Clone, Copy)]
pub(crate) struct FileView<'t> {
    pub(crate) text: &'t str,
    pub(crate) language: Language,
    pub(crate) role: FileRole,
    pub(crate) profile: &'t Profile,
    /// The query rules, once they are compiled.
    pub(crate) queries: Option<&'t CompiledQueries>,
}

/// Looks at one item: every rule at every node, in one pass with a cursor. `head` leaves out the members.
pub(crate) fn look_at<'t>(file: FileView<'t>, node: Node<'t>, context: Context, head: bool) -> Found {
    let mut look = Look {
        file,
        kinds: Kinds::of(file.language),
        dispatch: file.profile.dispatch(file.language),
        context,
        item: Span::of(node),
        ancestors: Vec::new(),
        findings: Vec::new(),
        functions: Vec::new(),
        facts: Facts::default(),
        query_roots: Vec::new(),
        found: Found::default(),
        budget: Budget::of(node),
        notes: Vec::new(),
    };
    look.found.code_lines = look.walk(node, head);
    look.finish(node, head)
}

struct Look<'t> {
    file: FileView<'t>,
    kinds: &'static Kinds,
    dispatch: &'t Dispatch,
    context: Context,
    item: Span,
    ancestors: Vec<Node<'t>>,
    findings: Vec<Finding>,
    functions: Vec<FunctionNote>,
    facts: Facts,
    notes: Vec<Note>,
    /// Nodes that a query rule's pattern can start at.
    query_roots: Vec<Node<'t>>,
    found: Found,
    budget: Budget,
}

impl<'t> Look<'t> {
    /// Returns the number of lines with code on them.
    fn walk(&mut self, item: Node<'t>, head: bool) -> u32 {
        let mut flow = FlowTracker::new(self.file.language, Definition::default_for(self.file.language));
        let mut cursor = item.walk();
        let base = item.start_byte() as u32;
        // The members of a transparent container are its children: its head is the node alone.
        let alone = head && is_transparent(item);
        loop {
            let node = cursor.node();
            let kind = self.kinds.get(node);
            flow.enter(node, &cursor);
            let (visitors, query_root) = self.dispatch.of_kind(node.kind_id());
            let call = OnceCell::new();
            for &(rule, visitor) in visitors {
                visitor(&mut self.visit(rule, &call), node);
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
                flow.leaf(node);
            }
            while !(self.ancestors.is_empty() || cursor.goto_next_sibling()) {
                let measured = flow.ascend();
                let Some(parent) = self.ancestors.pop() else { return flow.code_lines() };
                if let Some(metrics) = measured {
                    let name = name_of(parent, &self.ancestors).map(Span::of);
                    let name = name.unwrap_or_else(|| name_span(parent, self.kinds, self.file.text));
                    let name = name.moved(-i64::from(base));
                    self.functions.push(FunctionNote { name, metrics });
                    self.count_function(parent, metrics.cognitive);
                    for &(rule, visitor) in self.dispatch.functions() {
                        visitor(&mut self.visit(rule, &OnceCell::new()), parent, &metrics);
                    }
                }
                cursor.goto_parent();
            }
            if self.ancestors.is_empty() {
                return flow.code_lines();
            }
        }
    }

    fn visit<'w>(
        &'w mut self,
        rule: RuleId,
        call: &'w OnceCell<Option<MethodCall<'t, 't>>>,
    ) -> Visit<'t, 'w> {
        Visit {
            text: self.file.text,
            language: self.file.language,
            role: self.file.role,
            context: self.context,
            item: self.item,
            ancestors: &self.ancestors,
            profile: self.file.profile,
            rule,
            findings: &mut self.findings,
            facts: &mut self.facts,
            call,
            budget: &self.budget,
            notes: &mut self.notes,
        }
    }

    /// A closure is part of its function; one that is bound to a name is a function of its own.
    fn count_function(&mut self, function: Node<'_>, cognitive: u32) {
        let has_name = !self.kinds.get(function).is(Kind::CLOSURE)
            || self.ancestors.last().is_some_and(|parent| {
                matches!(
                    parent.kind(),
                    "variable_declarator" | "public_field_definition" | "field_definition"
                )
            });
        self.found.function_count += u32::from(has_name);
        self.found.hardest = self.found.hardest.max(cognitive);
    }

    fn finish(mut self, item: Node<'t>, head: bool) -> Found {
        if let Some(queries) = self.file.queries {
            let bounds = head.then(|| self.head_span(item));
            queries.run(self.file, item, &self.query_roots, bounds, &mut self.findings);
        }
        if head {
            // The closing brace's line; the opening one is on the head's last.
            self.found.code_lines += u32::from(item.end_position().row > item.start_position().row);
        }
        if !self.functions.is_empty() {
            self.found.functions = Some(self.functions.into());
        }
        // Where the parser had to guess, code is not what it seems.
        let broken = if head { is_head_broken(item, self.kinds) } else { item.has_error() };
        if broken {
            self.findings.iter_mut().for_each(|finding| finding.fixes.clear());
        }
        for finding in self.findings.iter_mut().filter(|finding| !finding.fixes.is_empty()) {
            comments::keep(self.file, &self.budget, item, finding);
        }
        if !self.findings.is_empty() {
            let to_item = -origin(item.start_byte() as u32);
            let findings: Arc<[Finding]> =
                self.findings.iter().map(|finding| finding.moved(to_item)).collect();
            self.found.findings = Some(findings);
        }
        imports::state(&self.file, item, self.context, &mut self.facts.stated);
        if !self.facts.is_empty() {
            self.found.facts = Some(Arc::new(self.facts));
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
