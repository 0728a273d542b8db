//! An edit thought out: target, task, template, prompt. Nothing is spent yet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use autodao_context::{
    Context, Finding as ContextFinding, Piece as ContextPiece, Request as ContextRequest, Role, gather,
};
use autodao_edits::{Contract, ItemTerm, QualityTerms, Request as EditRequest, SignatureTerm, Site, Terms};
use autodao_ledger::{Chosen, Compared};
use autodao_providers::{EditForm, PriceTable, Request};
use autodao_quality::{Catalog, Profile};
use autodao_redaction::Redaction;
use autodao_syntax::SyntaxTree;
use autodao_syntax::{Language, SyntaxParser};
use autodao_tasks::{Asked, Target, Task, TaskKind, target_at};
use autodao_templates::{
    Contract as Form, Finding, Library, Piece, Place, Prompt, RenderError, Rendered, Template, TemplateKind,
};

use super::estimate::{Estimate, tokens_of};
use super::invocation::Invocation;
use super::known::{self, KnownNames, exact_tokens, known_names};
use super::models::Model;
use super::ratios::Ratios;
use super::template_query::holding;
use super::trust::{conceal, may_be_sent};
use crate::diagnosis::Snapshot;
use crate::experiments::{Choice, Chooser, Rival};
use crate::index::WorkspaceIndexes;

/// Tokens beside the target that a prompt holds when nothing is configured.
const CONTEXT_TOKENS: u32 = known::MOST_TOKENS;
/// Targets of fewer tokens are rewritten whole: a search text would be as long.
const SMALL_TARGET: u64 = 80;

/// An edit that is ready to be asked for.
pub struct Plan {
    /// What is asked, of what.
    pub task: Task,
    /// The template in use.
    pub template: Arc<Template>,
    /// How its version was drawn; `None` for the one in use.
    pub(crate) chosen: Option<Chosen>,
    /// What its prompt takes with each of the versions that are compared.
    pub(crate) compared: Option<Compared>,
    /// The reply's form.
    pub form: Form,
    /// What the model sees.
    pub context: Context,
    /// What it is told of the workspace, where that has an index.
    pub known: Option<KnownNames>,
    /// Where the names of the edit are looked up.
    pub(crate) indexes: Arc<WorkspaceIndexes>,
    /// The prompt's two halves, as they are sent.
    pub prompt: Rendered,
    /// What was taken out of the prompt, to be put back into the reply.
    pub(crate) redaction: Redaction,
    /// The file's path as the prompt has it.
    pub(crate) shown_path: String,
    /// What the user wrote.
    pub(crate) instruction: String,
    /// The model asked first.
    pub model: Model,
    /// The most tokens the reply may have.
    pub max_output: u32,
    /// What it is expected to take.
    pub estimate: Estimate,
    /// What the naive way would take: the whole file and the instruction in, the whole file out.
    pub baseline: (u64, u64),
    /// What the reply is held to.
    pub(crate) edit: EditRequest,
    /// The file that is made, where the template makes one: its path beside the target's.
    pub new_file: Option<PathBuf>,
}

/// Why there is no plan, in one line for the user.
pub(crate) type Obstacle = String;

/// The surroundings of a plan.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) library: &'a Library,
    /// `None`: no version is drawn, the one in use is taken.
    pub(crate) chooser: Option<&'a Chooser>,
    pub(crate) model: &'a Model,
    pub(crate) prices: &'a PriceTable,
    pub(crate) indexes: &'a Arc<WorkspaceIndexes>,
    pub(crate) ratios: &'a Ratios,
}

/// Thinks an edit out.
pub(crate) fn plan(
    snapshot: &Snapshot,
    invocation: &Invocation,
    around: Surroundings<'_>,
) -> Result<Plan, Obstacle> {
    let Surroundings { library, chooser, model, prices, indexes, ratios } = around;
    let language = snapshot.language.ok_or("this language is not known here")?;
    if snapshot.desynced {
        return Err("the text may differ from the editor's: close and reopen the file".to_owned());
    }
    may_be_sent(snapshot.path.as_deref())?;
    let template = library.get(&invocation.template);
    let template = template.ok_or_else(|| format!("there is no template `{}`", invocation.template))?;
    let buffer = &snapshot.buffer;
    let tree = tree_of(snapshot, language)?;
    let target = target_at(language, buffer.text(), &tree, invocation.selection)
        .ok_or("there is nothing to work on here: put the cursor in a function or type")?;
    let asked = match (&invocation.rule, kind_of(template)) {
        (Some(rule), _) => Asked::Finding(rule),
        (None, Some(kind)) => Asked::Action(kind),
        (None, None) => Asked::Words,
    };
    let task = Task::new(asked, &invocation.instruction, target, buffer.text(), &tree);
    let Choice { template, chosen, rival } = match chooser {
        Some(chooser) => chooser.choose(library, template, snapshot.workspace().key, task.kind.name()),
        None => Choice { template: Arc::clone(template), chosen: None, rival: None },
    };
    let template = &template;
    let site = Site::new(Arc::clone(buffer), language, snapshot.version, tree.clone(), task.target.span)
        .map_err(|error| error.to_string())?;
    let known = known_of(snapshot, &task, template, &tree, invocation, indexes);
    let context = context_of(snapshot, &task, template, &tree, invocation, known.is_some())?;
    let form = form_of(template, model, (buffer.text(), &task.target), context.target.tokens as u64)?;
    let shown_path = snapshot.shown_path();
    let said = (shown_path.as_str(), invocation.instruction.as_str());
    let prompt = render(&task, template, form, (&context, known.as_ref()), said)?;
    let compared = rival.and_then(|Rival { template: rival, is_new }| {
        let known = known_of(snapshot, &task, &rival, &tree, invocation, indexes);
        let context = context_of(snapshot, &task, &rival, &tree, invocation, known.is_some()).ok()?;
        let form =
            form_of(&rival, model, (buffer.text(), &task.target), context.target.tokens as u64).ok()?;
        let other = render(&task, &rival, form, (&context, known.as_ref()), said).ok()?;
        let count = |prompt: &Rendered| (exact_tokens(&prompt.system) + exact_tokens(&prompt.user)) as u64;
        let (own, other) = (count(&prompt), count(&other));
        let (old, new) = if is_new { (own, other) } else { (other, own) };
        Some(Compared { old, new })
    });
    let (prompt, redaction) = conceal(&prompt, template)?;
    let counted = tokens_of(&prompt.system) + tokens_of(&prompt.user) + 8;
    let input = ratios.input(&model.endpoint, counted);
    let output = ratios.output(&model.endpoint, output_of(form, context.target.tokens as u64));
    let capabilities = &model.endpoint.capabilities;
    let room = if capabilities.thinks { THINKING_TOKENS } else { 0 };
    let max_output = max_output(template, form, context.target.tokens as u64).saturating_add(room);
    let max_output = max_output.min(capabilities.max_output.unwrap_or(u32::MAX));
    let window = model.endpoint.capabilities.context_window.unwrap_or(u32::MAX);
    if input + u64::from(max_output) > u64::from(window) {
        return Err(format!(
            "the prompt has about {input} tokens, and {} can take {window} with its answer: choose less code",
            model.label()
        ));
    }
    let whole = tokens_of(buffer.text());
    let instruction = tokens_of(&invocation.instruction) + tokens_of(&template.description);
    let edit = EditRequest {
        site,
        contract: contract_of(form),
        terms: terms_of(template, invocation.rule.as_deref(), &snapshot.config.profile),
    };
    let mut plan = Plan {
        estimate: Estimate::new(input, output, model, prices),
        baseline: (whole + instruction, whole),
        new_file: None,
        task,
        template: Arc::clone(template),
        chosen,
        compared,
        form,
        context,
        known,
        indexes: Arc::clone(indexes),
        prompt,
        redaction,
        shown_path,
        instruction: invocation.instruction.clone(),
        model: model.clone(),
        max_output,
        edit,
    };
    if form == Form::NewFile {
        plan.make_file(snapshot, language)?;
    }
    Ok(plan)
}

impl Plan {
    /// The request as the provider is asked.
    pub(crate) fn request(&self) -> Request {
        request_of(&self.template, &self.prompt, self.max_output)
    }

    /// Has the reply held to what holds for a new file beside the target's.
    fn make_file(&mut self, snapshot: &Snapshot, language: Language) -> Result<(), Obstacle> {
        let new = new_file_beside(snapshot.path.as_deref())?;
        let mut parser = SyntaxParser::default();
        let ending = self.edit.site.line_ending();
        self.edit.site = Site::new_file(&mut parser, language, ending).map_err(|error| error.to_string())?;
        self.new_file = Some(new);
        Ok(())
    }
}

/// Whether a template's edit of code in a language is a file of its own.
pub(crate) fn makes_file(template: &Template, language: Language) -> bool {
    template.spec.contracts.contains(&Form::NewFile) && language.is_script()
}

/// The path of a new file for tests of one.
///
/// # Errors
/// There can be none: why.
pub(crate) fn new_file_beside(path: Option<&Path>) -> Result<PathBuf, Obstacle> {
    let path = path.ok_or("save the file first: the new one goes beside it")?;
    let (stem, extension) = path
        .file_name()
        .and_then(|name| name.to_str())
        .and_then(|name| name.rsplit_once('.'))
        .ok_or("the file's name has no extension")?;
    let new = path.with_file_name(format!("{stem}.test.{extension}"));
    if new.exists() {
        return Err(format!("there is a {} already", new.file_name().unwrap_or_default().display()));
    }
    Ok(new)
}

/// The request that a rendered template makes.
pub(crate) fn request_of(template: &Template, prompt: &Rendered, max_output: u32) -> Request {
    let mut request = Request::new(&prompt.system, &prompt.user, max_output);
    request.temperature = Some(template.spec.model.temperature);
    request.stop.clone_from(&template.spec.model.stop);
    request.cache.stable_system = true;
    request
}

/// The tree at hand if it is of exactly this text, else one made now.
pub(crate) fn tree_of(snapshot: &Snapshot, language: Language) -> Result<SyntaxTree, Obstacle> {
    if let Some(tree) = snapshot.tree().filter(|_| snapshot.has_current_tree()) {
        return Ok(tree);
    }
    if snapshot.buffer.text().len() > autodao_syntax::MAX_PARSED_BYTES {
        return Err("the file is too large to be parsed".to_owned());
    }
    let tree = SyntaxParser::default().parse_fresh(language, snapshot.buffer.text());
    tree.ok_or_else(|| "the file cannot be parsed".to_owned())
}

/// The kind of task a template stands for, if it stands for one.
pub(crate) fn kind_of(template: &Template) -> Option<TaskKind> {
    let [task] = &template.spec.applies.tasks[..] else { return None };
    TaskKind::ALL.into_iter().find(|kind| kind.name() == task).filter(|kind| *kind != TaskKind::Custom)
}

/// How many tokens a prompt may hold beside the target.
fn beside(snapshot: &Snapshot, template: &Template) -> u32 {
    let most = snapshot.config.ai.context_tokens.unwrap_or(CONTEXT_TOKENS);
    most.min(template.spec.budget.input_tokens)
}

/// What the workspace has to say, where the template asks for it.
fn known_of(
    snapshot: &Snapshot,
    task: &Task,
    template: &Template,
    tree: &SyntaxTree,
    invocation: &Invocation,
    indexes: &WorkspaceIndexes,
) -> Option<KnownNames> {
    if !template.spec.context.iter().any(|name| name == known::ROLE) {
        return None;
    }
    let target = &task.target;
    let place = (target.language, target.span, invocation.selection);
    let most = beside(snapshot, template) as usize;
    known_names(indexes, snapshot, tree, place, &invocation.instruction, most)
}

fn context_of(
    snapshot: &Snapshot,
    task: &Task,
    template: &Template,
    tree: &SyntaxTree,
    invocation: &Invocation,
    is_known: bool,
) -> Result<Context, Obstacle> {
    let catalog = Catalog::builtin();
    let findings: Vec<_> = snapshot
        .findings
        .iter()
        .map(|placed| (placed.span(), catalog.rule(placed.relative().rule).id, &*placed.relative().message))
        .filter(|(_, rule, _)| invocation.rule.as_deref().is_none_or(|wanted| wanted == *rule))
        .map(|(span, rule, message)| ContextFinding { span, rule, message })
        .collect();
    let mut roles: Vec<Role> =
        template.spec.context.iter().filter_map(|name| Role::from_name(name)).collect();
    roles.sort_by_key(|role| *role != Role::Findings);
    // The workspace's names say more in fewer tokens; imports are added to the edit.
    roles.retain(|role| !is_known || !matches!(role, Role::Enclosing | Role::Imports));
    let text = snapshot.buffer.text();
    let target = tokens_of(text.get(task.target.span.range()).unwrap_or(""));
    let beside = u64::from(beside(snapshot, template));
    let request = ContextRequest {
        target: &task.target,
        text,
        tree,
        findings: &findings,
        roles: &roles,
        // The target is sent whole or not at all; what the window takes is checked with the prompt.
        budget: (target * 2 + beside) as usize,
        tokens: &|text| tokens_of(text) as usize,
    };
    gather(&request).map_err(|error| error.to_string())
}

/// The form to ask for: what the template takes and the model keeps to.
pub(crate) fn form_of(
    template: &Template,
    model: &Model,
    (text, target): (&str, &Target),
    tokens: u64,
) -> Result<Form, Obstacle> {
    let forms = &template.spec.contracts;
    let has = |form| forms.contains(&form);
    if makes_file(template, target.language) {
        return Ok(Form::NewFile);
    }
    let whole = model.endpoint.capabilities.edit_form == EditForm::Whole || tokens < SMALL_TARGET;
    let wanted = if whole { [Form::WholeNode, Form::Hunks] } else { [Form::Hunks, Form::WholeNode] };
    // What goes before the target goes before its documentation, too: there must be none.
    let documented = target.item().is_none_or(|item| {
        let head = text.get(item.whole.start as usize..item.span.start as usize).unwrap_or("");
        // Attributes stay below what goes before them.
        head.contains("//") || head.contains("/*")
    });
    let fits = |form: &Form| *form != Form::NewFile && !(*form == Form::InsertBefore && documented);
    let first = forms.iter().copied().find(fits);
    let first = first.ok_or_else(|| format!("{} makes no edit here", template.name))?;
    if !matches!(first, Form::WholeNode | Form::Hunks) {
        return Ok(first);
    }
    Ok(wanted.into_iter().find(|form| has(*form)).unwrap_or(first))
}

pub(crate) const fn contract_of(form: Form) -> Contract {
    match form {
        Form::WholeNode => Contract::WholeNode,
        Form::Hunks => Contract::Hunks,
        Form::InsertBefore => Contract::InsertBefore,
        Form::InsertAfter => Contract::InsertAfter,
        Form::NewFile => Contract::NewFile,
        Form::Text => Contract::Text,
    }
}

/// What a template holds replies to. `rule`: the finding it is asked to resolve, one of the profile's.
pub(crate) fn terms_of(template: &Template, rule: Option<&str>, profile: &Profile) -> Terms {
    let gates = &template.spec.gates;
    let mut quality = QualityTerms::default();
    if let Some(rule) = rule.filter(|_| gates.resolves_finding) {
        quality.resolves.extend(profile.find(rule));
    }
    quality.least_change = gates.min_score_delta.map(|points| (points * 100.0).round() as i16);
    Terms {
        signature: if gates.keep_signature { SignatureTerm::Kept } else { SignatureTerm::Free },
        items: match (gates.keep_items, gates.new_items) {
            (false, _) => ItemTerm::Free,
            (true, false) => ItemTerm::Same,
            (true, true) => ItemTerm::Kept,
        },
        comments_only: gates.comments_only,
        quality,
        ..Terms::default()
    }
}

/// How many tokens a reply has, as a rule: a changed node is about as long as the node, hunks are a part of it.
pub(crate) fn output_of(form: Form, target: u64) -> u64 {
    match form {
        Form::WholeNode => target + target / 8 + 10,
        Form::Hunks => target / 3 + 40,
        Form::InsertBefore => 60 + target / 8,
        Form::InsertAfter | Form::NewFile => 150 + target,
        Form::Text => 180,
    }
}

/// What a model that thinks before it answers may think. The limit of its output counts both, and an answer that is cut
/// off is worth nothing.
const THINKING_TOKENS: u32 = 4096;

/// What is asked for as the most a reply may have: enough for any honest one, no more.
pub(crate) fn max_output(template: &Template, form: Form, target: u64) -> u32 {
    let most = match form {
        Form::WholeNode | Form::Hunks => target * 2 + 200,
        Form::InsertBefore | Form::Text => u64::from(template.spec.budget.output_tokens),
        Form::InsertAfter | Form::NewFile => u64::from(template.spec.budget.output_tokens) + target,
    };
    u32::try_from(most).unwrap_or(u32::MAX)
}

fn render(
    task: &Task,
    template: &Template,
    form: Form,
    (context, known): (&Context, Option<&KnownNames>),
    said: (&str, &str),
) -> Result<Rendered, Obstacle> {
    let mut pieces = pieces_of(&context.pieces);
    let known = known.filter(|known| !known.text.is_empty());
    pieces.extend(known.map(|known| Piece { title: known::TITLE, text: &known.text }));
    let findings: Vec<_> = context
        .findings
        .iter()
        .map(|finding| Finding { line: finding.line, rule: &finding.rule, message: &finding.message })
        .collect();
    fill(template, form, task, context, (&pieces, &findings), said).map_err(|error| error.to_string())
}

/// Pieces of a context as a template shows them.
pub(crate) fn pieces_of(pieces: &[ContextPiece]) -> Vec<Piece<'_>> {
    pieces.iter().map(|piece| Piece { title: &piece.reason, text: &piece.text }).collect()
}

/// Fills a template in with some of a context's pieces. `said`: the file's path and the user's words.
pub(crate) fn fill(
    template: &Template,
    form: Form,
    task: &Task,
    context: &Context,
    (pieces, findings): (&[Piece<'_>], &[Finding<'_>]),
    (path, instruction): (&str, &str),
) -> Result<Rendered, RenderError> {
    let prompt = Prompt {
        language: task.target.language.name(),
        path,
        symbol: &task.target.symbol(),
        target: &context.target.text,
        context: pieces,
        findings,
        // They are sentences of the instruction and the target, which are sent.
        requirements: &[],
        instruction,
        inputs: None,
    };
    template.render(form, &prompt)
}

/// Where the templates that apply are looked up from.
pub(crate) struct TemplatePlace {
    pub(crate) language: &'static str,
    pub(crate) node: String,
    pub(crate) path: String,
    pub(crate) lines: u32,
    /// The queries of templates that hold.
    pub(crate) queries: Vec<String>,
}

impl TemplatePlace {
    /// The place of a target, for the templates of a library.
    pub(crate) fn of(snapshot: &Snapshot, target: &Target, tree: &SyntaxTree, library: &Library) -> Self {
        let text = snapshot.buffer.text();
        let queries = holding(library, target.language, tree, text, target.span);
        Self {
            queries: queries.into_iter().map(str::to_owned).collect(),
            language: target.language.name(),
            node: target.node_kind().to_owned(),
            path: snapshot.shown_path(),
            lines: target.lines,
        }
    }

    /// The queries that hold, for [`Self::with`].
    pub(crate) fn queries(&self) -> Vec<&str> {
        self.queries.iter().map(String::as_str).collect()
    }

    pub(crate) fn with<'a>(&'a self, queries: &'a [&'a str], diagnostics: &'a [&'a str]) -> Place<'a> {
        Place {
            queries,
            language: self.language,
            task: None,
            node: &self.node,
            path: &self.path,
            diagnostics,
            lines: self.lines,
        }
    }
}

/// Whether a template answers with words for the user.
pub(crate) fn explains(template: &Template) -> bool {
    template.spec.kind == TemplateKind::Explain
}
