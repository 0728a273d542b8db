//! A user's desk: own configuration and data, a project, and a provider on loopback.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use autodao_engine::ledger::{Edit, Event, EventKind, Ledger};
use autodao_tests::autodao;
use autodao_tests::loopback::{Act, Loopback, Reply};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What a run of the program came to.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// Everything one user has.
pub(crate) struct Desk {
    folder: TempDir,
    pub(crate) provider: Loopback,
}

impl Desk {
    /// A desk with one model, which answers with whole nodes.
    pub(crate) fn new() -> Self {
        Self::with("")
    }

    /// A desk with more in the user's configuration.
    pub(crate) fn with(more: &str) -> Self {
        Self::made(|provider| format!("{more}\n{}", model(provider, "whole-node")))
    }

    /// A desk whose model keeps to another form of answers.
    pub(crate) fn that_answers_with(contract: &str) -> Self {
        Self::made(|provider| model(provider, contract))
    }

    /// A desk without a model, on which none is looked for.
    pub(crate) fn without_model() -> Self {
        Self::made(|_| "ai.discover = false\n".to_owned())
    }

    fn made(configuration: impl Fn(&Loopback) -> String) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), provider: Loopback::start() };
        for folder in ["config", "data", "project"] {
            fs::create_dir(desk.folder.path().join(folder)).unwrap();
        }
        desk.configure(&configuration(&desk.provider));
        desk
    }

    /// Writes the user's configuration anew.
    pub(crate) fn configure(&self, text: &str) {
        fs::write(self.folder.path().join("config/config.toml"), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("project").join(name)
    }

    /// Writes a file of the project.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        String::from_utf8(fs::read(self.path(name)).unwrap()).unwrap()
    }

    /// The variables the program runs with.
    pub(crate) fn variables(&self) -> [(&'static str, PathBuf); 2] {
        let of = |name: &str| self.folder.path().join(name);
        [("AUTODAO_CONFIG_DIR", of("config")), ("AUTODAO_DATA_DIR", of("data"))]
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(autodao());
        command.args(arguments).envs(self.variables()).stdin(Stdio::null());
        command.current_dir(self.folder.path().join("project"));
        command
    }

    /// The program while it runs.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.program(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.program(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// git in the project.
    pub(crate) fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=A", "-c", "user.email=a@example.org"]).args(arguments);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        let output = command.current_dir(self.folder.path().join("project")).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
    }

    /// `autodao act` at a place of a file of the project.
    pub(crate) fn act(&self, place: &str, template: &str, more: &[&str]) -> Ran {
        self.run(&[&["act", "--template", template, place][..], more].concat())
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::open(self.folder.path().join("data/ledger"))
    }

    /// All edits of the ledger, in their order.
    pub(crate) fn edits(&self) -> Vec<Edit> {
        let ledger = self.ledger();
        let ids = ledger.edits_starting_with("0").unwrap();
        ids.into_iter().map(|id| ledger.edit(id).unwrap().unwrap()).collect()
    }

    /// The events of the only edit there is, as words: `refused(syntax)`.
    pub(crate) fn story(&self) -> String {
        let edits = self.edits();
        assert_eq!(edits.len(), 1, "{edits:#?}");
        story(&edits[0])
    }
}

fn model(provider: &Loopback, contract: &str) -> String {
    let url = provider.url("/v1");
    format!("[ai.models.test]\nurl = \"{url}\"\nmodel = \"tiny\"\ncontract = \"{contract}\"\n")
}

/// The events of an edit as words, without the links of the chain of requests: that has tests of its own.
pub(crate) fn story(edit: &Edit) -> String {
    let told = edit.events.iter().filter(|event| !matches!(event.kind, EventKind::Sent(_)));
    told.map(word).collect::<Vec<_>>().join(" ")
}

fn word(event: &Event) -> String {
    let name = event.kind.name();
    match &event.kind {
        EventKind::Answered(answered) => format!("{name}({})", answered.stop),
        EventKind::Failed(failed) => format!("{name}({})", failed.reason),
        EventKind::Refused(refused) => format!("{name}({})", refused.gate),
        EventKind::Rejected(rejected) => format!("{name}({})", rejected.reason),
        EventKind::Cancelled(cancelled) if cancelled.request.is_none() => format!("{name}(unasked)"),
        EventKind::Survived(survived) => {
            format!("{name}({} {})", survived.at.name(), survived.share.basis_points())
        }
        EventKind::Reworked(reworked) => format!("{name}({})", reworked.gone.basis_points()),
        _ => name.to_owned(),
    }
}

/// A whole reply of OpenAI Chat Completions, with 120 tokens in and 30 out.
pub(crate) fn chat(text: &str) -> Reply {
    stopped(text, "stop")
}

/// One that ends for another reason.
pub(crate) fn stopped(text: &str, reason: &str) -> Reply {
    Reply::events(&[delta(text), end(reason)].concat())
}

/// The code of a fenced block.
pub(crate) fn code(text: &str) -> Reply {
    chat(&fenced(text))
}

pub(crate) fn fenced(text: &str) -> String {
    format!("```\n{text}\n```")
}

/// One event of a stream.
pub(crate) fn delta(text: &str) -> String {
    let chunk = json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]});
    format!("data: {chunk}\n\n")
}

/// The events that end a stream.
pub(crate) fn end(reason: &str) -> String {
    let stop = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]});
    let usage =
        json!({"choices": [], "usage": {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150}});
    format!("data: {stop}\n\ndata: {usage}\n\ndata: [DONE]\n\n")
}

/// A stream that says something and then goes on as told.
pub(crate) fn begun(text: &str, then: Act) -> Reply {
    Reply::status(200, "text/event-stream").then(Act::Bytes(delta(text).into())).then(then)
}

/// What a request says, system prompt included.
pub(crate) fn said(body: &Value) -> String {
    let messages = body["messages"].as_array().unwrap();
    messages.iter().filter_map(|message| message["content"].as_str()).collect::<Vec<_>>().join("\n")
}

/// A path as the command line takes it, with a place in it.
pub(crate) fn at(path: &Path, line: u32) -> String {
    format!("{}:{line}", path.display())
}
