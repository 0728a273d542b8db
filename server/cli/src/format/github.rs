//! Workflow commands of GitHub Actions: annotations on a pull request.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>

use std::fmt::Write as _;

use autodao_engine::Checked;
use autodao_engine::quality::Severity;

use super::finding::located;

pub(super) fn paint(path: &str, checked: &Checked) -> String {
    let mut lines = String::new();
    for found in located(checked) {
        let command = match found.finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information | Severity::Hint => "notice",
        };
        let place = found.place;
        // Writing to a string does not fail.
        let _ = write!(lines, "::{command} file={},line={}", property(path), place.line);
        // GitHub takes columns only where both are on one line.
        let _ = if place.line == place.end_line {
            write!(lines, ",col={},endLine={},endColumn={}", place.column, place.end_line, place.end_column)
        } else {
            write!(lines, ",endLine={}", place.end_line)
        };
        let _ = writeln!(lines, ",title={}::{}", property(found.rule.id), data(&found.finding.message));
    }
    lines
}

/// Text after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value, which also ends at `:` and `,`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_value_is_escaped() {
        assert_eq!(data("100%: a,\r\nb"), "100%25: a,%0D%0Ab");
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
    }
}
