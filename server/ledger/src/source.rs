//! Reading what was written: journals line by line, segments block by block, from where one left off.

use std::fs::File;
use std::io::{self, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::error::{LedgerError, Loss, LossKind};
use crate::frame::{self, Frame};
use crate::record::{Record, SCHEMA};
use crate::segment::{self, Block};

/// Lines of a journal in one chunk.
const LINES: usize = 4096;

/// Some records of a file.
#[derive(Default)]
pub(crate) struct Chunk {
    pub records: Vec<Record>,
    pub losses: Vec<Loss>,
    /// Where to go on.
    pub end: u64,
    /// Bytes behind `end` that are no whole line (yet).
    pub unfinished: u64,
}

/// A file that is read on from an offset.
pub(crate) struct SourceReader {
    path: PathBuf,
    name: String,
    offset: u64,
    input: Input,
}

enum Input {
    Journal(BufReader<File>),
    Segment(Vec<u8>),
}

/// The name of a file as text.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

impl SourceReader {
    /// Starts at an offset where a chunk ended, or at 0.
    pub(crate) fn open(path: &Path, offset: u64) -> Result<Self, LedgerError> {
        let open = || -> io::Result<Input> {
            if path.extension().is_some_and(|extension| extension == "segment") {
                return std::fs::read(path).map(Input::Segment);
            }
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(offset))?;
            Ok(Input::Journal(BufReader::with_capacity(1 << 16, file)))
        };
        let input = open().map_err(LedgerError::io(path))?;
        Ok(Self { path: path.to_owned(), name: name_of(path), offset, input })
    }

    /// Starts at the beginning of a segment, whatever it is called.
    pub(crate) fn open_segment(path: &Path) -> Result<Self, LedgerError> {
        let input = Input::Segment(std::fs::read(path).map_err(LedgerError::io(path))?);
        Ok(Self { path: path.to_owned(), name: name_of(path), offset: 0, input })
    }

    /// The next records; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Chunk>, LedgerError> {
        let mut chunk = Chunk { end: self.offset, ..Chunk::default() };
        match &mut self.input {
            Input::Journal(reader) => {
                for _ in 0..LINES {
                    match frame::next(reader).map_err(LedgerError::io(&self.path))? {
                        Frame::Line(json) => {
                            let length = frame::length_of(&json);
                            accept(&self.path, &self.name, &json, length, &mut chunk)?;
                            chunk.end += length;
                        }
                        Frame::Damaged(bytes) => {
                            chunk.lose(&self.name, bytes, LossKind::Damaged);
                            chunk.end += bytes;
                        }
                        Frame::Unfinished(bytes) => {
                            chunk.unfinished = bytes;
                            break;
                        }
                        Frame::End => break,
                    }
                }
            }
            Input::Segment(bytes) => {
                let start = usize::try_from(self.offset).unwrap_or(usize::MAX);
                match segment::block_at(bytes, start) {
                    Some(Block::Lines { plain, end }) => {
                        for line in plain.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                            accept(&self.path, &self.name, line, line.len() as u64 + 1, &mut chunk)?;
                        }
                        chunk.end = end as u64;
                    }
                    Some(Block::Damaged { end }) => {
                        chunk.lose(&self.name, (end - start) as u64, LossKind::Damaged);
                        chunk.end = end as u64;
                    }
                    None => {}
                }
            }
        }
        let moved = chunk.end > self.offset;
        self.offset = chunk.end;
        Ok((moved || chunk.unfinished > 0).then_some(chunk))
    }
}

impl Chunk {
    fn lose(&mut self, file: &str, bytes: u64, kind: LossKind) {
        // Damage that goes on is one loss.
        if let Some(last) = self.losses.last_mut()
            && last.kind == kind
            && last.offset + last.bytes == self.end
        {
            last.bytes += bytes;
            return;
        }
        self.losses.push(Loss { file: file.to_owned(), offset: self.end, bytes, kind });
    }
}

fn accept(path: &Path, name: &str, json: &[u8], bytes: u64, chunk: &mut Chunk) -> Result<(), LedgerError> {
    match Record::from_json(json) {
        Ok(Record::Header(header)) if header.schema > SCHEMA => {
            return Err(LedgerError::Newer { path: path.to_owned(), found: header.schema });
        }
        Ok(Record::Header(_)) => {}
        Ok(record) => chunk.records.push(record),
        Err(error) => {
            tracing::warn!("{name}: a record cannot be read: {error}");
            chunk.lose(name, bytes, LossKind::Unknown);
        }
    }
    Ok(())
}
