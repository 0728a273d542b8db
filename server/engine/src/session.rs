//! The open documents of one editor.
//!
//! Methods are called in the order the editor's messages come, on the thread that reads them, and only change
//! state; the analysis happens on the [worker's](crate::worker) thread. State is behind one lock that is never
//! held for longer than a text edit takes.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use autodao_quality::FileRole;
use autodao_syntax::{AppliedChange, Change, Desync, Document, Language, PositionEncoding, Span};

use crate::config::{
    Configuration, FolderConfig, PROJECT_FILE, Scope, Settings, is_rule_file, user_config_file,
};
use crate::diagnosis::{Diagnosis, DocumentKey, Listener, Snapshot};
use crate::project::role_of;
use crate::state::{Configures, History, Open, Shared, State};
use crate::template_file::{TemplateFile, is_of_template};
use crate::worker::Worker;

/// What became of an edit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Changed {
    /// It was applied.
    Applied,
    /// No such document is open.
    NotOpen,
    /// It cannot be applied, and from now on the document is known to be out of step.
    Desynced(Desync),
    /// The document was out of step before.
    Ignored,
}

/// The open documents of one editor and the thread that analyses them.
pub struct Session {
    shared: Arc<Shared>,
    worker: Option<JoinHandle<()>>,
}

impl Session {
    /// Starts a session. The user's configuration is read; project configurations are read as files open.
    pub fn start(listener: Box<dyn Listener>) -> std::io::Result<Self> {
        let state = State {
            documents: HashMap::new(),
            queue: VecDeque::new(),
            closed: Vec::new(),
            queries_ready: false,
            confirmed: VecDeque::new(),
            joined: VecDeque::new(),
            stopping: false,
            configuration: Configuration::load(),
            generations: 0,
            serials: 0,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            work: Condvar::new(),
            done: Condvar::new(),
            listener,
        });
        let worker = Worker::new(Arc::clone(&shared));
        let worker =
            std::thread::Builder::new().name("autodao-analysis".into()).spawn(move || worker.run())?;
        Ok(Self { shared, worker: Some(worker) })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// A document was opened. Opening one that is open replaces it.
    pub fn open(
        &self,
        key: &DocumentKey,
        path: Option<PathBuf>,
        language: Option<Language>,
        version: i32,
        text: String,
    ) {
        let language = language.or_else(|| Language::from_path(path.as_deref()?));
        let role = language.map_or(FileRole::Library, |language| role_of(path.as_deref(), language));
        let configuration = path.as_deref().and_then(configures);
        let mut state = self.shared.lock();
        state.generations += 1;
        let config = state.configuration.for_file(path.as_deref());
        let open = Open {
            document: Document::new(language, version, text),
            excluded: path.as_deref().is_some_and(|path| config.excludes(path)),
            path: path.map(Arc::from),
            role,
            config,
            configuration,
            generation: state.generations,
            version: Arc::new(AtomicI32::new(version)),
            pending: Vec::new(),
            pending_typed: true,
            last_edit: None,
            queued: false,
            diagnosis: None,
            settled: None,
            since: Vec::new(),
            waiting: Vec::new(),
            tree: None,
            history: History::default(),
        };
        if let Some(before) = state.documents.insert(Arc::clone(key), open) {
            before.abandon();
        }
        state.enqueue(key);
        self.shared.work.notify_one();
    }

    /// A document was edited.
    pub fn change(
        &self,
        key: &DocumentKey,
        version: i32,
        changes: &[Change<'_>],
        encoding: PositionEncoding,
    ) -> Changed {
        let mut state = self.shared.lock();
        let Some(open) = state.documents.get_mut(key) else { return Changed::NotOpen };
        let was_desynced = open.document.desync().is_some();
        let result = open.document.apply(version, changes, encoding);
        let version = open.document.version();
        open.version.store(version, Ordering::Release);
        let changed = match result {
            Ok(applied) => {
                open.pending_typed &= is_typed(&applied, &mut open.last_edit);
                open.since.extend(applied.iter().map(|change| (version, *change)));
                open.history.note(version, &applied);
                open.pending.extend(applied);
                Changed::Applied
            }
            Err(_) if was_desynced => Changed::Ignored,
            Err(desync) => Changed::Desynced(desync),
        };
        state.enqueue(key);
        self.shared.work.notify_one();
        changed
    }

    /// A document was closed.
    pub fn close(&self, key: &DocumentKey) {
        let mut state = self.shared.lock();
        if let Some(open) = state.documents.remove(key) {
            state.closed.push(Arc::clone(key));
            drop(state);
            open.abandon();
            self.shared.work.notify_one();
        }
    }

    /// A configuration file may have changed: it was saved, or the client saw it change. Everything it may
    /// concern is looked at again.
    pub fn configuration_changed(&self) {
        let mut state = self.shared.lock();
        state.configuration.reload();
        state.reconfigure();
        self.shared.work.notify_one();
    }

    /// Takes the client's settings; returns what is wrong with them.
    pub fn set_client_settings(&self, settings: &serde_json::Value) -> Vec<crate::config::Problem> {
        let (settings, problems) = Settings::from_json(settings);
        let mut state = self.shared.lock();
        if state.configuration.set_client(settings) {
            state.reconfigure();
            self.shared.work.notify_one();
        }
        problems
    }

    /// What holds for a text without a place: the user's and the client's settings.
    pub fn own_configuration(&self) -> Arc<FolderConfig> {
        self.shared.lock().configuration.for_file(None)
    }

    /// Whether a path is that of a configuration file.
    pub fn is_configuration_file(path: &Path) -> bool {
        configures(path).is_some() || is_of_template(path)
    }

    /// A document as it is now. Waits for an analysis that is under way, but not longer than `patience`.
    pub fn snapshot(&self, key: &DocumentKey, patience: Duration) -> Option<Snapshot> {
        let start = Instant::now();
        let mut state = self.shared.lock();
        loop {
            let open = state.documents.get(key)?;
            let version = open.document.version();
            let is_current = open.settled.as_ref().is_some_and(|settled| settled.version == version);
            let left = patience.saturating_sub(start.elapsed());
            if is_current || left.is_zero() {
                return Some(open.snapshot(key));
            }
            state = self.shared.done.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The document of a path as it is now, where it is open.
    pub fn snapshot_of(&self, path: &Path) -> Option<Snapshot> {
        let state = self.shared.lock();
        let found = state.documents.iter().find(|(_, open)| open.path.as_deref() == Some(path));
        found.map(|(key, open)| open.snapshot(key))
    }

    /// Calls `then` with the diagnosis of the document's version as it is now: at once when there is one, else
    /// when it is made; with `None` when the document is closed before that or not open at all.
    pub fn when_diagnosed(
        &self,
        key: &DocumentKey,
        then: impl FnOnce(Option<Arc<Diagnosis>>) + Send + 'static,
    ) {
        let mut state = self.shared.lock();
        let Some(open) = state.documents.get_mut(key) else {
            drop(state);
            return then(None);
        };
        let version = open.document.version();
        match open.diagnosis.as_ref().filter(|diagnosis| diagnosis.version == version) {
            Some(diagnosis) => {
                let diagnosis = Arc::clone(diagnosis);
                drop(state);
                then(Some(diagnosis));
            }
            None => open.waiting.push((version, Box::new(then))),
        }
    }

    /// The project files in use and the user's, with what is wrong in them.
    pub fn configuration_files(&self) -> Vec<Arc<crate::config::LoadedFile>> {
        let state = self.shared.lock();
        let mut files: Vec<_> = state
            .documents
            .values()
            .flat_map(|open| open.config.file.iter().chain(&open.config.rule_files).cloned())
            .chain(state.configuration.user_file().cloned())
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        files
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.stopping = true;
        state.documents.drain().for_each(|(_, open)| open.abandon());
        drop(state);
        self.shared.work.notify_one();
        if let Some(worker) = self.worker.take() {
            // It has caught its own panics; there is nothing to learn from how it ended.
            let _ = worker.join();
        }
    }
}

/// Edits at different places that come closer than this are a program's: nobody moves a cursor so fast.
const FASTEST_HAND: Duration = Duration::from_millis(8);

/// Whether a batch of edits looks typed: one edit, where the last one was or some time after it.
fn is_typed(applied: &[AppliedChange], last: &mut Option<(Instant, Span)>) -> bool {
    let now = Instant::now();
    let [AppliedChange::Edit(edit)] = applied else {
        *last = Some((now, Span::at(u32::MAX)));
        return false;
    };
    let replaced = Span::new(edit.start_byte as u32, edit.old_end_byte as u32);
    let inserted = Span::new(edit.start_byte as u32, edit.new_end_byte as u32);
    let before = last.replace((now, inserted));
    before.is_none_or(|(at, place)| place.touches(replaced) || now.duration_since(at) >= FASTEST_HAND)
}

/// What a path configures, if it is that of a configuration file.
fn configures(path: &Path) -> Option<Configures> {
    if path.file_name().is_some_and(|name| name == PROJECT_FILE) {
        return Some(Configures::Settings(Scope::Project));
    }
    if is_rule_file(path) {
        return Some(Configures::Rule);
    }
    if TemplateFile::of(path).is_some() {
        return Some(Configures::Templates);
    }
    user_config_file().is_some_and(|file| file == path).then_some(Configures::Settings(Scope::User))
}

#[cfg(test)]
mod tests;
