//! `empty-catch`: a failure that nobody will hear of.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::kinds::Field;
use crate::layout::block_end;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "empty-catch",
    dimension: Dimension::ErrorHandling,
    level: Level::On(Severity::Warning),
    languages: &Language::SCRIPTS,
    flags: "a `catch` block with neither code nor a comment",
    why: "The error is swallowed, and what it would have explained is looked for elsewhere.",
    reference: Reference {
        name: "CWE-390: Detection of Error Condition Without Action",
        url: "https://cwe.mitre.org/data/definitions/390.html",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck { languages: &Language::SCRIPTS, kinds: &["catch_clause"], visit }]),
    examples: &[Example {
        language: Language::TypeScript,
        bad: "try { f(); } catch (error) ⟦{}⟧\n// g\ntry { h(); } catch ⟦{}⟧ // i\n",
        fixed: "",
        good: "try { f(); } catch { /* there is no such file: fine */ }\ntry { f(); } catch (e) { g(e); }",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(body) = visit.child(node, Field::Body) else { return };
    let end = block_end(body);
    let is_empty = body.named_child(0).is_none_or(|first| first.start_byte() as u32 >= end);
    if !is_empty || visit.in_test() {
        return;
    }
    let parameter =
        visit.child(node, Field::Parameter).filter(|p| p.kind() == "identifier").map(|p| visit.text(p));
    let span = Span::new(body.start_byte() as u32, end);
    let finding = visit.report(span, "the error is swallowed: handle it, or say in a comment why not");
    if let Some(parameter) = parameter {
        finding.suggest("Throw it again", vec![TextEdit::replace(span, format!("{{ throw {parameter}; }}"))]);
    }
    finding.suggest("Say that it is ignored", vec![TextEdit::replace(span, "{ /* ignored */ }")]);
}
