//! Servers on this machine are found without configuration.

use std::time::Duration;

use autodao_providers::{Format, Probe, Vendor, local_servers};

use crate::client;
use crate::loopback::{Act, Loopback, Reply};

#[tokio::test]
async fn servers_that_answer_are_found() {
    let (ollama, studio, other, mute) =
        (Loopback::start(), Loopback::start(), Loopback::start(), Loopback::start());
    ollama.reply(Reply::json(200, r#"{"models":[{"name":"qwen2.5-coder:7b"},{"name":"nomic-embed-text"}]}"#));
    studio.reply(Reply::json(200, r#"{"object":"list","data":[{"id":"gemma-3-4b"}]}"#));
    // Somebody's web application on the same port.
    other.reply(Reply::status(200, "text/html").then(Act::Bytes(b"<html>".to_vec())));
    mute.reply(Reply(vec![Act::Stall]));
    let probe = |vendor, format, url: String| Probe { vendor, format, base_url: url };
    let probes = [
        probe(Vendor::Ollama, Format::Ollama, ollama.url("")),
        probe(Vendor::LlamaCpp, Format::OpenAiChat, other.url("/v1")),
        probe(Vendor::LlamaCpp, Format::OpenAiChat, mute.url("/v1")),
        probe(Vendor::LmStudio, Format::OpenAiChat, studio.url("/v1")),
        probe(Vendor::Other, Format::OpenAiChat, "http://192.0.2.1/v1".into()),
    ];
    let servers = local_servers(&client(), &probes, Duration::from_millis(500)).await;
    let found: Vec<_> = servers.iter().map(|server| (server.probe.vendor, server.models.clone())).collect();
    let expected = [
        (Vendor::Ollama, vec!["qwen2.5-coder:7b".to_owned()]),
        (Vendor::LmStudio, vec!["gemma-3-4b".to_owned()]),
    ];
    assert_eq!(found, expected);
    assert_eq!(ollama.asked()[0].target, "/api/tags");
    assert_eq!(studio.asked()[0].target, "/v1/models");
    let endpoint = servers[0].endpoint("qwen2.5-coder:7b").unwrap();
    assert!(endpoint.is_local && endpoint.vendor == Vendor::Ollama && endpoint.key.is_none());
}
