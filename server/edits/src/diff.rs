//! The difference of two texts as edits, and edits applied and taken back.

use autodao_quality::TextEdit;
use autodao_syntax::Span;
use similar::{Algorithm, DiffTag, capture_diff_slices};

/// With more differing lines than this on one side, everything between is one edit.
const MAX_DIFFERING_LINES: usize = 2000;

/// The edits that make `new` of `old`, ascending, apart from each other and none of them empty. Their offsets
/// count from `origin`. None begins or ends between `\r` and `\n`, or inside a character.
pub(crate) fn edits_between(old: &str, new: &str, origin: u32) -> Vec<TextEdit> {
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let same_head = old_lines.iter().zip(&new_lines).take_while(|(a, b)| a == b).count();
    let shorter = old_lines.len().min(new_lines.len()) - same_head;
    let same_tail =
        old_lines.iter().rev().zip(new_lines.iter().rev()).take(shorter).take_while(|(a, b)| a == b).count();
    let old_middle = &old_lines[same_head..old_lines.len() - same_tail];
    let new_middle = &new_lines[same_head..new_lines.len() - same_tail];
    let bytes = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    let mut at = bytes(&old_lines[..same_head]);
    let mut edits = Vec::new();
    if old_middle.len().max(new_middle.len()) > MAX_DIFFERING_LINES {
        edits.extend(trimmed_edit(old, at, &old_middle.concat(), new_middle.concat(), origin));
        return edits;
    }
    for op in capture_diff_slices(Algorithm::Myers, old_middle, new_middle) {
        let (tag, from, to) = op.as_tag_tuple();
        let removed = old_middle[from].concat();
        if tag != DiffTag::Equal {
            edits.extend(trimmed_edit(old, at, &removed, new_middle[to].concat(), origin));
        }
        at += removed.len();
    }
    joined(edits)
}

/// One edit without what both sides begin and end with.
fn trimmed_edit(old: &str, at: usize, removed: &str, inserted: String, origin: u32) -> Option<TextEdit> {
    let mut head = common_head(removed, &inserted);
    let mut tail = common_head_len(removed[head..].chars().rev().zip(inserted[head..].chars().rev()));
    // Positions of the protocol do not reach between `\r` and `\n`.
    let splits = |offset: usize| {
        let bytes = old.as_bytes();
        offset > 0 && bytes.get(offset - 1) == Some(&b'\r') && bytes.get(offset) == Some(&b'\n')
    };
    if splits(at + head) {
        head -= 1;
    }
    if splits(at + removed.len() - tail) {
        tail -= 1;
    }
    let (removed_end, inserted_end) = (removed.len() - tail, inserted.len() - tail);
    if head == removed_end && head == inserted_end {
        return None;
    }
    let start = origin + (at + head) as u32;
    let end = origin + (at + removed_end) as u32;
    Some(TextEdit { span: Span::new(start, end), text: inserted[head..inserted_end].to_owned() })
}

fn common_head(a: &str, b: &str) -> usize {
    common_head_len(a.chars().zip(b.chars()))
}

fn common_head_len(pairs: impl Iterator<Item = (char, char)>) -> usize {
    pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

/// Edits that touch become one: a client may refuse two insertions at one place.
fn joined(edits: Vec<TextEdit>) -> Vec<TextEdit> {
    let mut joined: Vec<TextEdit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match joined.last_mut() {
            Some(last) if last.span.end == edit.span.start => {
                last.span.end = edit.span.end;
                last.text.push_str(&edit.text);
            }
            _ => joined.push(edit),
        }
    }
    joined
}

/// The text after edits that ascend and do not overlap; `None` where they do, or lie outside the text.
pub fn apply(text: &str, edits: &[TextEdit]) -> Option<String> {
    let mut result =
        String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut at = 0;
    for edit in edits {
        result.push_str(text.get(at..edit.span.start as usize)?);
        text.get(edit.span.range())?;
        result.push_str(&edit.text);
        at = edit.span.end as usize;
    }
    result.push_str(text.get(at..)?);
    Some(result)
}

/// The edits that take these back, in offsets of the text after them; `None` where [`apply`] gives none.
pub fn inverse(text: &str, edits: &[TextEdit]) -> Option<Vec<TextEdit>> {
    let mut inverted = Vec::with_capacity(edits.len());
    let mut moved = 0_i64;
    for edit in edits {
        let old = text.get(edit.span.range())?;
        let start = Span::at(edit.span.start).moved(moved).start;
        inverted
            .push(TextEdit { span: Span::new(start, start + edit.text.len() as u32), text: old.to_owned() });
        moved += edit.text.len() as i64 - old.len() as i64;
    }
    Some(inverted)
}

/// By how many bytes edits make a text longer.
pub(crate) fn growth(edits: &[TextEdit]) -> i64 {
    edits.iter().map(|edit| edit.text.len() as i64 - i64::from(edit.span.len())).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn edits_are_as_small_as_they_can_be() {
        let edits = edits_between("a\nfoo(1)\nb\nc\n", "a\nfoo(12)\nb\nx\nc\n", 10);
        let shown: Vec<_> = edits.iter().map(|e| (e.span.start, e.span.end, e.text.as_str())).collect();
        assert_eq!(shown, [(17, 17, "2"), (21, 21, "x\n")]);
        assert_eq!(edits_between("a\r\nb\r\n", "a\r\n\r\nb\r\n", 0)[0].span, Span::at(3));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn edits_make_the_new_text_and_can_be_taken_back(old in "[ab\r\n😀]{0,30}", new in "[ab\r\n😀]{0,30}") {
            let edits = edits_between(&old, &new, 0);
            prop_assert_eq!(apply(&old, &edits), Some(new.clone()));
            let back = inverse(&old, &edits).unwrap();
            prop_assert_eq!(apply(&new, &back), Some(old.clone()));
            prop_assert!(edits.windows(2).all(|pair| pair[0].span.end < pair[1].span.start));
            for edit in &edits {
                for at in [edit.span.start, edit.span.end] {
                    prop_assert!(!(old[..at as usize].ends_with('\r') && old[at as usize..].starts_with('\n')));
                }
            }
        }
    }
}
