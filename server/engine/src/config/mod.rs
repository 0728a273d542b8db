//! Configuration: `autodao.toml` found upwards, the user's own file, and the client's settings.
//!
//! Authority rises in that order, key by key. All three say the same things in the same words; what is wrong in
//! one of them becomes a [`Problem`] that names the place and the nearest thing that exists, and the rest of it
//! holds all the same.

mod ai;
mod budget;
mod layers;
mod ledger;
mod model;
mod reader;
mod rule_files;
mod schema;
mod settings;
mod value;

pub use ai::{AiSettings, Confirm};
pub use budget::BudgetSettings;
pub use layers::{Configuration, FolderConfig, LoadedFile, PROJECT_FILE, user_config_file, user_data_folder};
pub use ledger::{LedgerSettings, user_ledger};
pub use model::{ModelSettings, TimeoutSettings};
pub(crate) use reader::nearest;
pub(crate) use rule_files::{is_rule_file, problems_of as rule_file_problems};
pub use schema::json_schema;
pub use settings::{Problem, Replacement, Scope, Settings};
