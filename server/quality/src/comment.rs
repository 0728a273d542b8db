//! What a comment says, without what makes it one.

/// A comment's text without its markers: its lines, blanks and `*` before each left out.
pub(crate) fn lines(comment: &str) -> impl Iterator<Item = &str> {
    comment.lines().map(|line| {
        let line = line.trim().trim_end_matches("*/").trim_end();
        line.trim_start_matches(['/', '*', '!', ' ', '\t'])
    })
}

/// The first line of a comment that says something.
pub(crate) fn first_line(comment: &str) -> &str {
    lines(comment).find(|line| !line.is_empty()).unwrap_or("")
}

/// Whether a comment is documentation: other tools read it, and examples belong there.
pub(crate) fn is_doc(comment: &str) -> bool {
    comment.starts_with("/**") && !comment.starts_with("/**/")
        || (comment.starts_with("///") && !comment.starts_with("////"))
        || comment.starts_with("//!")
        || comment.starts_with("/*!")
}

/// Where a text holds another, whatever the case of ASCII letters. `needle` is in lower case.
pub(crate) fn find_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    let (first, rest) = needle.split_first()?;
    let mut from = 0;
    while let Some(at) = memchr::memchr2(*first, first.to_ascii_uppercase(), text.get(from..)?) {
        let behind = from + at + 1;
        if text.get(behind..behind + rest.len())?.eq_ignore_ascii_case(rest) {
            return Some(from + at);
        }
        from = behind;
    }
    None
}

/// Whether a text holds another, whatever the case of ASCII letters.
pub(crate) fn contains_ignoring_case(text: &str, needle: &str) -> bool {
    find_ignoring_case(text, needle).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_read_without_its_markers() {
        assert_eq!(lines("/*\n * a\n * b */").collect::<Vec<_>>(), ["", "a", "b"]);
        assert_eq!((first_line("//! x "), first_line("/** */")), ("x", ""));
        assert!(
            is_doc("/// a") && is_doc("/** a */") && !is_doc("//// a") && !is_doc("/**/") && !is_doc("// a")
        );
    }

    #[test]
    fn words_are_found_whatever_their_case() {
        assert_eq!(find_ignoring_case("ab eXiSting", "existing"), Some(3));
        assert_eq!(find_ignoring_case("exist", "existing"), None);
        assert_eq!(find_ignoring_case("eexisting", "existing"), Some(1));
    }
}
