//! What is known of one edit: its events, and what they amount to. The order in which they came does not matter.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::stats::{Leader, ScoreSum, Stats, Survival, WasteSum};
use crate::{
    Chosen, Compared, Cost, Day, Dimensions, EditId, Event, EventId, EventKind, Latency, Planned, Requested,
    Route, Score, Share, ShownPiece, Source, Tokens, Usage,
};

/// What became of an edit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing was asked for yet.
    Planned,
    /// A request went out and nothing followed.
    Open,
    /// No usable reply.
    Failed,
    /// Stopped by the user or a newer edit.
    Cancelled,
    /// A gate said no.
    Refused,
    /// Answered in words: there was nothing to edit.
    Told,
    /// Offered; nobody said what became of it.
    Offered,
    /// Not wanted.
    Rejected,
    /// In the text.
    Applied,
    /// In the text, much changed.
    Reworked,
    /// Taken back.
    Undone,
}

impl Outcome {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Open => "open",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
            Self::Told => "told",
            Self::Offered => "offered",
            Self::Rejected => "rejected",
            Self::Applied => "applied",
            Self::Reworked => "reworked",
            Self::Undone => "undone",
        }
    }

    /// Whether what was spent came to nothing.
    pub fn is_waste(self) -> bool {
        matches!(
            self,
            Self::Open | Self::Failed | Self::Cancelled | Self::Refused | Self::Rejected | Self::Undone
        )
    }
}

/// One request of an edit.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Request {
    /// Its id.
    pub id: EventId,
    /// The provider's name; empty when the event of the request is missing.
    pub provider: String,
    /// The model's name; empty when the event of the request is missing.
    pub model: String,
    /// 0 for the first.
    pub attempt: u32,
    /// Its tokens; the estimate's when there is no source.
    pub tokens: Tokens,
    /// Who counted; `None` when nobody knows.
    pub source: Option<Source>,
    /// Its cost, or the estimate's.
    pub cost: Option<Cost>,
    /// How long it took.
    pub latency: Option<Latency>,
    /// How it ended: the stop reason, the reason of the failure, `cancelled`; `None` when nothing followed.
    pub ended: Option<String>,
    #[serde(skip)]
    answered: bool,
}

/// An edit as its events tell it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Edit {
    /// Its id.
    pub id: EditId,
    /// What became of it.
    pub outcome: Outcome,
    /// Why: the gate that refused, the reason of a failure or rejection. Empty when there is none.
    pub cause: String,
    /// The plan.
    pub planned: Option<Planned>,
    /// The requests in their order.
    pub requests: Vec<Request>,
    /// Tokens of all requests.
    pub tokens: Tokens,
    /// Known costs of all requests, in millionths of a dollar.
    pub micros: u64,
    /// How its template's version was drawn; `None` where it was the one in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Chosen>,
    /// What its prompt takes with each of the versions that are compared.
    pub compared: Option<Compared>,
    /// The scores it changes.
    pub scores: Vec<Score>,
    /// What the model saw beside the target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<ShownPiece>,
    /// How much was there, by moment; the order is that of [`crate::Moment::ALL`].
    pub survival: [Option<Share>; 5],
    /// All its events in their order.
    pub events: Vec<Event>,
    offered: bool,
    applied: bool,
    last_share: Option<Share>,
}

impl Edit {
    /// From events sorted by id. `None` when there are none.
    pub(crate) fn of(events: Vec<Event>) -> Option<Self> {
        let id = events.first()?.edit;
        let mut edit = Self {
            id,
            outcome: Outcome::Planned,
            cause: String::new(),
            planned: None,
            requests: Vec::new(),
            tokens: Tokens::default(),
            micros: 0,
            chosen: None,
            compared: None,
            scores: Vec::new(),
            pieces: Vec::new(),
            survival: [None; 5],
            events: Vec::new(),
            offered: false,
            applied: false,
            last_share: None,
        };
        let mut requests = Requests::default();
        // The last of each rank; the highest rank is what became of it.
        let mut outcome = (Outcome::Planned, String::new());
        let mut reach = |found: Outcome, cause: &str| {
            // What happens to an applied edit follows the order of events: it may be undone and done again.
            let fate =
                |outcome: Outcome| matches!(outcome, Outcome::Applied | Outcome::Undone | Outcome::Reworked);
            // A refused reply may be asked for once more, and that be stopped or fail.
            let ends_repair =
                outcome.0 == Outcome::Refused && matches!(found, Outcome::Failed | Outcome::Cancelled);
            if found >= outcome.0 || fate(found) && fate(outcome.0) || ends_repair {
                outcome = (found, cause.to_owned());
            }
        };
        for event in &events {
            match &event.kind {
                EventKind::Planned(planned) => edit.planned = Some(planned.clone()),
                EventKind::Requested(requested) => {
                    reach(Outcome::Open, "");
                    requests.requested(event.id, requested);
                }
                EventKind::Answered(answered) => {
                    let end = requests.end(answered.request, &answered.stop, Some(answered.latency));
                    end.answered = true;
                    end.settle(Some(answered.usage), answered.cost);
                }
                EventKind::Failed(failed) => {
                    reach(Outcome::Failed, &failed.reason);
                    if let Some(id) = failed.request {
                        let end = requests.end(id, &failed.reason, Some(failed.latency));
                        end.settle(failed.usage, failed.cost);
                    }
                }
                EventKind::Cancelled(cancelled) => {
                    reach(Outcome::Cancelled, "");
                    if let Some(id) = cancelled.request {
                        requests.end(id, "cancelled", None).settle(cancelled.usage, cancelled.cost);
                    }
                }
                EventKind::Offered(offered) => {
                    reach(Outcome::Offered, "");
                    edit.offered = true;
                    edit.scores.clone_from(&offered.scores);
                    edit.pieces.clone_from(&offered.pieces);
                }
                EventKind::Refused(refused) => reach(Outcome::Refused, &refused.gate),
                EventKind::Applied => {
                    reach(Outcome::Applied, "");
                    edit.applied = true;
                }
                EventKind::Rejected(rejected) => reach(Outcome::Rejected, &rejected.reason),
                EventKind::Undone => reach(Outcome::Undone, ""),
                EventKind::Reworked(_) => reach(Outcome::Reworked, ""),
                EventKind::Told => reach(Outcome::Told, ""),
                EventKind::Sent(_) => {}
                EventKind::Chosen(chosen) => edit.chosen = Some(chosen.clone()),
                EventKind::Compared(compared) => edit.compared = Some(*compared),
                EventKind::Survived(survived) => {
                    edit.survival[survived.at as usize] = Some(survived.share);
                    edit.last_share = Some(survived.share);
                }
            }
        }
        (edit.outcome, edit.cause) = outcome;
        edit.requests = requests.0;
        for request in &edit.requests {
            let Tokens { input, cached, cache_write, output, reasoning } = request.tokens;
            edit.tokens.input = edit.tokens.input.saturating_add(input);
            edit.tokens.cached = edit.tokens.cached.saturating_add(cached);
            edit.tokens.cache_write = edit.tokens.cache_write.saturating_add(cache_write);
            edit.tokens.output = edit.tokens.output.saturating_add(output);
            edit.tokens.reasoning = edit.tokens.reasoning.saturating_add(reasoning);
            edit.micros = edit.micros.saturating_add(request.cost.map_or(0, |cost| cost.micros));
        }
        edit.events = events;
        Some(edit)
    }

    /// The edit as it was known when a day began; `None` when nothing of it was.
    pub fn as_of(&self, day: Day) -> Option<Self> {
        let before = day.start_ms();
        Self::of(self.events.iter().filter(|event| event.id.ms() < before).cloned().collect())
    }

    /// Whether it was worth making: it was applied, and half of it or more was there at the last look. `None` while
    /// that is open, and where its end says nothing on it: the network failed, or it was stopped.
    pub fn stayed(&self) -> Option<bool> {
        match self.outcome {
            Outcome::Refused | Outcome::Rejected | Outcome::Reworked | Outcome::Undone => Some(false),
            Outcome::Applied => self.last_share.map(|share| share.basis_points() >= 5000),
            Outcome::Planned
            | Outcome::Open
            | Outcome::Failed
            | Outcome::Cancelled
            | Outcome::Told
            | Outcome::Offered => None,
        }
    }

    /// Where it came from, as it turned out: what was answered without a request was known.
    fn route(&self, planned: Route) -> Route {
        let is_answered = self.offered || self.outcome == Outcome::Told;
        if planned == Route::Model && is_answered && self.requests.is_empty() {
            return Route::Cache;
        }
        planned
    }

    /// What the sums of this edit are kept by.
    pub fn dimensions(&self) -> Dimensions {
        let unknown = || "unknown".to_owned();
        let model = self.requests.last().map(|request| request.model.clone());
        match &self.planned {
            Some(planned) => Dimensions {
                task: planned.task.clone(),
                complexity: planned.complexity.clone(),
                template: planned.template.clone(),
                model,
                workspace: planned.workspace.clone(),
                language: planned.language.clone(),
                route: self.route(planned.route),
            },
            // The plan was lost; what it cost still counts.
            None => Dimensions {
                task: unknown(),
                complexity: unknown(),
                template: None,
                model,
                workspace: unknown(),
                language: unknown(),
                route: Route::Model,
            },
        }
    }

    /// What it adds to the sums of its day.
    pub(crate) fn stats(&self) -> Stats {
        let mut stats = Stats::default();
        let flag = u64::from;
        let counts = &mut stats.counts;
        counts.edits = 1;
        counts.events = self.events.len() as u64;
        counts.offered = flag(self.offered);
        counts.applied = flag(self.applied);
        counts.cancelled = flag(self.outcome == Outcome::Cancelled);
        counts.refused = flag(self.outcome == Outcome::Refused);
        counts.rejected = flag(self.outcome == Outcome::Rejected);
        counts.undone = flag(self.outcome == Outcome::Undone);
        counts.reworked = flag(self.outcome == Outcome::Reworked);
        counts.open = flag(self.outcome == Outcome::Open);
        if self.applied {
            let gone = matches!(self.outcome, Outcome::Undone | Outcome::Reworked);
            let share = self.last_share.map(Share::basis_points);
            counts.fated = flag(gone || share.is_some());
            counts.kept = flag(!gone && share.is_some_and(|share| share >= 5000));
        }
        for request in &self.requests {
            counts.requests += 1;
            counts.answered += flag(request.answered);
            counts.failed +=
                flag(!request.answered && request.ended.as_deref().is_some_and(|e| e != "cancelled"));
            if request.attempt > 0 {
                counts.repairs += 1;
                counts.repair_tokens = counts.repair_tokens.saturating_add(request.tokens.total());
            }
            counts.counted_requests += flag(request.source == Some(Source::Counted));
            counts.estimated_requests += flag(request.source.is_none());
            counts.unpriced_requests += flag(request.cost.is_none() && request.tokens.total() > 0);
            if let Some(latency) = request.latency {
                stats.latency.record(latency.total.into());
                if let Some(first) = latency.first_token {
                    stats.first_token.record(first.into());
                }
            }
        }
        let Tokens { input, cached, cache_write, output, reasoning } = self.tokens;
        (counts.input, counts.cached, counts.cache_write) = (input, cached, cache_write);
        (counts.output, counts.reasoning) = (output, reasoning);
        counts.cost_micros = self.micros;
        let tokens = self.tokens.total();
        if !self.requests.is_empty() {
            counts.model_edits = 1;
            counts.model_tokens_squared = tokens.saturating_mul(tokens);
            stats.tokens.record(tokens);
        }
        if let Some(Planned { route: Route::Model, baseline: Some(baseline), .. }) = self.planned {
            counts.compared_tokens = tokens;
            counts.baseline_tokens = match self.outcome {
                // The same words for the whole file.
                Outcome::Told => baseline.input.saturating_add(output),
                _ => flag(self.offered) * baseline.input.saturating_add(baseline.output),
            };
        }
        if self.outcome.is_waste() {
            (counts.wasted_tokens, counts.wasted_micros) = (tokens, self.micros);
            let sum = WasteSum { edits: 1, tokens, micros: self.micros };
            stats.waste = BTreeMap::from([(self.outcome, BTreeMap::from([(self.cause.clone(), sum)]))]);
        }
        for (survival, share) in stats.survival.iter_mut().zip(self.survival) {
            if let Some(share) = share {
                *survival = Survival { edits: 1, basis_points: share.basis_points().into() };
            }
        }
        if self.applied {
            for score in &self.scores {
                let sum = ScoreSum { edits: 1, before: score.before.into(), after: score.after.into() };
                stats.scores.insert(score.dimension.clone(), sum);
            }
        }
        stats
    }

    pub(crate) fn leader(&self) -> Leader {
        let Dimensions { task, template, model, .. } = self.dimensions();
        let tokens = self.tokens.total();
        Leader { edit: self.id, outcome: self.outcome, task, template, model, tokens, micros: self.micros }
    }
}

/// Requests by the order of their first event.
#[derive(Default)]
struct Requests(Vec<Request>);

impl Requests {
    fn entry(&mut self, id: EventId) -> &mut Request {
        let at = self.0.iter().position(|request| request.id == id).unwrap_or_else(|| {
            self.0.push(Request {
                id,
                provider: String::new(),
                model: String::new(),
                attempt: 0,
                tokens: Tokens::default(),
                source: None,
                cost: None,
                latency: None,
                ended: None,
                answered: false,
            });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    fn requested(&mut self, id: EventId, requested: &Requested) {
        let request = self.entry(id);
        request.provider.clone_from(&requested.provider);
        request.model.clone_from(&requested.model);
        request.attempt = requested.attempt;
        // After a clock that went back the end may sort before the request.
        if request.source.is_none() {
            request.tokens = requested.estimate.tokens;
            request.cost = requested.estimate.cost;
        }
    }

    fn end(&mut self, id: EventId, how: &str, latency: Option<Latency>) -> &mut Request {
        let request = self.entry(id);
        request.ended.get_or_insert_with(|| how.to_owned());
        request.latency = request.latency.or(latency);
        request
    }
}

impl Request {
    /// The provider's number wins over what was counted, that over the estimate; else the first one stands.
    fn settle(&mut self, usage: Option<Usage>, cost: Option<Cost>) {
        if let Some(Usage { tokens, source }) = usage
            && self.source.is_none_or(|known| source > known)
        {
            (self.tokens, self.source, self.cost) = (tokens, Some(source), cost);
        }
    }
}
