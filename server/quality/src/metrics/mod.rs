//! Metrics of functions, by their published definitions.

mod flow;

pub(crate) use flow::FlowTracker;
pub use flow::{FunctionMetrics, function_metrics};
