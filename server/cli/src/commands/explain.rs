//! `autodao explain`: what an edit was, and what was sent for it.

use autodao_engine::act::kept_requests;
use autodao_engine::config::user_data_folder;
use autodao_engine::ledger::{Day, EditId, EventKind, Ledger};

use super::ledger::{open, tell_notices, trouble};
use super::tokens;
use crate::exit;
use crate::output::{Color, complain, print};
use crate::path::printable;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The edit: `last`, its id, or the start of it.
    edit: String,
    /// Show the requests as they were sent, the key left out. They are kept only if `ai.keep-requests` says so.
    #[arg(long)]
    request: bool,
    /// Show it for programs.
    #[arg(long, conflicts_with = "request")]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> u8 {
    let Some(ledger) = open() else { return exit::TROUBLE };
    let id = match arguments.edit.as_str() {
        "last" => match last(&ledger) {
            Ok(Some(id)) => id.to_string(),
            Ok(None) => {
                complain("error", "there is no AI edit yet");
                return exit::TROUBLE;
            }
            Err(error) => return trouble(&error),
        },
        id => id.to_owned(),
    };
    let code = if arguments.request {
        requests(&ledger, &id)
    } else {
        tokens::tell_edit(&ledger, &id, arguments.json)
    };
    tell_notices(&ledger);
    code
}

fn last(ledger: &Ledger) -> Result<Option<EditId>, autodao_engine::ledger::LedgerError> {
    ledger.last_edit(Day::today().plus(1))
}

fn requests(ledger: &Ledger, id: &str) -> u8 {
    let edit = match ledger.edits_starting_with(id) {
        Ok(ids) => match ids.as_slice() {
            [id] => *id,
            _ => {
                complain("error", &format!("there is no one edit {}", printable(id)));
                return exit::TROUBLE;
            }
        },
        Err(error) => return trouble(&error),
    };
    let sent = match ledger.edit(edit) {
        Ok(found) => found.map_or_else(Vec::new, |found| found.events),
        Err(error) => return trouble(&error),
    };
    let kept = user_data_folder().map_or_else(Vec::new, |data| kept_requests(&data, edit));
    let code = if kept.is_empty() { exit::TROUBLE } else { exit::CLEAN };
    if kept.is_empty() {
        let cure = "set `keep-requests` under `[ai]` in your own configuration to keep those to come";
        complain("error", &format!("the requests of {edit} are not kept: {cure}"));
    }
    print(Color::Never, code, |out| {
        for event in &sent {
            if let EventKind::Sent(sent) = &event.kind {
                writeln!(out, "# sha256 {}, link {}", sent.digest, sent.link())?;
            }
        }
        kept.iter().try_for_each(|request| writeln!(out, "\n{request}"))
    })
}
