//! Every new name resolves: in the new code, the file, the workspace, or the language.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};
use rustc_hash::FxHashSet;

use super::View;
use super::identifiers::{Identifier, Role, identifiers, is_member};
use crate::builtins::{is_builtin, is_common_member, std_path, std_paths};
use crate::contract::{Contract, NameTerm};
use crate::gate::Verdict;
use crate::items::is_function;
use crate::names::Names;
use crate::tokens::{is_word, words};

/// How sure it is that a name is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// It is in scope, or may well be.
    Yes,
    /// The file has it, but where it need not reach the new code.
    Elsewhere,
    No,
}

/// How many places of one name in the file are looked at.
const MAX_PLACES: usize = 32;

/// How many names a reason lists.
const MAX_LISTED: usize = 6;

/// The verdict, and the names that only the workspace or the standard library knows.
pub(crate) fn check(view: View<'_>, names: Option<&dyn Names>) -> (Verdict, Vec<String>) {
    if view.terms.names == NameTerm::Off {
        return (Verdict::NotApplicable, Vec::new());
    }
    let (site, change) = (view.site, view.change);
    let language = site.language();
    let new = identifiers(language, change.tree.root_node(), change.text(), change.after);
    let old = identifiers(language, site.tree().root_node(), site.buffer().text(), change.before);
    let bound = of_roles(&new, &[Role::Binding]);
    let members = of_roles(&new, &[Role::MemberBinding]);
    let was_bound = of_roles(&old, &[Role::Binding]);
    let said: FxHashSet<&str> = words(site.buffer().slice(change.before)).collect();
    let is_open = has_open_imports(view);
    let mut judged: FxHashSet<(&str, bool)> = FxHashSet::default();
    let (mut unknown, mut doubtful, mut imports) = (Vec::new(), Vec::new(), Vec::new());
    for identifier in &new {
        let (name, role) = (identifier.name, identifier.role);
        let stands_alone = matches!(role, Role::Reference | Role::PathStart);
        if (name.len() < 2 && !stands_alone) || matches!(role, Role::Binding | Role::MemberBinding) {
            continue;
        }
        // What the old code had is known, unless it was declared there and is no more.
        let was_known = said.contains(name) && !(stands_alone && was_bound.contains(name));
        if was_known || bound.contains(name) || (!stands_alone && members.contains(name)) {
            continue;
        }
        if is_builtin(language, name) || !judged.insert((name, stands_alone)) {
            continue;
        }
        let workspace = names.is_some_and(|names| names.is_known(name));
        let package = || names.and_then(|names| names.is_package(name));
        match role {
            Role::Binding | Role::MemberBinding => {}
            Role::Package => {
                let known = package();
                if known != Some(true) && in_file(view, name) == Found::No {
                    // Without a list of packages nobody can say.
                    let list = if known == Some(false) { &mut unknown } else { &mut doubtful };
                    list.push(name.to_owned());
                }
            }
            Role::Member | Role::Loose => {
                let is_foreign = |start| names.and_then(|names| names.is_package(start)) == Some(true);
                let common = (role == Role::Member && is_common_member(language, name))
                    || identifier.start.is_some_and(is_foreign);
                if names.is_some() && !workspace && !common && in_file(view, name) == Found::No {
                    doubtful.push(name.to_owned());
                }
            }
            Role::Reference | Role::PathStart => {
                if in_file(view, name) == Found::Yes {
                    continue;
                }
                let known = if role == Role::PathStart { package() } else { Some(false) };
                if known == Some(true) {
                    continue;
                }
                let is_small = name.starts_with(char::is_lowercase);
                let is_module = role == Role::PathStart && is_small;
                // By itself a small name is a variable, whatever the library has of that name.
                let is_std =
                    language == Language::Rust && (is_module || !is_small) && std_path(name).is_some();
                if workspace || (names.is_some() && is_std) {
                    imports.push(name.to_owned());
                } else if is_open || (known.is_none() && is_module) {
                    doubtful.push(name.to_owned());
                } else {
                    unknown.push(name.to_owned());
                }
            }
        }
    }
    let strict = view.terms.names == NameTerm::Refuse && view.contract != Contract::NewFile;
    if !unknown.is_empty() && strict {
        return (Verdict::Failed(refusal(language, &unknown, names)), imports);
    }
    unknown.append(&mut doubtful);
    if unknown.is_empty() {
        return (Verdict::Passed, imports);
    }
    (Verdict::Warned(format!("not found: {}", listed(&unknown))), imports)
}

fn of_roles<'t>(found: &[Identifier<'t>], roles: &[Role]) -> FxHashSet<&'t str> {
    found.iter().filter(|name| roles.contains(&name.role)).map(|name| name.name).collect()
}

fn listed(names: &[String]) -> String {
    let mut list: Vec<String> = names.iter().take(MAX_LISTED).map(|name| format!("`{name}`")).collect();
    if names.len() > MAX_LISTED {
        list.push(format!("and {} more", names.len() - MAX_LISTED));
    }
    list.join(", ")
}

fn refusal(language: Language, unknown: &[String], names: Option<&dyn Names>) -> String {
    let mut reason = format!("not in scope: {}", listed(unknown));
    for name in unknown.iter().take(MAX_LISTED) {
        if language == Language::Rust
            && let paths @ [_, ..] = &std_paths(name).collect::<Vec<_>>()[..]
        {
            reason += &format!("; write `{}` for `{name}`", paths.join("` or `"));
            continue;
        }
        let similar = names.map_or(Vec::new(), |names| names.similar(name));
        if !similar.is_empty() {
            let list: Vec<_> = similar.iter().take(3).map(|name| format!("`{name}`")).collect();
            reason += &format!("; for `{name}` there is {}", list.join(", "));
        }
    }
    reason
}

/// Whether names come into scope that are written nowhere: `use a::*`, `#[macro_use]`, a script that is no module.
fn has_open_imports(view: View<'_>) -> bool {
    let (file, new) = (view.site.buffer().text(), view.change.new_text());
    if view.site.language() == Language::Rust {
        return [file, new].iter().any(|text| text.contains("macro_use"))
            || new.contains("::*")
            || (file.contains("::*")
                && has_glob_around(view.site.tree().root_node(), file, view.change.before));
    }
    // What a page's other scripts declare is in scope where a file neither imports nor exports.
    ![file, new].iter().any(|text| ["import", "export", "require("].iter().any(|word| text.contains(word)))
}

/// Whether a module or block around a place has a `use` of everything. One of everything in the module around it
/// brings nothing that is not in this file, or in a `use` of that module.
fn has_glob_around(root: Node<'_>, text: &str, place: Span) -> bool {
    let mut around = Some(root);
    let mut is_inner = false;
    while let Some(scope) = around {
        let mut cursor = scope.walk();
        let mut inside = None;
        for child in scope.children(&mut cursor) {
            if child.kind() == "use_declaration" {
                let uses = text.get(child.byte_range()).unwrap_or("");
                let is_outer = is_inner && uses.trim_end_matches([';', ' ']).ends_with("use super::*");
                if uses.contains('*') && !is_outer {
                    return true;
                }
            }
            // An insertion is at an end of its neighbour.
            if Span::of(child).contains(place) && child.child_count() > 0 {
                inside = Some(child);
            }
        }
        is_inner |= scope.kind() == "mod_item";
        around = inside;
    }
    false
}

/// Whether the file, the target apart, has a name where it may reach the new code.
fn in_file(view: View<'_>, name: &str) -> Found {
    let text = view.site.buffer().text();
    let root = view.site.tree().root_node();
    let target = view.change.before;
    let mut found = Found::No;
    let finder = memchr::memmem::Finder::new(name);
    let mut seen = 0;
    for at in finder.find_iter(text.as_bytes()) {
        let end = at + name.len();
        let (Some(before), Some(after)) = (text.get(..at), text.get(end..)) else { continue };
        let glued =
            before.chars().next_back().is_some_and(is_word) || after.chars().next().is_some_and(is_word);
        if glued || target.contains(Span::new(at as u32, end as u32)) {
            continue;
        }
        seen += 1;
        if seen > MAX_PLACES {
            // A name that is all over the file is known well enough.
            return Found::Yes;
        }
        let Some(node) = root.descendant_for_byte_range(at, end) else { continue };
        if node.end_byte() != end || node.start_byte() > at {
            continue;
        }
        if is_member(node.kind()) || is_method(node) {
            found = Found::Elsewhere;
        } else if node.is_named() && node.child_count() == 0 && node.kind().contains("identifier") {
            if reaches(root, node, target) {
                return Found::Yes;
            }
            found = Found::Elsewhere;
        }
    }
    found
}

/// Whether this is the name of a function that is a member of a Rust type or trait.
fn is_method(name: Node<'_>) -> bool {
    let is = |node: Node<'_>, kinds: &[&str]| kinds.contains(&node.kind());
    let own = |item: &Node<'_>| item.child_by_field_name("name").is_some_and(|own| own.id() == name.id());
    name.parent()
        .filter(|item| is(*item, &["function_item", "function_signature_item"]) && own(item))
        .and_then(|item| item.parent()?.parent())
        .is_some_and(|of| is(of, &["impl_item", "trait_item"]))
}

/// Whether a name of the file is not shut up in a function the target is not in.
fn reaches(root: Node<'_>, name: Node<'_>, target: Span) -> bool {
    let here = Span::of(name);
    let mut cursor = root.walk();
    let mut function: Option<Node<'_>> = None;
    // The innermost function around the name, by way of the root: a parent's parent is not free to ask for.
    loop {
        let node = cursor.node();
        if is_function(node.kind()) {
            function = Some(node);
            let own_name = node.child_by_field_name("name").is_some_and(|own| Span::of(own) == here);
            if !own_name && !Span::of(node).contains(target) {
                return false;
            }
        }
        if cursor.goto_first_child_for_byte(here.start as usize).is_none() || cursor.node().id() == name.id()
        {
            break;
        }
    }
    // Inside the innermost function that holds the target it is in scope, as far as this looks.
    function.is_none_or(|function| Span::of(function).contains(target) || Span::of(function).contains(here))
}
