//! One JSON object a line: `{"path": ...}` for a finding, `{"problem": ...}` for what stood in the way.

use std::io::{self, Write};

use autodao_engine::Checked;
use serde::Serialize;

use super::Outcome;
use super::finding::{applicability, located};
use crate::place::Place;

#[derive(Serialize)]
struct Finding<'a> {
    path: &'a str,
    #[serde(flatten)]
    place: Place,
    rule: &'a str,
    dimension: &'a str,
    severity: &'a str,
    message: &'a str,
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    applicability: &'a str,
    edits: Vec<Edit<'a>>,
}

/// Offsets are bytes of the file.
#[derive(Serialize)]
struct Edit<'a> {
    start: u32,
    end: u32,
    text: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    problem: Problem<'a>,
}

#[derive(Serialize)]
struct Problem<'a> {
    path: &'a str,
    #[serde(flatten)]
    place: Option<Place>,
    severity: &'a str,
    message: &'a str,
}

pub(super) fn paint(path: &str, checked: &Checked) -> String {
    let mut lines = String::new();
    for found in located(checked) {
        let fixes = found.finding.fixes.iter().map(|fix| {
            let edits = fix
                .edits
                .iter()
                .map(|e| Edit { start: e.span.start, end: e.span.end, text: &e.text })
                .collect();
            Fix { title: &fix.title, applicability: applicability(fix.applicability), edits }
        });
        let finding = Finding {
            path,
            place: found.place,
            rule: found.rule.id,
            dimension: found.rule.dimension.name(),
            severity: found.finding.severity.name(),
            message: &found.finding.message,
            fixes: fixes.collect(),
        };
        // Strings and numbers always serialize.
        lines.push_str(&serde_json::to_string(&finding).unwrap_or_default());
        lines.push('\n');
    }
    lines
}

pub(super) fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    outcome.write_findings(out)?;
    for problem in &outcome.problems {
        let severity = if problem.is_trouble() { "error" } else { "warning" };
        let problem =
            Problem { path: &problem.path, place: problem.place, severity, message: &problem.message };
        serde_json::to_writer(&mut *out, &Line { problem })?;
        writeln!(out)?;
    }
    Ok(())
}
