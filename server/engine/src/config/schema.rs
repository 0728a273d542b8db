//! The JSON Schema of `autodao.toml`, made from the catalog: editors complete and check the file with it.

use autodao_quality::{Catalog, Rule};
use serde_json::{Map, Value, json};

use super::ai::{AI_KEYS, CONFIRM};
use super::budget::{BUDGET_KEYS, WARN_AT};
use super::ledger::LEDGER_KEYS;
use super::model::{MODEL_KEYS, TIMEOUT_KEYS};
use super::settings::{EDITOR_KEYS, FILES_KEYS, LEVEL_KEY, LEVELS, TOP_KEYS};

/// The schema, draft 2020-12.
pub fn json_schema() -> Value {
    let rules: Map<String, Value> =
        Catalog::builtin().iter().map(|(_, rule)| (rule.id.to_owned(), rule_schema(rule))).collect();
    let describe = |keys: &[(&str, &'static str)], key: &str| {
        keys.iter().find(|(name, _)| *name == key).map_or("", |(_, description)| description)
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "autodao.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "rules": {
                "description": describe(&TOP_KEYS, "rules"),
                "type": "object",
                "additionalProperties": false,
                "properties": rules,
            },
            "files": {
                "description": describe(&TOP_KEYS, "files"),
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "exclude": {
                        "description": describe(&FILES_KEYS, "exclude"),
                        "type": "array",
                        "items": { "type": "string" },
                    },
                },
            },
            "editor": {
                "description": describe(&TOP_KEYS, "editor"),
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "lens-below": {
                        "description": describe(&EDITOR_KEYS, "lens-below"),
                        "type": "integer", "minimum": 0, "maximum": 10, "default": 0,
                    },
                },
            },
            "ai": ai_schema(describe(&TOP_KEYS, "ai")),
            "ledger": ledger_schema(describe(&TOP_KEYS, "ledger")),
        },
    })
}

fn ledger_schema(description: &str) -> Value {
    let days = LEDGER_KEYS.iter().map(|(key, what)| {
        (
            (*key).to_owned(),
            json!({"description": what, "type": "integer", "minimum": 0, "maximum": u32::MAX}),
        )
    });
    let properties: Map<String, Value> = days.collect();
    json!({
        "description": description, "type": "object", "additionalProperties": false, "properties": properties,
    })
}

fn ai_schema(description: &str) -> Value {
    let kind = |key: &str| match key {
        "enabled" | "discover" | "keyring" => json!({"type": "boolean"}),
        "context-tokens" | "output-tokens" | "window" | "keep-requests" => {
            json!({"type": "integer", "minimum": 0})
        }
        "fallback" | "key-command" => json!({"type": "array", "items": {"type": "string"}}),
        "confirm" => json!({"enum": CONFIRM.map(|(name, _)| name)}),
        "contract" => json!({"enum": ["whole-node", "hunks"]}),
        _ => json!({"type": "string"}),
    };
    let described = |mut schema: Value, description: &str| {
        schema["description"] = json!(description);
        schema
    };
    let object = |properties: Map<String, Value>| json!({"type": "object", "additionalProperties": false, "properties": properties});
    let numbers = |keys: &[(&str, &'static str)], number: &Value| {
        let entries = keys.iter().map(|(key, what)| ((*key).to_owned(), described(number.clone(), what)));
        object(entries.collect())
    };
    let timeouts = numbers(&TIMEOUT_KEYS, &json!({"type": "number", "exclusiveMinimum": 0}));
    let model = MODEL_KEYS.iter().map(|(key, what)| {
        let schema = if *key == "timeouts" { timeouts.clone() } else { kind(key) };
        ((*key).to_owned(), described(schema, what))
    });
    let mut model = object(model.collect());
    model["required"] = json!(["url", "model"]);
    let limits: Vec<_> = BUDGET_KEYS.iter().map(|key| (key.name, key.what)).collect();
    let mut budget = numbers(&limits, &json!({"type": "number", "minimum": 0}));
    budget["properties"][WARN_AT.0] =
        described(json!({"type": "number", "minimum": 0, "maximum": 1}), WARN_AT.1);
    let keys = AI_KEYS.iter().map(|(key, in_project, what)| {
        let mut schema = match *key {
            "models" => json!({"type": "object", "additionalProperties": model.clone()}),
            "budget" => budget.clone(),
            key => kind(key),
        };
        // An annotation: editors make of it that a workspace's settings cannot hold the key.
        if !in_project {
            schema["x-user-only"] = json!(true);
        }
        ((*key).to_owned(), described(schema, what))
    });
    described(object(keys.collect()), description)
}

fn rule_schema(rule: &Rule) -> Value {
    let level = json!({ "enum": LEVELS, "default": rule.level.name() });
    let mut properties = Map::from_iter([(LEVEL_KEY.to_owned(), level.clone())]);
    for option in rule.options {
        let schema = json!({
            "description": option.describes, "type": "integer", "minimum": 0, "maximum": u32::MAX, "default": option.default,
        });
        properties.insert(option.name.to_owned(), schema);
    }
    json!({
        "description": format!("{}. {}", rule.flags, rule.why),
        "anyOf": [level, { "type": "object", "additionalProperties": false, "properties": properties }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_lists_every_rule_with_its_default() {
        let schema = json_schema();
        for (_, rule) in Catalog::builtin().iter() {
            let default = &schema["properties"]["rules"]["properties"][rule.id]["anyOf"][0]["default"];
            assert_eq!(default, rule.level.name());
        }
    }
}
