//! A model's lines laid out as their place is: indentation, blanks, line ends.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::indent::{IndentStyle, LineEnding, columns, leading_blanks};
use crate::literal::LineKind;

/// From the model's indentation to the place's.
pub(crate) struct Layout<'a> {
    /// How the model indents, if it shows.
    pub(crate) from: Option<IndentStyle>,
    /// How the place is indented, if it shows.
    pub(crate) to: Option<IndentStyle>,
    /// The columns the model's lines have in front of what is level 0 of the place.
    pub(crate) base: usize,
    /// The blanks of level 0 of the place.
    pub(crate) indent: &'a str,
}

impl Layout<'_> {
    /// One line that begins in code. `own` is how many of its columns are indentation; more are content.
    pub(crate) fn line(&self, line: &str, own: usize) -> String {
        let content = line.trim_start_matches([' ', '\t']);
        if content.is_empty() {
            return String::new();
        }
        let blanks = leading_blanks(line);
        let tab = 4;
        let lacking = self.base.saturating_sub(columns(blanks, tab));
        if lacking > 0 {
            // It ends a level that the place is in.
            let levels = |from: IndentStyle| lacking / from.columns();
            let scaled = self.from.zip(self.to).map(|(from, to)| levels(from) * to.columns());
            return format!("{}{content}", without_last_columns(self.indent, scaled.unwrap_or(lacking), tab));
        }
        let (Some(from), Some(to)) = (self.from, self.to) else {
            return format!("{}{}{content}", self.indent, without_columns(blanks, self.base, tab));
        };
        if from == to {
            return format!("{}{}{content}", self.indent, without_columns(blanks, self.base, tab));
        }
        let all = columns(blanks, tab).saturating_sub(self.base);
        let indentation = all.min(own.saturating_sub(self.base));
        format!("{}{}{}{content}", self.indent, to.render(indentation, from), " ".repeat(all - indentation))
    }
}

/// Blanks without their first columns.
fn without_columns(blanks: &str, count: usize, tab: usize) -> &str {
    let mut seen = 0;
    for (at, byte) in blanks.bytes().enumerate() {
        if seen >= count {
            return &blanks[at..];
        }
        seen += if byte == b'\t' { tab } else { 1 };
    }
    ""
}

/// Blanks without their last columns.
fn without_last_columns(blanks: &str, count: usize, tab: usize) -> &str {
    let mut seen = 0;
    for (at, byte) in blanks.bytes().enumerate().rev() {
        if seen >= count {
            return &blanks[..=at];
        }
        seen += if byte == b'\t' { tab } else { 1 };
    }
    ""
}

/// Lays out a whole block. The first line gets no indentation: the place's is in front of it already.
pub(crate) fn fit(code: &str, kinds: &[LineKind], to: Option<IndentStyle>, indent: &str) -> Vec<String> {
    let lines: Vec<&str> = code.split('\n').collect();
    let kind = |index: usize| kinds.get(index).copied().unwrap_or(LineKind::Code);
    let in_code =
        || (0..lines.len()).filter(|index| kind(*index) == LineKind::Code).map(|index| lines[index]);
    let tab = 4;
    let width = |line: &str| columns(leading_blanks(line), tab);
    let solid = |line: &&str| !line.trim().is_empty();
    let first = in_code().find(solid).map_or(0, width);
    // Models often begin at the margin and go on with the indentation they saw: the last line, which closes what
    // the first one opens, tells the rest's.
    let lowest = in_code().filter(solid).skip(1).map(width).min();
    let last = in_code().rfind(solid).map_or(first, width);
    let base = match lowest {
        Some(lowest) if lowest > first && last == lowest => lowest,
        _ => first,
    };
    let opening = " ".repeat(base) + lines.first().map_or("", |line| line.trim_start());
    let from = IndentStyle::of(std::iter::once(opening.as_str()).chain(in_code().skip(1)));
    let rest = Layout { from, to, base, indent };
    let head = Layout { from, to, base: first, indent: "" };
    let mut fitted = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        fitted.push(match kind(index) {
            LineKind::Literal => (*line).to_owned(),
            LineKind::Code if index == 0 => head.line(line, usize::MAX).trim_end().to_owned(),
            LineKind::Code => rest.line(line, usize::MAX).trim_end_matches([' ', '\t']).to_owned(),
            LineKind::Comment(above) => {
                let opening = lines.get(index.wrapping_sub(above)).map_or(0, |line| width(line));
                rest.line(line, opening)
            }
        });
    }
    // Blanks at the end of a line are kept where the next line begins inside a literal: they are its content.
    for index in 0..lines.len().saturating_sub(1) {
        if kind(index + 1) == LineKind::Literal && kind(index) != LineKind::Literal {
            let blanks = &lines[index][lines[index].trim_end_matches([' ', '\t']).len()..];
            fitted[index].push_str(blanks);
        }
    }
    fitted
}

/// The new lines with the place's line ends; a line that was there keeps its bytes and its own end.
pub(crate) fn with_endings(old: &str, new: &[String], ending: LineEnding) -> String {
    let old_lines: Vec<&str> = old.split('\n').collect();
    let bare: Vec<&str> = old_lines.iter().map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let last_old = old_lines.len() - 1;
    let fresh: Vec<&str> = new.iter().map(String::as_str).collect();
    // A model that drops the blanks at a line's end did not mean to change the line.
    let old_keys: Vec<&str> = bare.iter().map(|line| line.trim_end()).collect();
    let new_keys: Vec<&str> = fresh.iter().map(|line| line.trim_end()).collect();
    let mut text = String::new();
    let mut put = |index: usize, line: &str, kept: Option<usize>| {
        let is_last = index + 1 == fresh.len();
        match kept {
            // The last line of the old text has no end to keep.
            Some(old_index) if old_index < last_old => {
                let whole = old_lines[old_index];
                text.push_str(if is_last { bare[old_index] } else { whole });
                text.push_str(if is_last { "" } else { "\n" });
            }
            _ => {
                text.push_str(line);
                text.push_str(if is_last { "" } else { ending.as_str() });
            }
        }
    };
    for (tag, old_range, new_range) in line_ops(&old_keys, &new_keys) {
        for (step, index) in new_range.enumerate() {
            let same = (tag == DiffTag::Equal).then_some(old_range.start + step);
            // One that has other blanks at its end than before did mean it.
            let is_kept = |old: &usize| fresh[index] == bare[*old] || fresh[index] == old_keys[*old];
            put(index, fresh[index], same.filter(is_kept));
        }
    }
    text
}

type LineOp = (DiffTag, std::ops::Range<usize>, std::ops::Range<usize>);

/// The difference of two lists of lines. Where they are long and have little in common it is coarse.
pub(crate) fn line_ops(old: &[&str], new: &[&str]) -> Vec<LineOp> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let shorter = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(shorter).take_while(|(a, b)| a == b).count();
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);
    let mut ops = vec![(DiffTag::Equal, 0..head, 0..head)];
    if (old_end - head).max(new_end - head) > 2000 {
        ops.push((DiffTag::Replace, head..old_end, head..new_end));
    } else {
        for op in capture_diff_slices(Algorithm::Myers, &old[head..old_end], &new[head..new_end]) {
            let (tag, from, to) = op.as_tag_tuple();
            ops.push((tag, from.start + head..from.end + head, to.start + head..to.end + head));
        }
    }
    ops.push((DiffTag::Equal, old_end..old.len(), new_end..new.len()));
    ops
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(code: &str, to: IndentStyle, indent: &str) -> String {
        fit(code, &[], Some(to), indent).join("\n")
    }

    #[test]
    fn levels_and_units_follow_the_place() {
        let two = IndentStyle::Spaces(2);
        let four = IndentStyle::Spaces(4);
        assert_eq!(fitted("a {\n    b\n}", IndentStyle::Tabs, "\t"), "a {\n\t\tb\n\t}");
        assert_eq!(fitted("a {\n\tb\n}", two, "  "), "a {\n    b\n  }");
        // As it was shown, with all of its indentation, and with that of all but the first line.
        for code in ["a {\n    b\n}", "    a {\n        b\n    }", "a {\n        b\n    }"] {
            assert_eq!(fitted(code, four, "    "), "a {\n        b\n    }", "{code}");
        }
        assert_eq!(fitted("a {\n\n    b  \n}", four, ""), "a {\n\n    b\n}");
    }

    #[test]
    fn lines_that_were_there_keep_their_ends() {
        let new = ["a", "x", "c", "d"].map(str::to_owned);
        assert_eq!(with_endings("a\nb\r\nc\r\nd", &new, LineEnding::CrLf), "a\nx\r\nc\r\nd");
        assert_eq!(with_endings("a\nb", &["b".into()], LineEnding::Lf), "b");
        assert_eq!(with_endings("a \r\nb", &["a".into(), "b".into()], LineEnding::CrLf), "a \r\nb");
        assert_eq!(with_endings("a\r\nb", &["a ".into(), "b".into()], LineEnding::CrLf), "a \r\nb");
        assert_eq!(with_endings("a\r\nb", &["b".into(), "a".into()], LineEnding::CrLf), "b\r\na");
    }
}
