//! What goes in comes out: every path of an edit, budgets, reports, exports, retention.

#![expect(clippy::unwrap_used, reason = "a test that fails, fails")]

use std::path::Path;

use autodao_ledger::{
    By, Cancelled, Counts, Day, EditId, Event, EventId, EventKind, Failed, Latency, Ledger, Limit, Moment,
    Offered, Options, Outcome, Over, Refused, Rejected, ReserveError, Retention, Reworked, Scope, Share,
    Source, Template, Unit, Usage, Verdict, Worse,
};
use days_ago::days_ago;
use support::{answered, edit_now, planned, requested, survived, tokens};

#[path = "support/days_ago.rs"]
mod days_ago;
#[path = "support/mod.rs"]
mod support;

fn everything(ledger: &Ledger) -> autodao_ledger::Report {
    ledger.report("1970-01-01".parse().unwrap(), Day::today().plus(1), By::Day).unwrap()
}

fn append_all(ledger: &Ledger, events: Vec<Event>) {
    let receipts: Vec<_> = events.into_iter().map(|event| ledger.append(event)).collect();
    receipts.into_iter().for_each(|receipt| receipt.wait().unwrap());
}

fn export(ledger: &Ledger) -> String {
    let mut out = Vec::new();
    ledger.export_json(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn counts(ledger: &Ledger) -> Counts {
    let report = everything(ledger);
    assert_eq!(report.rows.len(), 1);
    report.rows[0].stats.counts
}

/// One way an edit can go: its events after the plan, given the id of its first request.
type Way = (&'static str, fn(EventId) -> Vec<EventKind>, Outcome, fn(&Counts) -> bool);

fn failed(request: EventId, reason: &str, usage: Option<Usage>) -> EventKind {
    EventKind::Failed(Failed {
        request: Some(request),
        reason: reason.to_owned(),
        usage,
        cost: None,
        latency: Latency::default(),
        log: None,
    })
}

fn counted(input: u64, output: u64) -> Usage {
    Usage { tokens: tokens(input, output), source: Source::Counted }
}

const PATHS: &[Way] = &[
    (
        "success",
        |id| {
            vec![
                EventKind::Answered(answered(id, 500, 80, 70)),
                offered(),
                EventKind::Applied,
                survived(Moment::Save, 80),
            ]
        },
        Outcome::Applied,
        |c| {
            (c.tokens(), c.cost_micros, c.applied, c.kept, c.fated, c.wasted_tokens) == (580, 70, 1, 1, 1, 0)
                && c.baseline_tokens == 4700
        },
    ),
    (
        "gate refusal",
        |id| {
            vec![
                EventKind::Answered(answered(id, 500, 80, 70)),
                EventKind::Refused(Refused { gate: "syntax".to_owned() }),
            ]
        },
        Outcome::Refused,
        |c| {
            (c.refused, c.offered, c.wasted_tokens, c.baseline_tokens, c.compared_tokens)
                == (1, 0, 580, 0, 580)
        },
    ),
    (
        "stopped while a refused reply is repaired",
        |id| {
            vec![
                EventKind::Answered(answered(id, 500, 80, 70)),
                EventKind::Refused(Refused { gate: "syntax".to_owned() }),
                EventKind::Cancelled(Cancelled { request: None, usage: None, cost: None }),
            ]
        },
        Outcome::Cancelled,
        |c| (c.refused, c.cancelled, c.wasted_tokens) == (0, 1, 580),
    ),
    (
        "an answer in words",
        |id| vec![EventKind::Answered(answered(id, 500, 80, 70)), EventKind::Told],
        Outcome::Told,
        // The same words for the whole file.
        |c| (c.open, c.wasted_tokens, c.compared_tokens, c.baseline_tokens) == (0, 0, 580, 2480),
    ),
    (
        "offered and rejected",
        |id| {
            vec![
                EventKind::Answered(answered(id, 500, 80, 70)),
                offered(),
                EventKind::Rejected(Rejected { reason: "user".to_owned() }),
            ]
        },
        Outcome::Rejected,
        |c| (c.rejected, c.applied, c.wasted_micros) == (1, 0, 70),
    ),
    (
        "cancelled while it ran",
        |id| {
            vec![EventKind::Cancelled(Cancelled {
                request: Some(id),
                usage: Some(counted(400, 7)),
                cost: None,
            })]
        },
        Outcome::Cancelled,
        |c| (c.cancelled, c.tokens(), c.counted_requests, c.failed, c.unpriced_requests) == (1, 407, 1, 0, 1),
    ),
    (
        "time-out: nobody knows the tokens, the estimate stands",
        |id| vec![failed(id, "timeout", None)],
        Outcome::Failed,
        |c| (c.failed, c.tokens(), c.estimated_requests, c.cost_micros) == (1, 1000, 1, 90),
    ),
    (
        "provider error: nothing was taken",
        |id| vec![failed(id, "overloaded", Some(counted(0, 0)))],
        Outcome::Failed,
        |c| (c.failed, c.tokens(), c.cost_micros, c.wasted_tokens) == (1, 0, 0, 0),
    ),
    (
        "the editor was killed",
        |_| vec![],
        Outcome::Open,
        |c| (c.open, c.tokens(), c.estimated_requests, c.wasted_tokens) == (1, 1000, 1, 1000),
    ),
    (
        "undone",
        |id| {
            vec![
                EventKind::Answered(answered(id, 1, 1, 1)),
                offered(),
                EventKind::Applied,
                survived(Moment::Seconds30, 100),
                EventKind::Undone,
            ]
        },
        Outcome::Undone,
        |c| (c.applied, c.undone, c.fated, c.kept, c.wasted_tokens) == (1, 1, 1, 0, 2),
    ),
    (
        "undone and done again",
        |id| {
            vec![
                EventKind::Answered(answered(id, 1, 1, 1)),
                offered(),
                EventKind::Applied,
                EventKind::Undone,
                EventKind::Applied,
            ]
        },
        Outcome::Applied,
        |c| (c.applied, c.undone, c.wasted_tokens) == (1, 0, 0),
    ),
    (
        "reworked",
        |id| {
            vec![
                EventKind::Answered(answered(id, 1, 1, 1)),
                offered(),
                EventKind::Applied,
                EventKind::Reworked(Reworked { gone: Share::of(7, 10) }),
            ]
        },
        Outcome::Reworked,
        |c| (c.reworked, c.fated, c.kept) == (1, 1, 0),
    ),
    (
        "counted first, then the provider says",
        |id| {
            vec![
                EventKind::Cancelled(Cancelled {
                    request: Some(id),
                    usage: Some(counted(999, 9)),
                    cost: None,
                }),
                EventKind::Answered(answered(id, 500, 80, 70)),
                failed(id, "late", Some(counted(1, 1))),
            ]
        },
        Outcome::Cancelled,
        |c| (c.tokens(), c.cost_micros, c.counted_requests) == (580, 70, 0),
    ),
];

fn offered() -> EventKind {
    EventKind::Offered(Offered::default())
}

#[test]
fn every_path_of_an_edit_is_accounted_for() {
    for (name, rest, outcome, holds) in PATHS {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path());
        let id = EditId::new();
        let plan = Event::new(id, EventKind::Planned(planned("t", "1.0.0")));
        let request = Event::new(id, EventKind::Requested(requested(1000, 90)));
        let mut events = vec![plan, request.clone()];
        events.extend(rest(request.id).into_iter().map(|kind| Event::new(id, kind)));
        append_all(&ledger, events.clone());
        let counts = counts(&ledger);
        assert!(holds(&counts), "{name}: {counts:?}");
        let edit = ledger.edit(id).unwrap().unwrap();
        assert_eq!(edit.outcome, *outcome, "{name}");
        assert_eq!(edit.events, events, "{name}");
        assert!(ledger.verify().unwrap().is_whole(), "{name}");
    }
}

#[test]
fn a_repair_counts_with_its_edit() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path());
    let id = EditId::new();
    let mut events = vec![Event::new(id, EventKind::Planned(planned("t", "1.0.0")))];
    for attempt in 0..2 {
        let request =
            Event::new(id, EventKind::Requested(autodao_ledger::Requested { attempt, ..requested(9, 9) }));
        events.push(request.clone());
        events.push(Event::new(id, EventKind::Answered(answered(request.id, 100, 10, 5))));
        if attempt == 0 {
            events.push(Event::new(id, EventKind::Refused(Refused { gate: "syntax".to_owned() })));
        }
    }
    events.push(Event::new(id, offered()));
    append_all(&ledger, events);
    let counts = counts(&ledger);
    assert_eq!((counts.requests, counts.repairs, counts.repair_tokens, counts.tokens()), (2, 1, 110, 220));
    assert_eq!((counts.refused, counts.offered, counts.wasted_tokens, counts.cost_micros), (0, 1, 0, 10));
}

#[test]
fn nothing_is_touched_before_the_first_event() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let ledger = Ledger::open(&path);
    assert!(!path.exists());
    ledger.append(edit_now(1, 1).remove(0)).wait().unwrap();
    assert!(path.join("spool").is_dir());
}

#[test]
fn events_of_all_handles_come_together_and_count_once() {
    let folder = tempfile::tempdir().unwrap();
    let handles: Vec<_> = (0..3).map(|_| Ledger::open(folder.path())).collect();
    for (number, ledger) in handles.iter().enumerate() {
        let events = edit_now(100 + number as u64, 10);
        append_all(ledger, events.clone());
        // The same events again, as after a disk that failed.
        append_all(ledger, events);
        ledger.ingest().unwrap();
    }
    let report = everything(&handles[0]);
    assert_eq!((report.total.edits, report.total.tokens), (3, 333));
    assert_eq!(report.rows[0].stats.counts.events, 30);
    assert_eq!(report.total.survived["save"], 0.9);
    drop(handles);
    let ledger = Ledger::open(folder.path());
    assert_eq!(everything(&ledger), report);
    let verified = ledger.verify().unwrap();
    assert!(verified.is_whole(), "{verified:?}");
    assert_eq!((verified.events, verified.edits), (30, 3));
    assert_eq!(std::fs::read_dir(folder.path().join("spool")).unwrap().count(), 0);
}

#[test]
fn windows_share_their_budgets() {
    let folder = tempfile::tempdir().unwrap();
    let limit = Limit {
        over: Over::Day,
        scope: Scope::Everything,
        unit: Unit::Tokens,
        soft: Some(500),
        hard: Some(1000),
    };
    let spend = || {
        let ledger = Ledger::open(folder.path());
        let (mut reserved, mut warned) = (0, 0);
        loop {
            let edit = EditId::new();
            let reservation = ledger.reserve(edit, requested(30, 1), &[limit]).unwrap();
            match reservation.verdict {
                Verdict::Allow => {}
                Verdict::Warn(_) => warned += 1,
                Verdict::Refuse(exceeded) => {
                    assert_eq!(exceeded[0].state.limit, limit);
                    assert_eq!(reservation.request, None);
                    return (reserved, warned);
                }
            }
            reserved += 1;
            // Half of them take a third of what was reserved.
            if reserved % 2 == 0 {
                let settled = EventKind::Answered(answered(reservation.request.unwrap(), 8, 2, 1));
                ledger.append(Event::new(edit, settled)).wait().unwrap();
            }
            if reserved % 5 == 0 {
                ledger.ingest().unwrap();
            }
        }
    };
    let sums: Vec<(u64, u64)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(spend)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let ledger = Ledger::open(folder.path());
    let used = ledger.budgets(&[limit], "w1", None).unwrap()[0].used;
    assert!(used <= 1000, "{used}");
    assert_eq!(used, everything(&ledger).total.tokens);
    assert_eq!(used, ledger.spent_today().unwrap().tokens);
    assert!(sums.iter().map(|(_, warned)| warned).sum::<u64>() > 0);
    // Each window stopped only when there was no room for one more, and the others settled at most a few since.
    assert!(sums.iter().map(|(reserved, _)| reserved).sum::<u64>() >= 1000 / 30, "{sums:?}");
}

#[test]
fn limits_hold_for_edit_workspace_and_template() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path());
    let hard = |over, scope, unit, hard| Limit { over, scope, unit, soft: None, hard: Some(hard) };
    let verdict = |request, limit| ledger.reserve(EditId::new(), request, &[limit]).unwrap().verdict;
    let other =
        autodao_ledger::Requested { workspace: "w2".to_owned(), template: None, ..requested(100, 10) };
    assert_eq!(
        verdict(requested(100, 10), hard(Over::Month, Scope::Everything, Unit::Micros, 10)),
        Verdict::Allow
    );
    assert!(matches!(
        verdict(requested(1, 1), hard(Over::Month, Scope::Everything, Unit::Micros, 10)),
        Verdict::Refuse(_)
    ));
    let workspace = hard(Over::Day, Scope::Workspace, Unit::Tokens, 150);
    assert_eq!(verdict(other.clone(), workspace), Verdict::Allow);
    assert!(matches!(verdict(requested(100, 1), workspace), Verdict::Refuse(_)));
    let template = hard(Over::Day, Scope::Template, Unit::Tokens, 120);
    assert_eq!(verdict(other.clone(), template), Verdict::Allow, "no template, no limit");
    assert!(matches!(verdict(requested(100, 1), template), Verdict::Refuse(_)));
    let per_edit = hard(Over::Edit, Scope::Everything, Unit::Tokens, 150);
    let edit = EditId::new();
    assert_eq!(ledger.reserve(edit, requested(100, 1), &[per_edit]).unwrap().verdict, Verdict::Allow);
    let Verdict::Refuse(exceeded) = ledger.reserve(edit, requested(100, 1), &[per_edit]).unwrap().verdict
    else {
        panic!()
    };
    assert_eq!((exceeded[0].state.used, exceeded[0].wanted), (100, Some(100)));
    assert_eq!(
        exceeded[0].to_string(),
        "the limit per edit is 150 tokens, 100 tokens are used and 100 tokens wanted"
    );
    let mut unpriced = requested(1, 1);
    unpriced.estimate.cost = None;
    assert!(matches!(
        verdict(unpriced, hard(Over::Day, Scope::Everything, Unit::Micros, 10_000)),
        Verdict::Warn(_)
    ));
}

#[test]
fn an_export_makes_an_equal_ledger_and_importing_it_twice_changes_nothing() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (source, target) = (Ledger::open(one.path()), Ledger::open(two.path()));
    for number in 0..30 {
        append_all(&source, edit_now(number, 2 * number));
    }
    let exported = export(&source);
    let imported = target.import_json(&mut exported.as_bytes()).unwrap();
    assert_eq!((imported.events, imported.known), (300, 0));
    assert_eq!(export(&target), exported);
    assert_eq!(everything(&target), everything(&source));
    let again = target.import_json(&mut exported.as_bytes()).unwrap();
    assert_eq!((again.events, again.known), (0, 300));
    assert_eq!(export(&target), exported);
    assert!(target.verify().unwrap().is_whole());

    let cut: String = exported.lines().take(100).map(|line| format!("{line}\n")).collect();
    assert!(target.import_json(&mut cut.as_bytes()).unwrap_err().to_string().starts_with("line 101: "));
    let mut csv = Vec::new();
    source.export_csv(&mut csv).unwrap();
    assert_eq!(String::from_utf8(csv).unwrap().lines().count(), 31);
}

#[test]
fn a_backup_comes_back_and_a_broken_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path().join("ledger"));
    append_all(&ledger, edit_now(100, 10));
    let exported = export(&ledger);
    let backup = folder.path().join("backup");
    ledger.backup(&backup).unwrap();
    append_all(&ledger, edit_now(5, 5));
    drop(ledger);
    let ledger = Ledger::open(folder.path().join("ledger"));
    let before = ledger.restore(&backup).unwrap();
    assert_eq!(export(&ledger), exported);
    assert!(before.join("archive").read_dir().unwrap().count() > 0);
    let whole = std::fs::read(&backup).unwrap();
    for broken in [&whole[..whole.len() - 1], &whole[..0]] {
        std::fs::write(&backup, broken).unwrap();
        assert!(ledger.restore(&backup).is_err());
    }
    assert_eq!(export(&ledger), exported);
}

#[test]
fn what_is_old_goes_and_its_sums_stay() {
    let folder = tempfile::tempdir().unwrap();
    let retention = Retention { request_log_days: 30, event_days: 365 };
    let options = Options { retention, ..Options::default() };
    let ledger = Ledger::open_with(folder.path(), options);
    for days in [400, 399, 100, 1] {
        append_all(&ledger, days_ago(days, 25));
    }
    drop(ledger);
    let ledger = Ledger::open_with(folder.path(), options);
    let (before, top) = (everything(&ledger), ledger.top(Day::default(), Day::today()).unwrap());
    let old = days_ago(400, 1)[0].edit;
    assert!(ledger.edit(old).unwrap().is_some());
    let pruned = ledger.prune().unwrap();
    assert_eq!((pruned.closed_days, pruned.events, pruned.request_logs), (2, 500, 25));
    assert_eq!(ledger.edit(old).unwrap(), None);
    assert_eq!(everything(&ledger), before);
    assert_eq!(ledger.top(Day::default(), Day::today()).unwrap(), top);
    assert_eq!(ledger.prune().unwrap().closed_days, 0);
    ledger.rebuild(false).unwrap();
    assert_eq!(everything(&ledger), before);
    assert!(ledger.verify().unwrap().is_whole());

    // Events of closed days that come late do not count twice.
    append_all(&ledger, days_ago(400, 25));
    assert_eq!(everything(&ledger), before);
    // The sums of closed days travel, too.
    let other = tempfile::tempdir().unwrap();
    let target = Ledger::open(other.path());
    let exported = export(&ledger);
    let imported = target.import_json(&mut exported.as_bytes()).unwrap();
    assert_eq!((imported.closed_days, imported.days_left_out), (2, 0));
    assert_eq!(export(&target), exported);
    assert_eq!(everything(&target), before);
    assert_eq!(target.import_json(&mut exported.as_bytes()).unwrap().closed_days, 0);
}

#[test]
fn the_top_is_exact_also_when_edits_become_cheaper() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path());
    let mut requests = Vec::new();
    for number in 0..40 {
        let id = EditId::new();
        let request = Event::new(id, EventKind::Requested(requested(10, 1000 + number)));
        requests.push(request.clone());
        append_all(&ledger, vec![request]);
    }
    ledger.ingest().unwrap();
    // The 30 most expensive turn out to be the cheapest.
    for request in &requests[10..] {
        append_all(
            &ledger,
            vec![Event::new(request.edit, EventKind::Answered(answered(request.id, 1, 1, 1)))],
        );
        ledger.ingest().unwrap();
    }
    let top = ledger.top(Day::today().plus(-1), Day::today()).unwrap();
    let found: Vec<_> = top.expensive.iter().take(10).map(|leader| leader.edit).collect();
    let expected: Vec<_> = requests[..10].iter().rev().map(|request| request.edit).collect();
    assert_eq!(found, expected);
    assert_eq!(top.expensive.len(), 20);
}

#[test]
fn a_version_that_got_worse_is_found_and_waste_is_ranked() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path());
    let (mut events, mut number) = (Vec::new(), 0_u16);
    for (version, accepted, size) in [("1.9.0", 36, 500), ("1.10.0", 14, 900), ("1.11.0", 15, 905)] {
        for edit in 0..40 {
            number += 1;
            let id = EditId::from_parts(Day::today().start_ms() + u64::from(number), number, 5);
            let template = Some(Template { name: "doc".to_owned(), version: version.to_owned() });
            let plan = autodao_ledger::Planned { template, ..planned("doc", version) };
            let request = Event::new(id, EventKind::Requested(requested(9, 9)));
            let end = if edit < accepted {
                EventKind::Applied
            } else {
                EventKind::Rejected(Rejected { reason: "user".to_owned() })
            };
            let answer = EventKind::Answered(answered(request.id, size + edit, 10, 5));
            events.extend([
                Event::new(id, EventKind::Planned(plan)),
                request,
                Event::new(id, answer),
                Event::new(id, offered()),
                Event::new(id, end),
            ]);
        }
    }
    append_all(&ledger, events);
    let analysis = ledger.analyse(Day::today().plus(-7), Day::today()).unwrap();
    let found: Vec<_> = analysis
        .anomalies
        .iter()
        .map(|anomaly| (anomaly.before.as_str(), anomaly.version.as_str()))
        .collect();
    assert_eq!(found, [("1.9.0", "1.10.0"), ("1.9.0", "1.10.0")]);
    assert!(
        matches!(analysis.anomalies[0].worse, Worse::Acceptance { before, now } if (before.part, now.part) == (36, 14))
    );
    assert!(matches!(analysis.anomalies[1].worse, Worse::Tokens { .. }));
    assert_eq!((analysis.waste[0].outcome, analysis.waste[0].sum.edits), (Outcome::Rejected, 55));
    let week = &analysis.weeks[0];
    assert_eq!((week.monday, week.tasks[0].total.edits), (Day::today().week(), 120));
    assert_eq!(week.tasks[0].days.iter().flatten().map(|day| day.edits).sum::<u64>(), 120);
}

#[test]
fn ids_can_be_shortened() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path());
    let events = edit_now(1, 1);
    let id = events[0].edit;
    append_all(&ledger, events);
    assert_eq!(ledger.edits_starting_with(&id.to_string().to_lowercase()[..12]).unwrap(), [id]);
    assert_eq!(ledger.edits_starting_with("00").unwrap(), []);
    assert_eq!(ledger.edits_starting_with("ü").unwrap(), []);
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let ledger = Ledger::open(&file);
    refuses(&ledger, &file);
    // Those that may do anything can write into a read-only folder, but not here.
    if Path::new("/proc/self").exists() {
        refuses(&Ledger::open("/proc/ledger"), Path::new("/proc/ledger"));
    }
}

fn refuses(ledger: &Ledger, path: &Path) {
    let error = ledger.report(Day::today(), Day::today(), By::Day).unwrap_err();
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    assert!(ledger.append(edit_now(1, 1).remove(0)).wait().is_err());
    assert_eq!(ledger.unsaved(), 1);
    let limit =
        Limit { over: Over::Day, scope: Scope::Everything, unit: Unit::Tokens, soft: None, hard: Some(1) };
    assert!(matches!(ledger.reserve(EditId::new(), requested(1, 1), &[limit]), Err(ReserveError::Ledger(_))));
}

#[test]
fn what_was_answered_without_a_request_comes_from_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path());
    let id = EditId::new();
    let events = [EventKind::Planned(planned("fix", "1.0.0")), offered(), EventKind::Applied];
    append_all(&ledger, events.map(|kind| Event::new(id, kind)).into());
    append_all(&ledger, edit_now(100, 10));
    let report = ledger.report(Day::today(), Day::today(), By::Route).unwrap();
    let rows: Vec<_> = report.rows.iter().map(|row| (row.key.as_str(), row.summary.tokens)).collect();
    assert_eq!(rows, [("model", 110), ("cache", 0)]);
}
