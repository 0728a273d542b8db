//! `autodao act --batch`: a rule's findings in a workspace, one after the other, to one patch.
//!
//! After each edit the state is written to the user's data folder. A batch that was broken off goes on where it was
//! when the same command is given again; what was paid for is not asked for twice.

mod provider;
mod store;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};

use self::store::Store;
use super::{Arguments, Waiting};
use crate::exit;
use crate::output::{Color, complain, print};
use crate::path::{printable, shown};
use autodao_engine::act::{Assistant, EditNumber, Invocation, Outcome};
use autodao_engine::config::Configuration;
use autodao_engine::quality::{PlacedFinding, RuleId};
use autodao_engine::syntax::Span;
use autodao_engine::{
    CheckOptions, Snapshot, apply_edits, check_tree, find_rules_at, open_text, replace_file, unified_diff,
};

/// What all edits of a batch have in common.
struct Batch<'a> {
    arguments: &'a Arguments,
    rule: &'a str,
    /// The rules of that name: projects may have different ones.
    rules: Vec<RuleId>,
    template: &'a str,
    assistant: Assistant,
    configuration: Configuration,
    /// Edits that were made now, to be settled when they are written.
    made: Vec<EditNumber>,
}

pub(super) fn run(arguments: &Arguments) -> Result<u8, String> {
    let rule =
        arguments.rule.as_deref().ok_or("a batch needs the rule whose findings it is about: --rule")?;
    let places: Vec<PathBuf> = arguments.places.iter().map(PathBuf::from).collect();
    let places = if places.is_empty() { vec![PathBuf::from(".")] } else { places };
    let rules = find_rules_at(rule, &places).map_err(|error| error.to_string())?;
    let template = arguments.template.as_deref().unwrap_or("fix-finding");
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    let mut store = Store::open(&format!("{}\n{rule}\n{template}\n{:?}", here.display(), arguments.places))?;
    let targets = targets(places, &rules);
    let paths: BTreeSet<PathBuf> =
        targets.iter().map(|(path, _)| path.clone()).chain(store.state.files.keys().cloned()).collect();
    let total: usize = targets.iter().map(|(_, count)| count).sum();
    complain("batch", &format!("{total} findings of {rule} in {} files", targets.len()));
    let mut batch = Batch {
        arguments,
        rule,
        rules,
        template,
        assistant: Assistant::new(None),
        configuration: Configuration::load(),
        made: Vec::new(),
    };
    let stopped = if arguments.provider_batch {
        batch.by_provider(&paths, &mut store).err()
    } else if store.state.job.is_some() {
        Some("a provider has a batch of these findings: give --provider-batch to get its answers".to_owned())
    } else {
        batch.assistant.stop_on_interrupt();
        batch.one_by_one(&paths, &mut store).err()
    };
    if let Some(why) = &stopped {
        complain("error", &printable(why));
        complain("batch", "broken off: the same command goes on from here");
    }
    conclude(&batch, &store, stopped.is_some())
}

/// The files with findings of the rule, and how many each has.
fn targets(paths: Vec<PathBuf>, rules: &[RuleId]) -> Vec<(PathBuf, usize)> {
    // A rule that is switched off in a project finds nothing there.
    let options = CheckOptions { paths, ..CheckOptions::default() };
    let found = Mutex::new(Vec::new());
    check_tree(&options, |result| match result {
        Ok(checked) => {
            let count = checked.report.findings.iter().filter(|f| rules.contains(&f.relative().rule)).count();
            if count > 0 {
                found.lock().unwrap_or_else(PoisonError::into_inner).push((checked.path, count));
            }
        }
        Err(problem) => complain("warning", &printable(&problem.to_string())),
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_unstable();
    found
}

impl Batch<'_> {
    fn one_by_one(&mut self, paths: &BTreeSet<PathBuf>, store: &mut Store) -> Result<(), String> {
        for (number, path) in paths.iter().enumerate() {
            complain("batch", &format!("[{}/{}] {}", number + 1, paths.len(), printable(&shown(path))));
            self.file(path, store)?;
        }
        Ok(())
    }

    /// Makes the edits of one file. An error stops the batch: the provider, or the budget, takes no more.
    fn file(&mut self, path: &Path, store: &mut Store) -> Result<(), String> {
        store.refresh(path)?;
        loop {
            let state = store.state.files.entry(path.to_owned()).or_default();
            if state.done {
                return Ok(());
            }
            let snapshot = open_text(&mut self.configuration, path, state.after.clone());
            let snapshot = snapshot.map_err(|problem| problem.to_string())?;
            let Some((selection, line)) = self.next(&snapshot, state.refused) else {
                state.done = true;
                return store.save();
            };
            let invocation = self.invocation(selection);
            let (number, outcome) = self.edit(snapshot, invocation)?;
            match outcome {
                Outcome::Edit(edit) if edit.new_file.is_none() => {
                    state.after = apply_edits(&state.after, &edit.edits);
                    self.made.push(number);
                }
                Outcome::Failed(why) => return Err(why),
                Outcome::Cancelled => return Err("cancelled".to_owned()),
                Outcome::Refused { gate, reason } => {
                    state.refused += 1;
                    complain("no edit", &printable(&format!("line {line}: {reason} (gate: {gate})")));
                }
                Outcome::Edit(_) | Outcome::Message(_) => state.refused += 1,
            }
            store.save()?;
        }
    }

    fn invocation(&self, selection: Span) -> Invocation {
        Invocation {
            selection,
            template: self.template.to_owned(),
            rule: Some(self.rule.to_owned()),
            instruction: self.arguments.instruction.clone(),
            offered: None,
            anew: false,
        }
    }

    /// The next finding to be resolved, with its line counted from 1.
    fn next(&self, snapshot: &Snapshot, refused: usize) -> Option<(Span, u32)> {
        let span = *self.spans(snapshot).get(refused)?;
        Some((span, line_of(snapshot, span)))
    }

    /// Where the findings of the rule are.
    fn spans(&self, snapshot: &Snapshot) -> Vec<Span> {
        let is_it = |placed: &&PlacedFinding| self.rules.contains(&placed.relative().rule);
        snapshot.findings.iter().filter(is_it).map(PlacedFinding::span).collect()
    }

    fn edit(&self, snapshot: Snapshot, invocation: Invocation) -> Result<(EditNumber, Outcome), String> {
        let (ended, end) = channel();
        let observer = Arc::new(Waiting { ended: Mutex::new(ended) });
        self.assistant.start_on_file(snapshot, invocation, observer);
        end.recv().map_err(|_| "the edit came to no end".to_owned())
    }
}

/// The line of a place, counted from 1.
fn line_of(snapshot: &Snapshot, span: Span) -> u32 {
    snapshot.buffer.lines().line_of(span.start) + 1
}

/// Shows the patch, or writes the files.
fn conclude(batch: &Batch<'_>, store: &Store, is_stopped: bool) -> Result<u8, String> {
    let changed = || store.state.files.iter().filter(|(_, file)| file.before != file.after);
    let refused: usize = store.state.files.values().map(|file| file.refused).sum();
    complain("batch", &format!("{} files change, {refused} findings are left", changed().count()));
    let code = match (is_stopped, refused) {
        (true, _) => exit::TROUBLE,
        (false, 0) => exit::CLEAN,
        (false, _) => exit::FINDINGS,
    };
    if !batch.arguments.then.write {
        return Ok(print(Color::Never, code, |out| {
            changed().try_for_each(|(path, file)| {
                write!(out, "{}", unified_diff(&shown(path), &file.before, &file.after))
            })
        }));
    }
    for (path, file) in changed() {
        replace_file(path, &file.before, &file.after)
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    batch.made.iter().for_each(|edit| batch.assistant.settled(*edit, true));
    if !is_stopped {
        // It may be gone already: two of the same batch ran.
        let _ = fs::remove_file(&store.file);
    }
    Ok(print(Color::Never, code, |out| {
        changed().try_for_each(|(path, _)| writeln!(out, "{}", printable(&shown(path))))
    }))
}
