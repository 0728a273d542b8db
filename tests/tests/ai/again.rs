//! What was chosen is done to what it was chosen for, however much was typed since; and once more, where that is
//! asked for.

use serde_json::{Value, json};

use crate::desk::{Desk, chat, code, said};
use crate::editor::{Editor, abilities};

const TEXT: &str = "fn first(n: u32) -> u32 {\n    let m = n + 1;\n    m\n}\n\nfn second(n: u32) -> u32 {\n    let m = n + 2;\n    m\n}\n";
const SECOND: &str = "fn second(n: u32) -> u32 {\n    n + 2\n}";

fn improved() -> String {
    TEXT.replace("    let m = n + 2;\n    m\n", "    n + 2\n")
}

#[test]
fn an_action_is_for_what_it_was_offered_for() {
    let desk = Desk::new();
    desk.provider.reply(code(SECOND));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    let action = editor.offer(6, "Simplify");
    let typed = "const A: u32 = 1;\n".repeat(6);
    editor.replace([0, 0], [0, 0], &typed);
    let id = editor.choose(&action);
    let wanted = editor.wanted();
    assert!(editor.apply(&wanted));
    editor.client.answer(id);
    assert_eq!(editor.text, format!("{typed}{}", improved()));
    assert!(said(&desk.provider.asked()[0].json()).contains("let m = n + 2;"));
}

#[test]
fn what_is_not_there_any_more_is_asked_for_no_more() {
    let desk = Desk::new();
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    let action = editor.offer(6, "Simplify");
    editor.replace([5, 3], [5, 9], "third");
    editor.choose(&action);
    let told = editor.told();
    assert!(told.contains("choose it again"), "{told}");
    assert!(desk.provider.asked().is_empty());
}

#[test]
fn once_more_is_another_request_for_the_same_code() {
    let desk = Desk::new();
    desk.provider.reply(code(SECOND)).reply(code(SECOND));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.do_it(6, "Simplify");
    editor.command("autodao.undoLast");
    let wanted = editor.wanted();
    assert!(editor.apply(&wanted));
    let typed = "const A: u32 = 1;\n".repeat(6);
    editor.replace([0, 0], [0, 0], &typed);
    let id = editor.client.send("workspace/executeCommand", json!({"command": "autodao.retry"}));
    let wanted = editor.wanted();
    assert!(editor.apply(&wanted));
    editor.client.answer(id);
    assert_eq!(editor.text, format!("{typed}{}", improved()));
    let asked = desk.provider.asked();
    assert_eq!((asked.len(), said(&asked[1].json()).contains("let m = n + 2;")), (2, true));
}

#[test]
fn an_edit_is_taken_back_also_after_one_that_came_to_nothing() {
    let desk = Desk::new();
    desk.provider.reply(code(SECOND)).reply(chat("no")).reply(chat("no"));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.do_it(6, "Simplify");
    let action = editor.offer(1, "Simplify");
    editor.choose(&action);
    editor.told();
    editor.command("autodao.undoLast");
    let wanted = editor.wanted();
    assert!(editor.apply(&wanted));
    assert_eq!(editor.text, TEXT);
}

#[test]
fn a_comment_above_the_code_is_an_instruction() {
    for (line, place) in [(0, "on the comment"), (2, "in the code")] {
        let desk = Desk::new();
        let text = format!("// ai: add them at once\n{SECOND}\n");
        desk.provider.reply(code("fn second(n: u32) -> u32 {\n    2 + n\n}"));
        let mut editor = Editor::open(&desk, "a.rs", &text);
        editor.do_it(line, "AI: add them at once");
        assert_eq!(editor.text, text.replace("n + 2", "2 + n"), "{place}");
    }
}

#[test]
fn an_explanation_is_shown_by_editors_that_know_nothing_of_it() {
    let desk = Desk::new();
    desk.provider.reply(code(SECOND));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.command("autodao.explainLast");
    assert!(editor.told().contains("no AI edit"));
    editor.do_it(6, "Simplify");
    let answer = editor.command("autodao.explainLast");
    assert_eq!(answer, json!(editor.told()));
}

#[test]
fn what_an_editor_cannot_do_is_not_offered_to_it() {
    const SCRIPT: &str = "export function twice(n: number): number {\n  return n + n;\n}\n";
    let reason = |change: &dyn Fn(&mut Value), title: &str, desk: &Desk| {
        let mut abilities = abilities();
        change(&mut abilities);
        let mut editor = Editor::open_with(desk, "a.ts", SCRIPT, abilities, Value::Null);
        editor.offer(1, title)["disabled"]["reason"].as_str().unwrap_or_default().to_owned()
    };
    let desk = Desk::new();
    assert_eq!(reason(&|_| {}, "Write tests", &desk), "");
    let creates_nothing = |abilities: &mut Value| {
        abilities["workspace"]["workspaceEdit"]["resourceOperations"] = json!([]);
    };
    assert!(reason(&creates_nothing, "Write tests", &desk).contains("creates no files"));
    assert_eq!(reason(&creates_nothing, "Simplify", &desk), "");
    let applies_nothing = |abilities: &mut Value| abilities["workspace"]["applyEdit"] = json!(false);
    assert!(reason(&applies_nothing, "Simplify", &desk).contains("applies no edits"));
    desk.file("a.test.ts", "");
    assert!(reason(&|_| {}, "Write tests", &desk).contains("a.test.ts"));
}
