//! Runs the commands in the README, so that they stay true.
//!
//! Every line of a block marked `sh` is run in the workspace's root. `autodao` is the program as
//! `cargo run --release` built it; a line whose comment says `exit 1` has to end with that code.

use std::process::Command;

use crate::Failure;
use crate::process::{as_from_a_shell, root, say};

pub(crate) fn run() -> Result<(), Failure> {
    let text =
        std::fs::read_to_string(root().join("README.md")).map_err(|error| format!("README.md: {error}"))?;
    for line in commands(&text) {
        // It is what runs this.
        if line.starts_with("cargo xtask test") {
            continue;
        }
        run_line(line)?;
    }
    Ok(())
}

fn run_line(line: &str) -> Result<(), Failure> {
    say(&format!("\n== README: {line}"));
    let expected = line.rsplit_once("# exit ").and_then(|(_, code)| code.trim().parse().ok()).unwrap_or(0);
    let binaries = root().join("target/release");
    let path = std::env::join_paths(
        std::iter::once(binaries).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    );
    let path = path.map_err(|error| format!("PATH: {error}"))?;
    let mut command = Command::new("sh");
    let status =
        as_from_a_shell(&mut command).args(["-c", line]).current_dir(root()).env("PATH", path).status();
    match status.map_err(|error| format!("{line}: {error}"))?.code() {
        Some(code) if code == expected => Ok(()),
        other => Err(format!("README: `{line}` ended with {other:?}, not {expected}")),
    }
}

/// The lines of the blocks marked `sh`.
fn commands(text: &str) -> Vec<&str> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        match line.trim() {
            "```sh" => inside = true,
            "```" => inside = false,
            command if inside && !command.is_empty() && !command.starts_with('#') => found.push(command),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blocks_marked_sh_are_commands() {
        let text = "```sh\na b\n\n# no\nc\n```\nd\n```toml\ne\n```\n";
        assert_eq!(commands(text), ["a b", "c"]);
    }
}
