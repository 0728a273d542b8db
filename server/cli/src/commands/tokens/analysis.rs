//! `autodao tokens analysis`: weeks by task, waste with its cure, templates that got worse.

use std::io::{self, Write};

use autodao_engine::ledger::{Analysis, Anomaly, Day, Ledger, TaskWeek, Worse};

use super::super::ledger::trouble;
use super::table::{Column, amount, dollars, sparkline, terminal_width, write};
use super::{dash, interval};
use crate::exit;
use crate::output::{Color, print, print_json};
use crate::path::printable;

pub(super) fn show(ledger: &Ledger, weeks: i32, json: bool) -> u8 {
    let today = Day::today();
    match ledger.analyse(today.week().plus(-7 * (weeks - 1)), today) {
        Ok(analysis) if json => print_json(exit::CLEAN, &analysis),
        Ok(analysis) => print(Color::Never, exit::CLEAN, |out| write_analysis(&analysis, out)),
        Err(error) => trouble(&error),
    }
}

fn write_analysis(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    if analysis.weeks.is_empty() {
        return writeln!(out, "No AI edits in this time.");
    }
    for week in &analysis.weeks {
        writeln!(out, "Week of {}\n", week.monday)?;
        let column = |head, rank, is_number, cell: &dyn Fn(&TaskWeek) -> String| Column {
            head,
            cells: week.tasks.iter().map(cell).collect(),
            is_number,
            rank,
        };
        let days = |task: &TaskWeek| {
            let tokens = task.days.each_ref().map(|day| day.as_ref().map_or(0, |day| day.tokens));
            sparkline(&tokens, 7)
        };
        let columns = vec![
            column("TASK", 0, false, &|task| printable(&task.task)),
            column("EDITS", 1, true, &|task| amount(task.total.edits)),
            column("TOKENS", 2, true, &|task| amount(task.total.tokens)),
            column("RATIO", 4, true, &|task| {
                task.total.ratio.map_or_else(dash, |ratio| format!("{ratio:.1}x"))
            }),
            column("ACCEPTED", 5, false, &|task| interval(task.total.acceptance)),
            column("STAYED", 6, false, &|task| interval(task.total.survival)),
            column("MON-SUN", 3, false, &days),
        ];
        write(columns, terminal_width(), out)?;
        writeln!(out)?;
    }
    for waste in &analysis.waste {
        let cause =
            if waste.cause.is_empty() { String::new() } else { format!(" ({})", printable(&waste.cause)) };
        let sum = waste.sum;
        let (tokens, cost) = (amount(sum.tokens), dollars(sum.micros));
        writeln!(out, "{}{cause}: {} edits, {tokens} tokens, {cost}", waste.outcome.name(), sum.edits)?;
        writeln!(out, "    {}", waste.cure)?;
    }
    for Anomaly { template, before, version, worse } in &analysis.anomalies {
        let what = match *worse {
            Worse::Acceptance { before, now } => {
                format!("fewer edits are accepted: {} after {}", interval(Some(now)), interval(Some(before)))
            }
            Worse::Survival { before, now } => {
                format!("fewer edits stay: {} after {}", interval(Some(now)), interval(Some(before)))
            }
            Worse::Refusals { before, now } => {
                format!("more replies are refused: {} after {}", interval(Some(now)), interval(Some(before)))
            }
            Worse::Tokens { before, now } => format!("an edit takes {now:.0} tokens after {before:.0}"),
        };
        let name = printable(&format!("{template} {version}"));
        writeln!(out, "{name} got worse than {}: {what}", printable(before))?;
    }
    Ok(())
}
