//! What is wrong with a template though it may well be read: lints, for the command line and for editors.

mod text;

pub(crate) use text::commands;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use crate::folder::{MAX_FILE_BYTES, is_link, read_at_most, read_files};
use crate::problem::{ProblemKind, Problems, Severity, Source, nearest};
use crate::prompt::literals_behind_tags;
use crate::trial::stale_snapshots;
use crate::{Files, Layer, Library, Parsed, Problem, Template};

/// Text of a prompt that is worth moving, in bytes.
const STABLE_BYTES: usize = 120;

/// The most files of the folder that are asked for.
const MAX_REFERENCES: usize = 64;

/// The longest path that is looked at.
const MAX_PATH_BYTES: usize = 256;

/// What exists beside templates. What is not said is not checked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Vocabulary {
    /// The names of the languages, each with the node kinds of its grammar; empty kinds are not checked.
    pub languages: BTreeMap<String, BTreeSet<String>>,
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
        names(&Source { file, text: &text }, &template, vocabulary, &mut problems);
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

/// [`lint`] for a folder, and what only its other files can tell: whether it has tests and their snapshots hold, and
/// what it points to.
pub fn lint_folder(folder: &Path, layer: Layer, vocabulary: &Vocabulary) -> Vec<Problem> {
    let mut problems = Problems { found: lint_texts_and_links(folder, layer, vocabulary) };
    let files = read_files(folder, layer).ok();
    let template = files.and_then(|files| Template::parse(folder, layer, files.borrowed()).template);
    for case in template.iter().flat_map(|template| stale_snapshots(folder, template)) {
        let source = Source { file: folder.join("snapshots"), text: "" };
        problems
            .add(&source, 0..0, Severity::Warning, ProblemKind::StaleSnapshot(case))
            .cure("run `autodao templates test --update` and look at what changed");
    }
    problems.found
}

/// What is wrong in one file of a template whose text may not be on the disk yet: [`lint`] and what the text points
/// to, with the other files as they are on the disk. `file`: its name in the folder, and its text.
pub fn lint_text(
    folder: &Path,
    layer: Layer,
    (name, text): (&str, &str),
    vocabulary: &Vocabulary,
) -> Vec<Problem> {
    let look = |files: Files<'_>| lint(folder, layer, files, vocabulary);
    let mut problems = Problems { found: with_text(folder, layer, (name, text), look) };
    let file = folder.join(name);
    if name == "SKILL.md" {
        references(&Source { file: file.clone(), text }, folder, &mut problems);
    }
    problems.found.retain(|problem| problem.file == file);
    problems.found
}

/// A template one of whose files has a text that may not be on the disk yet. `file`: its name in the folder, and its
/// text.
pub fn parse_text(folder: &Path, layer: Layer, file: (&str, &str)) -> Parsed {
    with_text(folder, layer, file, |files| Template::parse(folder, layer, files))
}

/// Looks at a template's files as they are on the disk, one of them with another text.
fn with_text<T>(
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

/// [`lint_folder`] without a look at snapshots.
pub(crate) fn lint_texts_and_links(folder: &Path, layer: Layer, vocabulary: &Vocabulary) -> Vec<Problem> {
    let files = match read_files(folder, layer) {
        Ok(files) => files,
        Err(problems) => return problems,
    };
    let mut problems = Problems { found: lint(folder, layer, files.borrowed(), vocabulary) };
    let skill = files.borrowed().skill;
    if let Ok(text) = std::str::from_utf8(skill) {
        references(&Source { file: folder.join("SKILL.md"), text }, folder, &mut problems);
    }
    if files.borrowed().config.is_some() && crate::folder::test_files(folder).is_empty() {
        let source = Source { file: folder.join("template.toml"), text: "" };
        problems
            .add(&source, 0..0, Severity::Warning, ProblemKind::MissingTest)
            .cure("add `tests/basic.toml` with a `[[case]]`");
    }
    problems.found
}

/// What is wrong with templates as a whole: those of the folders that can never be the best one for anything.
pub fn lint_library(library: &Library) -> Vec<Problem> {
    let mut problems = Problems::default();
    let in_use: Vec<_> = library.in_use().collect();
    for template in in_use.iter().filter(|template| template.layer != Layer::Builtin) {
        let winner = in_use.iter().find(|other| {
            let same = other.name != template.name
                && other.spec.kind == template.spec.kind
                && other.spec.applies == template.spec.applies;
            let rank = |t: &Template| (t.layer, t.version.clone());
            same && (rank(other), &template.name) > (rank(template), &other.name)
        });
        if let Some(winner) = winner {
            let source = Source { file: template.folder.join("template.toml"), text: "" };
            problems
                .add(&source, 0..0, Severity::Warning, ProblemKind::Unreachable { by: winner.name.clone() })
                .cure("say more under `[match]`, or remove one of them");
        }
    }
    problems.found
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

/// Languages and node kinds that do not exist.
fn names(source: &Source<'_>, template: &Template, vocabulary: &Vocabulary, problems: &mut Problems) {
    if vocabulary.languages.is_empty() {
        return;
    }
    let applies = &template.spec.applies;
    let place = |word: &str| {
        let quoted = format!("\"{word}\"");
        source.text.find(&quoted).map_or(0..0, |at| at + 1..at + 1 + word.len())
    };
    let known: Vec<&str> = vocabulary.languages.keys().map(String::as_str).collect();
    for language in applies.languages.iter().filter(|language| !known.contains(&language.as_str())) {
        problems
            .add(source, place(language), Severity::Warning, ProblemKind::BadLanguage(language.clone()))
            .suggest(language, &known, "");
    }
    let grammars: Vec<_> = vocabulary
        .languages
        .iter()
        .filter(|(name, _)| applies.languages.is_empty() || applies.languages.contains(name))
        .map(|(_, kinds)| kinds)
        .collect();
    if grammars.is_empty() || grammars.iter().any(|kinds| kinds.is_empty()) {
        return;
    }
    for node in applies.nodes.iter().filter(|&node| !grammars.iter().any(|kinds| kinds.contains(node))) {
        let kinds: Vec<&str> = grammars.iter().flat_map(|kinds| kinds.iter()).map(String::as_str).collect();
        let near = nearest(node, &kinds);
        let kind = ProblemKind::BadNodeKind(node.clone());
        let problem = problems.add(source, place(node), Severity::Warning, kind);
        problem.cure(
            near.map_or_else(|| "look it up in the grammar".to_owned(), |near| format!("write `{near}`")),
        );
        problem.replacement = near.map(str::to_owned);
    }
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

/// Links of `SKILL.md` to files beside it.
fn references(source: &Source<'_>, folder: &Path, problems: &mut Problems) {
    let text = source.text;
    let links = text.match_indices("](").filter_map(|(at, _)| {
        let start = at + 2;
        let rest = text.as_bytes().get(start..)?;
        let end = rest.iter().take(MAX_PATH_BYTES).position(|byte| b") #\n".contains(byte))?;
        Some((start..start + end, text.get(start..start + end)?))
    });
    for (span, target) in
        links.filter(|(_, target)| !target.is_empty() && !target.contains(':')).take(MAX_REFERENCES)
    {
        let path = Path::new(target);
        let inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside || is_link(&folder.join(path)) {
            let kind = ProblemKind::OutsideFolder(target.to_owned());
            problems
                .add(source, span, Severity::Warning, kind)
                .cure("nothing is read from there: move the text here");
        } else if !folder.join(path).exists() {
            let kind = ProblemKind::MissingReference(target.to_owned());
            problems.add(source, span, Severity::Warning, kind).cure("add the file, or remove the link");
        }
    }
}
