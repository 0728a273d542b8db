//! The functions of a whole file with their metrics.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use super::name::{self, Scope};
use super::{Definition, FlowTracker, FunctionMetrics};
use crate::kinds::{Kind, Kinds};

/// A function with what is measured of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MeasuredFunction {
    /// As it is called in its surroundings: its own name, or that of what it is bound to (a variable, a property);
    /// `<anonymous>` when there is none, `[computed]` for a computed key, `get x` and `set x` for accessors of a
    /// class.
    pub name: String,
    /// Names from the outermost item to this one, joined by `.` in scripts and `::` in Rust. Not unique.
    pub path: String,
    /// The whole function, modifiers included, attributes and comments before it left out.
    pub span: Span,
    /// Its name, or of one without a name what stands before its body.
    pub name_span: Span,
    /// The line it starts on, from 1.
    pub start_line: u32,
    /// The line it ends on, from 1.
    pub end_line: u32,
    /// What is measured of it.
    pub metrics: FunctionMetrics,
}

/// Every function below a node that is measured alone, outer before inner, in the order they start.
pub fn functions(
    root: Node<'_>,
    text: &str,
    language: Language,
    definition: Definition,
) -> Vec<MeasuredFunction> {
    let kinds = Kinds::of(language);
    let mut tracker = FlowTracker::new(language, definition);
    let mut found: Vec<MeasuredFunction> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut ancestors: Vec<Node<'_>> = Vec::new();
    let mut scope = Scope::new(language);
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        tracker.enter(node, &cursor);
        if !kinds.get(node).is(Kind::COMMENT) {
            if cursor.goto_first_child() {
                if tracker.is_measured(kinds.flow(node)) {
                    open.push(found.len());
                    let name = name::of_function(node, &ancestors, text);
                    let path = scope.path_of(&name);
                    found.push(start(node, kinds, text, name, path));
                }
                tracker.descend(node);
                let name = found.last().filter(|last| last.span == Span::of(node)).map(|last| &*last.name);
                scope.enter(node, name, &ancestors, text);
                ancestors.push(node);
                continue;
            }
            tracker.leaf(node);
        }
        while !cursor.goto_next_sibling() {
            if let Some(metrics) = tracker.ascend()
                && let Some(function) = open.pop().and_then(|index| found.get_mut(index))
            {
                function.metrics = metrics;
            }
            ancestors.pop();
            scope.leave(ancestors.len());
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

fn start(node: Node<'_>, kinds: &Kinds, text: &str, name: String, path: String) -> MeasuredFunction {
    MeasuredFunction {
        name,
        path,
        span: Span::of(node),
        name_span: name::span_of(node, kinds, text),
        start_line: node.start_position().row as u32 + 1,
        end_line: node.end_position().row as u32 + 1,
        metrics: FunctionMetrics::default(),
    }
}

#[cfg(test)]
mod tests {
    use autodao_syntax::SyntaxParser;

    use super::*;
    use crate::metrics::MetricProfile;

    fn names(language: Language, profile: MetricProfile, text: &str) -> Vec<(String, String)> {
        let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
        assert!(!tree.root_node().has_error(), "{text}");
        let found = functions(tree.root_node(), text, language, Definition::of(profile, language));
        found.into_iter().map(|function| (function.name, function.path)).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect()
    }

    #[test]
    fn functions_of_scripts_are_called_as_what_they_are_bound_to() {
        let text = "namespace n { export class A { get x() { return 1 } #p = () => { q(() => 1) }; ['c']() {} 'k'() {} } }\n\
                    const f = async (a) => a, o = { m() {}, n: function () {}, get g() { return 1 } };\n\
                    a.b.c = (function* () {}); export default () => {};";
        assert_eq!(
            names(Language::TypeScript, MetricProfile::SonarJs, text),
            pairs(&[
                ("get x", "n.A.get x"),
                ("p", "n.A.p"),
                ("<anonymous>", "n.A.p.<anonymous>"),
                ("[computed]", "n.A.[computed]"),
                ("k", "n.A.k"),
                ("f", "f"),
                ("m", "o.m"),
                ("n", "o.n"),
                ("g", "o.g"),
                ("c", "c"),
                ("<anonymous>", "<anonymous>"),
            ])
        );
    }

    #[test]
    fn closures_of_rust_are_functions_where_they_stand_alone() {
        let text =
            "mod m { impl<T> Tr for S<T> { fn f() { |a| a; fn g() {} } } trait Q { fn h() {} fn i(); } }";
        let own = [("f", "m::<S<T> as Tr>::f"), ("g", "m::<S<T> as Tr>::f::g"), ("h", "m::Q::h")];
        assert_eq!(names(Language::Rust, MetricProfile::Whitepaper, text), pairs(&own));
        let closure = ("<anonymous>", "m::<S<T> as Tr>::f::<anonymous>");
        assert_eq!(
            names(Language::Rust, MetricProfile::RustCodeAnalysis, text),
            pairs(&[own[0], closure, own[1], own[2]])
        );
    }
}
