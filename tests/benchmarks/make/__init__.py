"""Programs that make the inputs, each run once in a process of its own; what they make is kept."""
