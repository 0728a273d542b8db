//! `async-executor`: a promise that may never settle.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::calls::{argument, without_parentheses};
use crate::kinds::{Field, Kind, Kinds};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::search::{Outcome, Step};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "async-executor",
    dimension: Dimension::ErrorHandling,
    level: Level::On(Severity::Warning),
    languages: &Language::SCRIPTS,
    flags: "`new Promise(async ...)`",
    why: "What an async executor throws rejects the promise it returns, which nobody sees; the new one never settles.",
    reference: Reference {
        name: "ESLint no-async-promise-executor",
        url: "https://eslint.org/docs/latest/rules/no-async-promise-executor",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck { languages: &Language::SCRIPTS, kinds: &["new_expression"], visit }]),
    examples: &[Example {
        language: Language::TypeScript,
        bad: "new Promise(⟦async⟧ (resolve) => { resolve(await a()); });\nnew Promise<void>(⟦async⟧ function (b) { b(); });",
        fixed: "",
        good: "new Promise((resolve) => { a(async () => resolve()); });\nnew Pool(async () => {});",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if visit.field(node, Field::Constructor) != "Promise" {
        return;
    }
    let executor = visit
        .child(node, Field::Arguments)
        .and_then(|arguments| argument(visit.language(), arguments, 0))
        .map(without_parentheses);
    let Some(executor) = executor else { return };
    let Some(keyword) = executor.child(0).filter(|first| first.kind() == "async") else { return };
    if visit.in_test() {
        return;
    }
    let kinds = Kinds::of(visit.language());
    let waits = visit.search(executor, |at| match at.kind() {
        "await_expression" | "for_in_statement" => Step::Stop,
        _ if at != executor && kinds.get(at).is(Kind::FUNCTION) => Step::Over,
        _ => Step::Into,
    });
    let span = Span::of(keyword);
    let rest = visit.slice(Span::new(span.end, executor.end_byte() as u32));
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let finding =
        visit.report(span, "what this async executor throws is lost, and the promise never settles");
    if waits == Outcome::Nowhere {
        let removed = Span::new(span.start, span.end + blanks as u32);
        finding.suggest("Remove `async`: it waits for nothing", vec![TextEdit::remove(removed)]);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn an_executor_that_does_not_wait_need_not_be_async() {
        let text = "new Promise(async (a) => { b(async () => { await c; }); a(); });";
        let found = findings(RULE.id, Language::TypeScript, text);
        assert_eq!(
            apply(text, &found[0].fixes[0].edits),
            "new Promise((a) => { b(async () => { await c; }); a(); });"
        );
        let text = "new Promise(async (a) => { a(await b); });";
        assert!(findings(RULE.id, Language::TypeScript, text)[0].fixes.is_empty());
    }
}
