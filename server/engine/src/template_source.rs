//! Templates from elsewhere: a folder, or a git repository at an address. What comes from there is looked at as what a
//! stranger wrote; nothing of it is run, and no work tree of it is ever made.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use autodao_templates::{
    LOCK_FILE, MAX_FILE_BYTES, MAX_PORTABLE_FILES, MAX_TEMPLATES, is_portable, skill_name,
};
use tempfile::TempDir;

use crate::signature::SIGNATURE_FILE;

/// How long a repository may take to come.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is looked how large it has become.
const GLANCE: Duration = Duration::from_millis(200);
/// The most bytes a repository may take on the disk.
const MOST_BYTES: u64 = 64 << 20;
/// The most bytes that a list of a repository's files may have.
const MOST_LISTED: u64 = 16 << 20;
/// Where templates are looked for, after the folder itself and its own folders.
const PLACES: [&str; 6] =
    ["autodao/templates", "templates", "skills", ".github/skills", ".claude/skills", ".agents/skills"];

/// Why templates cannot be taken from somewhere.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Neither.
    #[error("`{0}` is neither a folder nor an address that begins with https://, ssh:// or file://")]
    Neither(String),
    /// What would end up in a file that is shared.
    #[error("the address holds a password: leave it to git's credential helpers")]
    Password,
    /// Nothing could be started.
    #[error("git cannot be started: {0}")]
    NoGit(#[source] std::io::Error),
    /// git says no.
    #[error("git cannot read {address}: {reason}")]
    Git {
        /// The address.
        address: String,
        /// What git says last.
        reason: String,
    },
    /// It takes too long.
    #[error("{0} did not come within {limit} s", limit = PATIENCE.as_secs())]
    Slow(String),
    /// It is larger than templates ever are.
    #[error("{0} is larger than {limit} MiB", limit = MOST_BYTES >> 20)]
    Large(String),
    /// Where a file is expected there is something else.
    #[error("{0}: {1}")]
    BadFile(String, String),
    /// There is no template.
    #[error("there is no SKILL.md in {0}, nor in the folders where templates are kept")]
    Nothing(String),
    /// The file system refused.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Templates from elsewhere, on this machine.
pub struct TemplateSource {
    /// Each template's folder, by name.
    pub folders: Vec<PathBuf>,
    /// The folder they are in, which may hold a `templates.lock`.
    pub root: PathBuf,
    /// Where they came from: a path, or an address with a commit.
    pub name: String,
    _held: Option<TempDir>,
}

impl TemplateSource {
    /// Looks at a folder or an address. An address is asked for its last commit only, or for that of a branch or tag.
    ///
    /// # Errors
    /// It is neither, it cannot be read, it is too large or too slow, or there is no template.
    pub fn open(source: &str, branch: Option<&str>) -> Result<Self, SourceError> {
        let path = Path::new(source);
        let is_address = ["https://", "ssh://", "file://"].iter().any(|scheme| source.starts_with(scheme));
        if !is_address && path.is_dir() && branch.is_none() {
            let path =
                path.canonicalize().map_err(|source| SourceError::Io { path: path.to_owned(), source })?;
            let folders = folders_of(&path, &|folder| folder.join("SKILL.md").symlink_metadata().is_ok());
            let name = path.display().to_string();
            return Self { folders, root: path, name, _held: None }.checked();
        }
        if !is_address {
            return Err(SourceError::Neither(source.to_owned()));
        }
        let authority = source.split_once("://").and_then(|(_, rest)| rest.split('/').next()).unwrap_or("");
        if authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
            return Err(SourceError::Password);
        }
        Repository::fetch(source, branch)?.templates()
    }

    fn checked(self) -> Result<Self, SourceError> {
        if self.folders.is_empty() {
            return Err(SourceError::Nothing(self.name));
        }
        Ok(self)
    }
}

/// The folders of templates in a folder, by name: itself, else those of the first place that has any.
fn folders_of(root: &Path, is_template: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    if is_template(root) {
        return vec![root.to_owned()];
    }
    let places = std::iter::once(root.to_owned()).chain(PLACES.iter().map(|place| root.join(place)));
    for place in places {
        let Ok(entries) = std::fs::read_dir(&place) else { continue };
        let mut found: Vec<_> = entries
            .flatten()
            .take(MAX_TEMPLATES * 8)
            .map(|entry| entry.path())
            .filter(|folder| is_template(folder))
            .collect();
        found.sort();
        found.truncate(MAX_TEMPLATES);
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// A repository without a work tree, in a folder that goes with it.
struct Repository {
    held: TempDir,
    address: String,
}

impl Repository {
    fn fetch(address: &str, branch: Option<&str>) -> Result<Self, SourceError> {
        let held = tempfile::Builder::new().prefix("autodao-templates-").tempdir();
        let held = held.map_err(|source| SourceError::Io { path: std::env::temp_dir(), source })?;
        let repository = Self { held, address: address.to_owned() };
        let mut command = git();
        command
            .args(["clone", "--quiet", "--bare", "--depth=1", "--single-branch", "--no-tags"])
            // Hooks come from a template of repositories.
            .args(["--template=", "--no-recurse-submodules", "--filter=blob:limit=65537"]);
        if let Some(branch) = branch {
            command.arg(format!("--branch={branch}"));
        }
        command.arg("--").arg(address).arg(repository.folder());
        repository.run(command, 0)?;
        Ok(repository)
    }

    fn folder(&self) -> PathBuf {
        self.held.path().join("repository")
    }

    /// Writes the files of the repository's templates, and no others, into folders.
    fn templates(self) -> Result<TemplateSource, SourceError> {
        let commit = self.ask(&["rev-parse", "--verify", "HEAD^{commit}"], 256)?;
        let commit = String::from_utf8_lossy(&commit).trim().to_owned();
        let listed = self.ask(&["ls-tree", "-r", "-z", "HEAD"], MOST_LISTED)?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        // `100644 blob <id>\t<path>`
        let files: Vec<(&str, &str, &str)> = listed
            .split('\0')
            .filter_map(|line| {
                let (head, path) = line.split_once('\t')?;
                let mut words = head.split(' ');
                Some((words.next()?, words.nth(1)?, path))
            })
            .collect();
        let is_safe =
            |path: &str| !path.split('/').any(|part| matches!(part, "" | "." | "..")) && !path.contains('\\');
        let roots: Vec<&str> = files
            .iter()
            .filter(|(.., path)| is_safe(path))
            .filter_map(|(.., path)| match path.strip_suffix("SKILL.md")? {
                "" => Some(""),
                folder => folder.strip_suffix('/'),
            })
            .collect();
        let chosen = chosen_roots(&roots);
        let root = self.held.path().join("templates");
        let mut folders = Vec::new();
        for template in chosen {
            let prefix = if template.is_empty() { String::new() } else { format!("{template}/") };
            let mut own: Vec<(&str, Vec<u8>)> = Vec::new();
            for (mode, id, path) in &files {
                let Some(name) = path.strip_prefix(&prefix).filter(|name| is_portable(name)) else {
                    continue;
                };
                let bad = |what: &str| SourceError::BadFile((*path).to_owned(), what.to_owned());
                if !matches!(*mode, "100644" | "100755") {
                    return Err(bad("is a link, and templates may hold none"));
                }
                if own.len() >= MAX_PORTABLE_FILES {
                    return Err(bad(&format!("there are more than {MAX_PORTABLE_FILES} files")));
                }
                let limit = MAX_FILE_BYTES as u64;
                let bytes = self.ask(&["cat-file", "blob", id], limit + 1);
                let bytes = bytes.map_err(|_| bad("cannot be read, or is too large"))?;
                if bytes.len() as u64 > limit {
                    return Err(bad(&format!("is larger than {limit} bytes")));
                }
                own.push((name, bytes));
            }
            // A repository that is one template may be called anything.
            let name = match template.rsplit('/').next() {
                Some("") | None => {
                    let skill = own.iter().find(|(name, _)| *name == "SKILL.md");
                    skill.and_then(|(_, bytes)| skill_name(bytes)).unwrap_or_else(|| "template".to_owned())
                }
                Some(name) => name.to_owned(),
            };
            let folder = root.join(name);
            for (name, bytes) in own {
                write(&folder.join(name), &bytes)?;
            }
            folders.push(folder);
        }
        for (name, most) in [(LOCK_FILE, 4 << 20), (SIGNATURE_FILE, 4 << 10)] {
            if let Some((_, id, _)) = files.iter().find(|(_, _, path)| *path == name) {
                write(&root.join(name), &self.ask(&["cat-file", "blob", id], most)?)?;
            }
        }
        let name = format!("git+{}#{commit}", self.address);
        TemplateSource { folders, root, name, _held: Some(self.held) }.checked()
    }

    fn ask(&self, arguments: &[&str], most: u64) -> Result<Vec<u8>, SourceError> {
        let mut command = git();
        command.arg("--git-dir").arg(self.folder()).args(arguments);
        self.run(command, most)
    }

    /// Runs git to its end, or until it takes too long or too much. Gives at most so many bytes of what it prints.
    fn run(&self, mut command: Command, most: u64) -> Result<Vec<u8>, SourceError> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(SourceError::NoGit)?;
        let (ended, end) = mpsc::channel();
        let printed = reader(child.stdout.take(), most, ended.clone());
        let complained = reader(child.stderr.take(), 1 << 16, ended);
        let start = Instant::now();
        let mut open = 2;
        while open > 0 {
            match end.recv_timeout(GLANCE) {
                Ok(()) => open -= 1,
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
            if start.elapsed() > PATIENCE {
                stop(&mut child);
                return Err(SourceError::Slow(self.address.clone()));
            }
            if size_of(self.held.path()) > MOST_BYTES {
                stop(&mut child);
                return Err(SourceError::Large(self.address.clone()));
            }
        }
        let status = child.wait().map_err(SourceError::NoGit)?;
        let printed = printed.join().unwrap_or_default();
        if status.success() || printed.len() as u64 == most && most > 0 {
            return Ok(printed);
        }
        let said = complained.join().unwrap_or_default();
        let said = String::from_utf8_lossy(&said).into_owned();
        let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it does not say why");
        Err(SourceError::Git { address: self.address.clone(), reason: last.to_owned() })
    }
}

/// The folders with a `SKILL.md` that are taken, as [`folders_of`] takes them.
fn chosen_roots<'a>(roots: &[&'a str]) -> Vec<&'a str> {
    if roots.contains(&"") {
        return vec![""];
    }
    let children = |place: &str| -> Vec<&'a str> {
        let of = |root: &&&'a str| match root.rsplit_once('/') {
            Some((parent, _)) => parent == place,
            None => place.is_empty(),
        };
        roots.iter().filter(of).take(MAX_TEMPLATES).copied().collect()
    };
    std::iter::once("").chain(PLACES).map(children).find(|found| !found.is_empty()).unwrap_or_default()
}

/// git that asks nobody, runs no hook, no filter and no other transport.
fn git() -> Command {
    let mut command = Command::new("git");
    for setting in [
        "core.hooksPath=/dev/null",
        "core.fsmonitor=false",
        "core.symlinks=false",
        "protocol.allow=never",
        "protocol.https.allow=always",
        "protocol.ssh.allow=always",
        "protocol.file.allow=always",
        "http.followRedirects=initial",
        "transfer.bundleURI=false",
        "submodule.recurse=false",
        "gc.auto=0",
    ] {
        command.args(["-c", setting]);
    }
    for variable in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_COUNT",
        "GIT_TEMPLATE_DIR",
    ] {
        command.env_remove(variable);
    }
    command
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ALLOW_PROTOCOL", "https:ssh:file")
        // What the filter left out is not worth another request.
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0");
    command
}

/// Reads a pipe to its end, keeping its first bytes.
fn reader(
    pipe: Option<impl Read + Send + 'static>,
    most: u64,
    ended: mpsc::Sender<()>,
) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        if let Some(mut pipe) = pipe {
            // Who writes must not wait for a reader: the rest is read and let go, up to the end.
            let _ = pipe.by_ref().take(most).read_to_end(&mut kept);
            let _ = std::io::copy(&mut pipe, &mut std::io::sink());
        }
        // Whoever waits may be gone.
        let _ = ended.send(());
        kept
    })
}

fn stop(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// Bytes of the files below a folder, of as many as matter.
fn size_of(folder: &Path) -> u64 {
    let mut open = vec![folder.to_owned()];
    let mut bytes = 0_u64;
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                open.push(entry.path());
            } else {
                bytes = bytes.saturating_add(metadata.len());
            }
        }
        if bytes > MOST_BYTES {
            break;
        }
    }
    bytes
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), SourceError> {
    let parent = path.parent().unwrap_or(path);
    let written = std::fs::create_dir_all(parent).and_then(|()| std::fs::write(path, bytes));
    written.map_err(|source| SourceError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_looked_for_in_one_place() {
        assert_eq!(chosen_roots(&["a", "", "templates/b"]), [""]);
        assert_eq!(chosen_roots(&["a", "b", "templates/c", "x/y/z"]), ["a", "b"]);
        assert_eq!(chosen_roots(&["x/y/z", "skills/s", "templates/c"]), ["templates/c"]);
        assert_eq!(chosen_roots(&[".claude/skills/s"]), [".claude/skills/s"]);
        assert!(chosen_roots(&["x/y/z"]).is_empty());
    }

    #[test]
    fn what_is_no_address_is_not_handed_to_git() {
        for bad in
            ["ext::sh -c true", "--upload-pack=true", "-u", "http://localhost/a", "git@host:a", "none", ""]
        {
            assert!(matches!(TemplateSource::open(bad, None), Err(SourceError::Neither(_))), "{bad}");
        }
        for bad in ["https://me:secret@localhost/a", "ssh://a:b@localhost/x"] {
            assert!(matches!(TemplateSource::open(bad, None), Err(SourceError::Password)), "{bad}");
        }
    }
}
