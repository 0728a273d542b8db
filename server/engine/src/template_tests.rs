//! Tests of templates that go the whole way: replies, recorded or given now, through the checks that every edit has to
//! pass, and one version of a template beside another.

mod compare;
mod live;
mod prepared;
mod provider;
mod replay;

use std::path::Path;
use std::sync::Arc;

use autodao_templates::{
    LOCK_FILE, Layer, Level, Report, Template, TrialOptions, Vocabulary, judge_form, read_cases, read_files,
    test_folder,
};

use crate::config::AiSettings;
use crate::library::{TemplateLocks, template_vocabulary};
use provider::Provider;

/// How templates are tested.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TemplateTestOptions {
    /// Takes what is rendered now as the snapshots, and as what replies written by hand are the answer to.
    pub update: bool,
    /// Lets warnings of lints fail.
    pub deny_warnings: bool,
    /// Asks the configured model for the replies that are missing or were given to another prompt.
    pub record: bool,
    /// How many replies a model is asked for now, for each case that says what they are held to; 0 for none.
    pub samples: u32,
    /// The most tokens that all requests and replies may take; `None` for as many as the configuration allows.
    pub budget_tokens: Option<u64>,
}

/// Another version of a template, by the template's name.
pub type OldVersion<'a> = &'a dyn Fn(&str) -> Option<Arc<Template>>;

/// Runs the tests of templates.
pub struct TemplateTests {
    options: TemplateTestOptions,
    vocabulary: Vocabulary,
    locks: TemplateLocks,
    provider: Option<Provider>,
}

impl TemplateTests {
    /// For a user with these settings, held to what locks know of versions. Nobody is asked anything before a test asks
    /// for it.
    pub fn new(options: TemplateTestOptions, settings: &AiSettings, locks: TemplateLocks) -> Self {
        let asks = options.record || options.samples > 0;
        let provider = asks.then(|| Provider::new(settings.clone(), options.budget_tokens));
        Self { options, vocabulary: template_vocabulary(), locks, provider }
    }

    /// Runs the tests of a template's folder; against another version where there is to be one.
    pub fn run(&mut self, folder: &Path, layer: Layer, old: Option<OldVersion<'_>>) -> Report {
        let TemplateTestOptions { update, deny_warnings, .. } = self.options;
        let options = TrialOptions { update, deny_warnings };
        let mut report = test_folder(folder, layer, &self.vocabulary, options, &mut judge_form);
        let files = read_files(folder, layer).ok();
        let template = files.and_then(|files| Template::parse(folder, layer, files.borrowed()).template);
        // Why it cannot be read is in the report.
        let Some(template) = template else { return report };
        let unlike = self.locks.verify([&template]);
        if !unlike.is_empty() {
            let said = unlike.iter().map(|problem| format!("{problem} [{}]", problem.kind.id())).collect();
            report.add(Level::Lint, LOCK_FILE, said, None);
        }
        let (cases, _) = read_cases(folder);
        for case in &cases {
            for replay in &case.replays {
                let failures = self.replay(folder, &template, case, replay).err().unwrap_or_default();
                report.add(Level::Replay, &format!("{}/{}", case.name, replay.name), failures, None);
            }
        }
        if self.options.samples > 0 {
            for case in &cases {
                self.live(&template, case, &mut report);
            }
        }
        if let Some(old) = old {
            match old(&template.name) {
                Some(old) => self.compare(folder, &template, &old, &cases, &mut report),
                None => report.add(
                    Level::Compare,
                    "version",
                    vec![format!("there is no such version of {} here", template.name)],
                    None,
                ),
            }
        }
        report
    }
}
