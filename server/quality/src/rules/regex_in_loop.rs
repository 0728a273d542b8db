//! `regex-in-loop`: a pattern that is compiled again and again.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::calls::argument;
use crate::kinds::Field;
use crate::layout::line_of;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::search::{Outcome, Step, mentions};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "regex-in-loop",
    dimension: Dimension::Performance,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "`Regex::new` and `new RegExp` in a loop, with a pattern that is the same on every pass",
    why: "Compiling a pattern takes far longer than matching with it; once before the loop is enough.",
    reference: Reference {
        name: "Clippy regex_creation_in_loops",
        url: "https://rust-lang.github.io/rust-clippy/master/#regex_creation_in_loops",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["call_expression"], visit: rust },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["new_expression"], visit: script },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() { for a in b { let r = ⟦Regex::new(\"x\")⟧.unwrap(); } loop { ⟦regex::Regex::new(p)⟧; } }",
            fixed: "",
            good: "fn f() { let r = Regex::new(\"x\"); for a in Regex::new(p) { Regex::new(a); let c = 1; Regex::new(c); } }",
        },
        Example {
            language: Language::TypeScript,
            bad: "for (const a of b) { c(⟦new RegExp('x')⟧, a); }",
            fixed: "",
            good: "for (const a of b) { new RegExp(a); c.map((d) => new RegExp(d)); }",
        },
    ],
};

fn rust(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let called = visit.field(node, Field::Function);
    let Some(name) = called.strip_suffix("::new") else { return };
    if matches!(name.rsplit("::").next(), Some("Regex" | "RegexSet" | "RegexBuilder")) {
        creation(visit, node);
    }
}

fn script(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if visit.field(node, Field::Constructor) == "RegExp" {
        creation(visit, node);
    }
}

fn creation(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(repeated) = visit.repeated_by(node) else { return };
    let Some(arguments) = visit.child(node, Field::Arguments) else { return };
    let depends = visit.search(arguments, |at| match at.kind() {
        "identifier" if is_bound_in(visit, repeated, visit.text(at)) => Step::Stop,
        // What a call or a macro gives may be something else every time.
        "call_expression" | "macro_invocation" | "new_expression" | "await_expression" => Step::Stop,
        _ => Step::Into,
    });
    if depends != Outcome::Nowhere || visit.in_test() {
        return;
    }
    let hoisted = hoisted(visit, node, arguments, repeated);
    let finding = visit.report(Span::of(node), "the same pattern is compiled on every pass of the loop");
    if let Some(edits) = hoisted {
        finding.suggest("Compile it once, before the loop", edits);
    }
}

/// Whether a loop binds or assigns a name: what is made of it may differ from pass to pass.
fn is_bound_in(visit: &Visit<'_, '_>, repeated: Node<'_>, name: &str) -> bool {
    let binds = |node: Node<'_>, field| {
        visit.child(node, field).is_some_and(|bound| mentions(visit.text(bound), name))
    };
    let outcome = visit.search(repeated, |at| {
        let is_bound = match at.kind() {
            "for_expression" | "let_declaration" | "let_condition" | "match_arm" => binds(at, Field::Pattern),
            "variable_declarator" => binds(at, Field::Name),
            "for_in_statement"
            | "assignment_expression"
            | "compound_assignment_expr"
            | "augmented_assignment_expression" => binds(at, Field::Left),
            "update_expression" | "reference_expression" => mentions(visit.text(at), name),
            _ => false,
        };
        if is_bound { Step::Stop } else { Step::Into }
    });
    outcome != Outcome::Nowhere
}

/// Functions longer than this are not searched for a name.
const TEXT_SEEN: usize = 1 << 14;

/// The edits that move `let name = ...;` of a literal pattern from a loop's body to before the loop.
fn hoisted(
    visit: &Visit<'_, '_>,
    node: Node<'_>,
    arguments: Node<'_>,
    repeated: Node<'_>,
) -> Option<Vec<TextEdit>> {
    let language = visit.language();
    let pattern = argument(language, arguments, 0)?;
    let is_literal = matches!(pattern.kind(), "string_literal" | "raw_string_literal" | "string");
    // Flags may be `g` or `y`, with which a pattern remembers where it was.
    if !is_literal || argument(language, arguments, 1).is_some() {
        return None;
    }
    let mut ancestors = visit.ancestors();
    let declaration = ancestors
        .by_ref()
        .take(5)
        .find(|outer| matches!(outer.kind(), "let_declaration" | "lexical_declaration"))?;
    ancestors.next().filter(|body| visit.child(repeated, Field::Body) == Some(*body))?;
    let whole = visit.text(declaration);
    let (name, unwrapped) = match declaration.kind() {
        "let_declaration" => (
            visit.field(declaration, Field::Pattern),
            visit.field(declaration, Field::Value).get(node.byte_range().len()..)?,
        ),
        _ => {
            let declarator = declaration.named_child(0).filter(|_| declaration.named_child_count() == 1)?;
            (
                visit.field(declarator, Field::Name),
                visit.field(declarator, Field::Value).get(node.byte_range().len()..)?,
            )
        }
    };
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && matches!(unwrapped, "" | ".unwrap()" | "?")
        && whole.ends_with(';')
        && !whole.contains(['\n', '\r'])
        && (whole.starts_with("let ") || whole.starts_with("const "))
        && !whole.starts_with("let mut ");
    // The name may mean something else around the loop.
    let function = visit.function()?;
    let around = visit.text(function);
    if around.len() > TEXT_SEEN {
        return None;
    }
    let at = (repeated.start_byte() - function.start_byte(), repeated.end_byte() - function.start_byte());
    let is_free = !mentions(around.get(..at.0)?, name) && !mentions(around.get(at.1..)?, name);
    let statement = visit.ancestors().skip_while(|outer| *outer != repeated).nth(1)?;
    let outer =
        if statement.kind() == "expression_statement" && statement.start_byte() == repeated.start_byte() {
            statement
        } else {
            repeated
        };
    let blanks = visit.margin(outer.start_byte() as u32)?;
    let removed = line_of(visit, Span::of(declaration));
    if !is_plain || !is_free || removed == Span::of(declaration) {
        return None;
    }
    let line_break = visit.line_break_text(declaration.end_byte() as u32);
    let moved = format!("{whole}{line_break}{blanks}");
    Some(vec![TextEdit::insert(outer.start_byte() as u32, moved), TextEdit::remove(removed)])
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn a_literal_pattern_can_be_compiled_before_the_loop() {
        for (language, text, expected) in [
            (
                Language::Rust,
                "fn f() {\n    for a in b {\n        let re = Regex::new(r\"x\").unwrap();\n        re.find(a);\n    }\n}\n",
                "fn f() {\n    let re = Regex::new(r\"x\").unwrap();\n    for a in b {\n        re.find(a);\n    }\n}\n",
            ),
            (
                Language::TypeScript,
                "function f() {\r\n  for (const a of b) {\r\n    const re = new RegExp('x');\r\n    re.test(a);\r\n  }\r\n}\r\n",
                "function f() {\r\n  const re = new RegExp('x');\r\n  for (const a of b) {\r\n    re.test(a);\r\n  }\r\n}\r\n",
            ),
        ] {
            let found = findings(RULE.id, language, text);
            assert_eq!(apply(text, &found[0].fixes[0].edits), expected);
            assert!(findings(RULE.id, language, expected).is_empty());
        }
        for text in [
            "fn f() {\n    for a in b {\n        let re = Regex::new(p).unwrap();\n    }\n}\n",
            "fn f() {\n    re();\n    for a in b {\n        let re = Regex::new(\"x\").unwrap();\n    }\n}\n",
            "fn f() {\n    for a in b {\n        if c {\n            let re = Regex::new(\"x\").unwrap();\n        }\n    }\n}\n",
            "fn f() {\n    for a in b {\n        let re = Regex::new(\"x\").unwrap(); // why\n    }\n}\n",
        ] {
            let found = findings(RULE.id, Language::Rust, text);
            assert!(found.len() == 1 && found[0].fixes.is_empty(), "{text}");
        }
    }
}
