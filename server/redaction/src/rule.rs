//! What a rule is.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

/// How far a rule looks from its keyword.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    /// So many bytes before the keyword's start and after it.
    Around(usize, usize),
    /// The rest of the line and a little of the next, and so many bytes before: assignments.
    Line(usize),
}

/// One kind of secret.
pub(crate) struct Rule {
    /// Its name in logs.
    pub(crate) id: &'static str,
    /// One of these is in every text with such a secret, in any case of its letters. Lower case here.
    pub(crate) keywords: &'static [&'static str],
    /// Finds it. The group `s` is the secret; without one the whole match is. Bytes, not characters.
    pub(crate) pattern: &'static str,
    /// How far from its keyword it may be.
    pub(crate) reach: Reach,
    /// Whether what was found is one.
    pub(crate) accepts: fn(&str) -> bool,
    pub(crate) regex: OnceLock<Option<Regex>>,
}

impl Rule {
    /// A rule whose pattern says all.
    pub(crate) const fn exact(
        id: &'static str,
        keywords: &'static [&'static str],
        pattern: &'static str,
    ) -> Self {
        Self { id, keywords, pattern, reach: Reach::Around(64, 512), accepts: any, regex: OnceLock::new() }
    }

    pub(crate) const fn reaching(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    pub(crate) const fn accepting(mut self, accepts: fn(&str) -> bool) -> Self {
        self.accepts = accepts;
        self
    }

    /// The pattern, compiled when it is first needed. A test compiles them all.
    pub(crate) fn regex(&self) -> Option<&Regex> {
        let compile = || RegexBuilder::new(self.pattern).unicode(false).build().ok();
        self.regex.get_or_init(compile).as_ref()
    }
}

fn any(_: &str) -> bool {
    true
}
