//! Typing while a proposal is pending, and after it was applied, against a model of single characters.

use std::sync::Arc;

use autodao_edits::{Applied, Checks, Contract, Outcome, Pending, Proposal, Request};
use autodao_quality::TextEdit;
use autodao_syntax::position::position_of;
use autodao_syntax::{AppliedChange, Buffer, Change, Document, Language, PositionEncoding, SyntaxParser};
use proptest::prelude::*;

use super::hostile::cases;
use super::{fenced, outcome, request};

/// Places, replies that are fine, and the language.
const SITES: &[(Language, &str, &[&str])] = &[
    (
        Language::Rust,
        "use std::fmt;\n\n/// One.\nfn one() {}\n\n⟦fn two(a: u8) -> u8 {\n    let b = a;\n    let c = b;\n    one();\n    c\n}⟧\n\nfn three() {}\n",
        &[
            "fn two(a: u8) -> u8 {\n    let b = a + 1;\n    let c = b;\n    one();\n    c\n}",
            "fn two(a: u8) -> u8 {\n    let b = a;\n    let c = b;\n    one();\n    one();\n    c + 2\n}",
            "fn two(a: u8) -> u8 {\n    one();\n    a\n}",
        ],
    ),
    (
        Language::TypeScript,
        "import { x } from 'y';\r\n\r\nclass A {\r\n  ⟦run(a: number) {\r\n    const b = '😀';\r\n    return x(a, b);\r\n  }⟧\r\n\r\n  stop() {}\r\n}",
        &[
            "run(a: number) {\n  const b = '😀!';\n  return x(a, b);\n}",
            "run(a: number) {\n  const b = '😀';\n  if (a) {\n    return b;\n  }\n  return x(a, b);\n}",
        ],
    ),
];

/// One notification's change: a place, how much goes, what comes.
#[derive(Clone, Debug)]
enum Typing {
    Replace {
        at: u16,
        len: u16,
        text: String,
    },
    /// A whole line put at the start of a line.
    Line {
        line: u8,
        text: String,
    },
    /// The whole text, as a formatter sends it, with one place changed.
    Whole {
        at: u16,
        text: String,
    },
}

fn typing() -> impl Strategy<Value = Typing> {
    let text = prop_oneof![
        "[a-z(){};\"' \n😀]{0,4}",
        Just("\r\n".to_owned()),
        Just("// note\n".to_owned()),
        Just("\n".to_owned()),
        Just("let z = 1;".to_owned())
    ];
    prop_oneof![
        6 => (any::<u16>(), 0u16..6, text.clone()).prop_map(|(at, len, text)| Typing::Replace { at, len, text }),
        5 => (any::<u8>(), "[a-z ]{0,6}").prop_map(|(line, text)| Typing::Line { line, text }),
        1 => (any::<u16>(), text).prop_map(|(at, text)| Typing::Whole { at, text }),
    ]
}

/// A text as single characters, each with the index it had at the beginning if it was there.
#[derive(Clone)]
struct Model(Vec<(char, Option<usize>)>);

impl Model {
    fn new(text: &str) -> Self {
        Self(text.chars().enumerate().map(|(index, c)| (c, Some(index))).collect())
    }

    fn replace(&mut self, from: usize, to: usize, text: &str) {
        self.0.splice(from..to, text.chars().map(|c| (c, None)));
    }

    fn text(&self) -> String {
        self.0.iter().map(|(c, _)| *c).collect()
    }

    /// The text with edits of the beginning's text put in: a removed character goes wherever it is now, an inserted
    /// text follows the character it followed. `None` where that character is gone, or something was typed between.
    fn with(&self, base: &str, edits: &[TextEdit]) -> Option<String> {
        let index_of = |offset: u32| base[..offset as usize].chars().count();
        let mut result = self.0.clone();
        for edit in edits.iter().rev() {
            let (from, to) = (index_of(edit.span.start), index_of(edit.span.end));
            let find = |index: usize| result.iter().position(|(_, at)| *at == Some(index));
            let start = if from == 0 { 0 } else { find(from - 1)? + 1 };
            let end = start + (to - from);
            // Exactly the characters that were there.
            for (step, index) in (from..to).enumerate() {
                (result.get(start + step)?.1 == Some(index)).then_some(())?;
            }
            result.splice(start..end, edit.text.chars().map(|c| (c, None)));
        }
        Some(result.iter().map(|(c, _)| *c).collect())
    }
}

/// A document that is typed into.
struct Editor {
    document: Document,
    model: Model,
}

impl Editor {
    fn new(language: Language, version: i32, text: &str) -> Self {
        Self { document: Document::new(Some(language), version, text.into()), model: Model::new(text) }
    }

    /// Types; gives what the server learns of it.
    fn perform(&mut self, typing: &Typing) -> (Vec<AppliedChange>, Arc<Buffer>, i32) {
        let buffer = Arc::clone(self.document.buffer());
        let count = self.model.0.len();
        let offset =
            |index: usize| self.model.0[..index].iter().map(|(c, _)| c.len_utf8()).sum::<usize>() as u32;
        let (from, to, text) = match typing {
            Typing::Replace { at, len, text } => {
                let from = usize::from(*at) % (count + 1);
                (from, (from + usize::from(*len)).min(count), text.clone())
            }
            Typing::Whole { at, text } => {
                let from = usize::from(*at) % (count + 1);
                (from, from, text.clone())
            }
            Typing::Line { line, text } => {
                let breaks = self.model.0.iter().enumerate().filter(|(_, (c, _))| *c == '\n');
                let starts: Vec<usize> = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
                let start = starts[usize::from(*line) % starts.len()];
                (start, start, format!("// {text}\n"))
            }
        };
        let position = |index: usize| position_of(&buffer, offset(index), PositionEncoding::Utf16);
        // A place inside a line break is none; it is moved by who sends it.
        let inside = |index: usize| {
            index > 0 && index < count && self.model.0[index - 1].0 == '\r' && self.model.0[index].0 == '\n'
        };
        let (from, to) = (from - usize::from(inside(from)), to + usize::from(inside(to)));
        let range = (position(from), position(to));
        let version = self.document.version() + 1;
        self.model.replace(from, to, &text);
        let whole = self.model.text();
        let change = match typing {
            Typing::Whole { .. } => {
                // Which characters stayed is not said.
                Change { range: None, text: &whole }
            }
            _ => Change { range: Some(range), text: &text },
        };
        let applied = self.document.apply(version, &[change], PositionEncoding::Utf16).unwrap();
        assert_eq!(self.document.buffer().text(), whole);
        (applied, Arc::clone(self.document.buffer()), version)
    }
}

fn proposal(site: usize, reply: usize) -> (Request, Proposal) {
    let (language, text, replies) = SITES[site % SITES.len()];
    let request = request(language, text, Contract::WholeNode);
    let outcome = outcome(&request, &fenced(replies[reply % replies.len()]));
    let Outcome::Proposal(proposal) = outcome else { panic!("{outcome:?}") };
    (request, *proposal)
}

fn rebase(pending: &Pending, request: &Request, proposal: &Proposal) -> Outcome {
    let mut parser = SyntaxParser::default();
    pending.rebase(request, proposal, None, &mut Checks { parser: &mut parser, names: None, quality: None })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases(6_000)) })]

    /// The result is the merge of both sides, or a refusal.
    #[test]
    fn no_keystroke_is_lost(site in 0usize..2, reply in 0usize..3, script in prop::collection::vec(typing(), 0..6)) {
        let (request, proposal) = proposal(site, reply);
        let base = request.site.buffer().text().to_owned();
        let mut editor = Editor::new(request.site.language(), 7, &base);
        let mut pending = Pending::new(&request);
        let mut whole = false;
        for typing in &script {
            let (changes, buffer, version) = editor.perform(typing);
            pending.follow(&changes, &buffer, version);
            whole |= matches!(typing, Typing::Whole { .. });
        }
        match rebase(&pending, &request, &proposal) {
            Outcome::Proposal(rebased) => {
                let current = editor.document.buffer().text();
                prop_assert_eq!(rebased.version, editor.document.version());
                let applied = autodao_edits::apply(current, &rebased.edits);
                prop_assert_eq!(applied.as_ref(), Some(&rebased.text));
                let merged = editor.model.with(&base, &proposal.edits);
                // A character that was deleted and typed again is another one to the model.
                if let (false, Some(merged)) = (whole, merged) {
                    prop_assert_eq!(&rebased.text, &merged);
                }
                // Both sides, literally: taking the model's side out gives the user's text.
                let back = autodao_edits::inverse(current, &rebased.edits).unwrap();
                let restored = autodao_edits::apply(&rebased.text, &back);
                prop_assert_eq!(restored.as_deref(), Some(current));
                let inserted = |edits: &[TextEdit]| edits.iter().map(|e| e.text.clone()).collect::<Vec<_>>();
                prop_assert_eq!(inserted(&rebased.edits), inserted(&proposal.edits));
            }
            Outcome::Refusal(refusal) => prop_assert!(!refusal.reason.is_empty()),
            Outcome::Message(_) => prop_assert!(false),
        }
    }

    /// Comment lines typed anywhere but in the lines the edit changes do not stop it.
    #[test]
    fn what_is_typed_elsewhere_stops_nothing(site in 0usize..2, reply in 0usize..3, lines in prop::collection::vec(any::<bool>(), 1..5)) {
        let (request, proposal) = proposal(site, reply);
        let mut editor = Editor::new(request.site.language(), 7, request.site.buffer().text());
        let mut pending = Pending::new(&request);
        for first in lines {
            let line = if first { 0 } else { editor.document.buffer().lines().count() as u8 - 2 };
            let (changes, buffer, version) = editor.perform(&Typing::Line { line, text: "x".into() });
            pending.follow(&changes, &buffer, version);
        }
        let rebased = rebase(&pending, &request, &proposal);
        let merged = editor.model.with(request.site.buffer().text(), &proposal.edits);
        prop_assert_eq!(rebased.proposal().map(|rebased| &rebased.text), merged.as_ref(), "{:?}", rebased);
    }

    /// An edit is taken back as a whole and alone, or not at all.
    #[test]
    fn undo_leaves_what_was_typed(site in 0usize..2, reply in 0usize..3, script in prop::collection::vec(typing(), 0..4)) {
        let (request, proposal) = proposal(site, reply);
        let mut editor = Editor::new(request.site.language(), 8, &proposal.text);
        let mut applied = Applied::new(request.site.buffer(), &proposal).unwrap();
        let mut whole = false;
        for typing in &script {
            let (changes, buffer, _) = editor.perform(typing);
            applied.follow(&changes, &buffer);
            whole |= matches!(typing, Typing::Whole { .. });
        }
        let untouched = script.is_empty();
        match applied.undo() {
            Ok(edits) => {
                let undone = autodao_edits::apply(editor.document.buffer().text(), &edits);
                let inverse = autodao_edits::inverse(request.site.buffer().text(), &proposal.edits).unwrap();
                if let (false, Some(model)) = (whole, editor.model.with(&proposal.text, &inverse)) {
                    prop_assert_eq!(undone.as_ref(), Some(&model));
                }
                if untouched {
                    prop_assert_eq!(undone.as_deref(), Some(request.site.buffer().text()));
                }
            }
            Err(_) => prop_assert!(!untouched),
        }
    }
}

/// One change typed into the target between request and reply.
fn typed_inside(find: &str, with: &str) -> (Request, Outcome) {
    let (request, proposal) = proposal(0, 1);
    let text = request.site.buffer().text();
    let at = text.find(find).unwrap();
    let mut editor = Editor::new(Language::Rust, 7, text);
    let count = |bytes: usize| text[..bytes].chars().count();
    let mut pending = Pending::new(&request);
    let from = count(at);
    let len = find.chars().count() as u16;
    let (changes, buffer, version) =
        editor.perform(&Typing::Replace { at: from as u16, len, text: with.to_owned() });
    pending.follow(&changes, &buffer, version);
    let outcome = rebase(&pending, &request, &proposal);
    (request, outcome)
}

#[test]
fn inside_the_target_both_sides_are_merged_or_nothing_is() {
    // The proposal adds a line after `one();` and changes the last one.
    let (_, merged) = typed_inside("let b = a;", "let b = a * 2;");
    let merged = merged.proposal().unwrap().text.clone();
    assert!(
        merged.contains("let b = a * 2;\n    let c = b;\n    one();\n    one();\n    c + 2\n}"),
        "{merged}"
    );
    for (find, with) in [("    c\n", "    c + 1\n"), ("    one();\n    c", "    c"), ("fn two", "fn second")]
    {
        let (_, outcome) = typed_inside(find, with);
        let gate = outcome.refusal().map(|refusal| refusal.gate.name());
        if find == "fn two" {
            // The user renamed the function while its body was written: both stand.
            assert!(outcome.proposal().unwrap().text.contains("fn second(a: u8)"));
        } else {
            assert_eq!(gate, Some("conflict"), "{find}");
        }
    }
    // Merged, it would not parse: the gates are asked again.
    let (_, outcome) = typed_inside("let b = a;", "let b = (a;");
    assert!(outcome.proposal().is_none_or(|proposal| proposal.text.contains("(a;")));
    // The target itself goes.
    let (request, _) = proposal(0, 1);
    let (_, outcome) = typed_inside(request.site.target_text(), "");
    assert_eq!(outcome.refusal().unwrap().gate.name(), "conflict");
}
