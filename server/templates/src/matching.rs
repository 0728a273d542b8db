//! Where a template applies, and how well it fits a place.

use std::sync::Arc;

use crate::Template;

/// Where a template applies. Every list that is not empty must hold; one that is empty asks nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Match {
    /// Names of languages: `rust`, `typescript`, `tsx`, `javascript`.
    pub languages: Vec<String>,
    /// Kinds of tasks it serves, of [`crate::TASKS`].
    pub tasks: Vec<String>,
    /// Node kinds of the language's grammar.
    pub nodes: Vec<String>,
    /// A tree-sitter query; it holds where one of its captures is all of the target.
    pub query: Option<String>,
    /// Patterns for the file's path in its workspace, with `/`.
    pub globs: Vec<String>,
    /// Ids of rules; a `*` at the end stands for any rest.
    pub diagnostics: Vec<String>,
    /// The fewest lines the target may have.
    pub min_lines: Option<u32>,
    /// The most lines the target may have.
    pub max_lines: Option<u32>,
}

/// A place in a file, and what is wanted there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place<'a> {
    /// The language's name.
    pub language: &'a str,
    /// The kind of task, of [`crate::TASKS`]; `None` for whatever can be done here.
    pub task: Option<&'a str>,
    /// The target's node kind.
    pub node: &'a str,
    /// The file's path in its workspace, with `/`.
    pub path: &'a str,
    /// Those of the [`crate::Library::queries`] that hold at the place.
    pub queries: &'a [&'a str],
    /// Ids of the findings at the place; a template for findings needs one of them.
    pub diagnostics: &'a [&'a str],
    /// How many lines the target has.
    pub lines: u32,
}

/// A template that applies to a place.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The template.
    pub template: &'a Arc<Template>,
    /// How specific it is there: the greater the number, the closer the fit. A named finding weighs more than
    /// all else, then the node kind and the query, paths, the task, the language, bounds on lines.
    pub specificity: u32,
    /// The finding it applies to, as an index into the place's; `None` when it is not about findings.
    pub diagnostic: Option<usize>,
}

impl Match {
    /// Whether this fits wherever another one does, and as closely.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        // An empty list fits everywhere, and less closely than one that is not.
        let lists = |own: &[String], others: &[String]| {
            own.is_empty() == others.is_empty() && others.iter().all(|word| own.contains(word))
        };
        let bounds = |matched: &Self| matched.min_lines.is_some() || matched.max_lines.is_some();
        let least = |matched: &Self| matched.min_lines.unwrap_or(0);
        let most = |matched: &Self| matched.max_lines.unwrap_or(u32::MAX);
        lists(&self.languages, &other.languages)
            && lists(&self.tasks, &other.tasks)
            && lists(&self.nodes, &other.nodes)
            && lists(&self.globs, &other.globs)
            && self.query == other.query
            && lists(&self.diagnostics, &other.diagnostics)
            && bounds(self) == bounds(other)
            && least(self) <= least(other)
            && most(self) >= most(other)
    }

    /// How well a place fits, paths apart: `None` when it does not, else the specificity and the finding.
    pub(crate) fn fit(&self, place: &Place<'_>) -> Option<(u32, Option<usize>)> {
        let mut specificity = 0;
        let mut asks = |list: &[String], weight: u32, holds: &dyn Fn(&str) -> bool| {
            if list.is_empty() {
                return true;
            }
            specificity += weight;
            list.iter().any(|wanted| holds(wanted))
        };
        let fits = asks(&self.languages, 2, &|language| language == place.language)
            && asks(&self.tasks, 4, &|task| place.task.is_none_or(|wanted| wanted == task))
            && asks(&self.nodes, 16, &|node| node == place.node)
            && asks(self.query.as_slice(), 16, &|query| place.queries.contains(&query))
            // Whether the path fits is known from the set of all patterns; here it only counts.
            && asks(&self.globs, 8, &|_| true);
        if !fits
            || self.min_lines.is_some_and(|least| place.lines < least)
            || self.max_lines.is_some_and(|most| place.lines > most)
        {
            return None;
        }
        specificity += u32::from(self.min_lines.is_some() || self.max_lines.is_some());
        if self.diagnostics.is_empty() {
            return Some((specificity, None));
        }
        let (weight, index) = self.best_diagnostic(place.diagnostics)?;
        Some((specificity + weight, Some(index)))
    }

    fn best_diagnostic(&self, present: &[&str]) -> Option<(u32, usize)> {
        let weight = |pattern: &str, id: &str| match pattern.strip_suffix('*') {
            Some("") => Some(32),
            Some(prefix) => id.starts_with(prefix).then_some(64),
            None => (pattern == id).then_some(128),
        };
        let mut best: Option<(u32, usize)> = None;
        for (index, id) in present.iter().enumerate() {
            for pattern in &self.diagnostics {
                if let Some(weight) = weight(pattern, id)
                    && best.is_none_or(|(most, _)| weight > most)
                {
                    best = Some((weight, index));
                }
            }
        }
        best
    }
}
