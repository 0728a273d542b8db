//! `wildcard-import`: names that come from somewhere.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, RuleOption, Severity};
use crate::search::Step;
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "wildcard-import",
    dimension: Dimension::Architecture,
    level: Level::On(Severity::Hint),
    languages: &Language::ALL,
    flags: "`use a::*`, unless it is of a prelude, an enum or the module under test, or re-exports",
    why: "A reader cannot see where a name comes from, and a name added there may collide with one here. `import * as a` in scripts keeps its names apart and is only flagged when asked for.",
    reference: Reference {
        name: "Clippy wildcard_imports",
        url: "https://rust-lang.github.io/rust-clippy/master/#wildcard_imports",
    },
    options: &[RuleOption {
        name: "namespaces",
        default: 0,
        describes: "1 to flag `import * as a` in scripts too, 0 not to",
    }],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["use_declaration"], visit: rust },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["namespace_import"], visit: script },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "use ⟦a::b::*⟧;\nuse c::{d, ⟦e::*⟧};\nfn f() { use ⟦super::*⟧; }",
            fixed: "",
            good: "use a::prelude::*;\npub use b::*;\nuse c::Enum::*;\n#[cfg(test)]\nmod tests { use super::*; }",
        },
        Example {
            language: Language::TypeScript,
            bad: "",
            fixed: "",
            good: "import * as a from 'a';\nexport * from 'b';",
        },
    ],
};

fn rust(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let text = visit.text(node);
    let is_re_export = || node.named_child(0).is_some_and(|child| child.kind() == "visibility_modifier");
    if !text.contains('*') || is_re_export() || visit.in_test() {
        return;
    }
    let in_prelude = text.contains("prelude");
    let mut found = Vec::new();
    _ = visit.search(node, |at| {
        if at.kind() == "use_wildcard" {
            let path = at.named_child(0);
            let name = path.map_or("", |path| visit.text(path).rsplit("::").next().unwrap_or(""));
            if !in_prelude && !name.starts_with(char::is_uppercase) {
                found.push(Span::of(at));
            }
        }
        Step::Into
    });
    for span in found {
        visit.report(span, "a wildcard import: a reader cannot see what it brings");
    }
}

fn script(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if visit.option("namespaces") > 0 && !visit.in_test() {
        visit.report(Span::of(node), "a namespace import brings all there is");
    }
}
