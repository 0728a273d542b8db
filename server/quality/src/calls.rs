//! Calls, taken apart.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::Node;

use crate::kinds::{Field, Kind, Kinds};
use crate::visit::Visit;

/// `receiver.name::<generics>(arguments)`.
#[derive(Clone, Copy)]
pub(crate) struct MethodCall<'n, 't> {
    pub(crate) receiver: Node<'n>,
    /// The method's name, where it is written.
    pub(crate) name_node: Node<'n>,
    pub(crate) name: &'t str,
    pub(crate) arguments: Node<'n>,
    /// The type arguments as written, `""` when there are none.
    pub(crate) generics: &'t str,
}

/// A node as a call of a method; `None` when it is something else.
pub(crate) fn method_call<'n, 't>(visit: &Visit<'t, '_>, call: Node<'n>) -> Option<MethodCall<'n, 't>> {
    if call.kind() != "call_expression" {
        return None;
    }
    let called = visit.child(call, Field::Function)?;
    let (member, generics) = if called.kind() == "generic_function" {
        let member = visit.child(called, Field::Function)?;
        (member, visit.text(called).get(member.byte_range().len()..).unwrap_or(""))
    } else {
        (called, "")
    };
    let (receiver, name_node) = match member.kind() {
        "field_expression" => (visit.child(member, Field::Value)?, visit.child(member, Field::Member)?),
        "member_expression" => (visit.child(member, Field::Object)?, visit.child(member, Field::Property)?),
        _ => return None,
    };
    let arguments = visit.child(call, Field::Arguments)?;
    Some(MethodCall { receiver, name_node, name: visit.text(name_node), arguments, generics })
}

/// The arguments of a call, comments left out.
pub(crate) fn argument(language: Language, arguments: Node<'_>, index: usize) -> Option<Node<'_>> {
    let kinds = Kinds::of(language);
    let is_comment = |node: &Node<'_>| kinds.get(*node).is(Kind::COMMENT);
    (0..arguments.named_child_count() as u32)
        .filter_map(|at| arguments.named_child(at))
        .filter(|node| !is_comment(node))
        .nth(index)
}

/// The only argument of a call; `None` when there are none or several.
pub(crate) fn sole_argument(language: Language, arguments: Node<'_>) -> Option<Node<'_>> {
    argument(language, arguments, 0).filter(|_| argument(language, arguments, 1).is_none())
}

/// A node without the parentheses around it.
pub(crate) fn without_parentheses(mut node: Node<'_>) -> Node<'_> {
    while node.kind() == "parenthesized_expression"
        && let Some(inner) = node.named_child(0).filter(|_| node.named_child_count() == 1)
    {
        node = inner;
    }
    node
}
