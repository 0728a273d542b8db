//! Lints of what `template.toml` names.

use crate::problem::{ProblemKind, Problems, Severity, Source, nearest};
use crate::reader::value_place;
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
    let known_here = known.iter().copied().filter(|&language| {
        applies.languages.is_empty() || applies.languages.iter().any(|stated| stated == language)
    });
    if let (Some(query), Some(mistake)) = (&applies.query, vocabulary.query_mistake) {
        let mistakes: Vec<_> = known_here.map(|language| mistake(language, query)).collect();
        // One language whose grammar knows it is enough.
        if let Some(Some((at, reason))) = mistakes.first().filter(|_| mistakes.iter().all(Option::is_some)) {
            let written = value_place(source.text, &["match", "query"]).unwrap_or(0..0);
            // Where the text is written as it is, the place in it is known.
            let inner = source.text.get(written.clone()).and_then(|text| text.strip_prefix('"'));
            let is_plain = inner.and_then(|text| text.strip_suffix('"')) == Some(query);
            let place = if is_plain { written.start + 1 + at..written.end - 1 } else { written };
            let shown = if reason.is_empty() { "the grammar does not know it" } else { reason };
            problems
                .add(source, place, Severity::Warning, ProblemKind::BadQuery(shown.to_owned()))
                .cure("write it as tree-sitter does, with the kinds of nodes of the grammar");
        }
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
