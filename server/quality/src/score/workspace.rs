//! The score of many files.

use super::cost::{Cause, Cost, CostSum};
use super::file::{FileScore, weight};
use super::ramp::ramp;
use crate::Dimension;

/// Points of architecture that are lost when every module is in an import cycle, or too much is duplicated.
const MOST_LOST: f64 = 5.0;

/// What only the files together tell, where it is known.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct WorkspaceEvidence {
    /// Share of the modules that are in an import cycle, edges of types left out; from 0 to 1.
    pub cyclic: Option<f64>,
    /// Share of the lines that are duplicates; from 0 to 1.
    pub duplicate: Option<f64>,
}

/// Collects the scores of files.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    files: u32,
    tokens: f64,
    overall: f64,
    dimensions: [(f64, f64); Dimension::ALL.len()],
    debt: f64,
    costs: CostSum,
    /// The files' scores and sizes.
    scores: Vec<(f64, f64)>,
}

/// The score of many files.
#[derive(Clone, PartialEq, Debug)]
pub struct WorkspaceScore {
    /// From 0 to 10: the mean of the files by their size; `None` without code.
    pub overall: Option<f64>,
    /// By dimension, in the order of [`Dimension::ALL`]; `None` where nothing can be said of half of the code.
    pub dimensions: [Option<f64>; Dimension::ALL.len()],
    /// How many dimensions could be assessed.
    pub coverage: usize,
    /// The mean of the worst tenth of the code.
    pub worst_decile: Option<f64>,
    /// The files' debt together.
    pub debt: f64,
    /// Files with a score.
    pub files: u32,
    /// What the overall score lacks to 10, largest first.
    pub costs: Vec<Cost>,
}

impl Workspace {
    /// Adds a file. One without a score adds nothing.
    pub fn add(&mut self, file: &FileScore) {
        let Some(overall) = file.overall else { return };
        let tokens = f64::from(file.tokens.max(1));
        self.files += 1;
        self.tokens += tokens;
        self.overall += tokens * overall;
        self.debt += file.debt;
        self.scores.push((overall, tokens));
        for cost in &file.costs {
            self.costs.add(cost, tokens);
        }
        for ((sum, size), score) in self.dimensions.iter_mut().zip(file.dimensions) {
            if let Some(score) = score {
                *sum += tokens * score;
                *size += tokens;
            }
        }
    }

    /// The score of all that was added.
    pub fn score(mut self, evidence: WorkspaceEvidence) -> WorkspaceScore {
        // What is known of a few files says nothing about the rest.
        let half = self.tokens / 2.0;
        let known = |size: f64| size > 0.0 && size >= half;
        let mut dimensions = self.dimensions.map(|(sum, size)| known(size).then(|| sum / size));
        let coverage = dimensions.iter().flatten().count();
        let worst_decile = self.worst_decile();
        let mut overall = (self.files > 0).then(|| self.overall / self.tokens);
        let assessed = Dimension::ALL.into_iter().zip(dimensions).filter(|(_, score)| score.is_some());
        let share =
            weight(Dimension::Architecture) / assessed.map(|(dimension, _)| weight(dimension)).sum::<f64>();
        let lost = [
            (Cause::Cycles, evidence.cyclic.map_or(0.0, |share| share.clamp(0.0, 1.0))),
            (Cause::Duplicates, evidence.duplicate.map_or(0.0, |share| ramp(share, 0.03, 0.20))),
        ];
        let architecture = &mut dimensions[Dimension::Architecture as usize];
        if let (Some(overall), Some(architecture)) = (&mut overall, architecture) {
            for (cause, part) in lost {
                let points = (MOST_LOST * part).min(*architecture);
                // Blockers may have taken more than there is to lose here.
                let of_overall = (points * share).min(*overall);
                *architecture -= points;
                *overall -= of_overall;
                if of_overall > 0.0 {
                    let dimension = Some(Dimension::Architecture);
                    self.costs.add(&Cost { points: of_overall, dimension, cause }, self.tokens);
                }
            }
        }
        let costs = self.costs.divided(self.tokens);
        WorkspaceScore {
            overall,
            dimensions,
            coverage,
            worst_decile,
            debt: self.debt,
            files: self.files,
            costs,
        }
    }

    fn worst_decile(&mut self) -> Option<f64> {
        self.scores.sort_by(|a, b| a.0.total_cmp(&b.0));
        let tenth = self.tokens / 10.0;
        let (mut sum, mut size) = (0.0, 0.0);
        for (score, tokens) in &self.scores {
            let taken = tokens.min(tenth - size);
            sum += taken * score;
            size += taken;
        }
        (size > 0.0).then(|| sum / size)
    }
}
