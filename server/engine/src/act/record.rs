//! What happens to an edit, told to the ledger.

use std::time::{Duration, Instant};

use autodao_edits::QualityDelta;
use autodao_ledger::{
    Answered, Baseline, Cancelled, Cost, Day, Digest, EditId, Estimate as Estimated, Event, EventId,
    EventKind, Exceeded, Failed, Latency, Ledger, Limit, Moment, Offered, Planned, Refused, Rejected,
    RequestLog, Requested, Reworked, Route, Score, Share, ShownPiece, Source, Spend, Survived, Template,
    Tokens, Usage, Verdict,
};
use autodao_providers::{Error, PriceTable, Usage as Reported};

use super::estimate::Estimate;
use super::models::Model;
use super::plan::Plan;
use crate::diagnosis::WorkspaceName;
use crate::hash::fnv1a;

/// Tells the ledger about one edit. Every request that may reach a provider is told before it leaves.
pub(crate) struct Record {
    ledger: Ledger,
    edit: EditId,
    workspace: String,
    template: String,
    prices: Day,
    began: Instant,
    attempts: u32,
}

/// The records of an edit that was made of parts: what becomes of it becomes of each.
pub(crate) struct Records(pub(crate) Vec<Record>);

impl Records {
    /// The editor applied it.
    pub(crate) fn applied(&self) {
        self.each(Record::applied);
    }

    /// It was not wanted, for this reason.
    pub(crate) fn rejected(&self, reason: &str) {
        self.each(|record| record.rejected(reason));
    }

    /// So much of it was there at a moment.
    pub(crate) fn survived(&self, at: Moment, share: Share) {
        self.each(|record| record.survived(at, share));
    }

    /// The user changed much of it.
    pub(crate) fn reworked(&self, gone: Share) {
        self.each(|record| record.reworked(gone));
    }

    /// The user took it back.
    pub(crate) fn undone(&self) {
        self.each(Record::undone);
    }

    /// What it took by now.
    pub(crate) fn spent(&self) -> Spend {
        let spent = self.0.iter().map(|record| record.ledger.spent_by(record.edit));
        spent.fold(Spend::default(), |sum, part| Spend {
            tokens: sum.tokens.saturating_add(part.tokens),
            micros: sum.micros.saturating_add(part.micros),
        })
    }

    fn each(&self, tell: impl FnMut(&Record)) {
        self.0.iter().for_each(tell);
    }
}

/// A request that was told, and is to be told the end of.
pub(crate) struct OpenRequest {
    pub(crate) id: EventId,
    sent: Instant,
    first_token: Option<Instant>,
}

impl OpenRequest {
    /// A request that was told so long ago.
    pub(crate) fn sent_before(id: EventId, ago: Duration) -> Self {
        let now = Instant::now();
        Self { id, sent: now.checked_sub(ago).unwrap_or(now), first_token: None }
    }

    /// The first token came.
    pub(crate) fn heard(&mut self) {
        self.first_token.get_or_insert_with(Instant::now);
    }
}

impl Record {
    /// Begins an edit: it was thought out.
    pub(crate) fn begin(
        ledger: Ledger,
        plan: &Plan,
        place: &WorkspaceName,
        prices: &PriceTable,
        began: Instant,
    ) -> Self {
        let edit = EditId::new();
        let template =
            Template { name: plan.template.name.clone(), version: plan.template.version.to_string() };
        let planned = Planned {
            task: plan.task.kind.name().to_owned(),
            complexity: plan.task.complexity.name().to_owned(),
            template: Some(template.clone()),
            route: Route::Model,
            language: plan.task.target.language.name().to_owned(),
            workspace: place.name.clone(),
            symbol: Some(fnv1a(plan.task.target.symbol().as_bytes())),
            baseline: Some(Baseline { input: plan.baseline.0, output: plan.baseline.1 }),
            node: Some(plan.task.target.node_kind().to_owned()),
            folder: place.key,
        };
        let record = Self {
            ledger,
            edit,
            workspace: place.name.clone(),
            template: template.name,
            prices: prices.date.parse().unwrap_or_else(|_| Day::today()),
            began,
            attempts: 0,
        };
        record.tell(EventKind::Planned(planned));
        if let Some(chosen) = &plan.chosen {
            record.tell(EventKind::Chosen(chosen.clone()));
        }
        if let Some(compared) = plan.compared {
            record.tell(EventKind::Compared(compared));
        }
        record
    }

    /// Goes on with the record of an edit that was begun so long ago, perhaps by another process.
    pub(crate) fn begun_before(ledger: Ledger, edit: EditId, prices: &PriceTable, ago: Duration) -> Self {
        let now = Instant::now();
        Self {
            ledger,
            edit,
            workspace: String::new(),
            template: String::new(),
            prices: prices.date.parse().unwrap_or_else(|_| Day::today()),
            began: now.checked_sub(ago).unwrap_or(now),
            attempts: 1,
        }
    }

    /// The edit's id in the ledger.
    pub(crate) fn edit(&self) -> EditId {
        self.edit
    }

    /// Begins a test of a model: no edit, but its tokens count.
    pub(crate) fn of_test(ledger: Ledger, prices: &PriceTable, began: Instant) -> Self {
        let planned = Planned {
            task: "test".to_owned(),
            complexity: "trivial".to_owned(),
            template: None,
            route: Route::Model,
            language: String::new(),
            workspace: String::new(),
            symbol: None,
            baseline: None,
            node: None,
            folder: None,
        };
        let record = Self {
            ledger,
            edit: EditId::new(),
            workspace: String::new(),
            template: String::new(),
            prices: prices.date.parse().unwrap_or_else(|_| Day::today()),
            began,
            attempts: 0,
        };
        record.tell(EventKind::Planned(planned));
        record
    }

    fn tell(&self, kind: EventKind) {
        // The receipt is for those who must know when it is on disk; a budget's reservation waits for its own.
        drop(self.ledger.append(Event::new(self.edit, kind)));
    }

    /// Tells of a request before it leaves, against the budgets. The error says which budget is used up. Blocks for
    /// milliseconds where there are budgets.
    pub(crate) fn requested(
        &mut self,
        model: &Model,
        estimate: &Estimate,
        limits: &[Limit],
    ) -> Result<(OpenRequest, Option<String>), String> {
        let tokens = Tokens { input: estimate.input, output: estimate.output, ..Tokens::default() };
        let requested = Requested {
            provider: model.endpoint.vendor.name().to_owned(),
            model: model.endpoint.model.clone(),
            workspace: self.workspace.clone(),
            template: Some(self.template.clone()).filter(|template| !template.is_empty()),
            attempt: self.attempts,
            estimate: Estimated { tokens, cost: self.cost(estimate.cost_micros) },
        };
        self.attempts += 1;
        let open = |id| OpenRequest { id, sent: Instant::now(), first_token: None };
        if limits.is_empty() {
            let event = Event::new(self.edit, EventKind::Requested(requested));
            let id = event.id;
            drop(self.ledger.append(event));
            return Ok((open(id), None));
        }
        let reservation = self.ledger.reserve(self.edit, requested, limits);
        let reservation = reservation.map_err(|error| format!("the budget cannot be checked: {error}"))?;
        match (reservation.verdict, reservation.request) {
            (Verdict::Allow, Some(id)) => Ok((open(id), None)),
            (Verdict::Warn(exceeded), Some(id)) => Ok((open(id), Some(said(&exceeded)))),
            (Verdict::Refuse(exceeded), _) => Err(said(&exceeded)),
            (_, None) => Err("the budget is used up".to_owned()),
        }
    }

    fn cost(&self, micros: Option<u64>) -> Option<Cost> {
        micros.map(|micros| Cost { micros, prices: self.prices })
    }

    fn latency(&self, request: &OpenRequest) -> Latency {
        let since = |from: Instant, to: Instant| u32::try_from((to - from).as_millis()).unwrap_or(u32::MAX);
        Latency {
            prepare: since(self.began, request.sent),
            first_token: request.first_token.map(|at| since(request.sent, at)),
            total: since(self.began, Instant::now()),
        }
    }

    /// Tells what a request sends, before it leaves.
    pub(crate) fn sent(&self, request: &OpenRequest, sha256: [u8; 32]) {
        drop(self.ledger.append_sent(self.edit, request.id, Digest(sha256)));
    }

    /// A reply came to its end. `id` is what the provider calls the request.
    pub(crate) fn answered(&self, request: &OpenRequest, spent: Spent, stop: &str, id: Option<&str>) {
        let log = id.map(|id| RequestLog { provider_request: Some(id.to_owned()), ..RequestLog::default() });
        self.tell(EventKind::Answered(Answered {
            request: request.id,
            usage: spent.usage,
            cost: self.cost(spent.cost_micros),
            latency: self.latency(request),
            stop: stop.to_owned(),
            log,
        }));
    }

    /// A request came to nothing. `spent` is `None` when nobody knows what it took: then it counts as nothing where
    /// nobody can have charged for it.
    pub(crate) fn failed(
        &self,
        request: &OpenRequest,
        error: &Error,
        message: Option<String>,
        spent: Option<Spent>,
    ) {
        let log = RequestLog { provider_request: error.request_id.clone(), status: error.status, message };
        let spent = spent.or_else(|| error.is_free().then(Spent::nothing));
        self.tell(EventKind::Failed(Failed {
            request: Some(request.id),
            reason: error.kind.name().to_owned(),
            usage: spent.map(|spent| spent.usage),
            cost: spent.and_then(|spent| self.cost(spent.cost_micros)),
            latency: self.latency(request),
            log: Some(log),
        }));
    }

    /// Nothing was asked, for this reason.
    pub(crate) fn not_asked(&self, reason: &str) {
        self.tell(EventKind::Failed(Failed {
            request: None,
            reason: reason.to_owned(),
            usage: None,
            cost: None,
            latency: Latency::default(),
            log: None,
        }));
    }

    /// It was stopped, or its request never went out. What it took is `None` when nobody knows.
    pub(crate) fn cancelled(&self, request: Option<(&OpenRequest, Option<Spent>)>) {
        let spent = request.and_then(|(_, spent)| spent);
        self.tell(EventKind::Cancelled(Cancelled {
            request: request.map(|(request, _)| request.id),
            usage: spent.map(|spent| spent.usage),
            cost: spent.and_then(|spent| self.cost(spent.cost_micros)),
        }));
    }

    /// The edit passed the gates and goes to the editor. `quality` is what it does to the file's scores, `pieces` what
    /// its prompt showed.
    pub(crate) fn offered(&self, quality: Option<&QualityDelta>, pieces: Vec<ShownPiece>) {
        let scores = quality.iter().flat_map(|quality| &quality.scores);
        let scores = scores.map(|score| Score {
            dimension: score.dimension.name().to_owned(),
            before: score.before,
            after: score.after,
        });
        self.tell(EventKind::Offered(Offered { scores: scores.collect(), pieces }));
    }

    /// The answer was words for the user, and nothing to edit.
    pub(crate) fn told(&self) {
        self.tell(EventKind::Told);
    }

    /// A gate refused the reply. Another one may follow, asked for with the reason.
    pub(crate) fn refused(&self, gate: &str) {
        self.tell(EventKind::Refused(Refused { gate: gate.to_owned() }));
    }

    /// The editor applied it.
    pub(crate) fn applied(&self) {
        self.tell(EventKind::Applied);
    }

    /// The editor, or the user there, did not want it.
    pub(crate) fn rejected(&self, reason: &str) {
        self.tell(EventKind::Rejected(Rejected { reason: reason.to_owned() }));
    }

    /// So much of it was there at a moment.
    pub(crate) fn survived(&self, at: Moment, share: Share) {
        self.tell(EventKind::Survived(Survived { at, share }));
    }

    /// The user changed much of it.
    pub(crate) fn reworked(&self, gone: Share) {
        self.tell(EventKind::Reworked(Reworked { gone }));
    }

    /// The user took it back.
    pub(crate) fn undone(&self) {
        self.tell(EventKind::Undone);
    }
}

/// Which budgets are used up, for the user.
fn said(exceeded: &[Exceeded]) -> String {
    exceeded.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What a request took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    pub(crate) usage: Usage,
    pub(crate) cost_micros: Option<u64>,
}

impl Spent {
    /// Of what nobody charges for.
    pub(crate) fn nothing() -> Self {
        Self { usage: Usage { tokens: Tokens::default(), source: Source::Counted }, cost_micros: Some(0) }
    }

    /// What the provider says, and what was counted where it says nothing.
    pub(crate) fn of(
        reported: Option<Reported>,
        counted: (u64, u64),
        model: &Model,
        prices: &PriceTable,
    ) -> Self {
        Self::priced(reported, counted, |usage| prices.cost_micros(&model.endpoint, usage))
    }

    /// As [`Self::of`], of a request in a batch.
    pub(crate) fn in_batch(
        reported: Option<Reported>,
        counted: (u64, u64),
        model: &Model,
        prices: &PriceTable,
    ) -> Self {
        Self::priced(reported, counted, |usage| prices.batch_cost_micros(&model.endpoint, usage))
    }

    fn priced(
        reported: Option<Reported>,
        counted: (u64, u64),
        cost: impl FnOnce(&Reported) -> Option<u64>,
    ) -> Self {
        let mut usage = reported.unwrap_or_default();
        if !usage.input_reported {
            usage.input = counted.0;
        }
        if !usage.output_reported {
            usage.output = counted.1;
        }
        let source = if usage.reported() { Source::Reported } else { Source::Counted };
        let tokens = Tokens {
            input: usage.input,
            cached: usage.cached_input,
            cache_write: usage.cache_write,
            output: usage.output,
            reasoning: usage.reasoning,
        };
        let cost_micros = usage.cost_reported_micros.or_else(|| cost(&usage));
        Self { usage: Usage { tokens, source }, cost_micros }
    }
}
