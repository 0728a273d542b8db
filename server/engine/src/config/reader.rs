//! Reads settings out of a configuration's content, and says what is wrong in it.

use autodao_quality::{Catalog, Level, Profile, RuleChange, RuleChangeError, is_rule_read};
use autodao_syntax::Span;

use super::settings::{
    EDITOR_KEYS, FILES_KEYS, LEVEL_KEY, LEVELS, Problem, Replacement, Scope, Settings, TOP_KEYS,
};
use super::value::{Content, Entry, Located};

#[derive(Default)]
pub(super) struct Reader {
    pub(super) settings: Settings,
    problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn read(content: &Located, scope: Scope) -> (Settings, Vec<Problem>) {
        let mut reader = Self::default();
        for entry in reader.entries(content, "settings") {
            match entry.key.as_str() {
                "rules" => {
                    for rule in reader.entries(&entry.value, "`rules`") {
                        reader.rule(rule);
                    }
                }
                "files" => reader.files(&entry.value),
                "editor" => reader.editor(&entry.value),
                "ai" => reader.ai(&entry.value, scope),
                "ledger" => reader.ledger(&entry.value, scope),
                _ => reader.unknown_key(entry, &TOP_KEYS.map(|(key, _)| key)),
            }
        }
        (reader.settings, reader.problems)
    }

    pub(super) fn problem(&mut self, span: Span, message: String) {
        self.problems.push(Problem::new(span, message));
    }

    /// A number that fits; what does not fit is no `what`.
    pub(super) fn amount(&mut self, entry: &Entry, fits: impl Fn(f64) -> bool, what: &str) -> Option<f64> {
        let amount = match entry.value.content {
            Content::Number(number) => number as f64,
            Content::Fraction(number) => number,
            _ => f64::NAN,
        };
        if fits(amount) {
            return Some(amount);
        }
        self.problem(entry.value.span, format!("`{}` must be {what}", entry.key));
        None
    }

    pub(super) fn entries<'a>(&mut self, value: &'a Located, what: &str) -> &'a [Entry] {
        if let Content::Table(entries) = &value.content {
            return entries;
        }
        self.problem(value.span, format!("{what} must be a table"));
        &[]
    }

    fn rule(&mut self, entry: &Entry) {
        if Catalog::builtin().find(&entry.key).is_none() && !is_rule_read(&entry.key) {
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

    fn editor(&mut self, value: &Located) {
        for entry in self.entries(value, "`editor`") {
            match (entry.key.as_str(), &entry.value.content) {
                ("lens-below", Content::Number(below @ 0..=10)) => {
                    self.settings.lens_below = Some(*below as u32);
                }
                ("lens-below", _) => {
                    self.problem(
                        entry.value.span,
                        "`lens-below` must be a whole number from 0 to 10".to_owned(),
                    );
                }
                _ => self.unknown_key(entry, &EDITOR_KEYS.map(|(key, _)| key)),
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

    pub(super) fn unknown_key(&mut self, entry: &Entry, known: &[&str]) {
        let message = format!("there is no key `{}`", entry.key);
        self.unknown(entry.key_span, &entry.key, known, message, "", &there_are(known));
    }

    /// `otherwise` is added to the message when nothing known is near the name.
    pub(super) fn unknown(
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
        self.problems.push(Problem { replacement, ..Problem::new(span, message) });
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
