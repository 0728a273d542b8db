//! Prompts that are too long, and by how much: the numbers stand in words that differ from server to server.

use super::Said;
use crate::ErrorKind;

/// The overflow an error speaks of, if it does.
pub(super) fn overflow(status: Option<u16>, said: &Said, message: &str) -> Option<ErrorKind> {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let is_overflow = said.has_code(&[
        "context_length_exceeded",
        "exceed_context_size_error",
        "request_too_large",
        "model_context_window_exceeded",
        "model_max_prompt_tokens_exceeded",
        "tokens_limit_reached",
        "string_above_max_length",
    ]) || status == Some(413)
        || says(&[
            "prompt is too long",
            "prompt too long",
            "maximum context length",
            "maximum prompt length",
            "context window",
            "context length",
            "available context size",
            "input token count",
            "input is too long",
            "input length exceeds",
            "too large for model",
            "exceed context limit",
            "exceeds context limit",
            "prompt token count",
            "too many tokens",
            "exceeds max length",
            "exceeded model token limit",
            "range of input length",
            "model's context length",
            "current length is",
        ])
        || (says(&["must be <="]) && says(&["tokens"]))
        // Not a matter of waiting: the one request is larger than a minute's tokens.
        || (says(&["request too large"]) && says(&["tokens per min", "tpm", "token"]));
    if !is_overflow {
        return None;
    }
    let after = |leads: &[&str]| leads.iter().find_map(|lead| number_after(message, lead));
    if let Some((asked, limit)) = sum(message) {
        return Some(ErrorKind::ContextOverflow { limit: Some(limit), asked: Some(asked) });
    }
    let limit = after(&[
        "context length is ",
        "context length is only ",
        "context length: ",
        "context length (",
        "context length of ",
        "context length of only ",
        "tokens > ",
        "tokens allowed (",
        "context size (",
        "limit ",
        "prompt length is ",
        "maximum of ",
        "context window of ",
        "tokens allowed ",
        "model with ",
        "limit of ",
        "limit is ",
        "limit: ",
        "max size: ",
        "cannot exceed ",
        "must be <= ",
        "should be [1, ",
    ]);
    let asked = after(&[
        "prompt is too long: ",
        "resulted in ",
        "passed ",
        "you requested about ",
        "you requested ",
        "token count (",
        "request (",
        "requested ",
        "request contains ",
        "prompt contains ",
        "a total of ",
        "request has ",
        "keep the first ",
        "token count of ",
        "current length is ",
        "received ",
        "the input (",
        "given: ",
    ]);
    Some(ErrorKind::ContextOverflow { limit: limit.or(said.limit), asked: asked.or(said.asked) })
}

/// Prompt and answer together against a limit: `188240 + 21333 > 200000`.
fn sum(message: &str) -> Option<(u64, u64)> {
    let (front, back) = message.split_once(" > ")?;
    let (first, second) = front.rsplit_once(" + ")?;
    let input: u64 = first.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    let output: u64 = second.trim().parse().ok()?;
    Some((input.saturating_add(output), first_number(back)?))
}

fn number_after(text: &str, lead: &str) -> Option<u64> {
    text.match_indices(lead).find_map(|(at, _)| {
        let rest = &text[at + lead.len()..];
        rest.starts_with(|c: char| c.is_ascii_digit()).then(|| first_number(rest)).flatten()
    })
}

/// The first number in a text; commas between digits are part of it.
pub(super) fn first_number(text: &str) -> Option<u64> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let digits = text[start..].chars().take_while(|c| c.is_ascii_digit() || *c == ',');
    digits.filter(|c| *c != ',').collect::<String>().parse().ok()
}
