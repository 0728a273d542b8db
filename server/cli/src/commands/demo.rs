//! `autodao demo`: a real conversation with the built server, as a transcript with timings.
//!
//! The demo is an editor: it starts `autodao lsp` as any editor would, keeps a text of its own, and applies what
//! the server proposes. Nothing in the transcript is prepared but the sample project it works on, and what the provider of
//! the AI edit says.

mod ai;
mod editor;

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::exit;
use ai::Author;
use editor::{Document, Editor};

/// The sample project, as it is in `fixtures/demo`.
const FILES: [(&str, &str); 3] = [
    ("src/inventory.rs", include_str!("../../../../fixtures/demo/src/inventory.rs")),
    ("web/cart.ts", include_str!("../../../../fixtures/demo/web/cart.ts")),
    ("autodao.toml", include_str!("../../../../fixtures/demo/autodao.toml")),
];

/// What is typed in the demo, key by key.
const TYPED: &str = "\n        let first = self.stock.values().next().unwrap();";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Ask the model that is configured, or that runs on this machine, in place of the reply that is written by hand.
    #[arg(long)]
    model: bool,
}

/// Runs the demo. Exit code 0 when everything went as it should.
pub(crate) fn run(arguments: &Arguments) -> u8 {
    let mut out = anstream::stdout().lock();
    let author = if arguments.model { Author::Model } else { Author::Hand };
    match conversation(&mut out, author) {
        Ok(()) => exit::CLEAN,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit::CLEAN,
        Err(error) => {
            tracing::error!("the demo stopped: {error}");
            exit::TROUBLE
        }
    }
}

fn conversation(out: &mut impl Write, author: Author) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    for (path, text) in FILES {
        let path = folder.path().join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)?;
    }
    writeln!(out, "AutoDAO {}: a conversation with the language server\n", env!("CARGO_PKG_VERSION"))?;

    let variables = match author {
        Author::Hand => ai::prepare(folder.path())?,
        Author::Model => ai::prepare_model(folder.path()),
    };
    let mut editor = Editor::start(folder.path(), &variables)?;
    writeln!(out, "-> start autodao lsp, initialize")?;
    writeln!(out, "<- ready after {}\n", shown(editor.started))?;

    let mut rust = open(out, &mut editor, folder.path(), "src/inventory.rs", "rust")?;
    type_in(out, &mut editor, &mut rust)?;
    fix_one(out, &mut editor, &mut rust)?;
    fix_all(out, &mut editor, &mut rust)?;
    ai::edit(out, &mut editor, &mut rust, author)?;
    let mut script = open(out, &mut editor, folder.path(), "web/cart.ts", "typescript")?;
    let took = editor.diagnosed_again(&mut script)?;
    let count = script.diagnostics.len();
    writeln!(out, "<- {count} findings {} later, with the rules that are queries compiled", shown(took))?;
    list(out, "web/cart.ts", &script.diagnostics)?;

    let code = editor.stop()?;
    writeln!(out, "-> shutdown, exit\n<- exit code {code}")?;
    if code == 0 { Ok(()) } else { Err(io::Error::other(format!("the server ended with exit code {code}"))) }
}

fn open(
    out: &mut impl Write,
    editor: &mut Editor,
    folder: &Path,
    path: &str,
    language: &str,
) -> io::Result<Document> {
    writeln!(out, "-> open {path}")?;
    let (document, took) = editor.open(&folder.join(path), language)?;
    writeln!(out, "<- {} findings after {}", document.diagnostics.len(), shown(took))?;
    list(out, path, &document.diagnostics)?;
    Ok(document)
}

/// Types a line at the end of `take`'s first line.
fn type_in(out: &mut impl Write, editor: &mut Editor, document: &mut Document) -> io::Result<()> {
    writeln!(out, "-> type, key by key:{}", TYPED.replace('\n', ""))?;
    let before = document.diagnostics.len();
    let at = document.text.find("-> bool {").map_or(0, |at| at + "-> bool {".len());
    let mut times = Vec::new();
    let mut offset = at;
    for key in TYPED.chars() {
        times.push(editor.replace(document, offset..offset, key.encode_utf8(&mut [0; 4]))?);
        offset += key.len_utf8();
    }
    times.sort_unstable();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    writeln!(
        out,
        "<- diagnostics {} times, once a key: median {}, slowest {}; {} findings became {}\n",
        times.len(),
        shown(median),
        shown(slowest),
        before,
        document.diagnostics.len(),
    )?;
    Ok(())
}

/// Asks for the light bulb at an `unwrap`, chooses the first fix, applies it.
fn fix_one(out: &mut impl Write, editor: &mut Editor, document: &mut Document) -> io::Result<()> {
    let wanted = document.diagnostics.iter().filter(|d| d["code"] == "unwrap-used").nth(1);
    let Some(diagnostic) = wanted.cloned() else { return Err(io::Error::other("a finding is missing")) };
    writeln!(out, "-> code actions at {}", place(&diagnostic))?;
    let (actions, took) = editor.code_actions(document, &diagnostic, None)?;
    writeln!(out, "<- {} after {}", actions.len(), shown(took))?;
    for action in &actions {
        writeln!(out, "     {}", action["title"].as_str().unwrap_or(""))?;
    }
    let Some(fix) = actions.iter().find(|action| !action["edit"].is_null()) else {
        return Err(io::Error::other("no action carries an edit"));
    };
    writeln!(out, "-> apply \"{}\"", fix["title"].as_str().unwrap_or(""))?;
    let (line, column) = (diagnostic["range"]["start"]["line"].clone(), document.diagnostics.len());
    let took = editor.apply(document, &fix["edit"])?;
    let line = line.as_u64().unwrap_or(0) as usize;
    writeln!(out, "<- {} findings became {} after {}", column, document.diagnostics.len(), shown(took))?;
    writeln!(out, "     {}\n", document.text.lines().nth(line).unwrap_or("").trim())?;
    Ok(())
}

/// Resolves and applies the action that fixes all that is safe to fix.
fn fix_all(out: &mut impl Write, editor: &mut Editor, document: &mut Document) -> io::Result<()> {
    writeln!(out, "-> source.fixAll.autodao")?;
    let whole = json!({"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}});
    let (actions, _) = editor.code_actions(document, &whole, Some("source.fixAll"))?;
    let Some(action) = actions.first() else { return Err(io::Error::other("there is nothing to fix")) };
    let before = document.diagnostics.len();
    let (resolved, took) = editor.request("codeAction/resolve", action)?;
    writeln!(out, "<- resolved after {}", shown(took))?;
    let took = editor.apply(document, &resolved["edit"])?;
    writeln!(out, "<- {} findings became {} after {}", before, document.diagnostics.len(), shown(took))?;
    list(out, "src/inventory.rs", &document.diagnostics)?;
    Ok(())
}

fn list(out: &mut impl Write, path: &str, diagnostics: &[Value]) -> io::Result<()> {
    for diagnostic in diagnostics {
        let severity = match diagnostic["severity"].as_u64() {
            Some(1) => "error",
            Some(2) => "warning",
            Some(3) => "info",
            _ => "hint",
        };
        let (rule, message) =
            (diagnostic["code"].as_str().unwrap_or(""), diagnostic["message"].as_str().unwrap_or(""));
        writeln!(out, "     {path}:{:7} {severity:7} {rule}: {message}", place(diagnostic))?;
    }
    writeln!(out)
}

/// Line and column, counted from 1 as editors show them.
fn place(diagnostic: &Value) -> String {
    let start = &diagnostic["range"]["start"];
    let number = |key: &str| start[key].as_u64().unwrap_or(0) + 1;
    format!("{}:{}", number("line"), number("character"))
}

fn shown(took: Duration) -> String {
    format!("{:.2} ms", took.as_secs_f64() * 1000.0)
}
