//! What the sums say: weeks by task, where tokens are wasted, templates that got worse.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::acceptance;
use crate::{Day, Ledger, LedgerError, Outcome, Rate, Stats, Summary, WasteSum};

/// Edits a version must have before it is judged.
const MIN_EDITS: u64 = 20;
/// Standard errors beyond which a difference is no chance: one false alarm in some 700 comparisons.
const MIN_Z: f64 = 3.0;
/// A rise of tokens that is worth a word.
const MIN_RISE: f64 = 1.15;

/// One kind of task in one week.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TaskWeek {
    /// The kind of task.
    pub task: String,
    /// The week's sums.
    pub total: Summary,
    /// Monday to Sunday; `None` on days without edits.
    pub days: [Option<Summary>; 7],
}

/// One week.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Week {
    /// Its Monday.
    pub monday: Day,
    /// By tokens, most first.
    pub tasks: Vec<TaskWeek>,
}

/// Where tokens go for nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Waste {
    /// How the edits came to nothing.
    pub outcome: Outcome,
    /// Why: the gate, the reason.
    pub cause: String,
    /// Edits, tokens, costs.
    pub sum: WasteSum,
    /// What to do about it.
    pub cure: &'static str,
}

/// What got worse.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Worse {
    /// Fewer of its edits are applied.
    Acceptance {
        /// Of the version before.
        before: Rate,
        /// Of this version.
        now: Rate,
    },
    /// Fewer of its edits stay.
    Survival {
        /// Of the version before.
        before: Rate,
        /// Of this version.
        now: Rate,
    },
    /// More of its replies are refused.
    Refusals {
        /// Of the version before.
        before: Rate,
        /// Of this version.
        now: Rate,
    },
    /// Its edits take more tokens.
    Tokens {
        /// The mean of the version before.
        before: f64,
        /// The mean of this version.
        now: f64,
    },
}

/// A template version that is worse than the one before it, by more than chance.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Anomaly {
    /// The template.
    pub template: String,
    /// The version that was in use before.
    pub before: String,
    /// The version that is worse.
    pub version: String,
    /// In what.
    pub worse: Worse,
}

/// What the sums of a time say.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Analysis {
    /// Week by week.
    pub weeks: Vec<Week>,
    /// Most expensive first, then most tokens.
    pub waste: Vec<Waste>,
    /// By template.
    pub anomalies: Vec<Anomaly>,
}

impl Ledger {
    /// What the sums of a time say. Both days are included; whole weeks are told better.
    pub fn analyse(&self, first: Day, last: Day) -> Result<Analysis, LedgerError> {
        let mut weeks: BTreeMap<Day, BTreeMap<String, [Option<Stats>; 7]>> = BTreeMap::new();
        let mut versions: BTreeMap<String, BTreeMap<String, (Day, Stats)>> = BTreeMap::new();
        for (day, cell) in self.cells(first, last)? {
            let monday = day.week();
            let days = weeks.entry(monday).or_default().entry(cell.dimensions.task.clone()).or_default();
            let at = usize::try_from(day.number() - monday.number()).unwrap_or(0);
            days[at.min(6)].get_or_insert_default().add(&cell.stats);
            if let Some(template) = cell.dimensions.template {
                let versions = versions.entry(template.name).or_default();
                // Cells come in the order of days: the first one is the first day.
                let (_, stats) = versions.entry(template.version).or_insert((day, Stats::default()));
                stats.add(&cell.stats);
            }
        }
        let mut all = Stats::default();
        weeks.values().flat_map(BTreeMap::values).flatten().flatten().for_each(|stats| all.add(stats));
        let weeks =
            weeks.into_iter().map(|(monday, tasks)| Week { monday, tasks: tasks_of(tasks) }).collect();
        Ok(Analysis { weeks, waste: waste(&all), anomalies: anomalies(versions) })
    }
}

fn tasks_of(tasks: BTreeMap<String, [Option<Stats>; 7]>) -> Vec<TaskWeek> {
    let task_week = |(task, days): (String, [Option<Stats>; 7])| {
        let mut total = Stats::default();
        days.iter().flatten().for_each(|stats| total.add(stats));
        let days = days.map(|stats| stats.map(|stats| Summary::of(&stats)));
        TaskWeek { task, total: Summary::of(&total), days }
    };
    let mut tasks: Vec<_> = tasks.into_iter().map(task_week).collect();
    tasks.sort_by_key(|task| std::cmp::Reverse(task.total.tokens));
    tasks
}

/// Causes of waste, the worst first.
fn waste(stats: &Stats) -> Vec<Waste> {
    let causes = stats.waste.iter().flat_map(|(outcome, causes)| {
        causes.iter().map(|(cause, sum)| Waste {
            outcome: *outcome,
            cause: cause.clone(),
            sum: *sum,
            cure: cure(*outcome, cause),
        })
    });
    let mut causes: Vec<_> = causes.collect();
    causes.sort_by_key(|waste| std::cmp::Reverse((waste.sum.micros, waste.sum.tokens)));
    causes
}

fn cure(outcome: Outcome, cause: &str) -> &'static str {
    match (outcome, cause) {
        (Outcome::Failed | Outcome::Refused, "length" | "truncated" | "ending") => {
            "the reply was cut: raise the model's output limit or let the template answer in hunks"
        }
        (Outcome::Failed, "budget") => {
            "nothing was sent: raise the budget, or wait for its next day or month"
        }
        (Outcome::Failed, cause) if cause.starts_with("timeout") => {
            "choose a faster model or a longer time limit"
        }
        (Outcome::Failed, "rate_limited") => "run fewer edits at a time or raise the provider's limit",
        (Outcome::Failed, _) => "look at one with `autodao tokens edit`: the provider's answer is in its log",
        (Outcome::Refused, _) => {
            "tighten the template's contract for this gate, or route the task to a stronger model"
        }
        (Outcome::Cancelled, _) => {
            "edits are stopped before they end: choose a faster model or smaller targets"
        }
        (Outcome::Rejected, _) => "the result is not wanted: make the instruction or the template more exact",
        (Outcome::Undone, _) => {
            "the result was wanted and wrong: compare the template's versions, give it more context"
        }
        (Outcome::Open, _) => "the editor ended while a request ran: let running edits end before closing it",
        (Outcome::Planned | Outcome::Told | Outcome::Offered | Outcome::Applied | Outcome::Reworked, _) => {
            "nothing to do"
        }
    }
}

/// Each template's versions in the order in which they came into use, each held against the one before.
fn anomalies(templates: BTreeMap<String, BTreeMap<String, (Day, Stats)>>) -> Vec<Anomaly> {
    let mut anomalies = Vec::new();
    for (template, versions) in templates {
        let mut versions: Vec<_> = versions.into_iter().collect();
        versions.sort_by_key(|(version, (first, _))| (*first, numbers(version)));
        for pair in versions.windows(2) {
            let [(before, (_, old)), (version, (_, new))] = pair else { continue };
            anomalies.extend(worse(old, new).into_iter().map(|worse| Anomaly {
                template: template.clone(),
                before: before.clone(),
                version: version.clone(),
                worse,
            }));
        }
    }
    anomalies
}

/// The numbers of a version, so that 1.10 comes after 1.9.
fn numbers(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

fn worse(old: &Stats, new: &Stats) -> Vec<Worse> {
    let mut worse = Vec::new();
    let both = |rate: fn(&Stats) -> Option<Rate>| {
        let (before, now) = (rate(old)?, rate(new)?);
        (before.whole >= MIN_EDITS && now.whole >= MIN_EDITS).then_some((before, now))
    };
    if let Some((before, now)) = both(acceptance)
        && now.z_above(&before) >= MIN_Z
    {
        worse.push(Worse::Acceptance { before, now });
    }
    if let Some((before, now)) = both(|stats| Rate::of(stats.counts.kept, stats.counts.fated))
        && now.z_above(&before) >= MIN_Z
    {
        worse.push(Worse::Survival { before, now });
    }
    let refusals = |stats: &Stats| Rate::of(stats.counts.refused, stats.counts.model_edits);
    if let Some((before, now)) = both(refusals)
        && before.z_above(&now) >= MIN_Z
    {
        worse.push(Worse::Refusals { before, now });
    }
    if let (Some((before, before_error)), Some((now, now_error))) = (mean_tokens(old), mean_tokens(new))
        && now >= before * MIN_RISE
        && now - before >= MIN_Z * (before_error + now_error).sqrt()
    {
        worse.push(Worse::Tokens { before, now });
    }
    worse
}

/// The mean tokens of an edit and the square of its standard error.
fn mean_tokens(stats: &Stats) -> Option<(f64, f64)> {
    let edits = stats.counts.model_edits;
    if edits < MIN_EDITS {
        return None;
    }
    let n = edits as f64;
    let mean = stats.counts.tokens() as f64 / n;
    let variance = (stats.counts.model_tokens_squared as f64 / n - mean * mean).max(0.0) * n / (n - 1.0);
    Some((mean, variance / n))
}
