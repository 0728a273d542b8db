//! What kills or stalls language servers, tried on the real one: order, a busy analysis, and every way to end.
//!
//! Hazards that need handlers which block or panic are tried beside the guard, in `server/lsp/src/guard/tests.rs`.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails, fails its test")]

use std::process::{Command, Stdio};

use autodao_tests::client::{Client, edit, file_uri, rules};
use serde_json::{Value, json};

const URI: &str = "file:///project/src/a.rs";
const BIG: &str = "file:///project/src/big.rs";

fn capabilities() -> Value {
    json!({
        "textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}},
        "workspace": {"workspaceEdit": {"documentChanges": true}},
    })
}

/// Rust code of at least so many bytes.
fn code(bytes: usize) -> String {
    let item = "fn f(a: Option<u8>) -> u8 {\n    if a.is_some() { g(a.unwrap(), 1) } else { 0 }\n}\n\n";
    item.repeat(bytes / item.len() + 1)
}

fn menu(uri: &str, line: u32) -> Value {
    let range = json!({"start": {"line": line, "character": 0}, "end": {"line": line, "character": 60}});
    json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}})
}

/// Edits of one document with requests among them: every request must see the version where it stands.
fn versions_hold(mut client: Client) {
    client.initialize(capabilities());
    client.open(URI, "rust", "fn f(a: u8) -> u8 {\n    dbg!(a)\n}\n// \n");
    assert_eq!(rules(&client.next_diagnostics(URI, 1)), ["debug-left"]);
    let mut asked = Vec::new();
    for version in 2..=5001 {
        client.change(URI, version, json!([edit([3, 3], [3, 3], "x")]));
        if version % 50 == 0 {
            asked.push((version, client.send("textDocument/codeAction", menu(URI, 1))));
        }
    }
    for (version, id) in asked {
        let actions = client.answer(id).result.unwrap();
        let edits = &actions[0]["edit"]["documentChanges"][0];
        assert_eq!(edits["textDocument"]["version"], version, "{actions}");
    }
    assert_eq!(rules(&client.next_diagnostics(URI, 5001)), ["debug-left"]);
}

#[test]
fn five_thousand_edits_and_the_requests_among_them_take_effect_in_order() {
    versions_hold(Client::in_process());
}

#[test]
fn five_thousand_edits_through_real_pipes_take_effect_in_order() {
    versions_hold(Client::process());
}

#[test]
fn diagnostics_never_go_back_to_an_older_version() {
    let mut client = Client::in_process();
    client.initialize(capabilities());
    client.open(URI, "rust", &code(20_000));
    for version in 2..=500 {
        client.change(URI, version, json!([edit([0, 0], [0, 0], "// a\n")]));
    }
    let is_last = |params: &Value| params["version"] == 500;
    let last = client.next("textDocument/publishDiagnostics", is_last);
    let published = client.take_all("textDocument/publishDiagnostics");
    let versions: Vec<_> = published
        .iter()
        .filter(|message| message.order < last.order)
        .map(|message| message.params["version"].as_i64().unwrap())
        .collect();
    assert!(versions.is_sorted(), "{versions:?}");
}

#[test]
fn a_request_is_answered_while_a_large_file_is_analysed() {
    let mut client = Client::in_process();
    client.initialize(capabilities());
    client.open(URI, "rust", "fn f() { a.unwrap(); }\n");
    client.next_diagnostics(URI, 1);
    client.open(BIG, "rust", &code(1_500_000));
    let id = client.send("textDocument/codeAction", menu(URI, 0));
    let answer = client.answer(id);
    assert!(!answer.result.unwrap().as_array().unwrap().is_empty());
    let is_big = |params: &Value| params["uri"] == BIG;
    assert!(answer.order < client.next("textDocument/publishDiagnostics", is_big).order);
}

#[test]
fn an_unread_answer_does_not_keep_an_edit_from_being_read() {
    let mut client = Client::process_unread();
    // Nobody reads: everything that is said has to wait somewhere, here more than a pipe holds.
    let id = client.send("initialize", json!({"processId": null, "capabilities": capabilities()}));
    client.notify("initialized", json!({}));
    let text = code(40_000);
    client.open(URI, "rust", &text);
    let asked: Vec<_> =
        (0..300).map(|line| client.send("textDocument/codeAction", menu(URI, line))).collect();
    client.open(BIG, "rust", &code(1_900_000));
    for version in 2..=200 {
        client.change(URI, version, json!([edit([0, 0], [0, 0], "// a\n")]));
    }
    let client = client.reading();
    assert!(client.answer(id).result.is_ok());
    for id in asked {
        assert!(client.answer(id).result.is_ok());
    }
    assert!(!client.next_diagnostics(BIG, 1).is_empty());
    assert!(!client.next_diagnostics(URI, 200).is_empty());
}

#[test]
fn bytes_that_are_no_message_do_not_end_the_server() {
    let mut client = Client::process();
    client.initialize(capabilities());
    client.send_bytes(b"Content-Length: zero\r\n\r\n{}\r\n\r\nnonsense\r\n");
    assert_eq!(client.next_refusal()["error"]["code"], -32700);
    client.send_bytes(b"Content-Length: 3\r\n\r\n{\"a");
    assert_eq!(client.next_refusal()["error"]["code"], -32700);
    client.open(URI, "rust", "fn f() { a.unwrap(); }\n");
    assert_eq!(rules(&client.next_diagnostics(URI, 1)), ["unwrap-used"]);
}

#[test]
fn requests_before_initialize_and_after_shutdown_are_refused() {
    let mut client = Client::process();
    let id = client.send("textDocument/codeAction", menu(URI, 0));
    assert_eq!(client.answer(id).error_code(), Some(-32002));
    client.open(URI, "rust", "fn f() { a.unwrap(); }\n");
    client.initialize(capabilities());
    let id = client.send("initialize", json!({"processId": null, "capabilities": {}}));
    assert_eq!(client.answer(id).error_code(), Some(-32600));
    assert!(client.actions(URI, [0, 0], [0, 20], json!({"diagnostics": []})).is_empty(), "it was not open");
    client.request("shutdown", Value::Null);
    let id = client.send("textDocument/codeAction", menu(URI, 0));
    assert_eq!(client.answer(id).error_code(), Some(-32600));
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 0);
}

#[test]
fn exit_ends_the_process_while_its_input_stays_open() {
    let mut client = Client::process();
    client.initialize(capabilities());
    client.request("shutdown", Value::Null);
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 0);

    let mut client = Client::process();
    client.initialize(capabilities());
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 1, "without shutdown");

    let mut client = Client::process();
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 1, "without initialize");
}

#[test]
fn exit_ends_the_process_while_it_is_busy() {
    let mut client = Client::process();
    client.initialize(capabilities());
    client.open(BIG, "rust", &code(1_500_000));
    client.request("shutdown", Value::Null);
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 0);
}

#[test]
fn the_end_of_the_input_ends_the_process() {
    let mut client = Client::process();
    client.initialize(capabilities());
    client.open(BIG, "rust", &code(1_500_000));
    client.send("textDocument/codeAction", menu(BIG, 0));
    client.hang_up();
    assert_eq!(client.exit_code(), 1, "with work pending and no shutdown");

    let mut client = Client::process();
    client.initialize(capabilities());
    client.request("shutdown", Value::Null);
    client.hang_up();
    assert_eq!(client.exit_code(), 0, "after shutdown");

    let mut client = Client::process();
    client.send_bytes(b"Content-Length: 100\r\n\r\n{");
    client.hang_up();
    assert_eq!(client.exit_code(), 1, "in the middle of a message");
}

#[test]
fn the_end_of_the_input_ends_a_pull_that_waits() {
    let mut client = Client::process();
    let pull = json!({"textDocument": {"diagnostic": {}}});
    let options = json!({"diagnostics": "pull"});
    client
        .initialize_with(json!({"processId": null, "capabilities": pull, "initializationOptions": options}));
    client.open(BIG, "rust", &code(1_500_000));
    client.send("textDocument/diagnostic", json!({"textDocument": {"uri": BIG}}));
    client.hang_up();
    assert_eq!(client.exit_code(), 1);
}

#[cfg(unix)]
#[test]
fn the_end_of_the_editors_process_ends_the_server() {
    let mut editor = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
    let mut client = Client::process();
    client.initialize_with(json!({"processId": editor.id(), "capabilities": capabilities()}));
    client.open(URI, "rust", "fn f() { a.unwrap(); }\n");
    client.next_diagnostics(URI, 1);
    editor.kill().unwrap();
    editor.wait().unwrap();
    assert_eq!(client.exit_code(), 1);
}

#[cfg(unix)]
#[test]
fn an_editor_whose_process_cannot_be_seen_is_served() {
    // In a container the editor's process id names nothing, or something else.
    let mut client = Client::process();
    client.initialize_with(json!({"processId": i32::MAX, "capabilities": capabilities()}));
    client.open(URI, "rust", "fn f() { a.unwrap(); }\n");
    assert_eq!(rules(&client.next_diagnostics(URI, 1)), ["unwrap-used"]);
}

#[test]
fn a_client_that_never_answers_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.rs");
    let uri = file_uri(&path);
    let mut client = Client::process();
    for method in ["workspace/configuration", "client/registerCapability", "workspace/applyEdit"] {
        client.reply_with(method, autodao_tests::client::Reply::Silence);
    }
    client.initialize(json!({"workspace": {
        "configuration": true,
        "didChangeWatchedFiles": {"dynamicRegistration": true},
        "didChangeConfiguration": {"dynamicRegistration": true},
    }}));
    for _ in 0..200 {
        let arguments = json!([{"changes": {}}]);
        client.request(
            "workspace/executeCommand",
            json!({"command": "autodao.applyEdit", "arguments": arguments}),
        );
        client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    }
    client.open(&uri, "rust", "fn f() { a.unwrap(); }\n");
    assert_eq!(rules(&client.next_diagnostics(&uri, 1)), ["unwrap-used"]);
}
