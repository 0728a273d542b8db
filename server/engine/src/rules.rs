//! Finding rules by what a user calls them.

use autodao_quality::{Catalog, Rule, RuleId};

use crate::config::nearest;

/// A name that is no rule's.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no rule `{name}`; {}", match nearest {
    Some(nearest) => format!("did you mean `{nearest}`?"),
    None => "`autodao rules` lists them".to_owned(),
})]
pub struct UnknownRule {
    /// As it was written.
    pub name: String,
    /// What was probably meant.
    pub nearest: Option<&'static str>,
}

/// The rule of a name, or what was probably meant.
pub fn find_rule(name: &str) -> Result<(RuleId, &'static Rule), UnknownRule> {
    Catalog::builtin().find(name).ok_or_else(|| {
        let names: Vec<&'static str> = Catalog::builtin().iter().map(|(_, rule)| rule.id).collect();
        UnknownRule { name: name.to_owned(), nearest: nearest(name, &names) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_rule_is_answered_with_the_nearest() {
        let message = |name| find_rule(name).map(|(_, rule)| rule.id).map_err(|error| error.to_string());
        assert_eq!(message("unwrap-used"), Ok("unwrap-used"));
        assert_eq!(
            message("unwrap-use"),
            Err("there is no rule `unwrap-use`; did you mean `unwrap-used`?".to_owned())
        );
        assert_eq!(message("zebra"), Err("there is no rule `zebra`; `autodao rules` lists them".to_owned()));
    }
}
