//! How long is waited.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{ConnectFault, Error, ErrorKind, Phase, RetryPolicy, retry_after};

/// 2026-11-22 16:00:00 UTC.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_363_200)
}

fn wait(headers: &[(&str, &str)], body: &Value, message: &str) -> Option<u128> {
    let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    retry_after(header, body, message, now()).map(|wait| wait.as_millis())
}

#[test]
fn all_spellings() {
    for (headers, expected) in [
        (&[("retry-after", "7")][..], Some(7000)),
        (&[("retry-after", " 0.5 ")], Some(500)),
        (&[("retry-after", "7"), ("retry-after-ms", "6851")], Some(6851)),
        (&[("retry-after", "Sun, 22 Nov 2026 16:00:23 GMT")], Some(23_000)),
        (&[("retry-after", "Sun, 22 Nov 2026 15:00:00 GMT")], Some(0)),
        (&[("retry-after", "1m30s")], Some(90_000)),
        (&[("retry-after", "-3")], None),
        (&[("retry-after", "soon")], None),
        (&[("retry-after", "NaN")], None),
        (&[("retry-after", "1e300")], None),
        (&[("retry-after", "99999999")], Some(86_400_000)),
        (&[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6.851s")], Some(6851)),
        // Something is left: that is not what is waited for.
        (&[("x-ratelimit-remaining-tokens", "9"), ("x-ratelimit-reset-tokens", "6.851s")], None),
    ] {
        assert_eq!(wait(headers, &Value::Null, ""), expected, "{headers:?}");
    }
    for (message, expected) in [
        ("Please try again in 6.851s. Visit us", Some(6851)),
        ("Please try again in 20ms.", Some(20)),
        ("Please try again in 1h2m3s", Some(3_723_000)),
        ("Please retry after 6 seconds.", Some(6000)),
        ("Retry in 2 minutes, please", Some(120_000)),
        ("Please try again later.", None),
        ("Try again in a while", None),
    ] {
        assert_eq!(wait(&[], &Value::Null, message), expected, "{message}");
    }
    let details = json!({"error": {"details": [{"@type": "x"}, {"retryDelay": "34.4s"}]}});
    assert_eq!(wait(&[], &details, ""), Some(34_400));
    assert_eq!(wait(&[], &json!([details]), ""), Some(34_400));
    let reset = json!({"error": {"metadata": {"headers": {"X-RateLimit-Reset": "1795363205000"}}}});
    assert_eq!(wait(&[], &reset, ""), Some(5000));
}

fn error(kind: ErrorKind) -> Error {
    Error { endpoint: "e".into(), kind, detail: String::new(), status: None, request_id: None }
}

#[test]
fn what_is_tried_again() {
    let policy = RetryPolicy::default();
    let waits = |kind: ErrorKind| policy.wait(&error(kind), 1, 1.0);
    let (some, none) = (Some(Duration::from_millis(500)), None);
    for (kind, expected) in [
        (ErrorKind::Server, some),
        (ErrorKind::Cut, some),
        (ErrorKind::Timeout { phase: Phase::FirstToken }, some),
        (ErrorKind::RateLimited { retry_after: None }, some),
        (
            ErrorKind::RateLimited { retry_after: Some(Duration::from_secs(3)) },
            Some(Duration::from_millis(3100)),
        ),
        (ErrorKind::RateLimited { retry_after: Some(Duration::from_secs(11)) }, none),
        (ErrorKind::MoneyOrQuota { affordable_output: None }, none),
        (ErrorKind::Unauthorized, none),
        (ErrorKind::ContextOverflow { limit: None, asked: None }, none),
        (ErrorKind::Timeout { phase: Phase::Total }, none),
        (ErrorKind::Connect(ConnectFault::Tls), none),
        (ErrorKind::Connect(ConnectFault::Refused), none),
        (ErrorKind::Protocol, none),
        (ErrorKind::Configuration, none),
    ] {
        assert_eq!(waits(kind.clone()), expected, "{kind:?}");
    }
}

proptest! {
    #[test]
    fn waits_are_within_what_the_policy_says(tries in 0_u32..100, random in any::<f64>(), asked in 0_u64..20_000) {
        let policy = RetryPolicy::default();
        let wait = policy.wait(&error(ErrorKind::Server), tries, random);
        prop_assert_eq!(wait.is_some(), tries <= 2);
        prop_assert!(wait.is_none_or(|wait| wait <= policy.cap));
        let asked = Duration::from_millis(asked);
        let kind = ErrorKind::RateLimited { retry_after: Some(asked) };
        let wait = policy.wait(&error(kind), 1, random);
        prop_assert_eq!(wait.is_some(), asked <= policy.patience);
        prop_assert!(wait.is_none_or(|wait| wait >= asked));
    }

    #[test]
    fn nothing_a_provider_writes_panics(text in ".{0,40}", number in "[0-9.eE+-]{0,12}(ms|s|m|h|d)?") {
        for text in [text, number] {
            let headers = [("retry-after", text.as_str()), ("retry-after-ms", text.as_str())];
            let message = format!("try again in {text}");
            let wait = wait(&headers, &json!({"error": {"details": [{"retryDelay": text}]}}), &message);
            prop_assert!(wait.is_none_or(|wait| wait <= 86_400_000));
        }
    }
}
