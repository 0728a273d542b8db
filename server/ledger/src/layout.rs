//! Where the ledger's files are.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::LedgerError;

/// The folder of a ledger.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Journals that are, or were a moment ago, being written.
    pub(crate) fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// Journals of processes that ended, and the segments made of them.
    pub(crate) fn archive(&self) -> PathBuf {
        self.root.join("archive")
    }

    /// The sums of days whose events were let go.
    pub(crate) fn closed(&self) -> PathBuf {
        self.root.join("closed.journal")
    }

    /// The names and lengths of the files that do not change any more.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.root.join("archive.manifest")
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    /// Held by the process that uses the index.
    pub(crate) fn index_lock(&self) -> PathBuf {
        self.root.join("index.lock")
    }

    /// What is spent, for budgets.
    pub(crate) fn spending(&self) -> PathBuf {
        self.root.join("spending.bin")
    }

    /// Held while a budget is checked and the reservation written.
    pub(crate) fn budget_lock(&self) -> PathBuf {
        self.root.join("budget.lock")
    }

    /// Makes the folders, for this user only.
    pub(crate) fn create(&self) -> Result<(), LedgerError> {
        for folder in [self.spool(), self.archive()] {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(&folder).map_err(LedgerError::io(&folder))?;
        }
        Ok(())
    }

    /// Files of a folder whose names have an extension, sorted; none when there is no folder.
    pub(crate) fn files(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, LedgerError> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(LedgerError::io(folder)(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(LedgerError::io(folder))?.path();
            let extension = path.extension().unwrap_or_default();
            if extensions.iter().any(|known| extension == *known) {
                files.push(path);
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    /// Everything that is the truth: closed days first, then archives, then journals.
    pub(crate) fn sources(&self) -> Result<Vec<PathBuf>, LedgerError> {
        let mut sources = Vec::new();
        if self.closed().exists() {
            sources.push(self.closed());
        }
        sources.extend(Self::files(&self.archive(), &["journal", "segment"])?);
        sources.extend(Self::files(&self.spool(), &["journal"])?);
        Ok(sources)
    }
}

/// Makes new names in a folder last through a loss of power. Not everywhere can a folder be synced.
pub(crate) fn sync_folder(folder: &Path) {
    if cfg!(unix)
        && let Err(error) = File::open(folder).and_then(|folder| folder.sync_all())
    {
        tracing::debug!("{}: not synced: {error}", folder.display());
    }
}

/// Writes a whole file or nothing: under another name first, synced, then renamed.
pub(crate) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), LedgerError> {
    let draft = path.with_extension("draft");
    let result = File::create(&draft).and_then(|mut file| {
        write(&mut file)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    });
    if let Err(error) = result {
        // A draft that stays is overwritten by the next one.
        let _ = fs::remove_file(&draft);
        return Err(LedgerError::io(path)(error));
    }
    path.parent().into_iter().for_each(sync_folder);
    Ok(())
}
