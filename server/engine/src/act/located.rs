//! Finding what was chosen again in a text that changed since.

use autodao_syntax::{Language, Span};
use autodao_tasks::target_at;

use super::invocation::Invocation;
use super::plan::tree_of;
use crate::diagnosis::Snapshot;

/// Places of a name that are looked at.
const MAX_PLACES: usize = 256;

/// The same choice with its place in the text as it is now: what was offered is found by its symbol.
///
/// # Errors
/// It is not there any more, or there are several of its name: what to tell the user.
pub(crate) fn located(file: &Snapshot, invocation: Invocation) -> Result<Invocation, String> {
    let Some(offered) = invocation.offered.as_ref().filter(|offered| offered.version != file.version) else {
        return Ok(invocation);
    };
    let gone = || "the code was changed since this was offered: choose it again".to_owned();
    let language = file.language.filter(|_| !offered.symbol.is_empty()).ok_or_else(gone)?;
    let found = places(file, language, &offered.symbol, invocation.selection);
    let [place] = found.as_slice() else { return Err(gone()) };
    Ok(Invocation { selection: *place, ..invocation })
}

/// Where a symbol is; its own place of before alone, where it is still there.
fn places(file: &Snapshot, language: Language, symbol: &str, before: Span) -> Vec<Span> {
    let Ok(tree) = tree_of(file, language) else { return Vec::new() };
    let text = file.buffer.text();
    let target = |selection: Span| {
        target_at(language, text, &tree, selection).filter(|target| target.symbol() == symbol)
    };
    if target(before).is_some() {
        return vec![before];
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let end = symbol.trim_end_matches(|c| !is_word(c));
    let name = &end[end.trim_end_matches(is_word).len()..];
    let mut spans: Vec<(Span, Span)> = Vec::new();
    for (at, _) in text.match_indices(name).take(if name.is_empty() { 0 } else { MAX_PLACES }) {
        let is_whole = !text[..at].ends_with(is_word) && !text[at + name.len()..].starts_with(is_word);
        if let Some(target) = is_whole.then(|| target(Span::at(at as u32))).flatten()
            && spans.iter().all(|(known, _)| *known != target.span)
        {
            spans.push((target.span, Span::at(at as u32)));
        }
    }
    spans.into_iter().map(|(_, place)| place).collect()
}
