//! One rule a file.

use crate::Rule;

mod blocking_in_async;
mod cognitive_complexity;
mod collapsible_if;
mod conflict_marker;
mod cyclomatic_complexity;
mod debug_left;
mod deep_nesting;
mod empty_catch;
mod file_too_large;
mod long_file;
mod long_function;
mod nested_ternary;
mod todo_comment;
mod too_many_params;
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
        cyclomatic_complexity::RULE,
        deep_nesting::RULE,
        long_function::RULE,
        too_many_params::RULE,
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
