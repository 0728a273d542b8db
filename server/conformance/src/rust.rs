//! Rust.

use std::str::FromStr;

use proc_macro2::{Span, TokenStream};

use crate::{SyntaxError, Verdict};

/// What only a nightly compiler reads and `syn` does not. An error close to one of these is not believed.
const UNSTABLE: &[&str] = &[
    "gen fn",
    "gen {",
    "gen move",
    "do yeet",
    "super let",
    "~const",
    "[const]",
    "const trait",
    "impl const",
    "const ||",
    "static ||",
    "static |",
    "unsafe<",
    "use ||",
    "use |",
    ".use",
    "async Fn",
    "yield ",
    "yield;",
    "pin const",
    "pin mut",
];
/// How close, in bytes.
const CLOSE: usize = 64;

/// Whether the text is a valid source file of any edition.
pub(crate) fn confirm(text: &str) -> Verdict {
    let start = prelude(text);
    let error = match TokenStream::from_str(&text[start..]) {
        Err(error) => (error.span(), "a bracket without its partner, or what is no token".to_owned()),
        Ok(tokens) => match syn::parse2::<syn::File>(tokens) {
            Ok(_) => return Verdict::Valid,
            Err(error) => (error.span(), error.to_string()),
        },
    };
    let (span, message): (Span, String) = error;
    let mut range = span.byte_range();
    if message.starts_with("unexpected end of input") {
        range = text.len() - start..text.len() - start;
    }
    let error = SyntaxError::new(text, start + range.start, start + range.end, &message);
    let from = text.floor_char_boundary((error.span.start as usize).saturating_sub(CLOSE));
    let to = text.ceil_char_boundary((error.span.end as usize + CLOSE).min(text.len()));
    if UNSTABLE.iter().any(|word| text[from..to].contains(word)) {
        return Verdict::Unknown;
    }
    Verdict::Invalid(error)
}

/// How many bytes the byte order mark and the line for the shell take.
fn prelude(text: &str) -> usize {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let rest = &text[start..];
    let is_attribute = rest.strip_prefix("#!").is_some_and(|rest| rest.trim_start().starts_with('['));
    if rest.starts_with("#!") && !is_attribute {
        return start + rest.find('\n').unwrap_or(rest.len());
    }
    start
}
