//! Which version of a template an edit is made with: what is in use, or what an experiment draws.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use autodao_ledger::{Chosen, Day, Ledger, Share};
use autodao_templates::{Arm, Library, Occasion, Template, Version, chances, draw};

use super::{Allocation, Experiment, ExperimentError, Experiments};
use crate::act::lock;

/// How many days before today count.
const DAYS: i32 = 90;

/// A version, and what is told of how it was chosen.
pub(crate) struct Choice {
    pub(crate) template: Arc<Template>,
    /// `None` where nothing was drawn.
    pub(crate) chosen: Option<Chosen>,
    /// The version it is compared with, which was not drawn.
    pub(crate) rival: Option<Rival>,
}

/// The version that was not drawn.
pub(crate) struct Rival {
    pub(crate) template: Arc<Template>,
    /// Whether it is the one that is tried.
    pub(crate) is_new: bool,
}

/// The chances of the two versions, by what was known before a day.
type Chances = [f64; 2];

/// Experiments as they were read from a file of this time and length.
type Known = (SystemTime, u64, Arc<Vec<Experiment>>);

/// Chooses versions. What it says is the same for a workspace, a kind of task and a day.
pub(crate) struct Chooser {
    experiments: Experiments,
    ledger: Ledger,
    /// By experiment, for one day.
    chances: Mutex<HashMap<String, (Day, Chances)>>,
    known: Mutex<Option<Known>>,
}

impl Chooser {
    pub(crate) fn new(experiments: Experiments, ledger: Ledger) -> Self {
        Self { experiments, ledger, chances: Mutex::default(), known: Mutex::default() }
    }

    /// All experiments. The file is read when it is another one than before.
    fn all(&self) -> Result<Arc<Vec<Experiment>>, ExperimentError> {
        let stamp = self.experiments.stamp();
        if let (Some((when, length, known)), Some(stamp)) = (&*lock(&self.known), stamp)
            && (*when, *length) == stamp
        {
            return Ok(Arc::clone(known));
        }
        let all = Arc::new(self.experiments.all()?);
        *lock(&self.known) = stamp.map(|(when, length)| (when, length, Arc::clone(&all)));
        Ok(all)
    }

    /// The version for an edit, `used` where nothing is tried. `workspace`: a hash of its path. Reads a small file where it
    /// changed; once a day, where an experiment is adaptive, the ledger.
    pub(crate) fn choose(
        &self,
        library: &Library,
        used: &Arc<Template>,
        workspace: Option<u64>,
        task: &str,
    ) -> Choice {
        let as_it_is = || Choice { template: Arc::clone(used), chosen: None, rival: None };
        // Without a workspace an occasion could not be told from others.
        let Some(workspace) = workspace else { return as_it_is() };
        let all = match self.all() {
            Ok(all) => all,
            Err(error) => {
                tracing::warn!("no experiment is taken part in: {error}");
                return as_it_is();
            }
        };
        let is_it = |experiment: &&Experiment| experiment.template == used.name && experiment.ended.is_none();
        let Some(experiment) = all.iter().find(is_it) else { return as_it_is() };
        let today = Day::today();
        let chances = |versions: [&Version; 2], floor| Some(self.chances(experiment, versions, floor, today));
        let drawn = draw_of(experiment, library, used, (workspace, task, today), chances);
        if let (None, Some(obstacle)) = (&drawn, experiment.obstacle(library)) {
            tracing::warn!("an experiment: {obstacle}");
        }
        drawn.unwrap_or_else(as_it_is)
    }

    /// The experiments that run, for [`Self::foretell`]. Reads a small file.
    pub(crate) fn running(&self) -> Vec<Experiment> {
        let all = self.all().unwrap_or_default();
        all.iter().filter(|experiment| experiment.ended.is_none()).cloned().collect()
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
            let known = |_: [&Version; 2], _| {
                let known = lock(&self.chances).get(&experiment.id).copied();
                known.filter(|(day, _)| *day == today).map(|(_, chances)| chances)
            };
            draw_of(experiment, library, used, (workspace?, task, today), known)
        };
        drawn().map_or_else(|| Arc::clone(used), |choice| choice.template)
    }

    /// What was known when the day began: whoever asks on the same day gets the same.
    fn chances(&self, experiment: &Experiment, arms: [&Version; 2], floor: f64, today: Day) -> Chances {
        if let Some((day, chances)) = lock(&self.chances).get(&experiment.id)
            && *day == today
        {
            return *chances;
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
        // Of each version: how many there are, how many stayed.
        let mut outcomes = [(0, 0); 2];
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
        let arms = [0, 1].map(|at| Arm { version: arms[at], tried: outcomes[at].0, kept: outcomes[at].1 });
        let each = chances(&arms, floor);
        let chances = [0, 1].map(|at| each.get(at).copied().unwrap_or(0.5));
        lock(&self.chances).insert(experiment.id.clone(), (today, chances));
        chances
    }
}

/// What an experiment draws for an occasion: a workspace, a kind of task, a day. `chances`: those of the versions, the
/// least given, asked for where outcomes move the draw; `None` where nothing can be said.
fn draw_of(
    experiment: &Experiment,
    library: &Library,
    used: &Arc<Template>,
    (workspace, task, today): (u64, &str, Day),
    chances: impl FnOnce([&Version; 2], f64) -> Option<Chances>,
) -> Option<Choice> {
    let find = |arm: &super::Arm| library.eligible(&used.name).find(|template| arm.is(template));
    let versions = [find(&experiment.old)?, find(&experiment.new)?];
    let chances = match experiment.allocation {
        Allocation::Share(share) => [1.0 - share, share],
        Allocation::Adaptive(floor) => chances(versions.map(|template| &template.version), floor)?,
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
    let rival = Rival { template: Arc::clone(versions[1 - drawn.arm.min(1)]), is_new: drawn.arm == 0 };
    Some(Choice { template: Arc::clone(versions[drawn.arm]), chosen: Some(chosen), rival: Some(rival) })
}
