//! The words of a template's files, and what each is for: what an editor offers while one is written.

use crate::spec::{ModelClass, PIECES, TASKS, TemplateKind};
use crate::{Contract, Fate, Label, Vocabulary};

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
            ("query", "A tree-sitter query: one of its captures has to be all of the target."),
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

/// What holds where a key of `template.toml` is not stated, by table and key.
pub(crate) const DEFAULTS: [(&str, &str, &str); 24] = [
    ("", "version", "that of SKILL.md, else 0.0.0"),
    ("", "kind", "code-action"),
    ("", "title", "the folder's name"),
    ("", "engine", "none"),
    ("", "instruction", "optional"),
    ("match", "language", "all"),
    ("match", "task", "all"),
    ("match", "node", "all"),
    ("match", "query", "none is asked"),
    ("match", "globs", "all"),
    ("match", "diagnostic", "none is needed"),
    ("input", "max_length", "200"),
    ("input", "optional", "false"),
    ("context", "include", "enclosing, imports, findings"),
    ("output", "keep_signature", "true"),
    ("output", "keep_items", "true"),
    ("output", "new_items", "false"),
    ("output", "comments_only", "false"),
    ("output", "resolves_finding", "false"),
    ("output", "min_score_delta", "any change"),
    ("budget", "fixed_tokens", "250"),
    ("budget", "input_tokens", "2000"),
    ("budget", "output_tokens", "1024"),
    ("model", "temperature", "0"),
];

/// The tables of `tests/*.toml` with their keys.
pub(crate) const TEST_TABLES: [(&str, &[(&str, &str)]); 9] = [
    ("", &[("schema", "The format's version: 1.")]),
    (
        "case",
        &[
            (
                "name",
                "Names the case, its snapshots and recorded replies: lower-case letters, digits, hyphens.",
            ),
            ("contract", "The forms of reply it is rendered for; all the template has where none is named."),
            ("language", "The language of the code."),
            ("path", "The path of the file."),
            ("symbol", "The name of what is worked on."),
            ("target", "The code to work on."),
            ("file", "The text the target stands in; the target alone where it is not said."),
            ("requirements", "Sentences that the reply has to hold to."),
            ("instruction", "The user's words."),
            ("about", "What the case is for, for whoever reads it."),
        ],
    ),
    ("case.context", &[("title", "What the piece is."), ("text", "The piece.")]),
    (
        "case.findings",
        &[
            ("line", "Its line in the target, 1-based."),
            ("rule", "The rule's id."),
            ("message", "What it says."),
        ],
    ),
    (
        "case.expect",
        &[
            ("max_tokens", "The most tokens the prompt may have."),
            ("fixed_tokens", "The most tokens that are the same in every prompt."),
            ("contains", "What has to be in the prompt."),
            ("not_contains", "What must not be in the prompt."),
            ("snapshot", "Whether the prompt has to be what is in `snapshots`."),
            ("error", "What the refusal to render says."),
        ],
    ),
    (
        "case.reply",
        &[
            ("name", "Names the reply."),
            ("contract", "The form it is in."),
            ("text", "The reply."),
            ("accept", "Whether the form takes it."),
            ("becomes", "What is read from it."),
            ("reason", "What the refusal says."),
        ],
    ),
    ("case.replay", &REPLAYED),
    ("case.live", &LIVE),
    ("case.input", &[]),
];

const REPLAYED: [(&str, &str); 9] = with_wanted([
    ("name", "Names the recorded reply in `cassettes`."),
    ("contract", "The form that is asked for."),
]);

const LIVE: [(&str, &str); 9] = with_wanted([
    ("contract", "The form that is asked for."),
    (
        "pass_rate",
        "What the lower bound of the share of replies as wanted has to reach, 0 to 1: 0.5 unless stated.",
    ),
]);

/// Keys of a test's own, and those of what is wanted.
const fn with_wanted(own: [(&'static str, &'static str); 2]) -> [(&'static str, &'static str); 9] {
    let [outcome, gate, contains, not_contains, becomes, new_findings, max_tokens] = WANTED;
    let [first, second] = own;
    [first, second, outcome, gate, contains, not_contains, becomes, new_findings, max_tokens]
}

const WANTED: [(&str, &str); 7] = [
    ("outcome", "How it has to end: `offered` unless stated."),
    ("gate", "The gate that has to refuse it."),
    ("contains", "What the text afterwards has to hold."),
    ("not_contains", "What the text afterwards must not hold."),
    ("becomes", "The whole text afterwards."),
    ("new_findings", "The most findings the edit may bring."),
    ("max_tokens", "The most tokens of all requests and replies."),
];

/// The tables of `templates.lock` with their keys; those under `label.` and `history.` are named after templates.
pub(crate) const LOCK_TABLES: [(&str, &[(&str, &str)]); 5] = [
    ("", &[("schema", "The format's version: 1.")]),
    ("pin", &[]),
    (
        "label",
        &[
            ("production", "The version that everybody gets."),
            ("staging", "The version that comes next."),
            ("canary", "The version that a few try."),
        ],
    ),
    ("history", &[]),
    (
        "template",
        &[
            ("name", "The template's name."),
            ("version", "The version that was taken in."),
            ("sha256", "What it held then: a hash over its files."),
            ("source", "Where it came from."),
            ("said", "A hash of what the model is told: it tells how far a change raises the version."),
            ("promises", "What callers rely on: losing one of them needs a major version."),
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
        ("case" | "case.reply" | "case.replay" | "case.live", "contract") => {
            owned(&Contract::ALL.map(Contract::name))
        }
        ("case", "language") => vocabulary.languages.keys().cloned().collect(),
        ("case.replay" | "case.live", "outcome") => owned(&Fate::ALL.map(Fate::name)),
        ("case.expect", "snapshot") | ("case.reply", "accept") => return (owned(&["true", "false"]), false),
        ("pin", _) => owned(&Label::ALL.map(Label::name)),
        ("output", "keep_signature" | "keep_items" | "new_items" | "comments_only" | "resolves_finding")
        | ("input", "optional") => return (owned(&["true", "false"]), false),
        _ => Vec::new(),
    };
    (words, true)
}
