//! Cassettes: what a model said once, kept beside the template, so that a test needs no model.
//!
//! A cassette holds the turns of one conversation. Each turn is keyed by what was asked (model, parameters, messages):
//! when the prompt changes, what was said to another one says nothing.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ContentHash;
use crate::folder::{MAX_FILE_BYTES, is_link, read_at_most};

/// The folder of a template's cassettes.
pub(crate) const CASSETTES: &str = "cassettes";

/// The version of the files' format.
const SCHEMA: u32 = 1;

/// What is asked of a model in one turn, as far as it can change the answer.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Question<'a> {
    /// The model's name.
    pub model: &'a str,
    /// The sampling temperature; `None` for the provider's own.
    pub temperature: Option<f64>,
    /// The most tokens of the answer.
    pub max_tokens: u32,
    /// The texts that end it.
    pub stop: &'a [String],
    /// Role (`system`, `user`, `assistant`) and text of each message, the oldest first.
    pub messages: &'a [(&'a str, &'a str)],
}

impl Question<'_> {
    /// Its key: the SHA-256 of it as JSON, lines ended by `\n` on every machine.
    pub fn key(&self) -> ContentHash {
        let texts: Vec<_> =
            self.messages.iter().map(|(role, text)| (*role, text.replace("\r\n", "\n"))).collect();
        let messages: Vec<_> = texts.iter().map(|(role, text)| (*role, text.as_str())).collect();
        // Strings, numbers and lists always have a form in JSON.
        let json = serde_json::to_vec(&Question { messages: &messages, ..*self }).unwrap_or_default();
        ContentHash(Sha256::digest(json).into())
    }
}

/// How a cassette came about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Made {
    /// A model said it.
    #[serde(rename = "recorded")]
    Recorded,
    /// Somebody wrote it.
    #[serde(rename = "by hand")]
    ByHand,
}

/// Tokens as a provider reported them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reported {
    /// Of the prompt.
    pub input: u64,
    /// Of the reply.
    pub output: u64,
}

/// One question and its answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// The key of what was asked: 64 hexadecimal digits. Empty in what is being written by hand.
    #[serde(default)]
    pub sha256: String,
    /// What was said.
    pub reply: String,
    /// How it ended, in the words of whoever replays it.
    pub ending: String,
    /// What it took, where the provider said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Reported>,
}

/// What a model said in one conversation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cassette {
    schema: u32,
    /// How it came about.
    pub made: Made,
    /// The model's name.
    pub model: String,
    /// The turns, the first one first: an answer, then what came of being told what was wrong with it.
    pub turns: Vec<Turn>,
}

impl Cassette {
    /// An empty one of a model.
    pub fn of(made: Made, model: &str) -> Self {
        Self { schema: SCHEMA, made, model: model.to_owned(), turns: Vec::new() }
    }

    /// The file of a case's replay.
    pub fn path(folder: &Path, case: &str, replay: &str) -> PathBuf {
        folder.join(CASSETTES).join(format!("{case}.{replay}.json"))
    }

    /// Reads a file; `None` when there is none.
    ///
    /// # Errors
    /// It is a link, too large or no cassette: why, in a line.
    pub fn read(path: &Path) -> Result<Option<Self>, String> {
        refuse_link(path)?;
        let said = |why: String| format!("{}: {why}", path.display());
        let bytes = read_at_most(path, MAX_FILE_BYTES).map_err(|error| said(error.to_string()))?;
        let Some(bytes) = bytes else { return Ok(None) };
        if bytes.len() > MAX_FILE_BYTES {
            return Err(said(format!("is larger than {MAX_FILE_BYTES} bytes")));
        }
        let cassette: Self = serde_json::from_slice(&bytes).map_err(|error| said(error.to_string()))?;
        if cassette.schema != SCHEMA {
            return Err(said(format!("its format is {}, and {SCHEMA} is known", cassette.schema)));
        }
        Ok(Some(cassette))
    }

    /// Writes a file. A link is not followed: it would be written to.
    ///
    /// # Errors
    /// It is a link, or the file system refuses: why, in a line.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        refuse_link(path)?;
        let said = |why: String| format!("{}: {why}", path.display());
        let mut text = serde_json::to_string_pretty(self).map_err(|error| said(error.to_string()))?;
        text.push('\n');
        if text.len() > MAX_FILE_BYTES {
            return Err(said(format!("is larger than {MAX_FILE_BYTES} bytes")));
        }
        let parent = path.parent().unwrap_or(path);
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(path, text));
        written.map_err(|error| said(error.to_string()))
    }
}

fn refuse_link(path: &Path) -> Result<(), String> {
    let is_one = is_link(path) || path.parent().is_some_and(is_link);
    if is_one { Err(format!("{} is a link", path.display())) } else { Ok(()) }
}
