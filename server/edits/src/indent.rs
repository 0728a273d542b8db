//! How a text is indented, and how its lines end.

/// How lines end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum LineEnding {
    /// `\n`
    #[default]
    Lf,
    /// `\r\n`
    CrLf,
}

impl LineEnding {
    /// What most lines of a text end with; `None` when it has one line.
    pub fn of(text: &str) -> Option<Self> {
        let (mut lf, mut crlf) = (0_usize, 0_usize);
        let bytes = text.as_bytes();
        for at in memchr::memchr_iter(b'\n', bytes) {
            if at > 0 && bytes[at - 1] == b'\r' {
                crlf += 1;
            } else {
                lf += 1;
            }
        }
        (lf + crlf > 0).then_some(if crlf > lf { Self::CrLf } else { Self::Lf })
    }

    /// The characters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
        }
    }
}

/// What one level of indentation is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IndentStyle {
    /// A tab.
    Tabs,
    /// So many spaces, 2 to 8.
    Spaces(u8),
}

/// How many lines are enough to tell.
const SAMPLE_LINES: usize = 4000;

impl IndentStyle {
    /// The style of a text; `None` when no line is indented deeper than the one before.
    pub fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut tabs = 0_usize;
        let mut steps = [0_usize; 9];
        let mut before: Option<usize> = None;
        for line in lines.take(SAMPLE_LINES) {
            let content = line.trim_start_matches([' ', '\t']);
            let blanks = &line[..line.len() - content.len()];
            if content.trim_end().is_empty() || content.starts_with('*') {
                continue;
            }
            if blanks.starts_with('\t') {
                tabs += 1;
                before = None;
                continue;
            }
            if let Some(step) = before.map(|before| blanks.len().saturating_sub(before))
                && (2..=8).contains(&step)
            {
                steps[step] += 1;
            }
            before = Some(blanks.len());
        }
        // A long step seen rarely is a continued line.
        let usual = |step: usize| if step > 4 && steps[step] < 3 { 0 } else { steps[step] };
        let (step, count) = (2..=8).map(|step| (step, usual(step))).rev().max_by_key(|(_, count)| *count)?;
        if tabs > count { Some(Self::Tabs) } else { (count > 0).then_some(Self::Spaces(step as u8)) }
    }

    /// How many columns a level takes, a tab counting as four.
    pub const fn columns(self) -> usize {
        match self {
            Self::Tabs => 4,
            Self::Spaces(width) => width as usize,
        }
    }

    /// The blanks of so many columns: whole levels in this style, the rest as spaces.
    pub(crate) fn render(self, columns: usize, from: Self) -> String {
        let (levels, rest) = (columns / from.columns(), columns % from.columns());
        self.unit().repeat(levels) + &" ".repeat(rest)
    }

    /// One level.
    pub(crate) fn unit(self) -> String {
        match self {
            Self::Tabs => "\t".to_owned(),
            Self::Spaces(width) => " ".repeat(usize::from(width)),
        }
    }
}

/// The blanks a line begins with.
pub(crate) fn leading_blanks(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// How many columns blanks take where a tab takes `tab`.
pub(crate) fn columns(blanks: &str, tab: usize) -> usize {
    blanks.bytes().map(|byte| if byte == b'\t' { tab } else { 1 }).sum()
}

/// A text with `\n` alone: what models are shown and what they answer.
pub(crate) fn with_lf(text: &str) -> String {
    text.replace("\r\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_told_apart() {
        let of = |text: &str| IndentStyle::of(text.lines());
        assert_eq!(of("a {\n    b\n}\n"), Some(IndentStyle::Spaces(4)));
        assert_eq!(of("a {\n  b {\n    c\n  }\n}\n"), Some(IndentStyle::Spaces(2)));
        assert_eq!(of("a {\n\tb {\n\t\tc\n"), Some(IndentStyle::Tabs));
        assert_eq!(of("/**\n * b\n */\na\n"), None);
        assert_eq!(LineEnding::of("a\r\nb\nc\r\n"), Some(LineEnding::CrLf));
        assert_eq!(LineEnding::of("a"), None);
        assert_eq!(IndentStyle::Tabs.render(6, IndentStyle::Spaces(4)), "\t  ");
    }
}
