//! `autodao ledger`: look after the ledger.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use autodao_engine::config::user_ledger;
use autodao_engine::ledger::{Ledger, LedgerError, Verified};

use crate::exit;
use crate::output::{Color, complain, print};
use crate::path::printable;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Write everything to stdout: lines of JSON that `import` takes.
    Export {
        /// One line of comma-separated values for each edit instead, for spreadsheets.
        #[arg(long)]
        csv: bool,
    },
    /// Take what `export` wrote. What is known already is left out.
    Import {
        /// The file; `-` is stdin.
        file: PathBuf,
    },
    /// Read all files again and compare them with the index. Exits with 1 when something is lost or wrong.
    Verify,
    /// Build the index anew from the files.
    Rebuild {
        /// Give up events that only the index has: their files were lost.
        #[arg(long)]
        discard: bool,
    },
    /// Write everything to one compressed file with checksums.
    Backup {
        /// The file to write.
        file: PathBuf,
    },
    /// Put a backup in the place of what is there, which is kept beside it.
    Restore {
        /// The file `backup` wrote.
        file: PathBuf,
    },
    /// Let go of request logs after 30 days and of events after a year, or what `ledger` in your configuration says,
    /// and pack the rest. Sums stay forever.
    Prune,
}

/// The user's ledger. Says what is missing when there can be none.
pub(crate) fn open() -> Option<Ledger> {
    let ledger = user_ledger();
    if ledger.is_none() {
        complain("error", "there is no home folder; set AUTODAO_DATA_DIR");
    }
    ledger
}

/// What the user should know of the ledger apart from what was asked.
pub(crate) fn tell_notices(ledger: &Ledger) {
    ledger.take_notices().iter().for_each(|notice| complain("warning", &printable(notice)));
}

pub(crate) fn trouble(error: &LedgerError) -> u8 {
    complain("error", &printable(&error.to_string()));
    exit::TROUBLE
}

pub(crate) fn run(command: &Command) -> u8 {
    let Some(ledger) = open() else { return exit::TROUBLE };
    let result = match command {
        Command::Export { csv } => export(&ledger, *csv),
        Command::Import { file } => import(&ledger, file),
        Command::Verify => ledger.verify().map(|verified| tell_verified(&verified)),
        Command::Rebuild { discard } => ledger.rebuild(*discard).map(|()| say("The index is built anew.")),
        Command::Backup { file } => {
            ledger.backup(file).map(|()| say(&format!("Everything is in {}.", file.display())))
        }
        Command::Restore { file } => ledger.restore(file).map(|before| {
            say(&format!("The backup is in place; what was there before is in {}.", before.display()))
        }),
        Command::Prune => ledger.prune().map(|pruned| {
            say(&format!(
                "{} events of {} days and {} request logs let go; {} bytes became {}.",
                pruned.events,
                pruned.closed_days,
                pruned.request_logs,
                pruned.bytes_before,
                pruned.bytes_after
            ))
        }),
    };
    tell_notices(&ledger);
    result.unwrap_or_else(|error| trouble(&error))
}

fn say(line: &str) -> u8 {
    print(Color::Never, exit::CLEAN, |out| writeln!(out, "{}", printable(line)))
}

fn export(ledger: &Ledger, csv: bool) -> Result<u8, LedgerError> {
    let mut result = Ok(());
    let code = print(Color::Never, exit::CLEAN, |mut out| {
        result = if csv { ledger.export_csv(&mut out) } else { ledger.export_json(&mut out) };
        // A reader that went away is for `print` to judge.
        match std::mem::replace(&mut result, Ok(())) {
            Err(LedgerError::Io { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => Err(source),
            other => {
                result = other;
                Ok(())
            }
        }
    });
    result.map(|()| code)
}

fn import(ledger: &Ledger, file: &Path) -> Result<u8, LedgerError> {
    let imported = if file == Path::new("-") {
        ledger.import_json(&mut io::stdin().lock())?
    } else {
        let opened = File::open(file).map_err(|source| LedgerError::Io { path: file.to_owned(), source })?;
        ledger.import_json(&mut BufReader::new(opened))?
    };
    if imported.days_left_out > 0 {
        let days = imported.days_left_out;
        complain(
            "warning",
            &format!("the sums of {days} days were left out: this ledger has its own for them"),
        );
    }
    let (new, known, days) = (imported.events, imported.known, imported.closed_days);
    Ok(say(&format!("{new} events and the sums of {days} days are new, {known} events were known.")))
}

fn tell_verified(verified: &Verified) -> u8 {
    let code = if verified.is_whole() { exit::CLEAN } else { exit::FINDINGS };
    print(Color::Never, code, |out| {
        let Verified { files, bytes, events, edits, .. } = verified;
        writeln!(out, "{events} events of {edits} edits in {files} files, {bytes} bytes.")?;
        for loss in &verified.losses {
            writeln!(out, "{}", printable(&loss.to_string()))?;
        }
        // A rebuild would cost what only the index has.
        let cure = if verified.only_in_index > 0 { "" } else { "; `autodao ledger rebuild` corrects it" };
        for day in &verified.wrong_days {
            writeln!(out, "{day}: the index has other sums than the files{cure}")?;
        }
        if verified.only_in_index > 0 {
            let count = verified.only_in_index;
            writeln!(
                out,
                "{count} events are in the index only: `autodao ledger export`, `autodao ledger rebuild --discard`, then import"
            )?;
        }
        if verified.not_in_index > 0 {
            writeln!(out, "{} events are missing in the index", verified.not_in_index)?;
        }
        if verified.broken_links > 0 {
            writeln!(
                out,
                "{} requests name one before them that was changed or taken away",
                verified.broken_links
            )?;
        }
        if verified.is_whole() { writeln!(out, "Nothing is lost.") } else { Ok(()) }
    })
}
