//! A disk that is full: appends say so, nothing acknowledged is lost, and all is written when there is room again.
//!
//! The program starts itself with a small file system of its own, so it has its own `main`. Where that is not
//! possible it says so.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails, fails")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use autodao_ledger::{AppendError, By, Day, Ledger};
use support::edit_now;

#[path = "support/mod.rs"]
mod support;

const FOLDER: &str = "AUTODAO_LEDGER_FULL_DISK";
const BALLAST: usize = 12 << 20;

fn main() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        fill(Path::new(&folder));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let isolated = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]);
        command.arg(folder.path()).arg(std::env::current_exe().unwrap());
        command
    };
    let mount = "mount -t tmpfs -o size=16m tmpfs \"$1\"";
    let possible = isolated(mount).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !possible.is_ok_and(|status| status.success()) {
        say("full_disk: left out: no small file system can be mounted here");
        return;
    }
    let status = isolated(&format!("{mount} && exec \"$2\"")).env(FOLDER, folder.path()).status().unwrap();
    assert!(status.success());
    say("full_disk: ok");
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap();
}

fn report(ledger: &Ledger) -> Result<autodao_ledger::Report, autodao_ledger::LedgerError> {
    ledger.report(Day::today().plus(-1), Day::today(), By::Day)
}

fn fill(folder: &Path) {
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![1; BALLAST]).unwrap();
    let ledger = Ledger::open(folder.join("ledger"));
    let (mut saved, mut unsaved) = (0_u64, 0_u64);
    while unsaved == 0 {
        let receipts: Vec<_> =
            (0..100).flat_map(|_| edit_now(1, 1)).map(|event| ledger.append(event)).collect();
        for receipt in receipts {
            match receipt.wait() {
                Ok(()) => saved += 1,
                Err(AppendError::Unsaved(_)) => unsaved += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert_eq!(ledger.unsaved() as u64, unsaved);
    // A report has no room for the index. It may not give a total that is wrong.
    if let Ok(report) = report(&Ledger::open(folder.join("ledger"))) {
        assert_eq!(report.rows[0].stats.counts.events, saved);
    }
    std::fs::remove_file(ballast).unwrap();
    for event in edit_now(1, 1) {
        ledger.append(event).wait().unwrap();
        saved += 1;
    }
    assert_eq!(ledger.unsaved(), 0);
    drop(ledger);
    let ledger = Ledger::open(folder.join("ledger"));
    let report = report(&ledger).unwrap();
    assert_eq!(report.rows[0].stats.counts.events, saved + unsaved);
    let verified = ledger.verify().unwrap();
    assert_eq!((verified.events, verified.only_in_index, verified.not_in_index), (saved + unsaved, 0, 0));
    say(&format!("full_disk: {saved} events saved at once, {unsaved} when there was room"));
}
