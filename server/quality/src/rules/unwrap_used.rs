//! `unwrap-used`: a failure that becomes a panic.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::calls::MethodCall;
use crate::kinds::Field;
use crate::macro_tokens::method_calls;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;
use crate::{FileRole, TextEdit};

pub(crate) const RULE: Rule = Rule {
    id: "unwrap-used",
    dimension: Dimension::ErrorHandling,
    level: Level::On(Severity::Warning),
    languages: &[Language::Rust],
    flags: "`.unwrap()` and `.unwrap_err()` outside tests, also in macro arguments",
    why: "The error is lost and the program stops. In a program's entry, build scripts and examples it is only worth knowing.",
    reference: Reference {
        name: "Clippy unwrap_used",
        url: "https://rust-lang.github.io/rust-clippy/master/#unwrap_used",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["call_expression"], visit: call },
        NodeCheck { languages: &[Language::Rust], kinds: &["macro_invocation"], visit: macro_call },
    ]),
    examples: &[Example {
        language: Language::Rust,
        bad: "fn f() { a.b().⟦unwrap()⟧; println!(\"{}\", c.⟦unwrap()⟧); }",
        fixed: "",
        good: "fn f() { a.unwrap_or(1); unwrap(); }\n#[cfg(test)]\nmod t { fn g() { a.unwrap(); } }\n#[test]\nfn h() { a.unwrap() }\nfn k() { #[cfg(test)] fn l() { a.unwrap() } }",
    }],
};

fn call<'t>(visit: &mut Visit<'t, '_>, node: Node<'t>) {
    let Some(call) = visit.method_call(node) else { return };
    let no_arguments = call.arguments.named_child_count() == 0;
    if !matches!(call.name, "unwrap" | "unwrap_err") || !no_arguments || visit.in_test() {
        return;
    }
    let span = Span::new(call.name_node.start_byte() as u32, node.end_byte() as u32);
    let edit = propagated(visit, node, call);
    let finding = report(visit, span, call.name);
    if let Some(edit) = edit {
        finding.suggest("Return the failure with `?`", vec![edit]);
    }
}

/// `.unwrap()` among a macro's tokens, which are no expressions to the grammar.
fn macro_call(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    for (name, tokens) in method_calls(visit, node, "unwrap") {
        if visit.text(tokens) == "()" && !visit.in_test() {
            report(visit, Span::new(name.start_byte() as u32, tokens.end_byte() as u32), "unwrap");
        }
    }
}

/// The edit that puts `?` in the place of `.unwrap()` or `.expect(...)`, where the function can return the failure.
pub(super) fn propagated(
    visit: &Visit<'_, '_>,
    node: Node<'_>,
    call: MethodCall<'_, '_>,
) -> Option<TextEdit> {
    let replaced = Span::new(call.receiver.end_byte() as u32, node.end_byte() as u32);
    let is_propagated = matches!(call.name, "unwrap" | "expect") && returns_failure(visit, call.receiver);
    is_propagated.then(|| TextEdit::replace(replaced, "?"))
}

fn report<'f>(visit: &'f mut Visit<'_, '_>, span: Span, name: &str) -> &'f mut crate::Finding {
    let role = visit.role();
    let finding = visit.report(span, format!("`.{name}()` panics when there is no such value"));
    if role == FileRole::Program {
        finding.at_most(Severity::Information);
    }
    finding
}

/// Methods of std that return an `Option`.
const RETURN_OPTION: [&str; 24] = [
    "as_mut",
    "as_ref",
    "chars",
    "checked_add",
    "checked_div",
    "checked_mul",
    "checked_sub",
    "file_name",
    "find",
    "first",
    "get",
    "get_mut",
    "last",
    "max",
    "min",
    "next",
    "next_back",
    "nth",
    "parent",
    "pop",
    "rfind",
    "rsplit_once",
    "split_once",
    "strip_prefix",
];
/// Methods of std that return a `Result`.
const RETURN_RESULT: [&str; 18] = [
    "canonicalize",
    "flush",
    "join",
    "lock",
    "metadata",
    "open",
    "parse",
    "read",
    "read_line",
    "read_to_end",
    "read_to_string",
    "recv",
    "send",
    "spawn",
    "try_into",
    "wait",
    "write",
    "write_all",
];

/// Whether `?` would leave the innermost function with the failure: it says that it returns `Result` or
/// `Option`, and the value is not known to be the other of them. What it is only the compiler knows for sure, so
/// the fix is a suggestion.
fn returns_failure(visit: &Visit<'_, '_>, value: Node<'_>) -> bool {
    let mut scopes = visit
        .ancestors()
        .filter(|n| matches!(n.kind(), "function_item" | "closure_expression" | "async_block"));
    let Some(function) = scopes.next().filter(|scope| scope.kind() == "function_item") else { return false };
    let returned = visit.field(function, Field::ReturnType).split('<').next().unwrap_or("");
    let called = visit.child(value, Field::Function).map_or("", |called| visit.text(called));
    let method = called.split("::<").next().unwrap_or("").rsplit(['.', ':']).next().unwrap_or("");
    if returned.ends_with("Result") {
        !RETURN_OPTION.contains(&method)
    } else {
        returned.ends_with("Option") && !RETURN_RESULT.contains(&method)
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn the_failure_is_returned_where_the_function_can() {
        let text = "fn f() -> io::Result<u8> { a\n  .b()\n  .unwrap() + c }";
        let found = findings(RULE.id, Language::Rust, text);
        assert_eq!(apply(text, &found[0].fixes[0].edits), "fn f() -> io::Result<u8> { a\n  .b()? + c }");
        for text in [
            "fn f() -> u8 { a.unwrap() }",
            "fn f() -> Option<u8> { x(|| a.unwrap()) }",
            "fn f() -> Result<u8> { a.split_once(1).unwrap() }",
            "fn f() -> Option<u8> { a.parse::<u8>().unwrap() }",
        ] {
            assert!(findings(RULE.id, Language::Rust, text)[0].fixes.is_empty(), "{text}");
        }
    }
}
