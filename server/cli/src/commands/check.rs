//! `autodao check`: what is wrong in files and folders.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use autodao_engine::config::Configuration;
use autodao_engine::quality::Severity;
use autodao_engine::{CheckOptions, changed_since, check_source, check_tree};

use crate::exit;
use crate::format::{Format, Outcome, Painter};
use crate::output::{Color, complain, print};
use crate::problem::Problem;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files and folders.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// How findings are written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Exit with 1 when there is a finding of this severity or a more severe one.
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Warning)]
    fail_on: FailOn,
    /// Check standard input instead of files.
    #[arg(long, requires = "stdin_filename", conflicts_with_all = ["paths", "changed_since"])]
    stdin: bool,
    /// The file standard input is to be taken for: it decides language, configuration and role.
    #[arg(long, value_name = "NAME", requires = "stdin")]
    stdin_filename: Option<PathBuf>,
    /// Only files that git says differ from this revision, and untracked ones.
    #[arg(long, value_name = "REV", allow_hyphen_values = true)]
    changed_since: Option<String>,
    /// Threads; as many as there are cores when it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// When to colour.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    color: Color,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Information,
    Hint,
    Never,
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Information => Some(Severity::Information),
            Self::Hint => Some(Severity::Hint),
            Self::Never => None,
        }
    }
}

pub(crate) fn run(arguments: Arguments) -> u8 {
    let Arguments { format, fail_on, color, .. } = arguments;
    let painter = Painter::new(format, color.is_on());
    let outcome = match arguments.stdin_filename {
        Some(name) => stdin(&painter, &name),
        None => match files(&painter, arguments) {
            Ok(outcome) => outcome,
            Err(error) => {
                complain("error", &error.to_string());
                return exit::TROUBLE;
            }
        },
    };
    let is_failure = |fail_on| outcome.summary.worst().is_some_and(|worst| worst <= fail_on);
    let code = if outcome.problems.iter().any(Problem::is_trouble) {
        exit::TROUBLE
    } else if fail_on.severity().is_some_and(is_failure) {
        exit::FINDINGS
    } else {
        exit::CLEAN
    };
    print(color, code, |out| outcome.write(format, out))
}

fn files(painter: &Painter, arguments: Arguments) -> Result<Outcome, autodao_engine::ChangedError> {
    let only =
        arguments.changed_since.map(|revision| changed_since(&revision, &arguments.paths)).transpose()?;
    let threads = arguments.threads.map_or(0, usize::from);
    let options =
        CheckOptions { paths: arguments.paths, threads, only, workspace: true, ..CheckOptions::default() };
    let outcome = Mutex::new(Outcome::default());
    let used = check_tree(&options, |result| {
        // Painted before the lock is taken: that is most of the work.
        let result = result.map(|checked| painter.paint(&checked));
        outcome.lock().unwrap_or_else(PoisonError::into_inner).add(result);
    });
    let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcome.problems.extend(used.iter().flat_map(|file| Problem::in_configuration(file)));
    outcome.sort();
    Ok(outcome)
}

fn stdin(painter: &Painter, name: &std::path::Path) -> Outcome {
    let mut configuration = Configuration::load();
    let mut outcome = Outcome::default();
    let checked = check_source(&mut configuration, name, std::io::stdin().lock());
    let project = checked.as_ref().ok().and_then(|checked| checked.config.file.clone());
    for file in configuration.user_file().cloned().into_iter().chain(project) {
        outcome.problems.extend(Problem::in_configuration(&file));
    }
    outcome.add(checked.map(|checked| painter.paint(&checked)));
    outcome.sort();
    outcome
}
