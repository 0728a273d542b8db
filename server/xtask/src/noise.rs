//! `cargo xtask noise`: how many findings each rule has in mature code, for the page of rules.
//!
//! The sources are those of `cargo xtask oracles`: packages as the registries ship them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Failure;
use crate::oracles::{find, sources};
use crate::process::{cargo, root, say, step};

/// The folders of the sources, and what their packages are written in.
const KINDS: [(&str, &str, &[&str]); 3] = [
    ("rs", "rust", &["rs"]),
    ("ts", "typescript", &["ts", "tsx", "mts", "cts"]),
    ("js", "javascript", &["js", "jsx", "mjs", "cjs"]),
];

/// Where the numbers go, from the workspace's root.
const PAGE: &str = "server/quality/noise.tsv";

/// Counts, and writes the table.
pub(crate) fn run() -> Result<(), Failure> {
    let Some(oracles) = find() else {
        return Err("noise: there is no ../shared/data/oracles; set AUTODAO_SHARED".into());
    };
    let sources = sources(&oracles)?;
    step("build", cargo().args(["build", "--quiet", "--release", "--package", "autodao-cli"]))?;
    let program = root().join("target/release/autodao");
    let mut table = String::from("# language\twhat\tcount: written by `cargo xtask noise`\n");
    for (folder, name, extensions) in KINDS {
        let mut lines = 0;
        let mut counts = BTreeMap::<String, u64>::new();
        for package in packages(&sources.join(folder))? {
            let own = lines_in(&package, extensions)?;
            let found = findings(&program, &package, extensions)?;
            say(&format!("{}: {} findings in {own} lines", package.display(), found.len()));
            lines += own;
            for what in found {
                *counts.entry(what).or_default() += 1;
            }
            let shown = package.file_name().unwrap_or_default().to_string_lossy();
            writeln!(table, "{name}\tpackage {shown}\t{own}").map_err(|error| error.to_string())?;
        }
        writeln!(table, "{name}\tlines\t{lines}").map_err(|error| error.to_string())?;
        for (what, count) in counts {
            writeln!(table, "{name}\t{what}\t{count}").map_err(|error| error.to_string())?;
        }
    }
    let page = root().join(PAGE);
    std::fs::write(&page, table).map_err(|error| format!("{}: {error}", page.display()))
}

/// What a walk of folders found, or the path that could not be read.
type Paths = Result<Vec<PathBuf>, Failure>;

fn packages(folder: &Path) -> Paths {
    let mut found: Vec<_> = entries(folder)?.into_iter().filter(|path| path.is_dir()).collect();
    found.sort();
    Ok(found)
}

fn entries(folder: &Path) -> Paths {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let read = std::fs::read_dir(folder).map_err(failed)?;
    read.map(|entry| Ok(entry.map_err(failed)?.path())).collect()
}

/// How many lines of the files with these extensions are not blank.
fn lines_in(folder: &Path, extensions: &[&str]) -> Result<u64, Failure> {
    let mut waiting = vec![folder.to_owned()];
    let mut lines = 0;
    while let Some(folder) = waiting.pop() {
        for path in entries(&folder)? {
            if path.is_dir() {
                waiting.push(path);
            } else if has_extension(&path, extensions) {
                let text = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                let full = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
                lines += full.count() as u64;
            }
        }
    }
    Ok(lines)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().and_then(|own| own.to_str()).is_some_and(|own| extensions.contains(&own))
}

/// Each finding as its severity and its rule.
fn findings(program: &Path, package: &Path, extensions: &[&str]) -> Result<Vec<String>, Failure> {
    let output = Command::new(program)
        .args(["check", "--format", "json", "."])
        .current_dir(package)
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut found = Vec::new();
    for line in text.lines() {
        let finding: Value = serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))?;
        let word = |key: &str| finding[key].as_str().unwrap_or_default();
        if has_extension(Path::new(word("path")), extensions) {
            found.push(format!("{} {}", word("severity"), word("rule")));
        }
    }
    Ok(found)
}
