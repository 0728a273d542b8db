//! Errors by what they say.

use std::time::SystemTime;

use crate::fault::shortened;
use crate::{ErrorKind, recognise};

fn kind(status: Option<u16>, body: &str) -> ErrorKind {
    recognise(status, |_| None, body.as_bytes(), SystemTime::UNIX_EPOCH).kind
}

#[test]
fn numbers_of_an_overflow() {
    let overflow = |limit, asked| ErrorKind::ContextOverflow { limit: Some(limit), asked: Some(asked) };
    for (body, limit, asked) in [
        (r#"{"error":{"message":"prompt is too long: 214431 tokens > 200000 maximum"}}"#, 200_000, 214_431),
        (
            r#"{"error":{"message":"This model's maximum context length is 4096 tokens. However, you requested 5120 tokens (1 in the messages)"}}"#,
            4096,
            5120,
        ),
        (
            r#"{"error":{"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."}}"#,
            1_048_576,
            1_200_000,
        ),
        (
            r#"{"error":{"code":400,"message":"request (5030 tokens) exceeds the available context size (4096 tokens), try increasing it"}}"#,
            4096,
            5030,
        ),
        (
            r#"{"error":{"message":"Request too large on tokens per min (TPM): Limit 30,000, Requested 30,601."}}"#,
            30_000,
            30_601,
        ),
    ] {
        assert_eq!(kind(Some(400), body), overflow(limit, asked), "{body}");
    }
}

#[test]
fn money_is_not_a_matter_of_waiting() {
    let body =
        r#"{"error":{"message":"You exceeded your current quota, please check your plan.","code":429}}"#;
    assert_eq!(kind(Some(429), body), ErrorKind::MoneyOrQuota { affordable_output: None });
    let body =
        r#"{"error":{"message":"You exceeded your current quota.","details":[{"retryDelay":"34.4s"}]}}"#;
    let wait = Some(std::time::Duration::from_millis(34_400));
    assert_eq!(kind(Some(429), body), ErrorKind::RateLimited { retry_after: wait });
    let body =
        r#"{"error":{"message":"You requested up to 64000 tokens, but can only afford 2666.","code":402}}"#;
    assert_eq!(kind(None, body), ErrorKind::MoneyOrQuota { affordable_output: Some(2666) });
}

#[test]
fn whatever_comes_is_a_fault() {
    assert_eq!(kind(Some(500), ""), ErrorKind::Server);
    assert_eq!(kind(Some(418), "[]"), ErrorKind::BadRequest { parameter: None });
    assert_eq!(kind(Some(502), "<html><title>Bad</title>"), ErrorKind::Overloaded { retry_after: None });
    assert_eq!(
        kind(None, "{\"error\":{\"code\":502,\"message\":\"x\"}}"),
        ErrorKind::Overloaded { retry_after: None }
    );
    assert_eq!(shortened("a\u{202E}b\u{1b}[31m\n\nc"), "ab [31m c");
}
