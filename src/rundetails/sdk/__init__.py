"""Writing runs: what is not only read."""
