//! What all edits of one process share. Everything in it is made when it is first needed: a server that is never
//! asked for an AI edit pays nothing for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use autodao_ledger::{Ledger, Limit, Over, Scope, Unit};
use autodao_providers::{Breakers, Client, PriceTable};
use autodao_templates::{Layer, Library};

use super::ask::Answer;
use super::cache::ReplyCache;
use super::models::{Model, Models, configured, discovered, network};
use super::queue::Queue;
use super::status::Tally;
use crate::config::{AiSettings, FolderConfig, user_config_file, user_data_folder};

/// How many requests a remote endpoint gets at a time. A local one gets one: it would do them one after the other.
const REMOTE_PLACES: usize = 4;

/// The folder of a workspace's own templates, beside its `autodao.toml`.
const TEMPLATES: &str = "autodao/templates";

pub(crate) struct Shared {
    pub(crate) ledger: Ledger,
    pub(crate) tally: Tally,
    pub(crate) breakers: Arc<Breakers>,
    pub(crate) cache: ReplyCache<Answer>,
    prices: OnceLock<PriceTable>,
    clients: Mutex<HashMap<Option<PathBuf>, Arc<Client>>>,
    queues: Mutex<HashMap<String, Queue>>,
    libraries: Mutex<HashMap<Option<PathBuf>, Arc<Library>>>,
    found: Mutex<Found>,
}

/// What a look around for models found.
enum Found {
    Nothing,
    Looking,
    Done(Models),
}

/// Models as they are known at this moment.
pub(crate) enum Known {
    /// They are known.
    Models(Models),
    /// Somebody has to look.
    NotYet,
    /// Somebody looks.
    Looking,
}

impl Shared {
    pub(crate) fn new() -> Self {
        let folder = user_data_folder().unwrap_or_else(std::env::temp_dir).join("ledger");
        Self {
            ledger: Ledger::open(folder),
            tally: Tally::default(),
            breakers: Arc::default(),
            cache: ReplyCache::default(),
            prices: OnceLock::new(),
            clients: Mutex::default(),
            queues: Mutex::default(),
            libraries: Mutex::default(),
            found: Mutex::new(Found::Nothing),
        }
    }

    /// What models cost.
    pub(crate) fn prices(&self) -> &PriceTable {
        self.prices.get_or_init(|| {
            PriceTable::bundled().unwrap_or_else(|error| {
                tracing::error!("the bundled prices cannot be read: {error}");
                PriceTable::default()
            })
        })
    }

    /// The client for what is configured.
    pub(crate) fn client(&self, settings: &AiSettings) -> Arc<Client> {
        let network = network(settings);
        let mut clients = lock(&self.clients);
        Arc::clone(clients.entry(network.ca_file.clone()).or_insert_with(|| Arc::new(Client::new(network))))
    }

    /// Who may ask a model next.
    pub(crate) fn queue_of(&self, model: &Model) -> Queue {
        let places = if model.is_local() { 1 } else { REMOTE_PLACES };
        let key = model.endpoint.base_url.to_string();
        lock(&self.queues).entry(key).or_insert_with(|| Queue::new(places)).clone()
    }

    /// The templates that hold in a folder.
    pub(crate) fn library(&self, config: &FolderConfig) -> Arc<Library> {
        let workspace = config.file.as_ref().and_then(|file| file.path.parent()).map(Path::to_owned);
        if let Some(known) = lock(&self.libraries).get(&workspace) {
            return Arc::clone(known);
        }
        let user = user_config_file().and_then(|file| Some((Layer::User, file.parent()?.join("templates"))));
        let own = workspace.as_ref().map(|folder| (Layer::Workspace, folder.join(TEMPLATES)));
        let folders: Vec<_> = user.into_iter().chain(own).filter(|(_, folder)| folder.is_dir()).collect();
        let library = Arc::new(Library::load(&folders));
        for problem in library.problems() {
            tracing::warn!("a template: {problem}");
        }
        Arc::clone(lock(&self.libraries).entry(workspace).or_insert(library))
    }

    /// Forgets what was read from files and found on the machine.
    pub(crate) fn reload(&self) {
        lock(&self.libraries).clear();
        let mut found = lock(&self.found);
        if matches!(*found, Found::Done(_)) {
            *found = Found::Nothing;
        }
    }

    /// The models, as far as they are known without asking anybody.
    pub(crate) fn known_models(&self, settings: &AiSettings) -> Known {
        if let Some(models) = configured(settings, self.prices(), &|name| std::env::var(name).ok()) {
            return Known::Models(models);
        }
        match &*lock(&self.found) {
            Found::Done(models) => Known::Models(models.clone()),
            Found::Looking => Known::Looking,
            Found::Nothing => Known::NotYet,
        }
    }

    /// Notes that somebody looks for models; `false` when somebody does already.
    pub(crate) fn begin_looking(&self) -> bool {
        let mut found = lock(&self.found);
        let begins = !matches!(*found, Found::Looking);
        *found = Found::Looking;
        begins
    }

    /// Looks for models.
    pub(crate) async fn look(&self, settings: &AiSettings) -> Models {
        let models = discovered(&self.client(settings), self.prices()).await;
        *lock(&self.found) = Found::Done(models.clone());
        models
    }
}

/// What may be spent.
pub(crate) fn limits(settings: &AiSettings) -> Vec<Limit> {
    let budget = settings.budget;
    let all = [
        (Over::Edit, Unit::Micros, budget.edit),
        (Over::Day, Unit::Micros, budget.day),
        (Over::Month, Unit::Micros, budget.month),
        (Over::Edit, Unit::Tokens, budget.edit_tokens),
        (Over::Day, Unit::Tokens, budget.day_tokens),
        (Over::Month, Unit::Tokens, budget.month_tokens),
    ];
    all.into_iter()
        .filter_map(|(over, unit, most)| {
            let hard = Some(most?);
            // Four fifths: there is still something left when the user is told.
            let soft = if over == Over::Edit { None } else { hard.map(|most| most / 5 * 4) };
            Some(Limit { over, scope: Scope::Everything, unit, soft, hard })
        })
        .collect()
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
