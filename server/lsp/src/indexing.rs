//! Keeps the indexes of workspace folders: built in the background when AI edits are first offered in a folder, then
//! kept up with what changes on disk.
//!
//! One thread does it all, one message after the other, so that what is read last is what counts. Nothing here runs on
//! the way of a keystroke, and a session that is offered no AI edit pays nothing.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use autodao_engine::index::{Built, WorkspaceIndexes, root_of};

use crate::capabilities::ClientAbilities;
use crate::client::Client;
use crate::progress::Progress;

/// What the thread is told.
enum Task {
    /// A folder is worked in.
    Build(PathBuf),
    /// A file was changed, made or removed.
    Changed(PathBuf),
}

/// The indexes of a connection. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Indexing(Arc<Inner>);

struct Inner {
    indexes: Arc<WorkspaceIndexes>,
    client: Client,
    abilities: Arc<OnceLock<ClientAbilities>>,
    folders: Mutex<Vec<PathBuf>>,
    wanted: Mutex<Vec<PathBuf>>,
    tasks: OnceLock<Option<Mutex<Sender<Task>>>>,
}

impl Indexing {
    pub(crate) fn new(
        indexes: &Arc<WorkspaceIndexes>,
        client: &Client,
        abilities: &Arc<OnceLock<ClientAbilities>>,
    ) -> Self {
        Self(Arc::new(Inner {
            indexes: Arc::clone(indexes),
            client: client.clone(),
            abilities: Arc::clone(abilities),
            folders: Mutex::default(),
            wanted: Mutex::default(),
            tasks: OnceLock::new(),
        }))
    }

    /// Takes the client's folders.
    pub(crate) fn set_folders(&self, folders: Vec<PathBuf>) {
        *lock(&self.0.folders) = folders;
    }

    /// The client's folders changed.
    pub(crate) fn change_folders(&self, added: Vec<PathBuf>, removed: &[PathBuf]) {
        let mut folders = lock(&self.0.folders);
        folders.retain(|folder| !removed.contains(folder));
        folders.extend(added);
    }

    /// AI edits are offered in a file: its folder will be asked about.
    pub(crate) fn want(&self, file: &std::path::Path) {
        let folder = lock(&self.0.folders)
            .iter()
            .filter(|folder| file.starts_with(folder))
            .max_by_key(|folder| folder.as_os_str().len())
            .cloned();
        let Some(folder) = folder.or_else(|| root_of(file)) else { return };
        let mut wanted = lock(&self.0.wanted);
        if !wanted.contains(&folder) {
            wanted.push(folder.clone());
            self.tell(Task::Build(folder));
        }
    }

    /// A file was changed, made or removed.
    pub(crate) fn changed(&self, file: PathBuf) {
        // Whatever is built later reads what is there then.
        if !lock(&self.0.wanted).is_empty() {
            self.tell(Task::Changed(file));
        }
    }

    fn tell(&self, task: Task) {
        let tasks = self.0.tasks.get_or_init(|| {
            let (sender, receiver) = channel();
            let (indexes, client) = (Arc::clone(&self.0.indexes), self.0.client.clone());
            let shows = self.0.abilities.get().is_some_and(|abilities| abilities.progress);
            let started = std::thread::Builder::new()
                .name("autodao-index".to_owned())
                .spawn(move || work(&receiver, &indexes, &client, shows));
            started.inspect_err(|error| tracing::error!("no thread for the index: {error}")).ok()?;
            Some(Mutex::new(sender))
        });
        if let Some(tasks) = tasks {
            // The thread ends only with the process.
            let _ = lock(tasks).send(task);
        }
    }
}

fn work(tasks: &Receiver<Task>, indexes: &WorkspaceIndexes, client: &Client, shows: bool) {
    while let Ok(task) = tasks.recv() {
        match task {
            Task::Changed(file) => indexes.changed(&file),
            Task::Build(folder) => {
                let name =
                    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let progress = Progress::start(client, None, shows, format!("AutoDAO: indexing {name}"));
                let built = indexes.build(&folder, &|Built { files, of, .. }| {
                    progress.report(format!("{files} of {of} files"));
                });
                progress.end(&format!("{} files", built.files));
                tracing::info!("{}: {} files indexed, {} known", folder.display(), built.files, built.known);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
