//! How an experiment stands by what the ledger knows.

use std::collections::BTreeMap;

use autodao_ledger::{Day, Ledger, LedgerError, Planned};
use autodao_templates::{Occasions, Spent, Tally, Terms, Verdict, judge};

use super::{Allocation, Experiment};

/// How one version did.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ArmStanding {
    /// Edits that were made with it.
    pub edits: u64,
    /// Occasions that drew it (a workspace, a kind of task, a day), edits with an outcome, those that stayed, tokens.
    pub tally: Tally,
    /// The mean change of the quality scores of applied edits, in points of 10; `None` where none was told.
    pub score_change: Option<f64>,
}

impl ArmStanding {
    /// The part of edits with an outcome that stayed.
    pub fn kept_rate(&self) -> Option<f64> {
        (self.tally.tried > 0).then(|| self.tally.kept as f64 / self.tally.tried as f64)
    }

    /// The mean tokens of edits with an outcome.
    pub fn tokens_per_edit(&self) -> Option<f64> {
        (self.tally.tried > 0).then(|| self.tally.tokens / self.tally.tried as f64)
    }
}

/// How an experiment stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Standing {
    /// The old version.
    pub old: ArmStanding,
    /// The new one.
    pub new: ArmStanding,
    /// The share of occasions the new one should have had.
    pub planned_share: f64,
    /// What can be said.
    pub verdict: Verdict,
}

/// What one edit tells.
struct Told {
    is_new: bool,
    occasion: (String, String, Day),
    /// The chance that the new version had.
    chance: f64,
    stayed: Option<bool>,
    tokens: f64,
    /// Tokens of its prompt with the old version.
    reference: Option<u64>,
    score: Option<f64>,
}

/// How an experiment stands. Brings the ledger's index up to date first: blocks for milliseconds.
///
/// # Errors
/// The ledger cannot be read.
pub fn standing(experiment: &Experiment, ledger: &Ledger) -> Result<Standing, LedgerError> {
    let told = ledger.collect_edits(experiment.first_day(), experiment.last_day(), |edit| {
        let chosen = edit.chosen.as_ref().filter(|chosen| chosen.experiment == experiment.id)?;
        let planned = edit.planned.as_ref()?;
        let version = &planned.template.as_ref()?.version;
        let is_new = *version == experiment.new.version;
        if !is_new && *version != experiment.old.version {
            return None;
        }
        let propensity = f64::from(chosen.propensity.basis_points()) / 10_000.0;
        let changes = edit.scores.iter().map(|score| f64::from(score.after) - f64::from(score.before));
        let was_applied = edit.stayed().is_some() && !edit.scores.is_empty();
        Some(Told {
            is_new,
            occasion: (workspace_of(planned), planned.task.clone(), edit.id.day()),
            chance: if is_new { propensity } else { 1.0 - propensity },
            stayed: edit.stayed(),
            tokens: edit.tokens.total() as f64,
            reference: edit.compared.map(|compared| compared.old),
            score: was_applied.then(|| changes.sum::<f64>() / edit.scores.len() as f64 / 100.0),
        })
    })?;
    let mut arms = [ArmStanding::default(), ArmStanding::default()];
    let mut scores = [(0.0, 0_u64); 2];
    let mut chances = BTreeMap::new();
    let mut occasions = [Occasions::default(), Occasions::default()];
    // Tokens that are held against something and others cannot be told together.
    let is_paired = told.iter().all(|edit| edit.reference.is_some());
    for edit in told {
        let at = usize::from(edit.is_new);
        arms[at].edits += 1;
        chances.insert((edit.occasion.clone(), edit.is_new), edit.chance);
        match edit.stayed {
            Some(stayed) => {
                let reference = edit.reference.filter(|_| is_paired).map_or(1.0, |tokens| tokens as f64);
                occasions[at].add(edit.occasion, stayed, Spent { tokens: edit.tokens, reference });
            }
            None => occasions[at].drawn(edit.occasion),
        }
        if let Some(score) = edit.score {
            scores[at] = (scores[at].0 + score, scores[at].1 + 1);
        }
    }
    for ((arm, occasions), (sum, count)) in arms.iter_mut().zip(&occasions).zip(scores) {
        arm.tally = occasions.tally();
        arm.score_change = (count > 0).then(|| sum / count as f64);
    }
    let planned_share = match experiment.allocation {
        Allocation::Share(share) => share,
        Allocation::Adaptive(_) if chances.is_empty() => 0.5,
        Allocation::Adaptive(_) => chances.values().sum::<f64>() / chances.len() as f64,
    };
    let terms = Terms { share: planned_share, ..Terms::default() };
    let [old, new] = arms;
    let verdict = judge(&old.tally, &new.tally, &terms);
    Ok(Standing { old, new, planned_share, verdict })
}

/// What tells a workspace from others: its hash, the name where an older program told no more.
fn workspace_of(planned: &Planned) -> String {
    planned.folder.map_or_else(|| planned.workspace.clone(), |folder| format!("{folder:016x}"))
}
