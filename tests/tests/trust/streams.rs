//! Answers that stall or are cut: at each phase, at each boundary, in each of the formats.

use autodao_tests::loopback::{Act, Loopback, Reply};
use serde_json::json;

use crate::home::{Home, answer, code, settings, stream};

/// A format's name, the path of its URL, its events, and how many of them make a whole answer.
type Format = (&'static str, &'static str, Vec<String>, usize);

fn named(kind: &str, data: &serde_json::Value) -> String {
    format!("event: {kind}\ndata: {data}\n\n")
}

fn formats() -> [Format; 3] {
    let text = answer("__SECRET_1__");
    let (front, back) = text.split_at(text.len() / 2);
    let delta = |text: &str| {
        let delta = json!({"type": "text_delta", "text": text});
        named("content_block_delta", &json!({"type": "content_block_delta", "index": 0, "delta": delta}))
    };
    let messages = vec![
        named(
            "message_start",
            &json!({"type": "message_start", "message": {"usage": {"input_tokens": 321, "output_tokens": 1}}}),
        ),
        delta(front),
        delta(back),
        named(
            "message_delta",
            &json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 45}}),
        ),
        named("message_stop", &json!({"type": "message_stop"})),
    ];
    let output = |text: &str| {
        named("response.output_text.delta", &json!({"type": "response.output_text.delta", "delta": text}))
    };
    let usage = json!({"input_tokens": 321, "output_tokens": 45, "total_tokens": 366});
    let responses = vec![
        named(
            "response.created",
            &json!({"type": "response.created", "response": {"status": "in_progress"}}),
        ),
        output(front),
        output(back),
        named(
            "response.completed",
            &json!({"type": "response.completed", "response": {"status": "completed", "usage": usage}}),
        ),
    ];
    // Chat: some servers never send the marker that follows the usage.
    [
        ("openai-chat", "/v1", stream(&text), 5),
        ("openai-responses", "/v1", responses, 4),
        ("anthropic", "", messages, 5),
    ]
}

#[test]
fn an_answer_that_is_cut_is_no_edit_wherever_it_is_cut() {
    for (format, path, events, whole) in formats() {
        for count in 0..=events.len() {
            let server = Loopback::start();
            let reply = Reply::status(200, "text/event-stream")
                .then(Act::Bytes(events[..count].concat().into()))
                .then(Act::Cut);
            for _ in 0..3 {
                server.reply(reply.clone());
            }
            let home = Home::new(&settings(&server.url(path), &format!("format = \"{format}\"")));
            let ran = home.act(&["--write"]);
            let name = format!("{format} after {count}");
            if count >= whole {
                assert_eq!((ran.code, server.asked().len()), (Some(0), 1), "{name}: {}", ran.stderr);
                assert_eq!(home.read("project/src/lib.rs"), code(2), "{name}");
                assert_eq!(home.told("answered")[0]["usage"]["tokens"]["output"], 45, "{name}");
                continue;
            }
            assert_eq!(ran.code, Some(2), "{name}: {}", ran.stdout);
            assert!(ran.error().starts_with("error: m: the answer was cut off"), "{name}: {}", ran.error());
            assert_eq!(home.read("project/src/lib.rs"), code(1), "{name}");
            // It is asked again only while nothing of the answer was seen.
            let is_seen = events[..count].iter().any(|event| event.contains("connect() -> String"));
            let asked = if is_seen { 1 } else { 3 };
            assert_eq!(
                (server.asked().len(), home.reasons()),
                (asked, vec!["cut".to_owned(); asked]),
                "{name}"
            );
            assert_eq!((home.told("requested").len(), home.told("answered").len()), (asked, 0), "{name}");
            // Whoever has begun to answer has read the prompt: that is booked, also where nobody says how much.
            let has_usage = events[..count].iter().any(|event| event.contains("321"));
            for failed in home.told("failed") {
                assert_eq!(failed.get("usage").is_some(), is_seen || has_usage, "{name}: {failed}");
                if has_usage {
                    assert_eq!(failed["usage"]["tokens"]["input"], 321, "{name}: {failed}");
                }
            }
        }
    }
}

#[test]
fn a_stall_ends_when_its_time_is_up() {
    // Quick enough for a test, and long enough for a busy machine to hear an answer that is there.
    let (quick, slow) = ("0.3", "60");
    let head = || Reply::status(200, "text/event-stream");
    let role = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
    let events = stream(&answer("__SECRET_1__"));
    let after = |text: &str| head().then(Act::Bytes(text.into())).then(Act::Stall);
    let first = format!("first-token = {quick}, idle = {slow}, total = {slow}");
    let idle = format!("first-token = {slow}, idle = {quick}, total = {slow}");
    let total = format!("first-token = {slow}, idle = {slow}, total = {quick}");
    // Name, answer, times, how often it is asked, what the user reads, what the ledger books, whether tokens are.
    let phases = [
        (
            "no head",
            Reply(vec![Act::Stall]),
            &first,
            2,
            "no first token in time",
            "timeout_first_token",
            false,
        ),
        (
            "a head alone",
            head().then(Act::Stall),
            &first,
            2,
            "no first token in time",
            "timeout_first_token",
            false,
        ),
        ("no token", after(role), &first, 2, "no first token in time", "timeout_first_token", false),
        ("in the middle", after(&events[0]), &idle, 1, "the answer stalled", "timeout_idle", true),
        ("no end", after(&events[..2].concat()), &idle, 1, "the answer stalled", "timeout_idle", true),
        (
            "no head, in all",
            Reply(vec![Act::Stall]),
            &total,
            1,
            "the answer took too long",
            "timeout_total",
            false,
        ),
        (
            "in the middle, in all",
            after(&events[0]),
            &total,
            1,
            "the answer took too long",
            "timeout_total",
            true,
        ),
    ];
    for (name, reply, timeouts, asked, said, reason, is_booked) in phases {
        let server = Loopback::start();
        for _ in 0..asked {
            server.reply(reply.clone());
        }
        let home = Home::new(&settings(&server.url("/v1"), &format!("timeouts = {{ {timeouts} }}")));
        let ran = home.act(&["--write"]);
        assert_eq!(ran.code, Some(2), "{name}: {}", ran.stdout);
        assert!(ran.error().starts_with(&format!("error: m: {said}")), "{name}: {}", ran.error());
        // The connection is closed: the provider does not go on writing for nobody.
        server.wait_for_hang_ups(asked);
        assert_eq!((server.asked().len(), home.reasons()), (asked, vec![reason.to_owned(); asked]), "{name}");
        assert_eq!(home.read("project/src/lib.rs"), code(1), "{name}");
        for failed in home.told("failed") {
            assert_eq!(failed.get("usage").is_some(), is_booked, "{name}: {failed}");
        }
    }

    // A server that only never sends its last marker is not waited for in vain: the answer is whole.
    let server = Loopback::start();
    server.reply(after(&events[..4].concat()));
    let home = Home::new(&settings(&server.url("/v1"), &format!("timeouts = {{ {idle} }}")));
    let ran = home.act(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(home.told("answered")[0]["usage"]["tokens"]["output"], 45);
}
