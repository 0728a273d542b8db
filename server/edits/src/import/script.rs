//! `import` statements.

use std::collections::BTreeMap;

use autodao_quality::TextEdit;
use autodao_syntax::Span;
use autodao_syntax::index::DefinitionKind;
use autodao_syntax::tree_sitter::Node;

use super::{ImportRequest, Imports, Said, children, importable, is_family, line_end, slice, steps};

/// What modules' files end in.
const ENDS: [&str; 9] = [".d.ts", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

/// Where a name comes from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    /// As this file names it.
    source: String,
    is_default: bool,
    /// Whether it is there for types only, and said to be.
    is_type: bool,
}

pub(super) fn add(request: &ImportRequest<'_>, names: &[&String], found: &mut Imports) {
    let text = request.text;
    let statements = children(request.tree.root_node(), |kind| kind == "import_statement");
    let clauses: Vec<Vec<Brought>> = statements.iter().map(|node| brought(clause(text, *node))).collect();
    let style = Style::of(request, &statements);
    // By where they come from, and whether they are types only: a default and what is named.
    let mut fresh: BTreeMap<(String, bool), (Option<String>, Vec<String>)> = BTreeMap::new();
    let mut extended: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for name in names {
        if clauses.iter().flatten().any(|brought| brought.local == **name) {
            continue;
        }
        let Some(origin) = origin_of(request, name, &style) else {
            found.unresolved.push((*name).clone());
            continue;
        };
        let same = statements.iter().position(|node| {
            specifier(text, *node) == origin.source
                && named_list(*node).is_some()
                && is_type_only(text, *node) == origin.is_type
        });
        match same.filter(|_| !origin.is_default) {
            Some(at) => extended.entry(at).or_default().push((*name).clone()),
            None => {
                let entry = fresh.entry((origin.source.clone(), origin.is_type)).or_default();
                if origin.is_default && entry.0.is_none() {
                    entry.0 = Some((*name).clone());
                } else {
                    entry.1.push((*name).clone());
                }
            }
        }
        found.added.push(((*name).clone(), style.statement(&origin.source, &origin, name)));
    }
    for (at, names) in extended {
        if let Some(list) = statements.get(at).and_then(|node| named_list(*node)) {
            found.edits.extend(into_list(text, list, &names));
        }
    }
    let end = line_end(text);
    let lines: String = fresh
        .into_iter()
        .map(|((source, is_type), (default, named))| {
            let list = (!named.is_empty()).then(|| style.list(&named));
            let clause: Vec<String> = default.into_iter().chain(list).collect();
            let word = if is_type { "type " } else { "" };
            format!("import {word}{} from {}{end}", clause.join(", "), style.quoted(&source))
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    let (at, lines) = match statements.last() {
        Some(last) => {
            let behind = last.end_byte();
            let next = text.get(behind..).and_then(|rest| rest.find('\n')).map(|end| behind + end + 1);
            match next {
                Some(at) => (at, lines),
                None => (text.len(), format!("{end}{}", lines.trim_end())),
            }
        }
        None => {
            let at = beginning(text, request.tree.root_node());
            (
                at,
                if text.get(at..).is_some_and(|rest| rest.starts_with(['\n', '\r']) || rest.is_empty()) {
                    lines
                } else {
                    lines + end
                },
            )
        }
    };
    found.edits.push(TextEdit { span: Span::at(at as u32), text: lines });
}

/// How the file writes its imports.
struct Style {
    quote: char,
    end: &'static str,
    spaced: bool,
    /// `.js` or so behind relative paths.
    extension: Option<String>,
    /// Whether types are imported as such anywhere.
    types: bool,
}

impl Style {
    fn of(request: &ImportRequest<'_>, statements: &[Node<'_>]) -> Self {
        let text = request.text;
        let all: Vec<&str> = statements.iter().map(|node| slice(text, *node)).collect();
        let single = all.iter().filter(|line| line.contains('\'')).count();
        let quote = if all.is_empty() {
            if text.matches('\'').count() >= text.matches('"').count() { '\'' } else { '"' }
        } else if single * 2 >= all.len() {
            '\''
        } else {
            '"'
        };
        let ends = all.iter().filter(|line| line.ends_with(';')).count();
        let has_ends =
            if all.is_empty() { text.is_empty() || text.contains(";\n") } else { ends * 2 >= all.len() };
        let tight =
            all.iter().any(|line| line.contains('{') && !line.contains("{ ") && !line.contains("{\n"));
        // What the neighbours do is the habit of the project: some need the extension, some forbid it.
        let mut extensions: Said<Option<&str>> = Said::default();
        let mut types = false;
        for (_, file) in request.index.files().filter(|(_, file)| is_family(request.language, file.path())) {
            let distance = steps(request.path, file.path());
            for import in &file.index().imports {
                types |= is_of_types(&import.clause);
                if !import.source.starts_with('.') {
                    continue;
                }
                let ends = [".js", ".ts", ".mjs", ".mts", ".tsx", ".jsx"];
                extensions.add(distance, ends.into_iter().find(|end| import.source.ends_with(end)));
            }
        }
        Self {
            quote,
            end: if has_ends { ";" } else { "" },
            spaced: !tight,
            extension: extensions.nearest().flatten().map(str::to_owned),
            types,
        }
    }

    fn quoted(&self, source: &str) -> String {
        format!("{0}{source}{0}{1}", self.quote, self.end)
    }

    fn list(&self, names: &[String]) -> String {
        if self.spaced { format!("{{ {} }}", names.join(", ")) } else { format!("{{{}}}", names.join(", ")) }
    }

    fn statement(&self, source: &str, origin: &Origin, name: &str) -> String {
        let clause = if origin.is_default { name.to_owned() } else { self.list(&[name.to_owned()]) };
        let word = if origin.is_type { "type " } else { "" };
        format!("import {word}{clause} from {}", self.quoted(source))
    }
}

/// A name that an import brings.
struct Brought {
    name: String,
    local: String,
    is_default: bool,
}

/// What a clause brings: `a, { b as c, type d }`, `* as e`.
fn brought(clause: &str) -> Vec<Brought> {
    let mut found = Vec::new();
    let clause = clause.trim();
    let clause = clause.strip_prefix("type ").unwrap_or(clause);
    let (head, list) = match clause.split_once('{') {
        Some((head, list)) => (head, list.split('}').next().unwrap_or("")),
        None => (clause, ""),
    };
    for part in head.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.strip_prefix("* as ") {
            Some(local) => {
                found.push(Brought {
                    name: "*".to_owned(),
                    local: local.trim().to_owned(),
                    is_default: false,
                });
            }
            None => {
                let name = part.to_owned();
                found.push(Brought { name: name.clone(), local: name, is_default: true });
            }
        }
    }
    for part in list.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let part = part.strip_prefix("type ").unwrap_or(part);
        let (name, local) = part.split_once(" as ").unwrap_or((part, part));
        found.push(Brought {
            name: name.trim().to_owned(),
            local: local.trim().to_owned(),
            is_default: false,
        });
    }
    found
}

/// Where a name comes from: as the files nearest to this one say, and by where it is.
fn origin_of(request: &ImportRequest<'_>, name: &str, style: &Style) -> Option<Origin> {
    let id = request.index.id(name)?;
    let mut said: Said<Origin> = Said::default();
    for (_, file) in request.index.files() {
        if file.path() == request.path || !file.ids().contains(&id) {
            continue;
        }
        let distance = steps(request.path, file.path());
        for import in &file.index().imports {
            let all = brought(&import.clause);
            for brought in all.iter().filter(|brought| brought.local == name && brought.name == name) {
                let source = if import.source.starts_with('.') {
                    let target = joined(folder(file.path()), &import.source);
                    if module(&target) == module(request.path) {
                        continue;
                    }
                    relative(request, &target)
                } else {
                    import.source.to_string()
                };
                let is_type = is_of_types(&import.clause);
                said.add(distance, Origin { source, is_default: brought.is_default, is_type });
            }
        }
    }
    let is_value = is_used_as_value(request, name);
    for (file, definition) in importable(request, name) {
        let source = with_extension(&relative(request, module(file.path())), style, file.path());
        let is_type =
            style.types && matches!(definition.kind, DefinitionKind::Interface | DefinitionKind::Type);
        let origin = Origin { source, is_default: definition.is_default, is_type };
        said.put(steps(request.path, file.path()), origin);
    }
    said.nearest().map(|nearest| Origin { is_type: nearest.is_type && !is_value, ..nearest })
}

/// Whether the name is used where there is no type.
fn is_used_as_value(request: &ImportRequest<'_>, name: &str) -> bool {
    let mut cursor = request.tree.root_node().walk();
    loop {
        let node = cursor.node();
        let is_near = Span::of(node).touches(request.at);
        if is_near && node.kind() == "identifier" && slice(request.text, node) == name {
            return true;
        }
        if is_near && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return false;
            }
        }
    }
}

/// Whether a clause brings types only.
fn is_of_types(clause: &str) -> bool {
    clause.strip_prefix("type").is_some_and(|rest| rest.starts_with([' ', '{', '\n']))
}

fn with_extension(source: &str, style: &Style, path: &str) -> String {
    let Some(extension) = &style.extension else { return source.to_owned() };
    if extension == ".js" || extension == ".mjs" {
        let is_index = ["/index.ts", "/index.js", "/index.tsx"].iter().any(|end| path.ends_with(end));
        return if is_index { format!("{source}/index{extension}") } else { format!("{source}{extension}") };
    }
    let own = path.rfind('.').map_or("", |at| &path[at..]);
    format!("{source}{own}")
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path without extension, and without `/index`.
fn module(path: &str) -> &str {
    let stem = ENDS.iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
    stem.strip_suffix("/index").unwrap_or(stem)
}

/// A relative specifier seen from a folder, as a path of the workspace.
fn joined(folder: &str, specifier: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A module of the workspace, as the file names it.
fn relative(request: &ImportRequest<'_>, path: &str) -> String {
    let from: Vec<&str> = folder(request.path).split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let mut shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    // Beside a folder there may be a file of its name, and that is what is meant then.
    let is_file = || ENDS.iter().any(|end| request.index.file_at(&format!("{path}{end}")).is_some());
    if shared == to.len() && shared > 0 && is_file() {
        shared -= 1;
    }
    let up = from.len() - shared;
    let mut parts: Vec<&str> = if up == 0 { vec!["."] } else { vec![".."; up] };
    parts.extend(&to[shared..]);
    parts.join("/")
}

fn clause<'a>(text: &'a str, node: Node<'_>) -> &'a str {
    children(node, |kind| kind == "import_clause").first().map_or("", |clause| slice(text, *clause))
}

fn specifier<'a>(text: &'a str, node: Node<'_>) -> &'a str {
    let source = node.child_by_field_name("source").map_or("", |source| slice(text, source));
    source.trim_matches(['"', '\''])
}

/// The braces of an import, if it has some.
fn named_list(node: Node<'_>) -> Option<Node<'_>> {
    let clause = children(node, |kind| kind == "import_clause").first().copied()?;
    children(clause, |kind| kind == "named_imports").first().copied()
}

fn is_type_only(text: &str, node: Node<'_>) -> bool {
    slice(text, node).strip_prefix("import").is_some_and(|rest| {
        let rest = rest.trim_start();
        rest.strip_prefix("type")
            .is_some_and(|rest| rest.starts_with([' ', '{']) && !rest.trim_start().starts_with("from"))
    })
}

/// Names put behind the last of a list, as the others are.
fn into_list(text: &str, list: Node<'_>, names: &[String]) -> Option<TextEdit> {
    let specifiers = children(list, |kind| kind == "import_specifier");
    let Some(last) = specifiers.last() else {
        let inner = Span::new(list.start_byte() as u32, list.end_byte() as u32);
        return Some(TextEdit { span: inner, text: format!("{{ {} }}", names.join(", ")) });
    };
    let line_start = text.get(..last.start_byte())?.rfind('\n').map_or(0, |at| at + 1);
    let before = text.get(line_start..last.start_byte())?;
    let separator = if before.trim().is_empty() && line_start > list.start_byte() {
        format!(",{}{before}", line_end(text))
    } else {
        ", ".to_owned()
    };
    let added: String = names.iter().map(|name| format!("{separator}{name}")).collect();
    Some(TextEdit { span: Span::at(last.end_byte() as u32), text: added })
}

/// Behind the comments and directives (`'use strict'`) that a file begins with.
fn beginning(text: &str, root: Node<'_>) -> usize {
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for node in children(root, |_| true) {
        let is_directive = node.kind() == "expression_statement"
            && node.named_child(0).is_some_and(|inner| inner.kind() == "string");
        let is_head = matches!(node.kind(), "hash_bang_line") || is_directive;
        if !is_head {
            break;
        }
        let end = node.end_byte();
        at = text.get(end..).and_then(|rest| rest.find('\n')).map_or(text.len(), |next| end + next + 1);
    }
    at
}
