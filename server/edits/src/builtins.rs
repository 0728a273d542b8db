//! Names every program of a language has without declaring them.

use std::sync::OnceLock;

use autodao_syntax::Language;
use rustc_hash::FxHashSet;

type Set = FxHashSet<&'static str>;

/// Whether a name needs no declaration: prelude, built-in types and macros, globals of the usual environments.
pub(crate) fn is_builtin(language: Language, name: &str) -> bool {
    static RUST: OnceLock<Set> = OnceLock::new();
    static SCRIPT: OnceLock<Set> = OnceLock::new();
    static TYPES: OnceLock<Set> = OnceLock::new();
    let has = |set: &'static OnceLock<Set>, list: &'static str| {
        set.get_or_init(|| list.split_whitespace().collect()).contains(name)
    };
    if language == Language::Rust {
        return has(&RUST, include_str!("builtins/rust.txt"));
    }
    has(&SCRIPT, include_str!("builtins/script.txt"))
        || (language != Language::JavaScript && has(&TYPES, include_str!("builtins/typescript.txt")))
}

/// Whether many types of the standard library have a member of this name.
pub(crate) fn is_common_member(language: Language, name: &str) -> bool {
    static RUST: OnceLock<Set> = OnceLock::new();
    static SCRIPT: OnceLock<Set> = OnceLock::new();
    let (set, list) = match language {
        Language::Rust => (&RUST, include_str!("builtins/rust-members.txt")),
        _ => (&SCRIPT, include_str!("builtins/script-members.txt")),
    };
    set.get_or_init(|| list.split_whitespace().collect()).contains(name)
}

/// The full paths of the well-known items of a name in Rust's standard library that are not in its prelude.
pub(crate) fn std_paths(name: &str) -> impl Iterator<Item = &'static str> {
    include_str!("builtins/rust-std.txt")
        .split_whitespace()
        .filter(move |path| path.rsplit("::").next() == Some(name))
}

/// As [`std_paths`], where there is one alone.
pub(crate) fn std_path(name: &str) -> Option<&'static str> {
    let mut paths = std_paths(name);
    paths.next().filter(|_| paths.next().is_none())
}
