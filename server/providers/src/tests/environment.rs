//! Endpoints from variables, and names of vendors and models.

use crate::{Capabilities, EditForm, Endpoint, Format, OutputField, Probe, Url, Vendor, from_environment};

fn lookup<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

#[test]
fn keys_of_the_environment_become_endpoints() {
    assert!(from_environment(|_| None).is_empty());
    let variables = [
        ("OPENAI_API_KEY", " sk-12345678\n"),
        // Nobody is sent elsewhere by a variable.
        ("OPENAI_BASE_URL", "https://evil.example"),
        ("ANTHROPIC_BASE_URL", "https://evil.example"),
        ("ANTHROPIC_API_KEY", "your key here"),
        ("GEMINI_API_KEY", ""),
        ("GOOGLE_API_KEY", "AIza-12345678"),
    ];
    let found = from_environment(lookup(&variables));
    let names: Vec<_> = found.iter().map(|found| (found.variable, found.endpoint.name.as_str())).collect();
    assert_eq!(names, [("OPENAI_API_KEY", "openai"), ("GOOGLE_API_KEY", "gemini")]);
    for found in found {
        let host = found.endpoint.base_url.host_str().unwrap_or_default().to_owned();
        assert!(host.ends_with("openai.com") || host.ends_with("googleapis.com"), "{host}");
        assert!(!found.endpoint.is_local && found.endpoint.key.is_some());
        assert!(!format!("{found:?}").contains("12345678"));
    }
}

#[test]
fn every_well_known_endpoint_is_complete_and_has_a_price() {
    let prices = crate::PriceTable::bundled().unwrap();
    let found = from_environment(|_| Some("sk-1234567890".into()));
    assert!(found.len() >= 10);
    for found in found {
        let endpoint = found.endpoint;
        assert_eq!(endpoint.vendor.name(), endpoint.name);
        assert!(endpoint.format.encode(&endpoint, &crate::Request::new("", "x", 1)).is_ok());
        let has_price = prices.find(endpoint.vendor, &endpoint.model).is_some();
        // OpenRouter reports what it costs.
        assert!(has_price || endpoint.vendor == Vendor::OpenRouter, "{}", endpoint.model);
    }
}

#[test]
fn ollama_is_looked_for_where_it_was_moved_on_this_machine() {
    let at = |host: &str| Probe::standard(lookup(&[("OLLAMA_HOST", host)]))[0].base_url.clone();
    assert_eq!(at("127.0.0.1:9999"), "http://127.0.0.1:9999");
    assert_eq!(at("http://localhost:9999/"), "http://127.0.0.1:9999");
    assert_eq!(at("0.0.0.0:9999"), "http://127.0.0.1:9999");
    for host in ["evil.example:9999", "192.168.0.7:9999", "", ":x", "127.0.0.1"] {
        assert_eq!(at(host), "http://127.0.0.1:11434", "{host}");
    }
    let ports: Vec<_> =
        Probe::standard(|_| None).iter().map(|probe| Url::parse(&probe.base_url).unwrap().port()).collect();
    assert_eq!(ports, [Some(11434), Some(8080), Some(1234)]);
}

#[test]
fn vendors_are_told_by_their_hosts() {
    for (url, vendor) in [
        ("https://api.openai.com/v1", Vendor::OpenAi),
        ("https://me.openai.azure.com", Vendor::Azure),
        ("https://codestral.mistral.ai/v1", Vendor::Mistral),
        ("https://openrouter.ai/api/v1", Vendor::OpenRouter),
        ("https://notopenrouter.ai/api/v1", Vendor::Other),
        ("https://api.openai.com.evil.example/v1", Vendor::Other),
        ("http://localhost:1234/v1", Vendor::LmStudio),
        ("http://[::1]:11434", Vendor::Ollama),
        ("http://192.168.0.7:11434", Vendor::Other),
    ] {
        let endpoint = Endpoint::new("e", Format::OpenAiChat, url, "m").unwrap();
        assert_eq!(endpoint.vendor, vendor, "{url}");
        assert_eq!(endpoint.is_local, matches!(vendor, Vendor::LmStudio | Vendor::Ollama), "{url}");
        assert_eq!(Vendor::named(vendor.name()), Some(vendor));
    }
}

#[test]
fn models_are_known_by_their_names() {
    let of = |vendor, model| Capabilities::of(Format::OpenAiChat, vendor, model);
    for model in ["gpt-5", "gpt-5.6-luna", "gpt-6-sol", "o3", "o4-mini", "openai/gpt-5-mini", "gpt-10"] {
        let capabilities = of(Vendor::OpenAi, model);
        assert!(!capabilities.accepts_temperature && capabilities.stop_sequences == 0, "{model}");
        assert_eq!(capabilities.output_field, OutputField::MaxCompletionTokens);
    }
    for model in
        ["gpt-4.1", "gpt-4o-mini", "gpt-5-chat-latest", "openrouter/auto", "ollama-model", "gpt-oss-20b"]
    {
        assert!(of(Vendor::OpenAi, model).accepts_temperature, "{model}");
    }
    for (model, accepts) in [
        ("claude-opus-4-6", true),
        ("claude-sonnet-4-5-20250929", true),
        ("claude-3-5-sonnet-20241022", true),
        ("claude-opus-4-7", false),
        ("claude-opus-5", false),
        ("claude-haiku-5-5", false),
        ("claude-fable-5", false),
    ] {
        assert_eq!(of(Vendor::Anthropic, model).accepts_temperature, accepts, "{model}");
    }
    for (model, form) in [
        ("qwen2.5-coder:7b", EditForm::Whole),
        ("smollm2-135m-instruct", EditForm::Whole),
        ("qwen2.5-coder-32b-instruct", EditForm::Hunks),
        ("gpt-oss-120b", EditForm::Hunks),
        ("qwen3-30b-a3b", EditForm::Hunks),
        ("claude-opus-5", EditForm::Hunks),
    ] {
        assert_eq!(of(Vendor::Other, model).edit_form, form, "{model}");
    }
    for model in [
        "o3",
        "gpt-5-mini",
        "grok-4",
        "deepseek-r1:14b",
        "deepseek-reasoner",
        "qwen3:8b",
        "qwq:32b",
        "gpt-oss:20b",
        "gemini-2.5-flash",
    ] {
        assert!(of(Vendor::Other, model).thinks, "{model}");
    }
    for model in [
        "gpt-4.1",
        "qwen2.5-coder:7b",
        "qwen3-coder-30b",
        "qwen3-4b-instruct-2507",
        "grok-4-fast-non-reasoning",
        "gemini-2.0-flash",
        "claude-opus-5",
    ] {
        assert!(!of(Vendor::Other, model).thinks, "{model}");
    }
}
