//! Replies in, edits or refusals out: through the crate's public functions.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in here fails the test that uses it")]

mod compilers;
mod encoded;
mod gates;
mod heads;
mod hostile;
mod imported;
mod peers;
mod place;
mod replies;
mod typing;

use autodao_edits::{
    Checks, Contract, Ending, Names, Outcome, Proposal, Refusal, Reply, Request, Site, Terms, propose,
};
use autodao_syntax::{Buffer, Language, Span, SyntaxParser};

/// A text without the marks `⟦` and `⟧`, and the range between them.
pub fn marked(text: &str) -> (String, Span) {
    let start = text.find('⟦').unwrap();
    let end = text.find('⟧').unwrap() - '⟦'.len_utf8();
    (text.replace(['⟦', '⟧'], ""), Span::new(start as u32, end as u32))
}

/// A request for the marked part of a text.
pub fn request(language: Language, text: &str, contract: Contract) -> Request {
    let (text, target) = marked(text);
    let mut parser = SyntaxParser::default();
    let site = Site::parse(&mut parser, Buffer::shared(text), language, 7, target).unwrap();
    Request { site, contract, terms: Terms::default() }
}

/// What comes of a complete reply.
pub fn outcome(request: &Request, reply: &str) -> Outcome {
    ended(request, reply, Ending::Complete)
}

/// What comes of a reply that ended so.
pub fn ended(request: &Request, text: &str, ending: Ending) -> Outcome {
    with_names(request, text, ending, None)
}

/// The same with a workspace that knows names.
pub fn with_names(request: &Request, text: &str, ending: Ending, names: Option<&dyn Names>) -> Outcome {
    let mut parser = SyntaxParser::default();
    propose(request, &Reply { text, ending }, &mut Checks { parser: &mut parser, names, quality: None })
}

/// The proposal for a reply, after checking that its edits make its text and leave the outside alone.
pub fn accepted(request: &Request, reply: &str) -> Proposal {
    match outcome(request, reply) {
        Outcome::Proposal(proposal) => {
            check_proposal(request, &proposal);
            *proposal
        }
        other => panic!("{reply}\n-> {other:?}"),
    }
}

/// The refusal of a reply.
pub fn refused(request: &Request, reply: &str) -> Refusal {
    match outcome(request, reply) {
        Outcome::Refusal(refusal) => *refusal,
        other => panic!("{reply}\n-> {other:?}"),
    }
}

/// What holds for every proposal.
pub fn check_proposal(request: &Request, proposal: &Proposal) {
    let old = request.site.buffer().text();
    let new = &proposal.text;
    assert_eq!(proposal.version, request.site.version());
    assert_eq!(autodao_edits::apply(old, &proposal.edits).as_deref(), Some(new.as_str()));
    assert!(
        proposal.edits.windows(2).all(|pair| pair[0].span.end < pair[1].span.start),
        "{:?}",
        proposal.edits
    );
    let target = request.site.target();
    let (first, last) = (proposal.edits.first().unwrap(), proposal.edits.last().unwrap());
    if matches!(request.contract, Contract::WholeNode | Contract::Hunks) {
        assert!(target.start <= first.span.start && last.span.end <= target.end, "{:?}", proposal.edits);
    } else {
        assert!(proposal.edits.iter().all(|edit| edit.span.is_empty()), "an insertion removes nothing");
    }
    let back = autodao_edits::inverse(old, &proposal.edits).unwrap();
    assert_eq!(autodao_edits::apply(new, &back).as_deref(), Some(old));
    assert!(proposal.report.passed());
}

/// A reply with one fenced block.
pub fn fenced(code: &str) -> String {
    format!("```\n{code}\n```\n")
}
