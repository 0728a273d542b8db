//! `autodao templates suggest`.

use autodao_engine::ledger::Day;
use autodao_engine::{suggestions, template_vocabulary};
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

pub(super) fn run(days: u16, format: Style) -> Result<u8, Trouble> {
    let here = Here::read()?;
    let Some(ledger) = open() else { return Ok(exit::TROUBLE) };
    let today = Day::today();
    let first = today.plus(1 - i32::from(days.max(1)));
    let found = suggestions(&ledger, &here.library, &template_vocabulary(), first, today)?;
    tell_notices(&ledger);
    if format == Style::Json {
        let described: Vec<_> = found
            .iter()
            .map(|one| Described {
                id: one.id,
                about: &one.about,
                text: &one.text,
                tokens: one.tokens,
                diff: one.diff.as_deref(),
            })
            .collect();
        return Ok(print_json(exit::CLEAN, &described));
    }
    Ok(print(Color::Never, exit::CLEAN, |out| {
        if found.is_empty() {
            return writeln!(out, "Nothing to suggest, {first} to {today}.");
        }
        for one in &found {
            writeln!(out, "{}: {} [{}]", printable(&one.about), printable(&one.text), one.id)?;
            for line in one.diff.iter().flat_map(|diff| diff.lines()) {
                writeln!(out, "    {}", printable(line))?;
            }
        }
        Ok(())
    }))
}
