//! Taking templates in from elsewhere, into the user's folder, and giving them away.

use std::fs;
use std::path::{Path, PathBuf};

use autodao_templates::{
    Layer, Library, Lock, LockError, Problem, Severity, Template, Vocabulary, builtin_files, lint_folder,
    portable_files, read_files,
};

use crate::library::TemplateFolders;
use crate::signature::{SignatureError, signed_lock};
use crate::template_source::{SourceError, TemplateSource};

/// Why nothing was installed. Of several templates all are installed or none.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// It cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The lock cannot be read or written, or knows the version with other content.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// What is wrong with templates, where it keeps them from being installed.
    #[error("{}", first(.0))]
    Refused(Vec<Problem>),
    /// A template that asks less of replies than the one whose name it takes.
    #[error("{name} asks less of replies than the built-in one it would stand in for: give it another name")]
    Weaker {
        /// The template.
        name: String,
    },
    /// Other content than who gave it away says.
    #[error("{name} {version} is not what the templates.lock beside it says: it was changed on the way")]
    Changed {
        /// The template.
        name: String,
        /// The version.
        version: String,
    },
    /// What says what the templates hold is not signed.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// A template that the signed lock does not name.
    #[error("{name} {version} is not in the signed templates.lock")]
    Unsigned {
        /// The template.
        name: String,
        /// The version.
        version: String,
    },
    /// The user has another template of this name and version.
    #[error("you have another {name} {version}: raise the version of one of them, or move yours away")]
    Taken {
        /// The template.
        name: String,
        /// The version.
        version: String,
    },
    /// A name that was asked for and is not there.
    #[error("there is no template `{0}` in it")]
    NotThere(String),
    /// There is no folder for the user's templates.
    #[error("there is no home folder; set AUTODAO_CONFIG_DIR")]
    NoFolder,
    /// The file system refused.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

fn first(problems: &[Problem]) -> String {
    problems.first().map_or_else(String::new, ToString::to_string)
}

/// A template that was installed, or was already.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Installed {
    /// Its name and version, with `@`.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether it was there before.
    pub was_there: bool,
    /// Where it came from.
    pub source: String,
    /// What is not right and no reason to refuse it.
    pub warnings: Vec<Problem>,
}

/// Takes templates of a folder or address into the user's folder: all of it, or those of some names. Each is linted
/// as what a stranger wrote, so one that relaxes what is asked of replies is refused. With a public key of minisign, the
/// `templates.lock` beside them has to be signed with it and to name each: it says what is sent to models, and nothing of
/// tests.
///
/// # Errors
/// See [`InstallError`]; nothing is changed then, apart from folders that were written before the disk was full.
pub fn install(
    source: &TemplateSource,
    names: &[String],
    folders: &TemplateFolders,
    vocabulary: &Vocabulary,
    key: Option<&str>,
) -> Result<Vec<Installed>, InstallError> {
    let user = folders.user.as_deref().ok_or(InstallError::NoFolder)?;
    let given = match key {
        Some(key) => signed_lock(&source.root, key)?,
        None => Lock::load(&source.root)?,
    };
    let mut lock = Lock::load(user)?;
    let known = Library::load(&[(Layer::User, user.to_owned())]);
    let mut taken = Vec::new();
    let mut problems = Vec::new();
    for folder in &source.folders {
        let own = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let base = own.split('@').next().unwrap_or(&own);
        if !names.is_empty() && !names.iter().any(|name| *name == own || name == base) {
            continue;
        }
        let found = lint_folder(folder, Layer::Workspace, vocabulary);
        let (errors, warnings): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|problem| problem.severity == Severity::Error);
        if !errors.is_empty() {
            problems.extend(errors);
            continue;
        }
        let files = read_files(folder, Layer::Workspace).map_err(InstallError::Refused)?;
        let parsed = Template::parse(folder, Layer::Workspace, files.borrowed());
        let Some(template) = parsed.template else {
            problems.extend(parsed.problems);
            continue;
        };
        taken.push((folder, template, warnings));
    }
    if !problems.is_empty() {
        return Err(InstallError::Refused(problems));
    }
    for name in names {
        let is_it = |(_, template, _): &(_, Template, _)| *name == template.name || *name == id(template);
        if !taken.iter().any(is_it) {
            return Err(InstallError::NotThere(name.clone()));
        }
    }
    for (_, template, _) in &taken {
        let (name, version) = (template.name.clone(), template.version.to_string());
        let promised = given.get(&template.name, &template.version);
        if promised.is_some_and(|promised| promised.hash != template.hash) {
            return Err(InstallError::Changed { name, version });
        }
        if promised.is_none() && key.is_some() {
            return Err(InstallError::Unsigned { name, version });
        }
        if is_weaker(template) {
            return Err(InstallError::Weaker { name });
        }
        let same = |known: &&std::sync::Arc<Template>| {
            known.layer == Layer::User && known.name == template.name && known.version == template.version
        };
        if known.all().find(same).is_some_and(|known| known.hash != template.hash) {
            return Err(InstallError::Taken { name, version });
        }
        lock.record(template, &source.name)?;
    }
    let mut installed = Vec::new();
    for (folder, template, warnings) in taken {
        let same = |known: &&std::sync::Arc<Template>| {
            known.layer == Layer::User && known.name == template.name && known.version == template.version
        };
        let there = known.all().find(same).map(|known| known.folder.clone());
        let to = there.clone().unwrap_or_else(|| user.join(id(&template)));
        if there.is_none() {
            copy(folder, &to)?;
        }
        let (name, source) = (id(&template), source.name.clone());
        installed.push(Installed { name, folder: to, was_there: there.is_some(), source, warnings });
    }
    lock.store(user)?;
    Ok(installed)
}

/// Gives a template away: its files into a folder of its own in `to`, and what they are into the `templates.lock`
/// there, which [`install`] compares them with.
///
/// # Errors
/// It is there already, its files cannot be read, or nothing can be written.
pub fn export(template: &Template, to: &Path) -> Result<PathBuf, InstallError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| InstallError::Io { path, source }
    };
    let folder = to.join(&template.name);
    if folder.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(InstallError::Io { path: folder, source });
    }
    let mut lock = Lock::load(to)?;
    lock.record(template, "export")?;
    let builtin = builtin_files().iter().find(|(name, _)| *name == template.name);
    match builtin {
        Some((_, files)) if template.layer == Layer::Builtin => {
            let files = [
                ("SKILL.md", Some(files.skill)),
                ("template.toml", files.config),
                ("prompt.mj", files.prompt),
            ];
            fs::create_dir_all(&folder).map_err(io(&folder))?;
            for (name, bytes) in files.into_iter().filter_map(|(name, bytes)| Some((name, bytes?))) {
                fs::write(folder.join(name), bytes).map_err(io(&folder))?;
            }
        }
        _ => copy(&template.folder, &folder)?,
    }
    lock.store(to)?;
    Ok(folder)
}

fn id(template: &Template) -> String {
    format!("{}@{}", template.name, template.version)
}

/// Whether a template takes a built-in one's name and asks less of replies.
fn is_weaker(template: &Template) -> bool {
    Library::builtin()
        .get(&template.name)
        .is_some_and(|builtin| !template.spec.gates.demand(&builtin.spec.gates))
}

/// Copies a template's own files: written beside the place, then moved there whole.
fn copy(from: &Path, to: &Path) -> Result<(), InstallError> {
    let files = portable_files(from).map_err(InstallError::Refused)?;
    let root = to.parent().unwrap_or(to);
    let write = || {
        fs::create_dir_all(root)?;
        let beside = tempfile::Builder::new().prefix(".autodao-").tempdir_in(root)?;
        let whole = beside.path().join("template");
        for file in &files {
            let path = whole.join(&file.name);
            fs::create_dir_all(path.parent().unwrap_or(&whole))?;
            fs::write(path, &file.bytes)?;
        }
        fs::rename(&whole, to)
    };
    write().map_err(|source| InstallError::Io { path: to.to_owned(), source })
}
