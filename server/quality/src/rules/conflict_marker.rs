//! `conflict-marker`: a merge that was not finished.

use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::rule::{Check, Dimension, Example, Level, Reference, Rule, Severity};
use crate::visit::FileVisit;

pub(crate) const RULE: Rule = Rule {
    id: "conflict-marker",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Error),
    languages: &Language::ALL,
    flags: "the markers git leaves around both sides of a conflict",
    why: "Neither side is the program that was meant, and the file does not parse.",
    reference: Reference {
        name: "git merge, how conflicts are presented",
        url: "https://git-scm.com/docs/git-merge#_how_conflicts_are_presented",
    },
    options: &[],
    check: Check::File(visit),
    examples: &[Example {
        language: Language::Rust,
        bad: "fn a() {}\n⟦<<<<<<< HEAD⟧\nfn b() {}\n=======\nfn c() {}\n>>>>>>> topic\nfn d() {}\n",
        fixed: "",
        good: "fn a() {}\n// <<<<<<< HEAD\n// =======\n",
    }],
};

/// Three markers, each at the start of a line and in this order: nothing else in real code looks like that.
fn visit(visit: &mut FileVisit<'_>) {
    let text = visit.text();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(ours) = line_with(text, "<<<<<<<", from) {
        from = ours.end as usize;
        let Some(middle) = line_with(text, "=======", from) else { break };
        let Some(theirs) = line_with(text, ">>>>>>>", middle.end as usize) else { break };
        // A conflict that opens again before it closes is for a person to read.
        if line_with(text, "<<<<<<<", from).is_some_and(|next| next.start < theirs.start) {
            continue;
        }
        // diff3 style has the common ancestor between `|||||||` and `=======`.
        let base = line_with(text, "|||||||", from).filter(|base| base.start < middle.start);
        found.push((ours, base.unwrap_or(middle), middle, theirs));
        from = theirs.end as usize;
    }
    for (ours, ours_end, middle, theirs) in found {
        let marker = Span::new(ours.start, trimmed_end(visit.text(), ours));
        let finding = visit.report(marker, "a merge conflict is left in the file");
        let keep = |title: &str, kept: Span, finding: &mut crate::Finding| {
            let edits = vec![
                TextEdit::remove(Span::new(ours.start, kept.start)),
                TextEdit::remove(Span::new(kept.end, theirs.end)),
            ];
            finding.suggest(title, edits);
        };
        keep("Keep the first side", Span::new(ours.end, ours_end.start), finding);
        keep("Keep the second side", Span::new(middle.end, theirs.start), finding);
    }
}

/// The first line at or after `from` that starts with a marker and continues with a blank or ends; its line
/// break is part of the range.
fn line_with(text: &str, marker: &str, from: usize) -> Option<Span> {
    let bytes = text.as_bytes();
    for at in memchr::memmem::find_iter(&bytes[from..], marker) {
        let at = from + at;
        let starts_line = at == 0 || matches!(bytes[at - 1], b'\n' | b'\r');
        if starts_line && matches!(bytes.get(at + marker.len()), None | Some(b' ' | b'\n' | b'\r')) {
            let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1);
            return Some(Span::new(at as u32, end as u32));
        }
    }
    None
}

fn trimmed_end(text: &str, line: Span) -> u32 {
    line.start + text.get(line.range()).unwrap_or("").trim_end().len() as u32
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn either_side_can_be_kept() {
        let text = "a\r\n<<<<<<< HEAD\r\nb\r\n||||||| base\r\nx\r\n=======\r\nc\r\n>>>>>>> topic\r\nd";
        let found = findings(RULE.id, Language::JavaScript, text);
        assert_eq!(found.len(), 1);
        let kept: Vec<_> = found[0].fixes.iter().map(|fix| apply(text, &fix.edits)).collect();
        assert_eq!(kept, ["a\r\nb\r\nd", "a\r\nc\r\nd"]);
    }
}
