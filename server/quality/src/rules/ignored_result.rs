//! `ignored-result`: a failure that nobody looks at.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::calls::method_call;
use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "ignored-result",
    dimension: Dimension::ErrorHandling,
    level: Level::On(Severity::Information),
    languages: &[Language::Rust],
    flags: "`let _ = call();` and `call().ok();`",
    why: "If the call fails nobody will know. Where that is meant, a comment says why.",
    reference: Reference {
        name: "CWE-252: Unchecked Return Value",
        url: "https://cwe.mitre.org/data/definitions/252.html",
    },
    options: &[RuleOption {
        name: "formatting",
        default: 0,
        describes: "1 to flag `let _ = write!(...)` too, 0 not to: writing into a string does not fail",
    }],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["let_declaration"], visit: bound },
        NodeCheck { languages: &[Language::Rust], kinds: &["expression_statement"], visit: dropped },
    ]),
    examples: &[Example {
        language: Language::Rust,
        bad: "fn f() { ⟦let _ = a.send(b);⟧ ⟦c().ok();⟧ ⟦let _ = d().await;⟧ }",
        fixed: "",
        good: "fn f() { let _ = a; let _b = c(); let d = e().ok(); f()?; let _ = write!(s, \"\"); write!(s, \"\").ok(); }\nfn h() {\n    // The receiver may be gone.\n    let _ = a.send(b);\n    let _ = a.send(b); // so may this one\n    let _ = c.join().unwrap();\n    let _ = c.len();\n    let _: u32 = c.as_u32();\n    let _ = Box::new(1);\n}",
    }],
};

fn bound(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if visit.field(node, Field::Pattern) != "_" {
        return;
    }
    let Some(value) = visit.child(node, Field::Value) else { return };
    let is_call = value.kind() == "call_expression"
        || (value.kind() == "await_expression"
            && value.named_child(0).is_some_and(|awaited| awaited.kind() == "call_expression"));
    let is_writing = || {
        value.kind() == "macro_invocation"
            && matches!(visit.field(value, Field::Macro), "write" | "writeln")
            && visit.option("formatting") > 0
    };
    let is_other = is_call && !may_fail(visit, value);
    let declared = visit.field(node, Field::Type);
    let is_typed = !declared.is_empty() && !declared.contains("Result");
    let is_meant = is_other || is_typed || is_explained(node);
    if (is_call || is_writing()) && !is_meant && !visit.in_test() {
        visit.report(Span::of(node), "if this call fails nobody will know");
    }
}

fn dropped(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(call) = node.named_child(0).and_then(|call| method_call(visit, call)) else { return };
    let is_statement = visit.text(node).ends_with(';') && !is_explained(node);
    let writes = call.receiver.kind() == "macro_invocation"
        && matches!(visit.field(call.receiver, Field::Macro), "write" | "writeln");
    if writes && visit.option("formatting") == 0 {
        return;
    }
    if is_statement && call.name == "ok" && call.arguments.named_child_count() == 0 && !visit.in_test() {
        visit.report(Span::of(node), "if this call fails nobody will know");
    }
}

/// Whether a call may have failed: it is none whose name says that it hands out something else.
fn may_fail(visit: &Visit<'_, '_>, value: Node<'_>) -> bool {
    if let Some(call) = method_call(visit, value) {
        let is_value = ["is_", "as_", "unwrap", "expect"].iter().any(|start| call.name.starts_with(start));
        return !is_value && !VALUES.contains(&call.name);
    }
    let called = visit.field(value, Field::Function);
    let (owner, name) = called.rsplit_once("::").unwrap_or(("", called));
    let is_type = owner.rsplit("::").next().unwrap_or("").starts_with(|c: char| c.is_ascii_uppercase());
    let makes = is_type && matches!(name, "new" | "default" | "from" | "with_capacity" | "clone");
    // `Some(a)`, `Wrapper(a)`.
    let wraps = name.starts_with(|c: char| c.is_ascii_uppercase()) && name != "Err";
    !makes && !wraps
}

/// Methods that hand out a value, or what was there before.
const VALUES: [&str; 24] = [
    "clone",
    "cloned",
    "copied",
    "count",
    "entry",
    "fetch_add",
    "fetch_sub",
    "first",
    "get",
    "get_mut",
    "insert",
    "into_iter",
    "iter",
    "last",
    "len",
    "max",
    "min",
    "pop",
    "remove",
    "replace",
    "swap",
    "take",
    "to_owned",
    "to_string",
];

/// Whether a comment stands beside a statement, or right above it.
fn is_explained(statement: Node<'_>) -> bool {
    let is_comment = |node: &Node<'_>| matches!(node.kind(), "line_comment" | "block_comment");
    let (first, last) = (statement.start_position().row, statement.end_position().row);
    let above = statement.prev_named_sibling().filter(is_comment).is_some_and(|comment| {
        // What is behind the statement before is said of that one.
        let is_beside = comment
            .prev_named_sibling()
            .is_some_and(|other| other.end_position().row == comment.start_position().row);
        comment.start_position().row == first || (!is_beside && comment.end_position().row + 1 >= first)
    });
    above
        || statement
            .next_named_sibling()
            .filter(is_comment)
            .is_some_and(|comment| comment.start_position().row == last)
}
