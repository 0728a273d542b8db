//! All templates there are, and which of them apply where.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{Candidate as PathCandidate, Glob, GlobSet, GlobSetBuilder};
use semver::{Version, VersionReq};

use crate::builtin::builtin_files;
use crate::folder::read_all;
use crate::problem::{ProblemKind, Problems, Severity, Source};
use crate::{Candidate, EditedFile, Layer, Lock, Pin, Place, Problem, Template};

/// The most bytes all patterns in use have together: compiling them takes time and memory.
const MAX_PATTERN_BYTES: usize = 32 << 10;

/// The templates of all layers. Reading never fails: what is wrong with one is a problem, and the rest holds.
#[derive(Clone, Debug)]
pub struct Library {
    /// By name, then layer and version, the one in use first.
    templates: Vec<Arc<Template>>,
    problems: Vec<Problem>,
    /// Indices of the templates in use: of each name the one of the last layer and highest version.
    in_use: Vec<usize>,
    /// The path patterns of those in use, and whose each is.
    globs: GlobSet,
    glob_owners: Vec<usize>,
    /// The ranges that pins name, by template.
    pinned: BTreeMap<String, VersionReq>,
}

impl Library {
    /// The built-in templates alone.
    pub fn builtin() -> Self {
        Self::load(&[])
    }

    /// The built-in templates and those of folders: each folder holds one folder per template. A template hides
    /// those of its name in earlier layers, whatever their versions; a workspace's keeps demanding what they do.
    pub fn load(folders: &[(Layer, PathBuf)]) -> Self {
        Self::load_pinned(folders, &Lock::default())
    }

    /// [`Library::load`] with the versions that a lock's pins ask for. A template whose pin no version fits is used
    /// as if it had none, and a problem tells so.
    pub fn load_pinned(folders: &[(Layer, PathBuf)], lock: &Lock) -> Self {
        Self::load_edited(folders, lock, None)
    }

    /// [`Library::load_pinned`] with one file as an editor has it.
    pub fn load_edited(folders: &[(Layer, PathBuf)], lock: &Lock, edited: Option<&EditedFile<'_>>) -> Self {
        let mut all = Vec::new();
        let mut problems = Vec::new();
        for (name, files) in builtin_files() {
            let parsed = Template::parse(&Path::new("builtin").join(name), Layer::Builtin, *files);
            all.extend(parsed.template);
            problems.extend(parsed.problems);
        }
        for (layer, folder) in folders {
            let read = read_all(folder, *layer, edited);
            all.extend(read.templates);
            problems.extend(read.problems);
        }
        Self::of_pinned(all, problems, lock)
    }

    /// A library of templates that are already read.
    pub fn of(templates: Vec<Template>, problems: Vec<Problem>) -> Self {
        Self::of_pinned(templates, problems, &Lock::default())
    }

    /// [`Library::of`] with the versions that a lock's pins ask for.
    pub fn of_pinned(templates: Vec<Template>, mut problems: Vec<Problem>, lock: &Lock) -> Self {
        let mut known: BTreeMap<(String, Layer, Version), Template> = BTreeMap::new();
        for template in templates {
            let key = (template.name.clone(), template.layer, template.version.clone());
            match known.get(&key) {
                Some(first) => problems.extend(duplicate(&template, first)),
                None => {
                    known.insert(key, template);
                }
            }
        }
        keep_demands(&mut known);
        let mut templates: Vec<_> = known.into_values().map(Arc::new).collect();
        // Of one layer's versions a finished one goes before one that is not.
        templates.sort_by(|a, b| {
            let rank = |t: &Template| (t.layer, t.version.pre.is_empty(), t.version.clone());
            a.name.cmp(&b.name).then_with(|| rank(b).cmp(&rank(a)))
        });
        let mut in_use = in_use(&templates, lock, &mut problems);
        let (globs, glob_owners) = match compile(&templates, &in_use) {
            Ok(compiled) => compiled,
            Err(reason) => {
                // One layer's patterns cannot be told from another's here: those of the workspace go first.
                in_use.retain(|&index| {
                    let template = &templates[index];
                    let stays = template.layer != Layer::Workspace || template.spec.applies.globs.is_empty();
                    if !stays {
                        let source = Source { file: template.folder.join("template.toml"), text: "" };
                        let mut found = Problems::default();
                        found
                            .error(&source, 0..0, ProblemKind::BadGlob(reason.clone()))
                            .cure("use fewer patterns");
                        problems.extend(found.found);
                    }
                    stays
                });
                compile(&templates, &in_use).unwrap_or_else(|_| (GlobSet::empty(), Vec::new()))
            }
        };
        let ranges = lock.pins().filter_map(|(name, pin)| match pin {
            Pin::Range(range) => Some((name.to_owned(), range.clone())),
            Pin::Label(_) => None,
        });
        let pinned = ranges.collect();
        Self { templates, problems, in_use, globs, glob_owners, pinned }
    }

    /// What is wrong with templates, those that are used included.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Every template by name, the one in use first, then those it hides.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Template>> {
        self.templates.iter()
    }

    /// The templates in use, by name.
    pub fn in_use(&self) -> impl Iterator<Item = &Arc<Template>> {
        self.in_use.iter().map(|&index| &self.templates[index])
    }

    /// The template in use of a name.
    pub fn get(&self, name: &str) -> Option<&Arc<Template>> {
        self.in_use().find(|template| template.name == name)
    }

    /// The first template of a name, the one in use before those it hides, whose version is asked for.
    pub fn find(&self, name: &str, version: &VersionReq) -> Option<&Arc<Template>> {
        self.templates.iter().find(|template| template.name == name && version.matches(&template.version))
    }

    /// The queries that templates in use ask, each once: whoever looks for candidates says which of them hold.
    pub fn queries(&self) -> BTreeSet<&str> {
        self.in_use().filter_map(|template| template.spec.applies.query.as_deref()).collect()
    }

    /// The templates of a name that may be tried, whether or not they are in use: those that a pinned range does not
    /// exclude. A pinned label excludes none, for labels are what versions move through.
    pub fn eligible<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<Template>> {
        let range = self.pinned.get(name);
        let fits =
            move |template: &&Arc<Template>| range.is_none_or(|range| range.matches(&template.version));
        self.templates.iter().filter(move |template| template.name == name).filter(fits)
    }

    /// The templates in use that apply to a place, the most specific first; of equals the later layer's, the
    /// higher version, then by name.
    pub fn candidates(&self, place: &Place<'_>) -> Vec<Candidate<'_>> {
        let mut by_path = Vec::new();
        if !self.globs.is_empty() {
            let matched = self.globs.matches_candidate(&PathCandidate::new(place.path));
            by_path.extend(matched.into_iter().map(|glob| self.glob_owners[glob]));
        }
        let mut candidates: Vec<_> = self
            .in_use
            .iter()
            .filter_map(|&index| {
                let template = &self.templates[index];
                let applies = &template.spec.applies;
                let (specificity, diagnostic) = applies.fit(place)?;
                let path_fits = applies.globs.is_empty() || by_path.contains(&index);
                path_fits.then_some(Candidate { template, specificity, diagnostic })
            })
            .collect();
        candidates.sort_by(|a, b| {
            let rank = |c: &Candidate<'_>| (c.specificity, c.template.layer);
            let version = || b.template.version.cmp(&a.template.version);
            Reverse(rank(a))
                .cmp(&Reverse(rank(b)))
                .then_with(version)
                .then_with(|| a.template.name.cmp(&b.template.name))
        });
        candidates
    }

    /// The template that fits a place best.
    pub fn best(&self, place: &Place<'_>) -> Option<Candidate<'_>> {
        self.candidates(place).into_iter().next()
    }
}

/// The indices of the templates in use: of each name the first that its pin allows.
fn in_use(templates: &[Arc<Template>], lock: &Lock, problems: &mut Vec<Problem>) -> Vec<usize> {
    let mut chosen = Vec::new();
    let mut start = 0;
    for same in templates.chunk_by(|a, b| a.name == b.name) {
        let Some(first) = same.first() else { continue };
        let mut index = 0;
        if let Some(pin) = lock.pin(&first.name) {
            let allowed = lock.allowed(&first.name);
            let fits = |template: &Arc<Template>| {
                allowed.as_ref().is_some_and(|allowed| allowed.matches(&template.version))
            };
            index = same.iter().position(fits).unwrap_or_else(|| {
                let source = Source { file: first.folder.join("template.toml"), text: "" };
                let kind = ProblemKind::UnmetPin { name: first.name.clone(), pin: pin.to_string() };
                let mut found = Problems::default();
                found.add(&source, 0..0, Severity::Warning, kind).cure("change the pin, or add the version");
                problems.extend(found.found);
                0
            });
        }
        chosen.push(start + index);
        start += same.len();
    }
    chosen
}

/// A workspace's template demands what those it hides do: taking a name must not be a way to relax.
fn keep_demands(known: &mut BTreeMap<(String, Layer, Version), Template>) {
    let hidden: Vec<_> = known
        .iter()
        .filter(|((_, layer, _), _)| *layer != Layer::Workspace)
        .map(|((name, ..), template)| (name.clone(), template.spec.gates))
        .collect();
    for (name, gates) in hidden {
        for ((of, layer, _), template) in known.iter_mut() {
            if *of == name && *layer == Layer::Workspace {
                template.spec.gates.add(&gates);
            }
        }
    }
}

/// The path patterns of the templates in use, and whose each is.
fn compile(templates: &[Arc<Template>], in_use: &[usize]) -> Result<(GlobSet, Vec<usize>), String> {
    let mut builder = GlobSetBuilder::new();
    let mut owners = Vec::new();
    let patterns = in_use.iter().flat_map(|&index| &templates[index].spec.applies.globs);
    if patterns.map(String::len).sum::<usize>() > MAX_PATTERN_BYTES {
        return Err(format!("all patterns together are larger than {MAX_PATTERN_BYTES} bytes"));
    }
    for &index in in_use {
        for pattern in &templates[index].spec.applies.globs {
            // Patterns that are none were reported when they were read.
            if let Ok(glob) = Glob::new(pattern) {
                builder.add(glob);
                owners.push(index);
            }
        }
    }
    builder.build().map(|globs| (globs, owners)).map_err(|error| error.kind().to_string())
}

fn duplicate(template: &Template, first: &Template) -> Vec<Problem> {
    let mut problems = Problems::default();
    let kind = ProblemKind::Duplicate {
        name: template.name.clone(),
        version: template.version.to_string(),
        first: first.folder.display().to_string(),
    };
    let source = Source { file: template.folder.join("template.toml"), text: "" };
    problems.error(&source, 0..0, kind).cure("raise the version, or remove one of them");
    problems.found
}
