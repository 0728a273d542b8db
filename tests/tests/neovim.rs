//! A real editor: Neovim without a screen, driven by a script in `editors/neovim`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use autodao_tests::autodao;

/// The first Neovim that has `vim.lsp.config` and `vim.lsp.enable`.
const OLDEST: (u32, u32) = (0, 11);

/// The Neovim named by `AUTODAO_NVIM`, or the one in `PATH`, with why there is none that will do.
fn neovim() -> Result<PathBuf, String> {
    let named = std::env::var_os("AUTODAO_NVIM").map_or_else(|| PathBuf::from("nvim"), PathBuf::from);
    let output = Command::new(&named).arg("--version").stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{}: {error}", named.display()))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers = said.strip_prefix("NVIM v").and_then(|rest| {
        let mut numbers = rest.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    match numbers {
        Some(version) if version >= OLDEST => Ok(named),
        _ => Err(format!("{} is no Neovim 0.11 or newer", named.display())),
    }
}

#[test]
fn neovim_shows_diagnostics_applies_fixes_and_undoes_them() {
    let neovim = match neovim() {
        Ok(neovim) => neovim,
        Err(why) => {
            println!("skipped: {why}; AUTODAO_NVIM names a Neovim to use");
            return;
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let files = folder.path().join("files");
    std::fs::create_dir_all(&home).unwrap();
    std::fs::create_dir_all(&files).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("editors/neovim/session.lua");
    let output = Command::new(neovim)
        .args(["--clean", "--headless", "-l"])
        .args([&script, &files])
        .env("AUTODAO", autodao())
        .env("AUTODAO_CONFIG_DIR", home.join("autodao"))
        .env("XDG_STATE_HOME", &home)
        .env("XDG_CONFIG_HOME", &home)
        .env("XDG_DATA_HOME", &home)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    let log = std::fs::read_to_string(home.join("nvim/lsp.log")).unwrap_or_default();
    assert!(output.status.success(), "{}\n{}\n{log}", said[0], said[1]);
}
