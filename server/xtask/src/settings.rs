//! `cargo xtask settings`: the settings in the VS Code extension's manifest, made from the schema of `autodao.toml`.
//!
//! Only the last group of settings is ours to write; the rest of the manifest stays as it is, byte for byte.

use serde_json::{Map, Value, json};

use crate::Failure;
use crate::process::{program, root, step};

const MANIFEST: &str = "editors/vscode/package.json";
/// What stands right before the object that is written.
const MARK: &str = "\"title\": \"Analysis and AI\", \"properties\": ";
/// Columns that the object's last line is indented by.
const INDENT: usize = 6;

/// With `--check`, says whether the manifest is in step, and changes nothing.
pub(crate) fn run(options: &[&str]) -> Result<(), Failure> {
    let check = match options {
        [] => false,
        ["--check"] => true,
        _ => return Err("usage: cargo xtask settings [--check]".to_owned()),
    };
    step("build", &mut program())?;
    let binary = root().join("target/debug/autodao");
    let output = std::process::Command::new(&binary).args(["config", "schema"]).output();
    let output = output.map_err(|error| format!("{}: {error}", binary.display()))?;
    let schema = serde_json::from_slice(&output.stdout).map_err(|error| format!("the schema: {error}"))?;
    let path = root().join(MANIFEST);
    let failed = |error: std::io::Error| format!("{MANIFEST}: {error}");
    let text = std::fs::read_to_string(&path).map_err(failed)?;
    let written = replaced(&text, &properties(&schema))?;
    if written == text {
        return Ok(());
    }
    if check {
        return Err(format!("{MANIFEST} is not in step with the schema: run `cargo xtask settings`"));
    }
    std::fs::write(&path, written).map_err(failed)
}

/// The manifest with these properties in the last group.
fn replaced(manifest: &str, properties: &Value) -> Result<String, Failure> {
    let at = manifest.find(MARK).ok_or(format!("{MANIFEST} has no group of settings to write"))? + MARK.len();
    let rest = &manifest[at..];
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    if !matches!(values.next(), Some(Ok(Value::Object(_)))) {
        return Err(format!("{MANIFEST}: no object follows the group's title"));
    }
    let after = &rest[values.byte_offset()..];
    let indented = format!("{properties:#}").replace('\n', &format!("\n{}", " ".repeat(INDENT)));
    Ok(format!("{}{indented}{after}", &manifest[..at]))
}

/// The schema's keys as settings of VS Code: one for each key of a table, one for all rules.
fn properties(schema: &Value) -> Value {
    let mut settings = Map::new();
    for (section, value) in entries(&schema["properties"]) {
        if section == "rules" {
            settings.insert("autodao.rules".to_owned(), setting(value, "resource"));
            continue;
        }
        for (key, value) in entries(&value["properties"]) {
            let is_users = value["x-user-only"] == true;
            let scope = if is_users { "application" } else { "resource" };
            settings.insert(format!("autodao.{section}.{key}"), setting(value, scope));
        }
    }
    Value::Object(settings)
}

/// One setting. What is not set is null: the server's own default holds then, and a file's value.
fn setting(schema: &Value, scope: &str) -> Value {
    let mut setting = described(schema);
    let kind = setting.get("type").cloned().unwrap_or_else(|| json!("string"));
    if kind == "object" {
        setting["default"] = json!({});
    } else {
        setting["type"] = json!([kind, "null"]);
        setting["default"] = Value::Null;
    }
    if let Some(Value::Array(values)) = setting.get_mut("enum") {
        values.push(Value::Null);
    }
    setting["scope"] = json!(scope);
    setting
}

/// A schema with its descriptions as sentences of Markdown.
fn described(schema: &Value) -> Value {
    match schema {
        Value::Object(entries) => entries
            .iter()
            .filter(|(key, _)| *key != "x-user-only")
            .map(|(key, value)| match (key.as_str(), value) {
                ("description", Value::String(text)) => {
                    ("markdownDescription".to_owned(), json!(sentence(text)))
                }
                (_, value) => (key.clone(), described(value)),
            })
            .collect(),
        Value::Array(values) => values.iter().map(described).collect(),
        other => other.clone(),
    }
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_settings_that_a_workspace_may_have_or_not() {
        let schema = json!({"properties": {
            "rules": {"type": "object", "description": "levels", "properties": {"r": {"description": "one"}}},
            "ai": {"properties": {
                "enabled": {"type": "boolean", "description": "whether"},
                "confirm": {"enum": ["never"], "description": "when", "x-user-only": true},
            }},
        }});
        assert_eq!(
            properties(&schema),
            json!({
                "autodao.rules": {
                    "type": "object", "markdownDescription": "Levels.", "default": {}, "scope": "resource",
                    "properties": {"r": {"markdownDescription": "One."}},
                },
                "autodao.ai.enabled": {
                    "type": ["boolean", "null"], "markdownDescription": "Whether.", "default": null, "scope": "resource",
                },
                "autodao.ai.confirm": {
                    "type": ["string", "null"], "enum": ["never", null], "markdownDescription": "When.",
                    "default": null, "scope": "application",
                },
            })
        );
    }

    #[test]
    fn the_rest_of_a_manifest_stays() {
        let manifest = format!("{{ \"b\":  1,\n{MARK}{{\"x\": \"}}\"}} ,\"a\":2}}");
        let written = replaced(&manifest, &json!({})).unwrap_or_default();
        assert_eq!(written, format!("{{ \"b\":  1,\n{MARK}{{}} ,\"a\":2}}"));
        assert!(replaced("{}", &json!({})).is_err());
    }
}
