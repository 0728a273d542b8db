//! Which templates hold in a folder: the built-in ones, the user's, the workspace's, and the versions that its
//! `templates.lock` asks for.

use std::path::{Path, PathBuf};

use autodao_syntax::Language;
use autodao_templates::{EditedFile, Layer, Library, Lock, LockError, Problem, Template, Vocabulary};

use crate::act::query_mistake;
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

    /// The locks of both folders.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn locks(&self) -> Result<TemplateLocks, LockError> {
        let load = |folder: &Option<PathBuf>| folder.as_deref().map(Lock::load).transpose();
        Ok(TemplateLocks { user: load(&self.user)?.unwrap_or_default(), workspace: load(&self.workspace)? })
    }

    /// What both locks say together; see [`TemplateLocks::together`].
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn lock(&self) -> Result<Lock, LockError> {
        Ok(self.locks()?.together())
    }

    /// The folder of a layer's templates and of their lock; none for what is in the program.
    pub fn of_layer(&self, layer: Layer) -> Option<&Path> {
        match layer {
            Layer::Builtin => None,
            Layer::User => self.user.as_deref(),
            Layer::Workspace => self.workspace.as_deref(),
        }
    }

    /// The layer of a template's folder: what is not the workspace's is the user's.
    pub fn layer_of(&self, folder: &Path) -> Layer {
        let is_below = self.workspace.as_ref().is_some_and(|workspace| folder.starts_with(workspace));
        if is_below { Layer::Workspace } else { Layer::User }
    }

    /// The library, with the versions that a lock asks for.
    pub fn library(&self, lock: &Lock) -> Library {
        self.library_with(lock, None)
    }

    /// [`Self::library`] with one file as an editor has it.
    pub(crate) fn library_with(&self, lock: &Lock, edited: Option<&EditedFile<'_>>) -> Library {
        let user = self.user.clone().map(|folder| (Layer::User, folder));
        let workspace = self.workspace.clone().map(|folder| (Layer::Workspace, folder));
        let folders: Vec<_> =
            user.into_iter().chain(workspace).filter(|(_, folder)| folder.is_dir()).collect();
        Library::load_edited(&folders, lock, edited)
    }
}

/// The locks that count in a folder. Each layer's templates are taken into the lock beside them: what a user keeps is
/// no matter of a project.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TemplateLocks {
    /// The user's.
    pub user: Lock,
    /// The workspace's; `None` outside of a workspace.
    pub workspace: Option<Lock>,
}

impl TemplateLocks {
    /// What both say: where they differ, what the workspace's says.
    pub fn together(&self) -> Lock {
        self.workspace.as_ref().map_or_else(|| self.user.clone(), |workspace| self.user.overlaid(workspace))
    }

    /// The lock of a layer's templates.
    pub fn of(&self, layer: Layer) -> &Lock {
        match (layer, &self.workspace) {
            (Layer::Workspace, Some(workspace)) => workspace,
            _ => &self.user,
        }
    }

    /// [`Self::of`], to be changed.
    pub fn of_mut(&mut self, layer: Layer) -> &mut Lock {
        match (layer, &mut self.workspace) {
            (Layer::Workspace, Some(workspace)) => workspace,
            _ => &mut self.user,
        }
    }

    /// The layer whose lock says which versions are used here: the workspace's where there is one.
    pub fn nearest(&self) -> Layer {
        if self.workspace.is_some() { Layer::Workspace } else { Layer::User }
    }

    /// The templates that hold other content than the lock of their layer knows under their version.
    pub fn verify<'a>(&self, templates: impl IntoIterator<Item = &'a Template>) -> Vec<Problem> {
        let of = |template: &'a Template| self.of(template.layer).verify([template]);
        templates.into_iter().flat_map(of).collect()
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
    Vocabulary { languages: languages.collect(), query_mistake: Some(query_mistake) }
}
