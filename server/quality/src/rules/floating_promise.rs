//! `floating-promise`: a promise that nobody waits for.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::calls::{argument, method_call, without_parentheses};
use crate::facts::{Fact, Topic};
use crate::kinds::{Field, Kind, Kinds};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

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
    check: Check::Nodes(&[
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
    ]),
    examples: &[
        Example {
            language: Language::TypeScript,
            bad: "⟦a.then(b)⟧;\n⟦Promise.all([c])⟧;\nasync function f() {}\n⟦f()⟧;\nclass D { async m() {} g(): Promise<void> {} n() { ⟦this.m()⟧; ⟦this.g()⟧; } }\n⟦(async () => { await h(); })()⟧;",
            fixed: "",
            good: "a.then(b, c);\na.then(b).catch(c);\na.catch(b).finally(c);\nvoid a.then(b);\nasync function f() { await f(); return f(); }\nfunction g() {}\ng();",
        },
        Example {
            language: Language::JavaScript,
            bad: "const f = async () => {};\nfunction g() { ⟦f()⟧; }",
            fixed: "",
            good: "const f = async () => {};\nclass A { f() { this.f(); } }\nfunction g() { h.f(); }",
        },
    ],
};

/// States which functions and methods return promises, and which do not seem to.
fn declared(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let kinds = Kinds::of(visit.language());
    let name = visit.child(node, Field::Name).or_else(|| visit.child(node, Field::Property));
    let Some(name) = name.filter(|name| {
        matches!(name.kind(), "identifier" | "property_identifier" | "private_property_identifier")
    }) else {
        return;
    };
    let value = visit.child(node, Field::Value);
    let function = match node.kind() {
        "variable_declarator" | "public_field_definition" | "field_definition" => {
            value.map(without_parentheses).filter(|value| kinds.get(*value).is(Kind::FUNCTION))
        }
        _ => Some(node),
    };
    let Some(function) = function else { return };
    // A generator hands out an iterator, whatever it waits for inside.
    let is_generator = function.kind().starts_with("generator")
        || function.children(&mut function.walk()).any(|child| child.kind() == "*");
    let returned = visit.field(function, Field::ReturnType).trim_start_matches([':', ' ']);
    let is_promise = !is_generator && (visit.is_async(function) || is_promise(returned));
    let is_method = !matches!(
        node.kind(),
        "function_declaration"
            | "generator_function_declaration"
            | "function_signature"
            | "variable_declarator"
    );
    let topic = match (is_method, is_promise) {
        (false, true) => Topic::AsyncFunction,
        (false, false) => Topic::PlainFunction,
        (true, true) => Topic::AsyncMethod,
        (true, false) => Topic::PlainMethod,
    };
    let fact = Fact::new(topic, visit.text(name));
    visit.state(fact);
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
    let conditions = match called.kind() {
        "member_expression" => {
            let Some(method) = method_call(visit, call) else { return };
            let is_promise = match method.name {
                "then" => argument(visit.language(), method.arguments, 1).is_none(),
                "finally" => true,
                "all" | "allSettled" | "race" | "any" => visit.text(method.receiver) == "Promise",
                _ => false,
            };
            if is_promise {
                if is_handled(visit, method.receiver) {
                    return;
                }
                None
            } else if matches!(visit.text(method.receiver), "this" | "self") {
                Some((Topic::AsyncMethod, Topic::PlainMethod, method.name))
            } else {
                return;
            }
        }
        "identifier" => Some((Topic::AsyncFunction, Topic::PlainFunction, visit.text(called))),
        _ if kinds.get(called).is(Kind::FUNCTION) && visit.is_async(called) => None,
        _ => return,
    };
    let in_async = visit.in_async();
    let start = node.start_byte() as u32;
    let finding = visit.report(Span::of(call), "nobody waits for this promise, nor hears if it fails");
    if in_async {
        finding.suggest("Wait for it", vec![TextEdit::insert(start, "await ")]);
    }
    finding.suggest("Say with `void` that nobody is to wait for it", vec![TextEdit::insert(start, "void ")]);
    if let Some((with, without, name)) = conditions {
        visit.only_if(Fact::new(with, name));
        visit.unless(Fact::new(without, name));
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
