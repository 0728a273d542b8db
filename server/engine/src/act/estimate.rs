//! What an edit will take, said before a token is spent.

use autodao_providers::{PriceTable, Usage, estimate};

use super::models::Model;

/// Texts above this many bytes are not read to be estimated.
const READ: usize = 16 << 10;

/// What an edit is expected to take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Estimate {
    /// Tokens of the prompt.
    pub input: u64,
    /// Tokens of the reply.
    pub output: u64,
    /// Millionths of a US dollar; `None` when no price is known.
    pub cost_micros: Option<u64>,
}

impl Estimate {
    /// An estimate for a model.
    pub(crate) fn new(input: u64, output: u64, model: &Model, prices: &PriceTable) -> Self {
        let usage = Usage { input, output, ..Usage::default() };
        Self { input, output, cost_micros: prices.cost_micros(&model.endpoint, &usage) }
    }

    /// An estimate of a request in a batch.
    pub(crate) fn in_batch(input: u64, output: u64, model: &Model, prices: &PriceTable) -> Self {
        let usage = Usage { input, output, ..Usage::default() };
        Self { input, output, cost_micros: prices.batch_cost_micros(&model.endpoint, &usage) }
    }

    /// For a title: `~640 tokens, <0.1 ct`.
    pub fn label(&self) -> String {
        let tokens = rounded(self.input + self.output);
        match self.cost_micros {
            Some(0) => format!("~{tokens} tokens, free"),
            Some(micros) => format!("~{tokens} tokens, {}", cents(micros)),
            None => format!("~{tokens} tokens, price unknown"),
        }
    }
}

/// Two digits say all that an estimate knows.
fn rounded(tokens: u64) -> u64 {
    let unit = 10_u64.pow(tokens.max(1).ilog10().saturating_sub(1));
    tokens.div_ceil(unit) * unit
}

/// An amount in US cents.
pub(crate) fn cents(micros: u64) -> String {
    match micros {
        0..1_000 => "<0.1 ct".to_owned(),
        1_000..100_000 => format!("{:.1} ct", micros as f64 / 10_000.0),
        _ => format!("{:.0} ct", micros as f64 / 10_000.0),
    }
}

/// About how many tokens a text has; of a long one by its length alone.
pub(crate) fn tokens_of(text: &str) -> u64 {
    if text.len() <= READ { estimate(text) } else { text.len() as u64 / 4 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_says_no_more_than_is_known() {
        let label = |input, output, cost_micros| Estimate { input, output, cost_micros }.label();
        assert_eq!(label(500, 131, Some(820)), "~640 tokens, <0.1 ct");
        assert_eq!(label(7, 0, Some(0)), "~7 tokens, free");
        assert_eq!(label(20_000, 3_401, Some(123_456)), "~24000 tokens, 12 ct");
        assert_eq!(label(900, 99, Some(4_200)), "~1000 tokens, 0.4 ct");
        assert_eq!(label(1, 1, None), "~2 tokens, price unknown");
    }
}
