//! The index: edits with their events, sums by day, and how far every file was read. Built from the files, at any
//! time again.
//!
//! Sums of a day are a function of its edits. They are in two databases, so that reports open the small one only;
//! the `intent` file names the days whose sums may lag behind their edits after a crash.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use crate::edit::Edit;
use crate::error::Loss;
use crate::layout::write_whole;
use crate::stats::{Cell, Leaders, Stats};
use crate::store::{Changes, Store};
use crate::stored_edit::StoredEdit;
use crate::{Day, Dimensions, EditId, EventId, LedgerError};

/// What the keys of the database of sums start with.
mod prefix {
    pub(super) const CELL: u8 = b'c';
    pub(super) const CLOSED: u8 = b'd';
    pub(super) const CURSOR: u8 = b'f';
    pub(super) const LOSS: u8 = b'l';
    pub(super) const LEADERS: u8 = b't';
}

/// The version of what the index holds. An older one is made anew from the journals.
const SCHEMA: u32 = 3;
const SCHEMA_KEY: &[u8] = b"schema";
const GENERATION_KEY: &[u8] = b"generation";

pub(crate) struct Index {
    path: PathBuf,
    sums: Store,
    /// Opened when it is needed.
    edits: Option<Store>,
}

impl Index {
    /// Opens the index, or makes a new one. The caller holds the lease.
    pub(crate) fn open(path: PathBuf) -> Result<Self, LedgerError> {
        fs::create_dir_all(&path).map_err(LedgerError::io(&path))?;
        let sums = Store::open(&path.join("sums"))?;
        match sums.get::<u32>(SCHEMA_KEY)? {
            None => {
                let mut changes = Changes::default();
                changes.put(SCHEMA_KEY, &SCHEMA)?;
                sums.apply(changes)?;
            }
            Some(SCHEMA) => {}
            Some(found) if found > SCHEMA => return Err(LedgerError::Newer { path, found }),
            Some(_) => {
                // What an older program made of the journals: they are all there.
                drop(sums);
                fs::remove_dir_all(&path).map_err(LedgerError::io(&path))?;
                return Self::open(path);
            }
        }
        let mut index = Self { path, sums, edits: None };
        index.recover()?;
        Ok(index)
    }

    pub(crate) fn edits(&mut self) -> Result<&Store, LedgerError> {
        match self.edits {
            Some(ref edits) => Ok(edits),
            None => Ok(self.edits.insert(Store::open(&self.path.join("edits"))?)),
        }
    }

    fn intent(&self) -> PathBuf {
        self.path.join("intent")
    }

    /// Says which days' sums are about to lag behind.
    pub(crate) fn begin(&self, days: &[Day]) -> Result<(), LedgerError> {
        let text =
            serde_json::to_string(days).map_err(|error| LedgerError::DamagedIndex(error.to_string()))?;
        write_whole(&self.intent(), |file| file.write_all(text.as_bytes()))
    }

    /// Says that no sums lag behind.
    pub(crate) fn finish(&self) -> Result<(), LedgerError> {
        let intent = self.intent();
        fs::remove_file(&intent).map_err(LedgerError::io(&intent))
    }

    /// After a crash: the sums of the days it names from their edits.
    fn recover(&mut self) -> Result<(), LedgerError> {
        let text = match fs::read_to_string(self.intent()) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(LedgerError::io(&self.intent())(error)),
        };
        let days: Vec<Day> = serde_json::from_str(&text)
            .map_err(|error| LedgerError::DamagedIndex(format!("the intent file: {error}")))?;
        let mut changes = Changes::default();
        for day in days {
            let (cells, leaders) = self.sums_of_edits(day)?;
            self.replace_day(day, cells, &leaders, &mut changes)?;
        }
        self.commit(changes)?;
        self.finish()
    }

    /// The sums of a day from its edits.
    pub(crate) fn sums_of_edits(&mut self, day: Day) -> Result<(Vec<Cell>, Leaders), LedgerError> {
        let mut sums = DaySums::default();
        for edit in self.edits_of(day)? {
            sums.add(&edit?);
        }
        Ok(sums.finish())
    }

    /// The edits of a day in their order.
    pub(crate) fn edits_of(
        &mut self,
        day: Day,
    ) -> Result<impl Iterator<Item = Result<Edit, LedgerError>> + '_, LedgerError> {
        let key = |day: Day| EditId::from_parts(day.start_ms(), 0, 0).to_bytes().to_vec();
        let edits = self.edits()?.range::<StoredEdit>(key(day), key(day.plus(1)));
        Ok(edits.filter_map(|entry| match entry {
            Ok((key, stored)) => Edit::of(stored.events(edit_of(&key)?)).map(Ok),
            Err(error) => Some(Err(error)),
        }))
    }

    /// One edit.
    pub(crate) fn edit(&mut self, id: EditId) -> Result<Option<Edit>, LedgerError> {
        let stored: Option<StoredEdit> = self.edits()?.get(&id.to_bytes())?;
        Ok(stored.and_then(|stored| Edit::of(stored.events(id))))
    }

    /// The ids of edits between two, both included.
    pub(crate) fn edit_ids(
        &mut self,
        first: EditId,
        last: EditId,
    ) -> Result<impl Iterator<Item = Result<EditId, LedgerError>> + '_, LedgerError> {
        let before = [last.to_bytes().as_slice(), &[0]].concat();
        let edits = self.edits()?.range::<StoredEdit>(first.to_bytes().to_vec(), before);
        Ok(edits.filter_map(|entry| match entry {
            Ok((key, _)) => edit_of(&key).map(Ok),
            Err(error) => Some(Err(error)),
        }))
    }

    /// Days between two that have leaders, which is all with edits.
    pub(crate) fn days(&self, first: Day, last: Day) -> Result<Vec<Day>, LedgerError> {
        let (from, before) = (day_key(prefix::LEADERS, first), day_key(prefix::LEADERS, last.plus(1)));
        self.sums
            .range::<Leaders>(from, before)
            .map(|entry| read_day(&entry?.0).map(|(day, _)| day))
            .collect()
    }

    /// All edits in their order, as they are stored.
    pub(crate) fn stored_edits(
        &mut self,
    ) -> Result<impl Iterator<Item = Result<(EditId, StoredEdit), LedgerError>> + '_, LedgerError> {
        let edits = self.edits()?.range::<StoredEdit>(vec![0; 16], vec![0xFF; 17]);
        Ok(edits.filter_map(|entry| match entry {
            Ok((key, stored)) => edit_of(&key).map(|id| Ok((id, stored))),
            Err(error) => Some(Err(error)),
        }))
    }

    /// Sums of days, in the order of the days; both ends included.
    pub(crate) fn cells(
        &self,
        first: Day,
        last: Day,
    ) -> impl Iterator<Item = Result<(Day, Cell), LedgerError>> + '_ {
        let (from, before) = (day_key(prefix::CELL, first), day_key(prefix::CELL, last.plus(1)));
        self.sums.range::<Stats>(from, before).map(|entry| {
            let (key, stats) = entry?;
            let (day, dimensions) = read_cell_key(&key)?;
            Ok((day, Cell { dimensions, stats }))
        })
    }

    pub(crate) fn cell(&self, day: Day, dimensions: &Dimensions) -> Result<Option<Stats>, LedgerError> {
        self.sums.get(&cell_key(day, dimensions)?)
    }

    pub(crate) fn put_cell(day: Day, cell: &Cell, changes: &mut Changes) -> Result<(), LedgerError> {
        let key = cell_key(day, &cell.dimensions)?;
        if cell.stats.is_empty() {
            changes.remove(&key);
            Ok(())
        } else {
            changes.put(&key, &cell.stats)
        }
    }

    pub(crate) fn leaders(&self, day: Day) -> Result<Leaders, LedgerError> {
        Ok(self.sums.get(&day_key(prefix::LEADERS, day))?.unwrap_or_default())
    }

    pub(crate) fn put_leaders(day: Day, leaders: &Leaders, changes: &mut Changes) -> Result<(), LedgerError> {
        changes.put(&day_key(prefix::LEADERS, day), leaders)
    }

    /// Takes other sums for those of a day.
    pub(crate) fn replace_day(
        &self,
        day: Day,
        cells: Vec<Cell>,
        leaders: &Leaders,
        changes: &mut Changes,
    ) -> Result<(), LedgerError> {
        for old in self.cells(day, day) {
            changes.remove(&cell_key(day, &old?.1.dimensions)?);
        }
        for cell in cells {
            Self::put_cell(day, &cell, changes)?;
        }
        Self::put_leaders(day, leaders, changes)
    }

    /// How far a file was read.
    pub(crate) fn cursor(&self, file: &str) -> Result<u64, LedgerError> {
        Ok(self.sums.get(&cursor_key(file))?.unwrap_or(0))
    }

    pub(crate) fn put_cursor(file: &str, offset: u64, changes: &mut Changes) -> Result<(), LedgerError> {
        changes.put(&cursor_key(file), &offset)
    }

    /// What could not be read, ever.
    pub(crate) fn losses(&self) -> Result<Vec<Loss>, LedgerError> {
        let losses = self.sums.range(vec![prefix::LOSS], vec![prefix::LOSS + 1]);
        losses.map(|entry| Ok(entry?.1)).collect()
    }

    pub(crate) fn put_loss(loss: &Loss, changes: &mut Changes) -> Result<(), LedgerError> {
        let mut key = vec![prefix::LOSS];
        key.extend_from_slice(loss.file.as_bytes());
        key.extend_from_slice(&loss.offset.to_be_bytes());
        changes.put(&key, loss)
    }

    /// Whether the events of a day were let go. Its sums are final.
    pub(crate) fn is_closed(&self, day: Day) -> Result<bool, LedgerError> {
        Ok(self.sums.get::<()>(&day_key(prefix::CLOSED, day))?.is_some())
    }

    pub(crate) fn put_closed(day: Day, changes: &mut Changes) -> Result<(), LedgerError> {
        changes.put(&day_key(prefix::CLOSED, day), &())
    }

    /// Changes with every commit.
    pub(crate) fn generation(&self) -> Result<Option<EventId>, LedgerError> {
        self.sums.get(GENERATION_KEY)
    }

    /// Applies changes of the sums and makes them last.
    pub(crate) fn commit(&self, mut changes: Changes) -> Result<(), LedgerError> {
        changes.put(GENERATION_KEY, &EventId::new())?;
        self.sums.apply(changes)?;
        self.sums.sync()
    }
}

/// The sums of one day in the making.
#[derive(Default)]
pub(crate) struct DaySums {
    cells: BTreeMap<Dimensions, Stats>,
    leaders: Leaders,
}

impl DaySums {
    pub(crate) fn add(&mut self, edit: &Edit) {
        self.cells.entry(edit.dimensions()).or_default().add(&edit.stats());
        self.leaders.update(&edit.leader());
    }

    pub(crate) fn finish(self) -> (Vec<Cell>, Leaders) {
        let cells = self.cells.into_iter().map(|(dimensions, stats)| Cell { dimensions, stats });
        (cells.collect(), self.leaders)
    }
}

fn edit_of(key: &[u8]) -> Option<EditId> {
    key.try_into().ok().map(EditId::from_bytes)
}

/// Days before 1970 sort before those after.
fn day_key(prefix: u8, day: Day) -> Vec<u8> {
    let number = (day.number() as u32) ^ (1 << 31);
    [&[prefix], number.to_be_bytes().as_slice()].concat()
}

fn cursor_key(file: &str) -> Vec<u8> {
    [&[prefix::CURSOR], file.as_bytes()].concat()
}

fn cell_key(day: Day, dimensions: &Dimensions) -> Result<Vec<u8>, LedgerError> {
    postcard::to_extend(dimensions, day_key(prefix::CELL, day))
        .map_err(|error| LedgerError::DamagedIndex(error.to_string()))
}

fn read_day(key: &[u8]) -> Result<(Day, &[u8]), LedgerError> {
    let damaged = || LedgerError::DamagedIndex("a key is none of ours".to_owned());
    let (number, rest) = key.get(1..).and_then(|key| key.split_first_chunk()).ok_or_else(damaged)?;
    let number = (u32::from_be_bytes(*number) ^ (1 << 31)) as i32;
    Ok((Day::default().plus(number), rest))
}

fn read_cell_key(key: &[u8]) -> Result<(Day, Dimensions), LedgerError> {
    let (day, dimensions) = read_day(key)?;
    let dimensions =
        postcard::from_bytes(dimensions).map_err(|error| LedgerError::DamagedIndex(error.to_string()))?;
    Ok((day, dimensions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_program_made_is_made_anew_and_a_newer_ones_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let put = |schema: u32| {
            let index = Index::open(path.clone()).unwrap();
            let mut changes = Changes::default();
            changes.put(SCHEMA_KEY, &schema).unwrap();
            Index::put_closed(Day::default(), &mut changes).unwrap();
            index.commit(changes).unwrap();
        };
        put(SCHEMA);
        assert!(Index::open(path.clone()).unwrap().is_closed(Day::default()).unwrap());
        put(SCHEMA - 1);
        assert!(!Index::open(path.clone()).unwrap().is_closed(Day::default()).unwrap(), "it is empty");
        put(SCHEMA + 1);
        let newer = Index::open(path.clone()).err();
        assert!(matches!(newer, Some(LedgerError::Newer { found, .. }) if found == SCHEMA + 1));
    }
}
