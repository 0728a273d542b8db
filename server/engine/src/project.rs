//! Where a file's package begins.

use std::path::Path;

use autodao_quality::FileRole;
use autodao_syntax::Language;

/// What marks a package's root. The nearest one upwards counts.
const MARKERS: [&str; 5] = ["Cargo.toml", "package.json", "autodao.toml", ".git", "deno.json"];

/// What a file is for, by its path below its package's root: the same in the editor and on the command line,
/// wherever either was started.
pub fn role_of(path: Option<&Path>, language: Language) -> FileRole {
    let Some(path) = path else { return FileRole::Library };
    let root = path
        .ancestors()
        .skip(1)
        .find(|folder| MARKERS.iter().any(|marker| folder.join(marker).exists()))
        .or_else(|| path.parent());
    let below = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
    FileRole::of_path(below, language)
}
