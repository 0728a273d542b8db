//! OpenAI's Chat Completions and all that are compatible with it; Azure's variant.

use serde_json::{Map, Value, json};

use super::{Machine, Told, has_error, inner_fault, number, openai_usage, text};
use crate::{Endpoint, ErrorKind, Fault, Format, OutputField, Request, Role, StopReason, Usage, Vendor};

pub(super) fn encode(format: Format, endpoint: &Endpoint, request: &Request) -> (String, Map<String, Value>) {
    let capabilities = &endpoint.capabilities;
    let mut messages = Vec::new();
    if !request.system.is_empty() {
        messages.push(json!({"role": "system", "content": request.system}));
    }
    for message in &request.messages {
        let role = if message.role == Role::User { "user" } else { "assistant" };
        messages.push(json!({"role": role, "content": message.text}));
    }
    let mut body = Map::new();
    body.insert("model".into(), endpoint.model.as_str().into());
    body.insert("messages".into(), messages.into());
    body.insert("stream".into(), true.into());
    let limit = match capabilities.output_field {
        OutputField::MaxTokens => "max_tokens",
        OutputField::MaxCompletionTokens => "max_completion_tokens",
    };
    body.insert(limit.into(), request.max_output_tokens.into());
    if capabilities.asks_for_usage {
        body.insert("stream_options".into(), json!({"include_usage": true}));
    }
    if endpoint.vendor == Vendor::OpenRouter {
        // Asks for the cost as well.
        body.insert("usage".into(), json!({"include": true}));
    }
    if let Some(temperature) = request.temperature.filter(|_| capabilities.accepts_temperature) {
        body.insert("temperature".into(), temperature.into());
    }
    let stop: Vec<_> = request.stop.iter().take(capabilities.stop_sequences).collect();
    if !stop.is_empty() {
        body.insert("stop".into(), json!(stop));
    }
    if let Some(key) = &request.cache.key
        && endpoint.vendor == Vendor::OpenAi
    {
        body.insert("prompt_cache_key".into(), key.as_str().into());
    }
    let path = match (format, &endpoint.api_version) {
        (Format::AzureChat, Some(version)) => {
            let deployment = &endpoint.model;
            format!(
                "openai/deployments/{}/chat/completions?api-version={}",
                segment(deployment),
                segment(version)
            )
        }
        (Format::AzureChat, None) => "openai/v1/chat/completions".to_owned(),
        _ => "chat/completions".to_owned(),
    };
    (path, body)
}

/// A name as one segment of a path.
pub(super) fn segment(name: &str) -> String {
    let mut segment = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

/// Reads the chunks.
#[derive(Debug, Default)]
pub(super) struct Chat {
    stop: Option<StopReason>,
}

impl Chat {
    fn choice(&mut self, choice: &Value, told: &mut Told) -> Result<(), Fault> {
        // We ask for one answer.
        if number(choice, "/index").unwrap_or(0) != 0 {
            return Ok(());
        }
        let message = ["delta", "message"]
            .into_iter()
            .find_map(|key| choice.get(key).filter(|value| value.is_object()));
        if let Some(message) = message {
            content(message, told);
        } else if let Some(text) = choice.get("text").and_then(Value::as_str) {
            // The older completions.
            told.text(text);
        }
        if let Some(reason) =
            choice.get("finish_reason").and_then(Value::as_str).filter(|reason| !reason.is_empty())
        {
            if let Some(kind) = failed(reason) {
                return Err(Fault::new(kind, format!("the provider ended the answer with `{reason}`")));
            }
            self.stop = Some(StopReason::read(reason));
        }
        Ok(())
    }

    fn usage(piece: &Value, told: &mut Told) {
        let usage = [piece.get("usage"), piece.pointer("/x_groq/usage"), piece.pointer("/choices/0/usage")];
        let usage = usage.into_iter().flatten().find_map(openai_usage::read).or_else(|| timed(piece));
        let Some(mut usage) = usage else { return };
        if usage.cached_input == 0 {
            // llama.cpp, before it had the detail.
            usage.cached_input = number(piece, "/timings/cache_n").unwrap_or(0);
        }
        if usage.cost_reported_micros.is_none() {
            usage.cost_reported_micros = openai_usage::cost(piece);
        }
        told.usage_so_far(usage);
    }
}

/// What llama.cpp counted while it worked, where it reports no usage.
fn timed(piece: &Value) -> Option<Usage> {
    let input = number(piece, "/timings/prompt_n")?;
    let cached_input = number(piece, "/timings/cache_n").unwrap_or(0);
    Some(Usage {
        input: input.saturating_add(cached_input),
        cached_input,
        output: number(piece, "/timings/predicted_n")?,
        input_reported: true,
        output_reported: true,
        ..Usage::default()
    })
}

/// Ends that are errors although they stand where a stop reason does.
fn failed(reason: &str) -> Option<ErrorKind> {
    match reason.to_ascii_lowercase().as_str() {
        "error" | "network_error" => Some(ErrorKind::Server),
        // DeepSeek.
        "insufficient_system_resource" => Some(ErrorKind::Overloaded { retry_after: None }),
        // vLLM and SGLang, when the server stops or the request was given up.
        "abort" | "cancelled" => Some(ErrorKind::Cut),
        _ => None,
    }
}

/// Whether a piece is an error that is not called one: words and no choices.
fn is_bare_error(piece: &Value) -> bool {
    let says = ["message", "detail", "msg", "error_msg"].into_iter().any(|key| {
        piece
            .get(key)
            .is_some_and(|said| said.as_str().is_some_and(|text| !text.is_empty()) || said.is_array())
    });
    says && piece.get("choices").is_none()
}

/// The parts of a message or of a change of it.
fn content(message: &Value, told: &mut Told) {
    let told_so = ["reasoning_content", "reasoning", "reasoning_text", "thinking"]
        .into_iter()
        .find_map(|key| message.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()));
    match told_so {
        Some(reasoning) => told.reasoning(reasoning),
        // OpenRouter's parts, where it does not copy them into one text.
        None => {
            for part in message.get("reasoning_details").and_then(Value::as_array).into_iter().flatten() {
                told.reasoning(text(part, "/text"));
                told.reasoning(text(part, "/summary"));
            }
        }
    }
    match message.get("content") {
        Some(Value::String(content)) => told.text(content),
        // Mistral's parts: texts and thoughts.
        Some(Value::Array(parts)) => {
            for part in parts {
                match part.get("thinking") {
                    Some(Value::Array(thoughts)) => {
                        thoughts.iter().for_each(|thought| told.reasoning(text(thought, "/text")));
                    }
                    Some(Value::String(thought)) => told.reasoning(thought),
                    _ => told.text(text(part, "/text")),
                }
            }
        }
        _ => {}
    }
    told.refusal(text(message, "/refusal"));
    let calls = message.get("tool_calls").and_then(Value::as_array).is_some_and(|calls| !calls.is_empty());
    told.has_tool |= calls || message.get("function_call").is_some_and(Value::is_object);
}

impl Machine for Chat {
    fn piece(&mut self, name: &str, piece: &Value, told: &mut Told) -> Result<(), Fault> {
        Self::usage(piece, told);
        let is_error = piece.get("object").is_some_and(|object| object == "error");
        if has_error(piece) || name == "error" || is_error || is_bare_error(piece) {
            return Err(inner_fault(piece));
        }
        // MiniMax reports every error so, with status 200.
        if number(piece, "/base_resp/status_code").is_some_and(|code| code != 0) {
            return Err(inner_fault(&json!({"error": {"message": text(piece, "/base_resp/status_msg")}})));
        }
        // Groq, when a stream is stopped early.
        if let Some(error) = piece.pointer("/x_groq/error").filter(|error| !error.is_null()) {
            return Err(inner_fault(&json!({ "error": error })));
        }
        for choice in piece.get("choices").and_then(Value::as_array).into_iter().flatten() {
            if has_error(choice) {
                return Err(inner_fault(choice));
            }
            self.choice(choice, told)?;
        }
        Ok(())
    }

    fn whole(&mut self, whole: &Value, told: &mut Told) -> Result<(), Fault> {
        self.piece("", whole, told)?;
        match self.stop.take() {
            Some(stop) => told.done(stop),
            None => return Err(Fault::new(ErrorKind::Protocol, "the answer has no finish_reason")),
        }
        Ok(())
    }

    fn marker(&mut self, told: &mut Told) -> Result<(), Fault> {
        match self.stop.take() {
            Some(stop) => told.done(stop),
            None => return Err(Fault::new(ErrorKind::Cut, "the stream ended without finish_reason")),
        }
        Ok(())
    }

    fn stop_at_end(&self) -> Option<StopReason> {
        self.stop.clone()
    }
}
