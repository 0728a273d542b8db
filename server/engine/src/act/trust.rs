//! What may be sent: which files at all, and what of a prompt is replaced before it leaves.

use std::path::Path;

use autodao_redaction::{Redaction, denied_file, hidden};
use autodao_templates::{Rendered, Template};
use ignore::gitignore::GitignoreBuilder;

use super::plan::Obstacle;

/// Files that say which others are not for models, beside those that say it to git.
const IGNORE_FILE: &str = ".aiignore";

/// Whether anything of a file may be sent. A link is looked at under both its names.
pub(crate) fn may_be_sent(path: Option<&Path>) -> Result<(), Obstacle> {
    let Some(path) = path else { return Ok(()) };
    let target = path.canonicalize().ok();
    for path in [Some(path), target.as_deref()].into_iter().flatten() {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        if let Some(what) = denied_file(path) {
            return Err(format!("{name} holds {what}: nothing of it is sent to a model"));
        }
        if let Some(by) = ignored_by(path) {
            return Err(format!("{name} is ignored by {by}: nothing of it is sent to a model"));
        }
    }
    Ok(())
}

/// The kind of file that says that a file is ignored, if one does. The nearest that says anything is believed.
fn ignored_by(path: &Path) -> Option<&'static str> {
    let folders: Vec<&Path> = path.parent()?.ancestors().collect();
    let root = folders.iter().position(|folder| folder.join(".git").exists());
    for (name, until) in [(IGNORE_FILE, Some(folders.len())), (".gitignore", root.map(|root| root + 1))] {
        // Outside a repository nobody asks git.
        let Some(until) = until else { continue };
        for folder in &folders[..until] {
            let file = folder.join(name);
            if !file.is_file() {
                continue;
            }
            let mut builder = GitignoreBuilder::new(folder);
            // A line that cannot be read is passed over, as git does.
            let _ = builder.add(&file);
            let Ok(rules) = builder.build() else { continue };
            let found = rules.matched_path_or_any_parents(path, false);
            if found.is_ignore() {
                return Some(name);
            }
            if found.is_whitelist() {
                break;
            }
        }
    }
    None
}

/// A prompt as it is sent, and what was taken out of it.
pub(crate) fn conceal(prompt: &Rendered, template: &Template) -> Result<(Rendered, Redaction), Obstacle> {
    // Nobody could review what it says.
    if let Some(found) = hidden(&prompt.system).first() {
        return Err(format!("the template `{}` has {}: it is not used", template.name, found.what));
    }
    let redaction = Redaction::of(&[&prompt.system, &prompt.user]);
    if redaction.is_empty() {
        return Ok((prompt.clone(), redaction));
    }
    tracing::info!("secrets taken out of a prompt, by rule: {}", redaction.rules().join(", "));
    let (system, user) = (redaction.redact(&prompt.system), redaction.redact(&prompt.user));
    Ok((Rendered { system, user }, redaction))
}

/// A reply with what was taken out of its prompt; the reason when it may not be used.
pub(crate) fn reveal(redaction: &Redaction, reply: &str) -> Result<String, String> {
    if let Some(found) = hidden(reply).first() {
        return Err(format!("the reply has {}", found.what));
    }
    redaction.restore(reply).map_err(|altered| altered.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_or_ignored_is_not_sent() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
        let plain = write("src/a.rs", "");
        let generated = write("generated/b.rs", "");
        let private = write("src/private/c.rs", "");
        let kept = write("generated/keep.rs", "");
        let environment = write("src/.env", "A=1");
        write(".gitignore", "/generated/*\n!/generated/keep.rs\n");
        // Outside a repository it says nothing.
        assert_eq!(may_be_sent(Some(&generated)), Ok(()));
        write(".git/HEAD", "");
        write(".aiignore", "private/\n");
        assert_eq!(may_be_sent(None), Ok(()));
        assert_eq!(may_be_sent(Some(&plain)), Ok(()));
        assert_eq!(may_be_sent(Some(&kept)), Ok(()));
        for (path, why) in [
            (generated, "ignored by .gitignore"),
            (private, "ignored by .aiignore"),
            (environment.clone(), "environment variables"),
        ] {
            let told = may_be_sent(Some(&path)).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
        #[cfg(unix)]
        {
            let link = folder.path().join("src/innocent.rs");
            std::os::unix::fs::symlink(environment, &link).unwrap();
            assert!(may_be_sent(Some(&link)).is_err());
        }
    }
}
