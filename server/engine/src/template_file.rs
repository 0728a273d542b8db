//! A template's file while somebody writes it: what is wrong in its text, beside the other files as they are on the
//! disk.

use std::path::Path;
use std::sync::OnceLock;

use autodao_quality::Severity;
use autodao_syntax::Span;
use autodao_templates::{
    Completion, LOCK_FILE, Layer, Vocabulary, at_most_tokens, completions, describe_variable, lint_text,
    parse_text,
};

use crate::Snapshot;
use crate::config::{Problem, Replacement, user_config_file};
use crate::library::{USER_TEMPLATES, WORKSPACE_TEMPLATES, template_vocabulary};

/// The layer a path's template is of, if it is that of a template's file, by its folders and name.
pub(crate) fn layer_of_template_file(path: &Path) -> Option<Layer> {
    let name = path.file_name()?.to_str()?;
    let root = path.parent()?.parent()?;
    if !matches!(name, "SKILL.md" | "template.toml" | "prompt.mj") {
        return None;
    }
    layer_of_root(root)
}

/// The layer of a folder of templates, if it is one.
fn layer_of_root(root: &Path) -> Option<Layer> {
    if root.ends_with(WORKSPACE_TEMPLATES) {
        return Some(Layer::Workspace);
    }
    let user = user_config_file()?.parent()?.join(USER_TEMPLATES);
    (root == user).then_some(Layer::User)
}

/// What is wrong in a template's file whose text an editor has. Reads the files beside it.
pub(crate) fn template_problems(path: &Path, layer: Layer, text: &str) -> Vec<Problem> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let found = lint_text(folder, layer, (name, text), vocabulary());
    let problem = |problem: autodao_templates::Problem| {
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
        Problem { span, message, replacement, severity, code: problem.kind.id() }
    };
    found.into_iter().map(problem).collect()
}

/// What templates can name; read out of the grammars once.
fn vocabulary() -> &'static Vocabulary {
    static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
    VOCABULARY.get_or_init(template_vocabulary)
}

/// What is said at an offset of a template's file, and of which part: of a variable or input what it holds, of a node
/// kind whose it is, in the front matter how many tokens never vary.
pub fn template_hover(snapshot: &Snapshot, offset: u32) -> Option<(Span, String)> {
    let path = snapshot.path.as_deref()?;
    let layer = layer_of_template_file(path)?;
    let (folder, name) = (path.parent()?, path.file_name()?.to_str()?);
    let text = snapshot.buffer.text();
    let span = word_at(text, offset)?;
    let word = text.get(span.range())?;
    let parsed = || parse_text(folder, layer, (name, text)).template;
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
        _ => {
            let is_head = text.get(..span.range().start)?.matches("---").count() == 1;
            let template = is_head.then(parsed).flatten()?;
            let contracts = template.spec.contracts.iter();
            let tokens = contracts.map(|form| at_most_tokens(template.fixed_bytes(*form))).max()?;
            format!(
                "At most {tokens} tokens of every prompt never vary; {} are allowed.",
                template.spec.budget.fixed_tokens
            )
        }
    };
    Some((span, said))
}

/// What may be written at an offset of a template's file or of a `templates.lock`; `None` for other files. Reads the
/// files beside it.
pub fn template_completions(snapshot: &Snapshot, offset: u32) -> Option<Vec<Completion>> {
    let path = snapshot.path.as_deref()?;
    let (folder, name) = (path.parent()?, path.file_name()?.to_str()?);
    let text = snapshot.buffer.text();
    let template = match layer_of_template_file(path) {
        Some(layer) => parse_text(folder, layer, (name, text)).template,
        None => {
            layer_of_root(folder).filter(|_| name == LOCK_FILE)?;
            None
        }
    };
    Some(completions(name, text, offset as usize, template.as_ref(), vocabulary()))
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
