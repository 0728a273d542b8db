//! The analysis as a whole: incremental equals fresh, holds, suppressions.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use autodao_syntax::{
    AppliedChange, Buffer, Change, Document, Language, Position, PositionEncoding, SyntaxParser, SyntaxTree,
};
use proptest::prelude::*;

use super::*;
use crate::Severity;

/// The report of a text, from nothing.
pub(crate) fn analyse(profile: Arc<Profile>, language: Language, text: &str) -> Report {
    let buffer = Buffer::new(text.to_owned());
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    let mut analysis = Analysis::new(profile, Some(language), FileRole::Library);
    analysis.update(text, &tree, Instant::now());
    analysis.report(&buffer)
}

/// Another thread compiles the query rules while items are looked at: whatever moment it is done at, what they find is
/// there after the next update.
#[test]
fn query_rules_that_are_compiled_meanwhile_are_not_forgotten() {
    let text = "function f() { throw 'x'; }\n";
    let language = Language::JavaScript;
    let buffer = Buffer::new(text.to_owned());
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    for round in 0..200 {
        let profile = Arc::new(Profile::default());
        let mut analysis = Analysis::new(Arc::clone(&profile), Some(language), FileRole::Library);
        std::thread::scope(|scope| {
            let compiling = scope.spawn(|| profile.compile_queries(language));
            while !compiling.is_finished() {
                analysis.update(text, &tree, Instant::now());
            }
        });
        analysis.update(text, &tree, Instant::now());
        let found = analysis.report(&buffer).findings.len();
        assert_eq!(found, 1, "in round {round}");
    }
}

/// A document that is edited, with its tree and its analysis.
struct Edited {
    document: Document,
    parser: SyntaxParser,
    tree: SyntaxTree,
    analysis: Analysis,
    now: Instant,
}

impl Edited {
    fn new(language: Language, text: &str) -> Self {
        let profile = Profile::shared_default();
        profile.compile_queries(language);
        let mut parser = SyntaxParser::default();
        let tree = parser.parse_fresh(language, text).unwrap();
        let mut analysis = Analysis::new(profile, Some(language), FileRole::Library);
        let now = Instant::now();
        analysis.update(text, &tree, now);
        Self { document: Document::new(Some(language), 0, text.into()), parser, tree, analysis, now }
    }

    fn replace(&mut self, from: (u32, u32), to: (u32, u32), text: &str) {
        let at = |(line, column)| Position { line, column };
        let change = Change { range: Some((at(from), at(to))), text };
        let version = self.document.version() + 1;
        for applied in self.document.apply(version, &[change], PositionEncoding::Utf8).unwrap() {
            let AppliedChange::Edit(edit) = applied else { unreachable!() };
            self.tree.edit(&edit);
            self.analysis.edit(&edit);
        }
        let text = self.document.buffer().text();
        let language = self.document.language().unwrap();
        self.tree =
            self.parser.parse(language, text, Some(&self.tree), &mut || ControlFlow::Continue(())).unwrap();
        self.analysis.update(text, &self.tree, self.now);
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.analysis.update(self.document.buffer().text(), &self.tree, self.now);
    }

    fn report(&self) -> Vec<Finding> {
        self.analysis.report(self.document.buffer()).findings.iter().map(PlacedFinding::finding).collect()
    }

    /// What a fresh analysis of the same tree reports.
    fn fresh(&self) -> Vec<Finding> {
        let mut analysis =
            Analysis::new(Profile::shared_default(), self.document.language(), FileRole::Library);
        analysis.update(self.document.buffer().text(), &self.tree, self.now);
        analysis.report(self.document.buffer()).findings.iter().map(PlacedFinding::finding).collect()
    }

    fn rules(&self) -> Vec<&'static str> {
        self.report().iter().map(|finding| Catalog::builtin().rule(finding.rule).id).collect()
    }
}

const RUST: &str = "\
use a::b;
// TODO one
fn first() { a.unwrap(); }
#[cfg(test)]
mod tests {
    fn quiet() { a.unwrap(); }
}
impl S {
    /// Doc.
    async fn second(&self) { if a { if b { std::fs::read(p); } } }
    fn third() { dbg!(a); }
}
mod inner { impl T for S { fn fourth() { todo!() } } }
";

const TSX: &str = "\
import { a } from 'a';
export class A { m() { debugger; } n = () => { throw 'x'; } }
export const b = async () => { fs.readFileSync(p); };
namespace N { try { f() } catch {} }
function g() { return a ? b : c ? d : e; } // FIXME
export const App = () => <div>{x && <p title={`a${b ? c : d ? e : f}`}/>}</div>;
";

#[test]
fn an_edit_is_followed() {
    let mut edited = Edited::new(Language::Rust, RUST);
    assert_eq!(
        edited.rules(),
        [
            "todo-comment",
            "unwrap-used",
            "collapsible-if",
            "blocking-in-async",
            "debug-left",
            "unimplemented-macro"
        ]
    );
    edited.replace((2, 13), (2, 13), "b.unwrap(); ");
    assert_eq!(edited.rules()[1..3], ["unwrap-used", "unwrap-used"]);
    // An attribute is a sibling of its item: taking it away changes the item's context, not the item.
    edited.replace((3, 0), (3, 12), "");
    assert_eq!(edited.rules()[1..4], ["unwrap-used", "unwrap-used", "unwrap-used"]);
    assert_eq!(edited.report(), edited.fresh());
}

#[test]
fn findings_of_a_broken_item_are_held_and_then_let_go() {
    let mut edited = Edited::new(Language::Rust, RUST);
    let before = edited.rules();
    edited.replace((2, 12), (2, 12), "{ x(");
    assert_eq!(edited.rules(), before, "held while it is broken");
    edited.wait(Duration::from_millis(200));
    edited.replace((2, 16), (2, 16), "y");
    assert_eq!(edited.rules(), before, "still held");
    edited.wait(Duration::from_millis(60));
    assert_eq!(edited.report(), edited.fresh(), "let go when the time is over, however much was typed");
    edited.replace((2, 12), (2, 17), "");
    assert_eq!(edited.rules(), before, "back at once when it is whole again");
    assert_eq!(edited.analysis.next_deadline(), None);
}

#[test]
fn what_is_broken_from_the_start_is_not_held() {
    let edited = Edited::new(Language::Rust, "fn f() { a.unwrap(); let = 1; }");
    assert_eq!(edited.rules(), ["unwrap-used", "syntax-error"]);
    assert_eq!(edited.analysis.next_deadline(), None);
}

#[test]
fn findings_move_before_the_new_tree_is_there() {
    let mut edited = Edited::new(Language::Rust, RUST);
    let edit = |document: &mut Document| {
        let at = Position { line: 0, column: 0 };
        document
            .apply(9, &[Change { range: Some((at, at)), text: "use z;\n" }], PositionEncoding::Utf8)
            .unwrap()
    };
    let before = edited.report();
    for applied in edit(&mut edited.document) {
        let AppliedChange::Edit(edit) = applied else { unreachable!() };
        edited.analysis.edit(&edit);
    }
    let moved = edited.report();
    assert_eq!(before.iter().map(|finding| finding.moved(7)).collect::<Vec<_>>(), moved);
}

#[test]
fn a_comment_suppresses_and_is_counted() {
    let text = "// autodao: allow-file(todo-comment)\n// TODO\nfn f() {\n    // autodao: allow(unwrap-used) it is there\n    a.unwrap();\n    b.unwrap(); // autodao: allow(all)\n    c.unwrap();\n}\n";
    let report = analyse(Profile::shared_default(), Language::Rust, text);
    let lines: Vec<_> =
        report.findings.iter().map(|f| text[..f.span().start as usize].lines().count()).collect();
    assert_eq!((lines, report.suppressed), (vec![7], 3));
}

#[test]
fn an_item_that_is_moved_in_its_file_is_recognised() {
    let mut edited = Edited::new(Language::Rust, RUST);
    edited.analysis.release_tree();
    edited.tree = edited.parser.parse_fresh(Language::Rust, RUST).unwrap();
    let findings: Vec<_> = edited.analysis.units.iter().filter_map(|u| u.found.clone()).collect();
    edited.wait(Duration::ZERO);
    for (unit, found) in edited.analysis.units.iter().zip(findings) {
        assert!(Arc::ptr_eq(unit.found.as_ref().unwrap(), &found));
    }
}

/// A fix may reach for the line its item stands on: what stands beside the item matters too.
#[test]
fn a_fix_follows_what_stands_beside_its_item() {
    let nested = "if (a) {\n  if (b) {\n    c();\n  }\n}\n";
    for (language, text, at, new) in [
        (Language::JavaScript, nested, (0, 0), " "),
        (Language::JavaScript, "debugger;\n", (0, 9), "foo()"),
        (Language::TypeScript, "debugger;\r\n", (0, 9), "foo()"),
        (Language::Tsx, "debugger;", (0, 9), "\n"),
        (Language::JavaScript, "f();\ndebugger;\n", (1, 0), "g();"),
        (Language::JavaScript, "  debugger;\n", (0, 0), "g();"),
        (Language::Rust, "dbg!(a);\n", (0, 8), "fn f() {}"),
        (Language::Tsx, "a\ndebugger\n\n", (2, 0), "<b/>"),
        (Language::JavaScript, "x();if (a) {\n  if (b) {\n    c();\n  }\n}\n", (0, 0), "  "),
        (Language::JavaScript, "x;y;if (a) {\n  if (b) {\n    c();\n  }\n}\n", (0, 2), "\n "),
    ] {
        let mut edited = Edited::new(language, text);
        edited.replace(at, at, new);
        edited.wait(HOLD);
        assert_eq!(edited.report(), edited.fresh(), "{new:?} in {text:?}");
    }
}

#[test]
fn a_fix_of_an_item_that_comes_back_elsewhere_fits_there() {
    let text = "if (a) {\n  if (b) {\n    c();\n  }\n}\n";
    let mut edited = Edited::new(Language::JavaScript, text);
    edited.replace((0, 0), (5, 0), "");
    edited.replace((0, 0), (0, 0), &format!("  {text}"));
    assert_eq!(edited.report(), edited.fresh());
}

/// What takes several items to see follows edits of any of them, and of what is between them.
#[test]
fn notes_of_items_are_joined_anew_at_each_edit() {
    let text = "// let a = 1;\nfn f() {}\nmod m { fn f() {} }\nimpl A {\n    fn g() {}\n}\n";
    let mut edited = Edited::new(Language::Rust, text);
    assert_eq!(edited.rules(), [""; 0]);
    edited.replace((1, 0), (1, 0), "// f(a);\n");
    assert_eq!(edited.rules(), ["commented-out-code"]);
    assert_eq!(edited.report(), edited.fresh());
    edited.replace((6, 0), (6, 0), "fn f() {}\n");
    assert_eq!(edited.rules(), ["commented-out-code"], "in an `impl` it is another");
    edited.replace((7, 0), (7, 1), "}\nfn f() {}");
    assert_eq!(edited.rules(), ["commented-out-code", "duplicate-definition"]);
    edited.replace((8, 0), (8, 0), "#[cfg(a)] ");
    assert_eq!(edited.rules(), ["commented-out-code"], "an attribute may take it away");
    edited.replace((8, 0), (8, 10), "#[inline] ");
    edited.replace((0, 0), (0, 13), "");
    assert_eq!(edited.rules(), ["duplicate-definition"]);
    assert_eq!(edited.report(), edited.fresh());
}

#[test]
fn joined_findings_are_held_while_an_item_is_broken() {
    let mut edited = Edited::new(Language::Rust, "fn f() {}\nfn f() {}\nfn g() { h(); }\n");
    assert_eq!(edited.rules(), ["duplicate-definition"]);
    let before = edited.report()[0].span;
    edited.replace((0, 0), (0, 0), "\n");
    edited.replace((3, 11), (3, 12), "(");
    assert_eq!(edited.rules(), ["duplicate-definition"], "and no syntax error while it is being typed");
    assert_eq!(edited.report()[0].span, before.moved(1));
    edited.wait(HOLD);
    assert!(edited.rules().contains(&"syntax-error"));
    assert_eq!(edited.report(), edited.fresh());
}

#[test]
fn severities_follow_the_profile() {
    let mut profile = Profile::default();
    let change = crate::RuleChange {
        level: Some(Level::On(Severity::Hint)),
        options: vec![("max".into(), 0), ("error".into(), 0)],
    };
    profile.change("cognitive-complexity", &change).unwrap();
    let report = analyse(profile.into(), Language::Rust, "fn f() { if a {} }");
    assert_eq!(report.findings[0].relative().severity, Severity::Hint, "a chosen level is not escalated");
}

/// Whether a finding counts may depend on what another item says.
#[test]
fn a_finding_follows_what_other_items_say() {
    let mut edited = Edited::new(Language::TypeScript, "function f() {}\nf();\n");
    assert_eq!(edited.rules(), [""; 0]);
    edited.replace((0, 0), (0, 0), "async ");
    assert_eq!(edited.rules(), ["floating-promise"]);
    edited.replace((1, 0), (1, 0), "namespace N { function f() {} }\n");
    assert_eq!(edited.rules(), [""; 0], "it may be the other one");
    edited.replace((1, 0), (2, 0), "");
    assert_eq!(edited.rules(), ["floating-promise"], "the item was remembered");
    assert_eq!(edited.report(), edited.fresh());

    let mut edited = Edited::new(Language::Rust, "use std::fs;\nasync fn f() { fs::read(p)?; }\n");
    assert_eq!(edited.report()[0].fixes.len(), 0);
    edited.replace((0, 0), (0, 0), "use tokio::spawn;\n");
    assert_eq!(edited.report()[0].fixes.len(), 1, "tokio is there");
    edited.replace((1, 4), (1, 7), "tokio");
    assert_eq!(edited.rules(), [""; 0], "it is tokio's");
}

/// What a broken item said holds as long as its findings do.
#[test]
fn what_a_broken_item_said_is_held() {
    let mut edited = Edited::new(Language::TypeScript, "async function f() { g(1); }\nf();\n");
    edited.replace((0, 23), (0, 25), "");
    assert!(edited.analysis.next_deadline().is_some(), "it is broken");
    assert_eq!(edited.rules(), ["floating-promise"]);
    edited.wait(HOLD);
    assert_eq!(edited.report(), edited.fresh());
}

fn pieces(language: Language) -> impl Strategy<Value = &'static str> {
    let rust = [
        "x",
        ";",
        "{",
        "}",
        "(",
        ")",
        "\"",
        "/*",
        "*/",
        "// TODO\n",
        "\n",
        "fn q() { z.unwrap(); }\n",
        "#[test]\n",
        "#[cfg(test)] mod m {",
        "é😀",
        "impl A {",
        "<",
        "dbg!(a);",
        "\n ",
        "if a {\n  if b {\n    c();\n  }\n}\n",
        "use std::fs;\n",
        "use tokio::fs;\n",
        "use std::fmt::Write;\n",
        "mod n { use tokio::fs; }\n",
        "async fn r() { fs::read(p)?; }\n",
        "async fn s() {\n    let g = m.lock().unwrap();\n    h().await;\n}\n",
        "fn t() { let mut s = String::new(); for a in b { s.push_str(&format!(\"{a}\")); } }\n",
        "for a in b {\n    let re = Regex::new(\"x\").unwrap();\n}\n",
        "pub fn u() -> Result<u8, String> { panic!(\"a\") }\n",
        "let _ = a.collect::<Vec<_>>().len();",
        "fn first() { return 1; }\n",
        "#[cfg(a)]\n",
        "// let a = 1;\n// f(a);\n",
        "// Here's the updated code\n",
        "return; ",
        "if a { return; } else { b(); }\n",
        "unsafe { a }",
        "\n```\n",
        "",
    ];
    let script = [
        "x",
        ";",
        "{",
        "}",
        "(",
        ")",
        "`",
        "'",
        "/*",
        "*/",
        "// TODO\n",
        "\n",
        "function q() { debugger }\n",
        "export ",
        "class C {",
        "throw 'y';",
        "é😀",
        "${",
        "<b>",
        "</b>",
        "\n ",
        "debugger;",
        "if (a) {\n  if (b) {\n    c();\n  }\n}\n",
        "async function h() {}\n",
        "function h() {}\n",
        "h();\n",
        "async ",
        "class D { async m() {} n() { this.m(); } }\n",
        "try {\n  a();\n} catch (e) {\n  throw e;\n}\n",
        "for (const a of b) { await c(a); }",
        "a.then(b);",
        "a.reduce((b, c) => ({ ...b, [c]: 1 }), {});",
        "new Promise(async () => {});",
        "function g() {}\n",
        "class A { m() {} }\n",
        "let a: any = b as any as c;\n",
        "// let a = 1;\n// f(a);\n",
        "// @ts-ignore\n",
        "if (a) { return; } else { if (b) { c(); } }\n",
        "a!.b;",
        "return; ",
        "\n```\n",
        "",
    ];
    prop::sample::select(if language == Language::Rust { rust.to_vec() } else { script.to_vec() })
}

fn edits(language: Language) -> impl Strategy<Value = Vec<(usize, usize, &'static str)>> {
    prop::collection::vec(
        (any::<prop::sample::Index>().prop_map(|i| i.index(4096)), 0usize..12, pieces(language)),
        1..12,
    )
}

fn run(
    language: Language,
    text: &str,
    edits: Vec<(usize, usize, &'static str)>,
) -> Result<(), TestCaseError> {
    let mut edited = Edited::new(language, text);
    for (at, len, new) in edits {
        let buffer = Arc::clone(edited.document.buffer());
        let floor = |mut offset: usize| {
            offset = offset.min(buffer.text().len());
            while !buffer.text().is_char_boundary(offset) {
                offset -= 1;
            }
            autodao_syntax::position::position_of(&buffer, offset as u32, PositionEncoding::Utf8)
        };
        let start = at % (buffer.text().len() + 1);
        let (from, to) = (floor(start), floor(start + len));
        edited.replace((from.line, from.column), (to.line, to.column), new);
        // Held findings are meant to differ; everything else must be what a fresh look finds.
        let mut settled = edited.analysis.next_deadline().is_none();
        if !settled {
            edited.wait(HOLD);
            settled = edited.analysis.next_deadline().is_none();
        }
        prop_assert!(settled);
        prop_assert_eq!(edited.report(), edited.fresh(), "{}", edited.document.buffer().text());
        if !edited.tree.root_node().has_error() {
            let tree =
                SyntaxParser::default().parse_fresh(language, edited.document.buffer().text()).unwrap();
            prop_assert_eq!(edited.tree.root_node().to_sexp(), tree.root_node().to_sexp());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn incremental_equals_fresh_in_rust(edits in edits(Language::Rust)) {
        run(Language::Rust, RUST, edits)?;
    }

    #[test]
    fn incremental_equals_fresh_in_tsx(edits in edits(Language::Tsx)) {
        run(Language::Tsx, TSX, edits)?;
    }
}
