//! A template's file while somebody writes it: what is wrong in its text, beside the other files as they are on the
//! disk.

use std::path::Path;
use std::sync::OnceLock;

use autodao_syntax::Span;
use autodao_templates::{Layer, Vocabulary, lint_text};

use crate::config::{Problem, Replacement, user_config_file};
use crate::library::{USER_TEMPLATES, WORKSPACE_TEMPLATES, template_vocabulary};

/// The layer a path's template is of, if it is that of a template's file, by its folders and name.
pub(crate) fn layer_of_template_file(path: &Path) -> Option<Layer> {
    let name = path.file_name()?.to_str()?;
    let root = path.parent()?.parent()?;
    if !matches!(name, "SKILL.md" | "template.toml" | "prompt.mj") {
        return None;
    }
    if root.ends_with(WORKSPACE_TEMPLATES) {
        return Some(Layer::Workspace);
    }
    let user = user_config_file()?.parent()?.join(USER_TEMPLATES);
    (root == user).then_some(Layer::User)
}

/// What is wrong in a template's file whose text an editor has. Reads the files beside it.
pub(crate) fn template_problems(path: &Path, layer: Layer, text: &str) -> Vec<Problem> {
    static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let found = lint_text(folder, layer, (name, text), VOCABULARY.get_or_init(template_vocabulary));
    let problem = |problem: autodao_templates::Problem| {
        let message = match &problem.cure {
            Some(cure) => format!("{}; {cure} [{}]", problem.kind, problem.kind.id()),
            None => format!("{} [{}]", problem.kind, problem.kind.id()),
        };
        let end = text.len().min(problem.span.end);
        let span = Span::new(problem.span.start.min(end) as u32, end as u32);
        let replacement = problem.replacement.map(|text| Replacement { name: text.clone(), text });
        Problem { span, message, replacement }
    };
    found.into_iter().map(problem).collect()
}
