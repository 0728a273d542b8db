//! What must not leave the machine: secret values, files that hold them, and characters nobody sees.
//!
//! A leaf: nothing of ours is known here. A [`Redaction`] replaces secret values in the texts of one request by
//! placeholders and puts them back, byte for byte, into what comes of it. [`denied_file`] says which files are never
//! sent. [`hidden`] finds characters that a person who reads the text does not see, but a model does.
//!
//! Invariants:
//! - What [`Redaction::restore`] gives back has the very bytes that were taken out, or it gives nothing.
//! - No text, rule or count here says a secret's value: what is logged is a rule's id.
//! - The time is linear in the text, whatever the text.

mod denied;
mod hidden;
mod placeholder;
mod redaction;
mod rule;
mod rules;
mod scan;
mod shape;

pub use denied::denied_file;
pub use hidden::{Hidden, hidden};
pub use redaction::{Altered, Redaction};
pub use scan::{Found, may_hold_secret, secrets};

#[cfg(test)]
mod tests;
