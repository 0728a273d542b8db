//! What a model is told of the workspace around a target.

use autodao_context::rank::{Candidate, RankRequest, rank, reason};
use autodao_context::{Allowance, Pack, pack};
use autodao_providers::{Tiktoken, TokenCounter, Tokenizer};
use autodao_syntax::index::{FileIndex, WorkspaceIndex};
use autodao_syntax::{Language, Span, SyntaxTree};

use crate::diagnosis::Snapshot;
use crate::index::WorkspaceIndexes;

/// The title of what is told.
pub(crate) const TITLE: &str = "Known";

/// The context role by which a template asks for it.
pub(crate) const ROLE: &str = "signatures";

/// The most tokens of it, where nothing is configured. Few targets come near: what is worth little is left out first.
pub(crate) const MOST_TOKENS: u32 = 400;

/// The least chance per token that a name is worth, where what is configured leaves room for more.
const LEAST_YIELD: f32 = 0.0009;

/// One name of the workspace, and why it is told or not.
#[derive(Clone, PartialEq, Debug)]
pub struct KnownName {
    /// The name.
    pub name: String,
    /// The file it is defined in, in its workspace.
    pub path: String,
    /// How much of it is told: `name`, `brief` or `signature`; `None` when it is left out.
    pub tier: Option<&'static str>,
    /// How likely the edit needs it, 0 to 1.
    pub probability: f32,
    /// What speaks for it most.
    pub reason: &'static str,
}

/// What a model is told, name by name.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct KnownNames {
    /// As it is told.
    pub text: String,
    /// What that costs, counted exactly in o200k.
    pub tokens: usize,
    /// The names in it, the likeliest first.
    pub shown: Vec<KnownName>,
    /// The likeliest of those that are not in it.
    pub left_out: Vec<KnownName>,
}

/// How many tokens a text has, counted with the vocabulary that prices are compared in.
pub fn exact_tokens(text: &str) -> usize {
    Tiktoken::new(Tokenizer::O200k).count(text).tokens as usize
}

/// What the names around a target may cost.
pub(crate) fn allowance(most: usize) -> Allowance {
    Allowance { tokens: most, least_yield: LEAST_YIELD }
}

/// The candidates of a target, the likeliest first.
pub(crate) fn candidates(request: &RankRequest<'_>) -> Vec<Candidate> {
    rank(request)
}

/// The candidates that are worth their tokens.
pub(crate) fn packed<'a>(
    request: &RankRequest<'a>,
    candidates: &'a [Candidate],
    allowance: Allowance,
) -> Pack<'a> {
    pack(request.index, candidates, allowance, &exact_tokens)
}

/// What an edit of an open document or file is told. `None` where its workspace has no index yet.
pub(crate) fn known_names(
    indexes: &WorkspaceIndexes,
    snapshot: &Snapshot,
    tree: &SyntaxTree,
    place: (Language, Span, Span),
    instruction: &str,
    most: usize,
) -> Option<KnownNames> {
    let (language, target, focus) = place;
    let path = snapshot.path.as_deref()?;
    let text = snapshot.buffer.text();
    let current = FileIndex::of(language, text, tree);
    indexes.with(path, current, |index, path| {
        let request = RankRequest { index, path, language, text, target, focus, instruction };
        let candidates = candidates(&request);
        told(index, &packed(&request, &candidates, allowance(most)))
    })
}

fn told(index: &WorkspaceIndex, pack: &Pack<'_>) -> KnownNames {
    let name = |candidate: &Candidate, tier| KnownName {
        name: index.name(candidate.name).to_owned(),
        path: index.definition(candidate.place).map_or_else(String::new, |(file, _)| file.path().to_owned()),
        tier,
        probability: candidate.probability,
        reason: reason(&candidate.features),
    };
    KnownNames {
        text: pack.text.clone(),
        tokens: pack.tokens,
        shown: pack.shown.iter().map(|shown| name(shown.candidate, Some(shown.tier.name()))).collect(),
        left_out: pack.left_out.iter().map(|candidate| name(candidate, None)).collect(),
    }
}
