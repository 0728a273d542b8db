//! `blocking-in-async`: a wait that holds up everything else on its thread.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::facts::{Fact, Topic};
use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "blocking-in-async",
    dimension: Dimension::Performance,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "`std::fs`, `std::thread::sleep` and the like in an async function; `fs.*Sync` in an async one",
    why: "The executor's thread waits with it, and with the thread every other task on it.",
    reference: Reference {
        name: "Tokio: CPU-bound tasks and blocking code",
        url: "https://docs.rs/tokio/latest/tokio/#cpu-bound-tasks-and-blocking-code",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["call_expression"], visit: rust },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["call_expression"], visit: script },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "async fn f() { ⟦std::thread::sleep⟧(d); let a = ⟦std::fs::read⟧(p); }\nfn g() { async { ⟦thread::sleep⟧(d) } }",
            fixed: "",
            good: "fn f() { std::fs::read(p); }\nasync fn g() { spawn_blocking(|| std::fs::read(p)).await; tokio::fs::read(p).await; fs::read(p).await; }",
        },
        Example {
            language: Language::Rust,
            bad: "use std::{fs::{self, File}, io};\nasync fn f() { ⟦fs::read⟧(p); ⟦File::open⟧(p); }",
            fixed: "",
            good: "use tokio::fs::{self, File};\nasync fn f() { fs::read(p).await; File::open(p).await; }",
        },
        Example {
            language: Language::TypeScript,
            bad: "async function f() { const a = ⟦fs.readFileSync⟧(p); }",
            fixed: "",
            good: "function f() { fs.readFileSync(p); }\nasync function g() { await fs.promises.readFile(p); h.lastSync(); }",
        },
    ],
};

/// Functions that `tokio::fs` has under the same name, with the same arguments.
const TOKIO_FS: [&str; 17] = [
    "canonicalize",
    "copy",
    "create_dir",
    "create_dir_all",
    "hard_link",
    "metadata",
    "read",
    "read_link",
    "read_to_string",
    "remove_dir",
    "remove_dir_all",
    "remove_file",
    "rename",
    "set_permissions",
    "symlink_metadata",
    "try_exists",
    "write",
];

fn rust(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let function = visit.child(node, Field::Function);
    let Some(function) = function.filter(|called| called.kind() == "scoped_identifier") else { return };
    let called = visit.text(function);
    let path = called.strip_prefix("::").unwrap_or(called);
    let Some((of, name)) = path.rsplit_once("::") else { return };
    // What a short path stands for the file's imports tell.
    let import = match of {
        "std::fs" | "std::fs::File" => None,
        "fs" if TOKIO_FS.contains(&name) || name == "read_dir" => Some("std::fs"),
        "File" if matches!(name, "open" | "create" | "create_new") => Some("std::fs::File"),
        "fs::File" if matches!(name, "open" | "create" | "create_new") => Some("std::fs"),
        _ if matches!(
            path,
            "std::thread::sleep"
                | "thread::sleep"
                | "std::io::stdin"
                | "std::net::TcpStream::connect"
                | "std::process::Command::output"
                | "reqwest::blocking::get"
        ) =>
        {
            None
        }
        _ => return,
    };
    let is_awaited = visit.parent().is_some_and(|parent| parent.kind() == "await_expression");
    if is_awaited || (import.is_some() && visit.in_module()) || !visit.in_async() || visit.in_test() {
        return;
    }
    let is_fs = of == "fs" || of == "std::fs";
    let edits = (is_fs && TOKIO_FS.contains(&name)).then(|| {
        let Some(function) = visit.child(node, Field::Function) else { return Vec::new() };
        vec![
            TextEdit::replace(Span::of(function), format!("tokio::fs::{name}")),
            TextEdit::insert(node.end_byte() as u32, ".await"),
        ]
    });
    let in_scope = import.map(|import| Fact::new(Topic::Import, import));
    let conditions = |visit: &mut Visit<'_, '_>| {
        if let Some(fact) = in_scope {
            visit.only_if(fact);
            visit.unless(Fact::new(Topic::Import, &fact_of_tokio(import)));
        }
    };
    let tokio = Fact::new(Topic::Crate, "tokio");
    report(visit, node, called, None);
    conditions(visit);
    let Some(edits) = edits else { return };
    visit.unless(tokio);
    report(visit, node, called, Some(("Use `tokio::fs`", edits)));
    conditions(visit);
    visit.only_if(tokio);
}

/// What imports the same name from tokio.
fn fact_of_tokio(import: Option<&str>) -> String {
    import.unwrap_or("").replacen("std", "tokio", 1)
}

/// Functions that `fs.promises` has under the same name without `Sync`, with the same arguments.
const PROMISES: [&str; 18] = [
    "access",
    "appendFile",
    "chmod",
    "copyFile",
    "cp",
    "lstat",
    "mkdir",
    "mkdtemp",
    "readFile",
    "readdir",
    "readlink",
    "realpath",
    "rename",
    "rm",
    "rmdir",
    "stat",
    "unlink",
    "writeFile",
];

fn script(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let called = visit.field(node, Field::Function);
    let Some(whole) = called.strip_suffix("Sync") else { return };
    let (object, name) = whole.rsplit_once('.').unwrap_or(("", whole));
    let is_known = matches!(object, "fs" | "fse" | "child_process" | "zlib" | "crypto")
        || PROMISES.contains(&name)
        || matches!(name, "exists" | "exec" | "execFile" | "spawn");
    if !is_known || !visit.in_async() || visit.in_test() {
        return;
    }
    // As an operand of what binds closer than `await` it needs parentheses.
    let is_operand = visit.parent().is_some_and(|parent| {
        matches!(
            parent.kind(),
            "member_expression"
                | "subscript_expression"
                | "call_expression"
                | "non_null_expression"
                | "new_expression"
        )
    });
    let edits = (object == "fs" && PROMISES.contains(&name)).then(|| {
        let (open, close) = if is_operand { ("(await ", ")") } else { ("await ", "") };
        let Some(function) = visit.child(node, Field::Function) else { return Vec::new() };
        let mut edits = vec![TextEdit::replace(Span::of(function), format!("{open}fs.promises.{name}"))];
        if is_operand {
            edits.push(TextEdit::insert(node.end_byte() as u32, close));
        }
        edits
    });
    match edits {
        Some(edits) => report(visit, node, called, Some(("Use `fs.promises`", edits))),
        None => report(visit, node, called, None),
    }
}

fn report(visit: &mut Visit<'_, '_>, node: Node<'_>, called: &str, fix: Option<(&str, Vec<TextEdit>)>) {
    let Some(function) = visit.child(node, Field::Function) else { return };
    let finding =
        visit.report(Span::of(function), format!("`{called}` blocks the thread that runs this async code"));
    if let Some((title, edits)) = fix.filter(|(_, edits)| !edits.is_empty()) {
        finding.suggest(title, edits);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn what_tokio_has_is_offered_where_tokio_is_used() {
        let text = "use std::fs;\nuse tokio::sync::Mutex;\nasync fn f() { let a = fs::read(p)?; std::fs::write(p, a)?; }";
        let found = findings(RULE.id, Language::Rust, text);
        let edits: Vec<_> = found.iter().flat_map(|f| f.fixes[0].edits.clone()).collect();
        assert_eq!(
            apply(text, &edits),
            "use std::fs;\nuse tokio::sync::Mutex;\nasync fn f() { let a = tokio::fs::read(p).await?; tokio::fs::write(p, a).await?; }"
        );
        let without = text.replace("tokio", "other");
        let found = findings(RULE.id, Language::Rust, &without);
        assert!(found.len() == 2 && found.iter().all(|f| f.fixes.is_empty()));
        let both = "use std::fs;\nmod m { use super::*; async fn f() { fs::read(p); } }";
        assert!(findings(RULE.id, Language::Rust, both).is_empty(), "another module's names");
    }

    #[test]
    fn what_promises_has_is_awaited() {
        let text =
            "async () => { const a = fs.readFileSync(p).length; fs.unlinkSync(p); fs.existsSync(p); };";
        let found = findings(RULE.id, Language::TypeScript, text);
        let edits: Vec<_> = found.iter().flat_map(|f| &f.fixes).flat_map(|f| f.edits.clone()).collect();
        assert_eq!(
            apply(text, &edits),
            "async () => { const a = (await fs.promises.readFile(p)).length; await fs.promises.unlink(p); fs.existsSync(p); };"
        );
        assert_eq!(found.len(), 3);
    }
}
