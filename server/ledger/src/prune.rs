//! Lets go of what is older than it is to be kept, and makes what stays small.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use crate::error::LossKind;
use crate::frame;
use crate::index::Index;
use crate::layout::{Layout, write_whole};
use crate::manifest::Manifest;
use crate::record::{Closed, Header, Record};
use crate::segment::SegmentWriter;
use crate::source::{SourceReader, name_of};
use crate::verify::{losses_in, rebuild};
use crate::{Day, EventId, Ledger, LedgerError};

/// Bytes of a segment after which the next one begins.
const SEGMENT: u64 = 16 << 20;

/// What was let go.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Pruned {
    /// Days whose events were let go and whose sums stay.
    pub closed_days: u64,
    /// Their events.
    pub events: u64,
    /// Request logs that were let go.
    pub request_logs: u64,
    /// Bytes on disk before.
    pub bytes_before: u64,
    /// Bytes on disk after.
    pub bytes_after: u64,
}

impl Ledger {
    /// Lets go of what is older than the retention says, packs the archive and builds the index anew. Sums stay.
    pub fn prune(&self) -> Result<Pruned, LedgerError> {
        self.prune_as_of(Day::today())
    }

    pub(crate) fn prune_as_of(&self, today: Day) -> Result<Pruned, LedgerError> {
        let layout = self.layout();
        let back = |days: u32| today.plus(-i32::try_from(days).unwrap_or(i32::MAX));
        let retention = self.options().retention;
        let (events_from, logs_from) = (back(retention.event_days), back(retention.request_log_days));
        let mut pruned = Pruned { bytes_before: size(layout), ..Pruned::default() };
        pruned.closed_days = self.with_index(|index, _| close(index, layout, events_from))?;
        let lease = self.lease()?;
        pack(layout, events_from, logs_from, &mut pruned)?;
        rebuild(layout)?;
        drop(lease);
        self.ingest()?;
        pruned.bytes_after = size(layout);
        Ok(pruned)
    }
}

/// Bytes of all files of a ledger.
fn size(layout: &Layout) -> u64 {
    let mut folders = vec![layout.root().to_owned()];
    let mut bytes = 0;
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(entry.path()),
                Ok(metadata) => bytes += metadata.len(),
                // Gone meanwhile.
                Err(_) => {}
            }
        }
    }
    bytes
}

/// Writes the sums of days whose events are about to go. From then on their events do not count.
fn close(index: &mut Index, layout: &Layout, before: Day) -> Result<u64, LedgerError> {
    let mut closed = read_closed(layout)?;
    let already = closed.len();
    for day in index.days(Day::default(), before.plus(-1))? {
        if !index.is_closed(day)? {
            let cells: Result<Vec<_>, _> =
                index.cells(day, day).map(|entry| entry.map(|(_, cell)| cell)).collect();
            closed.push(Closed { day, cells: cells?, leaders: index.leaders(day)? });
        }
    }
    let new = (closed.len() - already) as u64;
    if new > 0 {
        write_closed(layout, &closed)?;
    }
    Ok(new)
}

pub(crate) fn read_closed(layout: &Layout) -> Result<Vec<Closed>, LedgerError> {
    let path = layout.closed();
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut closed = Vec::new();
    let mut reader = SourceReader::open(&path, 0)?;
    while let Some(chunk) = reader.next()? {
        let last = chunk.unfinished > 0;
        closed.extend(chunk.records.into_iter().filter_map(|record| match record {
            Record::Closed(closed) => Some(*closed),
            _ => None,
        }));
        if last {
            break;
        }
    }
    Ok(closed)
}

pub(crate) fn write_closed(layout: &Layout, closed: &[Closed]) -> Result<(), LedgerError> {
    write_whole(&layout.closed(), |file| {
        let mut lines = Vec::new();
        frame::encode(&Record::Header(Header::CURRENT).to_json()?, &mut lines);
        for closed in closed {
            frame::encode(&Record::Closed(Box::new(closed.clone())).to_json()?, &mut lines);
        }
        file.write_all(&lines)
    })
}

/// Writes all archived files anew as segments. Those with damage stay as they are, for whoever can read them, and so do
/// those of later versions.
fn pack(layout: &Layout, events_from: Day, logs_from: Day, pruned: &mut Pruned) -> Result<(), LedgerError> {
    let mut packer = Packer { layout, segment: None, written: Vec::new() };
    let cut: BTreeSet<String> =
        Manifest::read(layout)?.losses(layout).into_iter().map(|loss| loss.file).collect();
    let mut packed = Vec::new();
    for path in Layout::files(&layout.archive(), &["journal", "segment"])? {
        let is_damaged = || Ok(losses_in(&path)?.iter().any(|loss| loss.kind != LossKind::Torn));
        if cut.contains(&name_of(&path)) || is_damaged()? {
            continue;
        }
        let mut reader = SourceReader::open(&path, 0)?;
        while let Some(chunk) = reader.next()? {
            for record in chunk.records {
                let Record::Event(mut event) = record else { continue };
                let day = event.edit.day();
                if day < events_from {
                    pruned.events += 1;
                    continue;
                }
                if day < logs_from && event.kind.strip_log() {
                    pruned.request_logs += 1;
                }
                packer.push(&Record::Event(event))?;
            }
            if chunk.unfinished > 0 {
                break;
            }
        }
        packed.push(path);
    }
    packer.finish()?;
    Manifest::replace(layout, &packed.iter().map(|path| name_of(path)).collect())?;
    // Only now: until here every event stood in the old files, and twice is as good as once.
    packed.iter().try_for_each(|path| fs::remove_file(path).map_err(LedgerError::io(path)))
}

struct Packer<'a> {
    layout: &'a Layout,
    segment: Option<(SegmentWriter<File>, PathBuf)>,
    written: Vec<PathBuf>,
}

impl Packer<'_> {
    fn push(&mut self, record: &Record) -> Result<(), LedgerError> {
        let (segment, path) = match &mut self.segment {
            Some(segment) => segment,
            None => {
                // Not read before it is renamed.
                let path = self.layout.archive().join(format!("{}.draft", EventId::new()));
                let segment =
                    File::create(&path).and_then(SegmentWriter::new).map_err(LedgerError::io(&path))?;
                self.segment.insert((segment, path))
            }
        };
        segment.push(record).map_err(LedgerError::io(path))?;
        if segment.written() >= SEGMENT { self.end_segment() } else { Ok(()) }
    }

    fn end_segment(&mut self) -> Result<(), LedgerError> {
        if let Some((segment, path)) = self.segment.take() {
            let synced = segment.finish().and_then(|file| file.sync_all());
            synced.map_err(LedgerError::io(&path))?;
            self.written.push(path);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), LedgerError> {
        self.end_segment()?;
        for path in &self.written {
            fs::rename(path, path.with_extension("segment")).map_err(LedgerError::io(path))?;
        }
        crate::layout::sync_folder(&self.layout.archive());
        Ok(())
    }
}

impl Drop for Packer<'_> {
    fn drop(&mut self) {
        let begun = self.segment.take().map(|(_, path)| path);
        for path in begun.into_iter().chain(self.written.drain(..)) {
            // Those that were renamed are not there any more.
            if path.exists() && fs::remove_file(&path).is_err() {
                tracing::debug!("{} stays", name_of(&path));
            }
        }
    }
}
