//! `spread-in-reduce`: a copy of everything so far, on every step.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::calls::{argument, method_call, without_parentheses};
use crate::kinds::{Field, Kind, Kinds};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "spread-in-reduce",
    dimension: Dimension::Performance,
    level: Level::On(Severity::Warning),
    languages: &Language::SCRIPTS,
    flags: "`...accumulator` in the callback of `reduce`",
    why: "Every step copies all that was accumulated before it: the time grows with the square of the length.",
    reference: Reference {
        name: "Biome noAccumulatingSpread",
        url: "https://biomejs.dev/linter/rules/no-accumulating-spread/",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck { languages: &Language::SCRIPTS, kinds: &["spread_element"], visit }]),
    examples: &[Example {
        language: Language::TypeScript,
        bad: "const a = b.reduce((acc, c) => ({ ⟦...acc⟧, [c]: 1 }), {});\nconst d = e.reduce(function (acc, f) { return [⟦...acc⟧, f]; }, []);",
        fixed: "",
        good: "const a = b.reduce((acc, c) => { acc[c] = 1; return acc; }, {});\nconst d = e.map((acc) => [...acc]);\nconst g = h.reduce((acc, i) => f(...acc), []);",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(spread) = node.named_child(0).filter(|spread| spread.kind() == "identifier") else { return };
    let kinds = Kinds::of(visit.language());
    let mut ancestors = visit.ancestors();
    let Some(literal) = ancestors.next().filter(|parent| matches!(parent.kind(), "object" | "array")) else {
        return;
    };
    let Some(callback) = ancestors.by_ref().find(|outer| kinds.get(*outer).is(Kind::FUNCTION)) else {
        return;
    };
    let call = ancestors.nth(1);
    drop(ancestors);
    let reduce = call.and_then(|call| method_call(visit, call)).filter(|reduce| {
        matches!(reduce.name, "reduce" | "reduceRight")
            && argument(visit.language(), reduce.arguments, 0) == Some(callback)
    });
    let accumulator = visit.text(spread);
    let is_accumulator = parameter(visit, callback, 0) == Some(accumulator);
    let Some(reduce) = reduce.filter(|_| is_accumulator && !visit.in_test()) else { return };
    let body = changed(visit, callback, literal, accumulator, reduce.arguments);
    let finding = visit
        .report(Span::of(node), format!("`...{accumulator}` copies all that was accumulated, on every step"));
    if let Some(edit) = body {
        finding.suggest("Add to the accumulator", vec![edit]);
    }
}

/// The name of a function's parameter, when it is a plain name.
fn parameter<'t>(visit: &Visit<'t, '_>, function: Node<'_>, index: usize) -> Option<&'t str> {
    let parameters = visit.child(function, Field::Parameters)?;
    let parameter = argument(visit.language(), parameters, index)?;
    let name = visit.child(parameter, Field::Pattern).unwrap_or(parameter);
    (name.kind() == "identifier").then(|| visit.text(name))
}

/// Literals with more parts are left as they are.
const PARTS_SEEN: usize = 32;

/// A body that adds to the accumulator, for `(acc, x) => ({ ...acc, ... })` and `[...acc, ...]` that start with a
/// new object: nobody else sees it change.
fn changed(
    visit: &Visit<'_, '_>,
    callback: Node<'_>,
    literal: Node<'_>,
    accumulator: &str,
    arguments: Node<'_>,
) -> Option<TextEdit> {
    let body = visit.child(callback, Field::Body)?;
    let mut start = argument(visit.language(), arguments, 1)?;
    while matches!(start.kind(), "as_expression" | "satisfies_expression" | "parenthesized_expression") {
        start = start.named_child(0)?;
    }
    let is_new = start.kind() == literal.kind() && start.named_child_count() == 0;
    if without_parentheses(body) != literal || !is_new {
        return None;
    }
    if literal.named_child_count() > PARTS_SEEN {
        return None;
    }
    let kinds = Kinds::of(visit.language());
    let mut statements = String::new();
    for (index, part) in literal.named_children(&mut literal.walk()).enumerate() {
        if kinds.get(part).is(Kind::COMMENT) {
            return None;
        }
        if index == 0 {
            // A spread behind other properties overrides them.
            (part.kind() == "spread_element").then_some(())?;
            continue;
        }
        let statement = match part.kind() {
            "pair" => {
                let (key, value) = (visit.child(part, Field::Key)?, visit.field(part, Field::Value));
                match key.kind() {
                    "property_identifier" => format!("{accumulator}.{} = {value};", visit.text(key)),
                    "computed_property_name" => format!("{accumulator}{} = {value};", visit.text(key)),
                    "string" | "number" => format!("{accumulator}[{}] = {value};", visit.text(key)),
                    _ => return None,
                }
            }
            "shorthand_property_identifier" => {
                let name = visit.text(part);
                format!("{accumulator}.{name} = {name};")
            }
            "method_definition" => return None,
            "spread_element" if literal.kind() == "object" => {
                format!("Object.assign({accumulator}, {});", visit.text(part.named_child(0)?))
            }
            _ if literal.kind() == "array" => format!("{accumulator}.push({});", visit.text(part)),
            _ => return None,
        };
        statements.push_str(&statement);
        statements.push(' ');
    }
    Some(TextEdit::replace(Span::of(body), format!("{{ {statements}return {accumulator}; }}")))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn an_accumulator_that_is_new_can_be_added_to() {
        for (text, expected) in [
            (
                "b.reduce((acc, c) => ({ ...acc, [c.k]: c, d: 1, e }), {} as A);",
                "b.reduce((acc, c) => { acc[c.k] = c; acc.d = 1; acc.e = e; return acc; }, {} as A);",
            ),
            (
                "b.reduce((acc, c) => [...acc, c, ...d], []);",
                "b.reduce((acc, c) => { acc.push(c); acc.push(...d); return acc; }, []);",
            ),
            (
                "b.reduce((acc, c) => ({ ...acc, ...c }), {});",
                "b.reduce((acc, c) => { Object.assign(acc, c); return acc; }, {});",
            ),
        ] {
            let found = findings(RULE.id, Language::TypeScript, text);
            assert_eq!(apply(text, &found[0].fixes[0].edits), expected);
            assert!(findings(RULE.id, Language::TypeScript, expected).is_empty());
        }
        for text in [
            "b.reduce((acc, c) => ({ ...acc, [c]: c }), start);",
            "b.reduce((acc, c) => ({ d: 1, ...acc }), {});",
            "b.reduce((acc, c) => ({ ...acc, /* why */ d: 1 }), {});",
            "b.reduce((acc, c) => f({ ...acc, d: 1 }), {});",
        ] {
            assert!(findings(RULE.id, Language::TypeScript, text)[0].fixes.is_empty(), "{text}");
        }
    }
}
