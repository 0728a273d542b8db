//! Method calls among a macro's tokens, which are no expressions to the grammar.

use autodao_syntax::tree_sitter::Node;

use crate::visit::Visit;

/// The calls `.method(...)` in a macro invocation's tokens: the method's name and its arguments' tokens.
pub(crate) fn method_calls<'n>(
    visit: &Visit<'_, '_>,
    invocation: Node<'n>,
    method: &str,
) -> Vec<(Node<'n>, Node<'n>)> {
    let mut calls = Vec::new();
    let mut cursor = invocation.walk();
    let Some(tokens) = invocation.named_children(&mut cursor).find(|child| child.kind() == "token_tree")
    else {
        return calls;
    };
    if !visit.text(tokens).contains(method) {
        return calls;
    }
    let mut todo = vec![tokens];
    while let Some(tokens) = todo.pop() {
        let (mut dot, mut name) = (false, None::<Node<'_>>);
        for token in tokens.children(&mut cursor) {
            if token.kind() == "token_tree" {
                todo.push(token);
                calls.extend(name.map(|name| (name, token)));
            }
            name = (dot && token.kind() == "identifier" && visit.text(token) == method).then_some(token);
            dot = token.kind() == ".";
        }
    }
    calls
}
