//! No fix loses a comment: what a fix replaces is searched for comments that its text
//! does not have.

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

use crate::kinds::{Kind, Kinds};
use crate::search::{Budget, Outcome, Step, search};
use crate::walk::FileView;
use crate::{Finding, Fix, TextEdit};

/// Takes the fixes from a finding that would lose a comment. A comment that the finding is about may go.
pub(crate) fn keep(file: FileView<'_>, budget: &Budget, item: Node<'_>, finding: &mut Finding) {
    let about = finding.span.start;
    finding.fixes.retain(|fix| !loses(file, budget, item, fix, about));
}

fn loses(file: FileView<'_>, budget: &Budget, item: Node<'_>, fix: &Fix, about: u32) -> bool {
    let text = file.text;
    let kinds = Kinds::of(file.language);
    let slice = |span: Span| text.get(span.range()).unwrap_or("");
    fix.edits.iter().any(|edit| {
        let replaced = slice(edit.span);
        // Most edits replace a few characters.
        if !replaced.contains("//") && !replaced.contains("/*") {
            return false;
        }
        let around = item.descendant_for_byte_range(edit.span.start as usize, edit.span.end as usize);
        let outcome = search(budget, around.unwrap_or(item), |at| {
            let span = Span::of(at);
            if !span.overlaps(edit.span) {
                Step::Over
            } else if !kinds.get(at).is(Kind::COMMENT) || span.range().contains(&(about as usize)) {
                Step::Into
            } else {
                let comment = slice(span).trim_end();
                let is_kept = fix.edits.iter().any(|edit| has(edit, comment, text));
                if is_kept { Step::Over } else { Step::Stop }
            }
        });
        outcome != Outcome::Nowhere
    })
}

/// Whether an edit's text has a comment. What stands behind a line comment would become part of it.
fn has(edit: &TextEdit, comment: &str, text: &str) -> bool {
    let behind = text.get(edit.span.end as usize..).unwrap_or("");
    edit.text.match_indices(comment).any(|(at, _)| {
        let rest = &edit.text[at + comment.len()..];
        let next = if rest.is_empty() { behind } else { rest };
        !comment.starts_with("//") || next.is_empty() || next.starts_with(['\n', '\r'])
    })
}
