//! Reads everything again and compares it with the index; builds the index anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Loss, LossKind};
use crate::index::Index;
use crate::ingest::ingest_apart;
use crate::layout::Layout;
use crate::manifest::Manifest;
use crate::source::{SourceReader, name_of};
use crate::{Day, Digest, EditId, EventId, Ledger, LedgerError, Stats};

/// What a look at everything found.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Verified {
    /// Files that were read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Events, each counted once.
    pub events: u64,
    /// Edits.
    pub edits: u64,
    /// Parts of files that cannot be read.
    pub losses: Vec<Loss>,
    /// Days whose sums in the index are not those of the files.
    pub wrong_days: Vec<Day>,
    /// Events that only the index has: their files were lost after they were read.
    pub only_in_index: u64,
    /// Events that the index misses.
    pub not_in_index: u64,
    /// Requests whose link to the one before is broken: one was changed or taken away.
    pub broken_links: u64,
}

impl Verified {
    /// Whether all is as it should be. A line that a killed process did not finish is no damage: it was never
    /// acknowledged.
    pub fn is_whole(&self) -> bool {
        let Self { losses, wrong_days, only_in_index, not_in_index, broken_links, .. } = self;
        wrong_days.is_empty()
            && (*only_in_index, *not_in_index, *broken_links) == (0, 0, 0)
            && losses.iter().all(|loss| loss.kind == LossKind::Torn)
    }
}

/// A folder that is removed when this is dropped.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::debug!("{}: not removed: {error}", self.0.display());
        }
    }
}

impl Ledger {
    /// Reads all files, builds a second index of them and compares the two.
    pub fn verify(&self) -> Result<Verified, LedgerError> {
        let layout = self.layout();
        self.with_index(|index, _| {
            let scratch = Scratch(layout.root().join(format!("verify-{}", EventId::new())));
            let mut fresh = Index::open(scratch.0.clone())?;
            ingest_apart(&mut fresh, layout)?;
            compare(index, &mut fresh, layout)
        })
    }

    /// Builds the index anew from the files. The old one is used until the new one is whole. One that has events whose
    /// files were lost is all there is of them: it is only given up to `discard` them.
    pub fn rebuild(&self, discard: bool) -> Result<(), LedgerError> {
        let layout = self.layout();
        // An index that cannot be read has nothing to lose.
        let only_here = self.verify().map_or(0, |verified| verified.only_in_index);
        if only_here > 0 && !discard {
            return Err(LedgerError::OnlyInIndex { events: only_here });
        }
        layout.create()?;
        let lease = self.lease()?;
        if discard {
            Manifest::begin_anew(layout)?;
        }
        rebuild(layout)?;
        drop(lease);
        self.ingest().map(drop)
    }
}

/// Builds the index anew. The caller holds the lease.
pub(crate) fn rebuild(layout: &Layout) -> Result<(), LedgerError> {
    let draft = layout.root().join(format!("rebuild-{}", EventId::new()));
    let built = catch_unwind(AssertUnwindSafe(|| {
        let mut fresh = Index::open(draft.clone())?;
        ingest_apart(&mut fresh, layout).map(drop)
    }));
    let built =
        built.unwrap_or_else(|_| Err(LedgerError::DamagedIndex("panic while it was built".to_owned())));
    if let Err(error) = built {
        drop(Scratch(draft));
        return Err(error);
    }
    let index = layout.index();
    match fs::remove_dir_all(&index) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(LedgerError::io(&index)(error));
        }
        _ => {}
    }
    fs::rename(&draft, &index).map_err(LedgerError::io(&index))?;
    // Drafts of those that were killed while they worked.
    for entry in fs::read_dir(layout.root()).map_err(LedgerError::io(layout.root()))?.flatten() {
        let name = name_of(&entry.path());
        if name.starts_with("rebuild-") || name.starts_with("verify-") {
            drop(Scratch(entry.path()));
        }
    }
    Ok(())
}

type Sums = BTreeMap<Day, Vec<Stats>>;

fn sums(index: &Index) -> Result<Sums, LedgerError> {
    let mut sums = Sums::new();
    for entry in index.cells(Day::default(), Day::of_ms(u64::MAX)) {
        let (day, cell) = entry?;
        sums.entry(day).or_default().push(cell.stats);
    }
    Ok(sums)
}

fn compare(index: &mut Index, fresh: &mut Index, layout: &Layout) -> Result<Verified, LedgerError> {
    let mut verified = Verified::default();
    let (known, read) = (sums(index)?, sums(fresh)?);
    let days = known.keys().chain(read.keys());
    verified.wrong_days = days.filter(|day| known.get(day) != read.get(day)).copied().collect();
    verified.wrong_days.sort_unstable();
    verified.wrong_days.dedup();
    verified.losses = index.losses()?.into_iter().chain(fresh.losses()?).collect();
    for path in layout.sources()? {
        verified.files += 1;
        verified.bytes += path.metadata().map_err(LedgerError::io(&path))?.len();
        verified.losses.extend(losses_in(&path)?);
    }
    verified.losses.sort_unstable();
    verified.losses.dedup();
    let (mut links, mut named) = (BTreeSet::from([Digest::default()]), Vec::new());
    let mut first = None;
    // Both are sorted by id.
    let mut mine = index.stored_edits()?.peekable();
    let mut theirs = fresh.stored_edits()?.peekable();
    loop {
        let next = |entry: Option<&Result<(EditId, _), LedgerError>>| {
            entry.and_then(|entry| entry.as_ref().ok()).map(|(id, _)| *id)
        };
        let (a, b) = (next(mine.peek()), next(theirs.peek()));
        let take_mine = a.is_some() && (b.is_none() || a <= b);
        let take_theirs = b.is_some() && (a.is_none() || b <= a);
        let known = if take_mine || b.is_none() { mine.next().transpose()? } else { None };
        let read = if take_theirs || a.is_none() { theirs.next().transpose()? } else { None };
        let (known, read) = match (known, read) {
            (None, None) => break,
            (known, read) => (known.map(|(_, edit)| edit), read),
        };
        verified.edits += 1;
        let known = known.unwrap_or_default();
        let Some((id, read)) = read else {
            verified.only_in_index += known.len();
            continue;
        };
        verified.events += read.len();
        for sent in read.sent() {
            links.insert(sent.link());
            named.push((id.day(), sent.previous));
        }
        first.get_or_insert(id.day());
        let (shared, total) = (known.shared_with(&read, id), known.len());
        verified.only_in_index += total - shared;
        verified.not_in_index += read.len() - shared;
    }
    // The links that the oldest day names may have been let go with the days before it.
    let oldest = first.filter(|_| layout.closed().exists());
    let broken = |(day, previous): &&(Day, Digest)| Some(*day) != oldest && !links.contains(previous);
    verified.broken_links = named.iter().filter(broken).count() as u64;
    Ok(verified)
}

/// What of a file cannot be read, also where the index has read it before it was damaged.
pub(crate) fn losses_in(path: &Path) -> Result<Vec<Loss>, LedgerError> {
    let mut losses = Vec::new();
    let mut reader = SourceReader::open(path, 0)?;
    loop {
        match reader.next() {
            Ok(Some(chunk)) => {
                losses.extend(chunk.losses);
                if chunk.unfinished > 0 {
                    return Ok(losses);
                }
            }
            Ok(None) => return Ok(losses),
            Err(LedgerError::Newer { .. }) => {
                let bytes = path.metadata().map_err(LedgerError::io(path))?.len();
                losses.push(Loss { file: name_of(path), offset: 0, bytes, kind: LossKind::Newer });
                return Ok(losses);
            }
            Err(error) => return Err(error),
        }
    }
}
