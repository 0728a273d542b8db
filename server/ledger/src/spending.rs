//! What is spent and reserved, for budgets: sums from the index, and what the journals say since.
//!
//! Every window computes the same from the same files without opening the index: a checkpoint, written with every
//! ingest, says up to where in each journal it counts; the rest is read from there.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::edit::Edit;
use crate::index::Index;
use crate::journal::writer_of;
use crate::layout::{Layout, write_whole};
use crate::record::{Record, SCHEMA};
use crate::source::{SourceReader, name_of};
use crate::store::Changes;
use crate::{Cost, Day, EditId, Event, EventId, EventKind, LedgerError, Source, Tokens, Usage};

/// Days a checkpoint goes back: the longest month and a day.
const DAYS: i32 = 32;
/// Times a read is begun anew because another process archived journals meanwhile.
const TRIES: usize = 50;

/// Tokens and money.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Spend {
    /// Input and output.
    pub tokens: u64,
    /// Known costs in millionths of a dollar.
    pub micros: u64,
}

impl Spend {
    pub(crate) fn of(tokens: Tokens, cost: Option<Cost>) -> Self {
        Self { tokens: tokens.total(), micros: cost.map_or(0, |cost| cost.micros) }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.tokens = self.tokens.saturating_add(other.tokens);
        self.micros = self.micros.saturating_add(other.micros);
    }

    fn subtract(&mut self, other: Self) {
        self.tokens = self.tokens.saturating_sub(other.tokens);
        self.micros = self.micros.saturating_sub(other.micros);
    }
}

/// What spending is summed by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub day: Day,
    pub workspace: String,
    pub template: Option<String>,
}

/// A request whose end is not known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Open {
    bucket: Bucket,
    edit: EditId,
    counted: Spend,
    source: Option<Source>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Spending {
    totals: BTreeMap<Bucket, Spend>,
    open: BTreeMap<EventId, Open>,
}

impl Spending {
    fn add(&mut self, bucket: Bucket, spend: Spend) {
        self.totals.entry(bucket).or_default().add(spend);
    }

    fn observe(&mut self, event: &Event) {
        let (request, usage, cost) = match &event.kind {
            EventKind::Requested(requested) => {
                let bucket = Bucket {
                    day: event.edit.day(),
                    workspace: requested.workspace.clone(),
                    template: requested.template.clone(),
                };
                let counted = Spend::of(requested.estimate.tokens, requested.estimate.cost);
                let open = Open { bucket: bucket.clone(), edit: event.edit, counted, source: None };
                if self.open.insert(event.id, open).is_none() {
                    self.add(bucket, counted);
                }
                return;
            }
            EventKind::Answered(answered) => (Some(answered.request), Some(answered.usage), answered.cost),
            EventKind::Failed(failed) => (failed.request, failed.usage, failed.cost),
            EventKind::Cancelled(cancelled) => (cancelled.request, cancelled.usage, cancelled.cost),
            _ => return,
        };
        if let Some(open) = request.and_then(|request| self.open.get_mut(&request))
            && let Some(Usage { tokens, source }) = usage
            && open.source.is_none_or(|known| source > known)
        {
            let (before, now) = (open.counted, Spend::of(tokens, cost));
            (open.counted, open.source) = (now, Some(source));
            let total = self.totals.entry(open.bucket.clone()).or_default();
            total.subtract(before);
            total.add(now);
        }
    }

    /// The sum over the days and buckets that are asked for.
    pub(crate) fn sum(&self, wanted: impl Fn(&Bucket) -> bool) -> Spend {
        let mut sum = Spend::default();
        self.totals.iter().filter(|(bucket, _)| wanted(bucket)).for_each(|(_, spend)| sum.add(*spend));
        sum
    }

    /// Takes over which requests of an edit are open.
    fn note_open(&mut self, edit: &Edit) {
        let dimensions = edit.dimensions();
        for request in &edit.requests {
            if request.ended.is_some() {
                self.open.remove(&request.id);
                continue;
            }
            let bucket = Bucket {
                day: edit.id.day(),
                workspace: dimensions.workspace.clone(),
                template: dimensions.template.as_ref().map(|template| template.name.clone()),
            };
            let counted = Spend::of(request.tokens, request.cost);
            self.open.insert(request.id, Open { bucket, edit: edit.id, counted, source: request.source });
        }
    }
}

/// Spending as far as the index knows it.
#[derive(Clone, Serialize, Deserialize)]
struct Checkpoint {
    generation: EventId,
    /// Up to where journals in the spool are counted.
    cursors: BTreeMap<String, u64>,
    spending: Spending,
}

/// Format, checksum, content.
fn read_checkpoint(layout: &Layout) -> Option<Checkpoint> {
    let bytes = fs::read(layout.spending()).ok()?;
    let (schema, rest) = bytes.split_first_chunk()?;
    let (stored, content) = rest.split_first_chunk()?;
    let good =
        u32::from_le_bytes(*schema) == SCHEMA && u32::from_le_bytes(*stored) == crc32fast::hash(content);
    good.then(|| postcard::from_bytes(content).ok()).flatten()
}

/// Edits whose state changed in an ingest, for the next checkpoint.
#[derive(Default)]
pub(crate) struct Touched(Spending, Vec<EventId>);

impl Touched {
    pub(crate) fn note(&mut self, edit: &Edit) {
        self.0.note_open(edit);
        self.1
            .extend(edit.requests.iter().filter(|request| request.ended.is_some()).map(|request| request.id));
    }
}

/// Writes the checkpoint of an index that was just brought up to date, if it is not there already.
pub(crate) fn write_checkpoint(
    index: &mut Index,
    layout: &Layout,
    before: Option<EventId>,
    live: &[PathBuf],
    touched: Touched,
) -> Result<(), LedgerError> {
    if index.generation()?.is_none() {
        // An empty ledger has one, too: else every look at a budget would open the index.
        index.commit(Changes::default())?;
    }
    let Some(generation) = index.generation()? else { return Ok(()) };
    let old = read_checkpoint(layout);
    if old.as_ref().is_some_and(|old| old.generation == generation) {
        return Ok(());
    }
    let today = Day::today();
    let mut spending = Spending::default();
    match old.filter(|old| Some(old.generation) == before) {
        Some(old) => spending.open = old.spending.open,
        // Requests still open are of processes alive, and of today or the night before.
        None => {
            for day in today.plus(-1).through(today.plus(1)) {
                for edit in index.edits_of(day)? {
                    spending.note_open(&edit?);
                }
            }
        }
    }
    let Touched(open, ended) = touched;
    spending.open.extend(open.open);
    ended.iter().for_each(|id| {
        spending.open.remove(id);
    });
    let writers: Vec<u64> = live.iter().filter_map(|path| writer_of(path)).collect();
    spending.open.retain(|id, _| writers.contains(&id.writer()));
    for entry in index.cells(today.plus(-DAYS), today.plus(DAYS)) {
        let (day, cell) = entry?;
        let counts = &cell.stats.counts;
        let template = cell.dimensions.template.map(|template| template.name);
        let spend = Spend { tokens: counts.tokens(), micros: counts.cost_micros };
        if spend != Spend::default() {
            spending.add(Bucket { day, workspace: cell.dimensions.workspace, template }, spend);
        }
    }
    let mut cursors = BTreeMap::new();
    for path in live {
        cursors.insert(name_of(path), index.cursor(&name_of(path))?);
    }
    let content = postcard::to_stdvec(&Checkpoint { generation, cursors, spending })
        .map_err(|error| LedgerError::DamagedIndex(error.to_string()))?;
    write_whole(&layout.spending(), |file| {
        file.write_all(&SCHEMA.to_le_bytes())?;
        file.write_all(&crc32fast::hash(&content).to_le_bytes())?;
        file.write_all(&content)
    })
}

/// What is spent and reserved now. `None` when there is no checkpoint to start from.
pub(crate) fn current(layout: &Layout) -> Result<Option<Spending>, LedgerError> {
    for _ in 0..TRIES {
        let Some(checkpoint) = read_checkpoint(layout) else { return Ok(None) };
        let generation = checkpoint.generation;
        match add_tails(layout, checkpoint) {
            Ok(spending) => {
                // Journals are archived only after a newer checkpoint that counts all of them.
                if read_checkpoint(layout).is_some_and(|now| now.generation == generation) {
                    return Ok(Some(spending));
                }
            }
            Err(LedgerError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Err(LedgerError::Busy { path: layout.spending() })
}

fn add_tails(layout: &Layout, checkpoint: Checkpoint) -> Result<Spending, LedgerError> {
    let Checkpoint { cursors, mut spending, .. } = checkpoint;
    let mut ends = Vec::new();
    for path in Layout::files(&layout.spool(), &["journal"])? {
        let from = cursors.get(&name_of(&path)).copied().unwrap_or(0);
        let mut reader = SourceReader::open(&path, from)?;
        loop {
            let chunk = match reader.next() {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(LedgerError::Newer { path, .. }) => {
                    tracing::warn!("{}: not counted: written by a later version", path.display());
                    break;
                }
                Err(error) => return Err(error),
            };
            let whole = chunk.unfinished == 0;
            for record in chunk.records {
                match record {
                    Record::Event(event) if matches!(event.kind, EventKind::Requested(_)) => {
                        spending.observe(&event)
                    }
                    // A request may stand in a journal that is read later.
                    Record::Event(event) => ends.push(event),
                    _ => {}
                }
            }
            if !whole {
                break;
            }
        }
    }
    ends.iter().for_each(|event| spending.observe(event));
    Ok(spending)
}

/// What each of the last edits of this process spent and reserved.
#[derive(Default)]
pub(crate) struct EditSpending(BTreeMap<EditId, Spending>);

/// Edits that are remembered. One that is asked about is running, and few run at a time.
const MAX_EDITS: usize = 256;

impl EditSpending {
    pub(crate) fn observe(&mut self, event: &Event) {
        let counts = matches!(
            event.kind,
            EventKind::Requested(_) | EventKind::Answered(_) | EventKind::Failed(_) | EventKind::Cancelled(_)
        );
        if counts {
            self.0.entry(event.edit).or_default().observe(event);
            if self.0.len() > MAX_EDITS {
                self.0.pop_first();
            }
        }
    }

    pub(crate) fn of(&self, edit: EditId) -> Spend {
        self.0.get(&edit).map(|spending| spending.sum(|_| true)).unwrap_or_default()
    }
}
