//! Files cut, zeroed and flipped: never a panic, never a wrong total without a word about it.

#![expect(clippy::unwrap_used, reason = "a test that fails, fails")]

use std::fs;
use std::path::{Path, PathBuf};

use autodao_ledger::{By, Day, Event, Ledger, LedgerError, LossKind, Options, Report, Retention};
use days_ago::days_ago;
use dice::Dice;
use support::edit_now;

#[path = "support/days_ago.rs"]
mod days_ago;
#[path = "support/dice.rs"]
mod dice;
#[path = "support/mod.rs"]
mod support;

const EDITS: u64 = 40;

fn append_all(ledger: &Ledger, events: Vec<Event>) {
    let receipts: Vec<_> = events.into_iter().map(|event| ledger.append(event)).collect();
    receipts.into_iter().for_each(|receipt| receipt.wait().unwrap());
}

fn report(ledger: &Ledger) -> Result<Report, LedgerError> {
    ledger.report(Day::today().plus(-1), Day::today().plus(1), By::Day)
}

fn totals(report: &Report) -> (u64, u64, u64) {
    let events = report.rows.iter().map(|row| row.stats.counts.events).sum();
    (report.total.edits, report.total.tokens, events)
}

/// A ledger with two journals in the archive, its index up to date.
fn filled(folder: &Path) -> Report {
    for half in 0..2 {
        let ledger = Ledger::open(folder);
        for number in 0..EDITS / 2 {
            append_all(&ledger, edit_now(100 + half + number, 10));
        }
        drop(ledger);
        Ledger::open(folder).ingest().unwrap();
    }
    report(&Ledger::open(folder)).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.metadata().unwrap().len() > 0 {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Cuts, zeroes the tail of, or flips bits of one file.
fn damage(path: &Path, kind: u64, dice: &mut Dice) {
    let mut bytes = fs::read(path).unwrap();
    let length = bytes.len() as u64;
    let at = dice.below(length) as usize;
    match kind {
        0 => bytes.truncate(at),
        1 => bytes[at..].fill(0),
        _ => {
            for _ in 0..3 {
                let at = dice.below(length) as usize;
                bytes[at] ^= 1 << dice.below(8);
            }
        }
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_index_costs_no_event() {
    let whole = tempfile::tempdir().unwrap();
    let truth = filled(whole.path());
    let mut rebuilt = 0;
    for round in 0..30 {
        let folder = tempfile::tempdir().unwrap();
        copy(whole.path(), folder.path());
        let mut dice = Dice(round);
        let mut files = files(&folder.path().join("index"));
        files.extend([folder.path().join("spending.bin")]);
        let path = &files[dice.below(files.len() as u64) as usize];
        damage(path, round % 3, &mut dice);
        let ledger = Ledger::open(folder.path());
        assert_eq!(totals(&report(&ledger).unwrap()), totals(&truth), "round {round}: {}", path.display());
        append_all(&ledger, edit_now(1, 1));
        assert_eq!(report(&ledger).unwrap().total.edits, EDITS + 1, "round {round}");
        assert_eq!(
            ledger.spent_today().unwrap().tokens,
            report(&ledger).unwrap().total.tokens,
            "round {round}"
        );
        assert!(ledger.verify().unwrap().is_whole(), "round {round}");
        rebuilt += ledger.take_notices().len();
    }
    assert!(rebuilt > 0, "no damage was noticed at all");
}

#[test]
fn what_a_damaged_journal_lost_is_named() {
    let whole = tempfile::tempdir().unwrap();
    let truth = filled(whole.path());
    // Segments, too.
    let packed = tempfile::tempdir().unwrap();
    copy(whole.path(), packed.path());
    Ledger::open(packed.path()).prune().unwrap();
    for round in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        copy(if round % 2 == 0 { whole.path() } else { packed.path() }, folder.path());
        let mut dice = Dice(1000 + round);
        let files = files(&folder.path().join("archive"));
        let path = &files[dice.below(files.len() as u64) as usize];
        damage(path, round % 3, &mut dice);
        // The index read them before: nothing is lost yet, but a look at everything finds it.
        let ledger = Ledger::open(folder.path());
        let verified = ledger.verify().unwrap();
        assert!(!verified.losses.is_empty(), "round {round}: {verified:?}");
        assert_eq!(totals(&report(&ledger).unwrap()), totals(&truth), "round {round}");
        // What only the index has is not given up unasked.
        if verified.only_in_index > 0 {
            let refused = ledger.rebuild(false).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("{} events", verified.only_in_index)), "{refused}");
            assert_eq!(totals(&report(&ledger).unwrap()), totals(&truth), "round {round}");
        }
        if round % 3 == 1 {
            assert!(!verified.is_whole(), "zeros are no line that was not finished: {verified:?}");
        }
        // The index is lost, too: now the rest counts.
        fs::remove_dir_all(folder.path().join("index")).unwrap();
        let after = report(&ledger).unwrap();
        assert!(!after.losses.is_empty(), "round {round}");
        assert!(totals(&after).2 < totals(&truth).2, "round {round}");
        let verified = ledger.verify().unwrap();
        assert!(verified.wrong_days.is_empty() && verified.only_in_index == 0, "round {round}: {verified:?}");
    }
}

#[test]
fn a_journal_that_became_shorter_than_it_was_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let truth = filled(folder.path());
    let archive = files(&folder.path().join("archive"));
    fs::write(&archive[0], "").unwrap();
    let after = report(&Ledger::open(folder.path())).unwrap();
    assert_eq!(totals(&after), totals(&truth));
    assert_eq!(after.losses[0].kind, LossKind::Truncated);
    let verified = Ledger::open(folder.path()).verify().unwrap();
    assert_eq!(verified.only_in_index, EDITS / 2 * 10);
    assert!(!verified.is_whole());
}

/// What a journal's last line takes away with it, cut off with its line feed.
fn without_last_line(path: &Path) {
    let bytes = fs::read(path).unwrap();
    let end = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    fs::write(path, &bytes[..=end]).unwrap();
}

#[test]
fn a_file_that_is_gone_or_cut_between_lines_is_named_though_the_index_is_lost_too() {
    for (is_cut, kind) in [(true, LossKind::Truncated), (false, LossKind::Missing)] {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path());
        let archive = files(&folder.path().join("archive"));
        let bytes = archive[0].metadata().unwrap().len();
        if is_cut {
            without_last_line(&archive[0])
        } else {
            fs::remove_file(&archive[0]).unwrap()
        }
        fs::remove_dir_all(folder.path().join("index")).unwrap();
        let ledger = Ledger::open(folder.path());
        let [loss] = &report(&ledger).unwrap().losses[..] else { panic!("{is_cut}: one loss") };
        assert_eq!(Some(loss.file.as_str()), archive[0].file_name().unwrap().to_str());
        assert_eq!(loss.kind, kind);
        let left = if is_cut { archive[0].metadata().unwrap().len() } else { 0 };
        assert_eq!((loss.offset, loss.bytes), (left, bytes - left), "{loss}");
        // Packing what is there makes nothing whole.
        for _ in 0..3 {
            ledger.prune().unwrap();
            assert_eq!(&report(&ledger).unwrap().losses[..], std::slice::from_ref(loss));
        }
        assert!(!ledger.verify().unwrap().is_whole());
        ledger.rebuild(false).unwrap();
        assert!(!ledger.verify().unwrap().is_whole());
        // The user gives it up.
        ledger.rebuild(true).unwrap();
        assert!(ledger.verify().unwrap().is_whole(), "{:?}", ledger.verify());
    }
}

#[test]
fn sums_of_closed_days_that_are_gone_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let retention = Retention { event_days: 0, request_log_days: 0 };
    let options = Options { retention, ..Options::default() };
    let ledger = Ledger::open_with(folder.path(), options);
    append_all(&ledger, days_ago(3, 1));
    drop(ledger);
    let ledger = Ledger::open_with(folder.path(), options);
    ledger.ingest().unwrap();
    assert_eq!(ledger.prune().unwrap().closed_days, 1);
    assert!(ledger.verify().unwrap().is_whole());
    fs::remove_file(folder.path().join("closed.journal")).unwrap();
    fs::remove_dir_all(folder.path().join("index")).unwrap();
    let losses = report(&ledger).unwrap().losses;
    assert_eq!((losses.len(), losses[0].kind), (1, LossKind::Missing));
}

#[test]
fn a_damaged_file_is_not_packed_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let archive = files(&folder.path().join("archive"));
    let mut bytes = fs::read(&archive[0]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&archive[0], bytes).unwrap();
    let ledger = Ledger::open(folder.path());
    let sizes: Vec<u64> = (0..3)
        .map(|_| {
            ledger.prune().unwrap();
            files(&folder.path().join("archive")).iter().map(|file| file.metadata().unwrap().len()).sum()
        })
        .collect();
    assert!(archive[0].exists());
    assert_eq!(sizes[0], sizes[2], "{sizes:?}");
}

#[test]
fn a_later_version_is_left_alone_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let truth = filled(folder.path());
    let json = br#"{"header":{"schema":99}}"#;
    let line = format!("{:08x} {}\n", crc32fast::hash(json), String::from_utf8_lossy(json));
    for place in ["spool", "archive"] {
        fs::write(folder.path().join(place).join("00000000000000aa-0000.journal"), &line).unwrap();
    }
    for _ in 0..2 {
        let after = report(&Ledger::open(folder.path())).unwrap();
        assert_eq!(totals(&after), totals(&truth));
        assert_eq!(after.losses.len(), 1);
        assert_eq!(after.losses[0].kind, LossKind::Newer);
    }
    Ledger::open(folder.path()).prune().unwrap();
    for place in ["spool", "archive"] {
        let path = folder.path().join(place).join("00000000000000aa-0000.journal");
        assert_eq!(fs::read_to_string(path).unwrap(), line);
    }
}
