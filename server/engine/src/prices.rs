//! What models cost: the bundled table, and over it the user's own.

use std::path::PathBuf;

use autodao_providers::PriceTable;

use crate::config::user_data_folder;

/// The user's own table. `None` without a home folder.
pub fn own_file() -> Option<PathBuf> {
    user_data_folder().map(|folder| folder.join("prices.json"))
}

/// The prices that hold, and what is wrong with the user's table, if something is: then the bundled ones hold.
pub fn load() -> (PriceTable, Option<String>) {
    let bundled = PriceTable::bundled().unwrap_or_default();
    let Some(file) = own_file().filter(|file| file.exists()) else { return (bundled, None) };
    match read(&file) {
        Ok(own) => {
            let mut prices = bundled;
            prices.override_with(own);
            (prices, None)
        }
        Err(why) => (bundled, Some(why)),
    }
}

/// Puts a file in the place of the user's own table. Returns it, with how many prices it has.
///
/// # Errors
/// The file is no price table, or cannot be written. Nothing is changed then.
pub fn update(file: &std::path::Path) -> Result<(PathBuf, usize), String> {
    let table = read(file)?;
    let own = own_file().ok_or("there is no home folder; set AUTODAO_DATA_DIR")?;
    let failed = |error: std::io::Error| format!("{}: {error}", own.display());
    let folder = own.parent().unwrap_or(&own);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let bytes = std::fs::read(file).map_err(failed)?;
    std::io::Write::write_all(&mut new, &bytes).map_err(failed)?;
    new.persist(&own).map_err(|error| failed(error.error))?;
    Ok((own, table.len()))
}

fn read(file: &std::path::Path) -> Result<PriceTable, String> {
    let failed = |why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
    let bytes = std::fs::read(file).map_err(|error| failed(&error))?;
    PriceTable::overriding(&bytes).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use autodao_providers::{Usage, Vendor};

    use super::*;

    #[test]
    fn the_users_prices_go_over_the_bundled_ones_and_what_is_unknown_stays_so() {
        let own = br#"{"date":"2030-01-01","source":"me","models":{"openai":{"gpt-5":{"input":1000000,"output":2000000}}}}"#;
        let mut prices = PriceTable::bundled().unwrap();
        let count = prices.len();
        prices.override_with(PriceTable::overriding(own).unwrap());
        assert!(prices.len() == count || prices.len() == count + 1);
        assert_eq!(prices.date, "2030-01-01");
        let usage = Usage { input: 3, output: 4, ..Usage::default() };
        assert_eq!(prices.find(Vendor::OpenAi, "gpt-5").unwrap().cost_micros(&usage), 11);
        assert_eq!(prices.find(Vendor::OpenAi, "no-such-model"), None);
        for bad in [
            "",
            "[]",
            "{\"models\":{}}",
            "{\"date\":\"x\",\"source\":\"y\",\"models\":{\"a\":{\"b\":{\"input\":-1,\"output\":1}}}}",
        ] {
            assert!(PriceTable::overriding(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_file_that_is_no_table_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prices.json");
        std::fs::write(&file, "not a table").unwrap();
        let told = update(&file).unwrap_err();
        assert!(told.contains("no table of prices"), "{told}");
        assert!(update(&folder.path().join("none.json")).is_err());
    }
}
