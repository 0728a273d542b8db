//! `debug-left`: what was put in to look at something.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span, SyntaxParser};

use crate::facts::{Fact, Topic};
use crate::kinds::Field;
use crate::layout::line_of;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::search::{Outcome, Step, mentions};
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
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["hash_bang_line"], visit: program },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f(a: u8) -> u8 {\n    ⟦dbg!(a)⟧;\n    let b = ⟦dbg!(a + 1)⟧ * 2;\n    b\n}\n",
            fixed: "fn f(a: u8) -> u8 {\n    let b = (a + 1) * 2;\n    b\n}\n",
            good: "fn f(a: u8) -> u8 { a }\n#[cfg(test)]\nmod tests { fn g() { dbg!(1); } }",
        },
        Example {
            language: Language::Rust,
            bad: "fn f(a: Sender, b: &B) {\n    ⟦dbg!(a)⟧;\n    ⟦dbg!(b)⟧;\n    ⟦dbg!(&c.d)⟧;\n    ⟦dbg!(g())⟧;\n    let e = ⟦dbg!(0..3)⟧.sum::<u8>();\n    if ⟦dbg!(e > 1)⟧ {}\n}\n",
            fixed: "fn f(a: Sender, b: &B) {\n    dbg!(a);\n    g();\n    let e = (0..3).sum::<u8>();\n    if e > 1 {}\n}\n",
            good: "fn f() {}",
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
    let kind = if is_single { expression_kind(argument) } else { None };
    let kind = kind.as_deref();
    let is_harmless = argument.is_empty() || kind.is_some_and(|kind| is_harmless(visit, argument, kind));
    // Where an item stands no expression may, and what the macro holds is one.
    let parent = visit.parent();
    let unwrapped =
        kind.zip(parent).and_then(|(kind, parent)| unwrapped(visit, node, parent, argument, kind));
    let finding = visit.report(span, "`dbg!` is left in");
    match (removed, kind) {
        (Some(removed), _) if is_harmless => {
            finding.fix("Remove the `dbg!`", vec![TextEdit::remove(removed)]);
        }
        // It may be the end of a value: of a guard, of one end of a channel.
        (Some(removed), Some(kind)) if is_place(kind) => {
            finding.suggest("Remove the `dbg!`", vec![TextEdit::remove(removed)]);
            finding.suggest(
                "Keep the end of the value",
                vec![TextEdit::replace(span, format!("drop({argument})"))],
            );
        }
        (Some(removed), Some(kind)) if !has_effect(kind) => {
            finding.suggest("Remove the `dbg!`", vec![TextEdit::remove(removed)]);
        }
        // Its argument is a call that has to happen: `dbg!(queue.pop());` keeps the call.
        _ => {
            if let Some((text, keeps)) = unwrapped {
                let edits = vec![TextEdit::replace(span, text)];
                if keeps {
                    finding.fix("Unwrap the `dbg!`", edits);
                } else {
                    finding.suggest("Unwrap the `dbg!`", edits);
                }
            }
        }
    }
}

/// What kind of expression a macro's tokens are: a macro takes any tokens.
fn expression_kind(tokens: &str) -> Option<String> {
    let alone = format!("const _: () = ({tokens});");
    let tree = SyntaxParser::default().parse_fresh(Language::Rust, &alone)?;
    let root = tree.root_node();
    let item = root.named_child(0).filter(|_| !root.has_error() && root.child_count() == 1)?;
    let value =
        item.child_by_field_name("value").filter(|value| value.kind() == "parenthesized_expression")?;
    let inner = value.named_child(0).filter(|_| value.named_child_count() == 1)?;
    Some(inner.kind().to_owned())
}

/// Whether an expression names a place: where it is only looked at it is not moved, in a macro it is.
fn is_place(kind: &str) -> bool {
    matches!(kind, "identifier" | "self" | "scoped_identifier" | "field_expression" | "index_expression")
        || matches!(kind, "unary_expression" | "parenthesized_expression")
}

/// Whether an expression may do something besides having a value.
fn has_effect(kind: &str) -> bool {
    !matches!(kind, "binary_expression" | "range_expression" | "type_cast_expression" | "tuple_expression")
}

/// Whether leaving an expression out leaves everything as it is: no call in it, and nothing moves into it.
fn is_harmless(visit: &Visit<'_, '_>, argument: &str, kind: &str) -> bool {
    let is_path =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    kind.ends_with("_literal")
        || (kind == "reference_expression" && argument.strip_prefix('&').is_some_and(is_path))
        || (matches!(kind, "identifier" | "self") && is_plain(visit, argument))
}

/// Whether a name is a parameter whose end does nothing: a number, or a reference.
fn is_plain(visit: &Visit<'_, '_>, name: &str) -> bool {
    const NUMBERS: [&str; 16] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
        "u128", "usize",
    ];
    let Some(function) = visit.ancestors().find(|node| node.kind() == "function_item") else { return false };
    let Some(parameters) = visit.child(function, Field::Parameters) else { return false };
    let is_it = |parameter: Node<'_>| match parameter.kind() {
        "self_parameter" => name == "self" && visit.text(parameter).starts_with('&'),
        _ => {
            let declared = visit.field(parameter, Field::Type);
            visit.field(parameter, Field::Pattern) == name
                && (NUMBERS.contains(&declared) || declared.starts_with('&'))
        }
    };
    let is_declared = parameters.named_children(&mut parameters.walk()).any(is_it);
    let Some(body) = visit.child(function, Field::Body).filter(|_| is_declared) else { return false };
    let outcome = visit.search(body, |at| {
        let bound = match at.kind() {
            "let_declaration" | "let_condition" | "for_expression" => visit.field(at, Field::Pattern),
            "match_pattern" | "closure_parameters" | "const_item" | "static_item" => visit.text(at),
            _ => "",
        };
        if mentions(bound, name) { Step::Stop } else { Step::Into }
    });
    outcome == Outcome::Nowhere
}

/// The argument in the place of the macro, and whether that is the same: what was moved into the macro may be only
/// looked at without it.
fn unwrapped(
    visit: &Visit<'_, '_>,
    node: Node<'_>,
    parent: Node<'_>,
    argument: &str,
    kind: &str,
) -> Option<(String, bool)> {
    let is_first = parent.named_child(0) == Some(node);
    let is_operand = match parent.kind() {
        "binary_expression" | "unary_expression" | "reference_expression" | "type_cast_expression" => true,
        "try_expression" | "await_expression" | "range_expression" | "let_condition" | "let_chain" => true,
        "field_expression" | "call_expression" | "index_expression" => is_first,
        "if_expression" | "while_expression" | "match_expression" | "for_expression" => {
            argument.contains('{')
        }
        _ => false,
    };
    let is_atom = kind.ends_with("_literal") && !argument.ends_with('.')
        || matches!(
            kind,
            "identifier" | "self" | "scoped_identifier" | "field_expression" | "index_expression"
        )
        || matches!(kind, "call_expression" | "macro_invocation" | "array_expression" | "tuple_expression")
        || matches!(kind, "parenthesized_expression" | "try_expression" | "await_expression");
    if parent.kind() == "expression_statement" {
        // What begins with a block would be a statement without a value.
        let word = argument.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        let opens_block = argument.starts_with(['{', '\''])
            || matches!(word, "if" | "match" | "loop" | "while" | "for" | "unsafe" | "async" | "const");
        return (!opens_block && visit.text(parent).ends_with(';')).then(|| (argument.to_owned(), true));
    }
    let takes = match parent.kind() {
        "arguments" | "return_expression" | "array_expression" | "tuple_expression" | "field_initializer" => {
            true
        }
        "block" | "match_arm" => true,
        "assignment_expression" | "compound_assignment_expr" => !is_first,
        "let_declaration" => {
            visit.child(parent, Field::Pattern).is_some_and(|pattern| pattern.kind() == "identifier")
        }
        "binary_expression" => {
            matches!(
                visit.field(parent, Field::Operator),
                "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "<<" | ">>"
            )
        }
        _ => false,
    };
    let text = if is_operand && !is_atom { format!("({argument})") } else { argument.to_owned() };
    // A field access called is a method: `dbg!(a.b)()`.
    let is_called = parent.kind() == "call_expression" && is_first && kind == "field_expression";
    let text = if is_called { format!("({argument})") } else { text };
    Some((text, takes || !is_place(kind)))
}

fn debugger(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let span = Span::of(node);
    let in_list = visit
        .parent()
        .is_none_or(|parent| matches!(parent.kind(), "statement_block" | "program" | "class_static_block"));
    // A comment above that speaks of this line would speak of the next one.
    let is_spoken_of = node
        .prev_sibling()
        .is_some_and(|above| above.kind() == "comment" && visit.text(above).contains("-next-line"));
    let removed = (in_list && !is_spoken_of && visit.is_parted(span)).then(|| line_of(visit, span));
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
    visit.unless(Fact::new(Topic::Program, ""));
}

/// What is run by itself may print.
fn program(visit: &mut Visit<'_, '_>, _line: Node<'_>) {
    visit.state(Fact::new(Topic::Program, ""));
}

/// What to remove for an expression that is a statement of its own in a list of statements; else `None`.
fn removal(visit: &Visit<'_, '_>, node: Node<'_>) -> Option<Span> {
    let mut ancestors = visit.ancestors();
    let statement = ancestors.next().filter(|parent| parent.kind() == "expression_statement")?;
    let list = ancestors.next();
    let in_list = list.is_none_or(|list| matches!(list.kind(), "block" | "statement_block" | "program"));
    // Without its semicolon it is a block's value.
    let is_value = visit.language() == Language::Rust && !visit.text(statement).ends_with(';');
    let parted = visit.language() == Language::Rust || visit.is_parted(Span::of(statement));
    (in_list && !is_value && parted && statement.start_byte() == node.start_byte())
        .then(|| line_of(visit, Span::of(statement)))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::findings;
    use crate::{Applicability, Finding};

    use super::*;

    #[test]
    fn a_program_may_print() {
        let text = "console.log(1);\nfunction f() { console.log(2); }\n";
        assert_eq!(findings(RULE.id, Language::JavaScript, text).len(), 2);
        let program = format!("#!/usr/bin/env node\n{text}");
        assert_eq!(findings(RULE.id, Language::JavaScript, &program).len(), 0);
    }

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

    #[test]
    fn what_the_macro_moved_is_let_go_only_on_request() {
        for (text, applicability) in [
            ("fn f(a: u8) { dbg!(a); }", Applicability::Always),
            ("fn f(&self) { dbg!(self); }", Applicability::Always),
            ("fn f() { dbg!(\"a\"); }", Applicability::Always),
            ("fn f() { g(dbg!(a)); }", Applicability::Always),
            ("fn f() { let a = dbg!(b); }", Applicability::Always),
            ("fn f(a: A) { dbg!(a); }", Applicability::Suggested),
            ("fn f(a: u8) { let a = g(); dbg!(a); }", Applicability::Suggested),
            ("fn f() { dbg!(a.b); }", Applicability::Suggested),
            ("fn f() { dbg!(a + b); }", Applicability::Suggested),
            ("fn f() { let _ = dbg!(a); }", Applicability::Suggested),
            ("fn f() { dbg!(a).sort(); }", Applicability::Suggested),
        ] {
            let found = findings(RULE.id, Language::Rust, text);
            assert_eq!(found[0].fixes[0].applicability, applicability, "{text}");
        }
        assert!(
            findings(RULE.id, Language::Rust, "fn f() { dbg!(if a { b } else { c }); }")[0].fixes.is_empty()
        );
    }

    #[test]
    fn a_removal_does_not_join_what_was_apart() {
        for text in
            ["a\ndebugger\n(b)", "a\ndebugger;\n<b/>", "function f() {\n  a\n  debugger\n  [b] = c\n}"]
        {
            let found = findings(RULE.id, Language::Tsx, text);
            assert!(found.len() == 1 && found[0].fixes.is_empty(), "{text}");
        }
        let text = "function f() {\n  // eslint-disable-next-line no-debugger\n  debugger;\n  a();\n}\n";
        assert!(findings(RULE.id, Language::JavaScript, text)[0].fixes.is_empty());
        for text in
            ["a;\ndebugger\n(b)", "a\ndebugger\nb", "debugger\n(b)", "function f() { debugger; [b] = c }"]
        {
            assert_eq!(findings(RULE.id, Language::Tsx, text)[0].fixes.len(), 1, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_stays_in_its_macro() {
        for tokens in ["f() g", "a b", "1); f(2", "a =>", "="] {
            let text = format!("fn f() {{ dbg!({tokens}, ); g(dbg!({tokens})); }}");
            let found = findings(RULE.id, Language::Rust, &text);
            let unwraps = |found: &Finding| found.fixes.iter().any(|fix| fix.title.starts_with("Unwrap"));
            assert!(!found.iter().any(unwraps), "{text}");
        }
    }
}
