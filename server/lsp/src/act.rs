//! AI edits: the actions that ask a model, and the commands behind them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use autodao_engine::act::Progress as Step;
use autodao_engine::act::{
    Assistant, EditHover, EditNumber, Invocation, Observer, Offer, OfferKind, Offered, Outcome, ReadyEdit,
};
use autodao_engine::syntax::Span;
use autodao_engine::{DocumentKey, Session, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tower_lsp::jsonrpc::Error;
use tower_lsp::lsp_types::*;

use crate::capabilities::ClientAbilities;
use crate::client::Client;
use crate::convert::{from_edit, from_finding, from_span, to_span};
use crate::indexing::Indexing;
use crate::progress::Progress;
use crate::status::{StatusTeller, UsageParams};

/// The command that asks a model.
pub(crate) const ACT: &str = "autodao.act";
/// The command that takes the last AI edit back.
pub(crate) const UNDO_LAST: &str = "autodao.undoLast";
/// The command that asks for the last AI edit once more.
pub(crate) const RETRY: &str = "autodao.retry";
/// The command that tells everything about the last AI edit.
pub(crate) const EXPLAIN_LAST: &str = "autodao.explainLast";

/// How often an edit is brought to a newer text when the client says that it does not fit any more.
const TRIES: u32 = 3;

/// The argument of [`ACT`].
#[derive(Serialize, Deserialize)]
pub(crate) struct ActParams {
    uri: String,
    range: Range,
    template: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    instruction: String,
    /// The version of the text it was offered for, and what the range was of there. A client that asks by itself
    /// says neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    symbol: String,
}

/// The AI side of a connection. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Acting {
    assistant: Arc<Assistant>,
    session: Arc<Session>,
    client: Client,
    abilities: Arc<OnceLock<ClientAbilities>>,
    /// The edits that a client can stop by the token of their progress.
    tokens: Arc<Mutex<HashMap<String, EditNumber>>>,
    status: Arc<StatusTeller>,
    pub(crate) indexing: Indexing,
}

/// Tells a client how one edit goes.
struct Reporter {
    acting: Acting,
    document: DocumentKey,
    progress: Progress,
    /// Who waits for the answer to the command.
    done: Mutex<Option<oneshot::Sender<()>>>,
}

/// Stops an edit when nobody waits for its command any more.
struct StopOnDrop<'a>(&'a Assistant, EditNumber);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.cancel(self.1);
    }
}

impl Acting {
    /// As [`Assistant::set_key`].
    pub(crate) fn set_key(&self, model: &str, url: &str, key: &str) -> Result<(), String> {
        self.assistant.set_key(model, url, key)
    }

    /// As [`Assistant::clear_key`].
    pub(crate) fn clear_key(&self, model: Option<&str>) {
        self.assistant.clear_key(model);
    }

    pub(crate) fn new(
        session: &Arc<Session>,
        client: &Client,
        abilities: &Arc<OnceLock<ClientAbilities>>,
    ) -> Self {
        let assistant = Arc::new(Assistant::new(Some(Arc::clone(session))));
        Self {
            indexing: Indexing::new(session, assistant.indexes(), client, abilities),
            assistant,
            session: Arc::clone(session),
            client: client.clone(),
            abilities: Arc::clone(abilities),
            tokens: Arc::default(),
            status: Arc::default(),
        }
    }

    fn abilities(&self) -> ClientAbilities {
        self.abilities.get().copied().unwrap_or_default()
    }

    /// What was read from files may have changed.
    pub(crate) fn reload(&self) {
        self.assistant.reload();
        self.status.tell();
    }

    /// The conversation begins: whoever asked for it is told what edits cost.
    pub(crate) fn begin(&self) {
        if self.abilities().shows_status {
            self.status.start(&self.assistant, &self.session, &self.client);
        }
    }

    /// The conversation is over: nothing can be sent any more.
    pub(crate) fn close(&self) {
        self.status.stop();
        self.assistant.close();
    }

    /// A document was edited: an AI edit may have been taken back.
    pub(crate) fn changed(&self, document: &DocumentKey) {
        self.assistant.changed(document);
    }

    pub(crate) fn saved(&self, document: &DocumentKey) {
        self.assistant.saved(document);
    }

    /// A document is about to be closed.
    pub(crate) fn closing(&self, document: &DocumentKey) {
        self.assistant.closing(document);
    }

    /// What is to be said of the AI edit that wrote what is at an offset.
    pub(crate) fn hover(&self, document: &DocumentKey, offset: u32) -> Option<EditHover> {
        self.assistant.hover(document, offset)
    }

    /// The report of `autodao tokens --json`.
    pub(crate) async fn usage(&self, params: Value) -> Result<Value, Error> {
        let params = UsageParams::read(params)?;
        let assistant = Arc::clone(&self.assistant);
        let (sender, report) = oneshot::channel();
        let work = move || {
            // The request may have been cancelled meanwhile.
            let _ = sender.send(params.report(&assistant));
        };
        let thread = std::thread::Builder::new().name("autodao-usage".into()).spawn(work);
        thread.map_err(|_| Error::internal_error())?;
        report.await.map_err(|_| Error::internal_error())?
    }

    /// The actions that ask a model at a place. `wants` says whether a kind of action is asked for.
    pub(crate) fn actions(
        &self,
        snapshot: &Snapshot,
        params: &CodeActionParams,
        wants: impl Fn(&CodeActionKind) -> bool,
    ) -> CodeActionResponse {
        let client = self.abilities();
        let range = to_span(&snapshot.buffer, params.range, client.encoding);
        let offers = self.assistant.offers(snapshot, range);
        if let Some(path) = snapshot.path.as_deref().filter(|_| !offers.is_empty()) {
            self.indexing.want(path);
        }
        let offers = offers.into_iter().map(|mut offer| {
            let obstacle = if offer.kind == OfferKind::Explain {
                None
            } else if !client.applies_edits {
                Some("this editor applies no edits that a server sends")
            } else if offer.new_file && !client.creates_files {
                Some("this editor creates no files that a server asks for")
            } else {
                None
            };
            offer.disabled = obstacle.map(str::to_owned).or(offer.disabled);
            offer
        });
        let shown = offers.filter(|offer| {
            wants(&kind_of(offer.kind)) && (offer.disabled.is_none() || client.disabled_actions)
        });
        shown.map(|offer| to_action(snapshot, offer, client)).collect()
    }

    /// Does what [`ACT`] asks for, up to the end of the edit where the client shows progress; others are answered
    /// at once, for some wait for a command's answer and do nothing else.
    pub(crate) async fn act(&self, argument: Option<Value>, token: Option<Value>) -> Result<(), Error> {
        let argument = argument.ok_or_else(|| Error::invalid_params("what to do is missing"))?;
        let params: ActParams =
            serde_json::from_value(argument).map_err(|error| Error::invalid_params(error.to_string()))?;
        let document = DocumentKey::from(params.uri.as_str());
        let snapshot = self.session.snapshot(&document, std::time::Duration::ZERO);
        let snapshot = snapshot.ok_or_else(|| Error::invalid_params("the document is not open"))?;
        let selection = to_span(&snapshot.buffer, params.range, self.abilities().encoding);
        let ActParams { template, rule, instruction, version, symbol, .. } = params;
        let offered = version.map(|version| Offered { version, symbol });
        let invocation = Invocation { selection, template, rule, instruction, offered, anew: false };
        self.start(document, invocation, token).await;
        Ok(())
    }

    /// Asks for the last edit once more.
    pub(crate) async fn retry(&self, token: Option<Value>) -> Result<(), Error> {
        let (document, invocation) = self
            .assistant
            .last()
            .ok_or_else(|| Error::invalid_params("no AI edit was made in this session"))?;
        self.start(document, invocation, token).await;
        Ok(())
    }

    async fn start(&self, document: DocumentKey, invocation: Invocation, token: Option<Value>) {
        let abilities = self.abilities();
        let title = format!("AutoDAO: {}", invocation.template);
        let progress = Progress::start(&self.client, token, abilities.progress, title);
        let name = progress.token().map(Value::to_string);
        let (done, end) = oneshot::channel();
        let reporter = Arc::new(Reporter {
            acting: self.clone(),
            document: DocumentKey::clone(&document),
            progress,
            done: Mutex::new(Some(done)),
        });
        let number = self.assistant.start(&document, invocation, reporter);
        self.status.tell();
        if let Some(name) = name {
            self.tokens().insert(name, number);
        }
        if abilities.progress {
            let stop = StopOnDrop(&self.assistant, number);
            // The sender is dropped without a word when the runtime ends.
            let _ = end.await;
            drop(stop);
        }
    }

    fn tokens(&self) -> std::sync::MutexGuard<'_, HashMap<String, EditNumber>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client's user stopped the edit of a token.
    pub(crate) fn cancel(&self, token: &Value) {
        let edit = self.tokens().get(&token.to_string()).copied();
        if let Some(edit) = edit {
            self.assistant.cancel(edit);
        }
    }

    /// Takes the last edit back.
    pub(crate) fn undo_last(&self) {
        match self.assistant.undo_last() {
            Ok((number, document, edit)) => {
                let assistant = Arc::clone(&self.assistant);
                self.send(&document, &edit, move |applied| {
                    if applied {
                        assistant.undone(number);
                    }
                });
            }
            Err(why) => self.client.show(MessageType::INFO, format!("AutoDAO: {why}")),
        }
    }

    /// Everything about the last edit. An editor whose plugin does not know this command shows nothing of an answer:
    /// it is told what to show.
    pub(crate) fn explain_last(&self) -> Value {
        let explanation = self.assistant.explain_last();
        if !self.abilities().shows_status {
            let nothing = || "AutoDAO: no AI edit was made in this session".to_owned();
            self.client.show(MessageType::INFO, explanation.clone().unwrap_or_else(nothing));
        }
        explanation.map_or(Value::Null, Value::String)
    }

    /// Sends an edit; `then` is told whether the client applied it.
    fn send(&self, document: &DocumentKey, edit: &ReadyEdit, then: impl FnOnce(bool) + Send + 'static) {
        let Some(workspace_edit) = self.workspace_edit(document, edit) else { return then(false) };
        let params = json!({"label": edit.label, "edit": workspace_edit});
        self.client.request("workspace/applyEdit", params, move |answer| {
            then(answer.is_ok_and(|answer| answer.get("applied") == Some(&Value::Bool(true))));
        });
    }

    fn workspace_edit(&self, document: &DocumentKey, edit: &ReadyEdit) -> Option<Value> {
        let client = self.abilities();
        if let Some(path) = &edit.new_file {
            let uri = Url::from_file_path(path).ok()?;
            let text: String = edit.edits.iter().map(|edit| edit.text.as_str()).collect();
            let whole = Range::default();
            return Some(json!({"documentChanges": [
                {"kind": "create", "uri": uri},
                {"textDocument": {"uri": uri, "version": null}, "edits": [{"range": whole, "newText": text}]},
            ]}));
        }
        let snapshot = self.session.snapshot(document, std::time::Duration::ZERO)?;
        if snapshot.version != edit.version {
            return None;
        }
        let edits = edit.edits.iter().map(|edit| json!(from_edit(&snapshot.buffer, edit, client.encoding)));
        let mut edits: Vec<Value> = edits.collect();
        let asks = edit.confirm.as_ref().filter(|_| client.change_annotations);
        if asks.is_some() {
            edits.iter_mut().for_each(|edit| edit["annotationId"] = json!("ai"));
        }
        if !client.document_changes {
            return Some(json!({"changes": {&**document: edits}}));
        }
        let text_document = json!({"uri": &**document, "version": edit.version});
        let mut workspace_edit =
            json!({"documentChanges": [{"textDocument": text_document, "edits": edits}]});
        if let Some(why) = asks {
            workspace_edit["changeAnnotations"] =
                json!({"ai": {"label": edit.label, "needsConfirmation": true, "description": why}});
        }
        Some(workspace_edit)
    }
}

impl Reporter {
    fn end(&self, message: &str) {
        self.progress.end(message);
        if let Some(token) = self.progress.token() {
            self.acting.tokens().remove(&token.to_string());
        }
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(done) = done {
            // Whoever asked may have gone.
            let _ = done.send(());
        }
    }
}

/// Sends an edit, and again as long as it can be brought to a text that changed under it.
fn deliver(acting: &Acting, document: &DocumentKey, number: EditNumber, edit: ReadyEdit, tries: u32) {
    let (again, key) = (acting.clone(), DocumentKey::clone(document));
    let version = edit.version;
    acting.send(document, &edit, move |applied| {
        let settled = |applied| {
            again.assistant.settled(number, applied);
            again.status.tell();
        };
        if applied {
            return settled(true);
        }
        let newer = (tries > 1).then(|| again.assistant.again(number, version)).flatten();
        match newer {
            Some(Outcome::Edit(edit)) => deliver(&again, &key, number, edit, tries - 1),
            Some(Outcome::Refused { reason, .. }) => {
                again.client.show(MessageType::INFO, format!("AutoDAO: no edit: {reason}"));
                settled(false);
            }
            _ => {
                let message = "AutoDAO: no edit: the editor did not apply it";
                again.client.show(MessageType::INFO, message.to_owned());
                settled(false);
            }
        }
    });
}

impl Observer for Reporter {
    fn progressed(&self, _: EditNumber, progress: Step) {
        self.progress.report(progress.message());
    }

    fn warned(&self, _: EditNumber, warning: String) {
        self.acting.client.show(MessageType::WARNING, format!("AutoDAO: {warning}"));
    }

    fn finished(&self, edit: EditNumber, outcome: Outcome) {
        let client = &self.acting.client;
        match outcome {
            Outcome::Edit(ready) => {
                for warning in &ready.warnings {
                    client.log(MessageType::INFO, format!("{}: {warning}", ready.label));
                }
                self.end("done");
                deliver(&self.acting, &self.document, edit, ready, TRIES);
            }
            Outcome::Message(text) => {
                self.end("done");
                client.show(MessageType::INFO, text);
            }
            Outcome::Refused { gate, reason } => {
                self.end("no edit");
                client.show(MessageType::INFO, format!("AutoDAO: no edit: {reason} ({gate})"));
            }
            Outcome::Failed(why) => {
                self.end("failed");
                client.show(MessageType::WARNING, format!("AutoDAO: no edit: {why}"));
            }
            Outcome::Cancelled => self.end("cancelled"),
        }
        self.acting.status.tell();
    }
}

fn kind_of(kind: OfferKind) -> CodeActionKind {
    match kind {
        OfferKind::Fix => CodeActionKind::QUICKFIX,
        OfferKind::Rewrite | OfferKind::Explain => CodeActionKind::REFACTOR_REWRITE,
    }
}

fn to_action(snapshot: &Snapshot, offer: Offer, client: ClientAbilities) -> CodeActionOrCommand {
    let selection: Span = offer.invocation.selection;
    let argument = json!(ActParams {
        uri: snapshot.key.to_string(),
        range: from_span(&snapshot.buffer, selection, client.encoding),
        template: offer.invocation.template,
        rule: offer.invocation.rule,
        instruction: offer.invocation.instruction,
        version: Some(snapshot.version),
        symbol: offer.invocation.offered.map(|offered| offered.symbol).unwrap_or_default(),
    });
    let command =
        Command { title: offer.title.clone(), command: ACT.to_owned(), arguments: Some(vec![argument]) };
    if !client.action_literals {
        return CodeActionOrCommand::Command(command);
    }
    let finding = offer.finding.and_then(|index| snapshot.findings.get(index));
    let diagnostics = finding
        .map(|placed| vec![from_finding(&snapshot.buffer, placed.relative(), placed.origin(), client)]);
    CodeActionOrCommand::CodeAction(CodeAction {
        title: offer.title,
        kind: Some(kind_of(offer.kind)),
        diagnostics,
        command: offer.disabled.is_none().then_some(command),
        disabled: offer.disabled.map(|reason| CodeActionDisabled { reason }),
        ..Default::default()
    })
}
