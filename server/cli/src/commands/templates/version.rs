//! `autodao templates bump`, `pin`, `label` and `lock`: versions and which of them are used.

use std::fs;
use std::path::Path;

use autodao_engine::templates::{
    Bump, Label, Layer, Lock, Pin, Problem, ProblemKind, Template, Version, bump, portable_files, read_files,
};

use super::{Here, Trouble, first_problem, io_trouble, say, trouble};
use crate::exit;
use crate::output::complain;
use crate::path::{printable, shown};

/// Which part of a version is raised.
#[derive(Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum BumpLevel {
    /// 1.2.3 to 1.2.4.
    Patch,
    /// 1.2.3 to 1.3.0.
    #[default]
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

pub(super) fn bump_one(name: &str, level: BumpLevel, beside: bool) -> Result<u8, Trouble> {
    let mut here = Here::read()?;
    let folders = here.folders(&[name.to_owned()])?;
    let [(folder, layer)] = &folders[..] else { return trouble("name one template") };
    let read = |folder: &Path| read_files(folder, *layer).map_err(first_problem);
    let files = read(folder)?;
    let bumped = bump(folder, files.borrowed(), |version| Bump::from(level).apply(version))
        .map_err(|error| Trouble(format!("{name}: {error}")))?;
    let before = Template::parse(folder, *layer, files.borrowed()).template;
    let Some(before) = before else { return trouble(format!("{name} has mistakes: lint it first")) };
    let mut raised = folder.clone();
    if beside {
        // Whoever writes the new version wants to compare it with the old one, as it is.
        here.lock.record(&before, source_of(*layer))?;
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
        here.lock.record(&template, source_of(*layer))?;
    }
    store(&here)?;
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
    here.lock.set_pin(name, pin);
    let library = here.folders.library(&here.lock);
    let is_unmet =
        |problem: &&Problem| matches!(&problem.kind, ProblemKind::UnmetPin { name: of, .. } if of == name);
    let unmet = library.problems().iter().find(is_unmet);
    if let Some(problem) = unmet {
        return trouble(problem.kind.to_string());
    }
    store(&here)?;
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
    let before = here.lock.set_label(name, label, &version)?;
    store(&here)?;
    let before = before.map_or_else(String::new, |before| format!("; it was {before} before"));
    Ok(say(&format!("{} of {name} is {version}{before}.", label.name())))
}

pub(super) fn lock(check: bool) -> Result<u8, Trouble> {
    let mut here = Here::read()?;
    let own = || here.library.all().filter(|template| template.layer != Layer::Builtin);
    let problems = here.lock.verify(own().map(|template| &**template));
    for problem in &problems {
        complain("error", &printable(&problem.to_string()));
    }
    if !problems.is_empty() {
        return Ok(exit::FINDINGS);
    }
    let mut lock: Lock = here.lock.clone();
    for template in own() {
        lock.record(template, source_of(template.layer))?;
    }
    let (before, after) = (here.lock.versions().count(), lock.versions().count());
    if check {
        return Ok(say(&format!("{after} versions, {} of them not in templates.lock.", after - before)));
    }
    here.lock = lock;
    store(&here)?;
    Ok(say(&format!("{after} versions, {} of them new.", after - before)))
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

pub(super) fn store(here: &Here) -> Result<(), Trouble> {
    let Some(folder) = here.folders.lock_folder() else {
        return trouble("there is no home folder; set AUTODAO_CONFIG_DIR");
    };
    fs::create_dir_all(folder).map_err(io_trouble(folder))?;
    Ok(here.lock.store(folder)?)
}

fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    fs::write(path, text).map_err(io_trouble(path))
}
