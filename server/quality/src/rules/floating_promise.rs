//! `floating-promise`: a promise that nobody waits for.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use rustc_hash::FxHashSet;

use crate::calls::{argument, method_call, without_parentheses};
use crate::facts::{Fact, Topic};
use crate::kinds::{Field, Kind, Kinds};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::search::mentions;
use crate::visit::{FileVisit, Visit};
use crate::{Finding, TextEdit};

pub(crate) const RULE: Rule = Rule {
    id: "floating-promise",
    dimension: Dimension::ErrorHandling,
    level: Level::On(Severity::Warning),
    languages: &Language::SCRIPTS,
    flags: "a promise as a statement: `.then(...)` without a handler of errors, `Promise.all(...)`, a call of an async function of the same file",
    why: "Nobody waits for it, and if it fails nobody hears of it but the runtime, which may stop the program.",
    reference: Reference {
        name: "typescript-eslint no-floating-promises",
        url: "https://typescript-eslint.io/rules/no-floating-promises/",
    },
    options: &[],
    check: Check::Joined {
        nodes: &[
            NodeCheck {
                languages: &Language::SCRIPTS,
                kinds: &[
                    "function_declaration",
                    "generator_function_declaration",
                    "method_definition",
                    "variable_declarator",
                ],
                visit: declared,
            },
            NodeCheck {
                languages: &[Language::TypeScript, Language::Tsx],
                kinds: &[
                    "function_signature",
                    "method_signature",
                    "abstract_method_signature",
                    "public_field_definition",
                ],
                visit: declared,
            },
            NodeCheck { languages: &[Language::JavaScript], kinds: &["field_definition"], visit: declared },
            NodeCheck { languages: &Language::SCRIPTS, kinds: &["expression_statement"], visit },
        ],
        join,
    },
    examples: &[
        Example {
            language: Language::TypeScript,
            bad: "⟦a.then(b)⟧;\n⟦Promise.all([c])⟧;\nasync function f() {}\n⟦f()⟧;\nclass D { async m() {} g(): Promise<void> {} n() { ⟦this.m()⟧; ⟦this.g()⟧; } }\n⟦(async () => { await h(); })()⟧;",
            fixed: "",
            good: "a.then(b, c);\na.then(b).catch(c);\na.catch(b).finally(c);\nvoid a.then(b);\nasync function f() { await f(); return f(); }\nfunction g() {}\ng();",
        },
        Example {
            language: Language::TypeScript,
            bad: "async function load() {}\nfunction a() { ⟦load()⟧; }\nfunction b() { const load = () => 1; load(); }\nfunction c() { async function d() {} ⟦d()⟧; }",
            fixed: "",
            good: "async function load() {}\nfunction run(load: () => void) { load(); }\nfunction f({ load }: A) { load(); }\nfor (const load of g) { load(); }\nclass B { save() {} run() { this.save(); } }\nclass C { async save() {} }",
        },
        Example {
            language: Language::JavaScript,
            bad: "const f = async () => {};\nfunction g() { ⟦f()⟧; }",
            fixed: "",
            good: "const f = async () => {};\nclass A { f() { this.f(); } }\nfunction g() { h.f(); }",
        },
    ],
};

/// Notes of methods have even keys, of calls of `this` the one above.
const CALL: u64 = 1;

/// States which functions of the file return promises, and which do not seem to; notes methods that do.
fn declared(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let kinds = Kinds::of(visit.language());
    let Some(name) = name_of(kinds, node) else { return };
    let Some(is_promise) = promises(kinds, visit.text, node) else { return };
    if is_function(node) {
        // What is declared in a function is not seen outside of it.
        let is_local = visit.ancestors().any(|outer| kinds.get(outer).is(Kind::FUNCTION));
        let topic = if is_promise { Topic::AsyncFunction } else { Topic::PlainFunction };
        if !is_local {
            visit.state(Fact::new(topic, visit.text(name)));
        }
    } else if is_promise {
        visit.note(node, Span::of(name), visit.key(0, visit.text(name)) & !CALL);
    }
}

fn is_function(declaration: Node<'_>) -> bool {
    matches!(
        declaration.kind(),
        "function_declaration"
            | "generator_function_declaration"
            | "function_signature"
            | "variable_declarator"
    )
}

/// The name of a function, a method, or what a function is bound to.
fn name_of<'n>(kinds: &Kinds, node: Node<'n>) -> Option<Node<'n>> {
    let name = kinds.child(node, Field::Name).or_else(|| kinds.child(node, Field::Property));
    name.filter(|name| {
        matches!(name.kind(), "identifier" | "property_identifier" | "private_property_identifier")
    })
}

/// Whether what is declared returns a promise; `None` when it is no function.
fn promises(kinds: &Kinds, text: &str, node: Node<'_>) -> Option<bool> {
    let function = match node.kind() {
        "variable_declarator" | "public_field_definition" | "field_definition" => {
            let value = kinds.child(node, Field::Value).map(without_parentheses);
            value.filter(|value| kinds.get(*value).is(Kind::FUNCTION))?
        }
        _ => node,
    };
    // A generator hands out an iterator, whatever it waits for inside.
    let has = |kind| function.children(&mut function.walk()).any(|child| child.kind() == kind);
    let is_generator = function.kind().starts_with("generator") || has("*");
    let returned = kinds.child(function, Field::ReturnType).and_then(|kind| text.get(kind.byte_range()));
    let returned = returned.unwrap_or("").trim_start_matches([':', ' ']);
    Some(!is_generator && (has("async") || is_promise(returned)))
}

fn is_promise(returned: &str) -> bool {
    returned.strip_prefix("Promise").is_some_and(|rest| rest.starts_with('<') || rest.starts_with("Like<"))
}

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(call) = node.named_child(0).map(without_parentheses) else { return };
    if call.kind() != "call_expression" || visit.in_test() {
        return;
    }
    let Some(called) = visit.child(call, Field::Function).map(without_parentheses) else { return };
    let kinds = Kinds::of(visit.language());
    let mut name = None;
    match called.kind() {
        "member_expression" => {
            let Some(method) = method_call(visit, call) else { return };
            let is_promise = match method.name {
                "then" => argument(visit.language(), method.arguments, 1).is_none(),
                "finally" => true,
                "all" | "allSettled" | "race" | "any" => visit.text(method.receiver) == "Promise",
                _ => false,
            };
            if !is_promise && method.receiver.kind() == "this" {
                let key = visit.key(0, method.name) | CALL;
                return visit.note(node, Span::of(call), key);
            }
            if !is_promise || is_handled(visit, method.receiver) {
                return;
            }
        }
        "identifier" => match local(visit, node, visit.text(called)) {
            Some(true) => {}
            Some(false) => return,
            None => name = Some(visit.text(called)),
        },
        _ if kinds.get(called).is(Kind::FUNCTION) && visit.is_async(called) => {}
        _ => return,
    }
    let in_async = visit.in_async();
    tell(visit.report(Span::of(call), MESSAGE), node.start_byte() as u32, in_async);
    if let Some(name) = name {
        visit.only_if(Fact::new(Topic::AsyncFunction, name));
        visit.unless(Fact::new(Topic::PlainFunction, name));
    }
}

const MESSAGE: &str = "nobody waits for this promise, nor hears if it fails";

fn tell(finding: &mut Finding, start: u32, in_async: bool) {
    if in_async {
        finding.suggest("Wait for it", vec![TextEdit::insert(start, "await ")]);
    }
    finding.suggest("Say with `void` that nobody is to wait for it", vec![TextEdit::insert(start, "void ")]);
}

/// Whether a name is that of an async function where a statement stands; `None` when nothing around it in the item
/// binds it.
fn local(visit: &Visit<'_, '_>, statement: Node<'_>, name: &str) -> Option<bool> {
    let kinds = Kinds::of(visit.language());
    let binds =
        |pattern: Option<Node<'_>>| pattern.is_some_and(|pattern| mentions(visit.text(pattern), name));
    let mut inner = statement;
    for outer in visit.ancestors() {
        match outer.kind() {
            "statement_block" | "switch_case" | "switch_default" => {
                for child in outer.named_children(&mut outer.walk()) {
                    let declarators: Vec<_> = match child.kind() {
                        "lexical_declaration" | "variable_declaration" => {
                            child.named_children(&mut child.walk()).collect()
                        }
                        "function_declaration" | "generator_function_declaration" | "class_declaration" => {
                            vec![child]
                        }
                        _ => continue,
                    };
                    let found = declarators.into_iter().find(|one| binds(kinds.child(*one, Field::Name)));
                    if let Some(found) = found {
                        let is_name = name_of(kinds, found).is_some();
                        return Some(is_name && promises(kinds, visit.text, found).unwrap_or(false));
                    }
                }
            }
            "for_in_statement" if binds(kinds.child(outer, Field::Left)) => return Some(false),
            "for_statement" if binds(kinds.child(outer, Field::Initializer)) => return Some(false),
            "catch_clause" if binds(kinds.child(outer, Field::Parameter)) => return Some(false),
            _ if kinds.get(outer).is(Kind::FUNCTION) && inner != outer => {
                let parameters = kinds.child(outer, Field::Parameters);
                if binds(parameters) || binds(kinds.child(outer, Field::Parameter)) {
                    return Some(false);
                }
            }
            _ => {}
        }
        inner = outer;
    }
    None
}

/// How many calls of methods are looked at.
const CALLS_JOINED: usize = 512;

/// `this.save()`, where the class around it has an async `save`.
fn join(visit: &mut FileVisit<'_>) {
    let (text, Some(root), Some(language)) = (visit.text(), visit.root(), visit.language()) else { return };
    let kinds = Kinds::of(language);
    let promised: FxHashSet<u64> =
        visit.notes().filter(|note| note.key & CALL == 0).map(|note| note.key).collect();
    let calls =
        visit.notes().filter(|note| note.key & CALL == CALL && promised.contains(&(note.key & !CALL)));
    for note in calls.take(CALLS_JOINED) {
        let call = root.descendant_for_byte_range(note.span.start as usize, note.span.end as usize);
        let Some(call) = call.filter(|call| call.kind() == "call_expression") else { continue };
        let member =
            kinds.child(call, Field::Function).and_then(|called| kinds.child(called, Field::Property));
        let Some(name) = member.and_then(|member| text.get(member.byte_range())) else { continue };
        let mut in_async = None;
        let mut around = call.parent();
        while let Some(outer) = around.filter(|outer| !matches!(outer.kind(), "class_body" | "object")) {
            if kinds.get(outer).is(Kind::FUNCTION) && in_async.is_none() {
                in_async = Some(outer.children(&mut outer.walk()).any(|child| child.kind() == "async"));
            }
            // There `this` is another.
            let is_other = kinds.get(outer).is(Kind::FUNCTION)
                && !matches!(outer.kind(), "arrow_function" | "method_definition");
            around = if is_other { None } else { outer.parent() };
        }
        let Some(class) = around else { continue };
        let own: Vec<bool> = class
            .named_children(&mut class.walk())
            .filter(|member| name_of(kinds, *member).and_then(|own| text.get(own.byte_range())) == Some(name))
            .filter_map(|member| promises(kinds, text, member))
            .collect();
        if own.contains(&true) && !own.contains(&false) {
            tell(visit.report(note.span, MESSAGE), note.span.start, in_async == Some(true));
        }
    }
}

/// How far a chain of calls is followed.
const CALLS_SEEN: usize = 64;

/// Whether a promise has been given a handler of errors somewhere in its chain, or is none: Cypress chains look
/// like promises.
fn is_handled(visit: &Visit<'_, '_>, mut receiver: Node<'_>) -> bool {
    for _ in 0..CALLS_SEEN {
        receiver = without_parentheses(receiver);
        let Some(method) = method_call(visit, receiver) else {
            return visit.text(receiver) == "cy";
        };
        let handles = method.name == "catch"
            || (method.name == "then" && argument(visit.language(), method.arguments, 1).is_some());
        if handles {
            return true;
        }
        receiver = method.receiver;
    }
    true
}
