//! Errors recognised by what the body says, whatever the status and content type.

use std::time::SystemTime;

use serde_json::Value;

use crate::{ErrorKind, retry_after};

mod overflow;

use overflow::{first_number, overflow};

/// Something that went wrong in an answer, before it is known at which endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it is.
    pub kind: ErrorKind,
    /// The provider's words, or ours. May hold anything the provider sends.
    pub detail: String,
}

impl Fault {
    /// A fault with a detail of our own words.
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

/// A text of others, for showing: no control characters, at most 300 characters.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 300;
    let mut shown = String::new();
    let mut blank = false;
    for (count, c) in text.chars().filter(|c| !is_format(*c)).enumerate() {
        if count >= MOST {
            shown.push('…');
            break;
        }
        let is_blank = c.is_whitespace() || c.is_control();
        if !is_blank {
            shown.push(c);
        } else if !blank && !shown.is_empty() {
            shown.push(' ');
        }
        blank = is_blank;
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// Characters that only change how others are shown: zero-width ones and those that reverse the order.
fn is_format(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// What an error says, brought to one form.
#[derive(Debug, Default)]
struct Said {
    message: String,
    /// Types, codes and reasons, in lower case, between blanks.
    codes: String,
    parameter: Option<String>,
    /// A status that stands in the body.
    status: Option<u16>,
    /// The limit and the tokens asked for, where they are fields of their own.
    limit: Option<u64>,
    asked: Option<u64>,
}

impl Said {
    fn read(body: &Value) -> Self {
        // Gemini without SSE wraps the error in a list.
        let body = body.get(0).unwrap_or(body);
        let error = [body.get("error"), body.pointer("/response/error")]
            .into_iter()
            .flatten()
            .find(|error| !error.is_null())
            .unwrap_or(body);
        let message = match error {
            Value::String(text) => text.clone(),
            _ => ["message", "msg", "detail", "details"]
                .into_iter()
                .find_map(|key| text_of(error.get(key)?))
                .or_else(|| text_of(body.get("message")?))
                .unwrap_or_default(),
        };
        let mut said = Self { message, ..Self::default() };
        // OpenRouter keeps the upstream's words here.
        if let Some(raw) = error.pointer("/metadata/raw").and_then(text_of) {
            said.message = format!("{}: {raw}", said.message);
        }
        for holder in [error, body] {
            for key in ["type", "code", "status", "reason"] {
                said.code(holder.get(key));
            }
        }
        said.code(error.pointer("/innererror/code"));
        said.code(error.pointer("/details/error_code"));
        for detail in error.get("details").and_then(Value::as_array).into_iter().flatten() {
            said.code(detail.get("reason"));
            for violation in detail.get("violations").and_then(Value::as_array).into_iter().flatten() {
                said.code(violation.get("quotaId"));
            }
        }
        let status = [error.get("status_code"), error.get("code"), body.get("code"), body.get("status")];
        said.status = status.into_iter().flatten().find_map(|value| {
            let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
            u16::try_from(number).ok().filter(|status| (400..600).contains(status))
        });
        // llama.cpp.
        said.limit = error.get("n_ctx").and_then(Value::as_u64);
        said.asked = error.get("n_prompt_tokens").and_then(Value::as_u64);
        said.parameter = error.get("param").and_then(Value::as_str).map(str::to_owned);
        said
    }

    fn code(&mut self, value: Option<&Value>) {
        let text = match value {
            Some(Value::String(text)) => text.to_ascii_lowercase(),
            _ => return,
        };
        self.codes.push(' ');
        self.codes.push_str(&text);
        self.codes.push(' ');
    }

    fn has_code(&self, codes: &[&str]) -> bool {
        codes.iter().any(|code| self.codes.contains(&format!(" {code} ")))
    }
}

/// A text, or the texts of a list of problems.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Array(items) => {
            items.iter().find_map(|item| text_of(item.get("msg").or_else(|| item.get("message"))?))
        }
        Value::Object(map) => map.get("message").and_then(text_of),
        _ => None,
    }
}

/// Recognises an error.
///
/// `status` is the HTTP status, or `None` for an error that came inside an answer with status 200. `header` looks a
/// header up by its name in lower case. `body` may be JSON, an event stream with an error in it, HTML or nothing.
pub fn recognise<'a>(
    status: Option<u16>,
    header: impl Fn(&str) -> Option<&'a str>,
    body: &[u8],
    now: SystemTime,
) -> Fault {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{FEFF}').trim();
    let json: Value = serde_json::from_str(text).ok().or_else(|| in_stream(text)).unwrap_or_default();
    let mut said = if json.is_null() { Said::default() } else { Said::read(&json) };
    if let Value::String(text) = &json {
        said.message.clone_from(text);
    }
    if said.message.is_empty() && json.is_null() {
        said.message = without_tags(text);
    }
    let wait = retry_after(header, &json, &said.message, now);
    Fault { kind: classify(status.or(said.status), &said, wait), detail: shortened(&said.message) }
}

/// The error inside an event stream.
fn in_stream(text: &str) -> Option<Value> {
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    data.filter_map(|data| serde_json::from_str::<Value>(data.trim()).ok()).find(|value| {
        [value.get("error"), value.pointer("/response/error")]
            .into_iter()
            .flatten()
            .any(|error| !error.is_null())
    })
}

/// What a page of HTML says.
fn without_tags(text: &str) -> String {
    if !text.starts_with('<') {
        return shortened(text);
    }
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|start| {
        let start = start + "<title>".len();
        lower[start..].find("</title>").map(|len| text[start..start + len].to_owned())
    });
    title.unwrap_or_else(|| "a page of HTML".to_owned())
}

fn classify(status: Option<u16>, said: &Said, wait: Option<std::time::Duration>) -> ErrorKind {
    let message = said.message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));

    if is_money(status, said, &message, wait.is_some()) {
        let affordable = message.find("can only afford ").and_then(|at| first_number(&message[at..]));
        return ErrorKind::MoneyOrQuota { affordable_output: affordable };
    }
    if let Some(overflow) = overflow(status, said, &message) {
        return overflow;
    }
    if said.has_code(&["content_filter", "responsibleaipolicyviolation", "content_policy_violation"])
        || said.has_code(&["data_inspection_failed", "datainspectionfailed", "content_filtered"])
        || says(&[
            "flagged",
            "content management policy",
            "content filtering policy",
            "moderation",
            "usage guidelines",
            "content exists risk",
        ])
    {
        return ErrorKind::Filtered;
    }
    if matches!(status, Some(401 | 403))
        || said.has_code(&[
            "api_key_invalid",
            "invalid_api_key",
            "authentication_error",
            "permission_error",
            "unauthenticated",
            "permission_denied",
        ])
        || says(&["api key not valid", "incorrect api key", "invalid api key", "api key is invalid"])
    {
        return ErrorKind::Unauthorized;
    }
    if is_no_model(status, said, &message) {
        return ErrorKind::ModelNotFound;
    }
    if status == Some(429)
        || said.has_code(&[
            "rate_limit_error",
            "rate_limit_exceeded",
            "resource_exhausted",
            "too_many_requests",
            "rate_limit_reached_error",
        ])
        || says(&["too many requests", "rate limit", "rate-limited", "rate_limit"])
    {
        return ErrorKind::RateLimited { retry_after: wait };
    }
    if matches!(status, Some(498 | 502 | 503 | 504 | 520..=524 | 529 | 530))
        || said.has_code(&[
            "overloaded_error",
            "unavailable_error",
            "unavailable",
            "service_unavailable",
            "server_overloaded",
            "engine_overloaded",
            "engine_overloaded_error",
            "capacity_exceeded",
            "deadline_exceeded",
            "timeout_error",
        ])
        || says(&["overloaded", "at capacity", "over capacity", "server is busy", "high demand"])
    {
        return ErrorKind::Overloaded { retry_after: wait };
    }
    match status {
        Some(408) => ErrorKind::Overloaded { retry_after: wait },
        Some(400..500) => ErrorKind::BadRequest { parameter: said.parameter.clone() },
        Some(300..400) => ErrorKind::Configuration,
        None if said.has_code(&["invalid_request_error", "invalid_argument", "badrequesterror"]) => {
            ErrorKind::BadRequest { parameter: said.parameter.clone() }
        }
        _ => ErrorKind::Server,
    }
}

fn is_money(status: Option<u16>, said: &Said, message: &str, has_wait: bool) -> bool {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    status == Some(402)
        || said.has_code(&[
            "insufficient_quota",
            "billing_error",
            "billing_hard_limit_reached",
            "billing_not_active",
            "enforced_spend_limit_reached",
            "insufficient_balance",
            "insufficient_credits",
            "insufficient_user_quota",
            "exceeded_current_quota_error",
            "payment_required",
            "quota_exceeded",
            "arrearage",
        ])
        || says(&[
            "credit balance is too low",
            "api usage limits",
            "spend limit",
            "spending limit",
            "insufficient balance",
            "insufficient credit",
            "insufficient funds",
            "requires more credits",
            "billing hard limit",
            "out of credits",
            "any credits",
            "no credits",
            "included credits",
            "available credits",
            "insufficient account balance",
        ])
        // Google says this also of limits per minute; then it says how long to wait.
        || (says(&["exceeded your current quota"]) && (!has_wait || said.codes.contains("perday")))
}

fn is_no_model(status: Option<u16>, said: &Said, message: &str) -> bool {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    said.has_code(&[
        "model_not_found",
        "model_not_supported",
        "model_decommissioned",
        "deploymentnotfound",
        "invalid_model",
        "model_not_available",
        "resource_not_found_error",
    ]) || says(&["no endpoints found", "no allowed providers"])
        || (says(&["model"])
            && (status == Some(404)
                || said.has_code(&["not_found_error", "not_found"])
                || says(&[
                    "model not found",
                    "is not a valid model",
                    "invalid model",
                    "model unloaded",
                    "no models loaded",
                    "unknown model",
                    "model does not exist",
                ])
                || (says(&["does not exist", "not found"]) && status == Some(400))))
}
