//! Memory that was freed goes back to the system.
//!
//! glibc keeps freed memory for the next allocation, so a server that once had fifty files open stays as large
//! as then. After files are closed it is told to let go.
#![expect(unsafe_code, reason = "malloc_trim is a C function")]

/// Gives freed memory back; does nothing where the allocator is another than glibc's.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim takes no pointers, may be called at any time from any thread, and touches only memory
    // that is free.
    unsafe {
        libc::malloc_trim(0);
    }
}
