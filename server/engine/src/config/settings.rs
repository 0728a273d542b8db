//! What a configuration says, read from its content, and what is wrong with it.

use std::collections::BTreeMap;

use autodao_quality::{Catalog, Level, Profile, RuleChange, RuleChangeError};
use autodao_syntax::Span;

use super::value::{Content, Entry, Located};

/// The settings of one configuration.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Changes to rules, by rule.
    pub rules: BTreeMap<String, RuleChange>,
    /// Files that are not looked at, as lines of a `.gitignore`.
    pub exclude: Vec<String>,
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
}

/// A replacement for a misspelt name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replacement {
    /// The name that exists.
    pub name: String,
    /// What to write over the problem's span; quoted where the span is.
    pub text: String,
}

impl Settings {
    /// Reads an `autodao.toml`. A text that is no TOML gives defaults and one problem.
    pub fn from_toml(text: &str) -> (Self, Vec<Problem>) {
        match Located::from_toml(text) {
            Ok(content) => Reader::read(&content),
            Err((message, span)) => (Self::default(), vec![Problem { span, message, replacement: None }]),
        }
    }

    /// Reads a client's settings: the same keys as JSON.
    pub fn from_json(value: &serde_json::Value) -> (Self, Vec<Problem>) {
        match value {
            serde_json::Value::Null => Default::default(),
            value => Reader::read(&Located::from_json(value)),
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
pub(super) const TOP_KEYS: [(&str, &str); 2] =
    [("rules", "levels and options of rules, by rule"), ("files", "which files are looked at")];

/// The keys of `files`.
pub(super) const FILES_KEYS: [(&str, &str); 1] =
    [("exclude", "files that are not looked at, as lines of a .gitignore relative to this file's folder")];

/// The key of a rule's level, beside its options.
pub(super) const LEVEL_KEY: &str = "level";

/// The names of levels.
pub(super) const LEVELS: [&str; 5] = ["off", "hint", "information", "warning", "error"];

#[derive(Default)]
struct Reader {
    settings: Settings,
    problems: Vec<Problem>,
}

impl Reader {
    fn read(content: &Located) -> (Settings, Vec<Problem>) {
        let mut reader = Self::default();
        for entry in reader.entries(content, "settings") {
            match entry.key.as_str() {
                "rules" => {
                    for rule in reader.entries(&entry.value, "`rules`") {
                        reader.rule(rule);
                    }
                }
                "files" => reader.files(&entry.value),
                _ => reader.unknown_key(entry, &TOP_KEYS.map(|(key, _)| key)),
            }
        }
        (reader.settings, reader.problems)
    }

    fn problem(&mut self, span: Span, message: String) {
        self.problems.push(Problem { span, message, replacement: None });
    }

    fn entries<'a>(&mut self, value: &'a Located, what: &str) -> &'a [Entry] {
        if let Content::Table(entries) = &value.content {
            return entries;
        }
        self.problem(value.span, format!("{what} must be a table"));
        &[]
    }

    fn rule(&mut self, entry: &Entry) {
        if Catalog::builtin().find(&entry.key).is_none() {
            let names: Vec<_> = Catalog::builtin().iter().map(|(_, rule)| rule.id).collect();
            return self.unknown(
                entry.key_span,
                &entry.key,
                &names,
                format!("there is no rule `{}`", entry.key),
                "",
                "`autodao rules` lists them",
            );
        }
        let mut change = RuleChange::default();
        match &entry.value.content {
            Content::Text(level) => change.level = self.level(level, entry.value.span),
            Content::Table(options) => {
                for option in options {
                    self.option(&entry.key, option, &mut change);
                }
            }
            _ => self.problem(
                entry.value.span,
                format!("`{}` must be a level or a table with options", entry.key),
            ),
        }
        self.settings.rules.insert(entry.key.clone(), change);
    }

    fn option(&mut self, rule: &str, option: &Entry, change: &mut RuleChange) {
        let span = option.value.span;
        if option.key == LEVEL_KEY {
            match &option.value.content {
                Content::Text(level) => change.level = self.level(level, span),
                _ => self.problem(span, format!("`{LEVEL_KEY}` must be one of {}", quoted(&LEVELS))),
            }
            return;
        }
        let value = match option.value.content {
            Content::Number(number) => u32::try_from(number).ok(),
            _ => None,
        };
        let probe = RuleChange { level: None, options: vec![(option.key.clone(), 0)] };
        if let Err(error @ RuleChangeError::UnknownOption { .. }) = Profile::default().change(rule, &probe) {
            let known = Catalog::builtin().find(rule).map(|(_, rule)| rule.options).unwrap_or_default();
            let names: Vec<_> = known.iter().map(|option| option.name).chain([LEVEL_KEY]).collect();
            return self.unknown(
                option.key_span,
                &option.key,
                &names,
                error.to_string(),
                "",
                &there_are(&names),
            );
        }
        match value {
            Some(value) => change.options.push((option.key.clone(), value)),
            None => {
                self.problem(span, format!("`{}` must be a whole number from 0 to {}", option.key, u32::MAX));
            }
        }
    }

    fn level(&mut self, name: &str, span: Span) -> Option<Level> {
        let level = Level::from_name(name);
        if level.is_none() {
            let message = format!("`{name}` is no level: there are {}", quoted(&LEVELS));
            self.unknown(span, name, &LEVELS, message, "\"", "");
        }
        level
    }

    fn files(&mut self, value: &Located) {
        for entry in self.entries(value, "`files`") {
            match (entry.key.as_str(), &entry.value.content) {
                ("exclude", Content::List(items)) => {
                    for item in items {
                        match &item.content {
                            Content::Text(pattern) => self.exclude(pattern, item.span),
                            _ => self.problem(item.span, "a pattern must be a string".to_owned()),
                        }
                    }
                }
                ("exclude", _) => {
                    self.problem(entry.value.span, "`exclude` must be a list of patterns".to_owned());
                }
                _ => self.unknown_key(entry, &FILES_KEYS.map(|(key, _)| key)),
            }
        }
    }

    fn exclude(&mut self, pattern: &str, span: Span) {
        let mut builder = ignore::gitignore::GitignoreBuilder::new("");
        match builder.add_line(None, pattern) {
            Ok(_) => self.settings.exclude.push(pattern.to_owned()),
            Err(error) => self.problem(span, format!("`{pattern}` is no pattern: {error}")),
        }
    }

    fn unknown_key(&mut self, entry: &Entry, known: &[&str]) {
        let message = format!("there is no key `{}`", entry.key);
        self.unknown(entry.key_span, &entry.key, known, message, "", &there_are(known));
    }

    /// `otherwise` is added to the message when nothing known is near the name.
    fn unknown(
        &mut self,
        span: Span,
        name: &str,
        known: &[&str],
        message: String,
        quote: &str,
        otherwise: &str,
    ) {
        let nearest = nearest(name, known);
        let message = match nearest {
            Some(nearest) => format!("{message}; did you mean `{nearest}`?"),
            None if otherwise.is_empty() => message,
            None => format!("{message}; {otherwise}"),
        };
        let replacement =
            nearest.map(|name| Replacement { name: name.to_owned(), text: format!("{quote}{name}{quote}") });
        self.problems.push(Problem { span, message, replacement });
    }
}

/// The known name that was probably meant, if one is near enough.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let distance = |candidate: &&str| strsim::damerau_levenshtein(&name.to_ascii_lowercase(), candidate);
    let close = |candidate: &&str| {
        distance(candidate) <= (name.len() / 3).max(2)
            || candidate.starts_with(name)
            || name.starts_with(*candidate)
    };
    known.iter().copied().filter(|candidate| close(candidate)).min_by_key(distance)
}

fn there_are(names: &[&str]) -> String {
    format!("there are {}", quoted(names))
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use autodao_quality::Severity;
    use expect_test::{Expect, expect};

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "`expect!` stands in the call, as a value")]
    fn problems(text: &str, expected: Expect) -> Settings {
        let (settings, problems) = Settings::from_toml(text);
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
        let (settings, problems) = Settings::from_toml("[rules\nx = ");
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
