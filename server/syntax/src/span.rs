//! A half-open range of byte offsets.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A half-open range of byte offsets into one version of a text.
///
/// `u32` bounds a text at 4 GiB; [`crate::MAX_TEXT_BYTES`] keeps every document well below that.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte; never below `start` when made by [`Span::new`].
    pub end: u32,
}

impl Span {
    /// The range between two offsets, whichever comes first.
    pub const fn new(start: u32, end: u32) -> Self {
        if start <= end { Self { start, end } } else { Self { start: end, end: start } }
    }

    /// The empty range at `offset`.
    pub const fn at(offset: u32) -> Self {
        Self { start: offset, end: offset }
    }

    /// The range a syntax node covers.
    pub fn of(node: tree_sitter::Node<'_>) -> Self {
        Self { start: node.start_byte() as u32, end: node.end_byte() as u32 }
    }

    /// Number of bytes covered.
    pub const fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether it covers no byte.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies inside, ends included.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share a byte or an end point: what an editor's cursor "at" a range means.
    pub const fn touches(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// Whether the two share at least one byte.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Moved by `delta` bytes, stopping at 0 and `u32::MAX`.
    #[must_use]
    pub const fn moved(self, delta: i64) -> Self {
        Self { start: move_offset(self.start, delta), end: move_offset(self.end, delta) }
    }

    /// For indexing a `str`; the caller knows that the text is the one the range was made for.
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

const fn move_offset(offset: u32, delta: i64) -> u32 {
    let moved = offset as i64 + delta;
    if moved < 0 {
        0
    } else if moved > u32::MAX as i64 {
        u32::MAX
    } else {
        moved as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touching_includes_ends_and_overlapping_does_not() {
        let a = Span::new(2, 5);
        assert!(a.touches(Span::at(5)) && a.touches(Span::at(2)) && !a.touches(Span::at(6)));
        assert!(!a.overlaps(Span::new(5, 7)) && a.overlaps(Span::new(4, 7)));
        assert_eq!(Span::new(9, 3), Span { start: 3, end: 9 });
    }

    #[test]
    fn moving_saturates() {
        assert_eq!(Span::new(2, 5).moved(-3), Span { start: 0, end: 2 });
        assert_eq!(Span::new(2, 5).moved(i64::from(u32::MAX)), Span::at(u32::MAX));
    }
}
