//! What leaves the machine and what never does, what the user sees of each failure and what the ledger books, through
//! the program.

#![expect(clippy::unwrap_used, reason = "what is missing in a test is a failure of the test")]

mod batch;
mod commands;
mod failures;
mod home;
mod network;
mod provider_batch;
mod secrets;
mod streams;
mod waits;
