//! Templates made to do harm: bounded, refused, and nothing panics.

use std::path::Path;

use autodao_templates::{Contract, Files, Finding, Layer, Prompt, RenderError, Template};
use proptest::prelude::*;

const SKILL: &[u8] = b"---\nname: t\ndescription: d\n---\nx\n";
const CONFIG: &[u8] = b"schema = 1\nengine = \"minijinja\"\n[output]\ncontract = \"hunks\"\n";

fn template(prompt: &str) -> Option<Template> {
    let files = Files { skill: SKILL, config: Some(CONFIG), prompt: Some(prompt.as_bytes()) };
    Template::parse(Path::new("t"), Layer::Workspace, files).template
}

#[test]
fn a_rendering_ends() {
    let findings = [Finding { line: 1, rule: "r", message: "m" }; 100];
    let target = "0123456789".repeat(1000);
    let prompt = Prompt { target: &target, findings: &findings, ..Prompt::default() };
    let nested =
        |depth, inner: &str| "{% for a in findings %}".repeat(depth) + inner + &"{% endfor %}".repeat(depth);
    for text in
        [nested(2, "{{ target }}"), nested(4, ""), nested(30, "x"), nested(2, "{{ target | upper | lower }}")]
    {
        let rendered = template(&text).unwrap().render(Contract::Hunks, &prompt);
        assert!(matches!(rendered, Err(RenderError::TooMuch { .. })), "{text}: {rendered:?}");
    }
    for text in ["{{ 'x' * 1000000000 }}", "{{ 10 ** 10 ** 10 }}", "{{ 'x' | center | indent: 9 }}"] {
        if let Some(template) = template(text) {
            assert!(template.render(Contract::Hunks, &prompt).is_err(), "{text}");
        }
    }
}

#[test]
fn deep_nesting_is_refused_or_read() {
    for prompt in [
        format!("{{{{ target{} }}}}", ".a".repeat(20_000)),
        format!("{{{{ target{} }}}}", "|upper".repeat(5_000)),
        format!("{{{{ {}target }}}}", "not ".repeat(5_000)),
        format!("{{{{ {}target }}}}", "not ".repeat(55)),
        format!("{{{{ {}target }}}}", "-".repeat(240)),
        format!("{{{{ target{} }}}}", ".a".repeat(115)),
        "{% if target %}".repeat(4_000),
        format!("{}{}", "{% if path %}".repeat(120), "{% endif %}".repeat(120)),
        format!("{{% if path %}}{}{{% endif %}}", "{% elif path %}".repeat(250)),
        "{% raw %}{#{% endraw %}".to_owned(),
        "{#".to_owned(),
        "{{ '".to_owned() + "}}' ~ 'x",
    ] {
        if let Some(template) = template(&prompt) {
            let _ = template.render(Contract::Hunks, &Prompt { path: "p", ..Prompt::default() });
        }
    }
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(3_000), close.repeat(3_000));
    for config in [
        format!("schema = 1\na = {}", nested("[", "]")),
        format!("schema = 1\na = {}", nested("{a=", "}")),
        format!("{} = 1", ["a"; 5_000].join(".")),
        format!("[{}]", ["a"; 5_000].join(".")),
    ] {
        let files = Files { skill: SKILL, config: Some(config.as_bytes()), prompt: None };
        assert!(Template::parse(Path::new("t"), Layer::User, files).template.is_none());
    }
    for yaml in
        [nested("[", "]"), nested("{a: ", "}"), "- ".repeat(3_000), "? ".repeat(3_000), "&a ".repeat(2_000)]
    {
        let skill = format!("---\nname: t\ndescription: d\nlicense: {yaml}\n---\nx\n");
        let files = Files { skill: skill.as_bytes(), ..Files::default() };
        assert!(Template::parse(Path::new("t"), Layer::User, files).template.is_none());
    }
}

#[test]
fn what_is_too_large_is_not_read() {
    let large = vec![b'a'; (64 << 10) + 1];
    for files in [
        Files { skill: &large, ..Files::default() },
        Files { skill: SKILL, config: Some(&large), prompt: None },
        Files { skill: SKILL, config: Some(CONFIG), prompt: Some(&large) },
    ] {
        let parsed = Template::parse(Path::new("t"), Layer::User, files);
        assert!(parsed.template.is_none());
        assert_eq!(parsed.problems.last().unwrap().kind.id(), "file-too-large");
    }
}

/// Text made of what the formats are made of.
fn words(words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        9 => prop::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..3),
    ];
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

const STARTS: &[&[u8]] = &[b"", SKILL, b"---\nname: t\ndescription: d\n"];
const HEADS: &[&[u8]] = &[b"", CONFIG];
const YAML: &[&str] = &[
    "---",
    "\n",
    "\r\n",
    "name",
    ": ",
    "t",
    "description",
    "metadata",
    "version",
    "1.0.0",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "|",
    ">",
    "*",
    "&a",
    "!t",
    "\"",
    "'",
    "  ",
    "#",
    "...",
    "%YAML",
    "? ",
    ",",
    "é",
];
const TOML: &[&str] = &[
    "schema = 1\n",
    "[match]\n",
    "[output]\n",
    "[input.a]\n",
    "contract",
    " = ",
    "\"hunks\"",
    "[\"hunks\"]",
    "task",
    "\"fix\"",
    "globs",
    "\"**/[\"",
    "type",
    "\"string\"",
    "pattern",
    "\"(a*)*\"",
    "default",
    "1",
    "true",
    "\n",
    "[",
    "]",
    ".",
    "version",
    "\"1.0.0\"",
    "diagnostic",
    "{",
    "}",
    "min_lines",
    "1e400",
    "stop",
    "min_score_delta",
    "nan",
    "engine = \"minijinja\"\n",
];
const JINJA: &[&str] = &[
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    " target ",
    "context",
    " if ",
    " endif ",
    "for x in findings",
    "endfor",
    "|",
    "upper",
    ".",
    "\"",
    "'",
    "\\",
    "raw",
    "endraw",
    "-",
    "+",
    "*",
    "~",
    "==",
    "not ",
    "1",
    "[",
    "(",
    "\n",
    "é",
    "set",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn any_bytes_are_read_without_a_panic(
        start in prop::sample::select(STARTS),
        skill in words(YAML),
        head in prop::sample::select(HEADS),
        config in prop::option::of(words(TOML)),
        prompt in prop::option::of(words(JINJA)),
        workspace in any::<bool>(),
    ) {
        let skill = [start, &skill].concat();
        let config = config.map(|config| [head, &config].concat());
        let files = Files { skill: &skill, config: config.as_deref(), prompt: prompt.as_deref() };
        let layer = if workspace { Layer::Workspace } else { Layer::User };
        let parsed = Template::parse(Path::new("t"), layer, files);
        for problem in &parsed.problems {
            prop_assert!(problem.line >= 1 && problem.column >= 1 && problem.span.start <= problem.span.end);
            let _ = problem.to_string();
        }
        if let Some(template) = parsed.template {
            for contract in Contract::ALL {
                let _ = template.render(contract, &Prompt { target: "fn f() {}", instruction: "i", ..Prompt::default() });
            }
        }
    }

    #[test]
    fn any_prompt_that_is_taken_renders_within_bounds(prompt in words(JINJA), target in any::<String>()) {
        let files = Files { skill: SKILL, config: Some(CONFIG), prompt: Some(&prompt) };
        if let Some(template) = Template::parse(Path::new("t"), Layer::Workspace, files).template
            && let Ok(rendered) = template.render(Contract::Hunks, &Prompt { target: &target, ..Prompt::default() })
        {
            prop_assert!(rendered.user.len() <= 64 * (20_000 + target.len()));
        }
    }
}
