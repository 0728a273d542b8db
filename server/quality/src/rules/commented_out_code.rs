//! `commented-out-code`: code that is kept in a comment.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span, SyntaxParser};

use crate::TextEdit;
use crate::comment::is_doc;
use crate::layout::{any_in, lines_of};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::{FileVisit, Visit};

pub(crate) const RULE: Rule = Rule {
    id: "commented-out-code",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Information),
    languages: &Language::ALL,
    flags: "comments that are at least two statements of code; documentation and examples left out",
    why: "Nobody keeps it in step with the code around it. What it was is in the history.",
    reference: Reference {
        name: "CWE-1085: Invokable Control Element with Excessive Volume of Commented-out Code",
        url: "https://cwe.mitre.org/data/definitions/1085.html",
    },
    options: &[],
    check: Check::Joined {
        nodes: &[
            NodeCheck { languages: &[Language::Rust], kinds: &["line_comment", "block_comment"], visit },
            NodeCheck { languages: &Language::SCRIPTS, kinds: &["comment"], visit },
        ],
        join,
    },
    examples: &[
        Example {
            language: Language::Rust,
            bad: "⟦// let a = 1;\n// f(a);⟧\nfn g() {\n    h();\n    ⟦// if a {\n    //     b();\n    //     c();\n    // }⟧\n}\n⟦/*\nfn k() {\n    l();\n}\n*/⟧\n",
            fixed: "",
            good: "// f(a);\n// It is called like this:\n// let a = 1;\n// f(a);\n\n/// let a = 1;\n/// f(a);\nfn f() {}\n// first (of all),\n// second (of some);\n",
        },
        Example {
            language: Language::TypeScript,
            bad: "⟦// const a = 1;\n// f(a);⟧\nclass A {\n  ⟦// b() {\n  //   return c;\n  // }\n  // d = e;⟧\n}\n",
            fixed: "",
            good: "// note: this (one)\n// word\n// another;\nf();\n/**\n * f();\n * g();\n */\n// e.g.\n// f();\n// g();\n",
        },
    ],
};

/// Longer comments are not parsed.
const MAX_BYTES: usize = 16 << 10;

/// Notes every comment that could be a line of code; what is prose is told by its last character, mostly.
fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let comment = visit.text(node).trim_end();
    if comment.len() > MAX_BYTES || is_doc(comment) {
        return;
    }
    let is_line = comment.starts_with("//");
    let may_be_code = if is_line {
        let line = comment.trim_start_matches('/').trim_start();
        line.is_empty()
            || line.ends_with([';', '{', '}', ')', '(', ',', ']', '['])
            || line.ends_with("=>")
            || line.ends_with("&&")
            || line.ends_with("||")
            || line.starts_with(['.', '}', ')'])
            || (visit.language().is_script() && line.contains(" = "))
    } else {
        let mut lines = comment.lines();
        lines.next();
        lines.next().is_some_and(|second| !second.trim_start().starts_with('*'))
            && comment.contains([';', '{'])
    };
    if may_be_code {
        let start = node.start_byte() as u32;
        visit.note(node, Span::new(start, start + comment.len() as u32), u64::from(is_line));
    }
}

fn join(visit: &mut FileVisit<'_>) {
    let (text, Some(language)) = (visit.text(), visit.language()) else { return };
    let mut notes = visit.notes().peekable();
    let mut found = Vec::new();
    let mut code = String::new();
    while let Some(note) = notes.next() {
        let mut whole = note.span;
        code.clear();
        let is_line = note.key == 1;
        push_code(&mut code, text, note.span, is_line);
        while let Some(next) =
            notes.peek().filter(|next| is_line && next.key == 1 && follows(text, whole, next.span))
        {
            push_code(&mut code, text, next.span, true);
            whole = Span::new(whole.start, next.span.end);
            notes.next();
        }
        let has_statement = code.contains([';', '{', '=']);
        if has_statement && whole.len() as usize <= MAX_BYTES && !is_introduced(text, whole.start) {
            found.push((whole, std::mem::take(&mut code)));
        }
    }
    for (whole, code) in found {
        if !visit.verdict(&code, |code| is_code(language, code)) {
            continue;
        }
        let whole = without_empty_lines(text, whole);
        let removed = lines_of(text, whole);
        let finding = visit.report(whole, "this is code that was commented out");
        if let Some(removed) = removed {
            finding.suggest("Remove the commented-out code", vec![TextEdit::remove(removed)]);
        }
    }
}

/// Whether a line comment continues another: on the next line.
fn follows(text: &str, before: Span, next: Span) -> bool {
    let between = text.get(before.end as usize..next.start as usize).unwrap_or("x");
    between.bytes().filter(|b| *b == b'\n').count() == 1 && between.trim().is_empty()
}

fn push_code(code: &mut String, text: &str, comment: Span, is_line: bool) {
    let comment = text.get(comment.range()).unwrap_or("");
    if is_line {
        code.push_str(comment.trim_start_matches('/'));
        code.push('\n');
    } else {
        code.push_str(comment.trim_start_matches("/*").trim_end_matches("*/"));
    }
}

/// Whether the comment goes on from one that is prose: what follows there is an example.
fn is_introduced(text: &str, start: u32) -> bool {
    let before = text.get(..start as usize).unwrap_or("").trim_end_matches([' ', '\t']);
    let Some(above) = before.strip_suffix('\n') else { return false };
    let above = above.trim_end();
    let line = above[above.rfind('\n').map_or(0, |at| at + 1)..].trim_start();
    line.starts_with("//") || line.starts_with('*')
}

/// A run of comments without those that say nothing at its ends.
fn without_empty_lines(text: &str, span: Span) -> Span {
    let mut shown = text.get(span.range()).unwrap_or("");
    let mut start = span.start;
    while let Some((first, rest)) =
        shown.split_once('\n').filter(|(first, _)| first.trim_matches(['/', ' ', '\t', '\r']).is_empty())
    {
        let rest_trimmed = rest.trim_start();
        start += (first.len() + 1 + rest.len() - rest_trimmed.len()) as u32;
        shown = rest_trimmed;
    }
    while let Some((rest, _)) =
        shown.rsplit_once('\n').filter(|(_, last)| last.trim_matches(['/', ' ', '\t', '\r']).is_empty())
    {
        shown = rest.trim_end();
    }
    Span::new(start, start + shown.len() as u32)
}

/// Whether a text is at least two statements, and nothing that prose could be, too.
fn is_code(language: Language, code: &str) -> bool {
    is_code_as_it_is(language, code)
        // A class's members are no statements.
        || (language.is_script()
            && code.contains('{')
            && is_code_as_it_is(language, &format!("class C {{\n{code}\n}}")))
}

fn is_code_as_it_is(language: Language, code: &str) -> bool {
    let Some(tree) = SyntaxParser::default().parse_fresh(language, code) else { return false };
    if tree.root_node().has_error() {
        return false;
    }
    let mut statements = 0;
    let is_prose = any_in(tree.root_node(), |node| match weight(language, node) {
        Weight::None => false,
        Weight::Statement => {
            statements += 1;
            false
        }
        Weight::Prose => true,
    });
    !is_prose && statements >= 2
}

enum Weight {
    None,
    Statement,
    /// Words can be read like that: `foo`, `note: foo`.
    Prose,
}

fn weight(language: Language, node: Node<'_>) -> Weight {
    let kind = node.kind();
    if kind == "labeled_statement" {
        return Weight::Prose;
    }
    if kind == "expression_statement" {
        let inner = node.named_child(0).map_or("", |inner| inner.kind());
        return match inner {
            "call_expression"
            | "macro_invocation"
            | "await_expression"
            | "assignment_expression"
            | "augmented_assignment_expression"
            | "compound_assignment_expr"
            | "update_expression"
            | "try_expression"
            | "return_expression"
            | "if_expression"
            | "for_expression"
            | "while_expression"
            | "loop_expression"
            | "match_expression"
            | "break_expression"
            | "continue_expression"
            | "new_expression"
            | "yield_expression" => Weight::Statement,
            "unsafe_block" | "block" | "internal_module" => Weight::None,
            _ => Weight::Prose,
        };
    }
    let is_statement = if language == Language::Rust {
        kind.ends_with("_item") && !kind.ends_with("attribute_item")
            || matches!(kind, "let_declaration" | "use_declaration" | "field_declaration" | "match_arm")
    } else {
        (kind.ends_with("_declaration") && kind != "class_declaration")
            || matches!(
                kind,
                "return_statement"
                    | "throw_statement"
                    | "if_statement"
                    | "for_statement"
                    | "for_in_statement"
                    | "while_statement"
                    | "switch_statement"
                    | "try_statement"
                    | "method_definition"
                    | "import_statement"
                    | "break_statement"
                    | "continue_statement"
            )
    };
    if is_statement { Weight::Statement } else { Weight::None }
}
