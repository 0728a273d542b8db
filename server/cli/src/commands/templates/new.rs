//! `autodao templates new`.

use std::fs;
use std::path::Path;

use autodao_engine::templates::{Layer, scaffold};

use super::foreign;
use super::{Here, Trouble, io_trouble, say, trouble};
use crate::path::shown;

pub(super) fn run(name: &str, from: &str, user: bool) -> Result<u8, Trouble> {
    let here = Here::read()?;
    let (root, layer) =
        if user { (&here.folders.user, Layer::User) } else { (&here.folders.workspace, Layer::Workspace) };
    let Some(root) = root else {
        return trouble(if user {
            "there is no home folder; set AUTODAO_CONFIG_DIR"
        } else {
            "there is no autodao.toml here or above; add one, or use --user"
        });
    };
    let files = match foreign::read(Path::new(from))? {
        Some(foreign) => foreign.template_files(name)?,
        None => scaffold(name, from, layer).map_err(|error| Trouble(error.to_string()))?,
    };
    let folder = root.join(name);
    if folder.exists() {
        return trouble(format!("{} is there already", shown(&folder)));
    }
    for (file, text) in files {
        write(&folder.join(file), &text)?;
    }
    Ok(say(&format!("{} is begun; try `autodao templates test {name}`.", shown(&folder))))
}

fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).and_then(|()| fs::write(path, text)).map_err(io_trouble(path))
}
