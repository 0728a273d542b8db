//! A score as JSON.

use autodao_engine::ScoredFile;
use autodao_engine::quality::metrics::FileMetrics;
use autodao_engine::quality::score::{Cause, Cost, WorkspaceScore};
use autodao_engine::quality::{Catalog, Dimension};
use serde::Serialize;

/// All files together.
#[derive(Serialize)]
pub(super) struct Whole<'a> {
    /// `null` without code.
    score: Option<f64>,
    dimensions: Dimensions,
    coverage: usize,
    worst_decile: Option<f64>,
    debt: f64,
    costs: Vec<Lost<'a>>,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    score: Option<f64>,
    dimensions: Dimensions,
    debt: f64,
    costs: Vec<Lost<'a>>,
    functions: Vec<Function<'a>>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    start_line: u32,
    end_line: u32,
    score: f64,
    debt: f64,
}

/// What points are lost to. All of them together are what the score lacks to 10.
#[derive(Serialize)]
struct Lost<'a> {
    points: f64,
    dimension: Option<&'static str>,
    cause: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<f64>,
}

/// By name; `null` where nothing can be said.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Dimensions {
    functionality: Option<f64>,
    code_quality: Option<f64>,
    architecture: Option<f64>,
    performance: Option<f64>,
    error_handling: Option<f64>,
}

impl From<[Option<f64>; Dimension::ALL.len()]> for Dimensions {
    fn from(scores: [Option<f64>; Dimension::ALL.len()]) -> Self {
        let of = |dimension: Dimension| scores[dimension as usize];
        Self {
            functionality: of(Dimension::Functionality),
            code_quality: of(Dimension::CodeQuality),
            architecture: of(Dimension::Architecture),
            performance: of(Dimension::Performance),
            error_handling: of(Dimension::ErrorHandling),
        }
    }
}

impl<'a> Whole<'a> {
    pub(super) fn new(whole: &WorkspaceScore, files: &'a [(String, ScoredFile)]) -> Self {
        Self {
            score: whole.overall,
            dimensions: whole.dimensions.into(),
            coverage: whole.coverage,
            worst_decile: whole.worst_decile,
            debt: whole.debt,
            costs: whole.costs.iter().map(|cost| lost(cost, None)).collect(),
            files: files.iter().map(|(path, file)| File::new(path, file)).collect(),
        }
    }
}

impl<'a> File<'a> {
    fn new(path: &'a str, file: &'a ScoredFile) -> Self {
        let functions = file.score.functions.iter().map(|(index, score)| {
            let function = &file.metrics.functions[*index];
            Function {
                name: &function.path,
                start_line: function.start_line,
                end_line: function.end_line,
                score: score.score,
                debt: score.debt,
            }
        });
        Self {
            path,
            score: file.score.overall,
            dimensions: file.score.dimensions.into(),
            debt: file.score.debt,
            costs: file.score.costs.iter().map(|cost| lost(cost, Some(&file.metrics))).collect(),
            functions: functions.collect(),
        }
    }
}

fn lost<'a>(cost: &Cost, metrics: Option<&'a FileMetrics>) -> Lost<'a> {
    let (mut rule, mut count, mut function, mut line, mut cap) = (None, None, None, None, None);
    let cause = match cost.cause {
        Cause::Function { index, metric } => {
            let at = metrics.and_then(|metrics| metrics.functions.get(index));
            function = at.map(|at| &*at.path);
            line = at.map(|at| at.start_line);
            metric.name()
        }
        Cause::Functions { metric } => metric.name(),
        Cause::FileLength => "file length",
        Cause::Findings { rule: id, count: findings } => {
            rule = Some(Catalog::builtin().rule(id).id);
            count = Some(findings);
            "findings"
        }
        Cause::Evidence => "build or tests",
        Cause::Cap(highest) => {
            cap = Some(highest);
            "cap"
        }
        Cause::Cycles => "import cycles",
        Cause::Duplicates => "duplicates",
    };
    Lost {
        points: cost.points,
        dimension: cost.dimension.map(Dimension::name),
        cause,
        rule,
        count,
        function,
        line,
        cap,
    }
}
