//! The files that make a template up: what is taken along when it goes elsewhere. Nothing else of a folder is, above
//! all nothing that could be run.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Problem;
use crate::folder::{MAX_FILE_BYTES, is_link, problem, read_at_most};
use crate::problem::ProblemKind;

/// The most files of one template.
pub const MAX_PORTABLE_FILES: usize = 256;

/// A file of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortableFile {
    /// Its path in the folder, with `/`.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Whether a path in a template's folder, with `/`, is that of a file that belongs to it.
pub fn is_portable(name: &str) -> bool {
    match name.split_once('/') {
        None => {
            matches!(name, "SKILL.md" | "template.toml" | "prompt.mj")
                || matches!(name.to_ascii_lowercase().as_str(), "license" | "license.md" | "license.txt")
        }
        Some((folder, file)) => {
            let extension = match folder {
                "tests" => ".toml",
                "snapshots" => ".snap",
                "cassettes" => ".json",
                _ => return false,
            };
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            file.len() > extension.len()
                && file.ends_with(extension)
                && !file.starts_with('.')
                && file.chars().all(plain)
        }
    }
}

/// The files of a template's folder, by name. Links are no part of it.
///
/// # Errors
/// A file that cannot be read, one above [`MAX_FILE_BYTES`], or more than [`MAX_PORTABLE_FILES`].
pub fn portable_files(folder: &Path) -> Result<Vec<PortableFile>, Vec<Problem>> {
    let mut names = Vec::new();
    for (prefix, below) in
        ["", "tests/", "snapshots/", "cassettes/"].map(|name| (name, folder.join(name.trim_end_matches('/'))))
    {
        if is_link(&below) && !prefix.is_empty() {
            continue;
        }
        let Ok(entries) = fs::read_dir(&below) else { continue };
        // A folder may hold any number of other things.
        let found = entries
            .flatten()
            .take(MAX_PORTABLE_FILES * 64)
            .filter_map(|entry| entry.file_name().into_string().ok());
        names.extend(found.map(|name| format!("{prefix}{name}")).filter(|name| is_portable(name)));
    }
    names.sort();
    if names.len() > MAX_PORTABLE_FILES {
        return Err(problem(folder, ProblemKind::TooManyFiles { limit: MAX_PORTABLE_FILES }));
    }
    let mut files = Vec::new();
    for name in names {
        let path: PathBuf = folder.join(&name);
        if is_link(&path) || path.is_dir() {
            continue;
        }
        match read_at_most(&path, MAX_FILE_BYTES) {
            Ok(Some(bytes)) if bytes.len() > MAX_FILE_BYTES => {
                return Err(problem(&path, ProblemKind::TooLarge { limit: MAX_FILE_BYTES }));
            }
            Ok(Some(bytes)) => files.push(PortableFile { name, bytes }),
            Ok(None) => {}
            Err(error) => return Err(problem(&path, ProblemKind::Unreadable(error.to_string()))),
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_templates_own_files_are_portable() {
        for name in [
            "SKILL.md",
            "template.toml",
            "prompt.mj",
            "LICENSE",
            "tests/a-b.toml",
            "snapshots/a.hunks.snap",
            "cassettes/a.b.json",
        ] {
            assert!(is_portable(name), "{name}");
        }
        for name in [
            "README.md",
            "scripts/run.sh",
            "tests/run.sh",
            "tests/../a.toml",
            "tests/a/b.toml",
            "tests/.toml",
            "../SKILL.md",
            "skill.md/x",
            "/SKILL.md",
            "tests/a\\b.toml",
            "tests/C:a.toml",
            "",
            "tests/",
        ] {
            assert!(!is_portable(name), "{name}");
        }
    }
}
