//! An HTTP server on loopback that does as it is told: it can stall, cut, split, trickle and lie.
//!
//! It answers requests in the order they come with the replies in the order they were queued, and keeps what it was
//! asked. It uses threads and no runtime, so tests of any kind can use it.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an event is waited for. Only a test that fails waits so long.
const DEADLINE: Duration = Duration::from_secs(30);

/// What the server does, one after the other.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends a head with this status and these headers; the body is chunked.
    Head(u16, Vec<(String, String)>),
    /// Sends bytes of the body.
    Bytes(Vec<u8>),
    /// Sends bytes of the body in pieces of this size, each on its own.
    Split(Vec<u8>, usize),
    /// Sends bytes of the body in pieces of this size, with a pause before each.
    Trickle(Vec<u8>, usize, Duration),
    /// Sends bytes as they are, in place of a head and body.
    Raw(Vec<u8>),
    /// Waits until the test opens the gate.
    Await(Gate),
    /// Does nothing until the client closes the connection.
    Stall,
    /// Closes the connection at once.
    Cut,
}

/// What is answered to one request. After the last act the body is ended, if a head was sent.
#[derive(Clone, Debug, Default)]
pub struct Reply(pub Vec<Act>);

impl Reply {
    /// A head and nothing yet.
    pub fn status(status: u16, content_type: &str) -> Self {
        Self(vec![Act::Head(status, vec![("content-type".into(), content_type.into())])])
    }

    /// A whole answer in JSON.
    pub fn json(status: u16, body: &str) -> Self {
        Self::status(status, "application/json").then(Act::Bytes(body.into()))
    }

    /// A whole event stream.
    pub fn events(body: &str) -> Self {
        Self::status(200, "text/event-stream").then(Act::Bytes(body.into()))
    }

    /// One more act.
    #[must_use]
    pub fn then(mut self, act: Act) -> Self {
        self.0.push(act);
        self
    }

    /// One more header. There must be a head.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match self.0.first_mut() {
            Some(Act::Head(_, headers)) => headers.push((name.into(), value.into())),
            other => panic!("a reply begins with its head, not {other:?}"),
        }
        self
    }
}

/// Something the server waits for.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// Lets the server go on.
    pub fn open(&self) {
        *lock(&self.0.0) = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let opened = lock(&self.0.0);
        drop(self.0.1.wait_timeout_while(opened, DEADLINE, |is_open| !*is_open));
    }
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// E.g. `POST`.
    pub method: String,
    /// What stands between method and version.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Asked {
    /// The first header of a name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Makes a reply of all that was asked so far.
type Answer = Box<dyn FnOnce(&[Asked]) -> Reply + Send>;

#[derive(Default)]
struct State {
    replies: VecDeque<Answer>,
    asked: Vec<Asked>,
    connections: usize,
    hang_ups: usize,
    stopped: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// The server. It ends when it is dropped.
pub struct Loopback {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Loopback {
    /// Listens on a free port.
    pub fn start() -> Self {
        Self::serve(|stream| Ok(Box::new(stream)))
    }

    /// Listens on a free port; `wrap` makes of each connection what is spoken through, e.g. TLS.
    pub fn serve(
        wrap: impl Fn(TcpStream) -> io::Result<Box<dyn Connection>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let (seen, wrap) = (Arc::clone(&shared), Arc::new(wrap));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if lock(&seen.state).stopped {
                    break;
                }
                let Ok(stream) = stream else { continue };
                seen.change(|state| state.connections += 1);
                let (seen, wrap) = (Arc::clone(&seen), Arc::clone(&wrap));
                std::thread::spawn(move || {
                    // What goes wrong with a connection is the client's doing, and what the tests are about.
                    let Ok(connection) = wrap(stream) else { return };
                    if seen.speak(connection).is_err() {
                        seen.change(|state| state.hang_ups += 1);
                    }
                });
            }
        });
        Self { address, shared }
    }

    /// Its address as `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Its address as a URL with a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Queues a reply.
    pub fn reply(&self, reply: Reply) -> &Self {
        self.reply_with(|_| reply)
    }

    /// Queues a reply that is made when its request has come, of all requests so far, that one the last.
    pub fn reply_with(&self, answer: impl FnOnce(&[Asked]) -> Reply + Send + 'static) -> &Self {
        self.shared.change(|state| state.replies.push_back(Box::new(answer)));
        self
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.shared.state).asked.clone()
    }

    /// Connections made so far.
    pub fn connections(&self) -> usize {
        lock(&self.shared.state).connections
    }

    /// Waits until so many clients have closed a connection while the server stalled or was still writing.
    pub fn wait_for_hang_ups(&self, count: usize) {
        self.shared.wait("hang-ups", |state| state.hang_ups >= count);
    }

    /// Waits until so many requests have come.
    pub fn wait_for_asked(&self, count: usize) {
        self.shared.wait("requests", |state| state.asked.len() >= count);
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.shared.change(|state| state.stopped = true);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
    }
}

/// What a server speaks through.
pub trait Connection: Read + Write + Send {}

impl<T: Read + Write + Send> Connection for T {}

impl Shared {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
        self.changed.notify_all();
    }

    fn wait(&self, what: &str, is_there: impl Fn(&State) -> bool) {
        let start = Instant::now();
        let mut state = lock(&self.state);
        while !is_there(&state) {
            let left = DEADLINE.saturating_sub(start.elapsed());
            assert!(!left.is_zero(), "waiting for {what}");
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn speak(&self, connection: Box<dyn Connection>) -> io::Result<()> {
        let mut connection = BufReader::new(connection);
        while let Some(asked) = read_request(&mut connection)? {
            let mut reply = None;
            self.change(|state| {
                state.asked.push(asked);
                reply = state.replies.pop_front().map(|answer| answer(&state.asked));
            });
            // A test that forgot a reply sees a status no provider sends.
            let reply = reply.unwrap_or_else(|| Reply::json(599, r#"{"error":"no reply is queued"}"#));
            let mut has_head = false;
            for act in reply.0 {
                let output = connection.get_mut();
                match act {
                    Act::Head(status, headers) => {
                        has_head = true;
                        let mut head = format!("HTTP/1.1 {status} Status\r\ntransfer-encoding: chunked\r\n");
                        for (name, value) in headers {
                            head.push_str(&format!("{name}: {value}\r\n"));
                        }
                        output.write_all(format!("{head}\r\n").as_bytes())?;
                        output.flush()?;
                    }
                    Act::Bytes(bytes) => write_chunk(output, &bytes)?,
                    Act::Split(bytes, size) => {
                        for piece in bytes.chunks(size) {
                            write_chunk(output, piece)?;
                        }
                    }
                    Act::Trickle(bytes, size, pause) => {
                        for piece in bytes.chunks(size) {
                            std::thread::sleep(pause);
                            write_chunk(output, piece)?;
                        }
                    }
                    Act::Raw(bytes) => {
                        output.write_all(&bytes)?;
                        output.flush()?;
                    }
                    Act::Await(gate) => gate.wait(),
                    Act::Stall => {
                        // A connection that is reset is closed, too.
                        let _ = connection.read_to_end(&mut Vec::new());
                        self.change(|state| state.hang_ups += 1);
                        return Ok(());
                    }
                    Act::Cut => return Ok(()),
                }
            }
            if has_head {
                connection.get_mut().write_all(b"0\r\n\r\n")?;
                connection.get_mut().flush()?;
            }
        }
        Ok(())
    }
}

fn write_chunk(output: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    output.write_all(&chunk)?;
    output.flush()
}

/// The next request; `None` if the client has closed the connection.
fn read_request(input: &mut impl BufRead) -> io::Result<Option<Asked>> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    loop {
        line.clear();
        input.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let len = headers.iter().find(|(name, _)| name == "content-length").map_or(Ok(0), |(_, len)| len.parse());
    let mut body = vec![0; len.map_err(io::Error::other)?];
    input.read_exact(&mut body)?;
    Ok(Some(Asked { method, target, headers, body }))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
