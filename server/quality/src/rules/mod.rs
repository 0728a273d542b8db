//! One rule a file.

use crate::Rule;

mod blocking_in_async;
mod cognitive_complexity;
mod collapsible_if;
mod conflict_marker;
mod cyclomatic_complexity;
mod debug_left;
mod duplicate_block;
mod duplicate_function;
mod deep_nesting;
mod empty_catch;
mod file_too_large;
mod import_cycle;
mod long_file;
mod long_function;
mod nested_ternary;
mod todo_comment;
mod too_many_params;
mod unimplemented;
mod unwrap_used;

pub(crate) use duplicate_block::ID as DUPLICATE_BLOCK;
pub(crate) use duplicate_function::ID as DUPLICATE_FUNCTION;
pub(crate) use import_cycle::ID as IMPORT_CYCLE;

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
        duplicate_block::RULE,
        duplicate_function::RULE,
        import_cycle::RULE,
    ]
}

#[cfg(test)]
mod tests;
