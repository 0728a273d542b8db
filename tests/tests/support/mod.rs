//! Running the program in a folder.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program with arguments in a folder, away from the user's own settings.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(autodao_tests::autodao());
    command.args(arguments).current_dir(folder);
    for variable in ["AUTODAO_LOG", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "GIT_DIR", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    let nowhere = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-user");
    command.env("AUTODAO_CONFIG_DIR", &nowhere).env("AUTODAO_DATA_DIR", &nowhere).stdin(Stdio::null());
    command
}

/// What it wrote and how it ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs the program to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Ran {
    command(folder, arguments).output().unwrap().into()
}

/// A temporary folder with files.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}
