//! Lints of a `templates.lock`.

use std::ops::Range;
use std::path::Path;

use semver::Version;
use toml_edit::Document;

use crate::problem::{ProblemKind, Problems, Severity, Source};
use crate::reader::value_place;
use crate::{Fix, LOCK_FILE, Layer, Library, Lock, LockError, Pin, Problem, Template};

/// What is wrong in a lock whose text may not be on the disk yet. `root`: the folder of the templates it is of, and
/// their layer. `lock`: all that holds there, this text included; `library`: the templates there are with it.
pub fn lint_lock(root: &Path, layer: Layer, text: &str, lock: &Lock, library: &Library) -> Vec<Problem> {
    let mut problems = Problems::default();
    let source = Source { file: root.join(LOCK_FILE), text };
    let own = match Lock::parse(text) {
        Ok(own) => own,
        Err(error) => {
            let (span, reason) = match error {
                LockError::Malformed { line, reason, .. } => (line_span(text, line), reason),
                error => (0..0, error.to_string()),
            };
            problems.error(&source, span, ProblemKind::Lock(reason)).cure("mend it, or take an older one");
            return problems.found;
        }
    };
    for (name, pin) in own.pins() {
        check_pin(&source, name, pin, lock, library, &mut problems);
    }
    for (name, label, version) in own.labels() {
        let place = value_place(text, &["label", name, label.name()]).unwrap_or(0..0);
        if of_name(library, name).next().is_none() {
            unknown(&source, place, name, &mut problems);
        } else if lock.get(name, version).is_none() {
            let (label, version) = (label.name(), version.to_string());
            let kind = ProblemKind::DanglingLabel { label, name: name.to_owned(), version };
            let known =
                own.versions().filter(|(known, ..)| *known == name).map(|(_, version, _)| version).max();
            let fix = known.map(|known| written(&source, &place, &format!("Move it to {known}"), known));
            problems
                .add(&source, place, Severity::Warning, kind)
                .cure("run `autodao templates lock`, or move the label")
                .fix(fix);
        }
    }
    for (name, version, locked) in own.versions() {
        let mut here = library.all().filter(|template| template.layer == layer && template.name == name);
        let Some(template) = here.find(|template| template.version == *version) else { continue };
        if template.hash != locked.hash {
            let kind = ProblemKind::VersionNotBumped(version.to_string());
            problems
                .error(&source, hash_place(text, name, version), kind)
                .cure(format!("raise the version of {name} with `autodao templates bump`"));
        }
    }
    problems.found
}

fn of_name<'a>(library: &'a Library, name: &'a str) -> impl Iterator<Item = &'a Template> {
    library.all().map(|template| &**template).filter(move |template| template.name == name)
}

fn unknown(source: &Source<'_>, place: Range<usize>, name: &str, problems: &mut Problems) {
    let fix = line_of(source, &place).map(|line| Fix::within("Remove the line", source, &[(line, "")]));
    problems
        .add(source, place, Severity::Warning, ProblemKind::UnknownTemplate(name.to_owned()))
        .cure("add the template, or remove the line")
        .fix(fix);
}

fn check_pin(
    source: &Source<'_>,
    name: &str,
    pin: &Pin,
    lock: &Lock,
    library: &Library,
    problems: &mut Problems,
) {
    let place = value_place(source.text, &["pin", name]).unwrap_or(0..0);
    let highest = of_name(library, name).map(|template| &template.version).max();
    let Some(highest) = highest else { return unknown(source, place, name, problems) };
    let allowed = match pin {
        Pin::Range(range) => Some(range.clone()),
        Pin::Label(_) => lock.allowed(name),
    };
    let is_met = allowed.is_some_and(|range| of_name(library, name).any(|one| range.matches(&one.version)));
    if is_met {
        return;
    }
    let kind = ProblemKind::UnmetPin { name: name.to_owned(), pin: pin.to_string() };
    let mut fixes = vec![written(source, &place, &format!("Pin it to {highest}"), format!("={highest}"))];
    let line = line_of(source, &place);
    fixes.extend(line.map(|line| Fix::within("Take the pin away", source, &[(line, "")])));
    problems
        .add(source, place, Severity::Warning, kind)
        .cure("change the pin, or add the version")
        .fix(fixes);
}

fn written(source: &Source<'_>, place: &Range<usize>, title: &str, text: impl std::fmt::Display) -> Fix {
    Fix::within(title, source, &[(place.clone(), &format!("\"{text}\""))])
}

/// Where the hash of a version stands.
fn hash_place(text: &str, name: &str, version: &Version) -> Range<usize> {
    let place = || {
        let document = Document::parse(text).ok()?;
        let version = version.to_string();
        let is = |table: &toml_edit::Table, key: &str, value: &str| {
            table.get(key).and_then(toml_edit::Item::as_str) == Some(value)
        };
        let tables = document.get("template")?.as_array_of_tables()?;
        let table = tables.iter().find(|table| is(table, "name", name) && is(table, "version", &version))?;
        table.get("sha256")?.span()
    };
    place().unwrap_or(0..0)
}

fn line_span(text: &str, line: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    start..start + super::first_line(text.get(start..).unwrap_or(""))
}

/// The line that a place is in, with its end; `None` for what has no place.
fn line_of(source: &Source<'_>, place: &Range<usize>) -> Option<Range<usize>> {
    let text = source.text;
    let before = text.get(..place.start).filter(|_| !place.is_empty())?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    Some(start..text.get(place.end..)?.find('\n').map_or(text.len(), |at| place.end + at + 1))
}
