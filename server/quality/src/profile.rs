//! The catalog with a user's levels and options.

use std::sync::{Arc, OnceLock};

use autodao_syntax::Language;

use crate::dispatch::Dispatch;
use crate::query_rule::CompiledQueries;
use crate::{Catalog, Check, Level, QueryCheck, RuleId};

/// What a configuration says about one rule.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RuleChange {
    /// Its new level, if that is set.
    pub level: Option<Level>,
    /// Options that are set, by name.
    pub options: Vec<(String, u32)>,
}

/// Why a change names nothing there is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RuleChangeError {
    /// No rule has this name.
    #[error("there is no rule `{name}`")]
    UnknownRule {
        /// As it was written.
        name: String,
    },
    /// The rule has no such option.
    #[error("the rule `{rule}` has no option `{name}`")]
    UnknownOption {
        /// The rule.
        rule: String,
        /// As it was written.
        name: String,
    },
}

/// The rules with their levels and options: immutable, shared by all files of a workspace.
///
/// What an analysis needs of it per language (visitor tables, compiled queries) is made on first use.
pub struct Profile {
    levels: Vec<Level>,
    options: Vec<Vec<u32>>,
    /// Rules of users, with their levels.
    added: Vec<(RuleId, Level)>,
    dispatch: [OnceLock<Dispatch>; 4],
    queries: [OnceLock<CompiledQueries>; 4],
}

impl Default for Profile {
    fn default() -> Self {
        let catalog = Catalog::builtin();
        Self {
            levels: catalog.iter().map(|(_, rule)| rule.level).collect(),
            options: catalog
                .iter()
                .map(|(_, rule)| rule.options.iter().map(|o| o.default).collect())
                .collect(),
            added: Vec::new(),
            dispatch: Default::default(),
            queries: Default::default(),
        }
    }
}

impl Profile {
    /// The defaults, shared.
    pub fn shared_default() -> Arc<Self> {
        static DEFAULT: OnceLock<Arc<Profile>> = OnceLock::new();
        Arc::clone(DEFAULT.get_or_init(Arc::default))
    }

    /// Whether a rule that looks at all files together is on.
    pub fn has_workspace_rules(&self) -> bool {
        Catalog::builtin()
            .iter()
            .any(|(id, rule)| matches!(rule.check, Check::Workspace) && self.level(id) != Level::Off)
    }

    /// Applies a change to one rule. On an error the known parts of the change hold all the same.
    pub fn change(&mut self, rule: &str, change: &RuleChange) -> Result<(), RuleChangeError> {
        if let Some((_, level)) =
            self.added.iter_mut().find(|(id, _)| Catalog::builtin().rule(*id).id == rule)
        {
            *level = change.level.unwrap_or(*level);
            self.forget_tables();
            let unknown = change.options.first().map(|(name, _)| name.clone());
            return unknown
                .map_or(Ok(()), |name| Err(RuleChangeError::UnknownOption { rule: rule.to_owned(), name }));
        }
        let Some((id, found)) = Catalog::builtin().find(rule) else {
            return Err(RuleChangeError::UnknownRule { name: rule.to_owned() });
        };
        if let Some(level) = change.level {
            self.levels[id.index()] = level;
        }
        let mut result = Ok(());
        for (name, value) in &change.options {
            match found.options.iter().position(|option| option.name == name) {
                Some(index) => self.options[id.index()][index] = *value,
                None => {
                    result =
                        Err(RuleChangeError::UnknownOption { rule: rule.to_owned(), name: name.clone() });
                }
            }
        }
        self.forget_tables();
        result
    }

    /// Adds rules that users wrote, at their own levels. Of two with one name the later holds.
    pub fn add_rules(&mut self, rules: &[RuleId]) {
        let name = |id: RuleId| Catalog::builtin().rule(id).id;
        for rule in rules {
            self.added.retain(|(known, _)| name(*known) != name(*rule));
            self.added.push((*rule, Catalog::builtin().rule(*rule).level));
        }
        self.forget_tables();
    }

    /// Leaves only the named rules on, at their level here, or at their severity when they were off.
    pub fn only(&mut self, rules: &[RuleId]) {
        for (id, rule) in Catalog::builtin().iter() {
            if !rules.contains(&id) {
                self.levels[id.index()] = Level::Off;
            } else if self.levels[id.index()] == Level::Off {
                self.levels[id.index()] = match rule.level {
                    Level::Off => Level::On(crate::Severity::Information),
                    on @ Level::On(_) => on,
                };
            }
        }
        self.added.retain(|(id, _)| rules.contains(id));
        self.forget_tables();
    }

    /// What was made of the levels is made again when it is asked for.
    fn forget_tables(&mut self) {
        self.dispatch = Default::default();
        self.queries = Default::default();
    }

    /// A rule's level.
    pub fn level(&self, rule: RuleId) -> Level {
        let added = || self.added.iter().find(|(id, _)| *id == rule).map(|(_, level)| *level);
        self.levels.get(rule.index()).copied().or_else(added).unwrap_or(Level::Off)
    }

    /// The rule of a name: a built-in one, or one of a user's that was added.
    pub fn find(&self, name: &str) -> Option<RuleId> {
        let catalog = Catalog::builtin();
        let added = || self.added.iter().map(|(id, _)| *id).find(|id| catalog.rule(*id).id == name);
        catalog.find(name).map(|(id, _)| id).or_else(added)
    }

    /// The rules that may look at files of a language as queries, and are on.
    fn query_rules(&self, language: Language) -> impl Iterator<Item = (RuleId, QueryCheck)> {
        let builtin = Catalog::builtin().iter().map(|(id, rule)| (id, rule, self.levels[id.index()]));
        let added = self.added.iter().map(|(id, level)| (*id, Catalog::builtin().rule(*id), *level));
        builtin.chain(added).filter_map(move |(id, rule, level)| match rule.check {
            Check::Query(check) if level != Level::Off && rule.languages.contains(&language) => {
                Some((id, check))
            }
            _ => None,
        })
    }

    /// The value of a rule's option, or `None` when it has no option of that name.
    pub fn option(&self, rule: RuleId, name: &str) -> Option<u32> {
        let index = Catalog::builtin().rule(rule).options.iter().position(|option| option.name == name)?;
        self.options[rule.index()].get(index).copied()
    }

    pub(crate) fn dispatch(&self, language: Language) -> &Dispatch {
        self.dispatch[language as usize]
            .get_or_init(|| Dispatch::new(&self.levels, self.query_rules(language), language))
    }

    /// Whether some rule of this language is a query and switched on.
    pub fn has_queries(&self, language: Language) -> bool {
        self.query_rules(language).next().is_some()
    }

    /// Compiles the query rules of a language, which takes milliseconds; does nothing the second time,
    /// and waits for whoever does it already.
    pub fn compile_queries(&self, language: Language) {
        self.queries[language as usize]
            .get_or_init(|| CompiledQueries::new(self.query_rules(language), language));
    }

    /// The compiled query rules, if [`Profile::compile_queries`] was called.
    pub(crate) fn queries(&self, language: Language) -> Option<&CompiledQueries> {
        self.queries[language as usize].get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Severity;

    #[test]
    fn a_change_sets_what_it_names() {
        let mut profile = Profile::default();
        let change = RuleChange {
            level: Some(Level::On(Severity::Error)),
            options: vec![("max".into(), 7), ("mix".into(), 1)],
        };
        let error = profile.change("cognitive-complexity", &change).unwrap_err();
        assert_eq!(error.to_string(), "the rule `cognitive-complexity` has no option `mix`");
        let (id, _) = Catalog::builtin().find("cognitive-complexity").unwrap();
        assert_eq!((profile.level(id), profile.option(id, "max")), (Level::On(Severity::Error), Some(7)));
        assert!(profile.change("nonsense", &change).is_err());
    }

    #[test]
    fn every_rule_names_node_kinds_that_its_languages_have() {
        for (_, rule) in Catalog::builtin().iter() {
            let (Check::Nodes(checks) | Check::Joined { nodes: checks, .. }) = rule.check else { continue };
            for check in checks {
                for language in check.languages {
                    assert!(rule.languages.contains(language), "{}: {language:?}", rule.id);
                    for kind in check.kinds {
                        assert_ne!(
                            language.grammar().id_for_node_kind(kind, true),
                            0,
                            "{}: {language:?} has no `{kind}`",
                            rule.id
                        );
                    }
                }
            }
        }
    }
}
