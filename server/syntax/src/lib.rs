//! Text, positions, syntax trees and outlines of the files being edited.
//!
//! The leaf of the house: it knows tree-sitter and nothing of ours. All offsets are bytes of UTF-8 text;
//! protocol positions (line, column in some encoding) are converted in [`position`] and nowhere else.
//!
//! Invariant: nothing here panics on any text, edit or position. What cannot be applied is refused with a
//! typed error and leaves the text as it was.

mod buffer;
mod document;
pub mod index;
mod language;
mod line_index;
mod mask;
mod outline;
mod parser;
pub mod position;
mod query_source;
mod span;
mod tree;

pub use buffer::{Buffer, MAX_TEXT_BYTES};
pub use document::{AppliedChange, Change, Desync, Document};
pub use language::Language;
pub use line_index::LineIndex;
pub use outline::{Outline, OutlineItem, OutlineKind, outline};
pub use parser::{MAX_PARSED_BYTES, SyntaxParser};
pub use position::{Position, PositionEncoding, PositionError};
pub use query_source::{QueryFile, rule_queries};
pub use span::Span;
pub use tree::SyntaxTree;
pub use tree_sitter;
