//! What an editor offers while a template is written.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of tests that fails, fails its test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use autodao_templates::{
    Completion, Files, Layer, Template, Vocabulary, WordKind, completions, lint, parse_text,
};
use proptest::prelude::*;

fn vocabulary() -> Vocabulary {
    let kinds = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect::<BTreeSet<_>>();
    let languages = [
        ("rust".to_owned(), kinds(&["function_item", "_hidden"])),
        ("typescript".to_owned(), kinds(&["method_definition"])),
    ];
    Vocabulary { languages: BTreeMap::from(languages), query_mistake: None }
}

const SKILL: &str = "---\nname: t\ndescription: d\n---\nDo it.\n";
const CONFIG: &str = "schema = 1\nversion = \"0.0.0\"\nengine = \"minijinja\"\n[input.depth]\ntype = \"int\"\ndescription = \"How deep.\"\noptional = true\n[output]\ncontract = [\"hunks\"]\n";

fn template() -> Template {
    let files = Files {
        skill: SKILL.as_bytes(),
        config: Some(CONFIG.as_bytes()),
        prompt: Some(b"{{ depth }}{{ target }}"),
    };
    Template::parse(Path::new("t"), Layer::User, files).template.unwrap()
}

/// What is offered at the sign `|>`.
fn offered(file: &str, text: &str) -> Vec<Completion> {
    let (before, after) = text.split_once("|>").unwrap();
    completions(file, &format!("{before}{after}"), before.len(), Some(&template()), &vocabulary())
}

fn words(file: &str, text: &str) -> Vec<String> {
    offered(file, text).into_iter().map(|one| one.word).collect()
}

/// The text with the only word offered that starts with what is written so far.
fn completed(file: &str, text: &str, word: &str) -> String {
    let all = offered(file, text);
    let one = all.iter().find(|one| one.word == word).unwrap_or_else(|| panic!("{word} is not in {all:?}"));
    let mut written = text.replacen("|>", "", 1);
    written.replace_range(one.span.clone(), &one.insert);
    written
}

#[test]
fn a_prompt_is_offered_what_it_can_name() {
    let all = words("prompt.mj", "{{ ta|> }}");
    assert_eq!(all.first().map(String::as_str), Some("depth"), "inputs come first");
    assert!(all.contains(&"target".to_owned()) && all.len() == 11, "{all:?}");
    assert_eq!(completed("prompt.mj", "a {{ ta|> }} b", "target"), "a {{ target }} b");
    let kinds: Vec<_> = offered("prompt.mj", "{{ path | |> }}").iter().map(|one| one.kind).collect();
    assert!(kinds.len() == 12 && kinds.iter().all(|kind| *kind == WordKind::Filter), "{kinds:?}");
    assert_eq!(words("prompt.mj", "{% |>"), ["if", "elif", "else", "endif", "for", "endfor"]);
    assert_eq!(words("prompt.mj", "{% for |>"), Vec::<String>::new(), "a new name");
    assert_eq!(words("prompt.mj", "{% for one |>"), ["in"]);
    assert!(words("prompt.mj", "{% for one in |>").contains(&"findings".to_owned()));
    let inside = "{% for one in findings %}{{ one.|> }}{% endfor %}";
    assert_eq!(words("prompt.mj", inside), ["line", "rule", "message"]);
    assert_eq!(words("prompt.mj", "{% for one in context %}{{ o|> }}")[0], "one");
    assert_eq!(words("prompt.mj", "{% for one in context %}{{ loop.|> }}").len(), 4);
    for nothing in ["|>{{ target }}", "{{ target }} |>", "{{ findings.|> }}", "{{ other.|> }}", "a|>"] {
        assert_eq!(words("prompt.mj", nothing), Vec::<String>::new(), "{nothing}");
    }
}

#[test]
fn every_filter_that_is_offered_can_be_used() {
    for filter in offered("prompt.mj", "{{ path | |> }}") {
        let prompt = format!("{{{{ target }}}}{{{{ path | lines | {} }}}}", filter.word);
        let prompt =
            if matches!(filter.word.as_str(), "first" | "last" | "length" | "reverse" | "sort" | "unique") {
                prompt
            } else {
                prompt.replace("lines | ", "")
            };
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("t");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("SKILL.md"), SKILL).unwrap();
        let config = CONFIG
            .replace("[input.depth]\ntype = \"int\"\ndescription = \"How deep.\"\noptional = true\n", "");
        std::fs::write(folder.join("template.toml"), config).unwrap();
        let parsed = parse_text(&folder, Layer::User, ("prompt.mj", &prompt));
        let template = parsed.template.unwrap_or_else(|| panic!("{prompt}: {:?}", parsed.problems));
        let filled = autodao_templates::Prompt { path: "src/a.rs", ..Default::default() };
        template.render(autodao_templates::Contract::Hunks, &filled).unwrap();
    }
}

#[test]
fn a_configuration_is_offered_its_keys_and_their_values() {
    let root = words("template.toml", "schema = 1\n|>");
    assert!(root.contains(&"kind".to_owned()) && !root.contains(&"schema".to_owned()), "{root:?}");
    assert_eq!(completed("template.toml", "ki|>", "kind"), "kind = ");
    assert_eq!(completed("template.toml", "kind = |>", "explain"), "kind = \"explain\"");
    assert_eq!(completed("template.toml", "kind = \"ex|>\"", "explain"), "kind = \"explain\"");
    assert_eq!(words("template.toml", "[mo|>]").len(), 6);
    assert_eq!(completed("template.toml", "[inp|>", "input"), "[input.");
    let in_match = "[match]\ntask = [\n  \"fix\",\n  \"|>\"\n]\n";
    assert!(words("template.toml", in_match).contains(&"error-handling".to_owned()));
    assert_eq!(words("template.toml", "[match]\ntask = [\"fix\"]\n|>")[0], "language");
    assert_eq!(words("template.toml", "[match]\nlanguage = [\"|>\"]"), ["rust", "typescript"]);
    assert_eq!(words("template.toml", "[match]\nlanguage = \"rust\"\nnode = [\"|>\"]"), ["function_item"]);
    assert_eq!(words("template.toml", "[match]\nnode = |>"), ["function_item", "method_definition"]);
    assert_eq!(words("template.toml", "[output]\ncomments_only = |>"), ["true", "false"]);
    assert!(
        words("template.toml", "[output]\ncontract = [\"hunks\", |>]").contains(&"whole-node".to_owned())
    );
    assert!(words("template.toml", "[input.a]\ntype = \"|>\"").contains(&"enum".to_owned()));
    assert!(words("template.toml", "[input.a]\n|>").contains(&"pattern".to_owned()));
    for nothing in ["title = \"|>\"", "kind = \"explain\" |>\"", "# |>", "[unknown]\n|>"] {
        assert_eq!(words("template.toml", nothing), Vec::<String>::new(), "{nothing}");
    }
}

#[test]
fn every_key_and_value_that_is_offered_is_one() {
    for table in ["", "match", "context", "output", "budget", "model", "input.a"] {
        let head = if table.is_empty() { String::new() } else { format!("[{table}]\n") };
        for key in words("template.toml", &format!("{head}|>")) {
            let text = format!("{head}{key} = |>");
            let mut all: Vec<_> = words("template.toml", &text);
            if all.is_empty() {
                all.push("0".to_owned());
            }
            for value in all {
                let value = completed_or(&text, &value);
                let files = Files { skill: SKILL.as_bytes(), config: Some(value.as_bytes()), prompt: None };
                for problem in lint(Path::new("t"), Layer::User, files, &vocabulary()) {
                    let bad = problem.kind.id() == "unknown-key"
                        || problem.kind.id() == "bad-value"
                            && !value.ends_with(" 0")
                            && !value.contains("enum");
                    assert!(!bad, "{value}: {problem}");
                }
            }
        }
    }
}

fn completed_or(text: &str, value: &str) -> String {
    if value == "0" { text.replace("|>", "0") } else { completed("template.toml", text, value) }
}

#[test]
fn front_matter_and_locks_are_offered_their_words() {
    let head = words("SKILL.md", "---\nname: t\n|>");
    assert!(head.contains(&"description".to_owned()) && !head.contains(&"name".to_owned()), "{head:?}");
    assert_eq!(words("SKILL.md", "---\nname: t\nmetadata:\n  |>"), ["version"]);
    for nothing in ["---\nname: |>", "---\nname: t\n---\n|>", "|>", "---\nname: t\n---\n{{ |>"] {
        assert_eq!(words("SKILL.md", nothing), Vec::<String>::new(), "{nothing}");
    }
    assert_eq!(completed("templates.lock", "[pin]\na = |>", "canary"), "[pin]\na = \"canary\"");
    let labels = words("templates.lock", "[label.a]\ncanary = \"1.0.0\"\n|>");
    assert_eq!(labels, ["production", "staging"]);
    assert_eq!(words("templates.lock", "[history.a]\n|>"), Vec::<String>::new());
    assert_eq!(words("README.md", "|>"), Vec::<String>::new());
}

proptest! {
    #[test]
    fn any_text_at_any_place_is_taken(
        text in "(\\{\\{|\\{%|%\\}|\\}\\}|for |in |\\||\\.|\\[match\\]|node|= |\"|\\[|\\]|---|metadata:|:|\n| |é|a){0,24}",
        at in 0usize..64,
    ) {
        for file in ["prompt.mj", "SKILL.md", "template.toml", "templates.lock"] {
            for one in completions(file, &text, at.min(text.len()), None, &vocabulary()) {
                prop_assert!(text.get(one.span).is_some());
            }
        }
    }
}
