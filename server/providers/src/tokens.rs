//! Counting tokens without asking the provider, and learning how wrong the count is.

#[cfg(feature = "tiktoken")]
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
#[cfg(feature = "tiktoken")]
use tiktoken::{CoreBpe, encoding};

use crate::{Usage, Vendor, estimate};

/// A count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The tokens of the text alone; messages and templates add some.
    pub tokens: u64,
    /// Whether the model's own vocabulary counted, and the whole text.
    pub exact: bool,
}

/// Counts the tokens of texts.
pub trait TokenCounter: Send + Sync {
    /// Counts the tokens of a text.
    fn count(&self, text: &str) -> Count;
}

/// Counts with [`estimate`], corrected by what is known of the model's vocabulary.
#[derive(Clone, Copy, Debug)]
pub struct Estimator {
    factor: f64,
}

impl Estimator {
    /// For models of a tokenizer.
    pub fn new(tokenizer: Tokenizer) -> Self {
        Self { factor: tokenizer.factor() }
    }
}

impl TokenCounter for Estimator {
    fn count(&self, text: &str) -> Count {
        Count { tokens: scaled(estimate(text), self.factor), exact: false }
    }
}

/// The vocabularies of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tokenizer {
    /// OpenAI since GPT-4o.
    O200k,
    /// OpenAI before it.
    Cl100k,
    /// Llama 3 and 4.
    Llama3,
    /// Qwen 2, 2.5 and 3.
    Qwen2,
    /// DeepSeek V3 and later.
    DeepSeekV3,
    /// Mistral.
    MistralV3,
    /// Claude up to Opus 4.6: not public.
    Claude,
    /// Claude from Opus 4.7: not public, more tokens.
    Claude47,
    /// Gemini: not public.
    Gemini,
    /// Not known.
    Unknown,
}

impl Tokenizer {
    /// The vocabulary of a model, by its name.
    pub fn of(vendor: Vendor, model: &str) -> Self {
        let model = model.to_ascii_lowercase();
        let has = |part: &str| model.contains(part);
        if has("claude") || vendor == Vendor::Anthropic {
            let is_old =
                ["claude-2", "claude-3", "-4-0", "-4-1", "-4-5", "-4-6", "-4-2"].iter().any(|old| has(old));
            return if is_old { Self::Claude } else { Self::Claude47 };
        }
        if has("gemini") || has("gemma") || vendor == Vendor::Gemini {
            Self::Gemini
        } else if has("deepseek") && !has("distill") {
            Self::DeepSeekV3
        } else if has("qwen") || has("qwq") {
            Self::Qwen2
        } else if has("llama") {
            Self::Llama3
        } else if ["mistral", "codestral", "devstral", "ministral", "magistral"].iter().any(|name| has(name))
        {
            Self::MistralV3
        } else if (has("gpt-4") && !has("gpt-4o") && !has("gpt-4.")) || has("gpt-3.5") {
            Self::Cl100k
        } else if has("gpt-") || matches!(vendor, Vendor::OpenAi | Vendor::Azure) {
            Self::O200k
        } else {
            Self::Unknown
        }
    }

    /// Tokens of this vocabulary for each of o200k, measured on what providers reported.
    pub fn factor(self) -> f64 {
        match self {
            Self::O200k | Self::Unknown => 1.0,
            Self::Cl100k => 1.01,
            Self::Llama3 | Self::Qwen2 | Self::DeepSeekV3 => 1.03,
            Self::MistralV3 => 1.06,
            Self::Gemini => 1.05,
            Self::Claude => 1.16,
            Self::Claude47 => 1.5,
        }
    }
}

/// Texts beyond this are counted up to here and extrapolated: some vocabularies read less than a megabyte a second.
#[cfg(feature = "tiktoken")]
const COUNTED: usize = 512 << 10;

/// Counts with the model's own vocabulary where it is public, with o200k and a factor where it is not.
///
/// The first count of a vocabulary unpacks it, which takes about a tenth of a second: not for the thread that answers
/// an editor.
#[cfg(feature = "tiktoken")]
#[derive(Clone, Copy, Debug)]
pub struct Tiktoken {
    tokenizer: Tokenizer,
}

#[cfg(feature = "tiktoken")]
impl Tiktoken {
    /// For models of a tokenizer.
    pub fn new(tokenizer: Tokenizer) -> Self {
        Self { tokenizer }
    }
}

#[cfg(feature = "tiktoken")]
impl TokenCounter for Tiktoken {
    fn count(&self, text: &str) -> Count {
        let (encoding, is_own) = vocabulary(self.tokenizer);
        let mut end = COUNTED.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let head = &text[..end];
        let counted = encoding.count(head) as u64;
        let is_whole = head.len() == text.len();
        let of_all = if is_whole { 1.0 } else { text.len() as f64 / head.len() as f64 };
        let factor = if is_own { 1.0 } else { self.tokenizer.factor() };
        Count { tokens: scaled(counted, of_all * factor), exact: is_own && is_whole }
    }
}

/// The vocabulary that a tokenizer's texts are counted in, and whether it is its own.
///
/// Each is named by its own constructor: through the crate's lookup by name, all seventeen would be linked.
#[cfg(feature = "tiktoken")]
fn vocabulary(tokenizer: Tokenizer) -> (&'static CoreBpe, bool) {
    static O200K: OnceLock<CoreBpe> = OnceLock::new();
    static CL100K: OnceLock<CoreBpe> = OnceLock::new();
    static LLAMA3: OnceLock<CoreBpe> = OnceLock::new();
    static QWEN2: OnceLock<CoreBpe> = OnceLock::new();
    static DEEPSEEK_V3: OnceLock<CoreBpe> = OnceLock::new();
    static MISTRAL_V3: OnceLock<CoreBpe> = OnceLock::new();
    match tokenizer {
        Tokenizer::O200k => (O200K.get_or_init(encoding::o200k_base), true),
        Tokenizer::Cl100k => (CL100K.get_or_init(encoding::cl100k_base), true),
        Tokenizer::Llama3 => (LLAMA3.get_or_init(encoding::llama3), true),
        Tokenizer::Qwen2 => (QWEN2.get_or_init(encoding::qwen2), true),
        Tokenizer::DeepSeekV3 => (DEEPSEEK_V3.get_or_init(encoding::deepseek_v3), true),
        Tokenizer::MistralV3 => (MISTRAL_V3.get_or_init(encoding::mistral_v3), true),
        Tokenizer::Claude | Tokenizer::Claude47 | Tokenizer::Gemini | Tokenizer::Unknown => {
            (O200K.get_or_init(encoding::o200k_base), false)
        }
    }
}

fn scaled(tokens: u64, factor: f64) -> u64 {
    (tokens as f64 * factor).ceil() as u64
}

/// How many tokens a provider reports for each one counted here. Learned per endpoint and model, for input and output
/// apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    value: f64,
    samples: u32,
}

impl Default for Ratio {
    fn default() -> Self {
        Self { value: 1.0, samples: 0 }
    }
}

impl Ratio {
    /// No answer moves it beyond these: what lies outside is a misunderstanding, not a vocabulary.
    const BOUNDS: (f64, f64) = (0.5, 3.0);
    /// Weight of a new answer, once there are some.
    const WEIGHT: f64 = 0.2;
    /// Counts below this say more about the messages' frame than about the text.
    const SMALLEST: u64 = 32;

    /// Learns from one answer. Small counts are passed over.
    pub fn learn(&mut self, counted: u64, reported: u64) {
        if counted < Self::SMALLEST || reported == 0 {
            return;
        }
        let (low, high) = Self::BOUNDS;
        let seen = (reported as f64 / counted as f64).clamp(low, high);
        self.samples = self.samples.saturating_add(1);
        // The first answers weigh as a mean does.
        let weight = Self::WEIGHT.max(1.0 / f64::from(self.samples));
        let value = self.value + (seen - self.value) * weight;
        self.value = if value.is_finite() { value.clamp(low, high) } else { 1.0 };
    }

    /// Learns from an answer's input, if it was reported.
    pub fn learn_input(&mut self, counted: u64, usage: &Usage) {
        if usage.input_reported {
            self.learn(counted, usage.input);
        }
    }

    /// Learns from an answer's output, if it was reported. What was only thought was not counted here.
    pub fn learn_output(&mut self, counted: u64, usage: &Usage) {
        if usage.output_reported {
            self.learn(counted, usage.output - usage.reasoning);
        }
    }

    /// What the provider will probably report.
    pub fn apply(&self, counted: u64) -> u64 {
        let (low, high) = Self::BOUNDS;
        // It may have been read from a file.
        let value = if self.value.is_finite() { self.value.clamp(low, high) } else { 1.0 };
        scaled(counted, value)
    }

    /// Answers learned from.
    pub fn samples(&self) -> u32 {
        self.samples
    }
}
