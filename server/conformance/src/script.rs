//! TypeScript and JavaScript.

use autodao_syntax::Language;
use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

use crate::{SyntaxError, Verdict};

/// Whether the text is valid as a module, as a script, or as a declaration file: only its name and its neighbours
/// would tell which it is.
pub(crate) fn confirm(language: Language, text: &str) -> Verdict {
    let (module, other) = match language {
        Language::TypeScript => (SourceType::ts(), Some(SourceType::d_ts())),
        Language::Tsx => (SourceType::tsx(), None),
        Language::JavaScript | Language::Rust => (SourceType::jsx(), None),
    };
    let mut first = None;
    for source in [Some(module), Some(module.with_script(true)), other].into_iter().flatten() {
        match parse(source, text) {
            None => return Verdict::Valid,
            Some(error) => first = first.or(Some(error)),
        }
    }
    first.map_or(Verdict::Unknown, Verdict::Invalid)
}

/// The first error of a text, if there is one.
fn parse(source: SourceType, text: &str) -> Option<SyntaxError> {
    let allocator = Allocator::default();
    let options = ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
    let parsed = Parser::new(&allocator, text, source).with_options(options).parse();
    let errors = parsed.errors.iter().map(|error| {
        let label = error.labels.as_ref().and_then(|labels| labels.first());
        let (start, len) = label.map_or((text.len(), 0), |label| (label.offset(), label.len()));
        SyntaxError::new(text, start, start + len, &error.message)
    });
    let first = errors.min_by_key(|error| error.span.start);
    let at_end = || SyntaxError::new(text, text.len(), text.len(), "Unexpected end");
    first.or_else(|| parsed.panicked.then(at_end))
}
