//! What a configuration says, read from its content, and what is wrong with it.

use std::collections::BTreeMap;

use autodao_quality::{Profile, RuleChange, Severity};
use autodao_syntax::Span;

use super::ai::AiSettings;
use super::ledger::LedgerSettings;
use super::reader::Reader;
use super::value::Located;

/// Whose configuration it is: what decides where text goes is not for a project to say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// An `autodao.toml` in a workspace.
    Project,
    /// The user's own file.
    User,
    /// The editor's settings.
    Client,
}

/// The settings of one configuration.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Changes to rules, by rule.
    pub rules: BTreeMap<String, RuleChange>,
    /// Files that are not looked at, as lines of a `.gitignore`.
    pub exclude: Vec<String>,
    /// Functions whose score is below this number, 0 to 10, have a code lens.
    pub lens_below: Option<u32>,
    /// AI edits.
    pub ai: AiSettings,
    /// The ledger. Only the user's own file says something of it.
    pub ledger: LedgerSettings,
}

/// Something wrong in a configuration. The rest of it holds all the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Where, in bytes of the file's text; empty at 0 for settings that have no text.
    pub span: Span,
    /// What is wrong, in one line.
    pub message: String,
    /// What was probably meant.
    pub replacement: Option<Replacement>,
    /// Other ways to take it away, in a template's files.
    pub fixes: Vec<autodao_templates::Fix>,
    /// How much it matters.
    pub severity: Severity,
    /// The name of what is wrong: `configuration`, or a lint of templates.
    pub code: &'static str,
}

impl Problem {
    /// Something wrong in a configuration.
    pub(crate) fn new(span: Span, message: String) -> Self {
        let severity = Severity::Warning;
        Self { span, message, replacement: None, fixes: Vec::new(), severity, code: "configuration" }
    }
}

/// A replacement for a misspelt name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replacement {
    /// The name that exists.
    pub name: String,
    /// What to write over the problem's span; quoted where the span is.
    pub text: String,
}

impl From<autodao_quality::UserRuleError> for Problem {
    fn from(error: autodao_quality::UserRuleError) -> Self {
        Self::new(error.span, error.message)
    }
}

impl Settings {
    /// Reads an `autodao.toml`. A text that is no TOML gives defaults and one problem.
    pub fn from_toml(text: &str, scope: Scope) -> (Self, Vec<Problem>) {
        match Located::from_toml(text) {
            Ok(content) => Reader::read(&content, scope),
            Err((message, span)) => (Self::default(), vec![Problem::new(span, message)]),
        }
    }

    /// Reads a client's settings: the same keys as JSON.
    pub fn from_json(value: &serde_json::Value) -> (Self, Vec<Problem>) {
        match value {
            serde_json::Value::Null => Default::default(),
            value => Reader::read(&Located::from_json(value), Scope::Client),
        }
    }

    /// Applies the changes to a profile; unknown names were reported when the settings were read.
    pub(super) fn apply(&self, profile: &mut Profile) {
        for (rule, change) in &self.rules {
            let _ = profile.change(rule, change);
        }
    }
}

/// The keys of the top level and what they hold.
pub(super) const TOP_KEYS: [(&str, &str); 5] = [
    ("rules", "levels and options of rules, by rule"),
    ("files", "which files are looked at"),
    ("editor", "what an editor shows"),
    ("ai", "models and what may be sent to them"),
    ("ledger", "how long the record of AI edits is kept; only in your own configuration"),
];

/// The keys of `files`.
pub(super) const FILES_KEYS: [(&str, &str); 1] = [(
    "exclude",
    "files that are not looked at unless a command names them, as lines of a .gitignore relative to this file's folder",
)];

/// The keys of `editor`.
pub(super) const EDITOR_KEYS: [(&str, &str); 1] =
    [("lens-below", "functions whose score is below this number, 0 to 10, have a code lens; 0 for none")];

/// The key of a rule's level, beside its options.
pub(super) const LEVEL_KEY: &str = "level";

/// The names of levels.
pub(super) const LEVELS: [&str; 5] = ["off", "hint", "information", "warning", "error"];

#[cfg(test)]
mod tests {
    use autodao_quality::Level;
    use expect_test::{Expect, expect};

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "`expect!` stands in the call, as a value")]
    fn problems(text: &str, expected: Expect) -> Settings {
        let (settings, problems) = Settings::from_toml(text, Scope::User);
        let shown: String = problems
            .iter()
            .map(|p| {
                let at = text.get(p.span.range()).unwrap_or("?");
                let fix = p.replacement.as_ref().map_or(String::new(), |r| format!(" => {}", r.text));
                format!("{at} | {}{fix}\n", p.message)
            })
            .collect();
        expected.assert_eq(&shown);
        settings
    }

    #[test]
    fn a_good_file_is_read() {
        let settings = problems(
            "[rules]\nunwrap-used = \"off\"\ncognitive-complexity = { level = \"error\", max = 20 }\n[files]\nexclude = [\"gen/**\"]\n",
            expect![""],
        );
        assert_eq!(settings.rules["unwrap-used"].level, Some(Level::Off));
        let complexity = &settings.rules["cognitive-complexity"];
        assert_eq!(complexity.level, Some(Level::On(Severity::Error)));
        assert_eq!(complexity.options, [("max".to_owned(), 20)]);
        assert_eq!(settings.exclude, ["gen/**"]);
    }

    #[test]
    fn every_mistake_names_its_place_and_its_cure() {
        let settings = problems(
            "rule = 1\n[rules]\nunwrap-use = \"off\"\ntodo-comment = \"warn\"\ndebug-left = 3\nzebra = \"off\"\n[rules.cognitive-complexity]\nmaximum = 3\nmax = -1\nlevel = true\n[files]\nexclude = [1, \"a{\", \"fine\"]\nexcluded = 2\n",
            expect![[r#"
                rule | there is no key `rule`; did you mean `rules`? => rules
                unwrap-use | there is no rule `unwrap-use`; did you mean `unwrap-used`? => unwrap-used
                "warn" | `warn` is no level: there are `off`, `hint`, `information`, `warning`, `error`; did you mean `warning`? => "warning"
                3 | `debug-left` must be a level or a table with options
                zebra | there is no rule `zebra`; `autodao rules` lists them
                maximum | the rule `cognitive-complexity` has no option `maximum`; did you mean `max`? => max
                -1 | `max` must be a whole number from 0 to 4294967295
                true | `level` must be one of `off`, `hint`, `information`, `warning`, `error`
                1 | a pattern must be a string
                "a{" | `a{` is no pattern: error parsing glob 'a{': unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)
                excluded | there is no key `excluded`; did you mean `exclude`? => exclude
            "#]],
        );
        assert_eq!(settings.exclude, ["fine"], "what is right holds");
    }

    #[test]
    fn a_text_that_is_no_toml_is_one_problem() {
        let (settings, problems) = Settings::from_toml("[rules\nx = ", Scope::Project);
        assert_eq!(settings, Settings::default());
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].message, "unclosed table, expected `]`");
    }

    #[test]
    fn json_says_the_same() {
        let json = serde_json::json!({"rules": {"unwrap-used": "off", "x": null}, "files": {"exclude": ["a"]}, "trace": null});
        let (settings, problems) = Settings::from_json(&json);
        assert_eq!((settings.rules.len(), settings.exclude.len(), problems), (1, 1, vec![]));
    }
}
