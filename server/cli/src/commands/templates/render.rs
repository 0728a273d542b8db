//! `autodao templates render`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use autodao_engine::syntax::Language;
use autodao_engine::templates::{Contract, Prompt, at_most_tokens};

use super::{Here, Trouble, io_trouble, trouble};
use crate::exit;
use crate::output::{Color, print};
use crate::path::shown;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The template's name, or name@version.
    name: String,
    /// A file whose text is the target.
    #[arg(long)]
    target: Option<PathBuf>,
    /// What is asked for.
    #[arg(long, default_value = "")]
    instruction: String,
    /// The reply's form; the template's first when there is none.
    #[arg(long)]
    contract: Option<String>,
    /// A value for one of the template's inputs, as name=value.
    #[arg(long = "input", value_name = "NAME=VALUE")]
    inputs: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<u8, Trouble> {
    let here = Here::read()?;
    let template = here.template(&arguments.name)?;
    let contract = match &arguments.contract {
        Some(name) => Contract::from_name(name),
        None => template.spec.contracts.first().copied(),
    };
    let Some(contract) = contract else { return trouble("there is no such contract") };
    let path = arguments.target.as_deref().unwrap_or(Path::new(""));
    let target = match &arguments.target {
        Some(path) => fs::read_to_string(path).map_err(io_trouble(path))?,
        None => String::new(),
    };
    let mut inputs = BTreeMap::new();
    for given in &arguments.inputs {
        let Some((name, value)) = given.split_once('=') else {
            return trouble(format!("`{given}` is not name=value"));
        };
        let Some(input) = template.spec.inputs.get(name) else {
            return trouble(format!("there is no input `{name}`"));
        };
        let value = input.parse(value).map_err(|error| Trouble(format!("the input `{name}` {error}")))?;
        inputs.insert(name.to_owned(), value);
    }
    let shown_path = if arguments.target.is_some() { shown(path) } else { String::new() };
    let prompt = Prompt {
        language: Language::from_path(path).map_or("", Language::name),
        path: &shown_path,
        target: &target,
        instruction: &arguments.instruction,
        inputs: Some(&inputs),
        ..Prompt::default()
    };
    let rendered = template.render(contract, &prompt).map_err(|error| Trouble(error.to_string()))?;
    let tokens = at_most_tokens(rendered.system.len() + rendered.user.len());
    Ok(print(Color::Never, exit::CLEAN, |out| {
        write!(out, "{}----\n{}", rendered.system, rendered.user)?;
        writeln!(out, "---- {}@{}, at most {tokens} tokens", template.name, template.version)
    }))
}
