//! Which names of the workspace an edit of a target may need, and how likely.

use autodao_syntax::index::{DefinitionRef, NameId, WorkspaceIndex};
use autodao_syntax::{Language, Span};

mod features;
mod imports;
mod model;
mod scope;
mod similar;

pub use features::{FEATURES, FeatureVector, reason};

/// What is going to be edited.
#[derive(Clone, Copy)]
pub struct RankRequest<'a> {
    /// The workspace, with the file as it is now in it.
    pub index: &'a WorkspaceIndex,
    /// The file, as the index names it.
    pub path: &'a str,
    /// Its language.
    pub language: Language,
    /// Its text.
    pub text: &'a str,
    /// What may change.
    pub target: Span,
    /// Where in it the change is wanted: a cursor, a selection, a finding. The target itself when that is not known.
    pub focus: Span,
    /// What is wanted.
    pub instruction: &'a str,
}

/// A name that the edit may need.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    /// The name.
    pub name: NameId,
    /// The definition that is most likely meant.
    pub place: DefinitionRef,
    /// What speaks for it.
    pub features: FeatureVector,
    /// How likely it is that the edit needs it, 0 to 1.
    pub probability: f32,
}

/// Every name that something speaks for, the most likely first. The same request gives the same candidates.
pub fn rank(request: &RankRequest<'_>) -> Vec<Candidate> {
    let mut candidates = features::candidates(request);
    let model = model::of(request.language);
    for candidate in &mut candidates {
        candidate.probability = model.probability(&candidate.features);
    }
    candidates.sort_by(|a, b| {
        b.probability
            .total_cmp(&a.probability)
            .then_with(|| request.index.name(a.name).cmp(request.index.name(b.name)))
    });
    candidates
}
