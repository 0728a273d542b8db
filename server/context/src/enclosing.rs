//! What stands around a target: the head of its container and the signatures beside it, bodies left out.

use autodao_syntax::{Language, Outline, OutlineItem, OutlineKind, Span};
use autodao_tasks::Target;

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
    closes: bool,
}

impl Skeleton {
    /// What stands around a target; `None` when nothing does.
    pub(crate) fn of(target: &Target, text: &str, outline: &Outline) -> Option<Self> {
        let container = outline
            .iter()
            .enumerate()
            .filter(|(_, item)| item.span.contains(target.span) && is_around(item, target))
            .max_by_key(|(_, item)| item.span.start)
            .map(|(index, _)| index);
        let mut members: Vec<&OutlineItem> =
            outline.iter().filter(|item| item.parent == container && is_shown(item)).collect();
        let before = members.iter().take_while(|item| item.span.end <= target.span.start).count();
        members.retain(|item| !target.span.overlaps(item.span));
        let near = before.saturating_sub(MAX_NEIGHBOURS / 2);
        let neighbours: Vec<_> = members
            .iter()
            .enumerate()
            .skip(near)
            .take(MAX_NEIGHBOURS)
            .map(|(index, item)| {
                let distance = if index < before { before - index } else { index + 1 - before };
                (distance, signature(item, text, target.language))
            })
            .collect();
        let container = container.and_then(|index| outline.get(index));
        if container.is_none() && neighbours.is_empty() {
            return None;
        }
        let head = container.map(|item| one_line(slice(text, item.signature)));
        Some(Self {
            container: container.map(|item| item.path.clone()),
            span: container.map_or(Span::default(), |item| item.span),
            closes: container.is_some_and(|item| item.body.is_some()),
            head,
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
            text.push_str(if self.closes { " {\n" } else { "\n" });
        }
        for (distance, signature) in &self.neighbours {
            if left > 0 && farthest.is_some_and(|farthest| distance <= farthest) {
                left -= 1;
                text.push_str(indent);
                text.push_str(signature);
                text.push('\n');
            }
        }
        if self.closes {
            text.push_str("}\n");
        }
        text
    }
}

/// Whether an item is one that a target stands in, and not the target itself.
fn is_around(item: &OutlineItem, target: &Target) -> bool {
    item.body.is_some_and(|body| body.contains(target.span))
}

fn is_shown(item: &OutlineItem) -> bool {
    !matches!(item.kind, OutlineKind::Variant)
}

/// The definition of the type that a method's `impl` is for, when it stands in the file.
pub(crate) fn type_of<'o>(
    skeleton: &Skeleton,
    target: &Target,
    outline: &'o Outline,
) -> Option<&'o OutlineItem> {
    if target.language != Language::Rust {
        return None;
    }
    let implementation =
        outline.iter().find(|item| item.span == skeleton.span && item.kind == OutlineKind::Impl)?;
    let name = implementation.name.split('<').next().unwrap_or("").trim();
    outline.iter().find(|item| {
        item.name == name
            && matches!(item.kind, OutlineKind::Struct | OutlineKind::Enum)
            && !target.span.overlaps(item.span)
    })
}

fn signature(item: &OutlineItem, text: &str, language: Language) -> String {
    let line = one_line(slice(text, item.signature));
    let line = line.trim_end_matches([';', ',']).trim_end();
    let comma = item.kind == OutlineKind::Field && language == Language::Rust;
    format!("{line}{}", if comma { "," } else { ";" })
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
