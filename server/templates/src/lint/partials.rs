//! Lints of what a `prompt.mj` wants to take in. It takes nothing in: its text is all there is to a prompt.

use std::fs;
use std::path::{Component, Path};

use crate::Fix;
use crate::folder::{MAX_FILE_BYTES, is_link};
use crate::problem::{Problem, ProblemKind, Source};

/// Of each problem that is about another file, says whether that file is there: its text can be written in its place.
/// `source`: the prompt.
pub(super) fn lint(source: &Source<'_>, folder: &Path, problems: &mut [Problem]) {
    let is_prompt = |problem: &&mut Problem| {
        problem.file == source.file && matches!(problem.kind, ProblemKind::Prompt(_))
    };
    for problem in problems.iter_mut().filter(is_prompt) {
        let Some(name) = source.text.get(problem.span.clone()).and_then(named) else { continue };
        let path = Path::new(name);
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            continue;
        }
        let file = folder.join(path);
        if !file.exists() {
            problem.kind = ProblemKind::MissingPartial(name.to_owned());
            problem.cure = Some("write the text here".to_owned());
        } else if !is_link(&file)
            && fs::metadata(&file).is_ok_and(|file| file.len() <= MAX_FILE_BYTES as u64)
            && let Ok(text) = fs::read_to_string(&file)
        {
            let place = problem.span.clone();
            let title = format!("Write the text of {name} here");
            problem.cure("write its text here");
            problem.fix([Fix::within(title, source, &[(place, text.trim_end())])]);
        }
    }
}

/// The file that a tag names.
fn named(tag: &str) -> Option<&str> {
    let inner = tag.strip_prefix("{%")?.trim_start_matches(['-', '+']).trim_start();
    let rest = ["include", "extends", "import", "from"].iter().find_map(|word| inner.strip_prefix(word))?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split_once(quote).map(|(name, _)| name).filter(|name| !name.is_empty())
}
