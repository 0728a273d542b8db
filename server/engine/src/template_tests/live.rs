//! Replies that a model gives now.

use autodao_templates::{Came, Case, Level, LiveResult, LiveTerms, Measured, Report, Template, wilson};

use super::TemplateTests;
use super::prepared::{Halt, Prepared};

/// How many replies that are not as wanted are told of.
const TOLD: usize = 3;

impl TemplateTests {
    /// Asks a model as often as is wanted, and judges by the lower bound of the share that is as wanted.
    pub(super) fn live(&mut self, template: &Template, case: &Case, report: &mut Report) {
        let Some(terms) = &case.live else { return };
        let prepared = match prepared(template, case, terms) {
            Ok(prepared) => prepared,
            Err(why) => return report.add(Level::Live, &case.name, vec![why], None),
        };
        let (mut passed, mut samples, mut tokens) = (0, 0, 0);
        let mut failures = Vec::new();
        let mut halted = None;
        for _ in 0..self.options.samples {
            match self.sample(&prepared) {
                Ok(came) => {
                    samples += 1;
                    tokens += came.tokens;
                    let wrong = terms.wanted.failures(&came);
                    passed += u64::from(wrong.is_empty());
                    if let (Some(wrong), true) = (wrong.into_iter().next(), failures.len() < TOLD) {
                        failures.push(format!("reply {samples}: {wrong}"));
                    }
                }
                Err(halt) => {
                    halted = Some(halt);
                    break;
                }
            }
        }
        let why = match halted {
            Some(Halt::Budget) => Some("the budget of tokens ends before the next reply".to_owned()),
            // What came before says little: whoever wants to know asks again when the model can be asked.
            Some(Halt::Failed(why)) => return report.add(Level::Live, &case.name, vec![why], None),
            None => None,
        };
        if samples == 0 {
            return report.skip(Level::Live, &case.name, why.unwrap_or_default());
        }
        let (low, high) = wilson(passed, samples);
        let asked_for = u64::from(self.options.samples);
        let pass_rate = terms.pass_rate;
        let result = LiveResult { passed, samples, asked_for, low, high, pass_rate, tokens };
        if low >= pass_rate {
            failures.clear();
        } else {
            failures.extend(why);
            failures.push(format!(
                "the lower bound is {:.1} %, and {:.1} % are asked for",
                low * 100.0,
                pass_rate * 100.0
            ));
        }
        report.measure(Level::Live, &case.name, failures, Measured::Live(result));
    }

    /// What comes of one conversation.
    pub(super) fn sample(&mut self, prepared: &Prepared) -> Result<Came, Halt> {
        let Some(provider) = self.provider.as_mut() else {
            return Err(Halt::Failed("no model is asked here".to_owned()));
        };
        prepared.converse(&mut |_, request| provider.ask(request).map(Some))
    }
}

/// What a case asks a model.
pub(super) fn prepared(template: &Template, case: &Case, terms: &LiveTerms) -> Result<Prepared, String> {
    let form = case.form(terms.contract, template).ok_or("the template has no such contract")?;
    Prepared::of(template, case, form)
}
