//! A score as tables.

use std::io::{self, Write};

use autodao_engine::ScoredFile;
use autodao_engine::quality::score::{Cause, WorkspaceScore};
use autodao_engine::quality::{Catalog, Dimension};

use crate::path::printable;

/// How many files and functions are named.
const WORST: usize = 10;

pub(super) fn write(
    whole: &WorkspaceScore,
    files: &[(String, ScoredFile)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(overall) = whole.overall else { return writeln!(out, "no code to score") };
    let of = Dimension::ALL.len();
    writeln!(
        out,
        "score {overall:.2} of 10 ({} of {of} dimensions assessed), worst tenth {:.2}, debt {:.0} lines, {} {}",
        whole.coverage,
        whole.worst_decile.unwrap_or(overall),
        whole.debt,
        whole.files,
        if whole.files == 1 { "file" } else { "files" },
    )?;
    writeln!(out)?;
    for (dimension, score) in Dimension::ALL.into_iter().zip(whole.dimensions) {
        match score {
            Some(score) => writeln!(out, "{score:6.2}  {}", dimension.name())?,
            None => writeln!(out, "     -  {} (not assessed)", dimension.name())?,
        }
    }
    writeln!(out, "\n  lost  to")?;
    for cost in whole.costs.iter().filter(|cost| cost.points >= 0.005) {
        let dimension = cost.dimension.map_or("blockers", Dimension::name);
        writeln!(out, "{:6.2}  {dimension}: {}", cost.points, described(cost.cause))?;
    }
    let mut scored: Vec<_> =
        files.iter().filter_map(|(path, file)| Some((file.score.overall?, path, file))).collect();
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    if scored.len() > 1 {
        writeln!(out, "\n score    debt  file")?;
        for (score, path, file) in scored.iter().take(WORST) {
            writeln!(out, "{score:6.2} {:7.1}  {}", file.score.debt, printable(path))?;
        }
    }
    write_functions(files, out)
}

/// The functions with the most debt.
fn write_functions(files: &[(String, ScoredFile)], out: &mut dyn Write) -> io::Result<()> {
    let mut functions: Vec<_> = files
        .iter()
        .flat_map(|(path, file)| {
            file.score.functions.iter().map(move |(index, score)| (path, file, *index, score))
        })
        .filter(|(.., score)| score.debt > 0.0)
        .collect();
    functions.sort_by(|a, b| b.3.debt.total_cmp(&a.3.debt));
    if !functions.is_empty() {
        writeln!(out, "\n score    debt  function")?;
    }
    for (path, file, index, score) in functions.iter().take(WORST) {
        let function = &file.metrics.functions[*index];
        let (path, name) = (printable(path), printable(&function.path));
        writeln!(out, "{:6.2} {:7.1}  {path}:{}: {name}", score.score, score.debt, function.start_line)?;
    }
    Ok(())
}

fn described(cause: Cause) -> String {
    match cause {
        Cause::Function { metric, .. } | Cause::Functions { metric } => {
            format!("{} of functions", metric.name())
        }
        Cause::FileLength => "length of files".to_owned(),
        Cause::Findings { rule, count } => {
            let rule = Catalog::builtin().rule(rule).id;
            format!("{rule} ({count} {})", if count == 1 { "finding" } else { "findings" })
        }
        Cause::Evidence => "a build or tests that fail".to_owned(),
        Cause::Cap(highest) => format!("a score of at most {highest}"),
        Cause::Cycles => "import cycles".to_owned(),
        Cause::Duplicates => "duplicated code".to_owned(),
    }
}
