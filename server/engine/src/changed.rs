//! Which files differ from a git revision.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::project::identity_of;

/// Why it cannot be said which files changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangedError {
    /// Nothing could be started.
    #[error("git cannot be started: {0}; install it, or leave --changed-since out")]
    NoGit(#[source] std::io::Error),
    /// The folder belongs to no work tree.
    #[error("{} is in no git repository: {reason}", folder.display())]
    NoRepository {
        /// The folder.
        folder: PathBuf,
        /// What git says.
        reason: String,
    },
    /// The repository does not have the revision.
    #[error("`{revision}` is no revision of {}: name a commit, branch or tag", repository.display())]
    UnknownRevision {
        /// As it was written.
        revision: String,
        /// The repository's work tree.
        repository: PathBuf,
    },
    /// git failed at something that should work.
    #[error("git failed in {}: {reason}", repository.display())]
    Failed {
        /// The repository's work tree.
        repository: PathBuf,
        /// What git says.
        reason: String,
    },
}

/// The files of the repositories the paths are in that differ from a revision, in the work tree, the index or
/// by being untracked and not ignored. Each is named by its folder without links and its own name.
pub fn changed_since(revision: &str, paths: &[PathBuf]) -> Result<BTreeSet<PathBuf>, ChangedError> {
    let mut repositories = BTreeSet::new();
    for path in paths {
        let folder = if path.is_dir() { path.as_path() } else { folder_of(path) };
        repositories.insert(repository_of(folder)?);
    }
    let mut changed = BTreeSet::new();
    for repository in &repositories {
        let commit = commit_of(revision, repository)?;
        // Everything but what was deleted. `--no-relative` because a user's settings may ask for the opposite.
        let diff = ["diff", "--name-only", "-z", "--no-relative", "--diff-filter=d", &commit, "--"];
        let untracked = ["ls-files", "--others", "--exclude-standard", "-z"];
        for arguments in [&diff[..], &untracked[..]] {
            let listed = git(repository, arguments)?
                .map_err(|reason| ChangedError::Failed { repository: repository.clone(), reason })?;
            let names = listed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
            changed.extend(names.map(|name| identity_of(&repository.join(path_from(name)))));
        }
    }
    Ok(changed)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn repository_of(folder: &Path) -> Result<PathBuf, ChangedError> {
    let top = git(folder, &["rev-parse", "--show-toplevel"])?;
    let top = top.map_err(|reason| ChangedError::NoRepository { folder: folder.to_owned(), reason })?;
    Ok(path_from(top.strip_suffix(b"\n").unwrap_or(&top)))
}

/// The commit of a revision. What is handed on is git's own answer, so that nothing a user writes can be read
/// as an option.
fn commit_of(revision: &str, repository: &Path) -> Result<String, ChangedError> {
    let unknown =
        || ChangedError::UnknownRevision { revision: revision.to_owned(), repository: repository.to_owned() };
    if revision.starts_with('-') {
        return Err(unknown());
    }
    let named = format!("{revision}^{{commit}}");
    let commit = git(repository, &["rev-parse", "--verify", "--end-of-options", &named])?;
    let commit = String::from_utf8(commit.map_err(|_| unknown())?).unwrap_or_default();
    let commit = commit.trim_end().to_owned();
    let is_hash = !commit.is_empty() && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then_some(commit).ok_or_else(unknown)
}

/// Runs git in a folder; what it prints, or the last line of what it says is wrong.
fn git(folder: &Path, arguments: &[&str]) -> Result<Result<Vec<u8>, String>, ChangedError> {
    let output = Command::new("git")
        // A file system monitor is a command that the repository's own settings name.
        .args(["-c", "core.fsmonitor=false"])
        .arg("-C")
        .arg(folder)
        .args(arguments)
        // Looking does not write to the index.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .output()
        .map_err(ChangedError::NoGit)?;
    if output.status.success() {
        return Ok(Ok(output.stdout));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Ok(Err(last.unwrap_or("it does not say why").to_owned()))
}

#[cfg(unix)]
fn path_from(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// git writes UTF-8 where names are not bytes.
#[cfg(not(unix))]
fn path_from(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::new(&*String::from_utf8_lossy(bytes)))
}
