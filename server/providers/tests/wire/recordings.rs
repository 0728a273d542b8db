//! Recorded answers of providers, where they are: not part of this repository.
//!
//! The folder is that of the environment variable `AUTODAO_SHARED`, else `../shared` beside the repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use autodao_providers::{Decoder, ErrorKind, Fault, Format, Limits, StopReason, Usage, recognise};
use serde_json::Value;

use crate::Outcome;

struct Recording {
    name: String,
    format: Format,
    status: u16,
    headers: BTreeMap<String, String>,
    tags: Vec<String>,
    body: Vec<u8>,
}

impl Recording {
    fn is(&self, tag: &str) -> bool {
        self.tags.iter().any(|known| known == tag)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("AUTODAO_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let folder = shared.join("data/providers");
    let is_there = folder.is_dir();
    if !is_there {
        println!("skipped: no recordings at {}", folder.display());
    }
    is_there.then_some(folder)
}

fn recordings(folder: &Path) -> Vec<Recording> {
    let mut found = Vec::new();
    for part in ["fixtures", "local-recordings"] {
        for provider in std::fs::read_dir(folder.join(part)).unwrap() {
            let provider = provider.unwrap().path();
            if !provider.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(&provider).unwrap() {
                found.extend(recording(&file.unwrap().path()));
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn recording(body: &Path) -> Option<Recording> {
    let name = body.to_str()?;
    if name.ends_with(".meta.json") || name.ends_with(".request.json") {
        return None;
    }
    let (stem, _) = name.rsplit_once('.')?;
    let meta: Value = serde_json::from_slice(&std::fs::read(format!("{stem}.meta.json")).ok()?).unwrap();
    let bytes = std::fs::read(body).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let path = meta["path"].as_str().unwrap_or_default();
    let format = match meta["wire"].as_str().unwrap_or_default() {
        // Filed under a wire that it is not.
        _ if text.contains("chat.completion") || text.contains("\"choices\"") => Format::OpenAiChat,
        "openai-responses" | "openai_resp" => Format::OpenAiResponses,
        "anthropic" => Format::Anthropic,
        "gemini" => Format::Gemini,
        "ollama" | "ollama_cloud" => Format::Ollama,
        "opencode_go" if text.contains("message_start") || text.contains("stop_reason") => Format::Anthropic,
        "" => match path {
            "/v1/chat/completions" => Format::OpenAiChat,
            "/v1/responses" => Format::OpenAiResponses,
            "/v1/messages" => Format::Anthropic,
            // Not what we ask for.
            _ => return None,
        },
        _ => Format::OpenAiChat,
    };
    let headers = meta["headers"].as_object().into_iter().flatten();
    let tags = meta["tags"].as_array().into_iter().flatten();
    Some(Recording {
        name: name.split("data/providers/").nth(1).unwrap_or(name).to_owned(),
        format,
        status: meta["status"].as_u64().unwrap_or(200) as u16,
        headers: headers
            .map(|(key, value)| (key.to_lowercase(), value.as_str().unwrap_or_default().into()))
            .collect(),
        tags: tags.filter_map(Value::as_str).map(str::to_owned).collect(),
        body: bytes,
    })
}

fn decode(format: Format, body: &[u8], size: usize) -> (Outcome, Option<Fault>) {
    let mut decoder = Decoder::new(format, Limits::default());
    let (mut outcome, mut events) = (Outcome::default(), Vec::new());
    let mut result = body.chunks(size).try_for_each(|chunk| decoder.push(chunk, &mut events));
    if result.is_ok() {
        result = decoder.finish(&mut events);
    }
    events.into_iter().for_each(|event| outcome.take(event));
    (outcome, result.err())
}

/// What the provider's own numbers add up to: read from the raw text, with no code of the product.
fn total(recording: &Recording) -> Option<u64> {
    let text = recording.text();
    let last = |key: &str| {
        let at = text.rfind(&format!("\"{key}\""))?;
        let digits = text[at..].trim_start_matches(|c: char| !c.is_ascii_digit());
        digits.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok()
    };
    match recording.format {
        Format::Anthropic => {
            let at = text.rfind("\"usage\"")?;
            // The last usage may leave the input out; none of the recordings does.
            let usage = &text[at..];
            let of = |key: &str| {
                let at = usage.find(&format!("\"{key}\""))?;
                let digits = usage[at..].trim_start_matches(|c: char| !c.is_ascii_digit());
                digits.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok()
            };
            let cached =
                of("cache_read_input_tokens").unwrap_or(0) + of("cache_creation_input_tokens").unwrap_or(0);
            Some(of("input_tokens")? + of("output_tokens")? + cached)
        }
        Format::Gemini => last("totalTokenCount"),
        Format::Ollama => Some(last("prompt_eval_count")? + last("eval_count")?),
        _ => last("total_tokens"),
    }
}

fn expected_stop(recording: &Recording) -> Option<StopReason> {
    let word = recording.tags.iter().find_map(|tag| tag.strip_prefix("stop:"))?;
    let is_tool = recording.is("tool") && recording.text().contains("functionCall");
    Some(match word {
        _ if recording.is("refusal") => return None,
        "stop" | "STOP" | "end_turn" if is_tool => StopReason::ToolUse,
        "stop" | "STOP" | "end_turn" => StopReason::EndTurn,
        "length" | "MAX_TOKENS" | "max_tokens" => StopReason::Length,
        "tool_calls" | "tool_use" => StopReason::ToolUse,
        "stop_sequence" => StopReason::StopSequence,
        "SAFETY" | "content_filter" => StopReason::ContentFilter,
        other => panic!("{other}"),
    })
}

#[test]
fn answers_are_read_right_to_the_token() {
    let Some(folder) = folder() else { return };
    let (mut answers, mut with_usage, mut checked, mut streams, mut wrong) = (0, 0, 0, 0, Vec::new());
    for recording in recordings(&folder) {
        let is_mcp = recording.name.contains("mcp_server_tool");
        let fails = recording.is("cut") || (recording.is("error-in-200") && !is_mcp);
        if recording.status != 200 || fails {
            continue;
        }
        let name = &recording.name;
        if name.contains("count-tokens") || name.contains("count_tokens") || name.contains("tokenize") {
            continue;
        }
        answers += 1;
        let (outcome, fault) = decode(recording.format, &recording.body, usize::MAX);
        for size in [1, 7] {
            let again = decode(recording.format, &recording.body, size);
            if again != (outcome.clone(), fault.clone()) {
                wrong.push(format!("{name}: differs in pieces of {size}"));
            }
        }
        if let Some(fault) = fault {
            wrong.push(format!("{name}: {fault:?}"));
            continue;
        }
        let stop = outcome.stop.clone().unwrap();
        if recording.is("refusal") && !matches!(stop, StopReason::Refusal | StopReason::ContentFilter) {
            wrong.push(format!("{name}: refusal is {stop:?}"));
        }
        if expected_stop(&recording).is_some_and(|expected| expected != stop && stop != StopReason::ToolUse) {
            wrong.push(format!("{name}: stop is {stop:?}"));
        }
        if outcome.text.contains('\u{FFFD}') && !recording.text().contains('\u{FFFD}') {
            wrong.push(format!("{name}: garbled"));
        }
        streams += usize::from(name.ends_with("sse") || name.ends_with("ndjson"));
        let usage = outcome.usage.unwrap_or_default();
        with_usage += usize::from(usage.reported());
        if let Some(total) = total(&recording) {
            checked += 1;
            if usage.input + usage.output != total {
                wrong.push(format!("{name}: {usage:?}, total {total}"));
            }
        }
        wrong.extend(inconsistent(&recording, &usage).map(|what| format!("{name}: {what}: {usage:?}")));
    }
    println!("{answers} answers, {streams} streams, {with_usage} with usage, {checked} totals checked");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(answers > 300 && checked > 250, "{answers} {checked}");
}

fn inconsistent(recording: &Recording, usage: &Usage) -> Option<&'static str> {
    let cached = recording.is("cached") && usage.cached_input == 0;
    let written = recording.is("cachewrite") && usage.cache_write == 0;
    let hour = recording.is("cachewrite1h") && usage.cache_write_1h == 0;
    let cost = recording.name.contains("openrouter")
        && recording.text().contains("\"cost\":0.")
        && usage.cost_reported_micros.is_none();
    let parts = usage.cached_input + usage.cache_write > usage.input || usage.reasoning > usage.output;
    [
        (cached, "nothing cached"),
        (written, "nothing written"),
        (hour, "nothing written for an hour"),
        (cost, "no cost"),
        (parts, "parts larger than the whole"),
    ]
    .into_iter()
    .find_map(|(is_so, what)| is_so.then_some(what))
}

#[test]
fn texts_are_those_of_the_chunks() {
    let Some(folder) = folder() else { return };
    let mut compared = 0;
    for recording in recordings(&folder) {
        let (pointer, kind) = match recording.format {
            Format::OpenAiChat => ("/choices/0/delta/content", ""),
            Format::Anthropic => ("/delta/text", ""),
            Format::OpenAiResponses => ("/delta", "response.output_text.delta"),
            _ => continue,
        };
        if !recording.name.ends_with("sse") || recording.status != 200 || recording.is("error-in-200") {
            continue;
        }
        // A line that is cut is no JSON and has no text.
        let text = recording.text().replace("\r\n", "\n").replace('\r', "\n");
        let pieces =
            text.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data:")?).ok());
        let of_kind = pieces.filter(|piece| kind.is_empty() || piece["type"] == kind);
        let expected: String =
            of_kind.filter_map(|piece| piece.pointer(pointer)?.as_str().map(str::to_owned)).collect();
        let (outcome, _) = decode(recording.format, &recording.body, 7);
        if !expected.is_empty() {
            assert_eq!(outcome.text, expected, "{}", recording.name);
            compared += 1;
        }
    }
    println!("{compared} texts");
    assert!(compared > 60, "{compared}");
}

#[test]
fn cut_streams_and_errors_inside_are_no_answers() {
    let Some(folder) = folder() else { return };
    let mut seen = 0;
    for recording in recordings(&folder) {
        let is_mcp = recording.name.contains("mcp_server_tool");
        let is_cut = recording.is("cut");
        if recording.status != 200 || is_mcp || !(is_cut || recording.is("error-in-200")) {
            continue;
        }
        seen += 1;
        for size in [1, 7, usize::MAX] {
            let (outcome, fault) = decode(recording.format, &recording.body, size);
            assert_eq!(outcome.stop, None, "{}", recording.name);
            let kind = fault.unwrap().kind;
            assert_eq!(is_cut, kind == ErrorKind::Cut, "{}: {kind:?}", recording.name);
            let is_overloaded = matches!(kind, ErrorKind::Overloaded { .. });
            assert_eq!(recording.name.contains("overloaded"), is_overloaded, "{}: {kind:?}", recording.name);
        }
    }
    println!("{seen} cut or with an error inside");
    assert!(seen >= 12, "{seen}");
}

/// The class of a recorded error that its status does not give away.
fn expected_error(recording: &Recording) -> &'static str {
    let special = [
        ("400-context", "context_overflow"),
        ("err-context", "context_overflow"),
        ("request-too-large", "context_overflow"),
        ("err-413", "context_overflow"),
        ("400-credit", "money_or_quota"),
        ("spend", "money_or_quota"),
        ("v-openai-error", "money_or_quota"),
        ("gemini/auth_rejection", "unauthorized"),
        ("content-filter", "filtered"),
        ("model_name_suggestion", "model_not_found"),
        ("invalid_model", "model_not_found"),
        ("blocking_error_carries_the_correlation_id", "model_not_found"),
        ("routed_failure_error_shape", "model_not_found"),
        ("reports_no_id", "model_not_found"),
    ];
    if let Some((_, kind)) = special.iter().find(|(part, _)| recording.name.contains(part)) {
        return kind;
    }
    match recording.status {
        400 => "bad_request",
        401 | 403 => "unauthorized",
        402 => "money_or_quota",
        404 => "model_not_found",
        429 => "rate_limited",
        500 => "server",
        502 | 503 | 529 => "overloaded",
        status => panic!("{status}"),
    }
}

#[test]
fn every_error_is_recognised() {
    let Some(folder) = folder() else { return };
    let (mut seen, mut wrong) = (0, Vec::new());
    for recording in recordings(&folder).iter().filter(|recording| recording.status != 200) {
        seen += 1;
        let header = |name: &str| recording.headers.get(name).map(String::as_str);
        let fault = recognise(Some(recording.status), header, &recording.body, SystemTime::now());
        if fault.kind.name() != expected_error(recording) || fault.detail.is_empty() {
            wrong.push(format!("{}: {fault:?}", recording.name));
        }
        let says_when =
            recording.headers.contains_key("retry-after") || recording.name.contains("retry-info");
        if says_when && fault.kind.retry_after().is_none() {
            wrong.push(format!("{}: no wait", recording.name));
        }
        let numbers = ["context-responses", "err-413"].iter().all(|part| !recording.name.contains(part));
        if numbers
            && matches!(
                fault.kind,
                ErrorKind::ContextOverflow { limit: None, .. }
                    | ErrorKind::ContextOverflow { asked: None, .. }
            )
        {
            wrong.push(format!("{}: no numbers", recording.name));
        }
    }
    println!("{seen} errors");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 55, "{seen}");
}
