//! Metrics of functions, by their published definitions.

mod definition;
mod flow;
mod flow_kind;
mod function;
mod name;
mod table;

pub use definition::{Definition, MetricProfile};
pub(crate) use flow::FlowTracker;
pub(crate) use flow_kind::Flow;
pub(crate) use function::first_deeper_block;
pub use function::{FunctionMetrics, function_metrics};
pub(crate) use name::{name_of, span_of as name_span};
pub use table::{FileMetrics, MeasuredFunction, measure};
