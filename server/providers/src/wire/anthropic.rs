//! Anthropic's Messages.

use serde_json::{Map, Value, json};

use super::{Machine, Told, has_error, inner_fault, number, openai_usage, text};
use crate::{Endpoint, ErrorKind, Fault, Request, Role, StopReason, Usage, estimate};

pub(super) fn encode(endpoint: &Endpoint, request: &Request) -> (String, Map<String, Value>) {
    let messages: Vec<_> = request
        .messages
        .iter()
        .map(|message| {
            let role = if message.role == Role::User { "user" } else { "assistant" };
            json!({"role": role, "content": message.text})
        })
        .collect();
    let mut body = Map::new();
    body.insert("model".into(), endpoint.model.as_str().into());
    body.insert("messages".into(), messages.into());
    body.insert("stream".into(), true.into());
    body.insert("max_tokens".into(), request.max_output_tokens.into());
    let capabilities = &endpoint.capabilities;
    if !request.system.is_empty() {
        let minimum = capabilities.cache_minimum.unwrap_or(u32::MAX);
        // Below its minimum the provider skips the breakpoint without a word; above it the write costs extra.
        let is_cached = request.cache.stable_system && estimate(&request.system) >= u64::from(minimum);
        let mut block = json!({"type": "text", "text": request.system});
        if is_cached {
            block["cache_control"] = json!({"type": "ephemeral"});
        }
        body.insert("system".into(), json!([block]));
    }
    if let Some(temperature) = request.temperature.filter(|_| capabilities.accepts_temperature) {
        body.insert("temperature".into(), temperature.into());
    }
    // Blank stop sequences are refused.
    let stop: Vec<_> = request.stop.iter().filter(|stop| !stop.trim().is_empty()).collect();
    let stop = &stop[..stop.len().min(capabilities.stop_sequences)];
    if !stop.is_empty() {
        body.insert("stop_sequences".into(), json!(stop));
    }
    ("v1/messages".to_owned(), body)
}

/// Reads the events.
#[derive(Debug, Default)]
pub(super) struct Messages {
    stop: Option<StopReason>,
    /// As reported: the input without what is cached.
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    input: Option<u64>,
    read: u64,
    write: u64,
    write_1h: u64,
    output: Option<u64>,
    thinking: u64,
    cost: Option<u64>,
}

impl Messages {
    /// Takes a usage object. Its numbers replace earlier ones: they count up, they are no differences.
    fn usage(&mut self, usage: Option<&Value>, is_last: bool, told: &mut Told) {
        let Some(usage) = usage.filter(|usage| usage.is_object()) else { return };
        let counts = &mut self.counts;
        // A count never goes back to 0: gateways that translate leave out at the end what they said at the start.
        let known = |path: &str| number(usage, path).filter(|count| *count > 0);
        let take = |into: &mut u64, path: &str| *into = known(path).unwrap_or(*into);
        counts.input = known("/input_tokens").or(counts.input).or_else(|| number(usage, "/input_tokens"));
        counts.output = known("/output_tokens").or(counts.output).or_else(|| number(usage, "/output_tokens"));
        take(&mut counts.read, "/cache_read_input_tokens");
        take(&mut counts.write, "/cache_creation_input_tokens");
        take(&mut counts.write_1h, "/cache_creation/ephemeral_1h_input_tokens");
        // Where only the parts are told.
        let short = number(usage, "/cache_creation/ephemeral_5m_input_tokens").unwrap_or(0);
        counts.write = counts.write.max(counts.write_1h.saturating_add(short));
        counts.cost = openai_usage::cost(usage).or(counts.cost);
        take(&mut counts.thinking, "/output_tokens_details/thinking_tokens");
        told.usage(Usage {
            input: counts.input.unwrap_or(0).saturating_add(counts.read).saturating_add(counts.write),
            cached_input: counts.read,
            cache_write: counts.write,
            cache_write_1h: counts.write_1h,
            output: counts.output.unwrap_or(0),
            reasoning: counts.thinking,
            cost_reported_micros: counts.cost,
            input_reported: counts.input.is_some(),
            output_reported: is_last && counts.output.is_some(),
        });
    }

    fn block(block: &Value, told: &mut Told) {
        match text(block, "/type") {
            "text" => told.text(text(block, "/text")),
            "thinking" => told.reasoning(text(block, "/thinking")),
            "tool_use" => told.has_tool = true,
            _ => {}
        }
    }

    fn stop(&mut self, holder: Option<&Value>) {
        if let Some(reason) =
            holder.map(|holder| text(holder, "/stop_reason")).filter(|reason| !reason.is_empty())
        {
            self.stop = Some(StopReason::read(reason));
        }
    }

    fn end(&mut self, told: &mut Told) -> Result<(), Fault> {
        let stop = self.stop.take();
        told.done(stop.ok_or_else(|| Fault::new(ErrorKind::Cut, "the answer has no stop_reason"))?);
        Ok(())
    }
}

impl Machine for Messages {
    fn piece(&mut self, name: &str, piece: &Value, told: &mut Told) -> Result<(), Fault> {
        let kind = match text(piece, "/type") {
            "" => name,
            kind => kind,
        };
        match kind {
            "message_start" => {
                let message = piece.get("message");
                self.usage(message.and_then(|message| message.get("usage")), false, told);
                self.stop(message);
            }
            "content_block_start" => Self::block(piece.get("content_block").unwrap_or(piece), told),
            "content_block_delta" => match text(piece, "/delta/type") {
                "text_delta" => told.text(text(piece, "/delta/text")),
                "thinking_delta" => told.reasoning(text(piece, "/delta/thinking")),
                _ => {}
            },
            "message_delta" => {
                self.usage(piece.get("usage"), true, told);
                self.stop(piece.get("delta"));
            }
            "message_stop" => return self.end(told),
            "error" => return Err(inner_fault(piece)),
            // The body of an answer that is not streamed, sent as the one event of a stream.
            "message" => return self.whole(piece, told),
            _ if has_error(piece) => return Err(inner_fault(piece)),
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self, whole: &Value, told: &mut Told) -> Result<(), Fault> {
        if has_error(whole) {
            return Err(inner_fault(whole));
        }
        self.usage(whole.get("usage"), true, told);
        for block in whole.get("content").and_then(Value::as_array).into_iter().flatten() {
            Self::block(block, told);
        }
        self.stop(Some(whole));
        self.end(told)
    }
}
