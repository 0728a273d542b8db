//! What the workspace rules need to know of one file.

use std::hash::Hasher;

use autodao_syntax::tree_sitter::{Node, Tree};
use autodao_syntax::{Buffer, Language, LineIndex, Span};
use rustc_hash::FxHasher;

use super::imports::{Import, ImportKinds, TypeUses, import_of};
use crate::FileRole;
use crate::kinds::{Field, Kind, Kinds};
use crate::visit::is_test_attribute;

/// What the workspace rules know of one file. It depends on the file's text, language and role alone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileSurvey {
    /// A hash of each token's text, comments, imports and test code left out.
    pub(super) tokens: Vec<u32>,
    /// Where each token is.
    pub(super) spans: Vec<Span>,
    /// Functions with a body.
    pub(super) functions: Vec<SurveyedFunction>,
    /// Imports of other files of the workspace.
    pub(super) imports: Vec<Import>,
    lines: Option<LineIndex>,
}

/// A function with a body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct SurveyedFunction {
    pub(super) name: Box<str>,
    pub(super) name_span: Span,
    /// Its body's tokens, as a range of [`FileSurvey::tokens`].
    pub(super) first: u32,
    pub(super) end: u32,
    pub(super) statements: u32,
}

/// A body that is being walked.
struct Body {
    /// How many nodes are around what is in it.
    depth: usize,
    /// Index of its function.
    function: usize,
}

impl FileSurvey {
    /// Surveys a parsed file. Test code is left out: it repeats itself for good reasons.
    pub fn of(language: Language, role: FileRole, buffer: &Buffer, tree: &Tree) -> Self {
        let mut survey = Self { lines: Some(buffer.lines().clone()), ..Self::default() };
        let leaves_tokens_out = role == FileRole::Test;
        let (kinds, import_kinds) = (Kinds::of(language), ImportKinds::of(language));
        let text = buffer.text();
        let is_typed = matches!(language, Language::TypeScript | Language::Tsx);
        let mut type_uses = TypeUses::default();
        let mut cursor = tree.walk();
        let mut ancestors: Vec<Node<'_>> = Vec::new();
        let mut bodies: Vec<Body> = Vec::new();
        // Set by a test attribute, for the item after it.
        let mut skip_item = false;
        loop {
            let node = cursor.node();
            let kind = kinds.get(node);
            let is_comment = kind.is(Kind::COMMENT);
            let mut closed = is_comment;
            if language == Language::Rust && node.is_named() {
                if kind.is(Kind::ATTRIBUTE) {
                    closed = true;
                    skip_item |= is_test_attribute(text.get(node.byte_range()).unwrap_or(""));
                } else if !is_comment {
                    closed |= std::mem::take(&mut skip_item);
                }
            } else if import_kinds.may_import(node)
                && let Some(mut import) = import_of(node, text)
            {
                if is_typed && !import.type_only {
                    import.type_place = type_uses.import(node, text, survey.imports.len());
                }
                survey.imports.push(import);
            }
            closed |= import_kinds.only_imports(node);
            closed |= leaves_tokens_out && language == Language::Rust;
            if !closed && !leaves_tokens_out && kind.is(Kind::FUNCTION) {
                survey.open(kinds, node, &ancestors, text);
            }
            if !closed && cursor.goto_first_child() {
                ancestors.push(node);
                if let Some(function) = survey.body_at(node, &bodies) {
                    survey.functions[function].first = survey.tokens.len() as u32;
                    bodies.push(Body { depth: ancestors.len(), function });
                }
                continue;
            }
            if is_typed && !closed {
                type_uses.token(node, text, &mut survey.imports);
            }
            if !closed && !leaves_tokens_out && node.start_byte() < node.end_byte() {
                survey.token(node, text);
            }
            while ancestors.is_empty() || !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    survey.functions.retain(|function| function.end > function.first);
                    if !type_uses.is_certain() || tree.root_node().has_error() {
                        survey.imports.iter_mut().for_each(|import| import.type_place = 0);
                    }
                    return survey;
                }
                if bodies.last().is_some_and(|body| body.depth == ancestors.len())
                    && let Some(body) = bodies.pop()
                {
                    survey.functions[body.function].end = survey.tokens.len() as u32;
                }
                ancestors.pop();
            }
        }
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        self.tokens.len() * (size_of::<u32>() + size_of::<Span>())
            + self.functions.len() * size_of::<SurveyedFunction>()
            + self.imports.len() * size_of::<Import>()
    }

    /// The line of an offset, counted from 0.
    pub(super) fn line_of(&self, offset: u32) -> u32 {
        self.lines.as_ref().map_or(0, |lines| lines.line_of(offset))
    }

    fn token(&mut self, node: Node<'_>, text: &str) {
        let mut hasher = FxHasher::default();
        hasher.write(text.as_bytes().get(node.byte_range()).unwrap_or_default());
        let hash = hasher.finish();
        self.tokens.push((hash ^ (hash >> 32)) as u32);
        self.spans.push(Span::of(node));
    }

    /// Notes a function; its body's tokens are known when the walk has been there.
    fn open(&mut self, kinds: &Kinds, node: Node<'_>, ancestors: &[Node<'_>], text: &str) {
        let Some(body) = kinds.child(node, Field::Body) else { return };
        // Which functions an implementation of a trait has is not its author's choice.
        if let [.., container, _] = ancestors
            && container.child_by_field_name("trait").is_some()
        {
            return;
        }
        let parent = ancestors.last();
        let name = node.child_by_field_name("name").or_else(|| {
            let parent = parent?;
            parent.child_by_field_name("name").or_else(|| parent.child_by_field_name("key"))
        });
        let Some(name) = name.filter(|name| name.start_byte() < body.start_byte()) else { return };
        let mut cursor = body.walk();
        let statements =
            body.named_children(&mut cursor).filter(|child| !kinds.get(*child).is(Kind::COMMENT));
        self.functions.push(SurveyedFunction {
            name: text.get(name.byte_range()).unwrap_or("").into(),
            name_span: Span::of(name),
            // Until the walk is there: where the body is, so that it is recognised.
            first: NOT_YET,
            end: body.start_byte() as u32,
            statements: statements.count() as u32,
        });
    }

    /// The function whose body a node is, if the walk was not there yet.
    fn body_at(&self, node: Node<'_>, open: &[Body]) -> Option<usize> {
        let known = open.last().map_or(0, |body| body.function + 1);
        let waiting = self.functions.get(known..)?;
        let start = node.start_byte() as u32;
        let index =
            waiting.iter().rposition(|function| function.first == NOT_YET && function.end == start)?;
        Some(known + index)
    }
}

/// The first token of a body that was not walked yet.
const NOT_YET: u32 = u32::MAX;
