//! Prompt files of other tools: a hundred in the shapes they have, read and taken over byte for byte.

use std::fs;

use crate::commands::{desk, said};

/// What stands in such files and means something to engines, shells or other tools.
const BODIES: [&str; 17] = [
    "Deploy with `${{ secrets.TOKEN }}` and ${{ matrix.os }}.\n",
    "Keep <div style={{ color: 'red' }}>{{ name }}</div> as it is.\n",
    "In Vue write `<p v-if=\"ok\">{{ message }}</p>`.\n",
    "{% if never %}Jinja{% endif %} {# no comment #} {{ 1 + 1 }}\n",
    "{{#each items}}{{> partial}}{{/each}} {{!-- handlebars --}}\n",
    "Do $ARGUMENTS, then $1 and $2.\n",
    "Change ${selection} in ${file}; ask ${input:name:Your name}.\n",
    "Now:\n!`touch sprung`\nAnd !`rm -rf .`\n",
    "Read @src/a.rs and @../../etc/passwd, and [this](../other.md).\n",
    "Windows\r\nlines\r\n",
    "Blanks at the end   \n\tand tabs\t\n\n\n",
    "no line feed at the end",
    "A rule:\n\n---\n\nand more behind it.\n",
    "```rust\nfn a() -> u8 { 1 }\n```\n````\n```\n````\n",
    "Grüße, 你好, \u{1f680}: \u{201c}quotes\u{201d}.\n",
    "#!/bin/sh\ntouch sprung\n$(touch sprung) `touch sprung`\n",
    "\\u0041 \\n %s {0} <!-- hidden --> &amp; \u{1}\n",
];

/// A path, and what stands above the body.
const SHAPES: [(&str, &str); 6] = [
    (
        ".github/prompts/NAME.prompt.md",
        "---\ndescription: 'Makes it better'\nmode: agent\ntools: ['codebase', 'edit']\n---\n",
    ),
    (".github/instructions/NAME.instructions.md", "---\napplyTo: '**/*.ts,**/*.tsx'\n---\n"),
    (
        ".claude/commands/NAME.md",
        "---\nallowed-tools: Bash(git:*)\nargument-hint: [what]\ndescription: Commits: all\n---\n",
    ),
    (".cursor/rules/NAME.mdc", "---\ndescription: TypeScript\nglobs: **/*.ts\nalwaysApply: false\n---\n"),
    ("NAME/AGENTS.md", ""),
    ("NAME/skills/x/SKILL.md", "---\nname: x\ndescription: Does x.\n---\n"),
];

#[test]
fn a_hundred_files_of_other_tools_go_on_byte_for_byte_and_nothing_is_run() {
    let desk = desk();
    desk.file("target.rs", "fn answer() -> u32 {\n    42\n}\n");
    let mut count = 0;
    for (shape, (path, head)) in SHAPES.iter().enumerate() {
        for (number, body) in BODIES.iter().enumerate() {
            count += 1;
            let name = format!("t{shape}-{number}");
            let path = path.replace("NAME", &name);
            desk.file(&path, &format!("{head}{body}"));
            let shown = desk.run(&["templates", "show", &path]);
            if body.contains('\u{1}') {
                // What no reader sees is not taken over.
                assert!(
                    shown.code == Some(2) && shown.stderr.contains("[hidden-unicode]"),
                    "{}",
                    shown.stderr
                );
                continue;
            }
            assert_eq!(shown.code, Some(0), "{path}: {}", shown.stderr);
            let (_, text) = shown.stdout.split_once("\n\n").unwrap();
            assert_eq!(text, *body, "{path}");
            for (part, id) in [
                ("$ARGUMENTS", "foreign-variable"),
                ("${selection}", "foreign-variable"),
                ("!`", "shell-injection"),
            ] {
                let own = match part {
                    "$ARGUMENTS" => [2, 5].contains(&shape),
                    "${selection}" => [0, 1].contains(&shape),
                    _ => true,
                };
                let is_told = shown.stderr.contains(id);
                assert!(!(own && body.contains(part)) || is_told, "{path}: {}", shown.stderr);
            }
            assert!(shown.stderr.lines().all(|line| line.starts_with("warning: ") && line.contains(':')));

            let begun = desk.run(&["templates", "new", &name, "--from", &path]);
            assert_eq!(begun.code, Some(0), "{path}: {}", begun.stderr);
            let skill = fs::read(desk.path("autodao/templates").join(&name).join("SKILL.md")).unwrap();
            assert!(skill.ends_with(body.as_bytes()), "{path}");
            let rendered = said(&desk, &["templates", "render", &name, "--target", "target.rs"]);
            assert!(rendered.contains(body.trim()), "{path}: {rendered}");
            assert!(!desk.path("sprung").exists(), "{path}");
        }
    }
    assert!(count >= 100, "{count}");
    let config = desk.read("autodao/templates/t3-0/template.toml");
    assert!(config.contains("globs = [\"**/*.ts\"]"), "{config}");
    assert!(desk.run(&["templates", "show", "target.rs"]).stderr.contains("is no prompt file"));
}
