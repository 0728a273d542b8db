//! A template's file while somebody writes it: what is wrong in its text, beside the other files as they are on the
//! disk.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use autodao_quality::Severity;
use autodao_syntax::Span;
use autodao_templates::{
    Completion, EditedFile, LOCK_FILE, Layer, Lock, Vocabulary, at_most_tokens, completions, describe_key,
    describe_variable, is_portable, lint_edited, lint_lock, parse_text,
};

use crate::Snapshot;
use crate::config::{Problem, Replacement, user_config_file};
use crate::experiments::Experiments;
use crate::library::{TemplateFolders, USER_TEMPLATES, WORKSPACE_TEMPLATES, template_vocabulary};

/// A file of templates that is looked at while it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TemplateFile {
    layer: Layer,
    /// The folder of all templates of the layer.
    root: PathBuf,
    /// The template's folder; `None` for the lock.
    folder: Option<PathBuf>,
    /// Its path in the folder, with `/`.
    name: String,
}

impl TemplateFile {
    /// What a path is, by its folders and name.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let parent = path.parent()?;
        if name == LOCK_FILE {
            let layer = layer_of_root(parent)?;
            return Some(Self { layer, root: parent.to_owned(), folder: None, name: name.to_owned() });
        }
        let (folder, name) = match name {
            "SKILL.md" | "template.toml" | "prompt.mj" => (parent, name.to_owned()),
            _ if parent.ends_with("tests") && name.ends_with(".toml") => {
                (parent.parent()?, format!("tests/{name}"))
            }
            _ => return None,
        };
        let root = folder.parent()?;
        let layer = layer_of_root(root)?;
        Some(Self { layer, root: root.to_owned(), folder: Some(folder.to_owned()), name })
    }

    fn folders(&self) -> TemplateFolders {
        let workspace = match self.layer {
            Layer::Workspace => {
                self.root.ancestors().nth(Path::new(WORKSPACE_TEMPLATES).components().count())
            }
            _ => None,
        };
        TemplateFolders::of_workspace(workspace)
    }
}

/// Whether a path is that of a file that what is said of templates depends on.
pub(crate) fn is_of_template(path: &Path) -> bool {
    let of = |folder: &Path| {
        let name = path.strip_prefix(folder).ok()?.to_str()?.replace('\\', "/");
        (is_portable(&name) && layer_of_root(folder.parent()?).is_some()).then_some(())
    };
    path.ancestors().skip(1).take(2).any(|folder| of(folder).is_some())
}

/// The layer of a folder of templates, if it is one.
fn layer_of_root(root: &Path) -> Option<Layer> {
    // The user's folder may well be called as that of a workspace is.
    let user = user_config_file().and_then(|file| Some(file.parent()?.join(USER_TEMPLATES)));
    if user.as_deref() == Some(root) {
        return Some(Layer::User);
    }
    root.ends_with(WORKSPACE_TEMPLATES).then_some(Layer::Workspace)
}

/// What is wrong in a template's file whose text an editor has. Reads the files beside it, and the other templates.
pub(crate) fn template_problems(file: &TemplateFile, text: &str) -> Vec<Problem> {
    let folders = file.folders();
    // What is wrong in a lock is told in the lock.
    let mut locks = folders.locks().unwrap_or_default();
    let Some(folder) = &file.folder else {
        if let Ok(lock) = Lock::parse(text) {
            *locks.of_mut(file.layer) = lock;
        }
        let lock = locks.together();
        let library = folders.library(&lock);
        let found = lint_lock(&file.root, file.layer, text, &lock, &library);
        return found.into_iter().map(|problem| of_problem(problem, text)).collect();
    };
    let edited = EditedFile { folder, layer: file.layer, name: &file.name, text };
    let library = folders.library_with(&locks.together(), Some(&edited));
    let found = lint_edited(&edited, vocabulary(), &library, locks.of(file.layer));
    let mut problems: Vec<_> = found.into_iter().map(|problem| of_problem(problem, text)).collect();
    problems.extend(changed_under_experiment(&edited));
    problems
}

/// That an experiment which compares this version ends silently with the change: it compares contents.
fn changed_under_experiment(edited: &EditedFile<'_>) -> Option<Problem> {
    let template = parse_text(edited.folder, edited.layer, (edited.name, edited.text)).template?;
    let running = Experiments::of_user().running(&template.name).ok()??;
    if !running.compares_other_content_of(&template) {
        return None;
    }
    let version = template.version.to_string();
    let first_line = 0..edited.text.lines().next().map_or(0, str::len);
    let place = edited.text.find(&version).map_or(first_line, |at| at..at + version.len());
    let message = format!(
        "an experiment compares {version} as it was: no edit takes part in it any more; raise the version, or stop it with `autodao experiment stop {}`",
        template.name
    );
    let span = Span::new(place.start as u32, place.end as u32);
    let code = "changed-under-experiment";
    Some(Problem { code, ..Problem::new(span, message) })
}

fn of_problem(problem: autodao_templates::Problem, text: &str) -> Problem {
    let message = match &problem.cure {
        Some(cure) => format!("{}; {cure}", problem.kind),
        None => problem.kind.to_string(),
    };
    let severity = match problem.severity {
        autodao_templates::Severity::Error => Severity::Error,
        autodao_templates::Severity::Warning => Severity::Warning,
    };
    let end = text.len().min(problem.span.end);
    let span = Span::new(problem.span.start.min(end) as u32, end as u32);
    let replacement = problem.replacement.map(|text| Replacement { name: text.clone(), text });
    Problem { span, message, replacement, fixes: problem.fixes, severity, code: problem.kind.id() }
}

/// What templates can name; read out of the grammars once.
fn vocabulary() -> &'static Vocabulary {
    static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
    VOCABULARY.get_or_init(template_vocabulary)
}

/// What is said at an offset of a template's file, and of which part: of a key what it means and takes, of a variable or
/// input what it holds, of a node kind whose it is, in the front matter how many tokens never vary.
pub fn template_hover(snapshot: &Snapshot, offset: u32) -> Option<(Span, String)> {
    let file = TemplateFile::of(snapshot.path.as_deref()?)?;
    let text = snapshot.buffer.text();
    if let Some((span, said)) = describe_key(&file.name, text, offset as usize, vocabulary()) {
        return Some((Span::new(span.start as u32, span.end as u32), said));
    }
    let (folder, name) = (file.folder.as_deref()?, file.name.as_str());
    let span = word_at(text, offset)?;
    let word = text.get(span.range())?;
    let parsed = || parse_text(folder, file.layer, (name, text)).template;
    let said = match name {
        "prompt.mj" => match describe_variable(word) {
            Some(said) => said.to_owned(),
            None => {
                let template = parsed()?;
                let input = template.spec.inputs.get(word)?;
                let needed = if input.default.is_some() { "may be left out" } else { "has to be given" };
                format!("{} An input of the template; it {needed}.", input.description)
                    .trim_start()
                    .to_owned()
            }
        },
        "template.toml" => {
            let languages = vocabulary().languages.iter().filter(|(_, kinds)| kinds.contains(word));
            let names: Vec<_> = languages.map(|(name, _)| name.as_str()).collect();
            (!names.is_empty()).then(|| format!("A kind of node of {}.", names.join(", ")))?
        }
        "SKILL.md" => {
            let is_head = text.get(..span.range().start)?.matches("---").count() == 1;
            let template = is_head.then(parsed).flatten()?;
            let contracts = template.spec.contracts.iter();
            let tokens = contracts.map(|form| at_most_tokens(template.fixed_bytes(*form))).max()?;
            format!(
                "At most {tokens} tokens of every prompt never vary; {} are allowed.",
                template.spec.budget.fixed_tokens
            )
        }
        _ => return None,
    };
    Some((span, said))
}

/// What may be written at an offset of a template's file, of its tests or of a `templates.lock`; `None` for other
/// files. Reads the files beside it.
pub fn template_completions(snapshot: &Snapshot, offset: u32) -> Option<Vec<Completion>> {
    let file = TemplateFile::of(snapshot.path.as_deref()?)?;
    let text = snapshot.buffer.text();
    let parsed = |folder: &PathBuf| parse_text(folder, file.layer, (&file.name, text)).template;
    let template = file.folder.as_ref().and_then(parsed);
    Some(completions(&file.name, text, offset as usize, template.as_ref(), vocabulary()))
}

/// The word that an offset is in or at the end of.
fn word_at(text: &str, offset: u32) -> Option<Span> {
    let offset = offset as usize;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (before, after) = (text.get(..offset)?, text.get(offset..)?);
    let start = offset - before.chars().rev().take_while(|c| is_part(*c)).count();
    let end = offset + after.chars().take_while(|c| is_part(*c)).count();
    (start < end).then(|| Span::new(start as u32, end as u32))
}
