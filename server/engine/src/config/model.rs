//! A model as its user describes it: where it is, with which key, and how long it is waited for.

use std::time::Duration;

use super::Scope;
use super::reader::Reader;
use super::value::Entry;

/// A model as the user describes it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ModelSettings {
    /// The wire format's name.
    pub format: Option<String>,
    /// Where it is: the URL up to and including the version.
    pub url: Option<String>,
    /// Its name there.
    pub model: Option<String>,
    /// The environment variable that holds its key.
    pub key_env: Option<String>,
    /// The command that says its key, word by word. Run without a shell.
    pub key_command: Option<Vec<String>>,
    /// Whether its key is in the operating system's keyring, under the origin of `url`.
    pub keyring: Option<bool>,
    /// The proxy to reach it by, or `none`.
    pub proxy: Option<String>,
    /// The edit contract it keeps: `whole-node` or `hunks`.
    pub contract: Option<String>,
    /// The most tokens it may answer with.
    pub output_tokens: Option<u32>,
    /// Its context window in tokens.
    pub window: Option<u32>,
    /// A file with certificates to trust beside the system's.
    pub ca_file: Option<String>,
    /// How long it is waited for.
    pub timeouts: TimeoutSettings,
}

/// How long a model is waited for. What is `None` was not said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TimeoutSettings {
    /// For name look-up, TCP and TLS.
    pub connect: Option<Duration>,
    /// From the request to the first token.
    pub first_token: Option<Duration>,
    /// From any bytes to the next.
    pub idle: Option<Duration>,
    /// From the request to the end.
    pub total: Option<Duration>,
}

/// The keys of a model.
pub(super) const MODEL_KEYS: [(&str, &str); 12] = [
    (
        "format",
        "the wire format: `openai-chat`, `openai-responses`, `anthropic`, `gemini`, `ollama`, `azure`",
    ),
    ("url", "where it is: the URL up to and including the version"),
    ("model", "its name there"),
    ("key-env", "the environment variable that holds its key"),
    ("key-command", "the command that says its key, word by word; in your own configuration only"),
    (
        "keyring",
        "whether its key is in the keyring of the operating system, under the scheme and host of `url`",
    ),
    ("proxy", "the URL of the proxy to reach it by, or `none`"),
    (
        "contract",
        "how it answers: `whole-node` for small models, `hunks` for those that keep to search and replace",
    ),
    ("output-tokens", "the most tokens it may answer with"),
    ("window", "its context window in tokens"),
    ("ca-file", "a file with certificates to trust beside the system's"),
    (
        "timeouts",
        "how many seconds are waited: `connect`, `first-token`, `idle` (between two pieces of an answer), `total`",
    ),
];

/// The keys of `timeouts`.
pub(super) const TIMEOUT_KEYS: [(&str, &str); 4] = [
    ("connect", "seconds for name look-up, TCP and TLS"),
    ("first-token", "seconds from the request to the first token"),
    ("idle", "seconds between two pieces of an answer"),
    ("total", "seconds from the request to the end"),
];

/// The longest time that can be waited: a day.
const LONGEST: f64 = 86_400.0;

impl Reader {
    pub(super) fn model(&mut self, model: &Entry, scope: Scope) -> ModelSettings {
        let mut settings = ModelSettings::default();
        for entry in self.entries(&model.value, &format!("the model `{}`", model.key)) {
            match entry.key.as_str() {
                "format" => settings.format = self.text(entry),
                "url" => settings.url = self.text(entry),
                "model" => settings.model = self.text(entry),
                "key-env" => settings.key_env = self.text(entry),
                // An editor's settings may be those of a folder that was opened.
                "key-command" if scope != Scope::User => self.problem(
                    entry.key_span,
                    "a command can be set in your own configuration file only".to_owned(),
                ),
                "key-command" => settings.key_command = self.texts(entry),
                "keyring" => settings.keyring = self.flag(entry),
                "proxy" => settings.proxy = self.text(entry),
                "contract" => settings.contract = self.text(entry),
                "output-tokens" => settings.output_tokens = self.number(entry),
                "window" => settings.window = self.number(entry),
                "ca-file" => settings.ca_file = self.text(entry),
                "timeouts" => settings.timeouts = self.timeouts(entry),
                "key" | "api-key" | "api_key" => self.problem(
                    entry.key_span,
                    "a key does not belong in a file: put it in an environment variable and name that in `key-env`"
                        .to_owned(),
                ),
                _ => self.unknown_key(entry, &MODEL_KEYS.map(|(key, _)| key)),
            }
        }
        if settings.url.is_none() || settings.model.is_none() {
            self.problem(model.key_span, format!("the model `{}` needs `url` and `model`", model.key));
        }
        settings
    }

    fn timeouts(&mut self, timeouts: &Entry) -> TimeoutSettings {
        let mut settings = TimeoutSettings::default();
        for entry in self.entries(&timeouts.value, "`timeouts`") {
            match entry.key.as_str() {
                "connect" => settings.connect = self.seconds(entry),
                "first-token" => settings.first_token = self.seconds(entry),
                "idle" => settings.idle = self.seconds(entry),
                "total" => settings.total = self.seconds(entry),
                _ => self.unknown_key(entry, &TIMEOUT_KEYS.map(|(key, _)| key)),
            }
        }
        settings
    }

    fn seconds(&mut self, entry: &Entry) -> Option<Duration> {
        let fits = |seconds: f64| seconds > 0.0 && seconds <= LONGEST;
        let what = format!("a number of seconds above 0, {LONGEST} at most");
        self.amount(entry, fits, &what).map(Duration::from_secs_f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    #[test]
    fn timeouts_are_seconds_above_nothing() {
        let read = |timeouts: &str| {
            let text = format!("[ai.models.a]\nurl = \"u\"\nmodel = \"m\"\ntimeouts = {timeouts}\n");
            let (settings, problems) = Settings::from_toml(&text, Scope::User);
            let problems: Vec<_> = problems.into_iter().map(|problem| problem.message).collect();
            (settings.ai.models["a"].timeouts, problems)
        };
        let (timeouts, problems) = read("{ connect = 3, first-token = 0.25 }");
        assert_eq!(problems, [""; 0]);
        assert_eq!(timeouts.connect, Some(Duration::from_secs(3)));
        assert_eq!(timeouts.first_token, Some(Duration::from_millis(250)));
        assert_eq!((timeouts.idle, timeouts.total), (None, None));
        for bad in ["0", "-1", "nan", "inf", "1e300", "\"5\"", "true"] {
            let (timeouts, problems) = read(&format!("{{ idle = {bad} }}"));
            assert_eq!(timeouts, TimeoutSettings::default(), "{bad}");
            assert!(problems.len() == 1 && problems[0].contains("number of seconds"), "{problems:?}");
        }
        let (_, problems) = read("{ idel = 1 }");
        assert!(problems[0].contains("`idel`"), "{problems:?}");
    }
}
