//! Retries, failover and the breaker, over sockets.

use std::sync::Arc;
use std::time::Duration;

use autodao_providers::{Breakers, Chain, ErrorKind, Event, Format, Next, RetryPolicy, Step, Timeouts};

use crate::loopback::{Act, Loopback, Reply};
use crate::{PATIENT, answers, client, endpoint, request};

const OVERLOADED: &str = r#"{"error":{"message":"Overloaded","type":"overloaded_error"}}"#;

fn chain(servers: &[(&str, &Loopback)]) -> Chain {
    let endpoints =
        servers.iter().map(|(name, server)| Arc::new(endpoint(name, Format::OpenAiChat, &server.url("/v1"))));
    let quick = Duration::from_millis(1);
    let policy = RetryPolicy { base: quick, cap: quick, ..RetryPolicy::default() };
    Chain { endpoints: endpoints.collect(), policy, timeouts: Some(PATIENT) }
}

fn good() -> Reply {
    Reply::events(&answers()[0].2)
}

/// A short word for each step.
async fn run(chain: &Chain, breakers: &Arc<Breakers>) -> Vec<String> {
    let mut stream = chain.ask(&client(), breakers, Arc::new(request()));
    let mut steps = Vec::new();
    while let Some(step) = stream.next().await {
        match step {
            Step::Started { endpoint, attempt, .. } => steps.push(format!("{endpoint} {attempt}")),
            Step::Event(Event::Text(text)) => steps.push(text),
            Step::Event(Event::Done { .. }) => steps.push("done".into()),
            Step::Event(_) => {}
            Step::Failed { error, next } => {
                let next = match next {
                    Next::Retry { .. } => "retry".to_owned(),
                    Next::FailOver { to } => format!("to {to}"),
                    Next::GiveUp => "give up".to_owned(),
                };
                steps.push(format!("{}: {next}", error.kind.name()));
            }
        }
    }
    steps
}

#[tokio::test]
async fn a_failure_that_passes_is_tried_again_twice() {
    let server = Loopback::start();
    let cut = Reply(vec![Act::Cut]);
    server.reply(Reply::json(529, OVERLOADED)).reply(cut).reply(good());
    let steps = run(&chain(&[("a", &server)]), &Arc::default()).await;
    let expected = ["a 1", "overloaded: retry", "a 2", "cut: retry", "a 3", "Hello, ", "wörld", "done"];
    assert_eq!(steps, expected);

    for _ in 0..3 {
        server.reply(Reply::json(529, OVERLOADED));
    }
    let steps = run(&chain(&[("a", &server)]), &Arc::default()).await;
    assert_eq!(steps[5..], ["overloaded: give up"]);
    assert_eq!(server.asked().len(), 6);
}

#[tokio::test]
async fn nothing_is_tried_again_after_the_first_shown_token() {
    let (first, second) = (Loopback::start(), Loopback::start());
    let body = &answers()[0].2;
    let half = body.find(": a comment").unwrap();
    first.reply(Reply::status(200, "text/event-stream").then(Act::Bytes(body[..half].into())).then(Act::Cut));
    let steps = run(&chain(&[("a", &first), ("b", &second)]), &Arc::default()).await;
    assert_eq!(steps, ["a 1", "Hello, ", "cut: give up"]);
    assert!(second.asked().is_empty());
}

#[tokio::test]
async fn money_and_keys_are_not_tried_again_but_failed_over() {
    let (first, second) = (Loopback::start(), Loopback::start());
    let quota = r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#;
    first.reply(Reply::json(429, quota).header("retry-after", "1"));
    second.reply(good());
    let steps = run(&chain(&[("a", &first), ("b", &second)]), &Arc::default()).await;
    assert_eq!(steps, ["a 1", "money_or_quota: to b", "b 1", "Hello, ", "wörld", "done"]);
    assert_eq!(first.asked().len(), 1);
}

#[tokio::test]
async fn a_request_that_is_wrong_is_wrong_everywhere() {
    let (first, second) = (Loopback::start(), Loopback::start());
    first.reply(Reply::json(400, r#"{"error":{"message":"prompt is too long: 9 tokens > 8 maximum"}}"#));
    let steps = run(&chain(&[("a", &first), ("b", &second)]), &Arc::default()).await;
    assert_eq!(steps, ["a 1", "context_overflow: give up"]);
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_not_waited() {
    let (first, second) = (Loopback::start(), Loopback::start());
    first.reply(Reply::json(429, "{}").header("retry-after", "3600"));
    second.reply(good());
    let breakers = Arc::default();
    let chain = chain(&[("a", &first), ("b", &second)]);
    let steps = run(&chain, &breakers).await;
    assert_eq!(steps[..3], ["a 1", "rate_limited: to b", "b 1"]);
    // The hour is kept: the endpoint is not asked again.
    second.reply(good());
    let steps = run(&chain, &breakers).await;
    assert_eq!(steps[..2], ["circuit_open: to b", "b 1"]);
    breakers.reset();
    first.reply(good());
    assert_eq!(run(&chain, &breakers).await[0], "a 1");
}

#[tokio::test]
async fn what_is_local_stays_local_unless_allowed() {
    let (local, cloud) = (Loopback::start(), Loopback::start());
    let chain = |is_allowed| {
        let mut chain = chain(&[("local", &local), ("cloud", &cloud)]);
        let mut endpoint = (*chain.endpoints[1]).clone();
        endpoint.is_local = false;
        chain.endpoints[1] = Arc::new(endpoint);
        chain.policy.retries = 0;
        chain.policy.local_to_cloud = is_allowed;
        chain
    };
    local.reply(Reply::json(529, OVERLOADED)).reply(Reply::json(529, OVERLOADED));
    assert_eq!(run(&chain(false), &Arc::default()).await, ["local 1", "overloaded: give up"]);
    assert!(cloud.asked().is_empty());
    cloud.reply(good());
    assert_eq!(run(&chain(true), &Arc::default()).await[..3], ["local 1", "overloaded: to cloud", "cloud 1"]);
}

#[tokio::test]
async fn an_endpoint_that_keeps_failing_is_left_alone() {
    let server = Loopback::start();
    let mut chain = chain(&[("a", &server)]);
    chain.policy.retries = 0;
    let breakers = Arc::default();
    for _ in 0..5 {
        server.reply(Reply::json(500, "{}"));
        assert_eq!(run(&chain, &breakers).await, ["a 1", "server: give up"]);
    }
    assert_eq!(run(&chain, &breakers).await, ["circuit_open: give up"]);
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn a_short_pause_is_waited_for_when_there_is_no_other() {
    let server = Loopback::start();
    let mut chain = chain(&[("a", &server)]);
    chain.policy.retries = 0;
    let breakers = Arc::default();
    server.reply(Reply::json(429, "{}").header("retry-after-ms", "200"));
    assert_eq!(run(&chain, &breakers).await, ["a 1", "rate_limited: give up"]);
    chain.policy.retries = 2;
    server.reply(good());
    assert_eq!(run(&chain, &breakers).await[..3], ["circuit_open: retry", "a 2", "Hello, "]);
}

// The connection is closed by the runtime, while this thread waits for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_a_request_in_flight_frees_its_place() {
    let server = Loopback::start();
    server.reply(Reply(vec![Act::Stall]));
    let chain = chain(&[("a", &server)]);
    let breakers = Arc::default();
    let mut stream = chain.ask(&client(), &breakers, Arc::new(request()));
    assert!(matches!(stream.next().await, Some(Step::Started { .. })));
    // A future that is dropped loses nothing: the next one goes on with the same attempt.
    for _ in 0..3 {
        assert!(tokio::time::timeout(Duration::from_millis(20), stream.next()).await.is_err());
    }
    drop(stream);
    server.wait_for_hang_ups(1);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn no_endpoint_is_an_error() {
    let chain = Chain { endpoints: Vec::new(), policy: RetryPolicy::default(), timeouts: None };
    assert_eq!(run(&chain, &Arc::default()).await, ["configuration: give up"]);
    let server = Loopback::start();
    server.reply(Reply(vec![Act::Stall]));
    let mut one = Chain::of(Arc::new(endpoint("a", Format::OpenAiChat, &server.url("/v1"))));
    one.timeouts = Some(Timeouts { total: Duration::from_millis(40), ..PATIENT });
    assert_eq!(run(&one, &Arc::default()).await, ["a 1", "timeout_total: give up"]);
    assert_eq!(ErrorKind::Cut.retry_after(), None);
}
