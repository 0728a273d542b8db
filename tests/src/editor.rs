//! An editor as most are: its capabilities, and how it reads what it is offered.

use serde_json::{Value, json};

use crate::client::Client;

/// What an editor says of itself that can do what most can.
pub fn capabilities() -> Value {
    json!({
        "textDocument": {"codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source"]}},
            "resolveSupport": {"properties": ["edit"]},
            "isPreferredSupport": true,
        }},
        "workspace": {"workspaceEdit": {"documentChanges": true}, "configuration": true},
    })
}

/// An editor that can do what most can, connected to a server in this process.
pub fn editor() -> Client {
    let mut client = Client::in_process();
    client.initialize(capabilities());
    client
}

/// The text edits of an action for one document, and the version they are for.
pub fn edits_of(action: &Value) -> (Value, Value) {
    let changes = &action["edit"]["documentChanges"];
    assert_eq!(changes.as_array().map(Vec::len), Some(1), "{action}");
    (changes[0]["edits"].clone(), changes[0]["textDocument"]["version"].clone())
}

/// The action with a title.
pub fn titled<'a>(actions: &'a [Value], title: &str) -> &'a Value {
    let found = actions.iter().find(|action| action["title"] == title);
    found.unwrap_or_else(|| panic!("there is no action {title:?} in {actions:#?}"))
}

/// The context of a request for all actions at a place.
pub fn context() -> Value {
    json!({"diagnostics": []})
}
