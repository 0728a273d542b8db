//! `nested-ternary`: a choice inside a choice, on one line.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::kinds::Field;
use crate::layout::{has_comment, line_break, line_indent, starts_line};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "nested-ternary",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Information),
    languages: &Language::SCRIPTS,
    flags: "a ternary directly in a branch of another",
    why: "Which condition a branch belongs to has to be worked out from precedence.",
    reference: Reference {
        name: "ESLint no-nested-ternary",
        url: "https://eslint.org/docs/latest/rules/no-nested-ternary",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck {
        languages: &Language::SCRIPTS,
        kinds: &["ternary_expression"],
        visit,
    }]),
    examples: &[Example {
        language: Language::TypeScript,
        bad: "const a = ⟦b ? c : (d ? e : f)⟧;",
        fixed: "",
        good: "const a = b ? c : g(d ? e : f);",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let is_nested = [Field::Consequence, Field::Alternative]
        .into_iter()
        .any(|branch| visit.child(node, branch).and_then(ternary_in).is_some());
    if is_nested {
        let edits = as_statements(visit, node);
        let finding = visit.report(Span::of(node), "a ternary in a branch of another");
        if let Some(edits) = edits {
            finding.suggest("Return each case by itself", edits);
        }
    }
}

/// The ternary that a branch is, inside its parentheses.
fn ternary_in(mut branch: Node<'_>) -> Option<Node<'_>> {
    while branch.kind() == "parenthesized_expression" {
        branch = branch.named_child(0)?;
    }
    (branch.kind() == "ternary_expression").then_some(branch)
}

/// `return a ? b : c ? d : e;` as one `if` for each case. Where it is no statement of its own, or a comment would
/// be lost, it stays.
fn as_statements(visit: &Visit<'_, '_>, node: Node<'_>) -> Option<Vec<TextEdit>> {
    let mut ancestors = visit.ancestors().skip_while(|parent| parent.kind() == "parenthesized_expression");
    let statement = ancestors.next().filter(|parent| parent.kind() == "return_statement")?;
    let list = ancestors.next()?;
    if !matches!(list.kind(), "statement_block" | "switch_case" | "switch_default")
        || !starts_line(visit, statement)
        || has_comment(statement)
        || !visit.text(statement).ends_with(';')
    {
        return None;
    }
    let indent = line_indent(visit, statement);
    let step = if indent.ends_with('\t') { "\t" } else { "  " };
    let line_break = line_break(visit.item_text());
    let mut text = String::new();
    let mut rest = node;
    loop {
        let (condition, yes, no) = (
            visit.child(rest, Field::Condition)?,
            visit.child(rest, Field::Consequence)?,
            visit.child(rest, Field::Alternative)?,
        );
        let is_plain = |part| ternary_in(part).is_none() && !visit.text(part).contains(['\n', '\r']);
        if !is_plain(condition) || !is_plain(yes) {
            return None;
        }
        let (condition, yes) = (visit.text(condition), visit.text(yes));
        let open = if condition.starts_with('(') && condition.ends_with(')') && is_wrapped(condition) {
            condition.to_owned()
        } else {
            format!("({condition})")
        };
        text.push_str(&format!(
            "if {open} {{{line_break}{indent}{step}return {yes};{line_break}{indent}}}{line_break}{indent}"
        ));
        match ternary_in(no) {
            Some(next) => rest = next,
            None if is_plain(no) => {
                text.push_str(&format!("return {};", visit.text(no)));
                return Some(vec![TextEdit::replace(Span::of(statement), text)]);
            }
            None => return None,
        }
    }
}

/// Whether the first parenthesis is closed by the last.
fn is_wrapped(text: &str) -> bool {
    let mut depth = 0_i32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1 == text.len();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn a_returned_chain_can_be_taken_apart() {
        let text = "function f() {\n  return a\n    ? b\n    : (c && d)\n      ? e\n      : f;\n}\n";
        let found = findings(RULE.id, Language::TypeScript, text);
        assert_eq!(
            apply(text, &found[0].fixes[0].edits),
            "function f() {\n  if (a) {\n    return b;\n  }\n  if (c && d) {\n    return e;\n  }\n  return f;\n}\n"
        );
        for text in [
            "function f() {\n  return a ? (b ? c : d) : e;\n}",
            "function f() {\n  return a ? b : /* why */ c ? d : e;\n}",
            "const f = () => a ? b : c ? d : e;",
        ] {
            assert!(findings(RULE.id, Language::TypeScript, text)[0].fixes.is_empty(), "{text}");
        }
    }
}
