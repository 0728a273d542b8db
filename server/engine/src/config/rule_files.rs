//! Files with rules of users' own: `autodao/rules/*.scm` of a project, `rules/*.scm` beside the user's configuration.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use autodao_quality::{RuleId, read_rule, rule_name, rule_problems};
use autodao_syntax::{Buffer, Span};

use super::{LoadedFile, Problem, Settings, user_config_file};

/// Where a project keeps its rules, from the folder it is found in.
pub(super) const FOLDER: &str = "autodao/rules";

/// How many files of one folder are read.
const MAX_FILES: usize = 256;

/// What was read.
#[derive(Default)]
pub(super) struct RuleFiles {
    /// Each file, with what is wrong in it; by path, the user's first.
    pub(super) files: Vec<Arc<LoadedFile>>,
    /// The rules without mistakes. Of two with one name the later holds: the project's.
    pub(super) ids: Vec<RuleId>,
}

impl RuleFiles {
    /// Reads the user's rules and those of a project's folder.
    pub(super) fn read(project: Option<&Path>) -> Self {
        let mut read = Self::default();
        let user = user_config_file().and_then(|file| Some(file.parent()?.join("rules")));
        for folder in user.as_deref().into_iter().chain(project) {
            read.folder(folder);
        }
        read
    }

    fn folder(&mut self, folder: &Path) {
        // A folder that is not there, or not for us to read, holds no rules.
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut names: HashMap<String, PathBuf> = HashMap::new();
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| is_rule_file(path));
        paths.sort();
        for path in paths.into_iter().take(MAX_FILES) {
            let (buffer, result) = match std::fs::read_to_string(&path) {
                Ok(text) => {
                    let result =
                        read_rule(&text).map_err(|errors| errors.into_iter().map(Problem::from).collect());
                    (Buffer::new(text), result)
                }
                Err(error) => {
                    let problem = Problem::new(Default::default(), format!("cannot be read: {error}"));
                    (Buffer::new(String::new()), Err(vec![problem]))
                }
            };
            let taken = rule_name(buffer.text())
                .and_then(|(name, span)| Some((span, name, names.insert(name.to_owned(), path.clone())?)));
            let problems = match (result, taken) {
                (_, Some((span, name, first))) => {
                    names.insert(name.to_owned(), first.clone());
                    vec![taken_problem(name, span, &first)]
                }
                (Ok(id), None) => {
                    self.ids.push(id);
                    Vec::new()
                }
                (Err(problems), None) => problems,
            };
            self.files.push(Arc::new(LoadedFile { path, buffer, settings: Settings::default(), problems }));
        }
    }
}

/// What is wrong in a rule's file that is being written.
pub(crate) fn problems_of(path: Option<&Path>, text: &str) -> Vec<Problem> {
    let mut problems: Vec<Problem> = rule_problems(text).into_iter().map(Problem::from).collect();
    if let (Some(path), Some((name, span))) = (path, rule_name(text))
        && let Some(first) = namesake(path, name)
    {
        problems.push(taken_problem(name, span, &first));
    }
    problems
}

/// The file before it in its folder whose rule has this name.
fn namesake(path: &Path, name: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(path.parent()?).ok()?;
    let before = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|other| *other < *path && is_rule_file(other));
    let mut before: Vec<PathBuf> = before.take(MAX_FILES).collect();
    before.sort();
    before.into_iter().find(|other| {
        let text = std::fs::read_to_string(other).unwrap_or_default();
        rule_name(&text).is_some_and(|(own, _)| own == name)
    })
}

fn taken_problem(name: &str, span: Span, first: &Path) -> Problem {
    let first = first.file_name().unwrap_or_default().display();
    Problem::new(span, format!("`{name}` is the id of the rule in {first} already: this one is not used"))
}

/// Whether a path is that of a file with a rule, by its folder and name.
pub(crate) fn is_rule_file(path: &Path) -> bool {
    let folder = path.parent();
    let is_users = || {
        user_config_file().is_some_and(|file| folder == file.parent().map(|own| own.join("rules")).as_deref())
    };
    path.extension().is_some_and(|extension| extension == "scm")
        && folder.is_some_and(|folder| folder.ends_with(FOLDER) || is_users())
}
