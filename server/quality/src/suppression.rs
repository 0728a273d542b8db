//! `autodao: allow(rule) reason`: comments that switch a rule off where they stand.

use std::ops::RangeInclusive;

use autodao_syntax::{LineIndex, Span};

/// One `allow` comment. Offsets count from its unit's start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Suppression {
    /// The comment.
    pub(crate) span: Span,
    /// Rule names as written; `all` stands for every rule.
    pub(crate) rules: Vec<Box<str>>,
    /// `allow-file(...)`: for the whole file.
    pub(crate) whole_file: bool,
}

impl Suppression {
    /// Reads a comment: `autodao: allow(a, b) reason` or `autodao: allow-file(a) reason`.
    pub(crate) fn parse(comment: &str, span: Span) -> Option<Self> {
        let rest = after_mark(comment)?;
        let (whole_file, rest) = match rest.strip_prefix("allow-file") {
            Some(rest) => (true, rest),
            None => (false, rest.strip_prefix("allow")?),
        };
        let (names, _reason) = rest.trim_start().strip_prefix('(')?.split_once(')')?;
        let rules = names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Into::into).collect();
        Some(Self { span, rules, whole_file })
    }

    /// Whether it names a rule.
    pub(crate) fn names(&self, rule: &str) -> bool {
        self.rules.iter().any(|name| &**name == rule || &**name == "all")
    }
}

/// What a comment tells this program: what stands behind `autodao:`.
pub(crate) fn after_mark(comment: &str) -> Option<&str> {
    let text = comment.trim_start_matches(['/', '*', '!', '{', ' ', '\t']);
    text.strip_prefix("autodao:").map(str::trim_start)
}

/// The lines an `allow` comment speaks of: its own when code stands before it, else those up to the next line with
/// code. The comments and attributes between are among them: a rule may find something in a comment.
pub(crate) fn target_lines(text: &str, lines: &LineIndex, comment: Span) -> RangeInclusive<u32> {
    let own = lines.line_of(comment.start);
    let line_start = lines.start(own).unwrap_or(0);
    let before = text.get(line_start as usize..comment.start as usize).unwrap_or("");
    if !before.trim_start_matches(['\u{feff}', '{', ' ', '\t']).is_empty() {
        return own..=own;
    }
    // `/* ... */ code`: the brace of `{/* ... */}` is none.
    let last = lines.line_of(comment.end);
    let line_end = lines.start(last + 1).unwrap_or(text.len() as u32);
    let behind = text.get(comment.end as usize..line_end as usize).unwrap_or("").trim();
    if !matches!(behind, "" | "}") {
        return last..=last;
    }
    let first = last + 1;
    let mut line = first;
    let mut in_block = false;
    while let Some(start) = lines.start(line) {
        let end = lines.start(line + 1).unwrap_or(text.len() as u32);
        let content = text.get(start as usize..end as usize).unwrap_or("").trim_start();
        let opens_block = content.starts_with("/*");
        if !in_block && !opens_block && !["//", "#[", "@"].iter().any(|prefix| content.starts_with(prefix)) {
            break;
        }
        in_block = (in_block || opens_block) && !content.contains("*/");
        line += 1;
    }
    first..=line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allow_comment_is_read_in_any_comment_style() {
        for comment in [
            "// autodao: allow(unwrap-used) checked above",
            "/* autodao: allow( unwrap-used , todo-comment ) */",
            "# autodao",
            "//autodao:allow(all)",
        ] {
            let names = Suppression::parse(comment, Span::default()).is_some_and(|s| s.names("unwrap-used"));
            assert_eq!(names, comment != "# autodao", "{comment}");
        }
        let file =
            Suppression::parse("// autodao: allow-file(long-file) generated", Span::default()).unwrap();
        assert!(file.whole_file && file.names("long-file") && !file.names("long"));
        assert_eq!(Suppression::parse("// autodao: allow unwrap-used", Span::default()), None);
    }

    #[test]
    fn an_allow_comment_speaks_of_its_own_line_or_those_up_to_the_next_code() {
        let text = "a(); // here\n// here\n// and a word\n#[attribute]\nb();\n";
        let lines = LineIndex::new(text);
        assert_eq!(target_lines(text, &lines, Span::new(5, 12)), 0..=0);
        assert_eq!(target_lines(text, &lines, Span::new(13, 20)), 2..=4);
        let starred = "// here\n/*\n * why\n */\n*b = 1;\nc();\n";
        assert_eq!(
            target_lines(starred, &LineIndex::new(starred), Span::new(0, 7)),
            1..=4,
            "a `*` may be code"
        );
        let before = "/* here */ b();\nc();\n";
        assert_eq!(
            target_lines(before, &LineIndex::new(before), Span::new(0, 10)),
            0..=0,
            "code is behind it"
        );
        let jsx = "  {/* here */}\n  <p/>\n";
        assert_eq!(target_lines(jsx, &LineIndex::new(jsx), Span::new(3, 13)), 1..=1);
        let marked = "\u{feff}// here\na();\n";
        let behind = target_lines(marked, &LineIndex::new(marked), Span::new(3, 10));
        assert_eq!(behind, 1..=1, "a byte order mark is no code");
    }
}
