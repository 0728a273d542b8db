//! An LSP client for tests.
//!
//! It speaks to the server through one of two doors: the library's `serve` on a thread, or the program over its
//! standard streams. It answers what the server asks, keeps everything that comes in the order it comes, and
//! waits for events instead of for time. A client that is dropped ends the server as an editor does and fails
//! the test when something came that the test did not claim: an error, a message to the user, a request it does
//! not know.

#![expect(clippy::needless_pass_by_value, reason = "messages are written with `json!` where they are sent")]

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use autodao_lsp::lsp_types::Url;
use autodao_lsp::{Sink, serve};
use serde_json::{Value, json};

use crate::model::{Columns, Model};

/// How long an event is waited for. Only a test that fails waits so long.
const DEADLINE: Duration = Duration::from_secs(60);

/// What the client answers to a request of the server.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A result.
    Result(Value),
    /// An error.
    Error(Value),
    /// Nothing, ever.
    Silence,
}

/// A message that came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Counts all messages that came, in the order they came.
    pub order: usize,
    /// Its method.
    pub method: String,
    /// Its parameters.
    pub params: Value,
    /// The id, if it is a request.
    pub id: Option<Value>,
}

/// An answer to a request of the client.
#[derive(Clone, Debug)]
pub struct Answer {
    /// As in [`Received::order`].
    pub order: usize,
    /// The result, or the error object.
    pub result: Result<Value, Value>,
}

impl Answer {
    /// The error's code.
    pub fn error_code(&self) -> Option<i64> {
        self.result.as_ref().err().and_then(|error| error["code"].as_i64())
    }
}

#[derive(Default)]
struct Inbox {
    received: VecDeque<Received>,
    answers: BTreeMap<i64, Vec<Answer>>,
    /// Answers that name no request: what the server could not read.
    refusals: Vec<Value>,
    /// Requests the client knows no answer to.
    unknown: Vec<Received>,
    replies: HashMap<String, Reply>,
    order: usize,
    ended: bool,
}

struct Shared {
    inbox: Mutex<Inbox>,
    changed: Condvar,
    /// `None` once the client has closed its side.
    output: Mutex<Option<Box<dyn Write + Send>>>,
}

enum Server {
    Thread(Receiver<io::Result<u8>>),
    Process(Child),
}

/// One editor and its server.
pub struct Client {
    shared: Arc<Shared>,
    server: Option<Server>,
    /// Where messages come from, until reading starts.
    input: Option<Box<dyn Read + Send>>,
    next_id: i64,
}

/// A pipe's end. It is never written to by the thread that reads: whether it would take bytes is not known.
struct Pipe(io::PipeWriter);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Sink for Pipe {
    fn takes_at_once(&self) -> bool {
        false
    }
}

impl Client {
    /// A server in this process, behind its real guard.
    pub fn in_process() -> Self {
        let (from_client, to_server) = io::pipe().unwrap();
        let (from_server, to_client) = io::pipe().unwrap();
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            // Nobody listens any more when the test has failed.
            let _ = sender.send(serve(from_client, Pipe(to_client)));
        });
        Self::new(Box::new(to_server), Box::new(from_server), Server::Thread(receiver)).reading()
    }

    /// The program.
    pub fn process() -> Self {
        Self::process_unread().reading()
    }

    /// The program, with nobody reading what it says until [`Client::reading`].
    pub fn process_unread() -> Self {
        Self::process_with(&[])
    }

    /// The program with variables set in its environment, unread as by [`Client::process_unread`].
    pub fn process_with(variables: &[(&str, &Path)]) -> Self {
        let mut child = Command::new(crate::autodao())
            .arg("lsp")
            // Whatever the user who runs the tests has configured does not count.
            .env("AUTODAO_CONFIG_DIR", crate::workspace().join("target/no-configuration"))
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = child.stdin.take().unwrap();
        let input = child.stdout.take().unwrap();
        Self::new(Box::new(output), Box::new(input), Server::Process(child))
    }

    fn new(output: Box<dyn Write + Send>, input: Box<dyn Read + Send>, server: Server) -> Self {
        let replies = [
            ("workspace/configuration", json!([null])),
            ("client/registerCapability", Value::Null),
            ("workspace/diagnostic/refresh", Value::Null),
            ("workspace/applyEdit", json!({"applied": true})),
        ];
        let replies = replies.map(|(method, reply)| (method.to_owned(), Reply::Result(reply)));
        let inbox = Inbox { replies: HashMap::from(replies), ..Inbox::default() };
        let shared =
            Shared { inbox: Mutex::new(inbox), changed: Condvar::new(), output: Mutex::new(Some(output)) };
        Self { shared: Arc::new(shared), server: Some(server), input: Some(input), next_id: 0 }
    }

    /// Starts to read what the server says.
    #[must_use]
    pub fn reading(mut self) -> Self {
        let input = self.input.take().expect("reading has not started");
        let shared = Arc::clone(&self.shared);
        std::thread::spawn(move || shared.read(input));
        self
    }

    /// Sets what is answered to a request of the server.
    pub fn reply_with(&self, method: &str, reply: Reply) {
        self.shared.lock().replies.insert(method.to_owned(), reply);
    }

    /// Answers a request of the server that was left unanswered by [`Reply::Silence`].
    pub fn respond(&self, request: &Received, result: Value) {
        let id = request.id.as_ref().expect("a request has an id");
        self.shared.send(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
    }

    /// Initializes with a client's capabilities and says that it is done. Returns the server's capabilities.
    pub fn initialize(&mut self, capabilities: Value) -> Value {
        self.initialize_with(json!({"processId": null, "rootUri": null, "capabilities": capabilities}))
    }

    /// Initializes with all parameters given.
    pub fn initialize_with(&mut self, params: Value) -> Value {
        let result = self.request("initialize", params);
        self.notify("initialized", json!({}));
        result["capabilities"].clone()
    }

    /// Opens a document as version 1.
    pub fn open(&self, uri: &str, language: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Edits a document; `changes` as the protocol has them.
    pub fn change(&self, uri: &str, version: i32, changes: Value) {
        let document = json!({"uri": uri, "version": version});
        self.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    /// Closes a document.
    pub fn close(&self, uri: &str) {
        self.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }

    /// Says that a document was saved.
    pub fn save(&self, uri: &str) {
        self.notify("textDocument/didSave", json!({"textDocument": {"uri": uri}}));
    }

    /// Sends a notification.
    pub fn notify(&self, method: &str, params: Value) {
        self.shared.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends bytes of any form.
    pub fn send_bytes(&self, bytes: &[u8]) {
        self.shared.write(bytes);
    }

    /// Sends a request and does not wait. Returns its id.
    pub fn send(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.shared.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Sends a request and waits for its result.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        self.answer(id).result.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Waits for the answer to a request.
    pub fn answer(&self, id: i64) -> Answer {
        self.wait(&format!("the answer to request {id}"), |inbox| {
            let mut answers = inbox.answers.remove(&id)?;
            assert_eq!(answers.len(), 1, "one answer to request {id}: {answers:?}");
            answers.pop()
        })
    }

    /// Does not mind whether a request is answered, or how.
    pub fn forget(&self, id: i64) {
        self.shared.lock().answers.remove(&id);
    }

    /// Waits for a notification or request of a method that fits.
    pub fn next(&self, method: &str, fits: impl Fn(&Value) -> bool) -> Received {
        self.wait(method, |inbox| {
            let at = inbox.received.iter().position(|m| m.method == method && fits(&m.params))?;
            inbox.received.remove(at)
        })
    }

    /// Waits for the diagnostics of a version of a document. Those of earlier versions are passed over.
    pub fn next_diagnostics(&self, uri: &str, version: i32) -> Vec<Value> {
        self.diagnostics_when(uri, version, |_| true)
    }

    /// Waits for diagnostics of a version of a document that fit: a version may get several, when query rules
    /// join or held findings are let go.
    pub fn diagnostics_when(&self, uri: &str, version: i32, fits: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let of = |params: &Value| params["diagnostics"].as_array().cloned().unwrap_or_default();
        let is_it =
            |params: &Value| params["uri"] == uri && params["version"] == version && fits(&of(params));
        let found = self.next("textDocument/publishDiagnostics", is_it);
        let is_earlier = |m: &Received| {
            m.method == "textDocument/publishDiagnostics" && m.params["uri"] == uri && m.order < found.order
        };
        self.shared.lock().received.retain(|message| !is_earlier(message));
        of(&found.params)
    }

    /// Takes everything of a method that has come so far.
    pub fn take_all(&self, method: &str) -> Vec<Received> {
        let mut inbox = self.shared.lock();
        let (taken, kept) = std::mem::take(&mut inbox.received).into_iter().partition(|m| m.method == method);
        inbox.received = kept;
        Vec::from_iter::<VecDeque<_>>(taken)
    }

    /// Waits for an answer that names no request.
    pub fn next_refusal(&self) -> Value {
        self.wait("an answer that names no request", |inbox| {
            (!inbox.refusals.is_empty()).then(|| inbox.refusals.remove(0))
        })
    }

    /// The code actions at a range, `[line, column]` to `[line, column]`.
    pub fn actions(&mut self, uri: &str, from: [u32; 2], to: [u32; 2], context: Value) -> Vec<Value> {
        let range = range(from, to);
        let params = json!({"textDocument": {"uri": uri}, "range": range, "context": context});
        self.request("textDocument/codeAction", params).as_array().cloned().unwrap_or_default()
    }

    /// Closes the client's side of the connection.
    pub fn hang_up(&self) {
        self.shared.output().take();
    }

    /// Waits until the server has ended. Returns its exit code.
    pub fn exit_code(&mut self) -> i32 {
        match self.server.take().expect("the exit code is asked for once") {
            Server::Thread(end) => end.recv_timeout(DEADLINE).expect("the server ends").unwrap().into(),
            Server::Process(mut child) => {
                // A process that ends closes its output.
                if !self.shared.wait_for_end() {
                    child.kill().unwrap();
                    panic!("the server does not end");
                }
                child.wait().unwrap().code().expect("an exit code")
            }
        }
    }

    fn wait<T>(&self, what: &str, mut take: impl FnMut(&mut Inbox) -> Option<T>) -> T {
        let start = Instant::now();
        let mut inbox = self.shared.lock();
        loop {
            if let Some(found) = take(&mut inbox) {
                return found;
            }
            let left = DEADLINE.saturating_sub(start.elapsed());
            if inbox.ended || left.is_zero() {
                let state = if inbox.ended { "the server has ended" } else { "it did not come" };
                let there = format!("{:#?}\n{:#?}", inbox.received, inbox.answers);
                drop(inbox);
                panic!("waiting for {what}: {state}; there is {there}");
            }
            inbox = self.shared.changed.wait_timeout(inbox, left).unwrap().0;
        }
    }

    fn end(&mut self) {
        if self.server.is_none() {
            return;
        }
        let id = self.send("shutdown", Value::Null);
        assert_eq!(self.answer(id).result, Ok(Value::Null), "the answer to shutdown");
        self.notify("exit", Value::Null);
        assert_eq!(self.exit_code(), 0, "the exit code after shutdown");
    }

    fn assert_nothing_unclaimed(&self) {
        let inbox = self.shared.lock();
        let errors: Vec<_> =
            inbox.answers.values().flatten().filter(|answer| answer.result.is_err()).collect();
        assert!(errors.is_empty(), "errors nobody expected: {errors:#?}");
        assert!(inbox.refusals.is_empty(), "refusals nobody expected: {:#?}", inbox.refusals);
        assert!(inbox.unknown.is_empty(), "requests the client does not know: {:#?}", inbox.unknown);
        let shown: Vec<_> = inbox.received.iter().filter(|m| m.method == "window/showMessage").collect();
        assert!(shown.is_empty(), "messages to the user nobody expected: {shown:#?}");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if std::thread::panicking() {
            if let Some(Server::Process(mut child)) = self.server.take() {
                // It may have ended by itself.
                let _ = child.kill();
            }
            return;
        }
        self.end();
        self.assert_nothing_unclaimed();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap()
    }

    fn output(&self) -> MutexGuard<'_, Option<Box<dyn Write + Send>>> {
        self.output.lock().unwrap()
    }

    fn send(&self, message: &Value) {
        let body = message.to_string();
        self.write(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    fn write(&self, bytes: &[u8]) {
        if let Some(output) = &mut *self.output() {
            // A server that has ended takes nothing; whoever waits for its answer learns that.
            let _ = output.write_all(bytes).and_then(|()| output.flush());
        }
    }

    fn wait_for_end(&self) -> bool {
        let ended = self.changed.wait_timeout_while(self.lock(), DEADLINE, |inbox| !inbox.ended);
        ended.unwrap().0.ended
    }

    fn read(&self, input: Box<dyn Read + Send>) {
        let mut input = BufReader::new(input);
        while let Some(message) = read_message(&mut input) {
            if let Some(answer) = self.take(message) {
                self.send(&answer);
            }
            self.changed.notify_all();
        }
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Keeps a message; returns what is answered to it.
    fn take(&self, mut message: Value) -> Option<Value> {
        let mut inbox = self.lock();
        inbox.order += 1;
        let order = inbox.order;
        let id = message.get("id").cloned();
        let Some(method) = message["method"].as_str() else {
            let result = match message.get("error") {
                Some(error) => Err(error.clone()),
                None => Ok(message["result"].take()),
            };
            match id.and_then(|id| id.as_i64()) {
                Some(id) => inbox.answers.entry(id).or_default().push(Answer { order, result }),
                None => inbox.refusals.push(message),
            }
            return None;
        };
        let method = method.to_owned();
        let received = Received { order, params: message["params"].take(), id: id.clone(), method };
        let reply = inbox.replies.get(&received.method).cloned();
        if id.is_some() && reply.is_none() {
            inbox.unknown.push(received.clone());
        }
        inbox.received.push_back(received);
        let id = id?;
        match reply {
            Some(Reply::Result(result)) => Some(json!({"jsonrpc": "2.0", "id": id, "result": result})),
            Some(Reply::Error(error)) => Some(json!({"jsonrpc": "2.0", "id": id, "error": error})),
            Some(Reply::Silence) => None,
            None => {
                let error = json!({"code": -32601, "message": "unknown"});
                Some(json!({"jsonrpc": "2.0", "id": id, "error": error}))
            }
        }
    }
}

fn read_message(input: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            header => {
                let (name, value) = header.split_once(": ").expect("a header has a name and a value");
                assert_eq!(name, "Content-Length");
                length = Some(value.parse().unwrap());
            }
        }
    }
    let mut body = vec![0; length.expect("a message has a length")];
    input.read_exact(&mut body).ok()?;
    let message: Value = serde_json::from_slice(&body).expect("a message is JSON");
    assert_eq!(message["jsonrpc"], "2.0", "{message}");
    Some(message)
}

/// A file's URI.
pub fn file_uri(path: &Path) -> String {
    Url::from_file_path(path).expect("an absolute path").to_string()
}

/// A range as the protocol has it.
pub fn range(from: [u32; 2], to: [u32; 2]) -> Value {
    let place = |[line, character]: [u32; 2]| json!({"line": line, "character": character});
    json!({"start": place(from), "end": place(to)})
}

/// One edit of a `didChange`.
pub fn edit(from: [u32; 2], to: [u32; 2], text: &str) -> Value {
    json!({"range": range(from, to), "text": text})
}

/// The text after `TextEdit`s, applied as the protocol says: all of them speak of the text before.
pub fn edited(text: &str, edits: &Value, columns: Columns) -> String {
    let place = |place: &Value| {
        let number = |key: &str| place[key].as_u64().unwrap() as usize;
        (number("line"), number("character"))
    };
    let mut edits: Vec<_> = edits
        .as_array()
        .expect("a list of edits")
        .iter()
        .map(|edit| {
            let (from, to) = (place(&edit["range"]["start"]), place(&edit["range"]["end"]));
            (from, to, edit["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort_by_key(|(from, to, _)| (*from, *to));
    assert!(edits.windows(2).all(|pair| pair[0].1 <= pair[1].0), "edits overlap: {edits:?}");
    let mut model = Model::new(text);
    for (from, to, new) in edits.into_iter().rev() {
        assert!(model.replace(from, to, new, columns), "an edit has no place: {from:?} to {to:?}");
    }
    model.text()
}

/// The names of the rules of diagnostics, in their order.
pub fn rules(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics.iter().map(|diagnostic| diagnostic["code"].as_str().unwrap_or("")).collect()
}
