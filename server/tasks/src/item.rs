//! What of a syntax tree is an item: something with a name that an edit can replace as a whole.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, OutlineKind, Span};

/// An item. Offsets are bytes of the text it was found in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// What it is. [`OutlineKind::Variant`] and [`OutlineKind::Field`] are no items: they belong to their type.
    pub kind: OutlineKind,
    /// Its node kind in the grammar; of a binding, a field or a test's call that of the function or class in it.
    pub node_kind: String,
    /// Its name as written; of an `impl`, its type; empty when it has none.
    pub name: String,
    /// Names from the outermost item to this one, as [`autodao_syntax::OutlineItem::path`] has them.
    pub symbol: String,
    /// All that goes with it: documentation, attributes and decorators before it, `export`, the `;` of a binding.
    pub whole: Span,
    /// The same without documentation and attributes.
    pub span: Span,
    /// The body, braces included.
    pub body: Option<Span>,
}

/// What kind of item a node is.
pub(crate) fn item_kind(node: Node<'_>, language: Language, text: &str) -> Option<OutlineKind> {
    if !node.is_named() {
        return None;
    }
    if language == Language::Rust { rust_kind(node.kind()) } else { script_kind(node, text) }
}

fn rust_kind(kind: &str) -> Option<OutlineKind> {
    Some(match kind {
        "function_item" | "function_signature_item" => OutlineKind::Function,
        "struct_item" | "union_item" => OutlineKind::Struct,
        "enum_item" => OutlineKind::Enum,
        "trait_item" => OutlineKind::Interface,
        "impl_item" => OutlineKind::Impl,
        "mod_item" => OutlineKind::Module,
        "type_item" | "associated_type" => OutlineKind::Type,
        "const_item" | "static_item" => OutlineKind::Constant,
        "macro_definition" => OutlineKind::Macro,
        _ => return None,
    })
}

fn script_kind(node: Node<'_>, text: &str) -> Option<OutlineKind> {
    Some(match node.kind() {
        "function_declaration" | "generator_function_declaration" | "function_signature" => {
            OutlineKind::Function
        }
        "method_definition" | "method_signature" | "abstract_method_signature" => OutlineKind::Method,
        "class_declaration" | "abstract_class_declaration" => OutlineKind::Class,
        "interface_declaration" => OutlineKind::Interface,
        "type_alias_declaration" => OutlineKind::Type,
        "enum_declaration" => OutlineKind::Enum,
        "internal_module" | "module" => OutlineKind::Module,
        "variable_declarator" | "public_field_definition" | "field_definition" => value_kind(node)?,
        // What has no name of its own: the file's default, a file's exports by assignment, a test.
        "export_statement" => value_kind(node)?,
        "expression_statement" => {
            bound(node, text)?;
            OutlineKind::Function
        }
        _ => return None,
    })
}

/// A binding or field counts when a function or class is bound.
fn value_kind(node: Node<'_>) -> Option<OutlineKind> {
    let value = node.child_by_field_name("value")?;
    if value.kind() == "class" {
        return Some(OutlineKind::Class);
    }
    let is_field = node.kind().ends_with("field_definition");
    is_function_value(value).then_some(if is_field { OutlineKind::Method } else { OutlineKind::Function })
}

/// The function or class that an item's node gives a name or a place.
pub(crate) fn bound<'t>(node: Node<'t>, text: &str) -> Option<Node<'t>> {
    if node.kind() == "expression_statement" {
        return called_test(node, text).or_else(|| exported_function(node, text));
    }
    let value = node.child_by_field_name("value")?;
    (value.kind() == "class" || is_function_value(value)).then_some(value)
}

/// Functions whose calls are items of a test file.
const TEST_CALLS: [&str; 10] = [
    "describe",
    "it",
    "test",
    "suite",
    "context",
    "bench",
    "beforeEach",
    "afterEach",
    "beforeAll",
    "afterAll",
];

/// The function in a statement such as `it("adds", () => { ... })` or `describe.each(rows)("a", () => { ... })`.
fn called_test<'t>(statement: Node<'t>, text: &str) -> Option<Node<'t>> {
    let call = statement.named_child(0).filter(|call| call.kind() == "call_expression")?;
    let callee = text.get(call.child_by_field_name("function")?.byte_range())?;
    let name = callee.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    let arguments = call.child_by_field_name("arguments")?;
    let last = arguments.named_child((arguments.named_child_count() as u32).checked_sub(1)?)?;
    (TEST_CALLS.contains(&name) && is_function_value(last)).then_some(last)
}

/// The function in a statement such as `module.exports = function () { ... }`.
fn exported_function<'t>(statement: Node<'t>, text: &str) -> Option<Node<'t>> {
    let assignment = statement.named_child(0).filter(|child| child.kind() == "assignment_expression")?;
    let left = text.get(assignment.child_by_field_name("left")?.byte_range())?;
    let right = assignment.child_by_field_name("right")?;
    let exports = left.starts_with("module.exports") || left.starts_with("exports.");
    (exports && is_function_value(right)).then_some(right)
}

fn is_function_value(node: Node<'_>) -> bool {
    matches!(node.kind(), "arrow_function" | "function_expression" | "generator_function")
}

/// Whether items directly in it are its members, and functions among them methods.
pub(crate) fn is_type(kind: OutlineKind) -> bool {
    matches!(
        kind,
        OutlineKind::Struct
            | OutlineKind::Class
            | OutlineKind::Enum
            | OutlineKind::Interface
            | OutlineKind::Impl
    )
}

/// Whether it is made of items: what a task can be split along.
pub(crate) fn is_container(kind: OutlineKind) -> bool {
    matches!(kind, OutlineKind::Impl | OutlineKind::Module | OutlineKind::Class | OutlineKind::Interface)
}

/// Nodes around an item that go with it: `export`, `declare`, the statement of a binding.
pub(crate) fn is_wrapper(node: Node<'_>) -> bool {
    match node.kind() {
        "export_statement" | "ambient_declaration" => true,
        // Of several bindings each is an item, none has the statement.
        "lexical_declaration" | "variable_declaration" => node.named_child_count() == 1,
        "expression_statement" => node.child(0).is_some_and(|child| child.kind() == "internal_module"),
        _ => false,
    }
}

/// The node that holds an item's members or statements.
pub(crate) fn body_of<'t>(node: Node<'t>, text: &str) -> Option<Node<'t>> {
    bound(node, text).unwrap_or(node).child_by_field_name("body")
}

/// An item's name and its part in symbol paths: an `impl Trait for Type` is `<Type as Trait>` in them.
pub(crate) fn names(node: Node<'_>, kind: OutlineKind, text: &str) -> (String, String) {
    let field = |name: &str| {
        let child = node.child_by_field_name(name)?;
        text.get(child.byte_range()).map(str::to_owned)
    };
    if kind == OutlineKind::Impl {
        let of = field("type").unwrap_or_default();
        let own = match field("trait") {
            Some(interface) => format!("<{of} as {interface}>"),
            None => of.clone(),
        };
        return (of, own);
    }
    let name = match node.kind() {
        "export_statement" => "default".to_owned(),
        "expression_statement" => statement_name(node, text),
        _ => field("name").or_else(|| field("property")).unwrap_or_default(),
    };
    (name.clone(), name)
}

/// A test's call up to its title, an assignment's left side.
fn statement_name(node: Node<'_>, text: &str) -> String {
    let Some(expression) = node.named_child(0) else { return String::new() };
    let part = |node: Option<Node<'_>>| node.and_then(|node| text.get(node.byte_range())).unwrap_or("");
    let name = match expression.child_by_field_name("arguments") {
        None => part(expression.child_by_field_name("left")).to_owned(),
        Some(arguments) => {
            let title = arguments.named_child(0).filter(|title| !is_function_value(*title));
            format!("{}({})", part(expression.child_by_field_name("function")), part(title))
        }
    };
    name.lines().next().unwrap_or("").chars().take(80).collect()
}

/// Whether a node before an item belongs to it: an attribute, a decorator, a documentation comment.
pub(crate) fn is_leading(node: Node<'_>, text: &str) -> bool {
    match node.kind() {
        "attribute_item" | "decorator" => true,
        _ => is_comment(node) && is_doc(text.get(node.byte_range()).unwrap_or("")),
    }
}

pub(crate) fn is_comment(node: Node<'_>) -> bool {
    matches!(node.kind(), "line_comment" | "block_comment" | "comment")
}

fn is_doc(comment: &str) -> bool {
    let triple = |prefix: &str, not: &str| comment.starts_with(prefix) && !comment.starts_with(not);
    triple("///", "////") || (triple("/**", "/***") && comment.len() > 4)
}
