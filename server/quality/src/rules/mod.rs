//! One rule a file.

use crate::Rule;

mod async_executor;
mod async_foreach;
mod await_in_loop;
mod blocking_in_async;
mod clone_in_loop;
mod cognitive_complexity;
mod collapsible_if;
mod collect_then_iterate;
mod conflict_marker;
mod cyclomatic_complexity;
mod debug_left;
mod duplicate_block;
mod duplicate_function;
mod deep_nesting;
mod empty_catch;
mod excessive_bools_struct;
mod excessive_fan_out;
mod expect_used;
mod file_too_large;
mod import_cycle;
mod long_file;
mod long_function;
mod floating_promise;
mod god_module;
mod ignored_result;
mod indexing;
mod lock_across_await;
mod map_err_ignore;
mod nested_functions;
mod nested_ternary;
mod panic_in_lib;
mod regex_in_loop;
mod spread_in_reduce;
mod string_build_in_loop;
mod todo_comment;
mod too_many_params;
mod unimplemented;
mod unwrap_used;
mod useless_catch;
mod wildcard_import;

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
