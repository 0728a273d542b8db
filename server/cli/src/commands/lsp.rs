//! `autodao lsp`: serves an editor.

use autodao_lsp::{Stdout, serve};

use crate::exit;

/// Returns the exit code the protocol asks for.
pub(crate) fn run() -> u8 {
    autodao_engine::memory::prepare();
    match serve(std::io::stdin().lock(), Stdout::default()) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("the editor's messages cannot be read: {error}");
            exit::TROUBLE
        }
    }
}
