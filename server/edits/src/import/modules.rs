//! Crates, their modules, and the paths of what is in them.

use autodao_syntax::index::{ContainerKind, Definition, DefinitionKind, WorkspaceFile};

use super::rust::leaves;
use super::{ImportRequest, Said, importable, steps};

/// How much farther off than anything of this crate other crates are.
const ABROAD: usize = 1000;

/// Where a name is imported from: as the files nearest to this one do, and by where it is.
pub(super) fn path_of(request: &ImportRequest<'_>, name: &str) -> Option<String> {
    let here = Crate::of(request, request.path);
    let places: Vec<(usize, bool, String)> = importable(request, name)
        .into_iter()
        .filter_map(|(file, definition)| {
            let path = by_place(request, &here, file, definition, name)?;
            let is_module = definition.kind == DefinitionKind::Module;
            Some((steps(request.path, file.path()), is_module, path))
        })
        .collect();
    let is_item = is_used_as_item(request, name);
    // A module and an item in it may have one name.
    let fits = |path: &str| {
        !is_item
            || !here.has_module(request, path)
            || places.iter().any(|(.., is_module, place)| !is_module && place == path)
    };
    let id = request.index.id(name)?;
    let mut said = Said::default();
    for (_, file) in request.index.files() {
        let other = Crate::of(request, file.path());
        if other != here || file.path() == request.path || !file.ids().contains(&id) {
            continue;
        }
        let distance = steps(request.path, file.path());
        for import in &file.index().imports {
            for (path, local) in leaves(&import.source) {
                let is_it = local == name && path.rsplit("::").next() == Some(name);
                if let Some(path) = is_it.then(|| absolute(request, &other, file, &path)).flatten()
                    && fits(&path)
                    && is_reached(request, &here, &path)
                {
                    said.add(distance, path);
                }
            }
        }
    }
    for (distance, is_module, path) in places {
        let is_own = path.starts_with("crate::");
        if !is_module || (is_own && !is_item) {
            // What is in the same crate is meant before what is in others.
            said.put(distance + if is_own { 0 } else { ABROAD }, path);
        }
    }
    said.nearest()
}

/// Whether the name is used, and never as the head of a path.
fn is_used_as_item(request: &ImportRequest<'_>, name: &str) -> bool {
    let text = request.text.get(request.at.range()).unwrap_or("");
    let is_word = |sign: char| sign.is_alphanumeric() || sign == '_';
    let mut uses = text.match_indices(name).filter_map(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let is_it = !before.ends_with(is_word) && !after.starts_with(is_word) && !before.ends_with("::");
        is_it.then(|| after.trim_start().starts_with("::"))
    });
    uses.next().is_some_and(|is_head| !is_head && !uses.any(|is_head| is_head))
}

/// What a file is compiled into: a library, or a program beside it.
#[derive(Clone, PartialEq, Eq)]
struct Crate<'a> {
    /// The folder that holds `src`; `None` where there is none.
    folder: Option<&'a str>,
    /// The root of a program, if it is one of its files: what is beside it is a library to it.
    program: Option<&'a str>,
}

impl<'a> Crate<'a> {
    fn of(request: &ImportRequest<'_>, path: &'a str) -> Self {
        let folder =
            if path.starts_with("src/") { Some("") } else { path.find("/src/").map(|at| &path[..at]) };
        let is_root = path.ends_with("src/main.rs") || path.contains("src/bin/");
        // Without a library all of it is the program.
        let has_library = || {
            let root = |name: &str| match folder {
                Some("") => format!("src/{name}"),
                Some(folder) => format!("{folder}/src/{name}"),
                None => name.to_owned(),
            };
            request.index.file_at(&root("lib.rs")).is_some()
        };
        let program = (is_root && (path.contains("src/bin/") || has_library())).then_some(path);
        Self { folder, program }
    }

    /// The path of a file of it, given that of its `src` without the first part.
    fn file(&self, below: &str) -> String {
        match self.folder {
            None | Some("") => format!("src/{below}"),
            Some(folder) => format!("{folder}/src/{below}"),
        }
    }

    /// Whether a path of it is that of a module with a file.
    fn has_module(&self, request: &ImportRequest<'_>, path: &str) -> bool {
        let modules: Vec<String> = path.split("::").skip(1).map(str::to_owned).collect();
        path.starts_with("crate::") && self.module(request, &modules).is_some()
    }

    /// The file of a module.
    fn module<'i>(&self, request: &ImportRequest<'i>, modules: &[String]) -> Option<&'i WorkspaceFile> {
        let at = |below: &str| request.index.file_at(&self.file(below)).map(|(_, file)| file);
        let joined = modules.join("/");
        if modules.is_empty() {
            return at("lib.rs").or_else(|| at("main.rs"));
        }
        at(&format!("{joined}.rs")).or_else(|| at(&format!("{joined}/mod.rs")))
    }
}

/// The path of a definition by where it stands, if it may be named from here.
fn by_place(
    request: &ImportRequest<'_>,
    here: &Crate<'_>,
    file: &WorkspaceFile,
    definition: &Definition,
    name: &str,
) -> Option<String> {
    if !matches!(definition.container.kind, ContainerKind::File | ContainerKind::Module) {
        return None;
    }
    let there = Crate::of(request, file.path());
    let is_own = there == *here;
    if !is_own && there.program.is_some() {
        return None;
    }
    let root = if is_own { "crate".to_owned() } else { (request.crate_name)(there.folder?)? };
    if definition.kind == DefinitionKind::Macro {
        return Some(format!("{root}::{name}"));
    }
    let mut path = modules_of(file.path())?;
    // Inline modules around it, from the outermost.
    let mut inner: Vec<(u32, String)> = file
        .index()
        .definitions
        .iter()
        .filter(|around| around.kind == DefinitionKind::Module && around.span != definition.span)
        .filter(|around| around.span.contains(definition.span))
        .map(|around| (around.span.start, file.index().name(around.name).to_owned()))
        .collect();
    inner.sort();
    path.extend(inner.into_iter().map(|(_, name)| name));
    let from = if is_own { modules_of(request.path) } else { None };
    if !is_open(request, &there, &path, from.as_deref()) {
        return None;
    }
    path.insert(0, root);
    path.push(name.to_owned());
    Some(path.join("::"))
}

/// Whether the file may name what another file of its crate does: that may be in a module that this one is not.
fn is_reached(request: &ImportRequest<'_>, here: &Crate<'_>, path: &str) -> bool {
    let Some(path) = path.strip_prefix("crate::") else { return true };
    let mut modules: Vec<String> = path.split("::").map(str::to_owned).collect();
    modules.pop();
    // Behind the last module with a file there may be others, types, or what is exported again.
    while !modules.is_empty() && here.module(request, &modules).is_none() {
        modules.pop();
    }
    is_open(request, here, &modules, modules_of(request.path).as_deref())
}

/// Whether every module of a path may be named: from a module of the same crate, or from elsewhere.
fn is_open(request: &ImportRequest<'_>, of: &Crate<'_>, path: &[String], from: Option<&[String]>) -> bool {
    path.iter().enumerate().all(|(depth, name)| {
        let outer = &path[..depth];
        // A private module is there for all that is in the module it is in.
        if from.is_some_and(|from| from.starts_with(outer)) {
            return true;
        }
        let declared = of.module(request, outer).and_then(|file| {
            let index = file.index();
            let is_it = |definition: &&Definition| {
                definition.kind == DefinitionKind::Module
                    && definition.container.kind == ContainerKind::File
                    && index.name(definition.name) == name
            };
            index.definitions.iter().find(is_it).map(|definition| definition.is_visible)
        });
        // What nobody is seen to declare may come from a macro; elsewhere nothing is known of it.
        declared.unwrap_or(from.is_some())
    })
}

/// The modules of a file below its crate.
fn modules_of(path: &str) -> Option<Vec<String>> {
    let below = match path.strip_prefix("src/") {
        Some(below) => below,
        None => &path[path.find("/src/")? + 5..],
    };
    let stem = below.strip_suffix(".rs")?;
    let mut parts: Vec<String> = stem.split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    Some(parts)
}

/// A path that another file of the crate uses, so that it holds everywhere in the crate.
fn absolute(request: &ImportRequest<'_>, of: &Crate<'_>, file: &WorkspaceFile, used: &str) -> Option<String> {
    let (first, rest) = used.split_once("::")?;
    let mut modules = modules_of(file.path())?;
    let mut rest = rest;
    match first {
        "self" => {}
        "super" => {
            modules.pop()?;
            while let Some(up) = rest.strip_prefix("super::") {
                modules.pop()?;
                rest = up;
            }
        }
        "crate" => return Some(used.to_owned()),
        // A module beside it, or a crate.
        _ => {
            let mut below = modules.clone();
            below.push(first.to_owned());
            if of.module(request, &below).is_none() {
                return Some(used.to_owned());
            }
            modules = below;
        }
    }
    Some(joined(&modules, rest))
}

/// What is in a module of this crate.
fn joined(modules: &[String], rest: &str) -> String {
    let parts = std::iter::once("crate").chain(modules.iter().map(String::as_str)).chain([rest]);
    parts.collect::<Vec<_>>().join("::")
}
