//! `string-build-in-loop`: a string that is made to be copied.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::calls::sole_argument;
use crate::facts::{Fact, Topic};
use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::search::{Outcome, Step, mentions};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "string-build-in-loop",
    dimension: Dimension::Performance,
    level: Level::On(Severity::Hint),
    languages: &Language::ALL,
    flags: "`s.push_str(&format!(...))` and `s += &format!(...)` in a loop; `s += \"...\"` in a script's",
    why: "Each pass allocates a string only to copy it into another: `write!` writes where it is wanted, and an array can be joined once.",
    reference: Reference {
        name: "Clippy format_push_string",
        url: "https://rust-lang.github.io/rust-clippy/master/#format_push_string",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["call_expression"], visit: pushed },
        NodeCheck { languages: &[Language::Rust], kinds: &["compound_assignment_expr"], visit: added },
        NodeCheck {
            languages: &Language::SCRIPTS,
            kinds: &["augmented_assignment_expression"],
            visit: script,
        },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "use std::fmt::Write;\nfn f() {\n    let mut s = String::new();\n    for a in b {\n        ⟦s.push_str(&format!(\"{a}\"))⟧;\n        ⟦s += &format!(\"{}\", c)⟧;\n    }\n}\n",
            fixed: "use std::fmt::Write;\nfn f() {\n    let mut s = String::new();\n    for a in b {\n        let _ = write!(s, \"{a}\");\n        let _ = write!(s, \"{}\", c);\n    }\n}\n",
            good: "fn f() { s.push_str(&format!(\"\")); for a in b { s.push_str(a); s += 1; s += &a; } }",
        },
        Example {
            language: Language::Rust,
            bad: "fn f(s: &mut String) { for a in b { ⟦s.push_str(&format!(\"{a}\"))⟧; } }",
            fixed: "",
            good: "fn f(s: &mut String) { for a in b { s.push(a); } }",
        },
        Example {
            language: Language::TypeScript,
            bad: "for (const a of b) { ⟦s += `${a},`⟧; ⟦s += '\\n'⟧; }",
            fixed: "",
            good: "s += 'a';\nfor (const a of b) { n += 1; c.push(`${a}`); }",
        },
    ],
};

fn pushed<'t>(visit: &mut Visit<'t, '_>, node: Node<'t>) {
    let Some(call) = visit.method_call(node).filter(|call| call.name == "push_str") else { return };
    let Some(made) = sole_argument(visit.language(), call.arguments) else { return };
    built(visit, node, call.receiver, made);
}

fn added(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if visit.field(node, Field::Operator) == "+="
        && let (Some(to), Some(made)) = (visit.child(node, Field::Left), visit.child(node, Field::Right))
    {
        built(visit, node, to, made);
    }
}

/// `to` is given the string of `made`, if that is `&format!(...)`.
fn built(visit: &mut Visit<'_, '_>, node: Node<'_>, to: Node<'_>, made: Node<'_>) {
    let format = visit.child(made, Field::Value).filter(|value| value.kind() == "macro_invocation");
    let Some(format) = format.filter(|format| {
        made.kind() == "reference_expression" && visit.field(*format, Field::Macro) == "format"
    }) else {
        return;
    };
    if visit.repeated_by(node).is_none() || visit.in_test() {
        return;
    }
    let message = "a string is made on every pass of the loop to be copied into another";
    let Some(edit) = written(visit, node, to, format) else {
        visit.report(Span::of(node), message);
        return;
    };
    // `write!` needs the trait in scope.
    let imported = Fact::new(Topic::Import, "std::fmt::Write");
    visit.report(Span::of(node), message).fix("Write into the string", vec![edit]);
    visit.only_if(imported);
    visit.report(Span::of(node), message);
    visit.unless(imported);
}

/// `let _ = write!(to, ...)`, where `to` is a `String` for sure and what is written does not read it.
fn written(visit: &Visit<'_, '_>, node: Node<'_>, to: Node<'_>, format: Node<'_>) -> Option<TextEdit> {
    let name = visit.text(to);
    let tokens = format.named_child(1).filter(|tokens| tokens.kind() == "token_tree")?;
    let inner = visit.text(tokens);
    let inner = inner.get(1..inner.len().checked_sub(1)?)?;
    // As a value of a block it has the type `()`, as `let` it would have none.
    let is_statement = visit
        .parent()
        .is_some_and(|parent| parent.kind() == "expression_statement" && visit.text(parent).ends_with(';'));
    let is_plain = to.kind() == "identifier" && is_statement && !visit.in_module();
    if !is_plain || mentions(inner, name) || !inner.starts_with('"') || !is_string(visit, name) {
        return None;
    }
    Some(TextEdit::replace(Span::of(node), format!("let _ = write!({name}, {inner})")))
}

/// Whether a name is bound once in the function, to a `String`.
fn is_string(visit: &Visit<'_, '_>, name: &str) -> bool {
    let Some(function) = visit.ancestors().find(|outer| outer.kind() == "function_item") else {
        return false;
    };
    let (mut strings, mut others) = (0, 0);
    let outcome = visit.search(function, |at| {
        let bound = match at.kind() {
            "let_declaration" | "parameter" | "for_expression" | "let_condition" => {
                visit.child(at, Field::Pattern)
            }
            "match_pattern" | "closure_parameters" => Some(at),
            _ => None,
        };
        if bound.is_some_and(|bound| mentions(visit.text(bound), name)) {
            let is_string = match at.kind() {
                "parameter" => matches!(visit.field(at, Field::Type), "&mut String" | "String"),
                "let_declaration" => {
                    let value = visit.field(at, Field::Value);
                    visit.field(at, Field::Type) == "String"
                        || ["String::new()", "String::with_capacity(", "String::from(", "format!("]
                            .iter()
                            .any(|start| value.starts_with(start) && !value.contains(")."))
                }
                _ => false,
            };
            *(if is_string { &mut strings } else { &mut others }) += 1;
        }
        Step::Into
    });
    outcome == Outcome::Nowhere && strings == 1 && others == 0
}

fn script(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let is_string = visit
        .child(node, Field::Right)
        .is_some_and(|right| matches!(right.kind(), "string" | "template_string"));
    if is_string
        && visit.field(node, Field::Operator) == "+="
        && visit.repeated_by(node).is_some()
        && !visit.in_test()
    {
        visit.report(
            Span::of(node),
            "a string grows on every pass of the loop: collect the parts and join them",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::findings;

    use super::*;

    #[test]
    fn it_is_only_written_where_that_does_the_same() {
        let of = |before: &str, statement: &str| {
            let text = format!(
                "{before}fn f(n: &mut String) {{ let mut s = String::new(); let t = g(); for a in b {{ {statement} }} }}"
            );
            let found = findings(RULE.id, Language::Rust, &text);
            assert_eq!(found.len(), 1, "{text}");
            found[0].fixes.len()
        };
        let import = "use std::fmt::{self, Write};\n";
        assert_eq!(of(import, "s.push_str(&format!(\"{a}\"));"), 1);
        assert_eq!(of(import, "n.push_str(&format!(\"{a}\"));"), 1);
        assert_eq!(of("", "s.push_str(&format!(\"{a}\"));"), 0, "not in scope");
        assert_eq!(of("mod m { use std::fmt::Write; }\n", "s.push_str(&format!(\"{a}\"));"), 0);
        assert_eq!(of(import, "t.push_str(&format!(\"{a}\"));"), 0, "of another type");
        assert_eq!(of(import, "s.push_str(&format!(\"{s}\"));"), 0, "it reads itself");
        assert_eq!(of(import, "s.push_str(/* a */ &format!(\"{a}\"));"), 0, "a comment");
        assert_eq!(of(import, "s.push_str(&format!(\"{a}\"))"), 0, "a value");
    }
}
