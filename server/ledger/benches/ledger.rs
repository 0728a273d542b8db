//! `cargo bench -p autodao-ledger`: what the ledger costs. The number of events can be given in
//! `AUTODAO_LEDGER_EVENTS`; it is a million else.

#![expect(clippy::unwrap_used, reason = "a measurement that fails is none")]

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use autodao_ledger::{
    By, Day, EditId, Event, EventId, EventKind, Ledger, Limit, Options, Over, Planned, Retention, Scope,
    Template, Unit,
};
use dice::Dice;
use support::{edit, edit_now, requested};

#[path = "../tests/support/dice.rs"]
mod dice;
#[path = "../tests/support/mod.rs"]
mod support;

fn main() {
    let events = std::env::var("AUTODAO_LEDGER_EVENTS").ok().and_then(|text| text.parse().ok());
    let folder = tempfile::tempdir_in(".").unwrap();
    append(folder.path());
    bulk(&folder.path().join("bulk"), events.unwrap_or(1_000_000));
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap();
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    format!("p50 {:.3} ms, p99 {:.3} ms, slowest {:.3} ms", at(0.5), at(0.99), at(1.0))
}

/// An event until it is on disk, beside the same bytes written and synced by hand; by turns.
fn append(folder: &Path) {
    let ledger = Ledger::open(folder.join("append"));
    let mut file = std::fs::File::create(folder.join("by-hand")).unwrap();
    let line = [b'x'; 400];
    let (mut by_hand, mut acknowledged, mut call) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..600 {
        let start = Instant::now();
        file.write_all(&line).unwrap();
        file.sync_data().unwrap();
        by_hand.push(start.elapsed());
        let event = edit_now(300, 30).swap_remove(0);
        let start = Instant::now();
        let receipt = ledger.append(event);
        call.push(start.elapsed());
        receipt.wait().unwrap();
        if round > 0 {
            acknowledged.push(start.elapsed());
        }
    }
    say(&format!("write and sync by hand:         {}", percentiles(by_hand)));
    say(&format!("append until acknowledged:      {}", percentiles(acknowledged)));
    say(&format!("append, on the caller's thread: {}", percentiles(call)));
    let limit = Limit {
        over: Over::Day,
        scope: Scope::Everything,
        unit: Unit::Micros,
        soft: None,
        hard: Some(u64::MAX),
    };
    let reserved = (0..100).map(|_| {
        let start = Instant::now();
        ledger.reserve(EditId::new(), requested(1, 1), &[limit]).unwrap();
        start.elapsed()
    });
    say(&format!("check a budget and reserve:     {}", percentiles(reserved.collect())));
}

/// Edits of a year, by several templates, models, workspaces; ten events each.
fn edits(count: u64) -> impl Iterator<Item = Vec<Event>> {
    let first = Day::today().plus(-364).start_ms();
    let step = 364 * 86_400_000 / count.max(1);
    let mut dice = Dice(7);
    let mut writer = 0;
    (0..count).map(move |number| {
        if number % 500 == 0 {
            writer = dice.below(u64::MAX);
        }
        let ms = first + number * step;
        let id = EditId::from_parts(ms, 0, writer);
        let mut after = 0;
        let (input, output) = (100 + dice.below(2000), 10 + dice.below(300));
        let (template, version) = (dice.below(6), dice.below(2));
        let workspace = format!("{:016x}", dice.below(3));
        edit(
            id,
            |mut kind| {
                after += 1 + dice.below(4000);
                if let EventKind::Planned(plan) = &mut kind {
                    *plan = Planned {
                        template: Some(Template {
                            name: format!("template-{template}"),
                            version: format!("1.{version}.0"),
                        }),
                        workspace: workspace.clone(),
                        symbol: Some(dice.below(u64::MAX)),
                        ..plan.clone()
                    };
                }
                Event { id: EventId::from_parts(ms + after, number as u16, writer), edit: id, kind }
            },
            input,
            output,
        )
    })
}

fn bulk(folder: &Path, events: u64) {
    let retention = Retention { event_days: 3650, request_log_days: 30 };
    let options = Options { retention, ingest_every: None, ..Options::default() };
    let start = Instant::now();
    let mut edits = edits(events / 10).peekable();
    while edits.peek().is_some() {
        // A process for every 5000 edits; all of them end before the ingest.
        let ledger = Ledger::open_with(folder, options);
        let mut last = None;
        for (number, event) in edits.by_ref().take(5000).flatten().enumerate() {
            let receipt = ledger.append(event);
            if number % 1000 == 0 {
                receipt.wait().unwrap();
            } else {
                last = Some(receipt);
            }
        }
        last.into_iter().for_each(|receipt| receipt.wait().unwrap());
    }
    rate("append in bulk", events, start.elapsed());
    let journals = size(folder);
    let ledger = Ledger::open_with(folder, options);
    let start = Instant::now();
    let ingested = ledger.ingest().unwrap();
    rate("ingest", ingested.new, start.elapsed());
    sizes("as written", folder, events);
    say(&format!("  of that journals: {} bytes an event", journals / events));
    reports(&ledger, "");
    let start = Instant::now();
    ledger.prune().unwrap();
    rate("compact", events, start.elapsed());
    sizes("compacted", folder, events);
    reports(&ledger, ", compacted");
    let start = Instant::now();
    let verified = ledger.verify().unwrap();
    assert!(verified.is_whole(), "{verified:?}");
    rate("verify", verified.events, start.elapsed());
}

fn rate(what: &str, events: u64, took: Duration) {
    let seconds = took.as_secs_f64();
    say(&format!("{what}: {events} events in {seconds:.2} s, {:.0} events/s", events as f64 / seconds));
}

fn reports(ledger: &Ledger, when: &str) {
    let today = Day::today();
    let year = today.plus(-364);
    for (name, by) in
        [("template", By::Template), ("day", By::Day), ("model", By::Model), ("month", By::Month)]
    {
        let times = (0..7).map(|_| {
            let start = Instant::now();
            ledger.report(year, today, by).unwrap();
            start.elapsed()
        });
        say(&format!("report of a year by {name}{when}: {}", percentiles(times.collect())));
    }
    let timed = |what: &str, run: &dyn Fn()| {
        let start = Instant::now();
        run();
        say(&format!("{what}{when}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3));
    };
    timed("top of a year", &|| drop(ledger.top(year, today).unwrap()));
    timed("analysis of a year", &|| drop(ledger.analyse(year, today).unwrap()));
    let id = ledger.top(year, today).unwrap().expensive[0].edit;
    timed("one edit", &|| assert!(ledger.edit(id).unwrap().is_some()));
}

fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let sizes = entries.map(|entry| {
        let metadata = entry.metadata().unwrap();
        if metadata.is_dir() { size(&entry.path()) } else { metadata.len() }
    });
    sizes.sum()
}

fn sizes(what: &str, folder: &Path, events: u64) {
    let of = |part: &str| size(&folder.join(part)) as f64 / events as f64;
    say(&format!(
        "{what}: {:.0} bytes an event (archive {:.0}, edits {:.0}, sums {:.0})",
        size(folder) as f64 / events as f64,
        of("archive"),
        of("index/edits"),
        of("index/sums")
    ));
}
