//! Whether the models a user has can be reached, and whether they answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use autodao_providers::Request;
use tokio::sync::watch;

use super::ask::{Asking, NoAnswer, ask, request_tokens};
use super::estimate::Estimate;
use super::models::{Model, described};
use super::record::Record;
use super::shared::Shared;
use crate::config::AiSettings;

/// How long an endpoint may take to say which models it has.
const PATIENCE: Duration = Duration::from_secs(15);

/// What is asked to see whether a model answers: as little as possible.
const QUESTION: &str = "Reply with the word OK and nothing else.";
/// Models that reason need some tokens before they say a word.
const ANSWER_TOKENS: u32 = 256;

/// How far to go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// Nothing is sent.
    List,
    /// The endpoint is asked which models it has. Costs nothing.
    Reach,
    /// The model is asked for a word. Costs a few tokens, which are accounted for as any others.
    Ask,
}

/// What is known of one model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Health {
    /// What the user calls it.
    pub name: String,
    /// Its wire format's name.
    pub format: String,
    /// Where it is.
    pub url: String,
    /// Its name there.
    pub model: String,
    /// Whether what is sent stays on this machine.
    pub is_local: bool,
    /// Where its key is from, for the user; `None` without one. Never the key.
    pub key_source: Option<String>,
    /// Millionths of a dollar for a million tokens in and out; `None` is not known.
    pub price: Option<(u64, u64)>,
    /// What came of it: in one line, what works or what to do. `None` when nothing was tried.
    pub result: Option<Result<String, String>>,
}

/// Looks at every model that is described, or at those that are found when none is.
pub(crate) async fn health(shared: &Arc<Shared>, settings: &AiSettings, depth: Depth) -> Vec<Health> {
    tokio::task::block_in_place(|| shared.keys.ask_all(settings));
    let mut found = Vec::new();
    if settings.models.is_empty() {
        match shared.look().await {
            Ok(models) => found.extend(models.into_iter().map(|model| (model.name.clone(), Ok(model)))),
            Err(why) => found.push((String::new(), Err(why))),
        }
    } else {
        let environment = |name: &str| std::env::var(name).ok();
        for (name, model) in &settings.models {
            found.push((name.clone(), described(name, model, shared.prices(), &shared.keys, &environment)));
        }
    }
    let mut all = Vec::new();
    for (name, model) in found {
        all.push(match model {
            Ok(model) => {
                let result = look(shared, settings, &model, depth).await;
                of(shared, &model, result)
            }
            Err(why) => Health {
                name,
                format: String::new(),
                url: String::new(),
                model: String::new(),
                is_local: false,
                key_source: None,
                price: None,
                result: Some(Err(why)),
            },
        });
    }
    all
}

fn of(shared: &Shared, model: &Model, result: Option<Result<String, String>>) -> Health {
    let endpoint = &model.endpoint;
    let price = shared.prices().find(endpoint.vendor, &endpoint.model);
    Health {
        name: model.name.clone(),
        format: endpoint.format.name().to_owned(),
        url: endpoint.base_url.to_string(),
        model: endpoint.model.clone(),
        is_local: model.is_local(),
        key_source: model.key_source.clone().filter(|_| endpoint.key.is_some()),
        price: price.map(|price| (price.input, price.output)).or(model.is_local().then_some((0, 0))),
        result,
    }
}

async fn look(
    shared: &Arc<Shared>,
    settings: &AiSettings,
    model: &Model,
    depth: Depth,
) -> Option<Result<String, String>> {
    let began = Instant::now();
    let client = shared.client();
    match depth {
        Depth::List => None,
        Depth::Reach => Some(match client.models(&model.endpoint, PATIENCE).await {
            Ok(models) => {
                let wanted = &model.endpoint.model;
                // Azure lists models, not deployments.
                let has_it =
                    models.iter().any(|known| known == wanted || known.starts_with(&format!("{wanted}:")));
                let note = if has_it { "" } else { ", this one is not among them" };
                Ok(format!("reached in {} ms, {} models{note}", began.elapsed().as_millis(), models.len()))
            }
            Err(error) => Err(error.to_string()),
        }),
        Depth::Ask => {
            let request = Arc::new(Request::new("", QUESTION, ANSWER_TOKENS));
            let estimate = Estimate::new(request_tokens(&request), 2, model, shared.prices());
            let mut record = Record::of_test(shared.ledger.clone(), shared.prices(), began);
            let (_stop, mut cancel) = watch::channel(false);
            let limits = settings.budget.limits();
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
            Some(match ask(request, &mut record, &mut cancel, &asking).await {
                Ok(answer) => {
                    let said: String = answer.text.trim().chars().take(40).collect();
                    Ok(format!("answered in {} ms: {said}", began.elapsed().as_millis()))
                }
                Err(NoAnswer::Failed(error)) => Err(error.to_string()),
                Err(NoAnswer::Budget(over)) => Err(over),
                Err(NoAnswer::Cancelled) => Err("cancelled".to_owned()),
            })
        }
    }
}
