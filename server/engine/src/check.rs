//! Looking at files and folders, in parallel.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use autodao_quality::{Analysis, FileRole, Profile, Report};
use autodao_syntax::{Buffer, Language, MAX_PARSED_BYTES, SyntaxParser};
use ignore::{WalkBuilder, WalkState};

use crate::config::{Configuration, FolderConfig, LoadedFile};
use crate::project::role_of;

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// A file that was looked at.
pub struct Checked {
    /// Its path, as the folder it was found in was named.
    pub path: PathBuf,
    /// Its text.
    pub buffer: Buffer,
    /// Its language.
    pub language: Language,
    /// What it is for.
    pub role: FileRole,
    /// What holds for it.
    pub config: Arc<FolderConfig>,
    /// What was found.
    pub report: Report,
}

/// A file that could not be looked at.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}", path = path.display())]
pub struct FileProblem {
    /// Its path.
    pub path: PathBuf,
    /// Why, in one line.
    pub reason: String,
}

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// Files and folders. A file that is named is looked at even if it is ignored or excluded.
    pub paths: Vec<PathBuf>,
    /// How many threads; 0 for as many as there are cores.
    pub threads: usize,
}

/// Looks at one text as the editor would.
pub fn check_text(profile: &Arc<Profile>, language: Language, role: FileRole, text: &str) -> Report {
    check_with(&mut SyntaxParser::default(), profile, language, role, &Buffer::new(text.to_owned()))
}

fn check_with(
    parser: &mut SyntaxParser,
    profile: &Arc<Profile>,
    language: Language,
    role: FileRole,
    buffer: &Buffer,
) -> Report {
    let mut analysis = Analysis::new(Arc::clone(profile), Some(language), role);
    profile.compile_queries(language);
    let text = buffer.text();
    let tree = if text.len() > MAX_PARSED_BYTES { None } else { parser.parse_fresh(language, text) };
    match tree {
        Some(tree) => analysis.update(text, &tree, Instant::now()),
        None => analysis.update_unparsed(text),
    }
    analysis.report(buffer)
}

/// Looks at every file of ours below the paths, respecting `.gitignore` and the configuration. `each` is called
/// as files are done, in no particular order, on several threads. Returns the configuration files that were used.
pub fn check_tree(
    options: &CheckOptions,
    each: impl Fn(Result<Checked, FileProblem>) + Sync,
) -> Vec<Arc<LoadedFile>> {
    let configuration = Mutex::new(Configuration::load());
    let used = Mutex::new(
        configuration
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .user_file()
            .cloned()
            .into_iter()
            .collect::<Vec<_>>(),
    );
    let config_of = |path: &Path| {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let config = configuration.lock().unwrap_or_else(PoisonError::into_inner).for_file(Some(&absolute));
        if let Some(file) = &config.file {
            let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
            if !used.iter().any(|known| known.path == file.path) {
                used.push(Arc::clone(file));
            }
        }
        (absolute, config)
    };
    let look = |parser: &mut SyntaxParser, path: &Path, named: bool| {
        let Some(language) = Language::from_path(path) else {
            if named {
                let reason =
                    "not a language of ours: there are .rs, .ts, .tsx, .js, .jsx, .mts, .cts, .mjs, .cjs"
                        .to_owned();
                each(Err(FileProblem { path: path.to_owned(), reason }));
            }
            return;
        };
        let (absolute, config) = config_of(path);
        if !named && config.excludes(&absolute) {
            return;
        }
        let result = read(path).map(|text| {
            let role = role_of(Some(&absolute), language);
            let buffer = Buffer::new(text);
            let report = check_with(parser, &config.profile, language, role, &buffer);
            Checked { path: path.to_owned(), buffer, language, role, config, report }
        });
        each(result.map_err(|reason| FileProblem { path: path.to_owned(), reason }));
    };
    let mut folders = Vec::new();
    for path in &options.paths {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => folders.push(path),
            Ok(_) => look(&mut SyntaxParser::default(), path, true),
            Err(error) => each(Err(FileProblem { path: path.clone(), reason: error.to_string() })),
        }
    }
    let Some((first, rest)) = folders.split_first() else {
        return used.into_inner().unwrap_or_else(PoisonError::into_inner);
    };
    let mut walk = WalkBuilder::new(first);
    for folder in rest {
        walk.add(folder);
    }
    walk.threads(options.threads).require_git(false).hidden(true);
    walk.build_parallel().run(|| {
        let mut parser = SyntaxParser::default();
        let (look, each) = (&look, &each);
        Box::new(move |entry| {
            match entry {
                Ok(entry) if entry.path_is_symlink() => {
                    if let Some(problem) = link_problem(entry.path()) {
                        each(Err(problem));
                    }
                }
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    look(&mut parser, entry.path(), false)
                }
                Ok(_) => {}
                Err(error) => each(Err(walk_problem(error))),
            }
            WalkState::Continue
        })
    });
    used.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Links are not followed: what they lead to is looked at where it is, or is none of this project's. One that
/// leads nowhere, or to a folder it is in, is named.
fn link_problem(path: &Path) -> Option<FileProblem> {
    let problem = |reason: String| Some(FileProblem { path: path.to_owned(), reason });
    match std::fs::canonicalize(path) {
        Err(error) if Language::from_path(path).is_some() || error.kind() != std::io::ErrorKind::NotFound => {
            problem(format!("a link that leads nowhere: {error}"))
        }
        Err(_) => None,
        Ok(target) => {
            let folder = path.parent().and_then(|parent| std::fs::canonicalize(parent).ok())?;
            if target.is_dir() && folder.starts_with(&target) {
                return problem("a link to a folder it is in: not followed".to_owned());
            }
            None
        }
    }
}

fn walk_problem(error: ignore::Error) -> FileProblem {
    let (mut path, mut error) = (PathBuf::new(), error);
    loop {
        error = match error {
            ignore::Error::WithPath { path: at, err } => {
                path = at;
                *err
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => *err,
            error => return FileProblem { path, reason: error.to_string() },
        };
    }
}

/// Reads a text file; the error says in one line why it is none.
fn read(path: &Path) -> Result<String, String> {
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("larger than {} MiB", MAX_FILE_BYTES >> 20));
    }
    let text = String::from_utf8(bytes);
    text.map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        if error.as_bytes()[..at.min(8192)].contains(&0)
            || error.as_bytes().iter().take(8192).any(|byte| *byte == 0)
        {
            return "a binary file".to_owned();
        }
        let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("not valid UTF-8 at line {line} (byte {at})")
    })
    .and_then(|text| {
        if text.as_bytes().iter().take(8192).any(|byte| *byte == 0) {
            Err("a binary file".to_owned())
        } else {
            Ok(text)
        }
    })
}
