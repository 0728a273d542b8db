//! `explicit-any`: values whose type is not checked.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::{FileVisit, Visit};
use crate::{FileRole, TextEdit};

pub(crate) const RULE: Rule = Rule {
    id: "explicit-any",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Information),
    languages: &[Language::TypeScript, Language::Tsx],
    flags: "the type `any`, once for a file, at the first",
    why: "A value of type `any` is never checked and spreads to whatever it is assigned to; `unknown` accepts the same values and asks for a check before use. Mature code has 17 of them per 1,000 lines, so a file has one finding.",
    reference: Reference {
        name: "typescript-eslint no-explicit-any",
        url: "https://typescript-eslint.io/rules/no-explicit-any/",
    },
    options: &[],
    check: Check::Joined {
        nodes: &[NodeCheck {
            languages: &[Language::TypeScript, Language::Tsx],
            kinds: &["predefined_type"],
            visit,
        }],
        join,
    },
    examples: &[Example {
        language: Language::TypeScript,
        bad: "const a = b as ⟦any⟧ as string;\nfunction f<T extends any>(c: T) {}\n",
        fixed: "const a = b as unknown as string;\nfunction f<T extends unknown>(c: T) {}\n",
        good: "function f(a: unknown) { const any = 1; }",
    }],
};

const SAFE: u64 = 1;

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if node.end_byte() - node.start_byte() != 3 || visit.text(node) != "any" {
        return;
    }
    if visit.role() != FileRole::Declaration && !visit.in_test() {
        let key = u64::from(takes_unknown(visit, node));
        visit.note(node, Span::of(node), key);
    }
}

/// Whether `unknown` means the same: between two assertions, and where every type fits anyway.
fn takes_unknown(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    let mut ancestors = visit.ancestors();
    let Some(parent) = ancestors.next() else { return false };
    match parent.kind() {
        "constraint" => ancestors.next().is_some_and(|parameter| parameter.kind() == "type_parameter"),
        "as_expression" => {
            let mut inner = parent;
            for outer in ancestors {
                match outer.kind() {
                    "parenthesized_expression" => inner = outer,
                    "as_expression" => return outer.named_child(0) == Some(inner),
                    _ => return false,
                }
            }
            false
        }
        "conditional_type" => parent.child_by_field_name("right") == Some(node),
        _ => false,
    }
}

fn join(visit: &mut FileVisit<'_>) {
    let Some(first) = visit.notes().next() else { return };
    let count = visit.notes().count();
    let edits: Vec<_> = visit
        .notes()
        .filter(|note| note.key == SAFE && !note.broken)
        .map(|note| TextEdit::replace(note.span, "unknown"))
        .collect();
    let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
    let finding = visit.report(
        first.span,
        format!("`any`, {times} in this file, switches type checking off for what it touches"),
    );
    if !edits.is_empty() {
        finding.fix("Use `unknown` where it means the same", edits);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn a_file_has_one_finding_and_keeps_what_unknown_would_change() {
        let text = "function f(a: any) { return a as any as string; }\ntype K = keyof any;\n";
        let found = findings(RULE.id, Language::TypeScript, text);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("3 times"), "{}", found[0].message);
        assert_eq!(
            apply(text, &found[0].fixes[0].edits),
            "function f(a: any) { return a as unknown as string; }\ntype K = keyof any;\n"
        );
    }
}
