//! `useless-catch`: an error that is caught only to be thrown.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::calls::without_parentheses;
use crate::kinds::Field;
use crate::layout::{indent, outdented};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "useless-catch",
    dimension: Dimension::ErrorHandling,
    level: Level::On(Severity::Information),
    languages: &Language::SCRIPTS,
    flags: "a `catch` that only throws what it caught",
    why: "Without it the same error goes the same way; with it a reader looks for what is handled.",
    reference: Reference {
        name: "ESLint no-useless-catch",
        url: "https://eslint.org/docs/latest/rules/no-useless-catch",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck { languages: &Language::SCRIPTS, kinds: &["try_statement"], visit }]),
    examples: &[
        Example {
            language: Language::TypeScript,
            bad: "function f() {\n  ⟦try⟧ {\n    a();\n    // b\n    return c();\n  } catch (e) {\n    throw e;\n  }\n}\n",
            fixed: "function f() {\n  a();\n  // b\n  return c();\n}\n",
            good: "try { a(); } catch (e) { b(); throw e; }\ntry { a(); } catch (e) { throw new Error('b', { cause: e }); }\ntry { a(); } catch { throw b; }",
        },
        Example {
            language: Language::JavaScript,
            bad: "⟦try⟧ {\n  const a = 1;\n} catch (e) {\n  throw e;\n}\n⟦try⟧ { b(); } catch (e) { throw e; } finally { c(); }\n",
            fixed: "{\n  const a = 1;\n}\ntry { b(); } finally { c(); }\n",
            good: "try { a(); } catch (e) { /* why */ b(e); }",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let (Some(body), Some(handler)) = (visit.child(node, Field::Body), visit.child(node, Field::Handler))
    else {
        return;
    };
    let parameter = visit.child(handler, Field::Parameter).filter(|p| p.kind() == "identifier");
    let first = visit.child(handler, Field::Body).and_then(|block| block.named_child(0));
    let thrown =
        first.filter(|first| first.kind() == "throw_statement").and_then(|first| first.named_child(0));
    let (Some(parameter), Some(thrown)) = (parameter, thrown.map(without_parentheses)) else { return };
    if thrown.kind() != "identifier" || visit.text(thrown) != visit.text(parameter) || visit.in_test() {
        return;
    }
    let caught = Span::new(body.end_byte() as u32, handler.end_byte() as u32);
    let is_alone = visit.child(handler, Field::Body).is_some_and(|block| block.named_child_count() == 1);
    let edits = is_alone.then(|| match visit.child(node, Field::Finalizer) {
        Some(_) => vec![TextEdit::remove(caught)],
        None => unwrapped(visit, node, body, handler),
    });
    let finding = visit.report(
        Span::new(node.start_byte() as u32, node.start_byte() as u32 + 3),
        "the error is caught only to be thrown again",
    );
    if let Some(edits) = edits {
        finding.fix("Remove the `catch`", edits);
    }
}

/// The statements in place of the `try` that holds them; the block, where what it declares must not leave it.
fn unwrapped(visit: &Visit<'_, '_>, node: Node<'_>, body: Node<'_>, handler: Node<'_>) -> Vec<TextEdit> {
    statements(visit, node, body).map_or_else(
        || {
            vec![
                TextEdit::remove(Span::new(node.start_byte() as u32, body.start_byte() as u32)),
                TextEdit::remove(Span::new(body.end_byte() as u32, handler.end_byte() as u32)),
            ]
        },
        |statements| vec![TextEdit::replace(Span::of(node), statements)],
    )
}

fn statements(visit: &Visit<'_, '_>, node: Node<'_>, body: Node<'_>) -> Option<String> {
    let in_list = visit.parent().is_none_or(|parent| matches!(parent.kind(), "statement_block" | "program"));
    let declares = body
        .named_children(&mut body.walk())
        .any(|statement| statement.kind().ends_with("_declaration") || statement.kind() == "ERROR");
    let (first, last) =
        (body.named_child(0)?, body.named_child(body.named_child_count().checked_sub(1)? as u32)?);
    let inside = Span::new(first.start_byte() as u32, last.end_byte() as u32);
    // A line comment at the end takes the line break behind it with it, and there is none on one line.
    let (text, rows) = (visit.slice(inside), body.end_position().row - body.start_position().row);
    if !in_list || declares || rows == 0 || first.start_position().row == body.start_position().row {
        return None;
    }
    // Something behind the last statement, such as a comment on its line, is one of them.
    outdented(text, indent(visit, first)?, indent(visit, node)?, body)
}
