//! Prompt files of other tools.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails, fails its test")]

use std::path::Path;

use autodao_templates::{Dialect, ForeignPrompt, read_foreign};
use proptest::prelude::*;

fn read(path: &str, text: &str) -> ForeignPrompt {
    read_foreign(Path::new(path), text.as_bytes()).unwrap()
}

fn ids(prompt: &ForeignPrompt) -> Vec<&'static str> {
    prompt.problems.iter().map(|problem| problem.kind.id()).collect()
}

#[test]
fn a_path_says_whose_a_file_is() {
    for (path, dialect) in [
        (".github/prompts/a.prompt.md", Some(Dialect::Prompt)),
        (".github/instructions/a.instructions.md", Some(Dialect::Instructions)),
        (".github/copilot-instructions.md", Some(Dialect::Instructions)),
        ("AGENTS.md", Some(Dialect::Agents)),
        ("sub/CLAUDE.md", Some(Dialect::Agents)),
        (".claude/commands/git/pr.md", Some(Dialect::Command)),
        (".cursor/rules/a.mdc", Some(Dialect::Rule)),
        ("skills/a/SKILL.md", Some(Dialect::Skill)),
        ("README.md", None),
        ("a.rs", None),
    ] {
        assert_eq!(Dialect::of(Path::new(path)), dialect, "{path}");
    }
}

#[test]
fn front_matter_that_is_no_yaml_is_read_line_by_line() {
    let rule = "---\ndescription: On tests: all of them\nglobs: **/*.ts, src/{a,b}/*.rs\nalwaysApply: false\n---\nText.\n";
    let prompt = read("a.mdc", rule);
    assert_eq!(prompt.globs, ["**/*.ts", "src/{a,b}/*.rs"]);
    assert_eq!(
        (prompt.description.as_str(), &rule[prompt.body.clone()]),
        ("On tests: all of them", "Text.\n")
    );
    let apply = read("a.instructions.md", "---\napplyTo: '**/*.ts,**/*.tsx'\n---\n");
    assert_eq!((apply.globs, apply.body.len()), (vec!["**/*.ts".to_owned(), "**/*.tsx".to_owned()], 0));
    let list = read("a.mdc", "---\nglobs:\n  - \"*.rs\"\n  - '*.toml'\nother:\n  - x\n---\n");
    assert_eq!(list.globs, ["*.rs", "*.toml"]);
    assert!(read("a.instructions.md", "---\napplyTo: \"**\"\n---\n").globs.is_empty());
    let open = read("a.mdc", "---\nglobs: *.rs\nText.\n");
    assert_eq!((ids(&open), open.body), (vec!["invalid-front-matter"], 0..22));
}

#[test]
fn what_another_tool_would_fill_in_or_run_is_told() {
    let command = "---\ndescription: d\n---\nLook: !`git status` and $ARGUMENTS of $1.\n";
    let prompt = read(".claude/commands/a.md", command);
    assert_eq!(ids(&prompt), ["foreign-variable", "foreign-variable", "shell-injection"]);
    for problem in &prompt.problems {
        let shown = &command[problem.span.clone()];
        assert!(["$ARGUMENTS", "$1", "!`git status`"].contains(&shown), "{shown}");
    }
    let prompt =
        read("a.prompt.md", "Change ${selection}, ask ${input:name:your name}, keep ${{ secrets.X }}.");
    let shown: Vec<_> = prompt.problems.iter().map(|problem| problem.kind.to_string()).collect();
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(shown[1].contains("${input:name:your name}"), "{shown:?}");
    assert_eq!(ids(&read("AGENTS.md", "Be\u{200b} good.")), ["hidden-unicode"]);
    assert_eq!(ids(&read_foreign(Path::new("AGENTS.md"), b"\xff").unwrap()), ["unreadable-file"]);
    assert_eq!(ids(&read("AGENTS.md", &"x".repeat(70_000))), ["file-too-large"]);
}

proptest! {
    #[test]
    fn nothing_panics_and_the_body_is_the_end_of_the_text(
        path in prop::sample::select(vec!["a.mdc", "a.prompt.md", "AGENTS.md", ".claude/commands/a.md"]),
        parts in prop::collection::vec(prop::sample::select(vec![
            "---", "\n", "\r\n", "globs:", " ", "- ", "[", "{", ",", "\"", "description: ", "!`", "`", "${input:", "}", "é", "\u{feff}",
        ]), 0..40),
    ) {
        let text = parts.concat();
        let prompt = read(path, &text);
        prop_assert_eq!(prompt.body.end, text.len());
        prop_assert!(text.get(prompt.body.clone()).is_some());
        for problem in &prompt.problems {
            prop_assert!(text.get(problem.span.clone()).is_some());
        }
    }
}
