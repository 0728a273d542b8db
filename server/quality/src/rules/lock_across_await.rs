//! `lock-across-await`: a lock that is held while others run.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

mod guard_flow;

use self::guard_flow::{Flow, GuardFlow};
use crate::TextEdit;
use crate::calls::{MethodCall, method_call};
use crate::facts::{Fact, Topic};
use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::search::mentions;
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
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["let_declaration"], visit },
        NodeCheck { languages: &[Language::Rust], kinds: &["call_expression"], visit: temporary },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "async fn f() {\n    let ⟦mut a⟧ = m.lock().unwrap();\n    a.push(1);\n    g().await;\n}\nfn h() { async { let ⟦a⟧ = m.read().expect(\"\"); g(*a).await } }",
            fixed: "",
            good: "async fn f() { let a = m.lock().unwrap(); drop(a); g().await; }\nasync fn h() { let a = m.lock().await; g().await; }\nasync fn i() { let a = m.lock().unwrap().len(); g().await; }\nasync fn j() { { let a = m.lock().unwrap(); } g().await; }\nasync fn k() { let a = m.lock().unwrap(); spawn(async { g().await }); }",
        },
        Example {
            language: Language::Rust,
            bad: "async fn f() { if let Some(x) = ⟦m.lock().unwrap()⟧.take() { g(x).await } }\nasync fn h() { g(*⟦m.lock().unwrap()⟧).await }\nasync fn i() { let Ok(⟦x⟧) = m.lock() else { return }; g(*x).await; }\nasync fn j() { match ⟦m.lock().unwrap()⟧.len() { 0 => g().await, _ => {} } }\nasync fn k() { if let Ok(x) = ⟦m.lock()⟧ { g(*x).await; } }\nasync fn l() { let ⟦a⟧ = m.lock().unwrap(); if b { drop(a); } g().await; }",
            fixed: "",
            good: "async fn f() { let x = m.lock().unwrap().take(); g(x).await }\nasync fn h() { if m.lock().unwrap().is_empty() { g().await } }\nasync fn i() { if let Some(x) = m.lock().await.take() { g(x).await } }\nasync fn j() { let a = m.lock().unwrap(); if b { drop(a); g().await } else { drop(a) } g().await; }\nasync fn k() { m.lock().unwrap().push(1); g().await }\nasync fn l() { let a = m.lock(); g().await }",
        },
        Example {
            language: Language::Rust,
            bad: "use parking_lot::{Mutex, MutexGuard};\nasync fn f(m: &Mutex<u8>) { let ⟦a⟧ = m.lock(); g().await; }",
            fixed: "",
            good: "use tokio::sync::Mutex;\nasync fn f() { let a = m.lock(); g().await; }",
        },
    ],
};

/// How many statements behind the lock are looked at.
const STATEMENTS_SEEN: usize = 32;
/// How much text behind the lock is searched for an `.await`, and for the guard's name.
const BYTES_SEEN: u32 = 1 << 14;

/// What hands out a guard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    /// A `Result` that was unwrapped: of `std::sync`.
    Unwrapped,
    /// A `Result` with the guard, or the guard itself.
    Bare,
}

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some((lock, value)) =
        visit.child(node, Field::Value).and_then(|value| Some((lock_of(visit, value)?, value)))
    else {
        return;
    };
    let Some(bound) = visit.child(node, Field::Pattern) else { return };
    let has_else = visit.child(node, Field::Alternative).is_some();
    let (pattern, needs_import) = match lock {
        Lock::Unwrapped => (Some(bound), false),
        Lock::Bare if has_else => (unwrapped_name(visit, bound), false),
        // `parking_lot` hands out its guards as they are.
        Lock::Bare => (Some(bound), true),
    };
    let Some(pattern) = pattern.filter(|pattern| pattern.kind() == "identifier") else { return };
    // Without a parent it is an item, and what follows is not seen.
    if visit.parent().is_none() || !visit.in_async() || visit.in_test() || (needs_import && visit.in_module())
    {
        return;
    }
    let end = node.end_byte() as u32;
    let block_end = visit.parent().map_or(end, |block| block.end_byte() as u32);
    if !has_await(visit.slice(Span::new(end, block_end))) {
        return;
    }
    let name = visit.text(pattern);
    let mut next = node.next_named_sibling();
    let mut waits = None;
    for _ in 0..STATEMENTS_SEEN {
        let Some(statement) = next.filter(|_| waits.is_none()) else { break };
        match GuardFlow::new(visit, Some(name)).through(statement) {
            Flow::Held => next = statement.next_named_sibling(),
            Flow::Waits(_) => waits = Some(statement),
            Flow::Given | Flow::Left => return,
        }
    }
    let Some(waits) = waits else { return };
    report(visit, node, pattern, waits);
    let method = method_call(visit, value).filter(|_| needs_import);
    if let Some(method) = method {
        let kind = if method.name == "lock" { "parking_lot::Mutex" } else { "parking_lot::RwLock" };
        visit.only_if(Fact::new(Topic::Import, kind));
    }
}

/// A guard that nothing is bound to lives to the end of its statement; one that `if let` and `match` look into, as long
/// as they do.
fn temporary(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(lock) = lock_of(visit, node) else { return };
    if !visit.in_async() || visit.in_test() {
        return;
    }
    let (mut inner, mut waits, mut whole) = (node, false, None);
    // The name the guard is bound to, when a pattern takes it out of its `Result`.
    let mut name = None;
    for outer in visit.ancestors() {
        match outer.kind() {
            "let_declaration" if visit.child(outer, Field::Value) == Some(node) => return,
            "let_condition" if inner == node && lock == Lock::Bare => {
                let bound = visit.child(outer, Field::Pattern).and_then(|bound| unwrapped_name(visit, bound));
                let Some(bound) = bound else { return };
                name = Some(visit.text(bound));
            }
            "await_expression" => waits = true,
            // What is decided by is let go before what is decided, but for patterns.
            "if_expression" | "while_expression" if visit.child(outer, Field::Condition) == Some(inner) => {
                if !matches!(inner.kind(), "let_condition" | "let_chain") {
                    break;
                }
                whole = visit.child(
                    outer,
                    if outer.kind() == "if_expression" { Field::Consequence } else { Field::Body },
                );
                break;
            }
            "match_expression" | "for_expression" if visit.child(outer, Field::Value) == Some(inner) => {
                whole = visit.child(outer, Field::Body);
                break;
            }
            "match_arm" | "closure_expression" | "async_block" | "function_item" | "block"
            | "macro_invocation" => break,
            "expression_statement" | "let_declaration" => break,
            _ => {}
        }
        inner = outer;
    }
    // A bare lock is known to be one only where a pattern takes the guard out of it.
    if lock == Lock::Bare && name.is_none() {
        return;
    }
    let held = whole.is_some_and(|whole| {
        has_await(visit.text(whole)) && matches!(GuardFlow::new(visit, name).in_order(whole), Flow::Waits(_))
    });
    if waits || held {
        visit.report(
            Span::of(node),
            "this lock is held across an `.await`: what it is asked for is let go only behind",
        );
    }
}

fn has_await(text: &str) -> bool {
    text.as_bytes()[..text.len().min(BYTES_SEEN as usize)].windows(6).any(|word| word == b".await")
}

/// The name in `Ok(name)`.
fn unwrapped_name<'n>(visit: &Visit<'_, '_>, pattern: Node<'n>) -> Option<Node<'n>> {
    let kind = pattern.child_by_field_name("type").filter(|_| pattern.kind() == "tuple_struct_pattern")?;
    let last = pattern.named_child(pattern.named_child_count().checked_sub(1)? as u32)?;
    let name = if last.kind() == "mut_pattern" {
        last.named_child(1).or_else(|| last.named_child(0))?
    } else {
        last
    };
    (visit.text(kind) == "Ok" && name.kind() == "identifier").then_some(name)
}

/// Whether a value is `x.lock().unwrap()` or another that hands out the guard of a lock that blocks.
fn lock_of(visit: &Visit<'_, '_>, value: Node<'_>) -> Option<Lock> {
    let call = method_call(visit, value)?;
    let is_lock = |call: MethodCall<'_, '_>| {
        matches!(call.name, "lock" | "read" | "write") && call.arguments.named_child_count() == 0
    };
    if matches!(call.name, "unwrap" | "expect" | "unwrap_or_else") {
        return method_call(visit, call.receiver).filter(|lock| is_lock(*lock)).map(|_| Lock::Unwrapped);
    }
    is_lock(call).then_some(Lock::Bare)
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
            "async fn f() { let a = m.lock().unwrap(); if b { drop(a); return } drop(a); g().await; }",
            "async fn f() { let a = m.lock().unwrap(); g(a).await; }",
            "fn f() { let a = m.lock().unwrap(); g(async { b().await }); }",
        ] {
            assert!(findings(RULE.id, Language::Rust, text).is_empty(), "{text}");
        }
    }
}
