//! Ends the server when the editor's process ends without having said so.

/// Watches a process (LSP 3.17, `InitializeParams.processId`) on a thread that sleeps until it ends. A process
/// that cannot be seen, as from inside a container, is not watched: the end of the input stream tells then.
pub(crate) fn watch(process: u32) {
    let Ok(pid) = i32::try_from(process) else { return };
    let Ok(mut handle) = waitpid_any::WaitHandle::open(pid) else { return };
    let wait = move || {
        if handle.wait().is_ok() {
            exit();
        }
    };
    if let Err(error) = std::thread::Builder::new().name("autodao-parent".into()).spawn(wait) {
        tracing::warn!("the editor's process is not watched: {error}");
    }
}

#[expect(clippy::exit, reason = "the reading thread waits for an editor that is no more")]
fn exit() -> ! {
    std::process::exit(1)
}
