//! Examples with their findings underlined.

/// The text without `⟦` and `⟧`, and below each line `^` where something between them stood above.
pub(super) fn underlined(marked: &str) -> String {
    let mut shown = String::new();
    let mut depth = 0usize;
    for line in marked.lines() {
        let (mut plain, mut marks) = (String::new(), String::new());
        for c in line.chars() {
            match c {
                '⟦' => depth += 1,
                '⟧' => depth = depth.saturating_sub(1),
                c => {
                    plain.push(c);
                    let is_indent = plain.trim_start().is_empty();
                    // A tab below a tab keeps both lines in step.
                    marks.push(match c {
                        '\t' => c,
                        _ if depth > 0 && !is_indent => '^',
                        _ => ' ',
                    });
                }
            }
        }
        shown.push_str(&plain);
        shown.push('\n');
        if marks.contains('^') {
            shown.push_str(marks.trim_end());
            shown.push('\n');
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_the_marks_is_underlined() {
        assert_eq!(underlined("a.⟦b()⟧;"), "a.b();\n  ^^^\n");
        assert_eq!(underlined("\t⟦a(\n\n\t\tb)⟧\nc"), "\ta(\n\t^^\n\n\t\tb)\n\t\t^^\nc\n");
        assert_eq!(underlined("⟦a ⟦b⟧ c⟧ d"), "a b c d\n^^^^^\n");
    }
}
