//! No fence, chat, conflict marker, model token or hidden character is left.

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

use super::View;
use crate::fence::{is_fence, lines};
use crate::literal::is_literal;
use crate::walk::is_comment;

/// Tokens of models, and what they put around reasoning.
const MODEL_TOKENS: [&str; 18] = [
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|begin_of_text|>",
    "<|start_header_id|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|assistant|>",
    "<|user|>",
    "<think>",
    "</think>",
    "<start_of_turn>",
    "<end_of_turn>",
    "[/INST]",
    "<｜end▁of▁sentence｜>",
];

/// How a comment begins that speaks to the user of the answer instead of about the code.
const CHAT: [&str; 7] = [
    "i have updated",
    "i've updated",
    "i have added",
    "i've added",
    "as an ai",
    "sure, here",
    "updated code below",
];

/// How it may begin when one of [`ANSWERS`] follows soon.
const OFFERS: [&str; 4] = ["here is the", "here's the", "here is your", "here's your"];

/// What is offered.
const ANSWERS: [&str; 10] = [
    "updated",
    "improved",
    "refactored",
    "corrected",
    "fixed",
    "complete",
    "modified",
    "rewritten",
    "revised",
    "code",
];

/// Characters that change how code is shown, or do not show at all.
fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}'
        | '\u{feff}' | '\u{ad}' | '\u{180e}' | '\u{e0000}'..='\u{e007f}' | '\0')
        || (character.is_control() && !matches!(character, '\n' | '\r' | '\t' | '\u{c}'))
}

pub(crate) fn check(view: View<'_>) -> Result<(), String> {
    let old = view.site.buffer().slice(view.change.before);
    let new = view.change.new_text();
    if let Some(hidden) = new.chars().find(|c| is_hidden(*c) && !old.contains(*c)) {
        return Err(format!("a hidden character (U+{:04X}) is in the new code", u32::from(hidden)));
    }
    if let Some(token) = MODEL_TOKENS.iter().find(|token| new.contains(**token) && !old.contains(**token)) {
        return Err(format!("`{token}` is left in the new code"));
    }
    let root = view.change.tree.root_node();
    // In a macro call any signs go together, so a marker may stand anywhere.
    for marker in ["<<<<<<<", ">>>>>>>"].into_iter().filter(|marker| !old.contains(marker)) {
        for (start, _) in new.match_indices(marker) {
            let at = view.change.after.start as usize + start;
            let node = root.descendant_for_byte_range(at, at + 1);
            let around: Vec<_> = std::iter::successors(node, Node::parent).take(3).collect();
            // A comment that speaks of markers quotes them; one that is nothing but a marker was one.
            let quoted = new.contains(['`', '"', '\'', '*']);
            let said =
                around.iter().any(|node| is_literal(node.kind()) || (quoted && is_comment(node.kind())));
            if !said {
                return Err("a conflict marker is left in the new code".into());
            }
        }
    }
    for (start, line) in lines(new) {
        let bare = line.trim();
        let marker = is_marker(line);
        let chat = is_chat(bare);
        if !(marker || chat || is_fence(line)) || old.lines().any(|known| known.trim() == bare) {
            continue;
        }
        let at = view.change.after.start + start as u32 + (line.len() - line.trim_start().len()) as u32;
        let node = root.descendant_for_byte_range(at as usize, at as usize + 1);
        // The node itself may be the sign that opens a comment, or a part of a string.
        let around: Vec<_> = std::iter::successors(node, Node::parent).take(3).collect();
        // A text in a literal or comment that began above may say what it likes, apart from chat.
        let holder = |kind| is_literal(kind) || is_comment(kind);
        let inside = around.iter().any(|node| Span::of(*node).start < at && holder(node.kind()));
        let commented = around.iter().any(|node| is_comment(node.kind()) || node.kind() == "jsx_text");
        if marker && !inside {
            return Err("a conflict marker is left in the new code".into());
        }
        if is_fence(line) && !inside {
            return Err("a code fence is left in the new code".into());
        }
        if chat && commented {
            return Err(format!("`{}` is no part of the code", bare.chars().take(60).collect::<String>()));
        }
    }
    Ok(())
}

/// A line that git or a search/replace block puts around code.
fn is_marker(line: &str) -> bool {
    let line = line.trim_end();
    let run = |sign: char| {
        let rest = line.trim_start_matches(sign);
        (line.len() - rest.len() == 7).then_some(rest)
    };
    ['<', '>', '|']
        .into_iter()
        .any(|sign| run(sign).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
        || run('=').is_some_and(str::is_empty)
}

fn is_chat(line: &str) -> bool {
    let said =
        line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '/' | '*' | '#' | '!' | '{'));
    let begins =
        |phrase: &str| said.get(..phrase.len()).is_some_and(|start| start.eq_ignore_ascii_case(phrase));
    let offers = OFFERS.iter().any(|phrase| {
        let rest = said.get(phrase.len()..).unwrap_or("").to_ascii_lowercase();
        begins(phrase)
            && rest
                .split_whitespace()
                .take(2)
                .any(|word| ANSWERS.contains(&word.trim_end_matches([':', '.'])))
    });
    offers || CHAT.iter().any(|phrase| begins(phrase))
}
