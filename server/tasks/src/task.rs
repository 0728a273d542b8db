//! A task: what is wanted of a target.

use autodao_syntax::tree_sitter::Tree;

use crate::{Complexity, Measures, Requirements, Target, TaskKind, classify};

/// How a task came to be asked for; this decides its kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked<'a> {
    /// An action was chosen, which stands for a kind.
    Action(TaskKind),
    /// A finding of this rule is to be resolved.
    Finding(&'a str),
    /// Only the user's words tell.
    Words,
}

/// What is wanted of a target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// What kind of change.
    pub kind: TaskKind,
    /// What it is about.
    pub target: Target,
    /// What was measured of the target.
    pub measures: Measures,
    /// What class of model it needs.
    pub complexity: Complexity,
    /// What the change must do and must not do.
    pub requirements: Requirements,
}

impl Task {
    /// Analyses what was asked. `instruction` is what the user wrote, empty when nothing; `tree` is of exactly
    /// `text`, in which the target was found.
    pub fn new(asked: Asked<'_>, instruction: &str, target: Target, text: &str, tree: &Tree) -> Self {
        let kind = match asked {
            Asked::Action(kind) => kind,
            Asked::Finding(_) => TaskKind::Fix,
            Asked::Words => classify(instruction),
        };
        let documentation = target.item().map_or("", |item| {
            let leading = autodao_syntax::Span::new(item.whole.start, item.span.start);
            text.get(leading.range()).unwrap_or("")
        });
        let measures = Measures::of(&target, tree);
        let requirements = Requirements::of(instruction, documentation);
        Self { kind, complexity: measures.complexity(), target, measures, requirements }
    }
}
