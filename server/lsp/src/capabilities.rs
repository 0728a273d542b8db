//! What the client can do, read once from `initialize`, and what we tell it we can.

use autodao_engine::syntax::PositionEncoding;
use serde_json::Value;
use tower_lsp::lsp_types::*;

use crate::act::{ACT, EXPLAIN_LAST, RETRY, UNDO_LAST};
use crate::completion::TRIGGERS;

/// The command that applies an edit for clients that know no code action literals.
pub(crate) const APPLY_EDIT: &str = "autodao.applyEdit";
/// The command of a code lens: it shows what it is given.
pub(crate) const SHOW: &str = "autodao.show";
/// The kind of the action that fixes all.
pub(crate) const FIX_ALL: &str = "source.fixAll.autodao";

/// What matters of the client's capabilities. A client that says nothing can do nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ClientAbilities {
    pub(crate) encoding: PositionEncoding,
    /// Diagnostics are asked for, not pushed.
    pub(crate) pulls_diagnostics: bool,
    pub(crate) code_description: bool,
    pub(crate) document_changes: bool,
    pub(crate) action_literals: bool,
    pub(crate) resolves_edits: bool,
    pub(crate) preferred_actions: bool,
    pub(crate) configuration: bool,
    pub(crate) watches_files: bool,
    pub(crate) watches_configuration: bool,
    /// Shows progress, and makes tokens for it.
    pub(crate) progress: bool,
    /// Shows actions that cannot be used, with the reason.
    pub(crate) disabled_actions: bool,
    /// Asks the user before it applies an edit that says so.
    pub(crate) change_annotations: bool,
    /// Applies edits that the server sends. A client that says nothing may do so all the same.
    pub(crate) applies_edits: bool,
    /// Creates files that an edit asks for.
    pub(crate) creates_files: bool,
    /// Wants to be told what AI edits cost, for a status bar.
    pub(crate) shows_status: bool,
}

impl ClientAbilities {
    pub(crate) fn of(params: &InitializeParams) -> Self {
        let text = params.capabilities.text_document.as_ref();
        let workspace = params.capabilities.workspace.as_ref();
        let publish = text.and_then(|t| t.publish_diagnostics.as_ref());
        let action = text.and_then(|t| t.code_action.as_ref());
        let resolve = action.and_then(|action| action.resolve_support.as_ref());
        let refreshes = params
            .capabilities
            .workspace
            .as_ref()
            .and_then(|workspace| workspace.diagnostic.as_ref())
            .and_then(|diagnostic| diagnostic.refresh_support)
            .unwrap_or(false);
        let can_pull = text.is_some_and(|text| text.diagnostic.is_some());
        let pulls_diagnostics =
            match params.initialization_options.as_ref().and_then(|o| o.get("diagnostics")?.as_str()) {
                Some("push") => false,
                Some("pull") => can_pull,
                // Findings that change behind the client's back have to reach it: pull needs refresh.
                _ => can_pull && refreshes,
            };
        Self {
            encoding: encoding(params),
            pulls_diagnostics,
            code_description: publish.is_some_and(|publish| publish.code_description_support == Some(true)),
            document_changes: workspace
                .and_then(|workspace| workspace.workspace_edit.as_ref())
                .is_some_and(|edit| edit.document_changes == Some(true)),
            action_literals: action.is_some_and(|action| action.code_action_literal_support.is_some()),
            resolves_edits: resolve
                .is_some_and(|resolve| resolve.properties.iter().any(|property| property == "edit")),
            preferred_actions: action.is_some_and(|action| action.is_preferred_support == Some(true)),
            configuration: workspace.is_some_and(|workspace| workspace.configuration == Some(true)),
            watches_files: workspace
                .and_then(|workspace| workspace.did_change_watched_files.as_ref())
                .is_some_and(|watch| watch.dynamic_registration == Some(true)),
            watches_configuration: workspace
                .and_then(|workspace| workspace.did_change_configuration.as_ref())
                .is_some_and(|configuration| configuration.dynamic_registration == Some(true)),
            progress: params
                .capabilities
                .window
                .as_ref()
                .is_some_and(|window| window.work_done_progress == Some(true)),
            disabled_actions: action.is_some_and(|action| action.disabled_support == Some(true)),
            change_annotations: workspace
                .and_then(|workspace| workspace.workspace_edit.as_ref())
                .is_some_and(|edit| edit.change_annotation_support.is_some()),
            applies_edits: workspace.and_then(|workspace| workspace.apply_edit) != Some(false),
            creates_files: workspace
                .and_then(|workspace| workspace.workspace_edit.as_ref())
                .filter(|edit| edit.document_changes == Some(true))
                .and_then(|edit| edit.resource_operations.as_ref())
                .is_some_and(|operations| operations.contains(&ResourceOperationKind::Create)),
            shows_status: asks_for_status(params),
        }
    }

    /// What the server tells this client.
    pub(crate) fn answer(self) -> InitializeResult {
        let encoding = match self.encoding {
            PositionEncoding::Utf8 => PositionEncodingKind::UTF8,
            PositionEncoding::Utf16 => PositionEncodingKind::UTF16,
            PositionEncoding::Utf32 => PositionEncodingKind::UTF32,
        };
        let sync = TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
            ..Default::default()
        };
        let diagnostics = DiagnosticServerCapabilities::Options(DiagnosticOptions {
            identifier: Some("autodao".to_owned()),
            inter_file_dependencies: false,
            workspace_diagnostics: false,
            ..Default::default()
        });
        let actions = CodeActionOptions {
            code_action_kinds: Some(vec![
                CodeActionKind::QUICKFIX,
                CodeActionKind::REFACTOR_REWRITE,
                CodeActionKind::new(FIX_ALL),
            ]),
            resolve_provider: Some(self.resolves_edits),
            ..Default::default()
        };
        let folders = WorkspaceFoldersServerCapabilities {
            supported: Some(true),
            change_notifications: Some(OneOf::Left(true)),
        };
        InitializeResult {
            capabilities: ServerCapabilities {
                position_encoding: Some(encoding),
                text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
                diagnostic_provider: self.pulls_diagnostics.then_some(diagnostics),
                code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
                completion_provider: Some(CompletionOptions {
                    resolve_provider: Some(false),
                    trigger_characters: Some(TRIGGERS.map(str::to_owned).into()),
                    ..Default::default()
                }),
                hover_provider: Some(HoverProviderCapability::Simple(true)),
                code_action_provider: Some(CodeActionProviderCapability::Options(actions)),
                execute_command_provider: Some(ExecuteCommandOptions {
                    commands: [APPLY_EDIT, SHOW, ACT, RETRY, UNDO_LAST, EXPLAIN_LAST]
                        .map(str::to_owned)
                        .into(),
                    work_done_progress_options: WorkDoneProgressOptions { work_done_progress: Some(true) },
                }),
                workspace: Some(WorkspaceServerCapabilities {
                    workspace_folders: Some(folders),
                    file_operations: None,
                }),
                ..Default::default()
            },
            server_info: Some(ServerInfo {
                name: "autodao".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        }
    }
}

/// Asked for by `initializationOptions.status` or the experimental capability `autodaoStatus`.
fn asks_for_status(params: &InitializeParams) -> bool {
    let is_on =
        |object: Option<&Value>, key| object.and_then(|object| object.get(key)) == Some(&Value::Bool(true));
    is_on(params.initialization_options.as_ref(), "status")
        || is_on(params.capabilities.experimental.as_ref(), "autodaoStatus")
}

/// Puts what lsp-types 0.94 reads under another name than the protocol has it where it looks:
/// `workspace.diagnostics` is `workspace.diagnostic` there.
pub(crate) fn mend(initialize: &mut Value) {
    let workspace = initialize.pointer_mut("/capabilities/workspace").and_then(Value::as_object_mut);
    if let Some(workspace) = workspace
        && let Some(diagnostics) = workspace.get("diagnostics").cloned()
    {
        workspace.insert("diagnostic".to_owned(), diagnostics);
    }
}

/// UTF-8 where the client takes it, for our texts are that; then UTF-32; UTF-16 is what every client takes.
fn encoding(params: &InitializeParams) -> PositionEncoding {
    let offered =
        params.capabilities.general.as_ref().and_then(|general| general.position_encodings.as_ref());
    let takes = |kind: &PositionEncodingKind| offered.is_some_and(|offered| offered.contains(kind));
    if takes(&PositionEncodingKind::UTF8) {
        PositionEncoding::Utf8
    } else if takes(&PositionEncodingKind::UTF32) {
        PositionEncoding::Utf32
    } else {
        PositionEncoding::Utf16
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(mut params: Value) -> ClientAbilities {
        mend(&mut params);
        ClientAbilities::of(&serde_json::from_value(params).unwrap())
    }

    #[test]
    fn a_client_that_says_nothing_can_do_nothing() {
        let bare = of(json!({"capabilities": {}}));
        assert!(
            !bare.pulls_diagnostics && !bare.document_changes && !bare.configuration && !bare.action_literals
        );
        assert_eq!(bare.encoding, PositionEncoding::Utf16);
    }

    #[test]
    fn pull_needs_refresh_unless_it_is_chosen() {
        let pull = json!({"textDocument": {"diagnostic": {}}});
        let both = json!({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": true}}});
        assert!(!of(json!({"capabilities": pull})).pulls_diagnostics);
        assert!(of(json!({"capabilities": both})).pulls_diagnostics);
        assert!(
            of(json!({"capabilities": pull, "initializationOptions": {"diagnostics": "pull"}}))
                .pulls_diagnostics
        );
        assert!(
            !of(json!({"capabilities": both, "initializationOptions": {"diagnostics": "push"}}))
                .pulls_diagnostics
        );
    }

    #[test]
    fn utf_8_is_taken_where_it_is_offered() {
        let of =
            |kinds: Value| of(json!({"capabilities": {"general": {"positionEncodings": kinds}}})).encoding;
        assert_eq!(of(json!(["utf-16", "utf-8"])), PositionEncoding::Utf8);
        assert_eq!(of(json!(["utf-16", "utf-32"])), PositionEncoding::Utf32);
        assert_eq!(of(json!(["utf-16", "utf-7"])), PositionEncoding::Utf16);
    }
}
