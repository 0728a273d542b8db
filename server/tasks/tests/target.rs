//! What cursors and selections stand for, and the parts of a target.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails, fails its test")]

use autodao_syntax::{Language, Span, SyntaxParser};
use autodao_tasks::{
    Asked, Complexity, Measures, Target, Task, TaskKind, parts, surroundings, target_at, target_of_file,
};
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// The selection is what stands between `⟦` and `⟧`, or where `│` is.
fn marked(text: &str) -> (String, Span) {
    if let Some(at) = text.find('│') {
        return (text.replace('│', ""), Span::at(at as u32));
    }
    let start = text.find('⟦').unwrap();
    let end = text.find('⟧').unwrap() - '⟦'.len_utf8();
    (text.replace(['⟦', '⟧'], ""), Span::new(start as u32, end as u32))
}

fn shown(target: &Target, text: &str) -> String {
    let mut shown = String::new();
    for item in &target.items {
        let part = |span: Span| text[span.range()].replace('\r', "␍").replace('\n', "⏎");
        shown += &format!("{:?} {} {} | {}", item.kind, item.node_kind, item.symbol, part(item.whole));
        if item.whole != item.span {
            shown += &format!(" | {}", part(item.span));
        }
        if let Some(body) = item.body {
            shown += &format!(" {{{}}}", body.len());
        }
        shown += "\n";
    }
    shown
}

fn at(language: Language, text: &str) -> String {
    let (text, selection) = marked(text);
    let tree = SyntaxParser::default().parse_fresh(language, &text).unwrap();
    target_at(language, &text, &tree, selection).map_or("none\n".to_owned(), |target| shown(&target, &text))
}

fn check(language: Language, texts: &[&str], expected: Expect) {
    expected.assert_eq(&texts.iter().map(|text| at(language, text)).collect::<String>());
}

#[test]
fn rust_cursors() {
    check(
        Language::Rust,
        &[
            "fn a() { x│; }\nfn b() {}",
            "/// Doc│.\n#[inline]\n// plain\nfn a() {}\n",
            "//! file│\nfn a() {}\n",
            "// plain\n│/// Doc.\nfn a() {}\n",
            "fn a() {}│\nfn b() {}",
            "fn a() {}\n│\n\nfn b() {}",
            "mod m {\n    impl<T> A<T> {\n  │  fn f(&self) {}\n    }\n}",
            "impl Display│ for A { fn f() {} }",
            "impl A {\n    fn f() {}\n│\n    fn g() {}\n}",
            "fn f() { fn inner() { │ } }",
            "fn f() { let g = |x| { │x }; }",
            "struct A {\n    /// Doc.\n    b: │u8,\n}",
            "macro_rules! m { () => { │ } }",
            "use std│::fmt;\nfn a() {}",
            "#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() { │ }\n}",
            "│",
            "fn broken( { │ }\nfn c() {}",
        ],
        expect![[r#"
            Function function_item a | fn a() { x; } {6}
            Function function_item a | /// Doc.⏎#[inline]⏎// plain⏎fn a() {} | fn a() {} {2}
            none
            Function function_item a | /// Doc.⏎fn a() {} | fn a() {} {2}
            Function function_item a | fn a() {} {2}
            none
            Method function_item m::A<T>::f | fn f(&self) {} {2}
            Impl impl_item <A as Display> | impl Display for A { fn f() {} } {13}
            Impl impl_item A | impl A {⏎    fn f() {}⏎⏎    fn g() {}⏎} {32}
            Function function_item f::inner | fn inner() {  } {4}
            Function function_item f | fn f() { let g = |x| { x }; } {22}
            Struct struct_item A | struct A {⏎    /// Doc.⏎    b: u8,⏎} {27}
            Macro macro_definition m | macro_rules! m { () => {  } }
            none
            Function function_item tests::t | #[test]⏎    fn t() {  } | fn t() {  } {4}
            none
            Function function_item broken | fn broken( {  } {4}
        "#]],
    );
}

#[test]
fn line_ends_marks_and_wide_characters() {
    check(
        Language::Rust,
        &[
            "\u{feff}/// 😀\r\n#[a]\r\nfn f() {\r\n\r\n│\r\n}\r\n\r\nfn g() {}",
            "fn f() {\r\n}│\r\nfn g() {}",
            "fn f() { \"é😀│\" }",
            "\tfn f() {}\t│",
            "fn f() {}\n│",
        ],
        expect![[r#"
            Function function_item f | /// 😀␍⏎#[a]␍⏎fn f() {␍⏎␍⏎␍⏎} | fn f() {␍⏎␍⏎␍⏎} {8}
            Function function_item f | fn f() {␍⏎} {4}
            Function function_item f | fn f() { "é😀" } {12}
            none
            none
        "#]],
    );
}

#[test]
fn rust_selections() {
    check(
        Language::Rust,
        &[
            "⟦fn a() {}\nfn b() {}\n⟧fn c() {}",
            "fn a() { ⟦x;\n y; }\n/// B.\nfn⟧ b() {}\nfn c() {}",
            "impl A { fn a() { ⟦1 } fn b() { 2⟧ } fn c() {} }",
            "impl A { fn a() { 1⟦ } }\nfn⟧ b() {}",
            "⟦use a;\nuse b;⟧\nfn c() {}",
            "⟦use a;\n\nfn c() {}⟧",
            "fn a() { ⟦let x = 1;\n let y = 2;⟧ }",
        ],
        expect![[r#"
            Function function_item a | fn a() {} {2}
            Function function_item b | fn b() {} {2}
            Function function_item a | fn a() { x;⏎ y; } {10}
            Function function_item b | /// B.⏎fn b() {} | fn b() {} {2}
            Method function_item A::a | fn a() { 1 } {5}
            Method function_item A::b | fn b() { 2 } {5}
            Impl impl_item A | impl A { fn a() { 1 } } {16}
            Function function_item b | fn b() {} {2}
            none
            Function function_item c | fn c() {} {2}
            Function function_item a | fn a() { let x = 1;⏎ let y = 2; } {26}
        "#]],
    );
}

#[test]
fn script_cursors() {
    check(
        Language::TypeScript,
        &[
            "/** Adds. */\nexport async function add(a: number) { return │a }",
            "export default function () { │ }",
            "/** Twice. */\nexport const twice = (x: number) => x│ * 2;\n",
            "const a = 1, f = () => { │ };",
            "const limit│ = 3;",
            "export const table = { a: │1 };\n",
            "@dec()\nexport class A {\n  /** Runs. */\n  @log()\n  run() { │ }\n}",
            "class A { handler = () => { │ }; }",
            "class A { x = │1; }",
            "class A { x = 1;│\n\n  run() {} }",
            "namespace N { export function f() { │ } }",
            "interface Shape { area(): │number; name: string }",
            "type Id = │string;",
            "enum E { A│ }",
            "declare function ext(a: │number): void;",
            "foo(() => { │ });",
            "export default () => { const a = () => { │ } };",
            "describe('a', () => { it.each([1])(`b`, async () => { │ }); });",
            "describe('a', () => { │\n it('b'); });",
            "function f() { xs.forEach(() => { │ }); }",
            "function f() { const g = () => { │ }; }",
            "import a│ from 'a';",
        ],
        expect![[r#"
            Function function_declaration add | /** Adds. */⏎export async function add(a: number) { return a } | export async function add(a: number) { return a } {12}
            Function function_expression default | export default function () {  } {4}
            Function arrow_function twice | /** Twice. */⏎export const twice = (x: number) => x * 2; | export const twice = (x: number) => x * 2; {5}
            Function arrow_function f | f = () => {  } {4}
            Variable variable_declarator limit | const limit = 3;
            Variable variable_declarator table | export const table = { a: 1 };
            Method method_definition A.run | /** Runs. */⏎  @log()⏎  run() {  } | run() {  } {4}
            Method arrow_function A.handler | handler = () => {  } {4}
            Field public_field_definition A.x | x = 1
            Class class_declaration A | class A { x = 1;⏎⏎  run() {} } {22}
            Function function_declaration N.f | export function f() {  } {4}
            Method method_signature Shape.area | area(): number
            Type type_alias_declaration Id | type Id = string;
            Enum enum_declaration E | enum E { A } {5}
            Function function_signature ext | declare function ext(a: number): void;
            none
            Function arrow_function default.a | const a = () => {  } {4}
            Function arrow_function describe('a').it.each([1])(`b`) | it.each([1])(`b`, async () => {  }); {4}
            Function arrow_function describe('a') | describe('a', () => { ⏎ it('b'); }); {14}
            Function function_declaration f | function f() { xs.forEach(() => {  }); } {27}
            Function arrow_function f.g | const g = () => {  }; {4}
            none
        "#]],
    );
    check(
        Language::Tsx,
        &[
            "const App = () => <div onClick={() => { │ }}/>;",
            "export default class X { ⟦a() {}\n b() {}⟧ c() {} }",
        ],
        expect![[r#"
            Function arrow_function App | const App = () => <div onClick={() => {  }}/>; {27}
            Method method_definition X.a | a() {} {2}
            Method method_definition X.b | b() {} {2}
        "#]],
    );
    check(
        Language::JavaScript,
        &["class A { #x = () => { │ }; }", "module.exports = function f() { │ }"],
        expect![[r#"
            Method arrow_function A.#x | #x = () => {  } {4}
            Function function_expression module.exports | module.exports = function f() {  } {4}
        "#]],
    );
}

fn parts_of(language: Language, text: &str) -> String {
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    let target = target_of_file(language, text, &tree).unwrap();
    parts(&target, text, &tree).iter().map(|part| shown(part, text)).collect()
}

#[test]
fn a_file_falls_into_its_items() {
    let rust = "//! File.\nuse a;\n/// A.\nstruct A { b: u8 }\nimpl A {\n    /// F.\n    fn f() {}\n    const C: u8 = 1;\n}\nmod m {\n    impl A { fn g() {} }\n    mod empty {}\n}\ntrait T { fn h(); }\nfn k() { fn l() {} }\n";
    let script = "import a from 'a';\n/** A. */\nexport class A {\n  x = 1;\n  /** F. */\n  f() {}\n  g = () => {};\n}\nexport const k = 1;\nfunction h() {}\nnamespace N { function i() {} }\nexport default () => {};\n";
    expect![[r#"
        Struct struct_item A | /// A.⏎struct A { b: u8 } | struct A { b: u8 } {9}
        Method function_item A::f | /// F.⏎    fn f() {} | fn f() {} {2}
        Constant const_item A::C | const C: u8 = 1;
        Method function_item m::A::g | fn g() {} {2}
        Module mod_item m::empty | mod empty {} {2}
        Method function_signature_item T::h | fn h();
        Function function_item k | fn k() { fn l() {} } {13}
    "#]]
    .assert_eq(&parts_of(Language::Rust, rust));
    expect![[r#"
        Field public_field_definition A.x | x = 1
        Method method_definition A.f | /** F. */⏎  f() {} | f() {} {2}
        Method arrow_function A.g | g = () => {} {2}
        Variable variable_declarator k | export const k = 1;
        Function function_declaration h | function h() {} {2}
        Function function_declaration N.i | function i() {} {2}
        Function arrow_function default | export default () => {}; {2}
    "#]]
    .assert_eq(&parts_of(Language::TypeScript, script));
}

#[test]
fn surroundings_of_a_method_and_of_a_file() {
    let names = |items: &[autodao_tasks::Item]| {
        items.iter().map(|item| item.symbol.clone()).collect::<Vec<_>>().join(" ")
    };
    let of = |language, text: &str| {
        let (text, selection) = marked(text);
        let tree = SyntaxParser::default().parse_fresh(language, &text).unwrap();
        let target = target_at(language, &text, &tree, selection).unwrap();
        let around = surroundings(&target, &text, &tree);
        let container = around.container.map_or("-".to_owned(), |item| item.symbol);
        format!("{container} | {} | {}", names(&around.members), names(&around.beside))
    };
    let rust = "mod m { struct A; #[x] impl A { fn f() { │ } fn g() {} } fn h() {} }\nfn i() {}";
    assert_eq!(of(Language::Rust, rust), "m::A | m::A::f m::A::g | m::A m::A m::h");
    assert_eq!(of(Language::Rust, "fn f() { │ }\nstruct B;"), "- | f B | ");
    assert_eq!(of(Language::Rust, "fn f() { let x = 1; fn g() { │ } fn h() {} }"), "f | f::g f::h | ");
    let script = "export default class A { x = 1; f() { │ } }";
    assert_eq!(of(Language::TypeScript, script), "A | A.x A.f | ");
    let bound = "const A = class { f() { │ } };\nfunction g() {}";
    assert_eq!(of(Language::JavaScript, bound), "A | A.f | ");
    let nested = "function f() { const x = 1; const g = () => { │ }; }";
    assert_eq!(of(Language::TypeScript, nested), "f | f.g | ");
}

#[test]
fn a_function_is_its_own_part() {
    let text = "fn a() { fn b() {} }";
    let tree = SyntaxParser::default().parse_fresh(Language::Rust, text).unwrap();
    let target = target_at(Language::Rust, text, &tree, Span::at(3)).unwrap();
    assert_eq!(parts(&target, text, &tree), [target]);
}

fn measure(language: Language, text: &str) -> Measures {
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    Measures::of(&target_of_file(language, text, &tree).unwrap(), &tree)
}

#[test]
fn measures() {
    let deep = "fn f() { if a { if b { if c { if d { e } } } } }\nfn g() {}";
    assert_eq!(measure(Language::Rust, deep), Measures { lines: 2, cognitive: 10, nesting: 5, functions: 2 });
    assert_eq!(measure(Language::Rust, deep).complexity(), Complexity::Moderate);
    let callbacks = "function f() {\n  a(() => { if (b) { c(); } });\n}";
    assert_eq!(
        measure(Language::TypeScript, callbacks),
        Measures { lines: 3, cognitive: 1, nesting: 3, functions: 2 }
    );
    assert_eq!(measure(Language::TypeScript, callbacks).complexity(), Complexity::Simple);
    let long = format!("fn f() {{\n{}}}", "    a();\n".repeat(90));
    assert_eq!(measure(Language::Rust, &long).complexity(), Complexity::Complex);
}

#[test]
fn measuring_one_item_leaves_its_neighbours_out() {
    let text = "fn a() { if x {} }\nfn b() { if x { if y {} } }\nfn c() { loop { loop { loop {} } } }";
    let tree = SyntaxParser::default().parse_fresh(Language::Rust, text).unwrap();
    let target = target_at(Language::Rust, text, &tree, Span::at(24)).unwrap();
    assert_eq!(Measures::of(&target, &tree), Measures { lines: 1, cognitive: 3, nesting: 3, functions: 1 });
}

#[test]
fn a_task() {
    let (text, selection) = marked("/// Adds. The sum must not overflow.\nfn add() { │ }");
    let tree = SyntaxParser::default().parse_fresh(Language::Rust, &text).unwrap();
    let target = target_at(Language::Rust, &text, &tree, selection).unwrap();
    let task = |asked, instruction| Task::new(asked, instruction, target.clone(), &text, &tree);
    assert_eq!(task(Asked::Finding("unwrap-used"), "").kind, TaskKind::Fix);
    assert_eq!(task(Asked::Action(TaskKind::Document), "fix it").kind, TaskKind::Document);
    let words = task(Asked::Words, "Speed it up, but keep `add`");
    assert_eq!(words.kind, TaskKind::Optimise);
    assert_eq!(words.requirements.targets, ["add"]);
    assert_eq!(words.requirements.constraints, ["Speed it up, but keep `add`", "The sum must not overflow"]);
}

#[test]
fn nesting_without_end() {
    let calls = format!("function f() {{ {}{} }}", "a(() => { ".repeat(10_000), "});".repeat(10_000));
    let modules = format!("{}fn f() {{}}{}", "mod a { ".repeat(5_000), "}".repeat(5_000));
    let parentheses = format!("fn f() {{ {}1{} }}", "(".repeat(50_000), ")".repeat(50_000));
    for (language, text) in
        [(Language::TypeScript, calls), (Language::Rust, modules), (Language::Rust, parentheses)]
    {
        let tree = SyntaxParser::default().parse_fresh(language, &text).unwrap();
        let target = target_at(language, &text, &tree, Span::at(text.len() as u32 / 2)).unwrap();
        assert!(!parts(&target, &text, &tree).is_empty());
        assert!(Measures::of(&target, &tree).functions > 0);
    }
}

const WORDS: &[&str] = &[
    "fn a() {",
    "}",
    "impl A {",
    "mod m {",
    "/// doc\n",
    "#[x]\n",
    "// c\n",
    "\n",
    " ",
    "struct S;",
    "class A {",
    "f() {}",
    "export ",
    "const x = ",
    "() => {",
    "};",
    "function g() {",
    "@d()\n",
    "/** d */\n",
    "interface I {",
    "x: 1;",
    "é",
    ";",
    "namespace N {",
    "\u{feff}",
    "\r\n",
    "<div>",
    "`",
    "'",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn any_selection_of_any_text(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..24),
        start in 0_u32..120,
        length in 0_u32..60,
        language in prop::sample::select(&Language::ALL[..]),
    ) {
        let text = words.concat();
        let tree = SyntaxParser::default().parse_fresh(language, &text).unwrap();
        let whole = Span::new(0, text.len() as u32);
        for target in [
            target_at(language, &text, &tree, Span::new(start, start + length)),
            target_of_file(language, &text, &tree),
        ].into_iter().flatten() {
            prop_assert!(whole.contains(target.span) && !target.span.is_empty());
            prop_assert!(text.get(target.span.range()).is_some());
            for item in &target.items {
                prop_assert!(target.span.contains(item.whole) && item.whole.contains(item.span));
                prop_assert!(item.body.is_none_or(|body| item.span.contains(body)));
            }
            let around = surroundings(&target, &text, &tree);
            prop_assert!(around.container.is_none_or(|item| item.span.contains(target.span) && item.span != target.span));
            let parts = parts(&target, &text, &tree);
            prop_assert!(!parts.is_empty());
            for pair in parts.windows(2) {
                prop_assert!(pair[0].span.end <= pair[1].span.start, "{pair:?}");
            }
            for part in &parts {
                prop_assert!(target.span.contains(part.span));
            }
            let _ = Task::new(Asked::Words, &text, target, &text, &tree);
        }
    }
}
