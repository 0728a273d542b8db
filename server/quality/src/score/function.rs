//! The score of one function.

use super::cost::Metric;
use super::ramp::ramp;
use crate::metrics::FunctionMetrics;

/// Tokens on a line of code, about the median of Rust, TypeScript and Java: a length in lines that formatting does
/// not change.
pub(super) const TOKENS_PER_LINE: f64 = 7.0;

/// A function's score and what it is made of.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FunctionScore {
    /// From 0 to 10.
    pub score: f64,
    /// Points each metric takes, in the order of [`Metric::ALL`]; together 10 less the score.
    pub losses: [f64; Metric::ALL.len()],
    /// Lines of code, weighted by how much is lost: additive over functions.
    pub debt: f64,
}

/// Scores one function. A worse metric never scores better.
pub fn score_function(metrics: &FunctionMetrics) -> FunctionScore {
    let lines = f64::from(metrics.tokens) / TOKENS_PER_LINE;
    let losses = Metric::ALL.map(|metric| {
        let (value, low, high, points) = match metric {
            Metric::Cognitive => (f64::from(metrics.cognitive), 5.0, 50.0, 4.5),
            Metric::Length => (lines, 20.0, 200.0, 2.5),
            Metric::Nesting => (f64::from(metrics.nesting), 2.0, 7.0, 2.0),
            Metric::Parameters => (f64::from(metrics.arguments()), 4.0, 10.0, 1.0),
        };
        points * ramp(value, low, high)
    });
    let lost: f64 = losses.iter().sum();
    FunctionScore { score: (10.0 - lost).max(0.0), losses, debt: lines * lost / 10.0 }
}
