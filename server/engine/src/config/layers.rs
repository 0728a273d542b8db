//! Which settings hold for which file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use autodao_quality::{Profile, RuleId};
use autodao_syntax::Buffer;
use etcetera::BaseStrategy;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::rule_files::{self, RuleFiles};
use super::{AiSettings, Problem, Scope, Settings};

/// The name of a project's configuration file.
pub const PROJECT_FILE: &str = "autodao.toml";

/// A configuration file that was read.
#[derive(Clone, Debug)]
pub struct LoadedFile {
    /// Its path.
    pub path: PathBuf,
    /// Its text, for the places of its problems.
    pub buffer: Buffer,
    /// What it says.
    pub settings: Settings,
    /// What is wrong in it.
    pub problems: Vec<Problem>,
}

impl LoadedFile {
    /// Reads a file; `None` when there is none. One that cannot be read is all problem.
    pub fn read(path: PathBuf, scope: Scope) -> Option<Self> {
        let mut buffer = Buffer::new(String::new());
        let (settings, problems) = match std::fs::read_to_string(&path) {
            Ok(text) => {
                buffer = Buffer::new(text);
                Settings::from_toml(buffer.text(), scope)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return None,
            Err(error) => {
                let message = format!("cannot be read: {error}");
                (Settings::default(), vec![Problem::new(Default::default(), message)])
            }
        };
        Some(Self { path, buffer, settings, problems })
    }
}

/// What holds for the files of a folder.
pub struct FolderConfig {
    /// The `autodao.toml` found upwards, if there is one.
    pub file: Option<Arc<LoadedFile>>,
    /// The rules with all layers applied.
    pub profile: Arc<Profile>,
    /// Functions whose score is below this number, 0 to 10, have a code lens.
    pub lens_below: u32,
    /// AI edits, with all layers applied.
    pub ai: AiSettings,
    /// The files of users' rules in use.
    pub rule_files: Vec<Arc<LoadedFile>>,
    exclude: Vec<Gitignore>,
}

impl FolderConfig {
    /// Whether a file is not looked at.
    pub fn excludes(&self, path: &Path) -> bool {
        self.exclude.iter().any(|ignore| {
            path.starts_with(ignore.path()) && ignore.matched_path_or_any_parents(path, false).is_ignore()
        })
    }
}

/// The three layers, and what they amount to for each folder asked about.
#[derive(Clone, Default)]
pub struct Configuration {
    user: Option<Arc<LoadedFile>>,
    client: Settings,
    /// The only rules that are on; empty for those the layers switch on.
    only: Vec<RuleId>,
    folders: HashMap<PathBuf, Arc<FolderConfig>>,
    /// Counts what changed: see [`Configuration::revision`].
    revision: u64,
    /// By the project file and the folder of its rules; `None` where there is none.
    profiles: HashMap<(Option<PathBuf>, Option<PathBuf>), Arc<FolderConfig>>,
}

impl Configuration {
    /// The user's layer read from its file, no client.
    pub fn load() -> Self {
        Self {
            user: user_config_file().and_then(|path| LoadedFile::read(path, Scope::User)).map(Arc::new),
            ..Self::default()
        }
    }

    /// Forgets what was read from files; it is read again when it is asked for.
    pub fn reload(&mut self) {
        let (client, only) = (std::mem::take(&mut self.client), std::mem::take(&mut self.only));
        *self = Self { client, only, revision: self.revision + 1, ..Self::load() };
    }

    /// The same number means that the same holds for every file, and a copy is as good as this.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Switches all rules off but these, whatever the layers say; none given, the layers hold again.
    pub fn restrict(&mut self, rules: Vec<RuleId>) {
        if self.only == rules {
            return;
        }
        self.only = rules;
        self.revision += 1;
        self.folders.clear();
        self.profiles.clear();
    }

    /// Takes the client's settings. Returns whether they differ from those before.
    pub fn set_client(&mut self, settings: Settings) -> bool {
        let changed = self.client != settings;
        if changed {
            self.client = settings;
            self.revision += 1;
            self.folders.clear();
            self.profiles.clear();
        }
        changed
    }

    /// The user's configuration file, if there is one.
    pub fn user_file(&self) -> Option<&Arc<LoadedFile>> {
        self.user.as_ref()
    }

    /// What holds for a file. `None` stands for a text that has no place: the user's and client's layers hold.
    pub fn for_file(&mut self, path: Option<&Path>) -> Arc<FolderConfig> {
        let folder = path.and_then(Path::parent);
        if let Some(known) = folder.and_then(|folder| self.folders.get(folder)) {
            return Arc::clone(known);
        }
        let upwards = |name: &str, is: fn(&Path) -> bool| {
            folder.and_then(|folder| folder.ancestors().map(|f| f.join(name)).find(|found| is(found)))
        };
        let found = (upwards(PROJECT_FILE, Path::is_file), upwards(rule_files::FOLDER, Path::is_dir));
        let config = match self.profiles.get(&found) {
            Some(known) => Arc::clone(known),
            None => {
                // First, for the project's file may name them.
                let rules = RuleFiles::read(found.1.as_deref());
                let project = found.0.clone().and_then(|path| LoadedFile::read(path, Scope::Project));
                let config = Arc::new(self.combine(project, rules));
                self.profiles.insert(found, Arc::clone(&config));
                config
            }
        };
        if let Some(folder) = folder {
            self.folders.insert(folder.to_owned(), Arc::clone(&config));
        }
        config
    }

    fn combine(&self, project: Option<LoadedFile>, rules: RuleFiles) -> FolderConfig {
        let layers = || {
            project
                .iter()
                .map(|file| &file.settings)
                .chain(self.user.iter().map(|f| &f.settings))
                .chain([&self.client])
        };
        let is_default = self.only.is_empty() && rules.ids.is_empty();
        let profile = if is_default && layers().all(|settings| settings.rules.is_empty()) {
            Profile::shared_default()
        } else {
            let mut profile = Profile::default();
            profile.add_rules(&rules.ids);
            layers().for_each(|settings| settings.apply(&mut profile));
            if !self.only.is_empty() {
                profile.only(&self.only);
            }
            Arc::new(profile)
        };
        let folder = project.as_ref().and_then(|file| file.path.parent()).unwrap_or(Path::new("/"));
        let mut exclude = Vec::new();
        for patterns in layers().map(|settings| &settings.exclude).filter(|patterns| !patterns.is_empty()) {
            let mut builder = GitignoreBuilder::new(folder);
            for pattern in patterns {
                // Patterns that are none were reported when they were read.
                let _ = builder.add_line(None, pattern);
            }
            exclude.extend(builder.build());
        }
        let lens_below = layers().filter_map(|settings| settings.lens_below).fold(0, |_, above| above);
        let ai = layers().map(|settings| settings.ai.clone()).fold(AiSettings::default(), AiSettings::under);
        FolderConfig {
            file: project.map(Arc::new),
            profile,
            lens_below,
            ai,
            rule_files: rules.files,
            exclude,
        }
    }
}

/// Where the user's configuration file is, whether or not there is one: `AUTODAO_CONFIG_DIR`, or the platform's
/// folder for configuration.
pub fn user_config_file() -> Option<PathBuf> {
    Some(user_folder("AUTODAO_CONFIG_DIR", BaseStrategy::config_dir)?.join("config.toml"))
}

/// Where data is kept: `AUTODAO_DATA_DIR`, or the platform's folder for data.
pub fn user_data_folder() -> Option<PathBuf> {
    user_folder("AUTODAO_DATA_DIR", BaseStrategy::data_dir)
}

fn user_folder(variable: &str, of: fn(&etcetera::base_strategy::Xdg) -> PathBuf) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os(variable).filter(|folder| !folder.is_empty()) {
        return Some(PathBuf::from(folder));
    }
    // The same layout everywhere, as other developer tools have it: also on macOS people look in ~/.config.
    let base = etcetera::base_strategy::Xdg::new().ok()?;
    Some(of(&base).join("autodao"))
}

#[cfg(test)]
mod tests {
    use autodao_quality::{Catalog, Level, Severity};
    use serde_json::json;

    use super::*;

    fn level(config: &FolderConfig, rule: &str) -> Level {
        config.profile.level(Catalog::builtin().find(rule).unwrap().0)
    }

    #[test]
    fn the_nearest_file_counts_and_the_client_has_the_last_word() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(
            "autodao.toml",
            "[rules]\nunwrap-used = \"off\"\ntodo-comment = \"off\"\n[files]\nexclude = [\"/gen\"]\n",
        );
        write("inner/autodao.toml", "[rules]\nunwrap-used = \"error\"\n");
        let mut configuration = Configuration::default();
        let outer = configuration.for_file(Some(&root.path().join("src/a.rs")));
        let inner = configuration.for_file(Some(&root.path().join("inner/src/a.rs")));
        assert_eq!(
            (level(&outer, "unwrap-used"), level(&inner, "unwrap-used")),
            (Level::Off, Level::On(Severity::Error))
        );
        assert_eq!(level(&inner, "todo-comment"), Level::On(Severity::Hint), "files do not add up");
        assert!(
            outer.excludes(&root.path().join("gen/x/a.rs"))
                && !outer.excludes(&root.path().join("src/gen.rs"))
        );
        let (client, _) = Settings::from_json(&json!({"rules": {"unwrap-used": "hint"}}));
        assert!(configuration.set_client(client.clone()) && !configuration.set_client(client));
        let inner = configuration.for_file(Some(&root.path().join("inner/src/a.rs")));
        assert_eq!(level(&inner, "unwrap-used"), Level::On(Severity::Hint));
        assert_eq!(level(&configuration.for_file(None), "unwrap-used"), Level::On(Severity::Hint));
    }
}
