//! Several files at once.

use std::fmt::Write as _;

use autodao_syntax::{Buffer, Language, Span, SyntaxParser};
use proptest::prelude::*;

use super::*;
use crate::FileRole;

/// What is found in files given by path and text: `path:line rule message`.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let mut parser = SyntaxParser::default();
    let surveyed: Vec<_> = files
        .iter()
        .map(|(path, text)| {
            let language = Language::from_path(Path::new(path)).unwrap();
            let buffer = Buffer::new((*text).to_owned());
            let tree = parser.parse_fresh(language, text).unwrap();
            let survey = FileSurvey::of(language, FileRole::Library, &buffer, &tree);
            (Path::new(*path), *path, survey, buffer)
        })
        .collect();
    let profile = Profile::shared_default();
    let files: Vec<_> = surveyed
        .iter()
        .map(|(path, _, survey, _)| WorkspaceFile { path, survey, profile: &profile })
        .collect();
    let findings = workspace_findings(&files);
    let mut shown = Vec::new();
    for ((_, name, _, buffer), findings) in surveyed.iter().zip(findings) {
        for finding in findings {
            assert!((finding.span.end as usize) <= buffer.text().len());
            let line = buffer.lines().line_of(finding.span.start) + 1;
            let rule = Catalog::builtin().rule(finding.rule).id;
            shown.push(format!("{name}:{line} {rule}: {}", finding.message));
        }
    }
    shown
}

/// Lines of code, no two alike.
fn lines(from: u32, count: u32) -> String {
    let mut text = String::new();
    for n in from..from + count {
        writeln!(text, "    let v{n} = call{n}(a{n}, {n}).map(|x| x + {n});").unwrap();
    }
    text
}

#[test]
fn a_text_that_repeats_itself_on_one_line_is_compared_in_bounds() {
    let text = format!("fn f() {{ {} }}", "a(b); ".repeat(40_000));
    assert_eq!(found(&[("src/a.rs", &text)]), [""; 0]);
}

#[test]
fn a_copied_block_is_told_at_both_places() {
    let block = lines(0, 8);
    let a = format!("fn a() {{\n{}{block}{}}}\n", lines(100, 2), lines(110, 2));
    let b = format!("use x::y;\nfn b() {{\n{block}{}}}\n", lines(200, 3));
    assert_eq!(
        found(&[("src/a.rs", &a), ("src/b.rs", &b)]),
        [
            "src/a.rs:4 duplicate-block: 8 lines are the same as at b.rs:3",
            "src/b.rs:3 duplicate-block: 8 lines are the same as at a.rs:4",
        ]
    );
    let twice = format!("fn a() {{\n{block}{}{block}}}\n", lines(100, 1));
    assert_eq!(
        found(&[("a.rs", &twice)]),
        [
            "a.rs:2 duplicate-block: 8 lines are the same as at line 11",
            "a.rs:11 duplicate-block: 8 lines are the same as at line 2",
        ]
    );
}

#[test]
fn another_file_is_named_from_here() {
    for (there, here, name) in [
        ("/w/a/b.rs", "/w/a/c.rs", "b.rs"),
        ("/w/a/b.rs", "/w/x/y/c.rs", "../../a/b.rs"),
        ("a/b.rs", "c.rs", "a/b.rs"),
    ] {
        assert_eq!(name_of(Path::new(there), Path::new(here)), name);
    }
}

#[test]
fn short_copies_tests_and_imports_are_left_alone() {
    let short = format!("fn a() {{\n{}}}\n", lines(0, 2));
    assert_eq!(found(&[("a.rs", &short), ("b.rs", &short)]), [""; 0]);
    let test = format!("#[cfg(test)]\nmod tests {{\nfn a() {{\n{}}}\n}}\n", lines(0, 9));
    assert_eq!(found(&[("a.rs", &test), ("b.rs", &test)]), [""; 0]);
    let imports: String = (0..40).map(|n| format!("import {{ a{n}, b{n} }} from \"x{n}\";\n")).collect();
    assert_eq!(found(&[("a.ts", &imports), ("b.ts", &imports)]), [""; 0]);
}

#[test]
fn equal_bodies_are_told_once_however_long_they_are() {
    let body = "{ const x = f(a); g(x); return x; }";
    let long = format!("{{\n{}}}", lines(0, 9));
    let a = format!("function one(a) {body}\nclass C {{ two(b) {body} }}\nconst three = (a) => {body};\n");
    assert_eq!(
        found(&[("a.ts", &a), ("b.rs", &format!("fn f() {long}\nfn g() {long}\n"))]),
        [
            "a.ts:2 duplicate-function: `two` does the same as `one` (line 1)",
            "a.ts:3 duplicate-function: `three` does the same as `one` (line 1)",
            "b.rs:12 duplicate-function: `g` does the same as `f` (line 1)",
        ]
    );
    let different = "fn f() { a(); b(); c(); }\nfn g() { a(); b(); d(); }\nfn h() { a(); }\nfn i() { a(); }\nimpl A for B { fn j() { x(); y(); z(); } }\nimpl A for C { fn j() { x(); y(); z(); } }\n";
    assert_eq!(found(&[("a.rs", different)]), [""; 0]);
}

#[test]
fn a_circle_is_told_once_and_types_close_none() {
    let files = [
        ("a.ts", "import { x } from \"lib\";\nimport { b } from \"./b\";\n"),
        ("b.ts", "export * from './c.js';\n"),
        ("c.ts", "const a = require(\"./a\");\nimport type { D } from './d';\n"),
        ("d.ts", "import { a } from './a';\nimport './d';\n"),
        ("e.ts", "import './a';\n"),
    ];
    assert_eq!(
        found(&files),
        [
            "a.ts:2 import-cycle: this import closes a circle: b.ts → c.ts → a.ts",
            "d.ts:2 import-cycle: this module imports itself",
        ]
    );
    let typed = [
        ("a.ts", "import { type B, type C } from './b';\nexport type { D } from './b';\n"),
        ("b.ts", "import { a } from './a';\n"),
    ];
    assert_eq!(found(&typed), [""; 0]);
    let value = [("a.ts", "import { type B, c } from './b';\n"), ("b.ts", "import('./a');\n")];
    assert_eq!(found(&value).len(), 1);
}

#[test]
fn an_import_that_is_used_in_types_only_can_be_one_of_types() {
    let back = "import { a } from './a';\nexport class B {}\n";
    for (text, fixed) in [
        ("import { B } from './b';\nlet b: B | B[];\n", true),
        ("import B from './b';\nfunction f(b: B) {}\n", true),
        ("import { B } from './b';\nlet b: B = new B();\n", false),
        ("import { B, c } from './b';\nlet b: B = c;\n", false),
        ("import { B } from './b';\nlet b: typeof B;\n", false),
        ("import { B } from './b';\nexport { B };\n", false),
        ("import * as b from './b';\nlet c: b.B;\n", false),
        ("import d, { B } from './b';\nlet b: B;\n", false),
        ("import { B, type C } from './b';\nlet b: B;\n", false),
        ("import { B } from './b';\nclass D { @e f(b: B) {} }\n", false),
    ] {
        let survey = |text: &str| {
            let tree = SyntaxParser::default().parse_fresh(Language::TypeScript, text).unwrap();
            FileSurvey::of(Language::TypeScript, FileRole::Library, &Buffer::new(text.to_owned()), &tree)
        };
        let surveys = [("a.ts", survey(text)), ("b.ts", survey(back))];
        let profile = Profile::default();
        let file = |(path, survey)| WorkspaceFile { path: Path::new(path), survey, profile: &profile };
        let files: Vec<_> = surveys.iter().map(|(path, survey)| file((*path, survey))).collect();
        let findings = workspace_findings(&files).concat();
        let fix = findings[0].fixes.first();
        assert_eq!(fix.is_some(), fixed, "{text}");
        if let Some(fix) = fix {
            let [edit] = &fix.edits[..] else { panic!("{fix:?}") };
            assert_eq!((edit.span, &*edit.text), (Span::at(6), " type"), "{text}");
        }
    }
}

proptest! {
    /// Every copy of enough tokens is found, wherever it stands.
    #[test]
    fn a_copy_is_found_wherever_it_stands(before in 0u32..40, between in 1u32..40, block in 7u32..30) {
        let text = format!(
            "fn f() {{\n{}{}{}{}}}\n",
            lines(1000, before), lines(0, block), lines(2000, between), lines(0, block)
        );
        let found = found(&[("a.rs", &text)]);
        let second = 2 + before + block + between;
        prop_assert_eq!(found.len(), 2, "{:?}", found);
        let told = format!("a.rs:{} duplicate-block: {block} lines are the same as at line {second}", 2 + before);
        prop_assert_eq!(&found[0], &told);
    }

    #[test]
    fn no_text_panics(texts in prop::collection::vec("[a-z(){}; \n/*]{0,80}", 1..4)) {
        let names = ["a.ts", "b.rs", "c.jsx"];
        let files: Vec<_> = names.iter().copied().zip(texts.iter().map(String::as_str)).collect();
        found(&files);
    }
}
