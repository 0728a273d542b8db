//! Sums over edits. They can be added and taken away again, so a changed edit costs no new sum of its day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{EditId, Outcome, Route, Sketch, Template};

/// What sums are kept by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Dimensions {
    /// The kind of task.
    pub task: String,
    /// How hard it is.
    pub complexity: String,
    /// The template and its version.
    pub template: Option<Template>,
    /// The model of the last request.
    pub model: Option<String>,
    /// The name or hash of the workspace.
    pub workspace: String,
    /// The language of the file.
    pub language: String,
    /// Where the edits come from.
    pub route: Route,
}

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Numbers that add up. Costs are in millionths of a dollar.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counts {
            // Wrapping, so that taking away always undoes adding.
            fn add(&mut self, other: &Self) {
                $(self.$name = self.$name.wrapping_add(other.$name);)*
            }

            fn subtract(&mut self, other: &Self) {
                $(self.$name = self.$name.wrapping_sub(other.$name);)*
            }
        }
    };
}

counts! {
    /// Edits, whatever became of them.
    edits,
    /// Events.
    events,
    /// Requests to providers.
    requests,
    /// Of the requests: repairs and retries.
    repairs,
    /// Replies that came to their end.
    answered,
    /// Requests without a usable reply.
    failed,
    /// Edits that were stopped.
    cancelled,
    /// Edits that were offered.
    offered,
    /// Edits that a gate refused and that were not offered after all.
    refused,
    /// Edits that were applied, whether or not they stayed.
    applied,
    /// Edits that were offered and not wanted.
    rejected,
    /// Applied edits that were taken back.
    undone,
    /// Applied edits that were changed much.
    reworked,
    /// Edits with a request that nothing followed: the editor was killed, or it is still running.
    open,
    /// Applied edits of which it is known whether they stayed.
    fated,
    /// Of those: edits of which at least half was there at the last look.
    kept,
    /// Tokens of prompts.
    input,
    /// Of those: read from providers' caches.
    cached,
    /// Of those: written to providers' caches.
    cache_write,
    /// Tokens of replies.
    output,
    /// Of those: reasoning.
    reasoning,
    /// Tokens of repairs and retries.
    repair_tokens,
    /// Requests whose tokens were counted here, not reported by the provider.
    counted_requests,
    /// Requests whose tokens nobody knows: their estimate is in the sums.
    estimated_requests,
    /// Known costs.
    cost_micros,
    /// Requests with tokens and without a price: the costs are without them.
    unpriced_requests,
    /// Edits by a model.
    model_edits,
    /// Sum of the squares of the tokens of edits by a model.
    model_tokens_squared,
    /// Tokens of full-file chat for the edits by a model that were offered.
    baseline_tokens,
    /// Tokens of all edits by a model that have a baseline, also of those that were not offered.
    compared_tokens,
    /// Tokens of edits that came to nothing.
    wasted_tokens,
    /// Costs of edits that came to nothing.
    wasted_micros,
}

impl Counts {
    /// Tokens of prompts and replies.
    pub fn tokens(&self) -> u64 {
        self.input.saturating_add(self.output)
    }

    /// How many times the tokens the naive way would have taken; `None` when nothing can be compared.
    pub fn ratio(&self) -> Option<f64> {
        let comparable = self.baseline_tokens > 0 && self.compared_tokens > 0;
        comparable.then(|| self.baseline_tokens as f64 / self.compared_tokens as f64)
    }
}

/// How much of the applied edits was there at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Survival {
    /// Edits that were looked at.
    pub edits: u64,
    /// The sum of their shares, in ten-thousandths.
    pub basis_points: u64,
}

/// Tokens spent for nothing, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct WasteSum {
    /// Edits.
    pub edits: u64,
    /// Their tokens.
    pub tokens: u64,
    /// Their known costs.
    pub micros: u64,
}

/// Scores before and after, in hundredths of a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ScoreSum {
    /// Applied edits with this score.
    pub edits: u64,
    /// The sum before.
    pub before: u64,
    /// The sum after.
    pub after: u64,
}

impl ScoreSum {
    /// By how many points of 10 an edit changed the score, on average.
    pub fn change(self) -> Option<f64> {
        (self.edits > 0).then(|| (self.after as f64 - self.before as f64) / 100.0 / self.edits as f64)
    }
}

/// All that is kept of some edits.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Stats {
    /// The numbers.
    pub counts: Counts,
    /// By [`crate::Moment`], in its order.
    pub survival: [Survival; 5],
    /// By how the edit came to nothing and why (the gate, the reason).
    pub waste: BTreeMap<Outcome, BTreeMap<String, WasteSum>>,
    /// By dimension of quality.
    pub scores: BTreeMap<String, ScoreSum>,
    /// Milliseconds of requests from the wish to the last token.
    pub latency: Sketch,
    /// Milliseconds of requests to the first token.
    pub first_token: Sketch,
    /// Tokens of edits by a model.
    pub tokens: Sketch,
}

impl Stats {
    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.combine(other, u64::wrapping_add, Counts::add, Sketch::add);
    }

    /// Takes away what was added before.
    pub(crate) fn subtract(&mut self, other: &Self) {
        self.combine(other, u64::wrapping_sub, Counts::subtract, Sketch::subtract);
        self.scores.retain(|_, sum| *sum != ScoreSum::default());
        self.waste.retain(|_, causes| {
            causes.retain(|_, sum| *sum != WasteSum::default());
            !causes.is_empty()
        });
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn combine(
        &mut self,
        other: &Self,
        number: fn(u64, u64) -> u64,
        counts: fn(&mut Counts, &Counts),
        sketch: fn(&mut Sketch, &Sketch),
    ) {
        counts(&mut self.counts, &other.counts);
        for (mine, theirs) in self.survival.iter_mut().zip(&other.survival) {
            mine.edits = number(mine.edits, theirs.edits);
            mine.basis_points = number(mine.basis_points, theirs.basis_points);
        }
        for (outcome, causes) in &other.waste {
            let mine = self.waste.entry(*outcome).or_default();
            for (cause, theirs) in causes {
                let mine = mine.entry(cause.clone()).or_default();
                mine.edits = number(mine.edits, theirs.edits);
                mine.tokens = number(mine.tokens, theirs.tokens);
                mine.micros = number(mine.micros, theirs.micros);
            }
        }
        for (dimension, theirs) in &other.scores {
            let mine = self.scores.entry(dimension.clone()).or_default();
            mine.edits = number(mine.edits, theirs.edits);
            mine.before = number(mine.before, theirs.before);
            mine.after = number(mine.after, theirs.after);
        }
        sketch(&mut self.latency, &other.latency);
        sketch(&mut self.first_token, &other.first_token);
        sketch(&mut self.tokens, &other.tokens);
    }
}

/// The sums of one day and one set of dimensions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// What they are kept by.
    pub dimensions: Dimensions,
    /// The sums.
    pub stats: Stats,
}

/// One edit in a list of the most expensive or the most wasteful.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Leader {
    /// Its id.
    pub edit: EditId,
    /// What became of it.
    pub outcome: Outcome,
    /// The kind of task.
    pub task: String,
    /// The template and its version.
    pub template: Option<Template>,
    /// The model of the last request.
    pub model: Option<String>,
    /// All its tokens.
    pub tokens: u64,
    /// Its known costs in millionths of a dollar.
    pub micros: u64,
}

impl Leader {
    fn weight(&self) -> (u64, u64, EditId) {
        (self.micros, self.tokens, self.edit)
    }
}

/// The leaders of a day, the first one first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Leaders {
    /// By cost, then by tokens.
    pub expensive: Vec<Leader>,
    /// Those that came to nothing, by cost, then by tokens.
    pub wasteful: Vec<Leader>,
}

/// Leaders of a day.
pub(crate) const MAX_LEADERS: usize = 20;

impl Leaders {
    /// Takes the edit's new state over. Returns false when an edit that is not listed may belong there now: then
    /// all of the day must be offered again.
    pub(crate) fn update(&mut self, leader: &Leader) -> bool {
        let wasteful = leader.outcome.is_waste().then_some(leader);
        let expensive = place(&mut self.expensive, leader.edit, (leader.tokens > 0).then_some(leader));
        place(&mut self.wasteful, leader.edit, wasteful.filter(|leader| leader.tokens > 0)) && expensive
    }

    /// The leaders of both.
    pub(crate) fn merge(&mut self, other: &Self) {
        for leader in &other.expensive {
            place(&mut self.expensive, leader.edit, Some(leader));
        }
        for leader in &other.wasteful {
            place(&mut self.wasteful, leader.edit, Some(leader));
        }
    }
}

fn place(list: &mut Vec<Leader>, edit: EditId, leader: Option<&Leader>) -> bool {
    let was_full = list.len() >= MAX_LEADERS;
    let before = list.iter().position(|listed| listed.edit == edit).map(|at| list.remove(at).weight());
    let now = leader.map(Leader::weight);
    if let Some(leader) = leader {
        let at = list.partition_point(|listed| listed.weight() > leader.weight());
        list.insert(at, leader.clone());
        list.truncate(MAX_LEADERS);
    }
    // One that became lighter in a full list may now be lighter than one that was let go.
    !(was_full && before.is_some_and(|before| now.is_none_or(|now| now < before)))
}
