//! What a rule sees when it is called.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::kinds::{Field, Kind, Kinds};
use crate::note::{Note, PlacedNote, Verdicts, block_of, key_of};
use crate::unit::{Context, Unit};
use crate::{Applicability, Catalog, FileRole, Finding, Fix, Level, Profile, RuleId, Severity, TextEdit};

/// How far up rules look: deeper nesting than this is machine-made, and an unbounded look would make a file of
/// nested calls take quadratic time.
const ANCESTORS_SEEN: usize = 256;

/// A node rule's view: the text, the node's ancestors within its item, and a place for findings.
pub struct Visit<'t, 'w> {
    pub(crate) text: &'t str,
    pub(crate) language: Language,
    pub(crate) role: FileRole,
    pub(crate) context: Context,
    pub(crate) ancestors: &'w [Node<'t>],
    pub(crate) profile: &'w Profile,
    pub(crate) rule: RuleId,
    pub(crate) findings: &'w mut Vec<Finding>,
    pub(crate) notes: &'w mut Vec<Note>,
}

impl<'t> Visit<'t, '_> {
    /// The file's language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// What the file is for.
    pub fn role(&self) -> FileRole {
        self.role
    }

    /// The text of a node.
    pub fn text(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    /// The text of a range.
    pub fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// A node's child in a field.
    pub fn child<'n>(&self, node: Node<'n>, field: Field) -> Option<Node<'n>> {
        Kinds::of(self.language).child(node, field)
    }

    /// The text of a node's field, `""` when it has none.
    pub fn field(&self, node: Node<'_>, field: Field) -> &'t str {
        self.child(node, field).map_or("", |child| self.text(child))
    }

    /// The node's parent, unless the node is the item itself.
    pub fn parent(&self) -> Option<Node<'t>> {
        self.ancestors.last().copied()
    }

    /// The node's ancestors, nearest first, up to the item, but no more than 256.
    pub fn ancestors(&self) -> impl Iterator<Item = Node<'t>> {
        self.ancestors.iter().rev().take(ANCESTORS_SEEN).copied()
    }

    /// The function the node is in, closures and arrow functions included.
    pub fn function(&self) -> Option<Node<'t>> {
        let kinds = Kinds::of(self.language);
        self.ancestors().find(|node| kinds.get(*node).is(Kind::FUNCTION))
    }

    /// The function's name, or of one without a name what stands before its body.
    pub fn name_span(&self, function: Node<'_>) -> Span {
        if let Some(name) = self.child(function, Field::Name) {
            return Span::of(name);
        }
        let body = self.child(function, Field::Body);
        let end = body.map_or(function.end_byte(), |body| body.start_byte());
        let head = Span::new(function.start_byte() as u32, end as u32);
        Span::new(head.start, head.start + self.slice(head).trim_end().len() as u32)
    }

    /// How many loops are around the node within its function.
    pub fn loops(&self) -> usize {
        let kinds = Kinds::of(self.language);
        self.ancestors()
            .map(|node| kinds.get(node))
            .take_while(|kind| !kind.is(Kind::FUNCTION) && !kind.is(Kind::CLOSURE))
            .filter(|kind| kind.is(Kind::LOOP))
            .count()
    }

    /// Whether the node is test code: by its file, its item's surroundings, or an attribute inside the item.
    pub fn in_test(&self) -> bool {
        self.role == FileRole::Test
            || self.context.test
            || (self.language == Language::Rust && self.ancestors().any(|node| self.has_test_attribute(node)))
    }

    /// Whether the item is in an `impl Trait for Type`.
    pub fn implements_trait(&self) -> bool {
        self.context.implements_trait
    }

    /// Whether the item is exported by an `export` around it. (Rust's `pub` is in the item itself.)
    pub fn exported(&self) -> bool {
        self.context.exported
    }

    fn has_test_attribute(&self, node: Node<'t>) -> bool {
        if !matches!(node.kind(), "function_item" | "mod_item") || self.ancestors.first() == Some(&node) {
            return false;
        }
        let mut previous = node.prev_named_sibling();
        while let Some(sibling) = previous.filter(|n| matches!(n.kind(), "attribute_item" | "line_comment")) {
            if is_test_attribute(self.text(sibling)) {
                return true;
            }
            previous = sibling.prev_named_sibling();
        }
        false
    }

    /// The value of one of this rule's options.
    pub fn option(&self, name: &str) -> u32 {
        self.profile.option(self.rule, name).unwrap_or_default()
    }

    /// Notes something for the look at all items together. `key` is what the rule compares notes by; `node` is
    /// what the note's scope is that of.
    pub fn note(&mut self, node: Node<'_>, span: Span, key: u64) {
        let item = self.ancestors.first().unwrap_or(&node).start_byte() as u32;
        let block = block_of(item, self.parent());
        let conditional = block != 0 && self.is_conditional(node);
        let span = span.moved(-i64::from(item));
        self.notes.push(Note { rule: self.rule, span, key, block, conditional });
    }

    /// A key for notes: the hash of a text, among those of the same topic.
    pub fn key(&self, topic: u8, text: &str) -> u64 {
        key_of(topic, text)
    }

    fn is_conditional(&self, node: Node<'_>) -> bool {
        let mut previous = node.prev_named_sibling();
        while let Some(sibling) = previous.filter(|n| matches!(n.kind(), "attribute_item" | "line_comment")) {
            if sibling.kind() == "attribute_item" && !is_inert_attribute(self.text(sibling)) {
                return true;
            }
            previous = sibling.prev_named_sibling();
        }
        false
    }

    /// Adds a finding of this rule, at its configured severity.
    pub fn report(&mut self, span: Span, message: impl Into<Box<str>>) -> &mut Finding {
        let kinds = Kinds::of(self.language);
        let verbatim = self.ancestors().any(|node| kinds.get(node).is(Kind::VERBATIM));
        push(self.findings, self.profile, self.rule, span, message.into(), !verbatim)
    }
}

/// Whether an attribute leaves its item as it is: there, once, and under its name. Of an attribute that is not
/// built in nobody knows.
pub(crate) fn is_inert_attribute(attribute: &str) -> bool {
    let name = attribute.strip_prefix("#[").unwrap_or("").trim_start();
    let name = name.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').next().unwrap_or("");
    matches!(
        name,
        "allow"
            | "cold"
            | "deny"
            | "deprecated"
            | "derive"
            | "doc"
            | "expect"
            | "ignore"
            | "inline"
            | "must_use"
            | "non_exhaustive"
            | "repr"
            | "should_panic"
            | "test"
            | "track_caller"
            | "warn"
    )
}

/// Whether an attribute's text makes the item after it a test: `#[test]`, `#[tokio::test]`, `#[cfg(test)]`.
pub(crate) fn is_test_attribute(attribute: &str) -> bool {
    let Some(inner) = attribute.strip_prefix("#[") else { return false };
    let name = inner.split(['(', ']', ' ']).next().unwrap_or("");
    matches!(name, "test" | "bench" | "rstest" | "test_case")
        || name.ends_with("::test")
        || (name == "cfg"
            && inner.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "test")
            && !inner.contains("not(test"))
}

/// A file rule's view.
pub struct FileVisit<'a> {
    pub(crate) text: &'a str,
    pub(crate) language: Option<Language>,
    pub(crate) role: FileRole,
    pub(crate) code_lines: Option<u32>,
    pub(crate) root: Option<Node<'a>>,
    pub(crate) units: &'a [Unit],
    pub(crate) notes: &'a [PlacedNote],
    pub(crate) verdicts: &'a mut Verdicts,
    pub(crate) profile: &'a Profile,
    pub(crate) rule: RuleId,
    pub(crate) findings: &'a mut Vec<Finding>,
}

impl<'a> FileVisit<'a> {
    /// The file's text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The file's language; `None` for one we do not parse.
    pub fn language(&self) -> Option<Language> {
        self.language
    }

    /// What the file is for.
    pub fn role(&self) -> FileRole {
        self.role
    }

    /// What to underline for a finding about the whole file.
    pub fn first_line(&self) -> Span {
        Span::new(0, self.text.find(['\n', '\r']).unwrap_or(self.text.len()) as u32)
    }

    /// The syntax tree; `None` when the file is too large to be parsed.
    pub fn root(&self) -> Option<Node<'a>> {
        self.root
    }

    /// What this rule noted in the file's items.
    pub fn notes(&self) -> impl Iterator<Item = &'a PlacedNote> + use<'a> {
        let rule = self.rule;
        self.notes.iter().filter(move |note| note.rule == rule)
    }

    /// The innermost item around an offset.
    pub fn item_at(&self, offset: u32) -> Option<Span> {
        let around = |unit: &&Unit| unit.span.start <= offset && offset < unit.span.end;
        self.units.iter().rev().find(around).map(|unit| unit.span)
    }

    /// The verdict on a text, from memory if it was judged before. `judge` must look at nothing but the text.
    pub fn verdict(&mut self, text: &str, judge: impl FnOnce(&str) -> bool) -> bool {
        self.verdicts.of(self.rule.0 as u8, text, judge)
    }

    /// Lines with code in them, test modules left out; `None` when the file is too large to be parsed.
    pub fn code_lines(&self) -> Option<u32> {
        self.code_lines
    }

    /// The value of one of this rule's options.
    pub fn option(&self, name: &str) -> u32 {
        self.profile.option(self.rule, name).unwrap_or_default()
    }

    /// Adds a finding of this rule, at its configured severity.
    pub fn report(&mut self, span: Span, message: impl Into<Box<str>>) -> &mut Finding {
        push(self.findings, self.profile, self.rule, span, message.into(), true)
    }
}

pub(crate) fn push<'f>(
    findings: &'f mut Vec<Finding>,
    profile: &Profile,
    rule: RuleId,
    span: Span,
    message: Box<str>,
    annotatable: bool,
) -> &'f mut Finding {
    let severity = match profile.level(rule) {
        Level::On(severity) => severity,
        Level::Off => Severity::Hint,
    };
    findings.push(Finding { rule, severity, span, message, fixes: Vec::new(), annotatable });
    let last = findings.len() - 1;
    &mut findings[last]
}

impl Finding {
    /// Adds a fix that keeps behaviour.
    pub fn fix(&mut self, title: impl Into<String>, edits: Vec<TextEdit>) -> &mut Self {
        self.fixes.push(Fix { title: title.into(), edits, applicability: Applicability::Always });
        self
    }

    /// Adds a fix that needs a look.
    pub fn suggest(&mut self, title: impl Into<String>, edits: Vec<TextEdit>) -> &mut Self {
        self.fixes.push(Fix { title: title.into(), edits, applicability: Applicability::Suggested });
        self
    }

    /// Sets a severity other than the configured one, but never a more severe one than the user chose.
    pub fn at_most(&mut self, severity: Severity) -> &mut Self {
        self.severity = self.severity.max(severity);
        self
    }

    /// Sets the severity to a more severe one, unless the user set another than the rule's own.
    pub fn escalate(&mut self, severity: Severity) -> &mut Self {
        if Catalog::builtin().rule(self.rule).level == Level::On(self.severity) {
            self.severity = severity;
        }
        self
    }
}

impl TextEdit {
    /// Replaces a range.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Removes a range.
    pub fn remove(span: Span) -> Self {
        Self::replace(span, "")
    }

    /// Inserts at an offset.
    pub fn insert(offset: u32, text: impl Into<String>) -> Self {
        Self::replace(Span::at(offset), text)
    }
}
