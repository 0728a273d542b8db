//! Rules that are written as queries: reading their files, compiling them, running them over an item.

use autodao_syntax::tree_sitter::{self, Node, Query, QueryCursor, StreamingIterator};
use autodao_syntax::{Language, QueryFile, Span};

use crate::kinds::{Kind, Kinds};
use crate::rule::{QueryCheck, QueryFix};
use crate::walk::FileView;
use crate::{
    Applicability, Check, Dimension, Example, Finding, Level, Reference, Rule, RuleId, TextEdit, visit,
};

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
    let applicability = match find("fix-applicability") {
        None | Some("always") => Applicability::Always,
        Some("suggested") => Applicability::Suggested,
        Some(name) => return Err(unknown("applicability", name)),
    };
    let fix = find("fix")
        .map(|text| Ok(QueryFix { text, title: value("fix-title")?, applicability }))
        .transpose()?;
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

/// The node kinds a query's patterns start at, so that it need only be run at nodes of these kinds. `None` when
/// that cannot be told from the text: wildcards, supertypes, several siblings.
pub(crate) fn root_kinds(query: &str, grammar: &tree_sitter::Language) -> Option<Vec<String>> {
    let mut reader = Reader { rest: query };
    let mut kinds = Vec::new();
    while reader.skip_blank() {
        kinds.extend(reader.form()?);
    }
    let is_plain = |kind: &String| {
        let id = grammar.id_for_node_kind(kind, true);
        id != 0 && !grammar.node_kind_is_supertype(id)
    };
    kinds.iter().all(is_plain).then_some(kinds)
}

/// Reads as much of a query as tells where its patterns start.
struct Reader<'q> {
    rest: &'q str,
}

impl<'q> Reader<'q> {
    /// Skips blanks and comments; `false` at the end.
    fn skip_blank(&mut self) -> bool {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix(';') {
                Some(comment) => self.rest = comment.find('\n').map_or("", |end| &comment[end..]),
                None => return !self.rest.is_empty(),
            }
        }
    }

    /// Reads one pattern with its quantifier and captures, and returns the kinds it starts at.
    fn form(&mut self) -> Option<Vec<String>> {
        self.skip_blank();
        let mut chars = self.rest.chars();
        let kinds = match chars.next()? {
            '(' => {
                self.rest = chars.as_str();
                self.skip_blank();
                if self.rest.starts_with(['(', '[']) { self.group()? } else { self.node()? }
            }
            '[' => {
                self.rest = chars.as_str();
                let mut kinds = Vec::new();
                while self.skip_blank() && !self.rest.starts_with(']') {
                    kinds.extend(self.form()?);
                }
                self.rest = self.rest.strip_prefix(']')?;
                kinds
            }
            _ => return None,
        };
        while self.skip_blank() && self.rest.starts_with(['@', '?', '*', '+']) {
            self.rest = self.rest[1..]
                .trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        }
        Some(kinds)
    }

    /// After `((`: one pattern and its predicates. Siblings would make the group start in two places.
    fn group(&mut self) -> Option<Vec<String>> {
        let kinds = self.form()?;
        while self.skip_blank() && !self.rest.starts_with(')') {
            self.rest.strip_prefix('(')?.trim_start().starts_with('#').then_some(())?;
            self.rest = &self.rest[1..];
            self.skip_to_close()?;
        }
        self.rest = self.rest.strip_prefix(')')?;
        Some(kinds)
    }

    /// After `(`: a node kind and whatever is in it.
    fn node(&mut self) -> Option<Vec<String>> {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        let (kind, rest) = self.rest.split_at(end);
        // `(expression/identifier)` names a supertype's subtype; `(_)` and `(ERROR)` name no kind.
        if rest.starts_with('/') || matches!(kind, "" | "_" | "ERROR" | "MISSING") {
            return None;
        }
        self.rest = rest;
        self.skip_to_close()?;
        Some(vec![kind.to_owned()])
    }

    /// Skips to behind the parenthesis that closes the one just read.
    fn skip_to_close(&mut self) -> Option<()> {
        let mut depth = 1;
        while depth > 0 {
            self.skip_blank();
            let mut chars = self.rest.chars();
            match chars.next()? {
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                '"' => loop {
                    match chars.next()? {
                        '\\' => _ = chars.next(),
                        '"' => break,
                        _ => {}
                    }
                },
                _ => {}
            }
            self.rest = chars.as_str();
        }
        Some(())
    }
}

/// The query rules of one language that are switched on.
pub(crate) struct CompiledQueries {
    /// Those that are run at the nodes their patterns start at.
    rooted: Option<Compiled>,
    /// Those that are run over whole items.
    floating: Option<Compiled>,
}

struct Compiled {
    query: Query,
    /// Where each rule's patterns start in the query's text, ascending.
    starts: Vec<(usize, RuleId, QueryCheck)>,
    finding: u32,
}

impl CompiledQueries {
    pub(crate) fn new(checks: impl Iterator<Item = (RuleId, QueryCheck)>, language: Language) -> Self {
        let grammar = language.grammar();
        let (rooted, floating) =
            checks.partition::<Vec<_>, _>(|(_, check)| root_kinds(check.query, &grammar).is_some());
        Self { rooted: Compiled::new(&rooted, language), floating: Compiled::new(&floating, language) }
    }

    /// Runs the rules over one item; findings are appended with offsets of the text. `roots` are its nodes that
    /// patterns can start at; `head` bounds the item when its members are none of it.
    pub(crate) fn run(
        &self,
        file: FileView<'_>,
        node: Node<'_>,
        roots: &[Node<'_>],
        head: Option<Span>,
        findings: &mut Vec<Finding>,
    ) {
        let mut cursor = QueryCursor::new();
        cursor.set_match_limit(MATCHES_IN_PROGRESS);
        if let Some(floating) = &self.floating {
            let before = findings.len();
            if let Some(head) = head {
                // tree-sitter takes an end of 0 for no end.
                cursor.set_byte_range(head.start as usize..head.end.max(1) as usize);
            }
            floating.run(&mut cursor, file, node, findings);
            if let Some(head) = head {
                // A node that only begins in the range is matched, too: the first member may.
                let mut index = 0;
                findings.retain(|finding| {
                    index += 1;
                    index <= before || finding.span == Span::of(node) || finding.span.start < head.end
                });
            }
        }
        if let Some(rooted) = self.rooted.as_ref().filter(|_| !roots.is_empty()) {
            cursor.set_byte_range(0..usize::MAX);
            cursor.set_max_start_depth(Some(0));
            for root in roots {
                rooted.run(&mut cursor, file, *root, findings);
            }
        }
    }
}

impl Compiled {
    fn new(checks: &[(RuleId, QueryCheck)], language: Language) -> Option<Self> {
        let mut text = String::new();
        let mut starts = Vec::new();
        for (id, check) in checks {
            starts.push((text.len(), *id, *check));
            text.push_str(check.query);
            text.push('\n');
        }
        if starts.is_empty() {
            return None;
        }
        match Query::new(&language.grammar(), &text) {
            Ok(query) => {
                query.capture_index_for_name("finding").map(|finding| Self { query, starts, finding })
            }
            Err(error) => {
                tracing::error!("a query rule of {} does not compile: {error}", language.name());
                None
            }
        }
    }

    fn run(&self, cursor: &mut QueryCursor, file: FileView<'_>, node: Node<'_>, findings: &mut Vec<Finding>) {
        let Self { query, starts, finding } = self;
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
            let is_captured = |name: &&str| {
                captures.iter().any(|capture| query.capture_names()[capture.index as usize] == *name)
            };
            let lacks = |text: &str| {
                let mut names = query.capture_names().iter();
                names.any(|name| text.contains(&format!("{{{name}}}")) && !is_captured(name))
            };
            if let Some(fix) = check.fix.filter(|fix| !lacks(fix.text)) {
                let edits = vec![TextEdit::replace(span, fill(fix.text))];
                match fix.applicability {
                    Applicability::Always => made.fix(fix.title, edits),
                    Applicability::Suggested => made.suggest(fix.title, edits),
                };
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
    use autodao_syntax::{SyntaxParser, rule_queries};

    use super::*;
    use crate::{Catalog, FileRole, Profile};

    #[test]
    fn where_a_pattern_starts_is_read_from_its_text() {
        let roots = |query| root_kinds(query, &Language::TypeScript.grammar());
        let kinds = |kinds: &[&str]| Some(kinds.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(roots("; (a)\n(throw_statement [(string) (number)] @x) @y"), kinds(&["throw_statement"]));
        assert_eq!(
            roots("((predefined_type) @x (#eq? @x \"a)\")) (class) @z"),
            kinds(&["predefined_type", "class"])
        );
        assert_eq!(roots("[(string) (number)]+ @x"), kinds(&["string", "number"]));
        for floating in [
            "(_) @x",
            "((string) (number)) @x",
            "(expression) @x",
            "\"if\" @x",
            "(nonsense)",
            "(ERROR)",
            "(a",
        ] {
            assert_eq!(roots(floating), None, "{floating}");
        }
    }

    #[test]
    fn a_query_over_a_head_leaves_its_members_alone() {
        let check =
            QueryCheck { query: "(_ name: (identifier) @finding)", message: "named {finding}", fix: None };
        let queries = CompiledQueries {
            rooted: None,
            floating: Compiled::new(
                &[(Catalog::builtin().find("explicit-any").unwrap().0, check)],
                Language::TypeScript,
            ),
        };
        let text = "export const a = 1;\nnamespace n { function b() {} }\n";
        let tree = SyntaxParser::default().parse_fresh(Language::TypeScript, text).unwrap();
        let profile = Profile::default();
        let (language, role) = (Language::TypeScript, FileRole::Library);
        let file = FileView { text, language, role, profile: &profile, queries: None };
        let run = |index, head| {
            let mut findings = Vec::new();
            queries.run(file, tree.root_node().named_child(index).unwrap(), &[], head, &mut findings);
            findings.iter().map(|finding| finding.message.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(run(0, None), ["named a"]);
        assert_eq!(
            run(0, Some(Span::at(0))),
            Vec::<String>::new(),
            "the head of an `export` is the word alone"
        );
        assert_eq!(run(1, Some(Span::new(20, 32))), ["named n"]);
    }

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
