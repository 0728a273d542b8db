//! What only shows when files are seen together: copies, and imports in a circle.
//!
//! A [`FileSurvey`] holds what the workspace rules need to know of one file; it depends on that file's text alone.
//! [`workspace_findings`] joins surveys. Joining is fast (a table of fingerprints, one pass over the imports), so
//! after a change only the changed file is surveyed anew and everything is joined again, in the background.

mod clones;
mod cycles;
mod imports;
mod survey;

use std::path::Path;

use crate::{Catalog, Finding, Level, Profile, Severity};

pub use imports::Import;
pub use survey::FileSurvey;

/// A file of a workspace.
pub struct WorkspaceFile<'a> {
    /// Where it is. Imports are resolved by this, so all paths must be of one kind: absolute, or relative to the
    /// same folder.
    pub path: &'a Path,
    /// What is known of it.
    pub survey: &'a FileSurvey,
    /// The rules that hold for it.
    pub profile: &'a Profile,
}

/// The findings of the workspace rules, for each of the files. The files' order does not matter to what is found,
/// but to where: of two copies each names the other, of a circle the first file in order is told.
pub fn workspace_findings(files: &[WorkspaceFile<'_>]) -> Vec<Vec<Finding>> {
    let mut findings: Vec<Vec<Finding>> = files.iter().map(|_| Vec::new()).collect();
    clones::find(files, &mut findings);
    cycles::find(files, &mut findings);
    for found in &mut findings {
        found.sort_by_key(|finding| (finding.span, finding.rule));
    }
    findings
}

/// What a finding in one file calls another: its path from the first one's folder, with `/` on every system.
fn name_of(there: &Path, here: &Path) -> String {
    let folder = here.parent().unwrap_or(Path::new(""));
    let common = folder.components().zip(there.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(common).map(|_| "..".into());
    let down = there.components().skip(common).map(|part| part.as_os_str().to_string_lossy());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// A finding of a rule that is on for a file; `None` when it is off.
fn finding(
    file: &WorkspaceFile<'_>,
    rule: &str,
    span: autodao_syntax::Span,
    message: String,
) -> Option<Finding> {
    let (id, _) = Catalog::builtin().find(rule)?;
    let severity: Severity = match file.profile.level(id) {
        Level::On(severity) => severity,
        Level::Off => return None,
    };
    let message = message.into_boxed_str();
    Some(Finding { rule: id, severity, span, message, fixes: Vec::new(), annotatable: true })
}

#[cfg(test)]
mod tests;
