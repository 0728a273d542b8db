//! `panic-in-lib`: a library that stops its caller.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;
use crate::{FileRole, TextEdit};

pub(crate) const RULE: Rule = Rule {
    id: "panic-in-lib",
    dimension: Dimension::ErrorHandling,
    level: Level::On(Severity::Information),
    languages: &[Language::Rust],
    flags: "`panic!`, `unreachable!` and `assert!` in a `pub fn` of a library; a warning where it returns a `Result`",
    why: "Whoever calls it cannot handle the failure; a function that returns a `Result` has a better way to say it.",
    reference: Reference {
        name: "Clippy panic_in_result_fn",
        url: "https://rust-lang.github.io/rust-clippy/master/#panic_in_result_fn",
    },
    options: &[RuleOption {
        name: "private",
        default: 0,
        describes: "1 to flag `panic!` and `unreachable!` in every function outside tests, 0 only in `pub` ones",
    }],
    check: Check::Nodes(&[NodeCheck { languages: &[Language::Rust], kinds: &["macro_invocation"], visit }]),
    examples: &[Example {
        language: Language::Rust,
        bad: "pub fn f() { ⟦panic!(\"a\")⟧; }\nimpl S { pub fn g(&self) -> Result<u8, E> { ⟦assert!(a)⟧; h(|| ⟦unreachable!()⟧) } }",
        fixed: "",
        good: "fn f() { panic!() }\npub(crate) fn g() { panic!() }\n#[cfg(test)]\nmod tests { pub fn h() { panic!() } }\npub fn i() { debug_assert!(a); }",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let name = visit.field(node, Field::Macro).rsplit("::").next().unwrap_or("");
    let is_panic = matches!(name, "panic" | "unreachable");
    if !is_panic && !matches!(name, "assert" | "assert_eq" | "assert_ne") {
        return;
    }
    let Some(function) = visit.ancestors().find(|outer| outer.kind() == "function_item") else { return };
    let is_public = visit.role() == FileRole::Library
        && function
            .named_child(0)
            .is_some_and(|first| first.kind() == "visibility_modifier" && visit.text(first) == "pub");
    if !(is_public || (is_panic && visit.option("private") > 0)) || visit.in_test() {
        return;
    }
    let returned = visit.field(function, Field::ReturnType);
    let is_result = returned.split('<').next().is_some_and(|name| name.ends_with("Result"));
    let edit = is_panic.then(|| returned_failure(visit, node, function, returned)).flatten();
    let finding = visit.report(Span::of(node), format!("`{name}!` stops whoever calls this"));
    if is_result {
        finding.escalate(Severity::Warning);
    }
    if let Some(edit) = edit {
        finding.suggest("Return the failure", vec![edit]);
    }
}

/// `return Err(...)` with what the panic says, where the function's error can be made of a text.
fn returned_failure(
    visit: &Visit<'_, '_>,
    node: Node<'_>,
    function: Node<'_>,
    returned: &str,
) -> Option<TextEdit> {
    let mut scopes = visit
        .ancestors()
        .filter(|n| matches!(n.kind(), "function_item" | "closure_expression" | "async_block"));
    let tokens = node.named_child(1).filter(|tokens| tokens.kind() == "token_tree")?;
    let inner = visit.text(tokens);
    let inner = inner.get(1..inner.len().checked_sub(1)?)?;
    // The macro is an expression of type `!`, which stands anywhere, and so does `return`.
    if scopes.next() != Some(function) || !inner.starts_with('"') || inner.contains(['\n', '\r']) {
        return None;
    }
    let error = returned.strip_suffix('>')?.rsplit(", ").next()?.trim();
    let has_error = returned.starts_with("Result<") || returned.contains("::Result<");
    let failure = match error {
        "String" if has_error => format!("return Err(format!({inner}))"),
        _ if has_error && error.starts_with("Box<dyn ") && error.contains("Error") => {
            format!("return Err(format!({inner}).into())")
        }
        _ => return None,
    };
    Some(TextEdit::replace(Span::of(node), failure))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn a_failure_that_is_a_text_can_be_returned() {
        for (error, expected) in [
            ("String", "return Err(format!(\"no {a}\"));"),
            ("Box<dyn std::error::Error>", "return Err(format!(\"no {a}\").into());"),
        ] {
            let text = format!("pub fn f() -> Result<u8, {error}> {{ panic!(\"no {{a}}\"); }}");
            let found = findings(RULE.id, Language::Rust, &text);
            assert_eq!(found[0].severity, Severity::Warning);
            assert!(apply(&text, &found[0].fixes[0].edits).contains(expected));
        }
        for text in [
            "pub fn f() -> Result<u8, E> { panic!(\"a\") }",
            "pub fn f() -> Result<u8, String> { g(|| panic!(\"a\")) }",
            "pub fn f() -> u8 { panic!(\"a\") }",
        ] {
            assert!(findings(RULE.id, Language::Rust, text)[0].fixes.is_empty(), "{text}");
        }
    }
}
