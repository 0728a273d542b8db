//! What is known about one version of an open document.

use std::sync::Arc;
use std::time::Duration;

use autodao_quality::{FileRole, PlacedFinding, PlacedFunctions, Report};
use autodao_syntax::tree_sitter::InputEdit;
use autodao_syntax::{AppliedChange, Buffer, Document, Language, Span};

use crate::config::{FolderConfig, Problem};

/// Names an open document: its URI, exactly as the client writes it.
pub type DocumentKey = Arc<str>;

/// What was found in a document.
#[derive(Clone, PartialEq, Debug)]
pub enum Content {
    /// Nothing is said about it: no language of ours, excluded, or its text is not known for sure.
    Nothing,
    /// Findings of rules.
    Findings(Report),
    /// Mistakes in a configuration file.
    Problems(Vec<Problem>),
}

/// What is known about one version of a document.
#[derive(Clone, PartialEq, Debug)]
pub struct Diagnosis {
    /// The version it is for.
    pub version: i32,
    /// What was found.
    pub content: Content,
    /// Whether these are the findings of the version before, moved: the parse takes longer than it should and
    /// is being finished.
    pub provisional: bool,
    /// Counts diagnoses: the same number means the same content.
    pub serial: u64,
}

/// Who is told of diagnoses. Called on the analysing thread.
pub trait Listener: Send + Sync + 'static {
    /// A document has a new diagnosis. `buffer` is the text it is for. `again` says that this version had one
    /// before: a client that asks for diagnostics has to be told to ask again.
    fn diagnosed(&self, document: &DocumentKey, diagnosis: &Diagnosis, buffer: &Buffer, again: bool);

    /// How long a client may be kept waiting for a diagnosis before it is given a provisional one. One that asks
    /// has to ask again for what comes after it, so it rather waits.
    fn patience(&self) -> Duration;

    /// Something went wrong inside; `message` says what and what to do.
    fn failed(&self, message: &str);
}

/// A document as it is now, with what is known of it.
#[derive(Clone)]
pub struct Snapshot {
    /// Its URI.
    pub key: DocumentKey,
    /// Its version.
    pub version: i32,
    /// Its text.
    pub buffer: Arc<Buffer>,
    /// Its language, if it is one of ours.
    pub language: Option<Language>,
    /// What it is for.
    pub role: FileRole,
    /// What holds for it.
    pub config: Arc<FolderConfig>,
    /// Findings in offsets of this text. While an analysis is under way: those of items that were not edited.
    pub findings: Vec<PlacedFinding>,
    /// Its functions: while an analysis is under way those of items that were not edited.
    pub functions: Vec<PlacedFunctions>,
    /// Mistakes, if it is a configuration file.
    pub problems: Vec<Problem>,
    /// Whether its text may differ from the editor's: then no edit may be offered.
    pub desynced: bool,
    /// The diagnosis, when it is for this version.
    pub current: Option<Arc<Diagnosis>>,
}

impl Snapshot {
    pub(crate) fn new(
        key: &DocumentKey,
        document: &Document,
        role: FileRole,
        config: &Arc<FolderConfig>,
        settled: Option<&Arc<Diagnosis>>,
        edits: &[(i32, AppliedChange)],
    ) -> Self {
        let current = settled.filter(|diagnosis| diagnosis.version == document.version());
        let mut findings = Vec::new();
        let mut functions = Vec::new();
        let mut problems = Vec::new();
        match settled.map(|diagnosis| &diagnosis.content) {
            Some(Content::Findings(report)) if current.is_some() => {
                findings.clone_from(&report.findings);
                functions.clone_from(&report.functions);
            }
            Some(Content::Findings(report)) => {
                let moved = report.findings.iter();
                findings
                    .extend(moved.filter_map(|finding| Some(finding.moved(follow(finding.item, edits)?))));
                let moved = report.functions.iter();
                functions.extend(moved.filter_map(|item| Some(item.moved(follow(item.item, edits)?))));
            }
            Some(Content::Problems(found)) if current.is_some() => problems.clone_from(found),
            _ => {}
        }
        Self {
            key: Arc::clone(key),
            version: document.version(),
            buffer: Arc::clone(document.buffer()),
            language: document.language(),
            role,
            config: Arc::clone(config),
            findings,
            functions,
            problems,
            desynced: document.desync().is_some(),
            current: current.cloned(),
        }
    }
}

/// How far an item is moved by edits; `None` when one of them went into it.
fn follow(mut item: Span, edits: &[(i32, AppliedChange)]) -> Option<i64> {
    let mut moved = 0;
    for (_, change) in edits {
        let AppliedChange::Edit(InputEdit { start_byte, old_end_byte, new_end_byte, .. }) = change else {
            return None;
        };
        let replaced = Span::new(*start_byte as u32, *old_end_byte as u32);
        if item.touches(replaced) {
            return None;
        }
        if item.start >= replaced.end {
            let delta = *new_end_byte as i64 - *old_end_byte as i64;
            item = item.moved(delta);
            moved += delta;
        }
    }
    Some(moved)
}
