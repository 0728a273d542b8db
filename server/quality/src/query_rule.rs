//! Rules that are written as queries: reading their files, compiling them, running them over an item.

use autodao_syntax::tree_sitter::{Node, Query, QueryCursor, StreamingIterator};
use autodao_syntax::{Language, QueryFile, Span};

use crate::kinds::{Kind, Kinds};
use crate::rule::QueryCheck;
use crate::walk::FileView;
use crate::{Catalog, Check, Dimension, Example, Finding, Level, Reference, Rule, RuleId, TextEdit, visit};

/// Matches that wait for their end at once; beyond this the oldest are dropped (tree-sitter's own safety valve).
const MATCHES_IN_PROGRESS: u32 = 256;

/// What is wrong with a query rule's file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueryRuleError {
    #[error("its head has no `; {0}: ...` line")]
    Missing(&'static str),
    #[error("`{1}` is no {0}")]
    Unknown(&'static str, String),
}

/// Reads a rule from a query file: `; key: value` lines, then the query.
pub(crate) fn parse(file: &'static QueryFile) -> Result<Rule, QueryRuleError> {
    let head =
        || file.text.lines().map_while(|line| line.strip_prefix(';')).filter_map(|line| line.split_once(':'));
    let find = |key: &str| head().find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim());
    let value = |key: &'static str| find(key).ok_or(QueryRuleError::Missing(key));
    let unknown = |what, name: &str| QueryRuleError::Unknown(what, name.to_owned());
    let dimension = value("dimension")?;
    let level = value("severity")?;
    let reference = value("reference")?;
    let (name, url) = reference.split_once('<').ok_or_else(|| unknown("reference", reference))?;
    let message = value("message")?;
    let fix = find("fix").map(|fix| Ok((fix, value("fix-title")?))).transpose()?;
    let languages: Vec<Language> =
        Language::ALL.into_iter().filter(|language| file.applies_to(*language)).collect();
    let language = languages.first().copied().ok_or_else(|| unknown("folder", file.folder))?;
    let example =
        Example { language, bad: value("bad")?, fixed: find("fixed").unwrap_or(""), good: value("good")? };
    // Built-in files are read once and live as long as the program.
    let languages = Vec::leak(languages);
    let examples: &'static [Example] = Vec::leak(vec![example]);
    Ok(Rule {
        id: value("id")?,
        dimension: Dimension::from_name(dimension).ok_or_else(|| unknown("dimension", dimension))?,
        level: Level::from_name(level).ok_or_else(|| unknown("severity", level))?,
        languages,
        flags: value("flags")?,
        why: value("why")?,
        reference: Reference { name: name.trim(), url: url.trim_end_matches('>') },
        options: &[],
        check: Check::Query(QueryCheck { query: file.text, message, fix }),
        examples,
    })
}

/// The query rules of one language that are switched on, compiled into one query.
pub(crate) struct CompiledQueries {
    compiled: Option<Compiled>,
}

struct Compiled {
    query: Query,
    /// Where each rule's patterns start in the query's text, ascending.
    starts: Vec<(usize, RuleId, QueryCheck)>,
    finding: u32,
}

impl CompiledQueries {
    pub(crate) fn new(catalog: &Catalog, levels: &[Level], language: Language) -> Self {
        let mut text = String::new();
        let mut starts = Vec::new();
        for (id, rule) in catalog.iter() {
            let Check::Query(check) = rule.check else { continue };
            if levels[id.index()] != Level::Off && rule.languages.contains(&language) {
                starts.push((text.len(), id, check));
                text.push_str(check.query);
                text.push('\n');
            }
        }
        if starts.is_empty() {
            return Self { compiled: None };
        }
        let compiled = match Query::new(&language.grammar(), &text) {
            Ok(query) => {
                query.capture_index_for_name("finding").map(|finding| Compiled { query, starts, finding })
            }
            Err(error) => {
                tracing::error!("a query rule of {} does not compile: {error}", language.name());
                None
            }
        };
        Self { compiled }
    }

    /// Runs the rules over one item; findings are appended with offsets of the text.
    pub(crate) fn run(
        &self,
        file: FileView<'_>,
        node: Node<'_>,
        head: Option<Span>,
        findings: &mut Vec<Finding>,
    ) {
        let Some(Compiled { query, starts, finding }) = &self.compiled else { return };
        let mut cursor = QueryCursor::new();
        cursor.set_match_limit(MATCHES_IN_PROGRESS);
        if let Some(head) = head {
            cursor.set_byte_range(head.range());
        }
        let mut matches = cursor.matches(query, node, file.text.as_bytes());
        while let Some(m) = matches.next() {
            let start = query.start_byte_for_pattern(m.pattern_index);
            let Some((_, rule, check)) = starts.iter().rev().find(|(from, ..)| *from <= start) else {
                continue;
            };
            let captures = m.captures();
            let Some(found) = captures.iter().find(|capture| capture.index == *finding) else { continue };
            let fill = |template: &str| {
                let mut filled = template.to_owned();
                for capture in captures {
                    let name = query.capture_names()[capture.index as usize];
                    let text = file.text.get(capture.node.byte_range()).unwrap_or("");
                    filled = filled.replace(&format!("{{{name}}}"), text);
                }
                filled
            };
            let span = Span::of(found.node);
            let annotatable = !is_in_verbatim(found.node, file.language);
            let made =
                visit::push(findings, file.profile, *rule, span, fill(check.message).into(), annotatable);
            if let Some((template, title)) = check.fix {
                made.fix(title, vec![TextEdit::replace(span, fill(template))]);
            }
        }
    }
}

/// Whether the node is inside a template string or JSX. Looks only so far up, as [`crate::visit`] does.
fn is_in_verbatim(node: Node<'_>, language: Language) -> bool {
    let kinds = Kinds::of(language);
    std::iter::successors(node.parent(), Node::parent)
        .take(64)
        .any(|ancestor| kinds.get(ancestor).is(Kind::VERBATIM))
}

#[cfg(test)]
mod tests {
    use autodao_syntax::rule_queries;

    use super::*;

    #[test]
    fn every_query_file_is_a_rule_that_compiles() {
        for file in rule_queries() {
            let rule = parse(file).unwrap_or_else(|error| panic!("{}: {error}", file.name));
            assert_eq!(rule.id, file.name);
            for language in rule.languages {
                let Check::Query(check) = rule.check else { panic!() };
                Query::new(&language.grammar(), check.query)
                    .unwrap_or_else(|error| panic!("{}: {error}", file.name));
            }
        }
    }
}
