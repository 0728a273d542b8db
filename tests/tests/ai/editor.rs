//! An editor with one open document, which it keeps as a model of its own.

use std::path::Path;

use autodao_tests::client::{Client, Received, Reply, edited, file_uri, range};
use autodao_tests::model::{Columns, Model};
use serde_json::{Value, json};

use crate::desk::Desk;

/// What an editor can do that can do all.
pub(crate) fn abilities() -> Value {
    json!({
        "textDocument": {"codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}},
            "disabledSupport": true,
        }},
        "workspace": {
            "applyEdit": true,
            "workspaceEdit": {
                "documentChanges": true,
                "resourceOperations": ["create"],
                "changeAnnotationSupport": {},
            },
        },
        "window": {"workDoneProgress": true},
    })
}

pub(crate) struct Editor {
    pub(crate) client: Client,
    pub(crate) uri: String,
    pub(crate) text: String,
    pub(crate) version: i32,
}

impl Editor {
    /// Opens a file and waits until it is looked at.
    pub(crate) fn open(desk: &Desk, name: &str, text: &str) -> Self {
        Self::open_with(desk, name, text, abilities(), Value::Null)
    }

    pub(crate) fn open_with(desk: &Desk, name: &str, text: &str, abilities: Value, options: Value) -> Self {
        let path = desk.file(name, text);
        let variables = desk.variables();
        let variables: Vec<(&str, &Path)> =
            variables.iter().map(|(name, folder)| (*name, folder.as_path())).collect();
        let mut client = Client::process_with(&variables).reading();
        client.reply_with("window/workDoneProgress/create", Reply::Result(Value::Null));
        client.reply_with("workspace/applyEdit", Reply::Silence);
        client.initialize_with(json!({
            "processId": null, "rootUri": null, "capabilities": abilities, "initializationOptions": options,
        }));
        let uri = file_uri(&path);
        let language = if name.ends_with(".rs") { "rust" } else { "typescript" };
        client.open(&uri, language, text);
        let editor = Self { client, uri, text: text.to_owned(), version: 1 };
        editor.looked_at();
        editor
    }

    /// Waits until the document's version is looked at. Whoever types while a reply is held back waits for this
    /// before the reply goes on: an edit that was made before the server read what was typed is for the version
    /// before.
    pub(crate) fn looked_at(&self) {
        self.client.next_diagnostics(&self.uri, self.version);
    }

    /// The actions that ask a model, at a place.
    pub(crate) fn offers(&mut self, line: u32, column: u32) -> Vec<Value> {
        let context = json!({"diagnostics": [], "triggerKind": 1});
        let actions = self.client.actions(&self.uri.clone(), [line, column], [line, column], context);
        let asks =
            |action: &Value| action["command"]["command"] == "autodao.act" || !action["disabled"].is_null();
        actions.into_iter().filter(asks).collect()
    }

    /// The action whose title begins so.
    pub(crate) fn offer(&mut self, line: u32, title: &str) -> Value {
        let offers = self.offers(line, 4);
        let is_it = |action: &&Value| action["title"].as_str().unwrap().starts_with(title);
        let found = offers.iter().find(is_it).cloned();
        found.unwrap_or_else(|| panic!("there is no {title} in {offers:#?}"))
    }

    /// Chooses an action; returns the id of the command.
    pub(crate) fn choose(&mut self, action: &Value) -> i64 {
        let command = &action["command"];
        let params = json!({"command": command["command"], "arguments": command["arguments"]});
        self.client.send("workspace/executeCommand", params)
    }

    /// Executes a command and waits for its answer.
    pub(crate) fn command(&mut self, name: &str) -> Value {
        self.client.request("workspace/executeCommand", json!({"command": name}))
    }

    /// Types: replaces a range, columns in UTF-16.
    pub(crate) fn replace(&mut self, from: [u32; 2], to: [u32; 2], text: &str) {
        let place = |[line, column]: [u32; 2]| (line as usize, column as usize);
        let mut model = Model::new(&self.text);
        assert!(model.replace(place(from), place(to), text, Columns::Utf16));
        self.text = model.text();
        self.version += 1;
        let change = json!([{"range": range(from, to), "text": text}]);
        self.client.change(&self.uri, self.version, change);
    }

    /// The next edit the server wants applied.
    pub(crate) fn wanted(&self) -> Received {
        self.client.next("workspace/applyEdit", |_| true)
    }

    /// Applies an edit as the protocol says, if it is for this version; says to the server whether it was.
    pub(crate) fn apply(&mut self, wanted: &Received) -> bool {
        let changes = wanted.params["edit"]["documentChanges"].as_array().unwrap();
        let [change] = &changes[..] else { panic!("one document is changed: {changes:#?}") };
        assert_eq!(change["textDocument"]["uri"], json!(self.uri));
        let fits = change["textDocument"]["version"] == json!(self.version);
        if fits {
            self.text = edited(&self.text, &change["edits"], Columns::Utf16);
            self.version += 1;
            // As editors do it that send a change for each edit of a list, from the last to the first.
            let mut edits = change["edits"].as_array().unwrap().clone();
            edits.sort_by_key(|edit| {
                let start = &edit["range"]["start"];
                std::cmp::Reverse((start["line"].as_u64(), start["character"].as_u64()))
            });
            let changes: Vec<_> =
                edits.iter().map(|edit| json!({"range": edit["range"], "text": edit["newText"]})).collect();
            self.client.change(&self.uri, self.version, json!(changes));
        }
        self.client.respond(wanted, json!({"applied": fits}));
        fits
    }

    /// Chooses an action and applies what it comes to.
    pub(crate) fn do_it(&mut self, line: u32, title: &str) {
        let action = self.offer(line, title);
        let id = self.choose(&action);
        let wanted = self.wanted();
        assert!(self.apply(&wanted));
        assert_eq!(self.client.answer(id).result, Ok(Value::Null));
    }

    /// Ends the server while a command is under way.
    pub(crate) fn exit(&mut self, command: i64) {
        let shutdown = self.client.send("shutdown", Value::Null);
        assert_eq!(self.client.answer(shutdown).result, Ok(Value::Null));
        self.client.notify("exit", Value::Null);
        assert_eq!(self.client.exit_code(), 0);
        self.client.forget(command);
    }

    /// The next words to the user.
    pub(crate) fn told(&self) -> String {
        let message = self.client.next("window/showMessage", |_| true);
        message.params["message"].as_str().unwrap().to_owned()
    }
}
