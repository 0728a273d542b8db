//! What stands around the target is read as before: no bracket, string or comment reaches out of it.

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

use super::View;
use crate::contract::Contract;
use crate::diff::growth;
use crate::gate::Verdict;
use crate::walk::place;

pub(crate) fn check(view: View<'_>) -> Verdict {
    let (site, change) = (view.site, view.change);
    if view.contract == Contract::NewFile {
        return Verdict::NotApplicable;
    }
    if change.after.is_empty() {
        return Verdict::Failed("nothing would be left of the code".into());
    }
    let (old_root, new_root) = (site.tree().root_node(), change.tree.root_node());
    let (old_text, new_text) = (site.buffer().text(), change.text());
    let new = place(new_root, new_text, change.after);
    let inserted = change.before.is_empty();
    let anchor = if inserted { site.anchor() } else { change.before };
    let old = place(old_root, old_text, anchor);
    let around = if inserted { around(old_root, change.before.start) } else { old.chain.clone() };
    let same_chain = around == new.chain || old.chain.contains(&"ERROR");
    if !same_chain || (new.crosses && !old.crosses) {
        return Verdict::Failed(
            "the new code does not stay inside its place: brackets or quotes do not match".into(),
        );
    }
    if inserted {
        // What it was put beside is what it was.
        let moved = if change.before.start <= anchor.start { growth(&change.edits) } else { 0 };
        let beside: Span = anchor.moved(moved);
        let after = place(new_root, new_text, beside);
        let same = after.nodes.len() == old.nodes.len()
            && after.nodes.iter().zip(&old.nodes).all(|(new, old)| new.kind_id() == old.kind_id());
        if after.chain != old.chain || !same {
            return Verdict::Failed("the new code changes how the code beside it is read".into());
        }
    }
    Verdict::Passed
}

/// The kinds of the nodes around a place between two bytes, the root first.
fn around<'t>(root: Node<'t>, at: u32) -> Vec<&'t str> {
    let at = at as usize;
    let mut chain = vec![root.kind()];
    let mut cursor = root.walk();
    while cursor.goto_first_child_for_byte(at).is_some() {
        let node = cursor.node();
        if node.start_byte() >= at || node.end_byte() <= at {
            break;
        }
        chain.push(node.kind());
    }
    chain
}
