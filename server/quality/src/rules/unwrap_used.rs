//! `unwrap-used`: a failure that becomes a panic.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::calls::{self, MethodCall};
use crate::kinds::Field;
use crate::macro_tokens::method_calls;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::search::{Outcome, Step};
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

/// Methods that return an `Option` wherever std, and crates that follow it, use the name.
const RETURN_OPTION: [&str; 68] = [
    "None",
    "Some",
    "as_array",
    "as_bool",
    "as_i64",
    "as_object",
    "as_str",
    "as_u64",
    "back",
    "chars",
    "checked_add",
    "checked_div",
    "checked_mul",
    "checked_neg",
    "checked_pow",
    "checked_rem",
    "checked_sub",
    "cloned",
    "copied",
    "err",
    "extension",
    "file_name",
    "file_stem",
    "filter",
    "find",
    "find_map",
    "first",
    "first_mut",
    "from_digit",
    "from_u32",
    "front",
    "get",
    "get_many",
    "get_mut",
    "get_one",
    "home_dir",
    "last",
    "last_mut",
    "max",
    "max_by",
    "max_by_key",
    "min",
    "min_by",
    "min_by_key",
    "next",
    "next_back",
    "nth",
    "ok",
    "parent",
    "peek",
    "peek_mut",
    "pop",
    "pop_back",
    "pop_front",
    "position",
    "reduce",
    "rfind",
    "rposition",
    "rsplit_once",
    "split_first",
    "split_last",
    "split_once",
    "strip_prefix",
    "strip_suffix",
    "take",
    "to_digit",
    "to_str",
    "upgrade",
];
/// Methods that return a `Result`.
const RETURN_RESULT: [&str; 55] = [
    "Err",
    "Ok",
    "accept",
    "bind",
    "canonicalize",
    "connect",
    "context",
    "create",
    "current_dir",
    "exec",
    "flush",
    "from_reader",
    "from_str",
    "from_utf8",
    "from_value",
    "into_string",
    "join",
    "lock",
    "map_err",
    "metadata",
    "ok_or",
    "ok_or_else",
    "open",
    "output",
    "parse",
    "read",
    "read_dir",
    "read_line",
    "read_to_end",
    "read_to_string",
    "recv",
    "recv_timeout",
    "seek",
    "send",
    "set_current_dir",
    "set_len",
    "spawn",
    "status",
    "sync_all",
    "to_string_pretty",
    "to_value",
    "to_writer",
    "try_borrow",
    "try_borrow_mut",
    "try_from",
    "try_into",
    "try_lock",
    "try_recv",
    "var",
    "wait",
    "with_context",
    "write",
    "write_all",
    "write_fmt",
    "write_str",
];
/// Methods that return what they are called on, with something else inside.
const RETURN_SAME: [&str; 7] = ["and_then", "as_mut", "as_ref", "inspect", "map", "or", "or_else"];
/// How far a chain of [`RETURN_SAME`] is followed.
const CALLS_SEEN: usize = 16;

/// Whether `?` would leave the innermost function with the failure: it says that it returns `Result` or
/// `Option`, and the value is not known to be the other of them. What it is only the compiler knows for sure, so
/// the fix is a suggestion.
fn returns_failure(visit: &Visit<'_, '_>, value: Node<'_>) -> bool {
    let mut scopes = visit
        .ancestors()
        .filter(|n| matches!(n.kind(), "function_item" | "closure_expression" | "async_block"));
    let Some(function) = scopes.next().filter(|scope| scope.kind() == "function_item") else { return false };
    let returned = visit.field(function, Field::ReturnType).split('<').next().unwrap_or("");
    if value.kind() == "identifier"
        && let Some(declared) = declared_as(visit, function, visit.text(value))
    {
        return match declared.split('<').next().unwrap_or("") {
            kind if kind.ends_with("Result") => returned.ends_with("Result"),
            kind if kind.ends_with("Option") => returned.ends_with("Option"),
            _ => false,
        };
    }
    let mut method = called_name(visit, value);
    let mut at = value;
    for _ in 0..CALLS_SEEN {
        let Some(call) = calls::method_call(visit, at).filter(|_| RETURN_SAME.contains(&method)) else {
            break;
        };
        at = call.receiver;
        method = called_name(visit, at);
    }
    if returned.ends_with("Result") {
        !RETURN_OPTION.contains(&method)
    } else {
        returned.ends_with("Option") && !RETURN_RESULT.contains(&method)
    }
}

/// The type a function's parameter or variable is declared with, if it is.
fn declared_as<'t>(visit: &Visit<'t, '_>, function: Node<'_>, name: &str) -> Option<&'t str> {
    let declared = visit.search(function, |at| {
        let is_it = matches!(at.kind(), "parameter" | "let_declaration")
            && visit.field(at, Field::Pattern) == name
            && visit.child(at, Field::Type).is_some();
        if is_it { Step::Stop } else { Step::Into }
    });
    match declared {
        Outcome::At(declaration) => Some(visit.field(declaration, Field::Type)),
        Outcome::Nowhere | Outcome::TooLarge => None,
    }
}

/// The name of the function or method a value is the result of.
fn called_name<'t>(visit: &Visit<'t, '_>, value: Node<'_>) -> &'t str {
    if let Some(call) = calls::method_call(visit, value) {
        return call.name;
    }
    let mut called = visit.child(value, Field::Function);
    if let Some(generic) = called.filter(|called| called.kind() == "generic_function") {
        called = visit.child(generic, Field::Function);
    }
    match called {
        Some(path) if path.kind() == "scoped_identifier" => visit.field(path, Field::Name),
        Some(name) if name.kind() == "identifier" => visit.text(name),
        _ => "",
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
            "fn f() -> Result<u8> { a.get(b).map(c).unwrap() }",
            "fn f() -> Result<u8, E> { Some(1).unwrap() }",
            "fn f(a: Option<u8>) -> Result<u8, E> { a.unwrap() }",
            "fn f() -> Option<u8> { let a: Result<u8, E> = b; a.unwrap() }",
            "fn f() -> Option<u8> { a.map_err(b).and_then(c).unwrap() }",
        ] {
            assert!(findings(RULE.id, Language::Rust, text)[0].fixes.is_empty(), "{text}");
        }
    }
}
