//! What models put around the code that was asked for, taken off again.

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

use crate::items::items;
use crate::site::Site;
use crate::tokens::is_word;

/// The code without what stands around its place already: the words before it on its line, the sign behind it,
/// the comments and attributes above it.
pub(crate) fn for_place<'a>(site: &Site, code: &'a str) -> &'a str {
    let mut code = without_lines_above(site, code);
    let head = site.line_head().trim();
    if !head.is_empty()
        && let Some(rest) = code.trim_start().strip_prefix(head)
        && !(head.ends_with(is_word) && rest.starts_with(is_word))
    {
        code = rest.trim_start();
    }
    let tail = site.line_tail().trim_start();
    for sign in [';', ','] {
        if tail.starts_with(sign) && !site.target_text().ends_with(sign) {
            code = code.strip_suffix(sign).unwrap_or(code);
        }
    }
    code
}

/// Whether a line is one of the comments and attributes before an item.
pub(crate) fn is_head_line(line: &str) -> bool {
    let line = line.trim_start();
    ["//", "/*", "*", "#[", "@"].iter().any(|start| line.starts_with(start))
}

/// Whether code brings its own comments or attributes.
pub(crate) fn has_own_head(code: &str) -> bool {
    is_head_line(code)
}

/// How many lines above a target are looked at.
const MAX_LINES_ABOVE: usize = 100;

/// Without first lines that repeat those directly above the target.
fn without_lines_above<'a>(site: &Site, code: &'a str) -> &'a str {
    if !is_head_line(code) || !site.line_head().trim().is_empty() {
        return code;
    }
    let before = site.buffer().slice(Span::new(0, site.line_start()));
    let above: Vec<&str> =
        before.lines().rev().take_while(|line| is_head_line(line)).take(MAX_LINES_ABOVE).collect();
    let lines: Vec<&str> = code.split('\n').collect();
    for count in (1..=above.len().min(lines.len().saturating_sub(1))).rev() {
        let repeated = above[..count].iter().rev().zip(&lines).all(|(old, new)| old.trim() == new.trim());
        if repeated {
            let skipped: usize = lines[..count].iter().map(|line| line.len() + 1).sum();
            return &code[skipped..];
        }
    }
    code
}

/// The inside of a type's or module's body, where that is all there is and it holds the wanted item alone.
pub(crate) fn unwrapped<'a>(root: Node<'_>, code: &'a str, wanted: &str) -> Option<&'a str> {
    let whole = Span::new(0, code.len() as u32);
    let found = items(root, code, whole);
    let outer = found.first()?;
    let alone = found.iter().all(|item| item.path == outer.path || item.path.starts_with(&outer.path));
    let container = matches!(
        outer.kind,
        "impl_item" | "trait_item" | "mod_item" | "class_declaration" | "abstract_class_declaration"
    );
    let mut members = found.iter().skip(1).filter(|item| {
        item.path.strip_prefix(outer.path.as_str()).and_then(|rest| rest.strip_prefix('.'))
            == Some(&item.name)
    });
    let member = members.next()?;
    if !alone || !container || member.name != wanted || members.next().is_some() {
        return None;
    }
    let body = root.descendant_for_byte_range(outer.span.start as usize, outer.span.end as usize)?;
    let mut node = body;
    // The smallest node around the item may be what exports it.
    for _ in 0..4 {
        if node.kind() == outer.kind {
            break;
        }
        node = node.named_child(0)?;
    }
    let body = Span::of(node.child_by_field_name("body")?);
    let inside = code.get(body.start as usize + 1..body.end as usize - 1)?;
    let inside = inside.trim_end();
    let first = inside.len() - inside.trim_start().len();
    let line = inside.get(..first)?.rfind('\n').map_or(first, |at| at + 1);
    inside.get(line..)
}
