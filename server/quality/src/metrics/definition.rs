//! Whose definition of the metrics is followed.

use autodao_syntax::Language;

/// A published definition of the metrics.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MetricProfile {
    /// G. A. Campbell's paper, as it is written.
    Whitepaper,
    /// As `eslint-plugin-sonarjs` 2.0.4 and ESLint's core rules count in scripts, errors included. Rust is
    /// measured as [`MetricProfile::Whitepaper`] says.
    SonarJs,
    /// As `rust-code-analysis` 0.0.25 counts in Rust, errors included: closures are functions of their own.
    /// Scripts are measured as [`MetricProfile::Whitepaper`] says.
    RustCodeAnalysis,
}

impl MetricProfile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::Whitepaper, Self::SonarJs, Self::RustCodeAnalysis];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whitepaper => "whitepaper",
            Self::SonarJs => "sonarjs-2.0.4",
            Self::RustCodeAnalysis => "rust-code-analysis",
        }
    }

    /// The profile of a name as given by [`MetricProfile::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }
}

/// The definition in detail: each switch is one place where the published tools part from the paper, or from
/// their own documentation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Definition {
    /// Only `&&` opens a run of logical operators; `||` is free. (sonarjs)
    pub only_and_opens_runs: bool,
    /// A uniform logical chain that is all there is in the braces of JSX is free. (sonarjs)
    pub jsx_chains_are_free: bool,
    /// After a function that is itself a branch of a ternary, the rest of the function around it counts one level
    /// deeper. (An error of sonarjs.)
    pub ternary_functions_leak: bool,
    /// After an `else if`, the rest of the function counts one block less deep. (An error of ESLint's `max-depth`.)
    pub else_if_lowers_depth: bool,
    /// A Rust `loop` is free and does not nest. (rust-code-analysis)
    pub loop_is_free: bool,
    /// What is decided by nests as the branches do: a closure in a condition is one level deeper.
    /// (rust-code-analysis)
    pub heads_nest: bool,
    /// The `else` of a `let` does not nest. (rust-code-analysis)
    pub let_else_is_flat: bool,
    /// All logical operators between two branchings are one run, and compared with its first operator; those of a
    /// `let` chain are free. (rust-code-analysis)
    pub runs_go_on: bool,
    /// A Rust closure is measured alone. (rust-code-analysis)
    pub closures_stand_alone: bool,
    /// A Rust function in another one starts one level deeper, with the closures around it. (rust-code-analysis)
    pub inner_functions_nest: bool,
    /// Cyclomatic complexity counts tokens, those of macros and generics too, and `?`. (rust-code-analysis)
    pub tokens_branch: bool,
}

impl Definition {
    /// The definition of a profile in a language.
    pub fn of(profile: MetricProfile, language: Language) -> Self {
        let sonar = profile == MetricProfile::SonarJs && language.is_script();
        let analysis = profile == MetricProfile::RustCodeAnalysis && !language.is_script();
        Self {
            only_and_opens_runs: sonar,
            jsx_chains_are_free: sonar,
            ternary_functions_leak: sonar,
            else_if_lowers_depth: sonar,
            loop_is_free: analysis,
            heads_nest: analysis,
            let_else_is_flat: analysis,
            runs_go_on: analysis,
            closures_stand_alone: analysis,
            inner_functions_nest: analysis,
            tokens_branch: analysis,
        }
    }

    /// The definition that the rules and the score follow: the paper's in Rust, in scripts that of sonarjs without
    /// its errors.
    pub fn default_for(language: Language) -> Self {
        let sonar = Self::of(MetricProfile::SonarJs, language);
        Self { ternary_functions_leak: false, else_if_lowers_depth: false, ..sonar }
    }
}
