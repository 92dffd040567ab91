"""Two results set against each other: what is gained, kept and lost."""
