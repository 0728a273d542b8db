//! Usage as OpenAI reports it, in both its formats, with the fields of those who are compatible.

use serde_json::Value;

use super::{largest, number};
use crate::Usage;

/// Reads a `usage` object; `None` if it says nothing.
pub(super) fn read(usage: &Value) -> Option<Usage> {
    let any = |paths: &[&str]| paths.iter().find_map(|path| number(usage, path));
    let input = any(&["/prompt_tokens", "/input_tokens"]);
    let output = any(&["/completion_tokens", "/output_tokens"]);
    if input.is_none() && output.is_none() {
        return None;
    }
    let cached_input = largest(
        usage,
        &[
            "/prompt_tokens_details/cached_tokens",
            "/input_tokens_details/cached_tokens",
            "/prompt_tokens_details/cache_read_tokens",
            "/prompt_cache_hit_tokens",
            "/num_cached_tokens",
            "/cached_tokens",
            "/cache_read_input_tokens",
        ],
    );
    let of_hour = [
        "/cache_creation/ephemeral_1h_input_tokens",
        "/prompt_tokens_details/cache_creation_token_details/ephemeral_1h_input_tokens",
    ];
    let cache_write_1h = largest(usage, &of_hour).unwrap_or(0);
    let cache_write = largest(
        usage,
        &[
            "/prompt_tokens_details/cache_write_tokens",
            "/input_tokens_details/cache_write_tokens",
            "/prompt_tokens_details/cache_creation_tokens",
            "/prompt_tokens_details/cached_creation_tokens",
            "/cache_creation_input_tokens",
        ],
    );
    let mut reasoning = largest(
        usage,
        &[
            "/completion_tokens_details/reasoning_tokens",
            "/output_tokens_details/reasoning_tokens",
            "/reasoning_tokens",
        ],
    )
    .unwrap_or(0);
    let mut whole_output = output.unwrap_or(0);
    // Gemini's compatible endpoint and xAI's chat leave the reasoning out of the output but not out of the total.
    // With sound the sum does not hold.
    let has_sound = usage.get("prompt_audio_seconds").is_some_and(|sound| !sound.is_null());
    if let (Some(total), Some(input), false) = (number(usage, "/total_tokens"), input, has_sound)
        && total > input.saturating_add(whole_output)
    {
        let unseen = total - input - whole_output;
        whole_output += unseen;
        reasoning = reasoning.max(unseen);
    }
    Some(Usage {
        input: input.unwrap_or(0),
        cached_input: cached_input.unwrap_or(0),
        cache_write: cache_write.unwrap_or(0).max(cache_write_1h),
        cache_write_1h,
        output: whole_output,
        reasoning,
        cost_reported_micros: cost(usage),
        input_reported: input.is_some(),
        output_reported: output.is_some(),
    })
}

/// The money in a usage object, in millionths of a US dollar.
pub(super) fn cost(usage: &Value) -> Option<u64> {
    // xAI: 10^-10 dollars.
    if let Some(ticks) = number(usage, "/cost_in_usd_ticks") {
        return Some(ticks.div_ceil(10_000));
    }
    let dollars = |path: &str| {
        let value = usage.pointer(path)?;
        value
            .as_f64()
            .or_else(|| value.as_str()?.trim().parse().ok())
            .filter(|dollars| (0.0..1e6).contains(dollars))
    };
    let own =
        ["/cost", "/cost/total_cost", "/total_cost", "/estimated_cost"].into_iter().find_map(dollars)?;
    // With a key of the user's own at OpenRouter's upstream, `cost` is OpenRouter's share alone.
    let is_own_key = usage.get("is_byok").and_then(Value::as_bool) == Some(true);
    let upstream =
        if is_own_key { dollars("/cost_details/upstream_inference_cost").unwrap_or(0.0) } else { 0.0 };
    // Floats of dollars are a hair off: 0.00019 * 10^6 must stay 190.
    Some(((own + upstream) * 1e6 - 1e-6).ceil().max(0.0) as u64)
}
