//! What is known about one version of an open document.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use autodao_quality::{FileRole, PlacedFinding, PlacedFunctions, Report};
use autodao_syntax::tree_sitter::InputEdit;
use autodao_syntax::{AppliedChange, Buffer, Language, Span, SyntaxTree};

use crate::config::{FolderConfig, Problem};
use crate::hash::fnv1a;
use crate::index::root_of;
use crate::state::Open;

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
    /// Where it is, if it is a file.
    pub path: Option<Arc<Path>>,
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
    /// The last tree made, and the edits since: see [`Snapshot::tree`].
    tree: Option<(SyntaxTree, Vec<InputEdit>)>,
}

/// A workspace, as it is told without saying where it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct WorkspaceName {
    /// The name of its folder; empty where there is none.
    pub(crate) name: String,
    /// A hash of its whole path, which tells folders of one name apart.
    pub(crate) key: Option<u64>,
}

impl Snapshot {
    pub(crate) fn new(key: &DocumentKey, open: &Open) -> Self {
        let Open { document, path, role, config, settled, since: edits, tree, .. } = open;
        let settled = settled.as_ref();
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
            path: path.clone(),
            buffer: Arc::clone(document.buffer()),
            language: document.language(),
            role: *role,
            config: Arc::clone(config),
            findings,
            functions,
            problems,
            desynced: document.desync().is_some(),
            current: current.cloned(),
            tree: tree.as_ref().and_then(|(version, tree)| {
                let later = edits.iter().filter(|(later, _)| later > version);
                let edits = later.map(|(_, change)| match change {
                    AppliedChange::Edit(edit) => Some(*edit),
                    AppliedChange::Reset => None,
                });
                Some((tree.clone(), edits.collect::<Option<Vec<_>>>()?))
            }),
        }
    }

    /// A file that no editor has open, with what was found in it.
    pub(crate) fn of_file(
        path: &Path,
        buffer: Arc<Buffer>,
        language: Language,
        role: FileRole,
        config: Arc<FolderConfig>,
        report: Report,
        tree: Option<SyntaxTree>,
    ) -> Self {
        Self {
            key: path.to_string_lossy().into(),
            version: 0,
            path: Some(path.into()),
            buffer,
            language: Some(language),
            role,
            config,
            findings: report.findings,
            functions: report.functions,
            problems: Vec::new(),
            desynced: false,
            current: None,
            tree: tree.map(|tree| (tree, Vec::new())),
        }
    }

    /// Whether [`Snapshot::tree`] is of exactly this text.
    pub fn has_current_tree(&self) -> bool {
        self.tree.as_ref().is_some_and(|(_, edits)| edits.is_empty())
    }

    /// What prompts and messages call the file: its path from the folder of its project's configuration, else from
    /// the folder that holds its `src`, else its name.
    pub fn shown_path(&self) -> String {
        let Some(path) = self.path.as_deref() else { return "untitled".to_owned() };
        let project = self.config.file.as_ref().and_then(|file| file.path.parent());
        let relative = project.and_then(|folder| path.strip_prefix(folder).ok());
        let parts: Vec<_> = relative.unwrap_or(path).iter().map(|part| part.to_string_lossy()).collect();
        let from = match relative {
            Some(_) => 0,
            None => parts.iter().rposition(|part| part == "src").unwrap_or(parts.len().saturating_sub(1)),
        };
        parts[from..].join("/")
    }

    /// The file's workspace, as it is told without saying where it is.
    pub(crate) fn workspace(&self) -> WorkspaceName {
        let configured = self.config.file.as_ref().and_then(|file| file.path.parent()).map(Path::to_owned);
        let of = |path: &Path| root_of(path).or_else(|| path.parent().map(Path::to_owned));
        let folder = configured.or_else(|| of(self.path.as_deref()?));
        let name = folder.as_deref().and_then(Path::file_name);
        WorkspaceName {
            name: name.map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            key: folder.map(|folder| fnv1a(folder.as_os_str().as_encoded_bytes())),
        }
    }

    /// The text's syntax tree, if one is at hand: making one here would keep the editor waiting. While an analysis
    /// is under way it is the tree of the text before, its nodes moved to their places now.
    pub fn tree(&self) -> Option<SyntaxTree> {
        let (tree, edits) = self.tree.as_ref()?;
        let mut tree = tree.clone();
        edits.iter().for_each(|edit| tree.edit(edit));
        Some(tree)
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
