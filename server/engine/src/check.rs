//! Looking at one text: the same for a file, for standard input and for the editor.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use autodao_quality::{Analysis, FileRole, Profile, Report};
use autodao_syntax::tree_sitter::Tree;
use autodao_syntax::{Buffer, Language, MAX_PARSED_BYTES, SyntaxParser};

use crate::config::{Configuration, FolderConfig};
use crate::project::{place_of, role_of};
use crate::source;

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
#[derive(Clone, Debug, thiserror::Error)]
#[error("{path}: {reason}", path = path.display())]
pub struct FileProblem {
    /// Its path.
    pub path: PathBuf,
    /// Why, and what to do about it, in one line.
    pub reason: String,
}

/// Looks at one text as the editor would.
pub fn check_text(profile: &Arc<Profile>, language: Language, role: FileRole, text: &str) -> Report {
    check_buffer(&mut SyntaxParser::default(), profile, language, role, &Buffer::new(text.to_owned()))
}

/// Looks at a text as if it were the content of a file, which need not exist: its place decides what holds.
pub fn check_source(
    configuration: &mut Configuration,
    path: &Path,
    source: impl Read,
) -> Result<Checked, FileProblem> {
    let problem = |reason| FileProblem { path: path.to_owned(), reason };
    let language = source::language_of(path).map_err(problem)?;
    let place = place_of(path);
    let config = configuration.for_file(Some(&place));
    let text = source::read_text(source).map_err(problem)?;
    let role = role_of(Some(&place), language);
    let source = Source { path: path.to_owned(), language, role, config, text };
    Ok(check_file(&mut SyntaxParser::default(), source))
}

/// A file that was read.
pub(crate) struct Source {
    /// Its path, as the folder it was found in was named.
    pub(crate) path: PathBuf,
    pub(crate) language: Language,
    pub(crate) role: FileRole,
    pub(crate) config: Arc<FolderConfig>,
    pub(crate) text: String,
}

/// Looks at a file that was read.
pub(crate) fn check_file(parser: &mut SyntaxParser, source: Source) -> Checked {
    let Source { path, language, role, config, text } = source;
    let buffer = Buffer::new(text);
    let report = check_buffer(parser, &config.profile, language, role, &buffer);
    Checked { path, buffer, language, role, config, report }
}

fn check_buffer(
    parser: &mut SyntaxParser,
    profile: &Arc<Profile>,
    language: Language,
    role: FileRole,
    buffer: &Buffer,
) -> Report {
    look(parser, profile, language, role, buffer).0
}

/// What is found in a text, and its tree unless it is too large to be parsed.
pub(crate) fn look(
    parser: &mut SyntaxParser,
    profile: &Arc<Profile>,
    language: Language,
    role: FileRole,
    buffer: &Buffer,
) -> (Report, Option<Tree>) {
    let mut analysis = Analysis::new(Arc::clone(profile), Some(language), role);
    profile.compile_queries(language);
    let text = buffer.text();
    let tree = if text.len() > MAX_PARSED_BYTES { None } else { parser.parse_fresh(language, text) };
    match &tree {
        Some(tree) => analysis.update(text, tree, Instant::now()),
        None => analysis.update_unparsed(text),
    }
    (analysis.report(buffer), tree)
}
