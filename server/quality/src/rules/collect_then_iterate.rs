//! `collect-then-iterate`: a list that nobody keeps.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::calls::{MethodCall, method_call};
use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::search::{Outcome, Step};
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
        good: "fn f() { a.collect::<Vec<_>>(); b.collect::<HashSet<_>>().len(); c.collect::<Vec<_>>().sort(); d.collect::<Option<Vec<_>>>().iter(); }\nfn g() { a.map(|b| spawn(b)).collect::<Vec<_>>().into_iter().map(|b| b.join()).count(); c.iter().map(step).collect::<Vec<_>>().into_iter().collect(); }",
    }],
};

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
    let end = end_of(visit, node);
    // The list parts what makes its elements from what is done with them: threads are all started, then joined.
    let acts = may_act(visit, collect.receiver);
    if acts && end != End::All && matches!(outer.name, "iter" | "into_iter") {
        return;
    }
    let edit = match outer.name {
        _ if !is_open => None,
        "len" => Some((TextEdit::replace(span, "count()"), true)),
        "is_empty" if !acts => Some((TextEdit::replace(span, "next().is_none()"), false)),
        "into_iter" => Some((TextEdit::remove(Span::new(to, span.end)), end == End::All)),
        _ => None,
    };
    let finding = visit.report(span, "the collected list is only gone over: go over the iterator itself");
    match edit {
        Some((edit, true)) => _ = finding.fix("Do without the list", vec![edit]),
        Some((edit, false)) => _ = finding.suggest("Do without the list", vec![edit]),
        None => {}
    }
}

/// How far what follows a list goes over it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// To its end, and without running code that is written here.
    All,
    /// Nobody knows: into a `Result` things are collected up to the first error.
    Unknown,
}

fn end_of(visit: &Visit<'_, '_>, list: Node<'_>) -> End {
    // The call whose receiver this is lies behind the member, and the type arguments if it has any.
    let mut ancestors = visit.ancestors().skip(1);
    for _ in 0..2 {
        let Some(call) = ancestors.next() else { return End::Unknown };
        let Some(after) = method_call(visit, call).filter(|after| after.receiver == list) else { continue };
        let declared = ancestors.next().filter(|parent| parent.kind() == "let_declaration");
        let declared = declared.map_or("", |declaration| visit.field(declaration, Field::Type));
        let written = after.generics.strip_prefix("::<").and_then(|rest| rest.strip_suffix('>'));
        let made = written.unwrap_or(declared).trim();
        let all = match after.name {
            "count" | "max" | "min" | "last" => true,
            "sum" | "product" => NUMBERS.contains(&made),
            "collect" => LISTS.contains(&made.split('<').next().unwrap_or("")),
            _ => false,
        };
        return if all { End::All } else { End::Unknown };
    }
    End::Unknown
}

/// What numbers are added up to.
const NUMBERS: [&str; 14] =
    ["f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];
/// What takes all elements, whatever they are.
const LISTS: [&str; 8] =
    ["BTreeMap", "BTreeSet", "BinaryHeap", "HashMap", "HashSet", "String", "Vec", "VecDeque"];

/// Whether an iterator runs code that may do more than look at its elements.
fn may_act(visit: &Visit<'_, '_>, iterator: Node<'_>) -> bool {
    let outcome = visit.search(iterator, |at| match at.kind() {
        "closure_expression" => {
            let inner = visit.search(at, |node| match node.kind() {
                "call_expression"
                | "macro_invocation"
                | "assignment_expression"
                | "compound_assignment_expr"
                | "await_expression"
                | "unsafe_block" => Step::Stop,
                _ => Step::Into,
            });
            if inner == Outcome::Nowhere { Step::Over } else { Step::Stop }
        }
        "call_expression" => {
            // `map(start)`: a function by its name.
            let call = method_call(visit, at);
            let by_name = call.and_then(|call| call.arguments.named_child(0)).is_some_and(|argument| {
                matches!(argument.kind(), "identifier" | "scoped_identifier" | "generic_function")
            });
            let runs = call.is_some_and(|call| {
                matches!(call.name, "map" | "filter_map" | "flat_map" | "inspect" | "map_while" | "filter")
            });
            if by_name && runs { Step::Stop } else { Step::Into }
        }
        _ => Step::Into,
    });
    outcome != Outcome::Nowhere
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
            (
                "fn f() { a.collect::<Vec<_>>().into_iter().collect::<Vec<B>>(); }",
                Some(Applicability::Always),
            ),
            ("fn f() { a.collect::<Vec<_>>().into_iter().collect::<B>(); }", Some(Applicability::Suggested)),
            (
                "fn f() { a.collect::<Vec<_>>().into_iter().sum::<Result<_, _>>(); }",
                Some(Applicability::Suggested),
            ),
            (
                "fn f() { let b: f64 = a.map(g).collect::<Vec<_>>().into_iter().sum(); }",
                Some(Applicability::Always),
            ),
            ("fn f() { a.map(g).collect::<Vec<_>>().is_empty(); }", None),
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
