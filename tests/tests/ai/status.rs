//! `autodao/status` and `autodao/usage`.

use serde_json::{Value, json};

use crate::desk::{Desk, code};
use crate::editor::{Editor, abilities};

const TEXT: &str = "fn twice(n: u32) -> u32 {\n    n + n\n}\n";
const BETTER: &str = "fn twice(n: u32) -> u32 {\n    n * 2\n}";

fn status(editor: &Editor, fits: impl Fn(&Value) -> bool) -> Value {
    editor.client.next("autodao/status", fits).params
}

#[test]
fn a_client_that_asks_is_told_what_edits_cost() {
    for (option, ability) in [(json!({"status": true}), Value::Null), (Value::Null, json!(true))] {
        let desk = Desk::with("ai.budget = { day = 2, month = 30.5, day-tokens = 9000 }");
        desk.provider.reply(code(BETTER));
        let mut client = abilities();
        client["experimental"] = json!({"autodaoStatus": ability});
        let mut editor = Editor::open_with(&desk, "a.rs", TEXT, client, option);
        let first = status(&editor, |_| true);
        let none = json!({"tokens": 0, "costMicros": 0, "edits": 0});
        let budget = json!({
            "day": {"limit": 2_000_000, "spent": 0}, "month": {"limit": 30_500_000, "spent": 0},
            "dayTokens": {"limit": 9000, "spent": 0}, "monthTokens": null,
        });
        let expected = json!({
            "session": none, "day": none, "ratio": null, "budget": budget, "running": 0, "model": "tiny local",
        });
        assert_eq!(first, expected);

        editor.do_it(1, "Simplify");
        let settled = status(&editor, |status| status["day"]["edits"] == 1 && status["running"] == 0);
        assert_eq!(settled["session"], json!({"tokens": 150, "costMicros": 0, "edits": 1}));
        assert_eq!(settled["day"], settled["session"]);
        assert!(settled["ratio"].as_f64().is_some(), "{settled}");
        assert_eq!(settled["budget"]["dayTokens"]["spent"], 150);
    }
}

#[test]
fn a_client_that_does_not_ask_is_not_told() {
    let desk = Desk::new();
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.do_it(1, "Simplify");
    assert!(editor.client.take_all("autodao/status").is_empty());
}

#[test]
fn the_usage_is_the_report_of_the_command_line() {
    let desk = Desk::new();
    desk.provider.reply(code(BETTER));
    let mut editor = Editor::open(&desk, "a.rs", TEXT);
    editor.do_it(1, "Simplify");
    let usage = editor.client.request("autodao/usage", Value::Null);
    assert_eq!(usage["total"]["tokens"], 150, "{usage}");
    assert_eq!(usage["rows"][0]["key"], "simplify");
    assert_eq!(desk.run(&["tokens", "--json"]).json(), usage);
    let by_model = json!({"by": "model", "since": "2026-01-01", "until": "2026-01-02"});
    assert_eq!(editor.client.request("autodao/usage", by_model)["by"], "model");
    let id = editor.client.send("autodao/usage", json!({"by": "colour"}));
    assert_eq!(editor.client.answer(id).error_code(), Some(-32602));
}
