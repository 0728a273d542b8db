//! Segments: many records in compressed blocks, each with a checksum of its own. Archives and backups are such.
//!
//! A block is `ADLB`, the length of the compressed and of the plain bytes and the CRC-32 of those lengths and the
//! compressed bytes (u32, little-endian), and the compressed bytes (LZ4). The plain bytes are lines of JSON.

use std::io::{self, Write};

use crate::record::{Header, Record};

#[cfg(test)]
mod tests;

const MAGIC: [u8; 4] = *b"ADLB";
const HEAD: usize = 16;
/// Plain bytes after which a block is written.
const BLOCK: usize = 256 << 10;
/// Plain bytes of a block that is believed.
const MAX_BLOCK: u32 = 4 << 20;

/// Writes records in blocks.
pub(crate) struct SegmentWriter<W> {
    out: W,
    plain: Vec<u8>,
    written: u64,
}

impl<W: Write> SegmentWriter<W> {
    /// Starts with a header.
    pub(crate) fn new(out: W) -> io::Result<Self> {
        let mut writer = Self { out, plain: Vec::new(), written: 0 };
        writer.push(&Record::Header(Header::CURRENT))?;
        Ok(writer)
    }

    pub(crate) fn push(&mut self, record: &Record) -> io::Result<()> {
        self.plain.extend_from_slice(&record.to_json()?);
        self.plain.push(b'\n');
        if self.plain.len() >= BLOCK { self.flush_block() } else { Ok(()) }
    }

    /// Bytes written so far.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Writes the last block and hands the file back.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.flush_block()?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn flush_block(&mut self) -> io::Result<()> {
        if self.plain.is_empty() {
            return Ok(());
        }
        let packed = lz4_flex::block::compress(&self.plain);
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(io::Error::other);
        let mut block = Vec::with_capacity(HEAD + packed.len());
        block.extend_from_slice(&MAGIC);
        block.extend_from_slice(&length(&packed)?.to_le_bytes());
        block.extend_from_slice(&length(&self.plain)?.to_le_bytes());
        let checksum = checksum(&block[4..12], &packed);
        block.extend_from_slice(&checksum.to_le_bytes());
        block.extend_from_slice(&packed);
        self.out.write_all(&block)?;
        self.written += block.len() as u64;
        self.plain.clear();
        Ok(())
    }
}

fn checksum(lengths: &[u8], packed: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(lengths);
    hasher.update(packed);
    hasher.finalize()
}

/// What stands at a place of a segment.
pub(crate) enum Block {
    /// The plain bytes of a good block that ends there.
    Lines { plain: Vec<u8>, end: usize },
    /// No good block before there.
    Damaged { end: usize },
}

/// The block at an offset; `None` at the end. After damage the next good block is looked for.
pub(crate) fn block_at(bytes: &[u8], offset: usize) -> Option<Block> {
    if offset >= bytes.len() {
        return None;
    }
    if let Some((plain, end)) = good_block(bytes, offset) {
        return Some(Block::Lines { plain, end });
    }
    let mut from = offset + 1;
    while let Some(found) = bytes.get(from..).and_then(|rest| find(rest, &MAGIC)) {
        if good_block(bytes, from + found).is_some() {
            return Some(Block::Damaged { end: from + found });
        }
        from += found + 1;
    }
    Some(Block::Damaged { end: bytes.len() })
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

fn good_block(bytes: &[u8], offset: usize) -> Option<(Vec<u8>, usize)> {
    let head = bytes.get(offset..offset.checked_add(HEAD)?)?;
    let number = |at: usize| head.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    let (packed, plain, stored) = (number(4)?, number(8)?, number(12)?);
    if head[..4] != MAGIC || plain > MAX_BLOCK {
        return None;
    }
    let start = offset + HEAD;
    let end = start.checked_add(packed as usize)?;
    let packed = bytes.get(start..end)?;
    if checksum(&head[4..12], packed) != stored {
        return None;
    }
    let plain = lz4_flex::block::decompress(packed, plain as usize).ok()?;
    Some((plain, end))
}
