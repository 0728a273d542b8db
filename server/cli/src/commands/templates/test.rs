//! `autodao templates test`.

use std::sync::Arc;

use autodao_engine::templates::{Report, Template, VersionReq};
use autodao_engine::{OldVersion, TemplateTestOptions, TemplateTests};

use super::{Here, Trouble, trouble};
use crate::exit;
use crate::output::{Color, print, print_json};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Names or folders; all templates that are files when there is none.
    names: Vec<String>,
    /// Take what is rendered now as the snapshots, and as what replies written by hand are the answer to.
    #[arg(long)]
    update: bool,
    /// Ask the configured model for the recorded replies that are missing or are the answer to another prompt.
    #[arg(long)]
    record: bool,
    /// Ask the configured model for replies now, for the cases that say what they are held to.
    #[arg(long, requires = "budget_tokens")]
    live: bool,
    /// How many replies for each case.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000), requires = "live")]
    samples: u32,
    /// The most tokens that all requests and replies may take; no request is made that might go beyond.
    #[arg(long, value_name = "N")]
    budget_tokens: Option<u64>,
    /// Compare with this version of the same templates, on the same cases.
    #[arg(long, value_name = "VERSION")]
    against: Option<String>,
    /// Let warnings of lints fail.
    #[arg(long)]
    deny_warnings: bool,
    /// How it is shown.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How tests are shown.
#[derive(Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Human,
    /// For programs.
    Json,
    /// For the reports of build servers.
    Junit,
}

pub(super) fn run(arguments: &Arguments) -> Result<u8, Trouble> {
    let here = Here::read()?;
    let folders = here.folders(&arguments.names)?;
    if folders.is_empty() {
        return trouble("there is no template with a folder here");
    }
    let options = TemplateTestOptions {
        update: arguments.update,
        deny_warnings: arguments.deny_warnings,
        record: arguments.record,
        samples: if arguments.live { arguments.samples } else { 0 },
        budget_tokens: arguments.budget_tokens,
    };
    let against = match &arguments.against {
        Some(version) => Some(
            VersionReq::parse(&format!("={version}"))
                .map_err(|error| Trouble(format!("`{version}` is no version: {error}")))?,
        ),
        None => None,
    };
    let find = |name: &str| -> Option<Arc<Template>> { here.library.find(name, against.as_ref()?).cloned() };
    let old = against.is_some().then_some(&find as OldVersion<'_>);
    let mut tests = TemplateTests::new(options, &here.ai, here.locks.clone());
    let reports: Vec<Report> = folders.iter().map(|(folder, layer)| tests.run(folder, *layer, old)).collect();
    drop(tests);
    let code = if reports.iter().all(Report::is_green) { exit::CLEAN } else { exit::FINDINGS };
    Ok(match arguments.format {
        Format::Json => print_json(code, &reports),
        Format::Junit => print(Color::Never, code, |out| out.write_all(Report::junit(&reports).as_bytes())),
        Format::Human => print(Color::Never, code, |out| {
            reports.iter().try_for_each(|report| out.write_all(report.human().as_bytes()))
        }),
    })
}
