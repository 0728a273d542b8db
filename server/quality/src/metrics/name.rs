//! What functions are called.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::kinds::{Field, Kinds};

const ANONYMOUS: &str = "<anonymous>";

/// The longest name that is kept, in bytes: a key of an object may be any string.
const MAX_NAME: usize = 200;

/// A function's name, or that of what it is bound to.
pub(super) fn of_function(function: Node<'_>, ancestors: &[Node<'_>], text: &str) -> String {
    let Some(name) = name_of(function, ancestors) else { return ANONYMOUS.to_owned() };
    let in_class = ancestors.last().is_some_and(|parent| parent.kind() == "class_body");
    match accessor_of(function).filter(|_| in_class) {
        Some(accessor) => format!("{accessor} {}", key(name, text)),
        None => key(name, text),
    }
}

/// Where a function's name is written, or that of what it is bound to.
pub(crate) fn name_of<'t>(function: Node<'t>, ancestors: &[Node<'t>]) -> Option<Node<'t>> {
    if let Some(name) = function.child_by_field_name("name") {
        return Some(name);
    }
    let parent = ancestors.iter().rev().find(|node| node.kind() != "parenthesized_expression")?;
    match parent.kind() {
        "variable_declarator" => {
            parent.child_by_field_name("name").filter(|name| name.kind() == "identifier")
        }
        "pair" => parent.child_by_field_name("key"),
        "public_field_definition" | "field_definition" => {
            parent.child_by_field_name("name").or_else(|| parent.child_by_field_name("property"))
        }
        "assignment_expression" => parent.child_by_field_name("left").and_then(|left| match left.kind() {
            "identifier" => Some(left),
            "member_expression" => left.child_by_field_name("property"),
            _ => None,
        }),
        _ => None,
    }
}

/// `get` or `set`.
fn accessor_of(method: Node<'_>) -> Option<&'static str> {
    let mut cursor = method.walk();
    let mut before_name = method
        .children(&mut cursor)
        .take_while(|child| !child.is_named() || child.kind().ends_with("modifier"));
    before_name.find_map(|child| match child.kind() {
        "get" => Some("get"),
        "set" => Some("set"),
        _ => None,
    })
}

/// A key as a program would write it after a dot.
fn key(node: Node<'_>, text: &str) -> String {
    let written = slice(node, text);
    let key = match node.kind() {
        "computed_property_name" => "[computed]",
        "string" => written.trim_matches(['"', '\'']),
        "private_property_identifier" => written.trim_start_matches('#'),
        _ => written,
    };
    shortened(key)
}

fn slice<'t>(node: Node<'_>, text: &'t str) -> &'t str {
    text.get(node.byte_range()).unwrap_or("")
}

fn shortened(name: &str) -> String {
    let end = name.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= MAX_NAME).last();
    name[..end.unwrap_or(0)].to_owned()
}

/// The name of a function in the text, or of one without a name what stands before its body.
pub(crate) fn span_of(function: Node<'_>, kinds: &Kinds, text: &str) -> Span {
    if let Some(name) = kinds.child(function, Field::Name) {
        return Span::of(name);
    }
    let end = kinds.child(function, Field::Body).map_or(function.end_byte(), |body| body.start_byte());
    let head = Span::new(function.start_byte() as u32, end as u32);
    let len = text.get(head.range()).unwrap_or("").trim_end().len();
    Span::new(head.start, head.start + len as u32)
}

/// The names around the node a walk is at.
pub(super) struct Scope {
    separator: &'static str,
    path: String,
    /// Names that were added: at which depth of the walk, and how long the path was before.
    added: Vec<(usize, usize)>,
}

impl Scope {
    pub(super) fn new(language: Language) -> Self {
        let separator = if language.is_script() { "." } else { "::" };
        Self { separator, path: String::new(), added: Vec::new() }
    }

    /// The path of something here.
    pub(super) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}{}{name}", self.path, self.separator) }
    }

    /// The walk goes on to the children of a node; `function` is its name if it is one that is measured.
    pub(super) fn enter(
        &mut self,
        node: Node<'_>,
        function: Option<String>,
        ancestors: &[Node<'_>],
        text: &str,
    ) {
        let name = function.or_else(|| scope_name(node, ancestors, text));
        // A path of a file with ten thousand nested names would be long ten thousand times.
        let Some(name) = name.filter(|_| self.path.len() < 8 * MAX_NAME) else { return };
        self.added.push((ancestors.len(), self.path.len()));
        self.path = self.path_of(&name);
    }

    /// The walk leaves a node at this depth.
    pub(super) fn leave(&mut self, depth: usize) {
        if let Some((_, len)) = self.added.pop_if(|(added, _)| *added == depth) {
            self.path.truncate(len);
        }
    }
}

/// What a node that is no function adds to the paths of what is in it.
fn scope_name(node: Node<'_>, ancestors: &[Node<'_>], text: &str) -> Option<String> {
    let field = |name| node.child_by_field_name(name).map(|child| slice(child, text));
    match node.kind() {
        "class_declaration"
        | "abstract_class_declaration"
        | "internal_module"
        | "module"
        | "mod_item"
        | "trait_item" => field("name").map(shortened),
        "class" | "object" => {
            let own = field("name").map(shortened);
            own.or_else(|| Some(of_function(node, ancestors, text)).filter(|name| name != ANONYMOUS))
        }
        "impl_item" => {
            let of = field("type")?;
            Some(match field("trait") {
                Some(implemented) => format!("<{} as {}>", shortened(of), shortened(implemented)),
                None => shortened(of),
            })
        }
        _ => None,
    }
}
