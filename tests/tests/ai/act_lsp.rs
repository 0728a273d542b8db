//! AI edits in an editor: offers, progress, typing meanwhile, cancel, undo, retry.

use autodao_tests::loopback::{Act, Gate, Reply};
use serde_json::{Value, json};

use crate::desk::{Desk, begun, chat, code, delta, end, story};
use crate::editor::{Editor, abilities};

const TEXT: &str = "fn twice(n: u32) -> u32 {\n    let m = n + n;\n    m\n}\n\nfn last() {}\n";
const BETTER: &str = "fn twice(n: u32) -> u32 {\n    n * 2\n}";

fn improved() -> String {
    format!("{BETTER}\n\nfn last() {{}}\n")
}

/// A reply whose second half waits.
fn halves(gate: &Gate) -> Reply {
    begun("```\nfn twice(n: u32) -> u32 {\n", Act::Await(gate.clone()))
        .then(Act::Bytes([delta("    n * 2\n}\n```"), end("stop")].concat().into()))
}

#[test]
fn offers_say_what_they_take_before_it_is_taken() {
    let desk = Desk::new();
    let mut editor = Editor::open(&desk, "a.rs", "fn f(a: Option<u32>) -> u32 {\n    a.unwrap()\n}\n");
    let offers = editor.offers(1, 8);
    let titles: Vec<_> = offers.iter().map(|offer| offer["title"].as_str().unwrap()).collect();
    for title in
        ["Fix: ", "Explain: ", "Add error handling", "Document", "Write tests", "Simplify", "Optimise"]
    {
        let found = titles.iter().find(|known| known.starts_with(title));
        let found = found.unwrap_or_else(|| panic!("there is no {title} in {titles:#?}"));
        assert!(found.contains(" tokens") && found.ends_with(", tiny local)"), "{found}");
    }
    let kinds: Vec<_> = offers.iter().map(|offer| offer["kind"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[1]), ("quickfix", "refactor.rewrite"), "{kinds:?}");
    assert_eq!(offers[0]["diagnostics"][0]["code"], "unwrap-used");
    assert_eq!(desk.provider.connections(), 0);

    let words = offers.iter().find(|offer| offer["title"].as_str().unwrap().starts_with("Custom"));
    let disabled = words.unwrap()["disabled"]["reason"].as_str().unwrap();
    assert!(disabled.contains("// ai: ..."), "{disabled}");
}

#[test]
fn what_cannot_run_is_shown_with_its_reason_where_the_client_can_do_that() {
    for (can, expected) in [(true, true), (false, false)] {
        let desk = Desk::without_model();
        let mut abilities = abilities();
        abilities["textDocument"]["codeAction"]["disabledSupport"] = json!(can);
        let mut editor = Editor::open_with(&desk, "a.rs", TEXT, abilities, Value::Null);
        let offers = editor.offers(1, 4);
        assert_eq!(!offers.is_empty(), expected, "{offers:#?}");
        for offer in offers {
            let reason = offer["disabled"]["reason"].as_str().unwrap();
            assert!(reason.contains("`ai.models`"), "{reason}");
            assert_eq!(offer["command"], Value::Null);
        }
    }
}

#[test]
fn the_words_of_a_comment_are_the_instruction() {
    let desk = Desk::new();
    let text = "fn twice(n: u32) -> u32 {\n    // ai: multiply\n    n + n\n}\n";
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", text);
    editor.do_it(1, "AI: multiply");
    assert_eq!(editor.text, format!("{BETTER}\n"));
    let asked = desk.provider.asked()[0].json();
    assert!(crate::desk::said(&asked).contains("Task: multiply"), "{asked}");
}

#[test]
fn progress_begins_says_how_far_it_is_and_ends() {
    let desk = Desk::new();
    let gate = Gate::default();
    desk.provider.reply(halves(&gate));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    let action = editor.offer(1, "Simplify");
    let id = editor.choose(&action);
    let kind = |value: &Value, kind: &str| value["value"]["kind"] == kind;
    let begin = editor.client.next("$/progress", |value| kind(value, "begin"));
    assert_eq!(begin.params["value"]["cancellable"], true);
    desk.provider.wait_for_asked(1);
    gate.open();
    let ended = editor.client.next("$/progress", |value| kind(value, "end"));
    assert_eq!(ended.params["token"], begin.params["token"]);
    let wanted = editor.wanted();
    assert_eq!(wanted.params["label"], "Simplify: twice");
    assert!(editor.apply(&wanted));
    assert_eq!(editor.client.answer(id).result, Ok(Value::Null));
    assert_eq!(editor.text, improved());
}

#[test]
fn typing_elsewhere_meanwhile_is_kept() {
    let desk = Desk::new();
    let gate = Gate::default();
    desk.provider.reply(halves(&gate));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    let action = editor.offer(1, "Simplify");
    editor.choose(&action);
    desk.provider.wait_for_asked(1);
    editor.replace([5, 11], [5, 11], " todo() ");
    editor.replace([0, 0], [0, 0], "// 😀\n");
    editor.looked_at();
    gate.open();
    let wanted = editor.wanted();
    assert!(editor.apply(&wanted));
    let typed = improved().replace("last() {}", "last() { todo() }");
    assert_eq!(editor.text, format!("// 😀\n{typed}"));
}

#[test]
fn typing_where_the_edit_goes_wins() {
    let desk = Desk::new();
    let gate = Gate::default();
    desk.provider.reply(halves(&gate));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    let action = editor.offer(1, "Simplify");
    editor.choose(&action);
    desk.provider.wait_for_asked(1);
    editor.replace([1, 12], [1, 17], "n * 3");
    editor.looked_at();
    gate.open();
    assert!(editor.told().contains("(conflict)"));
    assert!(editor.client.take_all("workspace/applyEdit").is_empty());
    assert!(editor.text.contains("n * 3"));
    drop(editor);
    assert_eq!(desk.story(), "planned requested answered(end_turn) refused(conflict)");
}

#[test]
fn typing_between_the_edit_and_its_arrival_brings_it_anew() {
    let desk = Desk::new();
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    let action = editor.offer(1, "Simplify");
    editor.choose(&action);
    let wanted = editor.wanted();
    editor.replace([0, 0], [0, 0], "// one more\n");
    assert!(!editor.apply(&wanted), "it is for the version before");
    let wanted = editor.wanted();
    assert!(editor.apply(&wanted));
    assert_eq!(editor.text, format!("// one more\n{}", improved()));
    drop(editor);
    assert_eq!(desk.story(), "planned requested answered(end_turn) offered applied survived(close 10000)");
}

#[test]
fn closing_the_document_meanwhile_ends_in_words() {
    let desk = Desk::new();
    let gate = Gate::default();
    desk.provider.reply(halves(&gate));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    let action = editor.offer(1, "Simplify");
    editor.choose(&action);
    desk.provider.wait_for_asked(1);
    editor.client.close(&editor.uri);
    editor.client.next("textDocument/publishDiagnostics", |params| params["version"].is_null());
    gate.open();
    assert!(editor.told().contains("closed"));
}

/// Cancels by the progress, by the request, and by ending the conversation, at every phase.
#[test]
fn cancel_at_every_phase_leaves_nothing_behind() {
    for (phase, reply, expected) in [
        ("before the head", Reply(vec![Act::Stall]), "planned requested cancelled"),
        (
            "before the first token",
            Reply::status(200, "text/event-stream").then(Act::Stall),
            "planned requested cancelled",
        ),
        ("in the middle", begun("```\nfn twice", Act::Stall), "planned requested cancelled"),
    ] {
        for by in ["progress", "request", "exit"] {
            let desk = Desk::new();
            desk.provider.reply(reply.clone());
            let mut editor = Editor::open(&desk, "a.rs", TEXT);
            let action = editor.offer(1, "Simplify");
            let id = editor.choose(&action);
            desk.provider.wait_for_asked(1);
            match by {
                "progress" => {
                    let begin = editor.client.next("$/progress", |value| value["value"]["kind"] == "begin");
                    let token = json!({"token": begin.params["token"]});
                    editor.client.notify("window/workDoneProgress/cancel", token);
                    desk.provider.wait_for_hang_ups(1);
                    assert_eq!(editor.client.answer(id).result, Ok(Value::Null), "{phase}");
                }
                "request" => {
                    editor.client.notify("$/cancelRequest", json!({"id": id}));
                    desk.provider.wait_for_hang_ups(1);
                    assert_eq!(editor.client.answer(id).error_code(), Some(-32800), "{phase}");
                }
                _ => {}
            }
            assert!(editor.client.take_all("workspace/applyEdit").is_empty());
            assert_eq!(editor.text, TEXT);
            if by == "exit" {
                editor.exit(id);
            }
            drop(editor);
            desk.provider.wait_for_hang_ups(1);
            assert_eq!(desk.story(), expected, "{phase} by {by}");
        }
    }
}

#[test]
fn cancel_while_it_waits_for_its_turn_asks_nothing() {
    let desk = Desk::new();
    desk.provider.reply(begun("```\nfn", Act::Stall));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    let (first, second) = (editor.offer(1, "Simplify"), editor.offer(1, "Optimise"));
    let first = editor.choose(&first);
    desk.provider.wait_for_asked(1);
    let second = editor.choose(&second);
    for id in [second, first] {
        editor.client.notify("$/cancelRequest", json!({"id": id}));
        assert_eq!(editor.client.answer(id).error_code(), Some(-32800));
    }
    desk.provider.wait_for_hang_ups(1);
    drop(editor);
    assert_eq!(desk.provider.asked().len(), 1);
    let mut stories: Vec<_> = desk.edits().iter().map(story).collect();
    stories.sort();
    assert_eq!(stories, ["planned cancelled(unasked)", "planned requested cancelled"]);
}

#[test]
fn the_last_edit_is_taken_back_as_long_as_it_is_as_it_was() {
    let desk = Desk::new();
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.do_it(1, "Simplify");
    editor.replace([0, 0], [0, 0], "// typed since\n");
    editor.command("autodao.undoLast");
    let wanted = editor.wanted();
    assert!(editor.apply(&wanted));
    assert_eq!(editor.text, format!("// typed since\n{TEXT}"));
    editor.command("autodao.undoLast");
    assert!(editor.told().contains("taken back"));
    drop(editor);
    assert_eq!(desk.story(), "planned requested answered(end_turn) offered applied undone");
}

#[test]
fn an_undo_the_editor_does_not_apply_is_none() {
    let desk = Desk::new();
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.do_it(1, "Simplify");
    editor.command("autodao.undoLast");
    let wanted = editor.wanted();
    editor.replace([0, 0], [0, 0], "// typed meanwhile\n");
    assert!(!editor.apply(&wanted));
    editor.command("autodao.undoLast");
    let wanted = editor.wanted();
    assert!(editor.apply(&wanted), "it can be asked for again");
    assert_eq!(editor.text, format!("// typed meanwhile\n{TEXT}"));
    drop(editor);
    assert_eq!(desk.story(), "planned requested answered(end_turn) offered applied undone");
}

#[test]
fn what_was_changed_since_is_not_taken_back() {
    let desk = Desk::new();
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.do_it(1, "Simplify");
    editor.replace([1, 8], [1, 9], "3");
    editor.command("autodao.undoLast");
    assert!(editor.told().contains("changed since"));
}

#[test]
fn retry_asks_once_more_and_explain_tells_all() {
    let desk = Desk::new();
    desk.provider.reply(chat("no")).reply(chat("no"));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    let action = editor.offer(1, "Simplify");
    editor.choose(&action);
    editor.told();
    let explained = editor.command("autodao.explainLast");
    let explained = explained.as_str().unwrap();
    assert_eq!(editor.told(), explained);
    for part in ["simplify", "twice", "extraction", "let m = n + n;"] {
        assert!(explained.contains(part), "{part} is not in\n{explained}");
    }
    desk.provider.reply(code(BETTER));
    let id = editor.client.send("workspace/executeCommand", json!({"command": "autodao.retry"}));
    let wanted = editor.wanted();
    assert!(editor.apply(&wanted));
    editor.client.answer(id);
    assert_eq!((editor.text.as_str(), desk.provider.asked().len()), (&*improved(), 3));
}

#[test]
fn an_edit_that_is_to_be_confirmed_says_so() {
    for (setting, asks) in [("always", true), ("doubtful", false), ("never", false)] {
        let desk = Desk::with(&format!("ai.confirm = \"{setting}\""));
        desk.provider.reply(code(BETTER));
        let mut editor = Editor::open(&desk, "a.rs", TEXT);
        let action = editor.offer(1, "Simplify");
        editor.choose(&action);
        let wanted = editor.wanted();
        let edit = &wanted.params["edit"];
        assert_eq!(edit["changeAnnotations"]["ai"]["needsConfirmation"] == true, asks, "{setting}: {edit}");
        let text_edits = edit["documentChanges"][0]["edits"].as_array().unwrap();
        assert!(text_edits.iter().all(|edit| (edit["annotationId"] == "ai") == asks), "{setting}");
        assert!(editor.apply(&wanted));
    }
}

#[test]
fn tests_of_a_script_are_a_file_of_their_own() {
    let desk = Desk::new();
    let text = "export function twice(n: number): number {\n  return n + n;\n}\n";
    desk.provider.reply(chat("```ts\nimport { twice } from \"./a\";\n\ntest(\"twice\", () => {\n  expect(twice(2)).toBe(4);\n});\n```"));
    let mut editor = Editor::open(&desk, "a.ts", text);
    let action = editor.offer(1, "Write tests");
    editor.choose(&action);
    let wanted = editor.wanted();
    let changes = &wanted.params["edit"]["documentChanges"];
    assert_eq!(changes[0]["kind"], "create");
    assert!(changes[0]["uri"].as_str().unwrap().ends_with("a.test.ts"));
    assert!(changes[1]["edits"][0]["newText"].as_str().unwrap().contains("toBe(4)"));
    editor.client.respond(&wanted, json!({"applied": true}));
}

#[test]
fn what_became_of_an_edit_is_told() {
    let desk = Desk::new();
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.do_it(1, "Simplify");
    editor.client.save(&editor.uri);
    editor.client.save(&editor.uri);
    editor.replace([1, 8], [1, 9], "3");
    editor.client.close(&editor.uri);
    drop(editor);
    // `*` is still there, `2` is not.
    assert_eq!(
        desk.story(),
        "planned requested answered(end_turn) offered applied survived(save 10000) survived(close 5000)"
    );
}

#[test]
fn what_is_committed_of_an_edit_is_told() {
    let desk = Desk::new();
    desk.file("a.rs", TEXT);
    desk.git(&["init", "--quiet"]);
    desk.git(&["add", "a.rs"]);
    desk.git(&["commit", "--quiet", "--message=before"]);
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.do_it(1, "Simplify");
    editor.client.close(&editor.uri);
    // What is committed is not what was offered: `2` is another number there.
    desk.file("a.rs", &editor.text.replace('2', "3"));
    desk.git(&["commit", "--quiet", "--all", "--message=after"]);
    drop(editor);
    assert_eq!(
        desk.story(),
        "planned requested answered(end_turn) offered applied survived(close 10000) survived(commit 5000)"
    );
}

#[test]
fn an_edit_that_makes_things_much_worse_is_asked_about() {
    // It is not long or deep enough for a finding.
    let worse = "fn twice(n: u32) -> u32 {\n    if n > 2 {\n        for i in 0..n {\n            while i > n || n == 7 && i < 3 {\n\
                 \x20               drop(i);\n            }\n        }\n    }\n    n * 2\n}";
    let desk = Desk::new();
    for _ in 0..3 {
        desk.provider.reply(code(worse));
    }
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    // What is to make code simpler must not make it worse, whoever is asked.
    let action = editor.offer(1, "Refactor");
    editor.choose(&action);
    assert!(editor.told().contains("worst function"));
    let action = editor.offer(1, "Optimise");
    editor.choose(&action);
    let wanted = editor.wanted();
    let annotation = &wanted.params["edit"]["changeAnnotations"]["ai"];
    assert_eq!(annotation["needsConfirmation"], true, "{annotation}");
    assert!(annotation.to_string().contains("code-quality"), "{annotation}");
    assert!(editor.apply(&wanted));
}

#[test]
fn the_editors_own_undo_and_redo_are_seen() {
    let desk = Desk::new();
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.do_it(1, "Simplify");
    editor.replace([1, 4], [1, 9], "let m = n + n;\n    m");
    assert_eq!(editor.text, TEXT);
    editor.replace([1, 4], [2, 5], "n * 2");
    assert_eq!(editor.text, improved());
    editor.replace([1, 0], [2, 0], "");
    drop(editor);
    assert_eq!(
        desk.story(),
        "planned requested answered(end_turn) offered applied undone applied survived(close 0) reworked(10000)"
    );
}

#[test]
fn a_place_an_edit_wrote_says_what_made_it() {
    let desk = Desk::new();
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.do_it(1, "Simplify");
    editor.replace([0, 0], [0, 0], "// above\n");
    editor.looked_at();
    let mut hover = |line: u32, character: u32| {
        let params = json!({
            "textDocument": {"uri": editor.uri}, "position": {"line": line, "character": character},
        });
        editor.client.request("textDocument/hover", params)["contents"]["value"].clone()
    };
    assert_eq!(hover(2, 7), "AI edit by simplify@1.0.0 with tiny local: 150 tokens");
    assert_eq!((hover(0, 4), hover(5, 3)), (Value::Null, hover(5, 3)));
    assert!(!hover(5, 4).to_string().contains("AI edit"));
}
