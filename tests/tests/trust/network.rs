//! The way to a provider: names, time to connect, certificates, proxies.

use std::io::{self, Write as _};
use std::sync::Arc;

use autodao_tests::loopback::{Act, Loopback, Reply};
use autodao_tests::private_server::PrivateServer;

use crate::home::{CANARY, Home, Ran, WITH_KEY, code, everything, good, has, settings};

fn fails(home: &Home, ran: &Ran, said: &str, reasons: &[&str]) {
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    let error = ran.error();
    assert!(error.starts_with("error: m: ") && error.contains(said), "{said}: {error}");
    assert!(!ran.stderr.contains(CANARY));
    assert_eq!(home.reasons(), reasons, "{error}");
    // Nobody has heard the prompt: nothing of it is booked.
    assert!(home.told("failed").iter().all(|failed| failed["usage"]["tokens"]["input"] == 0));
    assert_eq!(home.told("requested").len(), reasons.len());
    assert_eq!(home.read("project/src/lib.rs"), code(1));
}

#[test]
fn who_cannot_be_reached_is_named() {
    let home = Home::new(&settings("http://no-such-host.invalid/v1", "proxy = \"none\""));
    fails(&home, &home.act(&[]), "the host is not found", &["connect"; 3]);
    // Nobody starts a server meanwhile: it is not tried again.
    let home = Home::new(&settings("http://127.0.0.1:9/v1", ""));
    fails(&home, &home.act(&[]), "nobody listens there", &["connect"]);
}

#[test]
fn who_accepts_a_connection_and_says_nothing_is_not_waited_for() {
    let silent = || {
        Loopback::serve(|mut stream| {
            io::copy(&mut stream, &mut io::sink())?;
            Err(io::Error::other("the client has gone"))
        })
    };
    let quick = "timeouts = { connect = 0.3 }";
    // TLS that does not begin, at the endpoint itself and at a proxy's door.
    let server = silent();
    let home = Home::new(&settings(&format!("https://{}/v1", server.address()), quick));
    fails(&home, &home.act(&[]), "no connection in time", &["timeout_connect"; 2]);
    assert_eq!(server.connections(), 2);

    let proxy = silent();
    let more = format!("{quick}\nproxy = \"http://{}\"", proxy.address());
    let home = Home::new(&settings("https://model.example/v1", &more));
    fails(&home, &home.act(&[]), "no connection in time", &["timeout_connect"; 2]);
    assert_eq!(proxy.connections(), 2);
}

#[test]
fn a_companys_certificate_is_trusted_for_its_host_when_its_file_is_named() {
    let company = PrivateServer::start("localhost");
    let home = Home::new("");
    home.write("company.pem", company.authority());
    home.write("project/autodao.toml", "");
    let pem = format!("ca-file = '{}'", home.path("company.pem").display());
    let configure = |host: &str, more: &str| {
        let url = format!("https://{host}:{}/v1", company.port());
        home.write("config/config.toml", &settings(&url, &format!("{WITH_KEY}\n{more}")));
    };

    // Not without its file, not for another name than the certificate's, not from the project.
    for (host, more) in [("localhost", ""), ("127.0.0.1", pem.as_str())] {
        configure(host, more);
        let before = home.reasons().len();
        let ran = home.act(&["--write"]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.error().contains("no trusted connection"), "{}", ran.error());
        assert!(ran.error().contains("ca_file"), "{}", ran.error());
        assert_eq!(home.reasons()[before..], ["connect"], "a certificate is not tried again");
    }
    configure("localhost", "");
    home.write("project/autodao.toml", &format!("[ai.models.m]\n{pem}\n"));
    assert_eq!(home.act(&[]).code, Some(2));
    assert!(company.server().asked().is_empty(), "nothing is said to a host that is not trusted");
    assert_eq!(home.told("answered").len(), 0);

    configure("localhost", &pem);
    company.server().reply(good());
    let ran = home.act(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(home.read("project/src/lib.rs"), code(2));
    assert_eq!(company.server().asked()[0].header("authorization"), Some(&*format!("Bearer {CANARY}")));
    assert_eq!(home.told("answered")[0]["usage"]["tokens"]["output"], 45);

    // A file that is none says so before anything is sent.
    home.write("company.pem", "no certificate");
    let ran = home.act(&[]);
    assert!(ran.code == Some(2) && ran.error().contains("ca_file"), "{}", ran.error());
    assert_eq!(company.server().asked().len(), 1);
}

#[test]
fn what_is_trusted_for_one_model_is_not_trusted_for_another() {
    let company = PrivateServer::start("localhost");
    let url = format!("https://localhost:{}/v1", company.port());
    let home = Home::new("");
    home.write("company.pem", company.authority());
    let pem = home.path("company.pem");
    let other = format!(
        "[ai.models.a]\nurl = \"https://model.example\"\nmodel = \"a\"\nca-file = '{}'",
        pem.display()
    );
    home.write(
        "config/config.toml",
        &format!("{}{other}\n", settings(&url, "").replacen("[ai]", "[ai]\nmodel = \"m\"", 1)),
    );
    fails(&home, &home.act(&[]), "no trusted connection", &["connect"]);
    assert!(company.server().asked().is_empty());
}

/// A proxy that asks for a name and password, and joins who has them with a server.
fn tunnel(to: String) -> Loopback {
    Loopback::serve(move |mut stream| {
        let head = read_head(&mut stream)?;
        let is_known = head.lines().filter_map(|line| line.split_once(": ")).any(|(name, value)| {
            // `me:` and the canary.
            name.eq_ignore_ascii_case("proxy-authorization")
                && value == "Basic bWU6Y2FuYXJ5LTdmM2tROXZYMm1McDhSdFo="
        });
        if !is_known {
            stream
                .write_all(b"HTTP/1.1 407 Who are you\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")?;
            return Err(io::Error::other("a stranger"));
        }
        let mut target = std::net::TcpStream::connect(&to)?;
        stream.write_all(b"HTTP/1.1 200 Go on\r\n\r\n")?;
        let (mut from, mut back) = (stream.try_clone()?, target.try_clone()?);
        std::thread::spawn(move || io::copy(&mut from, &mut back));
        io::copy(&mut target, &mut stream)?;
        Err(io::Error::other("the tunnel has ended"))
    })
}

/// The head of a request, byte by byte: what follows it is not the proxy's.
fn read_head(stream: &mut std::net::TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        io::Read::read_exact(stream, &mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[test]
fn a_proxy_gets_its_own_password_and_nobody_reads_it() {
    // What is not encrypted is asked of the proxy itself.
    let proxy = Loopback::start();
    proxy.reply(good());
    let address = proxy.address();
    let more = format!("proxy = \"http://me:{CANARY}@{address}\"");
    let home = Home::new(&settings("http://model.example/v1", &more));
    let ran = home.act(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let asked = proxy.asked();
    assert_eq!(asked[0].target, "http://model.example/v1/chat/completions");
    assert!(asked[0].header("proxy-authorization").is_some_and(|value| value.starts_with("Basic ")));
    assert!(!ran.stderr.contains(CANARY));
    for (path, bytes) in everything(&home.path("data")) {
        assert!(!has(&bytes, CANARY), "{}", path.display());
    }

    // For what is, it makes a tunnel, and sees neither key nor text.
    let company = PrivateServer::start("localhost");
    company.server().reply(good());
    let proxy = tunnel(company.server().address());
    let home = Home::new("");
    home.write("company.pem", company.authority());
    let configure = |user: &str| {
        let more = format!(
            "{WITH_KEY}\nca-file = '{}'\nproxy = \"http://{user}@{}\"",
            home.path("company.pem").display(),
            proxy.address()
        );
        home.write(
            "config/config.toml",
            &settings(&format!("https://localhost:{}/v1", company.port()), &more),
        );
    };
    configure("me:wrong-password");
    let ran = home.act(&["--write"]);
    fails(&home, &ran, "the proxy does not let it through", &["connect"]);
    assert!(!ran.stderr.contains("wrong-password"), "{}", ran.stderr);
    assert!(company.server().asked().is_empty());

    configure(&format!("me:{CANARY}"));
    let ran = home.act(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let asked = &company.server().asked()[0];
    assert_eq!(asked.target, "/v1/chat/completions");
    assert_eq!(asked.header("proxy-authorization"), None);
    assert!(!ran.stderr.contains(CANARY));
    for (path, bytes) in everything(&home.path("data")) {
        assert!(!has(&bytes, CANARY), "{}", path.display());
    }
}

#[test]
fn a_proxy_that_refuses_is_named() {
    let proxy = Loopback::start();
    let refusal =
        || Reply(vec![Act::Raw(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n".to_vec()), Act::Cut]);
    for url in ["http://model.example/v1", "https://model.example/v1"] {
        proxy.reply(refusal());
        let more = format!("proxy = \"http://me:{CANARY}@{}\"", proxy.address());
        let home = Home::new(&settings(url, &more));
        fails(&home, &home.act(&[]), "the proxy does not let it through", &["connect"]);
    }
    assert_eq!(proxy.asked()[1].method, "CONNECT");
}

#[test]
fn the_environment_names_the_proxy_and_what_goes_past_it() {
    let proxy = Arc::new(Loopback::start());
    let address = format!("http://me:{CANARY}@{}", proxy.address());
    let environment = |more: &'static str| [("HTTP_PROXY", address.clone()), ("NO_PROXY", more.to_owned())];
    let act = |home: &Home, environment: &[(&str, String)]| {
        let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        home.act_with(&[], &environment)
    };
    let home = Home::new(&settings("http://model.invalid/v1", ""));
    proxy.reply(good());
    let ran = act(&home, &environment("other.invalid"));
    assert_eq!((ran.code, proxy.asked().len()), (Some(0), 1), "{}", ran.stderr);
    assert!(!ran.stderr.contains(CANARY));

    // A name, and what ends in it; and what the configuration says goes over the environment.
    for exempt in ["model.invalid", ".invalid", "*"] {
        let ran = act(&home, &environment(exempt));
        assert!(ran.error().contains("the host is not found"), "{exempt}: {}", ran.error());
    }
    let home = Home::new(&settings("http://model.invalid/v1", "proxy = \"none\""));
    let ran = act(&home, &environment(""));
    assert!(ran.error().contains("the host is not found"), "{}", ran.error());
    // What runs on this machine is not asked of a proxy.
    let local = Loopback::start();
    local.reply(good());
    let home = Home::new(&settings(&local.url("/v1"), ""));
    let ran = act(&home, &environment(""));
    assert_eq!((ran.code, local.asked().len()), (Some(0), 1), "{}", ran.stderr);
    // NO_PROXY holds for a configured proxy, too.
    let home = Home::new(&settings("http://model.invalid/v1", &format!("proxy = \"{address}\"")));
    let ran = act(&home, &[("NO_PROXY", "model.invalid".to_owned())]);
    assert!(ran.error().contains("the host is not found"), "{}", ran.error());
    assert_eq!(proxy.connections(), 1);
}
