//! Places as people and formats count them.

use autodao_engine::syntax::position::{Position, position_of};
use autodao_engine::syntax::{Buffer, PositionEncoding, Span};
use serde::Serialize;

/// A range: lines and columns from 1, columns in Unicode scalar values, the end one past the last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) end_line: u32,
    pub(crate) end_column: u32,
}

impl Place {
    pub(crate) fn of(buffer: &Buffer, span: Span) -> Self {
        let at = |offset| {
            let Position { line, column } = position_of(buffer, offset, PositionEncoding::Utf32);
            (line + 1, column + 1)
        };
        let ((line, column), (end_line, end_column)) = (at(span.start), at(span.end));
        Self { line, column, end_line, end_column }
    }
}
