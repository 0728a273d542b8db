//! A text that an editor owns and tells us of, edit by edit.

use std::sync::Arc;

use tree_sitter::InputEdit;

use crate::position::{PositionError, offset_of};
use crate::{Buffer, Language, MAX_TEXT_BYTES, Position, PositionEncoding, Span};

/// One entry of `textDocument/didChange`: a replaced range, or the whole text when there is none.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Start and end, in the text as it is after the entries before this one.
    pub range: Option<(Position, Position)>,
    /// What stands there now.
    pub text: &'a str,
}

/// What a change did to the text, for whoever holds a tree of the version before.
#[derive(Clone, Copy, Debug)]
pub enum AppliedChange {
    /// A range was replaced.
    Edit(InputEdit),
    /// The whole text was replaced: old trees say nothing about it.
    Reset,
}

/// Why our text can no longer be trusted to equal the editor's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Desync {
    /// An edit named a place that our text does not have.
    #[error("an edit names a place the text does not have: {0}")]
    Position(#[from] PositionError),
    /// An edit's end is before its start.
    #[error("an edit ends before it starts")]
    Inverted,
    /// A version that is not above the one before: an edit came late, twice, or in the wrong order.
    #[error("version {sent} came after version {known}")]
    StaleVersion {
        /// The version that came.
        sent: i32,
        /// The version we had.
        known: i32,
    },
    /// The text would grow past [`MAX_TEXT_BYTES`].
    #[error("the text is larger than {MAX_TEXT_BYTES} bytes")]
    TooLarge,
}

/// An open document: language, version and text, in step with the editor or known not to be.
///
/// Invariant: a batch of changes is applied whole or not at all; once one is refused the document is
/// *desynced*, further edits are ignored, and only a whole new text brings it back.
#[derive(Clone, Debug)]
pub struct Document {
    language: Option<Language>,
    version: i32,
    buffer: Arc<Buffer>,
    desync: Option<Desync>,
}

impl Document {
    /// A document as `textDocument/didOpen` brings it; `language` is `None` for those we do not analyse.
    pub fn new(language: Option<Language>, version: i32, text: String) -> Self {
        if text.len() > MAX_TEXT_BYTES {
            return Self { language, version, buffer: Buffer::shared(""), desync: Some(Desync::TooLarge) };
        }
        Self { language, version, buffer: Buffer::shared(text), desync: None }
    }

    /// The language, if it is one we know.
    pub fn language(&self) -> Option<Language> {
        self.language
    }

    /// The editor's number for this text.
    pub fn version(&self) -> i32 {
        self.version
    }

    /// The text, shared: a later edit does not change what the caller holds.
    pub fn buffer(&self) -> &Arc<Buffer> {
        &self.buffer
    }

    /// Why the text may differ from the editor's, if it may.
    pub fn desync(&self) -> Option<Desync> {
        self.desync
    }

    /// Applies one `didChange`. The version advances also when the changes are refused or ignored, so that
    /// what is said about the document from then on carries the number the editor expects.
    pub fn apply(
        &mut self,
        version: i32,
        changes: &[Change<'_>],
        encoding: PositionEncoding,
    ) -> Result<Vec<AppliedChange>, Desync> {
        let known = self.version;
        self.version = version.max(known);
        // A whole new text needs nothing of the old one: it mends a desync, whatever came before.
        let from = changes.iter().rposition(|change| change.range.is_none());
        if let (Some(desync), None) = (self.desync, from) {
            return Err(desync);
        }
        let result = if version <= known {
            Err(Desync::StaleVersion { sent: version, known })
        } else {
            self.apply_all(&changes[from.unwrap_or(0)..], encoding)
        };
        self.desync = result.as_ref().err().copied();
        result
    }

    fn apply_all(
        &mut self,
        changes: &[Change<'_>],
        encoding: PositionEncoding,
    ) -> Result<Vec<AppliedChange>, Desync> {
        let (fast, rest) = match changes {
            // One edit, the case of every keystroke, needs no copy to be undone with.
            [Change { range: Some(range), text }] => (Some((*range, *text)), &[][..]),
            _ => (None, changes),
        };
        if let Some((range, text)) = fast {
            let edit = replace(&mut self.buffer, range, text, encoding)?;
            return Ok(vec![AppliedChange::Edit(edit)]);
        }
        let mut buffer = Arc::clone(&self.buffer);
        let mut applied = Vec::with_capacity(rest.len());
        for change in rest {
            applied.push(match change.range {
                Some(range) => AppliedChange::Edit(replace(&mut buffer, range, change.text, encoding)?),
                None if change.text.len() > MAX_TEXT_BYTES => return Err(Desync::TooLarge),
                None => {
                    buffer = Buffer::shared(change.text);
                    AppliedChange::Reset
                }
            });
        }
        self.buffer = buffer;
        Ok(applied)
    }
}

/// Replaces in place when nobody else holds the buffer, in a copy when somebody does.
fn replace(
    buffer: &mut Arc<Buffer>,
    (start, end): (Position, Position),
    text: &str,
    encoding: PositionEncoding,
) -> Result<InputEdit, Desync> {
    let (start, end) = (offset_of(buffer, start, encoding)?, offset_of(buffer, end, encoding)?);
    if end < start {
        return Err(Desync::Inverted);
    }
    if buffer.text().len() - (end - start) as usize + text.len() > MAX_TEXT_BYTES {
        return Err(Desync::TooLarge);
    }
    Ok(Arc::make_mut(buffer).replace(Span::new(start, end), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit<'a>(from: (u32, u32), to: (u32, u32), text: &'a str) -> Change<'a> {
        let at = |(line, column)| Position { line, column };
        Change { range: Some((at(from), at(to))), text }
    }

    fn open(text: &str) -> Document {
        Document::new(Some(Language::Rust), 1, text.into())
    }

    #[test]
    fn a_batch_is_applied_in_order() {
        let mut document = open("ab\ncd\n");
        let changes = [edit((0, 1), (0, 1), "X\nY"), edit((1, 1), (2, 0), ""), edit((9, 0), (9, 0), "")];
        assert_eq!(document.apply(2, &changes[..2], PositionEncoding::Utf16).unwrap().len(), 2);
        assert_eq!(document.buffer().text(), "aX\nYcd\n");
        assert_eq!(document.version(), 2);
    }

    #[test]
    fn a_refused_batch_leaves_the_text_and_marks_the_document() {
        for (version, changes) in [
            (2, vec![edit((0, 0), (0, 1), "Z"), edit((7, 0), (7, 0), "x")]),
            (2, vec![edit((1, 0), (0, 0), "x")]),
            (1, vec![edit((0, 0), (0, 0), "x")]),
        ] {
            let mut document = open("ab\n😀\n");
            let error = document.apply(version, &changes, PositionEncoding::Utf16).unwrap_err();
            assert_eq!(document.buffer().text(), "ab\n😀\n");
            assert_eq!(document.desync(), Some(error));
            let later = [edit((0, 0), (0, 0), "fine")];
            assert_eq!(document.apply(3, &later, PositionEncoding::Utf16).unwrap_err(), error);
            assert_eq!((document.version(), document.buffer().text()), (3, "ab\n😀\n"));
            document.apply(4, &[Change { range: None, text: "new" }], PositionEncoding::Utf16).unwrap();
            assert_eq!((document.desync(), document.buffer().text()), (None, "new"));
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_refused() {
        let mut document = open("😀");
        let error = document.apply(2, &[edit((0, 1), (0, 2), "")], PositionEncoding::Utf16).unwrap_err();
        assert_eq!(error, Desync::Position(PositionError::InsideCharacter { line: 0, column: 1 }));
    }

    #[test]
    fn a_snapshot_is_not_changed_by_a_later_edit() {
        let mut document = open("a");
        let snapshot = Arc::clone(document.buffer());
        document.apply(2, &[edit((0, 0), (0, 1), "b")], PositionEncoding::Utf16).unwrap();
        assert_eq!((snapshot.text(), document.buffer().text()), ("a", "b"));
    }
}
