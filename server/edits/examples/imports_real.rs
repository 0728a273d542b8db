//! How often an import that a workspace has is found again when it is taken away: `imports_real FOLDER...`
//!
//! Of each file, each import whose names are defined in the workspace is removed by itself, and asked for. Printed are
//! how many came back as they were, how many not at all, and each that came back otherwise.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "an example")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use autodao_edits::{ImportRequest, imports};
use autodao_syntax::index::{FileIndex, WorkspaceIndex};
use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span, SyntaxParser};

fn main() {
    for folder in std::env::args().skip(1) {
        of_folder(Path::new(&folder));
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir()
            && !path.is_symlink()
            && !["target", "node_modules", "dist"].contains(&&*name)
            && !name.starts_with('.')
        {
            files(&path, found);
        } else if Language::from_path(&path).is_some() {
            found.push(path);
        }
    }
}

fn of_folder(folder: &Path) {
    let mut paths = Vec::new();
    files(folder, &mut paths);
    let mut parser = SyntaxParser::default();
    let mut index = WorkspaceIndex::default();
    let mut texts = Vec::new();
    for path in &paths {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        let language = Language::from_path(path).unwrap();
        let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        if let Some(file) = FileIndex::parse(&mut parser, language, &text) {
            index.insert(&name, Arc::new(file));
            texts.push((name, language, text));
        }
    }
    let (mut same, mut none, mut other) = (0, 0, Vec::<String>::new());
    for (name, language, text) in &texts {
        let tree = parser.parse_fresh(*language, text).unwrap();
        let mut cursor = tree.root_node().walk();
        let nodes: Vec<Node<'_>> = tree.root_node().children(&mut cursor).collect();
        for node in nodes {
            let statement = &text[node.byte_range()];
            let Some((names, wanted)) = wanted(*language, name, statement) else { continue };
            let is_defined =
                |name: &String| index.id(name).is_some_and(|id| !index.definitions_of(id).is_empty());
            if !names.iter().all(is_defined) {
                continue;
            }
            let without = format!("{}{}", &text[..node.start_byte()], &text[node.end_byte()..]);
            let tree = parser.parse_fresh(*language, &without).unwrap();
            // The file's own import is not there to be seen.
            let own = FileIndex::parse(&mut parser, *language, &without).unwrap();
            index.insert(name, Arc::new(own));
            let found = imports(&ImportRequest {
                index: &index,
                path: name,
                language: *language,
                text: &without,
                tree: &tree,
                at: Span::new(0, without.len() as u32),
                names: &names,
                crate_name: &|inner| {
                    let manifest = std::fs::read_to_string(folder.join(inner).join("Cargo.toml")).ok()?;
                    let line = manifest.lines().find(|line| line.starts_with("name"))?;
                    Some(line.split('"').nth(1)?.replace('-', "_"))
                },
            });
            for (at, name_wanted) in names.iter().enumerate() {
                let added = found.added.iter().find(|(added, _)| added == name_wanted);
                match added {
                    None => {
                        none += 1;
                        other.push(format!("{name}: {statement:?} is not found"));
                    }
                    Some((_, line)) if source(*language, line) == wanted[at] => same += 1,
                    Some((_, line)) => other.push(format!("{name}: {statement:?} came back as {line}")),
                }
            }
            let file = FileIndex::parse(&mut parser, *language, text).unwrap();
            index.insert(name, Arc::new(file));
        }
    }
    println!("{}: {same} as they were, {none} not found, {} otherwise", folder.display(), other.len() - none);
    for line in other {
        println!("  {line}");
    }
}

/// The names of an import and where each comes from, for what stands on its own.
fn wanted(language: Language, file: &str, statement: &str) -> Option<(Vec<String>, Vec<String>)> {
    if language.is_script() {
        let rest = statement.strip_prefix("import ")?;
        let rest = rest.strip_prefix("type ").unwrap_or(rest);
        let (clause, from) = rest.split_once(" from ")?;
        let list = clause.trim().strip_prefix('{')?.strip_suffix('}')?;
        let names: Vec<String> = list
            .split(',')
            .map(|name| name.trim().trim_start_matches("type ").to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        if names.iter().any(|name| name.contains(' ')) {
            return None;
        }
        let from = from.trim_matches([';', '\'', '"', '\n']).to_owned();
        let all = vec![from; names.len()];
        return Some((names, all));
    }
    let path = statement.strip_prefix("use ")?.strip_suffix(';')?;
    if path.contains(['{', '*']) || path.contains(" as ") {
        return None;
    }
    let mut modules: Vec<&str> = file.split_once("src/")?.1.strip_suffix(".rs")?.split('/').collect();
    if matches!(modules.last(), Some(&"mod" | &"lib" | &"main")) {
        modules.pop();
    }
    let mut parts: Vec<&str> = path.split("::").collect();
    while parts[0] == "super" {
        modules.pop()?;
        parts.remove(0);
        if parts[0] != "super" {
            let mut whole = vec!["crate"];
            whole.extend(&modules);
            whole.extend(&parts);
            parts = whole;
        }
    }
    if parts[0] == "self" {
        return None;
    }
    Some((vec![(*parts.last()?).to_owned()], vec![parts.join("::")]))
}

fn source(language: Language, line: &str) -> String {
    if language.is_script() {
        line.split_once(" from ").unwrap().1.trim_matches([';', '\'', '"']).to_owned()
    } else {
        line.strip_prefix("use ").unwrap().strip_suffix(';').unwrap().to_owned()
    }
}
