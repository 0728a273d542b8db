//! What is known of one file, kept up to date edit by edit.

use std::sync::Arc;
use std::time::Instant;

use autodao_syntax::tree_sitter::{InputEdit, Node, Tree};
use autodao_syntax::{Buffer, Language, Span};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{Fact, Facts, Topic};
use crate::hold::{HOLD, Held, Hold};
use crate::note::{Verdicts, place_all};
use crate::reconcile::Reconcile;
use crate::report::{PlacedFinding, PlacedFunctions, Report, origin};
use crate::suppression::target_lines;
use crate::unit::{ContentKey, Found, Unit, edited};
use crate::visit::{FileVisit, Summary};
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
    /// What the workspace rules found in it, in the offsets of a file rule's findings.
    workspace_findings: Arc<[Finding]>,
    /// What the items state, gathered when a finding asks for it.
    stated: FxHashSet<Fact>,
    verdicts: Verdicts,
    /// Units that left the tree, by content.
    left: FxHashMap<ContentKey, Arc<Found>>,
    /// Whether the units were looked at with the query rules; they join once they are compiled.
    queried: bool,
    /// Whether the edits since the last update look typed.
    typing: bool,
    /// See [`Analysis::is_canonical`].
    canonical: bool,
    /// See [`Analysis::doubt_errors`].
    doubted: bool,
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
            workspace_findings: Arc::new([]),
            stated: FxHashSet::default(),
            verdicts: Verdicts::default(),
            left: FxHashMap::default(),
            queried: false,
            typing: true,
            canonical: true,
            doubted: false,
            tree: None,
        }
    }

    /// Follows an edit of the text.
    pub fn edit(&mut self, edit: &InputEdit) {
        for unit in &mut self.units {
            unit.edit(edit);
        }
        let file = Span::at(0);
        for findings in [&mut self.file_findings, &mut self.workspace_findings] {
            if !findings.is_empty() {
                *findings = edited(findings, file, file, edit);
            }
        }
    }

    /// Takes what [`workspace_findings`](crate::workspace_findings) found in the text as it is now; edits move it
    /// until the next time. Returns whether it is something new.
    pub fn set_workspace_findings(&mut self, findings: &[Finding]) -> bool {
        let findings: Arc<[Finding]> = findings.iter().map(|finding| finding.moved(-origin(0))).collect();
        let is_new = findings != self.workspace_findings;
        self.workspace_findings = findings;
        is_new
    }

    /// Says whether what the tree calls an error is doubted: a grammar may be behind its language. No syntax error is
    /// reported then, and the text is not called broken. At first nothing is doubted.
    pub fn doubt_errors(&mut self, doubted: bool) {
        self.doubted = doubted;
    }

    /// How large the items are that edits went into since the last update: what the next one looks at, at least.
    pub fn edited_bytes(&self) -> u32 {
        self.units.iter().filter(|unit| unit.touched && !unit.key.is_head()).map(|unit| unit.span.len()).sum()
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

    /// Whether query rules were not compiled when the items were looked at. [`Profile::compile_queries`] is to be called,
    /// away from whoever types, and then an update with the same tree.
    pub fn lacks_queries(&self) -> bool {
        self.language.is_some_and(|language| !self.queried && self.profile.has_queries(language))
    }

    /// Says that the tree of the last update came from a parse from nothing.
    pub fn mark_canonical(&mut self) {
        self.canonical = true;
    }

    /// Whether the tree of the last update is surely the one a parse from nothing gives. An incremental parse may
    /// recover from an error in another way than a fresh one, wherever the edit was; where there is no error it has no
    /// choice.
    pub fn is_canonical(&self) -> bool {
        self.canonical
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
        let profile = Arc::clone(&self.profile);
        // Asked once: another thread compiles them, and may be done at any moment.
        let queries = profile.queries(language);
        if queries.is_some() && !self.queried {
            self.forget();
        }
        self.queried = queries.is_some();
        for unit in &mut self.units {
            unit.hold.take_if(|hold| hold.until <= now);
        }
        let file = FileView { text, language, role: self.role, profile: &profile, queries };
        let reconciled = Reconcile::new(file, std::mem::take(&mut self.units)).run(tree.root_node());
        self.units = reconciled.units;
        if std::mem::replace(&mut self.typing, true) {
            self.start_holds(&reconciled.gone, &reconciled.fresh, now);
        }
        self.remember(reconciled.gone);
        for (index, node, head) in reconciled.fresh {
            self.look(file, index, node, head);
        }
        self.canonical = !tree.root_node().has_error();
        self.tree = Some(tree.clone());
        self.gather();
        let summary = self.summary();
        self.update_file_findings(text, Some((summary, tree.root_node())));
    }

    /// Looks at a text that is too large to be parsed: only its file rules.
    pub fn update_unparsed(&mut self, text: &str) {
        self.forget();
        self.update_file_findings(text, None);
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
        let found = look_at(file, node, unit.key.context(), head);
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
                    hold.held.extend(old.found.as_ref().map(|found| Held {
                        findings: found.findings.clone(),
                        facts: found.facts.clone(),
                        item: old.span,
                    }));
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

    /// Collects what the items state, if the findings of some item depend on it.
    fn gather(&mut self) {
        self.stated.clear();
        if self.facts().any(|facts| !facts.conditions.is_empty()) {
            let mut stated = std::mem::take(&mut self.stated);
            stated.extend(self.facts().flat_map(|facts| &facts.stated));
            self.stated = stated;
        }
    }

    /// What the items state and need, those included whose findings are held.
    fn facts(&self) -> impl Iterator<Item = &Facts> {
        self.units.iter().flat_map(|unit| {
            let found = unit.found.as_ref().and_then(|found| found.facts.as_deref());
            let held = unit.hold.iter().flat_map(|hold| &hold.held).filter_map(|held| held.facts.as_deref());
            found.into_iter().chain(held)
        })
    }

    fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        let mut modules: Vec<Fact> = Vec::new();
        let counted =
            self.units.iter().filter(|unit| !unit.key.context().test || self.role == FileRole::Test);
        for found in counted.filter_map(|unit| unit.found.as_deref()) {
            summary.code_lines += found.code_lines;
            summary.functions += found.function_count;
            summary.hardest = summary.hardest.max(found.hardest);
            if let Some(facts) = &found.facts {
                modules.extend(facts.stated.iter().filter(|fact| fact.topic() == Topic::Module));
            }
        }
        let distinct: FxHashSet<Fact> = modules.into_iter().collect();
        summary.modules = distinct.len() as u32;
        summary
    }

    fn update_file_findings(&mut self, text: &str, parsed: Option<(Summary, Node<'_>)>) {
        let (summary, root) = parsed.unzip();
        let notes = place_all(&self.units);
        let holding = self.units.iter().any(|unit| unit.hold.is_some());
        let mut findings = Vec::new();
        for (rule, definition) in Catalog::builtin().iter() {
            let check = match definition.check {
                Check::File(check) => check,
                Check::Joined { join, .. } if root.is_some() => join,
                _ => continue,
            };
            let applies = self.language.is_none_or(|language| definition.languages.contains(&language));
            if self.profile.level(rule) == Level::Off || !applies {
                continue;
            }
            if holding && matches!(definition.check, Check::Joined { .. }) {
                let known = self.file_findings.iter().filter(|finding| finding.rule == rule);
                findings.extend(known.map(|finding| finding.moved(origin(0))));
                continue;
            }
            let (language, role, profile) = (self.language, self.role, &*self.profile);
            check(&mut FileVisit {
                text,
                language,
                role,
                summary,
                root,
                units: &self.units,
                notes: &notes,
                verdicts: &mut self.verdicts,
                profile,
                rule,
                findings: &mut findings,
            });
        }
        if !findings.is_empty() || !self.file_findings.is_empty() {
            self.file_findings = findings.iter().map(|finding| finding.moved(-origin(0))).collect();
        }
    }

    /// An item's findings whose conditions hold.
    fn counting<'a>(
        &'a self,
        findings: Option<&'a Arc<[Finding]>>,
        facts: Option<&'a Facts>,
        item: Span,
    ) -> impl Iterator<Item = PlacedFinding> + 'a {
        let all = findings.into_iter().flat_map(move |findings| PlacedFinding::all(findings, item));
        all.filter(move |finding| facts.is_none_or(|facts| facts.holds(finding.index(), &self.stated)))
    }

    /// What is known of the text as it is now. After [`Analysis::edit`] and before [`Analysis::update`] these
    /// are the findings of the text before, moved.
    pub fn report(&self, buffer: &Buffer) -> Report {
        let mut placed: Vec<PlacedFinding> = Vec::new();
        let mut suppressions = Vec::new();
        let mut held = Vec::new();
        let mut functions = Vec::new();
        // What stands in an ERROR node, or beside one, may be a part of what was not read.
        let mut doubted_until = 0;
        for (index, unit) in self.units.iter().enumerate() {
            if unit.key.is_error() {
                doubted_until = doubted_until.max(index + unit.members as usize + 2);
            }
            let beside_error =
                index < doubted_until || self.units.get(index + 1).is_some_and(|next| next.key.is_error());
            if let Some(hold) = &unit.hold {
                for Held { findings, facts, item } in &hold.held {
                    held.extend(self.counting(findings.as_ref(), facts.as_deref(), *item));
                }
                continue;
            }
            let Some(found) = &unit.found else { continue };
            let counting = self.counting(found.findings.as_ref(), found.facts.as_deref(), unit.span);
            if beside_error {
                placed.extend(counting.map(PlacedFinding::without_fixes));
            } else {
                placed.extend(counting);
            }
            if let Some(measured) = found.functions.as_ref().filter(|_| !unit.touched) {
                functions.push(PlacedFunctions::new(measured, unit.span));
            }
            for suppression in &found.suppressions {
                suppressions.push((suppression, suppression.span.moved(i64::from(unit.span.start))));
            }
        }
        let whole = Span::new(0, buffer.len());
        let syntax_error = Catalog::builtin().find("syntax-error").map(|(rule, _)| rule);
        let doubted = syntax_error.filter(|_| self.doubted);
        let of_file = PlacedFinding::all(&self.file_findings, whole);
        placed.extend(of_file.filter(|finding| Some(finding.relative().rule) != doubted));
        placed.extend(PlacedFinding::all(&self.workspace_findings, whole));
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
        let broken = !self.doubted && self.tree.as_ref().is_some_and(|tree| tree.root_node().has_error());
        Report { findings: placed, suppressed, functions, broken }
    }
}

#[cfg(test)]
pub(crate) mod tests;
