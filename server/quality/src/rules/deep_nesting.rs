//! `deep-nesting`: blocks within blocks within blocks.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::calls::without_parentheses;
use crate::kinds::{Field, Kind, Kinds};
use crate::layout::{
    any_in, has_comment, has_multiline_literal, line_break, line_indent, reindented, starts_line,
};
use crate::metrics::{FunctionMetrics, first_deeper_block};
use crate::rule::{Check, Dimension, Example, Level, Reference, Rule, RuleOption, Severity};
use crate::search::{Outcome, Step};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "deep-nesting",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "a block more than 4 deep in its function: of `if`, loops, `match`, `switch` or `try`",
    why: "What a line this deep depends on is spread over all the lines around it.",
    reference: Reference { name: "ESLint max-depth", url: "https://eslint.org/docs/latest/rules/max-depth" },
    options: &[RuleOption { name: "max", default: 4, describes: "the deepest block that is not flagged" }],
    check: Check::Functions(visit),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() { for a in b { match c { D => if e { while g { ⟦loop⟧ { h() } } }, _ => {} } } }",
            fixed: "",
            good: "fn f() { for a in b { match c { D => if e { while g { h() } }, _ => {} } } }",
        },
        Example {
            language: Language::JavaScript,
            bad: "function f() { try { for (;;) { switch (a) { case 1: do { ⟦if⟧ (b) { } } while (c) } } } catch { } }",
            fixed: "",
            good: "function f() { for (;;) { if (a) { } else if (b) { if (c) if (d) { while (e) { } } } } }",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>, metrics: &FunctionMetrics) {
    let max = visit.option("max");
    if metrics.nesting <= max || visit.in_test() {
        return;
    }
    let Some(block) = first_deeper_block(node, visit.language(), max) else { return };
    let mut cursor = block.walk();
    // The keyword; a Rust loop's label stands before it.
    let keyword = block.children(&mut cursor).find(|child| !child.is_named());
    let span = keyword.map_or(Span::of(block), Span::of);
    let edit = guard_clause(visit, node, block);
    let finding = visit.report(span, format!("a block {} deep (at most {max})", metrics.nesting));
    if let Some(edit) = edit {
        finding.suggest("Leave early, and take a level out", vec![edit]);
    }
}

/// How far out from a block an `if` is looked for.
const LEVELS_SEEN: usize = 64;

/// The outermost `if` around a block that is all the rest of a function or a loop, as its opposite that leaves early.
fn guard_clause(visit: &Visit<'_, '_>, function: Node<'_>, block: Node<'_>) -> Option<TextEdit> {
    let (mut found, mut at) = (None, block);
    for _ in 0..LEVELS_SEEN {
        if let Some(jump) = jump_instead(visit, function, at) {
            found = Some((at, jump));
        }
        at = at.parent().filter(|outer| *outer != function)?;
        if visit.child(function, Field::Body) == Some(at) {
            break;
        }
    }
    let (choice, jump) = found?;
    inverted(visit, choice, jump)
}

/// What leaves where an `if` is done: `None` unless it is the last of its function or its loop, has no `else`, and
/// decides by a condition.
fn jump_instead(visit: &Visit<'_, '_>, function: Node<'_>, choice: Node<'_>) -> Option<&'static str> {
    if !matches!(choice.kind(), "if_expression" | "if_statement")
        || visit.child(choice, Field::Alternative).is_some()
    {
        return None;
    }
    let statement =
        choice.parent().filter(|parent| parent.kind() == "expression_statement").unwrap_or(choice);
    let body = statement.parent()?;
    let last = body.named_child(body.named_child_count().checked_sub(1)? as u32)?;
    let outer = body.parent()?;
    let is_body = visit.child(outer, Field::Body) == Some(body);
    // With a semicolon behind it something would stay.
    if last != statement || statement.end_byte() != choice.end_byte() || !is_body {
        return None;
    }
    if Kinds::of(visit.language()).get(outer).is(Kind::LOOP) {
        return Some("continue");
    }
    let returns_value = || {
        visit.search(body, |at| match at.kind() {
            "return_statement" if at.named_child_count() > 0 => Step::Stop,
            _ if Kinds::of(visit.language()).get(at).is(Kind::FUNCTION) => Step::Over,
            _ => Step::Into,
        }) != Outcome::Nowhere
    };
    let is_procedure = match outer.kind() {
        "function_item" => visit.child(outer, Field::ReturnType).is_none(),
        _ => visit.language().is_script() && !returns_value(),
    };
    (outer == function && is_procedure).then_some("return")
}

/// The opposite of a choice with a jump in it, and behind it what it decided about.
fn inverted(visit: &Visit<'_, '_>, choice: Node<'_>, jump: &str) -> Option<TextEdit> {
    let condition = visit.child(choice, Field::Condition)?;
    let body = visit.child(choice, Field::Consequence)?;
    let script = visit.language().is_script();
    let count = body.named_child_count();
    let (first, last) = (body.named_child(0)?, body.named_child(count.checked_sub(1)? as u32)?);
    let is_pattern = |at: Node<'_>| matches!(at.kind(), "let_condition" | "let_chain");
    // What is declared in the block would be declared beside what is before it.
    let declares = |at: Node<'_>| {
        at.kind().ends_with("_item")
            || matches!(at.kind(), "use_declaration" | "macro_definition" | "attribute_item")
            || (script && at.kind().ends_with("_declaration"))
    };
    // As the last value of a function it would live longer than the function's variables.
    let inner = last.named_child(0).filter(|_| last.kind() == "expression_statement").unwrap_or(last);
    let outlives = !script
        && !visit.text(last).ends_with(';')
        && any_in(inner, |at| matches!(at.kind(), "match_expression" | "for_expression" | "let_condition"));
    if any_in(condition, is_pattern)
        || has_comment(condition)
        || outlives
        || !matches!(body.kind(), "block" | "statement_block")
        || body.named_children(&mut body.walk()).any(declares)
        || has_multiline_literal(body)
        || first.start_position().row == body.start_position().row
        || last.end_position().row == body.end_position().row
        || !starts_line(visit, choice)
        || !starts_line(visit, first)
    {
        return None;
    }
    let head = visit.slice(Span::new(condition.end_byte() as u32, body.start_byte() as u32));
    let (outer, deeper) = (line_indent(visit, choice), line_indent(visit, first));
    let unit = deeper.strip_prefix(outer).filter(|unit| !unit.is_empty() && head.trim().is_empty())?;
    let text = visit.text(body);
    let inside = text.get(1..text.len().checked_sub(1)?)?.trim();
    let moved = reindented(inside, deeper, outer)?;
    let end =
        if moved.ends_with([';', '}']) || last.kind().ends_with("comment") || script { "" } else { ";" };
    let opposite = opposite(visit, without_parentheses(condition));
    let opposite = if script { format!("({opposite})") } else { opposite };
    let line = line_break(visit.item_text());
    let guard = format!("if {opposite} {{{line}{outer}{unit}{jump};{line}{outer}}}{line}{outer}{moved}{end}");
    Some(TextEdit::replace(Span::of(choice), guard))
}

/// A condition that holds where another does not.
fn opposite(visit: &Visit<'_, '_>, condition: Node<'_>) -> String {
    let text = visit.text(condition);
    let operator = visit.child(condition, Field::Operator);
    match condition.kind() {
        "unary_expression" => {
            if let Some(operand) =
                text.strip_prefix('!').filter(|rest| !rest.starts_with(char::is_whitespace))
            {
                return operand.to_owned();
            }
        }
        "binary_expression" => {
            let other = operator.and_then(|operator| match visit.text(operator) {
                "==" => Some("!="),
                "!=" => Some("=="),
                "===" => Some("!=="),
                "!==" => Some("==="),
                _ => None,
            });
            if let (Some(operator), Some(other)) = (operator, other) {
                let at = operator.start_byte() - condition.start_byte();
                return format!("{}{other}{}", &text[..at], &text[at + operator.byte_range().len()..]);
            }
        }
        "identifier" | "call_expression" | "field_expression" | "member_expression" | "true" | "false" => {
            return format!("!{text}");
        }
        _ => {}
    }
    format!("!({text})")
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn a_choice_about_all_the_rest_can_leave_early() {
        let text = "fn f() {\r\n    for a in b {\r\n        if a == c {\r\n            // why\r\n            for d in e { while g { if h { k(); } } }\r\n            l()\r\n        }\r\n    }\r\n}\r\n";
        let fixed = "fn f() {\r\n    for a in b {\r\n        if a != c {\r\n            continue;\r\n        }\r\n        // why\r\n        for d in e { while g { if h { k(); } } }\r\n        l();\r\n    }\r\n}\r\n";
        let found = findings(RULE.id, Language::Rust, text);
        assert_eq!(apply(text, &found[0].fixes[0].edits), fixed);
        let text = "function f() {\n  if (a && b) {\n    for (;;) { for (;;) { for (;;) { if (c) { d(); } } } }\n  }\n}\n";
        let fixed = "function f() {\n  if (!(a && b)) {\n    return;\n  }\n  for (;;) { for (;;) { for (;;) { if (c) { d(); } } } }\n}\n";
        let found = findings(RULE.id, Language::TypeScript, text);
        assert_eq!(apply(text, &found[0].fixes[0].edits), fixed);
        for (text, language) in [
            (
                "fn f() -> u8 {\n    if a {\n        loop { loop { loop { loop { b() } } } }\n    }\n}\n",
                Language::Rust,
            ),
            (
                "fn f() {\n    if let A = a {\n        loop { loop { loop { loop { b() } } } }\n    }\n}\n",
                Language::Rust,
            ),
            (
                "fn f() {\n    if a {\n        loop { loop { loop { loop { b() } } } }\n    }\n    c();\n}\n",
                Language::Rust,
            ),
            (
                "fn f() {\n    if a {\n        for b in c.lock().d() { loop { loop { loop { b() } } } }\n    }\n}\n",
                Language::Rust,
            ),
            (
                "function f() {\n  if (a) {\n    const b = 1;\n    for (;;) { for (;;) { for (;;) { if (c) { d(); } } } }\n  }\n}\n",
                Language::JavaScript,
            ),
            (
                "function f() {\n  if (e) return 1;\n  if (a) {\n    for (;;) { for (;;) { for (;;) { if (c) { d(); } } } }\n  }\n}\n",
                Language::JavaScript,
            ),
        ] {
            let found = findings(RULE.id, language, text);
            assert!(found.len() == 1 && found[0].fixes.is_empty(), "{text}");
        }
    }
}
