//! Two editors of one user at once.

use autodao_tests::loopback::Reply;

use crate::desk::{Desk, code, delta, fenced, story};
use crate::editor::Editor;

const TEXT: &str = "fn twice(n: u32) -> u32 {\n    let m = n + n;\n    m\n}\n";

#[test]
fn windows_share_one_ledger_and_its_budgets() {
    let desk = Desk::with("ai.budget = { day-tokens = 5200 }");
    let mut one = Editor::open(&desk, "a.rs", TEXT);
    let mut two = Editor::open(&desk, "b.rs", TEXT);
    let usage = r#"{"choices": [], "usage": {"prompt_tokens": 5000, "completion_tokens": 150, "total_tokens": 5150}}"#;
    let stop = r#"{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}"#;
    let whole = fenced("fn twice(n: u32) -> u32 {\n    n * 2\n}");
    let long = format!("{}data: {stop}\n\ndata: {usage}\n\ndata: [DONE]\n\n", delta(&whole));
    desk.provider.reply(Reply::events(&long));
    one.do_it(1, "Simplify");
    let warned = one.client.take_all("window/showMessage");
    assert!(warned.is_empty(), "{warned:?}");

    let action = two.offer(1, "Simplify");
    two.choose(&action);
    let told = two.told();
    assert!(told.contains("the limit per day is 5200 tokens, 5150 tokens are used"), "{told}");
    assert_eq!(desk.provider.asked().len(), 1, "nothing left for the provider");
    drop((one, two));
    let stories: Vec<_> = desk.edits().iter().map(story).collect();
    let expected = [
        "planned requested answered(end_turn) offered applied survived(close 10000)",
        "planned failed(budget)",
    ];
    assert_eq!(stories, expected);
    assert_eq!(desk.run(&["tokens", "--json"]).json()["total"]["tokens"], 5150);
}

#[test]
fn windows_edit_at_the_same_time() {
    let desk = Desk::new();
    for _ in 0..6 {
        desk.provider.reply(code("fn twice(n: u32) -> u32 {\n    n * 2\n}"));
    }
    let mut editors = [Editor::open(&desk, "a.rs", TEXT), Editor::open(&desk, "b.rs", TEXT)];
    for _ in 0..3 {
        let ids = editors.each_mut().map(|editor| {
            let action = editor.offer(1, "Simplify");
            editor.choose(&action)
        });
        for (editor, id) in editors.iter_mut().zip(ids) {
            let wanted = editor.wanted();
            assert!(editor.apply(&wanted));
            editor.client.answer(id);
            // As it was, so that the next one has something to do; with other words, so that it is asked.
            let last = editor.text.lines().count() as u32;
            let version = editor.version;
            editor.replace([0, 0], [last, 0], &TEXT.replace("m", &format!("m{version}")));
            editor.looked_at();
        }
    }
    drop(editors);
    let edits = desk.edits();
    assert_eq!(edits.len(), 6);
    assert!(edits.iter().all(|edit| story(edit).contains("offered applied")), "{edits:#?}");
    let total = desk.run(&["tokens", "--json"]).json()["total"].clone();
    assert_eq!((&total["edits"], &total["tokens"]), (&6.into(), &900.into()));
    assert_eq!(desk.run(&["ledger", "verify"]).code, Some(0));
}
