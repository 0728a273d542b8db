//! What a reply is held to, for edits and for the tests of templates alike.

use std::sync::Arc;

use autodao_edits::{
    Checks, Names, Outcome as Checked, QualityBaseline, Refusal, Reply, Request as EditRequest, propose,
};
use autodao_providers::{Message, Request};
use autodao_quality::{FileRole, Profile};
use autodao_redaction::Redaction;
use autodao_syntax::SyntaxParser;

use super::ask::Answer;
use super::trust::reveal;

/// How many times a model is asked about one edit: once, and once to repair.
pub(crate) const ROUNDS: u32 = 2;

/// What refuses a reply that does not have the secrets of its prompt as they were given.
pub(crate) const SECRETS: &str = "secrets";

/// What replies to one request are held to.
pub(crate) struct Examination<'a> {
    pub(crate) edit: &'a EditRequest,
    /// What was taken out of the prompt.
    pub(crate) redaction: &'a Redaction,
    /// What the findings of the file are compared by; `None` for a new file.
    pub(crate) quality: Option<(Arc<Profile>, FileRole)>,
}

impl Examination<'_> {
    /// What comes of a reply. The error says why the secrets of the prompt cannot be put back. Takes milliseconds, on
    /// a file of 11,000 lines tens of them.
    pub(crate) fn of(&self, answer: &Answer, names: Option<&dyn Names>) -> Result<Checked, String> {
        let text = reveal(self.redaction, &answer.text)?;
        let reply = Reply { text: &text, ending: answer.ending };
        Ok(self.judge(names, |checks| propose(self.edit, &reply, checks)))
    }

    /// Judges with the text as it was before at hand.
    pub(crate) fn judge(
        &self,
        names: Option<&dyn Names>,
        judge: impl FnOnce(&mut Checks<'_>) -> Checked,
    ) -> Checked {
        let mut parser = SyntaxParser::default();
        let mut quality = self
            .quality
            .as_ref()
            .map(|(profile, role)| QualityBaseline::new(&self.edit.site, Arc::clone(profile), *role));
        judge(&mut Checks { parser: &mut parser, names, quality: quality.as_mut() })
    }

    /// Adds to a request what a model is told of an answer that was refused.
    pub(crate) fn tell(&self, request: &mut Request, answer: String, refusal: &Refusal) {
        request.messages.push(Message::assistant(answer));
        let repair = refusal.repair_prompt(self.edit.contract);
        request.messages.push(Message::user(self.redaction.redact(&repair)));
    }
}
