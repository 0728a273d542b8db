//! Ten ways in which an AI language server was seen to break a text, hang or answer nothing.

use autodao_edits::{Checks, Contract, Ending, Outcome, Pending, Reply, Request, propose};
use autodao_syntax::{Change, Document, Language, Position, PositionEncoding, SyntaxParser};

use super::{accepted, ended, fenced, outcome, refused, request};

const FUNCTION: &str = "fn before() {}\n\n⟦fn total(items: &[u32]) -> u32 {\n    items.iter().sum()\n}⟧\n";

fn function() -> Request {
    request(Language::Rust, FUNCTION, Contract::WholeNode)
}

#[test]
fn t1_a_reply_that_does_not_match_deletes_nothing() {
    for reply in
        ["", "  \n", "I could not find anything to improve.", "```\n```", "```rust\n\n```\n", "<code></code>"]
    {
        let refusal = refused(&function(), reply);
        assert!(!refusal.reason.is_empty());
        assert!(refusal.repair_prompt(Contract::WholeNode).contains(&refusal.reason));
    }
}

#[test]
fn t2_a_truncated_reply_is_no_edit() {
    let reply = fenced("fn total(items: &[u32]) -> u32 {\n    items.iter().copied().sum()\n}");
    assert!(matches!(ended(&function(), &reply, Ending::Complete), Outcome::Proposal(_)));
    let refusal = ended(&function(), &reply, Ending::Length);
    assert_eq!(refusal.refusal().unwrap().gate.name(), "ending");
    // Nor is one whose end nobody reported, where the fence is open.
    let open = reply.trim_end().trim_end_matches('`');
    assert!(ended(&function(), open, Ending::Unreported).refusal().is_some());
    // Nor one that lost its end without anybody noticing.
    for cut in 1..reply.len() - 6 {
        assert!(
            ended(&function(), &reply[..cut], Ending::Complete).proposal().is_none(),
            "{}",
            &reply[..cut]
        );
    }
}

#[test]
fn t3_no_character_goes_because_the_text_begins_with_it() {
    let request =
        request(Language::JavaScript, "⟦function f(x) {\n  x = 'f';\n  return f\n}⟧", Contract::WholeNode);
    let proposal = accepted(&request, &fenced("function f(x) {\n  x = \"f\";\n  return f\n}"));
    assert_eq!(proposal.text, "function f(x) {\n  x = \"f\";\n  return f\n}");
}

#[test]
fn t4_lines_typed_above_move_the_edit() {
    let request = function();
    let Outcome::Proposal(proposal) =
        outcome(&request, &fenced("fn total(items: &[u32]) -> u32 {\n    0\n}"))
    else {
        panic!("refused");
    };
    let mut document = Document::new(Some(Language::Rust), 7, request.site.buffer().text().into());
    let mut pending = Pending::new(&request);
    let at = Position { line: 0, column: 0 };
    let typed = [Change { range: Some((at, at)), text: "// one\n// two\n" }];
    let applied = document.apply(8, &typed, PositionEncoding::Utf16).unwrap();
    pending.follow(&applied, document.buffer(), 8);
    let mut parser = SyntaxParser::default();
    let mut checks = Checks { parser: &mut parser, names: None, quality: None };
    let rebased = pending.rebase(&request, &proposal, None, &mut checks);
    let rebased = rebased.proposal().unwrap();
    assert_eq!(rebased.version, 8);
    assert_eq!(
        rebased.text,
        "// one\n// two\nfn before() {}\n\nfn total(items: &[u32]) -> u32 {\n    0\n}\n"
    );
    assert_eq!(autodao_edits::apply(document.buffer().text(), &rebased.edits).as_ref(), Some(&rebased.text));
}

#[test]
fn t5_a_cancelled_request_is_no_edit() {
    let reply = fenced("fn total(items: &[u32]) -> u32 {\n    0\n}");
    for ending in [Ending::Cancelled, Ending::Cut, Ending::Refused, Ending::Filtered, Ending::ToolUse] {
        let outcome = ended(&function(), &reply, ending);
        assert!(!outcome.refusal().unwrap().repairable);
    }
}

#[test]
fn t6_every_request_has_its_own_answer() {
    let request = function();
    let replies: Vec<String> =
        (0..6).map(|n| fenced(&format!("fn total(items: &[u32]) -> u32 {{\n    {n}\n}}"))).collect();
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let threads: Vec<_> = replies.iter().map(|reply| scope.spawn(|| outcome(&request, reply))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (n, outcome) in outcomes.iter().enumerate() {
        assert!(outcome.proposal().unwrap().text.contains(&format!("    {n}\n")));
    }
}

#[test]
fn words_that_were_cut_off_are_shown_and_said_to_be() {
    let mut request = function();
    request.contract = Contract::Text;
    let mut parser = SyntaxParser::default();
    let mut said = |text, ending| {
        let mut checks = Checks { parser: &mut parser, names: None, quality: None };
        propose(&request, &Reply { text, ending }, &mut checks)
    };
    let Outcome::Message(text) = said("It is slow because", Ending::Length) else { panic!() };
    assert_eq!(text, "It is slow because…\n\n(Cut off at the token limit.)");
    for (text, ending) in [("", Ending::Length), ("It is", Ending::Cut), ("It is", Ending::Filtered)] {
        assert!(matches!(said(text, ending), Outcome::Refusal(_)), "{ending:?}");
    }
}

#[test]
fn t7_whatever_is_asked_there_is_an_answer() {
    use Contract::{Hunks, InsertAfter, InsertBefore, NewFile, Text, WholeNode};
    let mut request = function();
    for contract in [WholeNode, Hunks, InsertBefore, InsertAfter, NewFile, Text] {
        request.contract = contract;
        match outcome(&request, "Nothing to do.") {
            Outcome::Message(text) => assert_eq!((contract, text.as_str()), (Text, "Nothing to do.")),
            Outcome::Refusal(refusal) => assert!(refusal.repairable && contract != Text),
            Outcome::Proposal(proposal) => panic!("{proposal:?}"),
        }
    }
}

#[test]
fn t8_characters_beyond_the_basic_plane_move_nothing() {
    let text = "const A: &str = \"😀😀\"; ⟦fn f() -> char {\n    '😀'\n}⟧ // 😀\n";
    let request = request(Language::Rust, text, Contract::WholeNode);
    let proposal = accepted(&request, &fenced("fn f() -> char {\n    '🚀'\n}"));
    assert_eq!(proposal.text, "const A: &str = \"😀😀\"; fn f() -> char {\n    '🚀'\n} // 😀\n");
}

#[test]
fn t9_the_model_is_shown_whole_characters() {
    let text = "function a() {\n  ⟦const 中文 = '中文';⟧\n}\n";
    let request = request(Language::TypeScript, text, Contract::WholeNode);
    assert_eq!(request.site.shown(), "const 中文 = '中文';");
    let proposal = accepted(&request, &fenced("const 中文 = '汉字';"));
    assert_eq!(proposal.text, "function a() {\n  const 中文 = '汉字';\n}\n");
}

#[test]
fn t10_line_ends_stay() {
    let text = "fn a() {}\r\n⟦fn f() {\r\n    a();\r\n}⟧\r\n";
    let request = request(Language::Rust, text, Contract::WholeNode);
    assert!(!request.site.shown().contains('\r'));
    let proposal = accepted(&request, &fenced("fn f() {\n    a();\n    a();\n}"));
    assert_eq!(proposal.text, "fn a() {}\r\nfn f() {\r\n    a();\r\n    a();\r\n}\r\n");
    let mut checks_parser = SyntaxParser::default();
    let mut checks = Checks { parser: &mut checks_parser, names: None, quality: None };
    let reply = "```\r\nfn f() {\r\n    a();\r\n    a();\r\n}\r\n```\r\n";
    let same = propose(&request, &Reply { text: reply, ending: Ending::Complete }, &mut checks);
    assert_eq!(same.proposal().unwrap().text, proposal.text);
}
