//! `autodao tokens edit`: the story of one edit.

use std::collections::BTreeSet;
use std::io::{self, Write};

use autodao_engine::ledger::{Edit, EditId, Event, EventKind, Ledger, LedgerError, Source, Tokens, Usage};

use super::super::ledger::trouble;
use super::table::{dollars, duration};
use crate::exit;
use crate::output::{Color, complain, print, print_json};
use crate::path::printable;

pub(super) fn show(ledger: &Ledger, id: &str, json: bool) -> u8 {
    match find(ledger, id) {
        Ok(Ok(edit)) if json => print_json(exit::CLEAN, &edit),
        Ok(Ok(edit)) => print(Color::Never, exit::CLEAN, |out| write(&edit, out)),
        Ok(Err(reason)) => {
            complain("error", &reason);
            exit::TROUBLE
        }
        Err(error) => trouble(&error),
    }
}

fn find(ledger: &Ledger, id: &str) -> Result<Result<Edit, String>, LedgerError> {
    let shown = printable(id);
    let ids = match id.parse::<EditId>() {
        Ok(id) => vec![id],
        Err(_) => ledger.edits_starting_with(id)?,
    };
    let unknown = || Err(format!("no edit {shown}: it never was, or it is older than events are kept"));
    match ids.as_slice() {
        [] => Ok(unknown()),
        [id] => Ok(ledger.edit(*id)?.map_or_else(unknown, Ok)),
        [first, second, ..] => {
            Ok(Err(format!("more than one edit starts with {shown}: {first}, {second}, ...")))
        }
    }
}

fn write(edit: &Edit, out: &mut dyn Write) -> io::Result<()> {
    let dimensions = edit.dimensions();
    writeln!(out, "{}\n", edit.id)?;
    let mut line = |name: &str, value: &str| writeln!(out, "{name:10} {}", printable(value));
    let cause = if edit.cause.is_empty() { String::new() } else { format!(" ({})", edit.cause) };
    line("Outcome", &format!("{}{cause}", edit.outcome.name()))?;
    line("Task", &format!("{}, {}", dimensions.task, dimensions.complexity))?;
    if let Some(template) = &dimensions.template {
        line("Template", &format!("{}@{}", template.name, template.version))?;
    }
    line("Route", dimensions.route.name())?;
    line("Language", &dimensions.language)?;
    line("Workspace", &dimensions.workspace)?;
    line("Tokens", &tokens(edit.tokens))?;
    if let Some(baseline) = edit.planned.as_ref().and_then(|planned| planned.baseline) {
        let total = baseline.input.saturating_add(baseline.output);
        let ratio = if edit.tokens.total() == 0 {
            String::new()
        } else {
            format!(", {:.1} times as many", total as f64 / edit.tokens.total() as f64)
        };
        line("Baseline", &format!("{total}: the whole file in and out{ratio}"))?;
    }
    line("Cost", &format!("{}{}", dollars(edit.micros), priced(edit)))?;
    writeln!(out)?;
    let start = edit.id.ms();
    for event in &edit.events {
        let after = event.id.ms().saturating_sub(start);
        writeln!(
            out,
            "{:>9}  {:9}  {}",
            format!("+{}", duration(after)),
            event.kind.name(),
            printable(&told(event))
        )?;
    }
    Ok(())
}

/// What the costs of an edit's requests were computed with.
fn priced(edit: &Edit) -> String {
    let days: BTreeSet<_> = edit.requests.iter().filter_map(|request| Some(request.cost?.prices)).collect();
    let unknown = edit.requests.iter().filter(|request| request.cost.is_none()).count();
    let mut told = String::new();
    if !days.is_empty() {
        let days: Vec<String> = days.iter().map(ToString::to_string).collect();
        told += &format!(", by prices of {}", days.join(" and "));
    }
    if unknown > 0 {
        told += &format!(", without {unknown} requests that have no price");
    }
    told
}

fn tokens(tokens: Tokens) -> String {
    let Tokens { input, cached, output, reasoning, .. } = tokens;
    let mut told = format!("{input} in");
    if cached > 0 {
        told += &format!(" ({cached} cached)");
    }
    told += &format!(", {output} out");
    if reasoning > 0 {
        told += &format!(" ({reasoning} reasoning)");
    }
    told
}

fn usage(usage: Option<Usage>) -> String {
    match usage {
        Some(Usage { tokens: used, source: Source::Reported }) => tokens(used),
        Some(Usage { tokens: used, source: Source::Counted }) => format!("{} (counted here)", tokens(used)),
        None => "tokens unknown".to_owned(),
    }
}

fn told(event: &Event) -> String {
    match &event.kind {
        EventKind::Planned(_) | EventKind::Applied | EventKind::Undone | EventKind::Told => String::new(),
        EventKind::Requested(requested) => {
            let repair = if requested.attempt > 0 { ", a repair or retry" } else { "" };
            let estimate = requested.estimate.tokens.total();
            format!("{} of {}{repair}; at most {estimate} tokens", requested.model, requested.provider)
        }
        EventKind::Answered(answered) => {
            let took = duration(answered.latency.total.into());
            let id = answered.log.as_ref().and_then(|log| log.provider_request.as_deref());
            let id = id.map(|id| format!("; {id}")).unwrap_or_default();
            format!("{}, {took}, ended by {}{id}", usage(Some(answered.usage)), answered.stop)
        }
        EventKind::Failed(failed) => {
            let message = failed.log.as_ref().and_then(|log| log.message.as_deref()).unwrap_or_default();
            format!("{}; {} {message}", failed.reason, usage(failed.usage))
        }
        EventKind::Cancelled(cancelled) if cancelled.request.is_some() => usage(cancelled.usage),
        EventKind::Cancelled(_) => String::new(),
        EventKind::Offered(offered) => {
            let points = |score: u16| f64::from(score) / 100.0;
            let score = |s: &autodao_engine::ledger::Score| {
                format!("{} {:.1} to {:.1}", s.dimension, points(s.before), points(s.after))
            };
            offered.scores.iter().map(score).collect::<Vec<_>>().join(", ")
        }
        EventKind::Sent(sent) => format!("sha256 {}", sent.digest),
        EventKind::Compared(compared) => {
            format!(
                "its prompt has {} tokens with the old version, {} with the new one",
                compared.old, compared.new
            )
        }
        EventKind::Chosen(chosen) => {
            let percent = f64::from(chosen.propensity.basis_points()) / 100.0;
            format!("by experiment {}, with a chance of {percent} %", chosen.experiment)
        }
        EventKind::Refused(refused) => format!("by {}", refused.gate),
        EventKind::Rejected(rejected) => rejected.reason.clone(),
        EventKind::Reworked(reworked) => {
            format!("{:.0}% gone", f64::from(reworked.gone.basis_points()) / 100.0)
        }
        EventKind::Survived(survived) => {
            format!("{}: {:.0}% there", survived.at.name(), f64::from(survived.share.basis_points()) / 100.0)
        }
    }
}
