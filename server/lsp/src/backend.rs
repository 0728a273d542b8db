//! One method of the protocol each: read the parameters, tell the session, translate what it says.
//!
//! Rule: no `await` before state is changed, and none on the client (its answers come as callbacks).

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use autodao_engine::syntax::{Change, Language};
use autodao_engine::{
    Changed, DocumentKey, FunctionHover, FunctionLens, Session, Snapshot, hover, lenses, template_hover,
};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::*;
use tower_lsp::{LanguageServer, async_trait};

use crate::act::{ACT, Acting, EXPLAIN_LAST, RETRY, UNDO_LAST};
use crate::capabilities::{APPLY_EDIT, ClientAbilities, SHOW};
use crate::client::Client;
use crate::code_action::{code_actions, includes, resolve};
use crate::completion::{complete, is_completed};
use crate::convert::{from_content, from_span, to_position, to_span};
use crate::parent;
use crate::publish::Published;

/// How long a menu waits for an analysis that is under way, before it makes do with what is known.
const MENU_PATIENCE: Duration = Duration::from_micros(150);

pub(crate) struct Backend {
    pub(crate) session: Arc<Session>,
    pub(crate) client: Client,
    pub(crate) abilities: Arc<OnceLock<ClientAbilities>>,
    pub(crate) acting: Acting,
}

impl Backend {
    fn abilities(&self) -> ClientAbilities {
        self.abilities.get().copied().unwrap_or_default()
    }

    /// Asks for the client's settings and takes them when they come.
    fn pull_settings(&self) {
        if !self.abilities().configuration {
            return;
        }
        let (session, client) = (Arc::clone(&self.session), self.client.clone());
        let params = json!({"items": [{"section": "autodao"}]});
        self.client.request("workspace/configuration", params, move |answer| {
            if let Ok(Value::Array(items)) = answer {
                take_settings(&session, &client, items.first().unwrap_or(&Value::Null));
            }
        });
    }

    /// Asks to be told when configuration files and settings change, where the client can do that.
    fn register(&self) {
        let abilities = self.abilities();
        let mut registrations = Vec::new();
        if abilities.watches_files {
            let mut watchers = vec![
                json!({"globPattern": "**/autodao.toml"}),
                json!({"globPattern": "**/autodao/rules/*.scm"}),
                json!({"globPattern": "**/autodao/templates/**"}),
            ];
            if let Some(file) = autodao_engine::config::user_config_file() {
                watchers.push(json!({"globPattern": file}));
            }
            watchers.push(json!({"globPattern": "**/*.{rs,ts,mts,cts,tsx,js,mjs,cjs,jsx}"}));
            let options = json!({"watchers": watchers});
            registrations.push(json!({"id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": options}));
        }
        if abilities.watches_configuration {
            let options = json!({"section": "autodao"});
            registrations.push(json!({"id": "settings", "method": "workspace/didChangeConfiguration", "registerOptions": options}));
        }
        if !registrations.is_empty() {
            self.client.request(
                "client/registerCapability",
                json!({"registrations": registrations}),
                |answer| {
                    if let Err(error) = answer {
                        tracing::info!("the client does not watch files: {error}");
                    }
                },
            );
        }
    }

    fn snapshot(&self, uri: &str, patience: Duration) -> Option<Snapshot> {
        self.session.snapshot(&key(uri), patience)
    }
}

impl Backend {
    /// `window/workDoneProgress/cancel`: tower-lsp 0.20 does not know it.
    pub(crate) async fn cancel_progress(&self, params: Value) {
        if let Some(token) = params.get("token") {
            self.acting.cancel(token);
        }
    }

    /// `autodao/usage`: the report of `autodao tokens --json`.
    pub(crate) async fn usage(&self, params: Value) -> Result<Value> {
        self.acting.usage(params).await
    }
}

impl Backend {
    /// `autodao/setKey {model, url, key}`: the key of a model, from where the client keeps its secrets. It lives in
    /// memory only and goes to the origin of `url` only. No error says the key.
    pub(crate) async fn set_key(&self, params: Value) -> Result<Value> {
        let text = |name: &str| params.get(name).and_then(Value::as_str);
        let (Some(model), Some(url), Some(key)) = (text("model"), text("url"), text("key")) else {
            return Err(tower_lsp::jsonrpc::Error::invalid_params("`model`, `url` and `key` are needed"));
        };
        let taken = self.acting.set_key(model, url, key);
        taken.map(|()| Value::Null).map_err(tower_lsp::jsonrpc::Error::invalid_params)
    }

    /// `autodao/clearKey {model}`: forgets the key of a model; of all of them when none is named.
    pub(crate) async fn clear_key(&self, params: Value) -> Result<Value> {
        self.acting.clear_key(params.get("model").and_then(Value::as_str));
        Ok(Value::Null)
    }
}

fn take_settings(session: &Session, client: &Client, settings: &Value) {
    for problem in session.set_client_settings(settings) {
        client.log(MessageType::WARNING, format!("In the settings of autodao: {}", problem.message));
    }
}

fn key(uri: &str) -> DocumentKey {
    DocumentKey::from(uri)
}

fn path(uri: &Url) -> Option<PathBuf> {
    uri.to_file_path().ok()
}

#[async_trait]
impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let abilities = *self.abilities.get_or_init(|| ClientAbilities::of(&params));
        if let Some(process) = params.process_id {
            parent::watch(process);
        }
        if let Some(settings) =
            params.initialization_options.as_ref().and_then(|options| options.get("settings"))
        {
            take_settings(&self.session, &self.client, settings);
        }
        let folders = params.workspace_folders.into_iter().flatten().filter_map(|folder| path(&folder.uri));
        self.acting.indexing.set_folders(folders.collect());
        Ok(abilities.answer())
    }

    async fn initialized(&self, _: InitializedParams) {
        self.pull_settings();
        self.register();
        self.acting.begin();
        let version = env!("CARGO_PKG_VERSION");
        let abilities = self.abilities();
        let how = if abilities.pulls_diagnostics { "pulled" } else { "pushed" };
        self.client.log(
            MessageType::INFO,
            format!("AutoDAO {version}: diagnostics are {how}, columns are {:?}", abilities.encoding),
        );
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let language = Language::from_language_id(&document.language_id);
        self.session.open(
            &key(document.uri.as_str()),
            path(&document.uri),
            language,
            document.version,
            document.text,
        );
        if let (Some(_), Some(file)) = (language, path(&document.uri)) {
            self.acting.indexing.opened(&file);
        }
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let VersionedTextDocumentIdentifier { uri, version } = params.text_document;
        let changes: Vec<_> = params
            .content_changes
            .iter()
            .map(|change| Change {
                range: change.range.map(|range| (to_position(range.start), to_position(range.end))),
                text: &change.text,
            })
            .collect();
        match self.session.change(&key(uri.as_str()), version, &changes, self.abilities().encoding) {
            Changed::Applied => {
                self.acting.changed(&key(uri.as_str()));
                self.acting.indexing.edited();
            }
            Changed::Ignored => {}
            Changed::NotOpen => tracing::warn!("an edit of {uri}, which is not open"),
            Changed::Desynced(why) => self.client.show(
                MessageType::WARNING,
                format!(
                    "AutoDAO lost track of {uri}: {why}. Close and reopen the file to have it checked again."
                ),
            ),
        }
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        let uri = params.text_document.uri;
        self.acting.closing(&key(uri.as_str()));
        self.session.close(&key(uri.as_str()));
        self.acting.indexing.stale();
        if !self.abilities().pulls_diagnostics {
            let cleared = Published { uri: uri.as_str(), version: None, diagnostics: Vec::new() };
            self.client.notify("textDocument/publishDiagnostics", cleared);
        }
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.acting.saved(&key(params.text_document.uri.as_str()));
        if path(&params.text_document.uri).is_some_and(|path| Session::is_configuration_file(&path)) {
            self.session.configuration_changed();
            self.acting.reload();
            self.acting.indexing.stale();
        }
        if let Some(file) = path(&params.text_document.uri).filter(|file| Language::from_path(file).is_some())
        {
            self.acting.indexing.changed(file);
        }
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let is_ours =
            |event: &FileEvent| path(&event.uri).is_some_and(|path| Session::is_configuration_file(&path));
        if params.changes.iter().any(is_ours) {
            self.session.configuration_changed();
            self.acting.indexing.stale();
            self.acting.reload();
        }
        let files = params.changes.iter().filter_map(|event| path(&event.uri));
        for file in files.filter(|file| Language::from_path(file).is_some()) {
            self.acting.indexing.changed(file);
        }
    }

    /// What comes with the notification is not used where the settings can be asked for: clients send anything
    /// from nothing to everything here.
    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        self.acting.indexing.stale();
        if self.abilities().configuration {
            self.pull_settings();
        } else {
            let settings = params.settings.get("autodao").unwrap_or(&params.settings);
            take_settings(&self.session, &self.client, settings);
        }
    }

    /// A file's configuration is found from its own place, whichever folders are open; what is indexed is not.
    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let paths = |folders: Vec<WorkspaceFolder>| -> Vec<PathBuf> {
            folders.iter().filter_map(|folder| path(&folder.uri)).collect()
        };
        let WorkspaceFoldersChangeEvent { added, removed } = params.event;
        self.acting.indexing.change_folders(paths(added), &paths(removed));
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        let uri = params.text_document.uri;
        let (sender, receiver) = oneshot::channel();
        self.session.when_diagnosed(&key(uri.as_str()), move |diagnosis| {
            // The request may have been cancelled meanwhile.
            let _ = sender.send(diagnosis);
        });
        let diagnosis = receiver.await.ok().flatten();
        let snapshot = self.snapshot(uri.as_str(), Duration::ZERO);
        let known =
            diagnosis.zip(snapshot).filter(|(diagnosis, snapshot)| diagnosis.version == snapshot.version);
        let Some((diagnosis, snapshot)) = known else { return Ok(full(None, Vec::new())) };
        let result_id = diagnosis.serial.to_string();
        if params.previous_result_id.as_deref() == Some(&*result_id) {
            let unchanged = UnchangedDocumentDiagnosticReport { result_id };
            let report = RelatedUnchangedDocumentDiagnosticReport {
                related_documents: None,
                unchanged_document_diagnostic_report: unchanged,
            };
            return Ok(DocumentDiagnosticReport::Unchanged(report).into());
        }
        Ok(full(Some(result_id), from_content(&snapshot.buffer, &diagnosis.content, self.abilities())))
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let snapshot = self.snapshot(text_document.uri.as_str(), MENU_PATIENCE);
        Ok(snapshot.and_then(|snapshot| {
            let encoding = self.abilities().encoding;
            let at = to_span(&snapshot.buffer, Range { start: position, end: position }, encoding);
            let (function, edit) = (hover(&snapshot, at.start), self.acting.hover(&snapshot.key, at.start));
            let (span, text) = match (function, edit) {
                (Some(FunctionHover { span, text }), Some(edit)) => (span, format!("{text}\n{}", edit.text)),
                (Some(FunctionHover { span, text }), None) => (span, text),
                (None, Some(edit)) => (edit.span, edit.text),
                (None, None) => template_hover(&snapshot, at.start)?,
            };
            let contents = MarkupContent { kind: MarkupKind::PlainText, value: text };
            let range = Some(from_span(&snapshot.buffer, span, encoding));
            Some(Hover { contents: HoverContents::Markup(contents), range })
        }))
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let snapshot = is_completed(&text_document.uri)
            .then(|| self.snapshot(text_document.uri.as_str(), Duration::ZERO))
            .flatten();
        Ok(snapshot.and_then(|snapshot| complete(&snapshot, position, self.abilities().encoding)))
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let snapshot = self.snapshot(params.text_document.uri.as_str(), MENU_PATIENCE);
        Ok(snapshot.map(|snapshot| {
            let lens = |FunctionLens { span, title, text }| {
                let range = from_span(&snapshot.buffer, span, self.abilities().encoding);
                let command = Command { title, command: SHOW.to_owned(), arguments: Some(vec![json!(text)]) };
                CodeLens { range, command: Some(command), data: None }
            };
            lenses(&snapshot).into_iter().map(lens).collect()
        }))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let snapshot = self.snapshot(params.text_document.uri.as_str(), MENU_PATIENCE);
        Ok(snapshot.map(|snapshot| {
            let open = |path: &Path| self.session.snapshot_of(path);
            let mut actions = code_actions(&snapshot, &params, self.abilities(), &open);
            let automatic = params.context.trigger_kind == Some(CodeActionTriggerKind::AUTOMATIC);
            let only = params.context.only.as_deref();
            let wants = |kind: &CodeActionKind| match only {
                // A light bulb that is lit everywhere says nothing.
                None => !automatic || *kind == CodeActionKind::QUICKFIX,
                Some(only) => only.iter().any(|asked| includes(asked, kind.as_str())),
            };
            actions.extend(self.acting.actions(&snapshot, &params, wants));
            actions
        }))
    }

    async fn code_action_resolve(&self, action: CodeAction) -> Result<CodeAction> {
        resolve(action, self.abilities(), |uri| self.snapshot(uri, Duration::ZERO))
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        let token = params.work_done_progress_params.work_done_token.as_ref().map(|token| json!(token));
        match (params.command.as_str(), params.arguments.into_iter().next()) {
            (APPLY_EDIT, Some(edit)) => {
                let client = self.client.clone();
                self.client.request("workspace/applyEdit", json!({"edit": edit}), move |answer| {
                    if let Ok(Value::Object(answer)) = answer
                        && answer.get("applied") == Some(&Value::Bool(false))
                    {
                        client.log(MessageType::INFO, "The editor did not apply the edit");
                    }
                });
                Ok(None)
            }
            (APPLY_EDIT, None) => Err(tower_lsp::jsonrpc::Error::invalid_params("an edit is missing")),
            (SHOW, Some(Value::String(text))) => {
                self.client.show(MessageType::INFO, text);
                Ok(None)
            }
            (SHOW, _) => Err(tower_lsp::jsonrpc::Error::invalid_params("a text is missing")),
            (ACT, argument) => self.acting.act(argument, token).await.map(|()| None),
            (RETRY, _) => self.acting.retry(token).await.map(|()| None),
            (UNDO_LAST, _) => {
                self.acting.undo_last();
                Ok(None)
            }
            (EXPLAIN_LAST, _) => Ok(Some(self.acting.explain_last())),
            (other, _) => {
                Err(tower_lsp::jsonrpc::Error::invalid_params(format!("there is no command {other}")))
            }
        }
    }
}

fn full(result_id: Option<String>, items: Vec<Diagnostic>) -> DocumentDiagnosticReportResult {
    DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id, items },
    })
    .into()
}
