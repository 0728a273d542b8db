//! What the end-to-end tests share: the program, built.
#![expect(clippy::panic, reason = "a test that has no program to test has failed")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// The `autodao` program of the profile the tests are built with, built anew if it is older than its sources.
pub fn autodao() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| build().unwrap_or_else(|error| panic!("autodao is not built: {error}"))).clone()
}

/// Whether it is missing or older than its sources only cargo knows: it is asked, once.
fn build() -> Result<PathBuf, String> {
    // target/<profile>/deps/<test>
    let test = std::env::current_exe().map_err(|error| error.to_string())?;
    let folder = test.ancestors().nth(2).ok_or("the test is in no target folder")?;
    let target = folder.parent().ok_or("the test is in no target folder")?;
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "autodao-cli", "--profile", profile, "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .map_err(|error| error.to_string())?;
    let program = folder.join(format!("autodao{}", std::env::consts::EXE_SUFFIX));
    if status.success() && program.is_file() { Ok(program) } else { Err("cargo build failed".to_owned()) }
}
