//! One rule a file.

use crate::Rule;

mod async_executor;
mod async_foreach;
mod await_in_loop;
mod blocking_in_async;
mod bool_params;
mod chat_residue;
mod clone_in_loop;
mod code_fence_left;
mod cognitive_complexity;
mod collapsible_if;
mod collect_then_iterate;
mod commented_out_code;
mod complex_condition;
mod conflict_marker;
mod cyclomatic_complexity;
mod debug_left;
mod deep_nesting;
mod duplicate_block;
mod duplicate_definition;
mod duplicate_function;
mod elided_code;
mod empty_catch;
mod excessive_bools_struct;
mod excessive_fan_out;
mod expect_used;
mod explicit_any;
mod file_too_large;
mod floating_promise;
mod god_module;
mod identical_branches;
mod identical_conditions;
mod ignored_result;
mod import_cycle;
mod indexing;
mod invalid_suppression;
mod lock_across_await;
mod long_file;
mod long_function;
mod map_err_ignore;
mod needless_bool;
mod needless_return;
mod nested_functions;
mod nested_ternary;
mod non_null_assertion;
mod panic_in_lib;
mod placeholder_impl;
mod redundant_else;
mod regex_in_loop;
mod secret_in_code;
mod spread_in_reduce;
mod string_build_in_loop;
mod syntax_error;
mod todo_comment;
mod too_many_params;
mod ts_suppress;
mod undocumented_unsafe;
mod unimplemented;
mod unreachable_after_jump;
mod unwrap_used;
mod useless_catch;
mod wildcard_import;

pub(crate) use duplicate_block::ID as DUPLICATE_BLOCK;
pub(crate) use duplicate_function::ID as DUPLICATE_FUNCTION;
pub(crate) use import_cycle::ID as IMPORT_CYCLE;

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
        cyclomatic_complexity::RULE,
        deep_nesting::RULE,
        long_function::RULE,
        too_many_params::RULE,
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
        invalid_suppression::RULE,
        long_file::RULE,
        file_too_large::RULE,
        excessive_fan_out::RULE,
        wildcard_import::RULE,
        excessive_bools_struct::RULE,
        nested_functions::RULE,
        god_module::RULE,
        lock_across_await::RULE,
        blocking_in_async::RULE,
        await_in_loop::RULE,
        regex_in_loop::RULE,
        clone_in_loop::RULE,
        collect_then_iterate::RULE,
        string_build_in_loop::RULE,
        spread_in_reduce::RULE,
        unwrap_used::RULE,
        expect_used::RULE,
        panic_in_lib::RULE,
        indexing::RULE,
        ignored_result::RULE,
        map_err_ignore::RULE,
        empty_catch::RULE,
        duplicate_block::RULE,
        duplicate_function::RULE,
        import_cycle::RULE,
        useless_catch::RULE,
        floating_promise::RULE,
        async_executor::RULE,
        async_foreach::RULE,
    ]
}

#[cfg(test)]
mod fix_tests;
#[cfg(test)]
mod tests;
