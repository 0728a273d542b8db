//! One reply of a model, for a test: no edit, but what it takes counts.

use std::sync::Arc;
use std::time::Instant;

use autodao_providers::Request;
use tokio::sync::watch;

use super::ask::{Answer, Asking, NoAnswer, ask, request_tokens};
use super::assistant::Assistant;
use super::estimate::Estimate;
use super::models::{Model, Models};
use super::record::Record;
use crate::config::AiSettings;

impl Assistant {
    /// The models that would be asked, with the keys that commands of the user say.
    pub(crate) fn models_with_keys(&self, settings: &AiSettings) -> Models {
        self.shared.keys.ask(settings);
        self.models(settings)
    }

    /// Asks one model, within the user's budgets, and waits for the whole answer. The error says in a line why there
    /// is none.
    pub(crate) fn sample(
        &self,
        settings: &AiSettings,
        model: &Model,
        request: Request,
    ) -> Result<Answer, String> {
        let runtime = self.runtime().ok_or("no thread for AI edits")?;
        let shared = &self.shared;
        let request = Arc::new(request);
        let input = self.input_tokens(model, request_tokens(&request));
        let estimate = Estimate::new(input, u64::from(request.max_output_tokens), model, shared.prices());
        let (client, limits) = (shared.client(), settings.budget.limits());
        runtime.block_on(async {
            let mut record = Record::of_test(shared.ledger.clone(), shared.prices(), Instant::now());
            let (_stop, mut cancel) = watch::channel(false);
            let asking = Asking {
                client: &client,
                breakers: &shared.breakers,
                models: std::slice::from_ref(model),
                prices: shared.prices(),
                limits: &limits,
                estimate,
                ratios: &shared.ratios,
                kept: None,
                heard: &|_| {},
                warned: &|warning| tracing::warn!("{warning}"),
            };
            ask(request, &mut record, &mut cancel, &asking).await.map_err(|why| match why {
                NoAnswer::Failed(error) => error.to_string(),
                NoAnswer::Budget(over) => over,
                NoAnswer::Cancelled => "cancelled".to_owned(),
            })
        })
    }

    /// How many tokens a model will count where so many were counted here.
    pub(crate) fn input_tokens(&self, model: &Model, counted: u64) -> u64 {
        self.shared.ratios.input(&model.endpoint, counted)
    }
}
