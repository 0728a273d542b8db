//! Reading templates from folders.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::problem::{ProblemKind, Problems, Severity, Source};
use crate::{Files, Layer, Parsed, Problem, Template};

/// The largest file of a template that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 64 << 10;

/// The most templates that are read from one folder.
pub const MAX_TEMPLATES: usize = 256;

/// The folder of a template's tests.
const TESTS: &str = "tests";

/// The most files with tests that are read of one template.
const MAX_TEST_FILES: usize = 64;

/// The files with tests of a template, in the order of their names.
pub(crate) fn test_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder.join(TESTS)) else { return Vec::new() };
    let paths = entries.flatten().take(MAX_TEST_FILES * 8).map(|entry| entry.path());
    let mut files: Vec<_> = paths.filter(|path| path.extension().is_some_and(|ext| ext == "toml")).collect();
    files.sort();
    files.truncate(MAX_TEST_FILES);
    files
}

/// Whether a path in a template's folder is that of a file with tests.
pub(crate) fn is_test_file(name: &str) -> bool {
    name.strip_prefix("tests/").is_some_and(|name| name.ends_with(".toml") && !name.contains('/'))
}

/// Whether a folder is meant to be a template's. One that has lost its `SKILL.md` is, so that somebody is told.
pub fn is_template_folder(folder: &Path) -> bool {
    ["SKILL.md", "template.toml"].iter().any(|name| folder.join(name).symlink_metadata().is_ok())
}

/// A file of a template with the text that an editor has of it.
#[derive(Clone, Copy, Debug)]
pub struct EditedFile<'a> {
    /// The template's folder.
    pub folder: &'a Path,
    /// Its layer.
    pub layer: Layer,
    /// The file's path in the folder, with `/`.
    pub name: &'a str,
    /// Its text, which may not be on the disk yet.
    pub text: &'a str,
}

/// Reads every template of a folder, in the order of their names. A folder that does not exist holds none.
pub(crate) fn read_all(root: &Path, layer: Layer, edited: Option<&EditedFile<'_>>) -> ReadFolder {
    let mut all = ReadFolder::default();
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return all,
        Err(error) => {
            all.problems.extend(problem(root, ProblemKind::Unreadable(error.to_string())));
            return all;
        }
    };
    let mut folders: Vec<PathBuf> =
        entries.flatten().take(MAX_TEMPLATES * 8).map(|entry| entry.path()).collect();
    folders.retain(|folder| is_template_folder(folder));
    folders.sort();
    if folders.len() > MAX_TEMPLATES {
        all.problems.extend(problem(root, ProblemKind::TooMany { limit: MAX_TEMPLATES }));
        folders.truncate(MAX_TEMPLATES);
    }
    for folder in folders {
        let edited = edited.filter(|edited| edited.folder == folder);
        let Parsed { template, problems } =
            edited.map_or_else(|| read(&folder, layer), crate::lint::parse_edited);
        all.templates.extend(template);
        all.problems.extend(problems);
    }
    all
}

/// What was read from a folder of templates.
#[derive(Default)]
pub(crate) struct ReadFolder {
    pub(crate) templates: Vec<Template>,
    pub(crate) problems: Vec<Problem>,
}

fn read(folder: &Path, layer: Layer) -> Parsed {
    match read_files(folder, layer) {
        Ok(files) => Template::parse(folder, layer, files.borrowed()),
        Err(problems) => Parsed { template: None, problems },
    }
}

/// A template's files as they are on the disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnedFiles {
    skill: Vec<u8>,
    config: Option<Vec<u8>>,
    prompt: Option<Vec<u8>>,
}

impl OwnedFiles {
    /// Their bytes.
    pub fn borrowed(&self) -> Files<'_> {
        Files { skill: &self.skill, config: self.config.as_deref(), prompt: self.prompt.as_deref() }
    }
}

/// Reads a template's files, or says why they may not be.
pub fn read_files(folder: &Path, layer: Layer) -> Result<OwnedFiles, Vec<Problem>> {
    let mut problems = Vec::new();
    if layer == Layer::Workspace && is_link(folder) {
        problems.extend(problem(folder, ProblemKind::Link));
        return Err(problems);
    }
    let mut file = |name: &str| {
        let path = folder.join(name);
        if layer == Layer::Workspace && is_link(&path) {
            problems.extend(problem(&path, ProblemKind::Link));
            return None;
        }
        match read_file(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                problems.extend(problem(&path, ProblemKind::Unreadable(error.to_string())));
                None
            }
        }
    };
    let (skill, config, prompt) = (file("SKILL.md"), file("template.toml"), file("prompt.mj"));
    if skill.is_none() && problems.is_empty() {
        problems.extend(problem(folder, ProblemKind::Missing("SKILL.md".to_owned())));
    }
    match skill {
        Some(skill) if problems.is_empty() => Ok(OwnedFiles { skill, config, prompt }),
        _ => Err(problems),
    }
}

pub(crate) fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink())
}

/// The bytes of a file, no more than it takes to see that it is too large; `None` when there is none.
fn read_file(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    read_at_most(path, MAX_FILE_BYTES)
}

/// The bytes of a file, at most one more than the limit; `None` when there is none.
pub(crate) fn read_at_most(path: &Path, limit: usize) -> std::io::Result<Option<Vec<u8>>> {
    // Opening what is no file may wait for ever: a pipe for its writer.
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(std::io::Error::other("is no file")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

pub(crate) fn problem(file: &Path, kind: ProblemKind) -> Vec<Problem> {
    let mut problems = Problems::default();
    problems.add(&Source { file: file.to_owned(), text: "" }, 0..0, Severity::Error, kind);
    problems.found
}
