//! `unreachable-after-jump`: statements behind a `return`.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::kinds::Field;
use crate::layout::{any_in, has_comment, line_of};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "unreachable-after-jump",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "a statement behind `return`, `break`, `continue`, `throw` or `panic!` in the same block",
    why: "It never runs: either it is left over, or it was meant to.",
    reference: Reference {
        name: "CWE-561: Dead Code",
        url: "https://cwe.mitre.org/data/definitions/561.html",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["block"], visit: rust },
        NodeCheck {
            languages: &Language::SCRIPTS,
            kinds: &["statement_block", "switch_case", "switch_default"],
            visit: script,
        },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() {\n    loop {\n        g();\n        continue;\n        ⟦return;⟧\n    }\n}\n",
            fixed: "fn f() {\n    loop {\n        g();\n        continue;\n    }\n}\n",
            good: "fn f() { if a { return; } g(); }\nfn g() -> u8 { return h(); fn h() -> u8 { 1 } }\nfn k() { #[cfg(a)] return; l(); }",
        },
        Example {
            language: Language::Rust,
            bad: "fn f() { return; ⟦let a = b.c();⟧ a.d(); }\nfn g() { panic!(); ⟦h()⟧ }",
            fixed: "",
            good: "fn f() -> u8 { todo!() }",
        },
        Example {
            language: Language::JavaScript,
            bad: "function f() {\n  return 1;\n  ⟦g();⟧\n  h();\n}\nfunction k() {\n  throw a;\n  ⟦l();⟧ // why\n}\n",
            fixed: "function f() {\n  return 1;\n}\nfunction k() {\n  throw a;\n   // why\n}\n",
            good: "function f() { return g(); function g() {} }\nfunction h() { return a; var a; }\nswitch (a) { case 1: break; default: b(); }\nif (a) { b(); }",
        },
    ],
};

fn rust(visit: &mut Visit<'_, '_>, block: Node<'_>) {
    look(visit, block, &RustBlock);
}

fn script(visit: &mut Visit<'_, '_>, block: Node<'_>) {
    look(visit, block, &ScriptBlock);
}

/// What differs between the languages.
trait Block {
    /// Whether nothing behind a statement of its block runs.
    fn is_jump(&self, visit: &Visit<'_, '_>, statement: Node<'_>) -> bool;
    /// Whether a declaration holds for its block, or its function, wherever in it it stands.
    fn holds_everywhere(&self, declaration: Node<'_>) -> bool;
    /// Whether a statement that never runs can go and nothing else changes.
    fn may_go(&self, visit: &Visit<'_, '_>, statement: Node<'_>) -> bool;
}

struct RustBlock;

impl Block for RustBlock {
    fn is_jump(&self, visit: &Visit<'_, '_>, statement: Node<'_>) -> bool {
        let jump = statement.named_child(0).filter(|_| statement.kind() == "expression_statement");
        jump.is_some_and(|jump| match jump.kind() {
            "return_expression" | "break_expression" | "continue_expression" => true,
            "macro_invocation" => is_panic(visit, jump),
            _ => false,
        })
    }

    fn holds_everywhere(&self, node: Node<'_>) -> bool {
        let kind = node.kind();
        kind.ends_with("_item")
            || matches!(
                kind,
                "use_declaration" | "macro_definition" | "empty_statement" | "extern_crate_declaration"
            )
    }

    /// Removing more than jumps could take away what a type is inferred from, or the last use of a variable.
    fn may_go(&self, visit: &Visit<'_, '_>, statement: Node<'_>) -> bool {
        let value = statement.named_child(0).filter(|_| statement.kind() == "expression_statement");
        let value = value.unwrap_or(statement);
        match value.kind() {
            "return_expression" | "continue_expression" => value.named_child_count() == 0,
            "macro_invocation" => is_panic(visit, value) && !visit.text(value).contains('{'),
            _ => false,
        }
    }
}

/// Whether a macro never returns.
fn is_panic(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    matches!(visit.field(node, Field::Macro), "panic" | "unreachable" | "todo" | "unimplemented")
}

struct ScriptBlock;

impl Block for ScriptBlock {
    fn is_jump(&self, _visit: &Visit<'_, '_>, statement: Node<'_>) -> bool {
        matches!(
            statement.kind(),
            "return_statement" | "break_statement" | "continue_statement" | "throw_statement"
        )
    }

    fn holds_everywhere(&self, node: Node<'_>) -> bool {
        matches!(
            node.kind(),
            "function_declaration"
                | "generator_function_declaration"
                | "function_signature"
                | "variable_declaration"
                | "type_alias_declaration"
                | "interface_declaration"
                | "empty_statement"
        )
    }

    fn may_go(&self, visit: &Visit<'_, '_>, statement: Node<'_>) -> bool {
        // What a function returns is inferred from a `return` that is never reached, too.
        let is_inferred = visit.language() != Language::JavaScript
            && visit.function().is_none_or(|function| visit.child(function, Field::ReturnType).is_none());
        let returns = |at: Node<'_>| at.kind() == "return_statement" && at.named_child_count() > 0;
        if is_inferred && any_in(statement, returns) {
            return false;
        }
        matches!(
            statement.kind(),
            "expression_statement"
                | "return_statement"
                | "throw_statement"
                | "break_statement"
                | "continue_statement"
                | "if_statement"
        ) && !any_in(statement, |at| {
            self.holds_everywhere(at)
                || matches!(at.kind(), "yield_expression" | "labeled_statement" | "class_declaration")
        })
    }
}

/// Finds the first jump of a block and what stands behind it.
fn look(visit: &mut Visit<'_, '_>, block: Node<'_>, language: &impl Block) {
    let mut cursor = block.walk();
    let mut more = cursor.goto_first_child();
    let (mut jump, mut after_attribute) = (None, false);
    while more && jump.is_none() {
        let statement = cursor.node();
        if statement.is_named() {
            // Under `#[cfg(a)]` a jump may not be there.
            jump = Some(statement).filter(|_| !after_attribute && language.is_jump(visit, statement));
            after_attribute = statement.kind() == "attribute_item";
        }
        more = cursor.goto_next_sibling();
    }
    let Some(jump) = jump.filter(|_| more) else { return };
    let (mut first, mut last) = (None, jump);
    let (mut removable, mut separable, mut stays) = (true, true, false);
    while more {
        let statement = cursor.node();
        more = cursor.goto_next_sibling();
        if !statement.is_named() {
            continue;
        }
        if statement.is_error() || statement.kind() == "attribute_item" {
            return;
        }
        let is_comment = statement.kind().ends_with("comment");
        if is_comment || language.holds_everywhere(statement) {
            // At the end it stays where it is, and before the rest too.
            stays |= first.is_some();
            continue;
        }
        first = first.or(Some(statement));
        separable &= !stays;
        removable &= language.may_go(visit, statement) && !has_comment(statement);
        last = statement;
    }
    let Some(first) = first else { return };
    // `return` and a value on the next line: that value was meant.
    let is_split = visit.language().is_script() && visit.text(jump) == "return";
    let removed = line_of(visit, Span::new(first.start_byte() as u32, last.end_byte() as u32));
    let finding = visit.report(Span::of(first), "this is never reached");
    let edits = vec![TextEdit::remove(removed)];
    if removable && separable && !is_split {
        finding.fix("Remove what is never reached", edits);
    } else if separable && !is_split {
        finding.suggest("Remove what is never reached", edits);
    }
}

#[cfg(test)]
mod tests {
    use crate::Applicability;
    use crate::rules::tests::findings;

    use super::*;

    #[test]
    fn what_a_type_is_inferred_from_is_only_suggested() {
        for (text, applicability) in [
            ("class A { b(c: number) { throw new D(); return { c }; } }", Applicability::Suggested),
            ("class A { b(c: number) { throw new D(); if (c) { return c; } } }", Applicability::Suggested),
            ("class A { b(c: number): E { throw new D(); return { c }; } }", Applicability::Always),
            ("class A { b(c: number) { throw new D(); return; } }", Applicability::Always),
        ] {
            let found = findings(RULE.id, Language::TypeScript, text);
            assert_eq!(found[0].fixes[0].applicability, applicability, "{text}");
        }
    }
}
