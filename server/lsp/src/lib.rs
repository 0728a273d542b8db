//! The language server.
//!
//! A front: it translates between the protocol and the [`autodao_engine::Session`], and holds no logic of its
//! own. tower-lsp dispatches and types the messages; this crate owns what is around it: the `codec` that
//! no bytes can derail, the `guard` that keeps messages in order and panics inside, and the
//! `outbox` that never makes the reading side wait for the writing side.
//!
//! Invariants:
//! - Only this crate knows tower-lsp, and LSP's positions exist only here (`convert`).
//! - Messages take effect in the order they come: a handler changes state before its first `await`.
//! - The thread that reads never writes more than a pipe takes at once, never analyses, never waits for the client.

mod act;
mod backend;
mod capabilities;
mod client;
mod code_action;
mod codec;
mod completion;
mod convert;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod guard;
mod indexing;
mod outbox;
mod parent;
mod progress;
mod publish;
mod serve;
mod status;

pub use outbox::{Sink, Stdout};
pub use serve::serve;
pub use tower_lsp::lsp_types;
