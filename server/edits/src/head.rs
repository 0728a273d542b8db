//! What stands before an item and belongs to it: comments, attributes, the word that exports it.

use autodao_syntax::Span;

use crate::indent::{leading_blanks, with_lf};
use crate::reading::is_head_line;
use crate::site::Site;

/// Comments that speak to a program.
const DIRECTIVES: [&str; 7] = ["@ts-", "eslint", "prettier-", "biome-", "istanbul", "autodao:", "webpack"];

/// An answer that begins with comments or attributes, with those of the target that it does not have: a model that
/// gives back one line of a head means the others to stay.
pub(crate) fn with_kept_head(site: &Site, code: &str) -> String {
    let lines: Vec<&str> = code.split('\n').collect();
    let first = lines.iter().position(|line| !is_head_line(line) && !line.trim().is_empty());
    let (head, body) = lines.split_at(first.unwrap_or(lines.len()));
    let said = Head::of(head);
    let blanks = leading_blanks(code);
    let (mut comments, mut attributes) = (String::new(), String::new());
    for part in site.head_parts() {
        let text = with_lf(site.buffer().slice(part));
        if said.replaces(text.trim()) {
            continue;
        }
        let kept = if is_attribute(&text) { &mut attributes } else { &mut comments };
        for line in text.trim_end().split('\n') {
            kept.push_str(blanks);
            kept.push_str(line.strip_prefix(site.indent()).unwrap_or(line));
            kept.push('\n');
        }
    }
    // Attributes stay below what the answer says of the item.
    let documented = head.iter().take_while(|line| is_documentation(line.trim_start()));
    let (documentation, rest) = head.split_at(documented.count());
    let with_end = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let kept = comments + &with_end(documentation) + &attributes + &with_end(rest);
    let body = body.join("\n");
    let exports = site.exported().map_or("", |inner| exporting(site, inner));
    if exports.is_empty() || body.trim_start().starts_with("export") {
        return kept + &body;
    }
    let start = body.len() - body.trim_start().len();
    format!("{kept}{}{exports}{}", &body[..start], &body[start..])
}

/// The words before what a statement exports.
fn exporting(site: &Site, inner: Span) -> &str {
    let before = site.buffer().slice(Span::new(site.target().start, inner.start));
    before.rfind("export").map_or("", |at| &before[at..])
}

/// What the head of an answer has.
struct Head<'a> {
    lines: &'a [&'a str],
    bare: String,
}

impl<'a> Head<'a> {
    fn of(lines: &'a [&'a str]) -> Self {
        Self { lines, bare: without_blanks(&lines.join("")) }
    }

    fn has(&self, is: impl Fn(&str) -> bool) -> bool {
        self.lines.iter().any(|line| is(line.trim_start()))
    }

    /// Whether a comment or attribute of the target is in it, or another one in its place.
    fn replaces(&self, part: &str) -> bool {
        if self.bare.contains(&without_blanks(part)) {
            return true;
        }
        if is_attribute(part) {
            let name = attribute_name(part);
            // What a lint says of the old code may not hold for the new.
            return ["#[allow", "#[expect", "#[warn"].contains(&name)
                || self.has(|line| is_attribute(line) && attribute_name(line) == name);
        }
        if is_documentation(part) {
            return self.has(is_documentation);
        }
        self.has(|line| line.starts_with('/') && !is_documentation(line))
            && !DIRECTIVES.iter().any(|directive| part.contains(directive))
    }
}

fn is_attribute(text: &str) -> bool {
    text.starts_with(['#', '@'])
}

/// Whether a line is of a comment that documents what is below it.
fn is_documentation(line: &str) -> bool {
    ["///", "/**", "//!", "/*!", "*"].iter().any(|start| line.starts_with(start))
}

/// `#[derive` of `#[derive(Debug)]`.
fn attribute_name(attribute: &str) -> &str {
    let end = attribute.find(['(', ']', '=', ' ', '\n']).unwrap_or(attribute.len());
    attribute[..end].trim_end()
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_whitespace()).collect()
}
