//! `invalid-suppression`: a comment that was to allow something, and allows nothing.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::suppression::{Suppression, after_mark};
use crate::visit::Visit;
use crate::{Catalog, TextEdit, is_rule_read};

pub(crate) const RULE: Rule = Rule {
    id: "invalid-suppression",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Information),
    languages: &Language::ALL,
    flags: "an `autodao: allow(...)` comment that names no rule there is, or is written in another way",
    why: "It allows nothing, and looks as if it did.",
    reference: Reference {
        name: "Clippy unknown_clippy_lints",
        url: "https://rust-lang.github.io/rust-clippy/master/#unknown_clippy_lints",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["line_comment", "block_comment"], visit },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["comment"], visit },
    ]),
    examples: &[Example {
        language: Language::Rust,
        bad: "// autodao: allow(⟦unwrap-usd⟧, todo-comment) it is there\nfn f() {}\n⟦// autodao: allow unwrap-used⟧\nfn g() {}\n⟦/* autodao: ignore */⟧\nfn h() {}\n",
        fixed: "",
        good: "// autodao: allow(unwrap-used) it is there\nfn f() {}\n// autodao: allow-file(all)\n// autodao: a language server\n",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let comment = visit.text(node);
    let Some(rest) = after_mark(comment) else { return };
    let start = node.start_byte() as u32;
    let whole = Span::new(start, start + comment.trim_end().len() as u32);
    let Some(suppression) = Suppression::parse(comment, whole) else {
        let meant = ["allow", "disable", "expect", "ignore", "off", "suppress"];
        if meant.iter().any(|word| rest.starts_with(word)) {
            visit
                .report(whole, "this allows nothing: write `autodao: allow(unwrap-used)`, and why behind it");
        }
        return;
    };
    // Each name where it stands, in order.
    let mut from = comment.find('(').unwrap_or(0);
    for name in &suppression.rules {
        let at = from + comment.get(from..).and_then(|rest| rest.find(&**name)).unwrap_or(0);
        from = at + name.len();
        let is_known = &**name == "all" || Catalog::builtin().find(name).is_some() || is_rule_read(name);
        if is_known {
            continue;
        }
        let span = Span::new(start + at as u32, start + from as u32);
        match nearest(name) {
            Some(meant) => {
                let finding =
                    visit.report(span, format!("there is no rule `{name}`; did you mean `{meant}`?"));
                finding.suggest(format!("Allow `{meant}`"), vec![TextEdit::replace(span, meant)]);
            }
            None => _ = visit.report(span, format!("there is no rule `{name}`")),
        }
    }
}

/// The rule that was probably meant, if one is near enough.
fn nearest(name: &str) -> Option<&'static str> {
    let rules = Catalog::builtin().iter().map(|(_, rule)| rule.id);
    let distance = |id: &&str| strsim::damerau_levenshtein(&name.to_ascii_lowercase(), id);
    rules.filter(|id| distance(id) <= (name.len() / 3).max(2)).min_by_key(distance)
}
