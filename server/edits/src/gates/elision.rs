//! Neither a comment nor a stub stands in for code.

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;
use rustc_hash::{FxHashMap, FxHashSet};

use super::View;
use crate::contract::ItemTerm;
use crate::tokens::words;
use crate::walk::{is_comment, preorder};

pub(crate) fn check(view: View<'_>) -> Result<(), String> {
    let old = view.site.buffer().text();
    let (old_root, new_root) = (view.site.tree().root_node(), view.change.tree.root_node());
    let known: FxHashSet<&str> =
        comments(old_root, old, view.change.before).into_iter().map(|(_, text)| text).collect();
    let new = view.change.text();
    let (old_code, new_code) =
        (code(old_root, old, view.change.before), code(new_root, new, view.change.after));
    let lost = lost_words(&old_code, &new_code);
    for (span, comment) in comments(new_root, new, view.change.after) {
        let before = new.get(..span.start as usize).unwrap_or("").trim_end();
        // "// ...and so on" may continue the sentence of the line above.
        let continues = before.ends_with("...") || before.ends_with('…');
        let stands = stands_in_for_code(comment, continues)
            || (lost >= LOST_WORDS && may_stand_in_for_code(comment, continues));
        if !known.contains(comment) && stands {
            return Err(format!("the comment `{comment}` stands in for code: write all code out"));
        }
    }
    // Who says what to do may ask for a stub.
    if view.terms.items != ItemTerm::Free
        && let Some((_, shown)) = STUBS.iter().find(|(stub, _)| {
            let count = |code: &str| code.to_lowercase().matches(stub).count();
            count(&new_code) > count(&old_code)
        })
    {
        return Err(format!("`{shown}` stands in for code: write all code out"));
    }
    Ok(())
}

/// What is written where code is to come, its words and signs apart as in [`code`], and as it is shown.
const STUBS: [(&str, &str); 4] = [
    ("todo ! ", "todo!"),
    ("unimplemented ! ", "unimplemented!"),
    ("not implemented", "not implemented"),
    ("not yet implemented", "not yet implemented"),
];

/// So many words of the old code are gone where a comment that may speak of missing code is believed to.
const LOST_WORDS: usize = 4;

/// How many words of one code are not in another, each counted as often as it stands there.
fn lost_words(old: &str, new: &str) -> usize {
    let mut left: FxHashMap<&str, usize> = FxHashMap::default();
    for word in words(new) {
        *left.entry(word).or_default() += 1;
    }
    let is_lost = |word: &&str| match left.get_mut(*word) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    words(old).filter(is_lost).count()
}

/// The words and signs of a region without its comments, a blank behind each.
fn code(root: Node<'_>, text: &str, region: Span) -> String {
    let mut found = String::new();
    preorder(root, region, |way| {
        let Some(step) = way.last().filter(|step| !is_comment(step.kind)) else { return false };
        if step.node.child_count() == 0 {
            found.push_str(text.get(Span::of(step.node).range()).unwrap_or(""));
            found.push(' ');
        }
        true
    });
    found
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
    let speaks_of_code = has_phrase(&words(bare).collect::<Vec<_>>().join(" "), &MARKERS);
    if dotted && (bare.is_empty() || (body.starts_with("...") && !continues && speaks_of_code)) {
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
        // What is said of code that is there goes on behind these words.
        let follows =
            |word: &str| rest.strip_prefix(word).is_some_and(|tail| tail.split_whitespace().count() <= 2);
        let ends = FOLLOWERS.iter().any(|word| follows(word)) || (rest.is_empty() && *phrase != "rest");
        // In the middle of a sentence it is a phrase like any other, unless dots stand where the code was.
        (at == 0 && ends) || (dotted && body.ends_with("...") && at == 0)
    })
}

/// Whether one of some words or phrases is in a text whose words are parted by single blanks.
fn has_phrase(said: &str, phrases: &[&str]) -> bool {
    let said = format!(" {said} ");
    phrases.iter().any(|phrase| said.contains(&format!(" {phrase} ")))
}

/// Words of comments that speak of code which is not there.
const MARKERS: [&str; 18] = [
    "rest",
    "existing",
    "original",
    "previous",
    "remaining",
    "remains",
    "other",
    "same",
    "more",
    "unchanged",
    "omitted",
    "as before",
    "as is",
    "and so on",
    "no changes",
    "no change",
    "stays",
    "etc",
];

/// The kinds of code that they speak of, as words begin.
const NAMED: [&str; 22] = [
    "code",
    "loop",
    "logic",
    "implementation",
    "body",
    "case",
    "branch",
    "block",
    "method",
    "function",
    "check",
    "part",
    "field",
    "statement",
    "handling",
    "handler",
    "line",
    "import",
    "test",
    "original",
    "change",
    "setup",
];

/// What such a comment ends with.
const ENDS: [&str; 13] = [
    "here",
    "unchanged",
    "stays",
    "stay",
    "below",
    "above",
    "before",
    "original",
    "same",
    "omitted",
    "remains",
    "remain",
    "follows",
];

/// Comments that begin or end so speak of missing code by themselves.
const ALONE: [&str; 9] =
    ["snip", "and so on", "placeholder", "stub", "omitted", "elided", "implement me", "no changes", "todo"];

/// Whether a comment would stand in for code if code is missing: it is short and speaks of some.
fn may_stand_in_for_code(comment: &str, continues: bool) -> bool {
    let lower = comment.to_lowercase().replace('…', "...");
    let said: Vec<&str> = words(&lower).collect();
    let joined = said.join(" ");
    if said.len() > 7 {
        return false;
    }
    let starts_with_dots = lower.trim_start_matches(['/', '*', ' ']).starts_with("...") && !continues;
    let names_code = said.iter().any(|word| NAMED.iter().any(|noun| word.starts_with(noun)));
    // A sentence goes on behind what it names.
    let ends = said.last().is_some_and(|word| ENDS.contains(word)) || said.len() <= 3;
    let speaks = has_phrase(&joined, &MARKERS) && names_code && ends;
    let is_all = ALONE.iter().any(|alone| joined.starts_with(alone) || joined.ends_with(alone));
    starts_with_dots || speaks || is_all
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
        assert!(!stands_in_for_code("// ...unless it is zero", false));
        assert!(!stands_in_for_code("/** Other code below 128 is ASCII. */", false));
        for comment in [
            "// same as original",
            "// handle other cases as before",
            "// snip",
            "// logic remains unchanged",
            "// no changes below",
            "// previous logic stays",
            "// Your existing code here",
            "// original loop here",
            "// (existing loop)",
            "// loop as in the original",
            "// and so on...",
            "// placeholder",
            "// ...unless it is zero",
        ] {
            assert!(may_stand_in_for_code(comment, false), "{comment}");
        }
        for comment in [
            "// Sorted, so that equal ones are neighbours.",
            "// An empty list has no mean.",
            "/// Adds two numbers.",
            "// SAFETY: the index was checked.",
        ] {
            assert!(!may_stand_in_for_code(comment, false), "{comment}");
        }
    }
}
