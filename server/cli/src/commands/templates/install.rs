//! `autodao templates install` and `export`.

use std::path::Path;

use autodao_engine::{InstallError, TemplateSource, export, install, template_vocabulary};

use super::{Here, Trouble, say};
use crate::exit;
use crate::output::complain;
use crate::path::{printable, shown};

impl From<InstallError> for Trouble {
    fn from(error: InstallError) -> Self {
        Self(error.to_string())
    }
}

pub(super) fn run(
    source: &str,
    branch: Option<&str>,
    key: Option<&str>,
    names: &[String],
) -> Result<u8, Trouble> {
    let here = Here::read()?;
    let source = TemplateSource::open(source, branch).map_err(InstallError::from)?;
    let installed = match install(&source, names, &here.folders, &template_vocabulary(), key) {
        Ok(installed) => installed,
        Err(InstallError::Refused(problems)) => {
            for problem in &problems {
                complain("error", &printable(&format!("{problem} [{}]", problem.kind.id())));
            }
            complain("error", "nothing was installed");
            return Ok(exit::FINDINGS);
        }
        Err(error) => return Err(error.into()),
    };
    let mut text = String::new();
    for one in &installed {
        for problem in &one.warnings {
            complain("warning", &printable(&format!("{problem} [{}]", problem.kind.id())));
        }
        let verb = if one.was_there { "was there already" } else { "is installed" };
        text += &format!("{} {verb}, from {}.\n", one.name, printable(&one.source));
    }
    if key.is_some() {
        text += "Its templates.lock is signed with that key.\n";
    }
    Ok(say(&text))
}

pub(super) fn run_export(name: &str, to: &Path) -> Result<u8, Trouble> {
    let here = Here::read()?;
    let folder = export(here.template(name)?, to)?;
    Ok(say(&format!(
        "{name} is in {}; `autodao templates install {}` takes it in.",
        shown(&folder),
        shown(to)
    )))
}
