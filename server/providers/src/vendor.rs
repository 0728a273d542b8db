//! Who runs an API, as far as it matters for quirks and prices.

use reqwest::Url;

/// Who runs an API. Decides quirks of the wire format and which prices apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Vendor {
    /// api.openai.com.
    OpenAi,
    /// OpenAI models on Azure.
    Azure,
    /// api.anthropic.com.
    Anthropic,
    /// Google's Gemini API.
    Gemini,
    /// openrouter.ai, which passes requests on to others.
    OpenRouter,
    /// api.deepseek.com.
    DeepSeek,
    /// api.mistral.ai and its code endpoint.
    Mistral,
    /// api.groq.com.
    Groq,
    /// api.x.ai.
    Xai,
    /// Moonshot (Kimi).
    Moonshot,
    /// Z.ai (GLM).
    Zai,
    /// api.cerebras.ai.
    Cerebras,
    /// GitHub Copilot's gateway.
    Copilot,
    /// Ollama, on this machine or in its cloud.
    Ollama,
    /// llama.cpp's server.
    LlamaCpp,
    /// LM Studio.
    LmStudio,
    /// vLLM.
    Vllm,
    /// Anyone else who speaks one of the formats.
    Other,
}

/// Vendors by the end of the host's name, and the name used in price tables and configuration.
const HOSTS: &[(&str, Vendor)] = &[
    ("api.openai.com", Vendor::OpenAi),
    ("openai.azure.com", Vendor::Azure),
    ("services.ai.azure.com", Vendor::Azure),
    ("cognitiveservices.azure.com", Vendor::Azure),
    ("api.anthropic.com", Vendor::Anthropic),
    ("generativelanguage.googleapis.com", Vendor::Gemini),
    ("openrouter.ai", Vendor::OpenRouter),
    ("api.deepseek.com", Vendor::DeepSeek),
    ("mistral.ai", Vendor::Mistral),
    ("api.groq.com", Vendor::Groq),
    ("api.x.ai", Vendor::Xai),
    ("moonshot.ai", Vendor::Moonshot),
    ("moonshot.cn", Vendor::Moonshot),
    ("api.z.ai", Vendor::Zai),
    ("api.cerebras.ai", Vendor::Cerebras),
    ("githubcopilot.com", Vendor::Copilot),
    ("ollama.com", Vendor::Ollama),
];

const NAMES: &[(&str, Vendor)] = &[
    ("openai", Vendor::OpenAi),
    ("azure", Vendor::Azure),
    ("anthropic", Vendor::Anthropic),
    ("gemini", Vendor::Gemini),
    ("openrouter", Vendor::OpenRouter),
    ("deepseek", Vendor::DeepSeek),
    ("mistral", Vendor::Mistral),
    ("groq", Vendor::Groq),
    ("xai", Vendor::Xai),
    ("moonshot", Vendor::Moonshot),
    ("zai", Vendor::Zai),
    ("cerebras", Vendor::Cerebras),
    ("copilot", Vendor::Copilot),
    ("ollama", Vendor::Ollama),
    ("llama.cpp", Vendor::LlamaCpp),
    ("lmstudio", Vendor::LmStudio),
    ("vllm", Vendor::Vllm),
    ("other", Vendor::Other),
];

impl Vendor {
    /// Guesses by the host; on this machine by the port the servers use by default.
    pub fn of(url: &Url) -> Self {
        let Some(host) = url.host_str() else { return Self::Other };
        if is_loopback(url) {
            return match url.port_or_known_default() {
                Some(11434) => Self::Ollama,
                Some(1234) => Self::LmStudio,
                Some(8080) => Self::LlamaCpp,
                Some(8000) => Self::Vllm,
                _ => Self::Other,
            };
        }
        let is_of = |domain: &str| {
            host.strip_suffix(domain).is_some_and(|front| front.is_empty() || front.ends_with('.'))
        };
        HOSTS.iter().find(|(domain, _)| is_of(domain)).map_or(Self::Other, |(_, vendor)| *vendor)
    }

    /// The name in price tables and configuration.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, vendor)| *vendor == self).map_or("other", |(name, _)| name)
    }

    /// The vendor of a [`Vendor::name`].
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, vendor)| *vendor)
    }
}

/// Whether a URL's host is this machine by its name or address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        // RFC 6761, section 6.3: names under `localhost` never leave the machine.
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}
