//! Which queries of templates hold at a target.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use autodao_syntax::tree_sitter::{Query, QueryCursor, StreamingIterator};
use autodao_syntax::{Language, Span, SyntaxTree};
use autodao_templates::Library;

use super::lock;

/// The most queries that are asked of a target: each takes time at every menu.
const MOST: usize = 16;
/// The most matches of a query that are under way at once.
const MATCHES: u32 = 64;

type Compiled = HashMap<(Language, String), Option<Arc<Query>>>;

/// A query of a template, compiled once; `None` for one that the language's grammar does not know.
fn compiled(language: Language, text: &str) -> Option<Arc<Query>> {
    static COMPILED: OnceLock<Mutex<Compiled>> = OnceLock::new();
    let mut compiled = lock(COMPILED.get_or_init(Mutex::default));
    // Whoever writes one leaves many behind.
    if compiled.len() > MOST * 16 {
        compiled.clear();
    }
    let key = (language, text.to_owned());
    let known = compiled.entry(key);
    known.or_insert_with(|| Query::new(&language.grammar(), text).ok().map(Arc::new)).clone()
}

/// What is wrong with a template's query in a language, and at which byte of it; `None` when nothing is.
pub(crate) fn query_mistake(language: &str, text: &str) -> Option<(usize, String)> {
    let error = Query::new(&Language::from_name(language)?.grammar(), text).err()?;
    Some((error.offset, error.message.lines().next().unwrap_or("").to_owned()))
}

/// The queries of the templates in use that hold at a target: one of their captures is all of it.
pub(crate) fn holding<'a>(
    library: &'a Library,
    language: Language,
    tree: &SyntaxTree,
    text: &str,
    target: Span,
) -> Vec<&'a str> {
    let holds = |query: &&str| {
        let Some(query) = compiled(language, query) else { return false };
        let mut cursor = QueryCursor::new();
        cursor.set_match_limit(MATCHES);
        cursor.set_byte_range(target.range());
        let mut matches = cursor.matches(&query, tree.root_node(), text.as_bytes());
        while let Some(found) = matches.next() {
            if found.captures().iter().any(|capture| capture.node.byte_range() == target.range()) {
                return true;
            }
        }
        false
    };
    library.queries().into_iter().take(MOST).filter(holds).collect()
}
