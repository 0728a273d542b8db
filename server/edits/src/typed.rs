//! What was typed into a text since a version of it, as replaced ranges.

use autodao_quality::TextEdit;
use autodao_syntax::tree_sitter::InputEdit;
use autodao_syntax::{AppliedChange, Buffer, Span};

use crate::diff::edits_between;

/// A range of the base text and what of the current text stands in its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Segment {
    pub(crate) base: Span,
    pub(crate) current: Span,
}

/// The ranges in which a text differs from an earlier version of it: ascending, and apart from each other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Typed {
    segments: Vec<Segment>,
}

impl Typed {
    /// Follows the changes of one notification; `base` is the text of the beginning, `current` the one after it.
    pub(crate) fn follow(&mut self, changes: &[AppliedChange], base: &Buffer, current: &Buffer) {
        if changes.iter().any(|change| matches!(change, AppliedChange::Reset)) {
            // A whole new text says nothing of what was typed: the difference does.
            self.segments = segments(base.text(), current.text());
            return;
        }
        for change in changes {
            if let AppliedChange::Edit(edit) = change {
                self.record(edit);
            }
        }
    }

    fn record(&mut self, edit: &InputEdit) {
        let (start, old_end, new_end) =
            (edit.start_byte as u32, edit.old_end_byte as u32, edit.new_end_byte as u32);
        let delta = i64::from(new_end) - i64::from(old_end);
        let first = self.segments.partition_point(|segment| segment.current.end < start);
        let end = self.segments.partition_point(|segment| segment.current.start <= old_end);
        let shift = |index: usize| match index.checked_sub(1).and_then(|before| self.segments.get(before)) {
            Some(before) => i64::from(before.base.end) - i64::from(before.current.end),
            None => 0,
        };
        let to_base = |offset: u32, index: usize| Span::at(offset).moved(shift(index)).start;
        let joined =
            match (self.segments.get(first), end.checked_sub(1).and_then(|last| self.segments.get(last))) {
                (Some(left), Some(right)) if first < end => {
                    let base_start =
                        if start < left.current.start { to_base(start, first) } else { left.base.start };
                    let base_end =
                        if old_end > right.current.end { to_base(old_end, end) } else { right.base.end };
                    let current_end = Span::at(old_end.max(right.current.end)).moved(delta).start;
                    Segment {
                        base: Span::new(base_start, base_end),
                        current: Span::new(start.min(left.current.start), current_end),
                    }
                }
                _ => Segment {
                    base: Span::new(to_base(start, first), to_base(old_end, first)),
                    current: Span::new(start, new_end),
                },
            };
        for later in &mut self.segments[end..] {
            later.current = later.current.moved(delta);
        }
        self.segments.splice(first..end, [joined]);
    }

    /// What differs, as edits of the base text; what was typed and taken back is no difference.
    pub(crate) fn edits(&self, base: &Buffer, current: &Buffer) -> Vec<TextEdit> {
        let mut edits = Vec::with_capacity(self.segments.len());
        for segment in &self.segments {
            let text = current.slice(segment.current);
            if base.slice(segment.base) != text {
                edits.push(TextEdit { span: segment.base, text: text.to_owned() });
            }
        }
        edits
    }
}

fn segments(base: &str, current: &str) -> Vec<Segment> {
    let mut moved = 0_i64;
    let mut segments = Vec::new();
    for edit in edits_between(base, current, 0) {
        let start = Span::at(edit.span.start).moved(moved).start;
        segments.push(Segment { base: edit.span, current: Span::new(start, start + edit.text.len() as u32) });
        moved += edit.text.len() as i64 - i64::from(edit.span.len());
    }
    segments
}

/// The first edits as edits of the text after the second ones; `None` where not both survive literally. Both are of
/// `text`. Edits on one line do not go together, unless one only puts whole lines beside it.
pub(crate) fn rebased(text: &str, first: &[TextEdit], second: &[TextEdit]) -> Option<Vec<TextEdit>> {
    for a in first {
        for b in second {
            if a.span.touches(b.span) || lines_of(text, a).overlaps(lines_of(text, b)) {
                return None;
            }
        }
    }
    let moved = |offset: u32| {
        let before = second.iter().filter(|edit| edit.span.end <= offset);
        before.map(|edit| edit.text.len() as i64 - i64::from(edit.span.len())).sum::<i64>()
    };
    let rebased = first
        .iter()
        .map(|edit| TextEdit { span: edit.span.moved(moved(edit.span.start)), text: edit.text.clone() });
    Some(rebased.collect())
}

/// The whole lines an edit changes; nothing where it puts lines between others.
fn lines_of(text: &str, edit: &TextEdit) -> Span {
    let starts_line = |offset: u32| offset == 0 || text.as_bytes().get(offset as usize - 1) == Some(&b'\n');
    let ends_line = |offset: u32| matches!(text.as_bytes().get(offset as usize), None | Some(b'\n' | b'\r'));
    let whole = edit.text.is_empty() || edit.text.ends_with('\n');
    if edit.span.is_empty()
        && ((starts_line(edit.span.start) && whole)
            || (ends_line(edit.span.start) && edit.text.starts_with(['\n', '\r'])))
    {
        return edit.span;
    }
    let start =
        text.get(..edit.span.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    if starts_line(edit.span.end) && !edit.span.is_empty() && whole {
        return Span::new(start as u32, edit.span.end);
    }
    let rest = text.get(edit.span.end as usize..).unwrap_or("");
    let end = edit.span.end as usize + rest.find('\n').map_or(rest.len(), |at| at + 1);
    Span::new(start as u32, end as u32)
}
