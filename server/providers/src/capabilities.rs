//! What an endpoint's model takes and gives.

use crate::{Format, Vendor};

/// The request field that limits the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputField {
    /// `max_tokens`.
    MaxTokens,
    /// `max_completion_tokens`: what OpenAI's models ask for, and those that reason insist on.
    MaxCompletionTokens,
}

/// The form in which a model reliably answers with an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditForm {
    /// The whole new text. Small models answer so whatever they are asked for.
    Whole,
    /// Search and replace hunks.
    Hunks,
}

/// What an endpoint's model takes and gives. A field that is `None` is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct Capabilities {
    /// The field that limits the output.
    pub output_field: OutputField,
    /// Whether `temperature` is accepted. Where it is not, it is left out of the request.
    pub accepts_temperature: bool,
    /// How many stop sequences are accepted; those beyond are left out.
    pub stop_sequences: usize,
    /// Whether usage in a stream must be asked for (`stream_options`) and may be.
    pub asks_for_usage: bool,
    /// Tokens of the prompt; with some models of prompt and answer together.
    pub context_window: Option<u32>,
    /// Tokens of the answer.
    pub max_output: Option<u32>,
    /// Prompts with fewer tokens are not cached by the provider.
    pub cache_minimum: Option<u32>,
    /// Whether it may think before it answers, in tokens of its output.
    pub thinks: bool,
    /// The form to ask for.
    pub edit_form: EditForm,
}

impl Capabilities {
    /// What is known from the names alone. The user's configuration overrides it.
    pub fn of(format: Format, vendor: Vendor, model: &str) -> Self {
        // `openai/gpt-5` at OpenRouter is the model `gpt-5`.
        let model = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
        let is_openai = matches!(vendor, Vendor::OpenAi | Vendor::Azure) || format == Format::AzureChat;
        let reasons = reasons(&model);
        Self {
            output_field: if is_openai { OutputField::MaxCompletionTokens } else { OutputField::MaxTokens },
            accepts_temperature: !reasons && !rejects_sampling(&model),
            stop_sequences: match format {
                // The Responses API has no such field.
                Format::OpenAiResponses => 0,
                Format::OpenAiChat | Format::AzureChat if reasons => 0,
                Format::OpenAiChat | Format::AzureChat => 4,
                Format::Gemini => 5,
                Format::Anthropic | Format::Ollama => 16,
            },
            // Mistral refuses fields it does not know and reports usage unasked.
            asks_for_usage: vendor != Vendor::Mistral,
            context_window: None,
            max_output: None,
            cache_minimum: cache_minimum(vendor, &model),
            thinks: reasons || thinks(format, &model),
            edit_form: if is_small(&model) { EditForm::Whole } else { EditForm::Hunks },
        }
    }
}

/// OpenAI's and xAI's models that reason take neither `temperature` nor `stop`.
fn reasons(model: &str) -> bool {
    let numbered = |prefix: &str, from: u32| {
        let digits = model.strip_prefix(prefix).map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
        digits.flatten().and_then(|digits| digits.parse::<u32>().ok()).is_some_and(|number| number >= from)
    };
    let is_openai = (numbered("gpt-", 5) && !model.contains("chat")) || numbered("o", 1);
    is_openai || (numbered("grok-", 4) && !model.contains("non-reasoning")) || model.starts_with("grok-code")
}

/// Models that think unless they are told not to. OpenAI's and xAI's are known by [`reasons`].
fn thinks(format: Format, model: &str) -> bool {
    let is_told_not_to = ["instruct", "coder", "non-thinking", "non-reasoning", "nothink", "no-think"];
    if is_told_not_to.iter().any(|word| model.contains(word)) {
        return false;
    }
    let is_gemini = format == Format::Gemini || model.starts_with("gemini-");
    let says_so = ["thinking", "reasoner", "reasoning", "-r1", "qwq", "magistral", "gpt-oss"];
    says_so.iter().any(|word| model.contains(word))
        || ["qwen3", "qwen-3", "glm-4.5", "glm-4.6", "glm-5"].iter().any(|family| model.starts_with(family))
        || (is_gemini && !["gemini-1", "gemini-2.0", "gemma"].iter().any(|old| model.starts_with(old)))
}

/// Claude from Opus 4.7 on.
fn rejects_sampling(model: &str) -> bool {
    const OLD: [&str; 4] = ["opus-4-7", "opus-4-8", "fable", "mythos"];
    model.starts_with("claude-")
        && (OLD.iter().any(|name| model.contains(name))
            || ["opus-", "sonnet-", "haiku-"].iter().any(|family| {
                let version = model.split(family).nth(1).and_then(|rest| rest.split(['-', '.', '@']).next());
                version
                    .and_then(|version| version.parse::<u32>().ok())
                    .is_some_and(|version| (5..100).contains(&version))
            }))
}

fn cache_minimum(vendor: Vendor, model: &str) -> Option<u32> {
    match vendor {
        Vendor::OpenAi | Vendor::Azure => Some(1024),
        Vendor::Anthropic
            if model.contains("haiku-4") || model.contains("opus-4-5") || model.contains("opus-4-6") =>
        {
            Some(4096)
        }
        Vendor::Anthropic if model.contains("opus-4-7") => Some(2048),
        Vendor::Anthropic if model.contains("-4-") => Some(1024),
        Vendor::Anthropic => Some(512),
        _ => None,
    }
}

/// Whether the name says that the model has at most 14 billion parameters.
fn is_small(model: &str) -> bool {
    let sizes = model.split(['-', ':', '_', '/', '@']).filter_map(|part| {
        let number = part.strip_suffix('b').or_else(|| part.strip_suffix('m').filter(|n| !n.is_empty()))?;
        let number: f32 = number.parse().ok()?;
        Some(if part.ends_with('m') { number / 1000.0 } else { number })
    });
    sizes
        .fold(None, |largest: Option<f32>, size| Some(largest.map_or(size, |l| l.max(size))))
        .is_some_and(|size| size <= 14.0)
}
