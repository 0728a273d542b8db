//! What a reply says: tolerant of how models write, strict about what it can mean.

use crate::contract::Contract;
use crate::fence::{Block, blocks, outermost};
use crate::gate::Gate;
use crate::hunk::{Hunk, HunkError, has_markers, parse};
use crate::indent::with_lf;
use crate::outcome::Refusal;
use crate::reply::{Ending, MAX_REPLY_BYTES, Reply};

/// What was found in a reply; `\n` alone ends lines.
#[derive(Debug)]
pub(crate) enum Extracted {
    /// Code; the first reading is the plain one, later ones are tried where it does not parse.
    Code(Vec<String>),
    /// Search/replace blocks; at least one.
    Hunks(String),
    /// Markdown for the user.
    Message(String),
}

/// What the caller can tell of a piece of code.
pub(crate) trait Judge {
    /// Whether it is plausible as the answer, all by itself: the target's item, or code that parses.
    fn is_answer(&mut self, code: &str) -> bool;
    /// Whether it parses without an error.
    fn parses(&mut self, code: &str) -> bool;
}

/// Fence tags of what is never the answer beside another block.
const OTHER_TAGS: [&str; 14] = [
    "bash", "sh", "shell", "console", "zsh", "json", "toml", "yaml", "yml", "diff", "patch", "text", "txt",
    "xml",
];

/// What some models put around their answer.
const END_TOKENS: [&str; 8] = [
    "<|im_end|>",
    "<|endoftext|>",
    "<|end|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<end_of_turn>",
    "</s>",
    "<|EOT|>",
];

/// What follows words that a model could not end.
const SHORTENED: &str = "…\n\n(Cut off at the token limit.)";

/// Finds what a reply says.
pub(crate) fn extract(
    contract: Contract,
    reply: &Reply<'_>,
    judge: &mut dyn Judge,
) -> Result<Extracted, Box<Refusal>> {
    // Words that were cut off are words; code is not.
    let is_shortened = contract == Contract::Text && reply.ending == Ending::Length;
    if let Some(objection) = reply.ending.objection().filter(|_| !is_shortened) {
        return Err(Box::new(Refusal::new(Gate::Ending, objection, false)));
    }
    if reply.text.len() > MAX_REPLY_BYTES {
        return Err(refused("the reply is too long to be an answer", false));
    }
    let text = with_lf(reply.text);
    let text = answer(&text)?;
    if text.trim().is_empty() {
        return Err(refused("the reply is empty", true));
    }
    if contract == Contract::Text {
        let mark = if is_shortened { SHORTENED } else { "" };
        return Ok(Extracted::Message(text.trim().to_owned() + mark));
    }
    if has_markers(text) {
        if !matches!(contract, Contract::WholeNode | Contract::Hunks) {
            return Err(refused("the reply changes code where it should only add some", true));
        }
        return match parse(text) {
            Ok(_) => Ok(Extracted::Hunks(text.to_owned())),
            Err(error) => Err(unreadable(&error)),
        };
    }
    code(text, reply.ending, judge).map(Extracted::Code)
}

/// The blocks of a text that [`extract`] found some in.
pub(crate) fn hunks(text: &str) -> Result<Vec<Hunk<'_>>, Box<Refusal>> {
    parse(text).map_err(|error| unreadable(&error))
}

pub(crate) fn unreadable(error: &HunkError) -> Box<Refusal> {
    let gate = match error {
        HunkError::Missing(_) | HunkError::Repeated(..) | HunkError::Overlap => Gate::Place,
        _ => Gate::Extraction,
    };
    Box::new(Refusal::new(gate, &error.to_string(), true))
}

fn refused(reason: &str, repairable: bool) -> Box<Refusal> {
    Box::new(Refusal::new(Gate::Extraction, reason, repairable))
}

/// The reply without its reasoning and without the tokens that frame it.
fn answer(text: &str) -> Result<&str, Box<Refusal>> {
    let mut text = text.trim_start_matches('\u{feff}');
    for (open, close) in [("<think>", "</think>"), ("<thinking>", "</thinking>")] {
        if let Some(rest) = text.trim_start().strip_prefix(open) {
            let Some((_, after)) = rest.split_once(close) else {
                return Err(refused("the reply ends within its reasoning", true));
            };
            text = after;
        }
    }
    loop {
        let shorter = text.trim_end();
        let Some(shorter) = END_TOKENS.iter().find_map(|token| shorter.strip_suffix(token)) else {
            return Ok(text);
        };
        text = shorter;
    }
}

/// The readings of a reply as one piece of code.
fn code(text: &str, ending: Ending, judge: &mut dyn Judge) -> Result<Vec<String>, Box<Refusal>> {
    let found = blocks(text);
    if found.is_empty() {
        let whole = text.trim_matches('\n').trim_end();
        return if judge.is_answer(whole) {
            Ok(readings(whole))
        } else {
            Err(refused("there is no code block in the reply", true))
        };
    }
    let chosen = match choose(&found, judge) {
        Ok(chosen) => chosen,
        Err(refusal) => {
            // Code that holds fences itself looks like several blocks.
            let outer =
                outermost(text).filter(|outer| judge.is_answer(outer.code) && judge.parses(outer.code));
            return outer.map_or(Err(refusal), |outer| Ok(vec![trimmed_lines(outer.code).to_owned()]));
        }
    };
    if !chosen.closed && (ending != Ending::Complete || found.len() > 1) {
        return Err(refused("the code block in the reply is not closed", true));
    }
    if matches!(chosen.tag.as_str(), "diff" | "patch") {
        return Err(refused("the reply is a patch", true));
    }
    if chosen.code.trim().is_empty() {
        return Err(refused("the code block in the reply is empty", true));
    }
    let mut readings = readings(trimmed_lines(chosen.code));
    // Code that holds fences itself closes its block too early.
    if !judge.parses(chosen.code)
        && let Some(outer) = outermost(text)
        && outer.code != chosen.code
        && judge.parses(outer.code)
    {
        readings.push(trimmed_lines(outer.code).to_owned());
    }
    Ok(readings)
}

/// The block that is meant, if that is clear.
fn choose<'a, 'b>(found: &'a [Block<'b>], judge: &mut dyn Judge) -> Result<&'a Block<'b>, Box<Refusal>> {
    let mut distinct: Vec<&Block<'_>> = Vec::new();
    for block in found {
        if !distinct.iter().any(|known| known.code.trim() == block.code.trim()) {
            distinct.push(block);
        }
    }
    if let [only] = distinct[..] {
        return Ok(only);
    }
    distinct.retain(|block| !OTHER_TAGS.contains(&block.tag.as_str()) && !block.code.trim().is_empty());
    if let [only] = distinct[..] {
        return Ok(only);
    }
    distinct.retain(|block| judge.is_answer(block.code));
    match distinct[..] {
        [only] => Ok(only),
        _ => Err(refused("the reply has several code blocks, and it is not clear which one is meant", true)),
    }
}

/// A code as it is, and without line numbers if it has some.
fn readings(code: &str) -> Vec<String> {
    let mut readings = vec![code.to_owned()];
    readings.extend(without_line_numbers(code));
    readings
}

/// Without blank lines at both ends; the indentation of the first line stays.
fn trimmed_lines(code: &str) -> &str {
    let lead = code.len() - code.trim_start().len();
    let start = code[..lead].rfind('\n').map_or(0, |at| at + 1);
    code[start..].trim_end()
}

/// The code behind line numbers, where every line has one and they count up.
fn without_line_numbers(code: &str) -> Option<String> {
    let mut expected: Option<u32> = None;
    let mut bare = Vec::new();
    for line in code.split('\n') {
        let line = line.trim_start();
        let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u32 = line.get(..digits)?.parse().ok()?;
        if expected.is_some_and(|expected| expected != number) {
            return None;
        }
        expected = Some(number.checked_add(1)?);
        let rest = &line[digits..];
        let rest = rest
            .strip_prefix([':', '|', '\t', '.', ')'])
            .or_else(|| rest.strip_prefix(" |"))
            .or_else(|| if rest.is_empty() || rest.starts_with(' ') { Some(rest) } else { None })?;
        bare.push(rest);
    }
    // The blank between number and code belongs to neither.
    let all_blank = bare.iter().all(|line| line.is_empty() || line.starts_with(' '));
    let lines = bare.iter().map(|line| if all_blank { line.strip_prefix(' ').unwrap_or(line) } else { line });
    (bare.len() > 1).then(|| lines.collect::<Vec<_>>().join("\n"))
}
