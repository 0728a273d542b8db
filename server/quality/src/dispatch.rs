//! Which visitors to call where.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::Node;

use crate::metrics::FunctionMetrics;
use crate::visit::Visit;
use crate::{Catalog, Check, Level, QueryCheck, RuleId, query_text};

pub(crate) type NodeVisitor = for<'t> fn(&mut Visit<'t, '_>, Node<'t>);
pub(crate) type FunctionVisitor = for<'t> fn(&mut Visit<'t, '_>, Node<'t>, &FunctionMetrics);

/// What is to be done at each node kind of a language, for the rules that are switched on.
pub(crate) struct Dispatch {
    kinds: Vec<AtKind>,
    visitors: Vec<(RuleId, NodeVisitor)>,
    functions: Vec<(RuleId, FunctionVisitor)>,
}

#[derive(Clone, Copy, Default)]
struct AtKind {
    /// Where the kind's visitors are in `visitors`.
    start: u16,
    end: u16,
    /// Some query rule's pattern can start at it.
    query_root: bool,
}

impl Dispatch {
    /// `queries` are the query rules that are on.
    pub(crate) fn new(
        levels: &[Level],
        queries: impl Iterator<Item = (RuleId, QueryCheck)>,
        language: Language,
    ) -> Self {
        let grammar = language.grammar();
        let mut wanted: Vec<(&str, RuleId, NodeVisitor)> = Vec::new();
        let mut functions = Vec::new();
        let roots: Vec<_> = queries
            .flat_map(|(_, check)| query_text::root_kinds(check.query, &grammar).unwrap_or_default())
            .collect();
        for (id, rule) in Catalog::builtin().iter() {
            if levels[id.index()] == Level::Off || !rule.languages.contains(&language) {
                continue;
            }
            match rule.check {
                Check::Nodes(checks) | Check::Joined { nodes: checks, .. } => {
                    for check in checks.iter().filter(|check| check.languages.contains(&language)) {
                        wanted.extend(check.kinds.iter().map(|kind| (*kind, id, check.visit)));
                    }
                }
                Check::Functions(visit) => functions.push((id, visit)),
                Check::Query(_) | Check::File(_) | Check::Workspace => {}
            }
        }
        let mut kinds = Vec::new();
        let mut visitors = Vec::new();
        for kind in 0..grammar.node_kind_count() as u16 {
            let start = visitors.len() as u16;
            let name = grammar.node_kind_is_named(kind).then(|| grammar.node_kind_for_id(kind)).flatten();
            if let Some(name) = name {
                visitors.extend(
                    wanted.iter().filter(|(wanted, ..)| *wanted == name).map(|&(_, id, visit)| (id, visit)),
                );
            }
            let query_root = name.is_some_and(|name| roots.iter().any(|root| root == name));
            kinds.push(AtKind { start, end: visitors.len() as u16, query_root });
        }
        Self { kinds, visitors, functions }
    }

    /// The visitors of a node kind, and whether a query rule's pattern can start at it; none for an ERROR node.
    pub(crate) fn of_kind(&self, kind: u16) -> (&[(RuleId, NodeVisitor)], bool) {
        let at = self.kinds.get(kind as usize).copied().unwrap_or_default();
        (&self.visitors[at.start as usize..at.end as usize], at.query_root)
    }

    /// The visitors of functions.
    pub(crate) fn functions(&self) -> &[(RuleId, FunctionVisitor)] {
        &self.functions
    }
}
