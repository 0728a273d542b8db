//! Metrics of functions, by their published definitions.

mod definition;
mod flow;
mod flow_kind;

pub use definition::{Definition, MetricProfile};
pub(crate) use flow::{FlowTracker, first_deeper_block};
pub use flow::{FunctionMetrics, function_metrics};
pub(crate) use flow_kind::Flow;
