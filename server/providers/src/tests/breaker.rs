//! The breaker against a plain account of what it promises.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use crate::{Breaker, ErrorKind};

#[test]
fn it_opens_lets_one_through_and_closes() {
    let start = Instant::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    let mut breaker = Breaker::default();
    for _ in 0..5 {
        assert_eq!(breaker.ask(start), Ok(()));
        breaker.failed(&ErrorKind::Server, start);
    }
    assert_eq!(breaker.ask(at(4)), Err(Duration::from_secs(1)));
    assert_eq!(breaker.ask(at(5)), Ok(()));
    // One probe at a time.
    assert!(breaker.ask(at(5)).is_err());
    breaker.failed(&ErrorKind::Cut, at(5));
    // Twice as long.
    assert!(breaker.ask(at(14)).is_err());
    assert_eq!(breaker.ask(at(15)), Ok(()));
    breaker.succeeded(at(15));
    assert_eq!((breaker.ask(at(15)), breaker.ask(at(15))), (Ok(()), Ok(())));
}

#[test]
fn a_rate_opens_it_too() {
    let now = Instant::now();
    let mut breaker = Breaker::default();
    for turn in 0..12 {
        assert_eq!(breaker.ask(now), Ok(()), "{turn}");
        if turn % 3 == 0 {
            breaker.succeeded(now)
        } else {
            breaker.failed(&ErrorKind::Server, now)
        }
        if breaker.ask(now).is_err() {
            assert!(turn >= 9, "{turn}");
            return;
        }
    }
    panic!("two of three fail");
}

#[test]
fn the_providers_wish_is_kept() {
    let now = Instant::now();
    let wait = Duration::from_secs(77);
    let mut breaker = Breaker::default();
    breaker.failed(&ErrorKind::RateLimited { retry_after: Some(wait) }, now);
    assert_eq!(breaker.ask(now), Err(wait));
    assert_eq!(breaker.ask(now + wait), Ok(()));
    // A probe that is given up leaves its place.
    breaker.abandoned();
    assert_eq!(breaker.ask(now + wait), Ok(()));
}

#[derive(Clone, Debug)]
enum Act {
    Ask,
    Good,
    Bad,
    Own,
    GiveUp,
    Pass(u64),
}

proptest! {
    #[test]
    fn it_never_stays_shut_and_never_minds_the_requests_own_faults(
        acts in prop::collection::vec(
            prop_oneof![
                Just(Act::Ask), Just(Act::Good), Just(Act::Bad), Just(Act::Own), Just(Act::GiveUp),
                (0_u64..90).prop_map(Act::Pass)
            ],
            0..200,
        )
    ) {
        let mut now = Instant::now();
        let mut breaker = Breaker::default();
        let mut bad = 0;
        for act in acts {
            match act {
                Act::Ask => {
                    let answer = breaker.ask(now);
                    prop_assert!(bad > 0 || answer.is_ok());
                    prop_assert!(answer.err().is_none_or(|wait| wait <= Duration::from_secs(60)));
                }
                Act::Good => breaker.succeeded(now),
                Act::Bad => {
                    bad += 1;
                    breaker.failed(&ErrorKind::Server, now);
                }
                Act::Own => breaker.failed(&ErrorKind::BadRequest { parameter: None }, now),
                Act::GiveUp => breaker.abandoned(),
                Act::Pass(seconds) => now += Duration::from_secs(seconds),
            }
        }
        // Whatever happened, in a minute somebody may try.
        breaker.abandoned();
        prop_assert_eq!(breaker.ask(now + Duration::from_secs(60)), Ok(()));
    }
}
