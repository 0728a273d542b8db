//! Fenced code blocks in Markdown, as models write them.

/// A fenced block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Block<'a> {
    /// The first word after the opening fence, in lower case.
    pub(crate) tag: String,
    /// The lines between the fences, without the last line's end.
    pub(crate) code: &'a str,
    /// Whether the closing fence was there.
    pub(crate) closed: bool,
}

/// A line that opens or closes a block: the fence's character, its length, and what follows it.
fn fence(line: &str) -> Option<(char, usize, &str)> {
    let line = line.trim_start_matches([' ', '\t', '>']);
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let rest = line.trim_start_matches(mark);
    let len = line.len() - rest.len();
    // Three backticks with code behind them on the same line are no fence.
    let info = rest.trim();
    (len >= 3 && !(mark == '`' && info.contains('`'))).then_some((mark, len, info))
}

/// Whether a line is a fence.
pub(crate) fn is_fence(line: &str) -> bool {
    fence(line).is_some()
}

/// The lines of a text with their offsets; ends included.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    })
}

/// The blocks of a text in order. One that is not closed ends with the text.
pub(crate) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<(char, usize, String, usize)> = None;
    for (start, line) in lines(text) {
        let Some((mark, len, info)) = fence(line) else { continue };
        match &open {
            None => open = Some((mark, len, tag(info), start + line.len())),
            Some((open_mark, open_len, open_tag, from)) => {
                if mark == *open_mark && len >= *open_len && info.is_empty() {
                    let code = text[*from..start].strip_suffix('\n').unwrap_or(&text[*from..start]);
                    blocks.push(Block { tag: open_tag.clone(), code, closed: true });
                    open = None;
                }
            }
        }
    }
    if let Some((_, _, tag, from)) = open {
        blocks.push(Block { tag, code: &text[from..], closed: false });
    }
    blocks
}

/// From the first fence to the last one: what a block is when its code holds fences itself.
pub(crate) fn outermost(text: &str) -> Option<Block<'_>> {
    let mut fences = lines(text).filter_map(|(start, line)| Some((start, line, fence(line)?)));
    let (start, line, (mark, ..)) = fences.next()?;
    let info = fence(line).map_or(String::new(), |(.., info)| tag(info));
    let (end, ..) = fences.filter(|(.., (other, _, info))| *other == mark && info.is_empty()).last()?;
    let code = &text[start + line.len()..end];
    Some(Block { tag: info, code: code.strip_suffix('\n').unwrap_or(code), closed: true })
}

fn tag(info: &str) -> String {
    info.split([' ', ',', '{', ':']).next().unwrap_or("").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_as_models_write_them() {
        let text =
            "Sure!\n\n```Rust,ignore\na\n/// ```\n/// ```\nb\n```\nor\n~~~\n```\nc\n~~~~\n  ```ts\n  d";
        let found: Vec<_> = blocks(text).into_iter().map(|b| (b.tag, b.code, b.closed)).collect();
        assert_eq!(
            found,
            [
                ("rust".into(), "a\n/// ```\n/// ```\nb", true),
                (String::new(), "```\nc", true),
                ("ts".into(), "  d", false)
            ]
        );
        assert_eq!(outermost("x\n```md\na\n```\nb\n```\n").unwrap().code, "a\n```\nb");
        assert_eq!(blocks("```\n```\n")[0].code, "");
        assert!(blocks("```x``` inline").is_empty());
    }
}
