//! What AI edits cost, in the few numbers that a status bar shows.

use std::sync::Mutex;

use autodao_ledger::{BudgetState, By, Day, EditId, Ledger, Limit, Over, Scope, Spend, Unit};

use super::shared::{Known, Shared, lock};
use crate::config::AiSettings;

/// What a number of edits took.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    /// Tokens of prompts and replies.
    pub tokens: u64,
    /// Known costs in millionths of a US dollar.
    pub cost_micros: u64,
    /// Edits that were thought out, whatever became of them.
    pub edits: u64,
}

/// A budget and how full it is, in millionths of a US dollar or in tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Filled {
    /// The most that may be spent.
    pub limit: u64,
    /// What is spent and reserved in all windows.
    pub spent: u64,
}

/// What AI edits cost by now.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Status {
    /// Of this process.
    pub session: Sums,
    /// Of this day of UTC, in all windows.
    pub day: Sums,
    /// How many times the day's tokens the whole-file way would have taken; `None` where nothing can be compared.
    pub ratio: Option<f64>,
    /// The day's budget, if there is one.
    pub day_budget: Option<Filled>,
    /// The month's budget, if there is one.
    pub month_budget: Option<Filled>,
    /// The day's budget in tokens, if there is one.
    pub day_tokens: Option<Filled>,
    /// The month's budget in tokens, if there is one.
    pub month_tokens: Option<Filled>,
    /// Edits under way.
    pub running: usize,
    /// The model that would be asked, as titles call it; `None` while it is not known.
    pub model: Option<String>,
}

/// Sums of the edits of this process that came to an end.
#[derive(Default)]
pub(crate) struct Tally(Mutex<Sums>);

impl Tally {
    /// Counts an edit that came to an end.
    pub(crate) fn count(&self, ledger: &Ledger, edit: EditId) {
        let Spend { tokens, micros } = ledger.spent_by(edit);
        let mut sums = lock(&self.0);
        sums.tokens = sums.tokens.saturating_add(tokens);
        sums.cost_micros = sums.cost_micros.saturating_add(micros);
        sums.edits += 1;
    }

    pub(crate) fn sums(&self) -> Sums {
        *lock(&self.0)
    }
}

impl Status {
    /// Reads the ledger: blocks for milliseconds. What cannot be read is left at nothing.
    pub(crate) fn of(shared: &Shared, settings: &AiSettings, running: usize) -> Self {
        let model = match shared.known_models(settings) {
            Known::Models(Ok(models)) => models.first().map(super::models::Model::label),
            _ => None,
        };
        let mut status = Self { session: shared.tally.sums(), running, model, ..Self::default() };
        let limits = settings.budget.limits();
        let ledger = &shared.ledger;
        let is_it = |limit: &Limit, over: Over, unit: Unit| {
            (limit.over, limit.unit, limit.scope) == (over, unit, Scope::Everything)
        };
        let budget = |over: Over, unit: Unit, states: &[BudgetState]| {
            let limit = limits.iter().find(|limit| is_it(limit, over, unit))?.hard?;
            let spent = states.iter().find(|state| is_it(&state.limit, over, unit)).map_or(0, |s| s.used);
            Some(Filled { limit, spent })
        };
        let fill = |status: &mut Self, states: &[BudgetState]| {
            status.day_budget = budget(Over::Day, Unit::Micros, states);
            status.month_budget = budget(Over::Month, Unit::Micros, states);
            status.day_tokens = budget(Over::Day, Unit::Tokens, states);
            status.month_tokens = budget(Over::Month, Unit::Tokens, states);
        };
        fill(&mut status, &[]);
        // A ledger that was never written to is not made for this.
        if !ledger.folder().is_dir() {
            return status;
        }
        if let Err(error) = ledger.flush().wait() {
            tracing::warn!("the status is behind the ledger: {error}");
        }
        let today = Day::today();
        match ledger.report(today, today, By::Day) {
            Ok(report) => {
                let total = report.total;
                let (tokens, cost_micros, edits) = (total.tokens, total.cost_micros, total.edits);
                (status.day, status.ratio) = (Sums { tokens, cost_micros, edits }, total.ratio);
            }
            Err(error) => tracing::warn!("the status is without the day: {error}"),
        }
        match ledger.budgets(&limits, "", None) {
            Ok(states) => fill(&mut status, &states),
            Err(error) => tracing::warn!("the status is without the budgets: {error}"),
        }
        status
    }
}
