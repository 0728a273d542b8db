//! Looking at one text: the same for a file, for standard input and for the editor.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use autodao_conformance::is_broken;
use autodao_quality::{Analysis, FileRole, FileSurvey, Profile, Report};
use autodao_syntax::SyntaxTree;
use autodao_syntax::{Buffer, Language, MAX_PARSED_BYTES, SyntaxParser};

use crate::config::{Configuration, FolderConfig};
use crate::diagnosis::Snapshot;
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
    look(&mut SyntaxParser::default(), profile, language, role, &Buffer::new(text.to_owned())).0
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
    let source = Source { path: path.to_owned(), place, language, role, config, text, asked: true };
    Ok(check_file(&mut SyntaxParser::default(), source, false).checked)
}

/// A file as an edit needs it: its text with what was found in it and its tree.
pub fn open_file(configuration: &mut Configuration, path: &Path) -> Result<Snapshot, FileProblem> {
    let problem = |reason| FileProblem { path: path.to_owned(), reason };
    source::language_of(path).map_err(problem)?;
    let text = source::read_file(path).map_err(problem)?;
    open_text(configuration, path, text)
}

/// As [`open_file`], for a text that a file is to have.
pub fn open_text(
    configuration: &mut Configuration,
    path: &Path,
    text: String,
) -> Result<Snapshot, FileProblem> {
    let problem = |reason| FileProblem { path: path.to_owned(), reason };
    let language = source::language_of(path).map_err(problem)?;
    let place = place_of(path);
    let config = configuration.for_file(Some(&place));
    let role = role_of(Some(&place), language);
    let buffer = Buffer::new(text);
    let (report, tree) = look(&mut SyntaxParser::default(), &config.profile, language, role, &buffer);
    Ok(Snapshot::of_file(&place, Arc::new(buffer), language, role, config, report, tree))
}

/// A file that was looked at alone, with what looking at it together with others needs.
pub(crate) struct Seen {
    pub(crate) checked: Checked,
    /// Where it is, absolute.
    pub(crate) place: PathBuf,
    pub(crate) analysis: Analysis,
    pub(crate) survey: Option<FileSurvey>,
    /// Whether it was asked about, or only what it has in common with those matters.
    pub(crate) asked: bool,
}

/// A file that was read.
pub(crate) struct Source {
    /// Its path, as the folder it was found in was named.
    pub(crate) path: PathBuf,
    /// Where it is, absolute.
    pub(crate) place: PathBuf,
    pub(crate) language: Language,
    pub(crate) role: FileRole,
    pub(crate) config: Arc<FolderConfig>,
    pub(crate) text: String,
    /// Whether it is asked about.
    pub(crate) asked: bool,
}

/// Looks at a file that was read. `surveys` says whether it will be looked at together with others.
pub(crate) fn check_file(parser: &mut SyntaxParser, source: Source, surveys: bool) -> Seen {
    let Source { path, place, language, role, config, text, asked } = source;
    let buffer = Buffer::new(text);
    let (mut analysis, tree) = analyse(parser, &config.profile, language, role, &buffer);
    let surveyed = tree.filter(|_| surveys && config.profile.has_workspace_rules());
    let survey = surveyed.map(|tree| FileSurvey::of(language, role, &buffer, &tree));
    let report = analysis.report(&buffer);
    analysis.release_tree();
    Seen { checked: Checked { path, buffer, language, role, config, report }, place, analysis, survey, asked }
}

/// What is found in a text, and its tree unless it is too large to be parsed.
pub(crate) fn look(
    parser: &mut SyntaxParser,
    profile: &Arc<Profile>,
    language: Language,
    role: FileRole,
    buffer: &Buffer,
) -> (Report, Option<SyntaxTree>) {
    let (analysis, tree) = analyse(parser, profile, language, role, buffer);
    (analysis.report(buffer), tree)
}

fn analyse(
    parser: &mut SyntaxParser,
    profile: &Arc<Profile>,
    language: Language,
    role: FileRole,
    buffer: &Buffer,
) -> (Analysis, Option<SyntaxTree>) {
    let mut analysis = Analysis::new(Arc::clone(profile), Some(language), role);
    profile.compile_queries(language);
    let text = buffer.text();
    let tree = if text.len() > MAX_PARSED_BYTES { None } else { parser.parse_fresh(language, text) };
    match &tree {
        Some(tree) => {
            analysis.update(text, tree, Instant::now());
            analysis.doubt_errors(tree.root_node().has_error() && !is_broken(language, text));
        }
        None => analysis.update_unparsed(text),
    }
    (analysis, tree)
}
