//! `async-foreach`: a loop that does not wait for its passes.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::calls::{argument, without_parentheses};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "async-foreach",
    dimension: Dimension::ErrorHandling,
    level: Level::On(Severity::Warning),
    languages: &Language::SCRIPTS,
    flags: "`.forEach(async ...)`",
    why: "`forEach` throws away what its callback returns: nobody waits for the promises, and their errors are lost.",
    reference: Reference {
        name: "typescript-eslint no-misused-promises",
        url: "https://typescript-eslint.io/rules/no-misused-promises/",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck { languages: &Language::SCRIPTS, kinds: &["call_expression"], visit }]),
    examples: &[Example {
        language: Language::TypeScript,
        bad: "a.forEach(⟦async⟧ (b) => { await c(b); });",
        fixed: "",
        good: "await Promise.all(a.map(async (b) => { await c(b); }));\na.forEach((b) => { c(async () => b); });",
    }],
};

fn visit<'t>(visit: &mut Visit<'t, '_>, node: Node<'t>) {
    let Some(call) = visit.method_call(node).filter(|call| call.name == "forEach") else { return };
    let callback = argument(visit.language(), call.arguments, 0).map(without_parentheses);
    let Some(keyword) =
        callback.and_then(|callback| callback.child(0)).filter(|first| first.kind() == "async")
    else {
        return;
    };
    if visit.in_test() {
        return;
    }
    let is_statement = visit.parent().is_some_and(|parent| {
        parent.kind() == "expression_statement" && parent.start_byte() == node.start_byte()
    });
    let is_optional =
        visit.slice(Span::new(call.receiver.end_byte() as u32, call.name_node.start_byte() as u32)) != ".";
    let edits = (is_statement && visit.in_async() && !is_optional).then(|| {
        vec![
            TextEdit::insert(node.start_byte() as u32, "await Promise.all("),
            TextEdit::replace(Span::of(call.name_node), "map"),
            TextEdit::insert(node.end_byte() as u32, ")"),
        ]
    });
    let finding = visit
        .report(Span::of(keyword), "`forEach` does not wait for what this returns, and its errors are lost");
    if let Some(edits) = edits {
        finding.suggest("Wait for all of them together", edits);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn where_one_can_wait_all_are_waited_for() {
        let text = "async function f() { a.b.forEach(async (c) => { await d(c); }); }";
        let found = findings(RULE.id, Language::TypeScript, text);
        assert_eq!(
            apply(text, &found[0].fixes[0].edits),
            "async function f() { await Promise.all(a.b.map(async (c) => { await d(c); })); }"
        );
        let text = "function f() { a.forEach(async (c) => { await d(c); }); }";
        assert!(findings(RULE.id, Language::TypeScript, text)[0].fixes.is_empty());
    }
}
