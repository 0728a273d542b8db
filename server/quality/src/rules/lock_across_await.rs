//! `lock-across-await`: a lock that is held while others run.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::calls::method_call;
use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::search::{Outcome, Step, mentions};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "lock-across-await",
    dimension: Dimension::Performance,
    level: Level::On(Severity::Warning),
    languages: &[Language::Rust],
    flags: "a guard of `std::sync` that lives across an `.await`",
    why: "While the task waits the lock stays held: other tasks on the thread block on it, and if the one that would end the wait is among them they all stop for good.",
    reference: Reference {
        name: "Clippy await_holding_lock",
        url: "https://rust-lang.github.io/rust-clippy/master/#await_holding_lock",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck { languages: &[Language::Rust], kinds: &["let_declaration"], visit }]),
    examples: &[Example {
        language: Language::Rust,
        bad: "async fn f() {\n    let ⟦mut a⟧ = m.lock().unwrap();\n    a.push(1);\n    g().await;\n}\nfn h() { async { let ⟦a⟧ = m.read().expect(\"\"); g(*a).await } }",
        fixed: "",
        good: "async fn f() { let a = m.lock().unwrap(); drop(a); g().await; }\nasync fn h() { let a = m.lock().await; g().await; }\nasync fn i() { let a = m.lock().unwrap().len(); g().await; }\nasync fn j() { { let a = m.lock().unwrap(); } g().await; }\nasync fn k() { let a = m.lock().unwrap(); spawn(async { g().await }); }",
    }],
};

/// How many statements behind the lock are looked at.
const STATEMENTS_SEEN: usize = 32;
/// How much text behind the lock is searched for an `.await`, and for the guard's name.
const BYTES_SEEN: u32 = 1 << 14;

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if !visit.child(node, Field::Value).is_some_and(|value| is_guard(visit, value)) {
        return;
    }
    let Some(pattern) = visit.child(node, Field::Pattern).filter(|pattern| pattern.kind() == "identifier")
    else {
        return;
    };
    // Without a parent it is an item, and what follows is not seen.
    if visit.parent().is_none() || !visit.in_async() || visit.in_test() {
        return;
    }
    let end = node.end_byte() as u32;
    let block_end = visit.parent().map_or(end, |block| block.end_byte() as u32);
    let behind = visit.slice(Span::new(end, block_end));
    if !behind.as_bytes()[..behind.len().min(BYTES_SEEN as usize)].windows(6).any(|word| word == b".await") {
        return;
    }
    let name = visit.text(pattern);
    let mut next = node.next_named_sibling();
    for _ in 0..STATEMENTS_SEEN {
        let Some(statement) = next else { return };
        match visit.search(statement, |at| step(visit, at, name)) {
            Outcome::Nowhere => next = statement.next_named_sibling(),
            Outcome::At(at) if at.kind() == "await_expression" => {
                return report(visit, node, pattern, statement);
            }
            Outcome::At(_) | Outcome::TooLarge => return,
        }
    }
}

/// Whether a value is `x.lock().unwrap()` or another that hands out the guard of a lock that blocks.
fn is_guard(visit: &Visit<'_, '_>, value: Node<'_>) -> bool {
    let Some(unwrapped) = method_call(visit, value) else { return false };
    let is_unwrapped = matches!(unwrapped.name, "unwrap" | "expect" | "unwrap_or_else");
    is_unwrapped
        && method_call(visit, unwrapped.receiver).is_some_and(|lock| {
            matches!(lock.name, "lock" | "read" | "write") && lock.arguments.named_child_count() == 0
        })
}

/// Stops at an await, or where the guard is given away: dropped, or handed to a function.
fn step(visit: &Visit<'_, '_>, at: Node<'_>, name: &str) -> Step {
    match at.kind() {
        // What is written here runs elsewhere, if it runs.
        "closure_expression" | "async_block" | "function_item" | "macro_definition" => Step::Over,
        "await_expression" => {
            // Its operand comes first, and the guard may be given away in it.
            match at
                .named_child(0)
                .map(|operand| visit.search(operand, |inner| step_inside(visit, inner, name)))
            {
                Some(Outcome::At(inner)) if inner.kind() == "identifier" => Step::Into,
                _ => Step::Stop,
            }
        }
        "identifier" if is_given_away(visit, at, name) => Step::Stop,
        _ => Step::Into,
    }
}

fn step_inside(visit: &Visit<'_, '_>, at: Node<'_>, name: &str) -> Step {
    match at.kind() {
        "closure_expression" | "async_block" => Step::Over,
        "identifier" if is_given_away(visit, at, name) => Step::Stop,
        _ => Step::Into,
    }
}

/// Whether a node is the guard as a whole argument.
fn is_given_away(visit: &Visit<'_, '_>, at: Node<'_>, name: &str) -> bool {
    visit.text(at) == name && at.parent().is_some_and(|parent| parent.kind() == "arguments")
}

fn report(visit: &mut Visit<'_, '_>, node: Node<'_>, pattern: Node<'_>, waits: Node<'_>) {
    let name = visit.text(pattern);
    let last_use = is_unused_from(visit, waits, name);
    let edit = visit.margin(waits.start_byte() as u32).filter(|_| last_use).map(|blanks| {
        let line_break = line_break_before(visit, node, waits);
        TextEdit::insert(waits.start_byte() as u32, format!("drop({name});{line_break}{blanks}"))
    });
    let mutable = node.child(1).filter(|child| child.kind() == "mutable_specifier").unwrap_or(pattern);
    let span = Span::new(mutable.start_byte() as u32, pattern.end_byte() as u32);
    let finding = visit.report(span, format!("the lock `{name}` is held across an `.await`"));
    if let Some(edit) = edit {
        finding.suggest("Drop the guard before the `.await`", vec![edit]);
    }
}

/// Whether a statement and those behind it do without a name.
fn is_unused_from(visit: &Visit<'_, '_>, statement: Node<'_>, name: &str) -> bool {
    let block = visit.parent().map_or(0, |block| block.end_byte());
    let behind = visit.slice(Span::new(statement.start_byte() as u32, block as u32));
    behind.len() < BYTES_SEEN as usize && !mentions(behind, name)
}

/// The line break the code between two nodes uses.
fn line_break_before(visit: &Visit<'_, '_>, from: Node<'_>, to: Node<'_>) -> &'static str {
    let between = visit.slice(Span::new(from.end_byte() as u32, to.start_byte() as u32));
    between.find(['\r', '\n']).map_or("\n", |at| visit.line_break_text(from.end_byte() as u32 + at as u32))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn a_guard_that_is_done_with_can_be_dropped_before() {
        let text =
            "async fn f() {\r\n    let a = m.lock().unwrap();\r\n    a.b();\r\n    g().await;\r\n}\r\n";
        let found = findings(RULE.id, Language::Rust, text);
        let fixed = apply(text, &found[0].fixes[0].edits);
        assert!(fixed.contains("    a.b();\r\n    drop(a);\r\n    g().await;\r\n"), "{fixed}");
        assert!(findings(RULE.id, Language::Rust, &fixed).is_empty());
        for text in [
            "async fn f() {\n    let a = m.lock().unwrap();\n    g(a.b).await;\n}",
            "async fn f() {\n    let a = m.lock().unwrap();\n    g().await;\n    a.b();\n}",
            "async fn f() { let a = m.lock().unwrap(); g().await; }",
        ] {
            let found = findings(RULE.id, Language::Rust, text);
            assert!(found.len() == 1 && found[0].fixes.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_guard_that_is_given_away_is_not_held() {
        for text in [
            "async fn f() { let a = m.lock().unwrap(); if b { drop(a); return } g().await; }",
            "async fn f() { let a = m.lock().unwrap(); g(a).await; }",
            "fn f() { let a = m.lock().unwrap(); g(async { b().await }); }",
        ] {
            assert!(findings(RULE.id, Language::Rust, text).is_empty(), "{text}");
        }
    }
}
