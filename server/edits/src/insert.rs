//! Where code goes that is put before or after a node, and what separates them.

use autodao_syntax::Span;

use crate::items::is_function;
use crate::site::Site;
use crate::walk::{is_attribute, is_comment, place};

/// An insertion without its code.
pub(crate) struct Insertion {
    /// The byte it goes to.
    pub(crate) at: u32,
    /// What comes before the code.
    pub(crate) before: String,
    /// What comes behind it.
    pub(crate) after: String,
}

/// Where code goes relative to the site's target.
pub(crate) fn insertion(site: &Site, code: &str, before: bool) -> Insertion {
    let anchor = site.anchor();
    let ending = site.line_ending().as_str();
    let indent = site.indent();
    let found = place(site.tree().root_node(), site.buffer().text(), anchor);
    let statement = found.chain.iter().any(|kind| is_function(kind));
    // A comment belongs to what follows it; statements stand close.
    let gap = if statement || is_only_head(code) { ending.to_owned() } else { ending.repeat(2) };
    if !before {
        let rest = site.buffer().slice(Span::new(anchor.end, site.buffer().len()));
        let line = rest.split('\n').next().unwrap_or("").trim_end_matches('\r');
        let tail = line.trim_start();
        let own_line = tail.is_empty() || [";", ",", "//"].iter().any(|start| tail.starts_with(start));
        let at = anchor.end + if own_line { line.len() as u32 } else { 0 };
        return Insertion { at, before: format!("{gap}{indent}"), after: String::new() };
    }
    let start = head_start(site, anchor);
    let text = site.buffer().text();
    let line = text.get(..start as usize).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1);
    let lead = text.get(line..start as usize).unwrap_or("");
    if lead.trim_start_matches('\u{feff}').trim().is_empty() {
        let at = start - lead.trim_start_matches('\u{feff}').len() as u32;
        return Insertion { at, before: indent.to_owned(), after: gap };
    }
    Insertion { at: start, before: String::new(), after: format!("{gap}{indent}") }
}

/// Where the comments and attributes directly before a node begin.
fn head_start(site: &Site, anchor: Span) -> u32 {
    let text = site.buffer().text();
    let mut start = anchor.start;
    let found = place(site.tree().root_node(), text, anchor);
    let Some(mut node) = found.nodes.first().copied() else { return start };
    while let Some(previous) = node.prev_sibling() {
        if !is_comment(previous.kind()) && !is_attribute(previous.kind()) {
            break;
        }
        let span = Span::of(previous);
        let content = text.get(span.range()).unwrap_or("");
        let gap = text.get(span.start as usize + content.trim_end().len()..start as usize).unwrap_or("x");
        let line_before = text.get(..span.start as usize).unwrap_or("").rsplit('\n').next().unwrap_or("");
        // What stands behind an item on its line belongs to that; a blank line ends what belongs together.
        if !gap.trim().is_empty() || gap.matches('\n').count() > 1 || !line_before.trim().is_empty() {
            break;
        }
        start = span.start;
        node = previous;
    }
    start
}

/// Whether code is comments and attributes alone.
fn is_only_head(code: &str) -> bool {
    let mut lines = code.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.all(|line| ["//", "/*", "*", "#[", "@"].iter().any(|start| line.starts_with(start)))
}

/// A text without blanks at its end.
pub(crate) fn without_final_blank(text: &str) -> &str {
    text.trim_end()
}
