//! Where a file is, and where its package begins.

use std::path::{Component, Path, PathBuf};

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

/// The absolute path of a file as an editor would name it: links stay, and `..` does not.
///
/// The folders above `a/../b/c.rs` are those above `b`, not `a`: a configuration in `a` is none of its business.
pub(crate) fn place_of(path: &Path) -> PathBuf {
    if path.components().any(|part| part == Component::ParentDir) {
        return identity_of(path);
    }
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The one path a file has whichever way it was reached: its folder without links, and its own name.
pub(crate) fn identity_of(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = absolute.parent().and_then(|folder| std::fs::canonicalize(folder).ok());
    match (folder, absolute.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => absolute,
    }
}
