//! What stands above functions that are hard to follow.

use autodao_quality::score::score_function;
use autodao_quality::{FunctionNote, PlacedFunctions};
use autodao_syntax::Span;

use crate::Snapshot;
use crate::hover::{describe, losses};

/// A function with a low score.
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionLens {
    /// Where it is named.
    pub span: Span,
    /// Its score and what it is lost to, in one line.
    pub title: String,
    /// What a hover over its name says.
    pub text: String,
}

/// The functions whose score is below the configured number; none unless one is configured. While an analysis is
/// under way: those of items that were not edited.
pub fn lenses(snapshot: &Snapshot) -> Vec<FunctionLens> {
    let below = f64::from(snapshot.config.lens_below);
    if below == 0.0 {
        return Vec::new();
    }
    let functions = snapshot.functions.iter().flat_map(PlacedFunctions::iter);
    functions.filter_map(|note| lens(&note, below)).collect()
}

fn lens(note: &FunctionNote, below: f64) -> Option<FunctionLens> {
    let score = score_function(&note.metrics);
    (score.score < below).then(|| FunctionLens {
        span: note.name,
        title: format!("score {:.1}: {}", score.score, losses(&score)),
        text: describe(note),
    })
}
