//! The head of a definition on one line.

use tree_sitter::Node;

use super::definition::DefinitionKind as Kind;
use super::extract::is_function_value;
use crate::Language;

/// The longest signature, in bytes.
const MAX_BYTES: usize = 240;
/// The longest value shown of a variable, in bytes.
const MAX_VALUE_BYTES: usize = 60;
/// The longest type alias, in bytes.
const MAX_ALIAS_BYTES: usize = 160;

/// Words before a head that say nothing of how to use what it names.
const LEADING: [&str; 10] = [
    "export",
    "default",
    "declare",
    "pub",
    "public",
    "private",
    "protected",
    "abstract",
    "override",
    "const",
];

pub(super) fn signature(
    language: Language,
    kind: Kind,
    node: Node<'_>,
    name: Node<'_>,
    text: &str,
) -> String {
    let body = node.child_by_field_name("body");
    let start = node.start_byte();
    let upto = |end: Option<Node<'_>>| text.get(start..end.map_or(node.end_byte(), |end| end.start_byte()));
    let name_text = text.get(name.byte_range()).unwrap_or("");
    if language == Language::Rust {
        let head = match kind {
            Kind::Macro => return clipped(&format!("macro {name_text}!"), MAX_BYTES),
            Kind::Constant => {
                let value = node.child_by_field_name("value");
                upto(value).unwrap_or("").trim_end().trim_end_matches('=')
            }
            Kind::Struct => {
                // A tuple struct's fields are how it is used; named ones are definitions of their own.
                upto(body.filter(|body| body.kind() == "field_declaration_list")).unwrap_or("")
            }
            _ => upto(body).unwrap_or(""),
        };
        let head = without_visibility(head);
        let head = if kind == Kind::Constant { head } else { without_leading(head) };
        return clipped(&one_line(head), MAX_BYTES);
    }
    match kind {
        Kind::Variable => variable(node, name, name_text, text),
        Kind::Type => clipped(&one_line(without_leading(upto(None).unwrap_or(""))), MAX_ALIAS_BYTES),
        Kind::Field => {
            let value = node.child_by_field_name("value");
            clipped(&one_line(without_leading(upto(value).unwrap_or(""))), MAX_ALIAS_BYTES)
        }
        Kind::Variant => clipped(&one_line(upto(None).unwrap_or("")), MAX_VALUE_BYTES),
        Kind::Method if node.kind() == "pair" => {
            let body = node.child_by_field_name("value").and_then(|value| value.child_by_field_name("body"));
            clipped(&one_line(upto(body).unwrap_or("")), MAX_BYTES)
        }
        _ => clipped(&one_line(without_leading(upto(body).unwrap_or(""))), MAX_BYTES),
    }
}

fn variable(node: Node<'_>, name: Node<'_>, name_text: &str, text: &str) -> String {
    let Some(declared) = node.child_by_field_name("name").filter(|declared| *declared == name) else {
        // One of a pattern's names: what it is taken from is not known.
        return name_text.to_owned();
    };
    if let Some(of) = node.child_by_field_name("type") {
        let of = text.get(of.byte_range()).unwrap_or("");
        return clipped(&one_line(&format!("{name_text}{of}")), MAX_BYTES);
    }
    let Some(value) = node.child_by_field_name("value") else { return name_text.to_owned() };
    if is_function_value(value.kind()) {
        let body = value.child_by_field_name("body").map_or(value.end_byte(), |body| body.start_byte());
        let head = text.get(declared.start_byte()..body).unwrap_or("");
        return clipped(&one_line(head), MAX_BYTES);
    }
    let value = text.get(value.byte_range()).unwrap_or("");
    // Only its beginning is looked at: it may be a table of a megabyte.
    let value = clipped(value, MAX_VALUE_BYTES * 2);
    clipped(&one_line(&format!("{name_text} = {value}")), MAX_VALUE_BYTES)
}

fn without_visibility(head: &str) -> &str {
    let Some(rest) = head.strip_prefix("pub") else { return head };
    let rest = match rest.strip_prefix('(') {
        Some(inner) => inner.split_once(')').map_or("", |(_, rest)| rest),
        None => rest,
    };
    rest.trim_start()
}

fn without_leading(head: &str) -> &str {
    let mut head = head.trim_start();
    while let Some((word, rest)) = head.split_once(char::is_whitespace) {
        if !LEADING.contains(&word) {
            break;
        }
        head = rest.trim_start();
    }
    head
}

fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(MAX_BYTES * 2));
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > MAX_BYTES * 2 {
            break;
        }
    }
    let end = line.trim_end_matches([' ', ';', ',', '{', '=']).len();
    // An arrow stands for the body behind it.
    let end = if line.get(end..).is_some_and(|rest| rest.starts_with("=>")) { end + 2 } else { end };
    line.truncate(end);
    line.replace(",)", ")").replace("( ", "(").replace(" )", ")")
}

fn clipped(text: &str, bytes: usize) -> String {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].trim_end().to_owned()
}
