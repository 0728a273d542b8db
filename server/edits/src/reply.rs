//! What came back from a model, and how it ended.

/// Replies above this many bytes are refused unread.
pub const MAX_REPLY_BYTES: usize = 256 << 10;

/// How the stream of a reply ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ending {
    /// The model stopped by itself, or at a stop sequence.
    Complete,
    /// The provider did not say. Taken as complete only where the reply itself shows that it is.
    Unreported,
    /// The token limit was reached.
    Length,
    /// The model declined.
    Refused,
    /// The provider's content filter cut in.
    Filtered,
    /// The connection broke, or the provider reported an error in the stream.
    Cut,
    /// The user, or the engine, cancelled it.
    Cancelled,
    /// The model asked for a tool instead of answering.
    ToolUse,
}

impl Ending {
    /// Why a reply that ended so is no edit; `None` where it may be one.
    pub const fn objection(self) -> Option<&'static str> {
        match self {
            Self::Complete | Self::Unreported => None,
            Self::Length => Some("the reply was cut off at its token limit"),
            Self::Refused => Some("the model declined"),
            Self::Filtered => Some("the provider's content filter stopped the reply"),
            Self::Cut => Some("the connection broke before the reply was complete"),
            Self::Cancelled => Some("the request was cancelled"),
            Self::ToolUse => Some("the model asked for a tool instead of answering"),
        }
    }
}

/// A reply as it arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reply<'a> {
    /// All its text, of the message proper: no reasoning that the provider reports apart.
    pub text: &'a str,
    /// How it ended.
    pub ending: Ending,
}
