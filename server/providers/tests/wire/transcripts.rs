//! Transcripts made by hand, for each format and its servers' quirks.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use autodao_providers::{Decoder, ErrorKind, Fault, Format, Limits, StopReason, Usage, recognise};
use serde_json::Value;

use crate::Outcome;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/providers")
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

fn usage(expected: &Value) -> Option<Usage> {
    let usage = expected.get("usage")?;
    let count = |key: &str| usage.get(key).and_then(Value::as_u64).unwrap_or(0);
    let flag = |key: &str| usage.get(key).is_none_or(|flag| flag == true);
    Some(Usage {
        input: count("input"),
        cached_input: count("cached_input"),
        cache_write: count("cache_write"),
        cache_write_1h: count("cache_write_1h"),
        output: count("output"),
        reasoning: count("reasoning"),
        cost_reported_micros: usage.get("cost_micros").and_then(Value::as_u64),
        input_reported: flag("input_reported"),
        output_reported: flag("output_reported"),
    })
}

fn stop(expected: &Value) -> Option<StopReason> {
    Some(match expected.get("stop")?.as_str()? {
        "end_turn" => StopReason::EndTurn,
        "length" => StopReason::Length,
        "refusal" => StopReason::Refusal,
        "content_filter" => StopReason::ContentFilter,
        "tool_use" => StopReason::ToolUse,
        other => StopReason::Other(other.to_owned()),
    })
}

#[test]
fn every_transcript_means_what_is_expected_of_it() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for format in std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()) {
        let Some(known) = format.file_name().and_then(|name| Format::named(name.to_str()?)) else { continue };
        for file in std::fs::read_dir(&format).unwrap().map(|entry| entry.unwrap().path()) {
            let name = file.to_str().unwrap();
            if name.ends_with(".expected.json") {
                continue;
            }
            seen += 1;
            let (stem, _) = name.rsplit_once('.').unwrap();
            let expected = std::fs::read(format!("{stem}.expected.json")).unwrap();
            let expected: Value = serde_json::from_slice(&expected).unwrap();
            let body = std::fs::read(&file).unwrap();
            for size in [1, 7, usize::MAX] {
                let (outcome, fault) = decode(known, &body, size);
                let text = |key: &str| expected[key].as_str().unwrap_or_default();
                let said = [
                    ("text", &outcome.text),
                    ("reasoning", &outcome.reasoning),
                    ("refusal", &outcome.refusal),
                ];
                for (key, said) in said {
                    if said != text(key) {
                        wrong.push(format!("{name} by {size}: {key} is {said:?}"));
                    }
                }
                if outcome.stop != stop(&expected) || outcome.usage != usage(&expected) {
                    wrong.push(format!("{name} by {size}: {:?} {:?} {fault:?}", outcome.stop, outcome.usage));
                }
                let kind = fault.as_ref().map_or("", |fault| fault.kind.name());
                if kind != text("error") {
                    wrong.push(format!("{name} by {size}: the error is {fault:?}"));
                }
                if let (Some(limit), Some(ErrorKind::ContextOverflow { limit: read, .. })) =
                    (expected["limit"].as_u64(), fault.map(|fault| fault.kind))
                {
                    assert_eq!(read, Some(limit), "{name}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 60, "{seen}");
}

/// Cut at every byte, a transcript is never taken for whole before its end has come.
#[test]
fn a_transcript_that_is_cut_is_never_whole_too_early() {
    for format in ["anthropic", "openai-responses", "ollama"] {
        let (name, end) = match format {
            "anthropic" => ("cache-split.sse", "message_stop\"}"),
            "openai-responses" => ("completed.sse", "4190}}}"),
            _ => ("chat.ndjson", "\"eval_count\":9}"),
        };
        let body = std::fs::read(folder().join(format).join(name)).unwrap();
        let end = String::from_utf8(body.clone()).unwrap().find(end).unwrap() + end.len();
        for cut in 0..body.len() {
            let (outcome, fault) = decode(Format::named(format).unwrap(), &body[..cut], usize::MAX);
            assert_eq!(outcome.stop.is_some(), cut >= end, "{format} {cut}");
            assert_eq!(fault.is_some(), cut < end, "{format} {cut}");
        }
    }
}

#[test]
fn every_refusal_is_of_the_kind_that_is_expected_of_it() {
    let errors = std::fs::read(folder().join("errors.json")).unwrap();
    let errors: Value = serde_json::from_slice(&errors).unwrap();
    let mut wrong = Vec::new();
    for case in errors.as_array().unwrap() {
        let header = |name: &str| case["headers"].get(name)?.as_str();
        let (status, body) = (case["status"].as_u64().unwrap() as u16, case["body"].as_str().unwrap());
        let fault = recognise(Some(status), header, body.as_bytes(), SystemTime::UNIX_EPOCH);
        let numbers = match &fault.kind {
            ErrorKind::ContextOverflow { limit, asked } => (*limit, *asked),
            _ => (None, None),
        };
        let parameter = match &fault.kind {
            ErrorKind::BadRequest { parameter } => parameter.as_deref(),
            _ => None,
        };
        let wait = fault.kind.retry_after();
        if fault.kind.name() != case["kind"]
            || numbers != (case["limit"].as_u64(), case["asked"].as_u64())
            || wait != case["wait_ms"].as_u64().map(Duration::from_millis)
            || parameter != case["parameter"].as_str()
        {
            wrong.push(format!("{body}: {fault:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(errors.as_array().unwrap().len() > 35);
}
