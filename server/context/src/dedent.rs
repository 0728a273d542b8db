//! Code without the indentation of the place it stands at.

use autodao_syntax::Span;

/// A piece of code without its common indentation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dedented {
    /// The text; line breaks are as they were.
    pub text: String,
    /// What was taken from the start of each line that has more than blanks, the first apart, which starts behind
    /// it already.
    pub indent: String,
}

/// The text of a span that starts behind its first line's indentation. No line loses anything but blanks that all
/// lines have: one in a string literal that starts further left keeps all others where they are.
pub fn dedent(text: &str, span: Span) -> Dedented {
    let code = text.get(span.range()).unwrap_or("");
    let before = text.get(..span.start as usize).unwrap_or("");
    let line = before.rsplit(['\n', '\r']).next().unwrap_or("");
    let mut indent = if line.chars().all(|c| matches!(c, ' ' | '\t')) { line } else { "" };
    for line in code.split_inclusive('\n').skip(1) {
        if !line.trim().is_empty() {
            indent = &indent[..common(indent, line)];
        }
    }
    let mut dedented = String::with_capacity(code.len());
    for (index, line) in code.split_inclusive('\n').enumerate() {
        let kept = if index == 0 { line } else { line.strip_prefix(indent).unwrap_or(line) };
        dedented.push_str(kept);
    }
    Dedented { text: dedented, indent: indent.to_owned() }
}

/// How many bytes two texts have in common at their starts; the first is blanks only.
fn common(indent: &str, line: &str) -> usize {
    indent.bytes().zip(line.bytes()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str, start: u32) -> (String, String) {
        let Dedented { text, indent } = dedent(text, Span::new(start, text.len() as u32));
        (text, indent)
    }

    #[test]
    fn only_what_all_lines_have_goes() {
        let pair = |text: &str, indent: &str| (text.to_owned(), indent.to_owned());
        assert_eq!(of("    a {\r\n        b\r\n\r\n    }", 4), pair("a {\r\n    b\r\n\r\n}", "    "));
        assert_eq!(of("\ta(`\n  x`)\n\t", 1), pair("a(`\n  x`)\n\t", ""));
        assert_eq!(of("  \ta\n  b", 3), pair("a\nb", "  "));
        assert_eq!(of("x = a {\n    b }", 4), pair("a {\n    b }", ""));
        assert_eq!(of("", 0), pair("", ""));
    }

    proptest! {
        #[test]
        fn putting_the_indentation_back_gives_the_text(text in "[ \t]{0,4}[a-c\n\r \té]{0,40}", at in 0_u32..8) {
            let start = (0..=at).rev().find(|at| text.is_char_boundary(*at as usize)).unwrap_or(0).min(text.len() as u32);
            let span = Span::new(start, text.len() as u32);
            let Dedented { text: dedented, indent } = dedent(&text, span);
            let mut lines = text[span.range()].split_inclusive('\n').zip(dedented.split_inclusive('\n'));
            let first = lines.next();
            prop_assert!(first.is_none_or(|(a, b)| a == b));
            for (old, new) in lines {
                let back = indent.clone() + new;
                prop_assert!(old == back || (old == new && old.trim().is_empty()));
            }
        }
    }
}
