//! Lints of what `template.toml` names.

use crate::problem::{ProblemKind, Problems, Severity, Source, nearest};
use crate::{Template, Vocabulary};

/// Languages and node kinds that do not exist.
pub(super) fn lint(
    source: &Source<'_>,
    template: &Template,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) {
    if vocabulary.languages.is_empty() {
        return;
    }
    let applies = &template.spec.applies;
    let place = |word: &str| {
        let quoted = format!("\"{word}\"");
        source.text.find(&quoted).map_or(0..0, |at| at + 1..at + 1 + word.len())
    };
    let known: Vec<&str> = vocabulary.languages.keys().map(String::as_str).collect();
    for language in applies.languages.iter().filter(|language| !known.contains(&language.as_str())) {
        problems
            .add(source, place(language), Severity::Warning, ProblemKind::BadLanguage(language.clone()))
            .suggest(language, &known, "");
    }
    let grammars: Vec<_> = vocabulary
        .languages
        .iter()
        .filter(|(name, _)| applies.languages.is_empty() || applies.languages.contains(name))
        .map(|(_, kinds)| kinds)
        .collect();
    if grammars.is_empty() || grammars.iter().any(|kinds| kinds.is_empty()) {
        return;
    }
    for node in applies.nodes.iter().filter(|&node| !grammars.iter().any(|kinds| kinds.contains(node))) {
        let kinds: Vec<&str> = grammars.iter().flat_map(|kinds| kinds.iter()).map(String::as_str).collect();
        let near = nearest(node, &kinds);
        let kind = ProblemKind::BadNodeKind(node.clone());
        let problem = problems.add(source, place(node), Severity::Warning, kind);
        problem.cure(
            near.map_or_else(|| "look it up in the grammar".to_owned(), |near| format!("write `{near}`")),
        );
        problem.replacement = near.map(str::to_owned);
    }
}
