//! Code frames, and a line that sums up.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use autodao_engine::Checked;
use autodao_engine::quality::{Applicability, Severity};
use autodao_engine::syntax::{Buffer, Span};

use super::finding::{Located, located};
use super::{Outcome, Summary};
use crate::problem::Problem;

/// Lines longer than this are not shown: nobody reads them, and the renderer would read all of a line of
/// megabytes for each finding in it.
const MAX_LINE_BYTES: u32 = 4_000;

/// A finding in more text than this is shown by its first line.
const MAX_SHOWN_BYTES: u32 = 20_000;

/// Paints code frames.
pub(super) struct Frames {
    renderer: Renderer,
}

impl Frames {
    pub(super) fn new(colored: bool) -> Self {
        Self { renderer: if colored { Renderer::styled() } else { Renderer::plain() } }
    }

    pub(super) fn paint(&self, path: &str, checked: &Checked) -> String {
        let mut frames = String::new();
        for found in located(checked) {
            frames.push_str(&self.frame(path, &checked.buffer, &found));
            frames.push_str("\n\n");
        }
        frames
    }

    fn frame(&self, path: &str, buffer: &Buffer, found: &Located) -> String {
        let Located { finding, rule, place } = found;
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Information => Level::INFO.with_name(finding.severity.name()),
            Severity::Hint => Level::HELP.with_name(finding.severity.name()),
        };
        let title = level.primary_title(&*finding.message).id(rule.id);
        let (line, column) = (place.line as usize, place.column as usize);
        let group = match excerpt(buffer, finding.span) {
            Ok((shown, underlined)) => title.element(
                Snippet::source(buffer.slice(shown))
                    .path(path)
                    .line_start(line)
                    .annotation(AnnotationKind::Primary.span(underlined.range())),
            ),
            Err(bytes) => title
                .element(Origin::path(path).line(line).char_column(column))
                .element(Level::NOTE.message(format!("the line of {bytes} bytes is too long to be shown"))),
        };
        let group = group.element(Level::NOTE.with_name("dimension").message(rule.dimension.name()));
        let fixes = finding.fixes.iter().map(|fix| {
            let how = match fix.applicability {
                Applicability::Always => " (done by `autodao fix`)",
                Applicability::Suggested => "",
            };
            Level::HELP.message(format!("{}{how}", fix.title))
        });
        self.renderer.render(&[group.elements(fixes)])
    }
}

/// The whole lines that are shown for a finding, and where in them it is; the error is how long its line is.
fn excerpt(buffer: &Buffer, span: Span) -> Result<(Span, Span), u32> {
    let line_at = |offset| buffer.line(buffer.lines().line_of(offset)).unwrap_or_default();
    let first = line_at(span.start);
    if first.len() > MAX_LINE_BYTES {
        return Err(first.len());
    }
    let whole = Span::new(first.start, line_at(span.end).end);
    let shown = if whole.len() > MAX_SHOWN_BYTES { first } else { whole };
    // A finding's end may be in a line break, which is not shown.
    let within = |offset: u32| offset.clamp(shown.start, shown.end) - shown.start;
    Ok((shown, Span::new(within(span.start), within(span.end))))
}

pub(super) fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    outcome.write_findings(out)?;
    outcome.complain(out)?;
    let unseen = outcome.problems.iter().filter(|problem| Problem::is_trouble(problem)).count();
    writeln!(out, "{}", sum_up(&outcome.summary, unseen))
}

fn sum_up(summary: &Summary, unseen: usize) -> String {
    let mut line = format!("{} checked: ", counted(summary.files, "file"));
    let found: Vec<_> = Severity::ALL
        .into_iter()
        .map(|severity| (severity, summary.findings[severity as usize]))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| match severity {
            Severity::Information => format!("{count} information"),
            severity => counted(count, severity.name()),
        })
        .collect();
    line.push_str(&if found.is_empty() { "no findings".to_owned() } else { found.join(", ") });
    if summary.suppressed > 0 {
        line.push_str(&format!("; {} suppressed", summary.suppressed));
    }
    if unseen > 0 {
        line.push_str(&format!("; {} not checked", counted(unseen, "path")));
    }
    line
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_what_there_is() {
        let summary = Summary { files: 1, ..Summary::default() };
        assert_eq!(sum_up(&summary, 0), "1 file checked: no findings");
        let summary = Summary { files: 12, findings: [1, 2, 3, 0], suppressed: 4 };
        assert_eq!(
            sum_up(&summary, 1),
            "12 files checked: 1 error, 2 warnings, 3 information; 4 suppressed; 1 path not checked"
        );
    }

    #[test]
    fn whole_lines_are_shown_unless_they_are_too_long() {
        let excerpt = |text: &str, start, end| {
            let buffer = Buffer::new(text.to_owned());
            excerpt(&buffer, Span::new(start, end))
                .map(|(shown, underlined)| (buffer.slice(shown).to_owned(), underlined.range()))
        };
        assert_eq!(excerpt("a\r\nbcd\r\ne", 4, 5), Ok(("bcd".to_owned(), 1..2)));
        assert_eq!(excerpt("a\r\nbcd\r\ne", 4, 7), Ok(("bcd".to_owned(), 1..3)));
        assert_eq!(excerpt("a\nb\nc", 0, 3), Ok(("a\nb".to_owned(), 0..3)));
        assert_eq!(excerpt("", 0, 0), Ok((String::new(), 0..0)));
        let long = "é".repeat(50_000);
        assert_eq!(excerpt(&long, 2, 4), Err(100_000));
        assert_eq!(excerpt(&format!("a\n{long}"), 0, 50_000), Ok(("a".to_owned(), 0..1)));
    }
}
