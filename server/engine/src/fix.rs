//! Applying fixes to a text.

use std::sync::Arc;

use autodao_quality::{Applicability, FileRole, Profile, TextEdit};
use autodao_syntax::{Language, Span};
use similar::{DiffTag, TextDiff};

use crate::check::check_text;

/// How often fixes are applied and the text looked at again: a fix may make room for another.
const ROUNDS: usize = 10;

/// The text after edits. They must be in ascending order; one that overlaps an earlier one is left out.
pub fn apply_edits(text: &str, edits: &[TextEdit]) -> String {
    let mut fixed = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let Some(kept) = text.get(at..edit.span.start as usize) else { continue };
        fixed.push_str(kept);
        fixed.push_str(&edit.text);
        at = edit.span.end as usize;
    }
    fixed.push_str(text.get(at..).unwrap_or(""));
    fixed
}

/// Applies every fix that keeps behaviour, until none is left. Returns the text and how many were applied.
pub fn fix_all(profile: &Arc<Profile>, language: Language, role: FileRole, text: &str) -> (String, usize) {
    let mut fixed = text.to_owned();
    let mut applied = 0;
    for _ in 0..ROUNDS {
        let report = check_text(profile, language, role, &fixed);
        let mut edits: Vec<TextEdit> = Vec::new();
        for finding in report.findings.iter().map(autodao_quality::PlacedFinding::finding) {
            let Some(fix) = finding.fixes.into_iter().find(|fix| fix.applicability == Applicability::Always)
            else {
                continue;
            };
            // A fix goes in whole or waits for the next round.
            let taken = edits.last().map_or(0, |edit: &TextEdit| edit.span.end);
            if fix.edits.iter().all(|edit| edit.span.start >= taken) {
                applied += 1;
                edits.extend(fix.edits);
            }
        }
        if edits.is_empty() {
            break;
        }
        fixed = apply_edits(&fixed, &edits);
    }
    (fixed, applied)
}

/// Line-wise edits that turn one text into another.
pub fn edits_between(old: &str, new: &str) -> Vec<TextEdit> {
    let diff = TextDiff::from_lines(old, new);
    let (old_lines, new_lines) = (
        offsets(diff.old_len(), |i| diff.old_slice(i).map_or(0, str::len)),
        offsets(diff.new_len(), |i| diff.new_slice(i).map_or(0, str::len)),
    );
    diff.ops()
        .iter()
        .filter(|op| op.tag() != DiffTag::Equal)
        .map(|op| {
            let (from, to) = (op.old_range(), op.new_range());
            let text = &new[new_lines[to.start]..new_lines[to.end]];
            TextEdit::replace(Span::new(old_lines[from.start] as u32, old_lines[from.end] as u32), text)
        })
        .collect()
}

/// What turns one text into another, for people and for `git apply`; empty when they are equal.
pub fn unified_diff(path: &str, old: &str, new: &str) -> String {
    // Names from the root are not below the folders `a` and `b`.
    let name = |side: &str| if path.starts_with('/') { path.to_owned() } else { format!("{side}/{path}") };
    let diff = TextDiff::from_lines(old, new);
    diff.unified_diff().header(&name("a"), &name("b")).to_string()
}

/// Where each line starts, and where the last one ends.
fn offsets(lines: usize, len: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut at = 0;
    let mut starts = vec![0];
    for line in 0..lines {
        at += len(line);
        starts.push(at);
    }
    starts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fixes_are_applied_until_none_is_left() {
        let text = "fn f() {\n    if a {\n        if b {\n            if c {\n                d();\n            }\n        }\n    }\n}\n";
        let (fixed, applied) = fix_all(&Profile::shared_default(), Language::Rust, FileRole::Library, text);
        assert_eq!(fixed, "fn f() {\n    if a && b && c {\n        d();\n    }\n}\n");
        assert_eq!(applied, 2);
        assert_eq!(fix_all(&Profile::shared_default(), Language::Rust, FileRole::Library, &fixed).1, 0);
    }

    #[test]
    fn a_diff_names_both_sides_and_a_missing_last_line_break() {
        let shown = unified_diff("src/a.rs", "a\nb\nc", "a\nB\nc");
        let expected =
            "--- a/src/a.rs\n+++ b/src/a.rs\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n\\ No newline at end of file\n";
        assert_eq!(shown, expected);
        assert_eq!(unified_diff("/a.rs", "a\n", "b\n").lines().next(), Some("--- /a.rs"));
        assert_eq!(unified_diff("a.rs", "a\n", "a\n"), "");
    }

    proptest! {
        #[test]
        fn edits_between_two_texts_lead_from_one_to_the_other(old in "([ab\r]{0,2}\n){0,6}[ab]{0,2}", new in "([ab\r]{0,2}\n){0,6}[ab]{0,2}") {
            prop_assert_eq!(apply_edits(&old, &edits_between(&old, &new)), new);
        }
    }
}
