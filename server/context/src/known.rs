//! Names every program of a language has, or could have from its standard library: nothing has to be said of them.

use std::sync::OnceLock;

use autodao_syntax::Language;
use rustc_hash::FxHashSet;

type Names = FxHashSet<&'static str>;

/// Whether a model knows a name without being told.
pub(crate) fn is_known(language: Language, name: &str) -> bool {
    static RUST: OnceLock<Names> = OnceLock::new();
    static SCRIPT: OnceLock<Names> = OnceLock::new();
    let (names, list) = match language {
        Language::Rust => (&RUST, include_str!("known/rust.txt")),
        _ => (&SCRIPT, include_str!("known/script.txt")),
    };
    names.get_or_init(|| list.split_whitespace().collect()).contains(name)
}
