//! What stands around a target: the head of its container and the signatures beside it, bodies left out.

use autodao_syntax::{Language, OutlineKind, Span};
use autodao_tasks::{Item, Surroundings, Target};

/// The most characters of a signature that are shown.
const MAX_SIGNATURE_CHARS: usize = 200;

/// The most neighbours that are considered: the nearest.
const MAX_NEIGHBOURS: usize = 64;

/// A container without its bodies, and how to show less of it.
#[derive(Clone, Debug)]
pub(crate) struct Skeleton {
    /// The container's symbol path; `None` for the file.
    pub(crate) container: Option<String>,
    /// The container's span; empty for the file.
    pub(crate) span: Span,
    head: Option<String>,
    /// Signatures in the order of the text, each with its distance from the target in items.
    neighbours: Vec<(usize, String)>,
}

impl Skeleton {
    /// What stands around a target; `None` when nothing does.
    pub(crate) fn of(target: &Target, text: &str, around: &Surroundings) -> Option<Self> {
        let mut members: Vec<&Item> = around.members.iter().collect();
        let before = members.iter().take_while(|item| item.whole.end <= target.span.start).count();
        members.retain(|item| !target.span.overlaps(item.whole));
        let near = before.saturating_sub(MAX_NEIGHBOURS / 2);
        let neighbours: Vec<_> = members
            .iter()
            .enumerate()
            .skip(near)
            .take(MAX_NEIGHBOURS)
            .map(|(index, item)| {
                let distance = if index < before { before - index } else { index + 1 - before };
                (distance, signature(item, text))
            })
            .collect();
        let container = around.container.as_ref();
        if container.is_none() && neighbours.is_empty() {
            return None;
        }
        Some(Self {
            container: container.map(|item| item.symbol.clone()),
            span: container.map_or(Span::default(), |item| item.span),
            head: container.map(|item| one_line(slice(text, head(item)))),
            neighbours,
        })
    }

    /// How many signatures there are.
    pub(crate) fn len(&self) -> usize {
        self.neighbours.len()
    }

    /// Its text with the signatures nearest to the target, so many of them.
    pub(crate) fn text(&self, count: usize) -> String {
        let mut distances: Vec<_> = self.neighbours.iter().map(|(distance, _)| *distance).collect();
        distances.sort_unstable();
        let farthest =
            count.checked_sub(1).and_then(|last| distances.get(last.min(distances.len().saturating_sub(1))));
        let mut left = count;
        let mut text = String::new();
        let indent = if self.head.is_some() { "    " } else { "" };
        if let Some(head) = &self.head {
            text.push_str(head);
            text.push_str(" {\n");
        }
        for (distance, signature) in &self.neighbours {
            if left > 0 && farthest.is_some_and(|farthest| distance <= farthest) {
                left -= 1;
                text.push_str(indent);
                text.push_str(signature);
                text.push('\n');
            }
        }
        if self.head.is_some() {
            text.push_str("}\n");
        }
        text
    }
}

/// The definition of the type that a method's `impl` is for, when it stands beside it.
pub(crate) fn type_of(around: &Surroundings, language: Language) -> Option<&Item> {
    let implementation = around.container.as_ref().filter(|item| item.kind == OutlineKind::Impl)?;
    let name = implementation.name.split('<').next().unwrap_or("").trim();
    let defines =
        |item: &&Item| item.name == name && matches!(item.kind, OutlineKind::Struct | OutlineKind::Enum);
    (language == Language::Rust).then(|| around.beside.iter().find(defines)).flatten()
}

/// What of an item comes before its body.
fn head(item: &Item) -> Span {
    Span::new(item.span.start, item.body.map_or(item.span.end, |body| body.start))
}

fn signature(item: &Item, text: &str) -> String {
    let line = one_line(slice(text, head(item)));
    let line = line.trim_end_matches([';', ',']).trim_end();
    // A bound function's arrow stays, its body does not.
    let body = if line.ends_with("=>") { " …" } else { "" };
    format!("{line}{body};")
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.range()).unwrap_or("")
}

fn one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(MAX_SIGNATURE_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
