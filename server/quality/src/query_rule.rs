//! Rules that are written as queries: reading their files, compiling them, running them over an item.

use autodao_syntax::tree_sitter::{CaptureQuantifier, Node, Query, QueryCursor, StreamingIterator};

use autodao_syntax::{Language, QueryFile, Span};

use crate::kinds::{Kind, Kinds};
use crate::message_template::{Piece, fill, pieces};
use crate::query_text::root_kinds;
use crate::rule::{QueryCheck, QueryFix};
use crate::walk::FileView;
use crate::{
    Applicability, Check, Dimension, Example, Finding, Level, Reference, Rule, RuleId, TextEdit, visit,
};

/// Matches that wait for their end at once; beyond this the oldest are dropped (tree-sitter's own safety valve).
const MATCHES_IN_PROGRESS: u32 = 256;

/// How many findings before are looked at for the same one: two patterns of a rule may meet in one place.
const LAST_FINDINGS: usize = 4;

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
        let Self { query, finding, .. } = self;
        let mut matches = cursor.matches(query, node, file.text.as_bytes());
        let mut parts: Vec<Captured> = Vec::new();
        while let Some(m) = matches.next() {
            let captures = m.captures();
            let Some(found) = captures.iter().find(|capture| capture.index == *finding) else { continue };
            let captured = Captured {
                pattern: m.pattern_index,
                finding: Span::of(found.node),
                annotatable: !is_in_verbatim(found.node, file.language),
                captures: captures.iter().map(|capture| (capture.index, Span::of(capture.node))).collect(),
            };
            if !self.repeats(m.pattern_index) {
                self.tell(file, &captured, findings);
            } else if let Some(known) =
                parts.iter_mut().rev().take(LAST_FINDINGS).find(|known| self.are_parts(known, &captured))
            {
                known.captures.extend(captured.captures);
            } else {
                parts.push(captured);
            }
        }
        for captured in &parts {
            self.tell(file, captured, findings);
        }
    }

    /// Adds the finding of a match.
    fn tell(&self, file: FileView<'_>, captured: &Captured, findings: &mut Vec<Finding>) {
        let names = self.query.capture_names();
        let start = self.query.start_byte_for_pattern(captured.pattern);
        let Some((_, rule, check)) = self.starts.iter().rev().find(|(from, ..)| *from <= start) else {
            return;
        };
        let text_of = |name: &str| {
            let mut all = captured.captures.iter().filter(|(index, _)| names[*index as usize] == name);
            let (_, first) = all.next()?;
            // What is captured several times stands for all of it, and what is between.
            let whole = all.fold(*first, |whole, (_, span)| {
                Span::new(whole.start.min(span.start), whole.end.max(span.end))
            });
            file.text.get(whole.range())
        };
        let span = captured.finding;
        let message = fill(check.message, text_of);
        let same = |known: &Finding| known.rule == *rule && known.span == span && *known.message == *message;
        if findings.iter().rev().take(LAST_FINDINGS).any(same) {
            return;
        }
        let made = visit::push(findings, file.profile, *rule, span, message.into(), captured.annotatable);
        let is_lacking = |piece| match piece {
            Piece::Capture { name, .. } => names.contains(&name) && text_of(name).is_none(),
            Piece::Text(_) => false,
        };
        if let Some(fix) = check.fix.filter(|fix| !pieces(fix.text).any(is_lacking)) {
            let edits = vec![TextEdit::replace(span, fill(fix.text, text_of))];
            match fix.applicability {
                Applicability::Always => made.fix(fix.title, edits),
                Applicability::Suggested => made.suggest(fix.title, edits),
            };
        }
    }

    /// Whether a pattern captures something any number of times. tree-sitter tells of such in several matches, each
    /// with a part of it.
    fn repeats(&self, pattern: usize) -> bool {
        self.query.capture_quantifiers(pattern).iter().any(is_repeated)
    }

    /// Whether two matches are parts of one: all that is captured once is the same.
    fn are_parts(&self, one: &Captured, other: &Captured) -> bool {
        let quantifiers = self.query.capture_quantifiers(one.pattern);
        let once = |captured: &Captured| {
            let mut once: Vec<_> = captured.captures.clone();
            once.retain(|(index, _)| quantifiers.get(*index as usize).is_some_and(|q| !is_repeated(q)));
            once.dedup();
            once
        };
        one.pattern == other.pattern && one.finding == other.finding && {
            let (ours, theirs) = (once(one), once(other));
            theirs.iter().all(|capture| ours.contains(capture))
        }
    }
}

/// What a match captures.
struct Captured {
    pattern: usize,
    finding: Span,
    annotatable: bool,
    /// By the number of the capture, in order of appearance.
    captures: Vec<(u32, Span)>,
}

fn is_repeated(quantifier: &CaptureQuantifier) -> bool {
    matches!(quantifier, CaptureQuantifier::ZeroOrMore | CaptureQuantifier::OneOrMore)
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
