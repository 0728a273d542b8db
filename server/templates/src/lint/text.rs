//! Lints of what a template says to the model, in English.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::Fix;
use crate::problem::{ProblemKind, Problems, Severity, Source};

/// What asks for few words, and what asks for many.
const SHORT: [&str; 6] =
    ["be brief", "be concise", "briefly", "in one sentence", "as short as possible", "in few words"];
const LONG: [&str; 7] =
    ["in detail", "step by step", "thoroughly", "exhaustive", "comprehensive", "at length", "elaborate on"];

/// How the names of vendors' models start.
const FAMILIES: [&str; 12] = [
    "claude-",
    "gpt-",
    "gemini-",
    "llama-",
    "llama3",
    "mistral-",
    "codestral-",
    "qwen",
    "deepseek-",
    "grok-",
    "gemma",
    "phi-",
];

/// A sentence with fewer words is no instruction that matters.
const MIN_WORDS: usize = 4;

/// The most problems of one kind that are told of one file.
const MAX_PROBLEMS: usize = 8;

/// The longest command that is looked at.
const MAX_COMMAND_BYTES: usize = 512;

/// Looks at a stretch of a file. `edits` says whether the reply is to be an edit, whose form the prompt states.
pub(super) fn lint(source: &Source<'_>, within: Range<usize>, edits: bool, problems: &mut Problems) {
    let text = source.text.get(within.clone()).unwrap_or("");
    sentences(source, text, within.start, edits, problems);
    lengths(source, text, within.start, problems);
    models(source, text, within.start, problems);
    commands(source, text, within.start, problems);
}

fn sentences(source: &Source<'_>, text: &str, start: usize, edits: bool, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    let (mut twice, mut form) = (0, 0);
    for span in sentence_spans(text) {
        let sentence = &text[span.clone()];
        if sentence.contains("{{") || sentence.contains("{%") {
            continue;
        }
        let lower = sentence.to_lowercase();
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        if words.len() < MIN_WORDS {
            continue;
        }
        let place = start + span.start..start + span.end;
        let says = |word: &str| words.contains(&word);
        let on_form = says("fenced") || (says("code") && (says("block") || says("fence")));
        if edits && on_form && ["reply", "answer", "output", "return", "respond"].into_iter().any(says) {
            if form < MAX_PROBLEMS {
                problems
                    .add(source, place.clone(), Severity::Warning, ProblemKind::FormInstruction)
                    .cure("remove the sentence")
                    .fix([Fix::within("Remove the sentence", source, &[(place.clone(), "")])]);
            }
            form += 1;
        }
        if !seen.insert(words.join(" ")) {
            if twice < MAX_PROBLEMS {
                let problem =
                    problems.add(source, place, Severity::Warning, ProblemKind::DuplicateInstruction);
                problem.cure("remove the second one").replacement = Some(String::new());
            }
            twice += 1;
        }
    }
}

/// Where sentences and lines are, without the blanks around them.
fn sentence_spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut start = 0;
    let mut push = |from: usize, to: usize| {
        let part = &text[from..to];
        let begin = from + (part.len() - part.trim_start().len());
        let end = begin + part.trim().len();
        if begin < end {
            spans.push(begin..end);
        }
    };
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        let ends = byte == b'\n'
            || (matches!(byte, b'.' | b'!' | b'?') && bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace));
        if ends {
            push(start, at + 1);
            start = at + 1;
        }
    }
    push(start, text.len());
    spans
}

fn lengths(source: &Source<'_>, text: &str, start: usize, problems: &mut Problems) {
    // ASCII alone changes its case, so that places stay.
    let lower = text.to_ascii_lowercase();
    let first = |phrases: &[&'static str]| {
        phrases.iter().filter_map(|phrase| Some((lower.find(phrase)?, *phrase))).min()
    };
    if let (Some((_, short)), Some((at, long))) = (first(&SHORT), first(&LONG)) {
        let place = start + at..start + at + long.len();
        problems
            .add(source, place, Severity::Warning, ProblemKind::ContradictingLength { short, long })
            .cure("ask for one of them");
    }
}

fn models(source: &Source<'_>, text: &str, start: usize, problems: &mut Problems) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let words = text.split(|c: char| !is_part(c));
    let named = words.filter(|word| {
        let lower = word.to_ascii_lowercase();
        word.len() <= 64
            && word.bytes().any(|byte| byte.is_ascii_digit())
            && FAMILIES.iter().any(|family| lower.starts_with(family))
    });
    for word in named.take(MAX_PROBLEMS) {
        let at = start + (word.as_ptr().addr() - text.as_ptr().addr());
        let name = word.trim_end_matches('.');
        problems
            .add(source, at..at + name.len(), Severity::Warning, ProblemKind::VendorModel(name.to_owned()))
            .cure("ask for a class of models under `[model]` with `prefer`");
    }
}

/// `` !`command` ``, which some tools run before they send a prompt.
pub(crate) fn commands(source: &Source<'_>, text: &str, start: usize, problems: &mut Problems) {
    let commands = text.match_indices("!`").filter_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        let rest = text.as_bytes().get(at + 2..)?;
        let end = rest.iter().take(MAX_COMMAND_BYTES).position(|byte| b"`\n".contains(byte))?;
        let command = (rest[end] == b'`').then(|| text.get(at + 2..at + 2 + end))??;
        (before.is_none_or(char::is_whitespace) && !command.is_empty()).then_some((at, command))
    });
    for (at, command) in commands.take(MAX_PROBLEMS) {
        let shown: String = command.chars().take(60).collect();
        let place = start + at..start + at + command.len() + 3;
        problems
            .add(source, place, Severity::Warning, ProblemKind::ShellInjection(shown))
            .cure("write what the model is to know");
    }
}
