//! Beginning a template from a built-in one.

use std::collections::BTreeMap;

use crate::skill::is_name;
use crate::{Input, InputKind, InputValue, Layer, Prompt, Template, at_most_tokens, builtin_files};

pub(crate) const TEST: &str = r#"schema = 1

[[case]]
name = "basic"
language = "rust"
path = "src/lib.rs"
target = "fn answer() -> u32 {\n    42\n}\n"
instruction = "Return 43."

[case.expect]
max_tokens = 350
contains = ["fn answer"]
"#;

/// A first test for a template: that it renders, in no more tokens than it does now.
pub(crate) fn first_test(template: &Template) -> String {
    let language = template.spec.applies.languages.first().map_or("rust", String::as_str);
    let (path, target) = match language {
        "rust" => ("src/lib.rs", "fn answer() -> u32 {\n    42\n}\n"),
        "typescript" | "tsx" => ("src/answer.ts", "function answer(): number {\n    return 42;\n}\n"),
        _ => ("src/answer.js", "function answer() {\n    return 42;\n}\n"),
    };
    let example = |input: &Input| match &input.kind {
        InputKind::Text { .. } => InputValue::Text("example".to_owned()),
        InputKind::Int { min, max } => InputValue::Int(0.clamp(*min, *max)),
        InputKind::Bool => InputValue::Bool(false),
        InputKind::Enum(words) => InputValue::Text(words.first().cloned().unwrap_or_default()),
    };
    let needed = template.spec.inputs.iter().filter(|(_, input)| input.default.is_none());
    let inputs: BTreeMap<_, _> = needed.map(|(name, input)| (name.clone(), example(input))).collect();
    let prompt = Prompt {
        language,
        path,
        target,
        instruction: "Return 43.",
        inputs: (!inputs.is_empty()).then_some(&inputs),
        ..Prompt::default()
    };
    let rendered = template.spec.contracts.iter().filter_map(|form| template.render(*form, &prompt).ok());
    let tokens = rendered.map(|rendered| at_most_tokens(rendered.system.len() + rendered.user.len())).max();
    let given: String = inputs
        .iter()
        .map(|(name, value)| match value {
            InputValue::Text(text) => format!("{name} = {text:?}\n"),
            InputValue::Int(number) => format!("{name} = {number}\n"),
            InputValue::Bool(truth) => format!("{name} = {truth}\n"),
        })
        .collect();
    let given = if given.is_empty() { given } else { format!("\n[case.input]\n{given}") };
    format!(
        "schema = 1\n\n[[case]]\nname = \"basic\"\nlanguage = \"{language}\"\npath = \"{path}\"\ntarget = {target:?}\ninstruction = \"Return 43.\"\n{given}\n[case.expect]\nmax_tokens = {}\ncontains = [\"answer\"]\n",
        tokens.unwrap_or(350)
    )
}

/// What a built-in template may set and a workspace's may not.
const POWERS: [&str; 3] = ["keep_signature = false", "keep_items = false", "new_items = true"];

/// Why no template can be begun.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// The name is none.
    #[error("`{0}` is no name: use lower-case letters, digits and single hyphens between them, at most 64")]
    BadName(String),
    /// There is nothing of that name to begin with.
    #[error("there is no built-in template `{0}`")]
    Unknown(String),
}

/// The files of a new template, as paths in its folder and texts: a built-in one under another name, with version
/// 0.1.0 and a test. What a workspace's template cannot set is left out of one for a workspace.
pub fn scaffold(name: &str, from: &str, layer: Layer) -> Result<[(&'static str, String); 3], ScaffoldError> {
    if !is_name(name) {
        return Err(ScaffoldError::BadName(name.to_owned()));
    }
    let known = builtin_files().iter().find(|(known, _)| *known == from);
    let (_, files) = known.ok_or_else(|| ScaffoldError::Unknown(from.to_owned()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let numbered = |line: &str| match line.split_once('"') {
        Some((head, _)) if line.trim_start().starts_with("version") => format!("{head}\"0.1.0\"\n"),
        _ => format!("{line}\n"),
    };
    let skill = text(files.skill).replacen(&format!("name: {from}\n"), &format!("name: {name}\n"), 1);
    let config = text(files.config.unwrap_or_default());
    // The title is made of the name where none is stated.
    let stays = |line: &&str| {
        !line.starts_with("title") && (layer != Layer::Workspace || !POWERS.contains(&line.trim()))
    };
    Ok([
        ("SKILL.md", skill.lines().map(numbered).collect()),
        ("template.toml", config.lines().filter(stays).map(numbered).collect()),
        ("tests/basic.toml", TEST.to_owned()),
    ])
}
