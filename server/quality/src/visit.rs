//! What a rule sees when it is called.

use std::cell::OnceCell;

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::calls::{self, MethodCall};
use crate::facts::{Condition, Fact, Facts};
use crate::kinds::{Field, Kind, Kinds};
use crate::metrics::name_span;
use crate::note::{Note, PlacedNote, Verdicts, block_of, key_of};
use crate::report::REACH;
use crate::search::{self, Budget, Outcome, Step};
use crate::unit::{Context, Unit, is_parted};
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
    /// The item: what lies outside is another unit's, and may change without this one being looked at again.
    pub(crate) item: Span,
    pub(crate) ancestors: &'w [Node<'t>],
    pub(crate) profile: &'w Profile,
    pub(crate) rule: RuleId,
    pub(crate) findings: &'w mut Vec<Finding>,
    pub(crate) facts: &'w mut Facts,
    /// The node as a method call: several rules ask for it.
    pub(crate) call: &'w OnceCell<Option<MethodCall<'t, 't>>>,
    pub(crate) budget: &'w Budget,
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

    /// The text of a range, as far as it lies in the item.
    pub fn slice(&self, span: Span) -> &'t str {
        let inside = Span::new(span.start.max(self.item.start), span.end.min(self.item.end));
        self.text.get(inside.range()).unwrap_or("")
    }

    /// The blanks before an offset in the item, if nothing else is before it on its line. `None` also when there
    /// are more of them than somebody typed.
    pub fn margin(&self, offset: u32) -> Option<&'t str> {
        let before = self.text.get(..offset as usize)?;
        let seen = before.bytes().rev().take(REACH as usize);
        let blanks = seen.take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let (line, blanks) = before.split_at(before.len() - blanks);
        (blanks.len() < REACH as usize && (line.is_empty() || line.ends_with(['\n', '\r']))).then_some(blanks)
    }

    /// Whether a statement of the item can be removed and the code on both sides of it stays two statements: where
    /// a script leaves out semicolons, a line that begins with `(` goes on with the one before.
    pub fn is_parted(&self, statement: Span) -> bool {
        is_parted(self.text, statement)
    }

    /// The text of the item.
    pub fn item_text(&self) -> &'t str {
        self.slice(self.item)
    }

    /// The blanks before the item, if nothing else is before it on its line.
    pub fn item_margin(&self) -> Option<&'t str> {
        self.margin(self.item.start)
    }

    /// How long the line break at an offset in the item, or at its end, is: 0, 1 or 2 bytes.
    pub fn line_break(&self, offset: u32) -> u32 {
        self.line_break_text(offset).len() as u32
    }

    /// The line break at an offset in the item, or at its end; empty when something else is there.
    pub fn line_break_text(&self, offset: u32) -> &'static str {
        match self.text.as_bytes().get(offset as usize..) {
            Some([b'\r', b'\n', ..]) => "\r\n",
            Some([b'\r', ..]) => "\r",
            Some([b'\n', ..]) => "\n",
            _ => "",
        }
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

    /// What to underline for a finding about a whole function: its name, or of one without a name what stands
    /// before its body.
    pub fn name_span(&self, function: Node<'_>) -> Span {
        name_span(function, Kinds::of(self.language), self.text)
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

    /// The innermost loop that runs a node on every pass, within its function. What a `for` loop starts with or
    /// goes over is run once.
    pub fn repeated_by(&self, node: Node<'_>) -> Option<Node<'t>> {
        let kinds = Kinds::of(self.language);
        let mut inner = node.id();
        for outer in self.ancestors() {
            let kind = kinds.get(outer);
            if kind.is(Kind::FUNCTION) || kind.is(Kind::CLOSURE) {
                return None;
            }
            let once = match outer.kind() {
                "for_expression" => Field::Value,
                "for_in_statement" => Field::Right,
                _ => Field::Initializer,
            };
            if kind.is(Kind::LOOP) && self.child(outer, once).is_none_or(|child| child.id() != inner) {
                return Some(outer);
            }
            inner = outer.id();
        }
        None
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

    /// Whether the node is in a module written in the file, which does not see what the file imports.
    pub fn in_module(&self) -> bool {
        self.context.in_module
    }

    /// The node the visit is at as a call of a method, taken apart once for all rules.
    pub(crate) fn method_call(&self, node: Node<'t>) -> Option<MethodCall<'t, 't>> {
        *self.call.get_or_init(|| calls::method_call(self, node))
    }

    /// Looks at a node and all below it, outer before inner, as far as the item's budget goes.
    pub(crate) fn search<'n>(&self, root: Node<'n>, at: impl FnMut(Node<'n>) -> Step) -> Outcome<'n> {
        search::search(self.budget, root, at)
    }

    /// Whether the innermost function or async block is async. A plain closure is not: it may run elsewhere.
    pub fn in_async(&self) -> bool {
        let kinds = Kinds::of(self.language);
        let mut scopes = self.ancestors().filter(|node| {
            let kind = kinds.get(*node);
            kind.is(Kind::FUNCTION) || kind.is(Kind::CLOSURE)
        });
        scopes.next().is_some_and(|scope| self.is_async(scope))
    }

    /// Whether a function is declared `async`, or a node is an async block.
    pub fn is_async(&self, scope: Node<'_>) -> bool {
        match scope.kind() {
            "async_block" => true,
            "function_item" => scope
                .named_children(&mut scope.walk())
                .any(|child| child.kind() == "function_modifiers" && self.text(child).contains("async")),
            "closure_expression" => self.text(scope).starts_with("async"),
            _ => scope.children(&mut scope.walk()).any(|child| child.kind() == "async"),
        }
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

    /// Says something about the item that findings in other items of the file may depend on.
    pub fn state(&mut self, fact: Fact) {
        self.facts.stated.push(fact);
    }

    /// Makes the finding reported last count only if some item of the file states a fact.
    pub fn only_if(&mut self, fact: Fact) {
        self.require(fact, true);
    }

    /// Makes the finding reported last count only if no item of the file states a fact.
    pub fn unless(&mut self, fact: Fact) {
        self.require(fact, false);
    }

    fn require(&mut self, fact: Fact, stated: bool) {
        if let Some(finding) = self.findings.len().checked_sub(1) {
            self.facts.conditions.push(Condition { finding: finding as u32, fact, stated });
        }
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

/// What the items of a file are together, test modules left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// Lines with code in them.
    pub code_lines: u32,
    /// Functions with a name.
    pub functions: u32,
    /// The highest cognitive complexity of a function.
    pub hardest: u32,
    /// Modules that are imported from.
    pub modules: u32,
}

/// A file rule's view.
pub struct FileVisit<'a> {
    pub(crate) text: &'a str,
    pub(crate) language: Option<Language>,
    pub(crate) role: FileRole,
    pub(crate) summary: Option<Summary>,
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
        self.summary.map(|summary| summary.code_lines)
    }

    /// What its items are together; `None` when the file is too large to be parsed.
    pub fn summary(&self) -> Option<Summary> {
        self.summary
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
