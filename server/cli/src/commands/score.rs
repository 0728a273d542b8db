//! `autodao score`: how good the code is, and which findings cost what.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use autodao_engine::quality::metrics::{MeasuredFunction, MetricProfile};
use autodao_engine::{CheckOptions, MeasuredFile, measure_tree};
use serde::Serialize;

use crate::exit;
use crate::output::{Color, print};
use crate::path::shown;
use crate::problem::Problem;

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

/// One function, as a line of JSON.
#[derive(Serialize)]
struct Function<'a> {
    file: &'a str,
    name: &'a str,
    start_line: u32,
    end_line: u32,
    cognitive: u32,
    cyclomatic: u32,
    params: u32,
    nesting: u32,
    tokens: u32,
    code_lines: u32,
}

impl<'a> Function<'a> {
    fn new(file: &'a str, function: &'a MeasuredFunction) -> Self {
        let MeasuredFunction { name, start_line, end_line, metrics, .. } = function;
        Self {
            file,
            name,
            start_line: *start_line,
            end_line: *end_line,
            cognitive: metrics.cognitive,
            cyclomatic: metrics.cyclomatic,
            params: metrics.parameters,
            nesting: metrics.nesting,
            tokens: metrics.tokens,
            code_lines: metrics.code_lines,
        }
    }
}

/// What was measured, by file, and what stood in the way.
#[derive(Default)]
struct Measured {
    files: Vec<(String, String)>,
    problems: Vec<Problem>,
}

pub(crate) fn run(arguments: Arguments) -> u8 {
    functions(arguments)
}

fn functions(arguments: Arguments) -> u8 {
    let Arguments { paths, format, profile, threads, .. } = arguments;
    let options = CheckOptions { paths, threads: threads.map_or(0, usize::from), ..CheckOptions::default() };
    let measured = Mutex::new(Measured::default());
    let used = measure_tree(&options, profile, |result| {
        // Written before the lock is taken.
        let result = result.map(|file| lines(format, &file));
        let mut measured = measured.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(lines) => measured.files.push(lines),
            Err(problem) => measured.problems.push(problem.into()),
        }
    });
    let mut measured = measured.into_inner().unwrap_or_else(PoisonError::into_inner);
    measured.problems.extend(used.iter().flat_map(|file| Problem::in_configuration(file)));
    measured.problems.sort();
    measured.files.sort();
    measured.problems.iter().for_each(Problem::complain);
    let code = if measured.problems.iter().any(Problem::is_trouble) { exit::TROUBLE } else { exit::CLEAN };
    print(Color::Never, code, |out| {
        if format == Format::Table {
            writeln!(out, "cognitive cyclomatic nesting params lines  function")?;
        }
        measured.files.iter().try_for_each(|(_, lines)| out.write_all(lines.as_bytes()))
    })
}

/// A file's path and its functions as they are written.
fn lines(format: Format, file: &MeasuredFile) -> (String, String) {
    let path = shown(&file.path);
    let mut lines = String::new();
    for function in &file.functions {
        match format {
            Format::Json => {
                // Strings and numbers always serialize.
                lines += &serde_json::to_string(&Function::new(&path, function)).unwrap_or_default();
            }
            Format::Table => {
                let metrics = &function.metrics;
                lines += &format!(
                    "{:>9} {:>10} {:>7} {:>6} {:>5}  {}:{}: {}",
                    metrics.cognitive,
                    metrics.cyclomatic,
                    metrics.nesting,
                    metrics.parameters,
                    metrics.code_lines,
                    crate::path::printable(&path),
                    function.start_line,
                    crate::path::printable(&function.path),
                );
            }
        }
        lines.push('\n');
    }
    (path, lines)
}
