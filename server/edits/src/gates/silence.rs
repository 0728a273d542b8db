//! No checker is told to look away.

use super::View;
use crate::contract::ItemTerm;

/// What tells one of the usual checkers to pass over something. Of Rust: attributes, where they are not of the item
/// the edit is about already.
const SILENCERS: [&str; 12] = [
    "autodao: allow",
    "eslint-disable",
    "@ts-ignore",
    "@ts-nocheck",
    "@ts-expect-error",
    "biome-ignore",
    "oxlint-disable",
    "tslint:disable",
    "#[allow(",
    "#![allow(",
    "#[expect(",
    "#[rustfmt::skip",
];

/// Who says in words what to do may ask for it.
pub(crate) fn check(view: View<'_>) -> Result<(), String> {
    if view.terms.items == ItemTerm::Free {
        return Ok(());
    }
    let (old, new) = (view.site.buffer().slice(view.change.before), view.change.new_text());
    let bare = |text: &str| text.chars().filter(|sign| !matches!(sign, ' ' | '\t')).collect::<String>();
    let (old, new) = (bare(old), bare(new));
    let count = |text: &str, silencer: &str| text.matches(bare(silencer).as_str()).count();
    match SILENCERS.iter().find(|silencer| count(&new, silencer) > count(&old, silencer)) {
        Some(silencer) => Err(format!("`{silencer}` silences a checker: resolve what it finds")),
        None => Ok(()),
    }
}
