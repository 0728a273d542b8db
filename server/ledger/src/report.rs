//! Reports over a time, from sums by day only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Loss;
use crate::index::Index;
use crate::{Cell, Day, Edit, EditId, Leaders, Ledger, LedgerError, Moment, Rate, Stats};

/// What the rows of a report are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Days of UTC.
    Day,
    /// Weeks, named by their Mondays.
    Week,
    /// Months.
    Month,
    /// Templates in all their versions.
    Template,
    /// Versions of templates.
    Version,
    /// Kinds of tasks.
    Task,
    /// How hard tasks are.
    Complexity,
    /// Models.
    Model,
    /// Workspaces.
    Workspace,
    /// Languages.
    Language,
    /// Where edits come from.
    Route,
}

impl By {
    /// Whether its rows are times, which keep their order.
    pub fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month)
    }

    fn key(self, day: Day, cell: &Cell) -> String {
        let dimensions = &cell.dimensions;
        let none = || "(none)".to_owned();
        match self {
            Self::Day => day.to_string(),
            Self::Week => day.week().to_string(),
            Self::Month => day.to_string().chars().take(7).collect(),
            Self::Template => {
                dimensions.template.as_ref().map_or_else(none, |template| template.name.clone())
            }
            Self::Version => dimensions
                .template
                .as_ref()
                .map_or_else(none, |template| format!("{}@{}", template.name, template.version)),
            Self::Task => dimensions.task.clone(),
            Self::Complexity => dimensions.complexity.clone(),
            Self::Model => dimensions.model.clone().unwrap_or_else(none),
            Self::Workspace => dimensions.workspace.clone(),
            Self::Language => dimensions.language.clone(),
            Self::Route => dimensions.route.name().to_owned(),
        }
    }
}

/// One row.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Row {
    /// The day, the template, the model, ...
    pub key: String,
    /// What is shown of it.
    pub summary: Summary,
    /// Tokens of each day of the report.
    pub daily_tokens: Vec<u64>,
    /// All sums.
    #[serde(skip)]
    pub stats: Stats,
}

/// Quartiles and the tail of a distribution; each at most 1.6 % off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Percentiles {
    /// The median.
    pub p50: u64,
    /// The 90th percentile.
    pub p90: u64,
    /// The 99th percentile.
    pub p99: u64,
}

/// What is computed of sums.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Summary {
    /// Edits.
    pub edits: u64,
    /// Requests to providers.
    pub requests: u64,
    /// Tokens of prompts.
    pub input: u64,
    /// Of those: read from providers' caches.
    pub cached: u64,
    /// Tokens of replies.
    pub output: u64,
    /// Input and output.
    pub tokens: u64,
    /// Of the tokens: spent on edits that came to nothing.
    pub wasted_tokens: u64,
    /// Requests whose tokens are an estimate: nobody said how they ended.
    pub estimated_requests: u64,
    /// Tokens of full-file chat for the model's edits that were offered.
    pub baseline_tokens: u64,
    /// How many times the model's tokens that is.
    pub ratio: Option<f64>,
    /// Known costs in millionths of a dollar.
    pub cost_micros: u64,
    /// Requests that the costs are without.
    pub unpriced_requests: u64,
    /// Edits that were applied, of those that were applied or rejected.
    pub acceptance: Option<Rate>,
    /// Edits of which at least half was there at the last look, of those that were looked at.
    pub survival: Option<Rate>,
    /// The mean share that was there, by moment.
    pub survived: BTreeMap<&'static str, f64>,
    /// By dimension of quality, how many points of 10 an applied edit changed its file's score by, on average.
    pub quality: BTreeMap<String, f64>,
    /// Milliseconds of requests.
    pub latency_ms: Option<Percentiles>,
    /// Milliseconds to the first token.
    pub first_token_ms: Option<Percentiles>,
    /// Tokens of edits by a model.
    pub tokens_per_edit: Option<Percentiles>,
}

impl Summary {
    /// Of sums.
    pub fn of(stats: &Stats) -> Self {
        let counts = &stats.counts;
        let percentiles = |sketch: &crate::Sketch| {
            let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|share| sketch.quantile(share));
            Some(Percentiles { p50: p50?, p90: p90?, p99: p99? })
        };
        let looked = Moment::ALL.iter().zip(stats.survival).filter(|(_, survival)| survival.edits > 0);
        let share =
            |survival: crate::Survival| survival.basis_points as f64 / 10_000.0 / survival.edits as f64;
        Self {
            edits: counts.edits,
            requests: counts.requests,
            input: counts.input,
            cached: counts.cached,
            output: counts.output,
            tokens: counts.tokens(),
            wasted_tokens: counts.wasted_tokens,
            estimated_requests: counts.estimated_requests,
            baseline_tokens: counts.baseline_tokens,
            ratio: counts.ratio(),
            cost_micros: counts.cost_micros,
            unpriced_requests: counts.unpriced_requests,
            acceptance: acceptance(stats),
            survival: Rate::of(counts.kept, counts.fated),
            survived: looked.map(|(moment, survival)| (moment.name(), share(survival))).collect(),
            quality: stats.scores.iter().filter_map(|(of, sum)| Some((of.clone(), sum.change()?))).collect(),
            latency_ms: percentiles(&stats.latency),
            first_token_ms: percentiles(&stats.first_token),
            tokens_per_edit: percentiles(&stats.tokens),
        }
    }
}

/// Edits that were applied, of those of which it is known.
pub(crate) fn acceptance(stats: &Stats) -> Option<Rate> {
    Rate::of(stats.counts.applied, stats.counts.applied.saturating_add(stats.counts.rejected))
}

/// What a time cost and brought.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
    /// What the rows are.
    pub by: By,
    /// Times in their order; others by tokens, most first.
    pub rows: Vec<Row>,
    /// All rows together.
    pub total: Summary,
    /// Parts of the ledger's files that could not be read: what stood there is in no sum.
    pub losses: Vec<Loss>,
}

/// Days of a report that are shown one by one.
const MAX_DAILY: i32 = 3700;

impl Ledger {
    /// What a time cost and brought. Both days are included. Brings the index up to date first.
    pub fn report(&self, first: Day, last: Day, by: By) -> Result<Report, LedgerError> {
        self.with_index(|index, _| report(index, first, last, by))
    }

    /// Sums by day and dimensions, for those who add up themselves.
    pub fn cells(&self, first: Day, last: Day) -> Result<Vec<(Day, Cell)>, LedgerError> {
        self.with_index(|index, _| index.cells(first, last).collect())
    }

    /// The most expensive edits of a time and those that cost most for nothing: exact up to 20 each.
    pub fn top(&self, first: Day, last: Day) -> Result<Leaders, LedgerError> {
        self.with_index(|index, _| {
            let mut leaders = Leaders::default();
            for day in index.days(first, last)? {
                leaders.merge(&index.leaders(day)?);
            }
            Ok(leaders)
        })
    }

    /// One edit with all its events; `None` when it is unknown or was let go.
    pub fn edit(&self, id: EditId) -> Result<Option<Edit>, LedgerError> {
        self.with_index(|index, _| index.edit(id))
    }

    /// What is taken of every edit of some days, in the order of the edits. Both days are included; edits that were
    /// let go are not among them.
    pub fn collect_edits<T>(
        &self,
        first: Day,
        last: Day,
        mut take: impl FnMut(&Edit) -> Option<T>,
    ) -> Result<Vec<T>, LedgerError> {
        self.with_index(|index, _| {
            let mut taken = Vec::new();
            for day in index.days(first, last)? {
                for edit in index.edits_of(day)? {
                    taken.extend(take(&edit?));
                }
            }
            Ok(taken)
        })
    }

    /// The last edit whose request was sent, of the year up to a day.
    pub fn last_edit(&self, until: Day) -> Result<Option<EditId>, LedgerError> {
        self.with_index(|index, _| {
            let first_of = |day: Day| EditId::from_parts(day.start_ms(), 0, 0);
            let mut day = until;
            for _ in 0..366 {
                let mut last = None;
                for entry in index.edit_ids(first_of(day), first_of(day.plus(1)))? {
                    last = Some(entry?);
                }
                if last.is_some() {
                    return Ok(last);
                }
                day = day.plus(-1);
            }
            Ok(None)
        })
    }

    /// Edits whose ids start with some characters, as people shorten them; at most ten.
    pub fn edits_starting_with(&self, start: &str) -> Result<Vec<EditId>, LedgerError> {
        let start = start.to_ascii_uppercase();
        self.with_index(|index, _| {
            let mut found = Vec::new();
            let pad = |with: &str| format!("{start:<26}").replace(' ', with).parse::<EditId>().ok();
            let (Some(from), Some(to)) = (pad("0"), pad("Z")) else { return Ok(found) };
            for entry in index.edit_ids(from, to)? {
                found.push(entry?);
                if found.len() == 10 {
                    break;
                }
            }
            Ok(found)
        })
    }
}

fn report(index: &Index, first: Day, last: Day, by: By) -> Result<Report, LedgerError> {
    let length = (last.number() - first.number() + 1).clamp(0, MAX_DAILY) as usize;
    let mut rows: BTreeMap<String, (Stats, Vec<u64>)> = BTreeMap::new();
    for entry in index.cells(first, last) {
        let (day, cell) = entry?;
        let (stats, daily) =
            rows.entry(by.key(day, &cell)).or_insert_with(|| (Stats::default(), vec![0; length]));
        stats.add(&cell.stats);
        let at = usize::try_from(day.number() - first.number()).unwrap_or(usize::MAX);
        if let Some(tokens) = daily.get_mut(at) {
            *tokens = tokens.saturating_add(cell.stats.counts.tokens());
        }
    }
    // There are far fewer rows than cells.
    let mut total = Stats::default();
    rows.values().for_each(|(stats, _)| total.add(stats));
    let rows = rows.into_iter().map(|(key, (stats, daily_tokens))| {
        let summary = Summary::of(&stats);
        Row { key, summary, daily_tokens, stats }
    });
    let mut rows: Vec<Row> = rows.collect();
    if !by.is_time() {
        rows.sort_by_key(|row| std::cmp::Reverse(row.summary.tokens));
    }
    Ok(Report { first, last, by, rows, total: Summary::of(&total), losses: index.losses()? })
}
