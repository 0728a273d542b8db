//! `autodao templates new`.

use std::fs;
use std::path::Path;

use autodao_engine::templates::builtin_files;

use super::{Here, Trouble, io_trouble, say, trouble};
use crate::path::shown;

const TEST: &str = r#"schema = 1

[[case]]
name = "basic"
language = "rust"
path = "src/lib.rs"
target = "fn answer() -> u32 {\n    42\n}\n"
instruction = "Return 43."

[case.expect]
max_tokens = 300
contains = ["fn answer"]
"#;

/// What a workspace's template cannot set; a built-in one that is copied there leaves it out.
const POWERS: [&str; 4] =
    ["keep_signature = false", "keep_items = false", "new_items = true", "stay_in = \"file\""];

pub(super) fn run(name: &str, from: &str, user: bool) -> Result<u8, Trouble> {
    let here = Here::read()?;
    let root = if user { &here.folders.user } else { &here.folders.workspace };
    let Some(root) = root else {
        return trouble(if user {
            "there is no home folder; set AUTODAO_CONFIG_DIR"
        } else {
            "there is no autodao.toml here or above; add one, or use --user"
        });
    };
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if name.len() > 64 || !name.split('-').all(word) {
        return trouble("a name has lower-case letters, digits and single hyphens between them, at most 64");
    }
    let Some((_, files)) = builtin_files().iter().find(|(known, _)| *known == from) else {
        return trouble(format!("there is no built-in template `{from}`"));
    };
    let folder = root.join(name);
    if folder.exists() {
        return trouble(format!("{} is there already", shown(&folder)));
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let versions = |line: &str| {
        let is_version = line.trim_start().starts_with("version");
        match (is_version, line.split_once('"')) {
            (true, Some((head, _))) => format!("{head}\"0.1.0\""),
            _ => line.to_owned(),
        }
    };
    let skill = text(files.skill).replacen(&format!("name: {from}"), &format!("name: {name}"), 1);
    let config = text(files.config.unwrap_or_default());
    let kept = |line: &&str| user || !POWERS.contains(&line.trim());
    let lines = |text: &str| text.lines().filter(kept).map(versions).collect::<Vec<_>>().join("\n") + "\n";
    write(&folder, "SKILL.md", &lines(&skill))?;
    write(&folder, "template.toml", &lines(&config))?;
    write(&folder, "tests/basic.toml", TEST)?;
    Ok(say(&format!("{} is begun; try `autodao templates test {name}`.", shown(&folder))))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Trouble> {
    let path = folder.join(name);
    let parent = path.parent().unwrap_or(folder);
    fs::create_dir_all(parent).and_then(|()| fs::write(&path, text)).map_err(io_trouble(&path))
}
