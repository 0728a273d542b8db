//! How long a provider asks to wait, in all the ways they say it.

use std::time::{Duration, SystemTime};

use serde_json::Value;

/// Nobody waits longer; a larger number is a mistake or an attack.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a provider asks to wait.
///
/// In the order of trust: `retry-after-ms`, `retry-after` (seconds or an HTTP date, RFC 9110), the body's `RetryInfo`
/// (Google), OpenRouter's copied header, words such as "try again in 1m2.5s", and the reset times of limits that are
/// used up. `header` looks a header up by its name in lower case. Never more than a day.
pub fn retry_after<'a>(
    header: impl Fn(&str) -> Option<&'a str>,
    body: &Value,
    message: &str,
    now: SystemTime,
) -> Option<Duration> {
    let number = |name: &str| header(name).and_then(|text| text.trim().parse::<f64>().ok());
    let found = number("retry-after-ms")
        .and_then(|milliseconds| seconds(milliseconds / 1000.0))
        .or_else(|| header("retry-after").and_then(|text| from_header(text.trim(), now)))
        .or_else(|| from_details(body))
        .or_else(|| from_copied_headers(body, now))
        .or_else(|| from_words(message))
        .or_else(|| {
            ["requests", "tokens"].into_iter().find_map(|what| {
                let is_used_up =
                    number(&format!("x-ratelimit-remaining-{what}")).is_some_and(|left| left <= 0.0);
                is_used_up.then(|| header(&format!("x-ratelimit-reset-{what}")).and_then(spelled)).flatten()
            })
        });
    found.map(|wait| wait.min(LONGEST))
}

fn seconds(seconds: f64) -> Option<Duration> {
    if seconds < 0.0 { None } else { Duration::try_from_secs_f64(seconds).ok() }
}

fn from_header(text: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(number) = text.parse::<f64>() {
        return seconds(number);
    }
    if let Some(wait) = spelled(text) {
        return Some(wait);
    }
    let date = httpdate::parse_http_date(text).ok()?;
    // A date that has passed: at once.
    Some(date.duration_since(now).unwrap_or_default())
}

/// `google.rpc.RetryInfo` among the error's details.
fn from_details(body: &Value) -> Option<Duration> {
    let error = body.get("error").or_else(|| body.get(0).and_then(|first| first.get("error")))?;
    let details = error.get("details")?.as_array()?;
    details.iter().find_map(|detail| spelled(detail.get("retryDelay")?.as_str()?))
}

/// OpenRouter puts the upstream's headers into the error; its reset is a time in milliseconds since 1970.
fn from_copied_headers(body: &Value, now: SystemTime) -> Option<Duration> {
    let headers = body.pointer("/error/metadata/headers")?.as_object()?;
    let value = |name: &str| {
        let found = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1;
        found.as_f64().or_else(|| found.as_str()?.trim().parse().ok())
    };
    if let Some(wait) = value("retry-after") {
        return seconds(wait);
    }
    let reset = seconds(value("x-ratelimit-reset")? / 1000.0)?;
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(reset.saturating_sub(now))
}

fn from_words(message: &str) -> Option<Duration> {
    let message = message.to_ascii_lowercase();
    ["try again in ", "retry after ", "retry in ", "wait "].into_iter().find_map(|lead| {
        let rest = &message[message.find(lead)? + lead.len()..];
        let mut words = rest.split_whitespace();
        let first = words.next()?;
        spelled(first.trim_end_matches(['.', ',', ')'])).or_else(|| {
            let number: f64 = first.parse().ok()?;
            let unit = words.next().unwrap_or_default();
            let factor = match unit.trim_end_matches(['.', ',', ')']) {
                "ms" | "millisecond" | "milliseconds" => 0.001,
                "s" | "sec" | "second" | "seconds" => 1.0,
                "m" | "min" | "minute" | "minutes" => 60.0,
                "h" | "hour" | "hours" => 3600.0,
                _ => return None,
            };
            seconds(number * factor)
        })
    })
}

/// A time with units: `6.851s`, `1m30s`, `20ms`, `1h`.
fn spelled(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit_len = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        sum += number
            * match &rest[..unit_len] {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86400.0,
                _ => return None,
            };
        rest = &rest[unit_len..];
    }
    seconds(sum)
}
