//! `non-null-assertion`: a promise to the compiler that nobody checks.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "non-null-assertion",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Hint),
    languages: &[Language::TypeScript, Language::Tsx],
    flags: "`a!`, which says that `a` is neither null nor undefined",
    why: "If it is after all, the failure comes later and elsewhere. `a?.b` or a check say what happens then.",
    reference: Reference {
        name: "typescript-eslint no-non-null-assertion",
        url: "https://typescript-eslint.io/rules/no-non-null-assertion/",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck {
        languages: &[Language::TypeScript, Language::Tsx],
        kinds: &["non_null_expression"],
        visit,
    }]),
    examples: &[Example {
        language: Language::TypeScript,
        bad: "const a = ⟦b!⟧;\n⟦c.d!⟧.e();",
        fixed: "",
        good: "class A { b!: string; }\nif (!a) c?.d();",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if visit.in_test() {
        return;
    }
    let edit = optional(visit, node);
    let finding = visit.report(Span::of(node), "`!` says it is there, and nothing checks that");
    if let Some(edit) = edit {
        finding.suggest("Use `?.`", vec![edit]);
    }
}

/// `a!.b` as `a?.b`, where that may be undefined and nobody minds: what is assigned to, constructed or used as a tag may
/// not be optional, and what is read as a value would have another type.
fn optional(visit: &Visit<'_, '_>, node: Node<'_>) -> Option<TextEdit> {
    let mut inner = node;
    let mut ancestors = visit.ancestors();
    let parent = ancestors.next()?;
    let takes = match parent.kind() {
        "member_expression" | "subscript_expression" => visit.child(parent, Field::Object) == Some(node),
        "call_expression" => visit.child(parent, Field::Function) == Some(node),
        _ => false,
    };
    if !takes {
        return None;
    }
    for outer in visit.ancestors() {
        match outer.kind() {
            "member_expression" | "subscript_expression"
                if visit.child(outer, Field::Object) == Some(inner) => {}
            "call_expression" if visit.child(outer, Field::Function) == Some(inner) => {
                if visit
                    .child(outer, Field::Arguments)
                    .is_none_or(|arguments| arguments.kind() != "arguments")
                {
                    return None;
                }
            }
            "non_null_expression" | "parenthesized_expression" => {}
            "await_expression" => {}
            _ if takes_undefined(visit, outer, inner) => break,
            _ => return None,
        }
        inner = outer;
    }
    let mark = Span::new(node.end_byte() as u32 - 1, node.end_byte() as u32);
    // `new a!.b()` constructs `a!.b`, whatever the grammar says.
    if visit.slice(mark) != "!" || visit.text(node).starts_with("new ") {
        return None;
    }
    let next =
        parent.child_by_field_name("property").map_or("", |_| visit.slice(Span::new(mark.end, mark.end + 1)));
    let is_optional = parent.children(&mut parent.walk()).any(|child| child.kind() == "optional_chain");
    match parent.kind() {
        _ if is_optional => Some(TextEdit::remove(mark)),
        "member_expression" => (next == ".").then(|| TextEdit::replace(mark, "?")),
        _ => Some(TextEdit::replace(mark, "?.")),
    }
}

/// Whether a value that may be undefined is as good as any in a place: nobody reads it, or it only decides.
fn takes_undefined(visit: &Visit<'_, '_>, outer: Node<'_>, inner: Node<'_>) -> bool {
    match outer.kind() {
        "expression_statement" => true,
        "if_statement" | "while_statement" | "do_statement" | "ternary_expression" => {
            visit.child(outer, Field::Condition) == Some(inner)
        }
        "unary_expression" => matches!(visit.field(outer, Field::Operator), "!" | "void" | "typeof"),
        "binary_expression" => match visit.field(outer, Field::Operator) {
            "===" | "!==" | "==" | "!=" => true,
            "??" => visit.child(outer, Field::Left) == Some(inner),
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn a_chain_can_be_made_optional_where_it_is_read() {
        for (text, fixed) in [
            ("if (a!.b) {}", "if (a?.b) {}"),
            ("f(a!.b ?? c);", "f(a?.b ?? c);"),
            ("await a!.b();", "await a?.b();"),
            ("a![0];", "a?.[0];"),
            ("a!();", "a?.();"),
            ("a!?.b;", "a?.b;"),
        ] {
            assert_eq!(apply(text, &findings(RULE.id, Language::TypeScript, text)[0].fixes[0].edits), fixed);
        }
        for text in [
            "a!.b = c;",
            "a!.b++;",
            "new a!.b();",
            "a!.b`c`;",
            "f(a!);",
            "[a!.b] = c;",
            "for (a!.b of c) {}",
            "a!\n.b;",
            "m.get(a)!.b + 1;",
            "const c: number = a!.b;",
            "const { c } = a!.b;",
            "f(a!.b);",
            "c = a!.b;",
            "() => a!.b;",
        ] {
            assert!(findings(RULE.id, Language::TypeScript, text)[0].fixes.is_empty(), "{text}");
        }
    }
}
