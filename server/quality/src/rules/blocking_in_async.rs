//! `blocking-in-async`: a wait that holds up everything else on its thread.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

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
            good: "fn f() { std::fs::read(p); }\nasync fn g() { spawn_blocking(|| std::fs::read(p)).await; tokio::fs::read(p).await; }",
        },
        Example {
            language: Language::TypeScript,
            bad: "async function f() { const a = ⟦fs.readFileSync⟧(p); }",
            fixed: "",
            good: "function f() { fs.readFileSync(p); }\nasync function g() { await fs.promises.readFile(p); h.lastSync(); }",
        },
    ],
};

fn rust(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let called = visit.field(node, Field::Function);
    let path = called.strip_prefix("::").unwrap_or(called);
    let blocks = path.starts_with("std::fs::")
        || matches!(
            path,
            "std::thread::sleep" | "thread::sleep" | "std::io::stdin" | "std::net::TcpStream::connect"
        )
        || matches!(path, "std::process::Command::output" | "reqwest::blocking::get");
    if blocks && is_in_async(visit) && !visit.in_test() {
        report(visit, node, called);
    }
}

fn script(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let called = visit.field(node, Field::Function);
    let (object, name) = called.rsplit_once('.').unwrap_or(("", called));
    let is_known = matches!(object, "fs" | "fse" | "child_process" | "zlib" | "crypto")
        || matches!(
            name,
            "readFileSync"
                | "writeFileSync"
                | "existsSync"
                | "execSync"
                | "spawnSync"
                | "readdirSync"
                | "statSync"
        );
    if name.ends_with("Sync") && is_known && is_in_async(visit) && !visit.in_test() {
        report(visit, node, called);
    }
}

fn report(visit: &mut Visit<'_, '_>, node: Node<'_>, called: &str) {
    if let Some(function) = visit.child(node, Field::Function) {
        visit.report(Span::of(function), format!("`{called}` blocks the thread that runs this async code"));
    }
}

/// Whether the innermost function or async block is async. A plain closure is not: it may run elsewhere.
fn is_in_async(visit: &Visit<'_, '_>) -> bool {
    let is_rust = visit.language() == Language::Rust;
    for node in visit.ancestors() {
        let is_async = match node.kind() {
            "async_block" => return true,
            "function_item" => node
                .named_children(&mut node.walk())
                .any(|child| child.kind() == "function_modifiers" && visit.text(child).contains("async")),
            "closure_expression" => visit.text(node).starts_with("async"),
            "function_declaration"
            | "function_expression"
            | "method_definition"
            | "arrow_function"
            | "generator_function"
            | "generator_function_declaration"
                if !is_rust =>
            {
                node.children(&mut node.walk()).any(|child| child.kind() == "async")
            }
            _ => continue,
        };
        return is_async;
    }
    false
}
