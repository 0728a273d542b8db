//! Type parameters, and signatures that begin with them.

use super::window::{Window, is_name, is_name_start};
use super::{Fill, Found};
use crate::Language;

/// Looks at a `<`.
pub(super) fn angle(window: Window<'_>, found: &mut Found<'_>) {
    let at = found.anchor;
    let before = window.before(at);
    match before {
        b' ' | b'\t' | b'\r' | b'\n' => signature(window, found),
        _ if is_name(before) && window.byte(at + 1) == b'<' => function_argument(window, found),
        _ => {}
    }
    if is_name(before) || matches!(before, b' ' | b'\t') {
        variance(window, found);
    }
}

/// `class A<in out T>`: the grammar knows no variance annotations.
fn variance(window: Window<'_>, found: &mut Found<'_>) {
    let name_end = window.back_blanks(found.anchor);
    let name = window.word_start(name_end);
    let is_head = |word: &[u8]| matches!(word, b"interface" | b"class" | b"type");
    let is_class = window.slice(name, name_end) == b"class";
    let head_end = window.back_blanks(name);
    let is_named = head_end < name && is_head(window.word_before(head_end));
    if !is_class && !is_named {
        return;
    }
    let close = window.closing(found.anchor).unwrap_or(found.anchor + window.rest(found.anchor).len());
    let mut at = found.anchor + 1;
    while at < close {
        at = modifiers(window, window.skip_space(at), found);
        // On to the comma behind this parameter.
        loop {
            match window.byte(at) {
                b',' => break,
                b'<' | b'(' | b'[' | b'{' => match window.closing(at) {
                    Some(end) => at = end + 1,
                    None => return,
                },
                b'"' | b'\'' => match window.string_end(at) {
                    Some(end) => at = end,
                    None => return,
                },
                b'/' => at = window.skip_space(at).max(at + 1),
                b';' | b'}' | b'`' => return,
                b'>' if window.before(at) != b'=' => return,
                _ => at += 1,
            }
            if at >= close {
                return;
            }
        }
        at += 1;
    }
}

/// Masks the modifiers of the type parameter that begins at an offset. Returns the end of what was read.
fn modifiers(window: Window<'_>, start: usize, found: &mut Found<'_>) -> usize {
    let mut masked: [Option<(usize, usize)>; 2] = [None; 2];
    let (mut seen_const, mut at) = (false, start);
    loop {
        let end = window.word_end(at);
        let next = window.skip_space(end);
        // The last word is the name.
        if !is_name_start(window.byte(next)) || end == next || window.word(next) == b"extends" {
            break;
        }
        match window.slice(at, end) {
            b"in" if masked == [None; 2] => masked[0] = Some((at, end)),
            b"out" if masked[1].is_none() => masked[1] = Some((at, end)),
            b"const" if !seen_const => seen_const = true,
            _ => return end.max(start),
        }
        at = next;
    }
    if window.word(at) == b"in" {
        return window.word_end(at);
    }
    for (from, to) in masked.into_iter().flatten() {
        found.mask(from, to, Fill::Blank);
    }
    window.word_end(at)
}

/// A member that is a generic call signature, behind one that ends with its line: the grammar reads
/// `a: A` and `<T>(x: T): T` on the next line as one type, `A<T>`.
fn signature(window: Window<'_>, found: &mut Found<'_>) {
    let open = found.anchor;
    let line_start = window.back_blanks(open);
    let separator = if line_start < open { open - 1 } else { line_start.wrapping_sub(2) };
    let is_first = window.before(line_start) == b'\n';
    if !is_first || !matches!(window.byte(separator), b' ' | b'\t' | b'\r') {
        return;
    }
    let first = window.byte(window.skip_space(open + 1));
    if !is_name_start(first) || !ends_member(window, window.back_space(line_start)) {
        return;
    }
    if parameters_end(window, open).is_some_and(|end| window.byte(window.skip_space(end)) == b':') {
        found.mask(separator, separator + 1, Fill::Semicolon);
    }
}

/// The end of the parameters behind the type parameters that open at an offset.
fn parameters_end(window: Window<'_>, open: usize) -> Option<usize> {
    let next = window.skip_space(window.closing(open)? + 1);
    if window.byte(next) != b'(' {
        return None;
    }
    Some(window.closing(next)? + 1)
}

/// Whether a member of an object type may end at an offset.
fn ends_member(window: Window<'_>, end: usize) -> bool {
    match window.before(end) {
        b')' | b']' | b'}' => true,
        b'>' => window.before(end - 1) != b'=',
        quote @ (b'"' | b'\'' | b'`') => {
            let inside = window.slice(end.saturating_sub(256), end - 1);
            memchr::memrchr(quote, inside)
                .is_some_and(|at| continues_type(window, end - 1 - inside.len() + at))
        }
        byte if is_name(byte) => {
            let start = window.word_start(end);
            !matches!(
                window.slice(start, end),
                b"function" | b"async" | b"new" | b"extends" | b"return" | b"keyof" | b"is" | b"as"
            ) && continues_type(window, start)
        }
        _ => false,
    }
}

/// Whether what begins at an offset is of a type that began before it, and not a member's name: behind that
/// the type parameters would be its own.
fn continues_type(window: Window<'_>, start: usize) -> bool {
    let end = window.back_white(start);
    let same_line = !window.slice(end, start).contains(&b'\n');
    match window.before(end) {
        b':' | b'|' | b'&' | b'.' => true,
        b'>' => window.before(end - 1) == b'=',
        byte if same_line && is_name(byte) => matches!(
            window.word_before(end),
            b"is" | b"keyof" | b"typeof" | b"asserts" | b"unique" | b"extends"
        ),
        _ => false,
    }
}

/// `f<<T>(x: T) => T>()`: the grammar reads the two `<` as a shift where an expression may stand. The function
/// type is read without its type parameters.
fn function_argument(window: Window<'_>, found: &mut Found<'_>) {
    let open = found.anchor + 1;
    if !is_name_start(window.byte(window.skip_space(open + 1))) {
        return;
    }
    let (Some(close), Some(end)) = (window.closing(open), parameters_end(window, open)) else { return };
    let arrow = window.skip_space(end);
    let is_call = || {
        let end = window.closing(found.anchor);
        end.is_some_and(|end| matches!(window.byte(window.skip_space(end + 1)), b'(' | b'`'))
    };
    // Who starts inside a string finds a quote before the end.
    let has_quote = memchr::memchr3(b'"', b'\'', b'`', window.slice(open, close)).is_some();
    let is_arrow = (window.byte(arrow), window.byte(arrow + 1)) == (b'=', b'>');
    if !has_quote && is_arrow && (is_call() || follows_operator(window, found.anchor)) {
        found.mask(open, close + 1, Fill::Blank);
    }
}

/// `(any) => void`: a parameter with the name of a type.
pub(super) fn arrow(_: Language, window: Window<'_>, found: &mut Found<'_>) {
    let close = window.back_blanks(found.anchor);
    if window.before(close) != b')' {
        return;
    }
    let end = window.back_blanks(close - 1);
    let start = window.word_start(end);
    let is_type = matches!(
        window.slice(start, end),
        b"any" | b"boolean" | b"never" | b"number" | b"object" | b"string" | b"symbol" | b"unknown"
    );
    if is_type && window.before(window.back_blanks(start)) == b'(' {
        found.mask(start, start + 1, Fill::Name);
    }
}

/// An escaped backtick in a template literal that is a type alias' value.
pub(super) fn template_type(_: Language, window: Window<'_>, found: &mut Found<'_>) {
    let at = found.anchor;
    let line = window.slice(at.saturating_sub(512), at);
    let line = &line[memchr::memrchr(b'\n', line).map_or(0, |end| end + 1)..];
    let is_opening = |i: usize| line[i] == b'`' && (i == 0 || line[i - 1] != b'\\');
    let Some(open) = (0..line.len()).find(|i| is_opening(*i)) else { return };
    let equals = window.back_white(at - line.len() + open);
    if window.before(equals) != b'=' {
        return;
    }
    let head = window.slice(equals.saturating_sub(256), equals);
    let head = &head[memchr::memrchr(b'\n', head).map_or(0, |end| end + 1)..];
    let head = head.strip_prefix(b"export ").or(head.strip_prefix(b"declare ")).unwrap_or(head);
    if head.starts_with(b"type ") {
        found.mask(at, at + 2, Fill::Name);
    }
}

/// Whether the name `a.b.c` that ends at an offset is an operand.
fn follows_operator(window: Window<'_>, end: usize) -> bool {
    let mut start = window.word_start(end);
    while window.before(start) == b'.' {
        start = window.word_start(start - 1);
    }
    let before = window.back_blanks(start);
    before < start && matches!(window.word_before(before), b"as" | b"satisfies" | b"new")
}
