//! The shortest answer that makes a known edit: what a model that keeps to the contract would say.

use std::sync::Arc;

use autodao_syntax::{Language, Span, SyntaxParser};

use crate::contract::{Contract, Terms};
use crate::propose::{Request, decode};
use crate::reply::{Ending, Reply};
use crate::shortest::hunks;
use crate::site::Site;

/// An answer that was read back: the edit it makes is exactly the one it was made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Encoded {
    /// Its form.
    pub contract: Contract,
    /// What a model would say.
    pub answer: String,
    /// The whole text it makes of the site's.
    pub text: String,
}

/// The smallest hunks that make `new` of the site's target, or the whole node where those are no shorter or cannot
/// be read back. `cost` says what an answer costs. `None` where no answer makes that edit byte for byte.
pub fn encode(
    site: &Site,
    new: &str,
    parser: &mut SyntaxParser,
    cost: &dyn Fn(&str) -> usize,
) -> Option<Encoded> {
    let target = site.target();
    let text = site.buffer().text();
    let wanted = [text.get(..target.start as usize)?, new, text.get(target.end as usize..)?].concat();
    let mut answers: Vec<(Contract, String)> = Vec::new();
    let shown = shown(site, &wanted, new, parser);
    let short = hunks(&site.shown(), &shown, cost);
    answers.extend(short.into_iter().map(|answer| (Contract::Hunks, answer)));
    answers.push((Contract::WholeNode, fenced(&shown)));
    // Where blanks at the ends of lines or inside literals stand in the way: the text as it is.
    let short = hunks(site.target_text(), new, cost);
    answers.extend(short.into_iter().map(|answer| (Contract::Hunks, answer)));
    answers.push((Contract::WholeNode, fenced(new)));
    answers.sort_by_key(|(_, answer)| cost(answer));
    answers.push((Contract::Hunks, format!("<<<<\n{}\n====\n{new}\n>>>>", site.target_text())));
    answers.into_iter().find_map(|(contract, answer)| {
        let request = Request { site: site.clone(), contract, terms: Terms::default() };
        let reply = Reply { text: &answer, ending: Ending::Complete };
        let read = decode(&request, &reply, parser)?;
        (read == wanted).then_some(Encoded { contract, answer, text: read })
    })
}

/// A new target as the old one was shown.
fn shown(site: &Site, wanted: &str, new: &str, parser: &mut SyntaxParser) -> String {
    let start = site.target().start;
    let target = Span::new(start, start + new.len() as u32);
    let after = site_of(parser, wanted, site.language(), target);
    after.map_or_else(|_| new.to_owned(), |after| after.shown())
}

fn fenced(code: &str) -> String {
    let longest =
        code.lines().map(str::trim_start).map(|line| line.len() - line.trim_start_matches('`').len());
    let fence = "`".repeat(longest.max().unwrap_or(0).max(2) + 1);
    format!("{fence}\n{code}\n{fence}")
}

/// A site of a text for a known edit, parsed for it.
pub fn site_of(
    parser: &mut SyntaxParser,
    text: &str,
    language: Language,
    target: Span,
) -> Result<Site, crate::site::SiteError> {
    Site::parse(parser, Arc::new(autodao_syntax::Buffer::new(text.to_owned())), language, 0, target)
}
