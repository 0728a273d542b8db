//! Looking at files and folders, in parallel.

use std::collections::{BTreeSet, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use autodao_quality::RuleId;
use autodao_syntax::{Language, SyntaxParser};
use ignore::{WalkBuilder, WalkState};

use crate::check::{Checked, FileProblem, Source, check_file};
use crate::config::{Configuration, FolderConfig, LoadedFile};
use crate::project::{identity_of, place_of, role_of};
use crate::source;
use crate::together::look_together;

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// Files and folders. A file that is named is looked at even if it is ignored or excluded. One that is
    /// reached twice is looked at once.
    pub paths: Vec<PathBuf>,
    /// How many threads; 0 for as many as there are cores.
    pub threads: usize,
    /// The only rules that look; empty for those the configuration switches on.
    pub rules: Vec<RuleId>,
    /// The only files that are looked at, as [`crate::changed_since`] names them.
    pub only: Option<BTreeSet<PathBuf>>,
    /// Whether the files are looked at together, too: copies, imports in a circle.
    pub workspace: bool,
}

/// Looks at every file of ours below the paths, respecting `.gitignore` and the configuration. `each` is called
/// as files are done, in no particular order, on several threads. Returns the configuration files that were
/// used, the user's first, then by path.
pub fn check_tree(
    options: &CheckOptions,
    each: impl Fn(Result<Checked, FileProblem>) + Sync,
) -> Vec<Arc<LoadedFile>> {
    let together = Mutex::new(Vec::new());
    let used = read_tree(options, |read| {
        let seen = match read {
            Ok((parser, source)) => check_file(parser, source, options.workspace),
            Err(problem) => return each(Err(problem)),
        };
        if seen.survey.is_some() {
            together.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        } else if seen.asked {
            each(Ok(seen.checked));
        }
    });
    look_together(together.into_inner().unwrap_or_else(PoisonError::into_inner), options.threads, &each);
    used
}

/// Reads the files that [`check_tree`] looks at; `each` is given its thread's parser.
pub(crate) fn read_tree(
    options: &CheckOptions,
    each: impl Fn(Result<(&mut SyntaxParser, Source), FileProblem>) + Sync,
) -> Vec<Arc<LoadedFile>> {
    find_files(options, &mut Configuration::load(), |parser, found| {
        match found.map(|found| (found.asked, found.read())) {
            Ok((_, Ok(source))) => each(Ok((parser, source))),
            Ok((true, Err(problem))) | Err(problem) => each(Err(problem)),
            Ok((false, Err(_))) => {}
        }
        WalkState::Continue
    })
}

/// A file that is to be looked at.
pub(crate) struct Found {
    /// Its path, as the folder it was found in was named.
    pub(crate) path: PathBuf,
    /// Where it is, absolute.
    pub(crate) place: PathBuf,
    pub(crate) language: Language,
    pub(crate) config: Arc<FolderConfig>,
    /// Whether it is asked about.
    pub(crate) asked: bool,
}

impl Found {
    /// Reads it.
    pub(crate) fn read(self) -> Result<Source, FileProblem> {
        let Self { path, place, language, config, asked } = self;
        match source::read_file(&path) {
            Ok(text) => {
                let role = role_of(Some(&place), language);
                Ok(Source { path, place, language, role, config, text, asked })
            }
            Err(reason) => Err(FileProblem { path, reason }),
        }
    }
}

/// Finds the files that [`check_tree`] looks at. `each` is given its thread's parser, and says whether to go on.
pub(crate) fn find_files(
    options: &CheckOptions,
    configuration: &mut Configuration,
    each: impl Fn(&mut SyntaxParser, Result<Found, FileProblem>) -> WalkState + Sync,
) -> Vec<Arc<LoadedFile>> {
    configuration.restrict(options.rules.clone());
    let run = Run {
        only: options.only.as_ref(),
        reads_all: options.workspace,
        is_single: options.paths.len() == 1,
        user: configuration.user_file().cloned(),
        configuration: Mutex::new(configuration),
        seen: Mutex::default(),
        used: Mutex::default(),
        each,
    };
    let mut folders = Vec::new();
    let mut parser = SyntaxParser::default();
    for path in &options.paths {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => folders.push(path),
            Ok(_) => {
                run.look(&mut parser, path, true);
            }
            Err(error) => {
                run.fail(&mut parser, path, source::unreadable(&error));
            }
        }
    }
    if let Some((first, rest)) = folders.split_first() {
        let mut walk = WalkBuilder::new(first);
        for folder in rest {
            walk.add(folder);
        }
        walk.threads(options.threads).require_git(false).hidden(true);
        walk.build_parallel().run(|| {
            let mut parser = SyntaxParser::default();
            let run = &run;
            Box::new(move |entry| run.visit(&mut parser, entry))
        });
    }
    let used = run.used.into_inner().unwrap_or_else(PoisonError::into_inner);
    run.user.into_iter().chain(used).collect()
}

/// One look at a tree, shared by its threads.
struct Run<'o, F> {
    only: Option<&'o BTreeSet<PathBuf>>,
    /// Whether the files that are not asked about are read, too: what is copied into a file that was changed is in
    /// one that was not.
    reads_all: bool,
    /// Whether one path is looked at: then nothing is reached twice, and the links need not be resolved.
    is_single: bool,
    user: Option<Arc<LoadedFile>>,
    configuration: Mutex<&'o mut Configuration>,
    /// Files that were begun, by [`identity_of`].
    seen: Mutex<HashSet<PathBuf>>,
    /// Project files that were used, by path.
    used: Mutex<Vec<Arc<LoadedFile>>>,
    each: F,
}

impl<F: Fn(&mut SyntaxParser, Result<Found, FileProblem>) -> WalkState + Sync> Run<'_, F> {
    fn visit(&self, parser: &mut SyntaxParser, entry: Result<ignore::DirEntry, ignore::Error>) -> WalkState {
        match entry {
            // A folder that was named may be a link: it is walked.
            Ok(entry) if entry.path_is_symlink() && entry.depth() > 0 => {
                self.look_at_link(parser, entry.path())
            }
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                self.look(parser, entry.path(), false)
            }
            Ok(_) => WalkState::Continue,
            Err(error) => {
                let (path, reason) = walk_problem(error);
                self.fail(parser, &path, reason)
            }
        }
    }

    /// `named` tells a file the user asked for from one that was found.
    fn look(&self, parser: &mut SyntaxParser, path: &Path, named: bool) -> WalkState {
        let language = match source::language_of(path) {
            Ok(language) => language,
            Err(reason) if named => return self.fail(parser, path, reason),
            Err(_) => return WalkState::Continue,
        };
        let asked = self.begin(path);
        let is_read = asked || (self.reads_all && self.only.is_some() && self.begin_anyway(path));
        if !is_read {
            return WalkState::Continue;
        }
        let place = place_of(path);
        let config = self.config_of(&place);
        if !named && config.excludes(&place) {
            return WalkState::Continue;
        }
        (self.each)(parser, Ok(Found { path: path.to_owned(), place, language, config, asked }))
    }

    /// Links are not followed: what they lead to is looked at where it is, or is none of this project's. One
    /// that leads nowhere, or to a folder it is in, is named.
    fn look_at_link(&self, parser: &mut SyntaxParser, path: &Path) -> WalkState {
        let is_ours = Language::from_path(path).is_some();
        let reason = match std::fs::canonicalize(path) {
            Err(error) if error.kind() == ErrorKind::NotFound && !is_ours => return WalkState::Continue,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                "a link to what is not there: remove it, or restore what it leads to".to_owned()
            }
            Err(error) => format!("a link that leads nowhere: remove it ({error})"),
            Ok(target) => {
                let folder = path.parent().and_then(|parent| std::fs::canonicalize(parent).ok());
                if !target.is_dir() || !folder.is_some_and(|folder| folder.starts_with(&target)) {
                    return WalkState::Continue;
                }
                "a link to a folder it is in: it is not followed; remove it, or exclude it in autodao.toml"
                    .to_owned()
            }
        };
        let place = place_of(path);
        if self.begin(path) && !self.config_of(&place).excludes(&place) {
            return self.fail(parser, path, reason);
        }
        WalkState::Continue
    }

    /// Whether a file is to be looked at and was not begun before.
    fn begin(&self, path: &Path) -> bool {
        if self.only.is_none() && self.is_single {
            return true;
        }
        let identity = identity_of(path);
        self.only.is_none_or(|only| only.contains(&identity))
            && self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(identity)
    }

    /// Whether a file that is not asked about was not begun before.
    fn begin_anyway(&self, path: &Path) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(identity_of(path))
    }

    fn fail(&self, parser: &mut SyntaxParser, path: &Path, reason: String) -> WalkState {
        (self.each)(parser, Err(FileProblem { path: path.to_owned(), reason }))
    }

    fn config_of(&self, place: &Path) -> Arc<FolderConfig> {
        let config = self.configuration.lock().unwrap_or_else(PoisonError::into_inner).for_file(Some(place));
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        for file in config.file.iter().chain(&config.rule_files) {
            if let Err(index) = used.binary_search_by(|known| known.path.cmp(&file.path)) {
                used.insert(index, Arc::clone(file));
            }
        }
        drop(used);
        config
    }
}

fn walk_problem(error: ignore::Error) -> (PathBuf, String) {
    let (mut path, mut error) = (PathBuf::new(), error);
    loop {
        error = match error {
            ignore::Error::WithPath { path: at, err } => {
                path = at;
                *err
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => *err,
            ignore::Error::Io(error) => return (path, source::unreadable(&error)),
            error => return (path, error.to_string()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(options: &CheckOptions) -> Vec<String> {
        let found = Mutex::new(Vec::new());
        check_tree(options, |result| {
            let path = result.map_or_else(|problem| problem.path, |checked| checked.path);
            found.lock().unwrap().push(path.file_name().unwrap().to_str().unwrap().to_owned());
        });
        let mut found = found.into_inner().unwrap();
        found.sort();
        found
    }

    #[test]
    fn a_file_is_looked_at_once_however_often_it_is_reached() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(inner.join("a.rs"), "fn f() {}\n").unwrap();
        let paths = vec![root.path().to_owned(), inner.clone(), inner.join("../inner/a.rs")];
        assert_eq!(names(&CheckOptions { paths, ..CheckOptions::default() }), ["a.rs"]);
    }

    #[test]
    fn only_the_files_asked_for_are_looked_at() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a.rs", "b.rs"] {
            std::fs::write(root.path().join(name), "fn f() {}\n").unwrap();
        }
        let only = Some(BTreeSet::from([identity_of(&root.path().join("b.rs"))]));
        let paths = vec![root.path().to_owned()];
        assert_eq!(names(&CheckOptions { paths, only, ..CheckOptions::default() }), ["b.rs"]);
    }

    #[test]
    fn a_configuration_beside_the_way_to_a_folder_does_not_hold() {
        let root = tempfile::tempdir().unwrap();
        let (here, there) = (root.path().join("here"), root.path().join("there"));
        std::fs::create_dir(&here).unwrap();
        std::fs::create_dir(&there).unwrap();
        std::fs::write(here.join("autodao.toml"), "[files]\nexclude = [\"*\"]\n").unwrap();
        std::fs::write(there.join("a.rs"), "fn f() {}\n").unwrap();
        let options = CheckOptions { paths: vec![here.join("../there")], ..CheckOptions::default() };
        assert_eq!(
            check_tree(&options, |_| {}).iter().filter(|f| f.path.starts_with(root.path())).count(),
            0
        );
    }
}
