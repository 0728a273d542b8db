//! The metrics of functions, kept while a walk goes by.
//!
//! Cognitive complexity after G. A. Campbell's white paper (SonarSource, version 1.7): one point for each break in
//! the linear flow, one more for each level it is nested, one for each run of like logical operators. In scripts
//! each function is scored alone and its nesting starts at zero; in Rust a closure belongs to its function and
//! nests. Cyclomatic complexity and the depth of blocks are counted as ESLint's `complexity` and `max-depth` do, in
//! Rust likewise: each arm of a `match` is a path, `?` is none. Code in Rust macros is not counted: it is not
//! parsed.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::{Node, TreeCursor};

use super::{Definition, Flow, FunctionMetrics};
use crate::kinds::{Field, Kind, Kinds};

/// Where a node stands.
#[derive(Clone, Copy, Default)]
struct Place {
    /// Levels that cognitive complexity counts.
    nesting: u32,
    /// Blocks around it.
    depth: u32,
    /// Levels that an inner function keeps, where [`Definition::inner_functions_nest`].
    kept: u32,
    /// It is in a function.
    inside: bool,
    /// It is the `if` of an `else if`, or the `else` before it.
    else_if: bool,
    /// It is what an `if` without braces does.
    direct: bool,
    /// It continues a chain of logical operators: `a && (b && c)` is one run.
    chained: bool,
    /// It is a whole branch of a ternary.
    branch: bool,
    /// It is all there is in the braces of JSX.
    in_braces: bool,
    /// It is in a class's initializer: another code path than the function around the class.
    initializer: bool,
}

impl Place {
    fn same(self) -> Self {
        Self { else_if: false, direct: false, chained: false, branch: false, in_braces: false, ..self }
    }

    fn nested(self) -> Self {
        Self { nesting: self.nesting + 1, ..self.same() }
    }
}

/// A node whose children are being walked.
struct Level {
    flow: Flow,
    place: Place,
    /// It is a logical expression.
    logical: bool,
    /// Blocks around what is in its own block.
    depth: u32,
}

/// A function being walked.
struct Frame {
    metrics: FunctionMetrics,
    /// Levels that [`Definition::ternary_functions_leak`] has added.
    leaked: u32,
    /// Blocks that [`Definition::else_if_lowers_depth`] has taken.
    lowered: u32,
    /// The operator of the run that goes on, where [`Definition::runs_go_on`].
    run: Option<Operator>,
    /// Lines counted before it.
    lines_before: u32,
}

/// Keeps the metrics of the functions a walk is in.
pub(crate) struct FlowTracker {
    kinds: &'static Kinds,
    definition: Definition,
    levels: Vec<Level>,
    functions: Vec<Frame>,
    /// What [`FlowTracker::enter`] found about the node the walk is at.
    at: Level,
    tokens: u32,
    code_lines: u32,
    /// The last line that was counted.
    last_row: Option<usize>,
}

impl FlowTracker {
    pub(crate) fn new(language: Language, definition: Definition) -> Self {
        let at = Level { flow: Flow::None, place: Place::default(), logical: false, depth: 0 };
        Self {
            kinds: Kinds::of(language),
            definition,
            levels: Vec::new(),
            functions: Vec::new(),
            at,
            tokens: 0,
            code_lines: 0,
            last_row: None,
        }
    }

    /// Whether the node entered last is a block of the outermost function that is deeper than `max`.
    pub(super) fn is_deeper_block(&self, max: u32) -> bool {
        // Deeper than where it stands: it is a block itself.
        self.functions.len() == 1 && self.at.depth > max.max(self.at.place.depth)
    }

    /// Leaves that are code, so far.
    pub(crate) fn tokens(&self) -> u32 {
        self.tokens
    }

    /// Lines with code on them, so far.
    pub(crate) fn code_lines(&self) -> u32 {
        self.code_lines
    }

    /// The walk is at a node; the cursor is on it.
    pub(crate) fn enter(&mut self, node: Node<'_>, cursor: &TreeCursor<'_>) {
        let flow = self.kinds.flow(node);
        let place = match self.levels.last() {
            None => Place::default(),
            Some(level) => self.place(level, flow, cursor),
        };
        self.at = Level { flow, place, logical: false, depth: place.depth };
        if flow != Flow::None {
            self.count(node);
        }
    }

    /// The walk goes on to the children of the node entered last.
    pub(crate) fn descend(&mut self, node: Node<'_>) {
        let Level { flow, place, logical, depth } = self.at;
        if self.is_measured(flow) || (flow == Flow::Space && self.definition.closures_stand_alone) {
            let row = node.start_position().row;
            let (parameters, receiver) = self.parameters(node);
            let metrics =
                FunctionMetrics { cyclomatic: 1, parameters, receiver, ..FunctionMetrics::default() };
            let lines_before = self.code_lines - u32::from(self.last_row == Some(row));
            self.functions.push(Frame { metrics, leaked: 0, lowered: 0, run: None, lines_before });
        }
        self.levels.push(Level { flow, place, logical, depth });
    }

    /// The node entered last is a leaf and is code.
    pub(crate) fn leaf(&mut self, leaf: Node<'_>) {
        if leaf.start_byte() == leaf.end_byte() {
            return;
        }
        self.tokens += 1;
        if let Some(function) = self.functions.last_mut() {
            function.metrics.tokens += 1;
        }
        let (first, last) = (leaf.start_position().row, leaf.end_position().row);
        let first = self.last_row.map_or(first, |row| first.max(row + 1));
        if last >= first {
            self.code_lines += (last - first + 1) as u32;
            self.last_row = Some(last);
        }
    }

    /// The walk has seen the children of a node; returns its metrics when it is a function.
    pub(crate) fn ascend(&mut self) -> Option<FunctionMetrics> {
        let level = self.levels.pop()?;
        if level.flow == Flow::If && level.place.else_if && self.definition.else_if_lowers_depth {
            self.functions.last_mut()?.lowered += 1;
        }
        if level.flow == Flow::Space && self.definition.closures_stand_alone {
            self.functions.pop();
        }
        if !self.is_measured(level.flow) {
            return None;
        }
        let mut function = self.functions.pop()?;
        function.metrics.code_lines = self.code_lines - function.lines_before;
        Some(function.metrics)
    }

    /// Whether a node is measured alone.
    pub(crate) fn is_measured(&self, flow: Flow) -> bool {
        flow == Flow::Function || (flow == Flow::Closure && self.definition.closures_stand_alone)
    }

    /// Number of parameters, and whether the first is `self`.
    fn parameters(&self, function: Node<'_>) -> (u32, bool) {
        let Some(list) = self.kinds.child(function, Field::Parameters) else {
            return (u32::from(self.kinds.child(function, Field::Parameter).is_some()), false);
        };
        let mut cursor = list.walk();
        let mut receiver = false;
        let mut count = 0;
        for child in list.children(&mut cursor) {
            let kind = self.kinds.get(child);
            // A closure's parameter may be the token `_`.
            let is_parameter = child.is_named() || child.kind() == "_";
            if is_parameter && !kind.is(Kind::COMMENT) && !kind.is(Kind::ATTRIBUTE) {
                count += 1;
                receiver |= child.kind() == "self_parameter";
            }
        }
        (count, receiver)
    }

    /// Where a child of a level stands.
    fn place(&self, parent: &Level, flow: Flow, cursor: &TreeCursor<'_>) -> Place {
        let in_field = |field| cursor.field_id().is_some_and(|id| id.get() == self.kinds.field_id(field));
        let place = parent.place;
        let block = || Place { depth: parent.depth, ..place.nested() };
        match parent.flow {
            Flow::None | Flow::Space => place.same(),
            Flow::Function if self.definition.inner_functions_nest => {
                let kept = place.kept + u32::from(place.inside);
                Place { nesting: kept, kept, inside: true, ..Place::default() }
            }
            Flow::Function => Place::default(),
            Flow::Closure => Place { kept: place.kept + 1, ..place.nested() },
            Flow::If if flow == Flow::Else => Place { else_if: true, depth: parent.depth, ..place.same() },
            Flow::If if in_field(Field::Consequence) => Place { direct: true, ..block() },
            Flow::Else if flow == Flow::If => Place { else_if: true, ..place.same() },
            Flow::Else => place.nested(),
            Flow::Forever if self.definition.loop_is_free => Place { depth: parent.depth, ..place.same() },
            Flow::Loop | Flow::Forever | Flow::Match | Flow::Catch if in_field(Field::Body) => block(),
            Flow::If | Flow::Loop | Flow::Match if self.definition.heads_nest => place.nested(),
            Flow::Try => Place { depth: parent.depth, ..place.same() },
            Flow::Ternary if !in_field(Field::Condition) => Place { branch: true, ..place.nested() },
            // `let ... else` breaks the flow once, like `else`.
            Flow::Let if in_field(Field::Alternative) && !self.definition.let_else_is_flat => place.nested(),
            Flow::Binary if parent.logical => Place { chained: true, ..place.same() },
            Flow::LetChain if flow == Flow::LetChain => Place { chained: true, ..place.same() },
            Flow::Parenthesized => Place { else_if: false, direct: false, ..place },
            Flow::Braces => Place { in_braces: true, ..place.same() },
            Flow::Initializer => Place { initializer: true, ..place.same() },
            _ => place.same(),
        }
    }

    /// Counts what the node entered last is.
    fn count(&mut self, node: Node<'_>) {
        let Level { flow, place, .. } = self.at;
        if flow == Flow::Binary {
            self.at.logical = self.operator(node).is_some();
        }
        let points = self.points(node);
        let branches = if place.initializer { 0 } else { self.branches(node) };
        let is_block = match flow {
            Flow::If => !place.else_if && !place.direct,
            Flow::Loop | Flow::Forever | Flow::Match | Flow::Try => true,
            _ => false,
        };
        self.at.depth += u32::from(is_block);
        let Some(function) = self.functions.last_mut() else { return };
        function.metrics.cognitive += points;
        function.metrics.cyclomatic += branches;
        if is_block {
            let depth = self.at.depth.saturating_sub(function.lowered);
            function.metrics.nesting = function.metrics.nesting.max(depth);
        }
        if flow == Flow::Function && place.branch && self.definition.ternary_functions_leak {
            function.leaked += 1;
        }
    }

    /// What a node adds to cognitive complexity.
    fn points(&mut self, node: Node<'_>) -> u32 {
        let Level { flow, place, .. } = self.at;
        let nested = 1 + place.nesting + self.functions.last().map_or(0, |function| function.leaked);
        match flow {
            Flow::If if place.else_if => 1,
            Flow::If | Flow::Loop | Flow::Match | Flow::Catch | Flow::Ternary => {
                self.set_run(None);
                nested
            }
            Flow::Forever => {
                if self.definition.loop_is_free {
                    0
                } else {
                    nested
                }
            }
            // `else if` counts with its `if`, a plain `else` by itself.
            Flow::Else => {
                let mut cursor = node.walk();
                let mut children = node.named_children(&mut cursor);
                u32::from(!children.any(|child| self.kinds.flow(child) == Flow::If))
            }
            Flow::Let => u32::from(self.kinds.child(node, Field::Alternative).is_some()),
            Flow::Jump => {
                let label = self.kinds.child(node, Field::Label).or_else(|| node.named_child(0));
                u32::from(label.is_some_and(|label| matches!(label.kind(), "label" | "statement_identifier")))
            }
            Flow::LetChain => u32::from(!place.chained && !self.definition.runs_go_on),
            Flow::Unary => {
                self.set_run(Some(Operator::Not));
                0
            }
            Flow::Binary if self.definition.runs_go_on => self.go_on(node),
            Flow::Binary if self.at.logical && !place.chained => self.runs(node, place.in_braces),
            _ => 0,
        }
    }

    /// What a node adds to cyclomatic complexity.
    fn branches(&self, node: Node<'_>) -> u32 {
        let has = |field| self.kinds.child(node, field).is_some();
        u32::from(match self.at.flow {
            Flow::Case => true,
            Flow::BranchToken => self.definition.tokens_branch,
            _ if self.definition.tokens_branch => false,
            Flow::If | Flow::Loop | Flow::Forever | Flow::Catch | Flow::Ternary => true,
            Flow::Binary => self.at.logical,
            Flow::Let => has(Field::Alternative),
            Flow::Assignment => {
                let operator = self.kinds.child(node, Field::Operator);
                operator.is_some_and(|operator| matches!(operator.kind(), "&&=" | "||=" | "??="))
            }
            Flow::OptionalChain | Flow::Default => true,
            Flow::OptionalToken => self.levels.last().is_some_and(|level| level.flow != Flow::OptionalChain),
            Flow::Parameter => has(Field::Value),
            Flow::LetChain => {
                let mut cursor = node.walk();
                return node.children(&mut cursor).filter(|child| child.kind_id() == self.kinds.and).count()
                    as u32;
            }
            _ => false,
        })
    }

    fn set_run(&mut self, run: Option<Operator>) {
        if let Some(function) = self.functions.last_mut() {
            function.run = run;
        }
    }

    /// A logical operator where [`Definition::runs_go_on`].
    fn go_on(&mut self, node: Node<'_>) -> u32 {
        let operator = self.operator(node).map(|(operator, _)| operator);
        let (Some(operator), Some(function)) = (operator, self.functions.last_mut()) else { return 0 };
        let first = function.run.is_none();
        u32::from(*function.run.get_or_insert(operator) != operator || first)
    }

    /// Number of runs of like operators in a whole chain, read in the order they are written, through parentheses.
    fn runs(&self, chain: Node<'_>, in_braces: bool) -> u32 {
        let mut operators: Vec<(usize, Operator)> = Vec::new();
        let mut has_ternary = false;
        let mut todo = vec![chain];
        while let Some(mut node) = todo.pop() {
            while self.kinds.flow(node) == Flow::Parenthesized {
                let Some(inner) = self.parenthesized(node) else { break };
                node = inner;
            }
            has_ternary |= self.kinds.flow(node) == Flow::Ternary;
            let Some((operator, at)) = self.operator(node) else { continue };
            operators.push((at, operator));
            todo.extend(self.kinds.child(node, Field::Left));
            todo.extend(self.kinds.child(node, Field::Right));
        }
        operators.sort_unstable_by_key(|(at, _)| *at);
        let uniform = !has_ternary && operators.iter().all(|(_, operator)| *operator == operators[0].1);
        if in_braces && uniform && self.definition.jsx_chains_are_free {
            return 0;
        }
        let mut last = None;
        let mut runs = 0;
        for (_, operator) in operators {
            runs += u32::from(last != Some(operator) && self.opens_run(operator));
            last = Some(operator);
        }
        runs
    }

    fn opens_run(&self, operator: Operator) -> bool {
        match operator {
            Operator::And => true,
            Operator::Or => !self.definition.only_and_opens_runs,
            Operator::Coalesce | Operator::Not => false,
        }
    }

    /// What is in parentheses, comments left out.
    fn parenthesized<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut cursor = node.walk();
        let mut children =
            node.named_children(&mut cursor).filter(|child| !self.kinds.get(*child).is(Kind::COMMENT));
        children.next().filter(|_| children.next().is_none())
    }

    /// A logical expression's operator and where it is written.
    fn operator(&self, node: Node<'_>) -> Option<(Operator, usize)> {
        if self.kinds.flow(node) != Flow::Binary {
            return None;
        }
        let token = self.kinds.child(node, Field::Operator)?;
        let id = token.kind_id();
        let operator = if id == self.kinds.and {
            Operator::And
        } else if id == self.kinds.or {
            Operator::Or
        } else if id == self.kinds.coalesce && id != 0 {
            Operator::Coalesce
        } else {
            return None;
        };
        Some((operator, token.start_byte()))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    And,
    Or,
    /// `??`: it parts runs and is free itself.
    Coalesce,
    /// A prefix operator.
    Not,
}

#[cfg(test)]
mod tests;
