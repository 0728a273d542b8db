//! What a target is made of, as far as the index tells.

use autodao_syntax::Span;
use autodao_syntax::index::{
    Container, ContainerKind, Definition, DefinitionKind, DefinitionRef, FileId, NameId, WorkspaceFile,
    WorkspaceIndex,
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::RankRequest;

/// A name with more definitions than this says little of a type; those of the file itself are taken.
const MAX_DEFINITIONS: usize = 4;

/// How many lines above and below the focus count as beside it.
const FOCUS_LINES: usize = 2;

/// A target and what its names lead to.
pub(super) struct Scope<'a> {
    pub(super) index: &'a WorkspaceIndex,
    pub(super) file_id: FileId,
    pub(super) file: &'a WorkspaceFile,
    pub(super) target: Span,
    /// The definition that the target is.
    pub(super) definition: Option<&'a Definition>,
    /// The names in the target and how often each stands there.
    pub(super) names: FxHashMap<NameId, u32>,
    /// The names beside the focus, each with its weight, in the order of their ids.
    pub(super) focused: Vec<(NameId, f32)>,
    /// Types named in the target, and the type it is a member of.
    pub(super) types: FxHashSet<NameId>,
    /// Types named in the signatures of what the target names.
    pub(super) reached: FxHashSet<NameId>,
    /// Types named beside the focus, or in the signatures of what is named there.
    pub(super) focused_types: FxHashSet<NameId>,
}

impl<'a> Scope<'a> {
    pub(super) fn of(request: &RankRequest<'a>) -> Option<Self> {
        let index = request.index;
        let (file_id, file) = index.file_at(request.path)?;
        let target = request.target;
        let mut names: FxHashMap<NameId, u32> = FxHashMap::default();
        let mut focused: FxHashMap<NameId, f32> = FxHashMap::default();
        let rings = rings(request);
        for occurrence in file.index().occurrences_in(target) {
            let id = file.id_of(occurrence);
            *names.entry(id).or_default() += 1;
            let ring = rings.iter().position(|ring| ring.touches(Span::at(occurrence.at)));
            if let Some(ring) = ring {
                let weight = focused.entry(id).or_default();
                *weight = weight.max(1.0 / (1.0 + ring as f32));
            }
        }
        let mut focused: Vec<_> = focused.into_iter().collect();
        focused.sort_unstable_by_key(|(id, _)| *id);
        let mut scope = Self {
            index,
            file_id,
            file,
            target,
            definition: definition_of(file, target),
            names,
            focused,
            types: FxHashSet::default(),
            reached: FxHashSet::default(),
            focused_types: FxHashSet::default(),
        };
        scope.follow_types();
        Some(scope)
    }

    fn follow_types(&mut self) {
        let container = self.definition.and_then(|definition| definition.container.name);
        self.types.extend(container.and_then(|name| self.file.id(name)));
        let names: Vec<NameId> = self.names.keys().copied().collect();
        for id in names {
            if starts_upper(self.index.name(id)) {
                self.types.insert(id);
            }
            let reached = self.signature_types(id);
            self.reached.extend(reached);
        }
        let mut focused = FxHashSet::default();
        for (id, _) in &self.focused {
            if starts_upper(self.index.name(*id)) {
                focused.insert(*id);
            }
            focused.extend(self.signature_types(*id));
        }
        self.focused_types = focused;
        self.reached.retain(|id| !self.types.contains(id));
    }

    /// The types that the signatures of a name's definitions name.
    fn signature_types(&self, id: NameId) -> Vec<NameId> {
        let places: Vec<_> = self
            .index
            .definitions_of(id)
            .iter()
            .filter_map(|place| self.visible(*place).map(|(file, definition)| (*place, file, definition)))
            .take(64)
            .collect();
        let many = places.len() > MAX_DEFINITIONS;
        places
            .iter()
            .filter(|(place, ..)| !many || place.file == self.file_id)
            .take(if many { 2 } else { MAX_DEFINITIONS })
            .flat_map(|(.., definition)| type_words(&definition.signature))
            .filter_map(|word| self.index.id(word))
            .collect()
    }

    /// A definition, if the target can mean it: none of its own, no local of another function.
    pub(super) fn visible(&self, place: DefinitionRef) -> Option<(&'a WorkspaceFile, &'a Definition)> {
        let (file, definition) = self.index.definition(place)?;
        let is_here = place.file == self.file_id;
        if is_here && self.target.contains(definition.span) {
            return None;
        }
        let encloses = |scope: Span| is_here && scope.contains(self.target);
        let is_local = definition.scope.is_some_and(|scope| !encloses(scope)) && !definition.kind.is_member();
        (!is_local).then_some((file, definition))
    }

    /// What the target stands in.
    pub(super) fn container(&self) -> Option<Container> {
        self.definition.map(|definition| definition.container)
    }

    /// Whether a container is the target's own: the same block, or another one of the same type.
    pub(super) fn is_own_container(&self, container: &Container) -> bool {
        self.container().is_some_and(|own| {
            own.kind == container.kind && own.kind != ContainerKind::File && own.name == container.name
        })
    }
}

/// The outermost definition that the target is all of, else the innermost that holds it.
fn definition_of(file: &WorkspaceFile, target: Span) -> Option<&Definition> {
    let definitions = &file.index().definitions;
    let inside = definitions
        .iter()
        .filter(|definition| {
            target.contains(definition.span)
                && definition.span.end + 2 >= target.end
                && is_callable(definition)
        })
        .min_by_key(|definition| definition.span.start);
    inside.or_else(|| {
        definitions
            .iter()
            .filter(|definition| definition.span.contains(target))
            .min_by_key(|definition| definition.span.len())
    })
}

fn is_callable(definition: &Definition) -> bool {
    matches!(
        definition.kind,
        DefinitionKind::Function | DefinitionKind::Method | DefinitionKind::Variable | DefinitionKind::Field
    ) || definition.kind.is_type()
}

/// The lines of the focus, then those with one line more on each side, and so on.
fn rings(request: &RankRequest<'_>) -> Vec<Span> {
    let text = request.text;
    let whole = request.focus.contains(request.target);
    if whole {
        return Vec::new();
    }
    let floor = |at: u32| {
        let mut at = (at as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (mut start, mut end) = (floor(request.focus.start), floor(request.focus.end));
    let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |at| at + 1);
    let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |end| at + end);
    (start, end) = (line_start(start), line_end(end));
    let mut rings = vec![Span::new(start as u32, end as u32)];
    for _ in 0..FOCUS_LINES {
        start = line_start(start.saturating_sub(1));
        end = line_end((end + 1).min(text.len()));
        rings.push(Span::new(start as u32, end as u32));
    }
    rings
}

pub(super) fn starts_upper(name: &str) -> bool {
    name.as_bytes().first().is_some_and(u8::is_ascii_uppercase)
}

/// The names in a text.
pub(super) fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$' && c != '#')
        .filter(|word| !word.is_empty() && !word.as_bytes()[0].is_ascii_digit())
}

/// The names in a text that begin as those of types do.
pub(super) fn type_words(text: &str) -> impl Iterator<Item = &str> {
    identifiers(text).filter(|word| starts_upper(word))
}
