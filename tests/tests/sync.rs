//! Document sync: random edit scripts against a model of the text that shares no code with the product.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of tests that fails, fails its test")]

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};

use autodao_engine::syntax::tree_sitter::{Point, Tree};
use autodao_engine::syntax::{
    AppliedChange, Buffer, Change, Document, Language, LineIndex, Position, PositionEncoding, SyntaxParser,
    SyntaxTree,
};
use autodao_tests::model::{Columns, Model, Place};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;

/// How many scripts per encoding.
const SCRIPTS: u32 = 10_000;

/// Texts to start from: every kind of line break, a byte order mark, characters of every width, nothing at all,
/// no last newline.
fn texts(language: Language) -> &'static [&'static str] {
    match language {
        Language::Rust => &[
            "",
            "fn f() {}",
            "\u{feff}// é\r\nfn f() { g(\"😀\"); }\r\n\r\nstruct S { a: u8 }\r\n",
            "// one\r// two\rfn f() { /* 漢😀 */ }\r",
            "mod m {\n    fn a(x: u8) -> u8 { x + 1 }\n    // 😀\r\n    fn b() { let y = [1, 2]; }\n}\n\n\n",
        ],
        Language::TypeScript => &[
            "",
            "let a: number = 1;",
            "\u{feff}// é\r\nexport class A<T> { m(x: T): T { return x; } }\r\n",
            "// one\r// two\rfunction f() { return `😀${a}`; }\r",
            "interface I { a: string; b?: '漢' }\n\nconst f = (x: I) => { g(x.a); };\n",
        ],
        Language::Tsx => &[
            "",
            "let a = <b/>;",
            "\u{feff}// é\r\nexport const A = () => <p title=\"😀\">{x && <b/>}</p>;\r\n",
            "// one\r// two\rconst f = (a: A) => <p>漢 {a}</p>;\r",
            "type T = { a: string };\n\nfunction f(x: T) {\n  return <ul>{x.a}</ul>;\n}\n",
        ],
        Language::JavaScript => &[
            "",
            "let a = 1",
            "\u{feff}// é\r\nexport class A { m(x) { return x } }\r\n",
            "// one\r// two\rfunction f() { return `😀${a}` }\r",
            "const f = async (x) => { await g(x, /re/); };\n\nf([1, 2]).then((y) => y);\n",
        ],
    }
}

/// What is typed. Most of it leaves most code whole, some of it breaks anything.
const TYPED: [&str; 26] = [
    "",
    "",
    "",
    "x",
    "1",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "é",
    "漢",
    "😀",
    "// c\n",
    "/* 😀 */",
    "a.b",
    "\n\n",
    "{ }",
    "(",
    "}",
    "\"",
    "`",
    "<",
    "f();",
    ";",
    "\u{feff}",
];

/// An edit by characters, resolved against the text it meets.
#[derive(Clone, Debug)]
struct Edit {
    at: Index,
    len: usize,
    text: &'static str,
}

fn edits() -> impl Strategy<Value = Vec<Vec<Edit>>> {
    let len = prop_oneof![4 => 0usize..3, 1 => 0usize..40];
    let edit = (any::<Index>(), len, select(&TYPED[..])).prop_map(|(at, len, text)| Edit { at, len, text });
    // Notifications with one to three edits each.
    prop::collection::vec(prop::collection::vec(edit, 1..4), 1..6)
}

fn encoding(columns: Columns) -> PositionEncoding {
    match columns {
        Columns::Utf8 => PositionEncoding::Utf8,
        Columns::Utf16 => PositionEncoding::Utf16,
        Columns::Utf32 => PositionEncoding::Utf32,
    }
}

fn position((line, column): Place) -> Position {
    Position { line: line as u32, column: column as u32 }
}

/// Where a node is, in bytes and in rows and columns.
type NodePlace = (usize, usize, Point, Point);

/// Every node, with its kind and its place.
fn nodes(tree: &Tree) -> Vec<(u16, NodePlace)> {
    let mut cursor = tree.walk();
    let mut nodes = Vec::new();
    loop {
        let node = cursor.node();
        let place = (node.start_byte(), node.end_byte(), node.start_position(), node.end_position());
        nodes.push((node.kind_id(), place));
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return nodes;
            }
        }
    }
}

/// A document, its tree, and the model beside them.
struct Pair {
    document: Document,
    model: Model,
    parser: SyntaxParser,
    tree: SyntaxTree,
    language: Language,
    columns: Columns,
}

impl Pair {
    fn new(language: Language, text: &str, columns: Columns) -> Self {
        let mut parser = SyntaxParser::default();
        let tree = parser.parse_fresh(language, text).unwrap();
        let document = Document::new(Some(language), 0, text.to_owned());
        Self { document, model: Model::new(text), parser, tree, language, columns }
    }

    /// Applies one notification to both.
    fn apply(&mut self, edits: &[Edit]) {
        let mut changes = Vec::new();
        for edit in edits {
            let start = edit.at.index(self.model.len() + 1);
            let end = (start + edit.len).min(self.model.len());
            let (from, to) = (self.model.place(start, self.columns), self.model.place(end, self.columns));
            assert!(self.model.replace(from, to, edit.text, self.columns));
            changes.push(Change { range: Some((position(from), position(to))), text: edit.text });
        }
        let version = self.document.version() + 1;
        let applied = self.document.apply(version, &changes, encoding(self.columns)).unwrap();
        for change in applied {
            match change {
                AppliedChange::Edit(edit) => self.tree.edit(&edit),
                AppliedChange::Reset => panic!("no whole text was sent"),
            }
        }
        let text = self.document.buffer().text();
        let mut go_on = || ControlFlow::Continue(());
        self.tree = self.parser.parse(self.language, text, Some(&self.tree), &mut go_on).unwrap();
    }

    /// Compares. Returns whether the tree was compared too: it is where the text has no syntax error.
    fn compare(&mut self) -> Result<bool, TestCaseError> {
        let buffer = self.document.buffer();
        prop_assert_eq!(buffer.text(), self.model.text());
        prop_assert_eq!(buffer.lines(), &LineIndex::new(buffer.text()));
        prop_assert_eq!(self.document.desync(), None);
        let fresh = self.parser.parse_fresh(self.language, buffer.text()).unwrap();
        let is_clean = !fresh.root_node().has_error();
        if is_clean {
            prop_assert_eq!(self.tree.root_node().to_sexp(), fresh.root_node().to_sexp());
            prop_assert_eq!(nodes(&self.tree), nodes(&fresh), "{:?}", buffer.text());
        }
        Ok(is_clean)
    }
}

/// Runs the scripts of one encoding, a quarter of them in each language.
fn run(columns: Columns) {
    for language in Language::ALL {
        let clean = AtomicU32::new(0);
        let cases = SCRIPTS / 4;
        let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
        let result = TestRunner::new(config).run(&(select(texts(language)), edits()), |(text, script)| {
            let mut pair = Pair::new(language, text, columns);
            for notification in &script {
                pair.apply(notification);
            }
            clean.fetch_add(u32::from(pair.compare()?), Ordering::Relaxed);
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{language:?}, {columns:?}: {error}"));
        let clean = clean.into_inner();
        // Else the trees would hardly be compared.
        assert!(
            clean > cases / 10,
            "{language:?}: only {clean} of {cases} scripts end in code without errors"
        );
    }
}

#[test]
fn texts_trees_and_lines_follow_edits_in_utf_8() {
    run(Columns::Utf8);
}

#[test]
fn texts_trees_and_lines_follow_edits_in_utf_16() {
    run(Columns::Utf16);
}

#[test]
fn texts_trees_and_lines_follow_edits_in_utf_32() {
    run(Columns::Utf32);
}

/// Places that mostly exist, and some that do not.
fn places() -> impl Strategy<Value = Place> {
    let line = prop_oneof![8 => 0usize..6, 1 => select(vec![7usize, 100, u32::MAX as usize])];
    let column = prop_oneof![8 => 0usize..12, 1 => select(vec![50usize, u32::MAX as usize])];
    (line, column)
}

fn hostile(columns: Columns) {
    let change = (places(), places(), select(&TYPED[..]));
    let script = prop::collection::vec((1i32..4, prop::collection::vec(change, 0..3)), 1..12);
    let config = ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() };
    let refused = AtomicU32::new(0);
    let result = TestRunner::new(config).run(&(select(texts(Language::Rust)), script), |(text, script)| {
        let mut document = Document::new(Some(Language::Rust), 2, text.to_owned());
        let mut model = Model::new(text);
        let mut lost = false;
        let mut highest = 2;
        for (step, edits) in script {
            // A step of 1 sends the version again, others go on.
            let version = highest + step - 1;
            highest = version.max(highest);
            let changes: Vec<_> = edits
                .iter()
                .map(|(from, to, text)| Change { range: Some((position(*from), position(*to))), text })
                .collect();
            let mut next = model.clone();
            let fits =
                step > 1 && edits.iter().all(|(from, to, text)| next.replace(*from, *to, text, columns));
            let result = document.apply(version, &changes, encoding(columns));
            prop_assert_eq!(result.is_ok(), fits && !lost, "{:?}", edits);
            if fits && !lost {
                model = next;
            } else {
                lost = true;
                refused.fetch_add(1, Ordering::Relaxed);
            }
            prop_assert_eq!(document.desync().is_some(), lost);
            prop_assert_eq!(document.buffer().text(), model.text());
            prop_assert_eq!(document.version(), highest);
            prop_assert_eq!(document.buffer().lines(), &LineIndex::new(document.buffer().text()));
        }
        let whole = [Change { range: None, text: "a\r\nb😀" }];
        document.apply(highest + 1, &whole, encoding(columns)).unwrap();
        prop_assert_eq!((document.desync(), document.buffer().text()), (None, "a\r\nb😀"));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{columns:?}: {error}"));
    assert!(refused.into_inner() > 4000, "hardly anything hostile was tried");
}

#[test]
fn an_edit_with_no_place_changes_nothing_and_a_whole_text_mends_it() {
    Columns::ALL.into_iter().for_each(hostile);
}

#[test]
fn a_whole_text_among_edits_starts_anew() {
    let mut document = Document::new(Some(Language::Rust), 1, "old".to_owned());
    let nowhere = Position { line: 70, column: 0 };
    let start = Position { line: 0, column: 0 };
    let changes = [
        Change { range: Some((nowhere, nowhere)), text: "lost" },
        Change { range: None, text: "new" },
        Change { range: Some((start, start)), text: "very " },
    ];
    document.apply(2, &changes, PositionEncoding::Utf16).unwrap();
    assert_eq!(document.buffer().text(), "very new");
    assert_eq!(**document.buffer(), Buffer::new("very new".to_owned()));
}
