//! What may be spent, as a user sets it.

use autodao_ledger::{Limit, Over, Scope, Unit};

/// A key of `budget` that sets a limit.
pub(super) struct BudgetKey {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    scope: Scope,
    over: Over,
    pub(super) unit: Unit,
}

const fn key(name: &'static str, what: &'static str, scope: Scope, (over, unit): (Over, Unit)) -> BudgetKey {
    BudgetKey { name, what, scope, over, unit }
}

const DAY_DOLLARS: (Over, Unit) = (Over::Day, Unit::Micros);
const MONTH_DOLLARS: (Over, Unit) = (Over::Month, Unit::Micros);
const DAY_TOKENS: (Over, Unit) = (Over::Day, Unit::Tokens);
const MONTH_TOKENS: (Over, Unit) = (Over::Month, Unit::Tokens);

/// How many limits there are.
const LIMITS: usize = 14;

/// The keys of `budget` that set limits.
pub(super) const BUDGET_KEYS: [BudgetKey; LIMITS] = [
    key("edit", "US dollars for one edit", Scope::Everything, (Over::Edit, Unit::Micros)),
    key("day", "US dollars in a day", Scope::Everything, DAY_DOLLARS),
    key("month", "US dollars in a month", Scope::Everything, MONTH_DOLLARS),
    key("edit-tokens", "tokens for one edit", Scope::Everything, (Over::Edit, Unit::Tokens)),
    key("day-tokens", "tokens in a day", Scope::Everything, DAY_TOKENS),
    key("month-tokens", "tokens in a month", Scope::Everything, MONTH_TOKENS),
    key("workspace-day", "US dollars in a day and one workspace", Scope::Workspace, DAY_DOLLARS),
    key("workspace-month", "US dollars in a month and one workspace", Scope::Workspace, MONTH_DOLLARS),
    key("workspace-day-tokens", "tokens in a day and one workspace", Scope::Workspace, DAY_TOKENS),
    key("workspace-month-tokens", "tokens in a month and one workspace", Scope::Workspace, MONTH_TOKENS),
    key("template-day", "US dollars in a day by one template", Scope::Template, DAY_DOLLARS),
    key("template-month", "US dollars in a month by one template", Scope::Template, MONTH_DOLLARS),
    key("template-day-tokens", "tokens in a day by one template", Scope::Template, DAY_TOKENS),
    key("template-month-tokens", "tokens in a month by one template", Scope::Template, MONTH_TOKENS),
];

/// The key of `budget` that says from where on there is a warning, and what it says.
pub(super) const WARN_AT: (&str, &str) =
    ("warn-at", "the part of a day's or month's limit from which on there is a warning, 0 to 1; else 0.8");

/// The hundredths of a limit from which on there is a warning, where nothing is said: there is still something left
/// when the user is told.
const WARN_AT_HUNDREDTHS: u8 = 80;

/// The most that may be spent, in millionths of a US dollar and in tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BudgetSettings {
    /// In the order of [`BUDGET_KEYS`].
    amounts: [Option<u64>; LIMITS],
    /// In hundredths.
    pub(super) warn_at: Option<u8>,
}

impl BudgetSettings {
    pub(super) fn under(self, above: Self) -> Self {
        let mut amounts = self.amounts;
        for (own, above) in amounts.iter_mut().zip(above.amounts) {
            *own = above.or(*own);
        }
        Self { amounts, warn_at: above.warn_at.or(self.warn_at) }
    }

    /// Sets a limit by its place in [`BUDGET_KEYS`].
    pub(super) fn set(&mut self, at: usize, amount: Option<u64>) {
        if let Some(own) = self.amounts.get_mut(at) {
            *own = amount;
        }
    }

    /// What may be spent, as the ledger holds requests against it.
    pub fn limits(&self) -> Vec<Limit> {
        let warn_at = u64::from(self.warn_at.unwrap_or(WARN_AT_HUNDREDTHS));
        let set = BUDGET_KEYS.iter().zip(self.amounts).filter_map(|(key, amount)| Some((key, amount?)));
        set.map(|(key, most)| {
            let soft = (key.over != Over::Edit).then(|| most / 100 * warn_at + most % 100 * warn_at / 100);
            Limit { over: key.over, scope: key.scope, unit: key.unit, soft, hard: Some(most) }
        })
        .collect()
    }
}
