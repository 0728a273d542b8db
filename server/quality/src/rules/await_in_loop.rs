//! `await-in-loop`: waiting for one after the other.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::kinds::{Field, Kind, Kinds};
use crate::layout::block_end;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, RuleOption, Severity};
use crate::search::{Outcome, Step, mentions};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "await-in-loop",
    dimension: Dimension::Performance,
    level: Level::On(Severity::Hint),
    languages: &Language::SCRIPTS,
    flags: "`await` in a loop that is not left early and does not wait on purpose",
    why: "Each pass waits for the one before it; what does not depend on it can be started at once and awaited together.",
    reference: Reference {
        name: "ESLint no-await-in-loop",
        url: "https://eslint.org/docs/latest/rules/no-await-in-loop",
    },
    options: &[RuleOption {
        name: "sequential",
        default: 0,
        describes: "1 to flag loops with `break`, `return`, `yield`, a pause or `Promise.all` in them too, 0 not to: they mean to go step by step",
    }],
    check: Check::Nodes(&[NodeCheck {
        languages: &Language::SCRIPTS,
        kinds: &["await_expression", "for_in_statement"],
        visit,
    }]),
    examples: &[Example {
        language: Language::TypeScript,
        bad: "async function f() { for (const a of b) { ⟦await g(a)⟧; } while (⟦await h()⟧) { ⟦for await (const c of d)⟧ {} } }",
        fixed: "",
        good: "async function f() { for (const a of await b()) {} for await (const c of d) { await c; } }\nasync function g() { for (const a of b) { if (await a) break; } for (;;) { await sleep(1); h(); } }\nasync function i() { for (const a of b) { c(async () => await a); } }\nasync function j() { for (const a of b) { c(await new Promise(r => setTimeout(r, 10))); } }\nasync function k() { let cursor; do { const page = await load(cursor); cursor = page.next; } while (cursor); }",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if node.kind() == "for_in_statement" && !is_for_await(node) {
        return;
    }
    let Some(repeated) = visit.repeated_by(node).filter(|outer| !is_for_await(*outer)) else { return };
    if visit.in_test() || (visit.option("sequential") == 0 && is_sequential(visit, repeated)) {
        return;
    }
    let edits = together(visit, node, repeated);
    let span = if node.kind() == "for_in_statement" {
        let end = visit.child(node, Field::Right).map_or(node.end_byte(), |right| right.end_byte() + 1);
        Span::new(node.start_byte() as u32, end as u32)
    } else {
        Span::of(node)
    };
    let finding = visit.report(span, "each pass of the loop waits for the one before it");
    if let Some(edits) = edits {
        finding.suggest("Wait for all of them together", edits);
    }
}

fn is_for_await(node: Node<'_>) -> bool {
    node.kind() == "for_in_statement" && node.children(&mut node.walk()).any(|child| child.kind() == "await")
}

/// Whether a loop means to go step by step: it is left early, yields, or pauses.
fn is_sequential(visit: &Visit<'_, '_>, repeated: Node<'_>) -> bool {
    let kinds = Kinds::of(visit.language());
    let outcome = visit.search(repeated, |at| match at.kind() {
        "break_statement" | "return_statement" | "yield_expression" => Step::Stop,
        "call_expression" if is_pause(visit.field(at, Field::Function)) => Step::Stop,
        "new_expression" if is_timer(visit, at) => Step::Stop,
        _ if kinds.get(at).is(Kind::FUNCTION) => Step::Over,
        _ => Step::Into,
    });
    outcome != Outcome::Nowhere || carries_result(visit, repeated)
}

/// `new Promise((resolve) => setTimeout(resolve, 10))`.
fn is_timer(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    let text = visit.text(node);
    let timers = ["setTimeout", "setInterval", "setImmediate", "requestAnimationFrame", "nextTick"];
    visit.field(node, Field::Constructor) == "Promise"
        && text.len() < 512
        && timers.iter().any(|timer| mentions(text, timer))
}

/// Whether a pass of a loop needs what the one before has waited for: `cursor = page.next`.
fn carries_result(visit: &Visit<'_, '_>, repeated: Node<'_>) -> bool {
    let Some(body) = visit.child(repeated, Field::Body) else { return true };
    // Names of what was waited for, and of what was made of it, in the order they are given.
    let mut names: Vec<&str> = Vec::new();
    let mut carried: Vec<&str> = Vec::new();
    let outcome = visit.search(body, |at| {
        let (to, from) = match at.kind() {
            "variable_declarator" => (Field::Name, Field::Value),
            "assignment_expression" | "augmented_assignment_expression" => (Field::Left, Field::Right),
            _ => return Step::Into,
        };
        let (Some(to), Some(value)) = (visit.child(at, to), visit.child(at, from)) else { return Step::Into };
        let text = visit.text(value);
        if mentions(text, "await") || names.iter().any(|name| mentions(text, name)) {
            let bound = words(visit.text(to));
            if at.kind() != "variable_declarator" {
                carried.extend(bound.clone());
            }
            names.extend(bound);
        }
        if names.len() > MAX_NAMES { Step::Stop } else { Step::Into }
    });
    if outcome != Outcome::Nowhere || carried.is_empty() {
        return outcome != Outcome::Nowhere;
    }
    let needs = |text: &str| carried.iter().any(|name| mentions(text, name));
    let condition =
        visit.child(repeated, Field::Condition).is_some_and(|condition| needs(visit.text(condition)));
    condition
        || visit.search(body, |at| {
            if at.kind() == "await_expression" && needs(visit.text(at)) { Step::Stop } else { Step::Into }
        }) != Outcome::Nowhere
}

/// How many names are followed.
const MAX_NAMES: usize = 64;

/// The names in a pattern, or the path that is assigned to.
fn words(pattern: &str) -> impl Iterator<Item = &str> + Clone {
    let parts = pattern.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '#')));
    parts.filter(|part| !part.is_empty() && *part != "this")
}

/// Whether a call pauses, or waits for a batch.
fn is_pause(called: &str) -> bool {
    if matches!(called, "Promise.all" | "Promise.allSettled" | "Promise.race" | "Promise.any") {
        return true;
    }
    let name = called.rsplit('.').next().unwrap_or("");
    ["sleep", "delay", "wait", "retry", "pause", "setTimeout", "backoff"]
        .iter()
        .any(|word| name.starts_with(word))
}

/// `await Promise.all(...)` of a loop that only awaits one call of each element.
fn together(visit: &Visit<'_, '_>, node: Node<'_>, repeated: Node<'_>) -> Option<Vec<TextEdit>> {
    if node.kind() != "await_expression" || repeated.kind() != "for_in_statement" {
        return None;
    }
    let body = visit.child(repeated, Field::Body).filter(|body| body.kind() == "statement_block")?;
    let (left, right) = (visit.child(repeated, Field::Left)?, visit.child(repeated, Field::Right)?);
    let statement = visit.parent().filter(|statement| statement.kind() == "expression_statement")?;
    let mut outer = visit.ancestors().skip(1);
    let is_only = outer.next() == Some(body) && is_alone(visit, body);
    let list = outer.nth(1);
    let in_list = list.is_none_or(|list| matches!(list.kind(), "statement_block" | "program"));
    let is_of = visit.field(repeated, Field::Operator) == "of"
        && repeated.child(2).is_some_and(|kind| kind.kind() == "const");
    let is_call = node.named_child(0).is_some_and(|awaited| awaited.kind() == "call_expression");
    // What it assigns another pass may read.
    let assigns = visit.search(statement, |at| match at.kind() {
        "assignment_expression" | "augmented_assignment_expression" | "update_expression" => Step::Stop,
        _ => Step::Into,
    });
    if !is_only || !in_list || !is_of || !is_call || assigns != Outcome::Nowhere {
        return None;
    }
    let head = Span::new(repeated.start_byte() as u32, body.start_byte() as u32);
    let (each, all) = (visit.text(left), visit.text(right));
    let call = format!("await Promise.all(Array.from({all}, async ({each}) => ");
    Some(vec![TextEdit::replace(head, call), TextEdit::insert(block_end(body), "));")])
}

/// Whether a block holds one statement, comments apart.
fn is_alone(visit: &Visit<'_, '_>, block: Node<'_>) -> bool {
    let kinds = Kinds::of(visit.language());
    let mut cursor = block.walk();
    let mut statements =
        block.named_children(&mut cursor).filter(|child| !kinds.get(*child).is(Kind::COMMENT));
    statements.next().is_some() && statements.next().is_none()
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn calls_that_do_not_depend_on_another_can_be_awaited_together() {
        let text = "async function f() {\n  for (const [a, b] of c) {\n    // why\n    await g(a);\n  }\n}\n";
        let found = findings(RULE.id, Language::TypeScript, text);
        let fixed = apply(text, &found[0].fixes[0].edits);
        assert_eq!(
            fixed,
            "async function f() {\n  await Promise.all(Array.from(c, async ([a, b]) => {\n    // why\n    await g(a);\n  }));\n}\n"
        );
        assert!(findings(RULE.id, Language::TypeScript, &fixed).is_empty());
        for text in [
            "async function f() { for (const a of b) { await g(a); h(); } }",
            "async function f() { for (const a of b) { c = await g(a); } }",
            "async function f() { for (const a of b) { await g(n++); } }",
            "async function f() { for (a of b) { await g(a); } }",
            "async function f() { while (a) { await g(a); } }",
            "async function f() { let s = 0; while (a) { s += await g(a); } }",
        ] {
            let found = findings(RULE.id, Language::TypeScript, text);
            assert!(found.len() == 1 && found[0].fixes.is_empty(), "{text}");
        }
    }
}
