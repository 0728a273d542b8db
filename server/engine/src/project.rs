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
        .or_else(|| unmarked_root(path));
    let below = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
    match FileRole::of_path(below, language) {
        FileRole::Library if language == Language::Rust && is_declared_test(path, below) => FileRole::Test,
        role => role,
    }
}

/// The root of a package that nothing marks: above its `tests` or `benches`, else the file's folder.
fn unmarked_root(path: &Path) -> Option<&Path> {
    let folder = path.parent()?;
    let is_for_tests =
        |folder: &&Path| folder.file_name().is_some_and(|name| name == "tests" || name == "benches");
    // Further up such a folder may be anybody's, unless the package's `src` stands beside it.
    let beside_source = |folder: &&Path| is_for_tests(folder) && folder.with_file_name("src").is_dir();
    let above = Some(folder).filter(is_for_tests).or_else(|| folder.ancestors().skip(1).find(beside_source));
    above.map_or(Some(folder), Path::parent)
}

/// Whether a module whose name speaks of tests, or one it is in, is declared under `#[cfg(test)]`.
fn is_declared_test(path: &Path, below: &Path) -> bool {
    let depth = below.components().count();
    path.ancestors().take(depth).any(|module| {
        let name = module.file_stem().and_then(|name| name.to_str()).unwrap_or("");
        name.contains("test") && is_declared_under_test(module, name)
    })
}

/// Whether the file that declares a module does so under `#[cfg(test)]`.
fn is_declared_under_test(module: &Path, name: &str) -> bool {
    let Some(folder) = module.parent() else { return false };
    let declaring = ["lib.rs", "main.rs", "mod.rs"].map(|file| folder.join(file));
    declaring
        .into_iter()
        .chain([folder.with_extension("rs")])
        .any(|file| std::fs::read_to_string(file).is_ok_and(|text| declares_under_test(&text, name)))
}

/// Whether a text declares a module under `#[cfg(test)]`, on lines of their own or on one.
fn declares_under_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let declaration = format!("mod {name};");
    lines.iter().enumerate().filter(|(_, line)| line.ends_with(&declaration)).any(|(at, line)| {
        let above = lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
        above.chain([line]).any(|line| line.starts_with("#[cfg(test)]"))
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modules_declaration_tells_whether_it_is_a_test() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("a/Cargo.toml", "");
        write(
            "a/src/lib.rs",
            "#[cfg(test)]\nmod testutil;\nmod attestation;\n#[cfg(test)] pub(crate) mod test_support;\n",
        );
        write("a/src/b.rs", "#[cfg(unix)]\n#[cfg(test)]\npub mod test_data;\n");
        write("c/tests/it.rs", "");
        write("d/src/lib.rs", "");
        for (path, role) in [
            ("a/src/testutil.rs", FileRole::Test),
            ("a/src/testutil/deep.rs", FileRole::Test),
            ("a/src/test_support.rs", FileRole::Test),
            ("a/src/b/test_data.rs", FileRole::Test),
            ("a/src/attestation.rs", FileRole::Library),
            ("a/src/b.rs", FileRole::Library),
            ("c/tests/it.rs", FileRole::Test),
            ("c/tests/deeper/a.rs", FileRole::Library),
            ("d/tests/deeper/a.rs", FileRole::Test),
        ] {
            assert_eq!(role_of(Some(&folder.path().join(path)), Language::Rust), role, "{path}");
        }
    }
}
