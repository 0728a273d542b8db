//! A whole ledger in one file, and back.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::layout::{Layout, write_whole};
use crate::manifest::Manifest;
use crate::prune::write_closed;
use crate::record::{End, Record};
use crate::segment::SegmentWriter;
use crate::source::SourceReader;
use crate::transfer::each_record;
use crate::verify::rebuild;
use crate::{EventId, Ledger, LedgerError};

impl Ledger {
    /// Writes everything to one compressed file with checksums; all of it or nothing.
    pub fn backup(&self, path: &Path) -> Result<(), LedgerError> {
        let layout = self.layout();
        self.with_index(|index, _| {
            write_whole(path, |file| {
                let mut segment = SegmentWriter::new(std::io::BufWriter::new(file))?;
                each_record(index, layout, |record| match record {
                    Record::Header(_) => Ok(()),
                    record => segment.push(record),
                })
                .map_err(std::io::Error::other)?;
                segment.finish()?.flush()
            })
        })
    }

    /// Puts a backup in the place of what is there, which is kept in the folder `before-*` that is returned. A
    /// backup that is not whole is refused. What other windows are writing stays.
    pub fn restore(&self, path: &Path) -> Result<std::path::PathBuf, LedgerError> {
        let closed = check(path)?;
        let layout = self.layout();
        // So that all journals of dead processes are in the archive.
        self.ingest()?;
        let lease = self.lease()?;
        let before = layout.root().join(format!("before-{}", EventId::new()));
        let moved = Layout::new(&before);
        moved.create()?;
        for file in Layout::files(&layout.archive(), &["journal", "segment"])? {
            let name = file.file_name().unwrap_or_default();
            fs::rename(&file, moved.archive().join(name)).map_err(LedgerError::io(&file))?;
        }
        if layout.closed().exists() {
            fs::rename(layout.closed(), moved.closed()).map_err(LedgerError::io(&layout.closed()))?;
        }
        let restored = layout.archive().join(format!("{}.segment", EventId::new()));
        write_whole(&restored, |file| {
            std::io::copy(&mut fs::File::open(path)?, file)?;
            Ok(())
        })?;
        if !closed.is_empty() {
            write_closed(layout, &closed)?;
        }
        Manifest::begin_anew(layout)?;
        rebuild(layout)?;
        drop(lease);
        self.ingest()?;
        Ok(before)
    }
}

/// Reads all of a backup. Returns its closed days.
fn check(path: &Path) -> Result<Vec<crate::record::Closed>, LedgerError> {
    let broken = |reason: &str| LedgerError::Backup { path: path.to_owned(), reason: reason.to_owned() };
    // The reader tells segments by their names; a backup may have any.
    let mut reader = SourceReader::open_segment(path)?;
    let mut read = End { events: 0, closed: 0 };
    let (mut closed, mut end) = (Vec::new(), None);
    while let Some(chunk) = reader.next()? {
        if let Some(loss) = chunk.losses.first() {
            return Err(broken(&loss.to_string()));
        }
        for record in chunk.records {
            match record {
                Record::Event(_) => read.events += 1,
                Record::Closed(day) => {
                    read.closed += 1;
                    closed.push(*day);
                }
                Record::End(found) => end = Some(found),
                Record::Header(_) => {}
            }
        }
    }
    match end {
        Some(end) if end == read => Ok(closed),
        Some(_) => Err(broken("some of it is missing")),
        None => Err(broken("its end is missing")),
    }
}
