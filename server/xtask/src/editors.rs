//! `cargo xtask test --editors`: the clients and the server together, in real editors; `cargo xtask vsix`: packages.
//!
//! `tests/editors/setup.sh` installs the editors; nothing of them is in the tree.

use std::path::PathBuf;
use std::process::Command;

use crate::Failure;
use crate::process::{program, root, say, step};

/// What can be run on its own.
const ALL: [&str; 6] = ["lint", "neovim", "terminal", "vscode", "emacs", "vim"];

/// Runs the suites named, or all.
pub(crate) fn run(names: &[&str]) -> Result<(), Failure> {
    let names = if names.is_empty() { &ALL } else { names };
    if let Some(unknown) = names.iter().find(|name| !ALL.contains(name)) {
        return Err(format!("test --editors: there is no `{unknown}`: there are {}", ALL.join(", ")));
    }
    step("build", &mut program())?;
    let cache = cache()?;
    let mut failed = Vec::new();
    for name in names {
        let suite = |title: &str| {
            let mut command = Command::new("bash");
            command.arg(root().join("tests/editors/run.sh")).arg(name).arg(&cache);
            step(title, command.env("AUTODAO", root().join("target/debug/autodao")))
        };
        // Editors on a machine with much else to do lose keys and clicks: what fails twice is wrong.
        if let Err(failure) = suite(&format!("editors: {name}")) {
            say(&failure);
            if let Err(failure) = suite(&format!("editors: {name}, once more")) {
                say(&failure);
                failed.push(*name);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("editors: failed: {}", failed.join(", "))) }
}

/// Packages the extension; the options are those of `editors/vscode/package.mjs`.
pub(crate) fn vsix(options: &[&str]) -> Result<(), Failure> {
    step("package", Command::new("node").arg(root().join("editors/vscode/package.mjs")).args(options))
}

/// Where editors are installed: `AUTODAO_EDITORS_CACHE`, else in the user's cache folder.
fn cache() -> Result<PathBuf, Failure> {
    if let Some(folder) = std::env::var_os("AUTODAO_EDITORS_CACHE") {
        return Ok(PathBuf::from(folder));
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let cache = cache.ok_or("editors: set AUTODAO_EDITORS_CACHE to a folder for the editors")?;
    Ok(cache.join("autodao-editors"))
}
