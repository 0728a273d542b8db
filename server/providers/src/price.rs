//! What tokens cost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Capabilities, Endpoint, Usage, Vendor};

/// Prices in millionths of a US dollar for a million tokens. The number is also that of picodollars for one token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Input that is not cached.
    pub input: u64,
    /// Output, reasoning included.
    pub output: u64,
    /// Input read from the cache. As `input` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<u64>,
    /// Input written to the cache. As `input` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<u64>,
    /// Input written to be kept for an hour. As `cache_write` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<u64>,
    /// Prices for long prompts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long: Option<LongPrice>,
    /// Tokens of the prompt; with some models of prompt and answer together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u32>,
    /// Tokens of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_output: Option<u32>,
    /// Shorter prompts are not cached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_minimum: Option<u32>,
}

/// Prices of all tokens of a request whose prompt is longer than `above` tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongPrice {
    /// The most tokens at the usual price.
    pub above: u64,
    /// As in [`Price`].
    pub input: u64,
    /// As in [`Price`].
    pub output: u64,
    /// As in [`Price`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<u64>,
}

impl Price {
    /// What a usage costs, in millionths of a US dollar, rounded up: what is not free never becomes 0.
    pub fn cost_micros(&self, usage: &Usage) -> u64 {
        let (mut input, mut output, mut cached) = (self.input, self.output, self.cached_input);
        let mut write = self.cache_write.unwrap_or(input);
        let mut write_1h = self.cache_write_1h.unwrap_or(write);
        if let Some(long) = self.long.as_ref().filter(|long| usage.input > long.above) {
            // Writing is dearer by the same factor.
            let scale =
                |price: u64| (u128::from(price) * u128::from(long.input)).checked_div(u128::from(input));
            let scaled =
                |price: u64| scale(price).and_then(|price| u64::try_from(price).ok()).unwrap_or(price);
            (write, write_1h) = (scaled(write), scaled(write_1h));
            (input, output, cached) = (long.input, long.output, long.cached_input.or(cached));
        }
        let parts = [
            (usage.fresh_input(), input),
            (usage.cached_input, cached.unwrap_or(input)),
            (usage.cache_write.saturating_sub(usage.cache_write_1h), write),
            (usage.cache_write_1h, write_1h),
            (usage.output, output),
        ];
        let picos = parts
            .iter()
            .map(|(tokens, price)| u128::from(*tokens) * u128::from(*price))
            .fold(0_u128, u128::saturating_add);
        u64::try_from(picos.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

/// A table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PriceTableError {
    /// It is no JSON of this form.
    #[error("no table of prices: {0}")]
    Form(#[from] serde_json::Error),
    /// It is too large to be one.
    #[error("a table of prices has at most {MOST_BYTES} bytes")]
    TooLarge,
    /// It has lost most of what the bundled one has: a truncated or wrong file.
    #[error("the table has {has} models where {expected} are expected; it is not taken")]
    Shrunk {
        /// Its models.
        has: usize,
        /// Half of the bundled table's.
        expected: usize,
    },
}

const MOST_BYTES: usize = 4 << 20;
const BUNDLED: &str = include_str!("../data/prices.json");

/// Prices by vendor and model, with the date they were taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceTable {
    /// The day the prices were taken, as `YYYY-MM-DD`.
    pub date: String,
    /// Where they come from.
    pub source: String,
    /// The licence of the source.
    #[serde(default)]
    pub license: String,
    /// What a request in a batch costs, in percent of the usual price, by vendor name. A vendor that is not named has
    /// no batches, or nobody knows what they cost.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    batch_percent: BTreeMap<String, u8>,
    /// Models by vendor name ([`Vendor::name`]).
    models: BTreeMap<String, BTreeMap<String, Price>>,
}

impl PriceTable {
    /// The table that is part of the program.
    ///
    /// # Errors
    /// Never; a test reads it.
    pub fn bundled() -> Result<Self, PriceTableError> {
        Ok(serde_json::from_str(BUNDLED)?)
    }

    /// Reads a table that is to take the place of the bundled one.
    ///
    /// # Errors
    /// It is no table, too large, or has less than half of the bundled table's models.
    pub fn replacing_bundled(json: &[u8]) -> Result<Self, PriceTableError> {
        if json.len() > MOST_BYTES {
            return Err(PriceTableError::TooLarge);
        }
        let table: Self = serde_json::from_slice(json)?;
        let expected = Self::bundled()?.len() / 2;
        if table.len() < expected {
            return Err(PriceTableError::Shrunk { has: table.len(), expected });
        }
        Ok(table)
    }

    /// Reads a table that goes over another one: it may have as few models as it likes.
    ///
    /// # Errors
    /// It is no table, or too large.
    pub fn overriding(json: &[u8]) -> Result<Self, PriceTableError> {
        if json.len() > MOST_BYTES {
            return Err(PriceTableError::TooLarge);
        }
        Ok(serde_json::from_slice(json)?)
    }

    /// Takes another table's prices where it has some. The date becomes that of the later one.
    pub fn override_with(&mut self, other: Self) {
        if other.date > self.date {
            self.date = other.date;
        }
        self.batch_percent.extend(other.batch_percent);
        for (vendor, models) in other.models {
            self.models.entry(vendor).or_default().extend(models);
        }
    }

    /// Sets a price, e.g. the user's own.
    pub fn set(&mut self, vendor: Vendor, model: &str, price: Price) {
        self.models.entry(vendor.name().to_owned()).or_default().insert(model.to_owned(), price);
    }

    /// A model's price. Names are tried as they are and without a date or `latest` at the end, never by likeness:
    /// a wrong price is worse than none. `None` is unknown, not free.
    pub fn find(&self, vendor: Vendor, model: &str) -> Option<&Price> {
        let models = self.models.get(vendor.name())?;
        let model = model.strip_prefix("models/").unwrap_or(model);
        models.get(model).or_else(|| models.get(without_date(model)?))
    }

    /// What a usage cost at an endpoint, in millionths of a US dollar: what the provider reported, else by this
    /// table; 0 for a local endpoint. `None` if it is not known.
    pub fn cost_micros(&self, endpoint: &Endpoint, usage: &Usage) -> Option<u64> {
        if usage.cost_reported_micros.is_some() {
            return usage.cost_reported_micros;
        }
        match self.price_of(endpoint) {
            Some(price) => Some(price.cost_micros(usage)),
            None => endpoint.is_local.then_some(0),
        }
    }

    /// What a usage cost in a batch: as [`Self::cost_micros`], at the vendor's price for batches. `None` where that is
    /// not known: the usual price would be wrong, and half of it a guess.
    pub fn batch_cost_micros(&self, endpoint: &Endpoint, usage: &Usage) -> Option<u64> {
        if usage.cost_reported_micros.is_some() || endpoint.is_local && self.price_of(endpoint).is_none() {
            return self.cost_micros(endpoint, usage);
        }
        let percent = self.batch_percent.get(endpoint.vendor.name())?;
        let micros = u128::from(self.price_of(endpoint)?.cost_micros(usage)) * u128::from(*percent);
        u64::try_from(micros.div_ceil(100)).ok()
    }

    fn price_of(&self, endpoint: &Endpoint) -> Option<&Price> {
        self.find(endpoint.vendor, &endpoint.model)
    }

    /// Fills in what the table knows of a model's limits.
    pub fn complete(&self, vendor: Vendor, model: &str, capabilities: &mut Capabilities) {
        let Some(price) = self.find(vendor, model) else { return };
        capabilities.context_window = price.context_window.or(capabilities.context_window);
        capabilities.max_output = price.max_output.or(capabilities.max_output);
        capabilities.cache_minimum = price.cache_minimum.or(capabilities.cache_minimum);
    }

    /// All prices, with vendor name and model.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Price)> {
        self.models.iter().flat_map(|(vendor, models)| {
            models.iter().map(move |(model, price)| (vendor.as_str(), model.as_str(), price))
        })
    }

    /// Lets go of the models that are not to be kept, by vendor name and model.
    pub fn keep(&mut self, keeps: impl Fn(&str, &str) -> bool) {
        for (vendor, models) in &mut self.models {
            models.retain(|model, _| keeps(vendor, model));
        }
        self.models.retain(|_, models| !models.is_empty());
    }

    /// How many models have a price.
    pub fn len(&self) -> usize {
        self.models.values().map(BTreeMap::len).sum()
    }

    /// Whether no model has a price.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A name without `-2026-03-05`, `-20260305`, `@20260305` or `-latest` at its end.
fn without_date(model: &str) -> Option<&str> {
    if let Some(name) = model.strip_suffix("-latest") {
        return Some(name);
    }
    let is_pattern = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text.bytes().zip(pattern.bytes()).all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                b'@' => byte == b'@' || byte == b'-',
                _ => byte == wanted,
            })
    };
    ["@0000-00-00", "@00000000"].iter().find_map(|pattern| {
        let at = model.len().checked_sub(pattern.len())?;
        let (name, date) = model.split_at_checked(at)?;
        is_pattern(date, pattern).then_some(name)
    })
}
