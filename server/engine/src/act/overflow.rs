//! A prompt that was too long for its model: the same with less context, by the provider's own numbers.

use autodao_providers::{Error, ErrorKind, Request};
use autodao_templates::Finding;

use super::ask::request_tokens;
use super::plan::{Plan, fill, pieces_of};

/// What is kept free for what providers count and we do not see: a twentieth.
const MARGIN: u64 = 20;

impl Plan {
    /// The request with as much less context as an overflow asks for; `None` when the error is another one, or there
    /// is nothing to leave out that would do.
    pub(crate) fn trimmed(&self, error: &Error) -> Option<Request> {
        let ErrorKind::ContextOverflow { limit, asked } = error.kind else { return None };
        let sent = request_tokens(&self.request());
        // What the provider counts for each token we count.
        let ratio = asked.map_or(1.0, |asked| (asked as f64 / sent.max(1) as f64).clamp(0.5, 4.0));
        let room = limit.map(|limit| {
            let input = limit.saturating_sub(self.estimate.output).saturating_sub(limit / MARGIN);
            (input as f64 / ratio) as u64
        });
        // The names of the workspace go before all else.
        let mut keep = self.context.pieces.len() + usize::from(self.known.is_some());
        while keep > 0 {
            // What is the target's own stands last: what is general goes first.
            keep -= 1;
            let mut request = self.request();
            let user = self.with_context(keep)?;
            request.messages.first_mut()?.text = user;
            let input = request_tokens(&request);
            match room {
                Some(room) if input > room && keep > 0 => continue,
                Some(room) if input > room => return None,
                // Without numbers: all of the context goes.
                None if keep > 0 => continue,
                _ => {}
            }
            if let Some(limit) = limit {
                let left = limit.saturating_sub((input as f64 * ratio) as u64);
                let most = u32::try_from(left).unwrap_or(u32::MAX).max(1);
                request.max_output_tokens = request.max_output_tokens.min(most);
            }
            return Some(request);
        }
        None
    }

    /// The prompt's varying half with only the last pieces of the context, as it is sent.
    fn with_context(&self, keep: usize) -> Option<String> {
        let pieces = pieces_of(&self.context.pieces[self.context.pieces.len() - keep..]);
        let findings: Vec<_> = self
            .context
            .findings
            .iter()
            .map(|finding| Finding { line: finding.line, rule: &finding.rule, message: &finding.message })
            .collect();
        let said = (self.shown_path.as_str(), self.instruction.as_str());
        let rendered = fill(&self.template, self.form, &self.task, &self.context, (&pieces, &findings), said);
        Some(self.redaction.redact(&rendered.ok()?.user))
    }
}
