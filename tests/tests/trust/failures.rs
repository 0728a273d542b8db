//! Of each failure: what the user reads, and what the ledger books.

use autodao_tests::loopback::{Loopback, Reply};
use serde_json::json;

use crate::home::{CANARY, Home, WITH_KEY, answer, code, good, settings, stream};

/// A failure: its name, the answers, how often it is asked, what the user reads, and what the ledger books.
type Failure = (&'static str, Vec<Reply>, usize, &'static str, &'static str);

fn failures() -> Vec<Failure> {
    let events = stream(&answer("__SECRET_1__"));
    let error =
        |kind: &str| json!({"error": {"message": "as it says", "type": kind, "code": kind}}).to_string();
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
        let line = ran.error();
        assert!(line.starts_with("error: m: ") && line.contains(said), "{name}: {line}");
        assert!(!ran.stderr.contains(CANARY), "{name}");
        assert_eq!(server.asked().len(), asked, "{name}");
        assert_eq!(home.read("project/src/lib.rs"), code(1), "{name}");
        let failed = home.told("failed");
        assert_eq!((home.told("requested").len(), home.told("sent").len()), (asked, asked), "{name}");
        assert_eq!(failed.len(), asked, "{name}: {failed:?}");
        assert!(failed.iter().all(|failed| failed["reason"] == reason), "{name}: {failed:?}");
        // Whoever has begun to answer has read the prompt: that is booked, also when nobody says how much it was. Who
        // turns a request away charges nothing. Of others nothing is known, and the estimate stands.
        let input = failed[0]["usage"]["tokens"]["input"].as_u64();
        match name {
            "an error after text" => assert!(input > Some(0), "{name}: {failed:?}"),
            "a page of HTML" => assert_eq!(input, None, "{name}: {failed:?}"),
            _ => assert!(
                failed.iter().all(|failed| failed["usage"]["tokens"]["input"] == 0),
                "{name}: {failed:?}"
            ),
        }
    }
}

#[test]
fn a_message_that_quotes_the_request_is_not_kept() {
    for (said, kept) in [
        ("cannot read: pub fn connect() -> String {", "a message that quotes the request"),
        ("no such thing", "no such thing"),
    ] {
        let server = Loopback::start();
        server.reply(Reply::json(400, &json!({"error": {"message": said}}).to_string()));
        let home = Home::new(&settings(&server.url("/v1"), ""));
        let ran = home.act(&[]);
        assert!(ran.error().contains(said), "the user reads it: {}", ran.stderr);
        assert_eq!(home.told("failed")[0]["log"]["message"], kept);
    }
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
