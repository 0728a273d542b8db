//! Tests of what is pure.

mod breaker;
mod decoder;
mod environment;
mod faults;
mod prices;
mod requests;
mod tokens;
mod waits;
