//! `autodao templates lint`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use autodao_engine::template_vocabulary;
use autodao_engine::templates::{
    LOCK_FILE, Layer, Problem, ProblemKind, Severity, apply_fixes, lint_folder, lint_library, lint_lock,
    lint_versions,
};
use serde::Serialize;

use super::{Here, Style, Trouble, io_trouble};
use crate::exit;
use crate::output::{Color, print, print_json};
use crate::path::{printable, shown};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Names or folders; all templates that are files when there is none.
    names: Vec<String>,
    /// Apply the fixes that are certain.
    #[arg(long)]
    fix: bool,
    /// Exit with 1 for warnings, too.
    #[arg(long)]
    deny_warnings: bool,
    /// How it is shown.
    #[arg(long, value_enum, default_value_t)]
    format: Style,
}

/// A problem for programs.
#[derive(Serialize)]
struct Described<'a> {
    file: String,
    line: u32,
    column: u32,
    severity: &'static str,
    id: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cure: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<&'a str>,
}

pub(super) fn run(arguments: &Arguments) -> Result<u8, Trouble> {
    let mut here = Here::read()?;
    let folders = here.folders(&arguments.names)?;
    let vocabulary = template_vocabulary();
    let look = || -> Vec<Problem> {
        folders.iter().flat_map(|(folder, layer)| lint_folder(folder, *layer, &vocabulary)).collect()
    };
    let mut problems = look();
    if arguments.fix {
        fix(&problems)?;
        problems = look();
        here = Here::read()?;
    }
    let is_named = |file: &Path| {
        let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let is_below = |folder: &PathBuf| file.starts_with(folder.canonicalize().as_ref().unwrap_or(folder));
        arguments.names.is_empty() || folders.iter().any(|(folder, _)| is_below(folder))
    };
    problems.extend(of_all(&here, arguments.names.is_empty()).into_iter().filter(|one| is_named(&one.file)));
    let counts = |problem: &Problem| problem.severity == Severity::Error || arguments.deny_warnings;
    let code = if problems.iter().any(counts) { exit::FINDINGS } else { exit::CLEAN };
    let described: Vec<_> = problems.iter().map(describe).collect();
    Ok(match arguments.format {
        Style::Json => print_json(code, &described),
        Style::Human => print(Color::Never, code, |out| {
            for d in &described {
                let cure = d.cure.map_or_else(String::new, |cure| format!("; {cure}"));
                let line = format!(
                    "{}:{}:{}: {}: {}{cure} [{}]",
                    d.file, d.line, d.column, d.severity, d.message, d.id
                );
                writeln!(out, "{}", printable(&line))?;
            }
            Ok(())
        }),
    })
}

/// What only templates together tell: versions that hold other content or are there twice, matches that are never the
/// best, pins and labels that lead nowhere.
fn of_all(here: &Here, locks_too: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let is_twice = |problem: &&Problem| {
        matches!(problem.kind, ProblemKind::Duplicate { .. } | ProblemKind::TooMany { .. })
    };
    problems.extend(here.library.problems().iter().filter(is_twice).cloned());
    for layer in [Layer::User, Layer::Workspace] {
        let lock = here.locks.of(layer);
        problems.extend(lint_versions(&here.library, layer, lock));
        let Some(root) = here.folders.of_layer(layer).filter(|_| locks_too) else { continue };
        let Ok(text) = fs::read_to_string(root.join(LOCK_FILE)) else { continue };
        let found = lint_lock(root, layer, &text, &here.lock, &here.library);
        // Those are told of where the templates are.
        let is_new = |problem: &Problem| !matches!(problem.kind, ProblemKind::VersionNotBumped(_));
        problems.extend(found.into_iter().filter(is_new));
    }
    problems.extend(lint_library(&here.library));
    problems
}

fn describe(problem: &Problem) -> Described<'_> {
    Described {
        file: shown(&problem.file),
        line: problem.line,
        column: problem.column,
        severity: if problem.severity == Severity::Error { "error" } else { "warning" },
        id: problem.kind.id(),
        message: problem.kind.to_string(),
        cure: problem.cure.as_deref(),
        replacement: problem.replacement.as_deref(),
    }
}

/// Writes what the problems propose.
fn fix(problems: &[Problem]) -> Result<(), Trouble> {
    let mut by_file: BTreeMap<&PathBuf, Vec<&Problem>> = BTreeMap::new();
    for problem in problems.iter().filter(|problem| problem.replacement.is_some()) {
        by_file.entry(&problem.file).or_default().push(problem);
    }
    for (file, problems) in by_file {
        let text = fs::read_to_string(file).map_err(io_trouble(file))?;
        fs::write(file, apply_fixes(&text, problems)).map_err(io_trouble(file))?;
    }
    Ok(())
}
