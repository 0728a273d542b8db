//! What the archive is made of: the names and lengths of its files. A file that is gone or was cut is named also when
//! the index, which knows how far it was read, was lost with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::LedgerError;
use crate::error::{Loss, LossKind};
use crate::frame::{self, Frame};
use crate::layout::{Layout, write_whole};
use crate::source::name_of;

/// Files that do not change any more, with their lengths in bytes. What is lost stays in it until the user gives it up.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Manifest {
    files: BTreeMap<String, u64>,
    /// Bytes of the manifest that cannot be read, and where they begin.
    damage: Option<(u64, u64)>,
}

/// A line.
#[derive(Serialize, Deserialize)]
struct Entry {
    file: String,
    bytes: u64,
}

impl Manifest {
    /// The one on disk; an empty one where there is none.
    pub(crate) fn read(layout: &Layout) -> Result<Self, LedgerError> {
        let path = layout.manifest();
        let mut reader = match File::open(&path) {
            Ok(file) => BufReader::new(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(LedgerError::io(&path)(error)),
        };
        let (mut manifest, mut offset) = (Self::default(), 0);
        loop {
            let (length, entry) = match frame::next(&mut reader).map_err(LedgerError::io(&path))? {
                Frame::End => return Ok(manifest),
                Frame::Line(json) => (frame::length_of(&json), serde_json::from_slice::<Entry>(&json).ok()),
                Frame::Damaged(bytes) | Frame::Unfinished(bytes) => (bytes, None),
            };
            match entry {
                Some(Entry { file, bytes }) => drop(manifest.files.insert(file, bytes)),
                None => manifest.damage.get_or_insert((offset, 0)).1 += length,
            }
            offset += length;
        }
    }

    /// What is not there any more, and what of the manifest itself cannot be read.
    pub(crate) fn losses(&self, layout: &Layout) -> Vec<Loss> {
        let mut losses = Vec::new();
        if let Some((offset, bytes)) = self.damage {
            let file = name_of(&layout.manifest());
            losses.push(Loss { file, offset, bytes, kind: LossKind::Damaged });
        }
        for (file, bytes) in &self.files {
            // A journal is listed before it is moved.
            let places = [layout.archive().join(file), layout.root().join(file), layout.spool().join(file)];
            let length = places.iter().find_map(|path| length(path));
            let (offset, kind) = match length {
                Some(length) if length >= *bytes => continue,
                Some(length) => (length, LossKind::Truncated),
                None => (0, LossKind::Missing),
            };
            losses.push(Loss { file: file.clone(), offset, bytes: bytes - offset, kind });
        }
        losses
    }

    /// Lists files that end as they are now. The caller holds the lease, as for everything that writes.
    pub(crate) fn add(layout: &Layout, files: &[PathBuf]) -> Result<(), LedgerError> {
        let before = Self::read(layout)?;
        let mut manifest = before.clone();
        manifest.list(files.iter().filter_map(|path| Some((name_of(path), length(path)?))));
        if manifest == before { Ok(()) } else { manifest.write(layout) }
    }

    /// As [`Self::add`] with all that lasts, without files that are about to be removed.
    pub(crate) fn replace(layout: &Layout, removed: &BTreeSet<String>) -> Result<(), LedgerError> {
        let mut manifest = Self::read(layout)?;
        manifest.list(lasting(layout)?);
        manifest.files.retain(|file, _| !removed.contains(file));
        manifest.write(layout)
    }

    /// Lists files. One that became shorter keeps the length it had.
    fn list(&mut self, files: impl Iterator<Item = (String, u64)>) {
        self.damage = None;
        for (file, bytes) in files {
            let listed = self.files.entry(file).or_default();
            *listed = bytes.max(*listed);
        }
    }

    /// Lists what is there and nothing else: what was lost is given up.
    pub(crate) fn begin_anew(layout: &Layout) -> Result<(), LedgerError> {
        Self { files: lasting(layout)?.collect(), damage: None }.write(layout)
    }

    fn write(&self, layout: &Layout) -> Result<(), LedgerError> {
        write_whole(&layout.manifest(), |out| {
            let mut lines = Vec::new();
            for (file, bytes) in &self.files {
                let entry = Entry { file: file.clone(), bytes: *bytes };
                frame::encode(&serde_json::to_vec(&entry)?, &mut lines);
            }
            out.write_all(&lines)
        })
    }
}

fn length(path: &Path) -> Option<u64> {
    path.metadata().ok().map(|found| found.len())
}

/// The files that do not change any more.
fn lasting(layout: &Layout) -> Result<impl Iterator<Item = (String, u64)>, LedgerError> {
    let files = Layout::files(&layout.archive(), &["journal", "segment"])?.into_iter();
    Ok(files.chain([layout.closed()]).filter_map(|path| Some((name_of(&path), length(&path)?))))
}
