//! Running other programs.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failure;

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// The cargo that runs this.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Builds the program. With the crate of the end-to-end tests beside it what they share has one set of features, and
/// is built once for both.
pub(crate) fn program() -> Command {
    let mut command = cargo();
    command.args(["build", "--package", "autodao-cli", "--package", "autodao-tests"]);
    command
}

/// Says something on stderr, where cargo speaks, too.
pub(crate) fn say(text: &str) {
    // There is nowhere to say that stderr is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Takes from a command's environment what cargo told this program of itself. Build scripts ask for it: they would run
/// again, and all that hangs on them, whenever somebody else builds.
pub(crate) fn as_from_a_shell(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let told =
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"];
        if told.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a step in the workspace's root and shows its output.
pub(crate) fn step(what: &str, command: &mut Command) -> Result<(), Failure> {
    say(&format!("\n== {what}"));
    let status =
        as_from_a_shell(command).current_dir(root()).status().map_err(|error| format!("{what}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{what}: failed ({status})")) }
}

/// Whether a program can be started.
pub(crate) fn has(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
