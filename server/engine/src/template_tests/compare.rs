//! One version of a template beside another, on the same cases.

use std::path::Path;

use autodao_templates::{
    Case, Cassette, Level, Measured, PairsResult, Replay, Report, Template, TokensResult, mcnemar,
};

use super::TemplateTests;
use super::live::prepared;
use super::prepared::Prepared;
use super::replay::{Played, play};
use crate::act::known::exact_tokens;

/// The chance of a wrong word on which version is better.
const ALPHA: f64 = 0.05;
/// How many more tokens, in parts of a hundred, are no matter of a patch any more.
const MORE_TOKENS: u64 = 10;

impl TemplateTests {
    /// Compares prompts by their tokens, and outcomes by those that differ. `folder`: the new version's.
    pub(super) fn compare(
        &mut self,
        folder: &Path,
        new: &Template,
        old: &Template,
        cases: &[Case],
        report: &mut Report,
    ) {
        let name = |what: &str| format!("{what} of {} and {}", old.version, new.version);
        match tokens(new, old, cases) {
            Some(tokens) => {
                let is_patch =
                    (new.version.major, new.version.minor) == (old.version.major, old.version.minor);
                let is_more = tokens.new * 100 > tokens.old * (100 + MORE_TOKENS);
                let failures = (is_patch && is_more).then(|| {
                    format!("more than {MORE_TOKENS} % more tokens are no patch: raise the minor version")
                });
                let failures = failures.into_iter().collect();
                report.measure(Level::Compare, &name("tokens"), failures, Measured::Tokens(tokens));
            }
            None => report.skip(Level::Compare, &name("tokens"), "no case renders with both".to_owned()),
        }
        let mut pairs = Vec::new();
        for case in cases {
            for replay in &case.replays {
                let passed = |folder: &Path, template| passes_replay(folder, template, case, replay);
                pairs.push((passed(&old.folder, old), passed(folder, new)));
            }
            pairs.extend(self.live_pairs(old, new, case));
        }
        let left_out = pairs.iter().filter(|(old, new)| old.is_none() || new.is_none()).count() as u64;
        let both: Vec<_> = pairs.into_iter().filter_map(|(old, new)| Some((old?, new?))).collect();
        if both.is_empty() {
            let why = format!("no case has a reply to both; {left_out} have one to one of them, or none");
            return report.skip(Level::Compare, &name("outcomes"), why);
        }
        let only = |wanted| both.iter().filter(|pair| **pair == wanted).count() as u64;
        let (old_only, new_only) = (only((true, false)), only((false, true)));
        let p = mcnemar(old_only, new_only);
        let result = PairsResult { pairs: both.len() as u64, old_only, new_only, left_out, p };
        let is_worse = old_only > new_only && p < ALPHA;
        let failures = is_worse.then(|| "the new version passes less".to_owned()).into_iter().collect();
        report.measure(Level::Compare, &name("outcomes"), failures, Measured::Pairs(result));
    }

    /// Replies that a model gives now to both versions, in turns.
    fn live_pairs(
        &mut self,
        old: &Template,
        new: &Template,
        case: &Case,
    ) -> Vec<(Option<bool>, Option<bool>)> {
        let mut pairs = Vec::new();
        let Some(terms) = case.live.as_ref().filter(|_| self.options.samples > 0) else { return pairs };
        let (Ok(old), Ok(new)) = (prepared(old, case, terms), prepared(new, case, terms)) else {
            return vec![(None, None)];
        };
        for _ in 0..self.options.samples {
            let mut passes =
                |prepared: &Prepared| Some(terms.wanted.failures(&self.sample(prepared).ok()?).is_empty());
            let pair = (passes(&old), passes(&new));
            pairs.push(pair);
            if pair.0.is_none() || pair.1.is_none() {
                break;
            }
        }
        pairs
    }
}

/// Whether a recorded reply to a version comes to what is wanted; `None` where there is none to exactly its prompt.
fn passes_replay(folder: &Path, template: &Template, case: &Case, replay: &Replay) -> Option<bool> {
    let form = case.form(replay.contract, template)?;
    let prepared = Prepared::of(template, case, form).ok()?;
    let mut cassette = Cassette::read(&Cassette::path(folder, &case.name, &replay.name)).ok()??;
    match play(&prepared, &mut cassette, false).ok()? {
        Played::Came(came) => Some(replay.wanted.failures(&came).is_empty()),
        Played::Stale(_) => None,
    }
}

/// Every case in every form that both versions have, rendered with both; `None` where there is none.
fn tokens(new: &Template, old: &Template, cases: &[Case]) -> Option<TokensResult> {
    let mut pairs: Vec<(u64, u64)> = Vec::new();
    for case in cases {
        for &form in case.forms(new) {
            let count = |template: &Template| {
                let rendered = case.with_prompt(|prompt| template.render(form, prompt)).ok()?;
                Some((exact_tokens(&rendered.system) + exact_tokens(&rendered.user)) as u64)
            };
            pairs.extend(count(old).zip(count(new)));
        }
    }
    let differences = || pairs.iter().map(|(old, new)| *new as i64 - *old as i64);
    Some(TokensResult {
        prompts: pairs.len() as u64,
        old: pairs.iter().map(|(old, _)| old).sum(),
        new: pairs.iter().map(|(_, new)| new).sum(),
        least: differences().min()?,
        most: differences().max()?,
    })
}
