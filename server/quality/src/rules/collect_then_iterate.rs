//! `collect-then-iterate`: a list that nobody keeps.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::calls::{MethodCall, method_call};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "collect-then-iterate",
    dimension: Dimension::Performance,
    level: Level::On(Severity::Information),
    languages: &[Language::Rust],
    flags: "`.collect::<Vec<_>>()` that is only iterated over or counted",
    why: "The list is allocated, filled and thrown away; the iterator it was made of does the same without.",
    reference: Reference {
        name: "Clippy needless_collect",
        url: "https://rust-lang.github.io/rust-clippy/master/#needless_collect",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck { languages: &[Language::Rust], kinds: &["call_expression"], visit }]),
    examples: &[Example {
        language: Language::Rust,
        bad: "fn f() {\n    let n = a.chars()\n        .filter(g)\n        .⟦collect::<Vec<_>>().len()⟧;\n    let m: u32 = b.map(g).⟦collect::<Vec<_>>().into_iter()⟧.sum();\n    for c in d.⟦collect::<Vec<_>>().iter()⟧ {}\n}\n",
        fixed: "fn f() {\n    let n = a.chars()\n        .filter(g)\n        .count();\n    let m: u32 = b.map(g).sum();\n    for c in d.collect::<Vec<_>>().iter() {}\n}\n",
        good: "fn f() { a.collect::<Vec<_>>(); b.collect::<HashSet<_>>().len(); c.collect::<Vec<_>>().sort(); d.collect::<Option<Vec<_>>>().iter(); }",
    }],
};

/// What ends an iterator by going over all of it, without running code that is written here.
const ENDS: [&str; 7] = ["count", "sum", "product", "max", "min", "last", "collect"];

fn visit<'t>(visit: &mut Visit<'t, '_>, node: Node<'t>) {
    let Some(outer) = visit.method_call(node) else { return };
    let goes_over = matches!(outer.name, "iter" | "into_iter" | "len" | "is_empty");
    if !goes_over || outer.arguments.named_child_count() > 0 {
        return;
    }
    let Some(collect) = method_call(visit, outer.receiver).filter(is_collect) else { return };
    if visit.in_test() {
        return;
    }
    let to = collect.receiver.end_byte() as u32;
    let name = Span::of(collect.name_node);
    let span = Span::new(name.start, node.end_byte() as u32);
    // `Vec<_>` says nothing about the element's type: nothing is inferred from it.
    let is_open = matches!(collect.generics, "::<Vec<_>>");
    // The call whose receiver this is lies behind the member, and the type arguments if it has any.
    let is_ended = || {
        visit
            .ancestors()
            .skip(1)
            .take(2)
            .filter_map(|call| method_call(visit, call))
            .any(|after| after.receiver == node && ENDS.contains(&after.name))
    };
    let edit = match outer.name {
        _ if !is_open => None,
        "len" => Some((TextEdit::replace(span, "count()"), true)),
        "is_empty" => Some((TextEdit::replace(span, "next().is_none()"), false)),
        "into_iter" => Some((TextEdit::remove(Span::new(to, span.end)), is_ended())),
        _ => None,
    };
    let finding = visit.report(span, "the collected list is only gone over: go over the iterator itself");
    match edit {
        Some((edit, true)) => _ = finding.fix("Do without the list", vec![edit]),
        Some((edit, false)) => _ = finding.suggest("Do without the list", vec![edit]),
        None => {}
    }
}

fn is_collect(call: &MethodCall<'_, '_>) -> bool {
    let list = call.generics.strip_prefix("::<").unwrap_or("").trim_start();
    call.name == "collect" && ["Vec<", "Vec <", "VecDeque<"].iter().any(|prefix| list.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use crate::Applicability;
    use crate::rules::tests::findings;

    use super::*;

    #[test]
    fn only_what_goes_over_all_at_once_is_fixed_unseen() {
        for (text, expected) in [
            ("fn f() { a.collect::<Vec<_>>().len(); }", Some(Applicability::Always)),
            ("fn f() { a.collect::<Vec<_>>().into_iter().max(); }", Some(Applicability::Always)),
            ("fn f() { a.collect::<Vec<_>>().into_iter().collect::<B>(); }", Some(Applicability::Always)),
            ("fn f() { for b in a.collect::<Vec<_>>().into_iter() {} }", Some(Applicability::Suggested)),
            ("fn f() { a.collect::<Vec<_>>().into_iter().map(g); }", Some(Applicability::Suggested)),
            ("fn f() { a.collect::<Vec<_>>().is_empty(); }", Some(Applicability::Suggested)),
            ("fn f() { a.collect::<Vec<u8>>().len(); }", None),
            ("fn f() { a.collect::<Vec<_>>() /* b */ .len(); }", None),
        ] {
            let found = findings(RULE.id, Language::Rust, text);
            assert_eq!(found[0].fixes.first().map(|fix| fix.applicability), expected, "{text}");
        }
    }
}
