//! `autodao fix`: applies the fixes that keep behaviour.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use autodao_engine::quality::{Applicability, RuleId};
use autodao_engine::{CheckOptions, Checked, check_tree, find_rules_at, fix_all, replace_file, unified_diff};

use crate::exit;
use crate::output::{Color, complain, print};
use crate::path::{printable, shown};
use crate::problem::Problem;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files and folders.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Only the fixes of these rules, also of those that are off.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    rules: Vec<String>,
    /// Print what would change as a unified diff, and write nothing.
    #[arg(long)]
    diff: bool,
    /// Threads; as many as there are cores when it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

/// What was done, by file.
#[derive(Default)]
struct Outcome {
    files: Vec<Fixed>,
    problems: Vec<Problem>,
}

struct Fixed {
    path: String,
    fixes: usize,
    /// Empty when the file was written.
    diff: String,
}

pub(crate) fn run(arguments: Arguments) -> u8 {
    let here = [PathBuf::from(".")];
    let places = if arguments.paths.is_empty() { &here[..] } else { &arguments.paths };
    let rules: Result<Vec<Vec<RuleId>>, _> =
        arguments.rules.iter().map(|name| find_rules_at(name.trim(), places)).collect();
    let rules = match rules {
        Ok(rules) => rules.concat(),
        Err(error) => {
            complain("error", &error.to_string());
            return exit::TROUBLE;
        }
    };
    let threads = arguments.threads.map_or(0, usize::from);
    let options = CheckOptions { paths: arguments.paths, threads, rules, ..CheckOptions::default() };
    let outcome = Mutex::new(Outcome::default());
    let used = check_tree(&options, |result| {
        let fixed = match result {
            Ok(checked) => fix(&checked, arguments.diff).transpose(),
            Err(problem) => Some(Err(problem.into())),
        };
        let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
        match fixed {
            Some(Ok(fixed)) => outcome.files.push(fixed),
            Some(Err(problem)) => outcome.problems.push(problem),
            None => {}
        }
    });
    let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcome.problems.extend(used.iter().flat_map(|file| Problem::in_configuration(file)));
    outcome.problems.sort();
    outcome.problems.dedup();
    outcome.files.sort_by(|a, b| a.path.cmp(&b.path));
    outcome.problems.iter().for_each(Problem::complain);
    let code = if outcome.problems.iter().any(Problem::is_trouble) { exit::TROUBLE } else { exit::CLEAN };
    report(&outcome, arguments.diff, code)
}

/// Mends one file, or says what would change; `None` when there is nothing to do.
fn fix(checked: &Checked, diff: bool) -> Result<Option<Fixed>, Problem> {
    let mut fixes = checked.report.findings.iter().flat_map(|finding| &finding.relative().fixes);
    if !fixes.any(|fix| fix.applicability == Applicability::Always) {
        return Ok(None);
    }
    let old = checked.buffer.text();
    let (new, fixes) = fix_all(&checked.config.profile, checked.language, checked.role, old);
    if new == old {
        return Ok(None);
    }
    let path = shown(&checked.path);
    if diff {
        let diff = unified_diff(&printable(&path), old, &new);
        return Ok(Some(Fixed { path, fixes, diff }));
    }
    match replace_file(&checked.path, old, &new) {
        Ok(()) => Ok(Some(Fixed { path, fixes, diff: String::new() })),
        Err(error) => Err(Problem { path, place: None, message: format!("it cannot be written: {error}") }),
    }
}

/// The diff goes to stdout alone, so that it can be applied; how much it is goes to stderr beside it.
fn report(outcome: &Outcome, diff: bool, code: u8) -> u8 {
    let fixes: usize = outcome.files.iter().map(|file| file.fixes).sum();
    let plural =
        |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let amount =
        format!("{} in {}", plural(fixes, "fix", "fixes"), plural(outcome.files.len(), "file", "files"));
    if diff {
        complain("diff", &amount);
    }
    print(Color::Never, code, |out| {
        if !diff {
            return writeln!(out, "{amount}");
        }
        outcome.files.iter().try_for_each(|file| out.write_all(file.diff.as_bytes()))
    })
}
