//! `autodao templates rollback`.

use autodao_engine::templates::{Label, Layer, Pin, Pointer};

use super::version::store;
use super::{Here, Trouble, say, trouble};

pub(super) fn run(name: &str, label: Option<&str>) -> Result<u8, Trouble> {
    let mut here = Here::read()?;
    here.template(name)?;
    let pointer = match (label.map(Label::from_name), here.lock.pin(name)) {
        (Some(Some(label)), _) => Pointer::Label(label),
        (Some(None), _) => {
            return trouble(format!("`{}` is none of production, staging and canary", label.unwrap_or("")));
        }
        // What is used follows the label.
        (None, Some(Pin::Label(label))) => Pointer::Label(*label),
        (None, _) => Pointer::Pin,
    };
    let nearest = here.locks.nearest();
    let layers = [nearest, Layer::User];
    let layer = layers.into_iter().find(|layer| here.locks.of(*layer).was_moved(name, pointer));
    let layer = layer.unwrap_or(nearest);
    let now = here.locks.of_mut(layer).roll_back(name, pointer)?;
    let library = here.folders.library(&here.locks.together());
    store(&here, layer)?;
    let now = now.unwrap_or_else(|| "taken away".to_owned());
    let used = library.get(name).map_or_else(String::new, |template| template.version.to_string());
    Ok(say(&format!("{} of {name} is {now} again; {name}@{used} is used here.", pointer.name())))
}
