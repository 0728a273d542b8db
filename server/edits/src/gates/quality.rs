//! Findings before and after: no dimension gets worse than allowed.

use std::sync::Arc;
use std::time::Instant;

use autodao_quality::metrics::{Definition, measure as measure_metrics};
use autodao_quality::score::{Counted, Evidence, FileInput, score_file, score_function};
use autodao_quality::{Analysis, Catalog, Dimension, FileRole, Profile, Report, RuleId, Severity};
use autodao_syntax::{Span, SyntaxTree};
use rustc_hash::FxHashMap;

use super::View;
use crate::contract::Allowance;
use crate::gate::Verdict;
use crate::site::Site;

/// What is known of the text before the edit. Made while the model works, so that the gate only looks at what the
/// edit touched.
pub struct QualityBaseline {
    analysis: Analysis,
    role: FileRole,
    before: FxHashMap<RuleId, Vec<Severity>>,
    scores: Scores,
    /// The score of the target's worst function, if it has one.
    worst: Option<f64>,
}

/// Differences of scores below this many hundredths of a point are none.
const ROUNDING: f64 = 0.5;

/// A file's score by dimension; `None` where nothing can be said.
type Scores = [Option<f64>; Dimension::ALL.len()];

/// How one rule's findings changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleDelta {
    /// The rule.
    pub rule: RuleId,
    /// Its findings in the file before.
    pub before: u32,
    /// And after.
    pub after: u32,
    /// The gravest severity among the findings after.
    pub severity: Severity,
    /// The message of one finding in the new code, where there is one.
    pub message: Option<String>,
}

/// How one dimension changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DimensionDelta {
    /// The dimension.
    pub dimension: Dimension,
    /// Findings that are new, summed over its rules.
    pub introduced: u32,
    /// Findings that are gone, summed over its rules.
    pub removed: u32,
}

/// The score of one dimension of the file before and after, in hundredths of a point: 0 to 1000.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScoreDelta {
    /// The dimension.
    pub dimension: Dimension,
    /// Before the edit.
    pub before: u16,
    /// After it.
    pub after: u16,
}

/// How findings and scores changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct QualityDelta {
    /// The rules whose number of findings changed, in the catalog's order, users' rules behind it.
    pub rules: Vec<RuleDelta>,
    /// The dimensions that could be assessed before and after, in the order of [`Dimension::ALL`].
    pub scores: Vec<ScoreDelta>,
}

impl QualityDelta {
    /// The same by dimension, in the order of [`Dimension::ALL`].
    pub fn dimensions(&self) -> [DimensionDelta; Dimension::ALL.len()] {
        Dimension::ALL.map(|dimension| {
            let own = || self.rules.iter().filter(move |delta| dimension_of(delta.rule) == dimension);
            DimensionDelta {
                dimension,
                introduced: own().map(|delta| delta.after.saturating_sub(delta.before)).sum(),
                removed: own().map(|delta| delta.before.saturating_sub(delta.after)).sum(),
            }
        })
    }
}

impl QualityBaseline {
    /// Looks at the site's text. Rules written as queries take part if the profile has compiled them.
    pub fn new(site: &Site, profile: Arc<Profile>, role: FileRole) -> Self {
        let mut analysis = Analysis::new(profile, Some(site.language()), role);
        analysis.edited_by_program();
        analysis.update(site.buffer().text(), site.tree(), Instant::now());
        let report = analysis.report(site.buffer());
        let (scores, worst) = score(site, (site.buffer().text(), site.tree(), site.target()), role, &report);
        Self { analysis, role, before: by_rule(&report), scores, worst }
    }
}

/// The scores of a text, and that of the worst function in a part of it.
fn score(
    site: &Site,
    (text, tree, part): (&str, &SyntaxTree, Span),
    role: FileRole,
    report: &Report,
) -> (Scores, Option<f64>) {
    let language = site.language();
    let metrics = measure_metrics(tree.root_node(), text, language, Definition::default_for(language));
    let inner = metrics.functions.iter().filter(|function| part.contains(function.span));
    let worst = inner.map(|function| score_function(&function.metrics).score).min_by(f64::total_cmp);
    let findings: Vec<_> = report.findings.iter().map(Counted::from).collect();
    let evidence = Evidence::default();
    let input = FileInput { language, role, metrics: &metrics, findings: &findings, evidence };
    (score_file(&input).dimensions, worst)
}

fn compare(before: &Scores, after: &Scores) -> Vec<ScoreDelta> {
    let hundredths = |score: f64| (score * 100.0).round() as u16;
    let both = Dimension::ALL.into_iter().zip(before.iter().zip(after));
    both.filter_map(|(dimension, (before, after))| {
        Some(ScoreDelta { dimension, before: hundredths((*before)?), after: hundredths((*after)?) })
    })
    .collect()
}

fn by_rule(report: &Report) -> FxHashMap<RuleId, Vec<Severity>> {
    let mut found: FxHashMap<RuleId, Vec<Severity>> = FxHashMap::default();
    for finding in &report.findings {
        let finding = finding.relative();
        found.entry(finding.rule).or_default().push(finding.severity);
    }
    found
}

fn dimension_of(rule: RuleId) -> Dimension {
    Catalog::builtin().rule(rule).dimension
}

pub(crate) fn check(view: View<'_>, baseline: &mut QualityBaseline) -> (Verdict, Option<QualityDelta>) {
    let (delta, worst) = measure(view, baseline);
    let terms = &view.terms.quality;
    let name = |rule: RuleId| Catalog::builtin().rule(rule).id;
    for rule in &terms.resolves {
        let before = baseline.before.get(rule).map_or(0, Vec::len);
        let resolved = delta.rules.iter().any(|delta| delta.rule == *rule && delta.after < delta.before);
        if before > 0 && !resolved {
            let reason = format!("the finding `{}` is still there", name(*rule));
            return (Verdict::Failed(reason), Some(delta));
        }
    }
    if let (Some(least), Some((before, after))) = (terms.least_change, worst)
        && (after - before) * 100.0 < f64::from(least) - ROUNDING
    {
        let reason = format!("the score of its worst function goes from {before:.2} to {after:.2}");
        return (Verdict::Failed(reason), Some(delta));
    }
    let mut warnings = Vec::new();
    let mut failures = Vec::new();
    for change in delta.rules.iter().filter(|change| change.after > change.before) {
        let text = match &change.message {
            Some(message) => format!("{} ({message})", name(change.rule)),
            None => name(change.rule).to_owned(),
        };
        let index = Dimension::ALL.iter().position(|dimension| *dimension == dimension_of(change.rule));
        match index.and_then(|index| terms.allowed.get(index)) {
            // The gravest severity comes first in its order.
            Some(Allowance::Below(limit)) if change.severity <= *limit => failures.push(text),
            _ => warnings.push(text),
        }
    }
    let verdict = if !failures.is_empty() {
        Verdict::Failed(format!("new findings: {}", failures.join("; ")))
    } else if !warnings.is_empty() {
        Verdict::Warned(format!("new findings: {}", warnings.join("; ")))
    } else {
        Verdict::Passed
    };
    (verdict, Some(delta))
}

/// Looks at the text after, then puts the baseline back. With the score of the target's worst function before and
/// after, where it has one.
fn measure(view: View<'_>, baseline: &mut QualityBaseline) -> (QualityDelta, Option<(f64, f64)>) {
    let (site, change) = (view.site, view.change);
    let analysis = &mut baseline.analysis;
    for input in &change.inputs {
        analysis.edit(input);
    }
    analysis.edited_by_program();
    analysis.update(change.text(), &change.tree, Instant::now());
    let report = analysis.report(&change.buffer);
    for input in change.inverse_inputs() {
        analysis.edit(&input);
    }
    analysis.edited_by_program();
    analysis.update(site.buffer().text(), site.tree(), Instant::now());
    let (scores, worst) = score(site, (change.text(), &change.tree, change.after), baseline.role, &report);
    let scores = compare(&baseline.scores, &scores);
    let after = by_rule(&report);
    // Users' rules among them, which are not in the catalog's own order but behind it.
    let mut found: Vec<RuleId> = baseline.before.keys().chain(after.keys()).copied().collect();
    found.sort_unstable();
    found.dedup();
    let mut rules = Vec::new();
    for rule in found {
        let none = Vec::new();
        let (old, new) = (baseline.before.get(&rule).unwrap_or(&none), after.get(&rule).unwrap_or(&none));
        if old.len() == new.len() {
            continue;
        }
        let own = report
            .findings
            .iter()
            .find(|finding| finding.relative().rule == rule && finding.span().touches(change.after));
        rules.push(RuleDelta {
            rule,
            before: old.len() as u32,
            after: new.len() as u32,
            severity: new.iter().min().or(old.iter().min()).copied().unwrap_or(Severity::Hint),
            message: own.map(|finding| finding.relative().message.to_string()),
        });
    }
    (QualityDelta { rules, scores }, baseline.worst.zip(worst))
}
