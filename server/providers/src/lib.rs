//! Model APIs: wire formats, streams, usage, stop reasons, faults.
