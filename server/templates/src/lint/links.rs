//! Lints of what `SKILL.md` points to.

use std::path::{Component, Path};

use crate::folder::is_link;
use crate::problem::{ProblemKind, Problems, Severity, Source};

/// The most files of the folder that are asked for.
const MAX_REFERENCES: usize = 64;

/// The longest path that is looked at.
const MAX_PATH_BYTES: usize = 256;

/// Links of `SKILL.md` to files beside it.
pub(super) fn lint(source: &Source<'_>, folder: &Path, problems: &mut Problems) {
    let text = source.text;
    let links = text.match_indices("](").filter_map(|(at, _)| {
        let start = at + 2;
        let rest = text.as_bytes().get(start..)?;
        let end = rest.iter().take(MAX_PATH_BYTES).position(|byte| b") #\n".contains(byte))?;
        Some((start..start + end, text.get(start..start + end)?))
    });
    for (span, target) in
        links.filter(|(_, target)| !target.is_empty() && !target.contains(':')).take(MAX_REFERENCES)
    {
        let path = Path::new(target);
        let inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside || is_link(&folder.join(path)) {
            let kind = ProblemKind::OutsideFolder(target.to_owned());
            problems
                .add(source, span, Severity::Warning, kind)
                .cure("nothing is read from there: move the text here");
        } else if !folder.join(path).exists() {
            let kind = ProblemKind::MissingReference(target.to_owned());
            problems.add(source, span, Severity::Warning, kind).cure("add the file, or remove the link");
        }
    }
}
