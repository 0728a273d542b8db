//! What the end-to-end tests share: the built program, a client that speaks LSP, and a model of a text that
//! shares no code with the product.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test support: whatever goes wrong in here fails the test that uses it"
)]

pub mod client;
pub mod editor;
pub mod loopback;
pub mod model;
pub mod private_server;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

/// The built program, beside the test executable that asks.
///
/// cargo builds no binary for another package's tests, so it is asked to: it knows whether the one that is there
/// is stale. This crate is built with it, which gives both builds the same features.
pub fn autodao() -> PathBuf {
    static BUILD: Once = Once::new();
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(2).expect("a test executable lies in target/<profile>/deps");
    BUILD.call_once(|| build(target.file_name().and_then(|name| name.to_str()).unwrap()));
    target.join(format!("autodao{}", std::env::consts::EXE_SUFFIX))
}

fn build(folder: &str) {
    let profile = if folder == "debug" { "dev" } else { folder };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // What cargo tells a test of its package, build scripts ask for: they would run again, and all that hangs on them.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
    let status = command
        .args([
            "build",
            "--quiet",
            "--package",
            "autodao-cli",
            "--package",
            "autodao-tests",
            "--profile",
            profile,
        ])
        .current_dir(workspace())
        .status()
        .unwrap();
    assert!(status.success(), "the program does not build");
}

/// The workspace's root folder.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
