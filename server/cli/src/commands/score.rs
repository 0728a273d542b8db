//! `autodao score`: how good the code is, and which findings cost what.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use autodao_engine::quality::metrics::MetricProfile;
use autodao_engine::quality::score::{Workspace, WorkspaceEvidence};
use autodao_engine::{CheckOptions, score_tree};

use crate::exit;
use crate::output::{Color, print, print_json};
use crate::path::shown;
use crate::problem::Problem;

mod functions;
mod json;
mod table;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files and folders.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Only the metrics of each function, one line each.
    #[arg(long)]
    functions: bool,
    /// Whose definition of the metrics is followed; that of the rules when it is not given.
    #[arg(long, value_name = "PROFILE", requires = "functions", value_parser = profile)]
    profile: Option<MetricProfile>,
    /// Threads; as many as there are cores when it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

/// How a score is written.
#[derive(Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

fn profile(name: &str) -> Result<MetricProfile, String> {
    MetricProfile::from_name(name).ok_or_else(|| {
        let known = MetricProfile::ALL.map(MetricProfile::name);
        format!("name one of {}", known.join(", "))
    })
}

/// What came of some files, by path, and what stood in the way.
struct Outcome<T> {
    files: Vec<(String, T)>,
    problems: Vec<Problem>,
}

impl<T> Outcome<T> {
    /// Says what stood in the way, and returns the exit code.
    fn complain(&mut self) -> u8 {
        self.problems.sort();
        self.problems.iter().for_each(Problem::complain);
        if self.problems.iter().any(Problem::is_trouble) { exit::TROUBLE } else { exit::CLEAN }
    }
}

pub(crate) fn run(arguments: Arguments) -> u8 {
    let Arguments { paths, format, functions, profile, threads } = arguments;
    let options = CheckOptions { paths, threads: threads.map_or(0, usize::from), ..CheckOptions::default() };
    if functions {
        return functions::run(&options, profile, format);
    }
    let outcome = Mutex::new(Outcome { files: Vec::new(), problems: Vec::new() });
    let used = score_tree(&options, |result| {
        let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(file) => outcome.files.push((shown(&file.path), file)),
            Err(problem) => outcome.problems.push(problem.into()),
        }
    });
    let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcome.problems.extend(used.iter().flat_map(|file| Problem::in_configuration(file)));
    outcome.files.sort_by(|(a, _), (b, _)| a.cmp(b));
    let code = outcome.complain();
    let mut workspace = Workspace::default();
    for (_, file) in &outcome.files {
        workspace.add(&file.score);
    }
    let whole = workspace.score(WorkspaceEvidence::default());
    match format {
        Format::Table => print(Color::Never, code, |out| table::write(&whole, &outcome.files, out)),
        Format::Json => print_json(code, &json::Whole::new(&whole, &outcome.files)),
    }
}
