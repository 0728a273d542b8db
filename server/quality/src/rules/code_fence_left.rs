//! `code-fence-left`: Markdown around code that was pasted.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span, SyntaxParser};

use crate::TextEdit;
use crate::rule::{Check, Dimension, Example, Level, Reference, Rule, Severity};
use crate::visit::FileVisit;

pub(crate) const RULE: Rule = Rule {
    id: "code-fence-left",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Error),
    languages: &Language::ALL,
    flags: "a line that is only a Markdown code fence, outside comments and strings",
    why: "It came with an answer that was pasted, and is no code.",
    reference: Reference {
        name: "CommonMark, fenced code blocks",
        url: "https://spec.commonmark.org/0.31.2/#fenced-code-blocks",
    },
    options: &[],
    check: Check::File(visit),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "⟦```rust⟧\nfn f() {}\n```\n",
            fixed: "fn f() {}\n",
            good: "/// ```\n/// f();\n/// ```\nfn f() { r\"\n```\n\"; }\n/*\n```\n*/\n",
        },
        Example {
            language: Language::TypeScript,
            bad: "⟦```ts⟧\r\nconst a = 1;\r\n```\r\n",
            fixed: "const a = 1;\r\n",
            good: "/*\n```\nf();\n```\n*/\nconst a = `\n\\`\\`\\`\n`;\n",
        },
    ],
};

/// Fences come in pairs, and removing one of a pair would leave worse: a finding is a pair, or what is left over.
fn visit(visit: &mut FileVisit<'_>) {
    let (Some(root), Some(language)) = (visit.root(), visit.language()) else { return };
    let text = visit.text();
    let mut fences = Vec::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), "```") {
        let Some(line) = fence_line(text, at) else { continue };
        let around = root.descendant_for_byte_range(at, at + 3);
        let is_text = around.is_some_and(|node| {
            matches!(
                node.kind(),
                "line_comment"
                    | "block_comment"
                    | "comment"
                    | "doc_comment"
                    | "html_comment"
                    | "string"
                    | "string_literal"
                    | "raw_string_literal"
                    | "string_content"
                    | "string_fragment"
                    | "template_string"
                    | "jsx_text"
                    | "regex_pattern"
            )
        });
        if !is_text {
            fences.push((at as u32, line, is_in_template(around)));
        }
    }
    for pair in fences.chunks(2) {
        let edits: Vec<_> = pair.iter().map(|(_, line, _)| TextEdit::remove(*line)).collect();
        let leaves_whole = root.has_error() || parses_without(language, text, &edits);
        let (at, line, in_template) = pair[0];
        let end = at + text.get(at as usize..line.end as usize).unwrap_or("").trim_end().len() as u32;
        let finding = visit.report(Span::new(at, end), "a Markdown code fence is left in the code");
        // A comment above it would be text.
        finding.annotatable = !in_template;
        if leaves_whole {
            finding.fix("Remove the code fence", edits);
        }
    }
}

/// Whether a node is inside a template string. Looks no further up than real code is nested.
fn is_in_template(node: Option<Node<'_>>) -> bool {
    let parents = std::iter::successors(node, Node::parent).take(64);
    parents.into_iter().any(|node| matches!(node.kind(), "template_string" | "jsx_element"))
}

/// The line of a fence with its line break, if nothing but a language's name is on it.
fn fence_line(text: &str, at: usize) -> Option<Span> {
    let (before, after) = (&text[..at], &text[at + 3..]);
    let indent = before.len() - before.trim_end_matches([' ', '\t']).len();
    let line = &before[..before.len() - indent];
    let starts_line = line.is_empty() || line.ends_with(['\n', '\r', '\u{feff}']);
    let info = &after[..after.find(['\n', '\r']).unwrap_or(after.len())];
    let is_info =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '_' | '#' | '.' | ',' | ' ' | '\t');
    if !starts_line || info.len() > 40 || !info.chars().all(is_info) {
        return None;
    }
    let rest = &after[info.len()..];
    let line_break = if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
    Some(Span::new((at - indent) as u32, (at + 3 + info.len() + line_break) as u32))
}

/// In scripts fences read as tagged templates, and the code between them as text: without them it has to be code.
fn parses_without(language: Language, text: &str, edits: &[TextEdit]) -> bool {
    let mut fixed = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        fixed.push_str(text.get(at..edit.span.start as usize).unwrap_or(""));
        at = edit.span.end as usize;
    }
    fixed.push_str(text.get(at..).unwrap_or(""));
    let tree = SyntaxParser::default().parse_fresh(language, &fixed);
    tree.is_some_and(|tree| !tree.root_node().has_error())
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn a_fence_alone_is_removed_and_what_is_text_stays() {
        let text = "fn f() {}\n```\n";
        let found = findings(RULE.id, Language::Rust, text);
        assert_eq!(apply(text, &found[0].fixes[0].edits), "fn f() {}\n");
        let prose = "```text\nno code at all\n```\n";
        assert!(findings(RULE.id, Language::TypeScript, prose)[0].fixes.is_empty());
    }
}
