//! The words of a template's files, and what each is for: what an editor offers while one is written.

use crate::spec::{ModelClass, PIECES, TASKS, TemplateKind};
use crate::{Contract, Label, Vocabulary};

/// The tables of `template.toml` with their keys; the top level has no name, an input is `input`.
pub(crate) const TABLES: [(&str, &[(&str, &str)]); 7] = [
    (
        "",
        &[
            ("schema", "The format's version: 1."),
            ("version", "The template's version, as in SKILL.md."),
            ("kind", "Under what it is offered."),
            ("title", "Its name in menus."),
            ("engine", "What makes the varying half of the prompt: `minijinja` for a prompt.mj."),
            ("instruction", "Whether the user must say something."),
        ],
    ),
    (
        "match",
        &[
            ("language", "Languages it applies to."),
            ("task", "Kinds of task it is for."),
            ("node", "Kinds of node the target has to be of."),
            ("globs", "Patterns for the paths of files."),
            ("diagnostic", "Rules whose findings it answers, with or without `*` at the end."),
            ("min_lines", "The least lines of the target."),
            ("max_lines", "The most lines of the target."),
        ],
    ),
    (
        "input",
        &[
            ("type", "What it takes."),
            ("description", "What it is for."),
            ("pattern", "A regular expression the whole text has to match."),
            ("max_length", "The most bytes of the text."),
            ("min", "The least number."),
            ("max", "The greatest number."),
            ("values", "The words to choose from."),
            ("default", "What it is when it is not given."),
            ("optional", "Whether it may be left out."),
        ],
    ),
    ("context", &[("include", "What stands beside the target; what comes last is left out first.")]),
    (
        "output",
        &[
            ("contract", "The forms of reply it can work with, best first."),
            ("keep_signature", "The target's signature stays."),
            ("keep_items", "No item goes missing."),
            ("new_items", "New items may stand beside the target."),
            ("comments_only", "Nothing but comments changes."),
            ("resolves_finding", "The finding it was called for is gone afterwards."),
            (
                "min_score_delta",
                "The least change of the score of the target's worst function, in points of 10.",
            ),
        ],
    ),
    (
        "budget",
        &[
            ("fixed_tokens", "Text that is the same whatever the target: 250 unless stated."),
            ("input_tokens", "The whole prompt: 2000 unless stated."),
            ("output_tokens", "The reply: 1024 unless stated."),
        ],
    ),
    (
        "model",
        &[
            ("prefer", "Classes of models that suit, best first."),
            ("temperature", "0 for the likeliest reply, at most 2."),
            ("stop", "Texts that end a reply."),
        ],
    ),
];

/// The keys of SKILL.md's front matter.
pub(crate) const SKILL_KEYS: [(&str, &str); 6] = [
    ("name", "The folder's name."),
    ("description", "What it is for, in a sentence."),
    ("license", "Under which terms it may be used."),
    ("compatibility", "What it needs."),
    ("allowed-tools", "For other programs."),
    ("metadata", "The version is in it."),
];

/// The filters of `prompt.mj` that need no arguments: brackets are not allowed in a tag.
pub(crate) const FILTERS: [(&str, &str); 12] = [
    ("capitalize", "The first letter in upper case, the others in lower case."),
    ("first", "The first entry."),
    ("last", "The last entry."),
    ("length", "How many entries or characters."),
    ("lines", "A list of the lines."),
    ("lower", "In lower case."),
    ("reverse", "From the end."),
    ("sort", "In order."),
    ("title", "Each word with a capital."),
    ("trim", "Without the blanks around it."),
    ("unique", "Each entry once."),
    ("upper", "In upper case."),
];

/// The fields of the entries of lists, by the list's name; `loop` is what a loop says of itself.
pub(crate) const FIELDS: [(&str, &[(&str, &str)]); 4] = [
    ("context", &[("title", "What the piece is."), ("text", "The piece, as a fenced block.")]),
    (
        "findings",
        &[
            ("line", "Its line, 1-based, in the target."),
            ("rule", "The rule's id."),
            ("message", "What it says."),
        ],
    ),
    ("inputs", &[("name", "The input's name."), ("value", "Its value.")]),
    (
        "loop",
        &[
            ("index", "The number of the round, from 1."),
            ("first", "Whether it is the first round."),
            ("last", "Whether it is the last round."),
            ("length", "How many rounds there are."),
        ],
    ),
];

/// The values that a key of `template.toml` takes, as they are written, quotes apart; `true` says that they are strings.
/// `languages`: those that the template is for, empty for all.
pub(crate) fn values(
    table: &str,
    key: &str,
    vocabulary: &Vocabulary,
    languages: &[String],
) -> (Vec<String>, bool) {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let words = match (table, key) {
        ("", "schema") => return (owned(&["1"]), false),
        ("", "kind") => owned(&TemplateKind::ALL.map(TemplateKind::name)),
        ("", "engine") => owned(&["minijinja", "none"]),
        ("", "instruction") => owned(&["required", "optional"]),
        ("match", "language") => vocabulary.languages.keys().cloned().collect(),
        ("match", "task") => owned(&TASKS),
        ("match", "node") => {
            let of = |name: &String| languages.is_empty() || languages.contains(name);
            let kinds = vocabulary.languages.iter().filter(|(name, _)| of(name)).flat_map(|(_, kinds)| kinds);
            let kinds: std::collections::BTreeSet<_> = kinds.collect();
            // A kind that starts with `_` is the grammar's own and stands in no tree.
            kinds.into_iter().filter(|kind| !kind.starts_with('_')).cloned().collect()
        }
        ("context", "include") => owned(&PIECES),
        ("output", "contract") => owned(&Contract::ALL.map(Contract::name)),
        ("model", "prefer") => owned(&ModelClass::ALL.map(ModelClass::name)),
        ("input", "type") => owned(&["string", "int", "bool", "enum"]),
        ("pin", _) => owned(&Label::ALL.map(Label::name)),
        ("output", "keep_signature" | "keep_items" | "new_items" | "comments_only" | "resolves_finding")
        | ("input", "optional") => return (owned(&["true", "false"]), false),
        _ => Vec::new(),
    };
    (words, true)
}
