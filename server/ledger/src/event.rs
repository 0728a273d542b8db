//! What happens to an edit, from the plan to its fate. No event holds source text.

use serde::{Deserialize, Serialize};

use crate::{Day, Digest, EditId, EventId};

/// One thing that happened to one edit. Its time is in its id.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Its own id.
    pub id: EventId,
    /// The edit it is about.
    pub edit: EditId,
    /// What happened.
    pub kind: EventKind,
}

impl Event {
    /// One that happens now.
    pub fn new(edit: EditId, kind: EventKind) -> Self {
        Self { id: EventId::new(), edit, kind }
    }
}

/// What happened. Names and reasons are short codes, not messages; longer texts than 256 bytes are cut.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The edit was thought out and its price estimated; nothing was spent.
    Planned(Planned),
    /// A request is about to leave for a provider. What it is estimated to cost is reserved.
    Requested(Requested),
    /// A reply came to its end.
    Answered(Answered),
    /// A request ended without a usable reply.
    Failed(Failed),
    /// The user, or a newer edit, stopped it.
    Cancelled(Cancelled),
    /// A checked edit was shown or sent to the editor.
    Offered(Offered),
    /// A gate refused the reply. Where another one follows, it was asked for once more with the reason.
    Refused(Refused),
    /// The editor applied it.
    Applied,
    /// The user or the editor did not want it.
    Rejected(Rejected),
    /// The user took it back.
    Undone,
    /// The user changed much of it.
    Reworked(Reworked),
    /// So much of it was still there at a moment.
    Survived(Survived),
    /// The bytes of a request, by their digest. Told with the request, before it leaves.
    Sent(Sent),
    /// The version of the edit's template was drawn among several.
    Chosen(Chosen),
    /// The answer was words for the user: there was nothing to edit.
    Told,
    /// The prompts that the versions which are compared make of the edit.
    Compared(Compared),
}

/// Where an edit comes from. From the cheapest to the most expensive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// A rewrite of the syntax tree: no tokens.
    Syntax,
    /// An identical request that was answered before.
    Cache,
    /// A model.
    Model,
}

impl Route {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Cache => "cache",
            Self::Model => "model",
        }
    }
}

/// One version of a template.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its semantic version.
    pub version: String,
}

/// What an edit is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Planned {
    /// The kind of task.
    pub task: String,
    /// How hard it is.
    pub complexity: String,
    /// The template; none for an edit without a prompt.
    pub template: Option<Template>,
    /// Where the edit comes from.
    pub route: Route,
    /// The language of the file.
    pub language: String,
    /// A name or hash of the workspace; no path.
    pub workspace: String,
    /// A hash of the path of the symbol that is edited.
    pub symbol: Option<u64>,
    /// What full-file chat would have cost: the whole file and the instruction as input, the whole file as output.
    pub baseline: Option<Baseline>,
    /// The kind of node that is edited, as its grammar calls it.
    #[serde(default)]
    pub node: Option<String>,
    /// A hash of the path of the workspace: it tells folders of one name apart.
    #[serde(default)]
    pub folder: Option<u64>,
}

/// Tokens of the naive way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Baseline {
    /// Tokens of the prompt.
    pub input: u64,
    /// Tokens of the reply.
    pub output: u64,
}

/// Tokens of a request and its reply.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tokens {
    /// The whole prompt, also what was read from or written to the provider's cache.
    pub input: u64,
    /// Of the input: read from the provider's cache.
    pub cached: u64,
    /// Of the input: written to the provider's cache.
    pub cache_write: u64,
    /// The whole reply, reasoning too.
    pub output: u64,
    /// Of the output: reasoning.
    pub reasoning: u64,
}

impl Tokens {
    /// Input and output.
    pub fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

/// Who counted the tokens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Counted here.
    Counted,
    /// The provider said so. Wins over what was counted.
    Reported,
}

/// Tokens and who counted them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Usage {
    /// How many.
    pub tokens: Tokens,
    /// Who counted.
    pub source: Source,
}

/// Money, in millionths of a US dollar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cost {
    /// Millionths of a dollar.
    pub micros: u64,
    /// The day of the price table it was computed with.
    pub prices: Day,
}

/// What a request is expected to take at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Estimate {
    /// Tokens of prompt and reply.
    pub tokens: Tokens,
    /// `None` when there is no price.
    pub cost: Option<Cost>,
}

/// A request to a provider. The id of its event is the request's.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Requested {
    /// The provider's name.
    pub provider: String,
    /// The model's name.
    pub model: String,
    /// The workspace, as in the plan: budgets are counted by it.
    pub workspace: String,
    /// The template's name, as in the plan: budgets are counted by it.
    pub template: Option<String>,
    /// 0 for the first request of an edit; repairs and retries count on.
    pub attempt: u32,
    /// What is reserved until the request is settled.
    pub estimate: Estimate,
}

/// What was sent. A chain: each names the link before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sent {
    /// The event of the request.
    pub request: EventId,
    /// Of method, URL and body. The key is no part of it.
    pub digest: Digest,
    /// The link before this one; zeros for the first of a process.
    pub previous: Digest,
}

impl Sent {
    /// The link that the next one names.
    pub fn link(&self) -> Digest {
        Digest::link(self.previous, self.request, self.digest)
    }
}

/// How the version of a template was drawn.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Chosen {
    /// The id of the experiment that compares versions.
    pub experiment: String,
    /// The chance that this version had, above 0.
    pub propensity: Share,
}

/// Tokens of an edit's prompt with each of the versions that are compared: counted the same way, before one was drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Compared {
    /// With the old version.
    pub old: u64,
    /// With the new version.
    pub new: u64,
}

/// Parts of a request's time, in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Latency {
    /// From the wish to the request on the wire.
    pub prepare: u32,
    /// From the request to the first token.
    pub first_token: Option<u32>,
    /// From the wish to the end of the reply.
    pub total: u32,
}

/// What helps to look into one request. Kept for the time of request logs only.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RequestLog {
    /// The provider's id of the request.
    pub provider_request: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The provider's message, without secrets and source text.
    pub message: Option<String>,
}

/// The end of a reply.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Answered {
    /// The event of the request.
    pub request: EventId,
    /// What it took.
    pub usage: Usage,
    /// `None` when there is no price.
    pub cost: Option<Cost>,
    /// How long it took.
    pub latency: Latency,
    /// Why the reply ended: `stop`, `length`, ...
    pub stop: String,
    /// For a look into it.
    pub log: Option<RequestLog>,
}

/// A request without a usable reply.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Failed {
    /// The event of the request; none when there was no request yet.
    pub request: Option<EventId>,
    /// Why: `timeout`, `rate_limited`, `network`, ...
    pub reason: String,
    /// What it took. `None` means nobody knows: the estimate stands.
    pub usage: Option<Usage>,
    /// `None` when there is no price or no usage.
    pub cost: Option<Cost>,
    /// How long it took.
    pub latency: Latency,
    /// For a look into it.
    pub log: Option<RequestLog>,
}

/// An edit that was stopped.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Cancelled {
    /// The event of the request that was under way.
    pub request: Option<EventId>,
    /// What it took. `None` with a request means nobody knows: the estimate stands.
    pub usage: Option<Usage>,
    /// `None` when there is no price or no usage.
    pub cost: Option<Cost>,
}

/// One dimension's quality score before and after, in hundredths of a point: 0 to 1000.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Score {
    /// The dimension.
    pub dimension: String,
    /// Before the edit.
    pub before: u16,
    /// After the edit.
    pub after: u16,
}

/// An edit that passed the gates.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Offered {
    /// The scores the edit changes.
    pub scores: Vec<Score>,
    /// What the model saw beside the target.
    #[serde(default)]
    pub pieces: Vec<ShownPiece>,
}

/// A kind of context that stood in a prompt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShownPiece {
    /// Its role, as templates call it.
    pub role: String,
    /// How many tokens fewer the prompt had without it.
    pub tokens: u32,
    /// Whether the edit has a name that stood nowhere else in the prompt.
    pub used: bool,
}

/// A reply that did not pass a gate.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// The gate.
    pub gate: String,
}

/// An edit that was not wanted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Rejected {
    /// By whom or why: `user`, `editor`, `stale`, ...
    pub reason: String,
}

/// An edit the user changed much of.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reworked {
    /// The share of the inserted tokens that is gone.
    pub gone: Share,
}

/// A part of a whole, in ten-thousandths: 0 to 10000.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Share(u16);

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self(10_000);

    /// The part of a whole; all of a whole of nothing.
    pub fn of(part: u64, whole: u64) -> Self {
        if whole == 0 {
            return Self::WHOLE;
        }
        let share = u128::from(part.min(whole)) * 10_000 / u128::from(whole);
        Self(u16::try_from(share).unwrap_or(10_000))
    }

    /// Ten-thousandths, at most 10000 also when it was read from elsewhere.
    pub fn basis_points(self) -> u16 {
        self.0.min(10_000)
    }
}

/// When it is looked how much of an edit is still there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// 30 seconds after it was applied.
    Seconds30,
    /// 5 minutes after it was applied.
    Minutes5,
    /// When the file was saved.
    Save,
    /// When the file was closed.
    Close,
    /// When it was committed.
    Commit,
}

impl Moment {
    /// All of them, from the first to the last.
    pub const ALL: [Self; 5] = [Self::Seconds30, Self::Minutes5, Self::Save, Self::Close, Self::Commit];

    /// As it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seconds30 => "30 s",
            Self::Minutes5 => "5 min",
            Self::Save => "save",
            Self::Close => "close",
            Self::Commit => "commit",
        }
    }
}

/// How much of an edit is still there.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Survived {
    /// When.
    pub at: Moment,
    /// The share of the inserted tokens.
    pub share: Share,
}

impl EventKind {
    /// Its name in the journal.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Planned(_) => "planned",
            Self::Requested(_) => "requested",
            Self::Answered(_) => "answered",
            Self::Failed(_) => "failed",
            Self::Cancelled(_) => "cancelled",
            Self::Offered(_) => "offered",
            Self::Refused(_) => "refused",
            Self::Applied => "applied",
            Self::Rejected(_) => "rejected",
            Self::Undone => "undone",
            Self::Reworked(_) => "reworked",
            Self::Survived(_) => "survived",
            Self::Sent(_) => "sent",
            Self::Chosen(_) => "chosen",
            Self::Told => "told",
            Self::Compared(_) => "compared",
        }
    }

    /// Forgets what is only for a look into a request. Returns whether there was something.
    pub(crate) fn strip_log(&mut self) -> bool {
        match self {
            Self::Answered(answered) => answered.log.take().is_some(),
            Self::Failed(failed) => failed.log.take().is_some(),
            _ => false,
        }
    }

    /// Cuts texts that are too long, so that every event fits a line of the journal.
    pub(crate) fn cut(&mut self) {
        fn short(text: &mut String) {
            if text.len() > MAX_TEXT {
                let mut end = MAX_TEXT;
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                text.truncate(end);
            }
        }
        fn log(log: &mut Option<RequestLog>) {
            if let Some(log) = log {
                log.provider_request.iter_mut().chain(&mut log.message).for_each(short);
            }
        }
        match self {
            Self::Planned(planned) => {
                short(&mut planned.task);
                short(&mut planned.complexity);
                short(&mut planned.language);
                short(&mut planned.workspace);
                planned.node.iter_mut().for_each(short);
                if let Some(template) = &mut planned.template {
                    short(&mut template.name);
                    short(&mut template.version);
                }
            }
            Self::Requested(requested) => {
                short(&mut requested.provider);
                short(&mut requested.model);
                short(&mut requested.workspace);
                requested.template.iter_mut().for_each(short);
            }
            Self::Answered(answered) => {
                short(&mut answered.stop);
                log(&mut answered.log);
            }
            Self::Failed(failed) => {
                short(&mut failed.reason);
                log(&mut failed.log);
            }
            Self::Offered(offered) => {
                offered.scores.truncate(MAX_SCORES);
                offered.pieces.truncate(MAX_PIECES);
                offered.pieces.iter_mut().for_each(|piece| short(&mut piece.role));
                offered.scores.iter_mut().for_each(|score| short(&mut score.dimension));
            }
            Self::Refused(refused) => short(&mut refused.gate),
            Self::Rejected(rejected) => short(&mut rejected.reason),
            Self::Chosen(chosen) => short(&mut chosen.experiment),
            Self::Cancelled(_)
            | Self::Applied
            | Self::Told
            | Self::Undone
            | Self::Reworked(_)
            | Self::Survived(_)
            | Self::Sent(_)
            | Self::Compared(_) => {}
        }
    }
}

/// Bytes of a text in an event.
const MAX_TEXT: usize = 256;
/// Scores of an offer.
const MAX_SCORES: usize = 16;
/// Kinds of context of one prompt.
const MAX_PIECES: usize = 16;
