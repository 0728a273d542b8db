//! What is asked of a model, in no provider's terms.

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The one who asks.
    User,
    /// The model, in an earlier turn.
    Assistant,
}

/// One turn of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub text: String,
}

impl Message {
    /// A turn of the one who asks.
    pub fn user(text: impl Into<String>) -> Self {
        Self { role: Role::User, text: text.into() }
    }

    /// A turn of the model.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self { role: Role::Assistant, text: text.into() }
    }
}

/// What the provider may keep of the prompt. It changes the bill, never the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheHint {
    /// The system text is the same for many requests. A breakpoint is set behind it where the format has
    /// breakpoints and the text reaches the model's minimum.
    pub stable_system: bool,
    /// Requests with one key share a prefix (`prompt_cache_key`). Must say nothing of the user.
    pub key: Option<String>,
}

/// What is asked of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Instructions that stand before the conversation. May be empty.
    pub system: String,
    /// The conversation, oldest turn first.
    pub messages: Vec<Message>,
    /// The most tokens the answer may have, what the model thinks before it included.
    pub max_output_tokens: u32,
    /// The answer ends before any of these texts.
    pub stop: Vec<String>,
    /// 0 for the likeliest answer. `None` leaves it to the provider.
    pub temperature: Option<f64>,
    /// What may be cached.
    pub cache: CacheHint,
}

impl Request {
    /// A request with one message.
    pub fn new(system: impl Into<String>, message: impl Into<String>, max_output_tokens: u32) -> Self {
        Self {
            system: system.into(),
            messages: vec![Message::user(message)],
            max_output_tokens,
            stop: Vec::new(),
            temperature: None,
            cache: CacheHint::default(),
        }
    }

    /// Bytes of all texts.
    pub fn text_len(&self) -> usize {
        self.system.len() + self.messages.iter().map(|message| message.text.len()).sum::<usize>()
    }
}
