//! What a file is for, as its place tells.

use std::path::Path;

use autodao_syntax::Language;

/// What a file is for: some rules expect less of a test or a program's entry than of a library.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum FileRole {
    /// Code that others call.
    #[default]
    Library,
    /// A program's entry, a build script or an example: it may print and stop.
    Program,
    /// Tests and benches.
    Test,
    /// Type declarations without code (`.d.ts`).
    Declaration,
}

impl FileRole {
    /// The role of a file by its path below the package's root: `tests/a.rs`, `src/bin/tool.rs`, `a.test.ts`.
    ///
    /// The root matters: a project that lies in some `tests/` folder is not a test for that.
    pub fn of_path(path: &Path, language: Language) -> Self {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        let stem = name.split('.').next().unwrap_or("");
        let inside = |folders: &[&str]| {
            path.parent().is_some_and(|parent| {
                parent
                    .components()
                    .any(|part| part.as_os_str().to_str().is_some_and(|part| folders.contains(&part)))
            })
        };
        if language == Language::Rust {
            let test_name =
                matches!(stem, "test" | "tests") || stem.ends_with("_test") || stem.ends_with("_tests");
            if test_name || inside(&["tests", "benches", "test"]) {
                Self::Test
            } else if matches!(stem, "main" | "build") || inside(&["examples", "bin"]) {
                Self::Program
            } else {
                Self::Library
            }
        } else if name.ends_with(".d.ts") || name.ends_with(".d.mts") || name.ends_with(".d.cts") {
            Self::Declaration
        } else if [".test.", ".spec.", ".bench.", ".e2e."].iter().any(|mark| name.contains(mark))
            || inside(&["__tests__", "__mocks__", "tests", "test", "e2e"])
        {
            Self::Test
        } else if inside(&["bin", "scripts", "examples"])
            || matches!(stem, "cli" | "gulpfile")
            || name.contains(".config.")
        {
            Self::Program
        } else {
            Self::Library
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_file_tells_its_role() {
        for (path, role) in [
            ("src/lib.rs", FileRole::Library),
            ("src/main.rs", FileRole::Program),
            ("build.rs", FileRole::Program),
            ("examples/a/b.rs", FileRole::Program),
            ("tests/it/main.rs", FileRole::Test),
            ("src/parser/tests.rs", FileRole::Test),
            ("src/a.ts", FileRole::Library),
            ("src/a.test.tsx", FileRole::Test),
            ("src/__tests__/a.js", FileRole::Test),
            ("types/a.d.ts", FileRole::Declaration),
            ("vite.config.ts", FileRole::Program),
            ("bin/run.mjs", FileRole::Program),
        ] {
            let language = Language::from_path(Path::new(path)).unwrap();
            assert_eq!(FileRole::of_path(Path::new(path), language), role, "{path}");
        }
    }
}
