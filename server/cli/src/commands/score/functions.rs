//! `autodao score --functions`: the metrics of every function.

use std::sync::{Mutex, PoisonError};

use autodao_engine::quality::metrics::{MeasuredFunction, MetricProfile};
use autodao_engine::{CheckOptions, MeasuredFile, measure_tree};
use serde::Serialize;

use super::{Format, Outcome};
use crate::output::{Color, print};
use crate::path::{printable, shown};
use crate::problem::Problem;

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

pub(super) fn run(options: &CheckOptions, profile: Option<MetricProfile>, format: Format) -> u8 {
    let outcome = Mutex::new(Outcome { files: Vec::new(), problems: Vec::new() });
    let used = measure_tree(options, profile, |result| {
        // Written before the lock is taken.
        let result = result.map(|file| lines(format, &file));
        let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(lines) => outcome.files.push(lines),
            Err(problem) => outcome.problems.push(problem.into()),
        }
    });
    let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcome.problems.extend(used.iter().flat_map(|file| Problem::in_configuration(file)));
    outcome.files.sort();
    let code = outcome.complain();
    print(Color::Never, code, |out| {
        if format == Format::Table {
            writeln!(out, "cognitive cyclomatic nesting params lines  function")?;
        }
        outcome.files.iter().try_for_each(|(_, lines)| out.write_all(lines.as_bytes()))
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
                    printable(&path),
                    function.start_line,
                    printable(&function.path),
                );
            }
        }
        lines.push('\n');
    }
    (path, lines)
}
