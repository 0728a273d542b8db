//! What a score is lost to.

use crate::{Dimension, RuleId};

/// A metric that a function's score is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Metric {
    /// Cognitive complexity.
    Cognitive,
    /// Length in tokens.
    Length,
    /// The deepest block.
    Nesting,
    /// Number of parameters without `self`.
    Parameters,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 4] = [Self::Cognitive, Self::Length, Self::Nesting, Self::Parameters];

    /// The name used in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cognitive => "cognitive complexity",
            Self::Length => "length",
            Self::Nesting => "nesting",
            Self::Parameters => "parameters",
        }
    }
}

/// Why points are lost.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Cause {
    /// A metric of a function, by its index among the file's functions.
    Function {
        /// Index into [`crate::metrics::FileMetrics::functions`].
        index: usize,
        /// The metric.
        metric: Metric,
    },
    /// A metric of the functions of several files.
    Functions {
        /// The metric.
        metric: Metric,
    },
    /// The file's length in lines of code.
    FileLength,
    /// The findings of a rule.
    Findings {
        /// The rule.
        rule: RuleId,
        /// How many there are.
        count: u32,
    },
    /// A build or tests that fail.
    Evidence,
    /// A blocker: the score may not be above this.
    Cap(f64),
    /// Import cycles of the workspace.
    Cycles,
    /// Duplicated code of the workspace.
    Duplicates,
}

impl Cause {
    /// The same without what is of one file alone.
    fn general(self) -> Self {
        match self {
            Self::Function { metric, .. } => Self::Functions { metric },
            Self::Findings { rule, .. } => Self::Findings { rule, count: 0 },
            other => other,
        }
    }
}

/// Costs of several files, those with the same cause as one.
#[derive(Clone, Debug, Default)]
pub(super) struct CostSum(Vec<Cost>);

impl CostSum {
    /// Adds a cost, `factor` times.
    pub(super) fn add(&mut self, cost: &Cost, factor: f64) {
        let cause = cost.cause.general();
        let same = |known: &Cost| known.dimension == cost.dimension && known.cause.general() == cause;
        let index = self.0.iter().position(same).unwrap_or_else(|| {
            self.0.push(Cost { points: 0.0, dimension: cost.dimension, cause });
            self.0.len() - 1
        });
        let known = &mut self.0[index];
        known.points += factor * cost.points;
        if let (Cause::Findings { count: known, .. }, Cause::Findings { count, .. }) =
            (&mut known.cause, cost.cause)
        {
            *known += count;
        }
    }

    /// The costs divided by a number, largest first.
    pub(super) fn divided(mut self, by: f64) -> Vec<Cost> {
        for cost in &mut self.0 {
            cost.points /= by;
        }
        self.0.sort_by(|a, b| b.points.total_cmp(&a.points));
        self.0
    }
}

/// A part of what an overall score lacks to 10.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cost {
    /// Points of the overall score; all of them together are exactly what it lacks to 10.
    pub points: f64,
    /// The dimension it is lost in; `None` for a cap.
    pub dimension: Option<Dimension>,
    /// Why.
    pub cause: Cause,
}
