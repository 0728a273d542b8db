//! What a cursor or a selection stands for.

use autodao_syntax::tree_sitter::{Node, Tree, TreeCursor};
use autodao_syntax::{Language, OutlineKind, Span};

use crate::item::{Item, body_of, bound, is_comment, is_leading, is_type, is_wrapper, item_kind, names};

/// How many nodes lie between the root and a target at most. Deeper nesting is machine-made.
const MAX_DEPTH: usize = 4096;

/// The smallest whole item, or run of neighbouring items, that holds a cursor or selection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The language.
    pub language: Language,
    /// From the first item's documentation to the last item's end, in bytes. An edit replaces these bytes.
    pub span: Span,
    /// The items in the order of the text; never empty.
    pub items: Vec<Item>,
    /// How many lines the span touches.
    pub lines: u32,
}

impl Target {
    /// The item, when it is one.
    pub fn item(&self) -> Option<&Item> {
        match self.items.as_slice() {
            [item] => Some(item),
            _ => None,
        }
    }

    /// The first item's node kind; with several items it stands for them all.
    pub fn node_kind(&self) -> &str {
        self.items.first().map_or("", |item| &item.node_kind)
    }

    /// The symbol path; of several items, from the first to the last.
    pub fn symbol(&self) -> String {
        match self.items.as_slice() {
            [] => String::new(),
            [item] => item.symbol.clone(),
            [first, .., last] => format!("{} to {}", first.symbol, last.symbol),
        }
    }

    pub(crate) fn of(language: Language, items: Vec<Item>, text: &str) -> Option<Self> {
        let span = Span::new(items.first()?.whole.start, items.last()?.whole.end);
        let covered = text.get(span.range()).unwrap_or("");
        let lines = memchr_lines(covered);
        Some(Self { language, span, items, lines })
    }
}

fn memchr_lines(text: &str) -> u32 {
    text.bytes().filter(|&byte| byte == b'\n').count() as u32 + 1
}

/// The target of a selection, an empty one for a cursor. `tree` is of exactly this text. `None` where there is no
/// item: imports, blank lines between items of a file, a text without items.
///
/// A cursor in the documentation or attributes of an item, in the blanks before it on its line, or right behind
/// it, is at the item.
pub fn target_at(language: Language, text: &str, tree: &Tree, selection: Span) -> Option<Target> {
    let selection = settle(text, selection);
    let mut cursor = tree.walk();
    let chain = descend(&mut cursor, selection);
    // The innermost node of the chain that is an item or holds items, and has some at the selection.
    for depth in (0..chain.len()).rev() {
        let node = chain[depth];
        if item_kind(node, language, text).is_some() {
            let item = outermost(&chain, depth, language, text);
            return Target::of(language, vec![item], text);
        }
        if holds_items(node, depth.checked_sub(1).map(|parent| chain[parent])) {
            let items = members_at(node, &chain[..=depth], language, text, selection);
            if !items.is_empty() {
                return Target::of(language, items, text);
            }
        }
    }
    None
}

/// All items of a file as one target, for a task about the file. Bytes before the first and behind the last item
/// are not in its span.
pub fn target_of_file(language: Language, text: &str, tree: &Tree) -> Option<Target> {
    let root = tree.root_node();
    Target::of(language, members(root, &[root], language, text), text)
}

/// Where a selection really is: blanks at its ends left out; a cursor in the blanks that begin a line is at the
/// line's first word, one right behind a word is at the word.
fn settle(text: &str, selection: Span) -> Span {
    let length = text.len() as u32;
    let (start, end) =
        (selection.start.min(length), selection.end.min(length).max(selection.start.min(length)));
    let bytes = text.as_bytes();
    let blank = |at: u32| bytes.get(at as usize).is_none_or(u8::is_ascii_whitespace);
    let (mut first, mut last) = (start, end);
    while first < last && blank(first) {
        first += 1;
    }
    while last > first && blank(last - 1) {
        last -= 1;
    }
    if first < last {
        return Span::new(first, last);
    }
    let mut at = start;
    if blank(at) && at > 0 && !blank(at - 1) {
        at -= 1;
    } else {
        while at < length && blank(at) && bytes[at as usize] != b'\n' {
            at += 1;
        }
        if at >= length || blank(at) {
            at = start;
        }
    }
    Span::new(at, (at + 1).min(length))
}

/// The nodes from the root to the smallest that holds the selection. The cursor ends at the last of them.
pub(crate) fn descend<'t>(cursor: &mut TreeCursor<'t>, selection: Span) -> Vec<Node<'t>> {
    let mut chain = vec![cursor.node()];
    while chain.len() < MAX_DEPTH && cursor.goto_first_child_for_byte(selection.start as usize).is_some() {
        let node = cursor.node();
        if !Span::of(node).contains(selection) {
            break;
        }
        chain.push(node);
    }
    chain
}

/// The item at a depth of a chain, with what goes with it.
pub(crate) fn outermost<'t>(chain: &[Node<'t>], depth: usize, language: Language, text: &str) -> Item {
    let mut outer = depth;
    while outer > 0 && is_wrapper(chain[outer - 1]) {
        outer -= 1;
    }
    let first = match outer.checked_sub(1).and_then(|parent| chain.get(parent)) {
        Some(parent) => leading_of(*parent, chain[outer], text),
        None => chain[outer].start_byte() as u32,
    };
    make(chain, depth, chain[outer], first, language, text)
}

/// An item of its parts. `chain` goes from the root to the item's node at `depth`.
fn make(
    chain: &[Node<'_>],
    depth: usize,
    outer: Node<'_>,
    first: u32,
    language: Language,
    text: &str,
) -> Item {
    let node = chain[depth];
    let mut kind = item_kind(node, language, text).unwrap_or(OutlineKind::Variable);
    let separator = if language == Language::Rust { "::" } else { "." };
    let (name, own) = names(node, kind, text);
    let mut path = String::new();
    let mut parent = None;
    for ancestor in &chain[..depth] {
        if let Some(of) = item_kind(*ancestor, language, text) {
            path.push_str(&names(*ancestor, of, text).1);
            path.push_str(separator);
            parent = Some(of);
        }
    }
    if kind == OutlineKind::Function && parent.is_some_and(is_type) {
        kind = OutlineKind::Method;
    }
    let body = body_of(node, text).map(Span::of);
    let mut span = trimmed(Span::of(outer), text);
    // In a broken text a body may end with what is trimmed off.
    span.end = span.end.max(body.map_or(0, |body| body.end));
    Item {
        kind,
        node_kind: bound(node, text).unwrap_or(node).kind().to_owned(),
        name,
        symbol: path + &own,
        whole: Span::new(first.min(span.start), span.end),
        span,
        body,
    }
}

/// Some nodes end behind the line break that ends them.
fn trimmed(span: Span, text: &str) -> Span {
    let kept = text.get(span.range()).map_or(0, |text| text.trim_end().len() as u32);
    Span::new(span.start, span.start + kept)
}

/// Where the run of attributes and documentation before a node starts.
fn leading_of(parent: Node<'_>, node: Node<'_>, text: &str) -> u32 {
    let mut cursor = parent.walk();
    let mut run = Run::default();
    if back_to_run(&mut cursor, node.start_byte(), text) {
        while cursor.node().id() != node.id() {
            run.pass(cursor.node(), text);
            if !cursor.goto_next_sibling() {
                break;
            }
        }
    }
    run.start(node)
}

/// Moves a cursor from a parent to the child at an offset, then back over the comments and attributes before it.
/// The children before those are not looked at.
fn back_to_run(cursor: &mut TreeCursor<'_>, offset: usize, text: &str) -> bool {
    if cursor.goto_first_child_for_byte(offset).is_none() {
        return false;
    }
    while cursor.goto_previous_sibling() {
        if !(is_comment(cursor.node()) || is_leading(cursor.node(), text)) {
            cursor.goto_next_sibling();
            break;
        }
    }
    true
}

/// The comments and attributes passed since the last other node.
#[derive(Default)]
struct Run {
    /// Where the first that belongs to the next item starts.
    first: Option<u32>,
}

impl Run {
    fn pass(&mut self, node: Node<'_>, text: &str) {
        if is_leading(node, text) {
            self.first.get_or_insert(node.start_byte() as u32);
        } else if !is_comment(node) {
            self.first = None;
        }
    }

    /// Where an item starts, and the run ends.
    fn start(&mut self, item: Node<'_>) -> u32 {
        self.first.take().unwrap_or(item.start_byte() as u32)
    }
}

/// Whether a node's children may be items that are not statements of a function.
fn holds_items(node: Node<'_>, parent: Option<Node<'_>>) -> bool {
    let Some(parent) = parent else { return true };
    match node.kind() {
        "declaration_list" | "class_body" | "interface_body" => true,
        "statement_block" => matches!(parent.kind(), "internal_module" | "module"),
        _ => false,
    }
}

/// The members of a holder that the selection touches, documentation included.
fn members_at(
    holder: Node<'_>,
    chain: &[Node<'_>],
    language: Language,
    text: &str,
    selection: Span,
) -> Vec<Item> {
    let mut items = members_in(holder, chain, language, text, Some(selection));
    items.retain(|item| item.whole.overlaps(selection));
    items
}

/// The members of a holder; `chain` goes from the root to the holder.
pub(crate) fn members<'t>(holder: Node<'t>, chain: &[Node<'t>], language: Language, text: &str) -> Vec<Item> {
    members_in(holder, chain, language, text, None)
}

fn members_in<'t>(
    holder: Node<'t>,
    chain: &[Node<'t>],
    language: Language,
    text: &str,
    within: Option<Span>,
) -> Vec<Item> {
    let mut items = Vec::new();
    let mut run = Run::default();
    let mut cursor = holder.walk();
    let entered = match within {
        Some(span) => back_to_run(&mut cursor, span.start as usize, text),
        None => cursor.goto_first_child(),
    };
    if !entered {
        return items;
    }
    loop {
        let child = cursor.node();
        if is_comment(child) || is_leading(child, text) {
            run.pass(child, text);
        } else {
            let first = run.start(child);
            let wanted = within.is_none_or(|span| Span::new(first, child.end_byte() as u32).overlaps(span));
            if wanted {
                items.extend(member(child, first, chain, language, text));
            }
            if within.is_some_and(|span| first >= span.end) {
                return items;
            }
        }
        if !cursor.goto_next_sibling() {
            return items;
        }
    }
}

/// The item that a child of a holder is or wraps.
fn member<'t>(
    child: Node<'t>,
    first: u32,
    chain: &[Node<'t>],
    language: Language,
    text: &str,
) -> Option<Item> {
    let mut chain = chain.to_vec();
    let mut node = child;
    loop {
        chain.push(node);
        if item_kind(node, language, text).is_some() {
            return Some(make(&chain, chain.len() - 1, child, first, language, text));
        }
        if !is_wrapper(node) {
            return top_level_binding(node, child, first, &chain, language, text);
        }
        let mut cursor = node.walk();
        let inner = node.named_children(&mut cursor).find(|inner| {
            item_kind(*inner, language, text).is_some() || is_wrapper(*inner) || is_declaration(*inner)
        })?;
        if is_declaration(inner) && !is_wrapper(inner) {
            return top_level_binding(inner, child, first, &chain, language, text);
        }
        node = inner;
        if node.kind() == "variable_declarator" {
            return top_level_binding(node, child, first, &chain, language, text);
        }
    }
}

fn is_declaration(node: Node<'_>) -> bool {
    matches!(node.kind(), "lexical_declaration" | "variable_declaration" | "variable_declarator")
}

/// A binding of a file or class that is no function: the statement as a whole.
fn top_level_binding(
    node: Node<'_>,
    child: Node<'_>,
    first: u32,
    chain: &[Node<'_>],
    language: Language,
    text: &str,
) -> Option<Item> {
    if language == Language::Rust || !(is_declaration(node) || node.kind().ends_with("field_definition")) {
        return None;
    }
    let named = if node.kind().ends_with("_declaration") { node.named_child(0)? } else { node };
    let mut chain: Vec<_> = chain.iter().copied().take_while(|link| link.id() != named.id()).collect();
    chain.push(named);
    let mut item = make(&chain, chain.len() - 1, child, first, language, text);
    if item_kind(named, language, text).is_none() {
        item.kind = if is_declaration(named) { OutlineKind::Variable } else { OutlineKind::Field };
        item.body = None;
    }
    Some(item)
}
