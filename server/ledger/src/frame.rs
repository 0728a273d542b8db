//! Lines with checksums: `1f2e3d4c {json}` and a line feed.
//!
//! A line feed never stands inside of JSON as we write it, so after damage reading goes on at the next one.

use std::io::{self, BufRead, Read};

#[cfg(test)]
mod tests;

/// Bytes of a line's JSON.
pub(crate) const MAX_LINE: usize = 1 << 20;
/// Checksum and blank before the JSON.
const HEAD: usize = 9;

/// Bytes of the line of a JSON.
pub(crate) fn length_of(json: &[u8]) -> u64 {
    (HEAD + json.len() + 1) as u64
}

/// Appends one line.
pub(crate) fn encode(json: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{:08x} ", crc32fast::hash(json)).as_bytes());
    out.extend_from_slice(json);
    out.push(b'\n');
}

/// The JSON of a line without its line feed; `None` when the checksum is not that of the rest.
pub(crate) fn decode(line: &[u8]) -> Option<&[u8]> {
    let (head, json) = line.split_at_checked(HEAD)?;
    let digits = std::str::from_utf8(head.strip_suffix(b" ")?).ok()?;
    // `from_str_radix` takes a sign.
    let stored = digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(digits)?;
    (u32::from_str_radix(stored, 16).ok()? == crc32fast::hash(json)).then_some(json)
}

/// What stands at a place of a file.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Frame {
    /// The JSON of a good line.
    Line(Vec<u8>),
    /// So many bytes that are no good line.
    Damaged(u64),
    /// So many bytes at the end without a line feed: a line being written, or one that never was.
    Unfinished(u64),
    /// Nothing.
    End,
}

/// Reads the next line. Memory is bounded whatever the file holds.
pub(crate) fn next(reader: &mut impl BufRead) -> io::Result<Frame> {
    let limit = HEAD + MAX_LINE + 1;
    let mut line = Vec::new();
    let mut length = reader.by_ref().take(limit as u64).read_until(b'\n', &mut line)? as u64;
    if line.is_empty() {
        return Ok(Frame::End);
    }
    if line.pop_if(|last| *last == b'\n').is_some() {
        return Ok(decode(&line).map_or(Frame::Damaged(length), |json| Frame::Line(json.to_vec())));
    }
    if line.len() < limit {
        // No line of ours holds a zero, however much of it was written: the file system or the disk put it there.
        let is_ours = !line.contains(&0);
        return Ok(if is_ours { Frame::Unfinished(length) } else { Frame::Damaged(length) });
    }
    // Longer than any line of ours: to the next line feed.
    loop {
        line.clear();
        let more = reader.by_ref().take(limit as u64).read_until(b'\n', &mut line)? as u64;
        length += more;
        if line.last() == Some(&b'\n') {
            return Ok(Frame::Damaged(length));
        }
        if more == 0 {
            return Ok(Frame::Unfinished(length));
        }
    }
}
