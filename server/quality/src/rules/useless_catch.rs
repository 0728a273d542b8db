//! `useless-catch`: an error that is caught only to be thrown.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::calls::without_parentheses;
use crate::kinds::Field;
use crate::layout::{block_end, outdented};
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
    let caught_body = visit.child(handler, Field::Body);
    let is_alone = caught_body.is_some_and(|block| {
        let end = block_end(block);
        block.named_child(1).is_none_or(|second| second.start_byte() as u32 >= end)
    });
    let caught = Span::new(block_end(body), caught_body.map_or(0, block_end));
    let edits = is_alone.then(|| {
        if visit.child(node, Field::Finalizer).is_some() {
            return vec![TextEdit::remove(caught)];
        }
        // What the block declares must not leave it.
        match statements(visit, node, body) {
            Some(statements) => {
                vec![TextEdit::replace(Span::new(node.start_byte() as u32, caught.end), statements)]
            }
            None => {
                let keyword = Span::new(node.start_byte() as u32, body.start_byte() as u32);
                vec![TextEdit::remove(keyword), TextEdit::remove(caught)]
            }
        }
    });
    let keyword = Span::new(node.start_byte() as u32, node.start_byte() as u32 + 3);
    let finding = visit.report(keyword, "the error is caught only to be thrown again");
    if let Some(edits) = edits {
        finding.fix("Remove the `catch`", edits);
    }
}

/// The statements of a `try`, where they may stand in its place.
fn statements(visit: &Visit<'_, '_>, node: Node<'_>, body: Node<'_>) -> Option<String> {
    let in_list = visit.parent().is_none_or(|parent| matches!(parent.kind(), "statement_block" | "program"));
    let mut cursor = body.walk();
    let mut inside = body.named_children(&mut cursor);
    let first = inside.next()?;
    let declares = |statement: &Node<'_>| {
        statement.kind().ends_with("_declaration") || matches!(statement.kind(), "ERROR" | "empty_statement")
    };
    if !in_list || declares(&first) || inside.any(|statement| declares(&statement)) {
        return None;
    }
    let last = body.named_child((body.named_child_count() as u32).checked_sub(1)?)?;
    let text = visit.slice(Span::new(first.start_byte() as u32, last.end_byte() as u32)).trim_end();
    // Where semicolons are left out the braces keep the statements from their neighbours.
    let is_delimited = text.ends_with(';') && !text.starts_with(['(', '[', '`', '+', '-', '/']);
    let is_spread = first.start_position().row > body.start_position().row
        && last.end_position().row < body.end_position().row;
    if !is_delimited || !is_spread {
        return None;
    }
    let margin = |node: Node<'_>| visit.margin(node.start_byte() as u32);
    outdented(text, margin(first)?, margin(node)?, body)
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn the_block_stays_where_it_is_needed() {
        for (text, expected) in [
            ("try {\n  a()\n} catch (e) {\n  throw e\n}\n(b)()\n", "{\n  a()\n}\n(b)()\n"),
            ("a()\ntry {\n  (b)();\n} catch (e) {\n  throw e;\n}\n", "a()\n{\n  (b)();\n}\n"),
            ("if (a) try {\n  b();\n} catch (e) {\n  throw e;\n}\n", "if (a) {\n  b();\n}\n"),
            ("try {\n  a(`\n`);\n} catch (e) { throw e; } // b\n", "{\n  a(`\n`);\n} // b\n"),
            ("\ttry {\r\n\t\ta();\r\n\t} catch (e) { throw (e); }\r\n", "\ta();\r\n"),
        ] {
            let found = findings(RULE.id, Language::TypeScript, text);
            assert_eq!(apply(text, &found[0].fixes[0].edits), expected);
        }
        let text = "try {\n  a();\n} catch (e) {\n  // why\n  throw e;\n}\n";
        assert!(findings(RULE.id, Language::TypeScript, text).is_empty());
    }
}
