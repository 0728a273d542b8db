//! Keeps up with the files of workspace folders, in the background: the rules that look at files together look in
//! pauses of typing; indexes are built when AI edits are first offered in a folder, then kept up with what changes.
//!
//! One thread does it all, one message after the other, so that what is read last is what counts. Nothing here runs on
//! the way of a keystroke.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use autodao_engine::index::{Built, WorkspaceIndexes, root_of};
use autodao_engine::{Refreshed, Session, WorkspaceSurveys};

use crate::capabilities::ClientAbilities;
use crate::client::Client;
use crate::progress::Progress;

/// How long nothing has to change before files are looked at together.
const PAUSE: Duration = Duration::from_millis(700);

/// What the thread is told.
enum Task {
    /// A document of a folder was opened.
    Opened(PathBuf),
    /// A folder was closed.
    Left(PathBuf),
    /// What was found in files together may not hold any more.
    Stale,
    /// A folder is worked in.
    Build(PathBuf),
    /// A file was changed, made or removed.
    Changed(PathBuf),
}

/// The indexes of a connection. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Indexing(Arc<Inner>);

struct Inner {
    session: Arc<Session>,
    indexes: Arc<WorkspaceIndexes>,
    client: Client,
    abilities: Arc<OnceLock<ClientAbilities>>,
    folders: Mutex<Vec<PathBuf>>,
    wanted: Mutex<Vec<PathBuf>>,
    edits: Arc<Edits>,
    tasks: OnceLock<Option<Mutex<Sender<Task>>>>,
}

/// The edits of documents, as the thread needs to know of them: a message for each would wake it at each keystroke.
#[derive(Default)]
struct Edits {
    /// When the last one came.
    last: Mutex<Option<Instant>>,
    /// Whether the thread knows that there are some.
    told: AtomicBool,
}

impl Indexing {
    pub(crate) fn new(
        session: &Arc<Session>,
        indexes: &Arc<WorkspaceIndexes>,
        client: &Client,
        abilities: &Arc<OnceLock<ClientAbilities>>,
    ) -> Self {
        Self(Arc::new(Inner {
            session: Arc::clone(session),
            indexes: Arc::clone(indexes),
            client: client.clone(),
            abilities: Arc::clone(abilities),
            folders: Mutex::default(),
            wanted: Mutex::default(),
            edits: Arc::default(),
            tasks: OnceLock::new(),
        }))
    }

    /// Takes the client's folders.
    pub(crate) fn set_folders(&self, folders: Vec<PathBuf>) {
        *lock(&self.0.folders) = folders;
    }

    /// The client's folders changed.
    pub(crate) fn change_folders(&self, added: Vec<PathBuf>, removed: &[PathBuf]) {
        {
            let mut folders = lock(&self.0.folders);
            folders.retain(|folder| !removed.contains(folder));
            folders.extend(added);
        }
        removed.iter().for_each(|folder| self.tell(Task::Left(folder.clone())));
    }

    /// The folder that a file is looked at in.
    fn folder_of(&self, file: &Path) -> Option<PathBuf> {
        let folder = lock(&self.0.folders)
            .iter()
            .filter(|folder| file.starts_with(folder))
            .max_by_key(|folder| folder.as_os_str().len())
            .cloned();
        folder.or_else(|| root_of(file))
    }

    /// A document was opened.
    pub(crate) fn opened(&self, file: &Path) {
        if let Some(folder) = self.folder_of(file) {
            self.tell(Task::Opened(folder));
        }
    }

    /// A document was edited.
    pub(crate) fn edited(&self) {
        *lock(&self.0.edits.last) = Some(Instant::now());
        if !self.0.edits.told.swap(true, Ordering::Relaxed) {
            self.tell(Task::Stale);
        }
    }

    /// A document was closed, or the configuration changed.
    pub(crate) fn stale(&self) {
        self.tell(Task::Stale);
    }

    /// AI edits are offered in a file: its folder will be asked about.
    pub(crate) fn want(&self, file: &Path) {
        let Some(folder) = self.folder_of(file) else { return };
        let mut wanted = lock(&self.0.wanted);
        if !wanted.contains(&folder) {
            wanted.push(folder.clone());
            self.tell(Task::Build(folder));
        }
    }

    /// A file was changed, made or removed.
    pub(crate) fn changed(&self, file: PathBuf) {
        self.tell(Task::Changed(file));
    }

    fn tell(&self, task: Task) {
        let tasks = self.0.tasks.get_or_init(|| {
            let (sender, receiver) = channel();
            let mut work = Work {
                indexes: Arc::clone(&self.0.indexes),
                surveys: WorkspaceSurveys::of(&self.0.session),
                client: self.0.client.clone(),
                shows: self.0.abilities.get().is_some_and(|abilities| abilities.progress),
                edits: Arc::clone(&self.0.edits),
                opened: BTreeSet::new(),
                seen: BTreeSet::new(),
            };
            let started = std::thread::Builder::new()
                .name("autodao-index".to_owned())
                .spawn(move || work.run(&receiver));
            started.inspect_err(|error| tracing::error!("no thread for the index: {error}")).ok()?;
            Some(Mutex::new(sender))
        });
        if let Some(tasks) = tasks {
            // The thread ends only with the process.
            let _ = lock(tasks).send(task);
        }
    }
}

/// What the thread has.
struct Work {
    indexes: Arc<WorkspaceIndexes>,
    surveys: WorkspaceSurveys,
    client: Client,
    /// Whether the client shows progress.
    shows: bool,
    edits: Arc<Edits>,
    /// Folders with documents that were opened.
    opened: BTreeSet<PathBuf>,
    /// Of them, those that were looked at.
    seen: BTreeSet<PathBuf>,
}

impl Work {
    fn run(&mut self, tasks: &Receiver<Task>) {
        let mut due: Option<Instant> = None;
        loop {
            let task = match due {
                Some(due) => tasks.recv_timeout(due.saturating_duration_since(Instant::now())),
                None => tasks.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match task {
                Ok(Task::Build(folder)) => self.build(&folder),
                Ok(Task::Changed(file)) => {
                    self.indexes.changed(&file);
                    due = Some(Instant::now() + PAUSE);
                }
                Ok(Task::Opened(folder)) => {
                    self.opened.insert(folder);
                    due = Some(Instant::now() + PAUSE);
                }
                Ok(Task::Left(folder)) => {
                    self.opened.remove(&folder);
                    self.seen.remove(&folder);
                    self.surveys.forget(&folder);
                }
                Ok(Task::Stale) => due = Some(Instant::now() + PAUSE),
                Err(RecvTimeoutError::Timeout) => due = self.look_together(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Looks at the folders' files together, unless somebody types: then says when to look.
    fn look_together(&mut self) -> Option<Instant> {
        let resting = lock(&self.edits.last).map(|at| at + PAUSE).filter(|at| *at > Instant::now());
        if resting.is_some() {
            return resting;
        }
        self.edits.told.store(false, Ordering::Relaxed);
        for folder in &self.opened {
            let is_first = self.seen.insert(folder.clone());
            let title = format!("AutoDAO: comparing files in {}", name_of(folder));
            let progress = Progress::start(&self.client, None, self.shows && is_first, title);
            let Refreshed { files, surveyed, .. } = self.surveys.refresh(folder, &|done, of| {
                progress.report(format!("{done} of {of} files"));
            });
            progress.end(&format!("{files} files"));
            tracing::debug!("{}: {files} files compared, {surveyed} read", folder.display());
        }
        None
    }

    fn build(&self, folder: &Path) {
        let title = format!("AutoDAO: indexing {}", name_of(folder));
        let progress = Progress::start(&self.client, None, self.shows, title);
        let built = self.indexes.build(folder, &|Built { files, of, .. }| {
            progress.report(format!("{files} of {of} files"));
        });
        progress.end(&format!("{} files", built.files));
        tracing::info!("{}: {} files indexed, {} known", folder.display(), built.files, built.known);
    }
}

fn name_of(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
