//! Writing a `templates.lock`: in a fixed order, so that a change of one template is a change of one place.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use super::{Lock, LockError};

pub(super) fn text(lock: &Lock) -> String {
    let mut text = String::from(
        "# Written by `autodao templates`: what each version held when it was taken in.\nschema = 1\n",
    );
    if !lock.pins.is_empty() {
        text.push_str("\n[pin]\n");
        for (name, pin) in &lock.pins {
            let _ = writeln!(text, "{name} = {}", quoted(&pin.to_string()));
        }
    }
    let mut last = None;
    for ((name, label), version) in &lock.labels {
        if last != Some(name) {
            let _ = writeln!(text, "\n[label.{name}]");
        }
        last = Some(name);
        let _ = writeln!(text, "{} = \"{version}\"", label.name());
    }
    let mut last = None;
    for ((name, pointer), before) in &lock.history {
        if last != Some(name) {
            let _ = writeln!(text, "\n[history.{name}]");
        }
        last = Some(name);
        let before: Vec<_> = before.iter().map(|before| quoted(before)).collect();
        let _ = writeln!(text, "{} = [{}]", pointer.name(), before.join(", "));
    }
    for ((name, version), locked) in &lock.versions {
        let (hash, source) = (locked.hash, quoted(&locked.source));
        let _ = write!(
            text,
            "\n[[template]]\nname = \"{name}\"\nversion = \"{version}\"\nsha256 = \"{hash}\"\nsource = {source}\n"
        );
        if let Some(outline) = &locked.outline {
            let promises: Vec<_> = outline.promises.iter().map(|promise| quoted(promise)).collect();
            let (said, promises) = (quoted(&outline.said), promises.join(", "));
            let _ = writeln!(text, "said = {said}\npromises = [{promises}]");
        }
    }
    text
}

pub(super) fn store(lock: &Lock, path: &Path) -> Result<(), LockError> {
    let beside = path.with_extension(format!("lock.{}", std::process::id()));
    let write = || {
        let mut file = fs::File::create(&beside)?;
        file.write_all(text(lock).as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|source| {
        let _ = fs::remove_file(&beside);
        LockError::Io { path: path.to_owned(), source }
    })
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
