//! Running a template's tests.

mod report;
mod snapshot;

use std::path::Path;

pub use report::{Level, LiveResult, Measured, Outcome, PairsResult, Report, TokensResult, Trial};

use crate::case::{Case, ReplySample, read_cases};
use crate::folder::read_files;
use crate::lint::lint_without_snapshots;
use crate::{Contract, FileChange, Layer, Severity, Template, Vocabulary, at_most_tokens};

/// A reply of a test, for whoever judges replies.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The template.
    pub template: &'a Template,
    /// The form that was asked for.
    pub contract: Contract,
    /// The language's name; empty when the case has none.
    pub language: &'a str,
    /// The code that was sent.
    pub target: &'a str,
    /// The reply.
    pub text: &'a str,
}

/// Judges replies: what is read from one, or why it is refused.
pub type Judge<'a> = &'a mut dyn FnMut(&Sample<'_>) -> Result<String, String>;

/// Judges by the reply's form alone.
pub fn judge_form(sample: &Sample<'_>) -> Result<String, String> {
    let whole_too = sample.template.spec.contracts.contains(&Contract::WholeNode);
    sample.contract.read(sample.target, sample.text, whole_too).map_err(|error| error.to_string())
}

/// How tests are run.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrialOptions {
    /// Writes snapshots that are missing or differ instead of failing.
    pub update: bool,
    /// Lets warnings fail, too.
    pub deny_warnings: bool,
}

/// Runs the tests of a template's folder: that it can be read and has no lint, what its cases render to, and which
/// replies are taken.
pub fn test_folder(
    folder: &Path,
    layer: Layer,
    vocabulary: &Vocabulary,
    options: TrialOptions,
    judge: Judge<'_>,
) -> Report {
    let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut report = Report { template: name, version: String::new(), trials: Vec::new() };
    let (cases, _) = read_cases(folder);
    let problems = lint_without_snapshots(folder, layer, vocabulary);
    let counts = |severity| severity == Severity::Error || options.deny_warnings;
    let said: Vec<_> = problems
        .iter()
        .filter(|problem| counts(problem.severity))
        .map(|problem| format!("{} [{}]", problem, problem.kind.id()))
        .collect();
    report.add(Level::Lint, "lint", said, None);
    let files = read_files(folder, layer).ok();
    let Some(template) = files.and_then(|files| Template::parse(folder, layer, files.borrowed()).template)
    else {
        return report;
    };
    report.version = template.version.to_string();
    if cases.is_empty() {
        let reason = "there is no case in tests/*.toml".to_owned();
        report.skip(Level::Render, "render", reason);
    }
    for case in &cases {
        for &contract in case.forms(&template) {
            let (failures, tokens) = rendered(folder, &template, case, contract, options);
            report.add(Level::Render, &format!("{} ({})", case.name, contract.name()), failures, tokens);
        }
        for sample in &case.replies {
            let failures = replied(&template, case, sample, judge);
            report.add(Level::Contract, &format!("{}/{}", case.name, sample.name), failures, None);
        }
    }
    report
}

/// A case whose snapshots are not what is rendered.
pub(crate) struct StaleCase<'a> {
    pub(crate) case: &'a Case,
    /// What takes what is rendered as the snapshots.
    pub(crate) changes: Vec<FileChange>,
}

/// The cases whose snapshots are not what a template renders.
pub(crate) fn stale_cases<'a>(folder: &Path, template: &Template, cases: &'a [Case]) -> Vec<StaleCase<'a>> {
    let mut stale = Vec::new();
    for case in cases.iter().filter(|case| case.expect.snapshot) {
        let (mut changes, mut is_stale) = (Vec::new(), false);
        for &contract in case.forms(template) {
            let rendered = case.with_prompt(|prompt| template.render(contract, prompt));
            let Ok(rendered) = rendered else { continue };
            if !snapshot::differences(folder, case, contract, &rendered).is_empty() {
                is_stale = true;
                changes.extend(snapshot::change(folder, case, contract, &rendered));
            }
        }
        if is_stale {
            stale.push(StaleCase { case, changes });
        }
    }
    stale
}

/// What is wrong with a rendering, and how many tokens it has at most.
fn rendered(
    folder: &Path,
    template: &Template,
    case: &Case,
    contract: Contract,
    options: TrialOptions,
) -> (Vec<String>, Option<usize>) {
    let expect = &case.expect;
    let (first, second) =
        case.with_prompt(|prompt| (template.render(contract, prompt), template.render(contract, prompt)));
    let mut failures = Vec::new();
    if first != second {
        failures.push("two renderings differ".to_owned());
    }
    let rendered = match (first, &expect.error) {
        (Ok(rendered), None) => rendered,
        (Ok(_), Some(_)) => return (vec!["it renders, and a refusal is expected".to_owned()], None),
        (Err(error), expected) => {
            let said = error.to_string();
            if !expected.as_ref().is_some_and(|expected| said.contains(expected.as_str())) {
                failures.push(said);
            }
            return (failures, None);
        }
    };
    let tokens = at_most_tokens(rendered.system.len() + rendered.user.len());
    let fixed = at_most_tokens(template.fixed_bytes(contract));
    for (what, tokens, most) in [("", tokens, expect.max_tokens), ("fixed ", fixed, expect.fixed_tokens)] {
        if let Some(most) = most.filter(|most| tokens > *most) {
            failures.push(format!("{tokens} {what}tokens, and {most} are allowed"));
        }
    }
    let has = |text: &str| rendered.system.contains(text) || rendered.user.contains(text);
    failures.extend(
        expect.contains.iter().filter(|text| !has(text)).map(|text| format!("`{text}` is not in it")),
    );
    failures
        .extend(expect.not_contains.iter().filter(|text| has(text)).map(|text| format!("`{text}` is in it")));
    if expect.snapshot {
        let mut differences = snapshot::differences(folder, case, contract, &rendered);
        if !differences.is_empty() && options.update {
            differences = snapshot::write(folder, case, contract, &rendered).err().into_iter().collect();
        }
        failures.extend(differences);
    }
    (failures, Some(tokens))
}

/// What is wrong with how a reply is judged.
fn replied(template: &Template, case: &Case, sample: &ReplySample, judge: Judge<'_>) -> Vec<String> {
    let Some(contract) = case.form(sample.contract, template) else {
        return vec!["the template has no such contract".to_owned()];
    };
    let (language, target, text) = (case.language(), case.target.as_str(), sample.text.as_str());
    match judge(&Sample { template, contract, language, target, text }) {
        Ok(_) if !sample.accept => vec!["it is accepted".to_owned()],
        Ok(read) => match &sample.becomes {
            Some(expected) if read.trim_end() != expected.trim_end() => {
                vec![format!("it becomes:\n{read}")]
            }
            _ => Vec::new(),
        },
        Err(reason) if sample.accept => vec![format!("it is refused: {reason}")],
        Err(reason) => match &sample.reason {
            Some(expected) if !reason.contains(expected.as_str()) => {
                vec![format!("it is refused for another reason: {reason}")]
            }
            _ => Vec::new(),
        },
    }
}
