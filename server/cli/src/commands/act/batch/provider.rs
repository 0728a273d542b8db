//! A batch through a provider's batch API: all that can be asked at once is one job, answered within a day.
//!
//! A round sends what is not asked yet, waits, and judges the answers, file by file. What an edit leaves in its file
//! is asked in the next round. The job is on disk before it is sent, the answers before they are judged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use autodao_engine::act::{BatchEdit, BatchJob, BatchProgress, BatchResult, Outcome};
use autodao_engine::apply_edits;
use autodao_engine::config::{AiSettings, PROJECT_FILE};
use autodao_engine::open_text;

use super::store::Store;
use super::{Batch, line_of};
use crate::output::complain;
use crate::path::printable;

/// The most requests of one job. Providers take more; nobody reviews more.
const MOST: usize = 2000;
/// How long is waited between two questions how far it is: at first, and at last.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// How many times in a row a provider may not be there to say how far it is.
const PATIENCE: u32 = 5;

/// What came to nothing in this run: it is asked anew when the command is given again, not before.
#[derive(Default)]
struct Lost {
    requests: BTreeSet<String>,
    failed: usize,
    late: usize,
}

impl Batch<'_> {
    /// Goes round by round until nothing is left to be asked.
    pub(super) fn by_provider(&mut self, paths: &BTreeSet<PathBuf>, store: &mut Store) -> Result<(), String> {
        let here = std::env::current_dir().map_err(|error| error.to_string())?;
        let settings = self.configuration.for_file(Some(&here.join(PROJECT_FILE))).ai.clone();
        self.assistant.has_batches(&settings)?;
        let mut lost = Lost::default();
        loop {
            self.answers(&settings, store, &mut lost)?;
            let mut waiting = BTreeMap::new();
            for path in paths {
                self.judge(path, store, &lost, &mut waiting)?;
            }
            // What no finding asked for is for a text that has changed since.
            store.state.answers.clear();
            store.save()?;
            if waiting.is_empty() {
                break;
            }
            let edits: Vec<_> = waiting.into_values().take(MOST).collect();
            self.send(&settings, &edits, store)?;
        }
        match lost {
            Lost { failed: 0, late: 0, .. } => Ok(()),
            Lost { failed, late, .. } => {
                Err(format!("{failed} requests failed, {late} were not answered in the provider's time"))
            }
        }
    }

    fn send(&self, settings: &AiSettings, edits: &[BatchEdit], store: &mut Store) -> Result<(), String> {
        let mut keep = |job: Option<&BatchJob>| {
            store.state.job = job.cloned();
            store.save()
        };
        self.assistant.send_batch(settings, edits, &mut keep)?;
        let hint = "it may take a day, and may be stopped meanwhile: the same command goes on";
        complain("batch", &format!("{} requests are with the provider; {hint}", edits.len()));
        Ok(())
    }

    /// Waits for the answers of the job there is, if there is one.
    fn answers(&self, settings: &AiSettings, store: &mut Store, lost: &mut Lost) -> Result<(), String> {
        let Some(mut job) = store.state.job.clone() else { return Ok(()) };
        let hint = format!("to begin anew, and pay anew, remove {}", store.file.display());
        let stuck = |why: String| format!("{why}; {hint}");
        if !self.assistant.resume_batch(settings, &mut job).map_err(stuck)? {
            store.state.job = None;
            return store.save();
        }
        store.state.job = Some(job.clone());
        store.save()?;
        for (id, result) in self.wait(settings, &job, store)? {
            match result {
                BatchResult::Answered(answer) => drop(store.state.answers.insert(id, answer)),
                BatchResult::Failed(why) => {
                    complain("no edit", &printable(&why));
                    lost.failed += 1;
                    lost.requests.insert(id);
                }
                BatchResult::NotAsked => {
                    lost.late += 1;
                    lost.requests.insert(id);
                }
            }
        }
        store.state.job = None;
        store.save()
    }

    fn wait(
        &self,
        settings: &AiSettings,
        job: &BatchJob,
        store: &mut Store,
    ) -> Result<BTreeMap<String, BatchResult>, String> {
        let (mut pause, mut missed, mut told) = (SHORTEST, 0, None);
        loop {
            let hint = format!("to begin anew, and pay anew, remove {}", store.file.display());
            let looked = self.assistant.look_at_batch(settings, job);
            match looked.map_err(|why| format!("{why}; {hint}"))? {
                BatchProgress::Ended(results) => return Ok(results),
                BatchProgress::Rejected(why) => {
                    store.state.job = None;
                    store.save()?;
                    return Err(why);
                }
                BatchProgress::Unreachable(why) => {
                    missed += 1;
                    if missed == PATIENCE {
                        return Err(why);
                    }
                    complain("warning", &printable(&why));
                }
                BatchProgress::Working { done, of } => {
                    missed = 0;
                    if told != Some(done) {
                        complain("batch", &format!("{done} of {of} are answered"));
                        told = Some(done);
                    }
                }
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// Makes the edits of one file that there are answers for, and says what is still to be asked.
    fn judge(
        &mut self,
        path: &Path,
        store: &mut Store,
        lost: &Lost,
        waiting: &mut BTreeMap<String, BatchEdit>,
    ) -> Result<(), String> {
        store.refresh(path)?;
        while self.one_edit(path, store, lost, waiting)? {}
        Ok(())
    }

    /// Looks at the findings of a file until an answer makes an edit: what the others ask depends on the text.
    fn one_edit(
        &mut self,
        path: &Path,
        store: &mut Store,
        lost: &Lost,
        waiting: &mut BTreeMap<String, BatchEdit>,
    ) -> Result<bool, String> {
        let state = store.state.files.entry(path.to_owned()).or_default();
        if state.done {
            return Ok(false);
        }
        let snapshot = open_text(&mut self.configuration, path, state.after.clone());
        let snapshot = snapshot.map_err(|problem| problem.to_string())?;
        let (mut left, mut found) = (0, BTreeMap::new());
        for span in self.spans(&snapshot) {
            let refuse = |why: &str| {
                complain("no edit", &printable(&format!("line {}: {why}", line_of(&snapshot, span))));
            };
            let edit = match self.assistant.plan_batch_edit(&snapshot, &self.invocation(span)) {
                Ok(edit) => edit,
                Err(why) => {
                    refuse(&why);
                    left += 1;
                    continue;
                }
            };
            let id = edit.id().to_owned();
            if store.state.tried.contains(&id) || lost.requests.contains(&id) {
                left += 1;
                continue;
            }
            // The same code elsewhere asks the same: the answer is for both.
            let Some(answer) = store.state.answers.get(&id).cloned() else {
                found.insert(id, edit);
                left += 1;
                continue;
            };
            let (number, outcome) = self.assistant.finish_batch_edit(snapshot.clone(), edit, &answer);
            match outcome {
                Outcome::Edit(edit) if edit.new_file.is_none() => {
                    let state = store.state.files.entry(path.to_owned()).or_default();
                    state.after = apply_edits(&state.after, &edit.edits);
                    self.made.push(number);
                    store.save()?;
                    return Ok(true);
                }
                Outcome::Refused { gate, reason } => refuse(&format!("{reason} (gate: {gate})")),
                Outcome::Failed(why) => refuse(&why),
                Outcome::Edit(_) | Outcome::Message(_) | Outcome::Cancelled => {
                    refuse("there was no edit in the answer");
                }
            }
            left += 1;
            store.state.tried.insert(id);
            store.save()?;
        }
        let state = store.state.files.entry(path.to_owned()).or_default();
        state.refused = left;
        waiting.append(&mut found);
        Ok(false)
    }
}
