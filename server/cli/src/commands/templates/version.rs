//! `autodao templates bump`, `pin`, `label` and `lock`: versions and which of them are used.

use std::fs;
use std::path::Path;

use autodao_engine::TemplateLocks;
use autodao_engine::templates::{
    Bump, Label, Layer, Pin, Problem, ProblemKind, Template, Version, bump, portable_files, read_files,
};

use super::{Here, Trouble, first_problem, io_trouble, say, trouble};
use crate::exit;
use crate::output::complain;
use crate::path::{printable, shown};

/// Which part of a version is raised.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum BumpLevel {
    /// 1.2.3 to 1.2.4.
    Patch,
    /// 1.2.3 to 1.3.0.
    Minor,
    /// 1.2.3 to 2.0.0.
    Major,
}

impl From<BumpLevel> for Bump {
    fn from(level: BumpLevel) -> Self {
        match level {
            BumpLevel::Patch => Self::Patch,
            BumpLevel::Minor => Self::Minor,
            BumpLevel::Major => Self::Major,
        }
    }
}

pub(super) fn bump_one(name: &str, level: Option<BumpLevel>, beside: bool) -> Result<u8, Trouble> {
    let mut here = Here::read()?;
    let folders = here.folders(&[name.to_owned()])?;
    let [(folder, layer)] = &folders[..] else { return trouble("name one template") };
    let read = |folder: &Path| read_files(folder, *layer).map_err(first_problem);
    let files = read(folder)?;
    let before = Template::parse(folder, *layer, files.borrowed()).template;
    let Some(before) = before else { return trouble(format!("{name} has mistakes: lint it first")) };
    let lock = here.locks.of_mut(*layer);
    // What the change since it was taken in needs.
    let is_changed = lock.get(&before.name, &before.version).is_some_and(|known| known.hash != before.hash);
    let needed = lock.least_bump(&before).filter(|_| is_changed);
    let raise = level.map(Bump::from).or(needed).unwrap_or(Bump::Minor);
    let bumped = bump(folder, files.borrowed(), |version| raise.apply(version))
        .map_err(|error| Trouble(format!("{name}: {error}")))?;
    // How much a change of words matters is for who wrote it to say; what breaks callers is not.
    if needed == Some(Bump::Major) && raise != Bump::Major {
        return trouble(format!(
            "{name} breaks a promise of {}: it needs {}; leave the level out",
            before.version,
            Bump::Major.apply(&before.version)
        ));
    }
    let mut raised = folder.clone();
    if beside {
        // Whoever writes the new version wants to compare it with the old one, as it is.
        lock.record(&before, source_of(*layer))?;
        raised = folder.with_file_name(format!("{}@{}", before.name, bumped.version));
        copy_beside(folder, &raised)?;
    }
    write(&raised.join("SKILL.md"), &bumped.skill)?;
    if let Some(config) = &bumped.config {
        write(&raised.join("template.toml"), config)?;
    }
    if let Some(template) = Template::parse(&raised, *layer, read(&raised)?.borrowed()).template
        && !beside
    {
        lock.record(&template, source_of(*layer))?;
    }
    store(&here, *layer)?;
    Ok(say(&if beside {
        format!(
            "{}@{} is in {}; `templates lock` takes it in when it is written.",
            before.name,
            bumped.version,
            shown(&raised)
        )
    } else {
        format!("{} is {} now.", before.name, bumped.version)
    }))
}

/// Copies a template's files into a new folder.
fn copy_beside(from: &Path, to: &Path) -> Result<(), Trouble> {
    if to.exists() {
        return trouble(format!("{} is there already", shown(to)));
    }
    for file in portable_files(from).map_err(first_problem)? {
        let path = to.join(&file.name);
        let parent = path.parent().unwrap_or(to);
        fs::create_dir_all(parent).and_then(|()| fs::write(&path, &file.bytes)).map_err(io_trouble(&path))?;
    }
    Ok(())
}

pub(super) fn pin(name: &str, versions: Option<&str>) -> Result<u8, Trouble> {
    let mut here = Here::read()?;
    here.template(name)?;
    let pin: Option<Pin> = versions.map(str::parse).transpose()?;
    let nearest = here.locks.nearest();
    here.locks.of_mut(nearest).set_pin(name, pin);
    let library = here.folders.library(&here.locks.together());
    let is_unmet =
        |problem: &&Problem| matches!(&problem.kind, ProblemKind::UnmetPin { name: of, .. } if of == name);
    let unmet = library.problems().iter().find(is_unmet);
    if let Some(problem) = unmet {
        return trouble(problem.kind.to_string());
    }
    store(&here, nearest)?;
    let version = library.get(name).map_or_else(String::new, |template| template.version.to_string());
    Ok(say(&format!("{name}@{version} is used here.")))
}

pub(super) fn label(name: &str, label: &str, version: &str) -> Result<u8, Trouble> {
    let mut here = Here::read()?;
    let Some(label) = Label::from_name(label) else {
        return trouble(format!("`{label}` is none of production, staging and canary"));
    };
    let version =
        Version::parse(version).map_err(|error| Trouble(format!("`{version}` is no version: {error}")))?;
    // A label goes to the lock that knows the version; where none does, the nearest one says so.
    let nearest = here.locks.nearest();
    let layers = [nearest, Layer::User];
    let layer = layers.into_iter().find(|layer| here.locks.of(*layer).get(name, &version).is_some());
    let layer = layer.unwrap_or(nearest);
    let before = here.locks.of_mut(layer).set_label(name, label, &version)?;
    store(&here, layer)?;
    let before = before.map_or_else(String::new, |before| format!("; it was {before} before"));
    Ok(say(&format!("{} of {name} is {version}{before}.", label.name())))
}

pub(super) fn lock(check: bool) -> Result<u8, Trouble> {
    let mut here = Here::read()?;
    let own: Vec<_> =
        here.library.all().filter(|template| template.layer != Layer::Builtin).cloned().collect();
    let problems = here.locks.verify(own.iter().map(|template| &**template));
    for problem in &problems {
        complain("error", &printable(&problem.to_string()));
    }
    if !problems.is_empty() {
        return Ok(exit::FINDINGS);
    }
    let before = here.locks.clone();
    for template in &own {
        here.locks.of_mut(template.layer).record(template, source_of(template.layer))?;
    }
    let count = |locks: &TemplateLocks| locks.together().versions().count();
    let (known, all) = (count(&before), count(&here.locks));
    if check {
        return Ok(say(&format!("{all} versions, {} of them not in templates.lock.", all - known)));
    }
    for layer in [Layer::User, Layer::Workspace] {
        let has_lock = here.folders.of_layer(layer).is_some();
        if has_lock && here.locks.of(layer) != before.of(layer) {
            store(&here, layer)?;
        }
    }
    Ok(say(&format!("{all} versions, {} of them new.", all - known)))
}

/// What a lock says of where a version is from that was written here. Locks of projects are shared: where a user's own
/// templates lie is nobody else's business.
const fn source_of(layer: Layer) -> &'static str {
    match layer {
        Layer::Builtin => "builtin",
        Layer::User => "user",
        Layer::Workspace => "workspace",
    }
}

/// Writes the lock of a layer.
pub(super) fn store(here: &Here, layer: Layer) -> Result<(), Trouble> {
    let Some(folder) = here.folders.of_layer(layer) else {
        return trouble("there is no home folder; set AUTODAO_CONFIG_DIR");
    };
    fs::create_dir_all(folder).map_err(io_trouble(folder))?;
    Ok(here.locks.of(layer).store(folder)?)
}

fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    fs::write(path, text).map_err(io_trouble(path))
}
