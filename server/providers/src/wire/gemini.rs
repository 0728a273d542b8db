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
    counts: Counts,
}

/// As reported. Some pieces leave out what others have said.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    prompt: Option<u64>,
    tools: u64,
    cached: u64,
    candidates: Option<u64>,
    thoughts: u64,
    total: u64,
}

impl Gemini {
    fn usage(&mut self, piece: &Value, told: &mut Told) {
        let Some(usage) = piece.get("usageMetadata").filter(|usage| usage.is_object()) else { return };
        let counts = &mut self.counts;
        let take = |into: &mut u64, path: &str| *into = number(usage, path).unwrap_or(*into);
        counts.prompt = number(usage, "/promptTokenCount").or(counts.prompt);
        counts.candidates = number(usage, "/candidatesTokenCount").or(counts.candidates);
        take(&mut counts.tools, "/toolUsePromptTokenCount");
        take(&mut counts.cached, "/cachedContentTokenCount");
        take(&mut counts.thoughts, "/thoughtsTokenCount");
        take(&mut counts.total, "/totalTokenCount");
        let input = counts.prompt.unwrap_or(0).saturating_add(counts.tools);
        let said = counts.candidates.unwrap_or(0).saturating_add(counts.thoughts);
        // Some versions leave the thoughts out of everything but the total.
        let output =
            if counts.prompt.is_some() { said.max(counts.total.saturating_sub(input)) } else { said };
        let is_counted = counts.candidates.is_some() || counts.thoughts > 0 || counts.total > 0;
        told.usage_so_far(Usage {
            input,
            cached_input: counts.cached,
            output,
            reasoning: counts.thoughts + (output - said),
            input_reported: counts.prompt.is_some(),
            output_reported: is_counted,
            ..Usage::default()
        });
    }
}

impl Machine for Gemini {
    fn piece(&mut self, _name: &str, piece: &Value, told: &mut Told) -> Result<(), Fault> {
        // Google's gateway for editors wraps each piece.
        let piece = piece.get("response").filter(|response| response.is_object()).unwrap_or(piece);
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
