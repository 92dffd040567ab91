"""Where the next stations should stand, and what each of today's is worth."""
