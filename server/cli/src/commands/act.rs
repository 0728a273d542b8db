//! `autodao act`: an AI edit without an editor.

mod batch;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use autodao_engine::act::{Assistant, EditNumber, Invocation, Observer, Outcome, Progress, ReadyEdit};
use autodao_engine::config::Configuration;
use autodao_engine::index::root_of;
use autodao_engine::quality::Catalog;
use autodao_engine::syntax::position::nearest_offset;
use autodao_engine::syntax::{Position, PositionEncoding, Span};
use autodao_engine::{Snapshot, apply_edits, open_file, replace_file, unified_diff};
use serde_json::json;

use crate::exit;
use crate::output::{Color, complain, print};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where: a file, or a file with a line and perhaps a column, counted from 1. Columns are bytes. For a batch: files
    /// and folders.
    #[arg(value_name = "FILE[:LINE[:COL]]", required_unless_present = "batch")]
    places: Vec<String>,
    /// The template, as `autodao templates list` names them; of a batch `fix-finding` when it is not given.
    #[arg(long, value_name = "NAME", required_unless_present = "batch")]
    template: Option<String>,
    /// Resolve all findings of a rule, one after the other, and show one patch. A batch that is broken off goes on
    /// where it was when the same command is given again.
    #[arg(long, requires = "rule", conflicts_with_all = ["json", "dry_run"])]
    batch: bool,
    /// Send the batch through the provider's batch API (OpenAI, Anthropic and those compatible with them): at half the
    /// price where the provider has it so, answered within a day. It may be stopped meanwhile; the same command goes on.
    #[arg(long, requires = "batch")]
    provider_batch: bool,
    /// What to do, in words.
    #[arg(long, value_name = "TEXT", default_value = "")]
    instruction: String,
    /// The rule whose finding at the place is to be resolved; the first one there when it is not given.
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// What to do with the edit.
    #[command(flatten)]
    then: Then,
}

#[derive(clap::Args)]
#[group(multiple = false)]
struct Then {
    /// Show it (the default).
    #[arg(long)]
    diff: bool,
    /// Write it to the file.
    #[arg(long)]
    write: bool,
    /// Say everything about it as JSON.
    #[arg(long)]
    json: bool,
    /// Ask nothing: show task, template, context, the exact request and the estimate.
    #[arg(long)]
    dry_run: bool,
}

/// Tells who waits how it ended, and the user how it goes.
struct Waiting {
    ended: Mutex<Sender<(EditNumber, Outcome)>>,
}

impl Observer for Waiting {
    fn progressed(&self, _: EditNumber, progress: Progress) {
        tracing::info!("{}", progress.message());
    }

    fn warned(&self, _: EditNumber, warning: String) {
        tracing::warn!("{warning}");
    }

    fn finished(&self, edit: EditNumber, outcome: Outcome) {
        // Nobody waits any more only when the program ends.
        let _ = self.ended.lock().unwrap_or_else(PoisonError::into_inner).send((edit, outcome));
    }
}

pub(crate) fn run(arguments: &Arguments) -> u8 {
    match act(arguments) {
        Ok(code) => code,
        Err(why) => {
            complain("error", &why);
            exit::TROUBLE
        }
    }
}

fn act(arguments: &Arguments) -> Result<u8, String> {
    if arguments.batch {
        return batch::run(arguments);
    }
    let [at] = arguments.places.as_slice() else { return Err("one place at a time".to_owned()) };
    let template = arguments.template.clone().unwrap_or_default();
    let (path, place) = place(at)?;
    let mut configuration = Configuration::load();
    let file = open_file(&mut configuration, &path).map_err(|problem| problem.to_string())?;
    let position = place.map(|(line, column)| Position { line: line - 1, column: column - 1 });
    let selection = match position {
        Some(position) => Span::at(nearest_offset(&file.buffer, position, PositionEncoding::Utf8)),
        None => Span::new(0, file.buffer.len()),
    };
    let rule_there = || rule_at(&file, position?.line, &template);
    let rule = arguments.rule.clone().or_else(rule_there);
    let instruction = arguments.instruction.clone();
    let invocation = Invocation { selection, template, rule, instruction, offered: None, anew: false };
    let assistant = Assistant::new(None);
    if let Some(root) = root_of(&path) {
        assistant.indexes().build(&root, &|_| {});
    }
    if arguments.then.dry_run {
        let dry = assistant.dry_run(&file, &invocation)?;
        return Ok(print(Color::Never, exit::CLEAN, |out| {
            writeln!(out, "{}\n# Request\n\n{}", dry.description, dry.request)
        }));
    }
    let (ended, end) = channel();
    let observer = Arc::new(Waiting { ended: Mutex::new(ended) });
    assistant.stop_on_interrupt();
    assistant.start_on_file(file.clone(), invocation, observer);
    let (number, outcome) = end.recv().map_err(|_| "the edit came to no end".to_owned())?;
    conclude(arguments, &assistant, number, &file, &path, &outcome)
}

fn conclude(
    arguments: &Arguments,
    assistant: &Assistant,
    number: EditNumber,
    file: &Snapshot,
    path: &Path,
    outcome: &Outcome,
) -> Result<u8, String> {
    let code = match outcome {
        Outcome::Edit(_) | Outcome::Message(_) => exit::CLEAN,
        Outcome::Refused { .. } => exit::FINDINGS,
        Outcome::Failed(_) | Outcome::Cancelled => exit::TROUBLE,
    };
    let applies = arguments.then.write;
    if arguments.then.json {
        assistant.only_shown(number);
        let said = report(file, outcome, assistant.explain_last().as_deref());
        return Ok(print(Color::Never, code, |out| writeln!(out, "{said}")));
    }
    match outcome {
        Outcome::Edit(edit) => {
            for warning in &edit.warnings {
                complain("warning", warning);
            }
            let target = edit.new_file.clone().unwrap_or_else(|| path.to_owned());
            let (before, after) = texts(file, edit);
            if applies {
                write(&target, edit, &before, &after)
                    .map_err(|error| format!("{}: {error}", target.display()))?;
            }
            if applies {
                assistant.settled(number, true);
            } else {
                assistant.only_shown(number);
            }
            let shown = target.to_string_lossy();
            Ok(print(Color::Never, code, |out| {
                if applies {
                    writeln!(out, "{}: {shown}", edit.label)
                } else {
                    write!(out, "{}", unified_diff(&shown, &before, &after))
                }
            }))
        }
        Outcome::Message(text) => Ok(print(Color::Never, code, |out| writeln!(out, "{text}"))),
        Outcome::Refused { gate, reason } => {
            complain("no edit", &format!("{reason} (gate: {gate})"));
            Ok(code)
        }
        Outcome::Failed(why) => Err(why.clone()),
        Outcome::Cancelled => Err("cancelled".to_owned()),
    }
}

/// Writes the edit: over the text it was made for, or as a new file.
fn write(target: &Path, edit: &ReadyEdit, before: &str, after: &str) -> std::io::Result<()> {
    if edit.new_file.is_none() {
        return replace_file(target, before, after);
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(target)?;
    std::io::Write::write_all(&mut file, after.as_bytes())
}

/// The text of the file the edit is for, before and after.
fn texts(file: &Snapshot, edit: &ReadyEdit) -> (String, String) {
    if edit.new_file.is_some() {
        let text = edit.edits.iter().map(|edit| edit.text.as_str()).collect();
        return (String::new(), text);
    }
    let before = file.buffer.text().to_owned();
    let after = apply_edits(&before, &edit.edits);
    (before, after)
}

fn report(file: &Snapshot, outcome: &Outcome, explanation: Option<&str>) -> serde_json::Value {
    let explanation = explanation.unwrap_or_default();
    match outcome {
        Outcome::Edit(edit) => {
            let (_, after) = texts(file, edit);
            let edits: Vec<_> = edit
                .edits
                .iter()
                .map(|edit| json!({"start": edit.span.start, "end": edit.span.end, "text": edit.text}))
                .collect();
            json!({
                "outcome": "edit", "label": edit.label, "edits": edits, "text": after,
                "new_file": edit.new_file, "confirm": edit.confirm, "warnings": edit.warnings,
                "explanation": explanation,
            })
        }
        Outcome::Message(text) => json!({"outcome": "message", "text": text, "explanation": explanation}),
        Outcome::Refused { gate, reason } => {
            json!({"outcome": "refused", "gate": gate, "reason": reason, "explanation": explanation})
        }
        Outcome::Failed(why) => json!({"outcome": "failed", "reason": why, "explanation": explanation}),
        Outcome::Cancelled => json!({"outcome": "cancelled"}),
    }
}

/// The rule of the first finding on a line, for templates that are about one.
fn rule_at(file: &Snapshot, line: u32, template: &str) -> Option<String> {
    if !template.contains("finding") {
        return None;
    }
    let lines = file.buffer.lines();
    let placed = file.findings.iter().find(|placed| {
        let span = placed.span();
        (lines.line_of(span.start)..=lines.line_of(span.end)).contains(&line)
    })?;
    Some(Catalog::builtin().rule(placed.relative().rule).id.to_owned())
}

/// Takes `FILE[:LINE[:COLUMN]]` apart.
fn place(text: &str) -> Result<(PathBuf, Option<(u32, u32)>), String> {
    let number = |text: &str| text.parse::<u32>().ok();
    let found = match text.rsplit_once(':') {
        Some((rest, last)) => match (rest.rsplit_once(':'), number(last)) {
            (_, None) => (text, None),
            (Some((file, line)), Some(last)) if number(line).is_some() => {
                (file, number(line).map(|line| (line, last)))
            }
            (_, Some(last)) => (rest, Some((last, 1))),
        },
        None => (text, None),
    };
    match found {
        ("", _) | (_, Some((0, _) | (_, 0))) => {
            Err(format!("`{text}` is no place: say FILE, FILE:LINE or FILE:LINE:COLUMN, counted from 1"))
        }
        (file, place) => Ok((file.into(), place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_a_line_and_perhaps_a_column() {
        assert_eq!(place("a.rs"), Ok(("a.rs".into(), None)));
        assert_eq!(place("a.rs:3"), Ok(("a.rs".into(), Some((3, 1)))));
        assert_eq!(place("a b.rs:3:14"), Ok(("a b.rs".into(), Some((3, 14)))));
        assert_eq!(place("c:\\a.rs"), Ok(("c:\\a.rs".into(), None)));
        assert_eq!(place("c:\\a.rs:3:14"), Ok(("c:\\a.rs".into(), Some((3, 14)))));
        for text in ["a.rs:0", ":3", "a.rs:3:0", ""] {
            assert!(place(text).is_err(), "{text}");
        }
    }
}
