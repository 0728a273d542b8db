//! Template files: parse, match, render.
