//! `autodao templates suggest`.

use std::io::Write;

use autodao_engine::ledger::Day;
use autodao_engine::{
    Suggestion, WeekSummary, WeekVersion, combined_diff, suggestions, template_vocabulary, week_summary,
};
use serde::Serialize;

use super::{Here, Style, Trouble};
use crate::commands::ledger::{open, tell_notices};
use crate::exit;
use crate::output::{Color, print, print_json};
use crate::path::printable;

/// A suggestion for programs.
#[derive(Serialize)]
struct Described<'a> {
    id: &'static str,
    about: &'a str,
    text: &'a str,
    tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<&'a str>,
}

impl<'a> Described<'a> {
    fn all(found: &'a [Suggestion]) -> Vec<Self> {
        let describe = |one: &'a Suggestion| Self {
            id: one.id,
            about: &one.about,
            text: &one.text,
            tokens: one.tokens,
            diff: one.diff.as_deref(),
        };
        found.iter().map(describe).collect()
    }
}

/// A week for programs.
#[derive(Serialize)]
struct DescribedWeek<'a> {
    week: &'a str,
    monday: Day,
    versions: &'a [WeekVersion],
    suggestions: Vec<Described<'a>>,
}

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many days of edits are looked at.
    #[arg(long, default_value_t = 28, conflicts_with = "week")]
    days: u16,
    /// Sum a week up, as 2026-W47; the last one that is over when none is named. Weeks are those of ISO 8601, in UTC.
    #[arg(long, value_name = "WEEK")]
    week: Option<Option<String>>,
    /// Only the changes of the workspace's templates, as one diff for `git apply` or `patch -p1` in the workspace's folder.
    #[arg(long, conflicts_with_all = ["week", "format"])]
    diff: bool,
    /// How it is shown.
    #[arg(long, value_enum, default_value_t)]
    format: Style,
}

pub(super) fn run(arguments: &Arguments) -> Result<u8, Trouble> {
    let here = Here::read()?;
    let today = Day::today();
    let week = match &arguments.week {
        None => None,
        Some(None) => Some(today.plus(-7)),
        Some(Some(text)) => {
            let monday = Day::of_iso_week(text);
            Some(
                monday
                    .ok_or_else(|| Trouble(format!("`{text}` is no week: they are written as 2026-W47")))?,
            )
        }
    };
    let Some(ledger) = open() else { return Ok(exit::TROUBLE) };
    let vocabulary = template_vocabulary();
    if let Some(day) = week {
        let summary = week_summary(&ledger, &here.library, &vocabulary, day)?;
        tell_notices(&ledger);
        return Ok(show_week(&summary, arguments.format));
    }
    let first = today.plus(1 - i32::from(arguments.days.max(1)));
    let found = suggestions(&ledger, &here.library, &vocabulary, first, today)?;
    tell_notices(&ledger);
    if arguments.diff {
        return Ok(print(Color::Never, exit::CLEAN, |out| write_diff(out, &combined_diff(&found))));
    }
    if arguments.format == Style::Json {
        return Ok(print_json(exit::CLEAN, &Described::all(&found)));
    }
    Ok(print(Color::Never, exit::CLEAN, |out| {
        if found.is_empty() {
            return writeln!(out, "Nothing to suggest, {first} to {today}.");
        }
        write_all(out, &found)
    }))
}

/// The suggestions, and then what they change in the workspace as one diff: `git apply` and `patch -p1` go past the words
/// before it.
fn write_all(out: &mut dyn Write, found: &[Suggestion]) -> std::io::Result<()> {
    for one in found {
        writeln!(out, "{}: {} [{}]", printable(&one.about), printable(&one.text), one.id)?;
        // What lies elsewhere is not to be applied here.
        for line in one.diff.iter().filter(|_| !one.is_of_workspace()).flat_map(|diff| diff.lines()) {
            writeln!(out, "    {}", printable(line))?;
        }
    }
    let diff = combined_diff(found);
    if diff.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nThe changes, for `git apply` or `patch -p1` in the workspace's folder:\n")?;
    write_diff(out, &diff)
}

/// A diff as it has to be, bytes that a terminal would obey apart.
fn write_diff(out: &mut dyn Write, diff: &str) -> std::io::Result<()> {
    let is_shown = |c: &char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    out.write_all(diff.chars().filter(is_shown).collect::<String>().as_bytes())
}

fn show_week(summary: &WeekSummary, format: Style) -> u8 {
    if format == Style::Json {
        let (monday, versions) = (summary.monday, &summary.versions[..]);
        let suggestions = Described::all(&summary.suggestions);
        return print_json(
            exit::CLEAN,
            &DescribedWeek { week: &summary.name, monday, versions, suggestions },
        );
    }
    print(Color::Never, exit::CLEAN, |out| {
        let edits: u64 = summary.versions.iter().map(|version| version.edits).sum();
        let sunday = summary.monday.plus(6);
        writeln!(out, "Week {}, {} to {sunday}: {edits} edits.", summary.name, summary.monday)?;
        for version in &summary.versions {
            let each = version.tokens_per_edit();
            write!(out, "  {}: {} edits", printable(&version.template), version.edits)?;
            if version.tried > 0 {
                write!(out, ", {} of {} stayed", version.kept, version.tried)?;
            }
            write!(out, ", {each} tokens an edit")?;
            if let Some(before) = version.before {
                write!(out, " ({before} the week before)")?;
            }
            writeln!(out, ", {} for nothing", version.wasted)?;
        }
        write_all(out, &summary.suggestions)
    })
}
