//! What goes wrong with AI code actions elsewhere, by the numbers it is known by: here it must not.

use autodao_tests::client::Reply as Said;
use autodao_tests::loopback::{Act, Gate, Reply};
use serde_json::{Value, json};

use crate::desk::{Desk, begun, chat, code, delta, end, fenced, said, stopped};
use crate::editor::Editor;

const TEXT: &str = "fn twice(n: u32) -> u32 {\n    let m = n + n;\n    m\n}\n";
const BETTER: &str = "fn twice(n: u32) -> u32 {\n    n * 2\n}";

/// Chooses an action that comes to no edit; returns what the user is told.
fn refused(editor: &mut Editor) -> String {
    let action = editor.offer(1, "Simplify");
    let id = editor.choose(&action);
    assert_eq!(editor.client.answer(id).result, Ok(Value::Null));
    let told = editor.told();
    assert!(editor.client.take_all("workspace/applyEdit").is_empty());
    told
}

#[test]
fn t1_a_reply_without_code_deletes_nothing() {
    let desk = Desk::new();
    desk.provider.reply(chat("I cannot help with that.")).reply(chat(""));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    assert!(refused(&mut editor).contains("(extraction)"));
}

#[test]
fn t2_a_reply_cut_by_its_length_is_not_offered() {
    let desk = Desk::new();
    desk.provider.reply(stopped(&fenced(BETTER), "length"));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    assert!(refused(&mut editor).contains("(ending)"));
}

#[test]
fn t3_what_a_reply_ends_with_is_not_cut_for_being_like_the_code_around() {
    let desk = Desk::new();
    let text = "const fn f() -> char {\n    'f'\n}\nconst fn g() -> char {\n    f()\n}\n";
    desk.provider.reply(code("const fn f() -> char {\n    const X: char = 'f';\n    X\n}"));
    let mut editor = Editor::open(&desk, "a.rs", text);
    editor.do_it(1, "Simplify");
    assert_eq!(
        editor.text,
        text.replacen("    'f'\n", "    const X: char = 'f';\n    X\n", 1),
        "nothing is cut and nothing is added"
    );
}

#[test]
fn t4_lines_typed_above_meanwhile_move_the_edit() {
    let desk = Desk::new();
    let gate = Gate::default();
    desk.provider.reply(
        begun("```\nfn twice(n: u32) -> u32 {\n", Act::Await(gate.clone()))
            .then(Act::Bytes([delta("    n * 2\n}\n```"), end("stop")].concat().into())),
    );
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    let action = editor.offer(1, "Simplify");
    editor.choose(&action);
    desk.provider.wait_for_asked(1);
    editor.replace([0, 0], [0, 0], "use std::fmt;\n\n");
    editor.looked_at();
    gate.open();
    let wanted = editor.wanted();
    let change = &wanted.params["edit"]["documentChanges"][0]["textDocument"];
    assert_eq!(change["version"], editor.version, "the edit says which version it is for");
    assert!(editor.apply(&wanted));
    assert_eq!(editor.text, format!("use std::fmt;\n\n{BETTER}\n"));
}

#[test]
fn t5_cancel_reaches_the_provider() {
    let desk = Desk::new();
    desk.provider.reply(begun("```\nfn twice", Act::Stall));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    let action = editor.offer(1, "Simplify");
    let id = editor.choose(&action);
    desk.provider.wait_for_asked(1);
    editor.client.notify("$/cancelRequest", json!({"id": id}));
    desk.provider.wait_for_hang_ups(1);
    assert_eq!(editor.client.answer(id).error_code(), Some(-32800));
    // The provider's place is free for the next one.
    desk.provider.reply(code(BETTER));
    editor.do_it(1, "Simplify");
    assert_eq!(editor.text, format!("{BETTER}\n"));
}

#[test]
fn t6_every_one_of_many_requests_is_answered() {
    let desk = Desk::new();
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    for _ in 0..6 {
        desk.provider.reply(chat("no code")).reply(chat("none"));
    }
    let action = editor.offer(1, "Simplify");
    let params = json!({
        "textDocument": {"uri": editor.uri}, "range": action["command"]["arguments"][0]["range"],
        "context": {"diagnostics": []},
    });
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(editor.choose(&action));
        ids.push(editor.client.send("textDocument/codeAction", params.clone()));
    }
    for id in ids {
        assert!(editor.client.answer(id).result.is_ok());
    }
    for _ in 0..6 {
        editor.told();
    }
}

#[test]
fn t7_a_request_nobody_knows_is_answered() {
    let desk = Desk::new();
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    let id = editor.client.send("textDocument/unheardOf", json!({"textDocument": {"uri": editor.uri}}));
    assert_eq!(editor.client.answer(id).error_code(), Some(-32601));
}

#[test]
fn t8_characters_beyond_the_first_plane_before_the_selection_do_no_harm() {
    let desk = Desk::new();
    let text =
        "fn s() -> &'static str { \"😀😀\" } fn twice(n: u32) -> u32 {\n    let m = n + n;\n    m\n}\n";
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", text);
    editor.do_it(1, "Simplify");
    assert_eq!(editor.text, format!("fn s() -> &'static str {{ \"😀😀\" }} {BETTER}\n"));
}

#[test]
fn t9_all_characters_of_the_target_are_sent() {
    let desk = Desk::new();
    let text = "fn name() -> &'static str {\n    let name = \"中文\";\n    name\n}\n";
    desk.provider.reply(code("fn name() -> &'static str {\n    \"中文\"\n}"));
    let mut editor = Editor::open(&desk, "a.rs", text);
    editor.do_it(1, "Simplify");
    let target = text.trim_end();
    assert!(said(&desk.provider.asked()[0].json()).contains(target));
    assert!(editor.text.contains("    \"中文\"\n"));
}

#[test]
fn t10_line_ends_stay() {
    let desk = Desk::new();
    let text = TEXT.replace('\n', "\r\n");
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", &text);
    editor.do_it(1, "Simplify");
    assert_eq!(editor.text, format!("{BETTER}\n").replace('\n', "\r\n"));
}

/// The client never answers whether it applied an edit.
#[test]
fn a_client_that_never_answers_does_not_stop_the_next_edit() {
    let desk = Desk::new();
    desk.provider.reply(code(BETTER)).reply(code("fn twice(n: u32) -> u32 {\n    n << 1\n}"));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.client.reply_with("workspace/applyEdit", Said::Silence);
    for _ in 0..2 {
        let action = editor.offer(1, "Simplify");
        let id = editor.choose(&action);
        editor.wanted();
        assert_eq!(editor.client.answer(id).result, Ok(Value::Null));
        desk.provider.reply(Reply::default());
        editor.replace([1, 4], [1, 4], " ");
        editor.looked_at();
    }
}
