//! What is wrong with a template though it may well be read: lints, for the command line and for editors.

mod links;
mod lock;
mod names;
mod partials;
mod reach;
mod tested;
mod text;
mod versions;

pub use lock::lint_lock;
pub use reach::lint_library;
pub(crate) use text::commands;
pub use versions::lint_versions;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::case::read_cases_with;
use crate::folder::{EditedFile, MAX_FILE_BYTES, is_link, is_test_file, read_at_most, read_files};
use crate::problem::{ProblemKind, Problems, Severity, Source};
use crate::prompt::literals_behind_tags;
use crate::{FileChange, Files, Fix, Layer, Library, Lock, Parsed, Problem, Template};

/// Text of a prompt that is worth moving, in bytes.
const STABLE_BYTES: usize = 120;

/// What is wrong with a query in a language, and at which byte of it; `None` when nothing is.
pub type QueryCheck = fn(language: &str, query: &str) -> Option<(usize, String)>;

/// What exists beside templates. What is not said is not checked.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// The names of the languages, each with the node kinds of its grammar; empty kinds are not checked.
    pub languages: BTreeMap<String, BTreeSet<String>>,
    /// Knows which queries the grammars know.
    pub query_mistake: Option<QueryCheck>,
}

/// Everything that is wrong with a template's texts, what its reading finds first. It touches no file: for texts
/// that are being edited.
pub fn lint(folder: &Path, layer: Layer, files: Files<'_>, vocabulary: &Vocabulary) -> Vec<Problem> {
    let Parsed { template, problems } = Template::parse(folder, layer, files);
    let mut problems = Problems { found: problems };
    let Some(template) = template else { return problems.found };
    // A template that was read has texts in UTF-8.
    let source = |name: &str, bytes: Option<&'_ [u8]>| {
        let text = bytes.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok())?;
        Some((folder.join(name), text))
    };
    if let Some((file, text)) = source("SKILL.md", Some(files.skill)) {
        let source = Source { file, text: &text };
        let start = text.trim_end().len().saturating_sub(template.body().len());
        text::lint(
            &source,
            start..text.len(),
            template.spec.contracts.iter().any(|c| c.is_edit()),
            &mut problems,
        );
    }
    if let Some((file, text)) = source("template.toml", files.config) {
        names::lint(&Source { file, text: &text }, &template, vocabulary, &mut problems);
    }
    if let Some((file, text)) = source("prompt.mj", files.prompt) {
        let source = Source { file, text: &text };
        text::lint(
            &source,
            0..text.len(),
            template.spec.contracts.iter().any(|c| c.is_edit()),
            &mut problems,
        );
        order(&source, &mut problems);
    }
    problems.found
}

/// [`lint`] for a folder, and what only its other files can tell: whether it has tests, whether they can be read and
/// their snapshots hold, and what it points to.
pub fn lint_folder(folder: &Path, layer: Layer, vocabulary: &Vocabulary) -> Vec<Problem> {
    let mut problems = Problems { found: lint_without_snapshots(folder, layer, vocabulary) };
    let files = read_files(folder, layer).ok();
    let template = files.and_then(|files| Template::parse(folder, layer, files.borrowed()).template);
    if let Some(template) = template {
        tested::snapshots(folder, &template, None, &mut problems);
    }
    problems.found
}

/// [`lint_folder`] without a look at snapshots.
pub(crate) fn lint_without_snapshots(folder: &Path, layer: Layer, vocabulary: &Vocabulary) -> Vec<Problem> {
    let files = match read_files(folder, layer) {
        Ok(files) => files,
        Err(problems) => return problems,
    };
    let mut problems = Problems { found: lint(folder, layer, files.borrowed(), vocabulary) };
    if let Ok(text) = std::str::from_utf8(files.borrowed().skill) {
        links::lint(&Source { file: folder.join("SKILL.md"), text }, folder, &mut problems);
    }
    if let Some(text) = files.borrowed().prompt.and_then(|prompt| std::str::from_utf8(prompt).ok()) {
        partials::lint(&Source { file: folder.join("prompt.mj"), text }, folder, &mut problems.found);
    }
    let (cases, in_tests) = read_cases_with(folder, None);
    let has_test = !cases.is_empty() || !in_tests.is_empty();
    problems.found.extend(in_tests);
    if let (Some(config), false) = (files.borrowed().config, has_test) {
        let template = Template::parse(folder, layer, files.borrowed()).template;
        let text = std::str::from_utf8(config).unwrap_or("");
        let source = Source { file: folder.join("template.toml"), text };
        tested::missing(&source, folder, template.as_ref(), &mut problems);
    }
    problems.found
}

/// What is wrong in one file of a template whose text may not be on the disk yet: [`lint`], what the text points to
/// and, for a file with tests, its cases, with the other files as they are on the disk. `file`: its name in the folder,
/// and its text.
pub fn lint_text(
    folder: &Path,
    layer: Layer,
    (name, text): (&str, &str),
    vocabulary: &Vocabulary,
) -> Vec<Problem> {
    let file = folder.join(name);
    let mut problems = Problems::default();
    if is_test_file(name) {
        problems.found = read_cases_with(folder, Some((name, text))).1;
    } else {
        let look = |files: Files<'_>| lint(folder, layer, files, vocabulary);
        problems.found = with_text(folder, layer, (name, text), look);
    }
    if name == "prompt.mj" {
        partials::lint(&Source { file: file.clone(), text }, folder, &mut problems.found);
    }
    if name == "SKILL.md" {
        links::lint(&Source { file: file.clone(), text }, folder, &mut problems);
    }
    problems.found.retain(|problem| problem.file == file);
    problems.found
}

/// Everything that is to be told in a file that is being edited: [`lint_text`], and what its template as a whole lacks.
/// `library`: all templates there are, with this one as it is being edited. `lock`: that of its layer.
pub fn lint_edited(
    edited: &EditedFile<'_>,
    vocabulary: &Vocabulary,
    library: &Library,
    lock: &Lock,
) -> Vec<Problem> {
    let EditedFile { folder, layer, name, text } = *edited;
    let mut problems = Problems { found: lint_text(folder, layer, (name, text), vocabulary) };
    let source = Source { file: folder.join(name), text };
    let template = parse_edited(edited).template;
    let (cases, in_tests) = read_cases_with(folder, Some((name, text)));
    if is_test_file(name) {
        if let Some(template) = &template {
            tested::snapshots(folder, template, Some((name, text)), &mut problems);
        }
        problems.found.retain(|problem| problem.file == source.file);
        return problems.found;
    }
    if name != "SKILL.md" && !folder.join("SKILL.md").exists() {
        problems
            .error(&source, 0..first_line(text), ProblemKind::MissingFile("SKILL.md"))
            .cure("add it: it says what the model is to do")
            .fix([new_skill(folder)]);
    }
    if name == "template.toml" && cases.is_empty() && in_tests.is_empty() {
        tested::missing(&source, folder, template.as_ref(), &mut problems);
    }
    if let Some(template) = &template {
        tested::snapshots_of_edited(&source, template, &cases, &mut problems);
        versions::not_bumped(edited, template, lock, &mut problems);
        versions::duplicate(edited, template, library, &mut problems);
        if name == "template.toml" {
            for found in lint_library(library).into_iter().filter(|found| found.file == source.file) {
                let place = text.find("[match]").map_or(0..first_line(text), |at| at..at + "[match]".len());
                problems.add(&source, place, found.severity, found.kind).cure = found.cure;
            }
        }
    }
    problems.found
}

/// The fix that begins a `SKILL.md`.
fn new_skill(folder: &Path) -> Fix {
    let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let name = name.split('@').next().unwrap_or("");
    let after = format!("---\nname: {name}\ndescription: What it is for.\n---\n\nWhat the model is to do.\n");
    let change = FileChange { file: folder.join("SKILL.md"), before: None, after };
    Fix { title: "Add SKILL.md".to_owned(), changes: vec![change] }
}

/// The end of a text's first line.
fn first_line(text: &str) -> usize {
    text.lines().next().map_or(0, str::len)
}

/// A template one of whose files has a text that may not be on the disk yet. `file`: its name in the folder, and its
/// text.
pub fn parse_text(folder: &Path, layer: Layer, file: (&str, &str)) -> Parsed {
    with_text(folder, layer, file, |files| Template::parse(folder, layer, files))
}

pub(crate) fn parse_edited(edited: &EditedFile<'_>) -> Parsed {
    parse_text(edited.folder, edited.layer, (edited.name, edited.text))
}

/// Looks at a template's files as they are on the disk, one of them with another text.
pub(crate) fn with_text<T>(
    folder: &Path,
    layer: Layer,
    (name, text): (&str, &str),
    look: impl FnOnce(Files<'_>) -> T,
) -> T {
    let read = |of: &str| -> Option<Vec<u8>> {
        if of == name {
            return Some(text.as_bytes().to_vec());
        }
        let path = folder.join(of);
        let may_be_read = layer != Layer::Workspace || !is_link(&path);
        may_be_read.then(|| read_at_most(&path, MAX_FILE_BYTES).ok().flatten()).flatten()
    };
    let (skill, config, prompt) = (read("SKILL.md"), read("template.toml"), read("prompt.mj"));
    let (config, prompt) = (config.as_deref(), prompt.as_deref());
    look(Files { skill: skill.as_deref().unwrap_or_default(), config, prompt })
}

/// A file's text with the replacements that the problems of this file propose; of two that overlap the first one
/// waits for the next time.
pub fn apply_fixes<'a>(text: &str, problems: impl IntoIterator<Item = &'a Problem>) -> String {
    let mut fixes: Vec<_> = problems
        .into_iter()
        .filter_map(|problem| Some((&problem.span, problem.replacement.as_deref()?)))
        .filter(|(span, _)| text.get((*span).clone()).is_some())
        .collect();
    fixes.sort_by_key(|(span, _)| (span.start, span.end));
    let mut fixed = text.to_owned();
    let mut until = text.len();
    // From the end, so that places before stay.
    for (span, replacement) in fixes.into_iter().rev().filter(|(span, _)| !span.is_empty()) {
        if span.end <= until {
            fixed.replace_range(span.clone(), replacement);
            until = span.start;
        }
    }
    fixed
}

/// Text of `prompt.mj` that would be better off in the stable half.
fn order(source: &Source<'_>, problems: &mut Problems) {
    for literal in literals_behind_tags(source.text) {
        let text = source.text.get(literal.clone()).unwrap_or("");
        let bytes = text.trim().len();
        if bytes >= STABLE_BYTES {
            let start = literal.start + (text.len() - text.trim_start().len());
            let kind = ProblemKind::VolatileBeforeStable { bytes };
            problems
                .add(source, start..start + bytes, Severity::Warning, kind)
                .cure("move it to SKILL.md's body, which starts every prompt");
        }
    }
}
