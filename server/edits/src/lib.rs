//! From a model's reply to a checked edit: contracts, gates, rebase.
