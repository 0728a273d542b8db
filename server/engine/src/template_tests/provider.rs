//! The model that tests of templates ask, and how many tokens they may still take.

use autodao_providers::Request;

use super::prepared::{Halt, spent};
use crate::act::{Answer, Assistant, Model, request_tokens};
use crate::config::AiSettings;

/// What an estimate of a prompt's tokens may be too small by: providers add some of their own.
const MARGIN: u64 = 16;

/// A model to ask, within a budget.
pub(super) struct Provider {
    assistant: Assistant,
    settings: AiSettings,
    model: Option<Model>,
    left: Option<u64>,
}

impl Provider {
    pub(super) fn new(settings: AiSettings, budget: Option<u64>) -> Self {
        Self { assistant: Assistant::new(None), settings, model: None, left: budget }
    }

    /// The model that is asked first of those configured.
    pub(super) fn model(&mut self) -> Result<Model, String> {
        if let Some(model) = &self.model {
            return Ok(model.clone());
        }
        let model = self.assistant.models_with_keys(&self.settings)?.into_iter().next().ok_or("no model")?;
        self.model = Some(model.clone());
        Ok(model)
    }

    /// Asks, unless the answer might take more than is left.
    pub(super) fn ask(&mut self, request: &Request) -> Result<Answer, Halt> {
        let model = self.model().map_err(Halt::Failed)?;
        if let Some(left) = self.left {
            let input = self.assistant.input_tokens(&model, request_tokens(request));
            let most = input + input / 8 + MARGIN + u64::from(request.max_output_tokens);
            if most > left {
                return Err(Halt::Budget);
            }
        }
        let answer = self.assistant.sample(&self.settings, &model, request.clone()).map_err(Halt::Failed)?;
        self.left = self.left.map(|left| left.saturating_sub(spent(request, &answer)));
        Ok(answer)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // What was asked is in the ledger before the program ends.
        self.assistant.close();
    }
}
