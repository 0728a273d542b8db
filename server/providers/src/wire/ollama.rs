//! Ollama's own `/api/chat`.

use serde_json::{Map, Value, json};

use super::{Machine, Told, has_error, inner_fault, number, text};
use crate::{Endpoint, Fault, Request, Role, StopReason, Usage, estimate};

pub(super) fn encode(endpoint: &Endpoint, request: &Request) -> (String, Map<String, Value>) {
    let mut messages = Vec::new();
    if !request.system.is_empty() {
        messages.push(json!({"role": "system", "content": request.system}));
    }
    for message in &request.messages {
        let role = if message.role == Role::User { "user" } else { "assistant" };
        messages.push(json!({"role": role, "content": message.text}));
    }
    let mut options = Map::new();
    options.insert("num_predict".into(), request.max_output_tokens.into());
    options.insert("num_ctx".into(), context(endpoint, request).into());
    if let Some(temperature) = request.temperature.filter(|_| endpoint.capabilities.accepts_temperature) {
        options.insert("temperature".into(), temperature.into());
    }
    let stop: Vec<_> = request.stop.iter().take(endpoint.capabilities.stop_sequences).collect();
    if !stop.is_empty() {
        options.insert("stop".into(), json!(stop));
    }
    let mut body = Map::new();
    body.insert("model".into(), endpoint.model.as_str().into());
    body.insert("messages".into(), messages.into());
    body.insert("stream".into(), true.into());
    body.insert("options".into(), options.into());
    ("api/chat".to_owned(), body)
}

/// The context window to ask for. Ollama's own default is small, and it drops the front of a longer prompt without
/// a word. A power of two from 8192: each change makes it load the model again.
fn context(endpoint: &Endpoint, request: &Request) -> u64 {
    let texts = request.messages.iter().map(|message| estimate(&message.text)).sum::<u64>()
        + estimate(&request.system);
    // The estimate may be a third too low, and templates add some.
    let needed = texts + texts / 2 + 256 + u64::from(request.max_output_tokens);
    let window = needed.clamp(8192, 1 << 24).next_power_of_two();
    endpoint.capabilities.context_window.map_or(window, |most| window.min(u64::from(most)))
}

/// Reads the lines.
#[derive(Debug, Default)]
pub(super) struct Ollama;

impl Machine for Ollama {
    fn piece(&mut self, _name: &str, piece: &Value, told: &mut Told) -> Result<(), Fault> {
        if has_error(piece) {
            return Err(inner_fault(piece));
        }
        told.reasoning(text(piece, "/message/thinking"));
        told.text(text(piece, "/message/content"));
        // The older `/api/generate`.
        told.reasoning(text(piece, "/thinking"));
        told.text(text(piece, "/response"));
        let calls = piece.pointer("/message/tool_calls").and_then(Value::as_array);
        told.has_tool |= calls.is_some_and(|calls| !calls.is_empty());
        if piece.get("done").and_then(Value::as_bool) == Some(true) {
            let input = number(piece, "/prompt_eval_count");
            let output = number(piece, "/eval_count");
            told.usage(Usage {
                input: input.unwrap_or(0),
                output: output.unwrap_or(0),
                // Older versions leave the count out when the whole prompt was cached.
                input_reported: input.is_some(),
                output_reported: output.is_some(),
                ..Usage::default()
            });
            let reason = text(piece, "/done_reason");
            // Before version 0.3 there is no reason.
            told.done(if reason.is_empty() { StopReason::EndTurn } else { StopReason::read(reason) });
        }
        Ok(())
    }

    fn whole(&mut self, whole: &Value, told: &mut Told) -> Result<(), Fault> {
        self.piece("", whole, told)
    }
}
