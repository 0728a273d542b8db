//! How the allocator is used by a server that runs all day.
//!
//! glibc gives each thread a heap of its own, which it grows in small steps and keeps for ever. A syntax tree is
//! many small allocations on one thread: one common heap that grows in larger steps makes the first parse a
//! quarter faster. And after files are closed the heap is told to let go: by itself it stays as large as it was
//! with fifty files open.
#![expect(unsafe_code, reason = "mallopt and malloc_trim are C functions")]

/// Sets the allocator up for a server. Called once, before threads are started; does nothing where the allocator
/// is another than glibc's.
pub fn prepare() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt takes two integers and, called before other threads exist, races with nothing.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_TOP_PAD, 1 << 20);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 4 << 20);
        // Setting the others fixes this one at 128 KiB: copies of larger texts would be mapped and unmapped.
        libc::mallopt(libc::M_MMAP_THRESHOLD, 16 << 20);
    }
}

/// Gives freed memory back; does nothing where the allocator is another than glibc's.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim takes no pointers, may be called at any time from any thread, and touches only memory
    // that is free.
    unsafe {
        libc::malloc_trim(0);
    }
}
