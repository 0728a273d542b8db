//! Where only comments may change, nothing else does.

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

use super::View;
use crate::gate::Verdict;
use crate::walk::{is_comment, preorder};

pub(crate) fn check(view: View<'_>) -> Verdict {
    if !view.terms.comments_only {
        return Verdict::NotApplicable;
    }
    let change = view.change;
    let before = code(view.site.tree().root_node(), view.site.buffer().text(), change.before);
    let after = code(change.tree.root_node(), change.text(), change.after);
    let Some(at) = (0..before.len().max(after.len())).find(|at| before.get(*at) != after.get(*at)) else {
        return Verdict::Passed;
    };
    let shown = |tokens: &[&str]| tokens.get(at).map_or("nothing".to_owned(), |token| format!("`{token}`"));
    Verdict::Failed(format!(
        "only comments may change, but {} became {}: leave the code as it is",
        shown(&before),
        shown(&after)
    ))
}

/// The words and signs of a region that are not in comments.
fn code<'t>(root: Node<'_>, text: &'t str, region: Span) -> Vec<&'t str> {
    let mut found = Vec::new();
    preorder(root, region, |way| {
        let Some(step) = way.last().filter(|step| !is_comment(step.kind)) else { return false };
        if step.node.child_count() == 0 {
            found.extend(text.get(Span::of(step.node).range()).filter(|token| !token.is_empty()));
        }
        true
    });
    found
}
