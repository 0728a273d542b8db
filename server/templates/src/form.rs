//! Whether a reply has its contract's form; see [`Contract`] for the rules.

use crate::Contract;

/// Why a reply does not have the form asked for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FormError {
    /// Nothing was said.
    #[error("the reply is empty")]
    Empty,
    /// No code where code was asked for.
    #[error("the reply has no fenced block")]
    NoBlock,
    /// A block that the reply ends in.
    #[error("the fenced block is not closed: the reply was cut short")]
    Unclosed,
    /// More than one block.
    #[error("the reply has {0} fenced blocks, and which is meant is unclear")]
    Ambiguous(usize),
    /// Markers in the wrong order, or too few of them.
    #[error("line {0} of the reply: a marker is missing or out of place")]
    Markers(usize),
    /// A block that searches for nothing.
    #[error("edit {0} searches for nothing")]
    EmptySearch(usize),
    /// What is searched for is not in the target, or is there more than once.
    #[error("edit {edit} searches for what occurs {times} times in the target")]
    NotUnique {
        /// The edit, 1-based.
        edit: usize,
        /// How often it occurs.
        times: usize,
    },
    /// Two blocks change the same lines.
    #[error("two edits overlap")]
    Overlap,
    /// What is already there, where only what is new was asked for.
    #[error("the reply repeats the target")]
    Repeated,
}

impl Contract {
    /// Reads a reply by its form alone: the new target, the new lines, the new file, or the text for the user; `\n`
    /// ends lines. Whether it may be applied is for the gates. `whole_too` is whether a reply to
    /// [`Contract::Hunks`] may be one block of the whole target.
    pub fn read(self, target: &str, reply: &str, whole_too: bool) -> Result<String, FormError> {
        let reply = reply.replace("\r\n", "\n");
        if reply.trim().is_empty() {
            return Err(FormError::Empty);
        }
        match self {
            Self::Text => Ok(reply.trim().to_owned()),
            Self::Hunks if !whole_too || reply.lines().any(|line| marker(line).is_some()) => {
                patched(&target.replace("\r\n", "\n"), &reply)
            }
            Self::Hunks | Self::WholeNode | Self::NewFile => one_block(&reply),
            Self::InsertBefore | Self::InsertAfter => {
                let block = one_block(&reply)?;
                let head = target.lines().find(|line| !line.trim().is_empty()).map(str::trim);
                if head.is_some_and(|head| block.lines().any(|line| line.trim() == head)) {
                    return Err(FormError::Repeated);
                }
                Ok(block)
            }
        }
    }
}

/// The text of the only fenced block.
fn one_block(reply: &str) -> Result<String, FormError> {
    let mut blocks: Vec<String> = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for line in reply.split_inclusive('\n') {
        let bare = line.trim_end();
        let ticks = bare.bytes().take_while(|&byte| byte == b'`').count();
        match &mut open {
            None if ticks >= 3 && !bare[ticks..].contains('`') => open = Some((ticks, String::new())),
            Some((fence, text)) if ticks >= *fence && ticks == bare.len() => {
                blocks.push(std::mem::take(text));
                open = None;
            }
            Some((_, text)) => text.push_str(line),
            None => {}
        }
    }
    if open.is_some() {
        return Err(FormError::Unclosed);
    }
    match blocks.len() {
        0 => Err(FormError::NoBlock),
        1 => Ok(blocks.remove(0)),
        several => Err(FormError::Ambiguous(several)),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Marker {
    Open,
    Middle,
    Close,
}

fn marker(line: &str) -> Option<Marker> {
    match line.trim_end() {
        "<<<<" | "<<<<<<<" | "<<<<<<< SEARCH" | "<<<< SEARCH" => Some(Marker::Open),
        "====" | "=======" => Some(Marker::Middle),
        ">>>>" | ">>>>>>>" | ">>>>>>> REPLACE" | ">>>> REPLACE" => Some(Marker::Close),
        _ => None,
    }
}

/// The target with all edits applied to its original text.
fn patched(target: &str, reply: &str) -> Result<String, FormError> {
    let mut edits: Vec<(String, String)> = Vec::new();
    let mut state = Marker::Close;
    for (index, line) in reply.split_inclusive('\n').enumerate() {
        match (state, marker(line)) {
            (Marker::Close, Some(Marker::Open)) => {
                edits.push((String::new(), String::new()));
                state = Marker::Open;
            }
            (Marker::Open, Some(Marker::Middle)) => state = Marker::Middle,
            (Marker::Middle, Some(Marker::Close)) => state = Marker::Close,
            (_, Some(_)) => return Err(FormError::Markers(index + 1)),
            (Marker::Close, None) => {}
            (part, None) => {
                if let Some((search, replace)) = edits.last_mut() {
                    (if part == Marker::Open { search } else { replace }).push_str(line);
                }
            }
        }
    }
    if state != Marker::Close || edits.is_empty() {
        return Err(FormError::Markers(reply.lines().count()));
    }
    // Every line ends alike, so that the last one can be searched for as well.
    let ended = target.ends_with('\n') || target.is_empty();
    let original = if ended { target.to_owned() } else { format!("{target}\n") };
    let mut places = Vec::new();
    for (index, (search, replace)) in edits.iter().enumerate() {
        if search.trim().is_empty() {
            return Err(FormError::EmptySearch(index + 1));
        }
        let at_line = |at: &usize| *at == 0 || original.as_bytes()[at - 1] == b'\n';
        let found: Vec<usize> =
            original.match_indices(search.as_str()).map(|(at, _)| at).filter(at_line).collect();
        let [at] = *found else {
            return Err(FormError::NotUnique { edit: index + 1, times: found.len() });
        };
        places.push((at..at + search.len(), replace));
    }
    places.sort_by_key(|(place, _)| place.start);
    if places.windows(2).any(|pair| pair[0].0.end > pair[1].0.start) {
        return Err(FormError::Overlap);
    }
    let mut text = original.clone();
    for (place, replace) in places.into_iter().rev() {
        text.replace_range(place, replace);
    }
    if !ended && text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}
