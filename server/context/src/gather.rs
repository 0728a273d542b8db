//! Choosing what the model sees.

use autodao_syntax::tree_sitter::Tree;
use autodao_syntax::{LineIndex, Span};
use autodao_tasks::{Target, surroundings};

use crate::dedent::dedent;
use crate::enclosing::{Skeleton, type_of};
use crate::imports::{used_imports, words};

/// What a piece is to the task.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Role {
    /// What surrounds the target: the head of its container, signatures beside it, the type it is for.
    Enclosing,
    /// Imports of the file that the target uses.
    Imports,
    /// Findings in the target.
    Findings,
    /// The code to work on.
    Target,
}

impl Role {
    /// Its name in templates and records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enclosing => "enclosing",
            Self::Imports => "imports",
            Self::Findings => "findings",
            Self::Target => "target",
        }
    }

    /// The role of a name as given by [`Role::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Enclosing, Self::Imports, Self::Findings, Self::Target]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

/// A piece of context.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// What it is to the task.
    pub role: Role,
    /// What it is, for the model and for whoever asks why it is there: "Around the target: `impl Server`".
    pub reason: String,
    /// Where it comes from, in bytes of the file; `None` when it is put together from several places.
    pub span: Option<Span>,
    /// Its text.
    pub text: String,
    /// What the text costs.
    pub tokens: usize,
}

/// A finding of the file, as the caller has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Finding<'a> {
    /// Where, in bytes of the file.
    pub span: Span,
    /// The rule's id.
    pub rule: &'a str,
    /// What it says.
    pub message: &'a str,
}

/// A finding in the target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FindingLine {
    /// The line, 1-based, within the target's text.
    pub line: u32,
    /// The rule's id.
    pub rule: String,
    /// What it says.
    pub message: String,
    /// What rule and message cost.
    pub tokens: usize,
}

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// What it is about.
    pub target: &'a Target,
    /// The file.
    pub text: &'a str,
    /// The tree of exactly this text.
    pub tree: &'a Tree,
    /// The file's findings; those that overlap the target are taken, in this order.
    pub findings: &'a [Finding<'a>],
    /// What is wanted beside the target, the most important first.
    pub roles: &'a [Role],
    /// The most tokens all pieces and findings may cost.
    pub budget: usize,
    /// Counts the tokens of a text.
    pub tokens: &'a dyn Fn(&str) -> usize,
}

/// What the model gets to see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Context {
    /// The pieces beside the target: what is the same for the whole file first, what is the target's own last.
    pub pieces: Vec<Piece>,
    /// The code to work on, without its indentation.
    pub target: Piece,
    /// What was taken from the start of the target's lines.
    pub indent: String,
    /// The findings in the target.
    pub findings: Vec<FindingLine>,
    /// What did not fit, whole or in part, and what it would have cost.
    pub left_out: Vec<Piece>,
    /// What pieces, target and findings cost.
    pub tokens: usize,
}

/// Why there is no context.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ContextError {
    /// The target alone is above the budget.
    #[error("the code to change has {tokens} tokens, and {budget} are allowed")]
    TargetTooLarge {
        /// What it has.
        tokens: usize,
        /// What is allowed.
        budget: usize,
    },
}

/// Gathers the context of a target: the target whole, then what else fits, in the order of the roles. A skeleton
/// that does not fit loses the signatures farthest from the target.
pub fn gather(request: &Request<'_>) -> Result<Context, ContextError> {
    let Request { target, text, budget, tokens, .. } = *request;
    let dedented = dedent(text, target.span);
    let cost = tokens(&dedented.text);
    if cost > budget {
        return Err(ContextError::TargetTooLarge { tokens: cost, budget });
    }
    let reason = format!("Target: {}", target.symbol());
    let piece =
        Piece { role: Role::Target, reason, span: Some(target.span), text: dedented.text, tokens: cost };
    let mut context = Context {
        pieces: Vec::new(),
        target: piece,
        indent: dedented.indent,
        findings: Vec::new(),
        left_out: Vec::new(),
        tokens: cost,
    };
    let mut done = Vec::new();
    for &role in request.roles {
        if done.contains(&role) {
            continue;
        }
        done.push(role);
        match role {
            Role::Target => {}
            Role::Findings => context.add_findings(request),
            Role::Imports => context.add_imports(request),
            Role::Enclosing => context.add_enclosing(request),
        }
    }
    context.pieces.sort_by_key(|piece| (order(piece.role), piece.span.map(|span| span.start)));
    Ok(context)
}

/// Imports are the same for the whole file, a container's skeleton for its members.
const fn order(role: Role) -> u8 {
    match role {
        Role::Imports => 0,
        Role::Enclosing => 1,
        Role::Findings => 2,
        Role::Target => 3,
    }
}

impl Context {
    /// Takes a piece if it fits.
    fn offer(&mut self, piece: Piece, budget: usize) -> bool {
        let fits = self.tokens + piece.tokens <= budget;
        if fits {
            self.tokens += piece.tokens;
            self.pieces.push(piece);
        } else {
            self.left_out.push(piece);
        }
        fits
    }

    fn add_findings(&mut self, request: &Request<'_>) {
        let Request { target, text, budget, tokens, .. } = *request;
        let lines = LineIndex::new(text.get(target.span.range()).unwrap_or(""));
        for finding in request.findings.iter().filter(|finding| finding.span.overlaps(target.span)) {
            let line = lines.line_of(finding.span.start.saturating_sub(target.span.start)) + 1;
            let cost = tokens(finding.rule) + tokens(finding.message);
            let (rule, message) = (finding.rule.to_owned(), finding.message.to_owned());
            if self.tokens + cost <= budget {
                self.tokens += cost;
                self.findings.push(FindingLine { line, rule, message, tokens: cost });
            } else {
                let (role, reason) = (Role::Findings, format!("Finding on line {line}: {rule}"));
                self.left_out.push(Piece {
                    role,
                    reason,
                    span: Some(finding.span),
                    text: message,
                    tokens: cost,
                });
            }
        }
    }

    fn add_imports(&mut self, request: &Request<'_>) {
        let Request { target, text, tree, budget, tokens, .. } = *request;
        let words = words(&self.target.text);
        let spans = used_imports(target.language, text, tree, &words);
        let lines: Vec<_> = spans.iter().filter_map(|span| text.get(span.range())).collect();
        if lines.is_empty() {
            return;
        }
        let text = lines.join("\n") + "\n";
        let (role, reason) = (Role::Imports, "Imports that the target uses".to_owned());
        let piece = Piece { role, reason, span: None, tokens: tokens(&text), text };
        self.offer(piece, budget);
    }

    fn add_enclosing(&mut self, request: &Request<'_>) {
        let Request { target, text, tree, budget, tokens, .. } = *request;
        let around = surroundings(target, text, tree);
        let Some(skeleton) = Skeleton::of(target, text, &around) else { return };
        if let Some(definition) = type_of(&around, target.language) {
            let code = dedent(text, definition.span).text + "\n";
            let (role, reason) = (Role::Enclosing, format!("Type: {}", definition.symbol));
            self.offer(
                Piece { role, reason, span: Some(definition.span), tokens: tokens(&code), text: code },
                budget,
            );
        }
        let reason = match &skeleton.container {
            Some(path) => format!("Around the target: {path}"),
            None => "Beside the target".to_owned(),
        };
        let span = skeleton.container.is_some().then_some(skeleton.span);
        let piece = |count| {
            let text = skeleton.text(count);
            Piece { role: Role::Enclosing, reason: reason.clone(), span, tokens: tokens(&text), text }
        };
        // The most signatures that fit; more signatures never cost less.
        let room = budget.saturating_sub(self.tokens);
        let (mut fits, mut too_many) = (0, skeleton.len() + 1);
        while fits + 1 < too_many {
            let middle = usize::midpoint(fits, too_many);
            if piece(middle).tokens <= room { fits = middle } else { too_many = middle }
        }
        let empty = fits == 0 && skeleton.container.is_none();
        if fits < skeleton.len() {
            self.left_out.push(piece(skeleton.len()));
        }
        if !empty && piece(fits).tokens <= room {
            self.offer(piece(fits), budget);
        }
    }
}
