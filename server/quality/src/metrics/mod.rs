//! Metrics of functions, by their published definitions.

mod definition;
mod flow;
mod flow_kind;
mod name;
mod table;

pub use definition::{Definition, MetricProfile};
pub(crate) use flow::{FlowTracker, first_deeper_block};
pub use flow::{FunctionMetrics, function_metrics};
pub(crate) use flow_kind::Flow;
pub(crate) use name::span_of as name_span;
pub use table::{MeasuredFunction, functions};
