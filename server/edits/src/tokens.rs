//! A text as words and signs, blanks left out: for comparing what is said apart from how it is laid out.

/// Whether a character can be part of a name.
pub(crate) fn is_word(character: char) -> bool {
    character == '_' || character == '$' || character.is_alphanumeric()
}

/// Whether an offset of a text is not inside a word.
pub(crate) fn is_edge(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back().is_some_and(is_word);
    !(before && text[at..].chars().next().is_some_and(is_word))
}

/// The words and single signs of a text.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, character)) = chars.next() {
        if character.is_whitespace() {
            continue;
        }
        let mut end = start + character.len_utf8();
        if is_word(character) {
            while let Some((at, next)) = chars.next_if(|(_, next)| is_word(*next)) {
                end = at + next.len_utf8();
            }
        }
        tokens.push(&text[start..end]);
    }
    tokens
}

/// The words of a text: its tokens without the signs.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    tokens(text).into_iter().filter(|token| token.chars().next().is_some_and(is_word))
}

/// A signature's tokens without what says nothing to a caller: a last comma, and `mut` before a parameter.
pub(crate) fn signature_tokens(text: &str) -> Vec<&str> {
    let all = tokens(text);
    let mut kept: Vec<&str> = Vec::with_capacity(all.len());
    for token in all {
        if matches!(token, ")" | ">" | "]" | "}") && kept.last() == Some(&",") {
            kept.pop();
        }
        let after_comma = matches!(kept.last(), Some(&"(" | &","));
        if !(token == "mut" && after_comma) {
            kept.push(token);
        }
    }
    kept
}
