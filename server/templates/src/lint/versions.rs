//! Lints of versions: other content under one that is known, and two of the same.

use std::ops::Range;
use std::path::PathBuf;

use semver::Version;

use super::with_text;
use crate::folder::{EditedFile, read_files};
use crate::problem::{ProblemKind, Problems, Source};
use crate::skill::Skill;
use crate::spec::Spec;
use crate::{Bump, FileChange, Files, Fix, Layer, Library, Lock, Problem, Template, bump};

/// The templates of a layer that hold other content than its lock knows under their version, each where its version is
/// stated. Reads their files.
pub fn lint_versions(library: &Library, layer: Layer, lock: &Lock) -> Vec<Problem> {
    let mut problems = Problems::default();
    for template in library.all().filter(|template| template.layer == layer) {
        if is_bumped(template, lock) {
            continue;
        }
        let Ok(files) = read_files(&template.folder, layer) else { continue };
        let files = files.borrowed();
        let name = if files.config.is_some() { "template.toml" } else { "SKILL.md" };
        let text = files.config.unwrap_or(files.skill);
        let text = std::str::from_utf8(text).unwrap_or("");
        let edited = EditedFile { folder: &template.folder, layer, name, text };
        tell(&edited, files, template, lock, &mut problems);
    }
    problems.found
}

fn is_bumped(template: &Template, lock: &Lock) -> bool {
    lock.get(&template.name, &template.version).is_none_or(|known| known.hash == template.hash)
}

/// Tells in a file that is being edited that its template holds other content than is known under its version.
pub(super) fn not_bumped(edited: &EditedFile<'_>, template: &Template, lock: &Lock, problems: &mut Problems) {
    if !is_bumped(template, lock) {
        with_text(edited.folder, edited.layer, (edited.name, edited.text), |files| {
            tell(edited, files, template, lock, problems);
        });
    }
}

fn tell(
    edited: &EditedFile<'_>,
    files: Files<'_>,
    template: &Template,
    lock: &Lock,
    problems: &mut Problems,
) {
    let least = lock.least_bump(template).unwrap_or(Bump::Minor);
    let free = free_version(least, template, |version| lock.get(&template.name, version).is_some());
    let source = Source { file: edited.folder.join(edited.name), text: edited.text };
    let kind = ProblemKind::VersionNotBumped(template.version.to_string());
    problems
        .error(&source, stated(edited), kind)
        .cure(format!("raise the version to {free} at least, as `autodao templates bump` does"))
        .fix(raise(edited, files, &free));
}

/// Tells in a file that is being edited that its version is there twice.
pub(super) fn duplicate(
    edited: &EditedFile<'_>,
    template: &Template,
    library: &Library,
    problems: &mut Problems,
) {
    let is_it = |problem: &&Problem| {
        problem.file.starts_with(edited.folder) && matches!(problem.kind, ProblemKind::Duplicate { .. })
    };
    // The folder that is read first is the one that is used: the other one is told of it.
    let Some(found) = library.problems().iter().find(is_it) else { return };
    let taken = |version: &Version| {
        library.all().any(|other| other.name == template.name && other.version == *version)
    };
    let free = free_version(Bump::Minor, template, taken);
    let source = Source { file: edited.folder.join(edited.name), text: edited.text };
    let fix = with_text(edited.folder, edited.layer, (edited.name, edited.text), |files| {
        raise(edited, files, &free)
    });
    let problem = problems.error(&source, stated(edited), found.kind.clone());
    problem.cure = found.cure.clone();
    problem.fix(fix);
}

/// The next version that nothing has yet.
fn free_version(least: Bump, template: &Template, taken: impl Fn(&Version) -> bool) -> Version {
    let mut version = least.apply(&template.version);
    // Each step is another version: there are no more of them than versions that are taken.
    while taken(&version) {
        version = least.apply(&version);
    }
    version
}

/// Where the file states its version; its first line where it does not.
fn stated(edited: &EditedFile<'_>) -> Range<usize> {
    let mut unheard = Problems::default();
    let source = Source { file: PathBuf::new(), text: edited.text };
    let found = match edited.name {
        "template.toml" => Spec::read(&source, "", edited.layer, &mut unheard).version,
        "SKILL.md" => Skill::read(&source, "", &mut unheard).version,
        _ => None,
    };
    found.map_or(0..super::first_line(edited.text), |stated| stated.span)
}

/// The fix that states a version in the files that state one.
fn raise(edited: &EditedFile<'_>, files: Files<'_>, to: &Version) -> Option<Fix> {
    let bumped = bump(edited.folder, files, |_| to.clone()).ok()?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let mut changes = Vec::new();
    let mut change = |name: &str, before: String, after: String| {
        if before != after {
            changes.push(FileChange { file: edited.folder.join(name), before: Some(before), after });
        }
    };
    change("SKILL.md", text(files.skill)?, bumped.skill);
    if let (Some(before), Some(after)) = (files.config, bumped.config) {
        change("template.toml", text(before)?, after);
    }
    (!changes.is_empty()).then(|| Fix { title: format!("Raise the version to {to}"), changes })
}
