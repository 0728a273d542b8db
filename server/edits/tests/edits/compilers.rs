//! What a tree has a place for and no compiler takes.

use autodao_edits::{Contract, Gate, ItemTerm, SignatureTerm};
use autodao_syntax::Language;

use super::{accepted, fenced, refused, request};

#[test]
fn what_compilers_refuse_is_refused() {
    let rust = "struct S;\nimpl S {\n    ⟦fn f(&self, n: u8) -> u8 {\n        n\n    }⟧\n}\n";
    let script =
        "import { g } from './g';\n⟦export function f(a: number, b: number) {\n  return g(a, b);\n}⟧\n";
    let plain = "⟦function f(a, b) {\n  return a + b;\n}⟧\n";
    let cases: [(Language, &str, &str); 16] = [
        (Language::Rust, rust, "fn f(&self, n: u8) -> u8 {\n    n\n}\n\nmod tests {\n    fn t() {}\n}"),
        (Language::Rust, rust, "fn f(&self, n: u8) -> u8 {\n    n\n}\n\nuse std::fmt;"),
        (Language::Rust, rust, "let n = [1, 2];"),
        (Language::JavaScript, plain, "function f(a, b) {\n  import x from 'y';\n  return a + b;\n}"),
        (Language::JavaScript, plain, "function f(a, b) {\n  break;\n  return a + b;\n}"),
        (Language::JavaScript, plain, "function f(a, b) {\n  super.x();\n  return a + b;\n}"),
        (Language::JavaScript, plain, "function f(a, b) {\n  let c = 1;\n  let c = 2;\n  return a + b;\n}"),
        (Language::JavaScript, plain, "function f(a, a) {\n  'use strict';\n  return a;\n}"),
        (Language::JavaScript, plain, "function f(a, b) {\n  const c;\n  return a + b;\n}"),
        (Language::JavaScript, plain, "function f(a, b) {\n  return a ?? 1 || b;\n}"),
        (
            Language::JavaScript,
            plain,
            "function f(a, b) {\n  for (const x = 1 of [1]) {}\n  return a + b;\n}",
        ),
        (
            Language::TypeScript,
            script,
            "export function f(a: number, b: number) {\n  const c;\n  return g(a, b);\n}",
        ),
        (
            Language::TypeScript,
            script,
            "export function f(a: number, b: number) {\n  const [c];\n  return g(a, b);\n}",
        ),
        (Language::TypeScript, script, "export function f(a: number, b: number) {\n  await g(a, b);\n}"),
        (
            Language::TypeScript,
            script,
            "export function f(a: number, b: number) {\n  export const c = a;\n  return g(a, b);\n}",
        ),
        (Language::TypeScript, script, "export function f(a: number, b: number) {\n  yield g(a, b);\n}"),
    ];
    for (language, text, code) in cases {
        let mut request = request(language, text, Contract::WholeNode);
        (request.terms.items, request.terms.signature) = (ItemTerm::Free, SignatureTerm::Free);
        let refusal = refused(&request, &fenced(code));
        assert_eq!(refusal.gate, Gate::Syntax, "{code}: {}", refusal.reason);
    }
}

#[test]
fn what_was_refused_before_is_no_fault_of_the_edit() {
    let text = "const c;\n⟦function f(a, b) {\n  return a + b;\n}⟧\n";
    let request = request(Language::JavaScript, text, Contract::WholeNode);
    accepted(&request, &fenced("function f(a, b) {\n  return b + a;\n}"));
    refused(&request, &fenced("function f(a, b) {\n  const d;\n  return b + a;\n}"));
}

#[test]
fn a_script_may_be_what_no_module_is() {
    let text = "⟦function f(a, b) {\n  return a + b;\n}⟧\n";
    let request = request(Language::JavaScript, text, Contract::WholeNode);
    accepted(&request, &fenced("function f(a, b) {\n  with (a) { return b; }\n}"));
}
