//! Every rule there is.

use std::sync::OnceLock;

use autodao_syntax::rule_queries;

use crate::{Rule, query_rule, rules, user_rule};

/// A rule's place in the [`Catalog`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleId(pub(crate) u16);

impl RuleId {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The rules, in the order they are documented: by dimension, then as the dimension lists them.
pub struct Catalog {
    rules: Vec<Rule>,
}

impl Catalog {
    /// The rules that come with the program.
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Catalog> = OnceLock::new();
        BUILTIN.get_or_init(|| {
            let mut rules = rules::all();
            for file in rule_queries() {
                match query_rule::parse(file) {
                    Ok(rule) => rules.push(rule),
                    // A test parses them all; a broken one must not take the others with it.
                    Err(error) => tracing::error!("queries/{}/rules/{}.scm: {error}", file.folder, file.name),
                }
            }
            rules.sort_by_key(|rule| rule.dimension);
            Self { rules }
        })
    }

    /// Every rule with its id.
    pub fn iter(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.rules.iter().enumerate().map(|(index, rule)| (RuleId(index as u16), rule))
    }

    /// A rule by its name.
    pub fn find(&self, id: &str) -> Option<(RuleId, &Rule)> {
        self.iter().find(|(_, rule)| rule.id == id)
    }

    /// The rule of an id made by this catalog, or by [`read_rule`](crate::read_rule).
    pub fn rule(&self, id: RuleId) -> &Rule {
        self.rules.get(id.index()).or_else(|| user_rule::rule(id)).unwrap_or(&self.rules[0])
    }

    /// Whether a rule is one of these, and none of a user's.
    pub fn has(&self, id: RuleId) -> bool {
        id.index() < self.rules.len()
    }

    /// Number of rules.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}
