//! The demo's editor: the client's side of the protocol, as much of it as the demo needs.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long the demo waits for anything before it says that the server does not answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long it waits for a model: a small machine computes for minutes.
const MODEL_PATIENCE: Duration = Duration::from_secs(600);

/// A running server and the conversation with it.
pub(super) struct Editor {
    process: Child,
    input: ChildStdin,
    messages: Receiver<(Instant, Value)>,
    requests: u64,
    /// From starting the process to its answer to `initialize`.
    pub(super) started: Duration,
}

/// An open document as the editor has it. Columns are bytes: the demo asks for UTF-8.
pub(super) struct Document {
    uri: String,
    version: i64,
    pub(super) text: String,
    pub(super) diagnostics: Vec<Value>,
}

impl Editor {
    /// Starts the server with variables set in its environment.
    pub(super) fn start(folder: &Path, variables: &[(&str, PathBuf)]) -> io::Result<Self> {
        let start = Instant::now();
        let mut command = Command::new(std::env::current_exe()?);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(io::Error::other("the server has no pipes"));
        };
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Ok(message) = read(&mut output) {
                if sender.send((Instant::now(), message)).is_err() {
                    break;
                }
            }
        });
        let mut editor = Self { process, input, messages, requests: 0, started: Duration::ZERO };
        let actions = json!({
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source", "source.fixAll"]}},
            "resolveSupport": {"properties": ["edit"]},
        });
        let capabilities = json!({
            "general": {"positionEncodings": ["utf-8"]},
            "textDocument": {"publishDiagnostics": {"versionSupport": true}, "codeAction": actions},
            "workspace": {"workspaceEdit": {"documentChanges": true}},
        });
        let params =
            json!({"processId": std::process::id(), "rootUri": uri(folder), "capabilities": capabilities});
        editor.request("initialize", &params)?;
        editor.started = start.elapsed();
        editor.notify("initialized", &json!({}))?;
        Ok(editor)
    }

    /// Opens a file and waits for its diagnostics.
    pub(super) fn open(&mut self, path: &Path, language: &str) -> io::Result<(Document, Duration)> {
        let text = std::fs::read_to_string(path)?;
        let mut document = Document { uri: uri(path), version: 1, text, diagnostics: Vec::new() };
        let item = json!({"uri": document.uri, "languageId": language, "version": 1, "text": document.text});
        let start = Instant::now();
        self.notify("textDocument/didOpen", &json!({"textDocument": item}))?;
        let took = self.diagnosed(&mut document, start)?;
        Ok((document, took))
    }

    /// Replaces a range of bytes and waits for the diagnostics of the new version.
    pub(super) fn replace(
        &mut self,
        document: &mut Document,
        range: Range<usize>,
        text: &str,
    ) -> io::Result<Duration> {
        let change = json!({
            "range": {"start": position(&document.text, range.start), "end": position(&document.text, range.end)},
            "text": text,
        });
        document.text.replace_range(range, text);
        self.changed(document, &json!([change]))
    }

    /// Applies a workspace edit to the one document it is for.
    pub(super) fn apply(&mut self, document: &mut Document, edit: &Value) -> io::Result<Duration> {
        let edit = &edit["documentChanges"][0];
        if edit["textDocument"]["version"] != json!(document.version) {
            return Err(io::Error::other("the edit is for another version"));
        }
        let mut edits = edit["edits"].as_array().cloned().unwrap_or_default();
        edits.sort_by_key(|edit| std::cmp::Reverse(offset(&document.text, &edit["range"]["start"])));
        for edit in &edits {
            let range = offset(&document.text, &edit["range"]["start"])
                ..offset(&document.text, &edit["range"]["end"]);
            document.text.replace_range(range, edit["newText"].as_str().unwrap_or(""));
        }
        let changes: Vec<_> =
            edits.iter().map(|edit| json!({"range": edit["range"], "text": edit["newText"]})).collect();
        self.changed(document, &json!(changes))
    }

    fn changed(&mut self, document: &mut Document, changes: &Value) -> io::Result<Duration> {
        document.version += 1;
        let identifier = json!({"uri": document.uri, "version": document.version});
        let start = Instant::now();
        self.notify(
            "textDocument/didChange",
            &json!({"textDocument": identifier, "contentChanges": changes}),
        )?;
        self.diagnosed(document, start)
    }

    fn diagnosed(&mut self, document: &mut Document, start: Instant) -> io::Result<Duration> {
        loop {
            let (at, message) = self.next()?;
            let params = &message["params"];
            let is_awaited = message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == document.uri.as_str()
                && params["version"] == document.version;
            if is_awaited {
                document.diagnostics = params["diagnostics"].as_array().cloned().unwrap_or_default();
                return Ok(at.duration_since(start));
            }
        }
    }

    /// Waits until the diagnostics of the same version are published again.
    pub(super) fn diagnosed_again(&mut self, document: &mut Document) -> io::Result<Duration> {
        self.diagnosed(document, Instant::now())
    }

    /// The actions at a diagnostic's range; `only` of one kind if one is named.
    pub(super) fn code_actions(
        &mut self,
        document: &Document,
        diagnostic: &Value,
        only: Option<&str>,
    ) -> io::Result<(Vec<Value>, Duration)> {
        let context = match only {
            Some(kind) => json!({"diagnostics": [], "only": [kind]}),
            None => json!({"diagnostics": [diagnostic]}),
        };
        let params =
            json!({"textDocument": {"uri": document.uri}, "range": diagnostic["range"], "context": context});
        let (actions, took) = self.request("textDocument/codeAction", &params)?;
        Ok((actions.as_array().cloned().unwrap_or_default(), took))
    }

    /// Ends the server as the protocol has it; returns its exit code.
    pub(super) fn stop(mut self) -> io::Result<i32> {
        self.request("shutdown", &Value::Null)?;
        self.notify("exit", &Value::Null)?;
        Ok(self.process.wait()?.code().unwrap_or(-1))
    }

    pub(super) fn request(&mut self, method: &str, params: &Value) -> io::Result<(Value, Duration)> {
        self.requests += 1;
        let id = self.requests;
        let mut message = json!({"jsonrpc": "2.0", "id": id, "method": method});
        if !params.is_null() {
            message["params"] = params.clone();
        }
        let start = Instant::now();
        self.write(&message)?;
        loop {
            let (at, message) = self.next()?;
            if message["id"] == id && message["method"].is_null() {
                return match &message["error"] {
                    Value::Null => Ok((message["result"].clone(), at.duration_since(start))),
                    error => Err(io::Error::other(format!("{method}: {error}"))),
                };
            }
        }
    }

    /// Waits for the end of an AI edit: the request to apply it, or the message why there is none. Returns it, and how
    /// long it took to come.
    pub(super) fn edited(&mut self) -> io::Result<(Value, Duration)> {
        let start = Instant::now();
        loop {
            let message = self.messages.recv_timeout(MODEL_PATIENCE);
            let (at, message) = message.map_err(|_| io::Error::other("the model does not answer"))?;
            if message["method"] == "workspace/applyEdit" || message["method"] == "window/showMessage" {
                return Ok((message, at.saturating_duration_since(start)));
            }
        }
    }

    /// Answers a request of the server.
    pub(super) fn respond(&mut self, request: &Value, result: &Value) -> io::Result<()> {
        self.write(&json!({"jsonrpc": "2.0", "id": request["id"], "result": result}))
    }

    fn notify(&mut self, method: &str, params: &Value) -> io::Result<()> {
        let mut message = json!({"jsonrpc": "2.0", "method": method});
        if !params.is_null() {
            message["params"] = params.clone();
        }
        self.write(&message)
    }

    fn write(&mut self, message: &Value) -> io::Result<()> {
        let body = message.to_string();
        self.input.write_all(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes())?;
        self.input.flush()
    }

    fn next(&self) -> io::Result<(Instant, Value)> {
        self.messages.recv_timeout(PATIENCE).map_err(|_| io::Error::other("the server does not answer"))
    }
}

fn read(output: &mut impl BufRead) -> io::Result<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().map_err(io::Error::other)?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = Vec::new();
    output.take(length).read_to_end(&mut body)?;
    serde_json::from_slice(&body).map_err(io::Error::other)
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// A place in a text as the protocol has it.
pub(super) fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    json!({"line": before.matches('\n').count(), "character": offset - line_start})
}

fn offset(text: &str, position: &Value) -> usize {
    let (line, column) =
        (position["line"].as_u64().unwrap_or(0), position["character"].as_u64().unwrap_or(0));
    let start: usize = text.split_inclusive('\n').take(line as usize).map(str::len).sum();
    (start + column as usize).min(text.len())
}
