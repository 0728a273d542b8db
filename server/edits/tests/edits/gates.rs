//! What each gate stops, and what it lets through.

use autodao_edits::{
    Allowance, Checks, Contract, Ending, Gate, NameTerm, Names, Outcome, QualityBaseline, Reply, Request,
    Verdict, propose,
};
use autodao_quality::{Catalog, FileRole, Profile, Severity};
use autodao_syntax::{Language, SyntaxParser};

use super::{accepted, fenced, outcome, refused, request, with_names};

struct Workspace;

impl Names for Workspace {
    fn is_known(&self, name: &str) -> bool {
        matches!(name, "Known" | "known" | "known_method")
    }

    fn is_package(&self, name: &str) -> Option<bool> {
        Some(matches!(name, "serde" | "react"))
    }

    fn similar(&self, _: &str) -> Vec<String> {
        vec!["known".into()]
    }
}

/// The names gate's verdict on a body for a function.
fn names(language: Language, text: &str, code: &str) -> Verdict {
    let request = request(language, text, Contract::WholeNode);
    let outcome = with_names(&request, &fenced(code), Ending::Complete, Some(&Workspace));
    let report = match &outcome {
        Outcome::Proposal(proposal) => &proposal.report,
        Outcome::Refusal(refusal) => &refusal.report,
        Outcome::Message(_) => panic!("{outcome:?}"),
    };
    let verdict = report.results.iter().find(|result| result.gate == Gate::Names);
    verdict.unwrap_or_else(|| panic!("{outcome:?}")).verdict.clone()
}

const RUST: &str = "\
use std::fmt;
const LIMIT: u8 = 3;
struct Point { x: u8 }
fn helper(secret: u8) -> u8 { let inside = secret; inside }
impl Point { fn origin() -> Self { Self { x: 0 } } }
⟦fn f(a: u8) -> u8 {
    a
}⟧
";

#[test]
fn names_of_rust_are_looked_up() {
    let verdict = |body: &str| names(Language::Rust, RUST, &format!("fn f(a: u8) -> u8 {{\n    {body}\n}}"));
    for body in [
        "let b = a; b",
        "let Some(b) = Some(a) else { return 0 }; b",
        "if let Point { x } = (Point { x: a }) { x } else { LIMIT }",
        "let Point { x: renamed } = (Point { x: a }); renamed",
        "(0..a).map(|item| item + helper(item)).sum()",
        "match a { 0 => 1, other if other > 2 => other, rest => rest }",
        "for (index, value) in [a].iter().enumerate() { println!(\"{index}{value}\"); } a",
        "fn inner<T: fmt::Debug>(value: T) -> T { value } inner(a)",
        "use std::collections::HashMap; let map: HashMap<u8, u8> = HashMap::new(); map.len() as u8",
        "let v: std::collections::BTreeMap<u8, u8> = Default::default(); v.len() as u8",
        "'outer: loop { break 'outer } a",
        "let v: Vec<String> = vec![format!(\"{a}\")]; v.len() as u8",
        "struct Local { field: u8 } let local = Local { field: a }; local.field",
        "let ref mut one = a; *one",
        "use serde::Serialize; a",
        "let v: Vec<_> = (0..a).collect::<Vec<_>>(); v.len() as u8",
        "serde::read::<u8>(a)",
        "serde::json!(a)",
        "HashMap::<u8, u8>::new().len() as u8",
        "mem::take(&mut 1); a",
    ] {
        assert_eq!(verdict(body), Verdict::Passed, "{body}");
    }
    for (body, name) in [
        ("compute(a)", "`compute`"),
        ("let b = a; c", "`c`"),
        ("Ordering::Less; a", "`std::sync::atomic::Ordering` or `std::cmp::Ordering`"),
        ("nowhere::read(a)", "`nowhere`"),
        // A module of the standard library is no value.
        ("time + a", "`time`"),
        ("path.len() as u8", "`path`"),
        ("ready", "`ready`"),
        ("inside", "`inside`"),
        ("origin()", "`origin`"),
        ("let v: Missing = a; a", "`Missing`"),
        ("Missing { x: a }.x", "`Missing`"),
        ("(0..a).map(|item| items + 1).sum()", "`items`"),
        ("match a { 0 => nothing, _ => a }", "`nothing`"),
        ("use nowhere::Thing; a", "`nowhere`"),
    ] {
        match verdict(body) {
            Verdict::Failed(reason) => assert!(reason.contains(name), "{body}: {reason}"),
            other => panic!("{body}: {other:?}"),
        }
    }
    // What cannot be known is said, not refused: members, macros.
    for body in ["a.unknown_method()", "mystery!(a)", "println!(\"{}\", mystery)", "Point::unknown()"] {
        assert!(matches!(verdict(body), Verdict::Warned(_)), "{body}: {:?}", verdict(body));
    }
    assert_eq!(verdict("known(a)"), Verdict::Passed);
    let request = request(Language::Rust, RUST, Contract::WholeNode);
    let code = fenced("fn f(a: u8) -> u8 {\n    known(a)\n}");
    let outcome = with_names(&request, &code, Ending::Complete, Some(&Workspace));
    assert_eq!(outcome.proposal().unwrap().report.imports, ["known"]);
    // A glob may bring anything.
    let open = RUST.replace("std::fmt;", "std::fmt;\nuse other::*;");
    let code = "fn f(a: u8) -> u8 {\n    compute(a)\n}";
    assert!(matches!(names(Language::Rust, &open, code), Verdict::Warned(_)));
    // One that does not reach here brings nothing.
    let tests = format!("{RUST}mod tests {{\n    use super::*;\n    use other::*;\n}}\n");
    assert!(matches!(names(Language::Rust, &tests, code), Verdict::Failed(_)));
    let inner = format!("mod inner {{\n    use super::*;\n{RUST}\n}}\n");
    assert!(matches!(names(Language::Rust, &inner, code), Verdict::Failed(_)));
}

#[test]
fn a_name_that_was_declared_in_the_old_code_is_declared_in_the_new() {
    let text = "⟦fn f(a: u8) -> u8 {\n    let text = a;\n    text\n}⟧\n";
    let code = "fn f(a: u8) -> u8 {\n    text + 1\n}";
    assert!(
        matches!(names(Language::Rust, text, code), Verdict::Failed(reason) if reason.contains("`text`"))
    );
    let code = "fn f(a: u8) -> u8 {\n    let text = a + 1;\n    text\n}";
    assert_eq!(names(Language::Rust, text, code), Verdict::Passed);
    let script = "export {};\n⟦function f(a: number) {\n  const text = a;\n  return text;\n}⟧\n";
    let code = "function f(a: number) {\n  return text;\n}";
    assert!(matches!(names(Language::TypeScript, script, code), Verdict::Failed(_)));
}

#[test]
fn a_new_member_is_called_as_one() {
    let text = "struct S { n: u8 }\nimpl S {\n    ⟦fn f(&self) -> u8 {\n        self.n\n    }⟧\n}\n";
    let with = |call: &str| {
        format!("fn f(&self) -> u8 {{\n    {call}(self.n)\n}}\n\nfn helper(n: u8) -> u8 {{\n    n\n}}")
    };
    assert!(matches!(names(Language::Rust, text, &with("helper")), Verdict::Failed(_)));
    assert_eq!(names(Language::Rust, text, &with("Self::helper")), Verdict::Passed);
    let script = "export class C {\n  n = 1;\n  ⟦f(): number {\n    return this.n;\n  }⟧\n}\n";
    let with = |call: &str| {
        format!(
            "f(): number {{\n  return {call}(this.n);\n}}\n\nhelper(n: number): number {{\n  return n;\n}}"
        )
    };
    assert!(matches!(names(Language::TypeScript, script, &with("helper")), Verdict::Failed(_)));
    assert_eq!(names(Language::TypeScript, script, &with("this.helper")), Verdict::Passed);
}

const SCRIPT: &str = "\
import { load } from './load';
type Shape = { area: number };
⟦export function f(a: number): number {
  return a;
}⟧
";

#[test]
fn names_of_scripts_are_looked_up() {
    let verdict = |body: &str| {
        names(Language::Tsx, SCRIPT, &format!("export function f(a: number): number {{\n  {body}\n}}"))
    };
    for body in [
        "const { b, c: renamed, ...rest } = load(a); return b + renamed + rest.x;",
        "const [first = 1, , second] = [a]; return first + second;",
        "try { return load(a); } catch (error) { console.error(error); throw new Error('x'); }",
        "for (const item of [a]) { Math.max(item); } for (let i = 0; i < a; i++) {} return a;",
        "const g = (x: number, y = x, { z }: { z: number }) => x + y + z; return g(a, a, { z: a });",
        "const g = async (x) => { await Promise.all([x]); }; g(a); return a;",
        "function inner<T extends Shape>(value: T): T { return value; } return inner({ area: a }).area;",
        "type Local = Partial<Record<keyof Shape, string>>; const l: Local = {}; return l.area ? 1 : a;",
        "class Inner { #p = 1; get p() { return this.#p; } } return new Inner().p;",
        "const el = <div className=\"x\" onClick={() => load(a)}><span>{a}</span></div>; return el ? 1 : 2;",
        "label: while (a) { break label; } return a;",
        "enum Kind { One, Two } return Kind.One;",
        "const is = (v: unknown): v is string => typeof v === 'string'; return is(a) ? 0 : a;",
        "type U<T> = T extends Array<infer Item> ? Item : never; return a as U<number[]> as number;",
    ] {
        assert_eq!(verdict(body), Verdict::Passed, "{body}");
    }
    for (body, name) in [
        ("return compute(a);", "`compute`"),
        ("const v: Missing = a; return a;", "`Missing`"),
        ("return <Missing a={a} /> ? 1 : 2;", "`Missing`"),
        ("return { a, absent }.a;", "`absent`"),
        ("return ((x = fallback) => x)(a);", "`fallback`"),
        ("total = a; return a;", "`total`"),
    ] {
        match verdict(body) {
            Verdict::Failed(reason) => assert!(reason.contains(name), "{body}: {reason}"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn names_are_only_warned_of_where_the_terms_say_so() {
    let mut request = request(Language::Rust, RUST, Contract::WholeNode);
    let code = fenced("fn f(a: u8) -> u8 {\n    compute(a)\n}");
    request.terms.names = NameTerm::Warn;
    let proposal = accepted(&request, &code);
    assert_eq!(proposal.report.warnings().map(|(gate, _)| gate).collect::<Vec<_>>(), [Gate::Names]);
    request.terms.names = NameTerm::Off;
    assert_eq!(accepted(&request, &code).report.warnings().count(), 0);
}

/// What comes of a reply when quality is compared.
fn with_quality(request: &Request, code: &str) -> Outcome {
    let mut parser = SyntaxParser::default();
    let profile = Profile::shared_default();
    profile.compile_queries(request.site.language());
    let mut baseline = QualityBaseline::new(&request.site, profile, FileRole::Library);
    let reply = fenced(code);
    let reply = Reply { text: &reply, ending: Ending::Complete };
    let mut checks = Checks { parser: &mut parser, names: None, quality: Some(&mut baseline) };
    let first = propose(request, &reply, &mut checks);
    // The baseline is as it was: the same question has the same answer.
    assert_eq!(propose(request, &reply, &mut checks), first);
    first
}

#[test]
fn findings_are_compared() {
    let text = "fn other() { Some(1).unwrap(); }\n⟦fn f(a: Option<u8>) -> u8 {\n    a.unwrap()\n}⟧\n";
    let mut request = request(Language::Rust, text, Contract::WholeNode);
    let rule = Catalog::builtin().find("unwrap-used").unwrap().0;
    let better = "fn f(a: Option<u8>) -> u8 {\n    a.unwrap_or(0)\n}";
    let worse = "fn f(a: Option<u8>) -> u8 {\n    a.unwrap() + a.unwrap()\n}";
    let same = "fn f(a: Option<u8>) -> u8 {\n    a.unwrap() + 1\n}";
    let Outcome::Proposal(proposal) = with_quality(&request, better) else { panic!("refused") };
    let delta = proposal.report.quality.unwrap();
    assert_eq!(delta.rules.iter().map(|d| (d.rule, d.before, d.after)).collect::<Vec<_>>(), [(rule, 2, 1)]);
    assert_eq!(delta.dimensions().iter().map(|d| (d.introduced, d.removed)).max(), Some((0, 1)));
    let Outcome::Proposal(proposal) = with_quality(&request, worse) else { panic!("refused") };
    assert_eq!(proposal.report.warnings().map(|(gate, _)| gate).collect::<Vec<_>>(), [Gate::Quality]);
    request.terms.quality.allowed = [Allowance::Below(Severity::Hint); 5];
    let refusal = with_quality(&request, worse);
    assert!(refusal.refusal().unwrap().reason.contains("unwrap-used"));
    request.terms.quality.resolves = vec![rule];
    assert!(with_quality(&request, better).proposal().is_some());
    let refusal = with_quality(&request, same);
    assert!(refusal.refusal().unwrap().reason.contains("unwrap-used"));
}

#[test]
fn the_score_of_the_worst_function_is_compared() {
    let text = "⟦fn f(a: u8, b: u8) -> u8 {\n    if a > 1 && b > 1 {\n        return 1;\n    }\n    0\n}⟧\n";
    let mut request = request(Language::Rust, text, Contract::WholeNode);
    let simpler = "fn f(a: u8, b: u8) -> u8 {\n    u8::from(a > 1 && b > 1)\n}";
    let mut deeper = "0".to_owned();
    for n in 0..3 {
        deeper = format!("if a > {n} && b > {n} {{ {deeper} }} else {{ {n} }}");
    }
    let deeper = format!("fn f(a: u8, b: u8) -> u8 {{\n    {deeper}\n}}");
    let free = with_quality(&request, &deeper);
    assert!(free.proposal().is_some(), "{free:?}");
    request.terms.quality.least_change = Some(0);
    let refusal = with_quality(&request, &deeper);
    assert!(refusal.refusal().unwrap().reason.contains("worst function goes from 10.00 to "), "{refusal:?}");
    assert!(with_quality(&request, simpler).proposal().is_some());
    // What is as good as can be cannot get better.
    request.terms.quality.least_change = Some(100);
    assert!(with_quality(&request, simpler).refusal().is_some());
}

#[test]
fn signatures_and_attributes_stay() {
    let text = "⟦#[test]\n#[allow(dead_code)]\npub fn f(mut a: Vec<u8>) -> u8 {\n    a.clear();\n    1\n}⟧\n";
    let request = request(Language::Rust, text, Contract::WholeNode);
    for code in [
        "#[test]\npub fn f(a: Vec<u8>) -> u8 {\n    drop(a);\n    1\n}",
        "#[allow(dead_code)]\n#[test]\npub fn f(\n    mut a: Vec<u8>,\n) -> u8 {\n    a.clear();\n    1\n}",
        "pub fn f(mut a: Vec<u8>) -> u8 {\n    a.truncate(0);\n    1\n}",
        "#[allow(dead_code)]\npub fn f(mut a: Vec<u8>) -> u8 {\n    a.clear();\n    2\n}",
    ] {
        accepted(&request, &fenced(code));
    }
    for code in [
        "fn f(mut a: Vec<u8>) -> u8 {\n    a.clear();\n    2\n}",
        "pub fn f(mut a: Vec<u8>) -> Option<u8> {\n    a.clear();\n    Some(1)\n}",
    ] {
        assert_eq!(refused(&request, &fenced(code)).gate, Gate::Signature, "{code}");
    }
}

#[test]
fn members_are_not_lost() {
    let text = "⟦pub class A {}⟧".replace("pub ", "");
    let empty = request(Language::TypeScript, &text, Contract::WholeNode);
    accepted(&empty, &fenced("class A {\n  x = 1;\n}"));
    let text = "⟦class A {\n  x = 1;\n  get y() { return 1 }\n  set y(v) {}\n  run() { const inner = () => 1; return inner() }\n}⟧\n";
    let request = request(Language::TypeScript, text, Contract::WholeNode);
    accepted(
        &request,
        &fenced(
            "class A {\n  x = 1;\n  get y() { return 2 }\n  set y(v) {}\n  run() { return 1 }\n  more() {}\n}",
        ),
    );
    for (code, lost) in [
        ("class A {\n  x = 1;\n  get y() { return 2 }\n  set y(v) {}\n}", "`A.run`"),
        ("class A {\n  x = 1;\n  get y() { return 2 }\n  run() { return 1 }\n}", "`A.y`"),
        ("class A {\n  get y() { return 2 }\n  set y(v) {}\n  run() { return 1 }\n}", "`A.x`"),
    ] {
        let refusal = refused(&request, &fenced(code));
        assert!(refusal.gate == Gate::Items && refusal.reason.contains(lost), "{refusal:?}");
    }
    let twice = "class A {\n  x = 1;\n  get y() { return 1 }\n  set y(v) {}\n  run() {}\n  run() {}\n}";
    assert_eq!(refused(&request, &fenced(twice)).gate, Gate::Items);
}

#[test]
fn sizes_have_limits() {
    let body = (0..30).map(|n| format!("    step_{n}(value_{n});\n")).collect::<String>();
    let text = format!("⟦fn f() {{\n{body}}}⟧\n");
    let mut request = request(Language::Rust, &text, Contract::WholeNode);
    assert_eq!(refused(&request, &fenced("fn f() {\n    step_1(value_1);\n}")).gate, Gate::Size);
    request.terms.limits.lost_percent = 100;
    accepted(&request, &fenced("fn f() {\n    step_1(value_1);\n}"));
    let long = format!("fn f() {{\n{}}}", body.repeat(40));
    assert_eq!(refused(&request, &fenced(&long)).gate, Gate::Size);
}

#[test]
fn a_text_that_was_broken_may_stay_so_elsewhere() {
    let text = "fn broken( {\n\n⟦fn f() -> u8 {\n    1\n}⟧\n\nfn also(] {}\n";
    let request = request(Language::Rust, text, Contract::WholeNode);
    let outcome = outcome(&request, &fenced("fn f() -> u8 {\n    2\n}"));
    assert!(outcome.proposal().is_some(), "{outcome:?}");
    assert_eq!(refused(&request, &fenced("fn f() -> u8 {\n    2 +\n}")).gate, Gate::Syntax);
    // And a broken target may be mended.
    let request =
        super::request(Language::JavaScript, "⟦function f() {\n  return (1;\n}⟧\n", Contract::WholeNode);
    accepted(&request, &fenced("function f() {\n  return (1);\n}"));
}

#[test]
fn where_only_comments_may_change_code_stays() {
    let text = "⟦fn f(a: u8) -> u8 {\n    a + 1\n}⟧\n";
    let mut request = request(Language::Rust, text, Contract::WholeNode);
    request.terms.comments_only = true;
    let commented = "fn f(a: u8) -> u8 {\n    // One more.\n    a + 1 /* never 0 */\n}";
    accepted(&request, &fenced(commented));
    for code in [commented.replace("a + 1", "a + 2"), commented.replace("a + 1", "a")] {
        let refusal = refused(&request, &fenced(&code));
        assert_eq!((refusal.gate, refusal.repairable), (Gate::Comments, true), "{}", refusal.reason);
    }
}

#[test]
fn neither_comments_nor_stubs_stand_in_for_code() {
    let text = "⟦function f(items: number[]): number {\n  let sum = 0;\n  for (const item of items) {\n    if (item > 0) sum += item;\n  }\n  return sum;\n}⟧\nexport {};\n";
    let request = request(Language::TypeScript, text, Contract::WholeNode);
    let with = |body: &str| fenced(&format!("function f(items: number[]): number {{\n{body}\n}}"));
    for body in [
        "  let sum = 0;\n  // original loop here\n  return sum;",
        "  let sum = 0;\n  // logic remains unchanged\n  return sum;",
        "  return 0; // placeholder",
        "  return 0; // TODO: sum them up",
        "  throw new Error('Not implemented');",
        "  // ... existing code ...\n  return 0;",
    ] {
        let refusal = refused(&request, &with(body));
        assert_eq!(refusal.gate, Gate::Elision, "{body}: {}", refusal.reason);
    }
    for body in [
        "  // Only what is above zero counts.\n  return items.filter((item) => item > 0).reduce((sum, item) => sum + item, 0);",
        "  // Restores the original line.\n  return items.filter((item) => item > 0).length;",
        "  // Other cases have returned by now.\n  return items.filter((item) => item > 0).length;",
        "  // Not implemented for sets.\n  return items.filter((item) => item > 0).length;",
        "  let sum = 0;\n  for (const item of items) {\n    // ...unless it is zero\n    if (item > 0) sum += item;\n  }\n  return sum + 0;",
    ] {
        accepted(&request, &with(body));
    }
}

#[test]
fn a_finding_is_resolved_and_not_silenced() {
    let text = "⟦fn f(a: Option<u32>) -> u32 {\n    a.unwrap()\n}⟧\n";
    let mut request = request(Language::Rust, text, Contract::WholeNode);
    for (code, is_silenced) in [
        ("fn f(a: Option<u32>) -> u32 {\n    // autodao: allow(unwrap-used) fine\n    a.unwrap()\n}", true),
        ("#[allow(clippy::unwrap_used)]\nfn f(a: Option<u32>) -> u32 {\n    a.unwrap()\n}", true),
        ("fn f(a: Option<u32>) -> u32 {\n    a.unwrap_or_default()\n}", false),
    ] {
        let refusal = outcome(&request, &fenced(code)).refusal().map(|refusal| refusal.gate);
        assert_eq!(refusal, is_silenced.then_some(Gate::Quality), "{code}");
    }
    request.terms.items = autodao_edits::ItemTerm::Free;
    request.terms.signature = autodao_edits::SignatureTerm::Free;
    accepted(
        &request,
        &fenced("#[allow(clippy::unwrap_used)]\nfn f(a: Option<u32>) -> u32 {\n    a.unwrap()\n}"),
    );
    let script = "⟦function f(a) {\n  return a;\n}⟧\nexport {};\n";
    let request = super::request(Language::JavaScript, script, Contract::WholeNode);
    for comment in ["// eslint-disable-next-line", "// @ts-ignore", "/* biome-ignore lint: x */"] {
        let refusal = refused(&request, &fenced(&format!("function f(a) {{\n  {comment}\n  return a;\n}}")));
        assert_eq!(refusal.gate, Gate::Quality, "{comment}");
    }
}

#[test]
fn what_is_there_for_every_condition_is_there_twice() {
    let text = "#[cfg(unix)]\nfn a() {}\n#[cfg(test)]\nmod more {}\n⟦fn b() {}⟧\n";
    let request = request(Language::Rust, text, Contract::InsertAfter);
    for (code, is_twice) in [
        ("#[cfg(windows)]\nfn a() {}", false),
        ("#[cfg(unix)]\nfn a() {}", true),
        ("fn a() {}", true),
        ("#[cfg(test)]\nstruct more;", false),
        ("mod more {}", true),
        ("#[cfg(unix)]\nfn c() {}\n\n#[cfg(windows)]\nfn c() {}", false),
        ("#[cfg(unix)]\nfn c() {}\n\n#[cfg(unix)]\nfn c() {}", true),
    ] {
        let refusal = outcome(&request, &fenced(code)).refusal().map(|refusal| refusal.gate);
        assert_eq!(refusal, is_twice.then_some(Gate::Items), "{code}");
    }
}

#[test]
fn an_item_that_is_gone_and_still_named_is_told() {
    let text = "⟦fn f(n: u8) -> u8 {\n    n + 1\n}⟧\n\nfn g() -> u8 {\n    f(1)\n}\n";
    let mut request = request(Language::Rust, text, Contract::WholeNode);
    (request.terms.items, request.terms.signature) =
        (autodao_edits::ItemTerm::Free, autodao_edits::SignatureTerm::Free);
    let items = |code: &str| {
        let proposal = accepted(&request, &fenced(code));
        let warned: Vec<_> = proposal.report.warnings().map(|(gate, _)| gate).collect();
        warned.contains(&Gate::Items)
    };
    assert!(items("fn helper(n: u8) -> u8 {\n    n + 1\n}"));
    assert!(!items("fn f(n: u8) -> u8 {\n    helper(n)\n}\n\nfn helper(n: u8) -> u8 {\n    n + 1\n}"));
}
