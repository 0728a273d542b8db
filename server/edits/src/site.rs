//! The place of an edit: one version of a text, and the part of it that may change.

use std::sync::Arc;

use autodao_syntax::SyntaxTree;
use autodao_syntax::{Buffer, Language, MAX_PARSED_BYTES, Span, SyntaxParser};

use crate::ground::Ground;
use crate::indent::{IndentStyle, LineEnding, leading_blanks, with_lf};
use crate::literal::line_kinds;
use crate::walk::{is_attribute, is_comment, place, trimmed};

/// Why there can be no edit at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SiteError {
    /// The target is not in the text, or splits a character.
    #[error("the target is not a part of the text")]
    Outside,
    /// There is nothing but blanks in the target.
    #[error("the target is empty")]
    Empty,
    /// The text is above [`MAX_PARSED_BYTES`], or its parse failed.
    #[error("the text cannot be parsed")]
    Unparsed,
}

/// One version of a text and the part of it that an edit may change. A snapshot: later edits of the document do
/// not reach it.
#[derive(Clone, Debug)]
pub struct Site {
    buffer: Arc<Buffer>,
    language: Language,
    version: i32,
    tree: SyntaxTree,
    target: Span,
    line_ending: LineEnding,
    indent_style: Option<IndentStyle>,
}

impl Site {
    /// A site in a text with its tree. Blanks at the target's ends are left out of it; where the target is all that
    /// an `export` exports, the whole statement is the target.
    pub fn new(
        buffer: Arc<Buffer>,
        language: Language,
        version: i32,
        tree: SyntaxTree,
        target: Span,
    ) -> Result<Self, SiteError> {
        let text = buffer.text();
        if text.get(target.range()).is_none() {
            return Err(SiteError::Outside);
        }
        let target = trimmed(text, target);
        if target.is_empty() {
            return Err(SiteError::Empty);
        }
        let target = exported(&tree, text, target);
        let line_ending = LineEnding::of(buffer.slice(target)).or_else(|| LineEnding::of(text));
        let before = buffer.slice(Span::new(0, target.start));
        let margin = before.trim_end_matches([' ', '\t']);
        let blanks = if margin.ends_with(['\n', '\u{feff}']) { before.len() - margin.len() } else { 0 };
        let own = IndentStyle::of(buffer.slice(Span::new(target.start - blanks as u32, target.end)).lines());
        let indent_style = own.or_else(|| IndentStyle::of(text.lines()));
        let line_ending = line_ending.unwrap_or_default();
        Ok(Self { buffer, language, version, tree, target, line_ending, indent_style })
    }

    /// A site in a text that is parsed for it.
    pub fn parse(
        parser: &mut SyntaxParser,
        buffer: Arc<Buffer>,
        language: Language,
        version: i32,
        target: Span,
    ) -> Result<Self, SiteError> {
        let tree = parsed(parser, language, &buffer)?;
        Self::new(buffer, language, version, tree, target)
    }

    /// The place of a file that does not exist yet.
    pub fn new_file(
        parser: &mut SyntaxParser,
        language: Language,
        line_ending: LineEnding,
    ) -> Result<Self, SiteError> {
        let buffer = Buffer::shared("");
        let tree = parsed(parser, language, &buffer)?;
        let target = Span::at(0);
        Ok(Self { buffer, language, version: 0, tree, target, line_ending, indent_style: None })
    }

    /// The text.
    pub fn buffer(&self) -> &Arc<Buffer> {
        &self.buffer
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The editor's number of this text.
    pub fn version(&self) -> i32 {
        self.version
    }

    /// The tree of this text.
    pub fn tree(&self) -> &SyntaxTree {
        &self.tree
    }

    /// What may change, in bytes of the text. Empty for a new file only.
    pub fn target(&self) -> Span {
        self.target
    }

    /// How new lines end.
    pub fn line_ending(&self) -> LineEnding {
        self.line_ending
    }

    /// How new lines are indented, if the text shows it.
    pub fn indent_style(&self) -> Option<IndentStyle> {
        self.indent_style
    }

    /// The target's text.
    pub fn target_text(&self) -> &str {
        self.buffer.slice(self.target)
    }

    /// The target as a model is best shown it: lines end with `\n`, the indentation its first line has is taken
    /// from every line that does not begin inside a string or template literal.
    pub fn shown(&self) -> String {
        let text = with_lf(self.target_text());
        let kinds = line_kinds(self.tree.root_node(), self.buffer.text(), self.target);
        Ground::new(&text, &kinds, self.indent(), None).shown()
    }

    /// The blanks its first line begins with.
    pub(crate) fn indent(&self) -> &str {
        let start = self.line_start();
        leading_blanks(self.buffer.slice(Span::new(start, self.target.start)))
    }

    /// Where the line of the target's start begins, counted by `\n` alone.
    pub(crate) fn line_start(&self) -> u32 {
        let before = self.buffer.slice(Span::new(0, self.target.start));
        let start = before.rfind('\n').map_or(0, |at| at + 1) as u32;
        // A byte order mark is no indentation, and nothing goes before it.
        if start == 0 && before.starts_with('\u{feff}') { '\u{feff}'.len_utf8() as u32 } else { start }
    }

    /// What stands before the target on its line.
    pub(crate) fn line_head(&self) -> &str {
        self.buffer.slice(Span::new(self.line_start(), self.target.start))
    }

    /// What stands behind the target on its line, the line's end left out.
    pub(crate) fn line_tail(&self) -> &str {
        let rest = self.buffer.slice(Span::new(self.target.end, self.buffer.len()));
        rest.split('\n').next().unwrap_or("").trim_end_matches('\r')
    }

    /// The comments and attributes the target begins with, before its first item or statement.
    pub(crate) fn head(&self) -> Span {
        let place = place(self.tree.root_node(), self.buffer.text(), self.target);
        let first = place.nodes.iter().find(|node| !is_comment(node.kind()) && !is_attribute(node.kind()));
        let end = first.map_or(self.target.start, |node| Span::of(*node).start.max(self.target.start));
        Span::new(self.target.start, end)
    }

    /// The comments and attributes that the target begins with, one by one.
    pub(crate) fn head_parts(&self) -> Vec<Span> {
        let place = place(self.tree.root_node(), self.buffer.text(), self.target);
        let head = place.nodes.iter().take_while(|node| is_comment(node.kind()) || is_attribute(node.kind()));
        head.map(|node| Span::of(*node)).collect()
    }

    /// What the target exports, where it is an `export` of one declaration or value, comments before it apart.
    pub(crate) fn exported(&self) -> Option<Span> {
        let mut found = place(self.tree.root_node(), self.buffer.text(), self.target);
        found.nodes.retain(|node| !is_comment(node.kind()));
        let [node] = found.nodes[..] else { return None };
        let node = Some(node).filter(|node| node.kind() == "export_statement" && !found.crosses)?;
        let inner = node.child_by_field_name("declaration").or_else(|| node.child_by_field_name("value"))?;
        Some(Span::of(inner))
    }

    /// The target with the declaration, statement or export it is all of: what something is put before or after.
    pub(crate) fn anchor(&self) -> Span {
        let found = place(self.tree.root_node(), self.buffer.text(), self.target);
        let [node] = found.nodes[..] else { return self.target };
        let mut anchor = node;
        while let Some(parent) = anchor.parent().filter(|parent| is_wrapper(parent.kind())) {
            anchor = parent;
        }
        if found.crosses { self.target } else { Span::of(anchor) }
    }

    /// The same place in another version of the text.
    pub(crate) fn moved(
        &self,
        parser: &mut SyntaxParser,
        buffer: Arc<Buffer>,
        version: i32,
        tree: Option<SyntaxTree>,
        target: Span,
    ) -> Result<Self, SiteError> {
        let tree = match tree {
            Some(tree) => tree,
            None => parsed(parser, self.language, &buffer)?,
        };
        if buffer.text().get(target.range()).is_none() {
            return Err(SiteError::Outside);
        }
        Ok(Self { buffer, version, tree, target, ..self.clone() })
    }
}

fn parsed(parser: &mut SyntaxParser, language: Language, buffer: &Buffer) -> Result<SyntaxTree, SiteError> {
    if buffer.text().len() > MAX_PARSED_BYTES {
        return Err(SiteError::Unparsed);
    }
    parser.parse_fresh(language, buffer.text()).ok_or(SiteError::Unparsed)
}

/// The statement that exports the target and nothing else, or the target.
fn exported(tree: &SyntaxTree, text: &str, target: Span) -> Span {
    let found = place(tree.root_node(), text, target);
    let [node] = found.nodes[..] else { return target };
    let Some(parent) = node.parent().filter(|parent| parent.kind() == "export_statement") else {
        return target;
    };
    if found.crosses { target } else { Span::of(parent) }
}

/// Whether a node of this kind holds one item and says how it is declared.
fn is_wrapper(kind: &str) -> bool {
    matches!(
        kind,
        "export_statement"
            | "lexical_declaration"
            | "variable_declaration"
            | "expression_statement"
            | "ambient_declaration"
    )
}
