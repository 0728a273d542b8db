//! Brings the index up to date with the files. What was read twice counts once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::edit::Edit;
use crate::error::{Loss, LossKind};
use crate::index::Index;
use crate::journal::{Owner, archive};
use crate::layout::Layout;
use crate::manifest::Manifest;
use crate::record::Record;
use crate::source::{SourceReader, name_of};
use crate::spending::{Touched, write_checkpoint};
use crate::stats::{Cell, Leaders, Stats};
use crate::store::Changes;
use crate::stored_edit::{Added, StoredEdit};
use crate::{Day, Dimensions, EditId, Event, LedgerError};

/// Events of one commit: memory is bounded, and a crash repeats no more than these.
const BATCH: usize = 20_000;

/// What an ingest did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ingested {
    /// Events that were not known before.
    pub new: u64,
    /// Events that were.
    pub known: u64,
    /// Events of days whose sums are closed; they do not count.
    pub late: u64,
}

/// What was read and is not in the index yet.
#[derive(Default)]
struct Batch {
    events: BTreeMap<EditId, Vec<Event>>,
    count: usize,
    cursors: BTreeMap<String, u64>,
    losses: Vec<Loss>,
}

/// Reads all files from where they were left, for other processes too. The caller holds the lease.
pub(crate) fn ingest(index: &mut Index, layout: &Layout) -> Result<Ingested, LedgerError> {
    run(index, layout, true)
}

/// Reads all files into an index that is not the ledger's. Moves and writes nothing else.
pub(crate) fn ingest_apart(index: &mut Index, layout: &Layout) -> Result<Ingested, LedgerError> {
    run(index, layout, false)
}

fn run(index: &mut Index, layout: &Layout, for_all: bool) -> Result<Ingested, LedgerError> {
    let before = index.generation()?;
    apply_closed(index, layout)?;
    let (mut live, mut dead) = (Vec::new(), Vec::new());
    for path in Layout::files(&layout.spool(), &["journal"])? {
        // Asked before the journal is read: a dead process has written all it ever will.
        match Owner::of(&path).map_err(LedgerError::io(&path))? {
            Owner::Alive => live.push(path),
            Owner::Dead { _lock } => dead.push((path, _lock)),
        }
    }
    let mut ingest =
        Ingest { index, batch: Batch::default(), done: Ingested::default(), touched: Touched::default() };
    ingest.batch.losses = Manifest::read(layout)?.losses(layout);
    let mut lasting = Layout::files(&layout.archive(), &["journal", "segment"])?;
    for path in &lasting {
        ingest.read(path.clone(), true)?;
    }
    for path in &live {
        ingest.read(path.clone(), false)?;
    }
    let mut ended = Vec::new();
    for (path, lock) in dead {
        if ingest.read(path.clone(), true)? {
            ended.push((path, lock));
        } else {
            live.push(path);
        }
    }
    ingest.commit()?;
    let Ingest { index, done, touched, .. } = ingest;
    if !for_all {
        return Ok(done);
    }
    write_checkpoint(index, layout, before, &live, touched)?;
    lasting.extend(ended.iter().map(|(path, _)| path.clone()));
    lasting.push(layout.closed());
    Manifest::add(layout, &lasting)?;
    for (path, _lock) in ended {
        archive(layout, &path).map_err(LedgerError::io(&path))?;
    }
    Ok(done)
}

struct Ingest<'a> {
    index: &'a mut Index,
    batch: Batch,
    done: Ingested,
    touched: Touched,
}

impl Ingest<'_> {
    /// Reads one file. Returns whether it can be let go of: whether all of it was understood.
    fn read(&mut self, path: PathBuf, is_final: bool) -> Result<bool, LedgerError> {
        let name = name_of(&path);
        let cursor = self.index.cursor(&name)?;
        let length = path.metadata().map_err(LedgerError::io(&path))?.len();
        if length < cursor {
            let loss = Loss {
                file: name.clone(),
                offset: length,
                bytes: cursor - length,
                kind: LossKind::Truncated,
            };
            self.batch.losses.push(loss);
            self.batch.cursors.insert(name, length);
            return Ok(true);
        }
        if length == cursor {
            return Ok(true);
        }
        let mut reader = SourceReader::open(&path, cursor)?;
        loop {
            let chunk = match reader.next() {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return Ok(true),
                Err(LedgerError::Newer { .. }) => {
                    let loss = Loss { file: name, offset: 0, bytes: length, kind: LossKind::Newer };
                    self.batch.losses.push(loss);
                    return Ok(false);
                }
                Err(error) => return Err(error),
            };
            self.batch.losses.extend(chunk.losses);
            let mut end = chunk.end;
            if is_final && chunk.unfinished > 0 {
                let (offset, bytes) = (chunk.end, chunk.unfinished);
                self.batch.losses.push(Loss { file: name.clone(), offset, bytes, kind: LossKind::Torn });
                end += chunk.unfinished;
            }
            self.batch.cursors.insert(name.clone(), end);
            for record in chunk.records {
                if let Record::Event(event) = record {
                    self.batch.count += 1;
                    self.batch.events.entry(event.edit).or_default().push(event);
                }
            }
            if self.batch.count >= BATCH {
                self.commit()?;
            }
            if chunk.unfinished > 0 {
                return Ok(true);
            }
        }
    }

    /// Edits first, then their days' sums with the cursors: after a crash between the two, the intent file says
    /// which sums to compute anew.
    fn commit(&mut self) -> Result<(), LedgerError> {
        let batch = std::mem::take(&mut self.batch);
        let known: BTreeSet<Loss> = self.index.losses()?.into_iter().collect();
        let losses: Vec<_> = batch.losses.into_iter().filter(|loss| !known.contains(loss)).collect();
        if batch.events.is_empty() && batch.cursors.is_empty() && losses.is_empty() {
            return Ok(());
        }
        let mut changes = Changes::default();
        for loss in &losses {
            tracing::warn!("the ledger lost something: {loss}");
            Index::put_loss(loss, &mut changes)?;
        }
        for (file, cursor) in &batch.cursors {
            Index::put_cursor(file, *cursor, &mut changes)?;
        }
        let mut events = batch.events;
        let days: BTreeSet<Day> = events.keys().map(|edit| edit.day()).collect();
        for day in days {
            if self.index.is_closed(day)? {
                events.retain(|edit, events| {
                    let is_late = edit.day() == day;
                    self.done.late += if is_late { events.len() as u64 } else { 0 };
                    !is_late
                });
            }
        }
        if events.is_empty() {
            return self.index.commit(changes);
        }
        let days: BTreeSet<Day> = events.keys().map(|edit| edit.day()).collect();
        self.index.begin(&days.into_iter().collect::<Vec<_>>())?;
        let mut sums = Sums::default();
        let mut edits = Changes::default();
        for (id, events) in events {
            self.merge(id, events, &mut sums, &mut edits, &mut changes)?;
        }
        let store = self.index.edits()?;
        store.apply(edits)?;
        store.sync()?;
        sums.write(self.index, &mut changes)?;
        self.index.commit(changes)?;
        self.index.finish()
    }

    fn merge(
        &mut self,
        id: EditId,
        events: Vec<Event>,
        sums: &mut Sums,
        edits: &mut Changes,
        changes: &mut Changes,
    ) -> Result<(), LedgerError> {
        let key = id.to_bytes();
        let before: Option<StoredEdit> = self.index.edits()?.get(&key)?;
        let mut stored = before.clone().unwrap_or_default();
        let (mut new, mut refused) = (0, 0);
        for event in events {
            match stored.add(event) {
                Added::New => new += 1,
                Added::Known => self.done.known += 1,
                Added::TooMany => refused += 1,
            }
        }
        self.done.new += new;
        if refused > 0 {
            let loss =
                Loss { file: format!("edit {id}"), offset: 0, bytes: refused, kind: LossKind::TooMany };
            Index::put_loss(&loss, changes)?;
        }
        if new == 0 {
            return Ok(());
        }
        edits.put(&key, &stored)?;
        if let Some(edit) = before.and_then(|before| Edit::of(before.events(id))) {
            sums.of(self.index, &edit)?.subtract(&edit.stats());
        }
        if let Some(edit) = Edit::of(stored.events(id)) {
            sums.of(self.index, &edit)?.add(&edit.stats());
            sums.lead(self.index, &edit)?;
            self.touched.note(&edit);
        }
        Ok(())
    }
}

/// Sums that change in one commit.
#[derive(Default)]
struct Sums {
    cells: BTreeMap<(Day, Dimensions), Stats>,
    leaders: BTreeMap<Day, Leaders>,
    /// Days whose leaders must be looked for among all edits.
    stale: BTreeSet<Day>,
}

impl Sums {
    fn of(&mut self, index: &Index, edit: &Edit) -> Result<&mut Stats, LedgerError> {
        let key = (edit.id.day(), edit.dimensions());
        if !self.cells.contains_key(&key) {
            let stats = index.cell(key.0, &key.1)?.unwrap_or_default();
            self.cells.insert(key.clone(), stats);
        }
        Ok(self.cells.entry(key).or_default())
    }

    fn lead(&mut self, index: &Index, edit: &Edit) -> Result<(), LedgerError> {
        let day = edit.id.day();
        let leaders = match self.leaders.entry(day) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(index.leaders(day)?),
        };
        if !leaders.update(&edit.leader()) {
            self.stale.insert(day);
        }
        Ok(())
    }

    fn write(mut self, index: &mut Index, changes: &mut Changes) -> Result<(), LedgerError> {
        for day in self.stale {
            let (_, leaders) = index.sums_of_edits(day)?;
            self.leaders.insert(day, leaders);
        }
        for ((day, dimensions), stats) in self.cells {
            Index::put_cell(day, &Cell { dimensions, stats }, changes)?;
        }
        for (day, leaders) in self.leaders {
            Index::put_leaders(day, &leaders, changes)?;
        }
        Ok(())
    }
}

/// Takes the sums of closed days over when their file is another than the one known.
fn apply_closed(index: &mut Index, layout: &Layout) -> Result<(), LedgerError> {
    let path = layout.closed();
    let length = match path.metadata() {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(LedgerError::io(&path)(error)),
    };
    let name = name_of(&path);
    if index.cursor(&name)? == length {
        return Ok(());
    }
    let mut changes = Changes::default();
    let mut reader = SourceReader::open(&path, 0)?;
    while let Some(chunk) = reader.next()? {
        for loss in &chunk.losses {
            Index::put_loss(loss, &mut changes)?;
        }
        for record in chunk.records {
            if let Record::Closed(closed) = record {
                Index::put_closed(closed.day, &mut changes)?;
                index.replace_day(closed.day, closed.cells, &closed.leaders, &mut changes)?;
            }
        }
        if chunk.unfinished > 0 {
            let (offset, bytes) = (chunk.end, chunk.unfinished);
            Index::put_loss(&Loss { file: name.clone(), offset, bytes, kind: LossKind::Torn }, &mut changes)?;
            break;
        }
    }
    Index::put_cursor(&name, length, &mut changes)?;
    index.commit(changes)
}
