//! Protocol positions: the one place where bytes become lines and columns, and back.

use crate::Buffer;

/// What a column counts (LSP 3.17 `PositionEncodingKind`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PositionEncoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units: the protocol's default.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl PositionEncoding {
    fn width(self, c: char) -> u32 {
        match self {
            Self::Utf8 => c.len_utf8() as u32,
            Self::Utf16 => c.len_utf16() as u32,
            Self::Utf32 => 1,
        }
    }
}

/// A place in a text: 0-based line, and 0-based column in units of a [`PositionEncoding`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Position {
    /// 0-based.
    pub line: u32,
    /// In units of the encoding agreed with the client.
    pub column: u32,
}

/// Why a position names no place in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PositionError {
    /// The text has fewer lines. (A column past a line's end is no error: the protocol clamps it.)
    #[error("line {line} is past the last line {last}")]
    PastLastLine {
        /// The line asked for, 0-based.
        line: u32,
        /// The last line there is, 0-based.
        last: u32,
    },
    /// The column is in the middle of a character.
    #[error("line {line}, column {column} is inside a character")]
    InsideCharacter {
        /// 0-based.
        line: u32,
        /// In the encoding's units.
        column: u32,
    },
}

/// The byte a position names. A column past the end of its line means the line's end (LSP 3.17, `Position`).
pub fn offset_of(
    buffer: &Buffer,
    position: Position,
    encoding: PositionEncoding,
) -> Result<u32, PositionError> {
    let Position { line, column } = position;
    let last = buffer.lines().count() - 1;
    let Some(span) = buffer.line(line) else { return Err(PositionError::PastLastLine { line, last }) };
    let content = buffer.slice(span);
    let width = (column as usize).min(content.len());
    // As many bytes as columns, all of them ASCII: every encoding agrees. By far the most common case.
    if content.as_bytes()[..width].is_ascii() {
        return Ok(span.start + width as u32);
    }
    let mut left = column;
    for (at, c) in content.char_indices() {
        if left == 0 {
            return Ok(span.start + at as u32);
        }
        let width = encoding.width(c);
        if left < width {
            return Err(PositionError::InsideCharacter { line, column });
        }
        left -= width;
    }
    Ok(span.end)
}

/// The byte a position names, or the nearest one before it: for requests, which may be a version behind.
pub fn nearest_offset(buffer: &Buffer, position: Position, encoding: PositionEncoding) -> u32 {
    match offset_of(buffer, position, encoding) {
        Ok(offset) => offset,
        Err(PositionError::PastLastLine { .. }) => buffer.len(),
        Err(PositionError::InsideCharacter { line, column }) => {
            nearest_offset(buffer, Position { line, column: column.saturating_sub(1) }, encoding)
        }
    }
}

/// The position of a byte. An offset past the end, or inside a character, is taken back to the place before.
pub fn position_of(buffer: &Buffer, offset: u32, encoding: PositionEncoding) -> Position {
    let mut offset = offset.min(buffer.len());
    while !buffer.text().is_char_boundary(offset as usize) {
        offset -= 1;
    }
    let line = buffer.lines().line_of(offset);
    let start = buffer.lines().start(line).unwrap_or(0);
    let before = &buffer.text()[start as usize..offset as usize];
    let column = if encoding == PositionEncoding::Utf8 || before.is_ascii() {
        before.len() as u32
    } else {
        before.chars().map(|c| encoding.width(c)).sum()
    };
    Position { line, column }
}

#[cfg(test)]
mod tests {
    use super::PositionEncoding::{Utf8, Utf16, Utf32};
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn a_character_outside_the_bmp_is_four_two_or_one_wide() {
        let buffer = Buffer::new("a😀b\r\nc".into());
        for (encoding, column) in [(Utf8, 5), (Utf16, 3), (Utf32, 2)] {
            assert_eq!(position_of(&buffer, 5, encoding), at(0, column));
            assert_eq!(offset_of(&buffer, at(0, column), encoding), Ok(5));
            assert_eq!(offset_of(&buffer, at(1, 1), encoding), Ok(9));
        }
        assert_eq!(
            offset_of(&buffer, at(0, 2), Utf16),
            Err(PositionError::InsideCharacter { line: 0, column: 2 })
        );
        assert_eq!(nearest_offset(&buffer, at(0, 2), Utf16), 1);
        assert_eq!(nearest_offset(&buffer, at(0, 4), Utf8), 1);
    }

    #[test]
    fn past_a_line_is_its_end_and_past_the_text_is_an_error() {
        let buffer = Buffer::new("ab\r\nc".into());
        assert_eq!(offset_of(&buffer, at(0, 99), Utf16), Ok(2));
        assert_eq!(offset_of(&buffer, at(1, u32::MAX), Utf16), Ok(5));
        assert_eq!(
            offset_of(&buffer, at(2, 0), Utf16),
            Err(PositionError::PastLastLine { line: 2, last: 1 })
        );
        assert_eq!(nearest_offset(&buffer, at(u32::MAX, 0), Utf16), 5);
        assert_eq!(position_of(&buffer, 99, Utf16), at(1, 1));
    }

    #[test]
    fn every_position_comes_back_in_every_encoding() {
        let buffer = Buffer::new("\u{feff}é漢\r\r\n😀\tx\n\n".into());
        for encoding in [Utf8, Utf16, Utf32] {
            for (offset, _) in buffer.text().char_indices() {
                let position = position_of(&buffer, offset as u32, encoding);
                let back = offset_of(&buffer, position, encoding).unwrap();
                // Inside `\r\n` there is no position: the line's end stands for it.
                let inside_break =
                    buffer.text()[..offset].ends_with('\r') && buffer.text()[offset..].starts_with('\n');
                assert!(back == offset as u32 || inside_break, "{offset} -> {position:?} -> {back}");
            }
        }
    }
}
