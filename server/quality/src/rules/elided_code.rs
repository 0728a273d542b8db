//! `elided-code`: a comment in the place of code.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::comment::{contains_ignoring_case, find_ignoring_case, first_line, is_doc};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "elided-code",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Error),
    languages: &Language::ALL,
    flags: "a comment that stands for code that was there: `// ... rest of the code`, `// existing code`",
    why: "A model that shortens its answer writes such comments. Applied, they delete what they stand for.",
    reference: Reference {
        name: "CWE-1116: Inaccurate Comments",
        url: "https://cwe.mitre.org/data/definitions/1116.html",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["line_comment", "block_comment"], visit },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["comment"], visit },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() {\n    ⟦// ... rest of the code⟧\n}\n⟦// # ... (existing code)⟧\n⟦// keep all existing code⟧\nfn g() { ⟦/* implementation omitted for brevity */⟧ }",
            fixed: "",
            good: "// the rest of the code below relies on this order\nfn f() {} // ...\n/// existing code\nfn g() {} // and so on...",
        },
        Example {
            language: Language::Tsx,
            bad: "const a = <p>{⟦/* ...existing JSX */⟧}</p>;\nclass A {\n  ⟦// ... other methods remain the same⟧\n}\n⟦// rest of file stays unchanged⟧",
            fixed: "",
            good: "// keep the existing codes in the map\n// loading the rest ...\nconst a = 1; // everything else is the same as in the other one\n// ... the rest of the fields are optional\n// the remaining methods are unchanged from v1\n// Other methods omitted for brevity in the docs.",
        },
    ],
};

/// A comment in the place of code is short. A longer one explains something.
const MAX_WORDS: usize = 12;

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let comment = visit.text(node);
    if comment.len() < 12 || comment.len() > 400 {
        return;
    }
    let line = first_line(comment);
    let words = || line.split_whitespace();
    if words().nth(MAX_WORDS).is_some() || words().nth(1).is_none() && !line.starts_with(['.', '…']) {
        return;
    }
    if stands_for_code(line)
        && !is_doc(comment)
        && crate::comment::lines(comment).filter(|l| !l.is_empty()).nth(2).is_none()
    {
        let span = Span::of(node);
        let span = Span::new(span.start, span.start + comment.trim_end().len() as u32);
        visit.report(span, "this comment stands for code that is not there");
    }
}

/// What code is called when it is left out.
const THINGS: [&str; 22] = [
    "code",
    "file",
    "function",
    "functions",
    "implementation",
    "implementations",
    "class",
    "component",
    "method",
    "methods",
    "import",
    "imports",
    "logic",
    "body",
    "fields",
    "props",
    "properties",
    "module",
    "jsx",
    "handlers",
    "tests",
    "definitions",
];

/// Words of sentences that say something about code that is there.
const PROSE: [&str; 14] = [
    "are", "is", "was", "were", "has", "have", "must", "should", "can", "may", "will", "need", "needs",
    "because",
];
/// How a comment ends that says that something stays as it is.
const KEPT_ENDS: [&str; 17] = [
    "unchanged",
    "the same",
    "as is",
    "as it is",
    "as it was",
    "as they are",
    "as before",
    "same as before",
    "untouched",
    "here",
    "original",
    "as in the original",
    "exactly as before",
    "as-is",
    "the same as before",
    "below",
    "above",
];

fn stands_for_code(line: &str) -> bool {
    let has = |needle: &str| contains_ignoring_case(line, needle);
    let bare = line.trim_start_matches(['(', '[', '{', '<', '-', '=', '#', ' ']);
    let dotted = bare.strip_prefix("...").or_else(|| bare.strip_prefix('…'));
    let ends_dotted =
        line.trim_end_matches([')', ']', '}', '>', ' ']).ends_with('…') || line.ends_with("...");
    let text = dotted.unwrap_or(bare).trim_start_matches(['.', ' ', '(', '[']);
    let thing = || THINGS.iter().any(|thing| is_word_in(line, thing));
    let kept = || {
        [
            "unchanged",
            "the same",
            "remains as",
            "remain as",
            "stays as",
            "stay as",
            "as before",
            "as is",
            "goes here",
            "is here",
            "same as before",
            "untouched",
        ]
        .iter()
        .any(|state| has(state))
    };
    // "in the docs", "from v1": a sentence that goes on says something.
    let end = line.trim_end_matches([')', ']', '}', '.', '…', ' ', '>', '-', '=', '!', ';']);
    let ends = |words: &[&str]| {
        words.iter().any(|word| {
            end.len() >= word.len()
                && end.get(end.len() - word.len()..).is_some_and(|tail| tail.eq_ignore_ascii_case(word))
        })
    };
    let says_more = kept() && !ends(&KEPT_ENDS);
    if has("for brevity")
        && (ends(&["for brevity", "for brevity here"]) || starts_word(text, "for brevity"))
        && (has("omitted")
            || has("truncated")
            || has("removed")
            || has("elided")
            || has("skipped")
            || has("not shown")
            || has("shortened"))
    {
        return true;
    }
    let starts = |words: &[&str]| words.iter().any(|word| starts_word(text, word));
    // "... rest of", "... existing", "... other methods"
    if dotted.is_some() {
        let is_prose = (!kept() && PROSE.iter().any(|word| is_word_in(text, word))) || says_more;
        return !is_prose
            && (starts(&[
                "rest of",
                "the rest",
                "existing",
                "remaining",
                "previous",
                "unchanged",
                "same as",
                "remainder of",
                "keep existing",
                "your existing",
                "all existing",
                "all other",
                "continue with existing",
            ]) || (starts(&[
                "other",
                "more",
                "additional",
                "all",
                "and other",
                "and the rest",
                "original",
            ]) && thing()));
    }
    // "existing code ...", "rest of the code remains the same"
    let subject = starts(&[
        "rest of",
        "the rest of",
        "existing",
        "remaining",
        "the remaining",
        "previous",
        "other",
        "all other",
        "all existing",
        "everything else",
        "remainder of",
        "keep existing",
        "keep the rest",
        "keep all existing",
    ]);
    if subject && (thing() || (starts(&["everything else"]) && line.split_whitespace().count() <= 6)) {
        let short = line.split_whitespace().count() <= 4 && !line.ends_with(':');
        let names_only = short
            && starts(&[
                "rest of",
                "the rest of",
                "existing code",
                "existing implementation",
                "existing imports",
                "existing methods",
                "remaining code",
                "previous code",
                "remainder of",
                "keep existing",
                "keep all existing",
            ]);
        return ends_dotted
            || (kept() && !says_more && is_statement_of_keeping(line))
            || (names_only && ends_with_thing(line));
    }
    // "code unchanged", "implementation remains the same", "no changes below"
    let words = line.split_whitespace().count();
    words <= 5
        && starts(&[
            "code",
            "implementation",
            "the code",
            "function body",
            "method body",
            "same implementation",
            "unchanged code",
            "original code",
            "same code",
        ])
        && (has("unchanged")
            || has("remains the same")
            || has("stays the same")
            || has("as before")
            || has("omitted"))
}

/// "the rest of the imports are unchanged", not "other code has the same problem".
fn is_statement_of_keeping(line: &str) -> bool {
    let has = |needle: &str| contains_ignoring_case(line, needle);
    has("remain")
        || has("stay")
        || has("unchanged")
        || has("goes here")
        || has("is here")
        || has("are the same")
        || has("is the same")
        || has("as before")
        || has("untouched")
        || has("keep")
}

fn ends_with_thing(line: &str) -> bool {
    let last =
        line.trim_end_matches([')', ']', '}', '.', ' ', '>', '-', '=']).rsplit(' ').next().unwrap_or("");
    THINGS.iter().any(|thing| last.eq_ignore_ascii_case(thing)) || last.eq_ignore_ascii_case("here")
}

fn starts_word(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
        && !text[word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

fn is_word_in(text: &str, word: &str) -> bool {
    find_ignoring_case(text, word).is_some_and(|at| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}
