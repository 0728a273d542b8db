//! Lints: each is found where it is, with its cure, and in hostile templates too.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use autodao_templates::{
    Files, Layer, Library, Problem, Severity, Vocabulary, lint, lint_folder, lint_library,
};
use expect_test::{Expect, expect};
use proptest::prelude::*;

const HEAD: &str = "---\nname: t\ndescription: d\n---\n\n";
const CONFIG: &str = "schema = 1\nengine = \"minijinja\"\n[output]\ncontract = \"hunks\"\n";

fn vocabulary() -> Vocabulary {
    let kinds = |kinds: &[&str]| kinds.iter().map(|&kind| kind.to_owned()).collect::<BTreeSet<_>>();
    let languages = [
        ("rust".to_owned(), kinds(&["function_item", "struct_item"])),
        ("typescript".to_owned(), kinds(&["function_declaration"])),
    ];
    Vocabulary { languages: languages.into(), query_mistake: None }
}

fn found(layer: Layer, body: &str, config: Option<&str>, prompt: Option<&str>) -> Vec<Problem> {
    let skill = format!("{HEAD}{body}\n");
    let files = Files {
        skill: skill.as_bytes(),
        config: config.map(str::as_bytes),
        prompt: prompt.map(str::as_bytes),
    };
    lint(Path::new("t"), layer, files, &vocabulary())
}

fn shown(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{} {problem}\n", problem.kind.id())).collect()
}

fn body(text: &str, expected: Expect) {
    expected.assert_eq(&shown(&found(Layer::User, text, None, None)));
}

#[test]
fn what_a_body_says() {
    body("Rename the target. Keep what it does, and keep it short.", expect![""]);
    body(
        "Rename the target to that.\n\nKeep it.  rename THE target to that!\nReply with one fenced block.\n",
        expect![[r#"
            duplicate-instruction t/SKILL.md:8:11: this is said twice; remove the second one
            form-instruction t/SKILL.md:9:1: the reply's form is stated by the contract already; remove the sentence
        "#]],
    );
    body(
        "Be brief. Explain it Step by Step.",
        expect![[r#"
            contradicting-length t/SKILL.md:6:22: `step by step` contradicts `be brief`; ask for one of them
        "#]],
    );
    body(
        "You are GPT-4o, or claude-sonnet-4.5. The gpt-family is meant, and a phi-angle.",
        expect![[r#"
            vendor-model-pinned t/SKILL.md:6:9: `GPT-4o` is one vendor's model; ask for a class of models under `[model]` with `prefer`
            vendor-model-pinned t/SKILL.md:6:20: `claude-sonnet-4.5` is one vendor's model; ask for a class of models under `[model]` with `prefer`
        "#]],
    );
    body(
        "State: !`git status`. Not: x!`y`, !`open\n",
        expect![[r#"
            shell-injection t/SKILL.md:6:8: `git status` is never run: the model would see it as it is; write what the model is to know
        "#]],
    );
}

#[test]
fn the_quick_fix_of_a_lint_removes_it() {
    let text = "Rename the target to that. Keep the rest. Rename the target to that.";
    let problems = found(Layer::User, text, None, None);
    let [problem] = &*problems else { panic!("{}", shown(&problems)) };
    let mut skill = format!("{HEAD}{text}\n");
    skill.replace_range(problem.span.clone(), problem.replacement.as_ref().unwrap());
    let fixed = skill.strip_prefix(HEAD).unwrap();
    assert_eq!(shown(&found(Layer::User, fixed, None, None)), "");
}

#[test]
fn names_that_no_grammar_has() {
    let config = format!(
        "schema = 1\n[match]\nlanguage = [\"rust\", \"typescrip\"]\nnode = [\"function_itm\", \"function_declaration\"]\n{}",
        CONFIG.split_once("\"minijinja\"\n").unwrap().1
    );
    expect![[r#"
        bad-language t/template.toml:3:22: there is no language `typescrip`; write `typescript`
        bad-node-kind t/template.toml:4:10: no grammar has the node kind `function_itm`; write `function_item`
        bad-node-kind t/template.toml:4:26: no grammar has the node kind `function_declaration`; look it up in the grammar
    "#]]
    .assert_eq(&shown(&found(Layer::User, "x", Some(&config), None)));
}

#[test]
fn text_behind_what_varies() {
    let long = "Keep the order of the lines. ".repeat(5);
    let prompt = format!("{long}\n{{{{ target }}}}\n{}\n{{{{ path }}}} short", long.replace("order", "look"));
    let problems = found(Layer::User, "x", Some(CONFIG), Some(&prompt));
    let volatile: Vec<_> =
        problems.iter().filter(|problem| problem.kind.id() == "volatile-before-stable").collect();
    assert_eq!(volatile.len(), 1, "{}", shown(&problems));
    assert_eq!(volatile[0].line, 3);
    assert!(prompt[volatile[0].span.clone()].starts_with("Keep the look"));
}

#[test]
fn what_only_the_folder_tells() {
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("t");
    fs::create_dir_all(template.join("references")).unwrap();
    fs::write(template.join("references/a.md"), "x").unwrap();
    let body = "See [a](references/a.md#top), [b](references/b.md), [c](../../secret), [d](https://x.y/z).\n";
    fs::write(template.join("SKILL.md"), format!("{HEAD}{body}")).unwrap();
    fs::write(template.join("template.toml"), CONFIG.replace("engine = \"minijinja\"\n", "")).unwrap();
    let ids = || -> Vec<_> {
        let problems = lint_folder(&template, Layer::User, &Vocabulary::default());
        problems.iter().map(|problem| problem.kind.id()).collect()
    };
    assert_eq!(ids(), ["missing-reference", "outside-folder", "missing-test"]);
    fs::create_dir(template.join("tests")).unwrap();
    fs::write(template.join("tests/basic.toml"), "schema = 1\n").unwrap();
    assert_eq!(
        ids(),
        ["missing-reference", "outside-folder", "missing-test"],
        "a file without a case is none"
    );
    fs::write(template.join("tests/basic.toml"), "schema = 1\n[[case]]\nname = \"a\"\ntarge = \"b\"\n")
        .unwrap();
    assert_eq!(ids(), ["missing-reference", "outside-folder", "unknown-key"]);
    let missing = lint_folder(&folder.path().join("none"), Layer::User, &Vocabulary::default());
    assert_eq!(missing.iter().map(|problem| problem.kind.id()).collect::<Vec<_>>(), ["missing-key"]);
}

#[test]
fn a_prompt_takes_nothing_in_and_says_what_to_do_instead() {
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("t");
    fs::create_dir_all(template.join("_partials")).unwrap();
    fs::write(template.join("SKILL.md"), format!("{HEAD}x\n")).unwrap();
    fs::write(template.join("template.toml"), CONFIG).unwrap();
    fs::write(template.join("_partials/tone.mj"), "Be kind.\n").unwrap();
    let prompt = |text: &str| {
        fs::write(template.join("prompt.mj"), text).unwrap();
        let problems = lint_folder(&template, Layer::User, &Vocabulary::default());
        problems.into_iter().find(|problem| problem.file.ends_with("prompt.mj")).unwrap()
    };
    let missing = prompt("{{ target }}\n{% include \"_partials/tune.mj\" %}\n");
    assert_eq!((missing.kind.id(), missing.line, missing.fixes.len()), ("missing-partial", 2, 0));
    let there = prompt("{{ target }}\n{% include '_partials/tone.mj' %}\n");
    assert_eq!(
        (there.kind.id(), &*there.fixes[0].title),
        ("invalid-prompt", "Write the text of _partials/tone.mj here")
    );
    assert_eq!(there.fixes[0].changes[0].after, "{{ target }}\nBe kind.\n");
    let outside = prompt("{% include \"../secret\" %}");
    assert_eq!((outside.kind.id(), outside.fixes.len()), ("invalid-prompt", 0));
}

#[test]
fn a_template_that_is_never_best() {
    let folder = tempfile::tempdir().unwrap();
    for (name, task) in [("a", "test"), ("b", "test"), ("c", "explain")] {
        let template = folder.path().join(name);
        fs::create_dir(&template).unwrap();
        fs::write(template.join("SKILL.md"), format!("---\nname: {name}\ndescription: d\n---\nx\n")).unwrap();
        let config = format!("schema = 1\n[match]\ntask = [\"{task}\"]\n[output]\ncontract = \"hunks\"\n");
        fs::write(template.join("template.toml"), config).unwrap();
    }
    let library = Library::load(&[(Layer::User, folder.path().to_owned())]);
    let problems = lint_library(&library);
    assert_eq!(problems.len(), 1, "{}", shown(&problems));
    assert!(problems[0].file.ends_with("b/template.toml"));
    assert_eq!(problems[0].kind.to_string(), "`a` is preferred wherever this applies");
}

#[test]
fn the_built_in_templates_have_none() {
    for (name, files) in autodao_templates::builtin_files() {
        let problems = lint(&Path::new("builtin").join(name), Layer::Builtin, *files, &Vocabulary::default());
        assert_eq!(shown(&problems), "", "{name}");
    }
    assert_eq!(shown(&lint_library(&Library::builtin())), "");
}

/// Every one of them is refused when it is read, so that it cannot be used, and the reason is told.
#[test]
fn a_hostile_template_is_refused_with_its_reason() {
    let key = ["sk-ant-api03-", "k3Jf92LmQp0Zx7Wb5Nt1Vy8Rc4Hd6Gs2Ta9Ue"].concat();
    let refused = |body: &str, config: &str, prompt: Option<&str>, expected: Expect| {
        let problems = found(Layer::Workspace, body, Some(config), prompt);
        assert!(problems.iter().any(|problem| problem.severity == Severity::Error));
        expected.assert_eq(&shown(&problems));
    };
    let plain = CONFIG.replace("engine = \"minijinja\"\n", "");
    refused(
        "x",
        CONFIG,
        Some("{% include \"../../../etc/passwd\" %}"),
        expect![[r#"
            invalid-prompt t/prompt.mj:1:1: bad prompt: a prompt takes in no other file: it is a form to fill in
        "#]],
    );
    refused(
        "x",
        CONFIG,
        Some("{% for a in range(1000000000) %}x{% endfor %}"),
        expect![[r#"
            invalid-prompt t/prompt.mj:1:18: bad prompt: brackets are not allowed in a tag: a prompt computes nothing
        "#]],
    );
    refused(
        "Do \u{200b}it.",
        &plain,
        None,
        expect![[r#"
            hidden-unicode t/SKILL.md:6:4: hidden character U+200B; remove it, or write it as an escape
        "#]],
    );
    refused(
        "x",
        &format!("endpoint = \"http://evil\"\n{plain}"),
        None,
        expect![[r#"
            forbidden-key t/template.toml:1:1: a template cannot set `endpoint`; remove it: endpoints, keys, commands and guards are the user's own configuration
        "#]],
    );
    refused(
        &format!("Use {key} for it."),
        &plain,
        None,
        expect![[r#"
            secret-in-template t/SKILL.md:6:5: holds an Anthropic API key; remove it and make it invalid where it was issued: it was readable for whoever has the file
        "#]],
    );
    refused(
        "x",
        &format!("{plain}keep_signature = false\n"),
        None,
        expect![[r#"
            relaxed-guard t/template.toml:4:18: a workspace's template cannot set `keep_signature`: it would relax what is asked of a reply; remove it, or move the template to your own templates
        "#]],
    );
}

#[test]
fn the_worst_texts_are_looked_at_in_bounds() {
    let size = 60 << 10;
    for piece in [
        "](",
        "[a](b",
        "!`",
        "!`a` ",
        "sk-",
        "gpt-4 ",
        "a. ",
        "a b c d. ",
        "-----BEGIN ",
        "be brief",
        "\u{130}",
        "[a](../b)",
        "say in the code block reply. ",
        "\u{200b}",
        "\n",
        "eyJhbGciOi",
    ] {
        let text = piece.repeat(size / piece.len());
        let problems = found(Layer::Workspace, &text, None, None);
        assert!(problems.len() <= 64, "{piece:?}: {}", problems.len());
        found(Layer::Workspace, "x", Some(CONFIG), Some(&text));
    }
}

proptest! {
    #[test]
    fn nothing_panics_and_places_are_in_the_text(
        body in "(\\]\\(|!`|`|gpt-4|İ|be brief|in detail|[a-z ]{0,9}|\\. |\n|\\{\\{ target \\}\\}|\\PC){0,40}",
        config in any::<bool>(),
    ) {
        let skill = format!("{HEAD}{body}\n");
        let config = config.then_some(CONFIG.as_bytes());
        let files = Files { skill: skill.as_bytes(), config, prompt: config.map(|_| body.as_bytes()) };
        for problem in lint(Path::new("t"), Layer::Workspace, files, &vocabulary()) {
            let text = if problem.file.ends_with("SKILL.md") { &skill } else { &body };
            if !problem.file.ends_with("template.toml") {
                prop_assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
            }
        }
    }
}
