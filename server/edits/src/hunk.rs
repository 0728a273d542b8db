//! Search/replace blocks: how they are read.

use crate::fence::is_fence;

/// One block, as lines without their ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Hunk<'a> {
    pub(crate) search: Vec<&'a str>,
    pub(crate) replace: Vec<&'a str>,
}

/// Why blocks cannot be read or placed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum HunkError {
    #[error("a search/replace block is not complete")]
    Incomplete,
    #[error("a search/replace block has `=======` twice")]
    TwoDividers,
    #[error("a search/replace block searches for nothing")]
    EmptySearch,
    #[error("the searched text does not occur in the code:\n{0}")]
    Missing(String),
    #[error("the searched text occurs {1} times in the code:\n{0}")]
    Repeated(String, usize),
    #[error("two search/replace blocks overlap")]
    Overlap,
    #[error("a search/replace block is too long")]
    TooLong,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Marker {
    Search,
    Divider,
    Replace,
}

fn marker(line: &str) -> Option<Marker> {
    let line = line.trim();
    let run = |sign: char| {
        let rest = line.trim_start_matches(sign);
        let len = line.len() - rest.len();
        // Four signs are what is asked for; with a word behind them they are not unusual in texts.
        ((5..=9).contains(&len) || (len == 4 && rest.trim().is_empty())).then_some(rest.trim())
    };
    let named = |rest: &str, names: &[&str]| {
        let rest = rest.trim_end_matches(['<', '>', ':']);
        rest.is_empty() || names.iter().any(|name| rest.eq_ignore_ascii_case(name))
    };
    if run('<').is_some_and(|rest| named(rest, &["search", "original", "head"])) {
        Some(Marker::Search)
    } else if run('>').is_some_and(|rest| named(rest, &["replace", "updated", "head"])) {
        Some(Marker::Replace)
    } else if run('=').is_some_and(str::is_empty) {
        Some(Marker::Divider)
    } else {
        None
    }
}

/// Whether a reply means to be search/replace blocks.
pub(crate) fn has_markers(text: &str) -> bool {
    text.lines().any(|line| matches!(marker(line), Some(Marker::Search | Marker::Replace)))
}

/// Reads the blocks of a reply; prose and fences around them are passed over.
pub(crate) fn parse(text: &str) -> Result<Vec<Hunk<'_>>, HunkError> {
    let mut hunks = Vec::new();
    let mut search: Option<Vec<&str>> = None;
    let mut replace: Option<Vec<&str>> = None;
    for line in text.split('\n') {
        match (marker(line), &mut search, &mut replace) {
            (Some(Marker::Search), None, _) => search = Some(Vec::new()),
            (Some(Marker::Divider), Some(_), None) => replace = Some(Vec::new()),
            (Some(Marker::Divider), Some(_), Some(_)) => return Err(HunkError::TwoDividers),
            (Some(Marker::Replace), Some(from), Some(to)) => {
                let (search_lines, replace_lines) = (unfenced(from), unfenced(to));
                if search_lines.iter().all(|line| line.trim().is_empty()) {
                    return Err(HunkError::EmptySearch);
                }
                hunks.push(Hunk { search: search_lines, replace: replace_lines });
                (search, replace) = (None, None);
            }
            (Some(Marker::Search | Marker::Replace), ..) => return Err(HunkError::Incomplete),
            // A divider outside a block underlines a heading.
            (Some(Marker::Divider) | None, None, _) => {}
            (None, _, Some(lines)) | (None, Some(lines), None) => lines.push(line),
        }
    }
    if search.is_some() || hunks.is_empty() { Err(HunkError::Incomplete) } else { Ok(hunks) }
}

/// A side without the fences a model put around it.
fn unfenced<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    match lines {
        [first, inner @ .., last] if is_fence(first) && is_fence(last) => inner.to_vec(),
        _ => lines.to_vec(),
    }
}
