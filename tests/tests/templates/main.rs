//! Templates through the program: written, checked, versioned, chosen, compared, shared.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what is missing in a test is a failure of the test")]

mod commands;
mod cycle;
#[path = "../ai/desk.rs"]
#[expect(dead_code, reason = "the other suite uses all of it")]
mod desk;
mod dialects;
mod editor;
mod experiments;
mod outcomes;
mod quick_fixes;
mod replays;
mod sharing;
mod signatures;
mod suggestions;
