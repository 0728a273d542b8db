//! What is being asked: kind, complexity, requirements, parts.
