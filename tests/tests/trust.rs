//! What leaves the machine and what never does, what the user sees of each failure and what the ledger books, through
//! the program.

#![expect(clippy::unwrap_used, reason = "what is missing in a test is a failure of the test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use autodao_tests::autodao;
use autodao_tests::loopback::{Act, Loopback, Reply};
use serde_json::{Value, json};

/// A key that must be found nowhere but in the header it is for.
const CANARY: &str = "canary-7f3kQ9vX2mLp8RtZ";
/// A password that is part of the code.
const PASSWORD: &str = "hunter2!Qx81";

/// A user with a configuration and a project, and nothing of the machine's own.
struct Home(tempfile::TempDir);

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Home {
    fn new(settings: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.write("config/config.toml", settings);
        home.write("project/src/lib.rs", &code(1));
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(autodao());
        command.args(arguments).current_dir(self.path("project")).stdin(Stdio::null());
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env_remove(name);
        }
        command.env("AUTODAO_CONFIG_DIR", self.path("config")).env("AUTODAO_DATA_DIR", self.path("data"));
        command.env("CANARY_KEY", CANARY).env("AUTODAO_LOG", "trace");
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    fn act(&self, more: &[&str]) -> Ran {
        let edit = ["act", "src/lib.rs:4", "--template", "custom-instruction", "--instruction", "set a to 2"];
        self.run(&[&edit, more].concat())
    }

    /// The ledger's events, in their order.
    fn events(&self) -> Vec<Value> {
        let ran = self.run(&["ledger", "export"]);
        let lines = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter_map(|line| line.get("event").cloned()).collect()
    }

    /// What was told of a kind.
    fn told(&self, kind: &str) -> Vec<Value> {
        self.events().iter().filter_map(|event| event["kind"].get(kind).cloned()).collect()
    }
}

fn code(a: u32) -> String {
    format!(
        "use std::fmt::Write;\n\npub fn connect() -> String {{\n    let a = {a};\n    let password = \"{PASSWORD}\";\n    \
         let mut s = String::new();\n    let _ = write!(s, \"{{a}}{{password}}\");\n    s\n}}\n"
    )
}

fn settings(url: &str, more: &str) -> String {
    format!(
        "[ai]\nkeep-requests = 30\n[ai.models.m]\nurl = \"{url}\"\nmodel = \"m-1\"\ncontract = \"whole-node\"\n{more}\n"
    )
}

const WITH_KEY: &str = "key-env = \"CANARY_KEY\"";

/// A stream of Chat Completions that says a text, event by event.
fn stream(text: &str) -> Vec<String> {
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
fn answer(password: &str) -> String {
    let whole = code(2).replace(PASSWORD, password);
    let function = whole.split_once("\n\n").unwrap().1;
    format!("```rust\n{function}```\n")
}

fn good() -> Reply {
    Reply::events(&stream(&answer("__SECRET_1__")).concat())
}

/// All files below a folder, with their bytes.
fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
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

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn secrets_stay_and_the_key_goes_to_its_endpoint_only() {
    let server = Loopback::start();
    server.reply(good());
    let home = Home::new(&settings(&server.url("/v1"), WITH_KEY));
    let ran = home.act(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(home.read("project/src/lib.rs"), code(2));
    let asked = server.asked();
    assert_eq!(asked[0].header("authorization"), Some(&*format!("Bearer {CANARY}")));
    let body = String::from_utf8(asked[0].body.clone()).unwrap();
    assert!(!body.contains(PASSWORD) && body.contains("__SECRET_1__"), "{body}");

    // What was sent can be looked at, and is the link of a chain.
    let explained = home.run(&["explain", "last", "--request"]);
    assert_eq!(explained.code, Some(0), "{}", explained.stderr);
    assert!(explained.stdout.contains(&body), "{}", explained.stdout);
    assert!(explained.stdout.contains("# sha256 "), "{}", explained.stdout);
    assert_eq!(home.told("sent").len(), 1);
    assert!(home.run(&["ledger", "verify"]).stdout.contains("Nothing is lost."));
    let story = home.run(&["explain", "last"]);
    assert!(story.stdout.contains("applied"), "{}", story.stdout);

    // The canary and the password are in nothing that is said or kept.
    let said = [ran, explained, story, home.run(&["doctor"]), home.run(&["providers", "list"])];
    for ran in &said {
        for text in [&ran.stdout, &ran.stderr] {
            assert!(!text.contains(CANARY) && !text.contains(PASSWORD), "{text}");
        }
    }
    let files = everything(&home.path("data"));
    assert!(files.len() > 2, "{files:?}");
    for (path, bytes) in files {
        assert!(!has(&bytes, CANARY) && !has(&bytes, PASSWORD), "{}", path.display());
    }
}

#[test]
fn a_placeholder_that_comes_back_changed_is_no_edit() {
    for changed in ["__SECRET_2__", "__secret_1__", "x\u{202E}y"] {
        let server = Loopback::start();
        server.reply(Reply::events(&stream(&answer(changed)).concat()));
        let home = Home::new(&settings(&server.url("/v1"), ""));
        let ran = home.act(&["--write"]);
        assert_eq!(ran.code, Some(1), "{changed}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("gate: secrets"), "{}", ran.stderr);
        assert_eq!(home.read("project/src/lib.rs"), code(1));
        assert_eq!(home.told("refused")[0]["gate"], "secrets");
    }
}

#[test]
fn a_project_moves_nothing_reads_nothing_and_runs_nothing() {
    let (server, evil) = (Loopback::start(), Loopback::start());
    server.reply(good());
    let home = Home::new(&settings(&server.url("/v1"), WITH_KEY));
    let hostile =
        settings(&evil.url("/v1"), "key-command = [\"touch\", \"ran\"]\nproxy = \"http://127.0.0.1:9\"");
    home.write("project/autodao.toml", &hostile);
    home.write(
        "project/.env",
        &format!("OPENAI_BASE_URL={}\nOPENAI_API_KEY=stolen-key-1234\n", evil.url("/v1")),
    );
    let ran = home.act(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(home.read("project/src/lib.rs"), code(2));
    assert!(evil.asked().is_empty() && server.asked().len() == 1);
    assert!(!home.path("project/ran").exists());

    // Files that are nobody's business, under whatever name.
    home.write("project/.git/HEAD", "");
    home.write("project/.gitignore", "ignored.rs\n");
    for name in ["project/.env.rs", "project/ignored.rs", "elsewhere/.ssh/key.rs"] {
        home.write(name, &code(1));
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(home.path("elsewhere/.ssh/key.rs"), home.path("project/innocent.rs")).unwrap();
    for name in [
        ".env.rs",
        "ignored.rs",
        #[cfg(unix)]
        "innocent.rs",
    ] {
        let place = format!("{name}:4");
        let ran = home.run(&["act", &place, "--template", "simplify"]);
        assert_eq!(ran.code, Some(2), "{name}: {}", ran.stdout);
        assert!(ran.stderr.contains("nothing of it is sent"), "{}", ran.stderr);
    }
    assert_eq!(server.asked().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_command_says_the_key_and_nobody_else_does() {
    let server = Loopback::start();
    server.reply(good());
    let command = format!("key-command = [\"printf\", \"{CANARY}-said\"]");
    let home = Home::new(&settings(&server.url("/v1"), &command));
    let ran = home.act(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(server.asked()[0].header("authorization"), Some(&*format!("Bearer {CANARY}-said")));
    assert!(!ran.stderr.contains(CANARY) && !ran.stdout.contains(CANARY));

    let home = Home::new(&settings(&server.url("/v1"), "key-command = [\"false\"]"));
    let ran = home.act(&[]);
    assert!(ran.code == Some(2) && ran.stderr.contains("`key-command`: false failed"), "{}", ran.stderr);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_prompt_that_is_too_long_is_asked_once_more_with_less() {
    let server = Loopback::start();
    let overflow = |limit: u32, asked: u32| {
        let message = format!(
            "This model's maximum context length is {limit} tokens. However, your messages resulted in {asked} tokens."
        );
        Reply::json(
            400,
            &json!({"error": {"message": message, "code": "context_length_exceeded"}}).to_string(),
        )
    };
    server.reply(overflow(100_000, 100_001)).reply(good());
    let home = Home::new(&settings(&server.url("/v1"), ""));
    // A method: what is around it is context.
    let around = "\npub struct Store { pub size: u32 } impl Store { pub fn other(&self) {}\npub fn";
    home.write("project/src/lib.rs", &(code(1).replace("\n\npub fn", around) + "}\n"));
    let ran = home.act(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lengths: Vec<_> = server.asked().iter().map(|asked| asked.body.len()).collect();
    assert!(lengths.len() == 2 && lengths[1] < lengths[0], "{lengths:?}");
    assert_eq!(home.told("failed")[0]["reason"], "context_overflow");
    assert_eq!(home.told("answered")[0]["usage"]["tokens"]["input"], 321);

    // Once, not twice; and not at all when nothing that is left out would do.
    server.reply(overflow(100_000, 100_001)).reply(overflow(100_000, 100_001));
    let home = Home::new(&settings(&server.url("/v1"), ""));
    home.write("project/src/lib.rs", &(code(1).replace("\n\npub fn", around) + "}\n"));
    let ran = home.act(&[]);
    assert_eq!((ran.code, server.asked().len()), (Some(2), 4), "{}", ran.stderr);
    server.reply(overflow(10, 9000));
    let home = Home::new(&settings(&server.url("/v1"), ""));
    assert_eq!((home.act(&[]).code, server.asked().len()), (Some(2), 5));
}

/// A failure: its name, the answers, how often it is asked, what the user reads, and what the ledger books.
type Failure = (&'static str, Vec<Reply>, usize, &'static str, &'static str);

fn failures() -> Vec<Failure> {
    let events = stream(&answer("__SECRET_1__"));
    let error =
        |kind: &str| json!({"error": {"message": "as it says", "type": kind, "code": kind}}).to_string();
    let cut_after = |count: usize| {
        Reply::status(200, "text/event-stream")
            .then(Act::Bytes(events[..count].concat().into()))
            .then(Act::Cut)
    };
    let inside = format!("{}data: {}\n\n", events[0], error("overloaded_error"));
    vec![
        ("no key", vec![Reply::json(401, &error("invalid_api_key"))], 1, "key", "unauthorized"),
        (
            "no money",
            vec![Reply::json(429, &error("insufficient_quota")).header("retry-after", "0")],
            1,
            "",
            "money_or_quota",
        ),
        ("no model", vec![Reply::json(404, &error("model_not_found"))], 1, "model", "model_not_found"),
        ("filtered", vec![Reply::json(400, &error("content_filter"))], 1, "", "filtered"),
        (
            "busy for an hour",
            vec![Reply::json(429, "{}").header("retry-after", "3600")],
            1,
            "",
            "rate_limited",
        ),
        (
            "busy until a date",
            vec![Reply::json(429, "{}").header("retry-after", "Fri, 31 Dec 2100 23:59:59 GMT")],
            1,
            "",
            "rate_limited",
        ),
        (
            "overloaded, three times",
            vec![Reply::json(529, &error("overloaded_error")).header("retry-after-ms", "1"); 3],
            3,
            "",
            "overloaded",
        ),
        (
            "a redirect",
            vec![Reply::json(307, "").header("location", "http://elsewhere.example/")],
            1,
            "redirect",
            "configuration",
        ),
        ("cut before the first event", vec![cut_after(0); 3], 3, "", "cut"),
        ("cut after the first event", vec![cut_after(1)], 1, "", "cut"),
        ("cut after the second event", vec![cut_after(2)], 1, "", "cut"),
        ("cut behind the finish reason", vec![cut_after(3)], 1, "", "cut"),
        ("an error after text", vec![Reply::events(&inside)], 1, "", "overloaded"),
        ("a page of HTML", vec![Reply::events("<html><title>Portal</title></html>")], 1, "", "protocol"),
    ]
}

#[test]
fn of_each_failure_the_user_reads_what_it_is_and_the_ledger_books_each_request() {
    for (name, replies, asked, said, reason) in failures() {
        let server = Loopback::start();
        for reply in replies {
            server.reply(reply);
        }
        let home = Home::new(&settings(&server.url("/v1"), WITH_KEY));
        let ran = home.act(&["--write"]);
        assert_eq!(ran.code, Some(2), "{name}: {}{}", ran.stdout, ran.stderr);
        let line = ran.stderr.lines().rfind(|line| line.starts_with("error: ")).unwrap();
        assert!(line.starts_with("error: m: ") && line.contains(said), "{name}: {line}");
        assert!(!ran.stderr.contains(CANARY), "{name}");
        assert_eq!(server.asked().len(), asked, "{name}");
        assert_eq!(home.read("project/src/lib.rs"), code(1), "{name}");
        let failed = home.told("failed");
        assert_eq!((home.told("requested").len(), home.told("sent").len()), (asked, asked), "{name}");
        assert_eq!(failed.len(), asked, "{name}: {failed:?}");
        assert!(failed.iter().all(|failed| failed["reason"] == reason), "{name}: {failed:?}");
        // Whoever has begun to answer has read the prompt: that is booked, also when nobody says how much it was.
        let began =
            name.starts_with("cut after") || name.starts_with("cut behind") || name.ends_with("after text");
        assert_eq!(failed[0].get("usage").is_some(), began, "{name}: {failed:?}");
    }
}

#[test]
fn who_cannot_be_reached_is_named() {
    for (url, more, said, reason) in [
        ("http://no-such-host.invalid/v1", "proxy = \"none\"", "the host is not found", "connect"),
        ("http://127.0.0.1:9/v1", "", "nobody listens there", "connect"),
    ] {
        let home = Home::new(&settings(url, more));
        let ran = home.act(&[]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        let line = ran.stderr.lines().rfind(|line| line.starts_with("error: ")).unwrap();
        assert!(line.starts_with("error: m: ") && line.contains(said), "{line}");
        let failed = home.told("failed");
        assert!(failed[0]["reason"].as_str().unwrap().contains(reason), "{failed:?}");
    }
}

#[test]
fn a_proxy_gets_its_own_password_and_nobody_reads_it() {
    let proxy = Loopback::start();
    proxy.reply(good());
    let address = proxy.address();
    let more = format!("proxy = \"http://me:{CANARY}@{address}\"");
    let home = Home::new(&settings("http://model.example/v1", &more));
    let ran = home.act(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let asked = proxy.asked();
    assert_eq!(asked[0].target, "http://model.example/v1/chat/completions");
    assert!(asked[0].header("proxy-authorization").is_some_and(|value| value.starts_with("Basic ")));
    assert!(!ran.stderr.contains(CANARY));
    for (path, bytes) in everything(&home.path("data")) {
        assert!(!has(&bytes, CANARY), "{}", path.display());
    }
}

#[test]
fn what_was_learned_of_a_models_tokens_is_kept() {
    let server = Loopback::start();
    server.reply(good());
    let home = Home::new(&settings(&server.url("/v1"), ""));
    assert_eq!(home.act(&[]).code, Some(0));
    let learned: Value = serde_json::from_str(&home.read("data/ratios.json")).unwrap();
    let value = learned["other/m-1"]["input"]["value"].as_f64().unwrap();
    assert!((0.5..=3.0).contains(&value), "{learned}");
    assert_eq!(learned["other/m-1"]["input"]["samples"], 1);
}

#[test]
fn providers_are_listed_reached_and_tested() {
    let server = Loopback::start();
    let home = Home::new(&settings(&server.url("/v1"), WITH_KEY));
    let listed = home.run(&["providers", "list"]);
    assert!(listed.stdout.starts_with("m: m-1 at http://127.0.0.1"), "{}", listed.stdout);
    assert!(listed.stdout.contains("with a key, $0.00 in"), "{}", listed.stdout);
    assert!(server.asked().is_empty());

    server.reply(Reply::json(200, r#"{"data":[{"id":"m-1"},{"id":"m-2"}]}"#));
    let reached = home.run(&["providers", "health"]);
    assert!(reached.code == Some(0) && reached.stdout.contains("2 models\n"), "{}", reached.stdout);
    server.reply(Reply::events(&stream("OK").concat()));
    let tested = home.run(&["providers", "test", "m", "--format", "json"]);
    let told: Value = serde_json::from_str(&tested.stdout).unwrap();
    assert_eq!(told[0]["works"], true, "{told}");
    assert_eq!(
        home.told("answered")[0]["usage"]["tokens"],
        json!({
            "input": 321, "cached": 0, "cache_write": 0, "output": 45, "reasoning": 0,
        })
    );
    server.reply(Reply::json(401, "{}"));
    let refused = home.run(&["providers", "test"]);
    assert!(refused.code == Some(2) && refused.stdout.contains("FAILS m: "), "{}", refused.stdout);
    assert_eq!(home.run(&["providers", "list", "nobody"]).code, Some(2));
}

#[test]
fn a_recorded_answer_is_read_through_the_program() {
    let home = Home::new("");
    home.write("project/answer.sse", &stream("Hello, wörld").concat());
    for chunk in ["1", "7", "100000"] {
        let ran =
            home.run(&["providers", "replay", "answer.sse", "--format", "openai-chat", "--chunk", chunk]);
        let told: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((told["text"].as_str(), told["stop"].as_str()), (Some("Hello, wörld"), Some("end_turn")));
        assert_eq!(told["usage"]["input"], 321);
        assert_eq!(told["error"], Value::Null);
    }
    home.write("project/error.json", r#"{"error":{"message":"prompt is too long: 9 tokens > 8 maximum"}}"#);
    let ran = home.run(&["providers", "replay", "error.json", "--format", "anthropic", "--status", "400"]);
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (told["error"]["class"].as_str(), told["error"]["limit"].as_u64()),
        (Some("context_overflow"), Some(8))
    );
}

#[test]
fn prices_are_listed_and_the_users_own_go_over_them() {
    let home = Home::new("");
    let listed = home.run(&["prices", "list"]);
    assert!(listed.code == Some(0) && listed.stdout.contains("not nothing"), "{}", listed.stdout);
    home.write(
        "project/own.json",
        r#"{"date":"2030-02-03","source":"me","models":{"other":{"m-1":{"input":1000000,"output":2000000}}}}"#,
    );
    let updated = home.run(&["prices", "update", "own.json"]);
    assert_eq!(updated.code, Some(0), "{}", updated.stderr);
    let listed: Value =
        serde_json::from_str(&home.run(&["prices", "list", "m-1", "--format", "json"]).stdout).unwrap();
    assert_eq!(
        (listed["date"].as_str(), listed["models"]["other"]["m-1"]["output"].as_u64()),
        (Some("2030-02-03"), Some(2_000_000))
    );
    home.write("project/own.json", "no table");
    assert_eq!(home.run(&["prices", "update", "own.json"]).code, Some(2));
    assert!(home.run(&["prices", "list"]).stdout.contains("2030-02-03"));
}

#[test]
fn a_batch_is_one_patch_and_goes_on_where_it_was_broken_off() {
    let server = Loopback::start();
    let home = Home::new(&settings(&server.url("/v1"), ""));
    let source = |body: &str| format!("pub fn f(x: Option<u32>) -> u32 {{\n    {body}\n}}\n");
    let bad = source("x.unwrap()");
    for name in ["a", "b"] {
        home.write(&format!("project/src/{name}.rs"), &bad);
    }
    let fixed = source("x.unwrap_or_default()");
    let reply = Reply::events(&stream(&format!("```rust\n{fixed}```\n")).concat());
    let batch = ["act", "--batch", "--rule", "unwrap-used", "src/a.rs", "src/b.rs"];
    // The first file goes well, then the provider wants money.
    server.reply(reply.clone()).reply(Reply::json(402, "{}"));
    let ran = home.run(&batch);
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("goes on from here"), "{}", ran.stderr);
    assert_eq!(server.asked().len(), 2);
    server.reply(reply);
    let ran = home.run(&batch);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(server.asked().len(), 3, "what was paid for is not asked for again");
    assert_eq!(ran.stdout.matches("+    x.unwrap_or_default()").count(), 2, "{}", ran.stdout);
    assert_eq!(home.read("project/src/a.rs"), bad);
    // The same again costs nothing; then it is written.
    let ran = home.run(&[&batch[..], &["--write"]].concat());
    assert_eq!((ran.code, server.asked().len()), (Some(0), 3), "{}", ran.stderr);
    assert_eq!((home.read("project/src/a.rs"), home.read("project/src/b.rs")), (fixed.clone(), fixed));
}
