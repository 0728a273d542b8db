//! A case of a template's tests as the pipeline has an edit: what is sent, and what replies are held to.

use std::path::Path;
use std::sync::Arc;

use autodao_edits::{Outcome as Checked, QualityDelta, Request as EditRequest, Site};
use autodao_providers::{Request, Role};
use autodao_quality::{FileRole, Profile};
use autodao_redaction::Redaction;
use autodao_syntax::{Buffer, Language, Span, SyntaxParser};
use autodao_templates::{Came, Case, ContentHash, Contract, Fate, Question, Template};

use crate::act::{
    Answer, Examination, ROUNDS, SECRETS, conceal, contract_of, max_output, request_of, request_tokens,
    terms_of, tokens_of,
};

/// What one case asks in one form.
pub(super) struct Prepared {
    edit: EditRequest,
    redaction: Redaction,
    quality: Option<(Arc<Profile>, FileRole)>,
    pub(super) request: Request,
}

/// Why a conversation did not come to its end.
pub(super) enum Halt {
    /// The tokens that are left do not do for what comes next.
    Budget,
    /// Anything else, in a line.
    Failed(String),
}

/// Answers the requests of a conversation, by their number from 0; `None` where it is over.
pub(super) type Answers<'a> = &'a mut dyn FnMut(usize, &Request) -> Result<Option<Answer>, Halt>;

impl Prepared {
    pub(super) fn of(template: &Template, case: &Case, form: Contract) -> Result<Self, String> {
        let path = Path::new(case.path());
        let language = Language::from_name(case.language()).or_else(|| Language::from_path(path));
        let language = language.ok_or("the case has no `language` that is known here")?;
        let mut parser = SyntaxParser::default();
        let text = case.file.as_deref().unwrap_or(&case.target);
        let site = if form == Contract::NewFile {
            Site::new_file(&mut parser, language, autodao_edits::LineEnding::Lf)
        } else {
            let target = case.target.trim();
            let mut places = text.match_indices(target).map(|(at, _)| at);
            let (Some(at), None) = (places.next().filter(|_| !target.is_empty()), places.next()) else {
                return Err("`target` is not in `file` exactly once".to_owned());
            };
            let target = Span::new(at as u32, (at + target.len()) as u32);
            Site::parse(&mut parser, Buffer::shared(text), language, 0, target)
        };
        let site = site.map_err(|error| error.to_string())?;
        let rendered = case.with_prompt(|prompt| template.render(form, prompt));
        let rendered = rendered.map_err(|error| error.to_string())?;
        let (prompt, redaction) = conceal(&rendered, template)?;
        let most = max_output(template, form, tokens_of(&case.target));
        // What a user changed in the rules is no matter of a template's tests.
        let profile = Arc::new(Profile::default());
        profile.compile_queries(language);
        let terms = terms_of(template, case.rule(), &profile);
        let quality = (form != Contract::NewFile).then(|| (profile, FileRole::of_path(path, language)));
        let edit = EditRequest { site, contract: contract_of(form), terms };
        Ok(Self { edit, redaction, quality, request: request_of(template, &prompt, most) })
    }

    /// What comes of the answers, one more asked for where a model is told what was wrong with the first.
    pub(super) fn converse(&self, answers: Answers<'_>) -> Result<Came, Halt> {
        let examination =
            Examination { edit: &self.edit, redaction: &self.redaction, quality: self.quality.clone() };
        let mut request = self.request.clone();
        let (mut tokens, mut refused) = (0, None);
        for round in 0..ROUNDS {
            let Some(answer) = answers(round as usize, &request)? else { break };
            tokens += spent(&request, &answer);
            let refusal = |gate: &str, reason: String| Came {
                fate: Fate::Refused,
                gate: gate.to_owned(),
                text: reason,
                parses: false,
                new_findings: 0,
                tokens,
            };
            let checked = match examination.of(&answer, None) {
                Ok(checked) => checked,
                Err(reason) => return Ok(refusal(SECRETS, reason)),
            };
            match checked {
                Checked::Message(text) => {
                    let (fate, gate) = (Fate::Message, String::new());
                    return Ok(Came { fate, gate, text, parses: true, new_findings: 0, tokens });
                }
                Checked::Proposal(proposal) => {
                    let quality = proposal.report.quality.iter().flat_map(QualityDelta::dimensions);
                    return Ok(Came {
                        fate: Fate::Offered,
                        gate: String::new(),
                        parses: self.parses(&proposal.text),
                        new_findings: quality.map(|dimension| dimension.introduced).sum(),
                        text: proposal.text,
                        tokens,
                    });
                }
                Checked::Refusal(found) => {
                    let came = refusal(found.gate.name(), found.reason.clone());
                    if !found.repairable {
                        return Ok(came);
                    }
                    examination.tell(&mut request, answer.text, &found);
                    refused = Some(came);
                }
            }
        }
        refused.ok_or_else(|| Halt::Failed("there is no reply".to_owned()))
    }

    fn parses(&self, text: &str) -> bool {
        let language = self.edit.site.language();
        let tree = SyntaxParser::default().parse_fresh(language, text);
        tree.is_some_and(|tree| !tree.root_node().has_error())
            || !autodao_conformance::is_broken(language, text)
    }
}

/// What a request and its reply took: as the provider says, else as it is counted here.
pub(super) fn spent(request: &Request, answer: &Answer) -> u64 {
    let usage = answer.usage.unwrap_or_default();
    let input = if usage.input_reported { usage.input } else { request_tokens(request) };
    let output = if usage.output_reported { usage.output } else { tokens_of(&answer.text) };
    input + output
}

/// The key of a request to a model.
pub(super) fn key(model: &str, request: &Request) -> ContentHash {
    let role = |role: Role| match role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let said = request.messages.iter().map(|message| (role(message.role), message.text.as_str()));
    let messages: Vec<_> = std::iter::once(("system", request.system.as_str())).chain(said).collect();
    Question {
        model,
        temperature: request.temperature,
        max_tokens: request.max_output_tokens,
        stop: &request.stop,
        messages: &messages,
    }
    .key()
}
