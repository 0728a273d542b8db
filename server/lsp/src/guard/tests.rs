//! The hazards of tower-lsp 0.20, each with handlers made to run into it.

#![expect(clippy::needless_pass_by_value, reason = "messages are written with `json!` where they are taken")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{DidChangeTextDocumentParams, InitializeParams, InitializeResult};
use tower_lsp::{LanguageServer, LspService, async_trait};

use super::*;
use crate::codec::{Frame, FrameReader};
use crate::outbox::Sink;

/// How long a message is waited for. Only a test that fails waits so long.
const DEADLINE: Duration = Duration::from_secs(60);

/// What was written, for whoever waits for it.
#[derive(Clone, Default)]
struct Written(Arc<(Mutex<Vec<u8>>, Condvar)>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.0.lock().unwrap().extend_from_slice(bytes);
        self.0.1.notify_all();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Sink for Written {
    fn takes_at_once(&self) -> bool {
        true
    }
}

fn messages(bytes: &[u8]) -> Vec<Value> {
    let mut frames = FrameReader::new(bytes);
    std::iter::from_fn(|| frames.next_frame().unwrap())
        .map(|frame| match frame {
            Frame::Body(body) => serde_json::from_slice(&body).unwrap(),
            Frame::Malformed(reason) => panic!("{reason}"),
        })
        .collect()
}

impl Written {
    fn messages(&self) -> Vec<Value> {
        messages(&self.0.0.lock().unwrap())
    }

    /// Everything written once it satisfies.
    fn when(&self, is_enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let bytes = self.0.0.lock().unwrap();
        let lacking = |bytes: &mut Vec<u8>| !is_enough(&messages(bytes));
        let (bytes, timeout) = self.0.1.wait_timeout_while(bytes, DEADLINE, lacking).unwrap();
        assert!(!timeout.timed_out(), "there is only {:#?}", messages(&bytes));
        messages(&bytes)
    }
}

/// A server whose handlers block, wait and panic.
struct Probe {
    version: Arc<AtomicI64>,
    /// Slow handlers wait until this is true.
    gate: watch::Receiver<bool>,
    client: Client,
}

impl Probe {
    async fn gate(&self) {
        let mut gate = self.gate.clone();
        // A gate that is gone opens no more; its test is over.
        let _ = gate.wait_for(|open| *open).await;
    }

    /// The document's version where this request stands on the wire.
    async fn version(&self) -> Result<i64> {
        let version = self.version.load(Ordering::SeqCst);
        tokio::task::yield_now().await;
        Ok(version)
    }

    async fn slow(&self) -> Result<&'static str> {
        self.gate().await;
        Ok("slow")
    }

    async fn panic_at_once(&self) -> Result<()> {
        panic!("at once")
    }

    async fn panic_later(&self) -> Result<()> {
        tokio::task::yield_now().await;
        panic!("{}", "later")
    }

    /// Waits for the client inside a handler, which ours must not do: this is what happens if one does.
    async fn ask(&self) -> Result<Value> {
        let (sender, receiver) = oneshot::channel();
        self.client.request("test/question", Value::Null, move |answer| {
            // The handler may be cancelled by now.
            let _ = sender.send(answer);
        });
        Ok(receiver.await.map_or(Value::Null, |answer| json!(answer.ok())))
    }
}

#[async_trait]
impl LanguageServer for Probe {
    async fn initialize(&self, _: InitializeParams) -> Result<InitializeResult> {
        Ok(InitializeResult::default())
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        self.version.store(params.text_document.version.into(), Ordering::SeqCst);
    }
}

struct Setup {
    guard: Guard<Probe>,
    written: Written,
    version: Arc<AtomicI64>,
    gate: watch::Sender<bool>,
}

impl Setup {
    fn new() -> Self {
        let written = Written::default();
        let outbox = Outbox::new(Box::new(written.clone()));
        let client = Client::new(outbox.clone());
        let version = Arc::new(AtomicI64::new(0));
        let (gate, gate_receiver) = watch::channel(false);
        let probe = Probe { version: Arc::clone(&version), gate: gate_receiver, client: client.clone() };
        let (service, _) = LspService::build(|_| probe)
            .custom_method("test/version", Probe::version)
            .custom_method("test/slow", Probe::slow)
            .custom_method("test/panicAtOnce", Probe::panic_at_once)
            .custom_method("test/panicLater", Probe::panic_later)
            .custom_method("test/ask", Probe::ask)
            .finish();
        let mut setup = Self { guard: Guard::new(service, outbox, client), written, version, gate };
        let initialize = json!({"capabilities": {}});
        setup.take(json!({"jsonrpc": "2.0", "id": "i", "method": "initialize", "params": initialize}));
        setup.take(json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}));
        setup.written.when(|messages| messages.len() == 1);
        setup
    }

    fn take(&mut self, message: Value) -> Flow {
        self.guard.take(message.to_string().as_bytes())
    }

    fn request(&mut self, id: i64, method: &str) {
        self.take(json!({"jsonrpc": "2.0", "id": id, "method": method}));
    }

    fn change(&mut self, version: i64) {
        let document = json!({"uri": "file:///a.rs", "version": version});
        let params = json!({"textDocument": document, "contentChanges": []});
        self.take(json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params}));
    }

    fn cancel(&mut self, id: i64) {
        self.take(json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": id}}));
    }

    fn answer(&mut self, id: &Value, result: Value) {
        self.take(json!({"jsonrpc": "2.0", "id": id, "result": result}));
    }

    /// Waits for the answer to a request.
    fn answer_to(&self, id: i64) -> Value {
        let messages = self.written.when(|messages| messages.iter().any(|m| is_answer(m, id)));
        messages.into_iter().find(|message| is_answer(message, id)).unwrap()
    }

    fn answers(&self, ids: std::ops::RangeInclusive<i64>) -> usize {
        let messages = self.written.messages();
        messages.iter().filter(|m| ids.clone().any(|id| is_answer(m, id))).count()
    }

    fn assert_alive(&mut self, id: i64) {
        let version = self.version.load(Ordering::SeqCst);
        self.request(id, "test/version");
        assert_eq!(self.answer_to(id)["result"], version);
    }
}

fn is_answer(message: &Value, id: i64) -> bool {
    message["id"] == id && message.get("method").is_none()
}

fn question(message: &Value) -> Option<Value> {
    (message["method"] == "test/question").then(|| message["id"].clone())
}

#[test]
fn edits_take_effect_in_order_and_a_request_sees_the_version_where_it_stands() {
    let mut setup = Setup::new();
    for version in 1..=5000 {
        setup.change(version);
        assert_eq!(setup.version.load(Ordering::SeqCst), version, "applied before the next message is read");
        if version % 10 == 0 {
            setup.request(version, "test/version");
        }
    }
    let messages = setup.written.when(|messages| messages.len() == 501);
    for message in &messages[1..] {
        assert_eq!(message["id"], message["result"]);
    }
}

#[test]
fn a_slow_request_is_cancelled_while_others_wait_and_edits_pass_them() {
    let mut setup = Setup::new();
    for id in 1..=4 {
        setup.request(id, "test/slow");
    }
    setup.cancel(1);
    setup.change(7);
    assert_eq!(setup.version.load(Ordering::SeqCst), 7);
    assert_eq!(setup.answer_to(1)["error"]["code"], -32800);
    assert_eq!(setup.answers(2..=4), 0);
    setup.gate.send(true).unwrap();
    for id in 2..=4 {
        assert_eq!(setup.answer_to(id)["result"], "slow");
    }
    assert_eq!(setup.answers(1..=4), 4, "each is answered once");
}

#[test]
fn hundreds_of_slow_requests_do_not_keep_one_from_being_cancelled() {
    let mut setup = Setup::new();
    for id in 1..=500 {
        setup.request(id, "test/slow");
    }
    setup.cancel(500);
    assert_eq!(setup.answer_to(500)["error"]["code"], -32800);
    assert_eq!(setup.answers(1..=499), 0);
    setup.assert_alive(501);
}

#[test]
fn a_request_may_be_cancelled_twice_or_after_its_answer_or_without_being_there() {
    let mut setup = Setup::new();
    setup.request(1, "test/slow");
    setup.cancel(1);
    setup.cancel(1);
    setup.cancel(99);
    setup.answer_to(1);
    setup.cancel(1);
    setup.assert_alive(2);
    assert_eq!(setup.answers(1..=1), 1);
    assert_eq!(setup.answers(99..=99), 0);
}

#[test]
fn a_panic_is_an_error_answer_and_nothing_else_is_hurt() {
    let mut setup = Setup::new();
    setup.request(1, "test/slow");
    for (id, method, why) in [(2, "test/panicAtOnce", "at once"), (3, "test/panicLater", "later")] {
        setup.request(id, method);
        let error = &setup.answer_to(id)["error"];
        assert_eq!(error["code"], -32603, "{method}");
        assert_eq!(error["message"], format!("{method} failed inside the server: {why}"));
        setup.assert_alive(id + 10);
    }
    setup.gate.send(true).unwrap();
    assert_eq!(setup.answer_to(1)["result"], "slow", "others are answered all the same");
}

#[test]
fn an_answer_of_the_client_that_comes_late_or_twice_or_unasked_is_ignored() {
    let mut setup = Setup::new();
    setup.request(1, "test/ask");
    let asked = setup.written.when(|messages| messages.iter().any(|m| question(m).is_some()));
    let asked = asked.iter().find_map(question).unwrap();
    setup.cancel(1);
    assert_eq!(setup.answer_to(1)["error"]["code"], -32800);
    setup.answer(&asked, json!("late"));
    setup.answer(&asked, json!("twice"));
    for unknown in [json!(4711), json!("4711"), json!(-1), json!(1.5), Value::Null] {
        setup.answer(&unknown, json!("unasked"));
        setup.take(json!({"jsonrpc": "2.0", "id": unknown, "error": {"code": 1, "message": "no"}}));
    }
    setup.assert_alive(2);

    setup.request(3, "test/ask");
    let is_next = |message: &Value| question(message).filter(|id| *id != asked);
    let messages = setup.written.when(|messages| messages.iter().any(|m| is_next(m).is_some()));
    let next = messages.iter().find_map(is_next).unwrap();
    setup.answer(&next, json!("in time"));
    assert_eq!(setup.answer_to(3)["result"], "in time");
    assert_eq!(setup.answers(1..=3), 3, "nothing is answered twice");
}

#[test]
fn handlers_that_wait_for_the_client_do_not_stop_the_reading() {
    let mut setup = Setup::new();
    for id in 1..=300 {
        setup.request(id, "test/ask");
    }
    for version in 1..=150 {
        setup.change(version);
    }
    assert_eq!(setup.version.load(Ordering::SeqCst), 150);
    assert_eq!(setup.answers(1..=300), 0);
    let count = |messages: &[Value]| messages.iter().filter_map(question).count();
    for asked in setup.written.when(|messages| count(messages) == 300).iter().filter_map(question) {
        setup.answer(&asked, asked.clone());
    }
    for id in 1..=300 {
        assert!(setup.answer_to(id)["result"].is_number());
    }
}

#[test]
fn the_guard_ends_while_handlers_wait() {
    let mut setup = Setup::new();
    setup.request(1, "test/slow");
    setup.request(2, "test/ask");
    assert_eq!(setup.take(json!({"jsonrpc": "2.0", "method": "exit"})), Flow::Exit(1));
    let Setup { guard, written, gate, .. } = setup;
    drop(guard);
    drop(gate);
    assert!(!written.messages().iter().any(|message| message.get("error").is_some()));
}

#[test]
fn after_shutdown_only_exit_is_heard() {
    let mut setup = Setup::new();
    assert_eq!(setup.guard.code_at_end(), 1);
    setup.request(1, "shutdown");
    assert_eq!(setup.answer_to(1).get("result"), Some(&Value::Null));
    setup.request(2, "test/version");
    assert_eq!(setup.answer_to(2)["error"]["code"], -32600);
    setup.change(5);
    assert_eq!(setup.version.load(Ordering::SeqCst), 0);
    assert_eq!(setup.guard.code_at_end(), 0);
    assert_eq!(setup.take(json!({"jsonrpc": "2.0", "method": "exit"})), Flow::Exit(0));
}

#[test]
fn what_is_no_message_is_refused_and_reading_goes_on() {
    let mut setup = Setup::new();
    for (body, code) in [
        ("{", -32700),
        ("\u{feff}{}", -32700),
        ("[]", -32600),
        ("7", -32600),
        ("{}", -32600),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"test/version"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"test/version"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":9,"method":7}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":9,"method":"$/unknown"}"#, -32601),
        (r#"{"jsonrpc":"2.0","id":9,"method":"test/unknown"}"#, -32601),
        (r#"{"jsonrpc":"2.0","id":9,"method":"textDocument/codeAction","params":7}"#, -32602),
    ] {
        let before = setup.written.messages().len();
        setup.guard.take(body.as_bytes());
        let messages = setup.written.when(|messages| messages.len() > before);
        assert_eq!(messages[before]["error"]["code"], code, "{body}: {}", messages[before]);
    }
    setup.guard.take(br#"{"jsonrpc":"2.0","method":"$/unknown"}"#);
    setup.guard.take(br#"{"jsonrpc":"2.0","method":"test/unknown"}"#);
    setup.guard.take(br#"{"jsonrpc":"2.0","method":"textDocument/didChange","params":7}"#);
    let before = setup.written.messages().len();
    setup.assert_alive(10);
    assert_eq!(setup.written.messages().len(), before + 1, "a notification is never answered");
}

#[test]
fn parameters_of_null_are_none() {
    let mut setup = Setup::new();
    setup.take(json!({"jsonrpc": "2.0", "id": 1, "method": "test/version", "params": null}));
    assert_eq!(setup.answer_to(1)["result"], 0);
    setup.take(json!({"jsonrpc": "2.0", "id": 2, "method": "shutdown", "params": null}));
    assert_eq!(setup.answer_to(2).get("result"), Some(&Value::Null));
    assert_eq!(setup.take(json!({"jsonrpc": "2.0", "method": "exit", "params": null})), Flow::Exit(0));
}
