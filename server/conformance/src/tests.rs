//! Verdicts on valid, broken and hostile texts.

use proptest::prelude::*;

use super::*;

const VALID: &[(Language, &[&str])] = &[
    (
        Language::TypeScript,
        &[
            "",
            "\u{feff}interface A<in out T> {}",
            "interface A {\n  a: string\n<T>(a: T): T\n}",
            "export default abstract class {}",
            "[a as any] = b; ({ a: b as any } = c);",
            "declare const a: string; export const b: number;",
            "with (a) { b }",
            "return;",
            "let a = /[\\p{L}--[a-z]]/v;",
        ],
    ),
    (Language::Tsx, &["let a = <b>c & d <e /></b>;", "let a = <T,>(b: T) => b;"]),
    (
        Language::JavaScript,
        &[
            "class A { a\n  b\n  *c() {} }",
            "export { a as default, b as if };",
            "var a = 017; with (b) c;",
            "let a = <b />;",
        ],
    ),
    (
        Language::Rust,
        &[
            "",
            "#!/usr/bin/env run\nfn f() {}",
            "\u{feff}#![allow(a)] fn f() {}",
            "macro_rules! a { ($) => {}; (~) => {} }",
            "fn f() { A { a, .. } = b; c((#[d] e, f)); let G { #[h] i, .. } = j; }",
            "fn f() where (): A {}",
            "unsafe extern \"C\" { safe fn f(); pub type A; }",
        ],
    ),
];

const INVALID: &[(Language, &str, &str)] = &[
    (Language::TypeScript, "let a = ;", ";"),
    (Language::TypeScript, "interface A<in in T> {}", "in"),
    (Language::TypeScript, "é(a, b", ""),
    (Language::Tsx, "let a = <b></c>;", "c"),
    (Language::JavaScript, "function f( {}", ""),
    (Language::JavaScript, "let a: string;", ""),
    (Language::Rust, "fn f() { let = 1; }", "="),
    (Language::Rust, "/* é */ fn f( {}", ""),
    (Language::Rust, "#!/usr/bin/env run\nfn f(a) {}", ")"),
];

#[test]
fn a_valid_text_is_valid() {
    for (language, texts) in VALID {
        for text in *texts {
            assert_eq!(confirm(*language, text), Verdict::Valid, "{text}");
        }
    }
}

#[test]
fn an_error_is_named_with_its_place() {
    let mut found = Vec::new();
    for (language, text, _) in INVALID {
        match confirm(*language, text) {
            Verdict::Invalid(error) => {
                assert!(!error.message.is_empty() && !error.message.contains('\n'));
                found.push((*text, text[error.span.range()].to_owned()));
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    let expected: Vec<_> = INVALID.iter().map(|(_, text, at)| (*text, (*at).to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_only_a_nightly_compiler_reads_is_not_called_broken() {
    for text in
        ["gen fn f() {}", "fn f() { super let a = 1; }", "fn f() { do yeet 1; }", "impl const A for B {}"]
    {
        assert_ne!(confirm(Language::Rust, text), Verdict::Valid);
        assert_eq!(confirm(Language::Rust, text), Verdict::Unknown, "{text}");
    }
}

/// More than any parser is let into.
const LEVELS: usize = 100;

#[test]
fn deep_nesting_is_refused_or_survived() {
    let scripts = [
        "(",
        "[",
        "{",
        "{a:",
        "!",
        "- ",
        "a=>",
        "a=",
        "a?b:",
        "if(a)",
        "if(a){}else ",
        "new ",
        "typeof ",
        "a+",
        "a.b",
        "a(b)",
        "`${",
        "...",
        "function f(){",
        "class A{a=",
        "async()=>",
        "a**",
        "a??",
        "(a,",
        "[a,",
        "f(')',",
        "<a>",
        "<a>,",
        "<a b={",
        "x:",
        "a<",
        "let a:A<",
        "type A=keyof ",
        "type A=B extends C?D:",
        "type A=()=>",
        "type A=[",
        "type A={a:",
        "let a:",
        "@a(",
        "label:",
        "do ",
        "for(;;)",
        "while(a)",
        "try{",
        "switch(a){case b:",
        "import('",
        "yield ",
        "await ",
        "((((a)=>",
    ];
    for language in [Language::TypeScript, Language::Tsx] {
        for piece in scripts {
            confirm(language, &piece.repeat(LEVELS));
        }
    }
    let rust = [
        "(",
        "[",
        "{",
        "!",
        "-",
        "&",
        "*",
        "a=",
        "a+",
        "a.b",
        "a(b)",
        "a?",
        "||",
        "|a|",
        "if a {} else ",
        "match a {b=>",
        "loop{",
        "A<",
        "a::",
        "&mut ",
        "return ",
        "break ",
        "move||",
        "unsafe{",
        "..",
        "a as ",
        "'a:loop{",
        "mod a{",
        "a!{",
        "let A(",
        "fn f(){",
        "impl A for ",
    ];
    for piece in rust {
        for start in ["", "fn f() { ", "type A = "] {
            confirm(Language::Rust, &format!("{start}{}", piece.repeat(LEVELS)));
        }
    }
}

#[test]
fn closed_nesting_is_read_to_the_limit() {
    let nested = |levels: usize| format!("let a = {}1{};", "(".repeat(levels), ")".repeat(levels));
    for language in Language::SCRIPTS {
        assert_eq!(confirm(language, &nested(4000)), Verdict::Valid);
        assert_eq!(confirm(language, &nested(5000)), Verdict::Unknown);
    }
    let rust = |levels: usize| format!("fn f() {{ {} }}", nested(levels));
    assert_eq!(confirm(Language::Rust, &rust(4000)), Verdict::Valid);
    assert_eq!(confirm(Language::Rust, &rust(5000)), Verdict::Unknown);
}

#[test]
fn a_text_too_large_to_be_parsed_is_not_judged() {
    assert_eq!(confirm(Language::Rust, &" ".repeat(MAX_PARSED_BYTES + 1)), Verdict::Unknown);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_gets_an_answer(
        language in prop::sample::select(Language::ALL.to_vec()),
        text in "([a-z<>(){};:=&|!?'\"`$@#~/*\\\\. \n\u{feff}é]|fn |let |class |=> |import |type ){0,80}",
    ) {
        if let Verdict::Invalid(error) = confirm(language, &text) {
            prop_assert!(text.get(error.span.range()).is_some());
        }
    }
}
