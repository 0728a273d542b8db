//! What a rule found, and what it proposes to do about it.

use autodao_syntax::Span;

use crate::{RuleId, Severity};

/// Whether a fix may be applied without being looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applicability {
    /// Keeps the program's behaviour: part of "fix all" and of `autodao fix`.
    Always,
    /// Right in most places, but it changes what the program does or needs a decision: offered one by one.
    Suggested,
}

/// One replacement. Offsets are bytes of the text the finding was made for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextEdit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// A rewrite that the syntax tree alone decides: no model, no tokens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What it does, as an imperative: "Remove the `dbg!`".
    pub title: String,
    /// In ascending order, none overlapping another.
    pub edits: Vec<TextEdit>,
    /// Whether it may be applied unseen.
    pub applicability: Applicability,
}

/// One finding.
///
/// Inside an analysis its offsets count from near its item's start, so that they hold wherever the item moves;
/// in a [`crate::Report`] they are offsets of the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The rule that made it.
    pub rule: RuleId,
    /// How much it matters.
    pub severity: Severity,
    /// What to underline.
    pub span: Span,
    /// One line, without the rule's name.
    pub message: Box<str>,
    /// What can be done about it without a model; the first is the preferred one.
    pub fixes: Vec<Fix>,
    /// Whether a comment line may be put above it: not inside a template string or JSX.
    pub annotatable: bool,
}

impl Finding {
    /// The same finding with every offset moved.
    #[must_use]
    pub fn moved(&self, delta: i64) -> Self {
        let mut moved = self.clone();
        moved.span = moved.span.moved(delta);
        for edit in moved.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.span = edit.span.moved(delta);
        }
        moved
    }
}
