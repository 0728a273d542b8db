//! What a file imports: facts that rules in other items ask for.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::facts::{Fact, Topic};
use crate::kinds::{Field, Kinds};
use crate::unit::Context;
use crate::walk::FileView;

/// Paths longer than this are no paths: copying them would take the square of their length.
const MAX_PATH: usize = 1024;

/// States what an item imports, if it is an import.
pub(crate) fn state(file: &FileView<'_>, item: Node<'_>, context: Context, stated: &mut Vec<Fact>) {
    match item.kind() {
        "use_declaration" => rust(file, item, context, stated),
        "import_statement" => {
            let kinds = Kinds::of(file.language);
            let require = || item.named_child(0).and_then(|clause| kinds.child(clause, Field::Source));
            if let Some(source) = kinds.child(item, Field::Source).or_else(require) {
                script(file, source, context, stated);
            }
        }
        "lexical_declaration" | "variable_declaration" if file.language != Language::Rust => {
            required(file, item, context, stated);
        }
        _ => {}
    }
}

fn rust(file: &FileView<'_>, item: Node<'_>, context: Context, stated: &mut Vec<Fact>) {
    let text = |node: Node<'_>| file.text.get(node.byte_range()).unwrap_or("");
    let Some(argument) = item.child_by_field_name("argument") else { return };
    let mut cursor = item.walk();
    let mut todo = vec![(argument, String::new())];
    while let Some((node, prefix)) = todo.pop() {
        if prefix.len() > MAX_PATH {
            return;
        }
        match node.kind() {
            "use_list" => {
                todo.extend(node.named_children(&mut cursor).map(|child| (child, prefix.clone())));
            }
            "scoped_use_list" => {
                let path = node.child_by_field_name("path").map_or("", text);
                if let Some(list) = node.child_by_field_name("list") {
                    todo.push((list, joined(&prefix, path)));
                }
            }
            "use_as_clause" => {
                // Under another name it is imported all the same, but not for who looks for its own.
                let path = joined(&prefix, node.child_by_field_name("path").map_or("", text));
                stated.push(Fact::new(Topic::Module, parent(&path)));
            }
            "use_wildcard" => {
                let path = joined(&prefix, node.named_child(0).map_or("", text));
                stated.push(Fact::new(Topic::Module, &path));
            }
            "self" => import(&prefix, &prefix, context, stated),
            "line_comment" | "block_comment" => {}
            _ => {
                let path = joined(&prefix, text(node));
                if !context.in_module {
                    let root = path.split("::").next().unwrap_or("");
                    stated.push(Fact::new(Topic::Crate, root));
                }
                import(parent(&path), &path, context, stated);
            }
        }
    }
}

fn import(module: &str, name: &str, context: Context, stated: &mut Vec<Fact>) {
    stated.push(Fact::new(Topic::Module, module));
    if !context.in_module {
        stated.push(Fact::new(Topic::Import, name));
    }
}

fn joined(prefix: &str, path: &str) -> String {
    let path = path.trim_start_matches("::");
    match (prefix, path) {
        ("", path) => path.to_owned(),
        (prefix, "") => prefix.to_owned(),
        (prefix, path) => format!("{prefix}::{path}"),
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once("::").map_or(path, |(module, _)| module)
}

fn script(file: &FileView<'_>, source: Node<'_>, context: Context, stated: &mut Vec<Fact>) {
    let quoted = Span::of(source);
    let name = file.text.get(quoted.range()).unwrap_or("").trim_matches(['"', '\'', '`']);
    import(name, name, context, stated);
}

/// `const a = require("a")`.
fn required(file: &FileView<'_>, item: Node<'_>, context: Context, stated: &mut Vec<Fact>) {
    let kinds = Kinds::of(file.language);
    let text = |node: Node<'_>| file.text.get(node.byte_range()).unwrap_or("");
    for declarator in item.named_children(&mut item.walk()) {
        let call = kinds.child(declarator, Field::Value).filter(|value| value.kind() == "call_expression");
        let Some(call) = call else { continue };
        let is_require = kinds.child(call, Field::Function).is_some_and(|called| text(called) == "require");
        let argument = kinds.child(call, Field::Arguments).and_then(|arguments| arguments.named_child(0));
        if let (true, Some(source)) = (is_require, argument.filter(|source| source.kind() == "string")) {
            script(file, source, context, stated);
        }
    }
}

#[cfg(test)]
mod tests {
    use autodao_syntax::SyntaxParser;

    use super::*;
    use crate::{FileRole, Profile};

    fn stated(language: Language, text: &str) -> Vec<Fact> {
        let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
        let profile = Profile::shared_default();
        let file = FileView { text, language, role: FileRole::Library, profile: &profile, queries: None };
        let mut stated = Vec::new();
        state(&file, tree.root_node().named_child(0).unwrap(), Context::default(), &mut stated);
        stated
    }

    #[test]
    fn every_form_of_import_is_read() {
        for (language, text, module, name) in [
            (Language::Rust, "use a;", "a", "a"),
            (Language::Rust, "use ::a::b::C;", "a::b", "a::b::C"),
            (Language::Rust, "use a::{b::{C, D}, e};", "a::b", "a::b::D"),
            (Language::Rust, "pub use a::{self, b};", "a", "a"),
            (Language::Rust, "use {a::B, c};", "a", "a::B"),
            (Language::TypeScript, "import a from 'a/b';", "a/b", "a/b"),
            (Language::TypeScript, "import 'a';", "a", "a"),
            (Language::TypeScript, "import a = require(\"a\");", "a", "a"),
            (Language::JavaScript, "const { b } = require('a');", "a", "a"),
        ] {
            let stated = stated(language, text);
            assert!(stated.contains(&Fact::new(Topic::Module, module)), "{text}");
            assert!(stated.contains(&Fact::new(Topic::Import, name)), "{text}");
        }
        let renamed = stated(Language::Rust, "use a::{b as c, d::*};");
        assert_eq!(renamed.len(), 2, "a new name and a wildcard are only modules: {renamed:?}");
        assert_eq!(stated(Language::JavaScript, "const a = f('b'), c = 1;"), []);
    }
}
