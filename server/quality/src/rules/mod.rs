//! One rule a file.

use crate::Rule;

mod blocking_in_async;
mod cognitive_complexity;
mod collapsible_if;
mod conflict_marker;
mod debug_left;
mod empty_catch;
mod file_too_large;
mod long_file;
mod nested_ternary;
mod todo_comment;
mod unimplemented;
mod unwrap_used;

/// The rules that are written in Rust, in no particular order.
pub(crate) fn all() -> Vec<Rule> {
    vec![
        conflict_marker::RULE,
        unimplemented::RULE,
        todo_comment::RULE,
        debug_left::RULE,
        cognitive_complexity::RULE,
        nested_ternary::RULE,
        collapsible_if::RULE,
        long_file::RULE,
        file_too_large::RULE,
        blocking_in_async::RULE,
        unwrap_used::RULE,
        empty_catch::RULE,
    ]
}

#[cfg(test)]
mod tests;
