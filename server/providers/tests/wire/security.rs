//! A key goes where it belongs and nowhere else.

use autodao_providers::{
    Client, ConnectFault, Endpoint, ErrorKind, Format, Key, Network, ProxyChoice, Secret, Url,
};

use crate::loopback::{Act, Loopback, Reply};
use crate::private_server::PrivateServer;
use crate::{PATIENT, answers, ask, client, endpoint, request};

const CANARY: &str = "sk-canary-0123456789abcdef";

#[tokio::test]
async fn the_key_is_sent_in_the_formats_own_header() {
    for (format, path, body) in answers() {
        let server = Loopback::start();
        server.reply(Reply::events(&body));
        let endpoint = endpoint("e", format, &server.url(path)).with_key(Secret::new(CANARY));
        let (_, error) = ask(&client(), &endpoint, &PATIENT).await;
        assert_eq!(error, None);
        let asked = server.asked().remove(0);
        let (name, value) = match format {
            Format::Anthropic => ("x-api-key", CANARY.to_owned()),
            Format::Gemini => ("x-goog-api-key", CANARY.to_owned()),
            Format::AzureChat => ("api-key", CANARY.to_owned()),
            _ => ("authorization", format!("Bearer {CANARY}")),
        };
        assert_eq!(asked.header(name), Some(value.as_str()), "{format:?}");
        assert!(!asked.target.contains(CANARY), "never in the URL");
        assert!(!String::from_utf8_lossy(&asked.body).contains(CANARY));
        // What is shown before sending is what is sent, but for the key.
        let http = format.encode(&endpoint, &request()).unwrap();
        assert_eq!(http.body, asked.body);
        let shown = format!("{http} {http:?} {endpoint:?}");
        assert!(!shown.contains(CANARY), "{shown}");
        assert!(http.to_string().contains(&format!("{name}: [redacted]")), "{http}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 307, 308] {
        let (server, thief) = (Loopback::start(), Loopback::start());
        server.reply(Reply::json(status, "{}").header("location", &thief.url("/v1/chat/completions")));
        let endpoint = endpoint("e", Format::OpenAiChat, &server.url("/v1")).with_key(Secret::new(CANARY));
        let (_, error) = ask(&client(), &endpoint, &PATIENT).await;
        let error = error.unwrap();
        assert_eq!(error.kind, ErrorKind::Configuration);
        assert!(error.to_string().contains(&thief.address()), "{error}");
        assert_eq!(thief.connections(), 0);
    }
}

#[tokio::test]
async fn a_key_is_bound_to_its_host() {
    let (own, other) = (Loopback::start(), Loopback::start());
    let mut moved = endpoint("e", Format::OpenAiChat, &own.url("/v1")).with_key(Secret::new(CANARY));
    // Whatever moves the address does not move the key.
    moved.base_url = Url::parse(&other.url("/v1")).unwrap();
    let (_, error) = ask(&client(), &moved, &PATIENT).await;
    assert_eq!(error.map(|error| error.kind), Some(ErrorKind::Configuration));
    assert_eq!(other.connections(), 0);

    let key = Key::bound_to(Secret::new(CANARY), &Url::parse("https://api.example.com/v1").unwrap());
    let is_for = |url: &str| key.for_url(&Url::parse(url).unwrap()).is_some();
    assert!(is_for("https://api.example.com/v2/x") && is_for("https://API.example.com:443/"));
    for url in [
        "http://api.example.com/v1",
        "https://api.example.com:444/v1",
        "https://api.example.com.evil.org/",
        "https://evil.org/api.example.com",
        "data:text/plain,api.example.com",
    ] {
        assert!(!is_for(url), "{url}");
    }
    let opaque = Url::parse("data:,x").unwrap();
    assert!(Key::bound_to(Secret::new(CANARY), &opaque).for_url(&opaque).is_none());
}

#[test]
fn a_key_does_not_travel_in_the_clear() {
    let endpoint = |url| endpoint("e", Format::OpenAiChat, url).with_key(Secret::new(CANARY));
    let encode =
        |endpoint: &Endpoint| Format::OpenAiChat.encode(endpoint, &request()).map_err(|error| error.kind);
    assert_eq!(encode(&endpoint("http://example.com/v1")), Err(ErrorKind::Configuration));
    assert_eq!(encode(&endpoint("http://localhost.example.com/v1")), Err(ErrorKind::Configuration));
    for url in
        ["https://example.com/v1", "http://127.0.0.1:1/v1", "http://[::1]:1/v1", "http://localhost:1/v1"]
    {
        assert!(encode(&endpoint(url)).is_ok(), "{url}");
    }
    for url in [
        "ftp://example.com",
        "file:///etc/passwd",
        "https://user:pw@example.com",
        "nonsense",
        "https://e.com/?a=b",
    ] {
        assert!(Endpoint::new("e", Format::OpenAiChat, url, "m").is_err(), "{url}");
    }
}

#[tokio::test]
async fn what_a_provider_echoes_is_cleaned() {
    let server = Loopback::start();
    let body = format!(
        r#"{{"error":{{"message":"Incorrect API key provided: {CANARY}.\u001b[31m\n{}"}}}}"#,
        "x".repeat(5000)
    );
    server.reply(Reply::json(401, &body).header("x-request-id", &"r".repeat(5000)));
    let in_stream = format!("data: {{\"error\":{{\"message\":\"bad key {CANARY}\"}}}}\n\n");
    server.reply(Reply::events(&in_stream));
    let endpoint = endpoint("e", Format::OpenAiChat, &server.url("/v1")).with_key(Secret::new(CANARY));
    for _ in 0..2 {
        let (_, error) = ask(&client(), &endpoint, &PATIENT).await;
        let error = error.unwrap();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(CANARY) && shown.contains("[redacted]"), "{shown}");
        assert!(!error.to_string().contains(['\u{1b}', '\n']) && error.to_string().len() < 600, "{error}");
        assert!(error.request_id.is_none_or(|id| id.len() < 400));
    }
}

#[tokio::test]
async fn a_key_with_a_line_break_sends_nothing() {
    let server = Loopback::start();
    let endpoint =
        endpoint("e", Format::OpenAiChat, &server.url("/v1")).with_key(Secret::new("sk-a\r\nx-evil: 1"));
    let (_, error) = ask(&client(), &endpoint, &PATIENT).await;
    let error = error.unwrap();
    assert_eq!(error.kind, ErrorKind::Configuration);
    assert!(!format!("{error:?}").contains("evil"), "{error:?}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_proxy_with_a_password() {
    let proxy = Loopback::start();
    proxy.reply(Reply::events(&answers()[0].2));
    let mut endpoint = endpoint("e", Format::OpenAiChat, "http://models.invalid/v1");
    let url = proxy.address();
    endpoint.proxy = Some(ProxyChoice::Url(Secret::new(&format!("http://me:s3cret@{url}"))));
    let (outcome, error) = ask(&client(), &endpoint, &PATIENT).await;
    assert_eq!((outcome.text.as_str(), error), ("Hello, wörld", None));
    let asked = proxy.asked().remove(0);
    assert_eq!(asked.target, "http://models.invalid/v1/chat/completions");
    assert_eq!(asked.header("proxy-authorization"), Some("Basic bWU6czNjcmV0"));
    assert!(!format!("{endpoint:?}").contains("s3cret"));

    // A proxy that refuses, once for http and once for the tunnel that https needs.
    for url in ["http://models.invalid/v1", "https://models.invalid/v1"] {
        proxy
            .reply(Reply(vec![Act::Raw(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n".to_vec()), Act::Cut]));
        endpoint.base_url = Url::parse(url).unwrap();
        let (_, error) = ask(&client(), &endpoint, &PATIENT).await;
        let error = error.unwrap();
        assert_eq!(error.kind, ErrorKind::Connect(ConnectFault::Proxy), "{error}");
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}

#[tokio::test]
async fn a_companys_certificate_is_trusted_when_its_file_is_named() {
    let company = PrivateServer::start("localhost");
    let (server, port) = (company.server(), company.port());
    let endpoint = endpoint("e", Format::OpenAiChat, &format!("https://localhost:{port}/v1"));
    let endpoint = endpoint.with_key(Secret::new(CANARY));
    let (_, error) = ask(&client(), &endpoint, &PATIENT).await;
    let error = error.unwrap();
    assert_eq!(error.kind, ErrorKind::Connect(ConnectFault::Tls), "{error}");
    assert!(error.to_string().contains("ca_file"), "{error}");
    assert!(server.asked().is_empty(), "nothing is said to a host that is not trusted");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("company.pem");
    std::fs::write(&file, company.authority()).unwrap();
    server.reply(Reply::events(&answers()[0].2));
    let network = Network { ca_file: Some(file.clone()), ..Network::default() };
    let (outcome, error) = ask(&Client::new(network), &endpoint, &PATIENT).await;
    assert_eq!((outcome.text.as_str(), error), ("Hello, wörld", None));

    for text in ["", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"] {
        std::fs::write(&file, text).unwrap();
        let network = Network { ca_file: Some(file.clone()), ..Network::default() };
        let (_, error) = ask(&Client::new(network), &endpoint, &PATIENT).await;
        assert!(error.is_some(), "{text}");
    }
    let missing = Network { ca_file: Some("no/such/file.pem".into()), ..Network::default() };
    let (_, error) = ask(&Client::new(missing), &endpoint, &PATIENT).await;
    let error = error.unwrap();
    assert_eq!(error.kind, ErrorKind::Configuration);
    assert!(error.to_string().contains("ca_file"), "{error}");
}
