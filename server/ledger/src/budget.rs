//! Limits on what may be spent, and whether a request fits them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::spending::{Bucket, Spend, Spending};
use crate::{Day, EditId, Requested};

/// The time a limit is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// One edit with all its requests.
    Edit,
    /// A day of UTC.
    Day,
    /// A month of UTC.
    Month,
}

/// What a limit is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All edits of this user.
    Everything,
    /// The edits in the workspace of the request.
    Workspace,
    /// The edits by the template of the request, in all its versions.
    Template,
}

/// What is limited.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Tokens of prompts and replies.
    Tokens,
    /// Millionths of a US dollar.
    Micros,
}

/// One limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limit {
    /// The time it is for.
    pub over: Over,
    /// What it is for.
    pub scope: Scope,
    /// What is limited.
    pub unit: Unit,
    /// Above it there is a warning.
    pub soft: Option<u64>,
    /// Above it nothing is spent.
    pub hard: Option<u64>,
}

/// How full a limit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BudgetState {
    /// The limit.
    pub limit: Limit,
    /// What is spent and reserved, in its unit.
    pub used: u64,
}

/// Why a request does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Exceeded {
    /// The limit and how full it is without the request.
    pub state: BudgetState,
    /// What the request is estimated to take; `None` when that has no price.
    pub wanted: Option<u64>,
}

/// Whether a request may be sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It fits all limits.
    Allow,
    /// It goes beyond these soft limits, or cannot be held against these limits because it has no price.
    Warn(Vec<Exceeded>),
    /// It goes beyond these hard limits.
    Refuse(Vec<Exceeded>),
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { state: BudgetState { limit, used }, wanted } = self;
        let scope = match limit.scope {
            Scope::Everything => "",
            Scope::Workspace => " and workspace",
            Scope::Template => " and template",
        };
        let over = match limit.over {
            Over::Edit => "edit",
            Over::Day => "day",
            Over::Month => "month",
        };
        let shown = |amount: u64| match limit.unit {
            Unit::Tokens => format!("{amount} tokens"),
            Unit::Micros => format!("${}.{:06}", amount / 1_000_000, amount % 1_000_000),
        };
        let most = limit.hard.or(limit.soft).unwrap_or(0);
        let is_within = wanted.is_some_and(|wanted| used.saturating_add(wanted) <= most);
        let most = shown(most);
        if is_within {
            write!(f, "of the limit per {over}{scope}, {most}, {} are used", shown(*used))?;
        } else {
            write!(f, "the limit per {over}{scope} is {most}, {} are used", shown(*used))?;
        }
        match wanted {
            Some(wanted) => write!(f, " and {} wanted", shown(*wanted)),
            None => f.write_str(" and the request has no price"),
        }
    }
}

/// How full a limit is for an edit in a workspace by a template.
pub(crate) fn state(
    limit: Limit,
    spending: &Spending,
    of_edit: Spend,
    day: Day,
    workspace: &str,
    template: Option<&str>,
) -> BudgetState {
    let within = |bucket: &Bucket| match limit.over {
        Over::Edit | Over::Day => bucket.day == day,
        Over::Month => bucket.day.month() == day.month(),
    };
    let about = |bucket: &Bucket| match limit.scope {
        Scope::Everything => true,
        Scope::Workspace => bucket.workspace == workspace,
        Scope::Template => bucket.template.as_deref() == template,
    };
    let spend = match limit.over {
        Over::Edit => of_edit,
        Over::Day | Over::Month => spending.sum(|bucket| within(bucket) && about(bucket)),
    };
    let used = match limit.unit {
        Unit::Tokens => spend.tokens,
        Unit::Micros => spend.micros,
    };
    BudgetState { limit, used }
}

/// Holds a request against limits.
pub(crate) fn check(
    limits: &[Limit],
    spending: &Spending,
    of_edit: Spend,
    edit: EditId,
    requested: &Requested,
) -> Verdict {
    let (mut warnings, mut refusals) = (Vec::new(), Vec::new());
    for limit in limits {
        if limit.scope == Scope::Template && requested.template.is_none() {
            continue;
        }
        let template = requested.template.as_deref();
        let state = state(*limit, spending, of_edit, edit.day(), &requested.workspace, template);
        let wanted = match limit.unit {
            Unit::Tokens => Some(requested.estimate.tokens.total()),
            Unit::Micros => requested.estimate.cost.map(|cost| cost.micros),
        };
        let after = state.used.saturating_add(wanted.unwrap_or(0));
        let exceeded = Exceeded { state, wanted };
        if limit.hard.is_some_and(|hard| after > hard) {
            refusals.push(exceeded);
        } else if wanted.is_none() || limit.soft.is_some_and(|soft| after > soft) {
            warnings.push(exceeded);
        }
    }
    match (refusals.is_empty(), warnings.is_empty()) {
        (false, _) => Verdict::Refuse(refusals),
        (true, false) => Verdict::Warn(warnings),
        (true, true) => Verdict::Allow,
    }
}
