//! Tokens used, in one definition for all providers.

/// Tokens used by one attempt.
///
/// Every part is inside its whole: `cached_input` and `cache_write` are inside `input` and do not overlap,
/// `cache_write_1h` is inside `cache_write`, `reasoning` is inside `output`. Providers count differently: Anthropic
/// gives the input without the cached parts, Gemini and xAI the output without the reasoning; it is all brought to
/// this form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The whole prompt.
    pub input: u64,
    /// Read from the provider's cache.
    pub cached_input: u64,
    /// Written to the provider's cache.
    pub cache_write: u64,
    /// Written to be kept for an hour.
    pub cache_write_1h: u64,
    /// The whole answer.
    pub output: u64,
    /// Thought, not said.
    pub reasoning: u64,
    /// What the provider says it costs, in millionths of a US dollar, rounded up.
    pub cost_reported_micros: Option<u64>,
    /// Whether the provider reported the input. Else it has to be estimated.
    pub input_reported: bool,
    /// Whether the provider reported the final output. Else it has to be estimated, also where `output` is not 0:
    /// some providers count it up while they stream.
    pub output_reported: bool,
}

impl Usage {
    /// Whether nothing has to be estimated.
    pub fn reported(&self) -> bool {
        self.input_reported && self.output_reported
    }

    /// Input that was neither read from nor written to the cache.
    pub fn fresh_input(&self) -> u64 {
        self.input.saturating_sub(self.cached_input).saturating_sub(self.cache_write)
    }

    /// Brings parts that are larger than their whole into it. Some providers report such numbers.
    #[must_use]
    pub(crate) fn clamped(mut self) -> Self {
        self.cached_input = self.cached_input.min(self.input);
        self.cache_write = self.cache_write.min(self.input - self.cached_input);
        self.cache_write_1h = self.cache_write_1h.min(self.cache_write);
        self.reasoning = self.reasoning.min(self.output);
        self
    }
}
