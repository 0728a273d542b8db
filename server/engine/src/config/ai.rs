//! The settings of AI edits: which models there are, and what may be sent to them.
//!
//! Where text goes, with which key, is never for a workspace to say: a cloned project must not be able to send its
//! reader's code, or key, anywhere. Its file may only ask for less.

use std::collections::BTreeMap;

use autodao_ledger::Unit;

use super::Scope;
use super::budget::{BUDGET_KEYS, BudgetSettings, WARN_AT};
use super::model::ModelSettings;
use super::reader::Reader;
use super::value::{Content, Entry, Located};

/// The settings under `ai`. What is `None` was not said.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AiSettings {
    /// Whether AI actions are offered.
    pub enabled: Option<bool>,
    /// The name of the model to use.
    pub model: Option<String>,
    /// Models to try in this order when the one before fails. A local model never falls back to a remote one
    /// that is not named here.
    pub fallback: Option<Vec<String>>,
    /// Whether a server on this machine, or a key in the environment, is looked for when no model is set.
    pub discover: Option<bool>,
    /// When an edit is shown for confirmation first.
    pub confirm: Option<Confirm>,
    /// How many tokens beside the target a prompt may hold.
    pub context_tokens: Option<u32>,
    /// For how many days requests are kept as they were sent. Not at all when it is not said.
    pub keep_requests: Option<u32>,
    /// The most an edit, a day and a month may cost, in millionths of a US dollar.
    pub budget: BudgetSettings,
    /// Models by name.
    pub models: BTreeMap<String, ModelSettings>,
}

/// When an AI edit is shown before it is applied, in clients that can do that.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Confirm {
    /// Never.
    Never,
    /// When it touches more than one place or makes the score worse.
    #[default]
    Doubtful,
    /// Always.
    Always,
}

/// The keys of `ai`: name, whether a project's file may have it, what it says.
pub(super) const AI_KEYS: [(&str, bool, &str); 9] = [
    ("enabled", true, "whether AI actions are offered; a project can switch them off"),
    ("model", false, "the name of the model to use, one of `models`"),
    ("fallback", false, "models to try in this order when the one before fails"),
    (
        "discover",
        false,
        "whether to look for a local server or a key in the environment when no model is set",
    ),
    ("confirm", false, "when an edit is shown for confirmation: `never`, `doubtful` or `always`"),
    ("context-tokens", true, "how many tokens beside the target a prompt may hold"),
    (
        "budget",
        false,
        "the most that may be spent: `edit`, `day`, `month` in US dollars, `edit-tokens`, `day-tokens`, `month-tokens`; \
         the last four also with `workspace-` or `template-` before them; `warn-at`",
    ),
    (
        "keep-requests",
        false,
        "for how many days requests are kept as they were sent, to be looked at; 0: not at all",
    ),
    ("models", false, "models by name"),
];

/// The values of `confirm`.
pub(super) const CONFIRM: [(&str, Confirm); 3] =
    [("never", Confirm::Never), ("doubtful", Confirm::Doubtful), ("always", Confirm::Always)];

impl AiSettings {
    /// What these settings say where the layer above says nothing. A switch-off holds whoever says it.
    #[must_use]
    pub fn under(self, above: Self) -> Self {
        let enabled = match (self.enabled, above.enabled) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (below, above) => above.or(below),
        };
        let mut models = self.models;
        models.extend(above.models);
        Self {
            enabled,
            model: above.model.or(self.model),
            fallback: above.fallback.or(self.fallback),
            discover: above.discover.or(self.discover),
            confirm: above.confirm.or(self.confirm),
            context_tokens: above.context_tokens.or(self.context_tokens),
            keep_requests: above.keep_requests.or(self.keep_requests),
            budget: self.budget.under(above.budget),
            models,
        }
    }
}

impl Reader {
    pub(super) fn ai(&mut self, value: &Located, scope: Scope) {
        for entry in self.entries(value, "`ai`") {
            let known = AI_KEYS.iter().find(|(key, ..)| *key == entry.key);
            let Some((_, in_project, _)) = known else {
                self.unknown_key(entry, &AI_KEYS.map(|(key, ..)| key));
                continue;
            };
            if scope == Scope::Project && !in_project {
                let message = format!(
                    "`{}` cannot be set by a project: set it in your own configuration, or in the editor",
                    entry.key
                );
                self.problem(entry.key_span, message);
                continue;
            }
            self.ai_key(entry, scope);
        }
    }

    fn ai_key(&mut self, entry: &Entry, scope: Scope) {
        match entry.key.as_str() {
            "enabled" => self.settings.ai.enabled = self.flag(entry),
            "discover" => self.settings.ai.discover = self.flag(entry),
            "model" => self.settings.ai.model = self.text(entry),
            "fallback" => self.settings.ai.fallback = self.texts(entry),
            "context-tokens" => self.settings.ai.context_tokens = self.number(entry),
            "keep-requests" => self.settings.ai.keep_requests = self.number(entry),
            "confirm" => {
                if let Some(name) = self.text(entry) {
                    let confirm =
                        CONFIRM.iter().find(|(known, _)| *known == name).map(|(_, confirm)| *confirm);
                    if confirm.is_none() {
                        let message = format!("`{name}` is not a moment to confirm at");
                        self.unknown(
                            entry.value.span,
                            &name,
                            &CONFIRM.map(|(name, _)| name),
                            message,
                            "\"",
                            "there are `never`, `doubtful`, `always`",
                        );
                    }
                    self.settings.ai.confirm = confirm;
                }
            }
            "budget" => {
                for limit in self.entries(&entry.value, "`budget`") {
                    if limit.key == WARN_AT.0 {
                        self.settings.ai.budget.warn_at = self.hundredths(limit);
                        continue;
                    }
                    let found = BUDGET_KEYS.iter().enumerate().find(|(_, key)| key.name == limit.key);
                    let Some((at, key)) = found else {
                        let known: Vec<_> =
                            BUDGET_KEYS.iter().map(|key| key.name).chain([WARN_AT.0]).collect();
                        self.unknown_key(limit, &known);
                        continue;
                    };
                    let amount = match key.unit {
                        Unit::Micros => self.dollars(limit),
                        Unit::Tokens => self.tokens(limit),
                    };
                    self.settings.ai.budget.set(at, amount);
                }
            }
            _ => {
                for model in self.entries(&entry.value, "`models`") {
                    let settings = self.model(model, scope);
                    self.settings.ai.models.insert(model.key.clone(), settings);
                }
            }
        }
    }

    pub(super) fn flag(&mut self, entry: &Entry) -> Option<bool> {
        if let Content::Flag(flag) = entry.value.content {
            return Some(flag);
        }
        self.problem(entry.value.span, format!("`{}` must be true or false", entry.key));
        None
    }

    pub(super) fn text(&mut self, entry: &Entry) -> Option<String> {
        if let Content::Text(text) = &entry.value.content {
            return Some(text.clone());
        }
        self.problem(entry.value.span, format!("`{}` must be a string", entry.key));
        None
    }

    pub(super) fn texts(&mut self, entry: &Entry) -> Option<Vec<String>> {
        if let Content::List(items) = &entry.value.content {
            let texts = items.iter().map(|item| match &item.content {
                Content::Text(text) => Some(text.clone()),
                _ => None,
            });
            if let Some(texts) = texts.collect() {
                return Some(texts);
            }
        }
        self.problem(entry.value.span, format!("`{}` must be a list of strings", entry.key));
        None
    }

    pub(super) fn number(&mut self, entry: &Entry) -> Option<u32> {
        if let Content::Number(number) = entry.value.content
            && let Ok(number) = u32::try_from(number)
        {
            return Some(number);
        }
        self.problem(
            entry.value.span,
            format!("`{}` must be a whole number from 0 to {}", entry.key, u32::MAX),
        );
        None
    }

    fn tokens(&mut self, entry: &Entry) -> Option<u64> {
        self.number(entry).map(u64::from)
    }

    /// A part of a whole, 0 to 1.
    fn hundredths(&mut self, entry: &Entry) -> Option<u8> {
        let part = self.amount(entry, |part| (0.0..=1.0).contains(&part), "a number from 0 to 1");
        part.map(|part| (part * 100.0).round() as u8)
    }

    /// An amount of dollars, as millionths.
    fn dollars(&mut self, entry: &Entry) -> Option<u64> {
        let dollars = self.amount(entry, |dollars| (0.0..=1e9).contains(&dollars), "an amount of US dollars");
        dollars.map(|dollars| (dollars * 1e6).round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use autodao_ledger::{Over, Scope as Spending};

    use super::*;
    use crate::config::{Problem, Settings};

    fn read(text: &str, scope: Scope) -> (AiSettings, Vec<String>) {
        let (settings, problems) = Settings::from_toml(text, scope);
        let shown = |problem: &Problem| {
            format!("{} | {}", text.get(problem.span.range()).unwrap_or("?"), problem.message)
        };
        (settings.ai, problems.iter().map(shown).collect())
    }

    #[test]
    fn a_users_file_describes_models() {
        let (ai, problems) = read(
            "[ai]\nmodel = \"small\"\nconfirm = \"always\"\nbudget = { day = 1.5, workspace-month-tokens = 9000, warn-at = 0.5 }\n[ai.models.small]\nurl = \"http://127.0.0.1:8080/v1\"\nmodel = \"qwen\"\ncontract = \"whole-node\"\n",
            Scope::User,
        );
        assert_eq!(problems, [""; 0]);
        assert_eq!((ai.model.as_deref(), ai.confirm), (Some("small"), Some(Confirm::Always)));
        let limits = ai.budget.limits();
        let limits: Vec<_> =
            limits.iter().map(|limit| (limit.over, limit.scope, limit.soft, limit.hard)).collect();
        let expected = [
            (Over::Day, Spending::Everything, Some(750_000), Some(1_500_000)),
            (Over::Month, Spending::Workspace, Some(4500), Some(9000)),
        ];
        assert_eq!(limits, expected);
        assert_eq!(ai.models["small"].model.as_deref(), Some("qwen"));
    }

    #[test]
    fn a_project_cannot_say_where_text_goes() {
        for key in [
            "model = \"x\"",
            "fallback = []",
            "discover = true",
            "confirm = \"never\"",
            "budget = { day = 1 }",
            "models.x = { url = \"http://evil\", model = \"m\" }",
        ] {
            let (ai, problems) = read(&format!("[ai]\n{key}\n"), Scope::Project);
            assert_eq!(ai, AiSettings::default(), "{key}");
            assert!(
                problems.len() == 1 && problems[0].contains("cannot be set by a project"),
                "{problems:?}"
            );
        }
        let (ai, problems) = read("[ai]\nenabled = false\ncontext-tokens = 100\n", Scope::Project);
        assert_eq!((ai.enabled, ai.context_tokens, problems.len()), (Some(false), Some(100), 0));
    }

    #[test]
    fn a_key_in_a_file_is_refused_and_a_switch_off_holds() {
        let (_, problems) =
            read("[ai.models.a]\nurl = \"u\"\nmodel = \"m\"\napi-key = \"sk-1\"\nurk = 1\n", Scope::User);
        assert!(problems[0].starts_with("api-key | a key does not belong in a file"), "{problems:?}");
        assert!(problems[1].contains("did you mean `url`"), "{problems:?}");
        let off = AiSettings { enabled: Some(false), ..Default::default() };
        let on = AiSettings { enabled: Some(true), ..Default::default() };
        assert_eq!(off.clone().under(on.clone()).enabled, Some(false));
        assert_eq!(on.under(off).enabled, Some(false));
    }
}
