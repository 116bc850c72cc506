"""Training data: where it comes from, and samples made of it."""
