//! One rule a file.

use crate::Rule;

mod blocking_in_async;
mod bool_params;
mod chat_residue;
mod code_fence_left;
mod cognitive_complexity;
mod collapsible_if;
mod commented_out_code;
mod complex_condition;
mod conflict_marker;
mod debug_left;
mod duplicate_definition;
mod elided_code;
mod empty_catch;
mod explicit_any;
mod file_too_large;
mod identical_branches;
mod identical_conditions;
mod long_file;
mod needless_bool;
mod needless_return;
mod nested_ternary;
mod non_null_assertion;
mod placeholder_impl;
mod redundant_else;
mod secret_in_code;
mod syntax_error;
mod todo_comment;
mod ts_suppress;
mod undocumented_unsafe;
mod unimplemented;
mod unreachable_after_jump;
mod unwrap_used;

/// The rules that are written in Rust, in no particular order.
pub(crate) fn all() -> Vec<Rule> {
    vec![
        syntax_error::RULE,
        conflict_marker::RULE,
        code_fence_left::RULE,
        elided_code::RULE,
        placeholder_impl::RULE,
        unimplemented::RULE,
        chat_residue::RULE,
        duplicate_definition::RULE,
        secret_in_code::RULE,
        todo_comment::RULE,
        debug_left::RULE,
        unreachable_after_jump::RULE,
        identical_branches::RULE,
        identical_conditions::RULE,
        cognitive_complexity::RULE,
        bool_params::RULE,
        complex_condition::RULE,
        nested_ternary::RULE,
        collapsible_if::RULE,
        redundant_else::RULE,
        needless_bool::RULE,
        needless_return::RULE,
        commented_out_code::RULE,
        explicit_any::RULE,
        non_null_assertion::RULE,
        ts_suppress::RULE,
        undocumented_unsafe::RULE,
        long_file::RULE,
        file_too_large::RULE,
        blocking_in_async::RULE,
        unwrap_used::RULE,
        empty_catch::RULE,
    ]
}

#[cfg(test)]
mod tests;
