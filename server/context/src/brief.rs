//! A signature in fewer words: names of parameters without their types.

/// The longest result type or field type that is kept whole, in bytes.
const MAX_TYPE_BYTES: usize = 28;
/// The longest brief signature, in bytes.
const MAX_BYTES: usize = 96;

/// Words before a function's name that do not change how it is called.
const WORDS: [&str; 8] = ["fn ", "function ", "async ", "unsafe ", "static ", "readonly ", "extern ", "get "];

/// How a name is used: parameters by name, the result's type where it is short, types and constants by their head.
/// Empty when there is nothing shorter to say than the name.
pub(crate) fn brief(name: &str, signature: &str) -> String {
    let mut head = signature;
    while let Some(rest) = WORDS.iter().find_map(|word| head.strip_prefix(word)) {
        head = rest.trim_start();
    }
    let mut text = of_head(name, head).unwrap_or_default();
    if text.len() > MAX_BYTES {
        let mut end = MAX_BYTES;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

fn of_head(name: &str, head: &str) -> Option<String> {
    for word in ["struct", "enum", "trait", "class", "interface", "type", "const", "static", "mod", "union"] {
        if let Some(rest) = head.strip_prefix(word).and_then(|rest| rest.strip_prefix(' '))
            && rest.starts_with(name)
        {
            let after = &rest[name.len()..];
            let fields = (word == "struct" && after.starts_with('(') && after.len() <= MAX_TYPE_BYTES)
                .then_some(after);
            return Some(format!("{word} {name}{}", fields.unwrap_or("")));
        }
    }
    let rest = head.strip_prefix(name)?;
    let rest = rest.strip_prefix(['?', '!']).unwrap_or(rest);
    let rest = without_generics(rest).trim_start();
    let value = rest.strip_prefix('=').map(str::trim_start);
    let value = value.map(|value| value.strip_prefix("async").unwrap_or(value).trim_start());
    let callable = value.map_or(rest, without_generics);
    if let Some((parameters, result)) = parenthesised(callable) {
        let is_function = value.is_none() || result.trim_end().ends_with("=>");
        if is_function {
            return Some(format!("{name}({}){}", names(parameters), result_type(result)));
        }
    }
    if let Some(of) = rest.strip_prefix(':') {
        // What is called is shown as what is called, a field too.
        let function = without_generics(of.trim_start());
        match parenthesised(function) {
            Some((parameters, to)) => {
                if let Some(to) = to.trim_start().strip_prefix("=>") {
                    return Some(format!("{name}({}){}", names(parameters), arrow(to.trim())));
                }
            }
            // A long one is cut short.
            None if function.starts_with('(') => return Some(format!("{name}({})", names(&function[1..]))),
            None => {}
        }
        return Some(format!("{name}: {}", short_type(of)));
    }
    value.map(|value| format!("{name} = {}", short_type(value)))
}

/// What is behind a list of generics, if there is one at the start.
fn without_generics(text: &str) -> &str {
    if !text.starts_with('<') {
        return text;
    }
    match closing(text) {
        Some(end) => text[end..].trim_start(),
        None => "",
    }
}

/// What stands in the parentheses a text begins with, and what stands behind them.
fn parenthesised(text: &str) -> Option<(&str, &str)> {
    if !text.starts_with('(') {
        return None;
    }
    let end = closing(text)?;
    Some((&text[1..end - 1], &text[end..]))
}

/// One past the bracket that closes the one a text begins with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    let mut before = ' ';
    for (at, sign) in text.char_indices() {
        match sign {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if matches!(before, '-' | '=') => {}
            ')' | ']' | '}' | '>' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        before = sign;
    }
    None
}

/// The names of parameters; where there is none, the type.
fn names(parameters: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    let (mut depth, mut from, mut before) = (0_u32, 0, ' ');
    for (at, sign) in parameters.char_indices().chain([(parameters.len(), ',')]) {
        match sign {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if matches!(before, '-' | '=') => {}
            ')' | ']' | '}' | '>' => depth = depth.saturating_sub(1),
            ',' if depth == 0 || at == parameters.len() => {
                names.extend(parameter(parameters.get(from..at).unwrap_or("")));
                from = at + 1;
            }
            _ => {}
        }
        before = sign;
    }
    names.join(", ")
}

fn parameter(text: &str) -> Option<&str> {
    let text = text.trim();
    let text = ["mut ", "private ", "public ", "protected ", "readonly "]
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(text);
    let bare = text.trim_start_matches(['&', '\'']);
    if text.is_empty() || bare == "self" || bare.ends_with(" self") || bare.starts_with("this:") {
        return None;
    }
    if text.starts_with(['{', '[']) {
        let (_, of) = text.rsplit_once(':')?;
        return Some(short_type(of));
    }
    Some(text.split_once([':', '=']).map_or(text, |(name, _)| name).trim())
}

fn result_type(result: &str) -> String {
    let result = result.trim();
    let result = result.strip_suffix("=>").unwrap_or(result).trim_end();
    let of = result.strip_prefix("->").or_else(|| result.strip_prefix(':')).map(str::trim);
    let of = of.map(|of| of.split_once(" where ").map_or(of, |(of, _)| of));
    of.map_or_else(String::new, arrow)
}

fn arrow(of: &str) -> String {
    if of.is_empty() || of == "void" { String::new() } else { format!(" -> {}", short_type(of)) }
}

/// A type, or its beginning.
fn short_type(of: &str) -> &str {
    let of = of.trim();
    if of.len() <= MAX_TYPE_BYTES {
        return of;
    }
    let mut of = of;
    while let Some(rest) = without_reference(of) {
        of = rest.trim_start();
    }
    let head = of.split(['<', '(', '{', '[', '|', '&', ' ', ',']).find(|head| !head.is_empty());
    let head = head.unwrap_or("");
    match head.char_indices().nth(MAX_TYPE_BYTES) {
        Some((end, _)) => &head[..end],
        None => head,
    }
}

/// What is referred to, where a type begins with how.
fn without_reference(of: &str) -> Option<&str> {
    let lifetime = of.strip_prefix('\'').and_then(|rest| rest.split_once(' ')).map(|(_, rest)| rest);
    lifetime.or_else(|| ["&", "mut ", "dyn ", "impl "].iter().find_map(|word| of.strip_prefix(word)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn heads_become_shorter() {
        for (name, signature, expected) in [
            (
                "run",
                "fn run<'a, T: Fn(u8) -> u8>(&'a mut self, mut n: usize, f: T) -> io::Result<()>",
                "run(n, f) -> io::Result<()>",
            ),
            (
                "run",
                "async function run({ a, b }: Options, c = 3): Promise<void>",
                "run(Options, c) -> Promise<void>",
            ),
            ("pick", "pick = <T>(list: T[], at?: number): T =>", "pick(list, at?) -> T"),
            ("port", "port: u16", "port: u16"),
            ("names", "names: HashMap<String, Vec<(usize, String)>>", "names: HashMap"),
            ("map", "map: &'a mut HashMap<String, Vec<(usize, String)>>", "map: HashMap"),
            (
                "meta",
                "meta?: (opts: { data: string[]; errors: Error[] }) => ResponseMeta",
                "meta(opts) -> ResponseMeta",
            ),
            ("meta", "meta?: (opts: { data: string[]; errors: Err", "meta(opts)"),
            ("A", "struct A(u8)", "struct A(u8)"),
            ("Shape", "interface Shape extends Other", "interface Shape"),
            ("LIMIT", "const LIMIT: usize", "const LIMIT"),
            ("Red", "Red", ""),
            ("limit", "limit = 3", "limit = 3"),
        ] {
            assert_eq!(brief(name, signature), expected, "{signature}");
        }
    }

    proptest! {
        #[test]
        fn no_signature_is_too_odd(signature in "[a-z<>(){},:=&' é-]{0,60}") {
            let short = brief("a", &format!("a{signature}"));
            prop_assert!(short.len() <= MAX_BYTES);
        }
    }
}
