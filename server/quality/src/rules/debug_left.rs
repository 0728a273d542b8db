//! `debug-left`: what was put in to look at something.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::kinds::Field;
use crate::lines::line_of;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;
use crate::{FileRole, TextEdit};

pub(crate) const RULE: Rule = Rule {
    id: "debug-left",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Information),
    languages: &Language::ALL,
    flags: "`dbg!`, `debugger` and `console.log`, outside tests and programs",
    why: "It stops a debugger in production, or fills the log with what nobody reads.",
    reference: Reference {
        name: "CWE-489: Active Debug Code",
        url: "https://cwe.mitre.org/data/definitions/489.html",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["macro_invocation"], visit: rust },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["debugger_statement"], visit: debugger },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["call_expression"], visit: console },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f(a: u8) -> u8 {\n    ⟦dbg!(a)⟧;\n    let b = ⟦dbg!(a + 1)⟧ * 2;\n    b\n}\n",
            fixed: "fn f(a: u8) -> u8 {\n    let b = (a + 1) * 2;\n    b\n}\n",
            good: "fn f(a: u8) -> u8 { a }\n#[cfg(test)]\nmod tests { fn g() { dbg!(1); } }",
        },
        Example {
            language: Language::JavaScript,
            bad: "a();\n\t⟦debugger;⟧\r\nif (b) { ⟦debugger;⟧ }\n",
            fixed: "a();\nif (b) {  }\n",
            good: "if (a) debug();",
        },
        Example {
            language: Language::Tsx,
            bad: "export const f = (a: number) => {\n  ⟦debugger;⟧\n  ⟦console.log(a)⟧;\n  return a;\n};\n",
            fixed: "export const f = (a: number) => {\n  console.log(a);\n  return a;\n};\n",
            good: "export const f = (a: number) => { console.error(a); return a; };",
        },
    ],
};

fn rust(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if !matches!(visit.field(node, Field::Macro), "dbg" | "std::dbg") || visit.in_test() {
        return;
    }
    let removed = removal(visit, node);
    let tokens = node.named_children(&mut node.walk()).find(|child| child.kind() == "token_tree");
    let argument = tokens.map_or("", |tokens| visit.text(tokens));
    let argument =
        argument.get(1..argument.len().saturating_sub(1)).unwrap_or("").trim().trim_end_matches(',');
    let span = Span::of(node);
    let is_single = tokens.is_some_and(|tokens| {
        tokens.child_count() > 2 && !tokens.children(&mut tokens.walk()).any(|token| token.kind() == ",")
    });
    let is_statement = removed.is_some();
    // Where an item stands no expression may, and what the macro holds is one.
    let is_item = visit.parent().is_none();
    let finding = visit.report(span, "`dbg!` is left in");
    match removed {
        // Its argument may be a call that has to happen: `dbg!(queue.pop());` keeps the call.
        Some(removed) if !argument.contains(['(', '!', '=', '{', '?']) => {
            finding.fix("Remove the `dbg!`", vec![TextEdit::remove(removed)]);
        }
        _ if is_single && !is_item => {
            let atomic = argument.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ':'));
            let text = if atomic || is_statement { argument.to_owned() } else { format!("({argument})") };
            finding.fix("Unwrap the `dbg!`", vec![TextEdit::replace(span, text)]);
        }
        _ => {}
    }
}

fn debugger(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let span = Span::of(node);
    let in_list = visit
        .parent()
        .is_none_or(|parent| matches!(parent.kind(), "statement_block" | "program" | "class_static_block"));
    let removed = in_list.then(|| line_of(visit, span));
    let finding = visit.report(span, "`debugger` is left in");
    if let Some(removed) = removed {
        finding.fix("Remove the `debugger`", vec![TextEdit::remove(removed)]);
    }
}

/// Removing a `console.log` may remove output that is wanted: it is offered, never part of "fix all".
fn console(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let is_log =
        matches!(visit.field(node, Field::Function), "console.log" | "console.debug" | "console.trace");
    if !is_log || matches!(visit.role(), FileRole::Program | FileRole::Test) {
        return;
    }
    let removed = removal(visit, node);
    let finding = visit.report(Span::of(node), "`console.log` is left in");
    if let Some(removed) = removed {
        finding.suggest("Remove the `console.log`", vec![TextEdit::remove(removed)]);
    }
}

/// What to remove for an expression that is a statement of its own in a list of statements; else `None`.
fn removal(visit: &Visit<'_, '_>, node: Node<'_>) -> Option<Span> {
    let mut ancestors = visit.ancestors();
    let statement = ancestors.next().filter(|parent| parent.kind() == "expression_statement")?;
    let list = ancestors.next();
    let in_list = list.is_none_or(|list| matches!(list.kind(), "block" | "statement_block" | "program"));
    // Without its semicolon it is a block's value.
    let is_value = visit.language() == Language::Rust && !visit.text(statement).ends_with(';');
    (in_list && !is_value && statement.start_byte() == node.start_byte())
        .then(|| line_of(visit, Span::of(statement)))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::findings;

    use super::*;

    #[test]
    fn an_item_cannot_be_unwrapped() {
        for text in ["dbg!(a)", "dbg!(f())\n", "mod m { dbg!(a) }", "impl S { dbg!(a) }"] {
            assert!(
                findings(RULE.id, Language::Rust, text).iter().all(|found| found.fixes.is_empty()),
                "{text}"
            );
        }
        assert_eq!(findings(RULE.id, Language::Rust, "fn f() -> u8 { dbg!(a) }")[0].fixes.len(), 1);
    }
}
