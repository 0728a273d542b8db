//! `autodao templates test`.

use autodao_engine::template_vocabulary;
use autodao_engine::templates::{Report, TrialOptions, judge_form, test_folder};

use super::{Here, Trouble, trouble};
use crate::exit;
use crate::output::{Color, print, print_json};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Names or folders; all templates that are files when there is none.
    names: Vec<String>,
    /// Take what is rendered now as the snapshots.
    #[arg(long)]
    update: bool,
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
    let vocabulary = template_vocabulary();
    let options = TrialOptions { update: arguments.update, deny_warnings: arguments.deny_warnings };
    let reports: Vec<Report> = folders
        .iter()
        .map(|(folder, layer)| test_folder(folder, *layer, &vocabulary, options, &mut judge_form))
        .collect();
    let code = if reports.iter().all(Report::is_green) { exit::CLEAN } else { exit::FINDINGS };
    Ok(match arguments.format {
        Format::Json => print_json(code, &reports),
        Format::Junit => print(Color::Never, code, |out| out.write_all(Report::junit(&reports).as_bytes())),
        Format::Human => print(Color::Never, code, |out| {
            reports.iter().try_for_each(|report| out.write_all(report.human().as_bytes()))
        }),
    })
}
