//! Recorded replies: played again, recorded, and given the keys of what they are the answer to.

use std::path::Path;

use autodao_edits::Ending;
use autodao_providers::Usage;
use autodao_templates::{Came, Case, Cassette, Made, Replay, Reported, Template, Turn};

use super::TemplateTests;
use super::prepared::{Halt, Prepared, key};
use crate::act::Answer;

/// How replies end, by their names in cassettes.
const ENDINGS: [(Ending, &str); 8] = [
    (Ending::Complete, "complete"),
    (Ending::Unreported, "unreported"),
    (Ending::Length, "length"),
    (Ending::Refused, "refused"),
    (Ending::Filtered, "filtered"),
    (Ending::Cut, "cut"),
    (Ending::Cancelled, "cancelled"),
    (Ending::ToolUse, "tool-use"),
];

/// What a played cassette came to.
pub(super) enum Played {
    /// This.
    Came(Came),
    /// Nothing: it is the answer to something else.
    Stale(String),
}

impl TemplateTests {
    /// Plays a reply again, recorded first where that is missing and asked for.
    pub(super) fn replay(
        &mut self,
        folder: &Path,
        template: &Template,
        case: &Case,
        replay: &Replay,
    ) -> Result<(), Vec<String>> {
        let said = |why: String| vec![why];
        let form = case.form(replay.contract, template);
        let form = form.ok_or_else(|| said("the template has no such contract".to_owned()))?;
        let prepared = Prepared::of(template, case, form).map_err(said)?;
        let path = Cassette::path(folder, &case.name, &replay.name);
        let records = self.options.record;
        let mut known = Cassette::read(&path).map_err(said)?;
        let before = known.clone();
        let played = match &mut known {
            Some(cassette) => play(&prepared, cassette, self.options.update).map_err(said)?,
            None => Played::Stale(format!(
                "there is no {}: run with --record, or write one by hand and run with --update",
                path.file_name().unwrap_or_default().to_string_lossy()
            )),
        };
        let by_hand = known.as_ref().is_some_and(|cassette| cassette.made == Made::ByHand);
        let came = match played {
            Played::Came(came) => {
                if let Some(cassette) = known.as_ref().filter(|_| known != before) {
                    cassette.write(&path).map_err(said)?;
                }
                came
            }
            Played::Stale(_) if records && !by_hand => {
                let (cassette, came) = self.record(&prepared).map_err(said)?;
                cassette.write(&path).map_err(said)?;
                came
            }
            Played::Stale(why) => return Err(said(why)),
        };
        let failures = replay.wanted.failures(&came);
        if failures.is_empty() { Ok(()) } else { Err(failures) }
    }

    /// Has a model answer, and keeps what it says.
    fn record(&mut self, prepared: &Prepared) -> Result<(Cassette, Came), String> {
        let provider = self.provider.as_mut().ok_or("no model is asked here")?;
        let mut cassette = Cassette::of(Made::Recorded, &provider.model()?.endpoint.model);
        let came = prepared.converse(&mut |_, request| {
            let answer = provider.ask(request)?;
            let usage = answer.usage.filter(Usage::reported);
            cassette.turns.push(Turn {
                sha256: key(&cassette.model, request).to_string(),
                reply: answer.text.clone(),
                ending: ending_name(answer.ending).to_owned(),
                tokens: usage.map(|usage| Reported { input: usage.input, output: usage.output }),
            });
            Ok(Some(answer))
        });
        match came {
            Ok(came) => Ok((cassette, came)),
            Err(Halt::Budget) => Err("the budget of tokens ends before it is recorded".to_owned()),
            Err(Halt::Failed(why)) => Err(why),
        }
    }
}

/// Plays a cassette. `update`: what was written by hand becomes the answer to what is asked now. The error says why it
/// is none that can be played.
pub(super) fn play(prepared: &Prepared, cassette: &mut Cassette, update: bool) -> Result<Played, String> {
    let mut used = 0;
    let mut stale = None;
    let is_by_hand = cassette.made == Made::ByHand;
    let came = prepared.converse(&mut |turn, request| {
        used = turn + 1;
        let asked = key(&cassette.model, request).to_string();
        let Some(known) = cassette.turns.get_mut(turn) else {
            // Somebody who writes a bad reply need not write what comes of it.
            if !is_by_hand {
                stale = Some(format!("reply {} was not recorded: record it anew", turn + 1));
            }
            return Ok(None);
        };
        if known.sha256 != asked {
            if !(update && is_by_hand) {
                let how = if is_by_hand { "look at it and run with --update" } else { "run with --record" };
                let why = format!("reply {} is the answer to another prompt: {how}", turn + 1);
                stale = Some(why.clone());
                return Err(Halt::Failed(why));
            }
            known.sha256 = asked;
        }
        let ending = ENDINGS.iter().find(|(_, name)| *name == known.ending);
        let Some((ending, _)) = ending else {
            return Err(Halt::Failed(format!("`{}` is no way for a reply to end", known.ending)));
        };
        let usage = known.tokens.map(|tokens| Usage {
            input: tokens.input,
            output: tokens.output,
            input_reported: true,
            output_reported: true,
            ..Usage::default()
        });
        Ok(Some(Answer { text: known.reply.clone(), ending: *ending, usage }))
    });
    if let Some(why) = stale {
        return Ok(Played::Stale(why));
    }
    match came {
        Ok(_) if cassette.turns.len() > used => {
            Ok(Played::Stale(format!("reply {} is asked for no more: record it anew", used + 1)))
        }
        Ok(came) => Ok(Played::Came(came)),
        Err(Halt::Budget) => Err("the budget of tokens ends before it".to_owned()),
        Err(Halt::Failed(why)) => Err(why),
    }
}

fn ending_name(ending: Ending) -> &'static str {
    ENDINGS.iter().find(|(known, _)| *known == ending).map_or("complete", |(_, name)| name)
}
