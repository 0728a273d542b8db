//! What is known of one file, kept up to date edit by edit.

use std::sync::Arc;
use std::time::Instant;
use std::vec::IntoIter;

use autodao_syntax::tree_sitter::{InputEdit, Node, Tree};
use autodao_syntax::{Buffer, Language, Span};
use rustc_hash::FxHashMap;

use crate::hold::{HOLD, Hold};
use crate::kinds::{Kind, Kinds};
use crate::partition::{attributes_of, enter_members, is_unit, member_context};
use crate::report::{PlacedFinding, Report};
use crate::suppression::target_lines;
use crate::unit::{Attributes, Beside, ContentKey, Context, Found, Unit};
use crate::visit::FileVisit;
use crate::walk::{FileView, look_at};
use crate::{Catalog, Check, FileRole, Finding, Level, Profile};

/// How many items that left the tree are remembered: typing an opening brace makes the items behind it leave,
/// typing the closing one brings them back.
const REMEMBERED: usize = 8192;

/// The analysis of one file.
///
/// Use: [`Analysis::edit`] for each edit of the text as it comes (cheap: from then on [`Analysis::report`] gives
/// the old findings at their new places), then [`Analysis::update`] with the new tree.
pub struct Analysis {
    language: Option<Language>,
    role: FileRole,
    profile: Arc<Profile>,
    units: Vec<Unit>,
    file_findings: Arc<[Finding]>,
    /// Units that left the tree, by content.
    left: FxHashMap<ContentKey, Arc<Found>>,
    /// Whether the units were looked at with the query rules; they join once they are compiled.
    queried: bool,
    /// Whether the edits since the last update look typed.
    typing: bool,
    /// The tree the units' ids belong to. Ids are addresses: two trees may share them only while both live.
    tree: Option<Tree>,
}

impl Analysis {
    /// Nothing known yet. `language` is `None` for a file that is not parsed.
    pub fn new(profile: Arc<Profile>, language: Option<Language>, role: FileRole) -> Self {
        Self {
            language,
            role,
            profile,
            units: Vec::new(),
            file_findings: Arc::new([]),
            left: FxHashMap::default(),
            queried: false,
            typing: true,
            tree: None,
        }
    }

    /// Follows an edit of the text.
    pub fn edit(&mut self, edit: &InputEdit) {
        for unit in &mut self.units {
            unit.edit(edit);
        }
        if !self.file_findings.is_empty() {
            let moved = |finding: &Finding| {
                let mut finding = finding.clone();
                finding.span = crate::unit::move_span(finding.span, edit);
                finding.fixes.clear();
                finding
            };
            self.file_findings = self.file_findings.iter().map(moved).collect();
        }
    }

    /// Takes other rules. Everything is looked at again on the next update.
    pub fn set_profile(&mut self, profile: Arc<Profile>) {
        self.profile = profile;
        self.forget();
    }

    /// Forgets what was found; the next update looks at everything.
    fn forget(&mut self) {
        self.units.clear();
        self.left.clear();
        self.tree = None;
    }

    /// Whether compiled query rules wait to be applied: an update with the same tree will do it.
    pub fn wants_queries(&self) -> bool {
        self.language.is_some_and(|language| !self.queried && self.profile.queries(language).is_some())
    }

    /// Says that the tree of the last update came from a parse from nothing.
    pub fn mark_canonical(&mut self) {
        for unit in &mut self.units {
            unit.canonical = true;
        }
    }

    /// Whether the tree of the last update is surely the one a parse from nothing gives. An incremental parse may
    /// recover from an error in another way than a fresh one; where there is no error, or the broken items are
    /// taken over from a fresh parse, it has no choice.
    pub fn is_canonical(&self) -> bool {
        let Some(tree) = &self.tree else { return true };
        let root = tree.root_node();
        !root.has_error() || {
            let mut broken = self.units.iter().filter(|unit| unit.broken).peekable();
            !root.is_error() && broken.peek().is_some() && broken.all(|unit| unit.canonical)
        }
    }

    /// Lets go of the tree, and with it of the ids: the next update recognises items by their text.
    pub fn release_tree(&mut self) {
        self.tree = None;
        self.left = FxHashMap::default();
        for unit in &mut self.units {
            unit.id = 0;
        }
    }

    /// When the first held finding is due to go, if any is held.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.units.iter().filter_map(|unit| unit.hold.as_ref().map(|hold| hold.until)).min()
    }

    /// Ends every hold, and lets the next update start none: the text is being edited by a program, not typed.
    pub fn edited_by_program(&mut self) {
        self.typing = false;
        for unit in &mut self.units {
            unit.hold = None;
        }
    }

    /// Looks at what the new tree has that the last one had not. `tree` is of exactly this text, and every edit
    /// since the last update went through [`Analysis::edit`]; `now` starts and ends holds.
    pub fn update(&mut self, text: &str, tree: &Tree, now: Instant) {
        let Some(language) = self.language else { return };
        if self.wants_queries() {
            self.forget();
        }
        self.queried = self.profile.queries(language).is_some();
        for unit in &mut self.units {
            unit.hold.take_if(|hold| hold.until <= now);
        }
        let profile = Arc::clone(&self.profile);
        let file = FileView { text, language, role: self.role, profile: &profile };
        let reconciled = Reconcile::new(file, std::mem::take(&mut self.units)).run(tree.root_node());
        self.units = reconciled.units;
        if std::mem::replace(&mut self.typing, true) {
            self.start_holds(&reconciled.gone, &reconciled.fresh, now);
        }
        self.remember(reconciled.gone);
        for (index, node, head) in reconciled.fresh {
            self.look(file, index, node, head);
        }
        self.tree = Some(tree.clone());
        self.update_file_findings(text, true);
    }

    /// Looks at a text that is too large to be parsed: only its file rules.
    pub fn update_unparsed(&mut self, text: &str) {
        self.forget();
        self.update_file_findings(text, false);
    }

    fn look(&mut self, file: FileView<'_>, index: usize, node: Node<'_>, head: bool) {
        let unit = &mut self.units[index];
        if unit.found.is_some() || unit.hold.is_some() {
            return;
        }
        if !unit.broken
            && let Some(found) = self.left.get(&unit.key)
        {
            unit.found = Some(Arc::clone(found));
            return;
        }
        let mut found = look_at(file, node, unit.key.context(), head);
        if let Some(queries) = file.profile.queries(file.language) {
            let base = i64::from(unit.span.start);
            let mut findings = Vec::new();
            queries.run(file, node, head.then(|| head_span(node)), &mut findings);
            if !findings.is_empty() {
                let earlier = found.findings.iter().flat_map(|f| f.iter().cloned());
                found.findings = Some(earlier.chain(findings.iter().map(|f| f.moved(-base))).collect());
            }
        }
        if head {
            // The closing brace's line; the opening one is on the head's last.
            found.code_lines += u32::from(node.end_position().row > node.start_position().row);
        }
        unit.found = Some(Arc::new(found));
    }

    /// Units that went away leave their findings with the broken unit that took their place.
    fn start_holds(&mut self, gone: &[Unit], fresh: &[(usize, Node<'_>, bool)], now: Instant) {
        for &(index, ..) in fresh {
            let unit = &self.units[index];
            if !unit.broken {
                continue;
            }
            let mut hold = Hold { until: now + HOLD, held: Vec::new() };
            let mut was_good = false;
            for old in gone.iter().filter(|old| old.span.overlaps(unit.span)) {
                if let Some(earlier) = &old.hold {
                    was_good = true;
                    hold.until = hold.until.min(earlier.until);
                    hold.held.extend(earlier.held.iter().cloned());
                } else if !old.broken {
                    was_good = true;
                    let findings = old.found.as_ref().and_then(|found| found.findings.clone());
                    hold.held.extend(findings.map(|findings| (findings, old.span.start, old.span)));
                }
            }
            if was_good && hold.until > now {
                self.units[index].hold = Some(Box::new(hold));
            }
        }
    }

    fn remember(&mut self, gone: Vec<Unit>) {
        if self.left.len() + gone.len() > REMEMBERED {
            self.left.clear();
        }
        for unit in gone {
            if let (false, false, Some(found)) = (unit.broken, unit.touched, unit.found) {
                self.left.insert(unit.key, found);
            }
        }
    }

    fn update_file_findings(&mut self, text: &str, parsed: bool) {
        let code_lines = parsed.then(|| {
            let counted =
                self.units.iter().filter(|unit| !unit.key.context().test || self.role == FileRole::Test);
            counted.filter_map(|unit| unit.found.as_ref()).map(|found| found.code_lines).sum()
        });
        let mut findings = Vec::new();
        for (rule, definition) in Catalog::builtin().iter() {
            let Check::File(check) = definition.check else { continue };
            let applies = self.language.is_none_or(|language| definition.languages.contains(&language));
            if self.profile.level(rule) != Level::Off && applies {
                let (language, role, profile) = (self.language, self.role, &*self.profile);
                check(&mut FileVisit {
                    text,
                    language,
                    role,
                    code_lines,
                    profile,
                    rule,
                    findings: &mut findings,
                });
            }
        }
        if !findings.is_empty() || !self.file_findings.is_empty() {
            self.file_findings = findings.into();
        }
    }

    /// What is known of the text as it is now. After [`Analysis::edit`] and before [`Analysis::update`] these
    /// are the findings of the text before, moved.
    pub fn report(&self, buffer: &Buffer) -> Report {
        let mut placed: Vec<PlacedFinding> = Vec::new();
        let mut suppressions = Vec::new();
        let mut held = Vec::new();
        for unit in &self.units {
            if let Some(hold) = &unit.hold {
                for (findings, base, item) in &hold.held {
                    held.extend((0..findings.len()).map(|i| PlacedFinding::new(findings, i, *base, *item)));
                }
                continue;
            }
            let Some(found) = &unit.found else { continue };
            if let Some(findings) = &found.findings {
                let base = unit.span.start;
                placed.extend((0..findings.len()).map(|i| PlacedFinding::new(findings, i, base, unit.span)));
            }
            for suppression in &found.suppressions {
                suppressions.push((suppression, suppression.span.moved(i64::from(unit.span.start))));
            }
        }
        let whole = Span::new(0, buffer.len());
        placed.extend(
            (0..self.file_findings.len()).map(|i| PlacedFinding::new(&self.file_findings, i, 0, whole)),
        );
        for finding in held {
            // An item inside the broken stretch may have been found again: it speaks for itself.
            let same = |p: &PlacedFinding| {
                p.relative().rule == finding.relative().rule && p.span().start == finding.span().start
            };
            if !placed.iter().any(same) && finding.span().end <= buffer.len() {
                placed.push(finding);
            }
        }
        placed.sort_by_key(|finding| (finding.span().start, finding.span().end, finding.relative().rule));
        let mut suppressed = 0;
        if !suppressions.is_empty() {
            let targets: Vec<_> = suppressions
                .iter()
                .map(|(suppression, span)| (*suppression, target_lines(buffer.text(), buffer.lines(), *span)))
                .collect();
            let before = placed.len();
            placed.retain(|finding| {
                let rule = Catalog::builtin().rule(finding.relative().rule).id;
                let line = buffer.lines().line_of(finding.span().start);
                !targets.iter().any(|(suppression, target)| {
                    (suppression.whole_file || target.contains(&line)) && suppression.names(rule)
                })
            });
            suppressed = (before - placed.len()) as u32;
        }
        let broken = self.tree.as_ref().is_some_and(|tree| tree.root_node().has_error());
        Report { findings: placed, suppressed, broken }
    }
}

/// The part of a container before its members.
fn head_span(node: Node<'_>) -> Span {
    let span = Span::of(node);
    let body = node.child_by_field_name("body").map_or(span.start, |body| body.start_byte() as u32);
    Span::new(span.start, body)
}

/// One walk over the items of a new tree beside the units of the old one.
struct Reconcile<'t> {
    file: FileView<'t>,
    kinds: &'static Kinds,
    old: IntoIter<Unit>,
    taken: usize,
    /// Index of each old unit by id; made when a look at the next few does not find a node.
    by_id: Option<FxHashMap<usize, usize>>,
    result: Reconciled<'t>,
}

#[derive(Default)]
struct Reconciled<'t> {
    units: Vec<Unit>,
    gone: Vec<Unit>,
    /// Units to look at, with their nodes, and whether only the head.
    fresh: Vec<(usize, Node<'t>, bool)>,
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

/// How many of the next old units are compared before all are indexed.
const NEAR: usize = 8;

impl<'t> Reconcile<'t> {
    fn new(file: FileView<'t>, old: Vec<Unit>) -> Self {
        let result = Reconciled { units: Vec::with_capacity(old.len() + 8), ..Reconciled::default() };
        Self { file, kinds: Kinds::of(file.language), old: old.into_iter(), taken: 0, by_id: None, result }
    }

    fn run(mut self, root: Node<'t>) -> Reconciled<'t> {
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
        let index = self.result.units.len();
        let descend = match self.find(node, context) {
            Some(skip) => self.take(skip, node),
            None => self.add(node, context),
        };
        let unit = &self.result.units[index];
        if self.kinds.get(node).is(Kind::ATTRIBUTE) {
            frame.pending.test |= unit.attributes.test;
        } else if !self.kinds.get(node).is(Kind::COMMENT) {
            frame.pending = Attributes::default();
        }
        descend.then_some(index)
    }

    /// How many of the remaining old units stand before the one of this node, if it is still there.
    fn find(&mut self, node: Node<'t>, context: Context) -> Option<usize> {
        let id = node.id();
        let old = self.old.as_slice();
        let near = old.iter().take(NEAR).position(|unit| unit.id == id);
        let skip = near.or_else(|| {
            let taken = self.taken;
            let by_id = self.by_id.get_or_insert_with(|| {
                old.iter().enumerate().map(|(index, unit)| (unit.id, taken + index)).collect()
            });
            by_id.get(&id).and_then(|index| index.checked_sub(taken))
        })?;
        let key = &old.get(skip)?.key;
        let stands_alike = key.beside() == Beside::of(Span::of(node), self.file.text);
        (key.context() == context && stands_alike).then_some(skip)
    }

    /// Takes a unit and its members over. Returns whether the members have to be walked nevertheless: one of
    /// them waits to be looked at, and only the walk knows its node.
    fn take(&mut self, skip: usize, node: Node<'t>) -> bool {
        self.result.gone.extend(self.old.by_ref().take(skip));
        let index = self.result.units.len();
        let Some(mut unit) = self.old.next() else { return self.add(node, Context::default()) };
        self.taken += skip + 1;
        let members = unit.members as usize;
        // Units followed the edits, so this is 0 unless the editor's edits and the tree disagree.
        let delta = node.start_byte() as i64 - i64::from(unit.span.start);
        unit.span = Span::of(node);
        if unit.found.is_none() {
            self.result.fresh.push((index, node, unit.key.is_head()));
        }
        let waiting = self.old.as_slice().iter().take(members).any(|member| member.found.is_none());
        self.result.units.push(unit);
        if waiting {
            return true;
        }
        self.taken += members;
        let members = self.old.by_ref().take(members).map(|mut member| {
            member.span = member.span.moved(delta);
            member
        });
        self.result.units.extend(members);
        false
    }

    fn add(&mut self, node: Node<'t>, context: Context) -> bool {
        let index = self.result.units.len();
        let mut cursor = node.walk();
        let head = enter_members(&mut cursor, self.kinds).is_some();
        self.result.units.push(Unit {
            id: node.id(),
            span: Span::of(node),
            members: 0,
            key: ContentKey::of(node, self.file.text, context, head),
            broken: node.has_error(),
            touched: false,
            canonical: false,
            attributes: attributes_of(node, self.file.text, self.file.language),
            found: None,
            hold: None,
        });
        self.result.fresh.push((index, node, head));
        head
    }
}

#[cfg(test)]
pub(crate) mod tests;
