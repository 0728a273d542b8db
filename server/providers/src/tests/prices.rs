//! Money.

use proptest::prelude::*;

use crate::{Endpoint, Format, Price, PriceTable, PriceTableError, Usage, Vendor};

fn price(input: u64, output: u64) -> Price {
    serde_json::from_value(serde_json::json!({"input": input, "output": output})).unwrap()
}

#[test]
fn the_bundled_table_is_whole() {
    let table = PriceTable::bundled().unwrap();
    assert!(table.len() >= 100 && !table.is_empty(), "{}", table.len());
    assert!(table.date.len() == 10 && !table.source.is_empty() && !table.license.is_empty());
    for (vendor, model, price) in table.iter() {
        assert!(Vendor::named(vendor).is_some(), "{vendor}");
        assert!(price.output >= price.input / 10 && price.output > 0, "{model}: {price:?}");
        assert!(price.cached_input.is_none_or(|cached| cached <= price.input), "{model}: {price:?}");
        assert!(price.long.as_ref().is_none_or(|long| long.input >= price.input), "{model}: {price:?}");
    }
    let json = serde_json::to_vec(&table).unwrap();
    assert_eq!(PriceTable::replacing_bundled(&json).unwrap(), table);
}

#[test]
fn costs_by_hand() {
    // 3 and 15 dollars a million, cache 0.30, write 3.75, an hour 6.
    let claude: Price = serde_json::from_value(serde_json::json!({
        "input": 3_000_000, "output": 15_000_000, "cached_input": 300_000,
        "cache_write": 3_750_000, "cache_write_1h": 6_000_000,
    }))
    .unwrap();
    let usage = Usage {
        input: 10_000,
        cached_input: 4_000,
        cache_write: 2_000,
        cache_write_1h: 500,
        output: 1_000,
        ..Usage::default()
    };
    // 4000*3 + 4000*0.3 + 1500*3.75 + 500*6 + 1000*15, in millionths of a dollar.
    assert_eq!(claude.cost_micros(&usage), 12_000 + 1_200 + 5_625 + 3_000 + 15_000);
    // What is not free never becomes 0.
    let small = Usage { input: 1, ..Usage::default() };
    assert_eq!(price(50_000, 400_000).cost_micros(&small), 1);
    assert_eq!(price(0, 0).cost_micros(&small), 0);
}

#[test]
fn long_prompts_cost_more_from_their_first_token() {
    let table = PriceTable::bundled().unwrap();
    let price = table.find(Vendor::OpenAi, "gpt-5.4").unwrap();
    let cost = |input| price.cost_micros(&Usage { input, ..Usage::default() });
    assert_eq!((cost(272_000), cost(272_001)), (680_000, 1_360_005));
}

#[test]
fn unknown_is_unknown_and_local_is_free() {
    let table = PriceTable::bundled().unwrap();
    let cost = |url: &str, model: &str, usage: &Usage| {
        table.cost_micros(&Endpoint::new("e", Format::OpenAiChat, url, model).unwrap(), usage)
    };
    let usage = Usage { input: 1_000_000, ..Usage::default() };
    assert_eq!(cost("https://api.openai.com/v1", "gpt-4.1", &usage), Some(2_000_000));
    assert_eq!(cost("https://api.openai.com/v1", "gpt-4.1-2025-04-14", &usage), Some(2_000_000));
    // Likeness is no price, and another's price is none.
    assert_eq!(cost("https://api.openai.com/v1", "gpt-4.1-turbo", &usage), None);
    assert_eq!(cost("https://api.example.com/v1", "gpt-4.1", &usage), None);
    assert_eq!(cost("http://127.0.0.1:1234/v1", "gpt-4.1", &usage), Some(0));
    let reported = Usage { cost_reported_micros: Some(7), ..usage };
    assert_eq!(cost("https://openrouter.ai/api/v1", "x/y", &reported), Some(7));
}

#[test]
fn the_users_own_price_counts() {
    let mut table = PriceTable::bundled().unwrap();
    table.set(Vendor::OpenAi, "gpt-4.1", price(1, 1));
    assert_eq!(table.find(Vendor::OpenAi, "gpt-4.1"), Some(&price(1, 1)));
}

#[test]
fn a_table_that_is_none_is_not_taken() {
    let shrunk = br#"{"date":"2027-01-01","source":"x","models":{"openai":{"m":{"input":1,"output":1}}}}"#;
    assert!(matches!(PriceTable::replacing_bundled(shrunk), Err(PriceTableError::Shrunk { has: 1, .. })));
    for json in [
        "",
        "[]",
        "{\"models\":7}",
        "<html>",
        r#"{"date":"x","source":"x","models":{"a":{"b":{"input":-1,"output":0}}}}"#,
    ] {
        assert!(
            matches!(PriceTable::replacing_bundled(json.as_bytes()), Err(PriceTableError::Form(_))),
            "{json}"
        );
    }
    assert!(matches!(PriceTable::replacing_bundled(&vec![b' '; 5 << 20]), Err(PriceTableError::TooLarge)));
}

proptest! {
    #[test]
    fn no_numbers_overflow(numbers in prop::array::uniform8(any::<u64>())) {
        let [input, output, cached, write, hour, a, b, above] = numbers;
        let price = Price {
            cached_input: Some(a),
            cache_write: Some(b),
            long: Some(crate::price::LongPrice { above, input: b, output: a, cached_input: None }),
            ..price(a, b)
        };
        let usage = Usage { input, output, cached_input: cached, cache_write: write, cache_write_1h: hour, ..Usage::default() };
        let cost = price.cost_micros(&usage.clamped());
        prop_assert!(cost > 0 || input == 0 || a == 0 || b == 0);
        let clamped = usage.clamped();
        prop_assert!(clamped.cached_input + clamped.cache_write <= clamped.input);
    }
}

#[test]
fn a_batch_has_its_vendors_price_or_none() {
    let endpoint = |url: &str| Endpoint::new("e", Format::OpenAiChat, url, "m").unwrap();
    let usage = Usage { input: 3, output: 2, ..Usage::default() };
    let table = |batches: &str| {
        let json = format!(
            r#"{{"date":"2030-01-01","source":"me",{batches}"models":{{"openai":{{"m":{{"input":1000000,"output":4000000}}}}}}}}"#
        );
        PriceTable::overriding(json.as_bytes()).unwrap()
    };
    let openai = endpoint("https://api.openai.com/v1");
    let known = table(r#""batch_percent":{"openai":50},"#);
    assert_eq!(known.cost_micros(&openai, &usage), Some(11));
    assert_eq!(known.batch_cost_micros(&openai, &usage), Some(6), "rounded up");
    assert_eq!(table("").batch_cost_micros(&openai, &usage), None);
    // What the provider says goes over any table; what is not known at all stays so; this machine takes no money.
    let reported = Usage { cost_reported_micros: Some(7), ..usage };
    assert_eq!(table("").batch_cost_micros(&openai, &reported), Some(7));
    assert_eq!(known.batch_cost_micros(&endpoint("https://api.groq.com/v1"), &usage), None);
    assert_eq!(known.batch_cost_micros(&endpoint("http://127.0.0.1:1/v1"), &usage), Some(0));
    // A table that goes over another one need not say it again.
    let mut bundled = PriceTable::bundled().unwrap();
    bundled.override_with(table(""));
    assert_eq!(bundled.batch_cost_micros(&openai, &usage), Some(6));
    bundled.override_with(table(r#""batch_percent":{"openai":100},"#));
    assert_eq!(bundled.batch_cost_micros(&openai, &usage), Some(11));
}
