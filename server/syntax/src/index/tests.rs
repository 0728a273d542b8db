//! What is found in a file, and that the workspace keeps up with its files.

use std::sync::Arc;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::{Language, SyntaxParser};

fn index(language: Language, text: &str) -> FileIndex {
    FileIndex::parse(&mut SyntaxParser::default(), language, text).unwrap()
}

fn check(language: Language, text: &str, expected: Expect) {
    let file = index(language, text);
    let mut shown = String::new();
    for definition in &file.definitions {
        let container = definition.container.name.map_or("", |name| file.name(name));
        let visible = if definition.is_visible { "+" } else { "-" };
        let local = if definition.scope.is_some() { " local" } else { "" };
        shown +=
            &format!("{visible}{:?} in {container:?}{local}: {}\n", definition.kind, definition.signature);
    }
    for import in &file.imports {
        shown += &format!("import {:?} {:?}\n", import.source, import.clause);
    }
    expected.assert_eq(&shown);
}

#[test]
fn rust_definitions() {
    let text = "use std::{fmt, io};\npub struct A<T> { pub x: T, y: u8 }\nstruct P(u8);\nenum E { B(u8), C }\n\
                impl A<u8> { pub async fn run(&mut self,\n  n: u8,\n) -> u8 { fn inner() {} n } }\n\
                pub trait T { type X; fn f(&self); }\nimpl T for P { fn f(&self) {} }\nconst MAX: usize = 3;\n\
                macro_rules! m { () => {} }\nmod sub { pub fn g() {} }\n";
    check(
        Language::Rust,
        text,
        expect![[r#"
            +Struct in "": struct A<T>
            +Field in "A": x: T
            -Field in "A": y: u8
            -Struct in "": struct P(u8)
            -Enum in "": enum E
            +Variant in "E": B
            +Variant in "E": C
            +Function in "A": async fn run(&mut self, n: u8,) -> u8
            -Function in "run" local: fn inner()
            +Trait in "": trait T
            +Type in "T": type X
            +Function in "T": fn f(&self)
            +Function in "P": fn f(&self)
            -Constant in "": const MAX: usize
            +Macro in "": macro m!
            -Module in "": mod sub
            +Function in "sub": fn g()
            import "std::{fmt, io}" ""
        "#]],
    );
}

#[test]
fn a_workspace_keeps_up() {
    let mut workspace = WorkspaceIndex::default();
    let file = |text: &str| Arc::new(index(Language::Rust, text));
    workspace.insert("a.rs", file("fn shared() { only_a(); }"));
    workspace.insert("b.rs", file("fn other() { shared(); }"));
    let shared = workspace.id("shared").unwrap();
    assert_eq!((workspace.file_frequency(shared), workspace.definitions_of(shared).len()), (2, 1));
    workspace.insert("a.rs", file("fn renamed() {}"));
    assert_eq!((workspace.file_frequency(shared), workspace.definitions_of(shared).len()), (1, 0));
    assert!(workspace.remove("b.rs") && !workspace.remove("b.rs"));
    assert_eq!((workspace.file_frequency(shared), workspace.len()), (0, 1));
    let renamed = workspace.id("renamed").unwrap();
    let (found, definition) = workspace.definition(workspace.definitions_of(renamed)[0]).unwrap();
    assert_eq!((found.path(), &*definition.signature), ("a.rs", "fn renamed()"));
}

#[test]
fn what_is_kept_is_what_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index/a.bin");
    let text = "export class A { x = 1 }\nimport b, { c as d } from './e';\n";
    let (hash, file) = (ContentHash::of(text), Arc::new(index(Language::TypeScript, text)));
    let mut store = IndexStore::default();
    store.put(Language::TypeScript, hash, Arc::clone(&file));
    store.save(&path).unwrap();
    assert_eq!(IndexStore::load(&path).get(Language::TypeScript, hash), Some(file));
    let bytes = std::fs::read(&path).unwrap();
    for cut in [0, 5, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        assert!(IndexStore::load(&path).is_empty(), "{cut}");
    }
}

const WORDS: &[&str] = &[
    "fn f() {",
    "}",
    "struct A {",
    "x: u8,",
    "impl A {",
    "class B {",
    "export const c = () => 1;",
    "import {a} from 'b';",
    "use a::{b, c};",
    "interface I {",
    "pub ",
    "(",
    "<T>",
    "é",
    "\n",
    "enum E { A, B }",
    "`${",
    "mod m {",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_text_is_too_odd(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..30),
        language in prop::sample::select(&Language::ALL[..]),
    ) {
        let text = words.concat();
        let file = index(language, &text);
        prop_assert!(file.is_sound());
        for definition in &file.definitions {
            prop_assert!(text.get(definition.span.range()).is_some());
            prop_assert!(definition.signature.len() <= 240);
        }
        let mut workspace = WorkspaceIndex::default();
        workspace.insert("a", Arc::new(file));
        workspace.remove("a");
        for id in workspace.name_ids() {
            prop_assert!(workspace.definitions_of(id).is_empty() && workspace.file_frequency(id) == 0);
        }
    }
}
