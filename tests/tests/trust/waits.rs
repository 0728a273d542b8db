//! A provider that is too busy: how long the user is told to wait, when it is tried again, and when it is left alone.

use autodao_tests::loopback::{Loopback, Reply};
use serde_json::{Value, json};

use crate::home::{Home, good, settings};

/// How a provider says it: a header, or a body.
enum Said {
    Header(&'static str, &'static str),
    Body(Value),
}

impl Said {
    fn reply(&self, status: u16) -> Reply {
        match self {
            Self::Header(name, value) => Reply::json(status, "{}").header(name, value),
            Self::Body(body) => Reply::json(status, &body.to_string()),
        }
    }
}

fn words(message: &str) -> Said {
    Said::Body(json!({"error": {"message": message}}))
}

fn google(delay: &str) -> Said {
    Said::Body(json!({"error": {"details": [{"retryDelay": delay}]}}))
}

/// As OpenRouter passes on the headers of others.
fn copied(name: &str, value: &Value) -> Said {
    Said::Body(json!({"error": {"metadata": {"headers": {name: value}}}}))
}

#[test]
fn a_short_wait_is_waited_whichever_way_it_is_said() {
    let ways = [
        Said::Header("retry-after-ms", "20"),
        Said::Header("retry-after", "0"),
        Said::Header("retry-after", "0.02"),
        Said::Header("retry-after", "20ms"),
        Said::Header("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
        google("0.02s"),
        copied("Retry-After", &json!(0.02)),
        copied("X-RateLimit-Reset", &json!("784111777000")),
        words("Please try again in 20ms."),
        words("Too busy, retry after 0.02 seconds"),
    ];
    for (index, said) in ways.iter().enumerate() {
        for (status, reason) in [(429, "rate_limited"), (529, "overloaded")] {
            let server = Loopback::start();
            server.reply(said.reply(status)).reply(good());
            let home = Home::new(&settings(&server.url("/v1"), ""));
            let ran = home.act(&["--write"]);
            assert_eq!((ran.code, server.asked().len()), (Some(0), 2), "{index} {status}: {}", ran.stderr);
            assert_eq!(home.reasons(), [reason], "{index} {status}");
            // Who was turned away has read nothing; who answered is booked as reported.
            assert_eq!(home.told("failed")[0]["usage"]["tokens"]["input"], 0);
            let answered = home.told("answered");
            assert_eq!((answered.len(), &answered[0]["usage"]["source"]), (1, &json!("reported")));
            assert_eq!(answered[0]["usage"]["tokens"]["input"], 321);
        }
    }
}

#[test]
fn a_long_wait_is_told_and_not_waited() {
    let ways = [
        (Said::Header("retry-after-ms", "3600000"), "3600 s"),
        (Said::Header("retry-after", "3600"), "3600 s"),
        (Said::Header("retry-after", "1h"), "3600 s"),
        // A day, which is the longest that is believed.
        (Said::Header("retry-after", "Fri, 31 Dec 2100 23:59:59 GMT"), "86400 s"),
        (google("3600s"), "3600 s"),
        (copied("retry-after", &json!("3600")), "3600 s"),
        (copied("x-ratelimit-reset", &json!(4_133_980_799_000_u64)), "86400 s"),
        (words("Please try again in 1h0m0s."), "3600 s"),
        (words("Please wait 60 minutes"), "3600 s"),
    ];
    for (said, told) in &ways {
        for (status, reason) in [(429, "rate_limited"), (529, "overloaded")] {
            let server = Loopback::start();
            server.reply(said.reply(status));
            let home = Home::new(&settings(&server.url("/v1"), ""));
            let ran = home.act(&[]);
            assert_eq!((ran.code, server.asked().len()), (Some(2), 1), "{told} {status}: {}", ran.stderr);
            assert!(ran.error().contains(&format!("try again in {told}")), "{}", ran.error());
            assert_eq!(home.reasons(), [reason], "{told} {status}");
        }
    }
}

#[test]
fn what_is_used_up_comes_back_when_its_header_says() {
    let server = Loopback::start();
    let used_up = Reply::json(429, "{}")
        .header("x-ratelimit-remaining-tokens", "0")
        .header("x-ratelimit-reset-tokens", "2m");
    server.reply(used_up);
    let home = Home::new(&settings(&server.url("/v1"), ""));
    let ran = home.act(&[]);
    assert!(ran.error().contains("try again in 120 s"), "{}", ran.error());
    assert_eq!((server.asked().len(), home.reasons()), (1, vec!["rate_limited".to_owned()]));
}

#[test]
fn an_endpoint_that_fails_its_trial_is_left_alone() {
    let busy = || Reply::json(429, "{}").header("retry-after-ms", "20");
    let broken = || Reply::json(500, "{}");
    // The wait opens the breaker; the second request is the trial. When that fails, no third one is sent.
    let server = Loopback::start();
    server.reply(busy()).reply(broken());
    let home = Home::new(&settings(&server.url("/v1"), ""));
    let ran = home.act(&["--write"]);
    assert_eq!((ran.code, server.asked().len()), (Some(2), 2), "{}", ran.stderr);
    assert!(ran.error().contains("left alone after failures (try again in "), "{}", ran.error());
    assert_eq!(home.reasons(), ["rate_limited", "server", "circuit_open"]);
    // What was not sent is no request, and took nothing.
    assert_eq!((home.told("requested").len(), home.told("sent").len()), (2, 2));
    assert!(home.told("failed")[2]["request"].is_null() && home.told("failed")[2].get("usage").is_none());

    // When it goes well, all is as before.
    server.reply(busy()).reply(good());
    let home = Home::new(&settings(&server.url("/v1"), ""));
    assert_eq!((home.act(&[]).code, server.asked().len()), (Some(0), 4));

    // One that stands in does not wait for it.
    let other = Loopback::start();
    server.reply(busy()).reply(broken());
    other.reply(good());
    let two = format!(
        "[ai]\nmodel = \"m\"\nfallback = [\"n\"]\n[ai.models.m]\nurl = \"{}\"\nmodel = \"m-1\"\n\
         [ai.models.n]\nurl = \"{}\"\nmodel = \"n-1\"\ncontract = \"whole-node\"\n",
        server.url("/v1"),
        other.url("/v1"),
    );
    let home = Home::new(&two);
    let ran = home.act(&[]);
    assert_eq!((ran.code, server.asked().len(), other.asked().len()), (Some(0), 6, 1), "{}", ran.stderr);
    assert_eq!(home.reasons(), ["rate_limited", "server", "circuit_open"]);
    let asked: Vec<_> = home.told("requested").iter().map(|asked| asked["model"].clone()).collect();
    assert_eq!(asked, ["m-1", "m-1", "n-1"]);
}
