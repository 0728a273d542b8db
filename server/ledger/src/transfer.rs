//! Out of the ledger and into another one: lines of JSON with everything, CSV of edits.

use std::io::{self, BufRead, Write};

use serde::Serialize;

use crate::frame::MAX_LINE;
use crate::index::Index;
use crate::journal::Journal;
use crate::prune::{read_closed, write_closed};
use crate::record::{Closed, End, Header, Record, SCHEMA};
use crate::stored_edit::StoredEdit;
use crate::{Dimensions, Edit, Event, Ledger, LedgerError, frame};

/// Events that are imported at once.
const BATCH: usize = 20_000;

/// What an import did.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Imported {
    /// Events that were not known before.
    pub events: u64,
    /// Events that were.
    pub known: u64,
    /// Days of which only sums came.
    pub closed_days: u64,
    /// Days of which this ledger has other sums or events: theirs were left out, they could count twice.
    pub days_left_out: u64,
}

impl Ledger {
    /// Writes everything as lines of JSON. Two ledgers are equal when their exports are.
    pub fn export_json(&self, out: &mut dyn Write) -> Result<(), LedgerError> {
        let layout = self.layout();
        self.with_index(|index, _| {
            each_record(index, layout, |record| {
                out.write_all(&record.to_json()?)?;
                out.write_all(b"\n")
            })
        })
    }

    /// Writes one line of comma-separated values for each edit, after one with the names of the columns.
    pub fn export_csv(&self, out: &mut dyn Write) -> Result<(), LedgerError> {
        let failed = |error| LedgerError::io(std::path::Path::new("the export"))(error);
        self.with_index(|index, _| {
            writeln!(out, "{CSV_COLUMNS}").map_err(failed)?;
            for entry in index.stored_edits()? {
                let (id, stored) = entry?;
                if let Some(edit) = Edit::of(stored.events(id)) {
                    writeln!(out, "{}", csv_row(&edit)).map_err(failed)?;
                }
            }
            Ok(())
        })
    }

    /// Takes what [`Self::export_json`] wrote. What is known already is left out, so doing it twice changes nothing.
    /// An error says at which line; what stood before it is taken.
    pub fn import_json(&self, input: &mut dyn BufRead) -> Result<Imported, LedgerError> {
        let mut import =
            Import { ledger: self, journal: None, imported: Imported::default(), closed: Vec::new() };
        let mut batch = Vec::new();
        let mut read = End { events: 0, closed: 0 };
        let (mut line, mut number, mut is_whole) = (Vec::new(), 0, false);
        let result = loop {
            line.clear();
            number += 1;
            let failed = |reason: String| LedgerError::Import { line: number, reason };
            let limit = MAX_LINE as u64 + 2;
            match io::Read::take(&mut *input, limit).read_until(b'\n', &mut line) {
                Ok(0) if is_whole => break Ok(()),
                Ok(0) => break Err(failed("the end of the export is missing".to_owned())),
                Ok(_) => {}
                Err(error) => break Err(failed(error.to_string())),
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            match Record::from_json(&line) {
                Ok(Record::Header(header)) if header.schema > SCHEMA => {
                    break Err(failed(format!("written by a later version (format {})", header.schema)));
                }
                Ok(Record::Header(_)) => {}
                Ok(Record::Event(mut event)) => {
                    event.kind.cut();
                    read.events += 1;
                    batch.push(event);
                }
                Ok(Record::Closed(closed)) => {
                    read.closed += 1;
                    import.closed.push(*closed);
                }
                Ok(Record::End(end)) if end == read => is_whole = true,
                Ok(Record::End(_)) => break Err(failed("some lines are missing".to_owned())),
                Err(error) => break Err(failed(error.to_string())),
            }
            if batch.len() >= BATCH {
                import.take(&mut batch)?;
            }
        };
        import.take(&mut batch)?;
        import.take_closed()?;
        let Import { journal, imported, .. } = import;
        // From here on the journal is that of a writer that ended.
        drop(journal);
        self.ingest()?;
        result.map(|()| imported)
    }
}

/// Everything, in an order that does not depend on how it came to be.
pub(crate) fn each_record(
    index: &mut Index,
    layout: &crate::layout::Layout,
    mut write: impl FnMut(&Record) -> io::Result<()>,
) -> Result<(), LedgerError> {
    let mut write =
        |record: &Record| write(record).map_err(LedgerError::io(std::path::Path::new("the export")));
    let mut end = End { events: 0, closed: 0 };
    write(&Record::Header(Header::CURRENT))?;
    let mut closed = read_closed(layout)?;
    closed.sort_by_key(|closed| closed.day);
    for closed in closed {
        end.closed += 1;
        write(&Record::Closed(Box::new(closed)))?;
    }
    for entry in index.stored_edits()? {
        let (id, stored) = entry?;
        for event in stored.events(id) {
            end.events += 1;
            write(&Record::Event(event))?;
        }
    }
    write(&Record::End(end))
}

struct Import<'a> {
    ledger: &'a Ledger,
    journal: Option<Journal>,
    imported: Imported,
    closed: Vec<Closed>,
}

impl Import<'_> {
    /// Writes those of some events that are not known to a journal of their own.
    fn take(&mut self, batch: &mut Vec<Event>) -> Result<(), LedgerError> {
        if batch.is_empty() {
            return Ok(());
        }
        let events = std::mem::take(batch);
        let is_new = self.ledger.with_index(|index, _| {
            let is_new = |event: &Event| -> Result<bool, LedgerError> {
                let stored: Option<StoredEdit> = index.edits()?.get(&event.edit.to_bytes())?;
                Ok(!stored.is_some_and(|stored| stored.contains(event))
                    && !index.is_closed(event.edit.day())?)
            };
            events.iter().map(is_new).collect::<Result<Vec<bool>, _>>()
        })?;
        let mut lines = Vec::new();
        let failed = LedgerError::io(self.ledger.folder());
        let write = || -> io::Result<()> {
            for (event, is_new) in events.into_iter().zip(is_new) {
                if is_new {
                    self.imported.events += 1;
                    frame::encode(&Record::Event(event).to_json()?, &mut lines);
                } else {
                    self.imported.known += 1;
                }
            }
            if lines.is_empty() {
                return Ok(());
            }
            let journal = match &mut self.journal {
                Some(journal) => journal,
                None => self.journal.insert(Journal::create(self.ledger.layout())?),
            };
            journal.append(&lines)
        };
        write().map_err(failed)
    }

    fn take_closed(&mut self) -> Result<(), LedgerError> {
        if self.closed.is_empty() {
            return Ok(());
        }
        let theirs = std::mem::take(&mut self.closed);
        let layout = self.ledger.layout();
        let (taken, left_out) = self.ledger.with_index(|index, _| {
            let mut mine = read_closed(layout)?;
            let (mut taken, mut left_out) = (0, 0);
            for closed in &theirs {
                if mine.contains(closed) {
                    continue;
                }
                if index.cells(closed.day, closed.day).next().is_some() {
                    left_out += 1;
                } else {
                    taken += 1;
                    mine.push(closed.clone());
                }
            }
            if taken > 0 {
                write_closed(layout, &mine)?;
            }
            Ok((taken, left_out))
        })?;
        (self.imported.closed_days, self.imported.days_left_out) = (taken, left_out);
        Ok(())
    }
}

const CSV_COLUMNS: &str = "edit,day,outcome,cause,route,task,complexity,template,version,model,workspace,language,\
                           requests,input_tokens,cached_tokens,cache_write_tokens,output_tokens,reasoning_tokens,\
                           cost_micros,baseline_tokens,latency_ms,survived_30s,survived_5min,survived_save,\
                           survived_close,survived_commit";

fn csv_row(edit: &Edit) -> String {
    let Dimensions { task, complexity, template, model, workspace, language, route } = edit.dimensions();
    let (template, version) = template.map(|template| (template.name, template.version)).unzip();
    let baseline = edit.planned.as_ref().and_then(|planned| planned.baseline);
    let latency: u64 =
        edit.requests.iter().filter_map(|request| request.latency).map(|l| u64::from(l.total)).sum();
    let tokens = edit.tokens;
    let mut fields = vec![
        edit.id.to_string(),
        edit.id.day().to_string(),
        edit.outcome.name().to_owned(),
        edit.cause.clone(),
        route.name().to_owned(),
        task,
        complexity,
        template.unwrap_or_default(),
        version.unwrap_or_default(),
        model.unwrap_or_default(),
        workspace,
        language,
    ];
    let numbers = [
        edit.requests.len() as u64,
        tokens.input,
        tokens.cached,
        tokens.cache_write,
        tokens.output,
        tokens.reasoning,
        edit.micros,
    ];
    fields.extend(numbers.map(|number| number.to_string()));
    fields.push(baseline.map_or(String::new(), |b| b.input.saturating_add(b.output).to_string()));
    fields.push(latency.to_string());
    let shares = edit.survival.iter();
    fields.extend(shares.map(|share| {
        share.map_or(String::new(), |s| format!("{:.4}", f64::from(s.basis_points()) / 10_000.0))
    }));
    fields.iter().map(|field| csv_field(field)).collect::<Vec<_>>().join(",")
}

/// A field as RFC 4180 has it. One that a spreadsheet would take for a formula is made text.
fn csv_field(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@']);
    if formula || field.contains([',', '"', '\n', '\r']) {
        let mark = if formula { "'" } else { "" };
        format!("\"{mark}{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
