//! Finding rules by what a user calls them.

use std::path::{Path, PathBuf, absolute};

use autodao_quality::{Catalog, Rule, RuleId, read_rule};

use crate::config::{Configuration, nearest};

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

/// The built-in rule of a name, or what was probably meant.
pub fn find_rule(name: &str) -> Result<(RuleId, &'static Rule), UnknownRule> {
    Catalog::builtin().find(name).ok_or_else(|| unknown(name, &[]))
}

/// The rule of a name for a file or in a folder: a built-in one, or one that a user wrote.
pub fn find_rule_at(name: &str, place: &Path) -> Result<(RuleId, &'static Rule), UnknownRule> {
    if let Some(builtin) = Catalog::builtin().find(name) {
        return Ok(builtin);
    }
    let own = own_rules_at(place);
    own.iter().find(|(_, rule)| rule.id == name).copied().ok_or_else(|| unknown(name, &own))
}

/// The rules of a name at all places: projects may have different ones. An error when it is a rule's at none.
pub fn find_rules_at(name: &str, places: &[PathBuf]) -> Result<Vec<RuleId>, UnknownRule> {
    let mut found = Vec::new();
    let mut missing = unknown(name, &[]);
    for place in places {
        match find_rule_at(name, place) {
            Ok((id, _)) if found.contains(&id) => {}
            Ok((id, _)) => found.push(id),
            Err(error) => missing = error,
        }
    }
    // No rule at all would mean every rule to who narrows by them.
    if found.is_empty() { Err(missing) } else { Ok(found) }
}

/// The rules that users wrote and that hold for a file or in a folder, by the files they are in. Of two with one name
/// the project's holds.
pub fn own_rules_at(path: &Path) -> Vec<(RuleId, &'static Rule)> {
    let Ok(path) = absolute(path) else { return Vec::new() };
    // Configuration is looked up for files.
    let file = if path.is_dir() { path.join("file") } else { path };
    let config = Configuration::load().for_file(Some(&file));
    let mut rules: Vec<(RuleId, &'static Rule)> = Vec::new();
    for id in config.rule_files.iter().filter_map(|file| read_rule(file.buffer.text()).ok()) {
        let rule = Catalog::builtin().rule(id);
        rules.retain(|(_, known)| known.id != rule.id);
        rules.push((id, rule));
    }
    rules
}

fn unknown(name: &str, own: &[(RuleId, &'static Rule)]) -> UnknownRule {
    let builtin = Catalog::builtin().iter().map(|(_, rule)| rule.id);
    let names: Vec<&'static str> = builtin.chain(own.iter().map(|(_, rule)| rule.id)).collect();
    UnknownRule { name: name.to_owned(), nearest: nearest(name, &names) }
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
