//! What is said of a function whose name is pointed at.

use autodao_quality::FunctionNote;
use autodao_quality::score::{FunctionScore, Metric, score_function};
use autodao_syntax::Span;

use crate::Snapshot;

/// What is known of a function.
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionHover {
    /// Where it is named.
    pub span: Span,
    /// Its metrics and score, a few lines of plain text.
    pub text: String,
}

/// What is said at an offset of a document: something when a function is named there.
pub fn hover(snapshot: &Snapshot, offset: u32) -> Option<FunctionHover> {
    let at = Span::at(offset);
    let items = snapshot.functions.iter().filter(|item| item.item.touches(at));
    // The smallest: a function without a name is named by its head, and another may be in its parameters.
    let named = items.flat_map(autodao_quality::PlacedFunctions::iter).filter(|note| note.name.touches(at));
    let note = named.min_by_key(|note| note.name.len())?;
    Some(FunctionHover { span: note.name, text: describe(&note) })
}

pub(crate) fn describe(note: &FunctionNote) -> String {
    let metrics = &note.metrics;
    let score = score_function(metrics);
    let mut text = format!(
        "score {:.1} of 10\ncognitive complexity {}, cyclomatic complexity {}, nesting {}, parameters {}, lines of code {}",
        score.score,
        metrics.cognitive,
        metrics.cyclomatic,
        metrics.nesting,
        metrics.arguments(),
        metrics.code_lines,
    );
    let lost = losses(&score);
    if !lost.is_empty() {
        text += &format!("\nlost to {lost}");
    }
    text
}

/// What a score is lost to, as `metric points`, most telling metrics first.
pub(crate) fn losses(score: &FunctionScore) -> String {
    let lost = Metric::ALL.into_iter().zip(score.losses).filter(|(_, points)| *points >= 0.05);
    lost.map(|(metric, points)| format!("{} {points:.1}", metric.name())).collect::<Vec<_>>().join(", ")
}
