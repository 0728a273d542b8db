//! What becomes of a guard on its way through the code behind it.

use autodao_syntax::tree_sitter::Node;

use crate::kinds::Field;
use crate::search::mentions;
use crate::visit::Visit;

/// What code does with a guard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Flow<'n> {
    /// It is held all the same.
    Held,
    /// It is dropped, or handed to a function: on every way, or nobody knows.
    Given,
    /// What follows is not reached.
    Left,
    /// It is held while this waits.
    Waits(Node<'n>),
}

/// How deep code is followed, and over how many nodes.
const MAX_DEPTH: usize = 48;
const MAX_NODES: usize = 4096;

/// Follows a guard through code; `None` as a name is one that nothing can be said of: a temporary value.
pub(super) struct GuardFlow<'v, 't, 'w> {
    pub(super) visit: &'v Visit<'t, 'w>,
    pub(super) name: Option<&'t str>,
    nodes: usize,
    depth: usize,
}

impl<'v, 't, 'w> GuardFlow<'v, 't, 'w> {
    pub(super) fn new(visit: &'v Visit<'t, 'w>, name: Option<&'t str>) -> Self {
        Self { visit, name, nodes: 0, depth: 0 }
    }

    /// What a node does with the guard.
    pub(super) fn through<'n>(&mut self, node: Node<'n>) -> Flow<'n> {
        self.nodes += 1;
        if self.depth == MAX_DEPTH || self.nodes > MAX_NODES {
            return Flow::Given;
        }
        self.depth += 1;
        let flow = self.inside(node);
        self.depth -= 1;
        flow
    }

    fn inside<'n>(&mut self, node: Node<'n>) -> Flow<'n> {
        let visit = self.visit;
        match node.kind() {
            // What is written here runs elsewhere, if it runs; it may take the guard with it.
            "closure_expression" | "async_block" => {
                let takes = self.name.is_some_and(|name| {
                    let text = visit.text(node);
                    text.contains("move") && mentions(text, name)
                });
                if takes { Flow::Given } else { Flow::Held }
            }
            "function_item" | "macro_definition" | "macro_invocation" => {
                let text = visit.text(node);
                let is_panic = ["panic!", "unreachable!", "todo!", "unimplemented!"];
                if is_panic.iter().any(|start| text.starts_with(start)) { Flow::Left } else { Flow::Held }
            }
            "await_expression" => match node.named_child(0).map(|operand| self.through(operand)) {
                // Its operand comes first, and the guard may be given away in it.
                None | Some(Flow::Held) => Flow::Waits(node),
                Some(flow) => flow,
            },
            "identifier" if self.is_given_away(node) => Flow::Given,
            "if_expression" => {
                let condition =
                    visit.child(node, Field::Condition).map_or(Flow::Held, |node| self.through(node));
                if condition != Flow::Held {
                    return condition;
                }
                let then =
                    visit.child(node, Field::Consequence).map_or(Flow::Held, |node| self.through(node));
                let otherwise =
                    visit.child(node, Field::Alternative).map_or(Flow::Held, |node| self.through(node));
                both(then, otherwise)
            }
            "match_expression" => {
                let value = visit.child(node, Field::Value).map_or(Flow::Held, |node| self.through(node));
                let Some(body) = visit.child(node, Field::Body).filter(|_| value == Flow::Held) else {
                    return value;
                };
                let mut cursor = body.walk();
                let arms = body.named_children(&mut cursor).filter(|arm| arm.kind() == "match_arm");
                arms.map(|arm| self.through(arm)).reduce(both).unwrap_or(Flow::Held)
            }
            "while_expression" | "for_expression" => match self.in_order(node) {
                Flow::Waits(at) => Flow::Waits(at),
                // There may be no pass at all.
                _ => Flow::Held,
            },
            "return_expression" | "break_expression" | "continue_expression" => match self.in_order(node) {
                Flow::Waits(at) => Flow::Waits(at),
                _ => Flow::Left,
            },
            _ => self.in_order(node),
        }
    }

    /// What the children of a node do, one after the other.
    pub(super) fn in_order<'n>(&mut self, node: Node<'n>) -> Flow<'n> {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            let flow = self.through(child);
            if flow != Flow::Held {
                return flow;
            }
        }
        Flow::Held
    }

    /// Whether a node is the guard as a whole argument, or is put somewhere as a whole.
    fn is_given_away(&self, at: Node<'_>) -> bool {
        self.name == Some(self.visit.text(at))
            && at.parent().is_some_and(|parent| match parent.kind() {
                "arguments" | "return_expression" | "field_initializer" | "shorthand_field_initializer" => {
                    true
                }
                "let_declaration" => self.visit.child(parent, Field::Value) == Some(at),
                "assignment_expression" => self.visit.child(parent, Field::Right) == Some(at),
                _ => false,
            })
    }
}

/// What becomes of a guard where one of two ways is taken.
fn both<'n>(one: Flow<'n>, other: Flow<'n>) -> Flow<'n> {
    match (one, other) {
        (Flow::Waits(at), _) | (_, Flow::Waits(at)) => Flow::Waits(at),
        (Flow::Held, _) | (_, Flow::Held) => Flow::Held,
        (Flow::Left, Flow::Left) => Flow::Left,
        _ => Flow::Given,
    }
}
