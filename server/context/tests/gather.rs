//! What the model gets to see.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails, fails its test")]

use autodao_context::{Context, ContextError, Finding, Request, Role, gather};
use autodao_syntax::{Language, Span, SyntaxParser};
use autodao_tasks::target_at;
use expect_test::{Expect, expect};
use proptest::prelude::*;

const ROLES: &[Role] = &[Role::Findings, Role::Enclosing, Role::Imports];

/// Words are tokens enough here.
fn count(text: &str) -> usize {
    text.split_whitespace().count()
}

/// The context of what is at `│`.
fn of(language: Language, text: &str, budget: usize, roles: &[Role]) -> Result<Context, ContextError> {
    let at = text.find('│').unwrap() as u32;
    let text = text.replace('│', "");
    let tree = SyntaxParser::default().parse_fresh(language, &text).unwrap();
    let target = target_at(language, &text, &tree, Span::at(at)).unwrap();
    let findings = [
        Finding { span: Span::at(0), rule: "elsewhere", message: "no" },
        Finding { span: Span::new(at, at + 1), rule: "unwrap-used", message: "it panics here" },
    ];
    gather(&Request {
        target: &target,
        text: &text,
        tree: &tree,
        findings: &findings,
        roles,
        budget,
        tokens: &count,
    })
}

fn shown(context: &Context) -> String {
    let mut shown = String::new();
    for piece in context.pieces.iter().chain([&context.target]) {
        shown += &format!(
            "[{} {} {}]\n{}\n",
            piece.role.name(),
            piece.tokens,
            piece.reason,
            piece.text.trim_end()
        );
    }
    for finding in &context.findings {
        shown +=
            &format!("[finding {}] {}: {} {}\n", finding.tokens, finding.line, finding.rule, finding.message);
    }
    for piece in &context.left_out {
        shown += &format!("[left out {}] {}\n", piece.tokens, piece.reason);
    }
    shown + &format!("[{} tokens, indent {:?}]\n", context.tokens, context.indent)
}

fn check(language: Language, text: &str, budget: usize, expected: Expect) {
    expected.assert_eq(&shown(&of(language, text, budget, ROLES).unwrap()));
}

const RUST: &str = "\
use std::collections::{HashMap, HashSet as Set};
use std::fmt;
use super::*;
use a::{self, b as c};

/// A server.
pub struct Server<T> {
    port: u16,
    names: Set<T>,
}

fn free() {}

impl<T> Server<T> {
    const MAX: u8 = 3;
    /// New.
    pub fn new(
        port: u16,
    ) -> Self {
        todo!()
    }

    /// Runs.
    fn run(&self) -> fmt::Result {
        self.names.unwr│ap();
        a::go()
    }

    fn stop(self) {}
    fn last(self) {}
}
";

const SCRIPT: &str = "\
import def, { type A, b as c } from './x';
import * as fs from 'fs';
import './side';
/** Doc. */
export class Box<T> extends Base {
  x = 1;
  run(a: A): void {
    c(fs│);
  }
  stop = () => {};
}
export const limit = 3, two = () => 2;
interface I { a: string }
";

#[test]
fn all_of_it() {
    check(
        Language::Rust,
        RUST,
        200,
        expect![[r#"
        [imports 9 Imports that the target uses]
        use std::fmt;
        use super::*;
        use a::{self, b as c};
        [enclosing 9 Type: Server]
        pub struct Server<T> {
            port: u16,
            names: Set<T>,
        }
        [enclosing 21 Around the target: Server<T>]
        impl<T> Server<T> {
            const MAX: u8 = 3;
            pub fn new( port: u16, ) -> Self;
            fn stop(self);
            fn last(self);
        }
        [target 10 Target: Server<T>::run]
        /// Runs.
        fn run(&self) -> fmt::Result {
            self.names.unwrap();
            a::go()
        }
        [finding 4] 3: unwrap-used it panics here
        [53 tokens, indent "    "]
    "#]],
    );
    check(
        Language::TypeScript,
        SCRIPT,
        200,
        expect![[r#"
            [imports 17 Imports that the target uses]
            import def, { type A, b as c } from './x';
            import * as fs from 'fs';
            [enclosing 15 Around the target: Box]
            export class Box<T> extends Base {
                x = 1;
                stop = () => …;
            }
            [target 6 Target: Box.run]
            run(a: A): void {
              c(fs);
            }
            [finding 4] 2: unwrap-used it panics here
            [42 tokens, indent "  "]
        "#]],
    );
}

#[test]
fn a_target_of_the_file() {
    check(
        Language::TypeScript,
        "import a from 'a';\nfunction f() { │ }\nfunction g(x: number) {}\n",
        50,
        expect![[r#"
            [enclosing 3 Beside the target]
            function g(x: number);
            [target 4 Target: f]
            function f() {  }
            [finding 4] 1: unwrap-used it panics here
            [11 tokens, indent ""]
        "#]],
    );
    check(
        Language::Rust,
        "fn f() { │ }",
        50,
        expect![[r#"
        [target 4 Target: f]
        fn f() {  }
        [finding 4] 1: unwrap-used it panics here
        [8 tokens, indent ""]
    "#]],
    );
    check(
        Language::Rust,
        "fn outer(a: u8) {\n    fn inner() { │ }\n    fn other() {}\n}",
        50,
        expect![[r#"
        [enclosing 7 Around the target: outer]
        fn outer(a: u8) {
            fn other();
        }
        [target 4 Target: outer::inner]
        fn inner() {  }
        [finding 4] 1: unwrap-used it panics here
        [15 tokens, indent "    "]
    "#]],
    );
}

#[test]
fn what_is_far_goes_first() {
    check(
        Language::Rust,
        RUST,
        40,
        expect![[r#"
        [enclosing 9 Type: Server]
        pub struct Server<T> {
            port: u16,
            names: Set<T>,
        }
        [enclosing 14 Around the target: Server<T>]
        impl<T> Server<T> {
            pub fn new( port: u16, ) -> Self;
            fn stop(self);
        }
        [target 10 Target: Server<T>::run]
        /// Runs.
        fn run(&self) -> fmt::Result {
            self.names.unwrap();
            a::go()
        }
        [finding 4] 3: unwrap-used it panics here
        [left out 21] Around the target: Server<T>
        [left out 9] Imports that the target uses
        [37 tokens, indent "    "]
    "#]],
    );
    check(
        Language::Rust,
        RUST,
        22,
        expect![[r#"
        [enclosing 4 Around the target: Server<T>]
        impl<T> Server<T> {
        }
        [target 10 Target: Server<T>::run]
        /// Runs.
        fn run(&self) -> fmt::Result {
            self.names.unwrap();
            a::go()
        }
        [finding 4] 3: unwrap-used it panics here
        [left out 9] Type: Server
        [left out 21] Around the target: Server<T>
        [left out 9] Imports that the target uses
        [18 tokens, indent "    "]
    "#]],
    );
}

#[test]
fn the_target_alone_or_nothing() {
    let text = "fn f() { a b c │ }\nfn g() {}";
    assert_eq!(
        of(Language::Rust, text, 3, ROLES),
        Err(ContextError::TargetTooLarge { tokens: 7, budget: 3 })
    );
    let context = of(Language::Rust, text, 7, ROLES).unwrap();
    assert_eq!((context.tokens, context.pieces.len(), context.findings.len()), (7, 0, 0));
    assert_eq!(context.left_out.len(), 2);
    let none = of(Language::Rust, text, 99, &[]).unwrap();
    assert_eq!((none.pieces.len(), none.findings.len(), none.left_out.len()), (0, 0, 0));
}

const WORDS: &[&str] = &[
    "use a::b;\n",
    "use c::*;\n",
    "fn f() { b(); }\n",
    "impl A {\n",
    "    fn g(&self) {}\n",
    "}\n",
    "struct A { x: u8 }\n",
    "import a, {b as c} from 'x';\n",
    "class A {\n",
    "  f() { a(c) }\n",
    "mod m {\n",
    "/// d\n",
    "é",
    "\t",
    "\r\n",
    "trait T {",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn the_budget_holds_and_the_same_comes_out_twice(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..24),
        at in 0_u32..200,
        budget in 0_usize..60,
        language in prop::sample::select(&Language::ALL[..]),
    ) {
        let text = words.concat();
        let tree = SyntaxParser::default().parse_fresh(language, &text).unwrap();
        let Some(target) = target_at(language, &text, &tree, Span::at(at)) else { return Ok(()) };
        let findings = [Finding { span: target.span, rule: "a", message: "b c" }];
        let request = Request { target: &target, text: &text, tree: &tree, findings: &findings, roles: ROLES, budget, tokens: &count };
        let context = gather(&request);
        prop_assert_eq!(&context, &gather(&request));
        if let Ok(context) = context {
            let pieces = context.pieces.iter().map(|piece| piece.tokens).sum::<usize>();
            let findings = context.findings.iter().map(|finding| finding.tokens).sum::<usize>();
            prop_assert_eq!(context.tokens, pieces + findings + context.target.tokens);
            prop_assert!(context.tokens <= budget);
            for piece in context.pieces.iter().chain([&context.target]) {
                prop_assert_eq!(piece.tokens, count(&piece.text));
            }
        }
    }
}
