//! Requests in every format, byte for byte.

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::{CacheHint, Endpoint, Format, Message, Request};

fn full() -> Request {
    Request {
        messages: vec![Message::user("a"), Message::assistant("b"), Message::user("c")],
        stop: vec!["END".into()],
        temperature: Some(0.2),
        cache: CacheHint { stable_system: true, key: Some("k".into()) },
        ..Request::new("Rules.", "", 64)
    }
}

fn check(format: Format, url: &str, model: &str, expected: &Expect) {
    let endpoint = Endpoint::new("e", format, url, model).unwrap();
    check_endpoint(&endpoint, &full(), expected);
}

fn check_endpoint(endpoint: &Endpoint, request: &Request, expected: &Expect) {
    let http = endpoint.format.encode(endpoint, request).unwrap();
    assert_eq!(http, endpoint.format.encode(endpoint, request).unwrap(), "pure");
    expected.assert_eq(&format!("{} {}\n{}", http.method, http.url, String::from_utf8_lossy(&http.body)));
}

#[test]
fn chat() {
    check(
        Format::OpenAiChat,
        "https://api.openai.com/v1",
        "gpt-4.1",
        &expect![[r#"
        POST https://api.openai.com/v1/chat/completions
        {"max_completion_tokens":64,"messages":[{"content":"Rules.","role":"system"},{"content":"a","role":"user"},{"content":"b","role":"assistant"},{"content":"c","role":"user"}],"model":"gpt-4.1","prompt_cache_key":"k","stop":["END"],"stream":true,"stream_options":{"include_usage":true},"temperature":0.2}"#]],
    );
    check(
        Format::OpenAiChat,
        "https://api.openai.com/v1/",
        "gpt-5.6-luna",
        &expect![[r#"
        POST https://api.openai.com/v1/chat/completions
        {"max_completion_tokens":64,"messages":[{"content":"Rules.","role":"system"},{"content":"a","role":"user"},{"content":"b","role":"assistant"},{"content":"c","role":"user"}],"model":"gpt-5.6-luna","prompt_cache_key":"k","stream":true,"stream_options":{"include_usage":true}}"#]],
    );
    check(
        Format::OpenAiChat,
        "https://api.mistral.ai/v1",
        "codestral-latest",
        &expect![[r#"
        POST https://api.mistral.ai/v1/chat/completions
        {"max_tokens":64,"messages":[{"content":"Rules.","role":"system"},{"content":"a","role":"user"},{"content":"b","role":"assistant"},{"content":"c","role":"user"}],"model":"codestral-latest","stop":["END"],"stream":true,"temperature":0.2}"#]],
    );
    check(
        Format::OpenAiChat,
        "https://openrouter.ai/api/v1",
        "qwen/qwen3-coder",
        &expect![[r#"
        POST https://openrouter.ai/api/v1/chat/completions
        {"max_tokens":64,"messages":[{"content":"Rules.","role":"system"},{"content":"a","role":"user"},{"content":"b","role":"assistant"},{"content":"c","role":"user"}],"model":"qwen/qwen3-coder","stop":["END"],"stream":true,"stream_options":{"include_usage":true},"temperature":0.2,"usage":{"include":true}}"#]],
    );
}

#[test]
fn azure() {
    let mut endpoint =
        Endpoint::new("e", Format::AzureChat, "https://me.openai.azure.com", "my gpt/4").unwrap();
    check_endpoint(
        &endpoint,
        &Request::new("", "c", 64),
        &expect![[r#"
        POST https://me.openai.azure.com/openai/v1/chat/completions
        {"max_completion_tokens":64,"messages":[{"content":"c","role":"user"}],"model":"my gpt/4","stream":true,"stream_options":{"include_usage":true}}"#]],
    );
    endpoint.api_version = Some("2024-10-21".into());
    check_endpoint(
        &endpoint,
        &Request::new("", "c", 64),
        &expect![[r#"
        POST https://me.openai.azure.com/openai/deployments/my%20gpt%2F4/chat/completions?api-version=2024-10-21
        {"max_completion_tokens":64,"messages":[{"content":"c","role":"user"}],"model":"my gpt/4","stream":true,"stream_options":{"include_usage":true}}"#]],
    );
}

#[test]
fn responses() {
    check(
        Format::OpenAiResponses,
        "https://api.openai.com/v1",
        "gpt-5.6-luna",
        &expect![[r#"
        POST https://api.openai.com/v1/responses
        {"input":[{"content":"a","role":"user"},{"content":"b","role":"assistant"},{"content":"c","role":"user"}],"instructions":"Rules.","max_output_tokens":64,"model":"gpt-5.6-luna","prompt_cache_key":"k","store":false,"stream":true}"#]],
    );
}

#[test]
fn anthropic() {
    check(
        Format::Anthropic,
        "https://api.anthropic.com",
        "claude-sonnet-4-6",
        &expect![[r#"
        POST https://api.anthropic.com/v1/messages
        {"max_tokens":64,"messages":[{"content":"a","role":"user"},{"content":"b","role":"assistant"},{"content":"c","role":"user"}],"model":"claude-sonnet-4-6","stop_sequences":["END"],"stream":true,"system":[{"text":"Rules.","type":"text"}],"temperature":0.2}"#]],
    );
    // A version that stands in the address already is not repeated; a long stable system text is marked.
    let endpoint =
        Endpoint::new("e", Format::Anthropic, "https://api.anthropic.com/v1/", "claude-haiku-5-5").unwrap();
    let mut request = full();
    request.system = "word ".repeat(1000);
    let http = endpoint.format.encode(&endpoint, &request).unwrap();
    assert_eq!(http.url.as_str(), "https://api.anthropic.com/v1/messages");
    let body: Value = serde_json::from_slice(&http.body).unwrap();
    assert_eq!(body["system"][0]["cache_control"]["type"], "ephemeral");
    assert!(body.get("temperature").is_none());
}

#[test]
fn gemini() {
    check(
        Format::Gemini,
        "https://generativelanguage.googleapis.com",
        "gemini-3.5-flash-lite",
        &expect![[r#"
            POST https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash-lite:streamGenerateContent?alt=sse
            {"contents":[{"parts":[{"text":"a"}],"role":"user"},{"parts":[{"text":"b"}],"role":"model"},{"parts":[{"text":"c"}],"role":"user"}],"generationConfig":{"maxOutputTokens":64,"stopSequences":["END"],"temperature":0.2},"systemInstruction":{"parts":[{"text":"Rules."}]}}"#]],
    );
}

#[test]
fn ollama() {
    check(
        Format::Ollama,
        "http://127.0.0.1:11434",
        "qwen2.5-coder:7b",
        &expect![[r#"
        POST http://127.0.0.1:11434/api/chat
        {"messages":[{"content":"Rules.","role":"system"},{"content":"a","role":"user"},{"content":"b","role":"assistant"},{"content":"c","role":"user"}],"model":"qwen2.5-coder:7b","options":{"num_ctx":8192,"num_predict":64,"stop":["END"],"temperature":0.2},"stream":true}"#]],
    );
    let mut endpoint = Endpoint::new("e", Format::Ollama, "http://127.0.0.1:11434", "m").unwrap();
    let window = |endpoint: &Endpoint, len: usize| {
        let http = Format::Ollama.encode(endpoint, &Request::new("", "word ".repeat(len), 100)).unwrap();
        serde_json::from_slice::<Value>(&http.body).unwrap()["options"]["num_ctx"].as_u64()
    };
    // Large enough for the prompt, which would lose its front else, and never above the model's.
    assert_eq!(window(&endpoint, 20_000), Some(32_768));
    endpoint.capabilities.context_window = Some(16_000);
    assert_eq!(window(&endpoint, 20_000), Some(16_000));
}

#[test]
fn the_users_own_fields_override() {
    let mut endpoint = Endpoint::new("e", Format::OpenAiChat, "http://127.0.0.1:1/v1", "m").unwrap();
    endpoint.extra.insert("max_tokens".into(), 7.into());
    endpoint.extra.insert("reasoning_effort".into(), "low".into());
    endpoint.headers.push(("X-Team".into(), crate::Secret::new("blue-team")));
    let http = endpoint.format.encode(&endpoint, &full()).unwrap();
    let body: Value = serde_json::from_slice(&http.body).unwrap();
    assert_eq!((&body["max_tokens"], &body["reasoning_effort"]), (&7.into(), &"low".into()));
    assert!(http.to_string().contains("x-team: [redacted]"), "{http}");
}

#[test]
fn the_hash_is_of_what_is_sent() {
    let endpoint = Endpoint::new("e", Format::OpenAiChat, "http://127.0.0.1:1/v1", "m").unwrap();
    let hash =
        |endpoint: &Endpoint, request: &Request| endpoint.format.encode(endpoint, request).unwrap().sha256();
    let first = hash(&endpoint, &full());
    assert_eq!(first, hash(&endpoint.clone().with_key(crate::Secret::new("sk-12345678")), &full()));
    let mut other = full();
    other.messages[0].text.push('!');
    assert_ne!(first, hash(&endpoint, &other));
}
