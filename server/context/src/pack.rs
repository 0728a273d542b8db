//! Which of the candidates are worth their tokens, and how they are shown.

use std::collections::BinaryHeap;

use autodao_syntax::index::{ContainerKind, Definition, DefinitionKind, WorkspaceFile, WorkspaceIndex};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::brief::brief;
use crate::rank::Candidate;

/// How much of a candidate is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tier {
    /// Its name: 2 or 3 tokens.
    Name,
    /// How it is used: about 6 tokens.
    Brief,
    /// Its whole head: about 12 tokens.
    Signature,
}

impl Tier {
    /// Its name in explanations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Brief => "brief",
            Self::Signature => "signature",
        }
    }

    /// What a needed candidate is worth that is shown so far.
    const fn value(self) -> f32 {
        match self {
            Self::Name => 0.65,
            Self::Brief => 0.95,
            Self::Signature => 1.0,
        }
    }
}

/// What may be spent on candidates.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Allowance {
    /// The most tokens of all of them together.
    pub tokens: usize,
    /// The least chance per token that is worth it: 0 spends all that is allowed.
    pub least_yield: f32,
}

/// A candidate that is shown.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Packed<'a> {
    /// The candidate.
    pub candidate: &'a Candidate,
    /// How much of it is shown.
    pub tier: Tier,
}

/// Candidates as a model is shown them.
#[derive(Clone, PartialEq, Debug)]
pub struct Pack<'a> {
    /// One line for each type with what is in it, one for each free signature, one of names at the end.
    pub text: String,
    /// What the text costs, counted as a whole.
    pub tokens: usize,
    /// What is shown, the likeliest first.
    pub shown: Vec<Packed<'a>>,
    /// The likeliest candidates that are not shown.
    pub left_out: Vec<&'a Candidate>,
}

/// Candidates below this are not thought about.
const LEAST_PROBABILITY: f32 = 0.001;
/// No prompt has room for more.
const MAX_CANDIDATES: usize = 600;
/// How many of those left out are told.
const MAX_LEFT_OUT: usize = 12;
/// The longest signature shown, in bytes.
const MAX_SIGNATURE_BYTES: usize = 160;
/// What it costs to name a type that members are shown of, at most; more is a matter of the name.
const MAX_HEAD_TOKENS: usize = 8;

/// One step: a candidate at a tier, and what it would bring for each token.
struct Offer {
    per_token: f32,
    candidate: usize,
    tier: Tier,
}

impl PartialEq for Offer {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Offer {}
impl PartialOrd for Offer {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Offer {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // Of two that bring the same, the likelier one, in fewer words.
        let by_place = (other.candidate, other.tier).cmp(&(self.candidate, self.tier));
        self.per_token.total_cmp(&other.per_token).then(by_place)
    }
}

/// A candidate with its texts and what they cost.
struct Priced<'a> {
    candidate: &'a Candidate,
    file: &'a WorkspaceFile,
    definition: &'a Definition,
    texts: [String; 3],
    tokens: [usize; 3],
    shown: Option<Tier>,
}

/// Chooses candidates, which come the likeliest first, greedily by what each token brings.
pub fn pack<'a>(
    index: &'a WorkspaceIndex,
    candidates: &'a [Candidate],
    allowance: Allowance,
    tokens: &dyn Fn(&str) -> usize,
) -> Pack<'a> {
    let mut priced: Vec<Priced<'a>> = candidates
        .iter()
        .take_while(|candidate| candidate.probability >= LEAST_PROBABILITY)
        .take(MAX_CANDIDATES)
        .filter_map(|candidate| price(index, candidate, tokens))
        .collect();
    let mut offers: BinaryHeap<Offer> = BinaryHeap::new();
    for (number, candidate) in priced.iter().enumerate() {
        for tier in [Tier::Name, Tier::Brief, Tier::Signature] {
            if candidate.tokens[tier as usize] > 0 {
                offers.push(offer(candidate, number, tier));
            }
        }
    }
    let types: FxHashMap<Head<'_>, usize> =
        priced.iter().enumerate().filter_map(|(number, priced)| Some((as_head(priced)?, number))).collect();
    let mut heads: FxHashSet<Head<'_>> = FxHashSet::default();
    let mut spent = 0;
    while let Some(best) = offers.pop() {
        if best.per_token < allowance.least_yield {
            break;
        }
        let known = &priced[best.candidate];
        if known.shown >= Some(best.tier) {
            continue;
        }
        // What it brings became less since it was offered.
        let now = offer(known, best.candidate, best.tier);
        if now.per_token < best.per_token {
            offers.push(now);
            continue;
        }
        let before = known.shown.map_or(0, |tier| known.tokens[tier as usize]);
        let head = head(known);
        let head = head.filter(|head| best.tier != Tier::Name && !heads.contains(head));
        let own_type = head.and_then(|head| types.get(&head).copied());
        let head_tokens = head.map_or(0, |(_, name)| {
            // What is shown of the type goes to its members, with a colon.
            let is_shown = own_type.is_some_and(|number| priced[number].shown.is_some());
            if is_shown { 1 } else { (tokens(name) + 1).min(MAX_HEAD_TOKENS) }
        });
        let price = known.tokens[best.tier as usize].saturating_sub(before) + head_tokens;
        if spent + price > allowance.tokens {
            continue;
        }
        spent += price;
        heads.extend(head);
        if let Some(number) = own_type {
            priced[number].shown = priced[number].shown.or(Some(Tier::Name));
        }
        priced[best.candidate].shown = Some(best.tier);
    }
    let mut text = render(&priced);
    let mut cost = tokens(&text);
    // Prices are of each piece by itself; together they may cost a little more.
    while cost > allowance.tokens {
        let Some(last) = priced.iter_mut().rev().find(|candidate| candidate.shown.is_some()) else { break };
        last.shown = None;
        text = render(&priced);
        cost = tokens(&text);
    }
    let shown = priced
        .iter()
        .filter_map(|priced| Some(Packed { candidate: priced.candidate, tier: priced.shown? }))
        .collect();
    let left_out = priced
        .iter()
        .filter(|priced| priced.shown.is_none())
        .map(|priced| priced.candidate)
        .take(MAX_LEFT_OUT)
        .collect();
    Pack { text, tokens: cost, shown, left_out }
}

fn offer(priced: &Priced<'_>, candidate: usize, tier: Tier) -> Offer {
    let (value, tokens) = match priced.shown {
        Some(shown) => (tier.value() - shown.value(), priced.tokens[shown as usize]),
        None => (tier.value(), 0),
    };
    let price = priced.tokens[tier as usize].saturating_sub(tokens).max(1);
    Offer { per_token: priced.candidate.probability * value / price as f32, candidate, tier }
}

fn price<'a>(
    index: &'a WorkspaceIndex,
    candidate: &'a Candidate,
    tokens: &dyn Fn(&str) -> usize,
) -> Option<Priced<'a>> {
    let (file, definition) = index.definition(candidate.place)?;
    let name = index.name(candidate.name);
    let mut end = MAX_SIGNATURE_BYTES.min(definition.signature.len());
    while !definition.signature.is_char_boundary(end) {
        end -= 1;
    }
    let brief = brief(name, &definition.signature);
    let signature = definition.signature[..end].to_owned();
    let cost = |text: &str| if text.is_empty() { 0 } else { tokens(text) + 1 };
    let name_cost = tokens(&format!(" {name}"));
    let brief_cost = cost(&brief);
    let mut signature_cost = cost(&signature);
    if signature == brief || signature.len() <= name.len() {
        signature_cost = 0;
    }
    let prices = [name_cost, brief_cost, signature_cost];
    let texts = [name.to_owned(), brief, signature];
    Some(Priced { candidate, file, definition, texts, tokens: prices, shown: None })
}

/// A type that members are shown under: its file and name.
type Head<'a> = (&'a str, &'a str);

/// What members of this type are shown under.
fn as_head<'a>(priced: &Priced<'a>) -> Option<Head<'a>> {
    use DefinitionKind::{Class, Enum, Interface, Struct, Trait, Type};
    let is_type = matches!(priced.definition.kind, Class | Enum | Interface | Struct | Trait | Type);
    // An alias with all of its value says its members itself.
    let is_said = priced.definition.kind == Type && priced.shown == Some(Tier::Signature);
    (is_type && !is_said).then(|| (priced.file.path(), priced.file.index().name(priced.definition.name)))
}

/// The type that a member is shown under.
fn head<'a>(priced: &Priced<'a>) -> Option<Head<'a>> {
    let container = priced.definition.container;
    let is_type = matches!(container.kind, ContainerKind::Type | ContainerKind::Impl);
    let name = container.name.filter(|_| is_type)?;
    Some((priced.file.path(), priced.file.index().name(name)))
}

fn render(priced: &[Priced<'_>]) -> String {
    let mut shown: Vec<&Priced<'_>> = priced.iter().filter(|priced| priced.shown.is_some()).collect();
    let said = |priced: &Priced<'_>| {
        let tier = priced.shown.filter(|tier| *tier != Tier::Name)?;
        Some(priced.texts[tier as usize].clone())
    };
    let heads: FxHashSet<Head<'_>> =
        shown.iter().filter(|priced| said(priced).is_some()).filter_map(|priced| head(priced)).collect();
    // A type whose members are shown stands in front of them.
    let types: FxHashMap<Head<'_>, String> = shown
        .iter()
        .filter_map(|priced| Some((as_head(priced).filter(|own| heads.contains(own))?, said(priced)?)))
        .collect();
    shown.retain(|priced| as_head(priced).is_none_or(|own| !heads.contains(&own)));
    shown.sort_by_key(|priced| (priced.file.path(), head(priced), priced.definition.span));
    let mut lines: Vec<String> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(first) = shown.get(at) {
        let own = head(first);
        let group: Vec<_> = shown[at..]
            .iter()
            .take_while(|priced| priced.file.path() == first.file.path() && head(priced) == own)
            .collect();
        at += group.len();
        let signatures: Vec<String> = group.iter().filter_map(|priced| said(priced)).collect();
        let bare = group.iter().filter(|priced| priced.shown == Some(Tier::Name));
        let bare: Vec<&str> = bare.map(|priced| priced.texts[0].as_str()).collect();
        match own {
            Some(own) if !signatures.is_empty() => {
                let head = types.get(&own).map_or(own.1, String::as_str);
                let mut line = format!("{head}: {}", signatures.join("; "));
                if !bare.is_empty() {
                    line += "; ";
                    line += &bare.join(" ");
                }
                lines.push(line);
            }
            _ => {
                lines.extend(signatures);
                names.extend(bare);
            }
        }
    }
    if !names.is_empty() {
        lines.push(names.join(" "));
    }
    lines.join("\n")
}
