//! Four processes write, ingest and report; each is killed again and again. Nothing that was acknowledged may be
//! missing, nothing may count twice.
//!
//! The program starts itself as the writers, so it has its own `main`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails, fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use autodao_ledger::{
    By, Day, EventId, EventKind, Ledger, Limit, LossKind, Options, Over, Scope, Unit, Verdict,
};
use dice::Dice;
use serde_json::Value;
use support::{answered, edit_now, requested};

#[path = "support/dice.rs"]
mod dice;
#[path = "support/mod.rs"]
mod support;

const FOLDER: &str = "AUTODAO_LEDGER_CRASH";
const WRITERS: u64 = 4;
/// Kills of each writer.
const KILLS: u64 = 26;

fn main() {
    match std::env::var_os(FOLDER) {
        Some(folder) => write(Path::new(&folder)),
        None => {
            kill_writers();
            say("crash: ok");
        }
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap();
}

/// Until it is killed: edits on two threads, ingest and reports on a third, reservations in between.
fn write(folder: &Path) {
    let ledger = Ledger::open_with(folder, Options::default());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for number in 0.. {
                    let events = edit_now(number % 700, number % 50);
                    let receipts: Vec<_> =
                        events.into_iter().map(|event| (event.id, ledger.append(event))).collect();
                    for (id, receipt) in receipts {
                        receipt.wait().unwrap();
                        say(&id.to_string());
                    }
                }
            });
        }
        scope.spawn(|| {
            let limit = Limit {
                over: Over::Day,
                scope: Scope::Everything,
                unit: Unit::Tokens,
                soft: None,
                hard: Some(u64::MAX),
            };
            loop {
                let edit = autodao_ledger::EditId::new();
                let reservation = ledger.reserve(edit, requested(40, 4), &[limit]).unwrap();
                assert_eq!(reservation.verdict, Verdict::Allow);
                let request = reservation.request.unwrap();
                say(&request.to_string());
                ledger.report(Day::today().plus(-1), Day::today(), By::Task).unwrap();
                let answer =
                    autodao_ledger::Event::new(edit, EventKind::Answered(answered(request, 7, 3, 1)));
                let id = answer.id;
                ledger.append(answer).wait().unwrap();
                say(&id.to_string());
            }
        });
    });
}

fn kill_writers() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = Mutex::new(Vec::<EventId>::new());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (folder, acknowledged) = (folder.path(), &acknowledged);
            scope.spawn(move || {
                let mut dice = Dice(writer);
                for _ in 0..KILLS {
                    let seen = run_and_kill(folder, dice.below(300));
                    acknowledged.lock().unwrap().extend(seen);
                }
            });
        }
    });
    check(folder.path(), acknowledged.into_inner().unwrap());
}

/// Starts a writer and kills it after so many acknowledgements; all it managed to say until then counts.
fn run_and_kill(folder: &Path, after: u64) -> Vec<EventId> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut seen = Vec::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    loop {
        if seen.len() as u64 == after {
            // A writer that panicked would be a finding.
            assert!(child.try_wait().unwrap().is_none(), "the writer ended by itself");
            child.kill().unwrap();
        }
        line.clear();
        if lines.read_line(&mut line).unwrap() == 0 {
            break;
        }
        // The last line may be cut.
        if line.ends_with('\n') {
            seen.push(line.trim().parse().unwrap());
        }
    }
    let status = child.wait().unwrap();
    assert_eq!(status.code(), None, "the writer was not killed but ended: {status}");
    seen
}

/// The sums, computed from the exported events in another way than the ledger does it.
fn sums(export: &str) -> (BTreeSet<EventId>, u64, u64) {
    let mut ids = BTreeSet::new();
    let mut requests: BTreeMap<String, u64> = BTreeMap::new();
    let total = |tokens: &Value| tokens["input"].as_u64().unwrap() + tokens["output"].as_u64().unwrap();
    let mut edits = BTreeSet::new();
    let mut answers = BTreeMap::new();
    for line in export.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let Some(event) = record.get("event") else { continue };
        let id = event["id"].as_str().unwrap();
        assert!(ids.insert(id.parse().unwrap()), "{id} is there twice");
        edits.insert(event["edit"].as_str().unwrap().to_owned());
        if let Some(requested) = event["kind"].get("requested") {
            requests.insert(id.to_owned(), total(&requested["estimate"]["tokens"]));
        }
        if let Some(answered) = event["kind"].get("answered") {
            answers.insert(
                answered["request"].as_str().unwrap().to_owned(),
                total(&answered["usage"]["tokens"]),
            );
        }
    }
    requests.extend(answers);
    (ids, edits.len() as u64, requests.values().sum())
}

fn check(folder: &Path, acknowledged: Vec<EventId>) {
    let ledger = Ledger::open(folder);
    let report = ledger.report(Day::today().plus(-1), Day::today(), By::Day).unwrap();
    let mut export = Vec::new();
    ledger.export_json(&mut export).unwrap();
    let (ids, edits, tokens) = sums(&String::from_utf8(export).unwrap());
    let missing = acknowledged.iter().filter(|id| !ids.contains(id)).count();
    say(&format!(
        "crash: {} kills, {} events acknowledged, {} in the ledger, {missing} missing, {} tokens",
        WRITERS * KILLS,
        acknowledged.len(),
        ids.len(),
        report.total.tokens
    ));
    assert_eq!(missing, 0);
    assert!(acknowledged.len() as u64 >= WRITERS * KILLS);
    assert_eq!(report.rows.iter().map(|row| row.stats.counts.events).sum::<u64>(), ids.len() as u64);
    assert_eq!((report.total.edits, report.total.tokens), (edits, tokens));
    assert_eq!(ledger.spent_today().unwrap().tokens, day_total(&report), "budgets and reports differ");
    let verified = ledger.verify().unwrap();
    assert!(verified.is_whole(), "{verified:?}");
    assert!(verified.losses.iter().all(|loss| loss.kind == LossKind::Torn));
    assert!(ledger.take_notices().is_empty(), "the index was damaged by a kill");
    if std::fs::read_dir(folder.join("spool"))
        .unwrap()
        .any(|entry| entry.unwrap().path().extension().is_some_and(|e| e == "journal"))
    {
        panic!("a journal of a dead process is still in the spool");
    }
}

fn day_total(report: &autodao_ledger::Report) -> u64 {
    let today = Day::today().to_string();
    report.rows.iter().filter(|row| row.key == today).map(|row| row.summary.tokens).sum()
}
