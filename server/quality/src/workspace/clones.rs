//! Copies: blocks of equal tokens, and functions with equal bodies.
//!
//! Blocks are found by winnowed fingerprints (Schleimer, Wilkerson, Aiken: "Winnowing", 2003): of every run of
//! [`WINDOW`] fingerprints of [`GRAM`] tokens the least is kept, which finds every copy of
//! [`LEAST_TOKENS`] tokens while a tenth of the fingerprints is kept. A hit is compared token by token.

use std::cell::Cell;
use std::collections::HashMap;

use autodao_syntax::Span;
use rustc_hash::FxHashMap;

use super::survey::FileSurvey;
use super::{WorkspaceFile, finding, name_of};
use crate::rules::{DUPLICATE_BLOCK, DUPLICATE_FUNCTION};
use crate::{Catalog, Finding, Severity};

const GRAM: usize = 40;
const WINDOW: usize = 21;
/// What [`GRAM`] and [`WINDOW`] are sure to find.
const LEAST_TOKENS: usize = GRAM + WINDOW - 1;
/// How many places with one fingerprint are compared: what repeats more often is a table.
const CANDIDATES: usize = 32;
/// How many tokens of a file are compared with others, for each it has: a text that repeats itself all over would
/// take the square of its size otherwise.
const COMPARED: usize = 64;
/// How many statements a body that is worth a word has at least.
const LEAST_STATEMENTS: u32 = 3;

/// A run of tokens of one file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Run {
    file: usize,
    start: usize,
    len: usize,
}

pub(super) fn find(files: &[WorkspaceFile<'_>], findings: &mut [Vec<Finding>]) {
    let functions = equal_functions(files, findings);
    blocks(files, &functions, findings);
}

/// Reports functions with equal bodies; returns the bodies that were reported.
fn equal_functions(files: &[WorkspaceFile<'_>], findings: &mut [Vec<Finding>]) -> Vec<Run> {
    let mut by_body: HashMap<&[u32], Vec<(usize, usize)>> = HashMap::new();
    let mut order: Vec<&[u32]> = Vec::new();
    for (file, survey) in files.iter().map(|file| file.survey).enumerate() {
        for (index, function) in survey.functions.iter().enumerate() {
            if function.statements >= LEAST_STATEMENTS {
                let body = &survey.tokens[function.first as usize..function.end as usize];
                let known = by_body.entry(body).or_default();
                if known.is_empty() {
                    order.push(body);
                }
                known.push((file, index));
            }
        }
    }
    let mut reported = Vec::new();
    for body in order {
        let equal = &by_body[body];
        let Some(((first_file, first), others)) =
            equal.split_first().filter(|(_, others)| !others.is_empty())
        else {
            continue;
        };
        let original = &files[*first_file].survey.functions[*first];
        for (file, index) in others {
            let function = &files[*file].survey.functions[*index];
            let line = files[*first_file].survey.line_of(original.name_span.start) + 1;
            let place = place(files, *first_file, *file, line);
            let message = format!("`{}` does the same as `{}` ({place})", function.name, original.name);
            findings[*file].extend(finding(&files[*file], DUPLICATE_FUNCTION, function.name_span, message));
        }
        reported.extend(equal.iter().map(|(file, index)| {
            let function = &files[*file].survey.functions[*index];
            let (start, end) = (function.first as usize, function.end as usize);
            Run { file: *file, start, len: end - start }
        }));
    }
    reported
}

fn place(files: &[WorkspaceFile<'_>], there: usize, here: usize, line: u32) -> String {
    if there == here {
        format!("line {line}")
    } else {
        format!("{}:{line}", name_of(files[there].path, files[here].path))
    }
}

/// Reports copied blocks; one that lies in an equal function is left to what was said of that.
fn blocks(files: &[WorkspaceFile<'_>], functions: &[Run], findings: &mut [Vec<Finding>]) {
    let mut seen: FxHashMap<u64, Vec<(u32, u32)>> = FxHashMap::default();
    let mut copied: Vec<Vec<Run>> = files.iter().map(|_| Vec::new()).collect();
    for run in functions {
        copied[run.file].push(*run);
    }
    for (file, survey) in files.iter().map(|file| file.survey).enumerate() {
        let least_lines = option(files, file, "lines");
        let least_tokens = option(files, file, "tokens").max(LEAST_TOKENS as u32) as usize;
        let mut covered_to = 0;
        let left = Cell::new(COMPARED * survey.tokens.len());
        for (hash, start) in fingerprints(&survey.tokens) {
            let candidates = seen.entry(hash).or_default();
            if start >= covered_to {
                let here = Run { file, start, len: GRAM };
                let compared = candidates.iter().take_while(|_| left.get() > 0);
                let matches = compared.filter_map(|(there, at)| {
                    let there = Run { file: *there as usize, start: *at as usize, len: GRAM };
                    let found = extended(files, there, here, covered_to);
                    left.set(left.get().saturating_sub(found.map_or(0, |(_, here)| here.len)));
                    found
                });
                let longest = matches.max_by_key(|(_, here)| here.len);
                if let Some((there, here)) = longest.filter(|(_, here)| here.len >= least_tokens)
                    && let Some((there, here)) = whole_lines(survey, there, here)
                    && lines(survey, here) >= least_lines
                {
                    covered_to = here.start + here.len;
                    let is_long = here.len >= option(files, file, "long") as usize;
                    report(files, here, there, !is_long, &mut copied, findings);
                    report(files, there, here, true, &mut copied, findings);
                }
            }
            if candidates.len() < CANDIDATES {
                candidates.push((file as u32, start as u32));
            }
        }
    }
}

fn option(files: &[WorkspaceFile<'_>], file: usize, name: &str) -> u32 {
    let rule = Catalog::builtin().find(DUPLICATE_BLOCK).map(|(id, _)| id);
    rule.and_then(|rule| files[file].profile.option(rule, name)).unwrap_or_default()
}

/// Reports one of two copies, unless most of it was reported before. A `mild` finding is no warning: the first of
/// two copies is as good a place for the code as any.
fn report(
    files: &[WorkspaceFile<'_>],
    here: Run,
    there: Run,
    mild: bool,
    copied: &mut [Vec<Run>],
    findings: &mut [Vec<Finding>],
) {
    let common = |known: &Run| {
        let end = (known.start + known.len).min(here.start + here.len);
        end.saturating_sub(known.start.max(here.start))
    };
    let known: usize = copied[here.file].iter().map(common).sum();
    if known * 2 > here.len {
        return;
    }
    copied[here.file].push(here);
    let survey = files[here.file].survey;
    let other = files[there.file].survey;
    let first = other.line_of(other.spans[there.start].start) + 1;
    let message = format!(
        "{} lines are the same as at {}",
        lines(survey, here),
        place(files, there.file, here.file, first)
    );
    // The whole block underlined would hide what else is said of it: its first line stands for it.
    let start = survey.spans[here.start].start;
    let row = survey.line_of(start);
    let on_row = survey.spans[here.start..here.start + here.len]
        .iter()
        .take_while(|span| survey.line_of(span.start) == row);
    let end = on_row.last().map_or(start, |span| span.end);
    let mut found = finding(&files[here.file], DUPLICATE_BLOCK, Span::new(start, end), message);
    if let Some(found) = found.as_mut().filter(|_| mild) {
        found.at_most(Severity::Information);
    }
    findings[here.file].extend(found);
}

/// How many lines a run is on.
fn lines(survey: &FileSurvey, run: Run) -> u32 {
    let (first, last) = (survey.spans[run.start], survey.spans[run.start + run.len - 1]);
    survey.line_of(last.end.max(1) - 1) - survey.line_of(first.start) + 1
}

/// Two places with one fingerprint, as far as they are equal to both sides. `None` when they are not, or overlap.
fn extended(files: &[WorkspaceFile<'_>], there: Run, here: Run, floor: usize) -> Option<(Run, Run)> {
    let (a, b) = (&files[there.file].survey.tokens, &files[here.file].survey.tokens);
    let (mut i, mut j) = (there.start, here.start);
    if a[i..i + GRAM] != b[j..j + GRAM] {
        return None;
    }
    let (mut a_end, mut b_end) = (i + GRAM, j + GRAM);
    // In one file the first copy ends where the second begins.
    let a_limit = if there.file == here.file { here.start } else { a.len() };
    if a_end > a_limit {
        return None;
    }
    while a_end < a_limit && b_end < b.len() && a[a_end] == b[b_end] {
        a_end += 1;
        b_end += 1;
    }
    while i > 0 && j > floor && a[i - 1] == b[j - 1] && (there.file != here.file || a_end < j) {
        i -= 1;
        j -= 1;
    }
    let len = b_end - j;
    Some((Run { file: there.file, start: i, len }, Run { file: here.file, start: j, len }))
}

/// The part of a copy that is whole lines: the end of a line before and the start of one behind are alike by
/// chance.
fn whole_lines(survey: &FileSurvey, there: Run, here: Run) -> Option<(Run, Run)> {
    let row = |index: usize| survey.spans.get(index).map(|span| survey.line_of(span.start));
    let (mut start, mut end) = (here.start, here.start + here.len);
    while start < end && start > 0 && row(start - 1) == row(start) {
        start += 1;
    }
    while end > start && row(end) == row(end - 1) {
        end -= 1;
    }
    let there = Run { start: there.start + (start - here.start), len: end - start, ..there };
    (end > start).then_some((there, Run { start, len: end - start, ..here }))
}

/// The kept fingerprints of a text, with where they begin.
fn fingerprints(tokens: &[u32]) -> Vec<(u64, usize)> {
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
    if tokens.len() < GRAM {
        return Vec::new();
    }
    let mut highest = 1_u64;
    for _ in 1..GRAM {
        highest = highest.wrapping_mul(BASE);
    }
    let mut hash = 0_u64;
    let mut hashes = Vec::with_capacity(tokens.len() - GRAM + 1);
    for (index, token) in tokens.iter().enumerate() {
        if index >= GRAM {
            let first = u64::from(tokens[index - GRAM]).wrapping_mul(highest);
            hash = hash.wrapping_sub(first);
        }
        hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(*token));
        if index + 1 >= GRAM {
            // The low bits of a product depend on few bits of its factors.
            hashes.push(hash ^ (hash >> 29));
        }
    }
    let mut kept: Vec<(u64, usize)> = Vec::with_capacity(hashes.len() / 8);
    let mut least = 0;
    for end in 0..hashes.len() {
        let start = (end + 1).saturating_sub(WINDOW);
        if least < start {
            least = start;
            for index in start..=end {
                if hashes[index] <= hashes[least] {
                    least = index;
                }
            }
        } else if hashes[end] < hashes[least] {
            least = end;
        }
        if end + 1 >= WINDOW.min(hashes.len()) && kept.last().is_none_or(|(_, at)| *at != least) {
            kept.push((hashes[least], least));
        }
    }
    kept
}
