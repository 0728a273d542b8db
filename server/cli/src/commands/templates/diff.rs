//! `autodao templates diff`.

use std::path::Path;

use autodao_engine::templates::{Bump, Layer, OwnedFiles, Template, builtin_files, read_files};
use autodao_engine::unified_diff;

use super::list::fixed_tokens;
use super::{Here, Trouble, say};

pub(super) fn run(old: &str, new: &str) -> Result<u8, Trouble> {
    let here = Here::read()?;
    let (old, old_texts) = side(&here, old)?;
    let (new, new_texts) = side(&here, new)?;
    let mut text = String::new();
    for ((name, old), (_, new)) in old_texts.iter().zip(&new_texts).filter(|((_, a), (_, b))| a != b) {
        text += &unified_diff(name, old, new);
    }
    let (before, after) = (fixed_tokens(&old), fixed_tokens(&new));
    text += &format!(
        "{}@{} -> {}@{}: fixed tokens at most {before} -> {after}; ",
        old.name, old.version, new.name, new.version
    );
    text += &match Bump::least(&old, &new) {
        None => "the same content".to_owned(),
        Some(least) => {
            let next = least.apply(&old.version);
            if new.version >= next {
                format!("the version is raised far enough ({next} is needed)")
            } else {
                format!("raise the version to {next} at least")
            }
        }
    };
    Ok(say(&text))
}

type Texts = [(&'static str, String); 3];

/// A template, and the texts of its files, empty for those there are none of.
fn side(here: &Here, name: &str) -> Result<(Template, Texts), Trouble> {
    let path = Path::new(name);
    if path.join("SKILL.md").is_file() {
        let layer = here.folders.layer_of(path);
        let files = read(path, layer)?;
        let parsed = Template::parse(path, layer, files.borrowed());
        let problem = || parsed.problems.first().map_or_else(String::new, ToString::to_string);
        let template = parsed.template.clone().ok_or_else(|| Trouble(problem()))?;
        return Ok((template, texts(files.borrowed())));
    }
    let template = here.template(name)?.clone();
    let texts = match builtin_files().iter().find(|(known, _)| *known == template.name) {
        Some((_, files)) if template.layer == Layer::Builtin => texts(*files),
        _ => texts(read(&template.folder, template.layer)?.borrowed()),
    };
    Ok((template, texts))
}

fn read(folder: &Path, layer: Layer) -> Result<OwnedFiles, Trouble> {
    read_files(folder, layer)
        .map_err(|problems| Trouble(problems.first().map_or_else(String::new, ToString::to_string)))
}

fn texts(files: autodao_engine::templates::Files<'_>) -> Texts {
    let text =
        |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).replace("\r\n", "\n");
    [
        ("SKILL.md", text(Some(files.skill))),
        ("template.toml", text(files.config)),
        ("prompt.mj", text(files.prompt)),
    ]
}
