//! The editor and the command line agree: on every example of the catalog, and whatever is typed.

#![expect(clippy::panic, reason = "a helper of tests that fails, fails its test")]

use autodao_engine::quality::{Catalog, FileRole, Level, Profile, Severity};
use autodao_engine::syntax::Language;
use autodao_engine::{apply_edits, check_text};
use autodao_tests::client::{Client, edit, edited, range, rules};
use autodao_tests::editor::{context, editor, edits_of, titled};
use autodao_tests::model::{Columns, Model};
use serde_json::{Value, json};

fn severity(severity: Severity) -> u32 {
    match severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Information => 3,
        Severity::Hint => 4,
    }
}

/// What the command line finds in a text, as an editor shows it.
fn expected_diagnostics(language: Language, text: &str) -> Vec<Value> {
    let report = check_text(&Profile::shared_default(), language, FileRole::Library, text);
    let model = Model::new(text);
    let place = |offset: u32| {
        let (line, column) = model.place(text[..offset as usize].chars().count(), Columns::Utf16);
        [line as u32, column as u32]
    };
    let findings = report.findings.iter().map(autodao_engine::quality::PlacedFinding::finding);
    findings
        .map(|finding| {
            json!({
                "range": range(place(finding.span.start), place(finding.span.end)),
                "severity": severity(finding.severity),
                "code": Catalog::builtin().rule(finding.rule).id,
                "source": "autodao",
                "message": &*finding.message,
            })
        })
        .collect()
}

/// The language id an editor uses.
fn language_id(language: Language) -> &'static str {
    match language {
        Language::Rust => "rust",
        Language::TypeScript => "typescript",
        Language::Tsx => "typescriptreact",
        Language::JavaScript => "javascript",
    }
}

/// Every action on every example of the catalog, applied as an editor does: the finding is gone, and what was
/// whole before is whole after.
#[test]
fn every_action_on_every_example_does_what_it_says() {
    let mut client = editor();
    let (mut applied, mut version) = (0, 1);
    for (id, rule) in Catalog::builtin().iter().filter(|(_, rule)| rule.level != Level::Off) {
        for example in rule.examples {
            let language = example.language;
            let plain = example.bad.replace(['⟦', '⟧'], "");
            for text in [plain.clone(), plain.replace('\n', "\r\n"), format!("\u{feff}{plain}")] {
                let uri = format!("file:///project/src/{}-{applied}.{}", rule.id, language.extensions()[0]);
                client.open(&uri, language_id(language), &text);
                let expected = expected_diagnostics(language, &text);
                let found = client.diagnostics_when(&uri, 1, |found| found == expected);
                let look = |text: &str| {
                    let report = check_text(&Profile::shared_default(), language, FileRole::Library, text);
                    let ours = report.findings.iter().filter(|found| found.relative().rule == id);
                    let line = |offset: u32| text[..offset as usize].matches('\n').count();
                    (ours.map(|found| line(found.span().start)).collect::<Vec<_>>(), report.broken)
                };
                let (before, was_broken) = look(&text);
                for diagnostic in found.iter().filter(|diagnostic| diagnostic["code"] == rule.id) {
                    let place = &diagnostic["range"]["start"];
                    let at = ["line", "character"].map(|key| place[key].as_u64().unwrap() as u32);
                    for action in client.actions(&uri, at, at, context()) {
                        if action["diagnostics"][0] != *diagnostic {
                            continue;
                        }
                        let (edits, _) = edits_of(&action);
                        let after = edited(&text, &edits, Columns::Utf16);
                        let (left, broken) = look(&after);
                        let title = action["title"].as_str().unwrap();
                        let is_gone = match title.rsplit(' ').next() {
                            Some("here") => !left.contains(&(at[0] as usize + 1)),
                            Some("file") => left.is_empty(),
                            _ => left.len() < before.len(),
                        };
                        assert!(is_gone, "{title} leaves the finding: {text:?} -> {after:?}");
                        assert!(was_broken || !broken, "{title} breaks the code: {text:?} -> {after:?}");
                        version += 1;
                        applied += 1;
                        client.change(&uri, version, json!([{"text": after}]));
                        let expected = expected_diagnostics(language, &after);
                        client.diagnostics_when(&uri, version, |found| found == expected);
                        version += 1;
                        client.change(&uri, version, json!([{"text": text}]));
                        client.diagnostics_when(&uri, version, |again| again == found);
                    }
                }
                client.close(&uri);
            }
        }
    }
    assert!(applied > 100, "only {applied} actions were tried");
}

/// The typing of a text: a burst is typed at a place, character by character.
mod typing {
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    #[derive(Clone, Debug)]
    pub(super) struct Burst {
        pub(super) at: Index,
        /// Characters deleted backwards first.
        pub(super) deleted: usize,
        pub(super) typed: &'static str,
        /// Whether it comes as one edit, as from a program.
        pub(super) pasted: bool,
    }

    pub(super) fn bursts(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<Burst>> {
        let deleted = prop_oneof![3 => Just(0usize), 2 => 1usize..4, 1 => 4usize..30];
        let burst = (any::<Index>(), deleted, select(pieces), any::<bool>())
            .prop_map(|(at, deleted, typed, pasted)| Burst { at, deleted, typed, pasted });
        prop::collection::vec(burst, 1..8)
    }
}

const RUST: &str = "\
use a::b;\r
// TODO one 😀
fn first() { a.unwrap(); }
#[cfg(test)]
mod tests {
    fn quiet() { a.unwrap(); }
}
impl S {
    async fn second(&self) { if a { if b { std::fs::read(p); } } }
    fn third() { dbg!(a); }
}
";

const SCRIPT: &str = "\
import { a } from 'a';
// FIXME 😀\r
export class A { m() { debugger; } n = () => { throw 'x'; } }
namespace N { try { f() } catch {} }
function g() { return a ? b : c ? d : e; }
export const h = () => { if (a) { if (b) { console.log(c); } } };
";

const RUST_PIECES: &[&str] = &[
    "a.unwrap();",
    "x",
    "{",
    "}",
    "(",
    ")",
    "\"",
    "/*",
    "*/",
    "// TODO t\n",
    "\n",
    "fn q() { z.unwrap(); }\n",
    "#[test]\n",
    "#[cfg(test)] mod m {",
    "é😀",
    "impl A {",
    "<",
    "dbg!(a);",
    "",
    "// autodao: allow(all)\n",
    "'a",
];

const SCRIPT_PIECES: &[&str] = &[
    "debugger;",
    "x",
    "{",
    "}",
    "(",
    ")",
    "`",
    "'",
    "/*",
    "*/",
    "// TODO t\n",
    "\n",
    "function q() { debugger }\n",
    "export ",
    "class C {",
    "throw 'y';",
    "é😀",
    "${",
    "<b>",
    "</b>",
    "",
    "// autodao: allow(all)\n",
    "if (a) {",
];

mod agreement {
    use std::cell::Cell;

    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;

    use super::typing::{Burst, bursts};
    use super::*;

    struct Typist {
        client: Client,
        model: Model,
        uri: String,
        version: i32,
    }

    impl Typist {
        fn replace(&mut self, from: usize, to: usize, text: &str) {
            let place = |index| {
                let (line, column) = self.model.place(index, Columns::Utf16);
                [line as u32, column as u32]
            };
            let (from, to) = (place(from), place(to));
            self.version += 1;
            self.client.change(&self.uri, self.version, json!([edit(from, to, text)]));
            let index = |[line, column]: [u32; 2]| (line as usize, column as usize);
            assert!(self.model.replace(index(from), index(to), text, Columns::Utf16));
        }

        fn r#type(&mut self, burst: &Burst) {
            let mut at = burst.at.index(self.model.len() + 1);
            if burst.pasted {
                return self.replace(at.saturating_sub(burst.deleted), at, burst.typed);
            }
            for _ in 0..burst.deleted.min(at) {
                self.replace(at - 1, at, "");
                at -= 1;
            }
            for character in burst.typed.chars() {
                self.replace(at, at, character.encode_utf8(&mut [0; 4]));
                at += 1;
            }
        }
    }

    /// What an editor ends with after typing is what the command line says about the text it ends with.
    pub(super) fn holds(language: Language, text: &'static str, pieces: &'static [&'static str], cases: u32) {
        // A failing case waits for diagnostics that never come: it is not made smaller again and again.
        let config = ProptestConfig {
            cases,
            max_shrink_iters: 0,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let typist = Typist { client: editor(), model: Model::new(""), uri: String::new(), version: 0 };
        let typist = std::cell::RefCell::new(typist);
        let documents = Cell::new(0);
        let expected_of = std::cell::RefCell::new(Vec::new());
        let result = TestRunner::new(config).run(&bursts(pieces), |script| {
            let mut typist = typist.borrow_mut();
            documents.set(documents.get() + 1);
            typist.uri = format!("file:///project/src/{}.{}", documents.get(), language.extensions()[0]);
            typist.version = 1;
            typist.model = Model::new(text);
            typist.client.open(&typist.uri, language_id(language), text);
            for burst in &script {
                typist.r#type(burst);
            }
            let expected = expected_diagnostics(language, &typist.model.text());
            typist.client.diagnostics_when(&typist.uri, typist.version, |found| found == expected);
            expected_of.borrow_mut().push((typist.uri.clone(), expected));
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{language:?}: {error}"));
        let client = typist.into_inner().client;
        // Nothing may come after: when this item's hold is over, so are all that began before.
        let last = "file:///project/src/last.rs";
        client.open(last, "rust", "fn f() { a.unwrap() }\n");
        client.next_diagnostics(last, 1);
        client.change(last, 2, json!([edit([0, 18], [0, 19], "")]));
        client.diagnostics_when(last, 2, |found| rules(found) == ["syntax-error"]);
        let late = client.take_all("textDocument/publishDiagnostics");
        for (uri, expected) in expected_of.into_inner() {
            if let Some(message) = late.iter().rfind(|message| message.params["uri"] == *uri) {
                assert_eq!(message.params["diagnostics"], json!(expected), "{uri} changed afterwards");
            }
        }
    }
}

#[test]
fn the_editor_and_the_command_line_agree_on_rust() {
    agreement::holds(Language::Rust, RUST, RUST_PIECES, 600);
}

#[test]
fn the_editor_and_the_command_line_agree_on_typescript() {
    agreement::holds(Language::TypeScript, SCRIPT, SCRIPT_PIECES, 400);
}

#[test]
fn the_editor_and_the_command_line_agree_on_tsx() {
    agreement::holds(Language::Tsx, SCRIPT, SCRIPT_PIECES, 400);
}

#[test]
fn the_editor_and_the_command_line_agree_on_javascript() {
    agreement::holds(Language::JavaScript, SCRIPT, SCRIPT_PIECES, 400);
}

#[test]
fn edits_of_a_fix_apply_alike_in_the_editor_and_on_the_command_line() {
    let mut client = editor();
    for (language, text) in [(Language::Rust, RUST), (Language::TypeScript, SCRIPT)] {
        let uri = format!("file:///project/src/fix.{}", language.extensions()[0]);
        client.open(&uri, language_id(language), text);
        let expected = expected_diagnostics(language, text);
        client.diagnostics_when(&uri, 1, |found| found == expected);
        let report = check_text(&Profile::shared_default(), language, FileRole::Library, text);
        let fixes: Vec<_> = report.findings.iter().flat_map(|found| found.finding().fixes).collect();
        assert!(!fixes.is_empty());
        let actions = client.actions(&uri, [0, 0], [1000, 0], context());
        for fix in fixes {
            let fixed = edited(text, &edits_of(titled(&actions, &fix.title)).0, Columns::Utf16);
            let others = actions.iter().filter(|action| action["title"] == *fix.title).count();
            assert!(others > 1 || fixed == apply_edits(text, &fix.edits), "{}", fix.title);
        }
    }
}
