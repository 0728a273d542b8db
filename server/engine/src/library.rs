//! Which templates hold in a folder: the built-in ones, the user's, the workspace's, and the versions that its
//! `templates.lock` asks for.

use std::path::{Path, PathBuf};

use autodao_syntax::Language;
use autodao_templates::{Layer, Library, Lock, LockError, Vocabulary};

use crate::config::{FolderConfig, user_config_file};

/// The folder of a workspace's own templates, beside its `autodao.toml`.
pub(crate) const WORKSPACE_TEMPLATES: &str = "autodao/templates";

/// The folder of the user's templates, beside the user's configuration.
pub(crate) const USER_TEMPLATES: &str = "templates";

/// Where templates are kept, whether or not there are any.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TemplateFolders {
    /// The user's.
    pub user: Option<PathBuf>,
    /// The workspace's; `None` outside of a folder with an `autodao.toml`.
    pub workspace: Option<PathBuf>,
}

impl TemplateFolders {
    /// Those that count for a folder.
    pub fn of(config: &FolderConfig) -> Self {
        let workspace = config.file.as_ref().and_then(|file| file.path.parent());
        Self::of_workspace(workspace)
    }

    /// Those that count for a folder with an `autodao.toml`.
    pub(crate) fn of_workspace(workspace: Option<&Path>) -> Self {
        Self {
            user: user_config_file().and_then(|file| Some(file.parent()?.join(USER_TEMPLATES))),
            workspace: workspace.map(|folder| folder.join(WORKSPACE_TEMPLATES)),
        }
    }

    /// The lock: the workspace's, or the user's where there is no workspace.
    pub fn lock(&self) -> Result<Lock, LockError> {
        match self.lock_folder() {
            Some(folder) => Lock::load(folder),
            None => Ok(Lock::default()),
        }
    }

    /// The folder the lock is in.
    pub fn lock_folder(&self) -> Option<&Path> {
        self.workspace.as_deref().or(self.user.as_deref())
    }

    /// The layer of a template's folder: what is not the workspace's is the user's.
    pub fn layer_of(&self, folder: &Path) -> Layer {
        let is_below = self.workspace.as_ref().is_some_and(|workspace| folder.starts_with(workspace));
        if is_below { Layer::Workspace } else { Layer::User }
    }

    /// The library, with the versions that a lock asks for.
    pub fn library(&self, lock: &Lock) -> Library {
        let user = self.user.clone().map(|folder| (Layer::User, folder));
        let workspace = self.workspace.clone().map(|folder| (Layer::Workspace, folder));
        let folders: Vec<_> =
            user.into_iter().chain(workspace).filter(|(_, folder)| folder.is_dir()).collect();
        Library::load_pinned(&folders, lock)
    }
}

/// What templates can name: the languages and the kinds of their grammars' nodes.
pub fn template_vocabulary() -> Vocabulary {
    let languages = Language::ALL.into_iter().map(|language| {
        let grammar = language.grammar();
        let ids = 0..u16::try_from(grammar.node_kind_count()).unwrap_or(u16::MAX);
        let named = ids.filter(|&id| grammar.node_kind_is_named(id));
        let kinds = named.filter_map(|id| grammar.node_kind_for_id(id)).map(str::to_owned).collect();
        (language.name().to_owned(), kinds)
    });
    Vocabulary { languages: languages.collect() }
}
