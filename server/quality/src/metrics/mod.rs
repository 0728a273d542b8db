//! Metrics of functions, by their published definitions.

mod cognitive;

pub use cognitive::cognitive_complexity;
