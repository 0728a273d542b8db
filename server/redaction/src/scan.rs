//! Finds secrets: keywords first, then the rules they belong to, near the keyword alone.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::rule::{Reach, Rule};
use crate::rules::RULES;

/// A secret in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Where its value is, in bytes.
    pub span: Range<usize>,
    /// What kind it is: the only thing of it that may be told.
    pub rule: &'static str,
}

/// All rules' keywords, and whose each is.
struct Prefilter {
    keywords: AhoCorasick,
    /// For each keyword, the rules it is of.
    rules: Vec<Vec<usize>>,
}

static PREFILTER: LazyLock<Option<Prefilter>> = LazyLock::new(|| {
    let mut keywords: Vec<&str> = RULES.iter().flat_map(|rule| rule.keywords).copied().collect();
    keywords.sort_unstable();
    keywords.dedup();
    let of = |keyword: &&str| {
        let has = |rule: &Rule| rule.keywords.contains(keyword);
        RULES.iter().enumerate().filter(|(_, rule)| has(rule)).map(|(index, _)| index).collect()
    };
    let rules = keywords.iter().map(of).collect();
    let keywords = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::Standard)
        .build(&keywords)
        .ok()?;
    Some(Prefilter { keywords, rules })
});

/// Whether a text may hold a secret: one pass over its bytes, no rule is asked.
pub fn may_hold_secret(text: &str) -> bool {
    PREFILTER.as_ref().is_none_or(|prefilter| prefilter.keywords.is_match(text))
}

/// The secrets in a text, in its order, none in another.
pub fn secrets(text: &str) -> Vec<Found> {
    let Some(prefilter) = PREFILTER.as_ref() else { return Vec::new() };
    // Up to where each rule has looked: what keywords that stand close together reach is looked at once.
    let mut looked: Vec<Range<usize>> = vec![0..0; RULES.len()];
    let mut windows: Vec<(usize, Range<usize>)> = Vec::new();
    for hit in prefilter.keywords.find_overlapping_iter(text) {
        for &rule in prefilter.rules.get(hit.pattern().as_usize()).into_iter().flatten() {
            let window = window(text, &RULES[rule], hit.span().range());
            let last = &mut looked[rule];
            if window.start < last.end {
                last.end = last.end.max(window.end);
            } else {
                if last.start < last.end {
                    windows.push((rule, last.clone()));
                }
                *last = window;
            }
        }
    }
    windows.extend(looked.into_iter().enumerate().filter(|(_, window)| window.start < window.end));
    windows.sort_by_key(|(rule, window)| (*rule, window.start));
    let mut found: Vec<Found> = Vec::new();
    for (rule, window) in windows {
        search(text, &RULES[rule], window, &mut found);
    }
    found.sort_by_key(|found| (found.span.start, std::cmp::Reverse(found.span.end)));
    // Of two that overlap the earlier rule's stays; rules were asked in order, so it was found first and the other left.
    found
}

fn search(text: &str, rule: &Rule, window: Range<usize>, found: &mut Vec<Found>) {
    let Some(regex) = rule.regex() else { return };
    let mut at = window.start;
    let bytes = &text.as_bytes()[..window.end];
    while at < window.end {
        let Some(captures) = regex.captures_at(bytes, at) else { return };
        let Some(whole) = captures.get(0) else { return };
        let secret = captures.name("s").unwrap_or(whole).range();
        // The next may begin with what ends this one: a value's closing quote opens the next name.
        at = secret.end.max(whole.start() + 1);
        let Some(value) = text.get(secret.clone()) else { continue };
        let overlaps = |other: &Found| other.span.start < secret.end && secret.start < other.span.end;
        if (rule.accepts)(value) && !found.iter().any(overlaps) {
            found.push(Found { span: secret, rule: rule.id });
        }
    }
}

/// What a rule looks at around a keyword.
fn window(text: &str, rule: &Rule, keyword: Range<usize>) -> Range<usize> {
    const LINE: usize = 512;
    let bytes = text.as_bytes();
    match rule.reach {
        Reach::Around(before, after) => {
            keyword.start.saturating_sub(before)..(keyword.end + after).min(bytes.len())
        }
        Reach::Line(most) => {
            let start = keyword.start.saturating_sub(64);
            let start = bytes[start..keyword.start]
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(start, |at| start + at + 1);
            let end = (keyword.end + LINE.max(most)).min(bytes.len());
            let line = bytes[keyword.end..end].iter().position(|byte| *byte == b'\n');
            start..line.map_or(end, |at| keyword.end + at)
        }
    }
}
