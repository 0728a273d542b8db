//! What a stream tells.

use crate::Usage;

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The model was done.
    EndTurn,
    /// One of the stop sequences came. Many formats report this as the end of the turn.
    StopSequence,
    /// The output limit or the context window is reached: the answer is not whole.
    Length,
    /// The model refused.
    Refusal,
    /// The provider's filter stopped it.
    ContentFilter,
    /// The model wants a tool. We offer none.
    ToolUse,
    /// Anything else, in the provider's words.
    Other(String),
}

impl StopReason {
    /// Whether the answer is whole: the only ones an edit may be made from.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::EndTurn | Self::StopSequence)
    }

    /// Reads a provider's word in any of the formats.
    pub fn read(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "stop" | "end_turn" | "completed" | "complete" | "eos" | "eos_token" | "end" => Self::EndTurn,
            "stop_sequence" => Self::StopSequence,
            "length"
            | "max_tokens"
            | "max_output_tokens"
            | "max_completion_tokens"
            | "model_length"
            | "error_limit"
            | "model_context_window_exceeded" => Self::Length,
            "tool_calls" | "tool_use" | "function_call" | "tool_call" => Self::ToolUse,
            "content_filter"
            | "content_filtered"
            | "guardrail_intervened"
            | "safety"
            | "recitation"
            | "prohibited_content"
            | "blocklist"
            | "spii"
            | "language"
            | "image_safety"
            | "sensitive" => Self::ContentFilter,
            "refusal" => Self::Refusal,
            _ => Self::Other(word.to_owned()),
        }
    }
}

/// What a stream tells. `Done` is always last, and a stream that does not come to it ends with an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// More of the answer.
    Text(String),
    /// More of what the model thinks, where it is told.
    Reasoning(String),
    /// More of why the model refuses, where the format has a place for it.
    Refusal(String),
    /// What is known of the usage so far; replaces what was told before.
    Usage(Usage),
    /// The answer has ended.
    Done {
        /// Why.
        stop: StopReason,
    },
}
