//! `duplicate-definition`: one name, defined twice in one scope.

use std::collections::hash_map::Entry;

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};
use rustc_hash::FxHashMap;

use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::{FileVisit, Visit};
use crate::{FileRole, PlacedNote, TextEdit};

pub(crate) const RULE: Rule = Rule {
    id: "duplicate-definition",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Error),
    languages: &Language::ALL,
    flags: "a function, method or type with the name of another in the same scope; overloads, merged declarations and items under `#[cfg]` left out",
    why: "It does not compile, or the later one silently takes the place of the earlier. An edit that adds a new version and leaves the old one does that.",
    reference: Reference {
        name: "Rust error E0428",
        url: "https://doc.rust-lang.org/error_codes/E0428.html",
    },
    options: &[],
    check: Check::Joined {
        nodes: &[
            NodeCheck {
                languages: &[Language::Rust],
                kinds: &[
                    "function_item",
                    "function_signature_item",
                    "struct_item",
                    "enum_item",
                    "union_item",
                    "type_item",
                    "trait_item",
                    "const_item",
                    "static_item",
                ],
                visit: rust,
            },
            NodeCheck {
                languages: &Language::SCRIPTS,
                kinds: &[
                    "function_declaration",
                    "generator_function_declaration",
                    "class_declaration",
                    "method_definition",
                    "lexical_declaration",
                ],
                visit: script,
            },
            NodeCheck {
                languages: &[Language::TypeScript, Language::Tsx],
                kinds: &["abstract_class_declaration", "type_alias_declaration"],
                visit: script,
            },
        ],
        join,
    },
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() {}\nstruct A;\nfn ⟦f⟧() { g(); }\nimpl A {\n    fn m(&self) {}\n    fn ⟦m⟧(&self) {}\n}\n",
            fixed: "",
            good: "#[cfg(a)]\nfn f() {}\n#[cfg(not(a))]\nfn f() {}\nstruct g;\nimpl A { fn g() {} }\nimpl B { fn g() {} }\nmod m { fn f() {} }\nconst _: () = ();\nconst _: () = ();\nfn k() { fn f() {} }\nstruct S {}\nfn S() {}",
        },
        Example {
            language: Language::TypeScript,
            bad: "export function f() {}\nfunction ⟦f⟧() {}\nclass A {\n  m() {}\n  ⟦m⟧() {}\n}\nfunction g() {\n  const a = 1;\n  const ⟦a⟧ = 2;\n}\n",
            fixed: "",
            good: "function f(a: string): void;\nfunction f(a: number): void;\nfunction f(a: any) {}\nclass A { get b() { return 1; } set b(v) {} static b() {} }\ninterface A { c: number }\nnamespace f { export const d = 1; }\ntype T = 1;\nconst T = 2;\nif (a) { const x = 1; } else { const x = 2; }\nvar v; var v;",
        },
    ],
};

const VALUES: u8 = 0;
const TYPES: u8 = 1;

fn rust(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(name) = visit.child(node, Field::Name) else { return };
    let text = visit.text(name);
    if text == "_" {
        return;
    }
    let topic = match node.kind() {
        "function_item" | "function_signature_item" | "const_item" | "static_item" => VALUES,
        _ => TYPES,
    };
    visit.note(node, Span::of(name), visit.key(topic, text));
}

fn script(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if visit.role() == FileRole::Declaration {
        return;
    }
    if node.kind() == "lexical_declaration" {
        for declarator in node.named_children(&mut node.walk()) {
            let name = visit.child(declarator, Field::Name).filter(|name| name.kind() == "identifier");
            if let Some(name) = name {
                visit.note(node, Span::of(name), visit.key(VALUES, visit.text(name)));
            }
        }
        return;
    }
    let Some(name) = visit.child(node, Field::Name) else { return };
    let mut topic = if node.kind() == "type_alias_declaration" { TYPES } else { VALUES };
    if node.kind() == "method_definition" {
        // An object literal's later property is meant to win; a computed name is not known.
        if visit.parent().is_some_and(|parent| parent.kind() != "class_body")
            || name.kind() == "computed_property_name"
        {
            return;
        }
        for modifier in node.children(&mut node.walk()).take_while(|child| *child != name) {
            topic += match modifier.kind() {
                "static" => 2,
                "get" => 4,
                "set" => 8,
                _ => 0,
            };
        }
    }
    visit.note(node, Span::of(name), visit.key(topic, visit.text(name)));
}

/// A file with more is made by a machine, or is not what it seems.
const MAX_FINDINGS: usize = 100;

fn join(visit: &mut FileVisit<'_>) {
    // In an ERROR that is all of the file, what is around what is not known.
    if visit.root().is_none_or(|root| root.is_error()) {
        return;
    }
    let mut first: FxHashMap<(u64, (u32, u32)), &PlacedNote> = FxHashMap::default();
    let text = visit.text();
    let mut found = 0;
    for note in visit.notes() {
        if note.broken || note.conditional {
            continue;
        }
        match first.entry((note.key, note.scope)) {
            Entry::Vacant(entry) => {
                entry.insert(note);
            }
            Entry::Occupied(mut entry) => {
                let earlier = entry.insert(note);
                found += 1;
                if found > MAX_FINDINGS {
                    return;
                }
                let name = text.get(note.span.range()).unwrap_or("");
                // What a comment says is nowhere else.
                let says_more =
                    |span: &Span| !["//", "/*"].iter().any(|mark| text[span.range()].contains(mark));
                let removed = removal(text, earlier).filter(says_more);
                let finding = visit.report(note.span, format!("`{name}` is defined twice in this scope"));
                if let Some(removed) = removed {
                    finding.suggest("Remove the earlier definition", vec![TextEdit::remove(removed)]);
                }
            }
        }
    }
}

/// The lines of an item, when it stands on them alone and nothing that belongs to it is before it.
fn removal(text: &str, note: &PlacedNote) -> Option<Span> {
    let item = note.item.filter(|item| item.start <= note.span.start)?;
    let head = text.get(item.start as usize..note.span.start as usize)?;
    // One of several in a `const`, say, is not an item of its own.
    let is_whole = ["fn ", "struct ", "enum ", "union ", "trait ", "function ", "class "]
        .iter()
        .any(|keyword| head.contains(keyword))
        && !["const ", "let "].iter().any(|keyword| head.starts_with(keyword));
    let before = text.get(..item.start as usize)?.trim_end_matches([' ', '\t']);
    let above = before.trim_end().lines().next_back().unwrap_or("").trim();
    let is_described =
        ["//", "*", "/*", "#", "@"].iter().any(|mark| above.starts_with(mark)) || above.ends_with("*/");
    let after = text.get(item.end as usize..)?;
    let line_break = if after.starts_with("\r\n") { 2 } else { usize::from(after.starts_with(['\n', '\r'])) };
    // Without it, the lines before and behind may become one statement.
    let joins = after
        .trim_start()
        .starts_with(['(', '[', '`', '+', '-', '*', '/', '.', ',', '?', '&', '|', '<', '>', '=', '%', '^']);
    let starts_line = before.is_empty() || before.ends_with(['\n', '\r']);
    (is_whole && starts_line && line_break > 0 && !is_described && !joins)
        .then(|| Span::new(before.len() as u32, item.end + line_break as u32))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn the_earlier_definition_can_be_removed() {
        let text = "class A {\n  b() {}\n}\nexport class A {\n  c() {}\n}\n";
        let found = findings(RULE.id, Language::JavaScript, text);
        assert_eq!(apply(text, &found[0].fixes[0].edits), "export class A {\n  c() {}\n}\n");
        for text in
            ["/// Doc.\nfn f() {}\nfn f() {}\n", "#[inline]\nfn f() {}\nfn f() {}\n", "fn f() {} fn f() {}\n"]
        {
            let found = findings(RULE.id, Language::Rust, text);
            assert!(found[0].fixes.is_empty(), "{text}");
        }
    }

    #[test]
    fn broken_code_and_unknown_attributes_say_nothing() {
        for text in [
            "fn f() { fn f() {}\n",
            "#[rstest]\nfn f() {}\nfn f() {}",
            "fn g() { #[cfg(a)] fn f() {} fn f() {} }",
            "impl A { fn f() {} fn f( {} }",
        ] {
            assert!(findings(RULE.id, Language::Rust, text).is_empty(), "{text}");
        }
        assert_eq!(findings(RULE.id, Language::Rust, "fn g() { #[inline] fn f() {} fn f() {} }").len(), 1);
    }
}
