//! The way from a reply to an outcome.

use autodao_quality::TextEdit;
use autodao_syntax::{Span, SyntaxParser};

use crate::change::Change;
use crate::contract::{Contract, Terms};
use crate::diff::edits_between;
use crate::extract::{Extracted, Judge, extract, hunks, unreadable};
use crate::fit::{fit, with_endings};
use crate::gate::Gate;
use crate::gates::quality::QualityBaseline;
use crate::gates::run;
use crate::ground::Ground;
use crate::head::with_kept_head;
use crate::indent::with_lf;
use crate::insert::{insertion, without_final_blank};
use crate::items::items;
use crate::literal::{LineKind, line_kinds, multi_line_literals};
use crate::names::Names;
use crate::outcome::{Outcome, Proposal, Refusal};
use crate::reading::{for_place, has_own_head, unwrapped};
use crate::reply::Reply;
use crate::rust_tests::test_place;
use crate::site::Site;

/// What was asked for, and of what.
#[derive(Clone, Debug)]
pub struct Request {
    /// The text as it was shown to the model.
    pub site: Site,
    /// The form of the answer.
    pub contract: Contract,
    /// What the edit must keep.
    pub terms: Terms,
}

/// What the gates work with.
pub struct Checks<'a> {
    /// Parses the text after.
    pub parser: &'a mut SyntaxParser,
    /// What the workspace knows. Without it, names are looked up in the file and the language only.
    pub names: Option<&'a dyn Names>,
    /// The findings of the text before, made of the same site. Without it, quality is not compared.
    pub quality: Option<&'a mut QualityBaseline>,
}

/// Longer pieces of code are not parsed by themselves to find out what they are.
const MAX_JUDGED_BYTES: usize = 64 << 10;

/// How many readings of a reply are tried at most.
const MAX_ATTEMPTS: usize = 6;

/// Makes an edit of a reply, or says why there is none.
pub fn propose(request: &Request, reply: &Reply<'_>, checks: &mut Checks<'_>) -> Outcome {
    let mut reader = Reader { request, parser: checks.parser };
    match extract(request.contract, reply, &mut reader) {
        Err(refusal) => refusal.into(),
        Ok(Extracted::Message(text)) => Outcome::Message(text),
        Ok(Extracted::Hunks(text)) => of_hunks(request, &text, checks),
        Ok(Extracted::Code(readings)) => of_code(request, readings, checks),
    }
}

/// Proposals for parts of a request's target, as one: what passed alone has to pass together, too.
pub fn combine(request: &Request, proposals: &[&Proposal], checks: &mut Checks<'_>) -> Outcome {
    let conflict = |reason: &str| Refusal::new(Gate::Conflict, reason, false).into();
    if proposals.iter().any(|proposal| proposal.version != request.site.version()) {
        return conflict("a part is of another version of the text");
    }
    let mut edits: Vec<TextEdit> = proposals.iter().flat_map(|part| part.edits.iter().cloned()).collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    if edits.windows(2).any(|pair| pair[0].span.end > pair[1].span.start) {
        return conflict("two parts change the same code");
    }
    let target = request.site.target();
    let start = edits.first().map_or(target.start, |edit| edit.span.start.min(target.start));
    let end = edits.last().map_or(target.end, |edit| edit.span.end.max(target.end));
    let change = Change::new(checks.parser, &request.site, Span::new(start, end), edits);
    conclude(request, change, checks)
}

/// The whole text that a reply would make, no gate asked: for those who know that the edit is right. `None` where the
/// reply cannot be read, or is no edit.
pub fn decode(request: &Request, reply: &Reply<'_>, parser: &mut SyntaxParser) -> Option<String> {
    let mut reader = Reader { request, parser };
    let change = match extract(request.contract, reply, &mut reader).ok()? {
        Extracted::Message(_) => None,
        Extracted::Hunks(text) => patched(request, &text, parser).ok().flatten(),
        Extracted::Code(readings) => replaced(request, readings.first()?, parser),
    };
    Some(change?.text().to_owned())
}

fn of_hunks(request: &Request, reply: &str, checks: &mut Checks<'_>) -> Outcome {
    match patched(request, reply, checks.parser) {
        Ok(change) => conclude(request, change, checks),
        Err(refusal) => refusal.into(),
    }
}

/// The target with the blocks of a reply applied.
fn patched(
    request: &Request,
    reply: &str,
    parser: &mut SyntaxParser,
) -> Result<Option<Change>, Box<Refusal>> {
    let site = &request.site;
    let hunks = hunks(reply)?;
    let text = with_lf(site.target_text());
    let kinds = line_kinds(site.tree().root_node(), site.buffer().text(), site.target());
    let ground = Ground::new(&text, &kinds, site.indent(), site.indent_style());
    let patched = ground.apply(&hunks).map_err(|error| unreadable(&error))?;
    let with_endings = |lines: &[String]| with_endings(site.target_text(), lines, site.line_ending());
    let new = with_endings(&patched.lines);
    let Some(change) = Change::replace(parser, site, site.target(), &new) else { return Ok(None) };
    let after = Span::new(site.target().start, site.target().start + new.len() as u32);
    match patched.mended(&line_kinds(change.tree.root_node(), change.text(), after)) {
        Some(lines) => Ok(Change::replace(parser, site, site.target(), &with_endings(&lines))),
        None => Ok(Some(change)),
    }
}

fn of_code(request: &Request, readings: Vec<String>, checks: &mut Checks<'_>) -> Outcome {
    let mut attempts: Vec<String> = Vec::new();
    for reading in readings {
        let inner = Reader { request, parser: checks.parser }.inner_member(&reading);
        attempts.push(reading);
        attempts.extend(inner);
    }
    let allowed = request.terms.limits.allowed(request.site.target().len());
    if request.contract != Contract::NewFile
        && let Some(long) = attempts.first().filter(|code| code.len() as u64 > allowed * 2)
    {
        // Twice, for it may be indented deeper than its place. Nothing of it is parsed.
        let reason = format!("the new code has {} bytes, {allowed} are allowed", long.len());
        return Refusal::new(Gate::Size, &reason, true).into();
    }
    let mut first: Option<Outcome> = None;
    for code in attempts.into_iter().take(MAX_ATTEMPTS) {
        let change = match request.contract {
            Contract::NewFile => new_file(request, &code, checks.parser),
            Contract::InsertBefore | Contract::InsertAfter => inserted(request, &code, checks.parser),
            _ => replaced(request, &code, checks.parser),
        };
        let outcome = conclude(request, change, checks);
        let misread = outcome.refusal().is_some_and(|refusal| {
            matches!(
                refusal.gate,
                Gate::Syntax | Gate::Surroundings | Gate::Kind | Gate::Items | Gate::Signature
            )
        });
        if !misread {
            return outcome;
        }
        first.get_or_insert(outcome);
    }
    first.unwrap_or_else(|| Refusal::new(Gate::Extraction, "there is no code in the reply", true).into())
}

/// The target replaced by code.
fn replaced(request: &Request, code: &str, parser: &mut SyntaxParser) -> Option<Change> {
    let site = &request.site;
    let code = for_place(site, code);
    // What stands before the item stays where the answer begins with the item itself.
    let head = site.head();
    let span = if has_own_head(code) { site.target() } else { Span::new(head.end, site.target().end) };
    // As does the word that exports it.
    let bare = !has_own_head(code) && !code.trim_start().starts_with("export");
    let span = site.exported().filter(|_| bare).unwrap_or(span);
    let headed = has_own_head(code).then(|| with_kept_head(site, code));
    let code = headed.as_deref().unwrap_or(code);
    let old = site.buffer().slice(span);
    let (code, kinds) = read_in_place(site, span, code, parser);
    let lines = fit(&code, &kinds, site.indent_style(), site.indent());
    let new = with_endings(old, &lines, site.line_ending());
    let edits = edits_between(old, &new, span.start);
    Change::new(parser, site, site.target(), edits)
}

/// Code put before or after the target.
fn inserted(request: &Request, code: &str, parser: &mut SyntaxParser) -> Option<Change> {
    let site = &request.site;
    if let Some(place) = test_place(site, code, parser) {
        let (code, kinds) = read_in_place(site, Span::at(place.at), &place.code, parser);
        let lines = fit(&code, &kinds, site.indent_style(), &place.indent);
        let code = lines.join(site.line_ending().as_str());
        // What is laid out for a place begins at its indentation.
        let text = format!("{}{}{code}{}", place.before, place.indent, place.after);
        return Change::new(
            parser,
            site,
            Span::at(place.at),
            vec![TextEdit { span: Span::at(place.at), text }],
        );
    }
    let place = insertion(site, code, request.contract == Contract::InsertBefore);
    let (code, kinds) = read_in_place(site, Span::at(place.at), code, parser);
    let lines = fit(&code, &kinds, site.indent_style(), site.indent());
    let text = place.before + &lines.join(site.line_ending().as_str()) + &place.after;
    let edits = vec![TextEdit { span: Span::at(place.at), text }];
    Change::new(parser, site, Span::at(place.at), edits)
}

fn new_file(request: &Request, code: &str, parser: &mut SyntaxParser) -> Option<Change> {
    let ending = request.site.line_ending().as_str();
    let text = without_final_blank(code).split('\n').collect::<Vec<_>>().join(ending) + ending;
    Change::new(parser, &request.site, Span::at(0), vec![TextEdit { span: Span::at(0), text }])
}

/// What each line of the code begins in, and the code with those literals as they were whose blanks alone a model
/// changed.
fn read_in_place(site: &Site, span: Span, code: &str, parser: &mut SyntaxParser) -> (String, Vec<LineKind>) {
    let mut code = code.to_owned();
    if !may_span_lines(&code) {
        return (code, Vec::new());
    }
    let edits = vec![TextEdit { span, text: code.clone() }];
    let Some(raw) = Change::new(parser, site, span, edits) else { return (code, Vec::new()) };
    let region = Span::new(span.start, span.start + code.len() as u32);
    let kinds = line_kinds(raw.tree.root_node(), raw.text(), region);
    let old: Vec<String> = multi_line_literals(site.tree().root_node(), site.buffer().text(), site.target())
        .into_iter()
        .map(|(_, text)| with_lf(text))
        .collect();
    if old.is_empty() {
        return (code, kinds);
    }
    let bare = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    for (at, text) in multi_line_literals(raw.tree.root_node(), raw.text(), region).into_iter().rev() {
        if old.iter().any(|known| known == text) {
            continue;
        }
        let mut same = old.iter().filter(|known| bare(known) == bare(text));
        if let (Some(known), None) = (same.next(), same.next()) {
            let start = (at.start - span.start) as usize;
            code.replace_range(start..start + text.len(), known);
        }
    }
    (code, kinds)
}

/// Whether a literal or block comment in the code may go over lines. It may be wrong only in saying so.
fn may_span_lines(code: &str) -> bool {
    let odd = |line: &str| line.matches('"').count() % 2 == 1 || line.trim_end().ends_with('\\');
    code.contains('\n')
        && (code.contains(['`', '\'']) && code.contains(['`', '"'])
            || code.contains("/*")
            || code.lines().any(odd))
}

/// Asks the gates.
fn conclude(request: &Request, change: Option<Change>, checks: &mut Checks<'_>) -> Outcome {
    let Some(change) = change else {
        return Refusal::new(Gate::Extraction, "the answer cannot be put in its place", false).into();
    };
    judged(&request.site, change, request.contract, &request.terms, checks)
}

/// A proposal where every gate is passed.
pub(crate) fn judged(
    site: &Site,
    mut change: Change,
    contract: Contract,
    terms: &Terms,
    checks: &mut Checks<'_>,
) -> Outcome {
    if change.edits.is_empty() {
        return Refusal::new(Gate::Change, "the answer is the code as it is", false).into();
    }
    let report = run(site, &mut change, contract, terms, checks);
    let failed = report.failures().next().map(|(gate, reason)| Refusal::new(gate, reason, true));
    if let Some(mut refusal) = failed {
        let gate = refusal.gate;
        refusal.repair_hint = hint(gate).to_owned();
        refusal.report = report;
        return refusal.into();
    }
    Outcome::Proposal(Box::new(Proposal {
        version: site.version(),
        edits: change.edits,
        text: change.buffer.text().to_owned(),
        before: change.before,
        after: change.after,
        report,
    }))
}

/// What helps a model that failed at a gate, beside the reason.
const fn hint(gate: Gate) -> &'static str {
    match gate {
        Gate::Surroundings => "Close exactly the brackets and quotes you open.",
        Gate::Kind | Gate::Items => "Give the same item back, complete.",
        Gate::Signature => "Do not change the signature or the attributes.",
        Gate::Elision => "Leave nothing out.",
        Gate::Residue => "No text but code inside the block.",
        Gate::Names => "Use only names that are in scope, or full paths.",
        _ => "",
    }
}

/// Judges pieces of code by themselves.
struct Reader<'a> {
    request: &'a Request,
    parser: &'a mut SyntaxParser,
}

impl Reader<'_> {
    /// The name of the target's first item, if it is one.
    fn wanted(&self) -> Option<String> {
        let site = &self.request.site;
        let found = items(site.tree().root_node(), site.buffer().text(), site.target());
        found.into_iter().next().map(|item| item.name)
    }

    /// The one member of a type, where the answer put the type around the target.
    fn inner_member(&mut self, code: &str) -> Option<String> {
        if matches!(self.request.contract, Contract::NewFile | Contract::Text) {
            return None;
        }
        let wanted = self.wanted().filter(|_| code.len() <= MAX_JUDGED_BYTES)?;
        let tree = self.parser.parse_fresh(self.request.site.language(), code)?;
        unwrapped(tree.root_node(), code, &wanted).map(str::to_owned)
    }

    fn declares(&mut self, code: &str, wanted: &str) -> bool {
        let language = self.request.site.language();
        let has = |parser: &mut SyntaxParser, code: &str| {
            let Some(tree) = parser.parse_fresh(language, code) else { return false };
            let whole = Span::new(0, code.len() as u32);
            items(tree.root_node(), code, whole).iter().any(|item| item.name == wanted)
        };
        // A member is one only inside its type.
        has(self.parser, code)
            || (language.is_script() && has(self.parser, &format!("class _ {{\n{code}\n}}")))
    }
}

impl Judge for Reader<'_> {
    fn is_answer(&mut self, code: &str) -> bool {
        if code.len() > MAX_JUDGED_BYTES {
            return false;
        }
        match self.request.contract {
            Contract::WholeNode | Contract::Hunks => match self.wanted() {
                Some(wanted) => self.declares(code, &wanted),
                None => false,
            },
            _ => {
                let Some(tree) = self.parser.parse_fresh(self.request.site.language(), code) else {
                    return false;
                };
                let whole = Span::new(0, code.len() as u32);
                !tree.root_node().has_error() && !items(tree.root_node(), code, whole).is_empty()
            }
        }
    }

    fn parses(&mut self, code: &str) -> bool {
        if code.len() > MAX_JUDGED_BYTES {
            return true;
        }
        let tree = self.parser.parse_fresh(self.request.site.language(), code);
        tree.is_some_and(|tree| !tree.root_node().has_error())
    }
}
