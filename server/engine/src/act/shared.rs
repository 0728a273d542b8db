//! What all edits of one process share. Everything in it is made when it is first needed: a server that is never
//! asked for an AI edit pays nothing for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use autodao_ledger::Ledger;
use autodao_providers::{Breakers, Client, Network, PriceTable};
use autodao_templates::{Library, Lock};

use super::ask::Answer;
use super::cache::ReplyCache;
use super::kept::KeptRequests;
use super::keys::Keys;
use super::models::{Model, Models, configured, discovered};
use super::plan::Plan;
use super::plan::Surroundings;
use super::queue::Queue;
use super::ratios::Ratios;
use super::status::Tally;
use crate::config::{AiSettings, FolderConfig, user_data_folder, user_ledger};
use crate::experiments::{Chooser, Experiments};
use crate::index::WorkspaceIndexes;
use crate::library::TemplateFolders;

/// How many requests a remote endpoint gets at a time. A local one gets one: it would do them one after the other.
const REMOTE_PLACES: usize = 4;

pub(crate) struct Shared {
    pub(crate) ledger: Ledger,
    pub(crate) tally: Tally,
    pub(crate) breakers: Arc<Breakers>,
    pub(crate) cache: ReplyCache<Answer>,
    /// What is defined in the folders that are worked in.
    pub(crate) indexes: Arc<WorkspaceIndexes>,
    pub(crate) keys: Keys,
    pub(crate) ratios: Ratios,
    /// Which version of a template an edit is made with.
    pub(crate) chooser: Chooser,
    prices: OnceLock<PriceTable>,
    client: OnceLock<Arc<Client>>,
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
        let ledger =
            user_ledger().unwrap_or_else(|| Ledger::open(std::env::temp_dir().join("autodao-ledger")));
        let chooser = Chooser::new(Experiments::of_user(), ledger.clone());
        Self {
            chooser,
            ledger,
            tally: Tally::default(),
            breakers: Arc::default(),
            cache: ReplyCache::default(),
            indexes: Arc::default(),
            keys: Keys::default(),
            ratios: Ratios::new(user_data_folder().map(|folder| folder.join("ratios.json"))),
            prices: OnceLock::new(),
            client: OnceLock::new(),
            queues: Mutex::default(),
            libraries: Mutex::default(),
            found: Mutex::new(Found::Nothing),
        }
    }

    /// What models cost.
    pub(crate) fn prices(&self) -> &PriceTable {
        self.prices.get_or_init(|| {
            let (prices, problem) = crate::prices::load();
            if let Some(problem) = problem {
                tracing::warn!("{problem}");
            }
            prices
        })
    }

    /// What speaks to all providers: how each is reached, its endpoint says.
    pub(crate) fn client(&self) -> Arc<Client> {
        Arc::clone(self.client.get_or_init(|| Arc::new(Client::new(Network::default()))))
    }

    /// What plans are made with.
    pub(crate) fn surroundings<'a>(&'a self, library: &'a Library, model: &'a Model) -> Surroundings<'a> {
        Surroundings {
            library,
            chooser: Some(&self.chooser),
            model,
            prices: self.prices(),
            indexes: &self.indexes,
            ratios: &self.ratios,
        }
    }

    /// Where requests are kept, if they are.
    pub(crate) fn kept(&self, settings: &AiSettings) -> Option<KeptRequests> {
        KeptRequests::new(user_data_folder(), settings.keep_requests)
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
        let folders = TemplateFolders::of_workspace(workspace.as_deref());
        let pins = folders.lock().unwrap_or_else(|error| {
            tracing::warn!("templates are used without their pins: {error}");
            Lock::default()
        });
        let library = Arc::new(folders.library(&pins));
        let changed = pins.verify(library.all().map(|template| &**template));
        for problem in library.problems().iter().chain(&changed) {
            tracing::warn!("a template: {problem}");
        }
        Arc::clone(lock(&self.libraries).entry(workspace).or_insert(library))
    }

    /// Forgets what was read from files and found on the machine.
    /// Forgets the answer to a plan's request: it was not wanted, and who asks again hopes for another.
    pub(crate) fn forget(&self, plan: &Plan) {
        let endpoint = &plan.model.endpoint;
        if let Ok(http) = endpoint.format.encode(endpoint, &plan.request()) {
            self.cache.forget(&http.sha256());
        }
    }

    pub(crate) fn reload(&self) {
        lock(&self.libraries).clear();
        self.keys.forget_said();
        let mut found = lock(&self.found);
        if matches!(*found, Found::Done(_)) {
            *found = Found::Nothing;
        }
    }

    /// The models, as far as they are known without asking anybody.
    pub(crate) fn known_models(&self, settings: &AiSettings) -> Known {
        if let Some(models) =
            configured(settings, self.prices(), &self.keys, &|name| std::env::var(name).ok())
        {
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
    pub(crate) async fn look(&self) -> Models {
        let models = discovered(&self.client(), self.prices()).await;
        *lock(&self.found) = Found::Done(models.clone());
        models
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
