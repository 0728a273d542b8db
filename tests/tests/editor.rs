//! What an editor sees: diagnostics, quick fixes, configuration, and what happens when sync is lost.

use autodao_engine::quality::{FileRole, Profile};
use autodao_engine::syntax::Language;
use autodao_engine::{check_text, fix_all};
use autodao_tests::client::{Client, Reply, edit, edited, file_uri, range, rules};
use autodao_tests::editor::{context, editor, edits_of, titled};
use autodao_tests::model::Columns;
use serde_json::{Value, json};

const URI: &str = "file:///project/src/a.rs";
const UNWRAP: &str = "fn f() { a.unwrap(); }\n";

/// An editor that asks for diagnostics.
fn pulling() -> Value {
    json!({
        "textDocument": {"diagnostic": {}},
        "workspace": {"diagnostics": {"refreshSupport": true}},
    })
}

#[test]
fn diagnostics_follow_opening_editing_and_closing() {
    let client = editor();
    client.open(URI, "rust", UNWRAP);
    let found = client.next_diagnostics(URI, 1);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["range"], range([0, 11], [0, 19]));
    assert_eq!((&found[0]["code"], &found[0]["source"]), (&json!("unwrap-used"), &json!("autodao")));
    assert_eq!(found[0]["severity"], 2);
    client.change(URI, 2, json!([edit([0, 0], [0, 0], "// 😀\n/* 😀 */")]));
    assert_eq!(client.next_diagnostics(URI, 2)[0]["range"], range([1, 19], [1, 27]));
    client.change(URI, 3, json!([edit([1, 19], [1, 27], "b()")]));
    assert!(client.next_diagnostics(URI, 3).is_empty());
    client.change(URI, 4, json!([{"text": UNWRAP}]));
    assert_eq!(rules(&client.next_diagnostics(URI, 4)), ["unwrap-used"]);
    client.close(URI);
    let cleared = client.next("textDocument/publishDiagnostics", |params| params["uri"] == URI);
    assert_eq!(cleared.params, json!({"uri": URI, "diagnostics": []}));
}

#[test]
fn every_language_is_known_by_its_id_and_by_its_file_name() {
    let client = editor();
    for (uri, id, text) in [
        ("file:///p/a.ts", "typescript", "debugger;\n"),
        ("file:///p/a.tsx", "typescriptreact", "debugger;\n"),
        ("file:///p/a.js", "javascript", "debugger;\n"),
        ("file:///p/a.jsx", "javascriptreact", "debugger;\n"),
        ("file:///p/b.rs", "what an editor calls it", "fn f() { dbg!(a); }\n"),
        ("file:///p/a%20%C3%A9.rs", "rust", "fn f() { dbg!(a); }\n"),
        ("untitled:Untitled-1", "rust", "fn f() { dbg!(a); }\n"),
    ] {
        client.open(uri, id, text);
        assert_eq!(rules(&client.next_diagnostics(uri, 1)), ["debug-left"], "{uri}");
    }
    client.open("file:///p/a.py", "python", "import a\n");
    assert!(client.next_diagnostics("file:///p/a.py", 1).is_empty());
}

#[test]
fn opening_what_is_open_starts_anew() {
    let client = editor();
    client.open(URI, "rust", UNWRAP);
    assert_eq!(rules(&client.next_diagnostics(URI, 1)), ["unwrap-used"]);
    client.open(URI, "rust", "fn f() { dbg!(a); }\n");
    assert_eq!(
        rules(&client.diagnostics_when(URI, 1, |found| rules(found) == ["debug-left"])),
        ["debug-left"]
    );
    client.close(URI);
    client.change(URI, 2, json!([{"text": "an edit of what is closed"}]));
    client.close(URI);
    client.open(URI, "rust", UNWRAP);
    client.diagnostics_when(URI, 1, |found| rules(found) == ["unwrap-used"]);
}

#[test]
fn a_quick_fix_carries_the_version_it_is_for() {
    let mut client = editor();
    let text = "fn f(a: u8) -> u8 {\r\n    /* 😀 */ dbg!(a)\r\n}\r\n";
    client.open(URI, "rust", text);
    let found = client.next_diagnostics(URI, 1);
    let actions = client.actions(URI, [1, 14], [1, 14], context());
    let fix = titled(&actions, "Unwrap the `dbg!`");
    assert_eq!((&fix["kind"], &fix["isPreferred"]), (&json!("quickfix"), &json!(true)));
    assert_eq!(fix["diagnostics"], json!([found[0]]), "it names what it mends");
    let (edits, version) = edits_of(fix);
    assert_eq!(version, 1);
    let fixed = edited(text, &edits, Columns::Utf16);
    assert_eq!(fixed, "fn f(a: u8) -> u8 {\r\n    /* 😀 */ a\r\n}\r\n");
    client.change(URI, 2, json!([{"text": fixed}]));
    assert!(client.next_diagnostics(URI, 2).is_empty());
    assert!(client.actions(URI, [1, 14], [1, 14], context()).is_empty());
}

#[test]
fn an_older_client_gets_changes_by_uri() {
    let mut client = Client::in_process();
    let literals = json!({"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}});
    client.initialize(json!({"textDocument": {"codeAction": literals}}));
    let text = "fn f(a: u8) -> u8 { dbg!(a) }\n";
    client.open(URI, "rust", text);
    client.next_diagnostics(URI, 1);
    let actions = client.actions(URI, [0, 20], [0, 27], context());
    let fix = titled(&actions, "Unwrap the `dbg!`");
    assert_eq!(fix["edit"].get("documentChanges"), None);
    assert_eq!(fix.get("isPreferred"), None);
    assert_eq!(edited(text, &fix["edit"]["changes"][URI], Columns::Utf16), "fn f(a: u8) -> u8 { a }\n");
    let all = titled(&actions, "Fix all that AutoDAO can fix safely in this file");
    assert_eq!(edited(text, &all["edit"]["changes"][URI], Columns::Utf16), "fn f(a: u8) -> u8 { a }\n");
}

#[test]
fn a_client_without_action_literals_gets_commands_that_apply_edits() {
    let mut client = Client::in_process();
    client.initialize(json!({}));
    let text = "fn f(a: u8) -> u8 { dbg!(a) }\n";
    client.open(URI, "rust", text);
    client.next_diagnostics(URI, 1);
    let actions = client.actions(URI, [0, 20], [0, 27], context());
    for title in ["Unwrap the `dbg!`", "Fix all that AutoDAO can fix safely in this file"] {
        let command = titled(&actions, title);
        let params = json!({"command": command["command"], "arguments": command["arguments"]});
        assert_eq!(client.request("workspace/executeCommand", params), Value::Null);
        let asked = client.next("workspace/applyEdit", |_| true);
        let edits = &asked.params["edit"]["changes"][URI];
        assert_eq!(edited(text, edits, Columns::Utf16), "fn f(a: u8) -> u8 { a }\n");
    }
    client.reply_with("workspace/applyEdit", Reply::Result(json!({"applied": false})));
    let params = json!({"command": "autodao.applyEdit", "arguments": actions[0]["arguments"]});
    client.request("workspace/executeCommand", params);
    client.next("window/logMessage", |params| params["message"] == "The editor did not apply the edit");
    for params in [
        json!({"command": "autodao.applyEdit", "arguments": []}),
        json!({"command": "autodao.applyEdit"}),
        json!({"command": "rm", "arguments": [1]}),
    ] {
        let id = client.send("workspace/executeCommand", params);
        assert_eq!(client.answer(id).error_code(), Some(-32602));
    }
}

const MANY: &str = "fn f(a: bool) {\n    if a {\n        if b {\n            if c {\n                dbg!(a);\n            }\n        }\n    }\n}\n";

#[test]
fn fix_all_is_worked_out_when_it_is_chosen() {
    let mut client = editor();
    client.open(URI, "rust", MANY);
    client.next_diagnostics(URI, 1);
    let only = json!({"diagnostics": [], "only": ["source.fixAll"]});
    let actions = client.actions(URI, [0, 0], [0, 0], only);
    assert_eq!(actions.len(), 1);
    let action = &actions[0];
    assert_eq!((action.get("edit"), &action["kind"]), (None, &json!("source.fixAll.autodao")));
    let resolved = client.request("codeAction/resolve", action.clone());
    let (edits, version) = edits_of(&resolved);
    let expected = fix_all(&Profile::shared_default(), Language::Rust, FileRole::Library, MANY).0;
    assert_eq!((edited(MANY, &edits, Columns::Utf16), version), (expected.clone(), json!(1)));
    assert_eq!(expected, "fn f(a: bool) {\n    if a && b && c {\n    }\n}\n");
    assert_eq!(client.request("codeAction/resolve", action.clone()), resolved, "the same again");
    assert_eq!(
        client.request("codeAction/resolve", resolved.clone()),
        resolved,
        "resolving what is resolved"
    );
    client.change(URI, 2, json!([edit([0, 0], [0, 0], "\n")]));
    let id = client.send("codeAction/resolve", action.clone());
    assert_eq!(client.answer(id).error_code(), Some(-32801), "the text has changed");
    client.close(URI);
    let id = client.send("codeAction/resolve", action.clone());
    assert_eq!(client.answer(id).error_code(), Some(-32801), "it is closed");
}

#[test]
fn an_action_without_data_of_ours_comes_back_as_it_is() {
    let mut client = editor();
    for action in [
        json!({"title": "a"}),
        json!({"title": "b", "data": {"of": "another server"}}),
        json!({"title": "c", "data": null, "edit": {"changes": {}}}),
        json!({"title": "d", "data": 7, "command": {"title": "d", "command": "d"}}),
    ] {
        let mut expected = action.clone();
        // A null is the same as nothing.
        expected.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let mut answer = client.request("codeAction/resolve", action);
        answer.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        assert_eq!(answer, expected);
    }
}

#[test]
fn a_menu_holds_what_is_asked_for() {
    let mut client = editor();
    client.open(URI, "rust", MANY);
    client.next_diagnostics(URI, 1);
    let mut kinds = |context: Value| {
        let actions = client.actions(URI, [1, 4], [4, 20], context);
        let mut kinds: Vec<_> =
            actions.iter().map(|action| action["kind"].as_str().unwrap().to_owned()).collect();
        kinds.dedup();
        kinds
    };
    let all = "source.fixAll.autodao";
    assert_eq!(kinds(json!({"diagnostics": []})), ["quickfix", all]);
    assert_eq!(kinds(json!({"diagnostics": [], "triggerKind": 1})), ["quickfix", all]);
    assert_eq!(
        kinds(json!({"diagnostics": [], "triggerKind": 2})),
        ["quickfix"],
        "the light bulb while typing"
    );
    assert_eq!(kinds(json!({"diagnostics": [], "only": ["quickfix"]})), ["quickfix"]);
    for only in ["source", "source.fixAll", all] {
        assert_eq!(kinds(json!({"diagnostics": [], "only": [only]})), [all], "{only}");
    }
    for only in
        ["refactor", "source.fixAll.eslint", "source.fix", "quickfix.import", "source.organizeImports"]
    {
        assert!(kinds(json!({"diagnostics": [], "only": [only]})).is_empty(), "{only}");
    }
    assert_eq!(kinds(json!({"diagnostics": [], "only": [""]})), ["quickfix", all]);
}

#[test]
fn a_menu_at_a_place_the_text_does_not_have_is_answered() {
    let mut client = editor();
    client.open(URI, "rust", "fn f() { /* 😀 */ a.unwrap(); }");
    client.next_diagnostics(URI, 1);
    for (from, to) in [
        ([0, 13], [0, 13]),
        ([9, 9], [9, 9]),
        ([u32::MAX, u32::MAX], [u32::MAX, u32::MAX]),
        ([0, u32::MAX], [0, 0]),
        ([3, 0], [0, 0]),
    ] {
        client.actions(URI, from, to, context());
    }
    assert!(!client.actions(URI, [3, 0], [0, 0], context()).is_empty(), "an inverted range is one");
    assert!(client.actions("file:///not/open.rs", [0, 0], [0, 0], context()).is_empty());
}

#[test]
fn an_allow_comment_is_indented_and_ends_its_line_like_its_neighbours() {
    let mut client = editor();
    for (language, text, title, expected) in [
        (
            "rust",
            "fn f() {\r\n\t\tlet x = a.unwrap();\r\n}\r\n",
            "Allow `unwrap-used` here",
            "fn f() {\r\n\t\t// autodao: allow(unwrap-used)\r\n\t\tlet x = a.unwrap();\r\n}\r\n",
        ),
        (
            "rust",
            "\u{feff}fn f() { a.unwrap(); }",
            "Allow `unwrap-used` here",
            "\u{feff}// autodao: allow(unwrap-used)\nfn f() { a.unwrap(); }",
        ),
        (
            "rust",
            "\u{feff}fn f() {\r    a.unwrap();\r}",
            "Allow `unwrap-used` in this file",
            "\u{feff}// autodao: allow-file(unwrap-used)\rfn f() {\r    a.unwrap();\r}",
        ),
        (
            "javascript",
            "#!/usr/bin/env node\r\n  debugger;\r\n",
            "Allow `debug-left` in this file",
            "#!/usr/bin/env node\r\n// autodao: allow-file(debug-left)\r\n  debugger;\r\n",
        ),
        (
            "rust",
            "fn f() {\n    a\n        .b()\n        .unwrap();\n}\n",
            "Allow `unwrap-used` here",
            "fn f() {\n    a\n        .b()\n        // autodao: allow(unwrap-used)\n        .unwrap();\n}\n",
        ),
    ] {
        client.open(URI, language, text);
        let found = client.next_diagnostics(URI, 1);
        assert_eq!(found.len(), 1, "{text:?}");
        let place = &found[0]["range"]["start"];
        let at = [place["line"].as_u64().unwrap() as u32, place["character"].as_u64().unwrap() as u32];
        let actions = client.actions(URI, at, at, context());
        let suppressed = edited(text, &edits_of(titled(&actions, title)).0, Columns::Utf16);
        assert_eq!(suppressed, expected);
        client.change(URI, 2, json!([{"text": suppressed}]));
        assert_eq!(client.next_diagnostics(URI, 2), Vec::<Value>::new(), "{suppressed:?}");
        client.close(URI);
    }
}

#[test]
fn a_mistake_in_a_configuration_file_shows_while_it_is_edited() {
    let folder = tempfile::tempdir().unwrap();
    let uri = file_uri(&folder.path().join("autodao.toml"));
    let mut client = editor();
    let text = "# 😀\r\n[rules]\r\nunwrap-use = \"off\"\r\ntodo-comment = \"warn\"\r\n";
    client.open(&uri, "toml", text);
    let found = client.next_diagnostics(&uri, 1);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["message"], "there is no rule `unwrap-use`; did you mean `unwrap-used`?");
    assert_eq!((&found[0]["range"], &found[0]["code"]), (&range([2, 0], [2, 10]), &json!("configuration")));
    let actions = client.actions(&uri, [2, 3], [2, 3], context());
    let fix = titled(&actions, "Change to `unwrap-used`");
    assert_eq!((actions.len(), &fix["diagnostics"]), (1, &json!([found[0]])));
    let text = edited(text, &edits_of(fix).0, Columns::Utf16);
    client.change(&uri, 2, json!([{"text": text}]));
    assert_eq!(client.next_diagnostics(&uri, 2).len(), 1);
    let actions = client.actions(&uri, [3, 20], [3, 20], context());
    let text = edited(&text, &edits_of(titled(&actions, "Change to `warning`")).0, Columns::Utf16);
    assert_eq!(text, "# 😀\r\n[rules]\r\nunwrap-used = \"off\"\r\ntodo-comment = \"warning\"\r\n");
    client.change(&uri, 3, json!([{"text": text}]));
    assert!(client.next_diagnostics(&uri, 3).is_empty());
    client.change(&uri, 4, json!([{"text": "[rules\n"}]));
    assert_eq!(client.next_diagnostics(&uri, 4).len(), 1, "what is no TOML is one mistake");
}

#[test]
fn a_change_of_a_configuration_file_holds_for_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let (config, code) = (folder.path().join("autodao.toml"), folder.path().join("lib.rs"));
    let (config_uri, uri) = (file_uri(&config), file_uri(&code));
    let client = editor();
    client.open(&uri, "rust", UNWRAP);
    assert_eq!(rules(&client.next_diagnostics(&uri, 1)), ["unwrap-used"]);

    std::fs::write(&config, "[rules]\nunwrap-used = \"off\"\n").unwrap();
    client.save(&config_uri);
    assert!(client.next_diagnostics(&uri, 1).is_empty());

    std::fs::write(&config, "[rules]\nunwrap-used = \"error\"\n").unwrap();
    let changes = json!([{"uri": config_uri, "type": 2}]);
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": changes}));
    assert_eq!(client.next_diagnostics(&uri, 1)[0]["severity"], 1);

    std::fs::write(&config, "[files]\nexclude = [\"*.rs\"]\n").unwrap();
    client.save(&config_uri);
    assert!(client.next_diagnostics(&uri, 1).is_empty());

    std::fs::remove_file(&config).unwrap();
    let changes = json!([{"uri": uri, "type": 2}, {"uri": config_uri, "type": 3}]);
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": changes}));
    assert_eq!(client.next_diagnostics(&uri, 1)[0]["severity"], 2);
}

#[test]
fn the_clients_settings_have_the_last_word_and_change_live() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("autodao.toml"), "[rules]\nunwrap-used = \"error\"\n").unwrap();
    let uri = file_uri(&folder.path().join("lib.rs"));
    let client = editor();
    let asked = client.next("workspace/configuration", |_| true);
    assert_eq!(asked.params["items"], json!([{"section": "autodao"}]));
    client.open(&uri, "rust", UNWRAP);
    assert_eq!(client.next_diagnostics(&uri, 1)[0]["severity"], 1);
    for (settings, expected) in [
        (json!({"rules": {"unwrap-used": "hint"}}), Some(4)),
        (json!({"rules": {"unwrap-used": "off"}}), None),
        (Value::Null, Some(1)),
    ] {
        client.reply_with("workspace/configuration", Reply::Result(json!([settings])));
        client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
        let found = client.next_diagnostics(&uri, 1);
        assert_eq!(found.first().map(|found| found["severity"].clone()), expected.map(Value::from));
    }
    let settings = json!({"rules": {"unwrap-use": "off"}, "more": 1});
    client.reply_with("workspace/configuration", Reply::Result(json!([settings])));
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    let said =
        |params: &Value| params["message"].as_str().unwrap_or("").contains("did you mean `unwrap-used`?");
    client.next("window/logMessage", said);
    for odd in [json!([]), json!(null), json!({}), json!([[]]), json!(["x"])] {
        client.reply_with("workspace/configuration", Reply::Result(odd));
        client.notify("workspace/didChangeConfiguration", json!({}));
    }
    client.reply_with("workspace/configuration", Reply::Error(json!({"code": -32603, "message": "no"})));
    client.notify("workspace/didChangeConfiguration", json!({"settings": []}));
    client.change(&uri, 2, json!([edit([0, 0], [0, 0], "\n")]));
    assert_eq!(rules(&client.next_diagnostics(&uri, 2)), ["unwrap-used"]);
}

#[test]
fn settings_come_with_initialize_and_with_notifications_where_they_cannot_be_asked_for() {
    let mut client = Client::in_process();
    let settings = json!({"settings": {"rules": {"unwrap-used": "error"}}});
    client.initialize_with(json!({"processId": null, "capabilities": {}, "initializationOptions": settings}));
    client.open(URI, "rust", UNWRAP);
    assert_eq!(client.next_diagnostics(URI, 1)[0]["severity"], 1);
    for (settings, expected) in [
        (json!({"autodao": {"rules": {"unwrap-used": "hint"}}}), 4),
        (json!({"rules": {"unwrap-used": "information"}}), 3),
    ] {
        client.notify("workspace/didChangeConfiguration", json!({"settings": settings}));
        assert_eq!(client.next_diagnostics(URI, 1)[0]["severity"], expected);
    }
}

#[test]
fn a_text_that_is_out_of_step_is_let_alone_until_it_is_mended() {
    let mut client = editor();
    for (impossible, version) in [
        (edit([7, 0], [7, 0], "x"), 2),
        (edit([0, 5], [0, 2], "x"), 2),
        (edit([1, 4], [1, 5], "x"), 2),
        (edit([0, 0], [0, 0], "x"), 1),
        (edit([0, 0], [0, 0], "x"), -1),
    ] {
        client.open(URI, "rust", "fn f() { a.unwrap(); }\n// 😀\n");
        assert_eq!(rules(&client.next_diagnostics(URI, 1)), ["unwrap-used"]);
        client.change(URI, version, json!([impossible]));
        let shown = client.next("window/showMessage", |_| true);
        let message = shown.params["message"].as_str().unwrap();
        assert!(message.contains(URI) && message.contains("reopen"), "{message}");
        let known = version.max(1);
        client.diagnostics_when(URI, known, <[Value]>::is_empty);
        assert!(client.actions(URI, [0, 0], [0, 22], context()).is_empty());
        client.change(URI, known + 1, json!([edit([0, 0], [0, 0], "dbg!(a);")]));
        client.change(URI, known + 2, json!([edit([9, 0], [9, 0], "dbg!(a);")]));
        client.diagnostics_when(URI, known + 2, <[Value]>::is_empty);
        assert!(client.actions(URI, [0, 0], [0, 22], context()).is_empty());
        // That it is said once is seen at the end: a message nobody claimed fails the test.
        client.close(URI);
        client.open(URI, "rust", UNWRAP);
        client.diagnostics_when(URI, 1, |found| rules(found) == ["unwrap-used"]);
        assert!(!client.actions(URI, [0, 0], [0, 22], context()).is_empty());
        client.close(URI);
    }
}

#[test]
fn a_whole_text_mends_what_is_out_of_step() {
    let mut client = editor();
    client.open(URI, "rust", UNWRAP);
    client.change(URI, 2, json!([edit([7, 0], [7, 0], "x")]));
    client.next("window/showMessage", |_| true);
    client.change(URI, 3, json!([{"text": UNWRAP}]));
    client.diagnostics_when(URI, 3, |found| rules(found) == ["unwrap-used"]);
    assert!(!client.actions(URI, [0, 0], [0, 22], context()).is_empty());
}

/// A function that breaks, and loses its finding, when the `)` is deleted.
const WHOLE: &str = "fn f() { a.unwrap() }\n";
const BROKEN: &str = "fn f() { a.unwrap( }\n";

fn break_it() -> Value {
    edit([0, 18], [0, 19], "")
}

#[test]
fn findings_of_an_item_that_breaks_while_it_is_typed_are_held_and_then_let_go() {
    assert!(check_text(&Profile::shared_default(), Language::Rust, FileRole::Library, BROKEN).broken);
    let client = editor();
    client.open(URI, "rust", WHOLE);
    let found = client.next_diagnostics(URI, 1);
    assert_eq!(rules(&found), ["unwrap-used"]);
    client.change(URI, 2, json!([break_it()]));
    assert_eq!(rules(&client.next_diagnostics(URI, 2)), ["unwrap-used"], "held");
    assert_eq!(rules(&client.next_diagnostics(URI, 2)), ["syntax-error"], "let go");
    client.change(URI, 3, json!([edit([0, 18], [0, 18], ")")]));
    assert_eq!(client.diagnostics_when(URI, 3, |now| now == found), found, "whole again");
}

#[test]
fn what_a_program_breaks_is_shown_without_a_hold() {
    let client = editor();
    client.open(URI, "rust", &format!("{WHOLE}fn g() {{ b.unwrap() }}\n"));
    client.next_diagnostics(URI, 1);
    client.change(URI, 2, json!([edit([0, 21], [0, 21], " "), break_it()]));
    client.diagnostics_when(URI, 2, |found| rules(found) == ["syntax-error", "unwrap-used"]);
    // Had the findings been held, those of the next version would be too.
    client.change(URI, 3, json!([edit([0, 20], [0, 20], " "), edit([1, 18], [1, 19], "")]));
    client.diagnostics_when(URI, 3, |found| rules(found).iter().all(|rule| *rule == "syntax-error"));
}

#[test]
fn a_pull_says_unchanged_for_what_the_client_has() {
    let mut client = Client::in_process();
    assert!(client.initialize(pulling())["diagnosticProvider"].is_object());
    client.open(URI, "rust", UNWRAP);
    let document = json!({"uri": URI});
    let first = client.request("textDocument/diagnostic", json!({"textDocument": document}));
    assert_eq!(
        (&first["kind"], rules(first["items"].as_array().unwrap())),
        (&json!("full"), vec!["unwrap-used"])
    );
    let again = json!({"textDocument": document, "previousResultId": first["resultId"]});
    let second = client.request("textDocument/diagnostic", again.clone());
    assert_eq!(second, json!({"kind": "unchanged", "resultId": first["resultId"]}));
    client.change(URI, 2, json!([edit([0, 0], [0, 0], "// 😀\n")]));
    let third = client.request("textDocument/diagnostic", again);
    assert_eq!(third["kind"], "full");
    assert_ne!(third["resultId"], first["resultId"]);
    assert_eq!(third["items"][0]["range"], range([1, 11], [1, 19]));
    let nothing =
        client.request("textDocument/diagnostic", json!({"textDocument": {"uri": "file:///none.rs"}}));
    assert_eq!((&nothing["kind"], &nothing["items"]), (&json!("full"), &json!([])));
    assert!(client.take_all("textDocument/publishDiagnostics").is_empty(), "nothing is pushed");
}

#[test]
fn a_pull_is_asked_for_again_when_a_held_finding_is_let_go() {
    let mut client = Client::in_process();
    client.initialize(pulling());
    let pull = json!({"textDocument": {"uri": URI}});
    client.open(URI, "rust", WHOLE);
    let first = client.request("textDocument/diagnostic", pull.clone());
    assert_eq!(rules(first["items"].as_array().unwrap()), ["unwrap-used"]);
    client.change(URI, 2, json!([break_it()]));
    let held = client.request("textDocument/diagnostic", pull.clone());
    assert_eq!(rules(held["items"].as_array().unwrap()), ["unwrap-used"]);
    client.next("workspace/diagnostic/refresh", |_| true);
    let again = json!({"textDocument": {"uri": URI}, "previousResultId": held["resultId"]});
    let gone = client.request("textDocument/diagnostic", again);
    assert_eq!(gone["kind"], "full");
    assert_eq!(rules(gone["items"].as_array().unwrap()), ["syntax-error"]);
}

#[test]
fn a_pull_that_waits_is_answered_when_its_document_is_closed() {
    let mut client = Client::in_process();
    client.initialize(pulling());
    let text = "fn f() { a.unwrap(); }\n".repeat(60_000);
    client.open(URI, "rust", &text);
    let waiting = client.send("textDocument/diagnostic", json!({"textDocument": {"uri": URI}}));
    let cancelled = client.send("textDocument/diagnostic", json!({"textDocument": {"uri": URI}}));
    client.notify("$/cancelRequest", json!({"id": cancelled}));
    assert_eq!(client.answer(cancelled).error_code(), Some(-32800));
    client.close(URI);
    let answer = client.answer(waiting).result.unwrap();
    assert_eq!((&answer["kind"], &answer["items"]), (&json!("full"), &json!([])));
}

#[test]
fn a_text_over_two_megabytes_gets_what_lines_alone_can_tell() {
    let client = editor();
    let marker = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n";
    let code = UNWRAP.repeat((2 << 20) / UNWRAP.len() + 1);
    client.open(URI, "rust", &format!("{code}{marker}"));
    let found = client.next_diagnostics(URI, 1);
    assert_eq!(rules(&found), ["file-too-large", "conflict-marker"], "{found:#?}");
    client.change(URI, 2, json!([edit([1, 0], [100_000_000, 0], "")]));
    client.next("window/showMessage", |_| true);
    let lines = (code.lines().count() + 5) as u32;
    client.change(URI, 3, json!([{"text": format!("{code}{marker}")}]));
    client.change(URI, 4, json!([edit([1, 0], [lines, 0], "")]));
    assert_eq!(rules(&client.next_diagnostics(URI, 4)), ["unwrap-used"], "small enough again");
    client.change(URI, 5, json!([edit([1, 0], [1, 0], &code)]));
    assert_eq!(rules(&client.next_diagnostics(URI, 5)), ["file-too-large"], "too large again");
}
