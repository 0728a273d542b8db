//! OpenAI's Responses.

use serde_json::{Map, Value, json};

use super::{Machine, Told, has_error, inner_fault, openai_usage, text};
use crate::{Endpoint, ErrorKind, Fault, Request, Role, StopReason, Vendor};

pub(super) fn encode(endpoint: &Endpoint, request: &Request) -> (String, Map<String, Value>) {
    let input: Vec<_> = request
        .messages
        .iter()
        .map(|message| {
            let role = if message.role == Role::User { "user" } else { "assistant" };
            json!({"role": role, "content": message.text})
        })
        .collect();
    let mut body = Map::new();
    body.insert("model".into(), endpoint.model.as_str().into());
    body.insert("input".into(), input.into());
    body.insert("stream".into(), true.into());
    // Nothing is left with the provider to be fetched later.
    body.insert("store".into(), false.into());
    body.insert("max_output_tokens".into(), request.max_output_tokens.into());
    if !request.system.is_empty() {
        body.insert("instructions".into(), request.system.as_str().into());
    }
    if let Some(temperature) = request.temperature.filter(|_| endpoint.capabilities.accepts_temperature) {
        body.insert("temperature".into(), temperature.into());
    }
    if let Some(key) = &request.cache.key
        && endpoint.vendor == Vendor::OpenAi
    {
        body.insert("prompt_cache_key".into(), key.as_str().into());
    }
    ("responses".to_owned(), body)
}

/// Reads the events.
#[derive(Debug, Default)]
pub(super) struct Responses;

impl Responses {
    /// A response object that is at its end.
    fn end(response: &Value, told: &mut Told) -> Result<(), Fault> {
        if let Some(usage) = response.get("usage").and_then(openai_usage::read) {
            told.usage(usage);
        }
        if has_error(response) {
            return Err(inner_fault(response));
        }
        let (had_text, had_refusal) = (told.has_text, told.has_refusal);
        let had_reasoning = told.has_reasoning;
        for item in response.get("output").and_then(Value::as_array).into_iter().flatten() {
            match text(item, "/type") {
                "function_call" | "custom_tool_call" | "apply_patch_call" => told.has_tool = true,
                // Told already, piece by piece, unless the server does not stream.
                "message" if !had_text && !had_refusal => message(item, told),
                "reasoning" if !had_text && !had_reasoning => {
                    for part in item.get("summary").and_then(Value::as_array).into_iter().flatten() {
                        told.reasoning(text(part, "/text"));
                    }
                }
                _ => {}
            }
        }
        let stop = match text(response, "/status") {
            "incomplete" => StopReason::read(text(response, "/incomplete_details/reason")),
            // Some compatible servers leave the last letter out.
            "completed" | "complete" => StopReason::EndTurn,
            "cancelled" => return Err(Fault::new(ErrorKind::Cut, "the provider cancelled the answer")),
            "failed" => return Err(inner_fault(response)),
            other => return Err(Fault::new(ErrorKind::Protocol, format!("status `{other}`"))),
        };
        told.done(stop);
        Ok(())
    }
}

fn message(item: &Value, told: &mut Told) {
    for part in item.get("content").and_then(Value::as_array).into_iter().flatten() {
        match text(part, "/type") {
            "refusal" => told.refusal(text(part, "/refusal")),
            _ => told.text(text(part, "/text")),
        }
    }
}

impl Machine for Responses {
    fn piece(&mut self, name: &str, piece: &Value, told: &mut Told) -> Result<(), Fault> {
        let kind = match text(piece, "/type") {
            "" => name,
            kind => kind,
        };
        match kind {
            "response.output_text.delta" => told.text(text(piece, "/delta")),
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                told.reasoning(text(piece, "/delta"));
            }
            "response.refusal.delta" => told.refusal(text(piece, "/delta")),
            "response.completed" | "response.incomplete" | "response.cancelled" | "response.done" => {
                return Self::end(piece.get("response").unwrap_or(piece), told);
            }
            "response.failed" => {
                if let Some(usage) = piece.pointer("/response/usage").and_then(openai_usage::read) {
                    told.usage(usage);
                }
                return Err(inner_fault(piece));
            }
            "error" => return Err(inner_fault(piece)),
            _ if has_error(piece) => return Err(inner_fault(piece)),
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self, whole: &Value, told: &mut Told) -> Result<(), Fault> {
        Self::end(whole, told)
    }
}
