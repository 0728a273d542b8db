//! The files of the folders that are worked in, for the rules that look at files together.
//!
//! [`WorkspaceSurveys::refresh`] finds what `autodao check` finds in the folder: the files are the same, in the same
//! order; of those that are open the text is the editor's. Only what changed is read and surveyed again. It is called
//! in the background, in pauses of typing; the session's thread takes what it found and moves it with the edits
//! after that.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use autodao_quality::{FileSurvey, Finding, Profile, WorkspaceFile, workspace_findings};
use autodao_syntax::{Buffer, MAX_PARSED_BYTES, SyntaxParser};
use ignore::WalkState;

use crate::check::Source;
use crate::config::Configuration;
use crate::diagnosis::{DocumentKey, Snapshot};
use crate::memory;
use crate::session::Session;
use crate::state::{Joined, Shared};
use crate::tree::{CheckOptions, Found, find_files};

/// How much memory the surveys of a folder may take. It is enough for some 300,000 lines; files beyond it, in the order
/// of their paths, are not compared, and the log says so.
const MAX_BYTES: usize = 32 << 20;
/// How many files of a folder are looked at.
const MAX_FILES: usize = 20_000;

/// What a refresh did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Refreshed {
    /// Files that are looked at together.
    pub files: usize,
    /// Of them, those that were surveyed anew.
    pub surveyed: usize,
    /// Files that there was no room for.
    pub left_out: usize,
}

/// The files of the folders that are worked in.
pub struct WorkspaceSurveys {
    shared: Arc<Shared>,
    /// What holds for files that are not open: a copy of the session's.
    configuration: Configuration,
    folders: BTreeMap<PathBuf, Folder>,
}

#[derive(Default)]
struct Folder {
    files: BTreeMap<PathBuf, Surveyed>,
    findings: HashMap<PathBuf, Vec<Finding>>,
    left_out: usize,
}

struct Surveyed {
    stamp: Stamp,
    /// `None` where no rule asks for it, or the file is no text that can be parsed.
    survey: Option<FileSurvey>,
    profile: Arc<Profile>,
}

/// By what a text is known again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stamp {
    /// Of a file: when it was changed, and its length in bytes.
    File(SystemTime, u64),
    /// Of an open document: its opening, and its version.
    Document(u64, i32),
}

/// An open document.
struct Editing {
    key: DocumentKey,
    generation: u64,
    snapshot: Snapshot,
}

impl WorkspaceSurveys {
    /// Nothing known yet.
    pub fn of(session: &Session) -> Self {
        let shared = Arc::clone(session.shared());
        let configuration = shared.lock().configuration.clone();
        Self { shared, configuration, folders: BTreeMap::new() }
    }

    /// Forgets a folder that is no longer worked in.
    pub fn forget(&mut self, root: &Path) {
        self.folders.remove(root);
    }

    /// Looks at a folder's files together and gives each open document what was found in it. Blocks; `told` is called
    /// now and then with the number of files that were surveyed, and how many there are.
    pub fn refresh(&mut self, root: &Path, told: &dyn Fn(usize, usize)) -> Refreshed {
        let editing: HashMap<_, _> = {
            let state = self.shared.lock();
            let below = state.documents.iter().filter_map(|(key, open)| {
                let path = open.path.clone().filter(|path| path.starts_with(root))?;
                let (key, generation) = (Arc::clone(key), open.generation);
                let snapshot = open.snapshot(&key);
                Some((path.to_path_buf(), Editing { key, generation, snapshot }))
            });
            let editing = below.collect();
            if state.configuration.revision() != self.configuration.revision() {
                self.configuration = state.configuration.clone();
            }
            editing
        };
        let found = Mutex::new(Vec::new());
        let options = CheckOptions {
            paths: vec![root.to_owned()],
            threads: 1,
            workspace: true,
            ..CheckOptions::default()
        };
        find_files(&options, &mut self.configuration, |_, file| {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.extend(file.ok());
            if found.len() < MAX_FILES { WalkState::Continue } else { WalkState::Quit }
        });
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_unstable_by(|a, b| a.place.cmp(&b.place));
        let folder = self.folders.entry(root.to_owned()).or_default();
        let refreshed = folder.take(found, &editing, told);
        let joined = editing.into_iter().map(|(path, Editing { key, generation, snapshot })| {
            let findings = folder.findings.get(&path).cloned().unwrap_or_default();
            Joined { key, generation, version: snapshot.version, findings }
        });
        self.shared.lock().joined.extend(joined);
        self.shared.work.notify_one();
        refreshed
    }
}

impl Folder {
    fn take(
        &mut self,
        found: Vec<Found>,
        editing: &HashMap<PathBuf, Editing>,
        told: &dyn Fn(usize, usize),
    ) -> Refreshed {
        let of = found.len();
        let mut before = std::mem::take(&mut self.files);
        let (mut is_new, mut surveyed, mut bytes, mut left_out) = (false, 0, 0, 0);
        let mut parser = SyntaxParser::default();
        for (index, file) in found.into_iter().enumerate() {
            let open = editing.get(&file.place);
            let Some(stamp) = stamp(&file, open) else { continue };
            let (place, profile) = (file.place.clone(), Arc::clone(&file.config.profile));
            let known = before.remove(&place);
            let known = known.filter(|known| known.stamp == stamp && Arc::ptr_eq(&known.profile, &profile));
            let kept = known.unwrap_or_else(|| {
                is_new = true;
                surveyed += 1;
                Surveyed { stamp, survey: survey(&mut parser, file, open), profile }
            });
            bytes += kept.survey.as_ref().map_or(0, FileSurvey::bytes);
            if bytes > MAX_BYTES {
                left_out = of - index;
                break;
            }
            self.files.insert(place, kept);
            if (index + 1).is_multiple_of(64) {
                told(index + 1, of);
            }
        }
        // What is left of those before is gone, or there is no room for it any more.
        is_new |= !before.is_empty();
        drop(before);
        if std::mem::replace(&mut self.left_out, left_out) != left_out && left_out > 0 {
            tracing::warn!(
                "{left_out} files are not compared with others: the workspace is too large for it in an editor; \
                 `autodao check` compares all"
            );
        }
        if is_new {
            self.join();
            memory::give_back();
        }
        Refreshed { files: self.files.len(), surveyed, left_out }
    }

    fn join(&mut self) {
        let surveys = self.files.iter().filter_map(|(path, file)| Some((path, file.survey.as_ref()?, file)));
        let files: Vec<_> = surveys
            .map(|(path, survey, file)| WorkspaceFile { path, survey, profile: &file.profile })
            .collect();
        let findings = workspace_findings(&files);
        let with_findings = files.iter().zip(findings).filter(|(_, findings)| !findings.is_empty());
        self.findings = with_findings.map(|(file, findings)| (file.path.to_owned(), findings)).collect();
    }
}

/// What a file's text is known again by; `None` for what cannot be read.
fn stamp(file: &Found, open: Option<&Editing>) -> Option<Stamp> {
    if let Some(Editing { generation, snapshot, .. }) = open {
        return Some(Stamp::Document(*generation, snapshot.version));
    }
    let about = std::fs::metadata(&file.path).ok()?;
    Some(Stamp::File(about.modified().ok()?, about.len()))
}

fn survey(parser: &mut SyntaxParser, file: Found, open: Option<&Editing>) -> Option<FileSurvey> {
    if !file.config.profile.has_workspace_rules() {
        return None;
    }
    if let Some(Editing { snapshot, .. }) = open {
        let (language, buffer) = (snapshot.language?, &snapshot.buffer);
        if snapshot.desynced || buffer.text().len() > MAX_PARSED_BYTES {
            return None;
        }
        let at_hand =
            snapshot.tree().filter(|tree| snapshot.has_current_tree() && !tree.root_node().has_error());
        let tree = at_hand.or_else(|| parser.parse_fresh(language, buffer.text()))?;
        return Some(FileSurvey::of(language, snapshot.role, buffer, &tree));
    }
    let Source { language, role, text, .. } = file.read().ok()?;
    if text.len() > MAX_PARSED_BYTES {
        return None;
    }
    let buffer = Buffer::new(text);
    let tree = parser.parse_fresh(language, buffer.text())?;
    Some(FileSurvey::of(language, role, &buffer, &tree))
}
