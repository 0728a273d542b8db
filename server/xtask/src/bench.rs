//! `cargo xtask bench lsp`: the LSP benchmark harness, pointed at our server, its floors and its peers.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::process::{cargo, root, say, step};

/// Our server twice: as clients that pull diagnostics see it, and as those that have them pushed.
const OUR_SERVERS: &str = r#"
[server.autodao]
title = "autodao"
cmd = ["$AUTODAO_BINARY", "lsp"]
languages = ["ts", "rs"]
settle_ms = 10
binary = "$AUTODAO_BINARY"
packages = ["$AUTODAO_BINARY"]

[server.autodao-push]
title = "autodao (push)"
cmd = ["$AUTODAO_BINARY", "lsp"]
languages = ["ts", "rs"]
settle_ms = 10
diagnostics = "push"
init_options = { diagnostics = "push" }
binary = "$AUTODAO_BINARY"
packages = ["$AUTODAO_BINARY"]
"#;

/// `--peers DIR` is what the harness's own `peers.sh` made; the rest goes to the harness. Without more, it
/// measures our server beside the floor and runs the conformance cases.
pub(crate) fn lsp(options: &[&str]) -> Result<(), Failure> {
    let harness = root().join("../shared/tools/lspbench");
    if !harness.join("lspbench.py").is_file() {
        say("bench lsp: left out: ../shared/tools/lspbench is not there");
        return Ok(());
    }
    let (peers, options) = match options {
        ["--peers", peers, rest @ ..] => (PathBuf::from(peers), rest),
        options => {
            let peers = std::env::var_os("LSPBENCH_PEERS")
                .ok_or("bench lsp: --peers DIR (made by the harness's peers.sh) is missing")?;
            (PathBuf::from(peers), options)
        }
    };
    let peers = peers.canonicalize().map_err(|error| format!("{}: {error}", peers.display()))?;
    step("build", cargo().args(["build", "--release", "--package", "autodao-cli"]))?;
    build_floor(&harness, "floor", &peers.join("tfloor"))?;
    build_floor(&harness, "towerfloor", &peers.join("ttower"))?;
    let servers = std::fs::read_to_string(harness.join("servers.toml"))
        .map_err(|error| format!("servers.toml: {error}"))?;
    let ours = root().join("target/lspbench-servers.toml");
    std::fs::write(&ours, servers + OUR_SERVERS).map_err(|error| format!("{}: {error}", ours.display()))?;
    let mut command = Command::new("python3");
    command.arg(harness.join("lspbench.py")).arg("--servers").arg(ours);
    if options.is_empty() {
        command.args(["run", "autodao", "autodao-push", "--out"]).arg(root().join("target/lspbench.json"));
    } else {
        command.args(options);
    }
    command
        .env("AUTODAO_BINARY", root().join("target/release/autodao"))
        .env("LSPBENCH_PEERS", &peers)
        .env("LSPBENCH_CORPUS", peers.join("corpus"))
        .env("LSPBENCH_FLOOR", peers.join("tfloor/release/echo-lsp"))
        .env("LSPBENCH_TOWER", peers.join("ttower/release"));
    step("measure", &mut command)
}

/// Builds a floor server outside the harness's folder, which may be read-only.
fn build_floor(harness: &Path, name: &str, target: &Path) -> Result<(), Failure> {
    let manifest = harness.join(name).join("Cargo.toml");
    if target.join("release").is_dir() {
        return Ok(());
    }
    let mut command = cargo();
    command.args(["build", "--release", "--manifest-path"]).arg(manifest).env("CARGO_TARGET_DIR", target);
    step(&format!("build {name}"), &mut command)
}
