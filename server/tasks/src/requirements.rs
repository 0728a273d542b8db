//! What a request asks for, sentence by sentence: what it is about, what must stay, when it is done.

/// The most entries of one kind, and the most characters of an entry.
const MAX_ENTRIES: usize = 8;
const MAX_CHARS: usize = 200;

/// How much of a text is looked at, in bytes.
const MAX_TEXT_BYTES: usize = 16 << 10;

/// What was found in an instruction and a documentation comment, each in the order it is written. A sentence is in
/// one of the last three lists at most.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Requirements {
    /// Names of code the instruction is about.
    pub targets: Vec<String>,
    /// Sentences that say what must hold or must not be done.
    pub constraints: Vec<String>,
    /// Sentences that say what the code does when it is right.
    pub acceptance: Vec<String>,
    /// Sentences that bound something by a number.
    pub limits: Vec<String>,
}

/// Where a sentence stands: what an instruction says is wanted, a documentation comment mostly describes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Instruction,
    Documentation,
}

impl Requirements {
    /// Reads an instruction and the documentation of what it is about; both may be empty.
    pub fn of(instruction: &str, documentation: &str) -> Self {
        let mut requirements = Self::default();
        let instruction = prefix(instruction);
        for name in names(instruction) {
            add(&mut requirements.targets, name);
        }
        for sentence in sentences(instruction) {
            requirements.sort(sentence, From::Instruction);
        }
        let documentation = uncommented(prefix(documentation));
        for sentence in sentences(&documentation) {
            requirements.sort(sentence, From::Documentation);
        }
        requirements
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
            && self.constraints.is_empty()
            && self.acceptance.is_empty()
            && self.limits.is_empty()
    }

    /// What the change must do, of all kinds but the names: constraints, acceptance, limits.
    pub fn sentences(&self) -> impl Iterator<Item = &str> {
        let lists = [&self.constraints, &self.acceptance, &self.limits];
        lists.into_iter().flatten().map(String::as_str)
    }

    fn sort(&mut self, sentence: &str, from: From) {
        let words: Vec<String> = sentence
            .split(|c: char| !c.is_alphanumeric() && !"'_-%".contains(c))
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let list = if is_limit(&words) {
            &mut self.limits
        } else if is_constraint(&words, from) {
            &mut self.constraints
        } else if is_acceptance(&words, from) {
            &mut self.acceptance
        } else {
            return;
        };
        add(list, sentence);
    }
}

fn add(list: &mut Vec<String>, text: &str) {
    let words: Vec<_> = text.split_whitespace().collect();
    let text: String = words.join(" ").chars().take(MAX_CHARS).collect();
    if list.len() < MAX_ENTRIES && !text.is_empty() && !list.contains(&text) {
        list.push(text);
    }
}

fn prefix(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Sentences, and lines of lists, without their bullets and end marks.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let end = sentence_end(rest);
            let (sentence, tail) = rest.split_at(end);
            rest = tail;
            let sentence = sentence.trim().trim_start_matches(['-', '*', '•', '#']).trim_start();
            let sentence = sentence.trim_end_matches(['.', ';', '!', '\n', '\r', ' ']);
            if sentence.contains(char::is_alphanumeric) {
                return Some(sentence);
            }
        }
        None
    })
}

/// Where the first sentence ends: behind a mark that a blank follows, at a blank line, before a bullet.
fn sentence_end(text: &str) -> usize {
    let mut quoted = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        match c {
            '`' => quoted = !quoted,
            '.' | '!' | '?' | ';' if !quoted && next.is_none_or(char::is_whitespace) => {
                let short = ["e.g", "i.e", "cf", "vs"].iter().any(|word| text[..at].ends_with(word));
                if !short {
                    return at + 1;
                }
            }
            '\n' => {
                let line = text[at + 1..].lines().next().unwrap_or("").trim_start();
                if line.is_empty() || line.starts_with(['-', '*', '•', '#']) {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// Names of code: what stands in backticks, calls, and words in a form that only names of code have.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::trim)
        .filter(|name| !name.is_empty() && name.len() <= 80 && !name.contains('\n'));
    let words = text
        .split(|c: char| c.is_whitespace() || ",;!?`\"'".contains(c))
        .map(|word| word.trim_end_matches(['.', ':']).trim_matches(['(', ')']))
        .filter(|word| is_code_name(word));
    quoted.chain(words)
}

fn is_code_name(word: &str) -> bool {
    let mut characters = word.chars();
    let starts = characters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if !starts || word.len() > 80 || !word.chars().all(|c| c.is_alphanumeric() || "_:.".contains(c)) {
        return false;
    }
    let snake = word.trim_matches('_').contains('_');
    let path = word.contains("::");
    let camel = word.chars().zip(word.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    snake || path || camel
}

/// A number with a unit, or a word that bounds with a number.
fn is_limit(words: &[String]) -> bool {
    const UNITS: [&str; 27] = [
        "ms",
        "us",
        "ns",
        "s",
        "sec",
        "second",
        "seconds",
        "milliseconds",
        "minutes",
        "bytes",
        "byte",
        "kb",
        "kib",
        "mb",
        "mib",
        "gb",
        "lines",
        "characters",
        "chars",
        "items",
        "entries",
        "times",
        "retries",
        "percent",
        "%",
        "threads",
        "elements",
    ];
    const BOUNDS: [&str; 14] = [
        "most", "least", "than", "within", "under", "below", "above", "up", "maximum", "minimum", "max",
        "min", "limit", "exceed",
    ];
    let is_number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
    let has_unit = words.iter().enumerate().any(|(index, word)| {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
        is_number(word)
            && (UNITS.contains(&digits)
                || words.get(index + 1).is_some_and(|next| UNITS.contains(&next.as_str())))
    });
    let bounds = words.iter().any(|word| BOUNDS.contains(&word.as_str())) && words.iter().any(is_number);
    has_unit || bounds
}

fn is_constraint(words: &[String], from: From) -> bool {
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let pair = |a: &str, b: &str| words.windows(2).any(|pair| pair[0] == a && pair[1] == b);
    let strict = ["must", "mustn't", "never", "shall", "always"].into_iter().any(has);
    if from == From::Documentation {
        // "Returns" and "does not" describe; only these words demand.
        return strict;
    }
    strict
        || [
            "don't",
            "dont",
            "without",
            "keep",
            "keeping",
            "preserve",
            "preserving",
            "only",
            "avoid",
            "unchanged",
        ]
        .into_iter()
        .any(has)
        || pair("do", "not")
        || pair("should", "not")
        || has("shouldn't")
        || pair("leave", "the")
        || pair("instead", "of")
        || words.first().is_some_and(|first| first == "no")
}

fn is_acceptance(words: &[String], from: From) -> bool {
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let pair = |a: &str, b: &str| words.windows(2).any(|pair| pair[0] == a && pair[1] == b);
    if from == From::Documentation {
        return words.first().is_some_and(|first| {
            matches!(first.as_str(), "returns" | "panics" | "throws" | "@returns" | "@throws")
        }) || pair("returns", "none")
            || pair("an", "error");
    }
    has("should")
        || pair("so", "that")
        || has("expect")
        || has("expected")
        || has("ensure")
        || pair("make", "sure")
        || (has("when") && (has("return") || has("returns") || has("then")))
        || (has("if") && (has("return") || has("returns") || has("then")))
}

/// A documentation comment's text, without the marks of comments and without attributes.
fn uncommented(comment: &str) -> String {
    let mut text = String::with_capacity(comment.len());
    for line in comment.lines() {
        let line = line.trim();
        if line.starts_with("#[") || (line.starts_with('@') && line.ends_with(')')) {
            continue;
        }
        let line = line.trim_start_matches('/').trim_start_matches('*').trim_start_matches('/');
        text.push_str(line.strip_suffix("*/").unwrap_or(line).trim());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    fn check(instruction: &str, documentation: &str, expected: Expect) {
        expected.assert_debug_eq(&Requirements::of(instruction, documentation));
    }

    #[test]
    fn an_instruction() {
        check(
            "Rewrite `parse_line` to use nom. Don't change the signature! It should return an error when the line is \
             empty, e.g. for `a. b`. At most 3 allocations per line; finish within 5 ms\n- keep parseHeader()\n- No new \
             dependencies.\nThanks",
            "",
            expect![[r#"
                Requirements {
                    targets: [
                        "parse_line",
                        "a. b",
                        "parseHeader",
                    ],
                    constraints: [
                        "Don't change the signature",
                        "keep parseHeader()",
                        "No new dependencies",
                    ],
                    acceptance: [
                        "It should return an error when the line is empty, e.g. for `a. b`",
                    ],
                    limits: [
                        "At most 3 allocations per line",
                        "finish within 5 ms",
                    ],
                }
            "#]],
        );
    }

    #[test]
    fn documentation_demands_little() {
        check(
            "",
            "/// Reads a frame, keeping the rest.\n///\n/// Returns `None` at the end. The buffer must not be empty.\n/// Reads\n/// at most 4096 bytes.\n#[must_use]\n",
            expect![[r#"
                Requirements {
                    targets: [],
                    constraints: [
                        "The buffer must not be empty",
                    ],
                    acceptance: [
                        "Returns `None` at the end",
                    ],
                    limits: [
                        "Reads at most 4096 bytes",
                    ],
                }
            "#]],
        );
        check(
            "",
            "/**\n * Adds.\n * @returns the sum\n */\n@log()\n",
            expect![[r#"
            Requirements {
                targets: [],
                constraints: [],
                acceptance: [
                    "@returns the sum",
                ],
                limits: [],
            }
        "#]],
        );
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        for text in ["", "do it", "...", "`", "``", "- - -", "\n\n", "simplify this"] {
            assert!(Requirements::of(text, text).is_empty(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn lists_stay_short(text in "([a-z`.\\-\n0-9é] ?|must |`a` |5 ms){0,300}") {
            let found = Requirements::of(&text, &text);
            for list in [&found.targets, &found.constraints, &found.acceptance, &found.limits] {
                prop_assert!(list.len() <= MAX_ENTRIES);
                prop_assert!(list.iter().all(|entry| entry.chars().count() <= MAX_CHARS && !entry.is_empty()));
            }
        }
    }
}
