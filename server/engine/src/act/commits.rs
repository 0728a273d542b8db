//! Commits, as a repository's own record of them (its reflog) tells: what of an edit was committed.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// More than this of a record is not read at once: then only its end counts.
const MAX_READ: u64 = 1 << 20;

/// The repository of a file, seen from the moment it was found on.
pub(crate) struct Repository {
    /// The file, from the root of the work tree, as git writes it.
    file: String,
    work_tree: PathBuf,
    /// Where git writes down what `HEAD` was moved to.
    record: PathBuf,
    /// How much of the record was read.
    read: u64,
}

impl Repository {
    /// The repository whose work tree a file is in. Reads the file system only.
    pub(crate) fn of(file: &Path) -> Option<Self> {
        let file = fs::canonicalize(file).ok()?;
        let work_tree = file.ancestors().skip(1).find(|folder| folder.join(".git").exists())?.to_owned();
        let names: Option<Vec<_>> =
            file.strip_prefix(&work_tree).ok()?.iter().map(|name| name.to_str()).collect();
        let record = git_folder(&work_tree)?.join("logs/HEAD");
        let read = length(&record);
        Some(Self { file: names?.join("/"), work_tree, record, read })
    }

    /// The file as it is in the last commit made since this was asked last, if one was made and the file is another one
    /// in it. Costs a look at the record's length, as a rule; else git is started twice.
    pub(crate) fn committed(&mut self) -> Option<String> {
        let now = length(&self.record);
        let from = std::mem::replace(&mut self.read, now);
        if now <= from {
            return None;
        }
        let (before, after) = last_commit(&self.tail(from.max(now.saturating_sub(MAX_READ)))?)?;
        let new = self.blob(&after)?;
        (self.blob(&before).as_ref() != Some(&new)).then_some(new)
    }

    fn tail(&self, from: u64) -> Option<String> {
        let mut record = File::open(&self.record).ok()?;
        record.seek(SeekFrom::Start(from)).ok()?;
        let mut bytes = Vec::new();
        record.take(MAX_READ).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The file in a commit. No filter, driver or hook that a repository's settings name is run for this.
    fn blob(&self, commit: &str) -> Option<String> {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.work_tree).args(["cat-file", "blob"]);
        command.arg(format!("{commit}:{}", self.file)).stdin(Stdio::null()).stderr(Stdio::null());
        let output = command.output().ok()?;
        output.status.success().then(|| String::from_utf8(output.stdout).ok())?
    }
}

fn length(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |found| found.len())
}

/// A work tree's own git folder: beside its files, or where a file of that name says.
fn git_folder(work_tree: &Path) -> Option<PathBuf> {
    let dot_git = work_tree.join(".git");
    if dot_git.is_dir() {
        return Some(dot_git);
    }
    let mut text = String::new();
    File::open(dot_git).ok()?.take(4096).read_to_string(&mut text).ok()?;
    Some(work_tree.join(text.strip_prefix("gitdir:")?.trim()))
}

/// What `HEAD` was before the first and after the last commit of some lines of a record. Moves that are no commits
/// (another branch was checked out, history was rewritten) do not count.
fn last_commit(lines: &str) -> Option<(String, String)> {
    let mut found: Option<(String, String)> = None;
    for line in lines.lines() {
        let Some((moved, why)) = line.split_once('\t') else { continue };
        let mut words = moved.split(' ');
        let (Some(before), Some(after)) = (words.next(), words.next()) else { continue };
        let is_hash = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if why.starts_with("commit") && is_hash(before) && is_hash(after) {
            let first = found.map_or_else(|| before.to_owned(), |(first, _)| first);
            found = Some((first, after.to_owned()));
        } else {
            found = None;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.arg("-C").arg(folder).args(["-c", "user.name=A", "-c", "user.email=a@example.org"]);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        assert!(command.args(arguments).output().unwrap().status.success(), "git {arguments:?}");
    }

    #[test]
    fn a_commit_is_seen_when_the_file_is_another_one_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let (root, file) = (folder.path(), folder.path().join("src/a.rs"));
        fs::create_dir(root.join("src")).unwrap();
        fs::write(&file, "one").unwrap();
        assert!(Repository::of(&file).is_none());
        git(root, &["init", "--quiet", "--initial-branch=main"]);
        let mut repository = Repository::of(&file).unwrap();
        assert_eq!(repository.committed(), None);
        git(root, &["add", "."]);
        git(root, &["commit", "--quiet", "--message=first"]);
        assert_eq!(repository.committed().as_deref(), Some("one"));
        assert_eq!(repository.committed(), None);
        git(root, &["commit", "--quiet", "--allow-empty", "--message=nothing of it"]);
        assert_eq!(repository.committed(), None);
        git(root, &["checkout", "--quiet", "-b", "other"]);
        fs::write(&file, "two").unwrap();
        git(root, &["commit", "--quiet", "--all", "--message=second"]);
        git(root, &["commit", "--quiet", "--allow-empty", "--message=third"]);
        assert_eq!(repository.committed().as_deref(), Some("two"));
        git(root, &["checkout", "--quiet", "main"]);
        assert_eq!(repository.committed(), None, "another branch is no commit");
    }

    #[test]
    fn another_work_tree_has_its_own_record() {
        let folder = tempfile::tempdir().unwrap();
        let (main, tree) = (folder.path().join("main"), folder.path().join("tree"));
        fs::create_dir(&main).unwrap();
        git(&main, &["init", "--quiet"]);
        fs::write(main.join("a.rs"), "one").unwrap();
        git(&main, &["add", "."]);
        git(&main, &["commit", "--quiet", "--message=first"]);
        git(&main, &["worktree", "add", "--quiet", tree.to_str().unwrap()]);
        let mut here = Repository::of(&main.join("a.rs")).unwrap();
        let mut there = Repository::of(&tree.join("a.rs")).unwrap();
        fs::write(tree.join("a.rs"), "two").unwrap();
        git(&tree, &["commit", "--quiet", "--all", "--message=second"]);
        assert_eq!(here.committed(), None);
        assert_eq!(there.committed().as_deref(), Some("two"));
    }

    #[test]
    fn a_record_that_is_none_tells_nothing() {
        assert_eq!(last_commit(""), None);
        assert_eq!(last_commit("x\n\t\n--output=x 1 A\tcommit: x\n"), None);
        let lines = "1 2 A\tcommit: a\n2 3 A\tcommit (amend): b\n";
        assert_eq!(last_commit(lines), Some(("1".to_owned(), "3".to_owned())));
        assert_eq!(last_commit("1 2 A\tcommit: a\n2 3 A\tcheckout: b\n"), None);
    }
}
