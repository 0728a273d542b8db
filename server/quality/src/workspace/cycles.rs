//! Circles of imports: the strongly connected components of the import graph (Tarjan 1972), without recursion.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};

use super::imports::resolve;
use super::{WorkspaceFile, finding, name_of};
use crate::rules::IMPORT_CYCLE;
use crate::{Finding, TextEdit};

/// How many modules of a circle a message names.
const NAMED: usize = 5;

/// An import, resolved: the importing file's, and the index of the imported file.
struct Edge {
    import: usize,
    to: usize,
}

pub(super) fn find(files: &[WorkspaceFile<'_>], findings: &mut [Vec<Finding>]) {
    let edges = graph(files);
    let component = components(&edges);
    let mut told = vec![false; files.len()];
    for (from, file) in files.iter().enumerate() {
        let inside = |edge: &&Edge| component[edge.to] == component[from];
        let Some(edge) = edges[from].iter().find(inside) else { continue };
        if std::mem::replace(&mut told[component[from]], true) {
            continue;
        }
        let way = shortest(&edges, &component, edge.to, from);
        let size = component.iter().filter(|other| **other == component[from]).count();
        let message = message(files, from, &way, size);
        let import = &file.survey.imports[edge.import];
        let mut told = finding(file, IMPORT_CYCLE, import.span, message);
        if let Some(told) = told.as_mut().filter(|_| import.type_place > 0) {
            told.suggest("Import the types only", vec![TextEdit::insert(import.type_place, " type")]);
        }
        findings[from].extend(told);
    }
}

fn message(files: &[WorkspaceFile<'_>], from: usize, way: &[usize], size: usize) -> String {
    if way.is_empty() || size == 1 {
        return "this module imports itself".to_owned();
    }
    let name = |index: usize| name_of(files[index].path, files[from].path);
    let mut names: Vec<String> = way.iter().take(NAMED).map(|index| name(*index)).collect();
    if way.len() > NAMED {
        names.push("…".to_owned());
    }
    names.push(name(from));
    let others = if size > way.len() + 1 {
        format!(" ({size} modules are in circles with each other)")
    } else {
        String::new()
    };
    format!("this import closes a circle: {}{others}", names.join(" → "))
}

/// The imports that are there when the program runs, by importing file.
fn graph(files: &[WorkspaceFile<'_>]) -> Vec<Vec<Edge>> {
    let by_path: HashMap<&Path, usize> =
        files.iter().enumerate().map(|(index, file)| (file.path, index)).collect();
    let mut known: HashMap<PathBuf, usize> = HashMap::new();
    let edges = files.iter().map(|file| {
        let imports = file.survey.imports.iter().enumerate().filter(|(_, import)| !import.type_only);
        let resolved = imports.filter_map(|(index, import)| {
            let path = resolve(file.path, &import.specifier, |path| by_path.contains_key(path))?;
            let to = *known.entry(path).or_insert_with_key(|path| by_path[path.as_path()]);
            Some(Edge { import: index, to })
        });
        resolved.collect()
    });
    edges.collect()
}

/// The component of each file, as the index of one of its files.
fn components(edges: &[Vec<Edge>]) -> Vec<usize> {
    const UNSEEN: usize = usize::MAX;
    let count = edges.len();
    let (mut index, mut low) = (vec![UNSEEN; count], vec![0; count]);
    let (mut on_stack, mut component) = (vec![false; count], vec![UNSEEN; count]);
    let (mut stack, mut calls, mut next) = (Vec::new(), Vec::new(), 0);
    for root in 0..count {
        if index[root] != UNSEEN {
            continue;
        }
        calls.push((root, 0));
        while let Some((file, edge)) = calls.pop() {
            if edge == 0 {
                index[file] = next;
                low[file] = next;
                next += 1;
                stack.push(file);
                on_stack[file] = true;
            }
            match edges[file].get(edge).map(|edge| edge.to) {
                Some(to) => {
                    calls.push((file, edge + 1));
                    if index[to] == UNSEEN {
                        calls.push((to, 0));
                    } else if on_stack[to] {
                        low[file] = low[file].min(index[to]);
                    }
                }
                None => {
                    if low[file] == index[file] {
                        while let Some(member) = stack.pop() {
                            on_stack[member] = false;
                            component[member] = file;
                            if member == file {
                                break;
                            }
                        }
                    }
                    if let Some((caller, _)) = calls.last() {
                        low[*caller] = low[*caller].min(low[file]);
                    }
                }
            }
        }
    }
    component
}

/// The files on the shortest way from one file of a component to another, the first included, the last not.
fn shortest(edges: &[Vec<Edge>], component: &[usize], from: usize, to: usize) -> Vec<usize> {
    if from == to {
        return Vec::new();
    }
    let mut before = HashMap::from([(from, from)]);
    let mut queue = VecDeque::from([from]);
    while let Some(file) = queue.pop_front() {
        for edge in edges[file].iter().filter(|edge| component[edge.to] == component[to]) {
            if before.contains_key(&edge.to) {
                continue;
            }
            before.insert(edge.to, file);
            if edge.to == to {
                let mut way = Vec::new();
                let mut at = file;
                loop {
                    way.push(at);
                    if at == from {
                        break;
                    }
                    at = before[&at];
                }
                way.reverse();
                return way;
            }
            queue.push_back(edge.to);
        }
    }
    Vec::new()
}
