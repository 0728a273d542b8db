//! AI edits end to end: the built program against a provider on loopback that does as it is told.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what is missing in a test is a failure of the test")]

mod act_cli;
mod act_lsp;
mod again;
mod desk;
mod editor;
mod parts;
mod peers;
mod status;
mod windows;
