//! Any reply to any place: an edit keeps what it must keep, or there is none.

#![no_main]

use arbitrary::Arbitrary;
use autodao_edits::{
    Applied, Checks, Contract, Ending, Outcome, Pending, Reply, Request, Site, Terms, apply, inverse,
    propose, survival,
};
use autodao_syntax::position::position_of;
use autodao_syntax::{Buffer, Change, Document, Language, PositionEncoding, Span, SyntaxParser};
use libfuzzer_sys::fuzz_target;

#[path = "../words.rs"]
mod words;

#[derive(Arbitrary, Debug)]
struct Input {
    language: u8,
    contract: u8,
    before: words::Text,
    target: words::Text,
    after: words::Text,
    reply: words::Text,
    /// Whether the reply is the target with something around it, fenced.
    echo: bool,
    fenced: bool,
    complete: bool,
    typed: Vec<(u16, u8, words::Text)>,
}

const CONTRACTS: [Contract; 6] = [
    Contract::WholeNode,
    Contract::Hunks,
    Contract::InsertBefore,
    Contract::InsertAfter,
    Contract::NewFile,
    Contract::Text,
];

/// As the gate says: our grammar's errors are confirmed, for it may be behind its language.
fn is_broken(language: Language, text: &str) -> bool {
    let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
    tree.root_node().has_error() && autodao_conformance::is_broken(language, text)
}

fuzz_target!(|input: Input| {
    let language = Language::ALL[usize::from(input.language) % 4];
    let contract = CONTRACTS[usize::from(input.contract) % 6];
    let (before, middle) = (input.before.render(language), input.target.render(language));
    let text = format!("{before}{middle}{}", input.after.render(language));
    let target = Span::new(before.len() as u32, (before.len() + middle.len()) as u32);
    let mut parser = SyntaxParser::default();
    let site = if contract == Contract::NewFile {
        Site::new_file(&mut parser, language, Default::default())
    } else {
        Site::parse(&mut parser, Buffer::shared(text), language, 1, target)
    };
    let Ok(site) = site else { return };
    let mut reply = input.reply.render(language);
    if input.echo {
        reply = format!("{}{reply}", site.shown());
    }
    if input.fenced {
        reply = format!("```\n{reply}\n```");
    }
    let ending = if input.complete { Ending::Complete } else { Ending::Length };
    let request = Request { site, contract, terms: Terms::default() };
    let mut checks = Checks { parser: &mut parser, names: None, quality: None };
    let outcome = propose(&request, &Reply { text: &reply, ending }, &mut checks);
    let Outcome::Proposal(proposal) = outcome else { return };
    assert!(input.complete);
    let old = request.site.buffer().text();
    assert_eq!(apply(old, &proposal.edits).as_ref(), Some(&proposal.text));
    let back = inverse(old, &proposal.edits).unwrap();
    assert_eq!(apply(&proposal.text, &back).as_deref(), Some(old));
    assert!(is_broken(language, old) || !is_broken(language, &proposal.text), "{old}\n->\n{}", proposal.text);
    let within =
        proposal.edits.iter().all(|edit| edit.span.is_empty() || request.site.target().contains(edit.span));
    assert!(within, "{:?}", proposal.edits);
    let now = survival(old, &proposal.text, &proposal.text);
    assert_eq!(now.inserted, now.surviving);

    // Typed meanwhile: both sides are there, or there is no edit.
    let mut document = Document::new(Some(language), 1, old.to_owned());
    let mut pending = Pending::new(&request);
    // A new file is of no document.
    if request.contract == Contract::NewFile {
        return;
    }
    for (at, len, text) in &input.typed {
        let buffer = document.buffer().clone();
        let bounds: Vec<u32> =
            buffer.text().char_indices().map(|(at, _)| at as u32).chain([buffer.len()]).collect();
        let from = usize::from(*at) % bounds.len();
        let to = (from + usize::from(*len)).min(bounds.len() - 1);
        let position = |index: usize| position_of(&buffer, bounds[index], PositionEncoding::Utf8);
        let text = text.render(language);
        let change = Change { range: Some((position(from), position(to))), text: &text };
        let version = document.version() + 1;
        let Ok(applied) = document.apply(version, &[change], PositionEncoding::Utf8) else { return };
        pending.follow(&applied, document.buffer(), version);
    }
    let rebased = pending.rebase(&request, &proposal, None, &mut checks);
    let current = document.buffer();
    let Outcome::Proposal(rebased) = rebased else { return };
    assert_eq!(rebased.version, document.version());
    assert_eq!(apply(current.text(), &rebased.edits).as_ref(), Some(&rebased.text));
    let texts =
        |edits: &[autodao_quality::TextEdit]| edits.iter().map(|e| e.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&rebased.edits), texts(&proposal.edits));
    let undo = Applied::new(current, &rebased).unwrap().undo().unwrap();
    assert_eq!(apply(&rebased.text, &undo).as_deref(), Some(current.text()));
});
