//! What speaks for a name.

use autodao_syntax::Span;
use autodao_syntax::index::{
    Definition, DefinitionKind, DefinitionRef, NameId, WordId, WorkspaceFile, words,
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::imports::Imported;
use super::scope::{Scope, identifiers, starts_upper};
use super::similar::{Votes, beside, neighbours, rarity};
use super::{Candidate, RankRequest};
use crate::known::is_known;

/// The names of the features, in their order. The kinds of definitions stand behind them.
pub const FEATURES: [&str; 46] = [
    "same_container",
    "same_file",
    "enclosing_local",
    "member_of_named",
    "member_of_reached",
    "member_of_focused",
    "imported",
    "file_imported",
    "same_folder",
    "file_uses",
    "sibling_uses",
    "files",
    "task_names",
    "task_share",
    "task_count",
    "task_rarity",
    "like_target_names",
    "like_symbol",
    "like_focused",
    "neighbours",
    "focused_neighbours",
    "beside_focus",
    "beside_target",
    "short",
    "definitions",
    "comment_share",
    "task_subset",
    "words",
    "signature_named",
    "signature_focused",
    "task_path",
    "near",
    "hidden",
    "import_unused",
    "shared_folders",
    "upper",
    "task_neighbours",
    "task_rarity_sum",
    "member_named_task",
    "candidates",
    "target_size",
    "task_size",
    "signature_task",
    "sole_definition",
    "enclosing_type_field",
    "file_share",
];

/// How many kinds of definitions there are.
const KINDS: usize = DefinitionKind::ALL.len();

/// What speaks most for a name, in words for a person.
pub fn reason(features: &FeatureVector) -> &'static str {
    let has = |index: usize, least: f32| features.get(index).is_some_and(|value| *value > least);
    [
        (12, 0.0, "the task names it"),
        (2, 0.0, "a local of the function around the target"),
        (0, 0.0, "beside the target in its type"),
        (3, 0.0, "a member of a type that the target names"),
        (5, 0.0, "a member of a type near the cursor"),
        (26, 0.0, "all its words are in the task"),
        (6, 0.0, "imported by the file"),
        (20, 0.3, "used by functions like the code at the cursor"),
        (19, 0.3, "used by functions like the target"),
        (10, 0.0, "used beside the target"),
        (4, 0.0, "a member of a type in a signature that the target uses"),
        (14, 0.0, "shares words with the task"),
        (9, 0.0, "used in the file"),
        (1, 0.0, "defined in the file"),
        (21, 0.02, "stands beside the same names elsewhere"),
        (7, 0.0, "defined in a file that is imported"),
        (16, 0.3, "its name is like one in the target"),
        (8, 0.0, "defined in the same folder"),
    ]
    .into_iter()
    .find(|(index, least, _)| has(*index, *least))
    .map_or("used by functions that match the task", |(.., reason)| reason)
}

/// The values of the features, in their order, and one for each kind of definition.
pub type FeatureVector = [f32; FEATURES.len() + KINDS];

/// Definitions of one name that are looked at.
const MAX_DEFINITIONS: usize = 40;

/// Words of instructions that say nothing of the code, without their endings.
const EMPTY_WORDS: [&str; 36] = [
    "the", "to", "of", "in", "for", "and", "on", "or", "is", "not", "be", "by", "with", "from", "as", "it",
    "thi", "that", "at", "if", "when", "fix", "add", "remove", "use", "make", "update", "support", "allow",
    "feat", "chore", "refactor", "perf", "doc", "test", "an",
];

struct Task {
    names: FxHashSet<String>,
    words: FxHashSet<WordId>,
}

struct Ranked<'a> {
    scope: Scope<'a>,
    imported: Imported,
    task: Task,
    comment: FxHashSet<WordId>,
    siblings: FxHashSet<NameId>,
    uses: FxHashMap<NameId, u32>,
    target_words: Vec<Vec<WordId>>,
    focused_words: Vec<Vec<WordId>>,
    symbol_words: Vec<WordId>,
    any_target_word: FxHashSet<WordId>,
    by_target: Votes,
    by_focus: Votes,
    by_task: Votes,
    beside_focus: Votes,
    beside_target: Votes,
    import_words: FxHashSet<NameId>,
    target_size: f32,
}

pub(super) fn candidates(request: &RankRequest<'_>) -> Vec<Candidate> {
    let Some(ranked) = Ranked::of(request) else { return Vec::new() };
    let index = request.index;
    let mut ids: Vec<NameId> = index
        .name_ids()
        .filter(|id| !index.definitions_of(*id).is_empty() && !ranked.scope.names.contains_key(id))
        .filter(|id| index.name(*id).len() > 1 && !is_known(request.language, index.name(*id)))
        .collect();
    ids.sort_unstable_by(|a, b| index.name(*a).cmp(index.name(*b)));
    let mut found: Vec<Candidate> = ids.into_iter().filter_map(|id| ranked.candidate(id)).collect();
    let count = (found.len() as f32).ln_1p();
    for candidate in &mut found {
        candidate.features[39] = count;
    }
    found
}

impl<'a> Ranked<'a> {
    fn of(request: &RankRequest<'a>) -> Option<Self> {
        let scope = Scope::of(request)?;
        let index = request.index;
        let imported = Imported::by(scope.file, request.language);
        let task = Task::of(request);
        let mut named: Vec<(NameId, f32)> = scope
            .names
            .keys()
            .filter(|id| !is_known(request.language, index.name(**id)))
            .map(|id| (*id, rarity(&scope, *id)))
            .collect();
        named.sort_unstable_by_key(|(id, _)| *id);
        let focused: Vec<(NameId, f32)> = scope
            .focused
            .iter()
            .filter(|(id, _)| !is_known(request.language, index.name(*id)))
            .map(|(id, weight)| (*id, weight * rarity(&scope, *id)))
            .collect();
        let in_task: Vec<(NameId, f32)> = if task.words.is_empty() {
            Vec::new()
        } else {
            index
                .name_ids()
                .filter_map(|id| {
                    let words = index.words_of(id);
                    let hits = words.iter().filter(|word| task.words.contains(word)).count();
                    (hits > 0).then(|| (id, (hits * hits) as f32 / words.len() as f32 * rarity(&scope, id)))
                })
                .collect()
        };
        let words_of = |ids: &[(NameId, f32)]| -> Vec<Vec<WordId>> {
            let sets = ids.iter().map(|(id, _)| index.words_of(*id).to_vec());
            sets.filter(|words| words.len() > 1).collect()
        };
        let (siblings, uses) = (siblings(&scope), uses(&scope));
        let import_words = {
            let mut seen: FxHashMap<NameId, u32> = FxHashMap::default();
            for occurrence in &scope.file.index().occurrences {
                *seen.entry(scope.file.id_of(occurrence)).or_default() += 1;
            }
            imported.names.iter().filter(|id| seen.get(id) == Some(&1)).copied().collect()
        };
        let any_target_word = named.iter().flat_map(|(id, _)| index.words_of(*id)).copied().collect();
        let symbol = scope.definition.and_then(|definition| scope.file.id(definition.name));
        Some(Self {
            comment: comment_words(&scope, request.text),
            target_words: words_of(&named),
            focused_words: words_of(&focused),
            symbol_words: symbol.map_or(Vec::new(), |id| index.words_of(id).to_vec()),
            any_target_word,
            by_target: neighbours(&scope, &named),
            by_focus: neighbours(&scope, &focused),
            by_task: neighbours(&scope, &in_task),
            beside_focus: beside(&scope, &focused),
            beside_target: beside(&scope, &named),
            siblings,
            uses,
            import_words,
            target_size: (request.target.len() as f32).ln_1p(),
            task,
            imported,
            scope,
        })
    }

    /// A name with its features, if anything speaks for it.
    fn candidate(&self, id: NameId) -> Option<Candidate> {
        let scope = &self.scope;
        let index = scope.index;
        let mut f: FeatureVector = [0.0; FEATURES.len() + KINDS];
        let mut best: Option<(f32, DefinitionRef, &WorkspaceFile, &Definition)> = None;
        let mut places: Vec<_> = index
            .definitions_of(id)
            .iter()
            .filter_map(|place| scope.visible(*place).map(|(file, definition)| (*place, file, definition)))
            .take(MAX_DEFINITIONS)
            .collect();
        // The order of the index is that of insertion.
        places
            .sort_unstable_by(|(a, af, _), (b, bf, _)| af.path().cmp(bf.path()).then(a.index.cmp(&b.index)));
        for (place, file, definition) in &places {
            let score = self.place(&mut f, *place, file, definition);
            if best.is_none_or(|(most, ..)| score > most) {
                best = Some((score, *place, file, definition));
            }
        }
        let (_, place, file, definition) = best?;
        let is_here = place.file == scope.file_id;
        let uses = self.uses.get(&id).copied().unwrap_or(0);
        let uses = uses.saturating_sub(u32::from(is_here));
        let at = id.index();
        f[6] = flag(self.imported.has(index, id));
        f[9] = (uses as f32).ln_1p();
        f[10] = flag(self.siblings.contains(&id));
        f[11] = (index.file_frequency(id) as f32).ln_1p();
        self.words(&mut f, id);
        f[19] = self.by_target[at];
        f[20] = self.by_focus[at];
        f[21] = self.beside_focus[at];
        f[22] = self.beside_target[at];
        f[36] = self.by_task[at];
        let speaks = f[..11].iter().any(|value| *value > 0.0)
            || f[12..15].iter().any(|value| *value > 0.0)
            || f[16..23].iter().any(|value| *value > 0.02)
            || f[36] > 0.0;
        if !speaks {
            return None;
        }
        let name = index.name(id);
        f[23] = flag(name.len() < 4);
        f[24] = (places.len() as f32).ln_1p();
        f[27] = index.words_of(id).len() as f32;
        for word in
            identifiers(&definition.signature).filter_map(|word| index.id(word)).filter(|word| *word != id)
        {
            f[28] = f[28].max(flag(scope.types.contains(&word)));
            f[29] = f[29].max(flag(scope.focused_types.contains(&word)));
            f[42] = f[42].max(flag(self.task.names.contains(&index.name(word).to_ascii_lowercase())));
        }
        let path_words: FxHashSet<WordId> = words(file.path()).filter_map(|word| index.word(&word)).collect();
        f[30] = path_words.iter().filter(|word| self.task.words.contains(word)).count().min(3) as f32;
        f[31] =
            if is_here { 1.0 / (1.0 + distance(definition.span, scope.target) as f32 / 800.0) } else { 0.0 };
        f[32] = flag(!is_here && !definition.is_visible && !definition.kind.is_member());
        f[33] = flag(self.import_words.contains(&id));
        f[34] = shared_folders(file.path(), scope.file.path());
        f[35] = flag(starts_upper(name));
        f[40] = self.target_size;
        f[41] = self.task.words.len() as f32;
        f[43] = flag(places.len() == 1);
        f[44] = flag(definition.kind == DefinitionKind::Field && f[0].max(f[3]) > 0.0);
        f[45] = index.file_frequency(id) as f32 / index.len().max(1) as f32;
        if let Some(kind) = DefinitionKind::ALL.iter().position(|kind| *kind == definition.kind) {
            f[FEATURES.len() + kind] = 1.0;
        }
        Some(Candidate { name: id, place, features: f, probability: 0.0 })
    }

    /// What one definition's place says; the sum of it chooses among definitions.
    fn place(
        &self,
        f: &mut FeatureVector,
        place: DefinitionRef,
        file: &WorkspaceFile,
        definition: &Definition,
    ) -> f32 {
        let scope = &self.scope;
        let mut score = 0.0;
        if place.file == scope.file_id {
            f[1] = 1.0;
            score += 3.0;
            if scope.is_own_container(&definition.container) {
                f[0] = 1.0;
                score += 2.0;
            }
            if definition.scope.is_some() && !definition.kind.is_member() {
                f[2] = 1.0;
                score += 2.0;
            }
        }
        let container = definition.container.name.and_then(|name| file.id(name));
        if let Some(container) = container {
            if scope.types.contains(&container) {
                f[3] = 1.0;
                score += 2.5;
            } else if scope.reached.contains(&container) {
                f[4] = 1.0;
                score += 1.5;
            }
            if scope.focused_types.contains(&container) {
                f[5] = 1.0;
                score += 0.5;
            }
            let words = scope.index.words_of(container);
            if !words.is_empty() && words.iter().all(|word| self.task.words.contains(word)) {
                f[38] = 1.0;
                score += 0.5;
            }
        }
        if self.imported.is_from(file.path()) {
            f[7] = 1.0;
            score += 1.0;
        }
        if folder(file.path()) == folder(scope.file.path()) {
            f[8] = 1.0;
            score += 0.5;
        }
        // Of two that are as near, the one that can be named.
        score + if definition.is_visible { 0.25 } else { 0.0 }
    }

    /// What the words of a name say.
    fn words(&self, f: &mut FeatureVector, id: NameId) {
        let index = self.scope.index;
        let own = index.words_of(id);
        f[12] = flag(self.task.names.contains(&index.name(id).to_ascii_lowercase()));
        if own.is_empty() {
            return;
        }
        let rarity = |word: &WordId| {
            (1.0 + index.name_count() as f32 / (1.0 + index.word_frequency(*word) as f32)).ln()
        };
        let hits: Vec<&WordId> = own.iter().filter(|word| self.task.words.contains(word)).collect();
        let count = own.len() as f32;
        f[13] = hits.len() as f32 / count;
        f[14] = hits.len().min(3) as f32;
        let all: f32 = own.iter().map(rarity).sum();
        let hit: f32 = hits.iter().map(|word| rarity(word)).sum();
        f[15] = hit / all;
        f[37] = hit;
        f[26] = flag(hits.len() == own.len());
        f[25] = own.iter().filter(|word| self.comment.contains(word)).count() as f32 / count;
        if own.len() > 1 && own.iter().any(|word| self.any_target_word.contains(word)) {
            f[16] = most_alike(own, &self.target_words);
            f[18] = most_alike(own, &self.focused_words);
        }
        f[17] = alike(own, &self.symbol_words);
    }
}

impl Task {
    fn of(request: &RankRequest<'_>) -> Self {
        let names = identifiers(request.instruction).map(str::to_ascii_lowercase).collect();
        let words = words(request.instruction)
            .filter(|word| !EMPTY_WORDS.contains(&word.as_str()))
            .filter_map(|word| request.index.word(&word))
            .collect();
        Self { names, words }
    }
}

/// Names in the functions beside the target.
fn siblings(scope: &Scope<'_>) -> FxHashSet<NameId> {
    let all = Span::new(0, u32::MAX);
    let around = scope.container().map_or(all, |container| container.span);
    let mut names = FxHashSet::default();
    for function in &scope.file.index().functions {
        if around.contains(function.span) && !function.span.touches(scope.target) {
            let range = function.occurrences.start as usize..function.occurrences.end as usize;
            let occurrences = scope.file.index().occurrences.get(range).unwrap_or(&[]);
            names.extend(occurrences.iter().map(|occurrence| scope.file.id_of(occurrence)));
        }
    }
    names
}

/// How often each name stands in the file outside the target.
fn uses(scope: &Scope<'_>) -> FxHashMap<NameId, u32> {
    let mut uses: FxHashMap<NameId, u32> = FxHashMap::default();
    for occurrence in &scope.file.index().occurrences {
        if !scope.target.contains(Span::at(occurrence.at)) {
            *uses.entry(scope.file.id_of(occurrence)).or_default() += 1;
        }
    }
    uses
}

/// Words of the target that are in none of its names: those of comments and literals.
fn comment_words(scope: &Scope<'_>, text: &str) -> FxHashSet<WordId> {
    let target = text.get(scope.target.range()).unwrap_or("");
    let code: FxHashSet<&str> = scope.names.keys().map(|id| scope.index.name(*id)).collect();
    identifiers(target)
        .filter(|word| !code.contains(word))
        .flat_map(words)
        .filter_map(|word| scope.index.word(&word))
        .collect()
}

fn flag(is: bool) -> f32 {
    if is { 1.0 } else { 0.0 }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The share of folders two paths have in common from their start.
fn shared_folders(a: &str, b: &str) -> f32 {
    let depth = folder(a).split('/').count().max(folder(b).split('/').count());
    let shared = folder(a).split('/').zip(folder(b).split('/')).take_while(|(a, b)| a == b).count();
    shared as f32 / depth as f32
}

fn distance(a: Span, b: Span) -> u32 {
    if a.end <= b.start { b.start - a.end } else { a.start.saturating_sub(b.end) }
}

/// The share of words two names have in common; both ascend.
fn alike(a: &[WordId], b: &[WordId]) -> f32 {
    let shared = a.iter().filter(|word| b.binary_search(word).is_ok()).count();
    if shared == 0 { 0.0 } else { shared as f32 / (a.len() + b.len() - shared) as f32 }
}

fn most_alike(own: &[WordId], names: &[Vec<WordId>]) -> f32 {
    names.iter().map(|name| alike(own, name)).fold(0.0, f32::max)
}
