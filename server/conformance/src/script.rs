//! TypeScript and JavaScript.

use autodao_syntax::Language;
use oxc_allocator::Allocator;
use oxc_diagnostics::OxcDiagnostic;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

use crate::{Comparison, SyntaxError, Verdict};

/// Whether the text is valid as a module, as a script, or as a declaration file: only its name and its neighbours
/// would tell which it is.
pub(crate) fn confirm(language: Language, text: &str) -> Verdict {
    let mut first = None;
    for source in readings(language) {
        match parse(source, text) {
            None => return Verdict::Valid,
            Some(error) => first = first.or(Some(error)),
        }
    }
    first.map_or(Verdict::Unknown, Verdict::Invalid)
}

/// Whether the text after is valid in a reading in which the one before is. What no engine runs counts as well: a
/// `break` outside of a loop, a name that is declared twice.
pub(crate) fn compare(language: Language, before: &str, after: &str) -> Comparison {
    let (mut first_before, mut first_after, mut was_valid) = (None, None, false);
    for source in readings(language) {
        // Declarations may be what nothing else may; hardly anything is wrong in them.
        if was_valid && source.is_typescript_definition() {
            break;
        }
        let old = errors(source, before, true);
        if old.is_empty() {
            was_valid = true;
            match errors(source, after, true) {
                none if none.is_empty() => return Comparison::Valid,
                found => first_after = first_after.or(found.into_iter().next()),
            }
        }
        first_before = first_before.or(Some(old));
    }
    if was_valid {
        return first_after.map_or(Comparison::Unknown, Comparison::Broken);
    }
    let first_after = readings(language).next().map(|source| errors(source, after, true));
    match (first_before, first_after) {
        (_, Some(after)) if after.is_empty() => Comparison::Valid,
        (Some(before), Some(after)) => Comparison::BothBroken { before, after },
        _ => Comparison::Unknown,
    }
}

/// The ways in which a text may be read, the usual one first.
fn readings(language: Language) -> impl Iterator<Item = SourceType> {
    let (module, other) = match language {
        Language::TypeScript => (SourceType::ts(), Some(SourceType::d_ts())),
        Language::Tsx => (SourceType::tsx(), None),
        Language::JavaScript | Language::Rust => (SourceType::jsx(), None),
    };
    [Some(module), Some(module.with_script(true)), other].into_iter().flatten()
}

/// The first error of a text, if there is one.
fn parse(source: SourceType, text: &str) -> Option<SyntaxError> {
    errors(source, text, false).into_iter().next()
}

/// The errors of a text in their order; those that need more than a parser where that is asked for and the parser
/// finds none.
fn errors(source: SourceType, text: &str, is_deep: bool) -> Vec<SyntaxError> {
    let allocator = Allocator::default();
    let options = ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
    let parsed = Parser::new(&allocator, text, source).with_options(options).parse();
    let mut found: Vec<_> = parsed.errors.iter().map(|error| error_at(text, error)).collect();
    if found.is_empty() && parsed.panicked {
        found.push(SyntaxError::new(text, text.len(), text.len(), "Unexpected end"));
    }
    if found.is_empty() && is_deep {
        let checked = SemanticBuilder::new().with_check_syntax_error(true).build(&parsed.program);
        found.extend(checked.errors.iter().map(|error| error_at(text, error)));
    }
    found.sort_by_key(|error| error.span.start);
    found
}

fn error_at(text: &str, error: &OxcDiagnostic) -> SyntaxError {
    let label = error.labels.as_ref().and_then(|labels| labels.first());
    let (start, len) = label.map_or((text.len(), 0), |label| (label.offset(), label.len()));
    SyntaxError::new(text, start, start + len, &error.message)
}
