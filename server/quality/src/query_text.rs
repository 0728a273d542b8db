//! What a query's text tells without being compiled.

use autodao_syntax::tree_sitter;

/// The node kinds a query's patterns start at, so that it need only be run at nodes of these kinds. `None` when
/// that cannot be told from the text: wildcards, supertypes, several siblings.
pub(crate) fn root_kinds(query: &str, grammar: &tree_sitter::Language) -> Option<Vec<String>> {
    let mut reader = Reader { rest: query };
    let mut kinds = Vec::new();
    while reader.skip_blank() {
        kinds.extend(reader.form()?);
    }
    let is_plain = |kind: &String| {
        let id = grammar.id_for_node_kind(kind, true);
        id != 0 && !grammar.node_kind_is_supertype(id)
    };
    kinds.iter().all(is_plain).then_some(kinds)
}

/// Where a query opens a bracket that it does not close, if it does.
pub(crate) fn unclosed(query: &str) -> Option<u32> {
    let mut reader = Reader { rest: query };
    let mut open = Vec::new();
    while reader.skip_blank() {
        let at = (query.len() - reader.rest.len()) as u32;
        match reader.rest.as_bytes()[0] {
            b'(' | b'[' => open.push(at),
            b')' | b']' => _ = open.pop(),
            b'"' => {
                reader.skip_string();
                continue;
            }
            _ => {}
        }
        reader.rest =
            reader.rest.get(1..).unwrap_or_else(|| reader.rest.trim_start_matches(|c: char| !c.is_ascii()));
    }
    open.first().copied()
}

/// Reads as much of a query as tells where its patterns start.
struct Reader<'q> {
    rest: &'q str,
}

impl<'q> Reader<'q> {
    /// Skips blanks and comments; `false` at the end.
    fn skip_blank(&mut self) -> bool {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix(';') {
                Some(comment) => self.rest = comment.find('\n').map_or("", |end| &comment[end..]),
                None => return !self.rest.is_empty(),
            }
        }
    }

    /// Reads one pattern with its quantifier and captures, and returns the kinds it starts at.
    fn form(&mut self) -> Option<Vec<String>> {
        self.skip_blank();
        let mut chars = self.rest.chars();
        let kinds = match chars.next()? {
            '(' => {
                self.rest = chars.as_str();
                self.skip_blank();
                if self.rest.starts_with(['(', '[']) { self.group()? } else { self.node()? }
            }
            '[' => {
                self.rest = chars.as_str();
                let mut kinds = Vec::new();
                while self.skip_blank() && !self.rest.starts_with(']') {
                    kinds.extend(self.form()?);
                }
                self.rest = self.rest.strip_prefix(']')?;
                kinds
            }
            _ => return None,
        };
        while self.skip_blank() && self.rest.starts_with(['@', '?', '*', '+']) {
            self.rest = self.rest[1..]
                .trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        }
        Some(kinds)
    }

    /// After `((`: one pattern and its predicates. Siblings would make the group start in two places.
    fn group(&mut self) -> Option<Vec<String>> {
        let kinds = self.form()?;
        while self.skip_blank() && !self.rest.starts_with(')') {
            self.rest.strip_prefix('(')?.trim_start().starts_with('#').then_some(())?;
            self.rest = &self.rest[1..];
            self.skip_to_close()?;
        }
        self.rest = self.rest.strip_prefix(')')?;
        Some(kinds)
    }

    /// After `(`: a node kind and whatever is in it.
    fn node(&mut self) -> Option<Vec<String>> {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        let (kind, rest) = self.rest.split_at(end);
        // `(expression/identifier)` names a supertype's subtype; `(_)` and `(ERROR)` name no kind.
        if rest.starts_with('/') || matches!(kind, "" | "_" | "ERROR" | "MISSING") {
            return None;
        }
        self.rest = rest;
        self.skip_to_close()?;
        Some(vec![kind.to_owned()])
    }

    /// Skips a string; `false` when it does not end.
    fn skip_string(&mut self) -> bool {
        let mut chars = self.rest.chars();
        chars.next();
        let ends = loop {
            match chars.next() {
                None => break false,
                Some('\\') => _ = chars.next(),
                Some('"') => break true,
                Some(_) => {}
            }
        };
        self.rest = chars.as_str();
        ends
    }

    /// Skips to behind the parenthesis that closes the one just read.
    fn skip_to_close(&mut self) -> Option<()> {
        let mut depth = 1;
        while depth > 0 {
            self.skip_blank();
            let mut chars = self.rest.chars();
            match chars.next()? {
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                '"' => {
                    self.skip_string().then_some(())?;
                    continue;
                }
                _ => {}
            }
            self.rest = chars.as_str();
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use autodao_syntax::Language;

    use super::*;

    #[test]
    fn where_a_pattern_starts_is_read_from_its_text() {
        let roots = |query| root_kinds(query, &Language::TypeScript.grammar());
        let kinds = |kinds: &[&str]| Some(kinds.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(roots("; (a)\n(throw_statement [(string) (number)] @x) @y"), kinds(&["throw_statement"]));
        assert_eq!(
            roots("((predefined_type) @x (#eq? @x \"a)\")) (class) @z"),
            kinds(&["predefined_type", "class"])
        );
        assert_eq!(roots("[(string) (number)]+ @x"), kinds(&["string", "number"]));
        for floating in [
            "(_) @x",
            "((string) (number)) @x",
            "(expression) @x",
            "\"if\" @x",
            "(nonsense)",
            "(ERROR)",
            "(a",
        ] {
            assert_eq!(roots(floating), None, "{floating}");
        }
    }
}
