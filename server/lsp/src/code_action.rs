//! `textDocument/codeAction` and `codeAction/resolve`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use autodao_engine::quality::TextEdit;
use autodao_engine::syntax::Buffer;
use autodao_engine::templates::FileChange;
use autodao_engine::{Action, ActionKind, Snapshot, edits_between, fix_all, menu};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tower_lsp::jsonrpc::{Error, ErrorCode};
use tower_lsp::lsp_types::*;

use crate::capabilities::{APPLY_EDIT, ClientAbilities, FIX_ALL};
use crate::convert::{from_edit, from_finding, from_problem, to_span};

/// What an action whose edit is worked out later carries.
#[derive(Serialize, Deserialize)]
pub(crate) struct ActionData {
    /// The document.
    pub(crate) uri: String,
    /// The version the action was offered for.
    pub(crate) version: i32,
}

/// Documents that are open, by their paths.
pub(crate) type OpenDocuments<'a> = &'a dyn Fn(&Path) -> Option<Snapshot>;

/// The actions at a place.
pub(crate) fn code_actions(
    snapshot: &Snapshot,
    params: &CodeActionParams,
    client: ClientAbilities,
    open: OpenDocuments<'_>,
) -> CodeActionResponse {
    let range = to_span(&snapshot.buffer, params.range, client.encoding);
    let only = params.context.only.as_deref();
    let automatic = params.context.trigger_kind == Some(CodeActionTriggerKind::AUTOMATIC);
    let is_wanted = |action: &Action| match (action.kind, only) {
        (ActionKind::FixAll, None) => !automatic,
        (ActionKind::FixAll, Some(only)) => only.iter().any(|kind| includes(kind, FIX_ALL)),
        (_, None) => true,
        (_, Some(only)) => only.iter().any(|kind| includes(kind, CodeActionKind::QUICKFIX.as_str())),
    };
    menu(snapshot, range)
        .into_iter()
        .filter(is_wanted)
        .filter_map(|action| to_code_action(snapshot, action, &params.text_document.uri, client, open))
        .collect()
}

/// Whether a kind asked for covers a kind there is: `source` covers `source.fixAll`.
pub(crate) fn includes(asked: &CodeActionKind, kind: &str) -> bool {
    let asked = asked.as_str();
    asked.is_empty() || kind.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn to_code_action(
    snapshot: &Snapshot,
    action: Action,
    uri: &Url,
    client: ClientAbilities,
    open: OpenDocuments<'_>,
) -> Option<CodeActionOrCommand> {
    let lazy = action.edits.is_none() && client.resolves_edits && client.action_literals;
    let edits = match action.edits {
        None if lazy => None,
        None => Some(fix_all_edits(snapshot)),
        edits => edits,
    };
    let edit = match &action.files[..] {
        [] => edits.map(|edits| workspace_edit(snapshot, &edits, uri, client)),
        files => Some(files_edit(snapshot, files, uri, client, open)?),
    };
    if !client.action_literals {
        let arguments = Some(vec![json!(edit?)]);
        let command = Command { title: action.title, command: APPLY_EDIT.to_owned(), arguments };
        return Some(CodeActionOrCommand::Command(command));
    }
    let diagnostic = action.finding.and_then(|index| match snapshot.findings.get(index) {
        Some(placed) => Some(from_finding(&snapshot.buffer, placed.relative(), placed.origin(), client)),
        None => snapshot.problems.get(index).map(|problem| from_problem(&snapshot.buffer, problem, client)),
    });
    let kind = match action.kind {
        ActionKind::FixAll => CodeActionKind::new(FIX_ALL),
        ActionKind::QuickFix | ActionKind::Suppress => CodeActionKind::QUICKFIX,
    };
    Some(CodeActionOrCommand::CodeAction(CodeAction {
        title: action.title,
        kind: Some(kind),
        diagnostics: diagnostic.map(|diagnostic| vec![diagnostic]),
        edit,
        is_preferred: (client.preferred_actions && action.preferred).then_some(true),
        data: lazy.then(|| json!(ActionData { uri: snapshot.key.to_string(), version: snapshot.version })),
        ..Default::default()
    }))
}

/// Works an action's edit out. The same action gives the same edit however often it is asked about; one that has
/// its edit, or carries nothing of ours, comes back as it is.
pub(crate) fn resolve(
    mut action: CodeAction,
    client: ClientAbilities,
    snapshot: impl FnOnce(&str) -> Option<Snapshot>,
) -> Result<CodeAction, Error> {
    let data = action.data.as_ref().and_then(|data| ActionData::deserialize(data).ok());
    let Some(data) = data.filter(|_| action.edit.is_none()) else { return Ok(action) };
    let stale = || Error {
        code: ErrorCode::ContentModified,
        message: "the text has changed since this action was offered".into(),
        data: None,
    };
    let snapshot =
        snapshot(&data.uri).filter(|snapshot| snapshot.version == data.version).ok_or_else(stale)?;
    let uri = Url::parse(&data.uri).map_err(|error| Error::invalid_params(error.to_string()))?;
    action.edit = Some(workspace_edit(&snapshot, &fix_all_edits(&snapshot), &uri, client));
    Ok(action)
}

fn fix_all_edits(snapshot: &Snapshot) -> Vec<TextEdit> {
    let Some(language) = snapshot.language else { return Vec::new() };
    let text = snapshot.buffer.text();
    let (fixed, _) = fix_all(&snapshot.config.profile, language, snapshot.role, text);
    edits_between(text, &fixed)
}

fn workspace_edit(
    snapshot: &Snapshot,
    edits: &[TextEdit],
    uri: &Url,
    client: ClientAbilities,
) -> WorkspaceEdit {
    let edits = edits.iter().map(|edit| from_edit(&snapshot.buffer, edit, client.encoding));
    if !client.document_changes {
        return WorkspaceEdit {
            changes: Some(HashMap::from([(uri.clone(), edits.collect())])),
            ..Default::default()
        };
    }
    let text_document =
        OptionalVersionedTextDocumentIdentifier { uri: uri.clone(), version: Some(snapshot.version) };
    let edit = TextDocumentEdit { text_document, edits: edits.map(OneOf::Left).collect() };
    WorkspaceEdit { document_changes: Some(DocumentChanges::Edits(vec![edit])), ..Default::default() }
}

/// An edit of several files; `None` where one of them has another text by now, or has to be made and the client makes
/// none.
fn files_edit(
    snapshot: &Snapshot,
    files: &[FileChange],
    uri: &Url,
    client: ClientAbilities,
    open: OpenDocuments<'_>,
) -> Option<WorkspaceEdit> {
    let mut changes = HashMap::new();
    let mut operations = Vec::new();
    for FileChange { file, before, after } in files {
        let is_own = snapshot.path.as_deref() == Some(file);
        let other = if is_own { None } else { open(file) };
        let known = if is_own { Some(snapshot) } else { other.as_ref() };
        let uri = if is_own { uri.clone() } else { Url::from_file_path(file).ok()? };
        let (buffer, version) = match (known, before) {
            (Some(known), before) => {
                let text = known.buffer.text();
                if known.desynced || before.as_ref().is_some_and(|before| before != text) {
                    return None;
                }
                (Arc::clone(&known.buffer), Some(known.version))
            }
            (None, Some(before)) => (Buffer::shared(before), None),
            (None, None) if client.creates_files => {
                let options = CreateFileOptions { overwrite: Some(false), ignore_if_exists: Some(true) };
                let create = CreateFile { uri: uri.clone(), options: Some(options), annotation_id: None };
                operations.push(DocumentChangeOperation::Op(ResourceOp::Create(create)));
                (Buffer::shared(""), None)
            }
            (None, None) => return None,
        };
        let edits = edits_between(buffer.text(), after);
        let edits: Vec<_> = edits.iter().map(|edit| from_edit(&buffer, edit, client.encoding)).collect();
        let text_document = OptionalVersionedTextDocumentIdentifier { uri: uri.clone(), version };
        changes.insert(uri, edits.clone());
        let edits = edits.into_iter().map(OneOf::Left).collect();
        operations.push(DocumentChangeOperation::Edit(TextDocumentEdit { text_document, edits }));
    }
    Some(if client.document_changes {
        let document_changes = Some(DocumentChanges::Operations(operations));
        WorkspaceEdit { document_changes, ..Default::default() }
    } else {
        WorkspaceEdit { changes: Some(changes), ..Default::default() }
    })
}
