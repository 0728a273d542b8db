//! Lints of whether a template is tested, and whether its snapshots hold.

use std::path::Path;

use crate::case::{Case, read_cases_with};
use crate::problem::{ProblemKind, Problems, Severity, Source};
use crate::scaffold::first_test;
use crate::trial::{StaleCase, stale_cases};
use crate::{FileChange, Fix, Template};

/// The file a first test goes into.
const FIRST: &str = "tests/basic.toml";

/// Tells that there is no test, with one to begin with.
pub(super) fn missing(
    source: &Source<'_>,
    folder: &Path,
    template: Option<&Template>,
    problems: &mut Problems,
) {
    let file = folder.join(FIRST);
    let fix = template.filter(|_| !file.exists()).map(|template| {
        let change = FileChange { file, before: None, after: first_test(template) };
        Fix { title: format!("Add {FIRST}"), changes: vec![change] }
    });
    problems
        .add(source, 0..super::first_line(source.text), Severity::Warning, ProblemKind::MissingTest)
        .cure("add `tests/basic.toml` with a `[[case]]`")
        .fix(fix);
}

/// Tells of each case whose snapshots are not what is rendered, where the case stands.
pub(super) fn snapshots(
    folder: &Path,
    template: &Template,
    edited: Option<(&str, &str)>,
    problems: &mut Problems,
) {
    let (cases, _) = read_cases_with(folder, edited);
    for stale in stale_cases(folder, template, &cases) {
        let (file, span) = stale.case.written.clone();
        let edited = edited.filter(|(name, _)| folder.join(name) == file);
        let text = match edited {
            Some((_, text)) => text.to_owned(),
            None => std::fs::read_to_string(&file).unwrap_or_default(),
        };
        tell(&Source { file, text: &text }, span, &[stale], problems);
    }
}

/// Tells once, in the file that makes the difference, of all cases whose snapshots are not what is rendered.
pub(super) fn snapshots_of_edited(
    source: &Source<'_>,
    template: &Template,
    cases: &[Case],
    problems: &mut Problems,
) {
    let stale = stale_cases(&template.folder, template, cases);
    if !stale.is_empty() {
        let is_skill = source.file.ends_with("SKILL.md");
        let body = if is_skill { source.text.find(template.body()).unwrap_or(0) } else { 0 };
        let end = body + super::first_line(source.text.get(body..).unwrap_or(""));
        tell(source, body..end, &stale, problems);
    }
}

fn tell(source: &Source<'_>, span: std::ops::Range<usize>, stale: &[StaleCase<'_>], problems: &mut Problems) {
    let names: Vec<_> = stale.iter().map(|stale| stale.case.name.as_str()).collect();
    let changes: Vec<_> = stale.iter().flat_map(|stale| stale.changes.iter().cloned()).collect();
    let title = "Take what is rendered now as the snapshot".to_owned();
    let fix = (!changes.is_empty()).then_some(Fix { title, changes });
    problems
        .add(source, span, Severity::Warning, ProblemKind::StaleSnapshot(names.join("`, `")))
        .cure("run `autodao templates test --update` and look at what changed")
        .fix(fix);
}
