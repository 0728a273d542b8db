//! Putting text of others into a prompt so that it cannot pass for the prompt's own words.

/// How much of a one-line text is kept, in characters.
const MAX_LINE_CHARS: usize = 300;

/// The text as a Markdown code block whose fence is longer than any run of backticks in the text, so that no line
/// of it can close the block. The last line gets a line break if it has none.
pub fn fenced(text: &str, language: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let language: String =
        language.chars().filter(|c| c.is_ascii_alphanumeric() || "-_+#.".contains(*c)).take(32).collect();
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{text}{end}{fence}")
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// The text on one line, at most 300 characters of it: line breaks and control characters become single spaces.
/// For names and messages that stand unfenced in a prompt.
pub fn one_line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let mut line = String::with_capacity(text.len().min(MAX_LINE_CHARS));
    let mut pending = false;
    for c in text.trim().chars().take(MAX_LINE_CHARS) {
        if is_break(c) {
            pending = true;
            continue;
        }
        if std::mem::take(&mut pending) && !line.is_empty() {
            line.push(' ');
        }
        line.push(c);
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_fence_outgrows_what_is_in_it() {
        assert_eq!(fenced("a", "rust"), "```rust\na\n```");
        assert_eq!(fenced("```\n````x\n", ""), "`````\n```\n````x\n`````");
        assert_eq!(fenced("", "ts`\nx"), "```tsx\n```");
        assert_eq!(one_line(" a\r\n\tb\u{2028}c\u{7} "), "a b c");
    }

    proptest! {
        #[test]
        fn no_line_of_the_text_closes_the_block(text in "[`~a \n\r]{0,60}") {
            let block = fenced(&text, "rust");
            let fence = block.split_once("rust").unwrap().0.to_owned();
            let inner = &block[fence.len() + 5..block.len() - fence.len()];
            prop_assert!(inner.strip_suffix('\n').unwrap_or(inner) == text || inner == text);
            prop_assert!(!text.contains(&fence));
        }

        #[test]
        fn one_line_is_one_line(text in any::<String>()) {
            let line = one_line(&text);
            prop_assert!(!line.contains(|c: char| c.is_control()) && line.chars().count() <= MAX_LINE_CHARS);
        }
    }
}
