//! What the model gets to see, under a token budget.
