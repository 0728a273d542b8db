//! Which units of a new tree are those of the old one.
//!
//! Both are in order of appearance, and the old ones have followed the edits, so one walk over the items of the
//! new tree beside the old units finds what is where it was. Such a unit is taken over with all that is known of
//! it; what is left is looked at.

use std::vec::IntoIter;

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

use crate::kinds::{Kind, Kinds};
use crate::partition::{
    attributes_of, enter_members, is_head_broken, is_transparent, is_unit, member_context,
};
use crate::unit::{Attributes, Beside, ContentKey, Context, Unit, shape_of};
use crate::walk::FileView;

/// The walk.
pub(crate) struct Reconcile<'t> {
    file: FileView<'t>,
    kinds: &'static Kinds,
    old: IntoIter<Unit>,
    result: Reconciled<'t>,
}

/// What the walk brings.
#[derive(Default)]
pub(crate) struct Reconciled<'t> {
    pub(crate) units: Vec<Unit>,
    /// Old units that are not there any more.
    pub(crate) gone: Vec<Unit>,
    /// Units to look at, with their nodes, and whether only the head.
    pub(crate) fresh: Vec<(usize, Node<'t>, bool)>,
}

/// A container being walked.
struct Frame {
    context: Context,
    in_error: bool,
    /// What attributes before the next item said.
    pending: Attributes,
    /// The container's own unit; `None` for the file.
    unit: Option<usize>,
    /// How many cursor levels its members are below it.
    levels: u32,
}

/// How many old units that start at the same place are compared: a container and its first member may.
const SAME_START: usize = 4;

impl<'t> Reconcile<'t> {
    pub(crate) fn new(file: FileView<'t>, old: Vec<Unit>) -> Self {
        let result = Reconciled { units: Vec::with_capacity(old.len() + 8), ..Reconciled::default() };
        Self { file, kinds: Kinds::of(file.language), old: old.into_iter(), result }
    }

    pub(crate) fn run(mut self, root: Node<'t>) -> Reconciled<'t> {
        let mut cursor = root.walk();
        let file = Frame {
            context: Context::default(),
            in_error: root.is_error(),
            pending: Attributes::default(),
            unit: None,
            levels: 0,
        };
        let mut frames = vec![file];
        let mut more = cursor.goto_first_child();
        while more {
            let node = cursor.node();
            let Some(frame) = frames.last_mut() else { break };
            if is_unit(node, frame.in_error)
                && let Some(unit) = self.place(node, frame)
                && let Some(levels) = enter_members(&mut cursor, self.kinds)
            {
                let context = member_context(node, self.result.units[unit].key.context());
                let in_error = node.is_error();
                frames.push(Frame {
                    context,
                    in_error,
                    pending: Attributes::default(),
                    unit: Some(unit),
                    levels,
                });
                continue;
            }
            more = loop {
                if cursor.goto_next_sibling() {
                    break true;
                }
                let Some(frame) = frames.pop() else { break false };
                let Some(unit) = frame.unit else { break false };
                self.result.units[unit].members = (self.result.units.len() - unit - 1) as u32;
                for _ in 0..frame.levels {
                    cursor.goto_parent();
                }
            };
        }
        self.result.gone.extend(self.old);
        self.result
    }

    /// Puts a node's unit in its place, taken over from the old tree or new. Returns its index when its members
    /// have to be walked.
    fn place(&mut self, node: Node<'t>, frame: &mut Frame) -> Option<usize> {
        let mut context = frame.context;
        context.test |= frame.pending.test;
        context.conditional |= frame.pending.conditional;
        let index = self.result.units.len();
        let descend = match self.find(node, context) {
            Some(unit) => self.take(unit, node),
            None => self.add(node, context),
        };
        let kind = self.kinds.get(node);
        if kind.is(Kind::ATTRIBUTE) {
            let attributes = self.result.units[index].attributes;
            frame.pending.test |= attributes.test;
            frame.pending.conditional |= attributes.conditional;
        } else if !kind.is(Kind::COMMENT) {
            frame.pending = Attributes::default();
        }
        descend.then_some(index)
    }

    /// The old unit of this node, if it is where it was and as it was.
    ///
    /// tree-sitter keeps a node's id when a new tree takes the node over, but not that of a small leaf. So the
    /// place decides: the same kind and size of node over the same text that no edit went into, without an error,
    /// is the same node. An item with an error has to be of the same shape, too: how an error is recovered from
    /// depends on what is around it. Of a container only the head counts; its members are compared themselves.
    fn find(&mut self, node: Node<'t>, context: Context) -> Option<Unit> {
        let span = Span::of(node);
        while self.old.as_slice().first().is_some_and(|unit| unit.span.start < span.start) {
            self.result.gone.extend(self.old.next());
        }
        let candidates =
            self.old.as_slice().iter().take(SAME_START).take_while(|unit| unit.span.start == span.start);
        let mut candidates = candidates.enumerate();
        let (skip, _) = candidates.find(|(_, unit)| {
            unit.span == span
                && unit.key.is_like(node, context)
                && !unit.touched
                // Only a fix looks at what stands beside its item.
                && (unit.has_no_findings() || unit.key.beside() == Beside::of(span, self.file.text))
                && if unit.key.is_head() {
                    !unit.broken || node.is_error()
                } else {
                    unit.broken == node.has_error()
                        && (!unit.broken
                            || unit.id == node.id()
                            || (unit.shape != 0 && unit.shape == shape_of(node)))
                }
        })?;
        self.result.gone.extend(self.old.by_ref().take(skip));
        self.old.next()
    }

    /// Takes a unit and its members over. Returns whether the members have to be walked nevertheless: one of them
    /// has an error, or waits to be looked at and only the walk knows its node.
    fn take(&mut self, mut unit: Unit, node: Node<'t>) -> bool {
        let index = self.result.units.len();
        unit.id = node.id();
        let members = unit.members as usize;
        if unit.found.is_none() {
            self.result.fresh.push((index, node, unit.key.is_head()));
        }
        self.result.units.push(unit);
        let waits = |member: &Unit| member.found.is_none();
        if members > 0 && (node.has_error() || self.old.as_slice().iter().take(members).any(waits)) {
            return true;
        }
        self.result.units.extend(self.old.by_ref().take(members));
        false
    }

    fn add(&mut self, node: Node<'t>, context: Context) -> bool {
        let index = self.result.units.len();
        let head = enter_members(&mut node.walk(), self.kinds).is_some();
        let broken = if head { is_head_broken(node, self.kinds) } else { node.has_error() };
        self.result.units.push(Unit {
            id: node.id(),
            span: Span::of(node),
            members: 0,
            key: ContentKey::of(node, self.file.text, context, head),
            transparent: head && is_transparent(node) && !node.is_error(),
            broken,
            touched: false,
            shape: if broken && !head { shape_of(node) } else { 0 },
            attributes: attributes_of(node, self.file.text, self.file.language),
            found: None,
            hold: None,
        });
        self.result.fresh.push((index, node, head));
        head
    }
}
