//! Files with rules of users' own: `autodao/rules/*.scm` of a project, `rules/*.scm` beside the user's configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use autodao_quality::{RuleId, read_rule};
use autodao_syntax::Buffer;

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
            let problems = match result {
                Ok(id) => {
                    self.ids.push(id);
                    Vec::new()
                }
                Err(problems) => problems,
            };
            self.files.push(Arc::new(LoadedFile { path, buffer, settings: Settings::default(), problems }));
        }
    }
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
