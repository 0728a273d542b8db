//! `autodao templates lint`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use autodao_engine::template_vocabulary;
use autodao_engine::templates::{Problem, Severity, apply_fixes, lint_folder, lint_library};
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
    let here = Here::read()?;
    let folders = here.folders(&arguments.names)?;
    let vocabulary = template_vocabulary();
    let look = || -> Vec<Problem> {
        folders.iter().flat_map(|(folder, layer)| lint_folder(folder, *layer, &vocabulary)).collect()
    };
    let mut problems = look();
    if arguments.fix {
        fix(&problems)?;
        problems = look();
    }
    problems.extend(here.lock.verify(here.library.all().map(|template| &**template)));
    if arguments.names.is_empty() {
        problems.extend(lint_library(&here.library));
    }
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
