//! Code that is edited: the analysis kept up to date equals one from nothing, and what it finds and proposes
//! fits the text.

#![no_main]

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arbitrary::Arbitrary;
use autodao_quality::{Analysis, FileRole, Finding, HOLD, PlacedFinding, Profile};
use autodao_syntax::position::position_of;
use autodao_syntax::{
    AppliedChange, Buffer, Change, Document, Language, PositionEncoding, Span, SyntaxParser, SyntaxTree,
};
use libfuzzer_sys::fuzz_target;

#[path = "../words.rs"]
mod words;

#[derive(Arbitrary, Debug)]
struct Edit {
    at: u16,
    len: u8,
    text: words::Text,
    /// How long after the edit before, in milliseconds.
    pause: u8,
    by_program: bool,
}

fn findings(analysis: &Analysis, buffer: &Buffer) -> Vec<Finding> {
    analysis.report(buffer).findings.iter().map(PlacedFinding::finding).collect()
}

/// Whether a text of this language has a syntax error.
fn is_broken(language: Language, text: &str) -> bool {
    SyntaxParser::default().parse_fresh(language, text).unwrap().root_node().has_error()
}

/// Spans lie in the text, on characters; the edits of a fix are in order, and leave whole what was whole.
fn assert_fits(language: Language, text: &str, findings: &[Finding]) {
    let get = |span: Span| text.get(span.range()).unwrap_or_else(|| panic!("{span:?} is not in {text:?}"));
    let was_broken = is_broken(language, text);
    for finding in findings {
        get(finding.span);
        assert!(!finding.message.contains('\n'), "{}", finding.message);
        for fix in &finding.fixes {
            assert!(fix.edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "{fix:?}");
            let mut fixed = text.to_owned();
            for edit in fix.edits.iter().rev() {
                get(edit.span);
                fixed.replace_range(edit.span.range(), &edit.text);
            }
            assert!(was_broken || !is_broken(language, &fixed), "{}:\n{text}\n->\n{fixed}", fix.title);
        }
    }
}

struct Edited {
    language: Language,
    document: Document,
    parser: SyntaxParser,
    tree: SyntaxTree,
    analysis: Analysis,
    now: Instant,
}

impl Edited {
    fn new(language: Language, text: &str) -> Self {
        let profile = Profile::shared_default();
        profile.compile_queries(language);
        let mut parser = SyntaxParser::default();
        let tree = parser.parse_fresh(language, text).unwrap();
        let mut analysis = Analysis::new(profile, Some(language), FileRole::Library);
        let now = Instant::now();
        analysis.update(text, &tree, now);
        let document = Document::new(Some(language), 0, text.to_owned());
        Self { language, document, parser, tree, analysis, now }
    }

    fn apply(&mut self, edit: &Edit) {
        let buffer = Arc::clone(self.document.buffer());
        let start = u32::from(edit.at) % (buffer.len() + 1);
        let place = |offset: u32| position_of(&buffer, offset.min(buffer.len()), PositionEncoding::Utf8);
        let text = edit.text.render(self.language);
        let change = Change { range: Some((place(start), place(start + u32::from(edit.len)))), text: &text };
        self.now += Duration::from_millis(edit.pause.into());
        if edit.by_program {
            self.analysis.edited_by_program();
        }
        for applied in
            self.document.apply(self.document.version() + 1, &[change], PositionEncoding::Utf8).unwrap()
        {
            let AppliedChange::Edit(edit) = applied else { unreachable!() };
            self.tree.edit(&edit);
            self.analysis.edit(&edit);
        }
        // Between the edit and the tree the findings of before are shown, moved.
        let text = self.document.buffer().text();
        for finding in findings(&self.analysis, self.document.buffer()) {
            assert!(finding.span.end as usize <= text.len(), "{finding:?} is behind the end of {text:?}");
        }
        let mut go_on = || ControlFlow::Continue(());
        self.tree = self.parser.parse(self.language, text, Some(&self.tree), &mut go_on).unwrap();
        self.analysis.update(text, &self.tree, self.now);
    }

    fn compare(&mut self) {
        let buffer = Arc::clone(self.document.buffer());
        if self.analysis.next_deadline().is_some() {
            self.now += HOLD;
            self.analysis.update(buffer.text(), &self.tree, self.now);
        }
        assert_eq!(self.analysis.next_deadline(), None, "a hold does not end");
        let mut fresh = Analysis::new(Profile::shared_default(), Some(self.language), FileRole::Library);
        fresh.update(buffer.text(), &self.tree, self.now);
        let now = findings(&self.analysis, &buffer);
        assert_eq!(now, findings(&fresh, &buffer), "{}", buffer.text());
        assert_fits(self.language, buffer.text(), &now);
    }
}

fuzz_target!(|input: (u8, words::Text, Vec<Edit>)| {
    let (language, text, edits) = input;
    let language = Language::ALL[usize::from(language) % 4];
    let mut edited = Edited::new(language, &text.render(language));
    edited.compare();
    for edit in &edits {
        edited.apply(edit);
    }
    edited.compare();
});
