//! Applying fixes to a text.

use std::sync::Arc;

use autodao_quality::{Applicability, Catalog, FileRole, Fix, Profile, RuleId, TextEdit};
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
///
/// A rule of a user's is applied once to what it was written for, and not to what it wrote: `f(1)` becomes
/// `checked(f(1))` once.
pub fn fix_all(profile: &Arc<Profile>, language: Language, role: FileRole, text: &str) -> (String, usize) {
    let mut fixed = text.to_owned();
    let mut applied = 0;
    let mut written: Vec<Written> = Vec::new();
    for _ in 0..ROUNDS {
        let report = check_text(profile, language, role, &fixed);
        let findings = report.findings.iter().map(autodao_quality::PlacedFinding::finding);
        let fixes: Vec<(RuleId, Span, Fix)> = findings
            .filter_map(|finding| {
                let always = |fix: &Fix| fix.applicability == Applicability::Always;
                let fix = finding.fixes.into_iter().find(always)?;
                let is_own = |text: &Written| text.rule == finding.rule && holds(text.span, finding.span);
                (!written.iter().any(is_own)).then_some((finding.rule, finding.span, fix))
            })
            .collect();
        let mut edits: Vec<TextEdit> = Vec::new();
        let mut made: Vec<(RuleId, usize)> = Vec::new();
        for (rule, span, fix) in &fixes {
            // Inner before outer: what a user's rule wrote is not looked into again.
            let is_outer = !Catalog::builtin().has(*rule)
                && fixes.iter().any(|(own, inner, _)| own == rule && inner != span && holds(*span, *inner));
            // A fix goes in whole or waits for the next round.
            let taken = edits.last().map_or(0, |edit: &TextEdit| edit.span.end);
            if !is_outer && fix.edits.iter().all(|edit| edit.span.start >= taken) {
                applied += 1;
                made.extend((edits.len()..edits.len() + fix.edits.len()).map(|index| (*rule, index)));
                edits.extend(fix.edits.iter().cloned());
            }
        }
        if edits.is_empty() {
            break;
        }
        let places = places_after(&edits);
        for text in &mut written {
            text.span = moved(text.span, &edits, &places);
        }
        made.retain(|(rule, _)| !Catalog::builtin().has(*rule));
        written.extend(made.into_iter().map(|(rule, index)| Written { rule, span: places[index] }));
        fixed = apply_edits(&fixed, &edits);
    }
    (fixed, applied)
}

/// What a rule of a user's put into the text.
struct Written {
    rule: RuleId,
    span: Span,
}

/// Whether a span holds all of another.
fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Where the texts of edits are when the edits are made.
fn places_after(edits: &[TextEdit]) -> Vec<Span> {
    let mut delta = 0;
    let place = |edit: &TextEdit| {
        let start = edit.span.moved(delta).start;
        delta += edit.text.len() as i64 - i64::from(edit.span.len());
        Span::new(start, start + edit.text.len() as u32)
    };
    edits.iter().map(place).collect()
}

/// Where a span is when edits are made; one that goes into it only in part makes it larger.
fn moved(span: Span, edits: &[TextEdit], places: &[Span]) -> Span {
    let mut delta = 0;
    let (mut start, mut end) = (None, None);
    for (edit, place) in edits.iter().zip(places) {
        if start.is_none() && span.start < edit.span.end {
            start = Some(if span.start <= edit.span.start { span.moved(delta).start } else { place.start });
        }
        if end.is_none() && span.end < edit.span.end {
            end = Some(if span.end <= edit.span.start { span.moved(delta).end } else { place.end });
        }
        delta += edit.text.len() as i64 - i64::from(edit.span.len());
    }
    let rest = span.moved(delta);
    Span::new(start.unwrap_or(rest.start), end.unwrap_or(rest.end))
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
    fn a_users_rule_is_not_applied_to_what_it_wrote() {
        let rule = "; id: safe-risks\n; message: a risk\n; severity: warning\n; dimension: error-handling\n; languages: javascript\n; fix: safe(risky({args}), {{}})\n; fix-title: Be safe\n; fix-applicability: always\n((call_expression (identifier) @name (arguments (_)* @args)) @finding (#eq? @name \"risky\"))\n";
        let id = autodao_quality::read_rule(rule).unwrap();
        let mut profile = Profile::default();
        profile.add_rules(&[id]);
        let profile = Arc::new(profile);
        let text = "if (a) { return; } else { b(); }\nf(risky(1, risky(2)), 3);\nrisky(4);\n";
        let (fixed, applied) = fix_all(&profile, Language::JavaScript, FileRole::Library, text);
        assert_eq!(
            fixed,
            "if (a) { return; } else { b(); }\nf(safe(risky(1, safe(risky(2), {})), {}), 3);\nsafe(risky(4), {});\n"
        );
        assert_eq!(applied, 3);
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
