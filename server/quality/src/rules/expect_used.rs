//! `expect-used`: a failure that becomes a panic with a reason.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use super::unwrap_used::propagated;
use crate::calls::sole_argument;
use crate::kinds::Field;
use crate::macro_tokens::method_calls;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "expect-used",
    dimension: Dimension::ErrorHandling,
    level: Level::On(Severity::Hint),
    languages: &[Language::Rust],
    flags: "`.expect(\"...\")` and `.expect_err(\"...\")` outside tests, also in macro arguments",
    why: "The program stops. Unlike `unwrap` it says why, which is enough where failing means that the program itself is wrong.",
    reference: Reference {
        name: "Clippy expect_used",
        url: "https://rust-lang.github.io/rust-clippy/master/#expect_used",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["call_expression"], visit: call },
        NodeCheck { languages: &[Language::Rust], kinds: &["macro_invocation"], visit: macro_call },
    ]),
    examples: &[Example {
        language: Language::Rust,
        bad: "fn f() { a.b().⟦expect(\"c\")⟧; println!(\"{}\", d.⟦expect(\"e\")⟧); g.⟦expect(&format!(\"{h}\"))⟧; }",
        fixed: "",
        good: "fn f() { self.expect(Token::Comma); expect(\"a\"); }\n#[test]\nfn g() { a.expect(\"b\"); }",
    }],
};

fn call<'t>(visit: &mut Visit<'t, '_>, node: Node<'t>) {
    let Some(call) = visit.method_call(node).filter(|call| matches!(call.name, "expect" | "expect_err"))
    else {
        return;
    };
    let Some(argument) = sole_argument(visit.language(), call.arguments) else { return };
    if !is_message(visit, argument) || visit.in_test() {
        return;
    }
    let span = Span::new(call.name_node.start_byte() as u32, node.end_byte() as u32);
    let edit = propagated(visit, node, call);
    let finding = visit.report(span, message(call.name));
    if let Some(edit) = edit {
        finding.suggest("Return the failure with `?`", vec![edit]);
    }
}

fn macro_call(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    for (name, tokens) in method_calls(visit, node, "expect") {
        if visit.text(tokens).starts_with("(\"") && !visit.in_test() {
            visit.report(Span::new(name.start_byte() as u32, tokens.end_byte() as u32), message("expect"));
        }
    }
}

fn message(name: &str) -> String {
    format!("`.{name}(...)` panics when there is no such value")
}

/// Whether an argument is a text: parsers have methods of this name that take a token.
fn is_message(visit: &Visit<'_, '_>, argument: Node<'_>) -> bool {
    match argument.kind() {
        "string_literal" | "raw_string_literal" => true,
        "macro_invocation" => {
            matches!(visit.field(argument, Field::Macro), "format" | "concat" | "stringify")
        }
        "reference_expression" => {
            visit.child(argument, Field::Value).is_some_and(|value| value.kind() == "macro_invocation")
        }
        "identifier" => {
            let name = visit.text(argument);
            name.starts_with(char::is_uppercase) || matches!(name, "msg" | "message" | "reason")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn the_failure_is_returned_where_the_function_can() {
        let text = "fn f() -> Result<u8> { a.b().expect(\"c\") }";
        let found = findings(RULE.id, Language::Rust, text);
        assert_eq!(apply(text, &found[0].fixes[0].edits), "fn f() -> Result<u8> { a.b()? }");
        let text = "fn f() -> Result<u8> { a.b() // why\n.expect(\"c\") }";
        assert!(findings(RULE.id, Language::Rust, text)[0].fixes.is_empty(), "a comment");
    }
}
