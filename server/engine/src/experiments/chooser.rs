//! Which version of a template an edit is made with: what is in use, or what an experiment draws.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use autodao_ledger::{Chosen, Day, Ledger, Share};
use autodao_templates::{Arm, Library, Occasion, Template, chances, draw};

use super::{Allocation, Experiment, Experiments};
use crate::act::lock;

/// How many days before today count.
const DAYS: i32 = 90;

/// A version, and what is told of how it was chosen.
pub(crate) struct Choice {
    pub(crate) template: Arc<Template>,
    /// `None` where nothing was drawn.
    pub(crate) chosen: Option<Chosen>,
}

/// Outcomes of the two versions before a day: how many there are, how many stayed.
type Outcomes = [(u64, u64); 2];

/// Chooses versions. What it says is the same for a workspace, a kind of task and a day.
pub(crate) struct Chooser {
    experiments: Experiments,
    ledger: Ledger,
    /// By experiment, for one day.
    outcomes: Mutex<HashMap<String, (Day, Outcomes)>>,
}

impl Chooser {
    pub(crate) fn new(experiments: Experiments, ledger: Ledger) -> Self {
        Self { experiments, ledger, outcomes: Mutex::default() }
    }

    /// The version for an edit, `used` where nothing is tried. `workspace`: a hash of its path. Reads a small file; once
    /// a day, where an experiment is adaptive, the ledger.
    pub(crate) fn choose(
        &self,
        library: &Library,
        used: &Arc<Template>,
        workspace: Option<u64>,
        task: &str,
    ) -> Choice {
        let as_it_is = || Choice { template: Arc::clone(used), chosen: None };
        // Without a workspace an occasion could not be told from others.
        let Some(workspace) = workspace else { return as_it_is() };
        let experiment = match self.experiments.running(&used.name) {
            Ok(Some(experiment)) => experiment,
            Ok(None) => return as_it_is(),
            Err(error) => {
                tracing::warn!("no experiment is taken part in: {error}");
                return as_it_is();
            }
        };
        let today = Day::today();
        let outcomes = || Some(self.outcomes(&experiment, today));
        draw_of(&experiment, library, used, (workspace, task, today), outcomes).unwrap_or_else(as_it_is)
    }

    /// The experiments that run, for [`Self::foretell`]. Reads a small file.
    pub(crate) fn running(&self) -> Vec<Experiment> {
        let mut all = self.experiments.all().unwrap_or_default();
        all.retain(|experiment| experiment.ended.is_none());
        all
    }

    /// The version that [`Self::choose`] would say today, as far as that is known without the ledger: for menus.
    pub(crate) fn foretell(
        &self,
        running: &[Experiment],
        library: &Library,
        used: &Arc<Template>,
        workspace: Option<u64>,
        task: &str,
    ) -> Arc<Template> {
        let drawn = || {
            let experiment = running.iter().find(|experiment| experiment.template == used.name)?;
            let today = Day::today();
            let known = || {
                let known = lock(&self.outcomes).get(&experiment.id).copied();
                known.filter(|(day, _)| *day == today).map(|(_, outcomes)| outcomes)
            };
            draw_of(experiment, library, used, (workspace?, task, today), known)
        };
        drawn().map_or_else(|| Arc::clone(used), |choice| choice.template)
    }

    /// What was known when the day began: whoever asks on the same day gets the same.
    fn outcomes(&self, experiment: &Experiment, today: Day) -> Outcomes {
        if let Some((day, outcomes)) = lock(&self.outcomes).get(&experiment.id)
            && *day == today
        {
            return *outcomes;
        }
        let versions = [&experiment.old.version, &experiment.new.version];
        let first = experiment.first_day().max(today.plus(-DAYS));
        let taken = self.ledger.collect_edits(first, today.plus(-1), |edit| {
            let edit = edit.as_of(today)?;
            if edit.chosen.as_ref()?.experiment != experiment.id {
                return None;
            }
            let version = &edit.planned.as_ref()?.template.as_ref()?.version;
            let arm = versions.iter().position(|known| *known == version)?;
            Some((arm, edit.stayed()?))
        });
        let mut outcomes = Outcomes::default();
        match taken {
            Ok(taken) => {
                for (arm, stayed) in taken {
                    outcomes[arm].0 += 1;
                    outcomes[arm].1 += u64::from(stayed);
                }
            }
            // Without outcomes both have the same chance.
            Err(error) => tracing::warn!("versions are chosen without their outcomes: {error}"),
        }
        lock(&self.outcomes).insert(experiment.id.clone(), (today, outcomes));
        outcomes
    }
}

/// What an experiment draws for an occasion: a workspace, a kind of task, a day. `outcomes`: what is known of the
/// versions, asked for where that moves the draw; `None` where nothing can be said.
fn draw_of(
    experiment: &Experiment,
    library: &Library,
    used: &Arc<Template>,
    (workspace, task, today): (u64, &str, Day),
    outcomes: impl FnOnce() -> Option<Outcomes>,
) -> Option<Choice> {
    let find = |arm: &super::Arm| library.eligible(&used.name).find(|template| arm.is(template));
    let versions = [find(&experiment.old)?, find(&experiment.new)?];
    let chances = match experiment.allocation {
        Allocation::Share(share) => vec![1.0 - share, share],
        Allocation::Adaptive(floor) => {
            let outcomes = outcomes()?;
            let arms = [0, 1].map(|at| Arm {
                version: &versions[at].version,
                tried: outcomes[at].0,
                kept: outcomes[at].1,
            });
            chances(&arms, floor)
        }
    };
    let workspace = format!("{workspace:016x}");
    let occasion = Occasion {
        workspace: &workspace,
        // Another experiment with the same template draws anew.
        template: &experiment.id,
        task,
        day: u64::try_from(today.number()).unwrap_or(0),
    };
    let drawn = draw(&versions.map(|template| &template.version), &chances, &occasion)?;
    let parts = (drawn.propensity * 10_000.0).round() as u64;
    let chosen = Chosen { experiment: experiment.id.clone(), propensity: Share::of(parts.max(1), 10_000) };
    Some(Choice { template: Arc::clone(versions[drawn.arm]), chosen: Some(chosen) })
}
