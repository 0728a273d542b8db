//! What kind of task a free text asks for, by rules that would rather say nothing than be wrong.

use crate::TaskKind;

/// How many words of a text are looked at: what is wanted is said first.
const WORDS: usize = 24;

/// Verbs that begin a request, and the kind each makes it. Matched against the first word that is not polite.
const VERBS: &[(&str, TaskKind)] = &[
    ("fix", TaskKind::Fix),
    ("repair", TaskKind::Fix),
    ("resolve", TaskKind::Fix),
    ("correct", TaskKind::Fix),
    ("document", TaskKind::Document),
    ("comment", TaskKind::Document),
    ("test", TaskKind::Test),
    ("cover", TaskKind::Test),
    ("simplify", TaskKind::Simplify),
    ("shorten", TaskKind::Simplify),
    ("flatten", TaskKind::Simplify),
    ("unnest", TaskKind::Simplify),
    ("optimise", TaskKind::Optimise),
    ("optimize", TaskKind::Optimise),
    ("speed", TaskKind::Optimise),
    ("memoize", TaskKind::Optimise),
    ("type", TaskKind::Types),
    ("annotate", TaskKind::Types),
    ("explain", TaskKind::Explain),
    ("describe", TaskKind::Explain),
    ("why", TaskKind::Explain),
    ("refactor", TaskKind::Refactor),
    ("restructure", TaskKind::Refactor),
    ("reorganise", TaskKind::Refactor),
    ("reorganize", TaskKind::Refactor),
    ("extract", TaskKind::Refactor),
    ("inline", TaskKind::Refactor),
    ("rename", TaskKind::Refactor),
    ("decouple", TaskKind::Refactor),
    ("deduplicate", TaskKind::Refactor),
    ("move", TaskKind::Refactor),
    ("consolidate", TaskKind::Refactor),
    ("centralise", TaskKind::Refactor),
    ("centralize", TaskKind::Refactor),
    ("generalise", TaskKind::Refactor),
    ("generalize", TaskKind::Refactor),
    ("clarify", TaskKind::Document),
    ("prevent", TaskKind::Fix),
];

/// Runs of words that decide wherever they stand, the more telling first. A word matches its plural too.
const PHRASES: &[(&[&str], TaskKind)] = &[
    (&["unit", "test"], TaskKind::Test),
    (&["write", "test"], TaskKind::Test),
    (&["add", "test"], TaskKind::Test),
    (&["more", "test"], TaskKind::Test),
    (&["missing", "test"], TaskKind::Test),
    (&["regression", "test"], TaskKind::Test),
    (&["integration", "test"], TaskKind::Test),
    (&["e2e", "test"], TaskKind::Test),
    (&["test", "case"], TaskKind::Test),
    (&["test", "coverage"], TaskKind::Test),
    (&["test", "for"], TaskKind::Test),
    (&["error", "handling"], TaskKind::ErrorHandling),
    (&["handle", "error"], TaskKind::ErrorHandling),
    (&["handle", "failure"], TaskKind::ErrorHandling),
    (&["propagate", "error"], TaskKind::ErrorHandling),
    (&["doc", "comment"], TaskKind::Document),
    (&["write", "doc"], TaskKind::Document),
    (&["add", "doc"], TaskKind::Document),
    (&["add", "comment"], TaskKind::Document),
    (&["add", "jsdoc"], TaskKind::Document),
    (&["add", "documentation"], TaskKind::Document),
    (&["write", "documentation"], TaskKind::Document),
    (&["update", "doc"], TaskKind::Document),
    (&["update", "documentation"], TaskKind::Document),
    (&["update", "readme"], TaskKind::Document),
    (&["type", "annotation"], TaskKind::Types),
    (&["add", "type"], TaskKind::Types),
    (&["return", "type"], TaskKind::Types),
    (&["make", "faster"], TaskKind::Optimise),
    (&["run", "faster"], TaskKind::Optimise),
    (&["speed", "up"], TaskKind::Optimise),
    (&["improve", "performance"], TaskKind::Optimise),
    (&["avoid", "clone"], TaskKind::Optimise),
    (&["avoid", "cloning"], TaskKind::Optimise),
    (&["avoid", "allocation"], TaskKind::Optimise),
    (&["reduce", "allocation"], TaskKind::Optimise),
    (&["reduce", "memory"], TaskKind::Optimise),
    (&["what", "does"], TaskKind::Explain),
    (&["how", "does"], TaskKind::Explain),
    (&["simpler"], TaskKind::Simplify),
    (&["easier", "to", "read"], TaskKind::Simplify),
    (&["more", "readable"], TaskKind::Simplify),
    (&["clean", "up"], TaskKind::Refactor),
    (&["split", "into"], TaskKind::Refactor),
    (&["move", "into"], TaskKind::Refactor),
    (&["move", "to"], TaskKind::Refactor),
    (&["extract", "into"], TaskKind::Refactor),
    (&["early", "return"], TaskKind::Simplify),
];

/// Words that decide when nothing above does.
const WORDS_THAT_TELL: &[(&str, TaskKind)] = &[
    ("bug", TaskKind::Fix),
    ("panic", TaskKind::Fix),
    ("crash", TaskKind::Fix),
    ("leak", TaskKind::Fix),
    ("fails", TaskKind::Fix),
    ("correctly", TaskKind::Fix),
    ("properly", TaskKind::Fix),
    ("wrong", TaskKind::Fix),
    ("broken", TaskKind::Fix),
    ("incorrect", TaskKind::Fix),
    ("incorrectly", TaskKind::Fix),
    ("off-by-one", TaskKind::Fix),
    ("faster", TaskKind::Optimise),
    ("performance", TaskKind::Optimise),
    ("allocation", TaskKind::Optimise),
    ("refactor", TaskKind::Refactor),
];

/// Words that make even a fix one of prose.
const PROSE: [&str; 13] = [
    "typo",
    "grammar",
    "wording",
    "spelling",
    "doc",
    "documentation",
    "readme",
    "changelog",
    "guide",
    "docstring",
    "jsdoc",
    "rustdoc",
    "faq",
];

/// Words before the one that counts.
const POLITE: [&str; 16] = [
    "please", "can", "could", "would", "you", "i", "want", "need", "to", "let", "us", "lets", "just",
    "kindly", "now", "then",
];

/// The kind of task a text asks for; [`TaskKind::Unknown`] when no rule holds.
pub fn classify(text: &str) -> TaskKind {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_')
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .map(str::to_lowercase)
        .collect();
    let first = words.iter().position(|word| !POLITE.contains(&word.as_str())).unwrap_or(words.len());
    let words = &words[first..];
    let verb = words.first().and_then(|first| VERBS.iter().find(|(verb, _)| is_form_of(first, verb)));
    let phrase = PHRASES.iter().find(|(phrase, _)| holds(words, phrase)).map(|(_, kind)| *kind);
    let prose = words.iter().any(|word| PROSE.iter().any(|wanted| is_form_of(word, wanted)));
    match (verb.map(|(_, kind)| *kind), phrase) {
        // "Fix the error handling" is about error handling, "fix a failing test" is not about writing tests.
        (Some(TaskKind::Fix), Some(TaskKind::ErrorHandling)) => TaskKind::ErrorHandling,
        (Some(TaskKind::Fix), _) if prose => TaskKind::Document,
        (Some(kind), _) => kind,
        (None, Some(kind)) => kind,
        (None, None) if prose => TaskKind::Document,
        (None, None) => WORDS_THAT_TELL
            .iter()
            .find(|(telling, _)| words.iter().any(|word| is_form_of(word, telling)))
            .map_or(TaskKind::Unknown, |(_, kind)| *kind),
    }
}

/// Whether the words of a phrase stand in the text in their order, with at most two others between.
fn holds(words: &[String], phrase: &[&str]) -> bool {
    (0..words.len()).any(|start| {
        let mut at = start;
        phrase.iter().enumerate().all(|(index, wanted)| {
            let reach = if index == 0 { 1 } else { 3 };
            let found =
                words[at.min(words.len())..].iter().take(reach).position(|word| is_form_of(word, wanted));
            found.is_some_and(|offset| {
                at += offset + 1;
                true
            })
        })
    })
}

/// Whether a word is another or its form with `s`, `es`, `ed`, `d`, `ing`.
fn is_form_of(word: &str, base: &str) -> bool {
    let stem = base.strip_suffix('e').unwrap_or(base);
    match word.strip_prefix(base) {
        Some(ending) => matches!(ending, "" | "s" | "es" | "ed" | "d" | "ing"),
        None => word.strip_prefix(stem) == Some("ing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_ask_for() {
        for (text, kind) in [
            ("Fix the off-by-one in the loop", TaskKind::Fix),
            ("please fix this, it panics on empty input", TaskKind::Fix),
            ("this crashes when the list is empty", TaskKind::Fix),
            ("fix the error handling here", TaskKind::ErrorHandling),
            ("Could you add error handling?", TaskKind::ErrorHandling),
            ("handle all errors instead of unwrapping", TaskKind::ErrorHandling),
            ("Add a doc comment", TaskKind::Document),
            ("document the public functions", TaskKind::Document),
            ("write some unit tests", TaskKind::Test),
            ("add a test for the empty list", TaskKind::Test),
            ("Simplify this match", TaskKind::Simplify),
            ("make this more readable", TaskKind::Simplify),
            ("use early returns", TaskKind::Simplify),
            ("make it faster", TaskKind::Optimise),
            ("avoid needless clones", TaskKind::Optimise),
            ("I want to speed up this loop", TaskKind::Optimise),
            ("add return types", TaskKind::Types),
            ("annotate the parameters", TaskKind::Types),
            ("explain what this does", TaskKind::Explain),
            ("what does this function do?", TaskKind::Explain),
            ("extract the parsing into a function", TaskKind::Refactor),
            ("split this into two functions", TaskKind::Refactor),
            ("rename x to count", TaskKind::Refactor),
            ("return None when the key is missing", TaskKind::Unknown),
            ("add a parameter for the timeout", TaskKind::Unknown),
            ("latest", TaskKind::Unknown),
            ("", TaskKind::Unknown),
            ("please", TaskKind::Unknown),
            ("…", TaskKind::Unknown),
        ] {
            assert_eq!(classify(text), kind, "{text}");
        }
    }
}
