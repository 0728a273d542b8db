//! The server from its first byte to its exit code.

use std::io::{self, Read};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};

use autodao_engine::Session;
use tower_lsp::{LanguageServer, LspService};

use crate::act::Acting;
use crate::backend::Backend;
use crate::client::Client;
use crate::codec::{Frame, FrameReader};
use crate::guard::{Flow, Guard};
use crate::outbox::{Outbox, Sink};
use crate::publish::Publisher;
use crate::status::USAGE;

/// Serves one client until `exit` or the end of its input. Returns the exit code LSP 3.17 asks for: 0 when
/// `shutdown` came first, else 1.
///
/// Reads on the calling thread. An error is one of reading or of starting a thread.
pub fn serve(input: impl Read, output: impl Sink) -> io::Result<u8> {
    let outbox = Outbox::new(Box::new(output));
    let client = Client::new(outbox.clone());
    let abilities = Arc::new(OnceLock::new());
    let publisher = Publisher {
        client: client.clone(),
        abilities: Arc::clone(&abilities),
        failures: AtomicUsize::new(0),
    };
    let session = Arc::new(Session::start(Box::new(publisher))?);
    let acting = Acting::new(&session, &client, &abilities);
    let backend = Backend { session, client: client.clone(), abilities, acting: acting.clone() };
    // tower-lsp's own channel to the client stays unused: it waits where it must not.
    let (service, _) = LspService::build(|_| backend)
        .custom_method("window/workDoneProgress/cancel", Backend::cancel_progress)
        .custom_method(USAGE, Backend::usage)
        .finish();
    let mut guard = Guard::new(service, outbox.clone(), client);
    let code = read(&mut FrameReader::new(input), &mut guard);
    outbox.close();
    acting.close();
    code
}

/// Takes messages up to the last; returns the exit code.
fn read<S: LanguageServer>(frames: &mut FrameReader<impl Read>, guard: &mut Guard<S>) -> io::Result<u8> {
    loop {
        match frames.next_frame()? {
            Some(Frame::Body(body)) => match guard.take(&body) {
                Flow::Continue => {}
                Flow::Exit(code) => return Ok(code),
            },
            Some(Frame::Malformed(reason)) => guard.malformed(reason),
            None => return Ok(guard.code_at_end()),
        }
    }
}
