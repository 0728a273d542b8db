//! Google's `streamGenerateContent`.

use serde_json::{Map, Value, json};

use super::{Machine, Told, has_error, inner_fault, number, openai_chat, text};
use crate::{Endpoint, ErrorKind, Fault, Request, Role, StopReason, Usage};

pub(super) fn encode(endpoint: &Endpoint, request: &Request) -> (String, Map<String, Value>) {
    let contents: Vec<_> = request
        .messages
        .iter()
        .map(|message| {
            let role = if message.role == Role::User { "user" } else { "model" };
            json!({"role": role, "parts": [{"text": message.text}]})
        })
        .collect();
    let mut generation = Map::new();
    generation.insert("maxOutputTokens".into(), request.max_output_tokens.into());
    if let Some(temperature) = request.temperature.filter(|_| endpoint.capabilities.accepts_temperature) {
        generation.insert("temperature".into(), temperature.into());
    }
    let stop: Vec<_> = request.stop.iter().take(endpoint.capabilities.stop_sequences).collect();
    if !stop.is_empty() {
        generation.insert("stopSequences".into(), json!(stop));
    }
    let mut body = Map::new();
    body.insert("contents".into(), contents.into());
    body.insert("generationConfig".into(), generation.into());
    if !request.system.is_empty() {
        body.insert("systemInstruction".into(), json!({"parts": [{"text": request.system}]}));
    }
    let model = endpoint.model.strip_prefix("models/").unwrap_or(&endpoint.model);
    (format!("v1beta/models/{}:streamGenerateContent?alt=sse", openai_chat::segment(model)), body)
}

/// Reads the responses. The format has no last marker: the answer is whole when a finish reason came.
#[derive(Debug, Default)]
pub(super) struct Gemini {
    stop: Option<StopReason>,
}

impl Gemini {
    fn usage(&self, piece: &Value, told: &mut Told) {
        let Some(usage) = piece.get("usageMetadata").filter(|usage| usage.is_object()) else { return };
        let count = |path| number(usage, path).unwrap_or(0);
        let thoughts = count("/thoughtsTokenCount");
        told.usage(Usage {
            input: count("/promptTokenCount").saturating_add(count("/toolUsePromptTokenCount")),
            cached_input: count("/cachedContentTokenCount"),
            cache_write: 0,
            cache_write_1h: 0,
            output: count("/candidatesTokenCount").saturating_add(thoughts),
            reasoning: thoughts,
            cost_reported_micros: None,
            input_reported: usage.get("promptTokenCount").is_some(),
            output_reported: self.stop.is_some(),
        });
    }
}

impl Machine for Gemini {
    fn piece(&mut self, _name: &str, piece: &Value, told: &mut Told) -> Result<(), Fault> {
        if has_error(piece) {
            return Err(inner_fault(piece));
        }
        let candidate = piece.pointer("/candidates/0");
        if let Some(candidate) = candidate {
            for part in candidate.pointer("/content/parts").and_then(Value::as_array).into_iter().flatten() {
                let is_thought = part.get("thought").and_then(Value::as_bool) == Some(true);
                if is_thought {
                    told.reasoning(text(part, "/text"));
                } else {
                    told.text(text(part, "/text"));
                }
                told.has_tool |= part.get("functionCall").is_some();
            }
            let reason = text(candidate, "/finishReason");
            if !matches!(reason, "" | "FINISH_REASON_UNSPECIFIED") {
                self.stop = Some(StopReason::read(reason));
            }
        }
        if !text(piece, "/promptFeedback/blockReason").is_empty() {
            self.stop = Some(StopReason::ContentFilter);
        }
        self.usage(piece, told);
        Ok(())
    }

    fn whole(&mut self, whole: &Value, told: &mut Told) -> Result<(), Fault> {
        // Without `alt=sse` the pieces come as a list.
        match whole {
            Value::Array(pieces) => pieces.iter().try_for_each(|piece| self.piece("", piece, told))?,
            piece => self.piece("", piece, told)?,
        }
        let stop = self.stop.take();
        told.done(stop.ok_or_else(|| Fault::new(ErrorKind::Cut, "the answer has no finishReason"))?);
        Ok(())
    }

    fn stop_at_end(&self) -> Option<StopReason> {
        self.stop.clone()
    }
}
