//! Diagnoses on their way to the client.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use autodao_engine::syntax::Buffer;
use autodao_engine::{Diagnosis, DocumentKey, Listener};
use serde::Serialize;
use serde_json::Value;
use tower_lsp::lsp_types::{Diagnostic, MessageType};

use crate::capabilities::ClientAbilities;
use crate::client::Client;
use crate::convert::from_content;

/// How many failures inside the server the user is told of; all of them are in the log.
const SHOWN_FAILURES: usize = 5;

/// A small part of a frame.
const PUSH_PATIENCE: Duration = Duration::from_millis(1);
/// Less than a frame, more than nearly every parse takes: what comes later costs two more messages.
const PULL_PATIENCE: Duration = Duration::from_millis(4);

/// Tells the client of diagnoses: pushes them, or has it ask again.
pub(crate) struct Publisher {
    pub(crate) client: Client,
    pub(crate) abilities: Arc<OnceLock<ClientAbilities>>,
    pub(crate) failures: AtomicUsize,
}

/// `PublishDiagnosticsParams`, with the URI exactly as the client wrote it.
#[derive(Serialize)]
pub(crate) struct Published<'a> {
    pub(crate) uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<i32>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Listener for Publisher {
    fn diagnosed(&self, document: &DocumentKey, diagnosis: &Diagnosis, buffer: &Buffer, again: bool) {
        let abilities = self.abilities.get().copied().unwrap_or_default();
        if abilities.pulls_diagnostics {
            if again {
                self.client.request("workspace/diagnostic/refresh", Value::Null, |_| {});
            }
            return;
        }
        let diagnostics = from_content(buffer, &diagnosis.content, abilities);
        self.client.notify_waiting(
            "textDocument/publishDiagnostics",
            Published { uri: document, version: Some(diagnosis.version), diagnostics },
        );
    }

    fn patience(&self) -> Duration {
        let pulls = self.abilities.get().is_some_and(|abilities| abilities.pulls_diagnostics);
        if pulls { PULL_PATIENCE } else { PUSH_PATIENCE }
    }

    fn failed(&self, message: &str) {
        tracing::error!("{message}");
        if self.failures.fetch_add(1, Ordering::Relaxed) < SHOWN_FAILURES {
            self.client.show(MessageType::ERROR, message);
        }
    }
}
