//! A batch through the providers' batch APIs: sent once, picked up after a stop, judged and booked item by item.

use std::process::Stdio;

use autodao_tests::loopback::{Act, Asked, Loopback, Reply};
use serde_json::{Value, json};

use crate::home::{CANARY, Home, WITH_KEY, everything, has, settings};

const BATCH: [&str; 6] = ["act", "--batch", "--provider-batch", "--rule", "unwrap-used", "src"];

/// Four findings in three files.
fn sources(home: &Home) {
    home.write("project/src/lib.rs", "");
    home.write("project/src/a.rs", &format!("{}\n{}", function("first"), function("second")));
    home.write("project/src/b.rs", &function("third"));
    home.write("project/src/c.rs", &function("fourth"));
}

fn function(name: &str) -> String {
    format!("pub fn {name}(x: Option<u32>) -> u32 {{\n    x.unwrap()\n}}\n")
}

fn fixed(name: &str) -> String {
    function(name).replace("unwrap", "unwrap_or_default")
}

fn home(server: &Loopback, format: &str, path: &str) -> Home {
    let home = Home::new(&settings(&server.url(path), &format!("{WITH_KEY}\nformat = \"{format}\"")));
    sources(&home);
    home
}

/// What a batch of `m-1` costs: half of a millionth for a token in, one for a token out.
fn with_prices(home: &Home, batches: &str) {
    let table = format!(
        r#"{{"date":"2030-02-03","source":"me",{batches}"models":{{"other":{{"m-1":{{"input":1000000,"output":2000000}}}}}}}}"#
    );
    home.write("project/own.json", &table);
    assert_eq!(home.run(&["prices", "update", "own.json"]).code, Some(0));
}

/// The requests of a batch as they were sent, by the name of the function each is about.
fn requests(asked: &Asked) -> Vec<(&'static str, Value)> {
    let lines: Vec<Value> = if asked.target.ends_with("/files") {
        let form = String::from_utf8(asked.body.clone()).unwrap();
        form.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    } else {
        asked.json()["requests"].as_array().unwrap().clone()
    };
    // Whole is only what is to be edited; the signatures of others may stand around it.
    let name = |line: &Value| {
        let text = line.to_string();
        let is_target =
            |name: &&str| text.contains(&format!("{name}(x: Option<u32>) -> u32 {{\\n    x.unwrap()"));
        ["first", "second", "third", "fourth"].into_iter().find(is_target).unwrap()
    };
    lines.into_iter().map(|line| (name(&line), line)).collect()
}

/// A file of answers to the requests about some functions, each made of its name and id.
fn answers(asked: &Asked, names: &[&str], answer: impl Fn(&str, &Value) -> Value) -> Reply {
    let of_them = requests(asked).into_iter().filter(|(name, _)| names.contains(name));
    // In no order, as providers have it.
    let lines: Vec<_> =
        of_them.map(|(name, line)| answer(name, &line["custom_id"]).to_string()).rev().collect();
    Reply::status(200, "application/octet-stream").then(Act::Bytes((lines.join("\n") + "\n").into()))
}

fn code_of(name: &str) -> String {
    format!("```rust\n{}```\n", fixed(name))
}

fn chat(name: &str, id: &Value) -> Value {
    let choice = json!({"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": code_of(name)}});
    let usage = json!({"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366});
    let body = json!({"object": "chat.completion", "choices": [choice], "usage": usage});
    json!({"custom_id": id, "response": {"status_code": 200, "request_id": "r-1", "body": body}, "error": null})
}

fn responses(name: &str, id: &Value) -> Value {
    let output = json!([{"type": "message", "content": [{"type": "output_text", "text": code_of(name)}]}]);
    let usage = json!({"input_tokens": 321, "output_tokens": 45, "total_tokens": 366});
    let body =
        json!({"object": "response", "status": "completed", "error": null, "output": output, "usage": usage});
    json!({"custom_id": id, "response": {"status_code": 200, "body": body}, "error": null})
}

fn message(name: &str, id: &Value) -> Value {
    let message = json!({
        "type": "message", "role": "assistant", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": code_of(name)}],
        "usage": {"input_tokens": 321, "output_tokens": 45},
    });
    json!({"custom_id": id, "result": {"type": "succeeded", "message": message}})
}

fn asked(server: &Loopback) -> Vec<String> {
    server.asked().iter().map(|asked| format!("{} {}", asked.method, asked.target)).collect()
}

fn batch(status: &str, more: &Value) -> Reply {
    let mut batch = json!({
        "id": "batch_1", "object": "batch", "status": status,
        "request_counts": {"total": 4, "completed": 1, "failed": 0},
    });
    batch.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Reply::json(200, &batch.to_string())
}

/// Starts the batch, and stops it for good when so many requests have come.
fn killed_at(home: &Home, server: &Loopback, count: usize) {
    let mut command = home.command(&BATCH, &[]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    server.wait_for_asked(count);
    // Meanwhile nobody else goes on with it: who does would pay for the same.
    let second = home.run(&BATCH);
    assert!(second.code == Some(2) && second.error().contains("runs already"), "{}", second.stderr);
    assert_eq!(server.asked().len(), count);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn an_openai_batch_is_paid_once_and_picked_up_after_a_stop() {
    let server = Loopback::start();
    let home = home(&server, "openai-chat", "/v1");
    with_prices(&home, r#""batch_percent":{"other":50},"#);
    let file = |id: &str| Reply::json(200, &json!({"id": id, "object": "file"}).to_string());
    let stall = || Reply(vec![Act::Stall]);
    server
        .reply(file("file-1"))
        .reply(batch("validating", &json!({})))
        .reply(batch("in_progress", &json!({})));
    server.reply(stall());
    killed_at(&home, &server, 4);
    let sent = server.asked();
    let lines = requests(&sent[0]);
    assert_eq!(lines.len(), 4);
    for (_, line) in &lines {
        assert_eq!((&line["method"], &line["url"]), (&json!("POST"), &json!("/v1/chat/completions")));
        assert_eq!((&line["body"]["model"], line["body"].get("stream")), (&json!("m-1"), None));
    }
    let created = sent[1].json();
    assert_eq!(
        (&created["input_file_id"], &created["endpoint"]),
        (&json!("file-1"), &json!("/v1/chat/completions"))
    );
    assert_eq!((home.told("requested").len(), home.told("sent").len()), (4, 4));

    // Another way to ask would pay for the same again.
    let ran = home.run(&["act", "--batch", "--rule", "unwrap-used", "src"]);
    assert!(ran.code == Some(2) && ran.error().contains("--provider-batch"), "{}", ran.stderr);
    assert_eq!(server.asked().len(), 4);

    // The second start asks for the answers only. One failed, one was too late.
    server.reply(batch("completed", &json!({"output_file_id": "file-2", "error_file_id": "file-3"})));
    server.reply_with(|asked| answers(&asked[0], &["first", "second"], chat));
    server.reply_with(|asked| {
        answers(&asked[0], &["third", "fourth"], |name, id| match name {
            "third" => {
                let error = json!({"error": {"message": "as it says", "code": "content_filter"}});
                json!({"custom_id": id, "response": {"status_code": 400, "body": error}, "error": null})
            }
            _ => json!({"custom_id": id, "response": null, "error": {"code": "batch_expired", "message": "late"}}),
        })
    });
    let ran = home.run(&BATCH);
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("1 requests failed, 1 were not answered"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("content rules") && ran.stderr.contains("goes on from here"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stdout.matches("+    x.unwrap_or_default()").count(), 2, "{}", ran.stdout);
    let expected =
        ["GET /v1/batches/batch_1", "GET /v1/files/file-2/content", "GET /v1/files/file-3/content"];
    assert_eq!(asked(&server)[4..], expected);

    // Each is booked as the provider says, at the price of a batch.
    let answered = home.told("answered");
    assert_eq!(answered.len(), 2);
    for answered in &answered {
        assert_eq!(
            (&answered["usage"]["source"], &answered["cost"]["micros"]),
            (&json!("reported"), &json!(206))
        );
        assert_eq!(answered["usage"]["tokens"]["input"], 321);
    }
    assert_eq!((home.reasons(), home.told("cancelled").len()), (vec!["filtered".to_owned()], 1));
    let offered = home.events().iter().filter(|event| event["kind"].get("offered").is_some()).count();
    assert_eq!(offered, 2);

    // The third start asks for what is left, and writes it all.
    server.reply(file("file-4")).reply(batch("validating", &json!({})));
    server.reply(batch("completed", &json!({"output_file_id": "file-5"})));
    server.reply_with(|asked| answers(&asked[7], &["third", "fourth"], chat));
    let ran = home.run(&[&BATCH[..], &["--write"]].concat());
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(requests(&server.asked()[7]).len(), 2);
    assert_eq!(home.read("project/src/a.rs"), format!("{}\n{}", fixed("first"), fixed("second")));
    assert_eq!(
        (home.read("project/src/b.rs"), home.read("project/src/c.rs")),
        (fixed("third"), fixed("fourth"))
    );
    assert_eq!(home.told("answered").len(), 4);
    assert!(home.run(&["ledger", "verify"]).stdout.contains("Nothing is lost."));

    // The key went with each request, and into nothing else.
    for asked in server.asked() {
        assert_eq!(asked.header("authorization"), Some(&*format!("Bearer {CANARY}")));
        assert!(!has(&asked.body, CANARY));
    }
    for (path, bytes) in everything(&home.path("data")) {
        assert!(!has(&bytes, CANARY), "{}", path.display());
    }
}

#[test]
fn a_batch_whose_sending_was_broken_off_is_looked_for_before_it_is_sent_again() {
    let server = Loopback::start();
    let home = home(&server, "openai-responses", "/v1");
    server.reply(Reply::json(200, r#"{"id":"file-1"}"#)).reply(Reply(vec![Act::Stall]));
    killed_at(&home, &server, 2);
    // The provider has it all the same.
    server.reply_with(|asked| {
        let ours = json!({"id": "batch_1", "metadata": asked[1].json()["metadata"]});
        Reply::json(
            200,
            &json!({"data": [{"id": "batch_0", "metadata": {"autodao": "another"}}, ours]}).to_string(),
        )
    });
    server.reply(batch("completed", &json!({"output_file_id": "file-2"})));
    server.reply_with(|asked| answers(&asked[0], &["first", "second", "third", "fourth"], responses));
    let ran = home.run(&BATCH);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.stdout.matches("+    x.unwrap_or_default()").count(), 4, "{}", ran.stdout);
    let expected = ["GET /v1/batches?limit=100", "GET /v1/batches/batch_1", "GET /v1/files/file-2/content"];
    assert_eq!(asked(&server)[2..], expected);
    assert_eq!((home.told("requested").len(), home.told("answered").len()), (4, 4));
}

#[test]
fn an_anthropic_batch_is_judged_and_booked_item_by_item() {
    let (server, evil) = (Loopback::start(), Loopback::start());
    let home = home(&server, "anthropic", "");
    // The price of a request is known, and that of one in a batch is not.
    with_prices(&home, "");
    let state = |status: &str, counts: Value| {
        let url = evil.url("/v1/messages/batches/msgbatch_1/results");
        let batch = json!({"id": "msgbatch_1", "processing_status": status, "request_counts": counts, "results_url": url});
        Reply::json(200, &batch.to_string())
    };
    server.reply(state("in_progress", json!({"processing": 4})));
    server.reply(state("in_progress", json!({"processing": 3, "succeeded": 1})));
    server.reply(state("ended", json!({"succeeded": 2, "errored": 1, "expired": 1})));
    server.reply_with(|asked| {
        answers(&asked[0], &["first", "second", "third", "fourth"], |name, id| match name {
            "first" => message(name, id),
            // A change of its own: the gates hold in a batch, too.
            "second" => message("elsewhere", id),
            "third" => {
                let error =
                    json!({"type": "error", "error": {"type": "overloaded_error", "message": "as it says"}});
                json!({"custom_id": id, "result": {"type": "errored", "error": error}})
            }
            _ => json!({"custom_id": id, "result": {"type": "expired"}}),
        })
    });
    let ran = home.run(&BATCH);
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("1 of 4 are answered"), "{}", ran.stderr);
    assert!(ran.stderr.contains("1 requests failed, 1 were not answered"), "{}", ran.stderr);
    assert!(ran.stderr.contains("(gate: "), "{}", ran.stderr);
    assert_eq!(ran.stdout.matches("+    x.unwrap_or_default()").count(), 1, "{}", ran.stdout);
    let path = "/v1/messages/batches";
    let expected = [
        format!("POST {path}"),
        format!("GET {path}/msgbatch_1"),
        format!("GET {path}/msgbatch_1"),
        format!("GET {path}/msgbatch_1/results"),
    ];
    assert_eq!(asked(&server), expected);
    // Where a provider says the answers are is not where the key goes.
    assert_eq!(evil.connections(), 0);
    for (_, line) in requests(&server.asked()[0]) {
        assert_eq!((&line["params"]["model"], line["params"].get("stream")), (&json!("m-1"), None));
    }
    let answered = home.told("answered");
    assert_eq!(answered.len(), 2);
    assert!(answered.iter().all(|answered| answered["usage"]["source"] == "reported"));
    assert!(answered.iter().all(|answered| answered["cost"].is_null()), "an unknown price is not guessed");
    assert_eq!((home.reasons(), home.told("cancelled").len()), (vec!["overloaded".to_owned()], 1));
    assert_eq!(home.told("refused").len(), 1);

    // What was refused is not asked again; what failed or was late is.
    server.reply(Reply(vec![Act::Stall]));
    killed_at(&home, &server, 5);
    assert_eq!(requests(&server.asked()[4]).len(), 2);
    // Nobody knows whether that one came: it is not paid twice.
    let list = |count: u32| {
        json!({"data": [{"id": "msgbatch_2", "request_counts": {"processing": count}}]}).to_string()
    };
    server.reply(Reply::json(200, &list(2)));
    let ran = home.run(&BATCH);
    assert!(ran.code == Some(2) && ran.error().contains("msgbatch_2"), "{}", ran.stderr);
    assert_eq!(server.asked().len(), 6);
    // It did not: it is sent anew, and refused for good.
    server.reply(Reply::json(200, &list(3))).reply(Reply::json(401, "{}"));
    let ran = home.run(&BATCH);
    assert!(ran.code == Some(2) && ran.error().contains("the key is not accepted"), "{}", ran.stderr);
    assert_eq!(asked(&server)[6..], [format!("GET {path}?limit=100"), format!("POST {path}")]);
    assert_eq!(home.reasons(), ["overloaded", "unauthorized", "unauthorized"]);
    // Nothing is left open: what was not paid is free again.
    let cancelled = home.told("cancelled");
    assert!(
        cancelled.len() == 3 && cancelled.iter().all(|told| told["usage"]["tokens"]["input"] == 0),
        "{cancelled:?}"
    );
}

#[test]
fn a_batch_goes_nowhere_else_and_not_to_everyone() {
    let (server, evil) = (Loopback::start(), Loopback::start());
    let home = home(&server, "anthropic", "");
    server.reply(Reply::json(307, "").header("location", &evil.url("/v1/messages/batches")));
    let ran = home.run(&BATCH);
    assert!(ran.code == Some(2) && ran.error().contains("redirect"), "{}", ran.stderr);
    // An id that would lead elsewhere is none.
    server.reply(Reply::json(200, r#"{"id":"../../files"}"#));
    let ran = home.run(&BATCH);
    assert!(ran.code == Some(2) && ran.error().contains("no id"), "{}", ran.stderr);
    assert_eq!((server.asked().len(), evil.connections()), (2, 0));

    let home = self::home(&server, "gemini", "");
    let ran = home.run(&BATCH);
    assert!(ran.code == Some(2) && ran.error().contains("no batch API"), "{}", ran.stderr);
    // A budget is looked at before anything is sent.
    let home = self::home(&server, "anthropic", "");
    let tight = home.read("config/config.toml").replacen("[ai]", "[ai]\nbudget = { day-tokens = 300 }", 1);
    home.write("config/config.toml", &tight);
    let ran = home.run(&BATCH);
    assert_eq!((ran.code, server.asked().len()), (Some(2), 2), "{}", ran.stderr);
}
