//! What a user sees of each way an answer can go wrong.

use std::time::Duration;

use autodao_providers::{ConnectFault, ErrorKind, Format, Phase, StopReason, Timeouts};

use crate::loopback::{Act, Gate, Loopback, Reply};
use crate::{Outcome, PATIENT, answers, ask, client, endpoint};

#[tokio::test]
async fn every_format_is_read_whatever_the_pieces() {
    for (format, path, body) in answers() {
        for size in [1, 7, 4096] {
            let server = Loopback::start();
            server.reply(
                Reply::status(200, "application/octet-stream").then(Act::Split(body.clone().into(), size)),
            );
            let (outcome, error) = ask(&client(), &endpoint("e", format, &server.url(path)), &PATIENT).await;
            assert_eq!(error, None, "{format:?} {size}");
            assert_eq!(outcome.text, "Hello, wörld", "{format:?} {size}");
            assert_eq!(outcome.stop, Some(StopReason::EndTurn));
            let usage = outcome.usage.unwrap();
            assert_eq!((usage.input, usage.output, usage.reported()), (12, 5, true), "{format:?} {size}");
        }
    }
}

#[tokio::test]
async fn an_answer_cut_anywhere_is_no_answer() {
    let (mut tried, mut whole) = (0, 0);
    for (format, path, body) in answers() {
        // At the end of each line, so at each event's boundary, and in the middle of each.
        let lines: Vec<usize> = body.match_indices('\n').map(|(at, _)| at + 1).collect();
        let cuts = lines.iter().flat_map(|at| [at.saturating_sub(9), *at]).filter(|at| *at < body.len());
        for cut in cuts.filter(|at| body.is_char_boundary(*at)) {
            for is_clean in [true, false] {
                let mut reply = Reply::status(200, "text/event-stream").then(Act::Bytes(body[..cut].into()));
                if !is_clean {
                    reply = reply.then(Act::Cut);
                }
                let server = Loopback::start();
                server.reply(reply);
                let (outcome, error) =
                    ask(&client(), &endpoint("e", format, &server.url(path)), &PATIENT).await;
                tried += 1;
                // Where nothing but a marker is missing that some servers never send, a clean end is an end. One
                // blank line less is none.
                let has_all = body[..cut].contains("finish_reason\":\"stop")
                    || body[..cut].trim_end() == body.trim_end();
                if (is_clean || body[..cut].trim_end() == body.trim_end())
                    && has_all
                    && outcome.stop.is_some()
                {
                    whole += 1;
                    assert_eq!((outcome.text.as_str(), error), ("Hello, wörld", None), "{format:?} {cut}");
                } else {
                    assert_eq!(outcome.stop, None, "{format:?} {cut} {is_clean}");
                    assert_eq!(
                        error.map(|error| error.kind),
                        Some(ErrorKind::Cut),
                        "{format:?} {cut} {is_clean}"
                    );
                }
            }
        }
    }
    assert!(tried > 100 && whole > 0 && whole < tried / 4, "{whole} of {tried}");
}

// The connection is closed by the runtime, while this thread waits for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_is_up_at_each_phase() {
    let short = Duration::from_millis(60);
    let long = Duration::from_secs(30);
    let (format, path, body) = answers()[0].clone();
    let half = body.find("wörld").unwrap();
    let head = Reply::status(200, "text/event-stream");
    let half_way = head.clone().then(Act::Bytes(body[..half].into())).then(Act::Stall);
    let comments = head.clone().then(Act::Bytes(b": waiting\n\n".to_vec())).then(Act::Stall);
    for (reply, timeouts, phase) in [
        (
            Reply(vec![Act::Stall]),
            Timeouts { first_token: short, idle: long, total: long },
            Phase::FirstToken,
        ),
        (Reply(vec![Act::Stall]), Timeouts { first_token: long, idle: long, total: short }, Phase::Total),
        (head.then(Act::Stall), Timeouts { first_token: short, idle: long, total: long }, Phase::FirstToken),
        // Signs of life are no tokens.
        (comments, Timeouts { first_token: short, idle: long, total: long }, Phase::FirstToken),
        (half_way.clone(), Timeouts { first_token: long, idle: short, total: long }, Phase::Idle),
        (half_way, Timeouts { first_token: long, idle: long, total: short }, Phase::Total),
    ] {
        let server = Loopback::start();
        server.reply(reply);
        let (_, error) = ask(&client(), &endpoint("slow", format, &server.url(path)), &timeouts).await;
        let error = error.unwrap();
        assert_eq!(error.kind, ErrorKind::Timeout { phase });
        assert!(error.to_string().starts_with("slow: "), "{error}");
        // The server is not left waiting.
        server.wait_for_hang_ups(1);
    }
}

#[tokio::test]
async fn a_slow_but_living_answer_is_waited_for() {
    let (format, path, body) = answers()[0].clone();
    let server = Loopback::start();
    let pause = Duration::from_millis(2);
    server.reply(Reply::status(200, "text/event-stream").then(Act::Trickle(body.into(), 16, pause)));
    let (outcome, error) = ask(&client(), &endpoint("e", format, &server.url(path)), &PATIENT).await;
    assert_eq!((outcome.text.as_str(), error), ("Hello, wörld", None));
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    for is_before_head in [true, false] {
        let (format, path, body) = answers()[0].clone();
        let server = Loopback::start();
        let half = body.find("wörld").unwrap();
        let reply =
            Reply::status(200, "text/event-stream").then(Act::Bytes(body[..half].into())).then(Act::Stall);
        server.reply(if is_before_head { Reply(vec![Act::Stall]) } else { reply });
        let endpoint = endpoint("e", format, &server.url(path));
        let task = tokio::spawn(async move { ask(&client(), &endpoint, &PATIENT).await });
        let server = tokio::task::spawn_blocking(move || {
            server.wait_for_asked(1);
            server
        });
        let server = server.await.unwrap();
        task.abort();
        tokio::task::spawn_blocking(move || server.wait_for_hang_ups(1)).await.unwrap();
    }
}

#[tokio::test]
async fn events_come_as_they_are_sent() {
    let (format, path, body) = answers()[0].clone();
    let half = body.find(": a comment").unwrap();
    let gate = Gate::default();
    let server = Loopback::start();
    let reply = Reply::status(200, "text/event-stream").then(Act::Bytes(body[..half].into()));
    server.reply(reply.then(Act::Await(gate.clone())).then(Act::Bytes(body[half..].into())));
    let endpoint = endpoint("e", format, &server.url(path));
    let client = client();
    let mut stream = client.stream(&endpoint, &crate::request(), &PATIENT).await.unwrap();
    let mut outcome = Outcome::default();
    outcome.take(stream.next().await.unwrap().unwrap());
    // The server has not sent more: the test would hang here if the first text were held back.
    assert_eq!(outcome.text, "Hello, ");
    gate.open();
    while let Some(event) = stream.next().await {
        outcome.take(event.unwrap());
    }
    assert_eq!(outcome.text, "Hello, wörld");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_server_that_never_ends_its_answer_does_not_lose_it() {
    let (format, path, body) = answers()[0].clone();
    let server = Loopback::start();
    let body = body.replace("data: [DONE]\n\n", "");
    server.reply(Reply::events(&body).then(Act::Stall));
    let timeouts = Timeouts { idle: Duration::from_millis(60), ..PATIENT };
    let (outcome, error) = ask(&client(), &endpoint("e", format, &server.url(path)), &timeouts).await;
    assert_eq!((outcome.text.as_str(), error), ("Hello, wörld", None));
    assert_eq!(outcome.usage.map(|usage| usage.output), Some(5));
}

#[tokio::test]
async fn lies_are_seen_through() {
    let error = r#"{"error":{"message":"Overloaded","type":"overloaded_error"}}"#;
    let overloaded = ErrorKind::Overloaded { retry_after: None };
    for (reply, kind) in [
        // An error with status 200, in three shapes.
        (Reply::json(200, error), overloaded.clone()),
        (Reply::events(&format!("event: error\ndata: {error}\n\n")), overloaded.clone()),
        (Reply::events(&format!("data: {error}\n\ndata: [DONE]\n\n")), overloaded),
        // A portal's login page.
        (
            Reply::status(200, "text/html").then(Act::Bytes(b"<!DOCTYPE html><p>Log in".to_vec())),
            ErrorKind::Protocol,
        ),
        (Reply::events(""), ErrorKind::Cut),
        (Reply::events("data: [DONE]\n\n"), ErrorKind::Cut),
        (Reply::events("data: {\"choices\": nonsense}\n\ndata: {}\n\n"), ErrorKind::Protocol),
        // More is promised than comes.
        (
            Reply(vec![
                Act::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\ndata: {}\n\n".to_vec()),
                Act::Cut,
            ]),
            ErrorKind::Cut,
        ),
        (Reply(vec![Act::Cut]), ErrorKind::Cut),
        (Reply(vec![Act::Raw(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()), Act::Cut]), ErrorKind::Cut),
    ] {
        let server = Loopback::start();
        server.reply(reply.clone());
        let (outcome, error) =
            ask(&client(), &endpoint("e", Format::OpenAiChat, &server.url("/v1")), &PATIENT).await;
        assert_eq!(outcome.stop, None, "{reply:?}");
        assert_eq!(error.map(|error| error.kind), Some(kind), "{reply:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_streamed_is_read_as_well() {
    let body = r#"{"choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"length"}],
        "usage":{"prompt_tokens":3,"completion_tokens":1}}"#;
    let server = Loopback::start();
    server.reply(Reply::json(200, body));
    let (outcome, error) =
        ask(&client(), &endpoint("e", Format::OpenAiChat, &server.url("/v1")), &PATIENT).await;
    assert_eq!(error, None);
    assert_eq!((outcome.text.as_str(), outcome.stop), ("Hello", Some(StopReason::Length)));
}

#[tokio::test]
async fn errors_name_the_endpoint_the_cure_and_the_request() {
    let server = Loopback::start();
    let body = r#"{"error":{"message":"Rate limit reached. Please try again in 1m2.5s.","type":"tokens"}}"#;
    server.reply(Reply::json(429, body).header("x-request-id", "req_7"));
    let (_, error) =
        ask(&client(), &endpoint("work", Format::OpenAiChat, &server.url("/v1")), &PATIENT).await;
    let error = error.unwrap();
    assert_eq!(error.kind.retry_after(), Some(Duration::from_millis(62_500)));
    assert_eq!((error.status, error.request_id.as_deref()), (Some(429), Some("req_7")));
    assert_eq!(
        error.to_string(),
        "work: too many requests (try again in 63 s): Rate limit reached. Please try again in 1m2.5s. \
         Wait, or choose another endpoint."
    );
}

#[tokio::test]
async fn no_connection() {
    // A port nobody listens on: one that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = endpoint("off", Format::Ollama, &format!("http://{free}"));
    let (_, error) = ask(&client(), &nobody, &PATIENT).await;
    assert_eq!(error.map(|error| error.kind), Some(ErrorKind::Connect(ConnectFault::Refused)));
    // RFC 2606: a name that never resolves.
    let mut nowhere = endpoint("typo", Format::OpenAiChat, "http://models.invalid/v1");
    nowhere.proxy = Some(autodao_providers::ProxyChoice::None);
    let (_, error) = ask(&client(), &nowhere, &PATIENT).await;
    assert_eq!(error.map(|error| error.kind), Some(ErrorKind::Connect(ConnectFault::Dns)));
}
