//! `cargo xtask test --model`: edits by a real model on real code, through the program.
//!
//! What it answers is not ours to judge; what becomes of it is: an edit that is offered parses, and where it is Rust, the
//! package is compiled with it. The code is this crate's own, for it compiles in a second, and the VS Code extension's.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::Failure;
use crate::process::{cargo, program, root, say, step};

/// Where the model is served.
const PORT: &str = "8099";

/// Functions of the sample project, where there is something to do, and of this crate, where there is little: a file, and
/// the text where the cursor is.
const PLACES: [(&str, &str); 4] = [
    ("inventory.rs", "pub fn take("),
    ("inventory.rs", "pub fn load("),
    ("cart.ts", "export function price"),
    ("process.rs", "pub(crate) fn has("),
];

/// Where there is something to find: in the sample project.
const FINDINGS: [(&str, &str); 4] = [
    ("inventory.rs", "line.split_once"),
    ("inventory.rs", "dbg!"),
    ("inventory.rs", "std::fs::read_to_string(path)?;\n        self"),
    ("cart.ts", "throw \"the cart"),
];

/// The kinds of task, with the instruction of those that need one.
const TEMPLATES: [(&str, &str); 10] = [
    ("document", ""),
    ("simplify", ""),
    ("refactor", "name the steps"),
    ("optimise", ""),
    ("add-error-handling", ""),
    ("add-types", ""),
    ("write-tests", ""),
    ("fix-finding", ""),
    ("explain-finding", ""),
    ("custom-instruction", "add a comment that says what it does"),
];

/// How edits ended, by template, then by outcome.
type Outcomes = BTreeMap<&'static str, BTreeMap<String, usize>>;

pub(crate) fn run() -> Result<(), Failure> {
    step("build", &mut program())?;
    let folder = root().join("target/model");
    let code = copy(&folder)?;
    let _server = Server::start(&folder)?;
    let (mut outcomes, mut wrong): (Outcomes, Vec<String>) = (Outcomes::new(), Vec::new());
    for (template, instruction) in TEMPLATES {
        let places = if template.ends_with("finding") { FINDINGS } else { PLACES };
        for (file, text) in places {
            let path = code.join("src").join(file);
            let before = read(&path)?;
            let line = before[..before.find(text).ok_or_else(|| format!("{file}: there is no `{text}`"))?]
                .matches('\n')
                .count()
                + 1;
            let said = act(&folder, template, instruction, &path, line)?;
            let outcome = name(&said);
            say(&format!("{template} {file}:{line}: {outcome}"));
            if said["outcome"] == "edit" && said["new_file"].is_null() {
                let after = said["text"].as_str().unwrap_or("");
                wrong.extend(
                    judge(&code, &path, &before, after)?.map(|why| format!("{template} {file}: {why}")),
                );
            }
            *outcomes.entry(template).or_default().entry(outcome).or_default() += 1;
        }
    }
    std::fs::remove_dir_all(&code).map_err(|error| format!("{}: {error}", code.display()))?;
    for (template, ended) in &outcomes {
        let ended: Vec<_> = ended.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        say(&format!("{template}: {}", ended.join(", ")));
    }
    let mut tokens = Command::new(root().join("target/debug/autodao"));
    tokens.args(["tokens", "--by", "template"]);
    step(
        "the ledger",
        tokens.env("AUTODAO_CONFIG_DIR", &folder).env("AUTODAO_DATA_DIR", folder.join("data")),
    )?;
    say(&format!("{} edits offered are not whole", wrong.len()));
    wrong.iter().for_each(|why| say(why));
    let is_whole = |why: &String| why.ends_with("does not compile");
    // A model may write code that is of the wrong type: that is told, and no gate can know. That it parses, ours do.
    if wrong.iter().all(is_whole) { Ok(()) } else { Err("edits that do not parse were offered".to_owned()) }
}

/// What became of an edit, in a word or two.
fn name(said: &Value) -> String {
    let text = |key: &str| said[key].as_str().unwrap_or("?").to_owned();
    match said["outcome"].as_str() {
        Some("refused") => format!("refused by {}", text("gate")),
        Some("failed") => format!("failed: {}", text("reason")),
        _ => text("outcome"),
    }
}

/// Why an edit should not have been offered.
fn judge(code: &Path, path: &Path, before: &str, after: &str) -> Result<Option<&'static str>, Failure> {
    write(path, after)?;
    let mut check = Command::new(root().join("target/debug/autodao"));
    let said = check.arg("check").arg(path).args(["--format", "json"]).output();
    let said = said.map_err(|error| format!("check: {error}"))?;
    let parses = !String::from_utf8_lossy(&said.stdout).contains("\"rule\":\"syntax-error\"");
    let mut compile = cargo();
    compile.args(["check", "--quiet", "--manifest-path"]).arg(code.join("Cargo.toml"));
    compile.stdout(Stdio::null()).stderr(Stdio::null());
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    let compiles = !is_rust || compile.status().is_ok_and(|status| status.success());
    write(path, before)?;
    Ok(match (parses, compiles) {
        (false, _) => Some("does not parse"),
        (true, false) => Some("does not compile"),
        (true, true) => None,
    })
}

fn act(folder: &Path, template: &str, instruction: &str, path: &Path, line: usize) -> Result<Value, Failure> {
    let mut command = Command::new(root().join("target/debug/autodao"));
    command.args(["act", "--json", "--template", template, "--instruction", instruction]);
    command.arg(format!("{}:{line}", path.display()));
    command.env("AUTODAO_CONFIG_DIR", folder).env("AUTODAO_DATA_DIR", folder.join("data"));
    let ran = command.output().map_err(|error| format!("act: {error}"))?;
    // What cannot be asked at all, as a finding where there is none, is said in words.
    Ok(serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| {
        let why = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
        serde_json::json!({"outcome": "failed", "reason": why})
    }))
}

/// Copies this crate and the extension's source into a package of their own; returns its folder.
fn copy(folder: &Path) -> Result<PathBuf, Failure> {
    // Not below the target folder: what a repository ignores is sent to no model.
    let code = std::env::temp_dir().join(format!("autodao-model-{}", std::process::id()));
    let sources = code.join("src");
    std::fs::create_dir_all(&sources).map_err(|error| format!("{}: {error}", sources.display()))?;
    let manifest = "[package]\nname = \"code\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\nserde_json = \"1\"\n\n[workspace]\n";
    write(&code.join("Cargo.toml"), manifest)?;
    for from in ["server/xtask/src", "editors/vscode/src", "fixtures/demo/src", "fixtures/demo/web"] {
        copy_folder(&root().join(from), &sources)?;
    }
    // Its module is compiled with the others.
    let main = code.join("src/main.rs");
    write(&main, &format!("{}\nmod inventory;\n", read(&main)?))?;
    let model = format!(
        "[ai.models.local]\nurl = \"http://127.0.0.1:{PORT}/v1\"\nmodel = \"qwen2.5-coder\"\ncontract = \"whole-node\"\n"
    );
    write(&folder.join("config.toml"), &model)?;
    Ok(code)
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    let trouble = |error: std::io::Error| format!("{}: {error}", from.display());
    std::fs::create_dir_all(to).map_err(trouble)?;
    for entry in std::fs::read_dir(from).map_err(trouble)?.filter_map(Result::ok) {
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &copy)?;
        } else {
            write(&copy, &read(&path)?)?;
        }
    }
    Ok(())
}

/// A server of a model, as long as it is kept.
struct Server(Child);

impl Server {
    fn start(folder: &Path) -> Result<Self, Failure> {
        let scripts = root().join("tests/model");
        let cache =
            std::env::var_os("AUTODAO_MODEL_CACHE").map_or_else(|| folder.join("cache"), PathBuf::from);
        say("\n== model: install");
        let installed = Command::new("bash").arg(scripts.join("setup.sh")).arg(&cache).output();
        let installed = installed.map_err(|error| format!("setup.sh: {error}"))?;
        let said = String::from_utf8_lossy(&installed.stdout);
        let [python, model] = said.lines().collect::<Vec<_>>()[..] else {
            return Err(format!("setup.sh: {}", String::from_utf8_lossy(&installed.stderr)));
        };
        let mut command = Command::new(python);
        command.arg(scripts.join("serve.py")).args([model, PORT]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| format!("serve.py: {error}"))?;
        let said = child.stdout.take().ok_or("serve.py: it says nothing")?;
        let server = Self(child);
        let ready = BufReader::new(said).lines().map_while(Result::ok).any(|line| line.starts_with("http"));
        if ready { Ok(server) } else { Err("serve.py: the model is not served".to_owned()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends with its input, too; there is nobody to tell that it was gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
