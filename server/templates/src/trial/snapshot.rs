//! Snapshots: what a case rendered to when somebody last looked at it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::case::Case;
use crate::folder::{is_link, read_at_most};
use crate::{Contract, FileChange, Rendered};

/// The folder of a template's snapshots.
const SNAPSHOTS: &str = "snapshots";

/// The largest snapshot, in bytes.
const MAX_BYTES: usize = 1 << 20;

fn path(folder: &Path, case: &Case, contract: Contract) -> PathBuf {
    folder.join(SNAPSHOTS).join(format!("{}.{}.snap", case.name, contract.name()))
}

fn text(rendered: &Rendered) -> String {
    format!("{}----\n{}", rendered.system, rendered.user)
}

/// How a rendering differs from its snapshot: one line, or none when it does not.
pub(super) fn differences(
    folder: &Path,
    case: &Case,
    contract: Contract,
    rendered: &Rendered,
) -> Vec<String> {
    let path = path(folder, case, contract);
    if is_link(&path) || is_link(&folder.join(SNAPSHOTS)) {
        return vec![format!("{} is a link", path.display())];
    }
    let known = match read_at_most(&path, MAX_BYTES) {
        Ok(Some(bytes)) => String::from_utf8_lossy(&bytes).replace("\r\n", "\n"),
        Ok(None) => return vec!["there is no snapshot yet; run with --update and look at it".to_owned()],
        Err(error) => return vec![format!("{}: {error}", path.display())],
    };
    let now = text(rendered);
    let line = known.lines().zip(now.lines()).take_while(|(a, b)| a == b).count();
    if known == now {
        return Vec::new();
    }
    let shown =
        |text: &str| text.lines().nth(line).map_or_else(|| "nothing".to_owned(), |line| format!("`{line}`"));
    vec![format!("line {} is {} in the snapshot, {} now", line + 1, shown(&known), shown(&now))]
}

/// The change that takes a rendering as its snapshot; `None` where nothing is written to.
pub(super) fn change(
    folder: &Path,
    case: &Case,
    contract: Contract,
    rendered: &Rendered,
) -> Option<FileChange> {
    let file = path(folder, case, contract);
    if is_link(&file) || is_link(&folder.join(SNAPSHOTS)) {
        return None;
    }
    let before = read_at_most(&file, MAX_BYTES).ok()?;
    let before = before.map(String::from_utf8).transpose().ok()?;
    Some(FileChange { file, before, after: text(rendered) })
}

/// Takes a rendering as the snapshot. A link is not followed: it would be written to.
pub(super) fn write(
    folder: &Path,
    case: &Case,
    contract: Contract,
    rendered: &Rendered,
) -> Result<(), String> {
    let path = path(folder, case, contract);
    if is_link(&path) || is_link(&folder.join(SNAPSHOTS)) {
        return Err(format!("{} is a link: nothing is written", path.display()));
    }
    let written = fs::create_dir_all(folder.join(SNAPSHOTS)).and_then(|()| fs::write(&path, text(rendered)));
    written.map_err(|error| format!("{}: {error}", path.display()))
}
