//! Which models there are: those the user describes, else what is found on this machine.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use autodao_providers::{
    Client, EditForm, Endpoint, Format, PriceTable, Probe, ProxyChoice, Secret, Timeouts, from_environment,
    local_servers,
};

use super::keys::{Keys, Source};
use crate::config::{AiSettings, ModelSettings};

/// How long a server on this machine may take to say which models it has.
const LOOK: Duration = Duration::from_millis(600);

/// A model that can be asked.
#[derive(Clone, Debug)]
pub struct Model {
    /// What the user, or we, call it.
    pub name: String,
    /// Where it is.
    pub endpoint: Arc<Endpoint>,
    /// Where its key is from, for the user; `None` without a key.
    pub key_source: Option<String>,
}

/// The models to ask, the first of them first, or why there is none: what to do about it, in one line.
pub type Models = Result<Vec<Model>, String>;

impl Model {
    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        self.endpoint.is_local
    }

    /// What titles call it.
    pub fn label(&self) -> String {
        let model = self.endpoint.model.rsplit('/').next().unwrap_or(&self.endpoint.model);
        let model = model.trim_end_matches(".gguf");
        if self.is_local() { format!("{model} local") } else { model.to_owned() }
    }
}

/// The models the user describes; `None` when none is described and it may be looked for some.
pub(crate) fn configured(
    settings: &AiSettings,
    prices: &PriceTable,
    keys: &Keys,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Option<Models> {
    if settings.models.is_empty() {
        return (settings.discover == Some(false))
            .then(|| Err("describe a model under `ai.models`".to_owned()));
    }
    let first = match &settings.model {
        Some(name) => name,
        None => settings.models.keys().next()?,
    };
    let names = std::iter::once(first).chain(settings.fallback.iter().flatten());
    let models = names.map(|name| {
        let described = settings.models.get(name);
        let described = described.ok_or_else(|| format!("there is no model `{name}` under `ai.models`"))?;
        self::described(name, described, prices, keys, environment)
    });
    Some(models.collect())
}

/// The model a user describes, or what its description lacks.
pub(crate) fn described(
    name: &str,
    described: &ModelSettings,
    prices: &PriceTable,
    keys: &Keys,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Model, String> {
    let missing = |key: &str| format!("the model `{name}` needs `{key}`");
    let url = described.url.as_deref().ok_or_else(|| missing("url"))?;
    let id = described.model.as_deref().ok_or_else(|| missing("model"))?;
    let format = match described.format.as_deref() {
        None | Some("openai-chat") => Format::OpenAiChat,
        Some("openai-responses") => Format::OpenAiResponses,
        Some("anthropic") => Format::Anthropic,
        Some("gemini") => Format::Gemini,
        Some("ollama") => Format::Ollama,
        Some("azure") => Format::AzureChat,
        Some(other) => return Err(format!("the model `{name}` has an unknown `format`: {other}")),
    };
    let mut endpoint = Endpoint::new(name, format, url, id).map_err(|error| error.to_string())?;
    let mut key_source = None;
    if let Some(key) = keys.given(name) {
        endpoint.key = Some(key);
        key_source = Some("the editor".to_owned());
    } else if let Some(variable) = &described.key_env {
        let key = environment(variable).filter(|key| !key.trim().is_empty());
        let key =
            key.ok_or_else(|| format!("the model `{name}` needs its key in the variable {variable}"))?;
        endpoint = endpoint.with_key(Secret::new(key.trim()));
        key_source = Some(format!("the variable {variable}"));
    } else if let Some(source) = Source::of(described) {
        // Before the first edit it has not been asked: a menu needs no key.
        if let Some(said) = keys.said(&source) {
            endpoint = endpoint.with_key(said.map_err(|why| format!("the model `{name}`: {why}"))?);
            key_source = Some(source.name());
        }
    }
    match described.proxy.as_deref() {
        None => {}
        Some("none") => endpoint.proxy = Some(ProxyChoice::None),
        Some(url) => endpoint.proxy = Some(ProxyChoice::Url(Secret::new(url))),
    }
    endpoint.ca_file = described.ca_file.as_ref().map(PathBuf::from);
    let wanted = described.timeouts;
    endpoint.connect_timeout = wanted.connect;
    let usual = Timeouts::of(&endpoint);
    endpoint.timeouts = Some(Timeouts {
        first_token: wanted.first_token.unwrap_or(usual.first_token),
        idle: wanted.idle.unwrap_or(usual.idle),
        total: wanted.total.unwrap_or(usual.total),
    });
    prices.complete(endpoint.vendor, id, &mut endpoint.capabilities);
    match described.contract.as_deref() {
        Some("whole-node") => endpoint.capabilities.edit_form = EditForm::Whole,
        Some("hunks") => endpoint.capabilities.edit_form = EditForm::Hunks,
        Some(other) => return Err(format!("the model `{name}` has an unknown `contract`: {other}")),
        None => {}
    }
    endpoint.capabilities.max_output = described.output_tokens.or(endpoint.capabilities.max_output);
    endpoint.capabilities.context_window = described.window.or(endpoint.capabilities.context_window);
    Ok(Model { name: name.to_owned(), endpoint: Arc::new(endpoint), key_source })
}

/// Looks for models: a server on this machine first, which costs nothing, then keys in the environment.
pub(crate) async fn discovered(client: &Arc<Client>, prices: &PriceTable) -> Models {
    let environment = |name: &str| std::env::var(name).ok();
    let mut models = Vec::new();
    for server in local_servers(client, &Probe::standard(environment), LOOK).await {
        // A server may have many; the first is the one it has loaded, or was told to prefer.
        if let Some(endpoint) = server.models.first().and_then(|model| server.endpoint(model).ok()) {
            models.push(Model {
                name: endpoint.name.clone(),
                endpoint: Arc::new(endpoint),
                key_source: None,
            });
        }
    }
    for found in from_environment(environment) {
        let mut endpoint = found.endpoint;
        prices.complete(endpoint.vendor, &endpoint.model.clone(), &mut endpoint.capabilities);
        let key_source = Some(format!("the variable {}", found.variable));
        models.push(Model { name: endpoint.name.clone(), endpoint: Arc::new(endpoint), key_source });
    }
    if models.is_empty() {
        return Err(
            "no model: start Ollama, llama.cpp or LM Studio, set OPENAI_API_KEY or ANTHROPIC_API_KEY, \
                    or describe a model under `ai.models` in your configuration"
                .to_owned(),
        );
    }
    // One model is asked; what was found by chance stands in for nothing.
    models.truncate(1);
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Scope, Settings};

    fn of(text: &str, key: Option<&str>) -> Option<Models> {
        let (settings, problems) = Settings::from_toml(text, Scope::User);
        assert_eq!(problems, []);
        let prices = PriceTable::bundled().unwrap();
        configured(&settings.ai, &prices, &Keys::default(), &|name| {
            (name == "KEY").then(|| key.map(str::to_owned)).flatten()
        })
    }

    #[test]
    fn the_named_model_comes_first_and_its_stand_ins_after() {
        let text = "[ai]\nmodel = \"b\"\nfallback = [\"a\"]\n[ai.models.a]\nurl = \"http://127.0.0.1:1/v1\"\nmodel = \"x\"\n[ai.models.b]\nurl = \"https://api.anthropic.com\"\nformat = \"anthropic\"\nmodel = \"claude-sonnet-4-5\"\nkey-env = \"KEY\"\ncontract = \"whole-node\"\n";
        let models = of(text, Some("sk-1234567890")).unwrap().unwrap();
        assert_eq!(models.iter().map(|model| model.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(models[0].endpoint.capabilities.edit_form, EditForm::Whole);
        assert!(!models[0].is_local() && models[1].is_local());
        assert_eq!(models[1].label(), "x local");
        let missing = of(text, None).unwrap().unwrap_err();
        assert_eq!(missing, "the model `b` needs its key in the variable KEY");
    }

    #[test]
    fn what_is_not_described_is_looked_for_unless_that_is_off() {
        assert!(of("", None).is_none());
        assert!(of("[ai]\ndiscover = false\n", None).unwrap().is_err());
        let unknown = of("[ai]\nmodel = \"z\"\n[ai.models.a]\nurl = \"http://h/v1\"\nmodel = \"x\"\n", None);
        assert_eq!(unknown.unwrap().unwrap_err(), "there is no model `z` under `ai.models`");
    }
}
