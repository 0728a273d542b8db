//! Which files of the workspace a script imports, and how a specifier is resolved.

use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};
use rustc_hash::FxHashMap;

/// An import of another file, by a relative specifier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    /// What is imported, as written: `./parser`.
    pub specifier: Box<str>,
    /// Where the specifier is written, quotes included.
    pub span: Span,
    /// Whether only types come from there: nothing is left of it when the program runs.
    pub type_only: bool,
    /// Where the word `type` would go if all that is imported is used as types only; 0 when it is not, or when that
    /// cannot be told.
    pub(super) type_place: u32,
}

/// Which names of a file's imports are used as values.
#[derive(Default)]
pub(super) struct TypeUses<'t> {
    /// The place of each name's import.
    imports: FxHashMap<&'t str, usize>,
    has_code: bool,
    has_decorator: bool,
}

impl<'t> TypeUses<'t> {
    /// Takes an import of the file, `index` of its imports, if it may turn out to be one of types: `import { a, b } from`
    /// or `import a from`, before all code.
    pub(super) fn import(&mut self, node: Node<'t>, text: &'t str, index: usize) -> u32 {
        let keyword = node.child(0).filter(|first| first.kind() == "import");
        let (Some(keyword), false) = (keyword, self.has_code) else { return 0 };
        let mut cursor = node.walk();
        let Some(clause) = node.named_children(&mut cursor).find(|child| child.kind() == "import_clause")
        else {
            return 0;
        };
        let Some(only) = clause.named_child(0).filter(|_| clause.named_child_count() == 1) else { return 0 };
        let names: Vec<Node<'_>> = match only.kind() {
            "identifier" => vec![only],
            "named_imports" => {
                let specifiers: Vec<_> = only.named_children(&mut only.walk()).collect();
                let is_plain = |one: &Node<'_>| {
                    one.kind() == "import_specifier" && one.child(0).is_some_and(|first| first.is_named())
                };
                if !specifiers.iter().all(is_plain) {
                    return 0;
                }
                let named =
                    |one: &Node<'t>| one.child_by_field_name("alias").or(one.child_by_field_name("name"));
                specifiers.iter().filter_map(named).collect()
            }
            _ => Vec::new(),
        };
        if names.is_empty() {
            return 0;
        }
        self.imports.extend(names.iter().filter_map(|name| Some((text.get(name.byte_range())?, index))));
        keyword.end_byte() as u32
    }

    /// Sees a token of the file: a name that is no type's is a value's. (In types, types' names are nodes of their own.)
    pub(super) fn token(&mut self, node: Node<'_>, text: &str, imports: &mut [Import]) {
        self.has_code = true;
        if self.imports.is_empty() {
            return;
        }
        match node.kind() {
            "identifier" | "shorthand_property_identifier" => {
                let name = text.get(node.byte_range()).unwrap_or("");
                if let Some(index) = self.imports.remove(name) {
                    imports[index].type_place = 0;
                }
            }
            // What is decorated may be told its parameters' types when the program runs.
            "@" => self.has_decorator = true,
            _ => {}
        }
    }

    /// Whether what was found holds.
    pub(super) fn is_certain(&self) -> bool {
        !self.has_decorator
    }
}

/// The node kinds that matter here, by id: names would be compared at every node.
pub(super) struct ImportKinds {
    import: u16,
    export: u16,
    call: u16,
    declaration: u16,
}

impl ImportKinds {
    /// Those of a language; what it lacks is 0, which no node is.
    pub(super) fn of(language: Language) -> &'static Self {
        static KINDS: [OnceLock<ImportKinds>; 4] = [const { OnceLock::new() }; 4];
        KINDS[language as usize].get_or_init(|| {
            let grammar = language.grammar();
            let id = |name| grammar.id_for_node_kind(name, true);
            let script = |name| if language.is_script() { id(name) } else { 0 };
            Self {
                import: script("import_statement"),
                export: script("export_statement"),
                call: script("call_expression"),
                declaration: if language.is_script() { 0 } else { id("use_declaration") },
            }
        })
    }

    /// Whether a node may be an import of another file.
    pub(super) fn may_import(&self, node: Node<'_>) -> bool {
        let kind = node.kind_id();
        kind == self.import || kind == self.export || kind == self.call
    }

    /// Whether a node does nothing but import.
    pub(super) fn only_imports(&self, node: Node<'_>) -> bool {
        let kind = node.kind_id();
        kind == self.import
            || kind == self.declaration
            || (kind == self.export && node.child_by_field_name("source").is_some())
    }
}

/// What a specifier may leave out, in the order in which it is tried.
const EXTENSIONS: [&str; 8] = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];

/// The import a node is: an `import` or `export ... from`, `import x = require()`, `import()` or `require()`.
pub(super) fn import_of(node: Node<'_>, text: &str) -> Option<Import> {
    let source = match node.kind() {
        "import_statement" | "export_statement" => node.child_by_field_name("source").or_else(|| {
            let mut cursor = node.walk();
            let clause =
                node.named_children(&mut cursor).find(|child| child.kind() == "import_require_clause");
            clause?.child_by_field_name("source")
        })?,
        "call_expression" => {
            let function = node.child_by_field_name("function")?;
            let is_import = function.kind() == "import"
                || (function.kind() == "identifier" && text.get(function.byte_range()) == Some("require"));
            let arguments = node.child_by_field_name("arguments").filter(|_| is_import)?;
            arguments.named_child(0).filter(|argument| argument.kind() == "string")?
        }
        _ => return None,
    };
    let written = text.get(source.byte_range())?;
    let specifier = written.get(1..written.len().saturating_sub(1))?;
    specifier.starts_with('.').then(|| Import {
        specifier: specifier.into(),
        span: Span::of(source),
        type_only: is_type_only(node, text),
        type_place: 0,
    })
}

/// `import type ...`, or one whose names are all types.
fn is_type_only(node: Node<'_>, text: &str) -> bool {
    let mut cursor = node.walk();
    let mut children = node.children(&mut cursor);
    if node.kind() == "call_expression" {
        return false;
    }
    if node.children(&mut node.walk()).any(|child| child.kind() == "type") {
        return true;
    }
    let clause = children.find(|child| matches!(child.kind(), "import_clause" | "export_clause"));
    let Some(clause) = clause else { return false };
    let names = match clause.kind() {
        "export_clause" => clause,
        _ => match clause.named_child(0) {
            Some(only) if only.kind() == "named_imports" && clause.named_child_count() == 1 => only,
            _ => return false,
        },
    };
    let mut cursor = names.walk();
    let mut specifiers =
        names.named_children(&mut cursor).filter(|child| child.kind().ends_with("_specifier")).peekable();
    specifiers.peek().is_some()
        && specifiers.all(|specifier| {
            let first = text.get(specifier.byte_range()).unwrap_or("").split_ascii_whitespace();
            let words: Vec<_> = first.take(2).collect();
            matches!(words[..], ["type", second] if second != "as" && second != ",")
        })
}

/// The file a specifier means, as bundlers and TypeScript find it: as it is written, with an extension, as a folder
/// with an index; `./a.js` also stands for `./a.ts`.
pub(super) fn resolve(from: &Path, specifier: &str, exists: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let base = joined(from.parent()?, specifier)?;
    let source = |path: PathBuf| exists(&path).then_some(path);
    if let Some(extension) = base.extension().and_then(|extension| extension.to_str()) {
        let written_for: &[&str] = match extension {
            "js" => &["ts", "tsx"],
            "jsx" => &["tsx"],
            "mjs" => &["mts"],
            "cjs" => &["cts"],
            _ => &[],
        };
        if let Some(found) = written_for.iter().find_map(|other| source(base.with_extension(other))) {
            return Some(found);
        }
    }
    let with = |extension: &str| {
        let mut name = base.clone().into_os_string();
        name.push(".");
        name.push(extension);
        PathBuf::from(name)
    };
    source(base.clone()).or_else(|| EXTENSIONS.iter().find_map(|extension| source(with(extension)))).or_else(
        || EXTENSIONS.iter().find_map(|extension| source(base.join("index").with_extension(extension))),
    )
}

/// A folder and a relative specifier, `.` and `..` worked out; `None` when it leads out of the root.
fn joined(folder: &Path, specifier: &str) -> Option<PathBuf> {
    let mut path = folder.to_owned();
    for component in Path::new(specifier).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(path.components().next_back(), None | Some(Component::ParentDir)) =>
            {
                path.push("..");
            }
            Component::ParentDir if path.pop() => {}
            Component::ParentDir => return None,
            other => path.push(other),
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specifier_is_resolved_as_bundlers_do() {
        let there = ["src/a.ts", "src/b/index.tsx", "src/c.d.ts", "src/d.js", "top.ts", "src/e.test.ts"];
        let exists = |path: &Path| there.iter().any(|file| Path::new(file) == path);
        for (from, specifier, expected) in [
            ("src/x.ts", "./a", Some("src/a.ts")),
            ("src/x.ts", "./a.js", Some("src/a.ts")),
            ("src/b/x.ts", "../b", Some("src/b/index.tsx")),
            ("src/b/index.tsx", "..", None),
            ("src/x.ts", "./d.js", Some("src/d.js")),
            ("src/x.ts", "../top", Some("top.ts")),
            ("src/x.ts", "./e.test", Some("src/e.test.ts")),
            ("src/x.ts", "./gone", None),
        ] {
            let found = resolve(Path::new(from), specifier, exists);
            assert_eq!(found.as_deref(), expected.map(Path::new), "{specifier} from {from}");
        }
    }
}
