//! A user with a configuration and a project, and what a model answers.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use autodao_tests::autodao;
use autodao_tests::loopback::Reply;
use serde_json::{Value, json};

/// A key that must be found nowhere but in the header it is for.
pub(crate) const CANARY: &str = "canary-7f3kQ9vX2mLp8RtZ";
/// A password that is part of the code.
pub(crate) const PASSWORD: &str = "hunter2!Qx81";

/// A user with a configuration and a project, and nothing of the machine's own.
pub(crate) struct Home(tempfile::TempDir);

pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    pub(crate) fn new(settings: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.write("config/config.toml", settings);
        home.write("project/src/lib.rs", &code(1));
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The program in the project's folder, with nothing of the machine's own but what these variables say.
    pub(crate) fn command(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
        let mut command = Command::new(autodao());
        command.args(arguments).current_dir(self.path("project")).stdin(Stdio::null());
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
            command.env_remove(name).env_remove(name.to_ascii_lowercase());
        }
        command.env("AUTODAO_CONFIG_DIR", self.path("config")).env("AUTODAO_DATA_DIR", self.path("data"));
        command.env("CANARY_KEY", CANARY).env("AUTODAO_LOG", "trace");
        command.envs(environment.iter().copied());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    pub(crate) fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let output = self.command(arguments, environment).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    pub(crate) fn act(&self, more: &[&str]) -> Ran {
        self.act_with(more, &[])
    }

    pub(crate) fn act_with(&self, more: &[&str], environment: &[(&str, &str)]) -> Ran {
        let edit = ["act", "src/lib.rs:4", "--template", "custom-instruction", "--instruction", "set a to 2"];
        self.run_with(&[&edit, more].concat(), environment)
    }

    /// The ledger's events, in their order.
    pub(crate) fn events(&self) -> Vec<Value> {
        let ran = self.run(&["ledger", "export"]);
        let lines = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter_map(|line| line.get("event").cloned()).collect()
    }

    /// Why each request failed, in their order.
    pub(crate) fn reasons(&self) -> Vec<String> {
        self.told("failed").iter().map(|failed| failed["reason"].as_str().unwrap().to_owned()).collect()
    }

    /// What was told of a kind.
    pub(crate) fn told(&self, kind: &str) -> Vec<Value> {
        self.events().iter().filter_map(|event| event["kind"].get(kind).cloned()).collect()
    }
}

impl Ran {
    /// The error the user reads last.
    pub(crate) fn error(&self) -> &str {
        self.stderr.lines().rfind(|line| line.starts_with("error: ")).unwrap_or_default()
    }
}

pub(crate) fn code(a: u32) -> String {
    format!(
        "use std::fmt::Write;\n\npub fn connect() -> String {{\n    let a = {a};\n    let password = \"{PASSWORD}\";\n    \
         let mut s = String::new();\n    let _ = write!(s, \"{{a}}{{password}}\");\n    s\n}}\n"
    )
}

pub(crate) fn settings(url: &str, more: &str) -> String {
    format!(
        "[ai]\nkeep-requests = 30\n[ai.models.m]\nurl = \"{url}\"\nmodel = \"m-1\"\ncontract = \"whole-node\"\n{more}\n"
    )
}

pub(crate) const WITH_KEY: &str = "key-env = \"CANARY_KEY\"";

/// A stream of Chat Completions that says a text, event by event.
pub(crate) fn stream(text: &str) -> Vec<String> {
    let chunk = |delta: Value, reason: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
        format!("data: {}\n\n", json!({"object": "chat.completion.chunk", "choices": [choice]}))
    };
    let (front, back) = text.split_at(text.len() / 2);
    let usage = json!({"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366});
    vec![
        chunk(json!({"content": front}), Value::Null),
        chunk(json!({"content": back}), Value::Null),
        chunk(json!({}), json!("stop")),
        format!("data: {}\n\n", json!({"choices": [], "usage": usage})),
        "data: [DONE]\n\n".to_owned(),
    ]
}

/// The function as a model sends it back: the password is what stands for it.
pub(crate) fn answer(password: &str) -> String {
    let whole = code(2).replace(PASSWORD, password);
    let function = whole.split_once("\n\n").unwrap().1;
    format!("```rust\n{function}```\n")
}

pub(crate) fn good() -> Reply {
    Reply::events(&stream(&answer("__SECRET_1__")).concat())
}

/// All files below a folder, with their bytes.
pub(crate) fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                found.push((path.clone(), std::fs::read(path).unwrap()));
            }
        }
    }
    found
}

pub(crate) fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
