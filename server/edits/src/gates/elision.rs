//! No comment stands in for code.

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;
use rustc_hash::FxHashSet;

use super::View;
use crate::walk::{is_comment, preorder};

pub(crate) fn check(view: View<'_>) -> Result<(), String> {
    let old = view.site.buffer().text();
    let known: FxHashSet<&str> = comments(view.site.tree().root_node(), old, view.change.before)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let new = view.change.text();
    for (span, comment) in comments(view.change.tree.root_node(), new, view.change.after) {
        let before = new.get(..span.start as usize).unwrap_or("").trim_end();
        // "// ...and so on" may continue the sentence of the line above.
        let continues = before.ends_with("...") || before.ends_with('…');
        if !known.contains(comment) && stands_in_for_code(comment, continues) {
            return Err(format!("the comment `{comment}` stands in for code: write all code out"));
        }
    }
    Ok(())
}

/// The comments of a region, and the text between JSX tags, trimmed.
fn comments<'t>(root: Node<'_>, text: &'t str, region: Span) -> Vec<(Span, &'t str)> {
    let mut found = Vec::new();
    preorder(root, region, |way| {
        let Some(step) = way.last() else { return false };
        if is_comment(step.kind) || step.kind == "jsx_text" {
            let span = Span::of(step.node);
            if let Some(content) = text.get(span.range()) {
                let marked = is_comment(step.kind) || content.contains("...") || content.contains('…');
                found.extend(marked.then_some((span, content.trim())));
            }
            return false;
        }
        true
    });
    found
}

/// Phrases for code that is not there.
const STAND_INS: [&str; 30] = [
    "rest of the code",
    "rest of code",
    "rest of your code",
    "rest of the function",
    "rest of function",
    "rest of the method",
    "rest of the implementation",
    "rest of the logic",
    "rest of the body",
    "rest of the class",
    "rest of the component",
    "rest of the file",
    "rest",
    "existing code",
    "existing implementation",
    "existing logic",
    "existing methods",
    "existing fields",
    "original code",
    "original implementation",
    "original logic",
    "previous code",
    "previous implementation",
    "remaining code",
    "remaining implementation",
    "remaining methods",
    "other methods",
    "other code",
    "same code",
    "your code",
];

/// What may follow such a phrase when it stands for code.
const FOLLOWERS: [&str; 18] = [
    "here",
    "goes",
    "unchanged",
    "remains",
    "remain",
    "stays",
    "stay",
    "is unchanged",
    "are unchanged",
    "continues",
    "omitted",
    "as before",
    "as is",
    "the same",
    "same",
    "above",
    "below",
    "follows",
];

/// Whole comments that say that code is not there.
const WHOLE: [&str; 14] = [
    "unchanged",
    "same as before",
    "as before",
    "no change",
    "no changes",
    "no changes here",
    "omitted",
    "omitted for brevity",
    "code omitted",
    "code omitted for brevity",
    "implementation omitted",
    "implementation here",
    "implementation goes here",
    "code goes here",
];

fn stands_in_for_code(comment: &str, continues: bool) -> bool {
    let lower = comment.to_lowercase().replace('…', "...");
    let delimiters =
        |c: char| c.is_whitespace() || matches!(c, '/' | '*' | '#' | '!' | '{' | '}' | '-' | '<' | '>');
    let body = lower.trim_matches(delimiters);
    let dotted = body.contains("...");
    let bare = body.trim_matches(|c: char| delimiters(c) || matches!(c, '.' | '(' | ')' | '[' | ']' | ':'));
    if dotted && (bare.is_empty() || (body.starts_with("...") && !continues)) {
        return true;
    }
    if WHOLE.contains(&bare) {
        return true;
    }
    let lead = ["keep the ", "insert ", "add ", "put ", "the ", "all "];
    let start = lead.iter().find_map(|lead| bare.strip_prefix(lead)).unwrap_or(bare);
    STAND_INS.iter().any(|phrase| {
        let Some(at) = start.find(phrase) else { return false };
        let rest = start[at + phrase.len()..].trim_start_matches(|c: char| !c.is_alphanumeric());
        let ends =
            FOLLOWERS.iter().any(|word| rest.starts_with(word)) || (rest.is_empty() && *phrase != "rest");
        // In the middle of a sentence it is a phrase like any other, unless dots stand where the code was.
        (at == 0 && ends) || (dotted && body.ends_with("...") && at == 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_told_from_comments() {
        for comment in [
            "// ...",
            "/* … */",
            "// ... rest of the code",
            "// ... existing code ...",
            "// rest of the function remains unchanged",
            "// The rest of the code stays the same",
            "/* existing code */",
            "// (unchanged)",
            "// Same as before",
            "{/* ... */}",
            "// Your code here",
            "// other methods remain unchanged",
            "// Implementation goes here",
            "// keep the existing logic",
            "// ...other fields",
        ] {
            assert!(stands_in_for_code(comment, false), "{comment}");
        }
        for comment in [
            "// Skip the rest of the line.",
            "// existing code relies on this order",
            "// Loading...",
            "// The order is unchanged by this.",
            "// rest parameters are not counted",
            "/// Returns the rest of the code points.",
            "// The rest",
            "// wait for the others",
        ] {
            assert!(!stands_in_for_code(comment, false), "{comment}");
        }
        assert!(!stands_in_for_code("// ...and then goes on.", true));
    }
}
