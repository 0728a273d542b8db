//! What goes wrong, told to the user with the endpoint's name and the cure.

use std::fmt;
use std::time::Duration;

/// What was waited for when the time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The connection.
    Connect,
    /// The first token.
    FirstToken,
    /// The next bytes.
    Idle,
    /// The whole answer.
    Total,
}

/// Why no connection came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectFault {
    /// The host's name is not known.
    Dns,
    /// Nobody listens there.
    Refused,
    /// The certificate is not trusted, or TLS failed otherwise.
    Tls,
    /// The proxy could not be used.
    Proxy,
    /// Anything else.
    Other,
}

/// What went wrong, by what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The key is missing, wrong, or not allowed to do this.
    Unauthorized,
    /// No money or quota left. Trying again does not help.
    MoneyOrQuota {
        /// The output tokens that could still be paid, where the provider says it.
        affordable_output: Option<u64>,
    },
    /// Too many requests or tokens for now.
    RateLimited {
        /// How long to wait, where the provider says it.
        retry_after: Option<Duration>,
    },
    /// The provider has no capacity, or the local server is loading its model.
    Overloaded {
        /// How long to wait, where the provider says it.
        retry_after: Option<Duration>,
    },
    /// The provider failed.
    Server,
    /// The request is too long for the model, or for the account's tokens per minute.
    ContextOverflow {
        /// The most tokens allowed.
        limit: Option<u64>,
        /// The tokens the request has, by the provider's count.
        asked: Option<u64>,
    },
    /// The provider rejects the prompt by its content rules.
    Filtered,
    /// There is no such model, or the key may not use it.
    ModelNotFound,
    /// The provider does not understand the request.
    BadRequest {
        /// The field it rejects, where it says so.
        parameter: Option<String>,
    },
    /// Time was up.
    Timeout {
        /// What was waited for.
        phase: Phase,
    },
    /// No connection.
    Connect(ConnectFault),
    /// The answer ended before its end.
    Cut,
    /// The answer is not in the endpoint's format, or beyond the limits.
    Protocol,
    /// Not sent: the endpoint's configuration would send a key where it does not belong, or is not usable.
    Configuration,
    /// Not sent: the endpoint failed too often just now.
    CircuitOpen {
        /// How long it is left alone. `None`: until the configuration changes.
        retry_after: Option<Duration>,
    },
}

impl ErrorKind {
    /// Whether the same request to the same endpoint may do better.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::Overloaded { .. }
                | Self::Server
                | Self::Timeout { phase: Phase::Connect | Phase::FirstToken | Phase::Idle }
                | Self::Connect(ConnectFault::Dns | ConnectFault::Refused | ConnectFault::Other)
                | Self::Cut
                | Self::CircuitOpen { retry_after: Some(_) }
        )
    }

    /// Whether another endpoint may do better with the same request.
    pub fn is_endpoints(&self) -> bool {
        !matches!(
            self,
            Self::ContextOverflow { .. }
                | Self::BadRequest { .. }
                | Self::Filtered
                | Self::Timeout { phase: Phase::Total }
        )
    }

    /// How long the provider asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after }
            | Self::Overloaded { retry_after }
            | Self::CircuitOpen { retry_after } => *retry_after,
            _ => None,
        }
    }

    /// One word for ledgers and tests.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::MoneyOrQuota { .. } => "money_or_quota",
            Self::RateLimited { .. } => "rate_limited",
            Self::Overloaded { .. } => "overloaded",
            Self::Server => "server",
            Self::ContextOverflow { .. } => "context_overflow",
            Self::Filtered => "filtered",
            Self::ModelNotFound => "model_not_found",
            Self::BadRequest { .. } => "bad_request",
            Self::Timeout { phase: Phase::Connect } => "timeout_connect",
            Self::Timeout { phase: Phase::FirstToken } => "timeout_first_token",
            Self::Timeout { phase: Phase::Idle } => "timeout_idle",
            Self::Timeout { phase: Phase::Total } => "timeout_total",
            Self::Connect(_) => "connect",
            Self::Cut => "cut",
            Self::Protocol => "protocol",
            Self::Configuration => "configuration",
            Self::CircuitOpen { .. } => "circuit_open",
        }
    }

    /// What happened and what to do, to be put behind the endpoint's name.
    fn sentence(&self) -> (String, &'static str) {
        let waiting = |retry_after: &Option<Duration>| {
            retry_after
                .map_or_else(String::new, |wait| format!(" (try again in {} s)", wait.as_secs_f64().ceil()))
        };
        let (what, cure): (&str, &'static str) = match self {
            Self::Unauthorized => {
                ("the key is not accepted", "Check the key and that it belongs to this endpoint.")
            }
            Self::MoneyOrQuota { affordable_output: Some(tokens) } => {
                return (
                    format!("only {tokens} output tokens can still be paid"),
                    "Top up the account or ask for less.",
                );
            }
            Self::MoneyOrQuota { .. } => {
                ("no money or quota left", "Top up the account or choose another endpoint.")
            }
            Self::RateLimited { retry_after } => {
                return (
                    format!("too many requests{}", waiting(retry_after)),
                    "Wait, or choose another endpoint.",
                );
            }
            Self::Overloaded { retry_after } => {
                return (
                    format!("no capacity now{}", waiting(retry_after)),
                    "Wait, or choose another endpoint.",
                );
            }
            Self::Server => ("the provider failed", "Try again."),
            Self::ContextOverflow { limit, asked } => {
                let numbers = match (asked, limit) {
                    (Some(asked), Some(limit)) => format!(": {asked} tokens, {limit} allowed"),
                    (None, Some(limit)) => format!(": {limit} tokens allowed"),
                    _ => String::new(),
                };
                return (
                    format!("the request is too long{numbers}"),
                    "Choose less context or a larger model.",
                );
            }
            Self::Filtered => ("the provider's content rules reject the prompt", "Choose another endpoint."),
            Self::ModelNotFound => ("the model is not there", "Check the model's name, or load it."),
            Self::BadRequest { parameter: Some(parameter) } => {
                return (
                    format!("the request is rejected because of `{parameter}`"),
                    "Check the endpoint's format and capabilities.",
                );
            }
            Self::BadRequest { .. } => {
                ("the request is rejected", "Check the endpoint's format and capabilities.")
            }
            Self::Timeout { phase } => (
                match phase {
                    Phase::Connect => "no connection in time",
                    Phase::FirstToken => "no first token in time",
                    Phase::Idle => "the answer stalled",
                    Phase::Total => "the answer took too long",
                },
                "Try again, or allow more time.",
            ),
            Self::Connect(fault) => match fault {
                ConnectFault::Dns => ("the host is not found", "Check base_url and the network."),
                ConnectFault::Refused => ("nobody listens there", "Start the server, or check base_url."),
                ConnectFault::Tls => ("no trusted connection", "A company's certificate goes into ca_file."),
                ConnectFault::Proxy => {
                    ("the proxy does not let it through", "Check the proxy and its password.")
                }
                ConnectFault::Other => ("no connection", "Check base_url and the network."),
            },
            Self::Cut => ("the answer was cut off", "Try again."),
            Self::Protocol => ("the answer makes no sense", "Check base_url and the endpoint's format."),
            Self::Configuration => ("the endpoint cannot be used", "Change its configuration."),
            Self::CircuitOpen { retry_after } => {
                return (
                    format!("left alone after failures{}", waiting(retry_after)),
                    "Wait, or choose another endpoint.",
                );
            }
        };
        (what.to_owned(), cure)
    }
}

/// What went wrong at an endpoint. Its text names the endpoint and the cure and never holds the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The endpoint's name.
    pub endpoint: String,
    /// What went wrong.
    pub kind: ErrorKind,
    /// The provider's own words, shortened, with secrets replaced. May be empty.
    pub detail: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// What the provider calls the request, for its support.
    pub request_id: Option<String>,
}

impl Error {
    /// Whether the request reached no provider.
    pub fn is_unsent(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Connect(_)
                | ErrorKind::Configuration
                | ErrorKind::CircuitOpen { .. }
                | ErrorKind::Timeout { phase: Phase::Connect }
        )
    }

    /// Whether nobody can have charged for the request: it reached no provider, or was turned away with an error status.
    pub fn is_free(&self) -> bool {
        self.is_unsent() || self.status.is_some_and(|status| status >= 400)
    }

    /// An error with a detail of our own words.
    pub(crate) fn new(endpoint: &str, kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self { endpoint: endpoint.to_owned(), kind, detail: detail.into(), status: None, request_id: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, cure) = self.kind.sentence();
        write!(f, "{}: {what}", self.endpoint)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail.trim_end_matches('.'))?;
        }
        write!(f, ". {cure}")
    }
}

impl std::error::Error for Error {}
