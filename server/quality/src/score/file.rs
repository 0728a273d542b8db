//! The score of one file.

use autodao_syntax::Language;

use super::cost::{Cause, Cost, Metric};
use super::function::{FunctionScore, TOKENS_PER_LINE, score_function};
use super::ramp::ramp;
use crate::metrics::FileMetrics;
use crate::{Catalog, Dimension, FileRole, PlacedFinding, RuleId, Severity};

/// Weighted findings per 1,000 lines that halve a dimension.
const HALVING_DENSITY: f64 = 10.0;

/// The fewest lines findings are divided by, in thousands: one finding in a short file must not ruin it.
const LEAST_KLOC: f64 = 0.2;

/// Share of the weakest function in what a file's functions score; the rest is their mean.
const WEAKEST: f64 = 0.4;

/// Rules about what the metrics measure anyway: their findings would cost twice.
const MEASURED: [&str; 7] = [
    "cognitive-complexity",
    "cyclomatic-complexity",
    "deep-nesting",
    "long-function",
    "too-many-params",
    "long-file",
    "file-too-large",
];

/// The highest score of a file with a blocker.
pub(super) const BLOCKED: f64 = 3.0;

/// A finding as far as it counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counted {
    /// The rule that made it.
    pub rule: RuleId,
    /// Its severity.
    pub severity: Severity,
}

impl From<&PlacedFinding> for Counted {
    fn from(finding: &PlacedFinding) -> Self {
        let finding = finding.relative();
        Self { rule: finding.rule, severity: finding.severity }
    }
}

/// What is known of whether the code works: nothing that its text tells.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Evidence {
    /// Whether it builds, if that was tried.
    pub builds: Option<bool>,
    /// Share of its tests that pass, from 0 to 1, if they were run.
    pub tests: Option<f64>,
}

/// What a file is scored by.
#[derive(Clone, Copy, Debug)]
pub struct FileInput<'a> {
    /// The file's language: how long a file may be depends on it.
    pub language: Language,
    /// What it is for. Test code in other files than tests is left out.
    pub role: FileRole,
    /// Its metrics, by [`crate::metrics::Definition::default_for`].
    pub metrics: &'a FileMetrics,
    /// What was found in it and not suppressed.
    pub findings: &'a [Counted],
    /// Whether it works, where that is known.
    pub evidence: Evidence,
}

/// A file's score and what it is made of.
#[derive(Clone, PartialEq, Debug)]
pub struct FileScore {
    /// From 0 to 10; `None` for a file without code.
    pub overall: Option<f64>,
    /// By dimension, in the order of [`Dimension::ALL`]; `None` where nothing can be said.
    pub dimensions: [Option<f64>; Dimension::ALL.len()],
    /// How many dimensions could be assessed.
    pub coverage: usize,
    /// Lines of code in functions, weighted by how much is lost in each; additive, and 0 at best.
    pub debt: f64,
    /// What the overall score lacks to 10, largest first.
    pub costs: Vec<Cost>,
    /// Functions that count, by their index in the metrics.
    pub functions: Vec<(usize, FunctionScore)>,
    /// How much code the score is of.
    pub tokens: u32,
}

/// How much each dimension counts.
pub(super) const fn weight(dimension: Dimension) -> f64 {
    match dimension {
        Dimension::CodeQuality => 0.35,
        Dimension::ErrorHandling => 0.20,
        Dimension::Functionality | Dimension::Architecture | Dimension::Performance => 0.15,
    }
}

const fn severity_weight(severity: Severity) -> f64 {
    match severity {
        Severity::Error => 5.0,
        Severity::Warning => 2.0,
        Severity::Information => 0.5,
        Severity::Hint => 0.1,
    }
}

/// One dimension: what is lost, and to what, in its own points.
#[derive(Default)]
struct Assessed {
    lost: f64,
    parts: Vec<(f64, Cause)>,
}

impl Assessed {
    fn lose(&mut self, points: f64, cause: Cause) {
        if points > 0.0 {
            self.lost += points;
            self.parts.push((points, cause));
        }
    }

    fn score(&self) -> f64 {
        (10.0 - self.lost).clamp(0.0, 10.0)
    }
}

/// Scores one file.
pub fn score_file(input: &FileInput<'_>) -> FileScore {
    let metrics = input.metrics;
    let whole = input.role == FileRole::Test;
    let skipped = |tests: u32| if whole { 0 } else { tests };
    let tokens = metrics.tokens - skipped(metrics.test_tokens);
    let counted = metrics.functions.iter().enumerate().filter(|(_, function)| whole || !function.test);
    let functions: Vec<_> =
        counted.map(|(index, function)| (index, score_function(&function.metrics))).collect();
    let debt = functions.iter().fold(0.0, |sum, (_, function)| sum + function.debt);
    if tokens == 0 {
        let dimensions = [None; Dimension::ALL.len()];
        return FileScore {
            overall: None,
            dimensions,
            coverage: 0,
            debt,
            costs: Vec::new(),
            functions,
            tokens,
        };
    }
    // Not the lines as they are written: formatting must not change a score.
    let lines = f64::from(tokens) / TOKENS_PER_LINE;
    let kloc = (lines / 1000.0).max(LEAST_KLOC);
    let assessed = Dimension::ALL.map(|dimension| {
        let mut assessed = match dimension {
            Dimension::Functionality => evidence(input.evidence),
            Dimension::CodeQuality => code_quality(metrics, &functions),
            Dimension::Architecture => architecture(input.language, lines),
            Dimension::Performance | Dimension::ErrorHandling => Assessed::default(),
        };
        add_findings(&mut assessed, input.findings, dimension, kloc);
        assessed
    });
    let is_known = input.evidence != Evidence::default() || input.findings.iter().any(tells_of_function);
    // The text alone can only tell that something does not work: findings must not raise the score by weighing in.
    let others = mean(&assessed, false);
    let functionality = assessed[Dimension::Functionality as usize].score();
    let counts = is_known && (input.evidence != Evidence::default() || functionality < others);
    let overall = if counts { mean(&assessed, true) } else { others };
    let mut costs = spread(&assessed, counts);
    let blocked = input.findings.iter().any(is_blocker);
    let capped = if blocked && overall > BLOCKED {
        costs.push(Cost { points: overall - BLOCKED, dimension: None, cause: Cause::Cap(BLOCKED) });
        BLOCKED
    } else {
        overall
    };
    costs.sort_by(|a, b| b.points.total_cmp(&a.points));
    let mut dimensions = assessed.map(|assessed| Some(assessed.score()));
    if !is_known {
        dimensions[Dimension::Functionality as usize] = None;
    }
    let coverage = dimensions.iter().flatten().count();
    FileScore { overall: Some(capped), dimensions, coverage, debt, costs, functions, tokens }
}

/// Whether a finding says something about whether the code works: a note does not.
fn tells_of_function(finding: &Counted) -> bool {
    finding.severity <= Severity::Warning
        && Catalog::builtin().rule(finding.rule).dimension == Dimension::Functionality
}

/// Whether a finding says that the file must not be kept as it is.
pub(super) fn is_blocker(finding: &Counted) -> bool {
    finding.severity == Severity::Error
        && Catalog::builtin().rule(finding.rule).dimension == Dimension::Functionality
}

fn evidence(evidence: Evidence) -> Assessed {
    let mut assessed = Assessed::default();
    let works = match evidence {
        Evidence { builds: Some(false), .. } => 0.0,
        Evidence { tests: Some(share), .. } => share.clamp(0.0, 1.0),
        Evidence { .. } => 1.0,
    };
    assessed.lose(10.0 * (1.0 - works), Cause::Evidence);
    assessed
}

/// The mean of the functions by their length, pulled towards the weakest.
fn code_quality(metrics: &FileMetrics, functions: &[(usize, FunctionScore)]) -> Assessed {
    let mut assessed = Assessed::default();
    let weight = |index: usize| f64::from(metrics.functions[index].metrics.tokens.max(1));
    let whole: f64 = functions.iter().map(|(index, _)| weight(*index)).sum();
    let weakest = functions.iter().min_by(|(_, a), (_, b)| a.score.total_cmp(&b.score));
    let weakest = weakest.map(|(index, _)| *index);
    for (index, function) in functions {
        let pull = if weakest == Some(*index) { WEAKEST } else { 0.0 };
        let share = (1.0 - WEAKEST) * weight(*index) / whole + pull;
        for (metric, lost) in Metric::ALL.into_iter().zip(function.losses) {
            assessed.lose(share * lost, Cause::Function { index: *index, metric });
        }
    }
    assessed
}

fn architecture(language: Language, lines: f64) -> Assessed {
    let (low, high) = if language.is_script() { (100.0, 1500.0) } else { (300.0, 3000.0) };
    let mut assessed = Assessed::default();
    assessed.lose(5.0 * ramp(lines, low, high), Cause::FileLength);
    assessed
}

/// What is left of a dimension is halved by every so many weighted findings per 1,000 lines.
fn add_findings(assessed: &mut Assessed, findings: &[Counted], dimension: Dimension, kloc: f64) {
    let mut by_rule: Vec<(RuleId, u32, f64)> = Vec::new();
    for finding in findings {
        let rule = Catalog::builtin().rule(finding.rule);
        if rule.dimension != dimension || MEASURED.contains(&rule.id) {
            continue;
        }
        let weight = severity_weight(finding.severity);
        match by_rule.iter_mut().find(|(rule, ..)| *rule == finding.rule) {
            Some((_, count, sum)) => {
                *count += 1;
                *sum += weight;
            }
            None => by_rule.push((finding.rule, 1, weight)),
        }
    }
    let whole: f64 = by_rule.iter().map(|(.., weight)| weight).sum();
    let lost = assessed.score() * (1.0 - (-whole / kloc / HALVING_DENSITY).exp2());
    for (rule, count, weight) in by_rule {
        assessed.lose(lost * weight / whole, Cause::Findings { rule, count });
    }
}

/// The dimensions that count, with their share.
fn shares(functionality: bool) -> impl Iterator<Item = (usize, Dimension, f64)> {
    let counts = move |dimension: Dimension| functionality || dimension != Dimension::Functionality;
    let whole: f64 = Dimension::ALL.into_iter().filter(|d| counts(*d)).map(weight).sum();
    Dimension::ALL
        .into_iter()
        .enumerate()
        .filter(move |(_, dimension)| counts(*dimension))
        .map(move |(index, dimension)| (index, dimension, weight(dimension) / whole))
}

fn mean(assessed: &[Assessed; Dimension::ALL.len()], functionality: bool) -> f64 {
    shares(functionality).map(|(index, _, share)| share * assessed[index].score()).sum()
}

fn spread(assessed: &[Assessed; Dimension::ALL.len()], functionality: bool) -> Vec<Cost> {
    let mut costs = Vec::new();
    for (index, dimension, share) in shares(functionality) {
        costs.extend(assessed[index].parts.iter().map(|(points, cause)| Cost {
            points: share * points,
            dimension: Some(dimension),
            cause: *cause,
        }));
    }
    costs
}
