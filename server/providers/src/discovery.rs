//! Endpoints that need no configuration: well-known key variables, and servers on this machine.

use std::sync::Arc;
use std::time::Duration;

use crate::{Client, Endpoint, Error, Format, Secret, Vendor};

/// A variable that holds a key, and what to use it for.
struct WellKnown {
    variables: &'static [&'static str],
    name: &'static str,
    format: Format,
    base_url: &'static str,
    /// A cheap one that can write code. The user's configuration names another.
    model: &'static str,
}

const WELL_KNOWN: &[WellKnown] = &[
    WellKnown {
        variables: &["ANTHROPIC_API_KEY"],
        name: "anthropic",
        format: Format::Anthropic,
        base_url: "https://api.anthropic.com",
        model: "claude-haiku-5-5",
    },
    WellKnown {
        variables: &["OPENAI_API_KEY"],
        name: "openai",
        format: Format::OpenAiResponses,
        base_url: "https://api.openai.com/v1",
        model: "gpt-5.6-luna",
    },
    WellKnown {
        variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        name: "gemini",
        format: Format::Gemini,
        base_url: "https://generativelanguage.googleapis.com",
        model: "gemini-3.5-flash-lite",
    },
    WellKnown {
        variables: &["DEEPSEEK_API_KEY"],
        name: "deepseek",
        format: Format::OpenAiChat,
        base_url: "https://api.deepseek.com/v1",
        model: "deepseek-v4-flash",
    },
    WellKnown {
        variables: &["MISTRAL_API_KEY"],
        name: "mistral",
        format: Format::OpenAiChat,
        base_url: "https://api.mistral.ai/v1",
        model: "codestral-latest",
    },
    WellKnown {
        variables: &["GROQ_API_KEY"],
        name: "groq",
        format: Format::OpenAiChat,
        base_url: "https://api.groq.com/openai/v1",
        model: "openai/gpt-oss-120b",
    },
    WellKnown {
        variables: &["XAI_API_KEY"],
        name: "xai",
        format: Format::OpenAiChat,
        base_url: "https://api.x.ai/v1",
        model: "grok-build-latest",
    },
    WellKnown {
        variables: &["MOONSHOT_API_KEY"],
        name: "moonshot",
        format: Format::OpenAiChat,
        base_url: "https://api.moonshot.ai/v1",
        model: "kimi-k2.7-code",
    },
    WellKnown {
        variables: &["ZAI_API_KEY"],
        name: "zai",
        format: Format::OpenAiChat,
        base_url: "https://api.z.ai/api/paas/v4",
        model: "glm-5.3-flash",
    },
    WellKnown {
        variables: &["OPENROUTER_API_KEY"],
        name: "openrouter",
        format: Format::OpenAiChat,
        base_url: "https://openrouter.ai/api/v1",
        model: "openrouter/auto",
    },
];

/// An endpoint found in the environment.
#[derive(Clone, Debug)]
pub struct Found {
    /// The variable its key stands in.
    pub variable: &'static str,
    /// The endpoint, with its key.
    pub endpoint: Endpoint,
}

/// The endpoints whose keys are in the environment.
///
/// Variables that move an endpoint (`OPENAI_BASE_URL` and the like) are not read: tools that load a repository's
/// `.env` would let the repository send the user's key anywhere.
pub fn from_environment(lookup: impl Fn(&str) -> Option<String>) -> Vec<Found> {
    let found = WELL_KNOWN.iter().filter_map(|known| {
        let (variable, key) = known.variables.iter().find_map(|variable| {
            let key = lookup(variable)?;
            // A header holds nothing else; a note such as "your key here" is none.
            let is_key = key.trim().len() >= 8 && key.trim().bytes().all(|byte| byte.is_ascii_graphic());
            is_key.then_some((*variable, key))
        })?;
        let endpoint = Endpoint::new(known.name, known.format, known.base_url, known.model).ok()?;
        Some(Found { variable, endpoint: endpoint.with_key(Secret::new(&key)) })
    });
    found.collect()
}

/// Where a server may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What is expected there.
    pub vendor: Vendor,
    /// Its format.
    pub format: Format,
    /// Its address; loopback.
    pub base_url: String,
}

impl Probe {
    /// Where the usual servers run by default. `OLLAMA_HOST` moves Ollama's, on this machine only.
    pub fn standard(lookup: impl Fn(&str) -> Option<String>) -> Vec<Self> {
        let port = lookup("OLLAMA_HOST").and_then(|host| {
            let host = host.trim().trim_start_matches("http://").trim_end_matches('/');
            let (name, port) = host.rsplit_once(':')?;
            let is_here = matches!(name, "" | "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]" | "[::]");
            port.parse::<u16>().ok().filter(|_| is_here)
        });
        let at = |vendor, format, port: u16, path| Self {
            vendor,
            format,
            base_url: format!("http://127.0.0.1:{port}{path}"),
        };
        vec![
            at(Vendor::Ollama, Format::Ollama, port.unwrap_or(11434), ""),
            at(Vendor::LlamaCpp, Format::OpenAiChat, 8080, "/v1"),
            at(Vendor::LmStudio, Format::OpenAiChat, 1234, "/v1"),
        ]
    }
}

/// A server that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalServer {
    /// Where it is.
    pub probe: Probe,
    /// Its models that write text, by name.
    pub models: Vec<String>,
}

impl LocalServer {
    /// The endpoint for one of its models.
    ///
    /// # Errors
    /// The probe's address is no URL.
    pub fn endpoint(&self, model: &str) -> Result<Endpoint, Error> {
        let probe = &self.probe;
        let mut endpoint = Endpoint::new(probe.vendor.name(), probe.format, &probe.base_url, model)?;
        endpoint.vendor = probe.vendor;
        Ok(endpoint)
    }
}

/// Asks all probes at once which models they have. Gives those that answered in time, in the probes' order.
pub async fn local_servers(client: &Arc<Client>, probes: &[Probe], timeout: Duration) -> Vec<LocalServer> {
    let tasks: Vec<_> = probes
        .iter()
        .map(|probe| {
            let (client, probe) = (Arc::clone(client), probe.clone());
            tokio::spawn(async move {
                let endpoint = Endpoint::new(probe.vendor.name(), probe.format, &probe.base_url, "").ok()?;
                // Nothing is sent to another machine unasked.
                if !endpoint.is_local {
                    return None;
                }
                let models = client.models(&endpoint, timeout).await.ok()?;
                let writes =
                    |name: &String| !["embed", "rerank", "whisper"].iter().any(|other| name.contains(other));
                Some(LocalServer { probe, models: models.into_iter().filter(writes).collect() })
            })
        })
        .collect();
    let mut servers = Vec::new();
    for task in tasks {
        servers.extend(task.await.ok().flatten());
    }
    servers
}
