//! `autodao templates`: write, check, test, compare and pin templates.

use std::path::{Path, PathBuf};

use autodao_engine::config::{AiSettings, Configuration};
use autodao_engine::templates::{
    Layer, Library, Lock, LockError, Problem, Template, VersionReq, is_template_folder,
};
use autodao_engine::{TemplateFolders, TemplateLocks};

use super::Style;
use crate::exit;
use crate::output::{Color, complain, print};
use crate::path::printable;

mod diff;
mod foreign;
mod install;
mod lint;
mod list;
mod new;
mod render;
mod rollback;
mod suggest;
mod test;
mod version;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// List the templates that hold here.
    List {
        /// Also those that others hide, and other versions.
        #[arg(long)]
        all: bool,
        /// How it is shown.
        #[arg(long, value_enum, default_value_t)]
        format: Style,
    },
    /// Show one template: where it applies, what it may cost, what it says.
    Show {
        /// Its name, or name@version; or a prompt file of another tool.
        name: String,
    },
    /// Begin a template, with a test.
    New {
        /// Its name: lower-case letters, digits and hyphens.
        name: String,
        /// The built-in template to begin with, or a prompt file of another tool.
        #[arg(long, default_value = "custom-instruction")]
        from: String,
        /// Among your own templates instead of the workspace's.
        #[arg(long)]
        user: bool,
    },
    /// Say what is wrong with templates. Exits with 1 when something is.
    Lint(lint::Arguments),
    /// Show the prompt a template makes.
    Render(render::Arguments),
    /// Run the tests of templates. Exits with 1 when one fails.
    Test(test::Arguments),
    /// Compare two templates or versions: text, tokens, and how far the version has to be raised.
    Diff {
        /// A name, name@version or folder.
        old: String,
        /// A name, name@version or folder.
        new: String,
    },
    /// Raise a template's version and take it into templates.lock.
    Bump {
        /// A name or folder.
        name: String,
        /// Which part is raised; what its change since templates.lock took it in needs, where nothing is said.
        #[arg(value_enum)]
        level: Option<version::BumpLevel>,
        /// Into a new folder beside the old one, which stays as it is.
        #[arg(long)]
        beside: bool,
    },
    /// Say which versions of a template are used here.
    Pin {
        /// Its name.
        name: String,
        /// A version, a range as ^1.2, or production, staging or canary; left out to take the pin away.
        versions: Option<String>,
    },
    /// Give a label to a version that templates.lock knows, and say which one had it.
    Label {
        /// The template's name.
        name: String,
        /// production, staging or canary.
        label: String,
        /// The version.
        #[arg(value_name = "VERSION")]
        to: String,
    },
    /// Take templates of a folder or a git address into your own. Each is linted first, as what a stranger wrote.
    Install {
        /// A folder, or an address that begins with https://, ssh:// or file://.
        source: String,
        /// Only these.
        names: Vec<String>,
        /// The branch or tag of an address.
        #[arg(long)]
        branch: Option<String>,
        /// Only what is signed with this public key of minisign: a `templates.lock.minisig` beside the `templates.lock`.
        #[arg(long)]
        key: Option<String>,
    },
    /// Copy a template into a folder from which others can install it.
    Export {
        /// Its name, or name@version.
        name: String,
        /// The folder.
        to: PathBuf,
    },
    /// Say what could be done about templates: where tokens come to nothing, what is said for nothing, with the change.
    Suggest(suggest::Arguments),
    /// Move a label or pin back to the version it had before.
    Rollback {
        /// The template's name.
        name: String,
        /// production, staging or canary; the label the template is pinned to, or its pin, when there is none.
        label: Option<String>,
    },
    /// Take the versions of the templates here into templates.lock. Exits with 1 when content changed without its
    /// version.
    Lock {
        /// Compare only.
        #[arg(long)]
        check: bool,
    },
}

pub(crate) fn run(command: &Command) -> u8 {
    let result = match command {
        Command::List { all, format } => list::list(*all, *format),
        Command::Show { name } => list::show(name),
        Command::New { name, from, user } => new::run(name, from, *user),
        Command::Lint(arguments) => lint::run(arguments),
        Command::Render(arguments) => render::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Diff { old, new } => diff::run(old, new),
        Command::Bump { name, level, beside } => version::bump_one(name, *level, *beside),
        Command::Pin { name, versions } => version::pin(name, versions.as_deref()),
        Command::Label { name, label, to } => version::label(name, label, to),
        Command::Install { source, names, branch, key } => {
            install::run(source, branch.as_deref(), key.as_deref(), names)
        }
        Command::Export { name, to } => install::run_export(name, to),
        Command::Suggest(arguments) => suggest::run(arguments),
        Command::Rollback { name, label } => rollback::run(name, label.as_deref()),
        Command::Lock { check } => version::lock(*check),
    };
    result.unwrap_or_else(|Trouble(reason)| {
        complain("error", &printable(&reason));
        exit::TROUBLE
    })
}

/// Why a command could do nothing, in one line.
pub(crate) struct Trouble(pub(crate) String);

impl From<LockError> for Trouble {
    fn from(error: LockError) -> Self {
        Self(error.to_string())
    }
}

pub(crate) fn trouble<T>(reason: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble(reason.into()))
}

/// What is wrong first, where one thing is enough to stop.
#[expect(clippy::needless_pass_by_value, reason = "it is what errors are mapped with")]
fn first_problem(problems: Vec<Problem>) -> Trouble {
    Trouble(problems.first().map_or_else(String::new, ToString::to_string))
}

fn io_trouble(path: &Path) -> impl FnOnce(std::io::Error) -> Trouble + '_ {
    move |error| Trouble(format!("{}: {error}", path.display()))
}

/// What holds in the current folder.
pub(crate) struct Here {
    folders: TemplateFolders,
    pub(crate) locks: TemplateLocks,
    /// What the locks say together.
    pub(crate) lock: Lock,
    pub(crate) library: Library,
    ai: AiSettings,
}

impl Here {
    pub(crate) fn read() -> Result<Self, Trouble> {
        let here = std::env::current_dir().map_err(io_trouble(Path::new(".")))?;
        // What holds for a file of the folder; which one does not matter.
        let config = Configuration::load().for_file(Some(&here.join("any")));
        let folders = TemplateFolders::of(&config);
        let locks = folders.locks()?;
        let lock = locks.together();
        let library = folders.library(&lock);
        Ok(Self { folders, locks, lock, library, ai: config.ai.clone() })
    }

    /// The template of a name, or of name@version.
    pub(crate) fn template(&self, name: &str) -> Result<&Template, Trouble> {
        let found = match name.split_once('@') {
            None => self.library.get(name),
            Some((name, version)) => {
                let version = VersionReq::parse(&format!("={version}"))
                    .map_err(|error| Trouble(format!("`{version}` is no version: {error}")))?;
                self.library.find(name, &version)
            }
        };
        match found {
            Some(template) => Ok(template),
            None => trouble(format!("there is no template `{name}`; see `autodao templates list --all`")),
        }
    }

    /// The folders that names and paths stand for, each with its layer; with none given, those of all templates
    /// that are files.
    fn folders(&self, named: &[String]) -> Result<Vec<(PathBuf, Layer)>, Trouble> {
        let roots = [&self.folders.workspace, &self.folders.user];
        let is_template = |folder: &Path| is_template_folder(folder);
        let mut found = Vec::new();
        for name in named {
            let path = PathBuf::from(name);
            let below = || roots.into_iter().flatten().map(|root| root.join(name));
            if is_template(&path) {
                found.push(path);
            } else if path.is_dir() {
                found.extend(children(&path)?);
            } else if let Some(folder) = below().find(|folder| is_template(folder)) {
                found.push(folder);
            } else if self.library.get(name).is_some() {
                return trouble(format!("`{name}` is built in: it has no folder of its own"));
            } else {
                return trouble(format!("there is no template and no folder `{name}`"));
            }
        }
        if named.is_empty() {
            for root in roots.into_iter().flatten().filter(|root| root.is_dir()) {
                found.extend(children(root)?);
            }
        }
        let layered = found.into_iter().map(|folder| {
            let full = folder.canonicalize().unwrap_or_else(|_| folder.clone());
            let layer = self.folders.layer_of(&full).max(self.folders.layer_of(&folder));
            (folder, layer)
        });
        Ok(layered.collect())
    }
}

/// The templates' folders in a folder, by name.
fn children(root: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let entries = std::fs::read_dir(root).map_err(io_trouble(root))?;
    let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    folders.retain(|folder| is_template_folder(folder));
    folders.sort();
    Ok(folders)
}

fn say(text: &str) -> u8 {
    print(Color::Never, exit::CLEAN, |out| writeln!(out, "{}", text.trim_end()))
}

fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::Builtin => "built in",
        Layer::User => "user",
        Layer::Workspace => "workspace",
    }
}
