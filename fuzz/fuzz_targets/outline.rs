//! The outline of any text: items in order, inside the text and inside each other.

#![no_main]

use autodao_syntax::{Language, Span, SyntaxParser, outline};
use libfuzzer_sys::fuzz_target;

#[path = "../words.rs"]
mod words;

fuzz_target!(|input: (u8, words::Text)| {
    let (language, text) = input;
    let language = Language::ALL[usize::from(language) % 4];
    let text = text.render(language);
    let tree = SyntaxParser::default().parse_fresh(language, &text).unwrap();
    let items = outline(language, &text, &tree);
    let inside = |span: Span, outer: Span| {
        assert!(outer.contains(span), "{span:?} is not in {outer:?}");
        assert!(text.get(span.range()).is_some(), "{span:?} splits a character");
    };
    for (index, item) in items.iter().enumerate() {
        inside(item.span, Span::new(0, text.len() as u32));
        inside(item.name_span, item.span);
        inside(item.signature, item.span);
        if let Some(body) = item.body {
            inside(body, item.span);
        }
        if let Some(documentation) = item.documentation {
            inside(documentation, Span::new(0, item.span.start));
        }
        if let Some(parent) = item.parent {
            assert!(parent < index, "an outer item comes before those in it");
            inside(item.span, items[parent].span);
        }
        assert!(
            item.path.ends_with(&item.name) || item.path.contains(" as "),
            "{} of {}",
            item.path,
            item.name
        );
    }
    assert!(items.is_sorted_by_key(|item| item.span.start));
});
