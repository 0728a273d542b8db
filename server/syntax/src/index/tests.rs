//! What is found in a file, and that the workspace keeps up with its files.
