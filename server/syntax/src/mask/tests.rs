//! Gaps are bridged, clean texts keep their trees, and a mask that was edited equals a fresh one.

use proptest::prelude::*;
use tree_sitter::{Parser, Tree};

use super::*;
use crate::{AppliedChange, Change, Document, PositionEncoding, SyntaxParser, SyntaxTree};

/// Valid texts that the grammar alone does not read.
const GAPS: &[(Language, &[&str])] = &[
    (
        Language::TypeScript,
        &[
            "interface A<in T> {}",
            "interface A<out T, in U = { a: B<C> }, in out V extends D> {}",
            "interface A<T, out U> {}",
            "interface A<\n  // of it\n  out T,\n  in U = ','\n> {}",
            "interface A<out out, in out> {}",
            "export class A<in const T> {}",
            "const a = class<in T> {};",
            "type A<in out T> = T;",
            "interface A {\n  a: string\n  <T>(a: T): T\n}",
            "interface A {\r\n  a: string\r\n  <T>(a: T): T\r\n}",
            "interface A {\r\n  (): void\r\n<T>(a: T): T\r\n}",
            "interface A {\n  (a: B): C[]\n\n  /**\n   * More <of> it: `a`.\n   */\n  <T>(a: T): T\n}",
            "interface A {\n  new (a: B): C // 'd'\n  // and\n  <T>(a: T): a is T\n}",
            "interface A {\n  a: 'b' | \"c\"\n  <T extends { b: ')' }>(a: T): T\n}",
            "declare const a: {\n  (b: B): <T>(a: T) => C<T>\n  <T>(\n    a: T,\n    b: B\n  ): C<T>\n}",
            "a<<T>(b: T) => C<T>>();",
            "let a = b as A.B<<T extends C>(c: T) => void>;",
            "class A { static accessor a = 1; abstract accessor b: C }",
            "class A { accessor = 1; abstract() {} }",
            "class A { static declare a: B; abstract override readonly c: D }",
            "class A { static [key: string]: B; static readonly [key: string]: C }",
            "interface A { abstract: B; abstract?(): C }",
            "{ using a: A = b; await using c: D = e; }",
            "for (using a of b) {}",
            "for (await using a of b) {}",
            "using(a); using = b;",
            "export * from 'a' with { type: 'json' };",
            "export * as a from 'b' with { type: 'json' };",
            "export { a, b as c } from 'd' with {\n  type: 'json',\n};",
            "export type { A } from 'b' with { 'resolution-mode': 'import' };",
            "let a: import('b').C<D>;",
            "let a: Array<import('b').C.D<E>[]>;",
            "export type * from 'a';",
            "export type * as A from 'a';",
            "import type A = B.C;",
            "export import a = require('b');",
            "import defer * as a from 'b';",
            "import source a from 'b';",
            "let a: (any) => void;",
            "a(b as ( string ) => void);",
            "type A<B extends string> =\n  `say \\`${B}\\` now`\n",
        ],
    ),
    (
        Language::Tsx,
        &[
            "interface A<in out T> {}",
            "a<<T,>(b: T) => T>(c);",
            "let a = <b c=\"d\">e & f</b>;",
            "let a = <b>{c} && d\n  e</b>;",
        ],
    ),
    (
        Language::JavaScript,
        &[
            "class A { accessor a = 1; static accessor #b; @c accessor d }",
            "import a from 'b' assert { type: 'json' };",
            "import 'b' assert { type: 'json' };",
            "export { a } from 'b' with { type: 'json' };",
            "import defer * as a from 'b';",
            "import source a from 'b';",
            "import.defer('a').then(b);",
        ],
    ),
    (
        Language::Rust,
        &[
            "macro_rules! a { ($) => {}; ($ $b:tt) => { $b }; }",
            "macro_rules! a { ($b:expr) => { ${concat(a, $b)} } }",
            "a!(~ b);",
            "fn f<T: ~const A>() {}",
            "unsafe extern \"C\" { pub safe fn f(a: B); safe static C: D; }",
            "extern \"C\" { pub type A; }",
            "fn f() -> A { try!(b); str![[c]]; d }",
            "type A = B<-1_000, 1>;",
        ],
    ),
];

/// Valid texts with anchors in them that the grammar reads: what is masked there must not change the tree.
const CLEAN: &[(Language, &[&str])] = &[
    (
        Language::TypeScript,
        &[
            "let a = '  <T>(a: T): T, interface A<out T>, export type * from, (any) => b';",
            "let a = `export type * from ${b} interface A<in T> static accessor x`; // interface A<in T>",
            "let a = `import('${b}').C<D>; export * from 'a' with ${c}`;",
            "/* let a: import('b').C<D>; a<<T>(b: T) => C>() */",
            "interface A<out, B> {}",
            "interface A {\n  a: string;\n  <T>(a: T): T;\n}",
            "interface A {\n  <T>(a: T): T\n}",
            "interface A {\n  a\n  <T>(a: T): T\n}",
            "class A {\n  a\n  <T>(a: T): T { return a }\n}",
            "let a = b ?\n  <T>(a: T): T => a : c;",
            "let a =\n  <T>(a: T): T => a;",
            "a\n  <T>(b);",
            "let a = b << c >> d; a <<= b;",
            "let a: A<<T extends B>(b: T) => void>;",
            "class A { accessor a = 1; private accessor b: C }",
            "abstract class A { abstract a(): B; abstract override b(): C; abstract c: D }",
            "let a = { abstract: 1, accessor: 2, using: 3, static: 4 };",
            "let accessor = 1; let abstract = 2;",
            "class A { static a = 1; static readonly b = 2; static declare() {} }",
            "a.using(b); a.with(c);",
            "import a from 'b' with { type: 'json' };",
            "import type A = require('b');",
            "import a = b.c;",
            "let a: typeof import('b').c<D>;",
            "let a = await import('b').then<C>(d);",
            "let a = import('b');",
            "let a = (any) => any; let b = (string) => { return string };",
            "export type A = B; export import C = D.E;",
            "for (const a of b) {}",
            "let a = `say \\`b\\``;",
        ],
    ),
    (
        Language::Tsx,
        &[
            "let a: A<B> & C<D>; let b = <c>{d & e}</c>;",
            "let a = <b>&amp; &#38;</b>;",
            "let a = <b>using accessor c: (any) =&gt; static</b>;",
            "let a = <b>\n  c\n  <d>(e): f</d>\n</b>;",
            "let a = b && <c>d</c>;",
        ],
    ),
    (
        Language::JavaScript,
        &[
            "let accessor = 1; accessor\nb;",
            "import a from 'b' with { type: 'json' };",
            "let a = 'export { a } from \"b\" with { c: \"d\" }';",
        ],
    ),
    (
        Language::Rust,
        &[
            "fn f() { let a = \"$ ~ safe fn\"; let b = r#\"\"$\"~\"#; let c = '$'; } // $",
            "macro_rules! a { ($b:expr, $($c:tt)*) => { $crate::d!($b $($c)*) } }",
            "fn f() { let safe = 1; if a <-1 { } }",
            "trait A { type B; } impl A for C { type B = D; } pub type E = F;",
        ],
    ),
];

fn unmasked(language: Language, text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&language.grammar()).unwrap();
    parser.parse(text, None).unwrap()
}

fn fresh(language: Language, text: &str) -> SyntaxTree {
    SyntaxParser::default().parse_fresh(language, text).unwrap()
}

/// The text as the parser reads it.
fn read_all(mask: &Mask, text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < text.len() {
        let chunk = mask.read(text.as_bytes(), bytes.len());
        assert!(!chunk.is_empty());
        bytes.extend_from_slice(chunk);
    }
    bytes
}

#[test]
fn a_gap_is_bridged() {
    for (language, texts) in GAPS {
        for text in *texts {
            assert!(unmasked(*language, text).root_node().has_error(), "no gap any more: {text}");
            let read = String::from_utf8(read_all(&Mask::fresh(*language, text), text)).unwrap();
            let tree = fresh(*language, text);
            assert!(!tree.root_node().has_error(), "{text}\nis read as\n{read}");
        }
    }
}

#[test]
fn a_clean_text_keeps_its_tree() {
    for (language, texts) in CLEAN {
        for text in *texts {
            let (with, without) = (fresh(*language, text), unmasked(*language, text));
            assert!(!without.root_node().has_error(), "{text}");
            assert_eq!(with.root_node().to_sexp(), without.root_node().to_sexp(), "{text}");
        }
    }
}

#[test]
fn an_error_is_not_hidden() {
    for (language, text) in [
        (Language::TypeScript, "interface A<in in T> {}"),
        (Language::TypeScript, "interface A<out in T> {}"),
        (Language::TypeScript, "function f<out T>() {}"),
        (Language::TypeScript, "class A {\n  a: string\n  <T>(a: T): T\n}"),
        (Language::TypeScript, "a\n  <T>(b): T"),
        (Language::TypeScript, "a<<T>(b)>();"),
        (Language::TypeScript, "export * from 'a' with { type: json };"),
        (Language::TypeScript, "for (using a b c) {}"),
        (Language::Tsx, "let a = <b>c & {</b>;"),
        (Language::JavaScript, "import a from 'b' assert { type };"),
        (Language::Rust, "fn f() { let $ = 1; }"),
        (Language::Rust, "fn f() { a = ~b; }"),
        (Language::Rust, "safe fn f() {}"),
    ] {
        assert!(fresh(language, text).root_node().has_error(), "{text}");
    }
}

#[test]
fn a_place_is_found_within_its_reach_only() {
    let doc =
        |len: usize| format!("interface A {{\n  a: string\n  /*{}*/\n  <T>(a: T): T\n}}", "-".repeat(len));
    assert_eq!(Mask::fresh(Language::TypeScript, &doc(BEHIND - 64)).len(), 1);
    assert_eq!(Mask::fresh(Language::TypeScript, &doc(BEHIND)).len(), 0);
}

#[test]
fn hostile_text_takes_no_longer_than_its_length_says() {
    // Each of these is quadratic for a scan without bounds; the test would not end.
    for piece in [
        "\n <A",
        "\n <A>(",
        "a<<b",
        "class A<in ",
        "import('a'",
        "\n<",
        "/*\n <a",
        "&",
        "} from 'a' with {",
        "\\`",
    ] {
        let text = piece.repeat((1 << 20) / piece.len());
        let mask = Mask::fresh(Language::Tsx, &text);
        assert_eq!(read_all(&mask, &text).len(), text.len());
    }
}

fn piece() -> impl Strategy<Value = String> {
    let whole: Vec<&'static str> =
        GAPS.iter().chain(CLEAN).flat_map(|(_, texts)| texts.iter().copied()).collect();
    prop_oneof![
        6 => prop::sample::select(whole.clone()).prop_map(|text| format!("{text}\n")),
        4 => (prop::sample::select(whole), 0usize..40, 1usize..12).prop_map(|(text, from, len)| {
            text.chars().skip(from).take(len).collect()
        }),
        2 => "[<>(){}:;&=$~'\"`/*\\\\ \né]{1,4}".prop_map(|text| text),
        1 => (1usize..6000).prop_map(|len| format!("/*{}*/\n", "-".repeat(len))),
    ]
}

fn language() -> impl Strategy<Value = Language> {
    prop::sample::select(Language::ALL.to_vec())
}

/// A document and its tree, edited together.
struct Edited {
    language: Language,
    document: Document,
    tree: SyntaxTree,
}

impl Edited {
    fn open(language: Language, text: String) -> Self {
        let tree = fresh(language, &text);
        Self { language, document: Document::new(Some(language), 0, text), tree }
    }

    fn edit(&mut self, at: usize, len: usize, new: &str) {
        let text = self.document.buffer().text();
        let floor = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (floor(at % (text.len() + 1)), floor(at % (text.len() + 1) + len));
        let position = |at: usize| {
            let buffer = self.document.buffer();
            crate::position::position_of(buffer, at as u32, PositionEncoding::Utf8)
        };
        let change = Change { range: Some((position(start), position(end))), text: new };
        let version = self.document.version() + 1;
        for applied in self.document.apply(version, &[change], PositionEncoding::Utf8).unwrap() {
            let AppliedChange::Edit(edit) = applied else { unreachable!() };
            self.tree.edit(&edit);
        }
    }

    fn parse(&mut self) {
        let text = self.document.buffer().text();
        let go_on = &mut || std::ops::ControlFlow::Continue(());
        self.tree = SyntaxParser::default().parse(self.language, text, Some(&self.tree), go_on).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_mask_keeps_length_lines_and_characters(
        language in language(),
        text in prop::collection::vec(piece(), 0..8).prop_map(|pieces| pieces.concat()),
    ) {
        let mask = Mask::fresh(language, &text);
        let read = read_all(&mask, &text);
        prop_assert_eq!(read.len(), text.len());
        let lines = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).collect::<Vec<_>>();
        prop_assert_eq!(lines(&read), lines(text.as_bytes()));
        prop_assert!(std::str::from_utf8(&read).is_ok());
        for at in (0..text.len()).step_by(7) {
            let chunk = mask.read(text.as_bytes(), at);
            prop_assert_eq!(chunk, &read[at..at + chunk.len()]);
        }
        prop_assert_eq!(mask.read(text.as_bytes(), text.len()), b"");
    }

    #[test]
    fn an_edited_mask_equals_a_fresh_one(
        language in language(),
        text in prop::collection::vec(piece(), 0..8).prop_map(|pieces| pieces.concat()),
        rounds in prop::collection::vec(
            prop::collection::vec((any::<u16>(), 0usize..40, prop_oneof![2 => piece(), 1 => Just(String::new())]), 1..4),
            1..6,
        ),
    ) {
        let mut edited = Edited::open(language, text);
        for edits in rounds {
            for (at, len, new) in edits {
                edited.edit(usize::from(at), len, &new);
            }
            edited.parse();
            let text = edited.document.buffer().text();
            prop_assert_eq!(&edited.tree.mask.patches, &Mask::fresh(language, text).patches);
            let fresh = fresh(language, text);
            // A parse from an old tree may recover from an error in another way.
            if !fresh.root_node().has_error() {
                prop_assert_eq!(edited.tree.root_node().to_sexp(), fresh.root_node().to_sexp());
            }
        }
    }
}
