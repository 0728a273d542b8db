//! Experiments: two versions of a template compared on real edits.
//!
//! They are kept with the user's data and never in a project: what is tried on somebody is not for a repository to
//! say. An experiment names contents, not only versions: it runs wherever both are there, and nowhere else.

mod chooser;
mod standing;

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use autodao_ledger::{Day, EventId};
use autodao_templates::{Library, Template};
use serde::{Deserialize, Serialize};

pub(crate) use chooser::{Choice, Chooser, Rival};
pub use standing::{ArmStanding, Standing, standing};

use crate::config::user_data_folder;

/// The file's name in the folder of the user's data.
const FILE: &str = "experiments.json";
/// The most bytes of the file: a longer one is not ours.
const LONGEST: u64 = 1 << 20;
/// The most experiments that are remembered; the oldest that ended are let go first.
const MOST: usize = 256;
/// The version of the file's format.
const SCHEMA: u32 = 1;

/// One of the contents that are compared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Arm {
    /// Its version.
    pub version: String,
    /// What it holds, as `templates.lock` has it.
    pub sha256: String,
}

impl Arm {
    fn of(template: &Template) -> Self {
        Self { version: template.version.to_string(), sha256: template.hash.to_string() }
    }

    fn is(&self, template: &Template) -> bool {
        self.version == template.version.to_string() && self.sha256 == template.hash.to_string()
    }
}

/// Who gets which version.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allocation {
    /// The new version has this share of the occasions, above 0 and below 1.
    Share(f64),
    /// The version that did better so far has more of them, each this share at least: 0 to 0.5.
    Adaptive(f64),
}

/// How an experiment ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ended {
    /// When, in milliseconds of Unix time.
    pub ms: u64,
    /// What it said then.
    pub verdict: String,
}

/// Two versions of a template that are compared.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Experiment {
    /// Names it in the ledger.
    pub id: String,
    /// The template's name.
    pub template: String,
    /// What is used without it.
    pub old: Arm,
    /// What is tried.
    pub new: Arm,
    /// Who gets which.
    pub allocation: Allocation,
    /// Since when, in milliseconds of Unix time.
    pub started_ms: u64,
    /// `None` while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

impl Experiment {
    /// The day it was started.
    pub fn first_day(&self) -> Day {
        Day::of_ms(self.started_ms)
    }

    /// Whether it compares a version of this number that held something else.
    pub(crate) fn compares_other_content_of(&self, template: &Template) -> bool {
        let version = template.version.to_string();
        let is_it = |arm: &&Arm| arm.version == version;
        let mut arms = [&self.old, &self.new].into_iter().filter(is_it).peekable();
        arms.peek().is_some() && !arms.any(|arm| arm.is(template))
    }

    /// Why no edit takes part where these templates hold, if none can: one of the contents that are compared is not there.
    pub fn obstacle(&self, library: &Library) -> Option<String> {
        [&self.old, &self.new].into_iter().find_map(|arm| {
            let named = format!("{}@{}", self.template, arm.version);
            let mut all = library.all().filter(|one| one.name == self.template);
            let is_eligible = library.eligible(&self.template).any(|one| arm.is(one));
            let why = if is_eligible {
                return None;
            } else if library.all().any(|one| one.name == self.template && arm.is(one)) {
                "is left out by a pin here: take the pin away"
            } else if all.any(|one| one.version.to_string() == arm.version) {
                "holds other content than when the experiment began: take the change back, or stop it and start another one"
            } else {
                "is not here: bring it back, or stop the experiment"
            };
            Some(format!("no edit takes part, for {named} {why}"))
        })
    }

    /// The day it ended, or today.
    pub fn last_day(&self) -> Day {
        self.ended.as_ref().map_or_else(Day::today, |ended| Day::of_ms(ended.ms))
    }
}

/// Why experiments cannot be read, started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// There is no folder for the user's data.
    #[error("there is no home folder; set AUTODAO_DATA_DIR")]
    NoFolder,
    /// The file system refused.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not one of ours.
    #[error("{path} cannot be read: {reason}; move it away to begin anew", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// One is enough at a time.
    #[error("an experiment with `{0}` runs already: stop it first")]
    Running(String),
    /// There is none.
    #[error("no experiment with `{0}` runs")]
    NotRunning(String),
    /// The same content twice.
    #[error("{0} against itself: name another version with --new")]
    Same(String),
    /// What both do cannot be compared.
    #[error("{old} and {new} are for different tasks: no outcome of one says anything on the other")]
    DifferentTasks {
        /// One.
        old: String,
        /// The other.
        new: String,
    },
    /// A share that leaves one version without edits.
    #[error("the share must be above 0 and below 100 %")]
    BadShare,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    schema: u32,
    experiments: Vec<Experiment>,
}

/// The user's experiments.
#[derive(Clone, Debug)]
pub struct Experiments {
    file: Option<PathBuf>,
}

impl Experiments {
    /// Those of the user who runs the program. Nothing is read before it is asked for.
    pub fn of_user() -> Self {
        Self { file: user_data_folder().map(|folder| folder.join(FILE)) }
    }

    /// Those of another folder of data.
    pub fn in_folder(folder: &Path) -> Self {
        Self { file: Some(folder.join(FILE)) }
    }

    /// All of them, the oldest first.
    ///
    /// # Errors
    /// There is a file and it cannot be read.
    pub fn all(&self) -> Result<Vec<Experiment>, ExperimentError> {
        let Some(path) = &self.file else { return Ok(Vec::new()) };
        let mut text = String::new();
        let read = fs::File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
        match read {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(ExperimentError::Io { path: path.clone(), source }),
        }
        let malformed = |reason: String| ExperimentError::Malformed { path: path.clone(), reason };
        if text.len() as u64 > LONGEST {
            return Err(malformed(format!("it is larger than {LONGEST} bytes")));
        }
        let stored: Stored = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        if stored.schema != SCHEMA {
            return Err(malformed(format!("its format is {}, and {SCHEMA} is known", stored.schema)));
        }
        Ok(stored.experiments)
    }

    /// What tells the file from what it was before: its time and length; `None` where there is none.
    pub(crate) fn stamp(&self) -> Option<(SystemTime, u64)> {
        let metadata = fs::metadata(self.file.as_ref()?).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    }

    /// The one with a template that runs.
    ///
    /// # Errors
    /// As [`Self::all`].
    pub fn running(&self, template: &str) -> Result<Option<Experiment>, ExperimentError> {
        let is_it = |experiment: &Experiment| experiment.template == template && experiment.ended.is_none();
        Ok(self.all()?.into_iter().find(is_it))
    }

    /// Starts one.
    ///
    /// # Errors
    /// One with this template runs, the two cannot be compared, or the file cannot be read or written.
    pub fn start(
        &self,
        old: &Template,
        new: &Template,
        allocation: Allocation,
    ) -> Result<Experiment, ExperimentError> {
        let named = |template: &Template| format!("{}@{}", template.name, template.version);
        if self.running(&old.name)?.is_some() {
            return Err(ExperimentError::Running(old.name.clone()));
        }
        if (old.hash, &old.version) == (new.hash, &new.version) {
            return Err(ExperimentError::Same(named(old)));
        }
        if old.spec.kind != new.spec.kind || old.spec.applies.tasks != new.spec.applies.tasks {
            return Err(ExperimentError::DifferentTasks { old: named(old), new: named(new) });
        }
        let is_fair = match allocation {
            Allocation::Share(share) => share > 0.0 && share < 1.0,
            Allocation::Adaptive(floor) => (0.0..=0.5).contains(&floor),
        };
        if !is_fair {
            return Err(ExperimentError::BadShare);
        }
        let id = EventId::new();
        let experiment = Experiment {
            id: id.to_string(),
            template: old.name.clone(),
            old: Arm::of(old),
            new: Arm::of(new),
            allocation,
            started_ms: id.ms(),
            ended: None,
        };
        let mut all = self.all()?;
        all.push(experiment.clone());
        while all.len() > MOST
            && let Some(oldest) = all.iter().position(|experiment| experiment.ended.is_some())
        {
            all.remove(oldest);
        }
        self.store(all)?;
        Ok(experiment)
    }

    /// Ends the one with a template that runs, and keeps what it said.
    ///
    /// # Errors
    /// None runs, or the file cannot be read or written.
    pub fn stop(&self, template: &str, verdict: String) -> Result<Experiment, ExperimentError> {
        let mut all = self.all()?;
        let running = all.iter_mut().find(|one| one.template == template && one.ended.is_none());
        let running = running.ok_or_else(|| ExperimentError::NotRunning(template.to_owned()))?;
        running.ended = Some(Ended { ms: EventId::new().ms(), verdict });
        let ended = running.clone();
        self.store(all)?;
        Ok(ended)
    }

    fn store(&self, experiments: Vec<Experiment>) -> Result<(), ExperimentError> {
        let path = self.file.as_ref().ok_or(ExperimentError::NoFolder)?;
        let write = || {
            let folder = path.parent().unwrap_or(path);
            fs::create_dir_all(folder)?;
            let text = serde_json::to_vec_pretty(&Stored { schema: SCHEMA, experiments })?;
            // Whoever reads meanwhile gets the old ones or the new ones.
            let mut beside = tempfile::Builder::new().prefix(".autodao-").tempfile_in(folder)?;
            beside.write_all(&text)?;
            beside.as_file().sync_all()?;
            beside.persist(path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|source| ExperimentError::Io { path: path.clone(), source })
    }
}
