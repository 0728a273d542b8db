//! Which visitors to call at which node kind.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::Node;

use crate::visit::Visit;
use crate::{Catalog, Check, Level, RuleId};

pub(crate) type NodeVisitor = fn(&mut Visit<'_, '_>, Node<'_>);

/// For each node kind of a language, the visitors of the rules that are switched on.
pub(crate) struct Dispatch {
    /// Where a kind's visitors are in `visitors`.
    ranges: Vec<(u16, u16)>,
    visitors: Vec<(RuleId, NodeVisitor)>,
}

impl Dispatch {
    pub(crate) fn new(catalog: &Catalog, levels: &[Level], language: Language) -> Self {
        let grammar = language.grammar();
        let mut wanted: Vec<(&str, RuleId, NodeVisitor)> = Vec::new();
        for (id, rule) in catalog.iter() {
            let Check::Nodes(checks) = rule.check else { continue };
            if levels[id.index()] == Level::Off || !rule.languages.contains(&language) {
                continue;
            }
            for check in checks.iter().filter(|check| check.languages.contains(&language)) {
                wanted.extend(check.kinds.iter().map(|kind| (*kind, id, check.visit)));
            }
        }
        let mut ranges = Vec::new();
        let mut visitors = Vec::new();
        for kind in 0..grammar.node_kind_count() as u16 {
            let start = visitors.len() as u16;
            if let Some(name) =
                grammar.node_kind_is_named(kind).then(|| grammar.node_kind_for_id(kind)).flatten()
            {
                visitors.extend(
                    wanted.iter().filter(|(wanted, ..)| *wanted == name).map(|&(_, id, visit)| (id, visit)),
                );
            }
            ranges.push((start, visitors.len() as u16));
        }
        Self { ranges, visitors }
    }

    /// The visitors of a node kind; none for an ERROR node.
    pub(crate) fn of_kind(&self, kind: u16) -> &[(RuleId, NodeVisitor)] {
        let (start, end) = self.ranges.get(kind as usize).copied().unwrap_or_default();
        &self.visitors[start as usize..end as usize]
    }
}
