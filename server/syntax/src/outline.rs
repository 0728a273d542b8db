//! The items of a file, as `queries/<language>/outline.scm` finds them.

use std::sync::OnceLock;

use tree_sitter::{Query, QueryCursor, StreamingIterator, Tree};

use crate::query_source::outline_query;
use crate::{Language, Span};

/// What an item is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OutlineKind {
    /// A free function.
    Function,
    /// A function of a type.
    Method,
    /// A Rust struct or union.
    Struct,
    /// A script's class.
    Class,
    /// An enum.
    Enum,
    /// One value of an enum.
    Variant,
    /// A field or property.
    Field,
    /// A trait or interface.
    Interface,
    /// A Rust `impl` block, named by its type.
    Impl,
    /// A module or namespace.
    Module,
    /// A type alias.
    Type,
    /// A `const` or `static` item.
    Constant,
    /// A top-level variable of a script.
    Variable,
    /// A macro definition.
    Macro,
}

impl OutlineKind {
    fn of_capture(name: &str) -> Option<Self> {
        Some(match name.strip_prefix("item.")? {
            "function" => Self::Function,
            "method" => Self::Method,
            "struct" => Self::Struct,
            "class" => Self::Class,
            "enum" => Self::Enum,
            "variant" => Self::Variant,
            "field" => Self::Field,
            "interface" => Self::Interface,
            "impl" => Self::Impl,
            "module" => Self::Module,
            "type" => Self::Type,
            "constant" => Self::Constant,
            "variable" => Self::Variable,
            "macro" => Self::Macro,
            _ => return None,
        })
    }

    /// Whether functions in it are its methods.
    const fn is_type(self) -> bool {
        matches!(self, Self::Struct | Self::Class | Self::Enum | Self::Interface | Self::Impl)
    }
}

/// One item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutlineItem {
    /// What it is.
    pub kind: OutlineKind,
    /// Its name as written; of an `impl`, its type.
    pub name: String,
    /// Names from the outermost item to this one, joined as the language does: `net::Server::run`, `Server.run`.
    /// An `impl Trait for Type` is `<Type as Trait>`.
    pub path: String,
    /// The whole item, without the comments and attributes before it.
    pub span: Span,
    /// Where the name is written.
    pub name_span: Span,
    /// From the item's start to its body, trailing space left out; the whole item when it has no body.
    pub signature: Span,
    /// The body, braces included.
    pub body: Option<Span>,
    /// Doc comments and attributes directly before it.
    pub documentation: Option<Span>,
    /// Index of the item it is in.
    pub parent: Option<usize>,
}

/// The items of a file in order of appearance, an outer item before those in it.
pub type Outline = Vec<OutlineItem>;

struct OutlineQuery {
    query: Query,
    kinds: Vec<Option<OutlineKind>>,
    name: Option<u32>,
    body: Option<u32>,
    interface: Option<u32>,
    comment: Option<u32>,
    attribute: Option<u32>,
}

/// Compiled on first use: it takes milliseconds, which no start-up should pay.
fn compiled(language: Language) -> Option<&'static OutlineQuery> {
    static QUERIES: [OnceLock<Option<OutlineQuery>>; 4] = [const { OnceLock::new() }; 4];
    QUERIES[language as usize]
        .get_or_init(|| {
            let query = Query::new(&language.grammar(), &outline_query(language)).ok()?;
            let index = |name| query.capture_index_for_name(name);
            let kinds = query.capture_names().iter().map(|name| OutlineKind::of_capture(name)).collect();
            let (name, body, interface) = (index("name"), index("body"), index("trait"));
            let (comment, attribute) = (index("comment"), index("attribute"));
            Some(OutlineQuery { query, kinds, name, body, interface, comment, attribute })
        })
        .as_ref()
}

/// One match of the query, before it is put in its place.
struct Found {
    kind: OutlineKind,
    pattern: usize,
    span: Span,
    name: Span,
    body: Option<Span>,
    interface: Option<Span>,
}

/// Finds the items of a parsed text.
pub fn outline(language: Language, text: &str, tree: &Tree) -> Outline {
    let Some(compiled) = compiled(language) else { return Vec::new() };
    let mut found = Vec::new();
    let mut leading = Vec::new();
    let mut cursor = QueryCursor::new();
    let mut matches = cursor.matches(&compiled.query, tree.root_node(), text.as_bytes());
    while let Some(m) = matches.next() {
        let mut item = None;
        let (mut name, mut body, mut interface) = (None, None, None);
        for capture in m.captures() {
            let span = Span::of(capture.node);
            let index = Some(capture.index);
            if let Some(kind) = compiled.kinds.get(capture.index as usize).copied().flatten() {
                item = Some((kind, span));
            } else if index == compiled.name {
                name = Some(span);
            } else if index == compiled.body {
                body = Some(span);
            } else if index == compiled.interface {
                interface = Some(span);
            } else if index == compiled.attribute
                || (index == compiled.comment && is_doc(&text[span.range()]))
            {
                leading.push(span);
            }
        }
        if let (Some((kind, span)), Some(name)) = (item, name) {
            found.push(Found { kind, pattern: m.pattern_index, span, name, body, interface });
        }
    }
    leading.sort_unstable();
    found.sort_unstable_by_key(|f| (f.span.start, std::cmp::Reverse(f.span.end), f.pattern));
    found.dedup_by_key(|f| f.span);
    nest(language, text, found, &leading)
}

fn is_doc(comment: &str) -> bool {
    let triple = |prefix: &str, not: &str| comment.starts_with(prefix) && !comment.starts_with(not);
    triple("///", "////") || (triple("/**", "/***") && comment.len() > 4)
}

/// Sorted matches become items that know their parent and path.
fn nest(language: Language, text: &str, found: Vec<Found>, leading: &[Span]) -> Outline {
    let separator = if language == Language::Rust { "::" } else { "." };
    let mut items: Outline = Vec::with_capacity(found.len());
    let mut open: Vec<usize> = Vec::new();
    for f in found {
        while open.last().is_some_and(|&i| !items[i].span.contains(f.span)) {
            open.pop();
        }
        let parent = open.last().copied();
        let name = text.get(f.name.range()).unwrap_or("").to_owned();
        let own = match f.interface.and_then(|i| text.get(i.range())) {
            Some(interface) => format!("<{name} as {interface}>"),
            None => name.clone(),
        };
        let path = match parent {
            Some(parent) => format!("{}{separator}{own}", items[parent].path),
            None => own,
        };
        let kind = match f.kind {
            OutlineKind::Function if parent.is_some_and(|p| items[p].kind.is_type()) => OutlineKind::Method,
            kind => kind,
        };
        let signature_end = f.body.map_or(f.span.end, |body| {
            let head = text.get(f.span.start as usize..body.start as usize).unwrap_or("");
            f.span.start + head.trim_end().len() as u32
        });
        open.push(items.len());
        items.push(OutlineItem {
            kind,
            name,
            path,
            span: f.span,
            name_span: f.name,
            signature: Span::new(f.span.start, signature_end),
            body: f.body,
            documentation: documentation(text, f.span.start, leading),
            parent,
        });
    }
    items
}

/// The run of doc comments and attributes that ends where the item begins, or where the words before it do
/// that are not part of its node in a script's tree: `export const`.
fn documentation(text: &str, start: u32, leading: &[Span]) -> Option<Span> {
    let mut from = start;
    let mut end = None;
    let mut index = leading.partition_point(|span| span.end <= start);
    while index > 0 {
        let span = leading[index - 1];
        let gap = text.get(span.end as usize..from as usize)?;
        let first = end.is_none();
        if !gap.split_whitespace().all(|word| first && EXPORT_WORDS.contains(&word)) {
            break;
        }
        end.get_or_insert(span.end);
        from = span.start;
        index -= 1;
    }
    end.map(|end| Span::new(from, text[..end as usize].trim_end().len() as u32))
}

const EXPORT_WORDS: [&str; 6] = ["export", "default", "declare", "const", "let", "var"];

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::SyntaxParser;

    /// One line per item: kind, path, signature, whether it has a body, documentation.
    fn check(language: Language, text: &str, expected: Expect) {
        let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
        let mut shown = String::new();
        for item in outline(language, text, &tree) {
            let part = |span: Span| text[span.range()].replace('\n', "⏎");
            let body = item.body.map_or(String::new(), |_| " {}".into());
            let documentation = item.documentation.map_or(String::new(), |d| format!(" <- {}", part(d)));
            shown +=
                &format!("{:?} {} | {}{body}{documentation}\n", item.kind, item.path, part(item.signature));
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn rust_items() {
        let text = "\
//! file
/// Adds.
#[inline]
pub fn add(a: i32) -> i32 { fn inner() {} a }
// plain
mod net {
    pub struct Server { port: u16 }
    enum E { A, B }
    impl Server {
        /** Runs. */
        async fn run(&self) {}
    }
    impl std::fmt::Display for Server { fn fmt(&self) {} }
    trait T { type X; fn f(); const C: u8; }
}
macro_rules! m { () => {} }
static S: u8 = 1;
";
        check(
            Language::Rust,
            text,
            expect![[r#"
                Function add | pub fn add(a: i32) -> i32 {} <- /// Adds.⏎#[inline]
                Function add::inner | fn inner() {}
                Module net | mod net {}
                Struct net::Server | pub struct Server {}
                Field net::Server::port | port: u16
                Enum net::E | enum E {}
                Variant net::E::A | A
                Variant net::E::B | B
                Impl net::Server | impl Server {}
                Method net::Server::run | async fn run(&self) {} <- /** Runs. */
                Impl net::<Server as std::fmt::Display> | impl std::fmt::Display for Server {}
                Method net::<Server as std::fmt::Display>::fmt | fn fmt(&self) {}
                Interface net::T | trait T {}
                Type net::T::X | type X;
                Method net::T::f | fn f();
                Constant net::T::C | const C: u8;
                Macro m | macro_rules! m { () => {} }
                Constant S | static S: u8 = 1;
            "#]],
        );
    }

    #[test]
    fn script_items() {
        let text = "\
/** Adds. */
export async function add(a) { const inner = () => 1; return a }
export const twice = (x) => x * 2, limit = 3;
class Server {
  port = 1;
  run() {}
  static make() { return new Server() }
}
let free = function () {};
";
        check(
            Language::JavaScript,
            text,
            expect![[r#"
                Function add | async function add(a) {} <- /** Adds. */
                Function add.inner | inner = () => {}
                Function twice | twice = (x) => {}
                Variable limit | limit = 3
                Class Server | class Server {}
                Field Server.port | port = 1
                Method Server.run | run() {}
                Method Server.make | static make() {}
                Function free | free = function () {}
            "#]],
        );
        let typed = "\
interface Shape { area(): number; name: string }
type Id = string;
enum Colour { Red }
namespace N { export function f(): void {} }
abstract class Base<T> { abstract g(): T; private x: T; @log() h(): void {} }
declare function ext(a: number): void;
";
        let expected = expect![[r#"
            Interface Shape | interface Shape {}
            Method Shape.area | area(): number
            Field Shape.name | name: string
            Type Id | type Id = string;
            Enum Colour | enum Colour {}
            Module N | namespace N {}
            Function N.f | function f(): void {}
            Class Base | abstract class Base<T> {}
            Method Base.g | abstract g(): T
            Field Base.x | private x: T
            Method Base.h | h(): void {} <- @log()
            Function ext | function ext(a: number): void;
        "#]];
        check(Language::TypeScript, typed, expected);
        check(
            Language::Tsx,
            "export const App = () => <div/>;\n",
            expect![[r#"
                Function App | App = () => {}
            "#]],
        );
    }

    #[test]
    fn broken_text_still_has_an_outline() {
        check(
            Language::Rust,
            "fn a() {}\nfn b( {\nfn c() {}\n",
            expect![[r#"
                Function a | fn a() {}
                Function c | fn c() {}
            "#]],
        );
    }
}
