//! Looking at files together, when each was looked at alone.

use std::sync::{Mutex, PoisonError};

use autodao_quality::{WorkspaceFile, workspace_findings};

use crate::check::{Checked, FileProblem, Seen};

/// Adds what the workspace rules find, and hands the files that were asked about on.
pub(crate) fn look_together(
    mut gathered: Vec<Seen>,
    threads: usize,
    each: &(impl Fn(Result<Checked, FileProblem>) + Sync),
) {
    gathered.sort_by(|a, b| a.place.cmp(&b.place));
    let findings = {
        let files: Vec<_> = gathered
            .iter()
            .filter_map(|file| {
                let survey = file.survey.as_ref()?;
                Some(WorkspaceFile { path: &file.place, survey, profile: &file.checked.config.profile })
            })
            .collect();
        workspace_findings(&files)
    };
    let threads = match threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let work = Mutex::new(gathered.into_iter().zip(findings).filter(|(file, _)| file.asked));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let next = work.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((file, findings)) = next else { return };
                    let mut seen = file;
                    if !findings.is_empty() {
                        seen.analysis.set_workspace_findings(&findings);
                        seen.checked.report = seen.analysis.report(&seen.checked.buffer);
                    }
                    each(Ok(seen.checked));
                }
            });
        }
    });
}
