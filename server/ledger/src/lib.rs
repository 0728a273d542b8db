//! Every edit accounted for: journal, index, budgets, reports.
